"""A resampling as lines: the answers' histogram, P(correct) with its interval, the verdict."""

from __future__ import annotations

from lhe_tui.engine.resampling import Resampling
from lhe_tui.task.answers import Value
from lhe_tui.text.visible import visible
from lhe_tui.tui.turn.run_words import whole
from lhe_tui.tui.widgets.inks import Ink
from lhe_tui.tui.widgets.piece_lines import Line, bar, heading, wrap

ROWS = 12
"""Answers that have a row of their own; the expected and the recorded one always do."""


def resample_lines(result: Resampling, width: int) -> list[Line]:
    """All that is known so far."""
    lines = [heading("answers", width, f"{len(result.replies)} of {result.asked} asked")]
    lines += _histogram(result, width)
    if result.repeats:
        said = f" = all {len(result.answered)} are the same ({result.fixed}): they count as one draw"
        lines += wrap([(said, "odd")], width, indent=3)
    failed = len(result.replies) - len(result.answered)
    if failed:
        error = next(reply.error for reply in reversed(result.replies) if reply.outcome == "failed")
        said = f" × {failed} brought no reply and never count: {visible(error, limit=200)}"
        lines += wrap([(said, "failed")], width, indent=3)
    lines += [[], heading("P(correct)", width), *_probability(result, width), []]
    if len(result.replies) == result.asked:
        lines += wrap([("→ ", "change"), (result.verdict(), "strong")], width, indent=2)
    return lines


def _histogram(result: Resampling, width: int) -> list[Line]:
    record = result.recorded
    counts = dict(result.histogram())
    answers = list(counts)[:ROWS]
    for wanted in (record.expected, record.number):
        if wanted not in answers:
            answers.append(wanted)
            counts.setdefault(wanted, 0)
    most = max(1, *counts.values())
    names = {answer: "no number" if answer is None else whole(answer) for answer in answers}
    name_width = max(len(name) for name in names.values())
    room = max(8, min(40, width - name_width - 44))
    lines: list[Line] = []
    for answer in answers:
        count = counts[answer]
        ink: Ink = "correct" if answer == record.expected else "odd"
        line: Line = [(f" {names[answer]:>{name_width}} ", "strong"), (bar(count / most, room), ink)]
        line.append((f" {count:>3}", "strong" if count else "dim"))
        lines.append(line + _marks(result, answer))
    rest = sum(count for answer, count in counts.items() if answer not in answers)
    if rest:
        lines.append([(f" {'others':>{name_width}}  {rest}", "dim")])
    return lines


def _marks(result: Resampling, answer: Value | None) -> Line:
    record = result.recorded
    marks: Line = []
    if answer == record.expected:
        marks.append(("  ✓ expected", "correct"))
    if answer == record.number:
        marks.append(("  ◄ recorded", "change"))
    if answer == record.truth and record.truth != record.expected:
        marks.append(("  ◇ the true sum", "healed"))
    return marks


def _probability(result: Resampling, width: int) -> list[Line]:
    interval = result.interval
    if interval is None:
        return [[(" nothing to tell yet", "dim")]]
    room = max(10, min(60, width - 30))
    share = result.correct / result.scored
    said = f" {share:.0%} [{interval.low:.0%}, {interval.high:.0%}]".replace("%", " %")
    strip = interval_strip(share, interval.low, interval.high, room)
    return [
        [(f" 0 {strip} 1", "plain"), (said, "strong")],
        [(f"   {result.correct} of {result.scored} correct", "dim")],
    ]


def interval_strip(share: float, low: float, high: float, room: int) -> str:
    """A share with its interval on a line from 0 to 1: `····├──●───┤····`."""
    cells = ["·"] * room
    first, last = (min(room - 1, int(end * room)) for end in (low, high))
    for place in range(first, last + 1):
        cells[place] = "─"
    cells[first], cells[last] = "├", "┤"
    cells[min(room - 1, int(share * room))] = "●"
    return "".join(cells)
