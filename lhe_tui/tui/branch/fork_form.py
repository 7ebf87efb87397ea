"""What a person types into the fork dialog, read and checked: no widget here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lhe_tui.engine.branching import Branch
from lhe_tui.engine.state import RunState
from lhe_tui.errors import LheError
from lhe_tui.task.answers import Value, read_number, written
from lhe_tui.task.controls import Change, Controls, apply_change, parse_change
from lhe_tui.task.variants.variant import AnyVariant
from lhe_tui.text.counts import counted
from lhe_tui.tui.turn.verdict_words import controls_words, model_name

QUICK = (
    ("heal", "heal=on"),
    ("inject 50 %", "inject=0.5,inject-since=1"),
    ("inject off", "inject=0,inject-base=own"),
    ("window 1", "prune=window:1"),
    ("state card", "prune=state-card"),
    ("prune off", "prune=off"),
    ("cot", "mode=cot"),
)
"""Changes that one press puts into the line or takes out of it."""


class FormError(LheError, ValueError):
    """Something typed that cannot be; the message says what it takes."""


@dataclass(frozen=True)
class ForkForm:
    """The dialog's fields as typed."""

    turn: str
    samples: str
    changes: str = ""
    edits: str = ""


def read_form(form: ForkForm, parent: RunState) -> Branch:
    """The branch that the fields describe. Raises FormError or ControlError."""
    turn = _whole(form.turn, "ask from turn", 1, parent.spec.turns)
    samples = read_samples(form.samples, len(parent.samples))
    for sample in samples:
        done = sum(record.outcome != "failed" for record in parent.samples[sample - 1].turns)
        if done < turn - 1:
            raise FormError(
                f"sample {sample} has finished only {counted(done, 'turn')}: it can be left from turn {done + 1}"
            )
    edits = read_edits(form.edits, turn, samples, parent.task.variant)
    change: Change = parse_change(form.changes) if form.changes.strip() else ()
    apply_change(parent.controls_at(turn), change, turn)
    note = "; ".join(
        part for part in (form.changes.strip(), "edited " + form.edits.strip() if edits else "") if part
    )
    return Branch(turn, samples, change, edits, note=note)


def _whole(text: str, name: str, low: int, high: int) -> int:
    number = read_number(text) if len(text) < 20 else None
    if number is None or not low <= number <= high:
        raise FormError(f"{name} takes a whole number from {low} to {high:,}")
    return number


def read_samples(text: str, many: int) -> tuple[int, ...]:
    """`3`, `1-4,7` or `all`. Raises FormError."""
    if text.strip().lower() == "all":
        return tuple(range(1, many + 1))
    found: list[int] = []
    for part in text.split(","):
        low, dash, high = part.strip().partition("-")
        first = _whole(low, "samples", 1, many)
        found += range(first, _whole(high, "samples", first, many) + 1) if dash else [first]
    return tuple(dict.fromkeys(found))


def read_edits(
    text: str, turn: int, samples: tuple[int, ...], variant: AnyVariant
) -> tuple[tuple[int, int, Value], ...]:
    """`41=266, 38=-12`: past answers of every chosen sample. Raises FormError."""
    edits: list[tuple[int, int, Value]] = []
    for part in re.split(r",(?=\s*[0-9]+\s*=)", text):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        answer = variant.read(value)
        if not equals or answer is None:
            example = 266 if variant.has_integers else written(variant.start)
            raise FormError(f"an edited answer is written TURN=ANSWER, such as {max(1, turn - 1)}={example}")
        if turn == 1:
            raise FormError("nothing was answered before turn 1: ask from a later turn to edit an answer")
        edited = _whole(name, "an edited answer's turn", 1, turn - 1)
        edits += [(sample, edited, answer) for sample in samples]
    return tuple(edits)


def branch_words(branch: Branch, parent: RunState) -> str:
    """What a fork would do, in one sentence."""
    last = parent.spec.turns
    requests = (last - branch.turn + 1) * len(branch.samples)
    controls = after(branch, parent)
    samples = f"sample {branch.samples[0]}" if len(branch.samples) == 1 else f"{len(branch.samples)} samples"
    turns = f"turn {last}" if branch.turn == last else f"turns {branch.turn}–{last:,}"
    edits = len({turn for _, turn, _ in branch.edits})
    edited = f", with {counted(edits, 'edited answer')}" if edits else ""
    same = (
        "" if branch.change or branch.edits else " The same controls: only the draws of real models differ."
    )
    return (
        f"{turns} of {samples} again{edited}: {counted(requests, 'request')} to {model_name(controls.model)}, "
        f"under {controls_words(controls)}.{same} The session it leaves stays as it is."
    )


def after(branch: Branch, parent: RunState) -> Controls:
    """The controls of the branch's first request."""
    return apply_change(parent.controls_at(branch.turn), branch.change, branch.turn)


def toggled(changes: str, quick: str) -> str:
    """The line with a quick change put in, or taken out where it stands as it is."""
    pairs = [part.strip() for part in changes.split(",") if part.strip()]
    wanted = quick.split(",")
    if all(part in pairs for part in wanted):
        return ",".join(part for part in pairs if part not in wanted)
    names = {_name(part) for part in wanted}
    if "heal" in names or any(name.startswith("inject") for name in names):
        # Healing is a kind of injection: the one would silently undo the other.
        names |= {"heal", "inject", "inject-base", "inject-since"}
    return ",".join([part for part in pairs if _name(part) not in names] + wanted)


def _name(part: str) -> str:
    return part.partition("=")[0].strip()
