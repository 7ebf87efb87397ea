"""The one run or replay that is open: started, resumed, forked, shown, asked about before it ends, and ended."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

from lhe_tui.errors import LheError
from lhe_tui.text.visible import visible_path
from lhe_tui.tui.hosts.waiting import GivenUp, said
from lhe_tui.tui.messages import Problem, ShowText

if TYPE_CHECKING:
    from lhe_tui.engine.branching import Branch
    from lhe_tui.launch.run_config import RunConfig
    from lhe_tui.launch.runs import PlannedRun, StartedRun
    from lhe_tui.record.session_file import SessionWriter
    from lhe_tui.tui.controller.run_controller import RunController


class RunHost:
    """Holds the controller of what is open; the screens that show it come and go."""

    def __init__(self, app: App[int], *, speed: float = 1.0) -> None:
        self._app = app
        self._speed = speed
        """How many times faster than recorded a replay plays at first."""
        self.controller: RunController | None = None
        self._parting_words: list[str] = []

    @property
    def live(self) -> bool:
        """Whether a run (no replay) is under way."""
        controller = self.controller
        return controller is not None and controller.alive and not controller.replaying

    @property
    def written_path(self) -> Path | None:
        """The session that is being written; None where no run is under way."""
        return self.controller.path if self.controller is not None and self.live else None

    # ---- opening

    def start(self, config: RunConfig) -> None:
        """Start a new run."""
        from lhe_tui.launch.runs import plan_run

        self._open_planned(partial(plan_run, config), "starting …")

    def resume(self, path: Path) -> None:
        """Resume an unfinished session."""
        from lhe_tui.launch.runs import plan_resumed

        self._open_planned(partial(plan_resumed, path), f"opening {visible_path(path.name)} …")

    def fork(self, parent: RunController, branch: Branch) -> None:
        """Leave the parent's session at a turn."""
        from lhe_tui.launch.runs import plan_branch

        self._open_planned(partial(plan_branch, parent.state, branch, parent.path), "forking …")

    def open_started(self, started: StartedRun) -> None:
        """Show a run that has been started elsewhere."""
        self._app.run_worker(self._show_started(started), group="open", exclusive=True)

    def _open_planned(self, plan: Callable[[], PlannedRun], words: str) -> None:
        """Start a run and show it; a live run that is open is asked about first."""
        self._app.run_worker(self._launch(plan, words), group="open", exclusive=True)

    def open_session(self, path: Path) -> None:
        """Show a recorded session as a replay."""
        self._app.run_worker(self._open_session(path), group="open", exclusive=True)

    async def _launch(self, plan: Callable[[], PlannedRun], words: str) -> None:
        from lhe_tui.launch.runs import launch

        if not await self.leave("Start another run?"):
            return
        try:
            started = await said(self._app, words, launch(plan))
        except GivenUp:
            return
        except (LheError, OSError) as error:
            self._app.post_message(Problem(str(error)))
            return
        await self._show_started(started)

    async def _show_started(self, started: StartedRun) -> None:
        from lhe_tui.tui.controller.run_controller import RunController

        close = partial(self._close_session, started.writer)
        await self._show(RunController(started.run, path=started.path, on_end=close))

    def _close_session(self, writer: SessionWriter) -> None:
        try:
            writer.close()
        except OSError as error:
            reason = error.strerror or error
            self._app.post_message(
                Problem(f"the last turns of {writer.path} may not be on the disk: {reason}")
            )

    async def _open_session(self, path: Path) -> None:
        from lhe_tui.record.read import read_session
        from lhe_tui.record.replay import Replay
        from lhe_tui.tui.controller.run_controller import RunController

        if not await self.leave("Open a recorded session?"):
            return
        try:
            words = f"opening {visible_path(path.name)} …"
            recording = await said(self._app, words, asyncio.to_thread(read_session, path))
        except GivenUp:
            return
        except LheError as error:
            self._app.post_message(Problem(str(error)))
            return
        replay = Replay(recording, speed=self._speed)
        await self._show(RunController(replay=replay, path=path))
        if recording.warnings:
            words = "\n".join(recording.warnings)
            self._app.post_message(ShowText("Not all of this session could be read", words))

    async def _show(self, controller: RunController) -> None:
        from lhe_tui.tui.hosts.screen_stack import drop_run_screens
        from lhe_tui.tui.run.run_screen import RunScreen

        self._forget()
        await drop_run_screens(self._app)
        self.controller = controller
        controller.start()
        await self._app.push_screen(RunScreen(controller))

    # ---- ending

    async def leave(self, title: str) -> bool:
        """End what is open, asking first where it is a live run; False where the person wants to stay. Workers only."""
        if self.live and not await self._sure_to_stop(title):
            return False
        await self.close()
        return True

    def leave_screen(self) -> None:
        """End what is open, and show the screen that led to it."""
        self._app.run_worker(self._leave_screen(), group="open", exclusive=True)

    async def _leave_screen(self) -> None:
        from lhe_tui.tui.hosts.screen_stack import drop_run_screens

        await self.close()
        await drop_run_screens(self._app)
        self._forget()

    async def close(self) -> None:
        """End what is open, its session whole on disk."""
        if self.controller is not None:
            await self.controller.close()

    def _forget(self) -> None:
        """Keep no more of what was open than what is said when the app closes: a long run takes much memory."""
        self._parting_words, self.controller = self.parting_words(), None

    async def _sure_to_stop(self, title: str) -> bool:
        from lhe_tui.tui.dialogs.ask_screen import AskScreen

        assert self.controller is not None
        state = self.controller.state
        question = (
            f"{title} A run is under way: {state.finished_turns:,} of "
            f"{state.spec.turns * state.spec.samples:,} turns are done. "
            "Stopping loses none of them, and the session can be resumed."
        )
        return await self._app.push_screen_wait(AskScreen(question, "stop it", "keep running"))

    def parting_words(self) -> list[str]:
        """What a person should know after the app has closed: where the session is, and how to resume it."""
        controller = self.controller
        if controller is None:
            return self._parting_words
        if controller.replaying or controller.path is None:
            return []
        words = [f"lhe-tui: the run broke off: {controller.error}"] if controller.error else []
        name = visible_path(shlex.quote(str(controller.path)))
        if controller.state.status == "completed":
            return [*words, f"Session: {name}\nSee it again with: lhe-tui replay {name}"]
        return [*words, f"The session is whole. Resume it with: lhe-tui run --resume {name}"]
