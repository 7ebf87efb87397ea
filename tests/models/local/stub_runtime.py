"""A stand-in for the xllamacpp package, put on the path of a child process: llama.cpp's protocol without a model.

What it answers hangs on the last message: `crash` ends the process by a signal, `slow` never stops, anything else comes
back with what the request carried. A model file whose name holds `refused` is not loaded.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any


class CommonParams(SimpleNamespace):
    def __init__(self) -> None:
        super().__init__(
            model=SimpleNamespace(), cpuparams=SimpleNamespace(), cpuparams_batch=SimpleNamespace()
        )


def get_device_info() -> list[str]:
    return ["CPU"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    params: Any = None

    def log_message(self, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        text = asked["messages"][-1]["content"]
        if self.headers["authorization"] != f"Bearer {self.params.api_keys[0]}":
            os._exit(9)
        if text == "crash":
            self.send({"choices": [{"delta": {"content": "half"}}]})
            os.kill(os.getpid(), signal.SIGSEGV)
            signal.pause()
        while text == "slow":
            self.send({"choices": [{"delta": {"content": "word "}}]})
            time.sleep(0.01)
        carried = {name: asked.get(name) for name in ("id_slot", "seed", "max_tokens", "temperature")}
        carried |= {"stop": list(self.params.antiprompt), "threads": self.params.cpuparams.n_threads}
        carried |= {"pid": os.getpid(), "context": self.params.n_ctx}
        self.send({"choices": [{"delta": {"content": json.dumps(carried)}, "finish_reason": "stop"}]})
        self.send({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}})
        self.wfile.write(b"data: [DONE]\n\n")

    def send(self, event: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.flush()


class Server:
    def __init__(self, params: Any) -> None:
        if "refused" in params.model.path:
            print("0.00 E load: unknown architecture", file=sys.stderr, flush=True)
            raise RuntimeError("Failed to init server")
        print("native words on stdout", flush=True)
        params.antiprompt = getattr(params, "antiprompt", [])
        Handler.params = params
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.listening_address = f"http://127.0.0.1:{self._server.server_address[1]}"
