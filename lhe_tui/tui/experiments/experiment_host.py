"""What the app does for experiments: holds the one that is open, asks before it ends it, shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import work

from lhe_tui.tui.terminal.terminal_app import TerminalApp

if TYPE_CHECKING:
    from lhe_tui.tui.experiments.grid_screen import GridScreen
    from lhe_tui.tui.experiments.study_controller import StudyController


class ExperimentHost(TerminalApp):
    """An experiment runs on the app and outlives its screens; one at a time."""

    grid: StudyController | None = None

    def show_problem(self, sentence: str) -> None:
        """One sentence that must not be missed."""
        raise NotImplementedError

    @property
    def grid_running(self) -> bool:
        """Whether an experiment asks models right now."""
        return self.grid is not None and self.grid.running

    async def close_grid(self) -> None:
        """End the experiment, its sessions whole."""
        if self.grid is not None:
            await self.grid.close()

    async def sure_to_stop_grid(self, title: str) -> bool:
        """Ask, where an experiment runs. Workers only."""
        from lhe_tui.tui.dialogs.ask_screen import AskScreen

        grid = self.grid
        if grid is None or not grid.running:
            return True
        question = (
            f"{title} The experiment {grid.name} is under way: {grid.asked:,} turns are done. "
            "Stopping loses none of them, and it can go on later."
        )
        return await self.push_screen_wait(AskScreen(question, "stop it", "keep running"))

    @work(group="experiment", exclusive=True)
    async def open_grid(self, build: Callable[[], StudyController], *, start: bool) -> None:
        """Build an experiment in the background and show it; start it where its cost was agreed to."""
        from lhe_tui.models.catalogue import ModelNotAvailable
        from lhe_tui.record.errors import SessionError
        from lhe_tui.task.controls import ControlError
        from lhe_tui.task.spec import TaskError

        if not await self.sure_to_stop_grid("Open another experiment?"):
            return
        await self.close_grid()
        try:
            grid = await asyncio.to_thread(build)
            if start:
                await self._start_grid(grid)
        except (ValueError, SessionError, ControlError, ModelNotAvailable, TaskError, OSError) as error:
            self.show_problem(str(error))
            return
        self.grid = grid
        self.show_grid()

    @work(group="experiment", exclusive=True)
    async def go_on_with_grid(self, grid: StudyController) -> None:
        """Ask what is left of an experiment, once its cost was agreed to."""
        from lhe_tui.models.catalogue import ModelNotAvailable
        from lhe_tui.record.errors import SessionError
        from lhe_tui.tui.dialogs.ask_screen import AskScreen

        try:
            question = f"Go on with {grid.name}? What is left will take {grid.estimate_words()}."
            if not await self.push_screen_wait(AskScreen(question, "go on", "not now")):
                return
            await grid.close()
            again = await asyncio.to_thread(grid.reopened)
            await self._start_grid(again)
        except (ValueError, SessionError, ModelNotAvailable, OSError) as error:
            self.show_problem(str(error))
            return
        self.grid = again
        self.show_grid()

    async def _start_grid(self, grid: StudyController) -> None:
        try:
            await grid.check_servers()
            for name in grid.models:
                grid.opener(name)
        except BaseException:
            await grid.close()
            raise
        grid.start()

    def show_grid(self) -> None:
        """The open experiment in front; a screen of another one goes."""
        from lhe_tui.tui.experiments.grid_screen import GridScreen

        if self.grid is None:
            return
        if isinstance(self.screen, GridScreen):
            self.switch_screen(self._grid_screen())
        else:
            self.push_screen(self._grid_screen())

    def _grid_screen(self) -> GridScreen:
        from lhe_tui.tui.experiments.grid_screen import GridScreen

        assert self.grid is not None
        return GridScreen(self.grid)

    def action_experiments(self) -> None:
        """The experiments: those there are, and those that were run."""
        from lhe_tui.tui.experiments.experiments_screen import ExperimentsScreen

        if not self.screen.is_modal and not isinstance(self.screen, ExperimentsScreen):
            self.push_screen(ExperimentsScreen())
