"""The words and numbers of an HTML report, section by section, as plain rows and texts for its template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from lhe_tui.assets.shipped import built_in_template
from lhe_tui.engine.cases import wrong_cases
from lhe_tui.engine.events import FORMAT_VERSION
from lhe_tui.engine.overall import counts_by_sample
from lhe_tui.engine.state import RunState
from lhe_tui.record.annotations import annotations_of, place_words
from lhe_tui.record.datasets import drawn_from_own_words
from lhe_tui.record.exporting.html_words import (
    bounded,
    count,
    cut,
    interval_words,
    share,
    share_range,
    whole,
)
from lhe_tui.record.prompt_file import prompt_toml
from lhe_tui.task.answers import FORMAT_FAILURES
from lhe_tui.task.controls import change_words
from lhe_tui.task.diagnosis.diagnose import diagnose, slip_histogram
from lhe_tui.task.diagnosis.slips import SLIP_WORDS
from lhe_tui.task.stats.proportions import PooledShare, clustered_interval

_MOST_ROWS: Final = 1000
_MOST_NOTICES: Final = 100
PROMPT_BYTES: Final = 120_000
"""The longest system message or prompt file on a page."""
Report = Mapping[str, Any]
Rows = list[tuple[str, str]]
"""Names and values; one without a value is left out."""


class Card(NamedTuple):
    """One of the run's headline numbers."""

    name: str
    value: str
    interval: str
    note: str


def cards(state: RunState, report: Report) -> list[Card]:
    """The run's headline numbers."""
    correct, n, interval = PooledShare.of(counts_by_sample(state))
    found = [_horizon_card(report, s) for s in ("0.5", "0.8")]
    note = f"{correct:,} of {count(n, 'turn')} turn-correct"
    overall = share(correct / n if n else None), interval_words(interval)
    found.append(Card("turn accuracy, all turns", *overall, note))
    last = next((turn for turn in range(len(state.tallies), 0, -1) if state.tallies[turn - 1].n), None)
    if last is not None:
        rate, bounds = report["task_accuracy"][last - 1], report["intervals"]["task_accuracy"][last - 1]
        tally = state.tallies[last - 1]
        note = f"{tally.task} of {count(tally.n, 'sample')} without a mistake"
        found.append(Card(f"task accuracy at turn {last}", share(rate), interval_words(bounds), note))
    return found


def _horizon_card(report: Report, s: str) -> Card:
    found, turns = report["horizon"][s] or {}, report["turns"]
    turn, low, high = found.get("turn"), found.get("low"), found.get("high")
    steps = f"step {found['steps']}; " if turn is not None else ""
    bounds = ", ".join(f">{turns}" if bound is None else str(bound) for bound in (low, high))
    return Card(
        Markup("horizon H<sub>{}</sub>").format(s),
        f"turn {turn}" if turn is not None else f"beyond {turns}",
        f"[{bounds}]",
        f"{steps}first turn with task accuracy below {float(s):.0%}",
    )


def settings(state: RunState, report: Report) -> Rows:
    """What was run, and under which controls it began."""
    header, spec = state.header, state.spec
    controls = state.timeline[0][1]
    drawn = "drawn from the package's own words" if drawn_from_own_words(state.task) else "from a file"
    keys = "keys" if spec.turn_complexity > 1 else "key"
    server = (
        ("temperature", controls.temperature),
        ("top-p", controls.top_p),
        ("max tokens", controls.max_tokens),
    )
    return [
        ("server", cut(header.base_url or "", 300)),
        ("task", f"{spec.variant}, K = {spec.turn_complexity} {keys} per turn"),
        (
            "size",
            f"{count(spec.turns, 'turn')} × {count(spec.samples, 'sample')} ({count(spec.steps, 'step')} each)",
        ),
        (
            "dictionary",
            f"{count(len(state.task.dictionary), 'word')}, values {whole(spec.min_value)} to "
            f"{whole(spec.max_value)}, {drawn}",
        ),
        ("seed", _seeds(state)),
        ("answer mode", controls.mode),
        *((name, "" if value is None else f"{value:g}") for name, value in server),
        ("votes", _votes(controls.votes, controls.vote_lead)),
        ("self-verification", "on" if controls.verify else ""),
        ("injection at the start", _injection(state)),
        ("pruning at the start", controls.pruning.words()),
        ("scored by", f"{report['rules']} rules"),
    ]


def _seeds(state: RunState) -> str:
    header = state.header
    others = (
        ("corruption", header.injection_seed),
        ("draws", header.draw_seed),
        ("sampling", header.sampling_seed),
    )
    apart = [f"{name} {whole(seed)}" for name, seed in others if seed is not None and seed != state.spec.seed]
    return whole(state.spec.seed) + (f" ({', '.join(apart)})" if apart else "")


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


def changes(state: RunState) -> list[tuple[str, str, str]]:
    """The controls that changed: from which turn, to what, and who asked for it."""
    return [
        (
            f"turn {change.turn}",
            cut(change_words(change.change, state.controls_at(change.turn)), 500),
            change.source,
        )
        for change in sorted(state.changes, key=lambda change: change.turn)[:_MOST_ROWS]
    ]


def provenance(state: RunState, file: str, version: str) -> Rows:
    """Where the numbers come from."""
    header, parent = state.header, state.header.parent
    came = ""
    if parent is not None:
        came = f"session {parent.session}, left at turn {parent.turn}"
        came += f" of sample {parent.sample}" if parent.sample else ""
        came += f": {parent.note}" if parent.note else ""
    older = f", read as {FORMAT_VERSION}" if header.version != FORMAT_VERSION else ""
    return [
        ("session", header.session),
        ("file", cut(file, 300)),
        ("recorded", header.created),
        ("origin", header.origin),
        ("forked from", cut(came, 600)),
        (
            "recorded with it",
            cut(", ".join(f"{name} {value}" for name, value in header.extra.items()), 2000),
        ),
        ("status", _status(state)),
        ("format", f"lhe-session/{header.version}{older}"),
        ("page written by", f"lhe-tui {version}"),
    ]


def _status(state: RunState) -> str:
    done, asked = state.finished_turns, state.spec.turns * state.spec.samples
    word = {"completed": "completed", "stopped": "stopped before its end"}.get(state.status, "unfinished")
    words = f"{word}: {done:,} of {asked:,} turns"
    if state.given_turns:
        words += f", {state.given_turns:,} of them given and in no figure"
    failed = sum(sample.failed for sample in state.samples)
    return words + (f"; {count(failed, 'sample')} stand still for want of a reply" if failed else "")


def mistakes(state: RunState, report: Report) -> dict[str, Any]:
    """Outcomes, format failures and slips."""
    n = sum(tally.n for tally in state.tallies)

    def outcome_share(outcome: str, turns: int) -> str:
        if outcome == "failed":
            return "left out of the count" if turns else "—"
        counts = counts_by_sample(state, counted=lambda record: record.outcome == outcome)
        return share_range(turns / n, clustered_interval(counts)) if n else "—"

    failures = sum(tally.format_failures for tally in state.tallies)
    failed = counts_by_sample(state, counted=lambda record: record.outcome in FORMAT_FAILURES)
    return {
        "outcomes": [
            (outcome.replace("_", " "), f"{turns:,}", outcome_share(outcome, turns))
            for outcome, turns in report["outcomes"].items()
        ],
        "failures": f"{failures:,}",
        "failure_share": share_range(failures / n if n else None, clustered_interval(failed)),
        "slips": _slips(state),
    }


def _slips(state: RunState) -> list[tuple[str, str, str, float]] | None:
    """(slip, turns by weight, turns in which it is the likeliest, share of the heaviest); None without a slip."""
    diagnoses = [
        diagnose(case)
        for number in range(1, len(state.samples) + 1)
        for record, case in wrong_cases(state, number)
        if not record.event.edited
    ]
    if not diagnoses:
        return None
    weights = slip_histogram(diagnoses)
    likeliest = Counter(suspects[0].slip for suspects in diagnoses if suspects)
    top = max(weights.values())
    return [
        (SLIP_WORDS.get(slip, slip), f"{weight:,.1f}", f"{likeliest[slip]:,}", weight / top)
        for slip, weight in weights.items()
        if weight >= 0.05
    ]


def history(state: RunState, report: Report) -> dict[str, Any]:
    """What the model saw of its past: the three rates, and what errors in view do."""
    injected, estimate, filled = report["injected"], report["self_conditioning"], _filled(state)
    sentence = str(estimate["sentence"]) if estimate else "no turn had a history in view"
    return {
        "rates": [
            (
                "corrupted answers asked for",
                "told by the harness that filled it" if filled else share(injected["asked"]),
            ),
            ("wrong states shown", share(injected["states"])),
            ("wrong transitions shown", share(injected["transitions"])),
        ],
        "sentence": sentence[:1].upper() + sentence[1:],
    }


def per_turn(state: RunState, report: Report) -> dict[str, Any]:
    """Every number behind the curves; of a long run every `step`th turn."""
    step = -(-len(state.tallies) // _MOST_ROWS) or 1
    rows = []
    for index in range(0, len(state.tallies), step):
        cells = [
            share_range(report[f"{name}_accuracy"][index], report["intervals"][f"{name}_accuracy"][index])
            for name in ("turn", "absolute", "task")
        ]
        n = state.tallies[index].n
        rows.append((str(index + 1), *cells, share(report["format_failure"][index]), str(n)))
    return {"step": step, "rows": rows}


def costs(state: RunState, report: Report) -> Rows:
    """Tokens, time and retries."""
    tokens = report["tokens"]
    told = " · ".join(
        f"{tokens[kind]:,} {kind}" for kind in ("prompt", "completion", "reasoning") if tokens[kind]
    )
    return [
        ("tokens", told or "not told by the server"),
        ("cost", f"US$ {state.cost:.4f}" if state.cost else ""),
        ("time", f"{state.elapsed:,.1f} s from start to end" if state.elapsed else ""),
        ("retries", f"{state.retries:,}" if state.retries else "none"),
    ]


def notices(state: RunState) -> tuple[list[tuple[str, str, str]], int]:
    """What the run had to say while it ran: (when, where, words) of the first notices, and how many more there are."""
    rows: list[tuple[str, str, str]] = []
    for notice in state.notices[:_MOST_NOTICES]:
        where = [f"sample {notice.sample}"] if notice.sample else []
        where += [f"turn {notice.turn}"] if notice.turn else []
        rows.append((f"{notice.at:,.1f} s", ", ".join(where), bounded(notice.text, 2000)))
    return rows, max(0, len(state.notices) - _MOST_NOTICES)


def notes(state: RunState) -> list[tuple[str, str, str]]:
    """What people wrote: (about what, who and when, words)."""
    return [
        (
            place_words(note),
            cut(f"{note.author} {note.time[:16].replace('T', ' ')}", 100),
            bounded(note.text, 2000),
        )
        for note in annotations_of(state.notes).notes[:_MOST_NOTICES]
    ]


def prompt(state: RunState) -> dict[str, str]:
    """The prompt as sent, and its texts as a file."""
    header, template = state.header, state.header.template
    return {
        "name": "built-in" if template.same_as(built_in_template(), state.spec.variant) else template.name,
        "system": template.system_message(state.task, header.controls.mode),
        "user": template.user,
        "state_card": template.state_card,
        "verify": template.verify,
        "toml": prompt_toml(template),
    }
