"""The keys of the sessions screen that bring sessions in and hand them on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen

from lhe_tui.text.visible import visible
from lhe_tui.tui.sessions.session_exchange import (
    ExchangeError,
    bring_in,
    complete_path,
    hand_out,
    typed_path,
    why_no_path,
)
from lhe_tui.tui.sessions.session_list import SessionList

if TYPE_CHECKING:
    from lhe_tui.tui.app import LheApp

_IMPORT_HINT = (
    "a file or folder of the published harness (eval_step_results.json, experiment_results.json), or a log of "
    "lighteval's long-horizon task; tab completes"
)


class ExchangeActions(Screen[None]):
    """Import and export; the sessions screen fills in what they act on."""

    @property
    def _lhe(self) -> LheApp:
        raise NotImplementedError

    @property
    def listing(self) -> SessionList:
        """The list."""
        raise NotImplementedError

    def show_session(self, path: Path) -> None:
        """Read the folders again, and put the cursor on this session."""
        raise NotImplementedError

    @work(group="exchange", exclusive=True)
    async def action_import(self) -> None:
        """Another's run as a session among these, its numbers checked."""
        from lhe_tui.tui.dialogs.entry_screen import EntryScreen

        asked = EntryScreen("Import a run", _IMPORT_HINT, why_no_path, complete=complete_path)
        text = await self.app.push_screen_wait(asked)
        if text is None:
            return
        path = typed_path(text)
        self._pass_word(f"importing {path.name}…")
        try:
            found = await asyncio.to_thread(bring_in, path)
        except ExchangeError as error:
            self._lhe.show_problem(str(error))
            return
        self.show_session(found.path)
        where = f"Session {found.path}" if found.new else f"It was imported before: session {found.path}"
        self._lhe.show_text("Imported", "\n\n".join([*found.lines, where]))

    @work(group="exchange", exclusive=True)
    async def action_export(self) -> None:
        """The session under the cursor in another form, next to its file."""
        from lhe_tui.record.exporting.exporters import FORMATS
        from lhe_tui.tui.dialogs.menu_screen import MenuScreen

        row = self.listing.current
        if row is None:
            return
        path = row.entry.path
        if row.entry.summary is None:
            self._lhe.show_problem(f"{path.name} cannot be exported: {row.entry.problem}")
            return
        names = list(FORMATS)
        menu = MenuScreen(f"Export {path.name}", [f"{name:<8} {FORMATS[name]}" for name in names])
        chosen = await self.app.push_screen_wait(menu)
        if chosen is None:
            return
        self._pass_word(f"writing {names[chosen]}…")
        try:
            out, warnings = await asyncio.to_thread(hand_out, path, names[chosen])
        except ExchangeError as error:
            self._lhe.show_problem(str(error))
            return
        self._lhe.show_text(
            "Exported", "\n\n".join([f"{FORMATS[names[chosen]]}: written to {out}", *warnings])
        )

    def _pass_word(self, words: str) -> None:
        self.notify(visible(words, limit=100), markup=False, timeout=2)
