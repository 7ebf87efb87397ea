"""The line on top of the run screen: what runs, and how far it is."""

from __future__ import annotations

from math import isfinite

from textual.content import Content
from textual.widgets import Static

from lhe_tui.text.counts import counted
from lhe_tui.text.widths import cells, clip
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.turn.run_words import clock_time, model_words, status_words, task_words
from lhe_tui.tui.widgets.guarded import Guarded, guarded

WIDE = 100
"""From this width on the words are not squeezed."""
_STATUS_STYLE = {"▶": "$accent bold", "✓": "$correct bold", "×": "$wrong bold", "!": "$wrong bold"}


class RunTitle(Guarded, Static):
    """Says as much of the run as the width holds; how it stands is never left out."""

    def __init__(self, controller: RunController, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._controller = controller
        self._shown: tuple[object, ...] = ()

    @guarded
    def poll(self) -> None:
        """Bring the line up to date."""
        width = self.content_size.width
        glyph, status = self._status()
        shown = (
            width,
            glyph,
            status,
            self._controller.state.controls.model,
            self._controller.controls_now.mode,
        )
        if shown == self._shown or not width:
            return
        self._shown = shown
        right = f"{glyph} {status}"
        left = self._left(width - cells(right) - 2)
        gap = " " * max(1, width - cells(left) - cells(right))
        style = _STATUS_STYLE.get(glyph, "bold")
        self.update(Content.assemble((left, "bold"), gap, (right, style)), layout=False)

    def _status(self) -> tuple[str, str]:
        controller = self._controller
        state = controller.state
        glyph, word = status_words(state, controller.replaying, bool(controller.error))
        if controller.replay is not None:
            speed = controller.replay.speed
            word += f" ×{speed:g}" if isfinite(speed) else " at once"
        wide = self.content_size.width >= WIDE
        gap, turn = ("  ", "turn ") if wide else (" ", "")
        words = (
            f"{word}{gap}{turn}{state.built_turns}/{state.spec.turns}{gap}{clock_time(controller.elapsed)}"
        )
        if not controller.finished and not controller.replaying:
            words += f"{gap}ETA {clock_time(controller.seconds_left)}"
        return glyph, words

    def _left(self, room: int) -> str:
        """The longest of several ways to name the run that fits."""
        state, spec = self._controller.state, self._controller.state.spec
        model = model_words(state)
        task = task_words(spec, self._controller.controls_now.mode)
        size = f"{counted(spec.turns, 'turn')} × {counted(spec.samples, 'sample')}"
        short = f"{spec.turns}×{spec.samples}"
        ways = [
            f"lhe-tui   {model} · {task} · {size} · seed {spec.seed}",
            f"{model} · {task} · {size} · seed {spec.seed}",
            f"{model} · {task} · {size}",
            f"{model} · {task} · {short}",
            f"{model} · {task}",
            f"{model} · K={spec.turn_complexity}",
            model,
        ]
        return next((way for way in ways if cells(way) <= room), clip(model, room))

    def on_resize(self) -> None:
        """Another width holds other words."""
        self.poll()
