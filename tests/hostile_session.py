"""A session in which everything foreign is hostile: names, keys, replies, errors, notices, provenance."""

from __future__ import annotations

from dataclasses import replace

from lhe_tui.engine.events import (
    Attempt,
    ControlsChanged,
    Event,
    NoticeRaised,
    Parent,
    RunFinished,
    RunStarted,
    TurnFinished,
)
from lhe_tui.engine.state import RunState
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import Task, TaskSpec
from tests.hostile_texts import HOSTILE, HOSTILE_TEXTS
from tests.sessions import header

HTML = HOSTILE["HTML"]
FORMULA = HOSTILE["comma and formula"]
KEYS = [HTML, FORMULA, HOSTILE["OSC 8 link"], HOSTILE["bidi override"], HOSTILE["variable"], "plain"]


def hostile_header(samples: int, turns: int) -> RunStarted:
    spec = TaskSpec(turns=turns, samples=samples, dict_size=len(KEYS))
    dictionary = {key: 7 * place - 20 for place, key in enumerate(KEYS)}
    plans = tuple(
        tuple(KEYS[(turn + sample) % len(KEYS)] for turn in range(turns)) for sample in range(samples)
    )
    head = header()
    template = replace(head.template, name=HTML, user=f"{HTML.replace('$', '$$')} $keys")
    return replace(
        head,
        session=HTML,
        created=HOSTILE["OSC 0 title"],
        task=Task(spec, dictionary, plans),
        controls=Controls(model=f"sim/{HTML}"),
        template=template,
        base_url="http://127.0.0.1/<script>",
        parent=Parent(HTML, HTML, 1, 2, HTML + HOSTILE["bidi override"]),
        origin=HTML,
        extra={HTML: HTML},
    )


def hostile_events(samples: int = 4) -> list[Event]:
    """A reply for every hostile text, and a wrong answer within it."""
    turns = -(-len(HOSTILE_TEXTS) // samples)
    head = hostile_header(samples, turns)
    events: list[Event] = [head, ControlsChanged(3, (("model", f"sim/x{HTML}"),))]
    for turn in range(1, turns + 1):
        for sample in range(1, samples + 1):
            text = HOSTILE_TEXTS[((turn - 1) * samples + sample - 1) % len(HOSTILE_TEXTS)]
            events.append(_turn(sample, turn, text))
    events.append(NoticeRaised(HTML + HOSTILE["CSI clear and home"], 3.0, 1, 1))
    return [*events, RunFinished("completed", 99.0)]


def _turn(sample: int, turn: int, text: str) -> TurnFinished:
    answer = "<answer>99</answer>" if turn % 2 else ""
    return TurnFinished(
        sample,
        turn,
        float(turn),
        text + answer,
        reasoning=text[:5000],
        error=text[:2000],
        attempts=(Attempt("server", text[:2000], 1.0),),
        ballots=(text[:2000], HTML),
        draft=text[:2000],
        slip=text[:200],
    )


def folded(events: list[Event]) -> RunState:
    head = events[0]
    assert isinstance(head, RunStarted)
    state = RunState(head)
    for event in events[1:]:
        state.apply(event)
    return state
