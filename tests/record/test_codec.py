"""Lines of a session file: what is written comes back, and what is wrong is named."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.engine.events import (
    Attempt,
    ControlsChanged,
    Event,
    NoteAdded,
    NoticeRaised,
    Parent,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    TurnFinished,
    TurnStarted,
)
from lhe_tui.record.codec import decode, encode
from lhe_tui.record.errors import CodecError, NewerFormat, UnknownEvent
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.pruning.window_and_card import WindowAndCard
from lhe_tui.task.reference_rules import ReferenceRun
from lhe_tui.task.spec import Task, TaskSpec, generate

TASK = generate(TaskSpec(turns=3, samples=2, turn_complexity=2, dict_size=5), built_in_words())
HEADER = RunStarted("a1b2c3d4e5f6", "2026-01-02T03:04:05+00:00", TASK, Controls(), built_in_template(), 1, 2)
PLAIN = TurnFinished(1, 2, 3.25, "<answer>5</answer>", prompt_tokens=10, completion_tokens=4, latency=0.5)
FULL = TurnFinished(
    2, 3, 9.5, "r", "thought", "length", "oops", 1, 2, 3, 0.25, 0.125, 1.5,
    (Attempt("overloaded", "429", 2.0), Attempt("cut", "cut", 0.0)), ("r", "s"), "draft", "skipped", True,
)  # fmt: skip
EVENTS: list[Event] = [
    HEADER,
    PLAIN,
    FULL,
    TurnFinished(1, 1, 0.0, "", finish="failed", error="no reply"),
    ControlsChanged(4, (("inject", 0.5), ("prune", "window:3"), ("temperature", None)), "script", 1.5),
    RunPaused("disk full", 2.0, True),
    RunResumed(3.0, True),
    NoticeRaised("dropped top_p", 4.0, 1, 2),
    NoticeRaised("for all", 4.0),
    NoteAdded("look here", "2026-01-02T03:04:05+00:00", "Ada", "note", 2, 3),
    NoteAdded("a title", "2026-01-02T03:04:05+00:00", kind="title"),
    RunFinished("stopped", 5.0),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_comes_back_as_it_was_written(event: Event) -> None:
    line = encode(event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == event


def test_the_dictionary_keeps_its_order_and_the_prompt_its_name() -> None:
    template = replace(HEADER.template, name="mine")
    header = decode(encode(replace(HEADER, template=template)))
    assert isinstance(header, RunStarted)
    assert list(header.task.dictionary) == list(TASK.dictionary)
    assert header.template.name == "mine"


def test_a_header_with_every_setting_comes_back() -> None:
    controls = Controls(
        "openai/x",
        "cot",
        0.5,
        0.9,
        100,
        3,
        2,
        True,
        Injection(0.25, "truth", 3, 7),
        WindowAndCard(4),
    )
    header = replace(
        HEADER,
        controls=controls,
        base_url="http://localhost:1",
        sampling_seed=3,
        parent=Parent("abc", "x.jsonl", 1, 2, "healed"),
        origin="imported",
        rules="reference",
        sample_ids=(7, 7),
        reference=ReferenceRun("saved", ((1, None, 3), (4, 5, 6)), (True, False, True)),
        extra={"a": "b"},
    )
    assert decode(encode(header)) == header


def test_a_mix_of_rates_comes_back() -> None:
    header = replace(HEADER, controls=Controls(injection=Injection(0.5, "truth", 10, 1, mix=True)))
    assert decode(encode(header)) == header


def test_live_events_are_never_written() -> None:
    with pytest.raises(ValueError, match="live"):
        encode(TurnStarted(1, 1, 0.0))


@pytest.mark.parametrize(
    "reply", ["\ud83d", "a\udc80b", "\x00\x1b[2J\n\r", "\u2028\u202e", "<answer>" + "9" * 5000, "|"]
)
def test_any_reply_survives_lone_surrogates_included(reply: str) -> None:
    event = replace(PLAIN, reply=reply, reasoning=reply, draft=reply, ballots=(reply,))
    line = encode(event)
    assert line.count(b"\n") == 1
    assert decode(line) == event


def test_a_header_with_a_lone_surrogate_in_its_names_is_no_damage() -> None:
    head = replace(HEADER, origin="a\udc80b", controls=replace(HEADER.controls, model="m\ud83d"))
    assert decode(encode(head)) == replace(head, version=1)


def test_a_header_with_a_name_over_its_bound_says_the_bound() -> None:
    with pytest.raises(CodecError, match="origin should be a text of at most 200 characters"):
        decode(encode(replace(HEADER, origin="é" * 201)))


def test_whole_numbers_beyond_64_bits_stay_exact() -> None:
    header = replace(HEADER, injection_seed=2**70 + 1, draw_seed=-(2**80) - 1, sampling_seed=2**64 + 1)
    assert decode(encode(header)) == header


def test_unknown_extra_fields_are_tolerated() -> None:
    for event in EVENTS:
        doc = json.loads(encode(event)) | {"new_in_1_5": [{"deep": {}}]}
        assert decode(json.dumps(doc).encode()) == event


def turn(**change: object) -> bytes:
    return json.dumps({"event": "turn", "sample": 1, "turn": 1, "at": 1.0, "reply": "x"} | change).encode()


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (turn(sample="1"), "sample"),
        (turn(sample=True), "sample"),
        (turn(turn=0), "turn"),
        (turn(turn=1.5), "turn"),
        (turn(turn=10**40), "turn"),
        (turn(at="now"), "at"),
        (turn(at=-1), "at"),
        (turn(at=1e300), "at"),
        (turn(reply=None), "reply"),
        (turn(reply=["x"]), "reply"),
        (turn(reasoning=1), "reasoning"),
        (turn(finish="maybe"), "finish"),
        (turn(finish=["stop"]), "finish"),
        (turn(prompt_tokens=-1), "prompt_tokens"),
        (turn(completion_tokens=1.5), "completion_tokens"),
        (turn(cost="free"), "cost"),
        (turn(attempts={}), "attempts"),
        (turn(attempts=[1]), "attempts"),
        (turn(attempts=[{"kind": "alien", "message": "", "wait": 0}]), "kind"),
        (turn(ballots=[1]), "ballots"),
        (turn(slip=3), "slip"),
        (turn(edited=1), "edited"),
        (b'{"event":"turn","turn":1,"at":1.0,"reply":"x"}', "sample is missing"),
        (b'{"event":"turn","sample":1,"turn":1,"at":NaN,"reply":"x"}', "NaN"),
        (b'{"event":"turn","sample":1,"turn":1,"at":1e999,"reply":"x"}', "at"),
        (b'{"event":"controls","turn":1,"at":0,"change":[["inject"]]}', "change"),
        (b'{"event":"controls","turn":1,"at":0,"change":[["inject",[]]]}', "change[1][2]"),
        (b'{"event":"controls","turn":1,"at":0,"change":[["inject-since",%s]]}' % (b"9" * 400), "at most"),
        (b'{"event":"paused","at":0,"reason":"","fault":"yes"}', "fault"),
        (b'{"event":"finished","at":0,"reason":"bored"}', "reason"),
        (b"[]", "table"),
        (b"{}", "names none"),
        (b"5", "table"),
        (b"", "JSON"),
        (b"\x00\x00", "JSON"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"event":"turn","reply":"cut', "JSON"),
        (b"[" * 100_000, "nested"),
        (b'{"a":' * 100_000, "nested"),
        (b"9" * 10_000, "JSON"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_in_one_sentence(line: bytes, named: str) -> None:
    with pytest.raises(CodecError) as caught:
        decode(line)
    assert named in str(caught.value)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_an_unknown_event_is_told_from_a_broken_one() -> None:
    with pytest.raises(UnknownEvent, match="wormhole"):
        decode(b'{"event":"wormhole"}')


def header_with(**change: object) -> bytes:
    return json.dumps(json.loads(encode(HEADER)) | change).encode()


def test_a_newer_format_says_that_a_newer_version_is_needed() -> None:
    with pytest.raises(NewerFormat, match=r"newer version .*lhe-session/2"):
        decode(header_with(format="lhe-session/2"))


def task_with(**change: object) -> bytes:
    return header_with(task=json.loads(encode(HEADER))["task"] | change)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (header_with(format="lhe-session"), "format"),
        (header_with(format=1), "format"),
        (header_with(session=1), "session"),
        (header_with(extra={"a": 1}), "extra"),
        (header_with(rules="lenient"), "rules"),
        (header_with(reference={"evaluator": "dead", "measured": [], "filled": []}), "evaluator"),
        (header_with(reference={"evaluator": "live", "measured": [1], "filled": []}), "measured"),
        (header_with(reference={"evaluator": "live", "measured": [["1"]], "filled": []}), "measured"),
        (header_with(reference={"evaluator": "live", "measured": [], "filled": [1]}), "filled"),
        (header_with(sample_ids=[1]), "sample_ids"),
        (header_with(sample_ids=[1, 0]), "sample_ids"),
        (header_with(parent={"session": "x"}), "path"),
        (header_with(prompt={}), "prompt"),
        (header_with(controls={}), "controls.model is missing"),
        (header_with(task=None), "task"),
        (task_with(variant="chess"), "no task named 'chess'"),
        (task_with(turns=0), "turns"),
        (task_with(turns=10**11), "bound"),
        (task_with(samples=3), "plans"),
        (task_with(dictionary={}), "dictionary"),
        (task_with(dictionary={"a": "b"}), "dictionary.a"),
        (task_with(dictionary={"a": 1}), "dictionary does not"),
        (task_with(plans=[["zzzzz"], []]), "sample 1"),
        (task_with(plans=[[1] * 6, [2] * 6]), "plans[1][1] should be a text"),
        (task_with(plans="all"), "plans"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_header_is_named_in_one_sentence(line: bytes, named: str) -> None:
    with pytest.raises(CodecError) as caught:
        decode(line)
    assert named in str(caught.value)


def test_a_last_turn_with_fewer_keys_is_a_task() -> None:
    task = Task(TASK.spec, TASK.dictionary, tuple(plan[:-1] for plan in TASK.plans))
    header = decode(encode(replace(HEADER, task=task)))
    assert isinstance(header, RunStarted)
    assert header.task == task
