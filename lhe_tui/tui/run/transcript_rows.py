"""The rows of the transcript: which turn, reason, control change or notice stands on which line. Grows with the run."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Literal, NamedTuple

from lhe_tui.engine.events import NoticeRaised
from lhe_tui.engine.state import RunState, SampleState, TurnRecord
from lhe_tui.tui.run.control_words import ChangeWords, changes_in_words

RowKind = Literal["turn", "reason", "change", "notice", "note"]


class Row(NamedTuple):
    """One line of the transcript. `number` counts into the run's changes, notices or notes."""

    kind: RowKind
    turn: int
    number: int = 0


class TranscriptRows:
    """The finished part of one sample's transcript as rows, brought up to date by `sync`."""

    def __init__(self, state: RunState, sample: int) -> None:
        self.state = state
        self.sample = sample
        self.rows: list[Row] = []
        self.row_of_turn: list[int] = []
        """For each turn (index + 1) the row where it stands."""
        self.errors: list[int] = []
        """The turns that are not correct, in their order."""
        self._last: TurnRecord | None = None
        self._changes: list[ChangeWords] = []
        self._notices: dict[int, list[Row]] = {}
        """Notices and notes by the turn that they stand after."""
        self._seen = (-1, -1, -1)

    @property
    def source(self) -> SampleState:
        """The sample that is shown."""
        return self.state.samples[self.sample - 1]

    def sync(self) -> bool:
        """Take in what is new; returns whether any row changed."""
        turns = self.source.turns
        known = len(self.row_of_turn)
        seen = (len(self.state.changes), len(self.state.notices), len(self.state.notes))
        gone = known > len(turns) or (known > 0 and turns[known - 1] is not self._last)
        if seen != self._seen or gone:
            self._seen = seen
            self._rebuild()
            return True
        if len(turns) == known:
            return False
        for record in turns[known:]:
            self._append(record)
        return True

    def turn_at(self, row: int) -> int | None:
        """The turn that a row belongs to: itself, its reason, or what is said after it."""
        return self.rows[row].turn if 0 <= row < len(self.rows) else None

    def error_after(self, turn: int) -> int | None:
        """The next turn that is not correct."""
        index = bisect_right(self.errors, turn)
        return self.errors[index] if index < len(self.errors) else None

    def error_before(self, turn: int) -> int | None:
        """The turn before that is not correct."""
        index = bisect_left(self.errors, turn)
        return self.errors[index - 1] if index else None

    def pending_changes(self) -> list[ChangeWords]:
        """Changes that no finished turn of this sample was asked under, in the order of their turns."""
        done = len(self.row_of_turn)
        return [change for change in self._changes if change.turn > done]

    def _rebuild(self) -> None:
        self.rows.clear()
        self.row_of_turn.clear()
        self.errors.clear()
        self._last = None
        self._changes = changes_in_words(self.state)
        self._place_notices()
        for record in self.source.turns:
            self._append(record)

    def _place_notices(self) -> None:
        self._notices = {}
        turns = self.source.turns
        for index, notice in enumerate(self.state.notices):
            if notice.sample in (None, self.sample):
                self._notices.setdefault(self._turn_of(notice, turns), []).append(Row("notice", 0, index))
        for index, note in enumerate(self.state.notes):
            if note.kind == "note" and note.sample in (None, self.sample):
                self._notices.setdefault(note.turn or 1, []).append(Row("note", 0, index))

    @staticmethod
    def _turn_of(notice: NoticeRaised, turns: list[TurnRecord]) -> int:
        """The turn that a notice stands after, 1 at least."""
        if notice.turn is not None:
            return max(1, notice.turn)
        return max(1, bisect_right(turns, notice.at, key=lambda record: record.event.at))

    def _append(self, record: TurnRecord) -> None:
        turn = record.turn
        for index, change in enumerate(self._changes):
            if change.turn == turn:
                self.rows.append(Row("change", turn, index))
        self.row_of_turn.append(len(self.rows))
        self.rows.append(Row("turn", turn))
        if record.verdict not in ("correct", "edited"):
            self.errors.append(turn)
            self.rows.append(Row("reason", turn))
        self.rows += [row._replace(turn=turn) for row in self._notices.get(turn, ())]
        self._last = record

    def change(self, row: Row) -> ChangeWords:
        """The change that a row tells of."""
        return self._changes[row.number]
