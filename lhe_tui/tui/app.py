"""The app: its screens, its themes, and the one run or replay that is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ScreenStackError, SystemCommand
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.screen import Screen

from lhe_tui.launch.settings import Config
from lhe_tui.text.content import content
from lhe_tui.tui.actions.palette import ActionCommands, screen_name
from lhe_tui.tui.actions.registry import ACTIONS, bindings_for
from lhe_tui.tui.experiments.experiment_host import ExperimentHost
from lhe_tui.tui.setup.setup_screen import SetupScreen
from lhe_tui.tui.themes import DARK, THEMES, default_variables, next_theme

if TYPE_CHECKING:
    from lhe_tui.record.session_file import SessionWriter
    from lhe_tui.tui.run.run_controller import RunController
    from lhe_tui.tui.run.start_run import RunSettings, StartedRun
    from lhe_tui.tui.sessions.session_rows import SessionIndex
    from lhe_tui.tui.setup.model_picker import ModelSources


class LheApp(ExperimentHost):
    """`start` makes a run that is opened at once, `replay` is a recorded session that is."""

    TITLE = "lhe-tui"
    CSS_PATH = ["app.tcss", "setup/setup_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("app")
    COMMANDS = {ActionCommands}
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        *,
        start: Callable[[], StartedRun] | None = None,
        replay: Path | None = None,
        speed: float = 1.0,
        config: Config | None = None,
        sources: ModelSources | None = None,
    ) -> None:
        self._config = config or Config()
        self._sources = sources
        self._start, self._replay, self._speed = start, replay, speed
        self.own_keys = {key: keys for key, keys in self._config.keys.items() if key in _IDS}
        self.controller: RunController | None = None
        self.crash_words = ""
        self._shelf: SessionIndex | None = None
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        wanted = self._config.theme or DARK
        self.theme = wanted if wanted in self.available_themes else DARK

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colours where another theme is chosen."""
        return default_variables()

    def get_default_screen(self) -> Screen[None]:
        """Setup lies under everything."""
        return SetupScreen(model=self._config.model, sources=self._sources)

    def on_mount(self) -> None:
        """Keys as the settings say, then what was asked for on the command line."""
        if self.own_keys:
            self.set_keymap(self.own_keys)
        if self._start is not None:
            self._open_built(self._start)
        elif self._replay is not None:
            self.open_session(self._replay)

    # ---- runs and replays

    @on(SetupScreen.StartWanted)
    def _start_wanted(self, event: SetupScreen.StartWanted) -> None:
        self.start_run(event.settings)

    def start_run(self, settings: RunSettings) -> None:
        """Build a run and open it; what stands in its way is said on the setup screen."""
        from lhe_tui.tui.run.start_run import build_run

        self._open_built(lambda: build_run(settings))

    def resume_session(self, path: Path) -> None:
        """Go on with an unfinished session."""
        from lhe_tui.tui.run.start_run import resume_run

        self._open_built(lambda: resume_run(path))

    def open_run(self, build: Callable[[], StartedRun]) -> None:
        """Build any run, such as a fork, and open it; a live run that is open is asked about first."""
        self._open_built(build)

    @work(group="open", exclusive=True)
    async def _open_built(self, build: Callable[[], StartedRun]) -> None:
        import asyncio

        from lhe_tui.tui.run.run_controller import RunController
        from lhe_tui.tui.run.start_run import expected_problem

        if not await self.leave_run("Start another run?"):
            return
        try:
            started = await asyncio.to_thread(build)
        except expected_problem() as error:
            self.show_problem(str(error))
            return
        close = partial(self._close_session, started.writer)
        await self._show_run(RunController(started.run, path=started.path, on_end=close))

    def _close_session(self, writer: SessionWriter) -> None:
        try:
            writer.close()
        except OSError as error:
            self.show_problem(
                f"the last turns of {writer.path} may not be on the disk: {error.strerror or error}"
            )

    @work(group="open", exclusive=True)
    async def open_session(self, path: Path) -> None:
        """Open a recorded session on the run screen."""
        import asyncio

        from lhe_tui.record.errors import SessionError
        from lhe_tui.record.read import read_session
        from lhe_tui.record.replay import Replay
        from lhe_tui.tui.run.run_controller import RunController

        if not await self.leave_run("Open a recorded session?"):
            return
        try:
            recording = await asyncio.to_thread(read_session, path)
        except SessionError as error:
            self.show_problem(str(error))
            return
        replay = Replay(recording, speed=self._speed)
        await self._show_run(RunController(replay=replay, path=path))
        if recording.warnings:
            self.show_text("Not all of this session could be read", "\n".join(recording.warnings))

    async def _show_run(self, controller: RunController) -> None:
        from lhe_tui.tui.run.run_screen import RunScreen

        # One run screen at a time: the one of what was open before goes, and so does a list that led here.
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        self.controller = controller
        controller.start()
        await self.push_screen(RunScreen(controller))

    async def on_run_screen_left(self) -> None:
        """The person has left the run screen: setup is under it."""
        if self.controller is not None:
            await self.controller.close()
        while len(self.screen_stack) > 1:
            await self.pop_screen()

    async def stop_what_runs(self) -> None:
        """A signal asks nobody: the session is whole, and can be resumed."""
        if self.controller is not None:
            await self.controller.close()
        await self.close_grid()

    @property
    def model_sources(self) -> ModelSources | None:
        """Where model lists are asked for; None: this machine's servers and the providers."""
        return self._sources

    @property
    def live(self) -> bool:
        """Whether a run (no replay) is under way."""
        controller = self.controller
        return controller is not None and controller.alive and not controller.replaying

    async def leave_run(self, title: str) -> bool:
        """End what is open, asking first where it is a live run; False where the person wants to stay. Workers only."""
        if self.live and not await self._sure_to_stop(title):
            return False
        if self.controller is not None:
            await self.controller.close()
        return True

    async def _sure_to_stop(self, title: str) -> bool:
        from lhe_tui.tui.dialogs.ask_screen import AskScreen

        assert self.controller is not None
        state = self.controller.state
        question = (
            f"{title} A run is under way: {state.finished_turns:,} of "
            f"{state.spec.turns * state.spec.samples:,} turns are done. "
            "Stopping loses none of them, and the session can be resumed."
        )
        return await self.push_screen_wait(AskScreen(question, "stop it", "keep running"))

    def show_problem(self, sentence: str) -> None:
        """One sentence that must not be missed: on the setup screen where it is in front, else over the screen."""
        if isinstance(self.screen, SetupScreen):
            self.screen.show_problem(sentence)
        else:
            self.show_text("This cannot be done", sentence)

    def show_text(self, title: str, text: str) -> None:
        """A text over the screen, until it is closed; may be foreign."""
        from lhe_tui.tui.dialogs.text_screen import TextScreen

        self.push_screen(TextScreen(title, content(text, multiline=True, limit=20_000)))

    # ---- actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nobody is offered the screen that is in front already."""
        return not (action in ("sessions", "theory", "experiments") and screen_name(self.screen) == action)

    def action_help(self) -> None:
        """Every key."""
        from lhe_tui.tui.actions.help_table import help_table
        from lhe_tui.tui.dialogs.text_screen import TextScreen

        if not isinstance(self.screen, TextScreen):
            text = help_table(screen_name(self.screen), self.own_keys)
            self.push_screen(TextScreen("Keys", text))

    def action_sessions(self) -> None:
        """The recorded sessions."""
        from lhe_tui.launch.paths import session_folders
        from lhe_tui.tui.sessions.session_rows import SessionIndex
        from lhe_tui.tui.sessions.sessions_screen import SessionsScreen

        if self._shelf is None:
            self._shelf = SessionIndex([])
        self._shelf.folders = session_folders()
        if not isinstance(self.screen, SessionsScreen) and not self.screen.is_modal:
            self.push_screen(SessionsScreen(self._shelf))

    def action_theory(self) -> None:
        """Proposition 1, with what the open session measured."""
        from lhe_tui.tui.theory.theory_screen import TheoryScreen

        if not self.screen.is_modal:
            self.push_screen(TheoryScreen(self.controller))

    def action_next_theme(self) -> None:
        """Our themes in turn."""
        self.theme = next_theme(self.theme)

    def action_interrupt(self) -> None:
        """Ctrl+c copies what is selected; with nothing selected it quits."""
        from textual.widgets import Input

        focused = self.focused
        if isinstance(focused, Input) and not focused.selection.is_empty:
            focused.action_copy()
        elif self.screen.get_selected_text():
            self.screen.action_copy_text()
        else:
            self.quit_asking()

    async def action_quit(self) -> None:
        """Quit; a live run asks first."""
        self.quit_asking()

    @work(group="quit", exclusive=True)
    async def quit_asking(self) -> None:
        """Stop what runs, the session whole, and leave."""
        if await self.sure_to_stop_grid("Quit?") and await self.leave_run("Quit?"):
            await self.close_grid()
            self.exit(0)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's own commands, without those that the registry has."""
        taken = ("Quit", "Keys")
        return [command for command in super().get_system_commands(screen) if command.title not in taken]

    # ---- crashes

    def _handle_exception(self, error: Exception) -> None:
        if self._exit and isinstance(error, NoMatches | ScreenStackError):
            # A screen that was still being made when the app left: nothing is wrong with it.
            self._close_messages_no_wait()
            return
        # Textual prints a traceback with locals, where a key may stand: here the log gets it, without locals.
        self._return_code = 1
        if not self.crash_words:
            from lhe_tui.launch.crash import crash_sentence

            self.crash_words = crash_sentence(error)
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()


_IDS = frozenset(action.id for action in ACTIONS)
