"""The app: its themes, its keys, and what it does when a screen asks for something."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import on, work
from textual.actions import ActionParseResult
from textual.app import ScreenStackError, SystemCommand
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.screen import Screen

from lhe_tui.launch.settings import Config
from lhe_tui.text.content import content
from lhe_tui.tui import messages
from lhe_tui.tui.actions.palette import ActionCommands, screen_name
from lhe_tui.tui.actions.registry import ACTIONS, bindings_for
from lhe_tui.tui.hosts.experiment_host import ExperimentHost
from lhe_tui.tui.hosts.run_host import RunHost
from lhe_tui.tui.hosts.screen_maker import ScreenMaker
from lhe_tui.tui.routes import BranchRoute, ExperimentsRoute, Route, SessionsRoute, TheoryRoute
from lhe_tui.tui.setup.setup_screen import SetupScreen
from lhe_tui.tui.terminal.kept_stylesheet import KeptStylesheet
from lhe_tui.tui.terminal.terminal_app import TerminalApp
from lhe_tui.tui.themes import DARK, THEMES, default_variables, next_theme

if TYPE_CHECKING:
    from lhe_tui.launch.runs import StartedRun
    from lhe_tui.tui.picker.model_sources import ModelSources

_VISITS: dict[str, Callable[[], Route]] = {
    "sessions": SessionsRoute,
    "experiments": ExperimentsRoute,
    "theory": TheoryRoute,
}
_IDS = frozenset(action.id for action in ACTIONS)


class LheApp(TerminalApp):
    """`started` is a run that is shown at once, `replay` is a recorded session that is."""

    TITLE = "lhe-tui"
    CSS_PATH = ["app.tcss", "setup/setup_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("app")
    COMMANDS = {ActionCommands}
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        *,
        started: StartedRun | None = None,
        replay: Path | None = None,
        speed: float = 1.0,
        config: Config | None = None,
        sources: ModelSources | None = None,
    ) -> None:
        self._config = config or Config()
        self._sources = sources
        self._started, self._replay = started, replay
        self.own_keys = {key: keys for key, keys in self._config.keys.items() if key in _IDS}
        self.crash_words = ""
        super().__init__()
        self.runs = RunHost(self, speed=speed)
        self.experiments = ExperimentHost(self)
        self._maker = ScreenMaker(self.runs, self.experiments, sources)
        for theme in THEMES:
            self.register_theme(theme)
        wanted = self._config.theme or DARK
        self.theme = wanted if wanted in self.available_themes else DARK
        self.stylesheet = KeptStylesheet(self.get_css_variables())

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
        if self._started is not None:
            self.runs.open_started(self._started)
        elif self._replay is not None:
            self.runs.open_session(self._replay)

    # ---- what screens ask for

    @on(messages.GoTo)
    def _go_to(self, message: messages.GoTo) -> None:
        route, on_return, sender = message.route, message.on_return, message._sender

        def returned(result: Any) -> None:
            if isinstance(route, BranchRoute) and route.way == "fork" and result is not None:
                self.runs.fork(route.controller, result)
            elif on_return is not None and sender is not None and sender.is_attached:
                on_return(result)

        self.push_screen(self._maker.make(route), returned)

    @on(messages.StartRun)
    def _start_run(self, message: messages.StartRun) -> None:
        self.runs.start(message.config)

    @on(messages.OpenSession)
    def _open_session(self, message: messages.OpenSession) -> None:
        self.runs.open_session(message.path)

    @on(messages.ResumeSession)
    def _resume_session(self, message: messages.ResumeSession) -> None:
        self.runs.resume(message.path)

    @on(messages.LeaveRun)
    def _leave_run(self) -> None:
        self.runs.leave_screen()

    @on(messages.OpenExperiment)
    def _open_experiment(self, message: messages.OpenExperiment) -> None:
        self.experiments.open(message.build, start=message.start)

    @on(messages.ResumeExperiment)
    def _resume_experiment(self, message: messages.ResumeExperiment) -> None:
        self.experiments.resume(message.controller)

    @on(messages.ShowExperiment)
    def _show_experiment(self) -> None:
        self.experiments.show()

    @on(messages.Problem)
    def _problem(self, message: messages.Problem) -> None:
        """On the setup screen where it is in front, else over the screen."""
        if isinstance(self.screen, SetupScreen):
            self.screen.show_problem(message.sentence)
        else:
            self._show_text("This cannot be done", message.sentence)

    @on(messages.ShowText)
    def _text(self, message: messages.ShowText) -> None:
        self._show_text(message.title, message.text)

    def _show_text(self, title: str, text: str) -> None:
        from lhe_tui.tui.dialogs.text_screen import TextScreen

        self.push_screen(TextScreen(title, content(text, multiline=True, limit=20_000)))

    # ---- actions

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """A fault of an action is written down and told; what is running goes on."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except Exception as error:
            # Whatever it is: a recording that is under way matters more.
            if not (self.runs.live or self.experiments.running):
                raise
            from lhe_tui.launch.crash import crash_words

            self._show_text("A fault of lhe-tui; the run goes on", crash_words(error))
            return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nobody is offered the screen that is in front already."""
        if action == "visit":
            return parameters != (screen_name(self.screen),)
        return super().check_action(action, parameters)

    def action_visit(self, name: Literal["sessions", "experiments", "theory"]) -> None:
        """The recorded sessions, the experiments, or Proposition 1 with what the open run measured."""
        if not self.screen.is_modal and screen_name(self.screen) != name:
            self.push_screen(self._maker.make(_VISITS[name]()))

    def action_help(self) -> None:
        """Every key."""
        from lhe_tui.tui.actions.help_table import help_table
        from lhe_tui.tui.dialogs.text_screen import TextScreen

        if not isinstance(self.screen, TextScreen):
            text = help_table(screen_name(self.screen), self.own_keys, self.size.width)
            self.push_screen(TextScreen("Keys", text))

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
        if await self.experiments.sure_to_stop("Quit?") and await self.runs.leave("Quit?"):
            await self.experiments.close()
            self.exit(0)

    async def stop_what_runs(self) -> None:
        """A signal asks nobody: the session is whole, and can be resumed."""
        await self.runs.close()
        await self.experiments.close()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's own commands, without those that the registry has."""
        taken = ("Quit", "Keys")
        return [command for command in super().get_system_commands(screen) if command.title not in taken]

    # ---- the end

    def parting_words(self) -> list[str]:
        """What a person should know after the app has closed: a crash, and how to resume what was stopped."""
        crash = [f"lhe-tui: {self.crash_words}"] if self.crash_words else []
        return [*crash, *self.experiments.parting_words(), *self.runs.parting_words()]

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
