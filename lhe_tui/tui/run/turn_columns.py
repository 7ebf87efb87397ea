"""The columns of the transcript: how wide each is on a given screen, and one turn as pieces in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from lhe_tui.engine.state import TurnRecord
from lhe_tui.task.answers import Value, written
from lhe_tui.task.messages import Provenance
from lhe_tui.task.spec import Task
from lhe_tui.text.visible import visible
from lhe_tui.text.widths import cells, pad
from lhe_tui.tui.turn.run_words import OUTCOME_SIGN, off_words, outcome_ink, signed, whole
from lhe_tui.tui.widgets.inks import Ink, Piece

ANSWER_WIDTHS = (5, 10)
"""The narrowest and the widest column of answers."""
GAP = 1
"""Cells between values and answers, beside the one that every column ends with."""


class Columns(NamedTuple):
    """Widths in cells; 0 leaves a column out. `answer` is also that of what was expected, what was shown, and `off`."""

    turn: int
    keys: int
    values: int
    answer: int
    shown: bool
    off: bool
    total: int

    @property
    def text_start(self) -> int:
        """Where the keys' column begins: cursor, number, sign and the spaces between."""
        return 1 + self.turn + 3


@lru_cache(maxsize=64)
def _word_width(dictionary: tuple[str, ...]) -> int:
    return max((cells(visible(word, limit=24)) for word in dictionary), default=5)


def plan_columns(task: Task, width: int) -> Columns:
    """The widths in a pane of `width` cells: answers first, then how they are shown on, values, keys, how far off."""
    spec = task.spec
    k = spec.turn_complexity
    turn = max(3, len(str(spec.turns)))
    biggest = max(abs(spec.min_value), abs(spec.max_value))
    # A random walk of so many steps seldom goes further.
    reach = int(biggest * spec.steps**0.5 * 2)
    answer = min(ANSWER_WIDTHS[1], max(ANSWER_WIDTHS[0], len(str(reach)) + 1))
    value = len(str(biggest)) + 1
    if not task.variant.has_integers:
        answer = value = len(written(task.variant.start))
    want_values = max(len("values"), k * (value + 1) - 1)
    want_keys = 0 if task.variant.shows_values else k * (_word_width(tuple(task.dictionary)) + 1) - 1
    room = width - (1 + turn + 3) - GAP - (2 * answer + 3) - 2
    if not task.variant.has_integers and room < want_keys + want_values:
        return Columns(turn, max(0, min(want_keys, room + 1)), 0, answer, False, False, width)
    shown_width, off_width = answer + 3, answer + 2
    shown = room - shown_width >= value + 6
    room -= shown_width if shown else 0
    if want_keys + want_values <= room:
        return Columns(
            turn, want_keys, want_values, answer, shown, room - want_keys - want_values >= off_width, width
        )
    values = min(want_values, max(value + 2, room // 3))
    keys = min(want_keys, max(0, room - values))
    return Columns(turn, keys if keys >= 5 else 0, values, answer, shown, False, width)


def header_pieces(columns: Columns) -> list[Piece]:
    """What stands in each column."""
    text = " " + "turn".rjust(columns.turn) + " " * (3 - max(0, 4 - columns.turn))
    if columns.keys:
        text += pad("keys", columns.keys) + " "
    # A title wider than its column takes the gap before it.
    if columns.values:
        text += pad("values", columns.values) + " "
    text += " " * GAP
    text = text[: len(text) + columns.answer - 6] if columns.answer < 6 else text + " " * (columns.answer - 6)
    text += "answer   " + pad("expected" if columns.answer >= 8 else "right", columns.answer)
    if columns.shown:
        text += " ⇢ " + pad("shown", columns.answer)
    if columns.off:
        text += "  " + ("off by" if columns.answer >= 6 else "off").rjust(columns.answer)
    return [(text, "dim")]


def fitted(words: list[str], width: int) -> str:
    """As many words as fit, the rest counted: `brave cloud +7`; padded to `width`."""
    text = " ".join(words)
    if cells(text) <= width:
        return pad(text, width)
    kept: list[str] = []
    for word in words:
        tail = f" +{len(words) - len(kept) - 1}"
        if cells(" ".join([*kept, word])) + len(tail) > width:
            break
        kept.append(word)
    return pad(" ".join([*kept, f"+{len(words) - len(kept)}"]), width)


def aligned(values: Sequence[Value], width: int, value_width: int) -> str:
    """Signed values, each right-aligned in its place; their sum where they do not fit."""
    numbers = [value for value in values if isinstance(value, int)]
    if len(numbers) < len(values):
        return fitted(list(map(whole, values)), width)
    text = " ".join(signed(number).rjust(value_width) for number in numbers)
    if len(text) <= width:
        return text.ljust(width)
    return pad(f"Σ {signed(sum(numbers))}", width)


def turn_pieces(
    record: TurnRecord,
    task: Task,
    sample: int,
    columns: Columns,
    shown: tuple[Value | None, Provenance],
    selected: bool,
    pruned: bool,
) -> list[Piece]:
    """One finished turn: number, sign, keys, values, answer, what was expected, and how it is shown on."""
    ink = outcome_ink(record)
    pieces: list[Piece] = [
        ("▸" if selected else " ", "strong"),
        (f"{record.turn:>{columns.turn}} ", "dim"),
        (OUTCOME_SIGN[record.verdict] + " ", ink),
    ]
    pieces += question_pieces(task, sample, record.turn, columns)
    correct = record.verdict in ("correct", "edited") and record.number == record.expected
    answer = "–" if record.number is None else narrow(whole(record.number), columns.answer)
    expected = narrow(whole(record.expected), columns.answer).ljust(columns.answer)
    pieces.append((" " * GAP + answer.rjust(columns.answer), "strong" if correct else ink))
    pieces.append((" = " if correct else " ≠ ", ink))
    pieces.append((expected, "dim" if correct else "strong"))
    return pieces + _shown_pieces(record, shown, columns, pruned)


def _shown_pieces(
    record: TurnRecord, shown: tuple[Value | None, Provenance], columns: Columns, pruned: bool
) -> list[Piece]:
    number, provenance = shown
    pieces: list[Piece] = []
    if columns.shown and pruned:
        pieces.append((" pruned".ljust(columns.answer + 3), "dim"))
    elif columns.shown:
        foreign = provenance != "own" and number is not None
        text = f" ⇢ {narrow(whole(number), columns.answer)}" if foreign and number is not None else ""
        pieces.append((text.ljust(columns.answer + 3), provenance_ink(provenance)))
    if columns.off and record.number is not None and record.number != record.truth:
        off = narrow(off_words(record.number, record.truth), columns.answer)
        pieces.append(("  " + off.rjust(columns.answer), "dim"))
    return pieces


def narrow(text: str, width: int) -> str:
    """A number in at most `width` cells."""
    return text if len(text) <= width else text[: width - 1] + "…"


def question_pieces(task: Task, sample: int, turn: int, columns: Columns) -> list[Piece]:
    """What a turn asks: its keys and their values, in their columns."""
    pieces: list[Piece] = []
    values = task.values(sample, turn)
    if columns.keys:
        keys = [visible(key, limit=24) for key in task.keys(sample, turn)]
        pieces.append((fitted(keys, columns.keys) + " ", "plain"))
    spec = task.spec
    value_width = len(str(max(abs(spec.min_value), abs(spec.max_value)))) + 1
    if columns.values:
        pieces.append((aligned(values, columns.values, value_width) + " ", "dim"))
    return pieces


def provenance_ink(provenance: Provenance) -> Ink:
    """The ink of a shown answer that is not the model's own."""
    return "injected" if provenance == "injected" else "healed"


__all__ = [
    "Columns",
    "aligned",
    "fitted",
    "plan_columns",
    "question_pieces",
    "turn_pieces",
]
