"""A turn's reply as lines: raw or as stored, its answer and first false statement marked; reasoning, ballots, draft."""

from __future__ import annotations

from lhe_tui.task.answers import find_answer
from lhe_tui.text.visible import visible
from lhe_tui.text.widths import clip
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.widgets.inks import Ink, Piece
from lhe_tui.tui.widgets.piece_lines import Line, heading, wrap

INDENT = 1
BALLOT_MOST = 300
REASONING_LINES = 3


def reply_section(apart: TurnDetail, width: int, *, raw: bool, unfolded: bool, most: int) -> list[Line]:
    """The reply and all that came with it."""
    event = apart.record.event
    text = event.reply if raw else apart.record.content
    same = event.reply == apart.record.content
    which = "raw" if raw else "as stored"
    note = "raw = stored" if same else "o: as stored" if raw else "o: raw, with its reasoning"
    lines = [heading(f"reply, {which}", width, f"{note} · {len(text):,} characters")]
    if not text.strip():
        lines.append([(" (empty)", "dim")])
    else:
        lines += _indented(wrap(_reply_pieces(apart, text, most), width - INDENT))
    if len(text) > most:
        lines.append([(f" … {len(text) - most:,} characters more · m shows more", "change")])
    lines.append([])
    lines += _reasoning(apart, width, unfolded, most)
    if event.draft:
        lines += [heading("draft, before it checked itself", width), *_quoted(event.draft, width), []]
    if event.ballots:
        lines.append(heading(f"ballots: {len(event.ballots)} votes", width))
        for number, ballot in enumerate(event.ballots, 1):
            won = ballot == event.reply
            lines += wrap(
                [
                    (f" {number} ", "dim"),
                    ("✓ won " if won else "      ", "correct"),
                    (clip(" ".join(ballot[-BALLOT_MOST:].split()), BALLOT_MOST), "plain"),
                ],
                width,
                indent=9,
            )
        lines.append([])
    return lines


def _quoted(text: str, width: int) -> list[Line]:
    return _indented(wrap([(visible(text, multiline=True, limit=2000), "plain")], width - INDENT))


def _indented(lines: list[Line]) -> list[Line]:
    return [[(" " * INDENT, "plain"), *line] for line in lines]


def _reply_pieces(apart: TurnDetail, text: str, most: int) -> list[Piece]:
    """The text, cut at the places that are inked otherwise."""
    spans: list[tuple[int, int, Ink]] = []
    false = apart.false_statement
    if false is not None:
        # The place is one of the stored reply; the raw one holds it further on.
        start = false.start if text == apart.record.content else text.find(false.text)
        if start >= 0:
            spans.append((start, start + false.end - false.start, "mark"))
    answer = find_answer(text)
    if answer is not None:
        spans.append((answer.start, answer.end, "strong"))
    pieces: list[Piece] = []
    at = 0
    for start, end, ink in sorted(spans):
        start, end = max(start, at), min(end, most)
        if start >= end:
            continue
        pieces.append((visible(text[at:start], multiline=True), "plain"))
        pieces.append((visible(text[start:end], multiline=True), ink))
        at = end
        if ink == "mark" and false is not None:
            # Said under the line that it stands in.
            at = min(max(end, text.find("\n", end)), most) if "\n" in text[end:most] else most
            pieces.append((visible(text[end:at], multiline=True), "plain"))
            pieces.append((f"\n ▲ false: {visible(false.detail, limit=200)}", "wrong"))
    pieces.append((visible(text[at:most], multiline=True), "plain"))
    return pieces


def _reasoning(apart: TurnDetail, width: int, unfolded: bool, most: int) -> list[Line]:
    text = apart.reasoning
    if not text:
        return []
    fold = "g folds" if unfolded else "g unfolds"
    lines = [heading("reasoning, never sent back", width, f"{fold} · {len(text):,} characters")]
    shown = text[: most if unfolded else (width - INDENT) * REASONING_LINES]
    made = _indented(wrap([(visible(shown, multiline=True), "dim")], width - INDENT))
    if not unfolded:
        made = made[:REASONING_LINES]
    if len(text) > len(shown) or not unfolded:
        made.append([(" …", "dim"), (" m shows more" if unfolded else "", "change")])
    return [*lines, *made, []]
