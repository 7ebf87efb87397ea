"""The recorded sessions: open, resume, delete, compare; read in the background, newest first."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from lhe_tui.record.annotations import Kind
from lhe_tui.record.session_index import SessionEntry, SessionIndex
from lhe_tui.text.content import content
from lhe_tui.text.counts import counted
from lhe_tui.text.visible import visible, visible_path
from lhe_tui.tui.actions.registry import bindings_for
from lhe_tui.tui.messages import GoTo, OpenSession, Problem, ResumeSession
from lhe_tui.tui.routes import CompareRoute
from lhe_tui.tui.sessions.annotation_dialogs import AnnotationDialogs
from lhe_tui.tui.sessions.exchange_dialogs import ExchangeDialogs
from lhe_tui.tui.sessions.session_list import SessionList
from lhe_tui.tui.sessions.session_rows import SessionRow, arrange, date_words, name_words
from lhe_tui.tui.widgets.base_screen import BaseScreen, in_thread
from lhe_tui.tui.widgets.key_footer import KeyFooter

SHOW_EVERY = 0.1
"""Seconds between two looks of the list while files are being read."""


FIRST_SHOWN = 60
"""Sessions that are shown as soon as they are read: about a screenful."""


class SessionsScreen(BaseScreen[None]):
    """Every session file of the folders, forks under what they left. `written` gives the one that is being written."""

    ACTIONS_OF = "sessions"
    CSS_PATH = ["../widgets/base_screen.tcss", "sessions_screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("sessions")
    AUTO_FOCUS = "#session-list"

    def __init__(self, index: SessionIndex, written: Callable[[], Path | None]) -> None:
        super().__init__()
        self._index = index
        self._written = written
        self._exchange = ExchangeDialogs(self, self.show_session)
        self._writing = AnnotationDialogs(self, lambda path: self.action_refresh())
        self._entries: list[SessionEntry] = []
        self._unfolded: set[str] = set()
        self.reading = True
        """Whether files are still being read."""
        self._wanted: Path | None = None

    def compose(self) -> ComposeResult:
        """Search, headings, list, and what is known of the line under the cursor."""
        yield Static(id="sessions-title")
        with Vertical(id="sessions-box"):
            yield Input(
                placeholder="search: any words, or tag:keep model:large date:2026-11",
                id="session-search",
                compact=True,
            )
            yield Static(id="session-heading")
            yield SessionList(id="session-list")
            yield Static(id="nothing")
        yield Static(id="session-detail")
        yield KeyFooter()

    @property
    def listing(self) -> SessionList:
        """The list."""
        return self.query_one(SessionList)

    def on_mount(self) -> None:
        """Begin to read."""
        self.action_refresh()

    def on_screen_resume(self) -> None:
        """What runs now is marked."""
        self.listing.running = self._written()

    # ---- reading

    @in_thread("read sessions")
    def _read(self) -> None:
        worker = get_current_worker()
        entries: list[SessionEntry] = []
        shown = 0.0
        for entry in self._index.entries():
            if worker.is_cancelled:
                return
            entries.append(entry)
            now = time.monotonic()
            # A longer list takes longer to arrange: it is shown less often while it grows.
            many = len(entries)
            if many == FIRST_SHOWN or (many > FIRST_SHOWN and now - shown > SHOW_EVERY * (1 + many / 1000)):
                shown = now
                self.from_thread(self._take, list(entries), True)
        self.from_thread(self._take, entries, False)

    def _take(self, entries: list[SessionEntry], reading: bool) -> None:
        self.reading = reading
        # While a list that was there already is read again, lines do not vanish and come back.
        if not reading or len(entries) > len(self._entries):
            self._entries = entries
        self._show()
        if self._wanted is not None and (self.listing.go_to(self._wanted) or not reading):
            self._wanted = None

    def show_session(self, path: Path) -> None:
        """Read the folders again, and put the cursor on this session."""
        self._wanted = path
        self.query_one("#session-search", Input).value = ""
        self.listing.focus()
        self.action_refresh()

    def _show(self) -> None:
        query = self.query_one("#session-search", Input).value
        rows = arrange(self._entries, query, self._unfolded)
        self.listing.show_rows(rows)
        empty = not rows and not self.reading
        if empty and self.listing.has_focus:
            # Else the search field would get the focus, and take the keys for words.
            self.set_focus(None)
        self.listing.display = not empty
        if not empty and self.focused is None:
            self.listing.focus()
        self.query_one("#nothing").display = empty
        if empty:
            self.query_one("#nothing", Static).update(self._nothing(query))
        self._show_title(len(rows))

    def _show_title(self, shown: int) -> None:
        many = len(self._entries)
        count = counted(many, "session") if shown == many else f"{shown:,} of {many:,} sessions"
        folders = ", ".join(visible_path(folder) for folder in self._index.folders)
        self.query_one("#sessions-title", Static).update(
            Content.assemble(
                (" Sessions ", "bold reverse $accent"),
                f"  {count}{', reading…' if self.reading else ''}",
                (f"   {folders}", "$dim"),
            )
        )

    def _nothing(self, query: str) -> Content:
        if query:
            return Content.assemble("nothing matches ", content(query, "bold"), ": esc clears the search")
        folder = visible_path(self._index.folders[0])
        return Content.assemble(
            ("No session yet.", "bold"),
            "\n\nEvery run is recorded as it goes. Press esc, and Enter on the setup screen: a simulated\n"
            "model runs for about a minute, and its session stands here from its first turn on.\n"
            "i imports a run of the published harness or of lighteval.\n\n",
            (f"New sessions go to {folder}", "$dim"),
        )

    def on_resize(self) -> None:
        """The headings stand over their columns."""
        self.call_after_refresh(self._show_heading)

    def _show_heading(self) -> None:
        strip = self.listing.heading()
        self.query_one("#session-heading", Static).update(Text("".join(segment.text for segment in strip)))

    @on(SessionList.Moved)
    def _show_detail(self, event: SessionList.Moved) -> None:
        text = detail(event.row.entry) if event.row else Content("")
        self.query_one("#session-detail", Static).update(text)

    @on(Input.Changed, "#session-search")
    def _searched(self) -> None:
        self._show()

    @on(Input.Submitted, "#session-search")
    def _search_done(self) -> None:
        self.listing.focus()

    # ---- actions

    @on(SessionList.Opened)
    def action_open(self) -> None:
        """Replay the session under the cursor; where it is the one that runs, go back to it."""
        row = self.listing.current
        if row is None:
            return
        if row.entry.path == self.listing.running:
            self.dismiss()
        elif row.entry.summary is None:
            self.post_message(Problem(row.entry.problem))
        else:
            self.post_message(OpenSession(row.entry.path))

    def action_resume(self) -> None:
        """Resume the session under the cursor."""
        row = self.listing.current
        if row is None:
            return
        if row.entry.resumable and row.entry.path != self.listing.running:
            self.post_message(ResumeSession(row.entry.path))
        else:
            self.post_message(
                Problem(f"{row.entry.path.name} is {self._state(row)}: there is nothing to resume")
            )

    def _state(self, row: SessionRow) -> str:
        return "running" if row.entry.path == self.listing.running else row.entry.status

    def action_delete(self) -> None:
        """Delete the file under the cursor, after a question."""
        from lhe_tui.tui.dialogs.ask_screen import AskScreen

        row = self._own_row()
        if row is None:
            return
        path = row.entry.path
        if path == self.listing.running:
            self.post_message(Problem("this session is being written: stop the run before deleting it"))
            return

        def answered(yes: bool | None) -> None:
            if yes and self.is_attached:
                self._delete(path)

        question = f"Delete {visible(path.name, limit=120)}?\nNothing brings it back."
        self.app.push_screen(AskScreen(question, "delete", "keep"), answered)

    def _own_row(self) -> SessionRow | None:
        """The line under the cursor; None, and a word, where its session ships with the product."""
        row = self.listing.current
        if row is not None and row.entry.shipped:
            self.post_message(Problem("this session ships with lhe-tui and stays as it is"))
            return None
        return row

    def _delete(self, path: Path) -> None:
        try:
            path.unlink()
        except OSError as error:
            self.post_message(Problem(f"{path.name} cannot be deleted: {error.strerror or error}"))
            return
        self._entries = [entry for entry in self._entries if entry.path != path]
        self._show()

    def action_import(self) -> None:
        """Another's run as a session among these."""
        self._exchange.import_run()

    def action_export(self) -> None:
        """The session under the cursor in another form, next to its file."""
        if self.listing.current is not None:
            self._exchange.export(self.listing.current.entry)

    def action_annotate(self, kind: Kind) -> None:
        """Write a title, tags or a note into the session under the cursor."""
        row = self._own_row()
        if row is not None:
            self._writing.ask(row.entry, kind)

    def action_fold(self) -> None:
        """Show the forks of the session under the cursor, or fold them."""
        row = self.listing.current
        if row is None or row.entry.summary is None:
            return
        self._unfolded ^= {row.entry.summary.session}
        self._show()

    def action_mark(self) -> None:
        """Mark the session under the cursor for a comparison, and go on to the next."""
        row = self.listing.current
        if row is None:
            return
        if row.entry.summary is None:
            self.post_message(Problem(f"{row.entry.path.name} cannot be compared: {row.entry.problem}"))
        elif not self.listing.toggle_mark():
            self.post_message(Problem("six sessions are marked already: no more can be compared at once"))
        else:
            self.listing.action_move(1)

    def action_compare(self) -> None:
        """Compare the marked sessions; one alone is compared with the one under the cursor."""
        there = {entry.path for entry in self._entries if entry.summary is not None}
        paths = [path for path in self.listing.marked if path in there]
        row = self.listing.current
        if len(paths) == 1 and row is not None and row.entry.summary is not None:
            paths += [row.entry.path] if row.entry.path not in paths else []
        if len(paths) < 2:
            self.post_message(Problem("mark two to six sessions with space first, then press c"))
        else:
            self.post_message(GoTo(CompareRoute(tuple(paths))))

    def action_search(self) -> None:
        """Go to the search field."""
        self.query_one("#session-search").focus()

    def action_refresh(self) -> None:
        """Read the folders again."""
        self.reading = True
        self._read()

    def action_back(self) -> None:
        """Clear the search, else leave."""
        search = self.query_one("#session-search", Input)
        if search.value or (search.has_focus and self.listing.display):
            search.value = ""
            self.listing.focus()
        else:
            self.dismiss()


def detail(entry: SessionEntry) -> Content:
    """What is known of a session beyond its line: its file, and where it was forked or why it cannot be read."""
    path = content(str(entry.path), "$dim")
    summary = entry.summary
    if summary is None:
        return Content.assemble(content(f"✗ {entry.problem}", "bold $wrong", limit=500), "\n", path)
    total = summary.spec.turns * summary.spec.samples
    name, rest = name_words(SessionRow(entry))
    words = " · ".join(filter(None, (name, "simulated" if summary.simulated else "", rest)))
    words += f" · {summary.turns_done:,} of {total:,} turns · started {date_words(summary.created)} UTC"
    if summary.parent is not None:
        parent = summary.parent
        words += f" · forked from sample {parent.sample}, turn {parent.turn}"
        words += f": {parent.note}" if parent.note else ""
    if summary.origin != "lhe-tui":
        words += f" · from {summary.origin}"
    if summary.notes:
        words += f" · note: {summary.notes}"
    return Content.assemble(content(words, limit=400), "\n", path)
