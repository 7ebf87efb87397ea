"""The last gate: even a widget that was given a foreign text as it is can act on no terminal."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.color import Color
from textual.content import Content
from textual.widgets import DataTable, Input, Label, OptionList, Static, TextArea

from lhe_tui.tui.terminal.safe_lines import SafeLines
from lhe_tui.tui.terminal.terminal_app import TerminalApp
from tests.each import each
from tests.hostile_texts import HOSTILE, HOSTILE_NAMES, ONE_OF_EACH, forbidden
from tests.tui.support import screen_text

BLACK = Color(0, 0, 0)
SHORT = [text for text in ONE_OF_EACH.values() if len(text) < 10_000][::2]


class Careless(TerminalApp):
    """Gives every widget what no widget should be given."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def compose(self) -> ComposeResult:
        yield Static(Content(self.text), id="static")
        yield Label(Text(self.text))
        yield Input(self.text)
        yield OptionList(Content(self.text))
        yield TextArea(self.text)
        table: DataTable[Text] = DataTable()
        table.add_columns(Text(self.text or "x"))
        table.add_row(Text(self.text))
        yield table

    def on_mount(self) -> None:
        box = self.query_one("#static")
        box.styles.border = ("round", "red")
        box.border_title = Content(self.text)
        self.notify(self.text, markup=False)


@pytest.mark.parametrize("start", range(0, len(SHORT), 12))
async def test_what_a_careless_widget_draws_acts_on_nothing(start: int) -> None:
    for text in SHORT[start : start + 12]:
        app = Careless(text)
        async with app.run_test(size=(80, 50), notifications=True) as pilot:
            await pilot.pause()
            drawn = screen_text(app)
            assert forbidden(drawn, newlines=True) == [], text
            assert app.is_running, text


@each("name", HOSTILE_NAMES)
def test_a_line_keeps_its_cells(name: str) -> None:
    text = HOSTILE[name][:500]
    (made,) = SafeLines().apply([Segment(text)], BLACK)
    assert forbidden(made.text) == []
    assert cell_len(made.text) == cell_len(text)


def test_a_link_is_taken_off_and_everything_else_of_a_style_stays() -> None:
    style = Style(bold=True, color="red", link="http://127.0.0.1/")
    (made,) = SafeLines().apply([Segment("press me", style)], BLACK)
    assert made.style == Style(bold=True, color="red")


def test_charts_pass_as_they_are() -> None:
    segments = [Segment("⠀⠁⣿┤─╮ 0.5 ━┄✓✗■□"), Segment("漢字 é –")]
    assert SafeLines().apply(segments, BLACK) is segments
