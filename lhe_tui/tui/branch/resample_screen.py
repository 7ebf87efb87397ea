"""Resampling over the screen: the very same request asked again n times, its answers drawn as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Static
from textual.worker import Worker

from lhe_tui.engine.resampling import Resampling, resample
from lhe_tui.engine.state import RunState
from lhe_tui.errors import LheError
from lhe_tui.launch.models import ModelOpener, default_concurrency
from lhe_tui.models.base import ChatModel
from lhe_tui.text.content import content
from lhe_tui.text.counts import counted
from lhe_tui.text.visible import safe_error
from lhe_tui.tui.branch.resample_lines import resample_lines
from lhe_tui.tui.turn.verdict_words import model_name
from lhe_tui.tui.widgets.base_screen import BaseDialog
from lhe_tui.tui.widgets.lines_view import LinesView

USUAL = 10
MOST = 1000


class ResampleScreen(BaseDialog[None]):
    """Asks one turn again. Escape ends the asking first, and closes then."""

    BINDINGS: ClassVar = [
        Binding("up", "scroll(-1)", "up", show=False),
        Binding("down", "scroll(1)", "down", show=False),
    ]
    CSS_PATH = ["../widgets/base_screen.tcss", "resample_screen.tcss"]
    AUTO_FOCUS = "#resample-n"

    def __init__(
        self,
        state: RunState,
        sample: int,
        turn: int,
        open_model: Callable[[str], ChatModel] | None = None,
    ) -> None:
        super().__init__()
        self._state = state
        self._sample = sample
        self._turn = turn
        self._opener = ModelOpener.of(state.header, paced=False)
        self._open_model: Callable[[str], ChatModel] = open_model or self._opener
        self._worker: Worker[None] | None = None
        self.result: Resampling | None = None

    @property
    def _model(self) -> str:
        return self._state.controls_at(self._turn).model

    def compose(self) -> ComposeResult:
        """How often, and what came of it."""
        with Vertical(id="resample-box", classes="dialog") as box:
            box.border_title = content(f"resample sample {self._sample}, turn {self._turn}")
            box.border_subtitle = "enter asks · esc closes"
            with Horizontal(id="resample-line"):
                yield Label("ask again")
                yield Input(str(USUAL), compact=True, id="resample-n", type="integer", max_length=4)
                yield Label("times, with the very same request")
            yield Static(id="resample-words", classes="dialog-words")
            yield LinesView(id="resample-lines")

    def on_mount(self) -> None:
        """Say what enter would do."""
        self._say_cost()

    # ---- words

    def _words(self, text: str, *, problem: bool = False) -> None:
        words = self.query_one("#resample-words", Static)
        words.set_class(problem, "-error")
        words.update(content(text, limit=500))

    def _n(self) -> int | None:
        text = self.query_one("#resample-n", Input).value
        number = int(text) if text.isdecimal() else 0
        return number if 1 <= number <= MOST else None

    def _say_cost(self) -> None:
        n = self._n()
        if n is None:
            self._words(f"a whole number from 1 to {MOST:,}", problem=True)
            return
        controls = self._state.controls_at(self._turn)
        once = (
            " Each is asked once, without votes and self-verification."
            if controls.votes > 1 or controls.verify
            else ""
        )
        cold = " At temperature 0 all answers may be alike." if controls.temperature == 0 else ""
        self._words(f"{counted(n, 'request')} to {model_name(self._model)}; nothing is recorded.{once}{cold}")

    # ---- asking

    @on(Input.Changed)
    def _changed(self) -> None:
        if not self.asking:
            self._say_cost()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        n = self._n()
        if n is not None and not self.asking:
            self._worker = self._ask(n)

    @property
    def asking(self) -> bool:
        """Whether replies are still waited for."""
        return self._worker is not None and not self._worker.is_finished

    @work(group="resample", exclusive=True, exit_on_error=False)
    async def _ask(self, n: int) -> None:
        self._words(f"asking {model_name(self._model)} … esc stops")
        try:
            # Opening the model may ask the keyring.
            concurrency = await asyncio.to_thread(default_concurrency, [self._model], self._open_model, n)
            asked = resample(
                self._state, self._sample, self._turn, n, self._open_model, concurrency=concurrency
            )
            async with aclosing(asked) as results:
                async for result in results:
                    self._show(result)
        except (LheError, OSError) as error:
            self._words(f"✗ {error}", problem=True)
        except Exception as error:  # noqa: BLE001  a model that breaks must not take the app with it
            self._words(f"✗ {safe_error(error)}", problem=True)
        else:
            self._words("done: enter asks again, esc closes")
        finally:
            await self._opener.aclose()

    def _show(self, result: Resampling) -> None:
        self.result = result
        self.query_one(LinesView).show(lambda width: resample_lines(result, width), place=None)

    def action_scroll(self, lines: int) -> None:
        """Scroll the answers."""
        self.query_one(LinesView).scroll_by(lines)

    def action_cancel(self) -> None:
        """End the asking; close where nothing is asked."""
        if self.asking and self._worker is not None:
            self._worker.cancel()
            done = len(self.result.replies) if self.result else 0
            self._words(f"stopped after {counted(done, 'reply', 'replies')}: esc closes")
        else:
            self.dismiss(None)
