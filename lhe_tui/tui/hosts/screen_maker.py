"""From a route to the screen itself: the only place that knows every screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from lhe_tui.tui.routes import (
    BranchRoute,
    CompareRoute,
    ExperimentsRoute,
    InspectRoute,
    PickModelRoute,
    Route,
    SessionsRoute,
    TheoryRoute,
)

if TYPE_CHECKING:
    from lhe_tui.record.session_index import SessionIndex
    from lhe_tui.tui.hosts.experiment_host import ExperimentHost
    from lhe_tui.tui.hosts.run_host import RunHost
    from lhe_tui.tui.picker.model_sources import ModelSources


class ScreenMaker:
    """Makes screens out of routes and what the app holds. Screens are imported when they are first needed."""

    def __init__(self, runs: RunHost, experiments: ExperimentHost, sources: ModelSources | None) -> None:
        self._runs = runs
        self._experiments = experiments
        self._sources = sources
        self._sessions: SessionIndex | None = None

    def make(self, route: Route) -> Screen[Any]:
        """The screen of a route."""
        match route:
            case InspectRoute(controller, place, reason):
                from lhe_tui.tui.inspect.inspect_screen import InspectScreen

                return InspectScreen(controller, place, reason)
            case BranchRoute():
                return _branch_screen(route)
            case SessionsRoute():
                return self._sessions_screen()
            case CompareRoute(paths):
                from lhe_tui.tui.compare.compare_screen import CompareScreen

                return CompareScreen(paths)
            case ExperimentsRoute():
                from lhe_tui.tui.experiments.experiments_screen import ExperimentsScreen

                return ExperimentsScreen(lambda: self._experiments.controller)
            case TheoryRoute():
                from lhe_tui.tui.theory.theory_screen import TheoryScreen

                return TheoryScreen(self._runs.controller)
            case PickModelRoute():
                from lhe_tui.tui.picker.pick_model_screen import PickModelScreen

                return PickModelScreen(self._sources)

    def _sessions_screen(self) -> Screen[Any]:
        from lhe_tui.assets.shipped import story_folder
        from lhe_tui.launch.paths import data_folder, session_folders
        from lhe_tui.record.session_index import SessionIndex
        from lhe_tui.tui.sessions.sessions_screen import SessionsScreen

        if self._sessions is None:
            self._sessions = SessionIndex([], stories=story_folder(), store=data_folder() / "index")
        self._sessions.folders = session_folders()
        return SessionsScreen(self._sessions, lambda: self._runs.written_path)


def _branch_screen(route: BranchRoute) -> Screen[Any]:
    controller, place = route.controller, route.place
    if route.way == "resample":
        from lhe_tui.tui.branch.resample_screen import ResampleScreen

        return ResampleScreen(controller.state, *place)
    if route.way == "arms":
        from lhe_tui.tui.branch.arms_screen import ArmsScreen

        return ArmsScreen(controller.state, *place, controller.path)
    if route.way == "slips":
        from lhe_tui.tui.branch.slips_screen import SlipsScreen

        return SlipsScreen(controller, place)
    from lhe_tui.tui.branch.fork_screen import ForkScreen

    live = controller.alive and not controller.replaying and not controller.finished
    return ForkScreen(controller.state, *place, live=live)
