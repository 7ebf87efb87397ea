"""The sections of an HTML report that are words and numbers: headline, settings, provenance, tables, prompt."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lhe_tui.assets.shipped import built_in_template
from lhe_tui.engine.cases import wrong_cases
from lhe_tui.engine.events import FORMAT_VERSION
from lhe_tui.engine.state import RunState
from lhe_tui.record.exporting.html_elements import (
    bar,
    bounded,
    count,
    facts,
    folded,
    share,
    share_range,
    table,
    whole,
)
from lhe_tui.record.repeat_command import drawn_from_own_words, prompt_toml, repeat_command
from lhe_tui.task.controls import change_words
from lhe_tui.task.diagnosis.diagnose import diagnose, slip_histogram
from lhe_tui.task.diagnosis.slips import SLIP_WORDS
from lhe_tui.task.stats.proportions import wilson
from lhe_tui.text.visible import html_text

_MOST_ROWS: Final = 1000
_MOST_NOTICES: Final = 100
_PROMPT_BYTES: Final = 120_000
NUMBERS: Final = ("", *["n"] * 5)
"""A first column of words, the others of numbers."""
Report = Mapping[str, Any]


def headline(state: RunState, report: Report) -> str:
    """The run's numbers on cards."""
    correct = sum(tally.correct for tally in state.tallies)
    n = sum(tally.n for tally in state.tallies)
    interval = wilson(correct, n)
    overall = share_range(correct / n if n else None, interval)
    cards = [_horizon_card(report, s) for s in ("0.5", "0.8")]
    cards.append(
        _card("turn accuracy, all turns", overall, f"{correct:,} of {count(n, 'turn')} turn-correct")
    )
    last = next((turn for turn in range(len(state.tallies), 0, -1) if state.tallies[turn - 1].n), None)
    if last is not None:
        rate, bounds = report["task_accuracy"][last - 1], report["intervals"]["task_accuracy"][last - 1]
        tally = state.tallies[last - 1]
        words = f"{tally.task} of {count(tally.n, 'sample')} without a mistake"
        cards.append(_card(f"task accuracy at turn {last}", share_range(rate, bounds), words))
    return f'<div class="cards">{"".join(cards)}</div>'


def _card(name: str, value: str, note: str) -> str:
    number, bracket, rest = value.partition(" [")
    lines = f"<span>{name}</span><b>{number}</b><span>{bracket.strip()}{rest}</span><span>{note}</span>"
    return f'<div class="card">{lines}</div>'


def _horizon_card(report: Report, s: str) -> str:
    found, turns = report["horizon"][s], report["turns"]
    beyond = f"&gt;{turns}"
    turn, low, high = (found or {}).get("turn"), (found or {}).get("low"), (found or {}).get("high")
    value = f"turn {turn}" if turn is not None else f"beyond {turns}"
    span = f" [{low if low is not None else beyond}, {high if high is not None else beyond}]"
    steps = f"step {found['steps']}; " if turn is not None else ""
    return _card(
        f"horizon H<sub>{s}</sub>", value + span, f"{steps}first turn with task accuracy below {float(s):.0%}"
    )


def settings(state: RunState, report: Report) -> str:
    """What was run, and under which controls it began."""
    header, spec = state.header, state.spec
    controls = state.timeline[0][1]
    drawn = "drawn from the package's own words" if drawn_from_own_words(state.task) else "from a file"
    values = f"values {whole(spec.min_value)} to {whole(spec.max_value)}"
    server = [
        ("temperature", controls.temperature),
        ("top-p", controls.top_p),
        ("max tokens", controls.max_tokens),
    ]
    rows = [
        ("model", model_markup(header.controls.model)),
        ("server", html_text(header.base_url or "", limit=300)),
        (
            "task",
            f"{spec.variant}, K = {spec.turn_complexity} {'keys' if spec.turn_complexity > 1 else 'key'} per turn",
        ),
        (
            "size",
            f"{count(spec.turns, 'turn')} × {count(spec.samples, 'sample')} ({count(spec.steps, 'step')} each)",
        ),
        ("dictionary", f"{count(len(state.task.dictionary), 'word')}, {values}, {drawn}"),
        ("seed", _seeds(state)),
        ("answer mode", controls.mode),
        *((name, "" if value is None else f"{value:g}") for name, value in server),
        ("votes", _votes(controls.votes, controls.vote_lead)),
        ("self-verification", "on" if controls.verify else ""),
        ("injection at the start", _injection(state)),
        ("pruning at the start", controls.pruning.words()),
        ("scored by", f"{report['rules']} rules"),
    ]
    return facts(rows) + _timeline(state)


def _seeds(state: RunState) -> str:
    header = state.header
    words = whole(state.spec.seed)
    others = (
        ("corruption", header.injection_seed),
        ("draws", header.draw_seed),
        ("sampling", header.sampling_seed),
    )
    apart = [f"{name} {whole(seed)}" for name, seed in others if seed is not None and seed != state.spec.seed]
    return words + (f" ({', '.join(apart)})" if apart else "")


def _votes(votes: int, lead: int) -> str:
    return "" if votes == 1 else f"majority of {votes}" + (f", first to lead by {lead}" if lead else "")


def _filled(state: RunState) -> bool:
    """Whether another harness filled the history with sums of its own."""
    return state.header.reference is not None and any(state.header.reference.filled)


def _injection(state: RunState) -> str:
    if _filled(state):
        return "the published harness filled the history with sums of its own"
    injection = state.timeline[0][1].injection
    if not injection.active:
        return "off"
    since = f" from turn {injection.since}" if injection.since else ""
    return f"{injection.words()}, offsets within ±{injection.size}{since}"


def _timeline(state: RunState) -> str:
    if not state.changes:
        return '<p class="note">No control changed while it ran.</p>'
    rows = []
    for change in sorted(state.changes, key=lambda change: change.turn)[:_MOST_ROWS]:
        words = change_words(change.change, state.controls_at(change.turn))
        rows.append((f"turn {change.turn}", html_text(words, limit=500), change.source))
    return "<h3>Controls changed</h3>" + table(("from", "to", "asked for by"), rows)


def model_markup(model: str) -> str:
    """A model's name, with the word *simulated* where it is one."""
    name = html_text(model, limit=200)
    return f'{name} <span class="simulated">simulated</span>' if model.startswith("sim/") else name


def provenance(state: RunState, file: str, version: str) -> str:
    """Where the numbers come from, and how to make them again."""
    header = state.header
    parent = header.parent
    came = ""
    if parent is not None:
        note = f": {html_text(parent.note, limit=500)}" if parent.note else ""
        came = f"session {html_text(parent.session)}, left at turn {parent.turn}"
        came += (f" of sample {parent.sample}" if parent.sample else "") + note
    rows = [
        ("session", html_text(header.session)),
        ("file", html_text(file, limit=300)),
        ("recorded", html_text(header.created)),
        ("origin", html_text(header.origin)),
        ("forked from", came),
        (
            "recorded with it",
            html_text(", ".join(f"{name} {value}" for name, value in header.extra.items()), limit=2000),
        ),
        ("status", _status(state)),
        (
            "format",
            f"lhe-session/{header.version}"
            + (f", read as {FORMAT_VERSION}" if header.version != FORMAT_VERSION else ""),
        ),
        ("page written by", f"lhe-tui {html_text(version)}"),
    ]
    repeat = repeat_command(state, file)
    commands = "\n".join(
        " ".join(f'<span class="w">{html_text(shlex.quote(word), limit=2000)}</span>' for word in words)
        for words in repeat.commands
    )
    notes = "".join(f'<p class="note">{html_text(note)}</p>' for note in repeat.notes)
    again = f'<h3>Repeat the run</h3><pre class="commands"><code>{commands}</code></pre>{notes}'
    return facts(rows) + again


def _status(state: RunState) -> str:
    done, asked = state.finished_turns, state.spec.turns * state.spec.samples
    word = {"completed": "completed", "stopped": "stopped before its end"}.get(state.status, "unfinished")
    words = f"{word}: {done:,} of {asked:,} turns"
    if state.given_turns:
        words += f", {state.given_turns:,} of them given and in no figure"
    failed = sum(sample.failed for sample in state.samples)
    return words + (f"; {count(failed, 'sample')} stand still for want of a reply" if failed else "")


def mistakes(state: RunState, report: Report) -> str:
    """Outcomes, format failures and slips."""
    n = sum(tally.n for tally in state.tallies)
    rows = []
    for outcome, found in report["outcomes"].items():
        counted = outcome != "failed"
        rate = (
            share_range(found / n, wilson(found, n))
            if n and counted
            else "left out of the count"
            if found
            else "—"
        )
        rows.append((outcome.replace("_", " "), f"{found:,}", rate))
    failures = sum(tally.format_failures for tally in state.tallies)
    total = share_range(failures / n if n else None, wilson(failures, n))
    note = (
        "<p>Format failures (no number to be read: no answer, not a number, truncated, refused): "
        f"<b>{failures:,}</b>, {total}.</p>"
    )
    head = table(("outcome", "turns", "share [95 %]"), rows, NUMBERS)
    return head + note + _slips(state)


def _slips(state: RunState) -> str:
    diagnoses = [
        diagnose(case)
        for number in range(1, len(state.samples) + 1)
        for record, case in wrong_cases(state, number)
        if not record.event.edited
    ]
    if not diagnoses:
        return "<p>Every turn is correct: there is no slip to explain.</p>"
    weights = slip_histogram(diagnoses)
    likeliest = Counter(suspects[0].slip for suspects in diagnoses if suspects)
    top = max(weights.values())
    rows = [
        (html_text(SLIP_WORDS.get(slip, slip)), f"{weight:,.1f}", f"{likeliest[slip]:,}", bar(weight / top))
        for slip, weight in weights.items()
        if weight >= 0.05
    ]
    note = (
        "Why the turns that are not correct went wrong. Several slips may explain one answer: <i>by weight</i> shares "
        "each turn out among them, <i>likeliest in</i> counts the first alone."
    )
    head = ("slip", "turns, by weight", "likeliest in", "")
    return f'<h3>Slips</h3><p class="note">{note}</p>' + table(head, rows, ("", "n", "n", "bar"))


def history(state: RunState, report: Report) -> str:
    """What the model saw of its past: the three rates, and what errors in view do."""
    injected, estimate, filled = report["injected"], report["self_conditioning"], _filled(state)
    rows = [
        (
            "corrupted answers asked for",
            "told by the harness that filled it" if filled else share(injected["asked"]),
        ),
        ("wrong states shown", share(injected["states"])),
        ("wrong transitions shown", share(injected["transitions"])),
    ]
    note = (
        '<p class="note">Over all past turns in all requests, whoever made the error. A corrupted answer makes '
        "two steps look wrong, the one into it and the one out of it; a slip that the model goes on from "
        "makes every later state wrong, and one step.</p>"
    )
    sentence = html_text(
        str(estimate["sentence"]) if estimate else "no turn had a history in view", limit=500
    )
    words = f"<h3>Self-conditioning</h3><p>{sentence[:1].upper()}{sentence[1:]}.</p>"
    words += (
        '<p class="note">Logistic regression of turn-correct on the share of wrong transitions in view and the log of '
        "shown turns, with an interval clustered by sample.</p>"
    )
    return facts(rows) + note + words


def per_turn(state: RunState, report: Report) -> str:
    """Every number behind the curves, folded."""
    step = -(-len(state.tallies) // _MOST_ROWS) or 1
    rows = []
    for index in range(0, len(state.tallies), step):
        tally = state.tallies[index]
        cells = [
            share_range(report[f"{name}_accuracy"][index], report["intervals"][f"{name}_accuracy"][index])
            for name in ("turn", "absolute", "task")
        ]
        rows.append((str(index + 1), *cells, share(report["format_failure"][index]), str(tally.n)))
    head = ("turn", "turn accuracy", "absolute accuracy", "task accuracy", "format failures", "samples")
    note = "" if step == 1 else f'<p class="note">Every {step}th turn is listed.</p>'
    return folded("Every turn in numbers, with Wilson 95 % intervals", note + table(head, rows, NUMBERS))


def costs(state: RunState, report: Report) -> str:
    """Tokens, time and retries."""
    tokens = report["tokens"]
    told = " · ".join(
        f"{tokens[kind]:,} {kind}" for kind in ("prompt", "completion", "reasoning") if tokens[kind]
    )
    rows = [
        ("tokens", told or "not told by the server"),
        ("cost", f"US$ {state.cost:.4f}" if state.cost else ""),
        ("time", f"{state.elapsed:,.1f} s from start to end" if state.elapsed else ""),
        ("retries", f"{state.retries:,}" if state.retries else "none"),
    ]
    return facts(rows)


def notices(state: RunState) -> str:
    """What the run had to say while it ran."""
    if not state.notices:
        return ""
    rows = []
    for notice in state.notices[:_MOST_NOTICES]:
        where = [f"sample {notice.sample}"] if notice.sample else []
        where += [f"turn {notice.turn}"] if notice.turn else []
        rows.append((f"{notice.at:,.1f} s", ", ".join(where), bounded(notice.text, 2000)))
    rest = len(state.notices) - _MOST_NOTICES
    more = f"<p>and {rest:,} more</p>" if rest > 0 else ""
    return table(("when", "where", "notice"), rows) + more


def prompt(state: RunState) -> str:
    """The prompt as sent, and its texts as a file."""
    header = state.header
    template = header.template
    system = template.system_message(state.task, header.controls.mode)
    name = "built-in" if template == built_in_template() else template.name
    first = f"<p>Prompt: {html_text(name, limit=200)}. The system message as sent, with the dictionary:</p>"
    rest = [
        ("user message", bounded(template.user, 4000)),
        ("state card", bounded(template.state_card, 4000)),
        ("self-verification", bounded(template.verify, 4000)),
    ]
    texts = folded(
        "the prompt's texts, as a file for --prompt",
        f"<pre>{bounded(prompt_toml(template), _PROMPT_BYTES)}</pre>",
    )
    return (
        first + folded("system message", f"<pre>{bounded(system, _PROMPT_BYTES)}</pre>") + facts(rest) + texts
    )


def warnings_markup(warnings: Sequence[str]) -> str:
    """What could not be read of the session."""
    shown = [f'<p class="warning">{html_text(words, limit=500)}</p>' for words in warnings[:20]]
    more = len(warnings) - 20
    return "\n".join(shown) + (f'<p class="warning">and {more} more</p>' if more > 0 else "")
