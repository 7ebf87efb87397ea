"""The worst turns of a run for its HTML report: the request as sent, the working, the reply, the diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from lhe_tui.engine.cases import diagnosis_of
from lhe_tui.engine.requests import pruned_turns, request_of
from lhe_tui.engine.state import RunState, TurnRecord
from lhe_tui.record.exporting.html_elements import (
    bar,
    bounded,
    count,
    facts,
    folded,
    ranges,
    share,
    signed,
    table,
    whole,
)
from lhe_tui.record.inspection import reasoning_of
from lhe_tui.task.diagnosis.slips import SLIP_WORDS
from lhe_tui.task.messages import Message
from lhe_tui.task.scoring import Rules
from lhe_tui.text.visible import html_text

FIRST_SLIPS: Final = 8
FURTHEST: Final = 4
SUSPECTS: Final = 6
_REPLY_BYTES: Final = 16_000
_REASONING_BYTES: Final = 12_000
_HISTORY_BYTES: Final = 45_000
"""For the past messages of one request, so that a page of long replies stays under two megabytes."""
_MOST_MESSAGES: Final = 400
_RECENT: Final = 4
"""Past messages that are not folded."""
_MOST_KEYS: Final = 100
_FROM: Final = {"state_card": "with a state card"}
_SIGNS: Final = {"correct": "✓", "wrong": "✗", "failed": "×"}


class Chosen(NamedTuple):
    """A turn worth showing, and why it was chosen."""

    sample: int
    record: TurnRecord
    why: str


def worst_turns(state: RunState) -> list[Chosen]:
    """Where samples first went wrong, earliest first, and then the answers furthest from what was due."""
    firsts: list[Chosen] = []
    others: list[tuple[int, Chosen]] = []
    for number, sample in enumerate(state.samples, 1):
        slips = [r for r in sample.turns if r.outcome not in ("correct", "failed") and not r.event.edited]
        if slips:
            firsts.append(Chosen(number, slips[0], "the first slip of this sample"))
        for record in slips:
            if record.number is not None:
                off = abs(record.number - record.expected)
                others.append((off, Chosen(number, record, "among the answers furthest from what was due")))
    firsts.sort(key=lambda chosen: (chosen.record.turn, chosen.sample))
    found = firsts[:FIRST_SLIPS]
    known = {(chosen.sample, chosen.record.turn) for chosen in found}
    for _, chosen in sorted(others, key=lambda pair: -pair[0]):
        if len(found) >= min(len(firsts), FIRST_SLIPS) + FURTHEST:
            break
        if (chosen.sample, chosen.record.turn) not in known:
            found.append(chosen)
    return found


def turn_article(state: RunState, chosen: Chosen) -> str:
    """One turn taken apart."""
    sample, record = chosen.sample, chosen.record
    look = (
        "mark-good"
        if record.outcome == "correct"
        else "mark-bad"
        if record.outcome == "wrong"
        else "mark-odd"
    )
    outcome = f"{_SIGNS.get(record.outcome, '!')} {record.outcome.replace('_', ' ')}"
    parts = [
        f'<article class="turn" id="s{sample}t{record.turn}">',
        f'<h3>Sample {sample}, turn {record.turn} <span class="{look}">{outcome}</span></h3>',
        f'<p class="note">{chosen.why}</p>',
        f"<p>{_verdict(record, state.rules)}</p>",
        *_diagnosis(state, sample, record),
        f'<h4>Working</h4><div class="working">{_working(state, sample, record)}</div>',
        f"<h4>Request</h4>{_request(state, sample, record)}",
        f"<h4>Reply</h4><pre>{bounded(record.event.reply, _REPLY_BYTES) or '(empty)'}</pre>",
        *_reasoning(record),
        folded("controls, tokens and times", facts(_numbers(state, record))),
        "</article>",
    ]
    return "\n".join(parts)


def _verdict(record: TurnRecord, rules: Rules) -> str:
    if record.number is None:
        words = f"No number to score; {whole(record.expected)} was due."
    else:
        off = signed(record.number - record.expected)
        words = (
            f"Answered <b>{whole(record.number)}</b>, <b>{whole(record.expected)}</b> was due: off by {off}."
        )
    if record.expected != record.truth:
        if record.number == record.truth:
            measured = (
                "the harness measures it against the sum shown in its place."
                if rules == "reference"
                else "it recovered."
            )
            return f"{words} The answer is the true running sum: {measured}"
        return words + f" The true running sum is {whole(record.truth)}."
    return words


def _diagnosis(state: RunState, sample: int, record: TurnRecord) -> list[str]:
    suspects = diagnosis_of(state, sample, record.turn)
    if not suspects:
        return []
    rows = [
        (
            html_text(found.words),
            _weight(found.weight),
            bar(found.weight),
            html_text(found.detail, limit=600),
        )
        for found in suspects[:SUSPECTS]
    ]
    parts = [
        '<h4>Diagnosis</h4><div class="suspects">',
        table(("", "", "", ""), rows, ("", "n", "bar")),
        "</div>",
    ]
    rest = suspects[SUSPECTS:]
    if rest:
        weight = _weight(sum(suspect.weight for suspect in rest))
        parts.append(f'<p class="note">and {count(len(rest), "rival")} of {weight} together</p>')
    told = record.event.slip
    if told:
        words = html_text(SLIP_WORDS.get(told, told), limit=100)
        parts.append(f"<p>The simulated model recorded that it did: {words}.</p>")
    return parts


def _weight(weight: float) -> str:
    return "&lt;1 %" if 0 < weight < 0.005 else share(weight, 0)


def _working(state: RunState, sample: int, record: TurnRecord) -> str:
    keys, values = state.task.keys(sample, record.turn), state.task.values(sample, record.turn)
    start = 0 if state.task.stateless else record.expected - sum(values)
    sums = list(accumulate(values, initial=start))[1:]
    known = state.task.stateless or record.basis is not None
    first = (
        "basis: the sum that the shown history implies" if known else "no basis in view: the true sum before"
    )
    rows = [(first, "", whole(start))] if not state.task.stateless else []
    for key, value, total in list(zip(keys, values, sums, strict=True))[:_MOST_KEYS]:
        rows.append((html_text(key, limit=100), signed(value), whole(total)))
    if len(keys) > _MOST_KEYS:
        rows.append((f"and {count(len(keys) - _MOST_KEYS, 'more key')}", "", ""))
    rows.append(("due", "", whole(record.expected)))
    rows.append(("answer", "", whole(record.number)))
    return table(("key", "value", "running sum"), rows, ("", "n", "n"))


def _request(state: RunState, sample: int, record: TurnRecord) -> str:
    messages = request_of(state, sample, record.turn)
    left_out = pruned_turns(state, sample, record.turn)
    past, last = messages[1:-1], messages[-1]
    fair = max(60, _HISTORY_BYTES // max(1, min(len(past), _MOST_MESSAGES)))
    old, recent = past[:-_RECENT] if len(past) > _RECENT + 1 else [], past[-_RECENT:]
    recent = past if not old else recent
    parts = [
        f'<p class="note">{count(len(messages), "message")}, in this order.</p>',
        _system(state, record, messages[0]),
    ]
    if left_out:
        parts.append(f'<p class="note">Pruned from the request: {_turns_words(left_out)}.</p>')
    if old:
        shown = old[-_MOST_MESSAGES:]
        skipped = f"<p class='note'>{count(len(old) - len(shown), 'older message')} not repeated here.</p>"
        inner = (skipped if len(shown) < len(old) else "") + "".join(_message(item, fair) for item in shown)
        parts.append(folded(f"{count(len(old), 'earlier message')}{_oddities(old)}", inner))
    parts += [_message(item, max(fair, 1500)) for item in recent]
    parts.append(_message(last, 4000))
    return "\n".join(parts)


def _system(state: RunState, record: TurnRecord, message: Message) -> str:
    usual = state.header.template.system_message(state.task, state.header.controls.mode)
    if message.content == usual:
        words = '<a href="#prompt">the system message, with the dictionary</a>'
        return f'<div class="msg"><span class="who">system</span><span>{words}</span></div>'
    return folded("system message of this turn", f"<pre>{bounded(message.content, 12_000)}</pre>")


def _message(message: Message, most: int) -> str:
    source = message.provenance
    who = f"{message.role}, turn {message.turn}"
    said = _FROM.get(source, source)
    tag = f' <span class="from from-{source}">{said}</span>' if source != "user" else ""
    return (
        f'<div class="msg"><span class="who">{who}{tag}</span>'
        f'<span class="say">{bounded(message.content, most)}</span></div>'
    )


def _oddities(messages: Sequence[Message]) -> str:
    """How many of the folded messages were touched."""
    found = [
        count(n, f"{source} answer")
        for source in ("injected", "healed")
        if (n := sum(message.provenance == source for message in messages))
    ]
    return f", {' and '.join(found)} among them" if found else ""


def _turns_words(turns: Sequence[int]) -> str:
    words = ranges(turns)
    return f"turn{'' if len(turns) == 1 else 's'} " + (words if len(words) < 300 else words[:300] + "…")


def _reasoning(record: TurnRecord) -> list[str]:
    reasoning = reasoning_of(record)
    if not reasoning:
        return []
    words = f"reasoning, {count(len(reasoning), 'character')}; never put back into the history"
    return [folded(words, f"<pre>{bounded(reasoning, _REASONING_BYTES)}</pre>")]


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
        ("model", html_text(controls.model, limit=200)),
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
