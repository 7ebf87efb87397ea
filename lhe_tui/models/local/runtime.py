"""The child process: llama.cpp's own server on a free port of this machine, for as long as the parent lives.

Run as a script, so it imports nothing of lhe_tui; it is the only file that imports xllamacpp. The settings come as one
line of JSON on stdin, the address goes back as one line of JSON on stdout. Stdin stays open: at its end, which is also
the parent's death, the process ends.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def parameters(settings: dict[str, Any]) -> Any:
    """The runtime's parameters: a slot for each conversation, one memory for all of them."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings["path"]
    params.model_alias = {settings["alias"]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [settings["key"]]
    params.n_ctx = settings["context"]
    params.n_parallel = settings["slots"]
    params.kv_unified = True
    # Each conversation keeps its slot, so nothing is gained by clearing the slots of the others.
    params.cache_idle_slots = False
    # Without the full memory a model with a sliding window cannot go back to where two prompts part.
    params.swa_full = True
    # Slots are named by each request, and the cache in host memory serves those that are not.
    params.cache_ram_mib = 0
    params.cpuparams.n_threads = settings["threads"]
    params.cpuparams_batch.n_threads = settings["threads"]
    # Finding out what fits takes a second, and only a graphics card has something to find out.
    params.fit_params = len(xllamacpp.get_device_info()) > 1
    params.n_predict = settings["most_tokens"]
    params.ui = False
    # Errors only: a line for each request would fill the log.
    params.verbosity = 1
    if settings["template"]:
        params.chat_template = settings["template"]
    if settings["stop"]:
        params.antiprompt = settings["stop"]
    return params


def main() -> None:
    """Serve until stdin ends."""
    told = os.dup(1)
    # What the native code prints belongs in the log, not between two lines of JSON.
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.buffer.readline())
    # The screen and its keys go first where there are few cores.
    if hasattr(os, "nice"):
        os.nice(settings["nice"])
    import xllamacpp

    server = xllamacpp.Server(parameters(settings))
    os.write(told, json.dumps({"address": server.listening_address}).encode() + b"\n")
    while sys.stdin.buffer.read(1):
        pass
    # Native threads may be in the middle of a reply: nothing of this process is worth waiting for.
    os._exit(0)


if __name__ == "__main__":
    main()
