"""The working of a turn, key by key: what was expected beside what the model stated."""

from __future__ import annotations

from lhe_tui.task.answers import Value
from lhe_tui.text.widths import cells, clip, pad
from lhe_tui.tui.turn.run_words import off_words, outcome_ink, signed, whole
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.widgets.inks import Ink
from lhe_tui.tui.widgets.piece_lines import Line, heading, wrap

MOST_ROWS = 200
"""Keys of one turn that the table lists."""
_WIDEST_KEY = 14
START = "started from"


def working_section(apart: TurnDetail, width: int) -> list[Line]:
    """The table: the starting sum, a row for each key, expected, answered."""
    states = any(said.value is not None or said.partial is not None for said in apart.stated)
    note = "expected · what the model stated" if states else ""
    lines = [heading("working, key by key", width, note)]
    name = min(_WIDEST_KEY, max([len(START), *(cells(key) for key in apart.keys[:MOST_ROWS])]))
    number = _number_width(apart)
    head = f" {'key':<{name}} {'value':>{number}} {apart.word:>{number}}"
    said = f"  │ {'its value':>{number + 2}}  {f'its {apart.word}':>{number + 2}}" if states else ""
    lines.append([(head + said, "dim")])
    if not apart.state.task.stateless:
        start = "none" if apart.record.basis is None else whole(apart.record.basis)
        lines.append(
            [
                (f" {START:<{name}} {'':>{number}} {start:>{number}}", "dim"),
                ("  │" if states else "", "dim"),
            ]
        )
    rows = zip(apart.keys, apart.values, apart.partials, strict=True)
    for index, (key, value, partial) in enumerate(rows):
        if index >= MOST_ROWS:
            lines.append([(f" … and {len(apart.keys) - index:,} keys more", "dim")])
            break
        row: Line = [(f" {pad(key, name)} {signed(value):>{number}} {whole(partial):>{number}}", "plain")]
        lines.append(row + (_stated(apart, index, partial, number) if states else []))
    lines += _ends(apart, name, number)
    false = apart.false_statement
    if false is not None:
        lines += wrap(
            [
                (" first false statement: ", "wrong"),
                (clip(false.detail, 300), "strong"),
                (f" (line {false.line})", "dim"),
            ],
            width,
            indent=3,
        )
    elif states and apart.record.outcome == "wrong":
        lines.append([(" every statement that could be read is true by itself", "dim")])
    return [*lines, []]


def _number_width(apart: TurnDetail) -> int:
    numbers = [apart.record.expected, apart.record.truth, apart.record.number or 0, *apart.values[:MOST_ROWS]]
    widest = 12 if apart.state.task.variant.has_integers else 24
    return min(widest, max(6, *(len(signed(number)) for number in numbers)))


def _stated(apart: TurnDetail, index: int, partial: Value, number: int) -> Line:
    said = apart.stated[index]
    value, total = apart.values[index], said.partial
    pieces: Line = [("  │ ", "dim")]
    pieces.append(_cell(said.value, value, number, signed=True))
    pieces.append(("  ", "plain"))
    pieces.append(_cell(total, partial, number, signed=False))
    return pieces


def _cell(stated: Value | None, due: Value, number: int, *, signed: bool) -> tuple[str, Ink]:
    if stated is None:
        return f"{'–':>{number}}  ", "dim"
    text = _signed(stated) if signed else whole(stated)
    if stated == due:
        return f"{text:>{number}} ✓", "calm"
    return f"{text:>{number}} ✗", "wrong"


def _signed(number: Value) -> str:
    return signed(number)


def _ends(apart: TurnDetail, name: int, number: int) -> list[Line]:
    record = apart.record
    gap = f"{'':>{number}}"
    lines: list[Line] = [
        [(f" {'expected':<{name}} {gap} ", "dim"), (f"{whole(record.expected):>{number}}", "strong")]
    ]
    answer = "–" if record.number is None else whole(record.number)
    line: Line = [(f" {'answered':<{name}} {gap} ", "dim"), (f"{answer:>{number}}", outcome_ink(record))]
    if record.number is not None and record.number != record.expected:
        line.append((f"  ✗ {off_words(record.number, record.expected)}", "wrong"))
    elif record.number is not None:
        line.append(("  ✓", "correct"))
    lines.append(line)
    if record.truth != record.expected:
        lines.append([(f" {f'true {apart.word}':<{name}} {gap} {whole(record.truth):>{number}}", "dim")])
    return lines
