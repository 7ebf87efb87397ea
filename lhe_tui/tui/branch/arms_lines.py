"""Arms as lines: a row for each with its accuracy and paired difference, small multiples by turn, the verdict."""

from __future__ import annotations

from lhe_tui.engine.arms import Arm, ArmsResult
from lhe_tui.text.counts import true_minus
from lhe_tui.text.visible import visible, visible_path
from lhe_tui.text.widths import pad
from lhe_tui.tui.turn.run_words import percent_words
from lhe_tui.tui.widgets.inks import Ink
from lhe_tui.tui.widgets.piece_lines import Line, bar, heading, wrap

_EIGHTHS = " ▁▂▃▄▅▆▇█"
NAME_WIDTH = 11
CHART_ROWS = 4
AXIS = 5
GAP = 2


def arms_lines(result: ArmsResult, width: int, *, done: bool) -> list[Line]:
    """All that is known so far."""
    plan = result.plan
    asked = sum(len(arm.outcomes()) for arm in result.arms)
    note = f"{asked:,} of {plan.requests:,} turns"
    lines: list[Line] = []
    if done:
        lines += wrap([("→ ", "change"), (true_minus(result.verdict()), "strong")], width, indent=2)
        lines.append([])
    lines.append(heading("turn accuracy, all turns together", width, note))
    lines += [_row(result, arm, width) for arm in result.arms]
    for arm in result.arms:
        if arm.fault:
            said = f" × {arm.name} stopped: {visible(arm.fault, limit=300)}"
            lines += wrap([(said, "failed")], width, indent=3)
    first, last = plan.turn, plan.turn + max(plan.turns, 1) - 1
    lines += [[], heading("turn accuracy by turn", width, f"turns {first}–{last}")]
    lines += small_multiples(result, width)
    if done:
        lines += _recorded(result, width)
    return lines


def _row(result: ArmsResult, arm: Arm, width: int) -> Line:
    correct, scored, interval = arm.accuracy()
    room = max(6, min(24, width - 66))
    reference = arm is result.arms[0]
    line: Line = [
        (f" {pad(arm.name, NAME_WIDTH)} ", "strong"),
        (bar(correct / scored if scored else 0.0, room), "calm" if not reference else "dim"),
        (f" {percent_words(correct, scored, interval):<17}", "plain"),
    ]
    return [*line, *_difference(result, arm, reference)]


def _difference(result: ArmsResult, arm: Arm, reference: bool) -> Line:
    if reference:
        return [("  reference", "dim")]
    found = result.difference(arm)
    if found is None:
        return [("  –", "dim")]
    points = round(found.difference * 100)
    sign = "=" if points == 0 else "▲" if points > 0 else "▼"
    if found.low is None or found.high is None:
        return [
            (true_minus(f"  {sign} {points:+d} points"), "plain"),
            (" (no interval from one sample)", "dim"),
        ]
    span = f"[{round(found.low * 100)}, {round(found.high * 100)}]"
    clear = not found.low <= 0 <= found.high
    ink: Ink = ("correct" if points > 0 else "wrong") if clear else "dim"
    return [(true_minus(f"  {sign} {points:+d} points {span}"), ink), ("" if clear else " · unclear", "dim")]


def small_multiples(result: ArmsResult, width: int) -> list[Line]:
    """One small chart for each arm, side by side as far as they fit."""
    turns = max(1, result.plan.turns)
    room = max(8, min(28, turns * 2))
    size = AXIS + room + GAP
    across = max(1, min(len(result.arms), width // size))
    across = -(-len(result.arms) // -(-len(result.arms) // across))
    lines: list[Line] = []
    for at in range(0, len(result.arms), across):
        charts = [_chart(arm, result.plan.turns, room) for arm in result.arms[at : at + across]]
        for parts in zip(*charts, strict=True):
            lines.append([piece for part in parts for piece in part])
        lines.append([])
    return lines


def _chart(arm: Arm, turns: int, room: int) -> list[Line]:
    """Title, rows of bars, axis: each line `AXIS + room + GAP` cells wide."""
    curve = {turn: (correct, scored) for turn, correct, scored in arm.curve()}
    columns = [_share(curve, arm.first_turn, turns, place, room) for place in range(room)]
    rows: list[Line] = []
    for row in range(CHART_ROWS, 0, -1):
        label = {CHART_ROWS: "100%", 1: "  0%"}.get(row, "    ")
        text = "".join(_cell(share, row) for share in columns)
        rows.append([(label + "┤", "dim"), (text, "calm"), (" " * GAP, "plain")])
    last = str(arm.first_turn + turns - 1)
    axis = str(arm.first_turn).ljust(room - len(last)) + last if room > 2 * len(last) else last.rjust(room)
    return [
        [(" " * AXIS, "plain"), (pad(arm.name, room + GAP), "strong")],
        *rows,
        [(" " * AXIS, "plain"), (axis[:room].ljust(room + GAP), "dim")],
    ]


def _share(curve: dict[int, tuple[int, int]], first: int, turns: int, place: int, room: int) -> float | None:
    """Turn accuracy in the turns that one column stands for; None where none is scored yet."""
    low = place * turns // room
    high = max(low + 1, (place + 1) * turns // room)
    found = [curve[first + turn] for turn in range(low, high) if first + turn in curve]
    scored = sum(n for _, n in found)
    return sum(correct for correct, _ in found) / scored if scored else None


def _cell(share: float | None, row: int) -> str:
    if share is None:
        return " "
    filled = round(share * CHART_ROWS * 8) - (row - 1) * 8
    if row == 1 and filled <= 0:
        return "▁" if share == 0 else _EIGHTHS[1]
    return _EIGHTHS[max(0, min(8, filled))]


def _recorded(result: ArmsResult, width: int) -> list[Line]:
    lines: list[Line] = [heading("recorded as sessions (F3 lists them under the one they left)", width)]
    for arm in result.arms:
        if arm.path:
            name = visible_path(arm.path)
            lines += wrap(
                [(f" {pad(arm.name, NAME_WIDTH)} ", "dim"), (name, "plain")], width, indent=NAME_WIDTH + 2
            )
    return lines
