import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Static

from lhe_tui.text.content import content
from tests.hostile_texts import HOSTILE, HOSTILE_NAMES, forbidden


class OneText(App[None]):
    """A screen with one text on it."""

    def compose(self) -> ComposeResult:
        yield Static("start", id="text")


def screen_text(app: OneText) -> str:
    return "\n".join(
        "".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()
    )


@pytest.mark.parametrize("multiline", [False, True])
async def test_no_hostile_text_acts_on_a_textual_screen(multiline: bool) -> None:
    app = OneText()
    async with app.run_test(size=(100, 60)) as pilot:
        shown = app.query_one("#text", Static)
        for start in range(0, len(HOSTILE_NAMES), 10):
            names = HOSTILE_NAMES[start : start + 10]
            texts = [content(HOSTILE[name], "bold", multiline=multiline, limit=400) for name in names]
            shown.update(Content("\n").join(texts))
            await pilot.pause()
            assert forbidden(screen_text(app), newlines=True) == [], names
            assert app.is_running, names
            assert app.return_code in (None, 0), names


@pytest.mark.parametrize(
    "name", ["closing tag", "action link", "type that looks like markup", "instruct tag"]
)
async def test_brackets_are_shown_as_they_are(name: str) -> None:
    app = OneText()
    async with app.run_test(size=(100, 5)) as pilot:
        app.query_one("#text", Static).update(content(HOSTILE[name]))
        await pilot.pause()
        assert HOSTILE[name] in screen_text(app)
        await pilot.click("#text", offset=(2, 0))
        assert app.is_running
