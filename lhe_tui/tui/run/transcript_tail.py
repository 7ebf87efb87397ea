"""The moving end of the transcript: the turn under way, what it waits for, and changes that are still to hold."""

from __future__ import annotations

from lhe_tui.engine.events import Attempt
from lhe_tui.engine.state import LiveReply, RunState
from lhe_tui.task.prompts import shown_keys
from lhe_tui.text.visible import visible
from lhe_tui.text.widths import cells
from lhe_tui.tui.run.control_words import ChangeWords
from lhe_tui.tui.run.transcript_rows import TranscriptRows
from lhe_tui.tui.run.turn_columns import Columns, fitted
from lhe_tui.tui.widgets.inks import Piece

STREAM_LINES = 3
"""Lines kept for a reply that reasons aloud, so that nothing jumps while it grows."""
_TAIL = 2000

Line = list[Piece]


def change_line(change: ChangeWords, columns: Columns, holds: str = "from turn") -> Line:
    """A change of controls, and the turn from which it holds."""
    source = {"script": " (scripted)", "fork": " (fork)"}.get(change.source, "")
    return [
        (" " * (columns.turn + 2), "plain"),
        (f"┆ {change.words} {holds} {change.turn}{source}", "change"),
    ]


def tail_lines(
    state: RunState,
    rows: TranscriptRows,
    columns: Columns,
    wait_left: float | None,
    broken: bool,
    quiet: int = 0,
) -> list[Line]:
    """All lines after the last finished turn.

    `wait_left` are the seconds until a failed request is asked again, `quiet` those since anything of the reply came.
    """
    source = rows.source
    turn = source.next_turn
    lines: list[Line] = []
    pending = rows.pending_changes()
    lines += [change_line(change, columns) for change in pending if change.turn == turn]
    if turn <= state.spec.turns:
        reasons_aloud = state.controls_at(turn).mode != "direct"
        if source.live is not None and not broken:
            lines += _live_lines(state, rows.sample, source.live, columns, wait_left, reasons_aloud, quiet)
        else:
            lines.append(_standing_line(state, source.failed, turn, columns, broken))
            # The same height with and without a turn under way: nothing jumps between two turns.
            lines += [[] for _ in range(STREAM_LINES if reasons_aloud and state.status == "running" else 0)]
    else:
        turns = state.spec.turns
        words = "the one turn" if turns == 1 else f"all {turns:,} turns"
        words += " of this sample done"
        lines.append([(" " * (columns.turn + 2), "plain"), (f"✓ {words}", "correct")])
    for change in pending:
        if change.turn != turn:
            lines.append(change_line(change, columns, "— holds from turn"))
    return lines


def _lead(turn: int, sign: str, columns: Columns) -> Line:
    return [(" ", "plain"), (f"{turn:>{columns.turn}} ", "dim"), (f"{sign} ", "live")]


def _live_lines(
    state: RunState,
    sample: int,
    live: LiveReply,
    columns: Columns,
    wait_left: float | None,
    aloud: bool,
    quiet: int,
) -> list[Line]:
    keys = [visible(key, limit=24) for key in shown_keys(state.task, sample, live.turn).split(", ")]
    width = columns.keys or columns.values
    lead = _lead(live.turn, "…", columns)
    lead.append((fitted(keys, width) + " ", "plain"))
    room = columns.total - columns.text_start - width - 2
    if live.waiting is not None:
        lines = [[*lead, (_waiting_words(live.waiting, wait_left), "injected")]]
        return lines + [[] for _ in range(STREAM_LINES if aloud else 0)]
    if not aloud:
        silence = f" silent for {quiet} s" if quiet else ""
        text = clip_tail(live.text, max(8, room - 1 - len(silence)))
        return [[*lead, (text, "strong"), ("▌", "live"), (silence, "injected")]]
    thinking = bool(live.thought) and not live.text
    text = live.text or live.thought
    lead.append(("thinking" if thinking else "answering" if text else "asked", "dim"))
    if quiet:
        lead.append((f", silent for {quiet} s", "injected"))
    return [lead, *_stream_block(text, columns, thinking)]


def _waiting_words(attempt: Attempt, wait_left: float | None) -> str:
    again = "asking again" if not wait_left else f"again in {wait_left:.0f} s"
    return f"{again}: {visible(attempt.message, limit=200)}"


def _stream_block(text: str, columns: Columns, thinking: bool) -> list[Line]:
    indent = columns.text_start
    width = max(8, columns.total - indent - 1)
    wrapped = wrapped_tail(text, width - 1, STREAM_LINES)
    lines: list[Line] = []
    for number in range(STREAM_LINES):
        line: Line = [(" " * indent, "plain")]
        if number < len(wrapped):
            line.append((wrapped[number], "dim" if thinking else "strong"))
        if number == max(0, len(wrapped) - 1):
            line.append(("▌", "live"))
        lines.append(line)
    return lines


def _standing_line(state: RunState, failed: bool, turn: int, columns: Columns, broken: bool) -> Line:
    if broken:
        return [*_lead(turn, "×", columns), ("the run broke off here", "failed")]
    if failed:
        return [
            *_lead(turn, "×", columns),
            ("stands still for want of a reply: pause and go on to ask again", "failed"),
        ]
    sign, words = {
        "ready": ("○", "about to start"),
        "running": ("·", "waits for its turn"),
        "paused": ("‖", "paused here"),
        "completed": ("·", "never asked"),
        "stopped": ("■", "stopped here"),
    }[state.status]
    return [*_lead(turn, sign, columns), (words, "dim")]


def clip_tail(text: str, width: int) -> str:
    """The end of a text on one line, at most `width` cells."""
    shown = visible(text[-_TAIL:].replace("\n", " "))
    if cells(shown) <= width:
        return shown
    kept = shown[-max(1, width - 1) :]
    while kept and cells(kept) > width - 1:
        kept = kept[1:]
    return "…" + kept


def wrapped_tail(text: str, width: int, lines: int) -> list[str]:
    """The last lines of a text, hard-wrapped at `width` cells."""
    found: list[str] = []
    for line in visible(text[-_TAIL:], multiline=True, tab="  ").rstrip("\n").split("\n"):
        rest = line
        while cells(rest) > width:
            # Half as many characters always fit, however wide each is.
            cut = width if rest.isascii() else max(1, width // 2)
            found.append(rest[:cut])
            rest = rest[cut:]
        found.append(rest)
    return found[-lines:]
