"""The worst turns of a run for its HTML report: the request as sent, the working, the reply, the diagnosis.

What is worked out here are plain texts and numbers; `parts.html` puts them on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from lhe_tui.engine.cases import diagnosis_of
from lhe_tui.engine.requests import build_request, pruned_turns
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.record.exporting.html_words import bounded, count, cut, off_words, ranges, signed, weight, whole
from lhe_tui.record.inspection import reasoning_of
from lhe_tui.task.answers import gap
from lhe_tui.task.diagnosis.slips import SLIP_WORDS
from lhe_tui.task.messages import Message
from lhe_tui.task.scoring import Rules

FIRST_SLIPS: Final = 8
FURTHEST: Final = 4
SUSPECTS: Final = 6
_HISTORY_BYTES: Final = 45_000
"""For the past messages of one request, so that a page of long replies stays under two megabytes."""
_MOST_MESSAGES: Final = 400
_RECENT: Final = 4
"""Past messages that are not folded."""
_MOST_KEYS: Final = 100
_FROM: Final = {"state_card": "with a state card"}
_LOOKS: Final = {"correct": "mark-good", "wrong": "mark-bad"}
_SIGNS: Final = {"correct": "✓", "wrong": "✗", "failed": "×", "edited": "✎"}


class Chosen(NamedTuple):
    """A turn worth showing, and why it was chosen."""

    sample: int
    record: TurnRecord
    why: str


def worst_turns(state: RunState) -> list[Chosen]:
    """Where samples first went wrong, earliest first, and then the answers furthest from what was expected."""
    firsts: list[Chosen] = []
    others: list[tuple[int, Chosen]] = []
    for number, sample in enumerate(state.samples, 1):
        slips = [r for r in sample.turns if r.outcome not in ("correct", "failed") and not r.event.edited]
        if slips:
            firsts.append(Chosen(number, slips[0], "the first slip of this sample"))
        for record in slips:
            if record.number is not None:
                off = abs(gap(record.number, record.expected) or 0)
                others.append(
                    (off, Chosen(number, record, "among the answers furthest from what was expected"))
                )
    firsts.sort(key=lambda chosen: (chosen.record.turn, chosen.sample))
    found = firsts[:FIRST_SLIPS]
    known = {(chosen.sample, chosen.record.turn) for chosen in found}
    for _, chosen in sorted(others, key=lambda pair: -pair[0]):
        if len(found) >= min(len(firsts), FIRST_SLIPS) + FURTHEST:
            break
        if (chosen.sample, chosen.record.turn) not in known:
            found.append(chosen)
    return found


def turn_parts(state: RunState, chosen: Chosen) -> dict[str, Any]:
    """One turn taken apart: what the template puts on the page."""
    sample, record = chosen.sample, chosen.record
    suspects = diagnosis_of(state, sample, record.turn)
    rest = suspects[SUSPECTS:]
    slip = record.event.slip
    return {
        "sample": sample,
        "turn": record.turn,
        "look": _LOOKS.get(record.outcome, "mark-odd"),
        "outcome": f"{_SIGNS.get(record.verdict, '!')} {record.verdict.replace('_', ' ')}",
        "why": chosen.why,
        "verdict": _verdict(record, state.rules),
        "suspects": [
            (found.words, weight(found.weight), found.weight, cut(found.detail, 600))
            for found in suspects[:SUSPECTS]
        ],
        "rivals": f"{count(len(rest), 'rival')} of {weight(sum(one.weight for one in rest))}" if rest else "",
        "recorded_slip": SLIP_WORDS.get(slip, slip) if slip else "",
        "working": _working(state, sample, record),
        "request": _request(state, sample, record),
        "reply": record.event.reply,
        "reasoning": reasoning_of(record),
        "numbers": _numbers(state, record),
    }


def _verdict(record: TurnRecord, rules: Rules) -> str:
    if record.number is None:
        words = f"No number to score; {whole(record.expected)} was expected."
    else:
        words = Markup("Answered <b>{}</b>, <b>{}</b> was expected: off by {}.").format(
            whole(record.number), whole(record.expected), off_words(record.number, record.expected)
        )
    if record.expected == record.truth:
        return words
    if record.number != record.truth:
        return words + f" The true running sum is {whole(record.truth)}."
    measured = (
        "the harness measures it against the sum shown in its place"
        if rules == "reference"
        else "it recovered"
    )
    return words + f" The answer is the true running sum: {measured}."


def _working(state: RunState, sample: int, record: TurnRecord) -> list[tuple[str, str, str]]:
    keys, values = state.task.keys(sample, record.turn), state.task.values(sample, record.turn)
    before = state.samples[sample - 1].history.truth(record.turn - 1)
    start = record.basis if record.basis is not None else before
    sums = state.task.partials(sample, record.turn, record.basis)
    rows = []
    if not state.task.stateless:
        known = record.basis is not None
        first = (
            "starting sum: what the shown history implies"
            if known
            else "no starting sum in view: the true sum before"
        )
        rows.append((first, "", whole(start)))
    rows += [
        (cut(key, 100), signed(value), whole(total))
        for key, value, total in list(zip(keys, values, sums, strict=True))[:_MOST_KEYS]
    ]
    if len(keys) > _MOST_KEYS:
        rows.append((f"and {count(len(keys) - _MOST_KEYS, 'more key')}", "", ""))
    return [*rows, ("expected", "", whole(record.expected)), ("answer", "", whole(record.number))]


def _request(state: RunState, sample: int, record: TurnRecord) -> dict[str, Any]:
    messages = build_request(state, sample, record.turn)
    pruned = pruned_turns(state, sample, record.turn)
    past, last = messages[1:-1], messages[-1]
    fair = max(60, _HISTORY_BYTES // max(1, min(len(past), _MOST_MESSAGES)))
    old = past[:-_RECENT] if len(past) > _RECENT + 1 else []
    shown = old[-_MOST_MESSAGES:]
    usual = state.system_message(state.header.controls.mode)
    skipped = len(old) - len(shown)
    return {
        "size": count(len(messages), "message"),
        "usual_system": messages[0].content == usual,
        "system": messages[0].content,
        "pruned": ranges(pruned) if pruned else "",
        "earlier": [_message(message, fair) for message in shown],
        "earlier_words": f"{count(len(old), 'earlier message')}{_oddities(old)}",
        "skipped": count(skipped, "older message") if skipped else "",
        "recent": [
            *(_message(message, max(fair, 1500)) for message in past[len(old) :]),
            _message(last, 4000),
        ],
    }


def _message(message: Message, most: int) -> dict[str, Any]:
    source = "" if message.provenance == "user" else message.provenance
    return {
        "who": f"{message.role}, turn {message.turn}",
        "source": source,
        "source_words": _FROM.get(source, source),
        "content": message.content,
        "most": most,
    }


def _oddities(messages: Sequence[Message]) -> str:
    """How many of the folded messages were touched."""
    found = [
        count(n, f"{source} answer")
        for source in ("injected", "healed")
        if (n := sum(message.provenance == source for message in messages))
    ]
    return f", {' and '.join(found)} among them" if found else ""


def _numbers(state: RunState, record: TurnRecord) -> list[tuple[str, str]]:
    event, controls = record.event, state.controls_at(record.turn)
    view = record.view
    tokens = (
        ("prompt", event.prompt_tokens),
        ("reply", event.completion_tokens),
        ("reasoning", event.reasoning_tokens),
    )
    told = " · ".join(f"{number:,} {name}" for name, number in tokens if number is not None)
    shown = f"{count(view.shown_turns, 'past turn')} shown, {whole(view.wrong_states)} wrong states, "
    shown += f"{whole(view.wrong_transitions)} wrong of {count(view.transitions, 'transition')}"
    retries = [f"{attempt.kind}: {attempt.message}" for attempt in event.attempts]
    return [
        ("model", cut(controls.model, 200)),
        ("mode", controls.mode),
        ("injection", controls.injection.words()),
        ("pruning", controls.pruning.words()),
        ("in view", shown),
        ("tokens", told),
        ("latency", f"{event.latency:.3g} s" if event.latency else ""),
        ("ended by", event.finish.replace("_", " ")),
        ("retries", bounded("\n".join(retries), 1000)),
        ("votes", bounded(" | ".join(event.ballots), 2000)),
        ("before self-verification", bounded(event.draft, 2000)),
    ]
