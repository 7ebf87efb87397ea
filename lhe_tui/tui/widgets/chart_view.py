"""A chart that redraws itself at most four times a second, and only where it is seen and its data changed."""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import replace

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from lhe_tui.charts import ChartTheme, draw_cached, theme_for
from lhe_tui.text_safety import clip
from lhe_tui.tui.controller import RunController
from lhe_tui.tui.run_figures import Figure, FigureName, figure

REDRAW_EVERY = 0.25
"""Seconds between two drawings, at least."""
SHARE = 12
"""A chart is drawn no oftener than takes one in so many parts of the time."""


class ChartView(Widget):
    """Shows one figure of a run, with its sentence on the last line."""

    def __init__(self, controller: RunController, name: FigureName, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._controller = controller
        self.figure_name: FigureName = name
        self.smoothed = True
        self._picture = Content("")
        self._seen: Hashable = None
        self._next = 0.0

    def show(self, name: FigureName) -> None:
        """Show another figure."""
        if name != self.figure_name:
            self.figure_name = name
            self._next = 0.0
            self.poll()

    def toggle_smooth(self) -> None:
        """Smooth the curves for the eye, or show them as they are."""
        self.smoothed = not self.smoothed
        self._next = 0.0
        self.poll()

    def poll(self) -> None:
        """Draw anew if there is anything new to draw, and it is time."""
        if not self.size.width or not self.is_on_screen:
            return
        seen = self._data_version()
        now = time.monotonic()
        if seen == self._seen or now < self._next:
            return
        self._seen = seen
        self._draw(seen)
        self._next = now + max(REDRAW_EVERY, SHARE * (time.monotonic() - now))
        self.refresh()

    def _data_version(self) -> Hashable:
        controller = self._controller
        state = controller.state
        followed: Hashable = controller.followed
        done: Hashable = len(state.samples[controller.followed - 1].turns)
        if self.figure_name == "accuracy":
            followed, done = 0, (state.complete_turns, max(1, state.built_turns))
        return (
            self.figure_name,
            state.header.session,
            id(state),
            followed,
            done,
            len(state.changes),
            state.outcomes["failed"],
            self.smoothed,
            self.size,
            self._theme(),
        )

    def _theme(self) -> ChartTheme:
        app = self.app
        theme = theme_for(dark=app.current_theme.dark, ansi=app.native_ansi_color, colour=not app.no_color)
        ground = app.theme_variables.get("background", "")
        # What is dimmed is mixed with the ground that it really stands on.
        return replace(theme, background=ground) if theme.background and ground.startswith("#") else theme

    def _draw(self, version: Hashable) -> None:
        controller = self._controller
        made: list[Figure] = []

        def build() -> Figure:
            if not made:
                made.append(figure(self.figure_name, controller.state, controller.followed, self.smoothed))
            return made[0]

        width, height = self.size
        picture = draw_cached(version, lambda: build().chart, width, max(1, height - 1), self._theme())
        note = clip(build().note, width)
        self._picture = Content.assemble(picture, "\n", (note, "$dim")) if height > 4 else picture

    def render(self) -> RenderResult:
        """The picture drawn last."""
        return self._picture

    def on_resize(self) -> None:
        """Another size is another picture, at once."""
        self._next = 0.0
        self.poll()
