"""The inspector's left side: a request as lines, as it was sent or as what it changed of the full history.

Only heights are worked out for all messages; a line is made when it is looked at.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal, NamedTuple, overload

from lhe_tui.task.answers import find_answer
from lhe_tui.task.messages import Message
from lhe_tui.text.counts import counted
from lhe_tui.text.visible import visible
from lhe_tui.text.widths import cells, clip
from lhe_tui.tui.turn.run_words import whole
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.widgets.inks import Ink
from lhe_tui.tui.widgets.piece_lines import Line, line_text, marked, wrap

Kind = Literal["system", "user", "own", "injected", "healed", "state card", "left out", "gap"]
SIGNS: dict[Kind, tuple[str, Ink]] = {
    "system": ("■", "dim"),
    "user": ("›", "live"),
    "own": ("●", "strong"),
    "injected": ("◆", "injected"),
    "healed": ("✚", "healed"),
    "state card": ("▤", "healed"),
    "left out": ("┄", "struck"),
    "gap": ("┄", "dim"),
}
"""Glyph and ink of each kind; its word always stands beside it."""
LABEL = 12
NOTE = "  « "
ARROW = "→"
"""Between what stood in the full history and what was shown in its place."""
NEWLINE = "\n"
FOLDED = 8
"""Lines of a long message that are shown before it is unfolded."""
UNFOLDED = 60_000
"""Characters of an unfolded message that are shown; the copy menu gives it whole."""


class Entry(NamedTuple):
    """A message, or what is said in its place. `note` is ours and was never sent."""

    kind: Kind
    turn: int
    text: str
    note: str = ""
    before: str = ""
    """What stood there in the full history, for the diff; empty where it is the same or is not asked for."""


def sent_entries(apart: TurnDetail) -> list[Entry]:
    """The request exactly as sent; where turns were left out, one line says which."""
    entries: list[Entry] = []
    due = 1
    for message in apart.messages:
        if message.turn > due:
            entries.append(_gap(due, message.turn - 1))
        due = max(due, message.turn + (message.role == "assistant"))
        entries.append(_entry(apart, message))
    return entries


def _gap(first: int, last: int) -> Entry:
    many = last - first + 1
    turns = f"turn {first} was" if many == 1 else f"turns {first}–{last} ({many:,}) were"
    return Entry("gap", 0, "", f"pruned: {turns} left out of this request")


def _entry(apart: TurnDetail, message: Message, *, diff: bool = False) -> Entry:
    role, content, provenance, turn = message
    if provenance in ("injected", "healed"):
        own = apart.own_number(turn)
        note = "own: no number" if own is None else "" if diff else f"own {whole(own)}"
        return Entry("injected" if provenance == "injected" else "healed", turn, content, note)
    if provenance == "state_card":
        return Entry("state card", turn, content, "its first line carries the sum")
    kind: Kind = "system" if role == "system" else "user" if role == "user" else "own"
    return Entry(kind, turn, content)


def diff_entries(apart: TurnDetail) -> list[Entry]:
    """The full history with what was done to it: answers changed, state lines added, turns left out."""
    sent = {(message.role, message.turn): message for message in apart.messages}
    entries: list[Entry] = []
    for message in apart.full_messages:
        shown = sent.get((message.role, message.turn))
        if shown is None:
            entries.append(Entry("left out", message.turn, message.content, "pruned"))
        elif shown.content == message.content:
            entries.append(_entry(apart, shown))
        else:
            entries.append(_entry(apart, shown, diff=True)._replace(before=message.content))
    return entries


def diff_words(apart: TurnDetail) -> str:
    """What was done to the history, counted."""
    if not apart.altered:
        return "nothing injected, healed or pruned: sent as it happened"
    kinds = [message.provenance for message in apart.messages]
    told = [
        (kinds.count("injected"), "injected"),
        (kinds.count("healed"), "healed"),
        (len(apart.pruned), "pruned"),
        (kinds.count("state_card"), "with a state line"),
    ]
    return " · ".join(f"{count:,} {word}" for count, word in told if count) or "turns all shown as they were"


class RequestLines(Sequence[Line]):
    """The lines of entries at a width, made when they are asked for."""

    def __init__(
        self, entries: list[Entry], width: int, *, query: str = "", unfolded: frozenset[int]
    ) -> None:
        self.entries = entries
        self._query = query
        self._unfolded = unfolded
        self._turn_width = max(3, len(str(max((entry.turn for entry in entries), default=0))))
        self._indent = self._turn_width + 3 + LABEL
        self._room = max(8, width - self._indent)
        self._made: dict[int, list[Line]] = {}
        self.starts = [0, *accumulate(self._height(index) for index in range(len(entries)))]

    def __len__(self) -> int:
        return self.starts[-1]

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        entry = self.entry_at(index)
        line = self._lines(entry)[index - self.starts[entry]]
        return marked(line, self._query) if self._query else line

    def entry_at(self, line: int) -> int:
        """The entry that a line belongs to."""
        return bisect_right(self.starts, line) - 1

    def _height(self, index: int) -> int:
        entry = self.entries[index]
        room = self._room
        # A character of plain ASCII takes one cell on a screen, printable or not: the common case is only counted.
        if entry.kind != "gap" and len(entry.text) <= room * FOLDED:
            drawn = _drawn(entry) if entry.before else entry.text
            if drawn.replace(ARROW, "-").isascii():
                lines = drawn.split("\n")
                if len(lines) <= FOLDED and max(map(len, lines)) <= room:
                    return len(lines) + _note_below(entry, len(lines[-1]), room)
        return len(self._lines(index))

    def _lines(self, index: int) -> list[Line]:
        made = self._made.get(index)
        if made is None:
            if len(self._made) > 4096:
                self._made.clear()
            made = self._made[index] = self._make(index)
        return made

    def _make(self, index: int) -> list[Line]:
        entry = self.entries[index]
        sign, ink = SIGNS[entry.kind]
        turn = f"{entry.turn:>{self._turn_width}}" if entry.turn else " " * self._turn_width
        label: Line = [(f"{turn} ", "dim"), (f"{sign} ", ink), (entry.kind.ljust(LABEL - 1) + " ", ink)]
        if entry.kind == "gap":
            return [[(f"{turn} {sign} ", "dim"), (clip(entry.note, self._room + LABEL), "injected")]]
        body = self._body(entry, index in self._unfolded)
        lines = [[*label, *body[0]]]
        lines += [[(" " * self._indent, "plain"), *line] for line in body[1:]]
        return lines

    def _body(self, entry: Entry, unfolded: bool) -> list[Line]:
        room = self._room
        most = UNFOLDED if unfolded else room * FOLDED
        lines = wrap(_inked(entry, most), room)
        left = len(entry.text) - most
        if not unfolded and (len(lines) > FOLDED or left > 0):
            whole_size = f"{counted(entry.text.count(NEWLINE) + 1, 'line')}, {len(entry.text):,} characters"
            lines = [
                *lines[: FOLDED - 2],
                [(clip(f"… {whole_size}", room), "dim")],
                [("x unfolds", "change")],
            ]
        elif left > 0:
            lines.append([(clip(f"… and {left:,} characters more: y copies the request whole", room), "dim")])
        if entry.note:
            note = (clip(NOTE + entry.note, room), SIGNS[entry.kind][1])
            if _note_below(entry, cells(line_text(lines[-1])), room):
                lines.append([note])
            else:
                lines[-1].append(note)
        return lines


def _note_below(entry: Entry, last: int, room: int) -> bool:
    """Whether the note has no place at the end of a last line of so many cells."""
    return bool(entry.note) and last + len(NOTE) + cells(entry.note) > room


def _drawn(entry: Entry) -> str:
    """The characters that a changed message is drawn with."""
    start, end, old = _changed(entry.before, entry.text)
    gap = ARROW if old and end > start else ""
    return f"{entry.text[:start]}{old}{gap}{entry.text[start:]}"


def _inked(entry: Entry, most: int) -> Line:
    """The text with what was changed in it inked: the old part struck through, the new one in its kind's ink."""
    text = entry.text
    if entry.kind in ("left out", "system"):
        return [(visible(text[:most], multiline=True), "struck" if entry.kind == "left out" else "dim")]
    start, end, old = 0, 0, ""
    if entry.before:
        start, end, old = _changed(entry.before, text)
    elif entry.kind in ("injected", "healed"):
        span = find_answer(text)
        start, end = span if span else (0, 0)
    if end > most or not (old or end):
        return [(visible(text[:most], multiline=True), "plain")]
    ink = SIGNS[entry.kind][1]
    return [
        (visible(text[:start], multiline=True), "plain"),
        (visible(old, multiline=True, limit=2000), "struck"),
        (ARROW if old and end > start else "", "dim"),
        (visible(text[start:end], multiline=True), ink),
        (visible(text[end:most], multiline=True), "plain"),
    ]


def _changed(before: str, after: str) -> tuple[int, int, str]:
    """(start, end) of what is new in `after`, and what stood there before; a changed number is shown whole."""
    old_span, new_span = find_answer(before), find_answer(after)
    if old_span and new_span and before[: old_span.start] == after[: new_span.start]:
        return new_span.start, new_span.end, before[old_span.start : old_span.end]
    if after.endswith(before):
        return 0, len(after) - len(before), ""
    return 0, len(after), before
