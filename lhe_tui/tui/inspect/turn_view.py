"""How the inspector shows a turn: what is folded, marked or compared, and the lines of its three views."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from textual.screen import Screen

from lhe_tui.text.counts import counted
from lhe_tui.tui.inspect.finding_lines import Folds, findings
from lhe_tui.tui.inspect.request_lines import Entry, RequestLines, diff_entries, diff_words, sent_entries
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.turn.verdict_words import verdict_lines
from lhe_tui.tui.widgets.lines_view import LinesView
from lhe_tui.tui.widgets.piece_lines import Line, wrap
from lhe_tui.tui.widgets.tab_line import TabLine

_GONE: Line = [("this turn is not there any more", "dim")]
_MORE = 8
"""How many times as much of a long reply is shown when more is asked for."""


class TurnView:
    """Lays a turn out in the views `#verdict`, `#request` and `#findings` of a screen."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self.detail: TurnDetail | None = None
        self.diff = False
        """Whether the request is shown against the full history."""
        self.folds = Folds()
        self.unfolded: frozenset[int] = frozenset()
        """Messages of the request that are shown whole, by their place."""
        self.query = ""
        """What was searched for: marked wherever it stands."""

    def view(self, name: str) -> LinesView:
        """One of the views."""
        return self._screen.query_one(f"#{name}", LinesView)

    def take(self, detail: TurnDetail | None) -> None:
        """Show another turn from the top; the request from its end, where the question stands."""
        self.detail = detail
        # The choice of raw or stored stays.
        self.folds = Folds(raw=self.folds.raw)
        self.unfolded = frozenset()
        self.show(place=0)

    def show(self, place: int | None = None) -> None:
        """Lay everything out again; the views keep their place unless `place` is 0: then the request shows its end."""
        detail = self.detail
        if detail is None:
            for name in ("verdict", "request", "findings"):
                self.view(name).show(lambda width: [_GONE])
            return
        self.view("verdict").show(lambda width: self._verdict(detail, width))
        self.view("findings").show(lambda width: findings(detail, width, self.folds, self.query), place=place)
        self.view("request").show(
            lambda width: self._request(detail, width), place=None if place is None else -1
        )
        self._name_panes(detail)

    def _request(self, detail: TurnDetail, width: int) -> RequestLines:
        return RequestLines(self._entries(detail), width, query=self.query, unfolded=self.unfolded)

    def _entries(self, detail: TurnDetail) -> list[Entry]:
        return diff_entries(detail) if self.diff else sent_entries(detail)

    def _verdict(self, detail: TurnDetail, width: int) -> list[Line]:
        words = verdict_lines(detail)
        lines = [part for line in words for part in wrap(line, width, indent=2)]
        if len(lines) > max(3, self._screen.app.size.height // 6):
            lines = words
        self.view("verdict").styles.height = len(lines)
        return lines

    def _name_panes(self, detail: TurnDetail) -> None:
        name = "diff: own→shown" if self.diff else "request as sent"
        title = f"{name} · {counted(len(detail.messages), 'message')}"
        tabs = self._screen.query_one
        tabs("#request-tab", TabLine).set_titles({"request": title}, diff_words(detail))
        tabs("#panes", TabLine).set_titles({"findings": "why", "request": title}, "tab: other pane")

    # ---- looking closer

    def toggle_diff(self) -> None:
        """The request as sent, or against the full history."""
        self.diff = not self.diff
        self.unfolded = frozenset()
        self.show(place=0)

    def toggle_raw(self) -> None:
        """The reply raw, or as stored."""
        self._fold(raw=not self.folds.raw)

    def toggle_reasoning(self) -> None:
        """Unfold or fold the reasoning."""
        self._fold(reasoning=not self.folds.reasoning)

    def show_more(self) -> None:
        """Show more of a long reply or its reasoning."""
        self._fold(most=self.folds.most * _MORE)

    def _fold(
        self, *, raw: bool | None = None, reasoning: bool | None = None, most: int | None = None
    ) -> None:
        now = self.folds
        self.folds = replace(
            now,
            raw=now.raw if raw is None else raw,
            reasoning=now.reasoning if reasoning is None else reasoning,
            most=now.most if most is None else most,
        )
        self.show()

    def toggle_unfolded(self) -> None:
        """Show every long message of the request whole, or fold them all."""
        if self.detail is not None:
            self.unfolded = (
                frozenset() if self.unfolded else frozenset(range(len(self._entries(self.detail))))
            )
            self.show()
            if self.unfolded:
                self.view("request").scroll_to(y=0, animate=False)

    def toggle_message(self, line: int) -> None:
        """Show the message of the request that a line belongs to whole, or fold it."""
        lines = self.view("request").lines
        if isinstance(lines, RequestLines):
            self.unfolded = self.unfolded ^ {lines.entry_at(line)}
            self.show()

    # ---- what was searched for

    def mark(self, query: str) -> None:
        """Mark these words wherever they stand; none ends the marking."""
        self.query = query
        self.show()

    def unfold_for(self, where: str) -> None:
        """Unfold what a match in this part of the turn stands in."""
        if where == "reasoning":
            self.folds = replace(self.folds, reasoning=True, most=max(self.folds.most, 60_000))
        if where == "system":
            self.unfolded = frozenset({0})
        self.show()

    def go_to_mark(self, name: str) -> None:
        """Bring a view's first marked line into sight; only the first thousands are looked at."""
        view = self.view(name)
        for number in range(min(len(view.lines), 4000)):
            if any(ink == "found" for _, ink in view.lines[number]):
                view.go_to(number)
                return
