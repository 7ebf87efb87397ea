"""The columns of the transcript: how wide each is on a given screen, and one turn as pieces in them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from lhe_tui.engine.state import TurnRecord
from lhe_tui.task.messages import Provenance
from lhe_tui.task.spec import Task
from lhe_tui.text_safety import cells, pad, visible
from lhe_tui.tui.run_words import MINUS, OUTCOME_SIGN, OUTCOME_WORD, signed, whole
from lhe_tui.tui.widgets.inks import Ink, Piece

ANSWER_WIDTHS = (4, 9)
_ROOM_FOR_SHOWN = 13


class Columns(NamedTuple):
    """Widths in cells; 0 leaves a column out."""

    turn: int
    keys: int
    values: int
    answer: int
    drift: bool
    total: int

    @property
    def text_start(self) -> int:
        """Where the keys' column begins: cursor, number, sign and the spaces between."""
        return 1 + self.turn + 3


@lru_cache(maxsize=64)
def _word_width(dictionary: tuple[str, ...]) -> int:
    return max((cells(visible(word, limit=24)) for word in dictionary), default=5)


def plan_columns(task: Task, width: int, word_width: int | None = None) -> Columns:
    """The widths of the columns in a pane of `width` cells: the answers come first, keys and values share the rest."""
    spec = task.spec
    turn = max(2, len(str(spec.turns)))
    biggest = max(abs(spec.min_value), abs(spec.max_value))
    reach = int(biggest * (spec.steps**0.5) * 2)
    answer = min(ANSWER_WIDTHS[1], max(ANSWER_WIDTHS[0], len(str(reach)) + 1))
    word = word_width if word_width is not None else _word_width(tuple(list(task.dictionary)[:200]))
    value = len(str(biggest)) + 1
    k = spec.turn_complexity
    numbers_given = spec.variant in ("add", "prefix-sum")
    want_keys = 0 if numbers_given else k * (word + 1) - 1
    want_values = k * (value + 1) - 1
    fixed = 1 + turn + 3 + 2 * answer + 5
    room = max(6, width - fixed)
    extras = _ROOM_FOR_SHOWN if width >= 56 else 0
    if want_keys + 1 + want_values > room - extras:
        extras = 0
    spare = room - extras
    if want_keys + 1 + want_values <= spare:
        keys, values = want_keys, want_values
    else:
        values = min(want_values, max(value, spare // 2 if want_keys else spare))
        keys = min(want_keys, max(0, spare - values - 1))
        keys = keys if keys >= min(5, want_keys) else 0
    drift = width - fixed - keys - values - 1 >= 2 * _ROOM_FOR_SHOWN
    return Columns(turn, keys, values, answer, drift, width)


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


def aligned(numbers: tuple[int, ...], width: int, value_width: int) -> str:
    """Signed values, each right-aligned in its place; their sum where they do not fit."""
    text = " ".join(signed(number).rjust(value_width) for number in numbers)
    if len(text) <= width:
        return text.ljust(width)
    return pad(f"Σ {signed(sum(numbers))}", width)


def turn_pieces(
    record: TurnRecord,
    task: Task,
    sample: int,
    columns: Columns,
    shown: tuple[int | None, Provenance],
    selected: bool,
) -> list[Piece]:
    """One finished turn: number, sign, keys, values, answer, what was expected, and how it is shown on."""
    ink = ink_of(record)
    pieces: list[Piece] = [
        ("▸" if selected else " ", "strong"),
        (f"{record.turn:>{columns.turn}} ", "dim"),
        (OUTCOME_SIGN[record.outcome] + " ", ink),
    ]
    pieces += question_pieces(task, sample, record.turn, columns)
    if record.number is None:
        pieces.append((OUTCOME_WORD[record.outcome].rjust(columns.answer), ink))
        pieces.append((f" ≠ {whole(record.expected)}" if record.outcome != "failed" else "", "dim"))
    else:
        correct = record.outcome == "correct"
        answer = whole(record.number)
        answer = answer if len(answer) <= columns.answer else answer[: columns.answer - 1] + "…"
        pieces.append((answer.rjust(columns.answer), "strong" if correct else ink))
        pieces.append((" = " if correct else " ≠ ", ink))
        pieces.append((whole(record.expected).ljust(columns.answer), "dim" if correct else "strong"))
    return pieces + _shown_pieces(record, shown, columns)


def _shown_pieces(record: TurnRecord, shown: tuple[int | None, Provenance], columns: Columns) -> list[Piece]:
    number, provenance = shown
    pieces: list[Piece] = []
    if provenance != "own" and number is not None:
        pieces.append(
            (
                f" ⇢ {'shown' if provenance == 'injected' else 'healed'} {whole(number)}",
                provenance_ink(provenance),
            )
        )
    elif columns.drift and record.number is not None and record.number != record.truth:
        pieces.append((f"  drift {signed(record.number - record.truth)}", "dim"))
    return pieces


def question_pieces(task: Task, sample: int, turn: int, columns: Columns) -> list[Piece]:
    """What a turn asks: its keys and their values, in their columns."""
    pieces: list[Piece] = []
    values = task.values(sample, turn)
    if columns.keys:
        keys = [visible(key, limit=24) for key in task.keys(sample, turn)]
        pieces.append((fitted(keys, columns.keys) + " ", "plain"))
    spec = task.spec
    value_width = len(str(max(abs(spec.min_value), abs(spec.max_value)))) + 1
    pieces.append((aligned(values, columns.values, value_width) + " ", "dim"))
    return pieces


def ink_of(record: TurnRecord) -> Ink:
    """The ink of an outcome."""
    if record.outcome in ("correct", "wrong", "failed"):
        return record.outcome
    return "odd"


def provenance_ink(provenance: Provenance) -> Ink:
    """The ink of a shown answer that is not the model's own."""
    return "injected" if provenance == "injected" else "healed"


__all__ = [
    "MINUS",
    "Columns",
    "aligned",
    "fitted",
    "ink_of",
    "plan_columns",
    "question_pieces",
    "turn_pieces",
]
