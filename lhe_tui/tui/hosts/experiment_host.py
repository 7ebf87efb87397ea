"""The one experiment that is open: built, started, resumed, shown, and asked about before it ends."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import App

from lhe_tui.errors import LheError
from lhe_tui.launch.servers import check_servers
from lhe_tui.text.visible import visible_path
from lhe_tui.tui.hosts.waiting import GivenUp, said
from lhe_tui.tui.messages import Problem

if TYPE_CHECKING:
    from lhe_tui.tui.controller.experiment_controller import ExperimentController


class ExperimentHost:
    """Holds the controller of the open experiment, which outlives its screens."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self.controller: ExperimentController | None = None

    @property
    def running(self) -> bool:
        """Whether an experiment asks models right now."""
        return self.controller is not None and self.controller.running

    def open(self, build: Callable[[], ExperimentController], *, start: bool) -> None:
        """Build an experiment in a thread and show it; start it where its cost was agreed to."""
        self._app.run_worker(self._open(build, start), group="experiment", exclusive=True)

    def resume(self, controller: ExperimentController) -> None:
        """Ask what is left of an experiment, once its cost was agreed to."""
        self._app.run_worker(self._resume(controller), group="experiment", exclusive=True)

    async def _open(self, build: Callable[[], ExperimentController], start: bool) -> None:
        if not await self.sure_to_stop("Open another experiment?"):
            return
        await self.close()
        try:
            controller = await said(self._app, "opening the experiment …", asyncio.to_thread(build))
            if start:
                await self._start(controller)
        except GivenUp:
            return
        except (LheError, OSError) as error:
            self._app.post_message(Problem(str(error)))
            return
        self._show(controller)

    async def _resume(self, controller: ExperimentController) -> None:
        from lhe_tui.tui.dialogs.ask_screen import AskScreen

        try:
            estimate = asyncio.to_thread(controller.estimate_words)
            left = await said(self._app, "looking up what is left …", estimate)
            question = f"Resume {controller.name}? What is left will take {left}."
            if not await self._app.push_screen_wait(AskScreen(question, "resume", "not now")):
                return
            await controller.close()
            again = await asyncio.to_thread(controller.reopened)
            await self._start(again)
        except GivenUp:
            return
        except (LheError, OSError) as error:
            self._app.post_message(Problem(str(error)))
            return
        self._show(again)

    async def _start(self, controller: ExperimentController) -> None:
        try:
            await check_servers(controller.models, controller.base_url)
            # The keyring may take its time to answer.
            await asyncio.to_thread(controller.open_models)
        except BaseException:
            await controller.close()
            raise
        controller.start()

    def _show(self, controller: ExperimentController) -> None:
        self.controller = controller
        self.show()

    def show(self) -> None:
        """The open experiment in front; a screen of another one goes."""
        from lhe_tui.tui.experiments.experiment_screen import ExperimentScreen

        if self.controller is None:
            return
        screen = ExperimentScreen(self.controller)
        if isinstance(self._app.screen, ExperimentScreen):
            self._app.switch_screen(screen)
        else:
            self._app.push_screen(screen)

    async def sure_to_stop(self, title: str) -> bool:
        """Ask, where an experiment runs. Workers only."""
        from lhe_tui.tui.dialogs.ask_screen import AskScreen

        controller = self.controller
        if controller is None or not controller.running:
            return True
        question = (
            f"{title} The experiment {controller.name} is under way: {controller.asked:,} turns are done. "
            "Stopping loses none of them, and it can be resumed later."
        )
        return await self._app.push_screen_wait(AskScreen(question, "stop it", "keep running"))

    async def close(self) -> None:
        """End the experiment, its sessions whole."""
        if self.controller is not None:
            await self.controller.close()

    def parting_words(self) -> list[str]:
        """How to resume an experiment that was stopped, for after the app has closed."""
        controller = self.controller
        if controller is None or controller.status != "stopped":
            return []
        command = visible_path(shlex.join(controller.resume_command()))
        return [f"The experiment can be resumed where it stopped: {command}"]
