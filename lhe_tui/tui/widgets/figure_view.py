"""A chart that is handed its data: drawn once per version, size and theme, and at most so often."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

from textual import events
from textual.app import App, RenderResult
from textual.content import Content
from textual.message import Message
from textual.timer import Timer

from lhe_tui.charts.data import Chart
from lhe_tui.charts.layout import lay_out
from lhe_tui.charts.plot import ChartTheme, draw_cached, theme_for
from lhe_tui.text.widths import clip
from lhe_tui.tui.widgets.guarded import Guarded, guarded

LEAST_HEIGHT_FOR_NOTE = 6
_SHARE = 12
"""A live chart is drawn no oftener than takes one in so many parts of the time."""


def screen_theme(app: App[object]) -> ChartTheme:
    """The chart theme that goes with the app's, on the ground that the screen really has."""
    theme = theme_for(dark=app.current_theme.dark, ansi=app.native_ansi_color, colour=not app.no_color)
    ground = app.theme_variables.get("background", "")
    return replace(theme, background=ground) if theme.background and ground.startswith("#") else theme


class FigureView(Guarded):
    """Shows one chart, with a sentence on the last line where there is room for it."""

    @dataclass
    class Picked(Message):
        """A place of the plot was clicked; `x` in the chart's own values."""

        view: FigureView
        x: float

    def __init__(self, *, every: float = 0.0, id: str | None = None) -> None:
        super().__init__(id=id)
        self._every = every
        """Seconds between two drawings, at least."""
        self._version: Hashable = None
        self._build: Callable[[], Chart] | None = None
        self._note = ""
        self._picture = Content("")
        self._drawn: Hashable = None
        self._next = 0.0
        self._timer: Timer | None = None

    def show(self, version: Hashable, build: Callable[[], Chart], note: str = "") -> None:
        """Show what `build` gives; `version` names the chart and the state of its data. `note` may be foreign."""
        self._version, self._build, self._note = version, build, note
        self._draw_in_time()

    def _draw_in_time(self) -> None:
        wait = self._next - time.monotonic()
        if wait <= 0:
            self._draw()
        elif self._timer is None:
            self._timer = self.set_timer(wait, self._draw)

    @guarded
    def _draw(self) -> None:
        self._timer = None
        width, height = self.size
        build = self._build
        if build is None or not width or not height:
            return
        theme = screen_theme(self.app)
        seen = (self._version, self._note, width, height, theme)
        if seen == self._drawn:
            return
        self._drawn = seen
        started = time.monotonic()
        noted = bool(self._note) and height >= LEAST_HEIGHT_FOR_NOTE
        picture = draw_cached(self._version, build, width, height - noted, theme)
        if noted:
            picture = Content.assemble(picture, "\n", (clip(self._note, width), "$dim"))
        self._picture = picture
        now = time.monotonic()
        # A costly picture is drawn seldom: a live one must not hold up the keys.
        self._next = now + max(self._every, _SHARE * (now - started)) if self._every else now
        self.refresh()

    def render(self) -> RenderResult:
        """The picture drawn last."""
        return self._picture

    def on_resize(self) -> None:
        """Another size is another picture."""
        self._draw()

    def notify_style_update(self) -> None:
        """Another theme is another picture."""
        super().notify_style_update()
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Tell which x was hit."""
        width, height = self.size
        if self._build is None or not width or not height:
            return
        plot = lay_out(
            self._build(), width, max(1, height - (height >= LEAST_HEIGHT_FOR_NOTE and bool(self._note)))
        )
        share = (event.x - plot.left + 0.5) / plot.width
        if 0 <= share <= 1:
            self.post_message(self.Picked(self, plot.x.value(share)))
