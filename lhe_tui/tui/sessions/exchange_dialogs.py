"""Import and export from the sessions screen: what is asked, done in a thread, and reported."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from lhe_tui.record.session_index import SessionEntry
from lhe_tui.tui.messages import Problem, ShowText
from lhe_tui.tui.sessions.session_exchange import (
    ExchangeError,
    bring_in,
    complete_path,
    hand_out,
    typed_path,
    why_no_path,
)
from lhe_tui.tui.widgets.base_screen import BaseScreen

_IMPORT_HINT = (
    "a file or folder of the published harness (eval_step_results.json, experiment_results.json), or a log of "
    "lighteval's long-horizon task; tab completes"
)


class ExchangeDialogs:
    """Opens its dialogs over a screen; `show_session` puts the cursor on a session that was brought in."""

    def __init__(self, screen: BaseScreen[None], show_session: Callable[[Path], None]) -> None:
        self._screen = screen
        self._show_session = show_session

    def import_run(self) -> None:
        """Another's run as a session among these, its numbers checked."""
        from lhe_tui.tui.dialogs.entry_screen import EntryScreen

        def typed(text: str | None) -> None:
            if text is not None:
                self._screen.run_worker(self._import(typed_path(text)), group="exchange", exclusive=True)

        asked = EntryScreen("Import a run", _IMPORT_HINT, why_no_path, complete=complete_path)
        self._screen.app.push_screen(asked, typed)

    async def _import(self, path: Path) -> None:
        self._screen.say(f"importing {path.name}…")
        try:
            imported = await asyncio.to_thread(bring_in, path)
        except ExchangeError as error:
            self._screen.post_message(Problem(str(error)))
            return
        self._show_session(imported.path)
        found = "Session" if imported.new else "It was imported before: session"
        words = "\n\n".join([*imported.lines, f"{found} {imported.path}"])
        self._screen.post_message(ShowText("Imported", words))

    def export(self, entry: SessionEntry) -> None:
        """A session in another form, next to its file."""
        from lhe_tui.record.exporting.exporters import FORMATS
        from lhe_tui.tui.dialogs.menu_screen import MenuScreen

        path, names = entry.path, list(FORMATS)

        def chosen(place: int | None) -> None:
            if place is not None:
                work = self._export(path, names[place], FORMATS[names[place]])
                self._screen.run_worker(work, group="exchange", exclusive=True)

        if entry.summary is None:
            self._screen.post_message(Problem(f"{path.name} cannot be exported: {entry.problem}"))
        else:
            menu = MenuScreen(f"Export {path.name}", [f"{name:<8} {FORMATS[name]}" for name in names])
            self._screen.app.push_screen(menu, chosen)

    async def _export(self, path: Path, name: str, words: str) -> None:
        self._screen.say(f"writing {name}…")
        try:
            out, warnings = await asyncio.to_thread(hand_out, path, name)
        except ExchangeError as error:
            self._screen.post_message(Problem(str(error)))
            return
        text = "\n\n".join([f"{words}: written to {out}", *warnings])
        self._screen.post_message(ShowText("Exported", text))
