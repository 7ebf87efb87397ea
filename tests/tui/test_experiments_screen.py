"""Experiments in the app: their cost agreed to before they start, run on the app, stopped and gone on with."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.experiments.grid import GridError
from lhe_tui.experiments.manifest import Manifest, write_manifest
from lhe_tui.experiments.named_grids import NAMED_GRIDS, GridSettings, named_grid
from lhe_tui.experiments.run_grid import new_grid_run
from lhe_tui.launch.models import ModelOpener
from lhe_tui.models.base import ModelInfo
from lhe_tui.record.read import read_session
from lhe_tui.tui.app import LheApp
from lhe_tui.tui.compare.compare_screen import CompareScreen
from lhe_tui.tui.controller.cells_controller import CellsController, new_cells
from lhe_tui.tui.controller.experiment_controller import MOST_AT_ONCE, ExperimentController
from lhe_tui.tui.dialogs.ask_screen import AskScreen
from lhe_tui.tui.experiments.experiment_form import quick_estimate, read_settings, toggled
from lhe_tui.tui.experiments.experiment_index import find_experiments
from lhe_tui.tui.experiments.experiment_plans import NAMES, question_of, usual
from lhe_tui.tui.experiments.experiment_screen import ExperimentScreen
from lhe_tui.tui.experiments.experiments_screen import ExperimentsScreen
from lhe_tui.tui.run.run_screen import RunScreen
from tests.hostile_texts import HOSTILE, forbidden
from tests.tui.support import lone_app, screen_text, wait_until

SIZE = (120, 40)


@pytest.fixture
def folder() -> Path:
    place = Path("sessions")
    place.mkdir()
    return place


def written(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def flat(app: LheApp) -> str:
    """The screen's words without its lines and frames."""
    return " ".join(screen_text(app).replace("│", " ").split())


def status_of(app: LheApp) -> str | None:
    controller = app.experiments.controller
    return None if controller is None else controller.status


async def open_experiments(app: LheApp, pilot: Pilot[int]) -> ExperimentsScreen:
    await pilot.press("f10")
    await wait_until(pilot, lambda: isinstance(app.screen, ExperimentsScreen))
    screen = app.screen
    assert isinstance(screen, ExperimentsScreen)
    await wait_until(pilot, lambda: not screen.reading and screen.plan is not None)
    return screen


async def ask_to_start(
    app: LheApp,
    pilot: Pilot[int],
    *,
    samples: str = "4",
    turns: str = "12",
    models: str = "sim/large, sim/small",
) -> ExperimentsScreen:
    screen = await open_experiments(app, pilot)
    for field, text in (("models", models), ("samples", samples), ("turns", turns)):
        screen.query_one(f"#form-{field}", Input).value = text
    await pilot.press("f5")
    await wait_until(pilot, lambda: isinstance(app.screen, AskScreen))
    return screen


def slow_grid(folder: Path) -> CellsController:
    """Two cells of a simulated model that takes its time."""
    experiment = named_grid("self-verification", GridSettings(("sim/large",), samples=2, turns=8))
    grid = new_grid_run(Manifest(experiment, built_in_template()), folder / "slow", built_in_words())
    return CellsController(grid, ModelOpener(speed=60.0))


async def open_slow(app: LheApp, pilot: Pilot[int], folder: Path) -> CellsController:
    app.experiments.open(lambda: slow_grid(folder), start=True)
    await wait_until(pilot, lambda: isinstance(app.screen, ExperimentScreen))
    grid = app.experiments.controller
    assert isinstance(grid, CellsController)
    await wait_until(pilot, lambda: grid.asked > 0, "the first turn")
    return grid


# ---- the form


@pytest.mark.parametrize("name", NAMED_GRIDS)
def test_the_quick_estimate_asks_for_as_much_as_the_grid_does(name: str, tmp_path: Path) -> None:
    experiment = named_grid(name, GridSettings(samples=3, turns=12))
    runs = new_grid_run(Manifest(experiment, built_in_template()), tmp_path, built_in_words()).runs
    turns = sum(run.turns_to_ask for run in runs)
    estimate = quick_estimate(
        experiment, built_in_template(), built_in_words(), lambda name: ModelInfo(name, simulated=True)
    )
    votes = name in ("voting", "self-verification")
    assert estimate.requests > turns if votes else estimate.requests == turns


@pytest.mark.parametrize(("samples", "turns"), [("x", ""), ("", "0"), ("-1", ""), ("10001", ""), ("", "1.5")])
def test_a_number_that_will_not_do_is_refused_in_a_sentence(samples: str, turns: str) -> None:
    with pytest.raises(GridError, match=r"takes a whole number from 1 to 10,000"):
        read_settings("", samples, turns, full_run=False)


def test_nothing_typed_means_the_usual() -> None:
    assert read_settings(" , ", "", " ", full_run=False) == GridSettings()
    assert usual("turns-vs-complexity")[2] == 60
    assert usual("self-conditioning")[1:] == (100, 100)


def test_a_model_is_put_in_and_taken_out() -> None:
    assert toggled("", "a/b") == "a/b"
    assert toggled("a/b, c/d", "e/f") == "a/b, c/d, e/f"
    assert toggled("a/b, c/d", "a/b") == "c/d"


async def test_each_experiment_says_its_question_what_the_paper_found_and_how_that_is_known() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_experiments(app, pilot)
        for name in NAMES:
            await wait_until(pilot, lambda name=name: screen.chosen_name == name)  # type: ignore[misc]  # bound here
            await wait_until(pilot, lambda: "the paper reports" in screen_text(app))
            question = question_of(name)
            await wait_until(pilot, lambda question=question: question in flat(app))  # type: ignore[misc]  # bound here
            assert "(exact)" in flat(app) or "(read off)" in flat(app)
            await pilot.press("down")


async def test_what_is_wrong_in_the_form_is_said_and_nothing_starts(folder: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_experiments(app, pilot)
        screen.query_one("#form-models", Input).value = "nobody/[/x]"
        await wait_until(pilot, lambda: "✗" in screen_text(app))
        await pilot.press("f5")
        assert app.screen is screen
        screen.query_one("#form-models", Input).value = "sim/large,sim/large"
        await wait_until(pilot, lambda: "a model is named twice" in screen_text(app))
        assert written(folder) == []


async def test_f4_adds_a_model_from_the_list() -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_experiments(app, pilot)
        await pilot.press("f4")
        await wait_until(pilot, lambda: "Add a model" in screen_text(app))
        await pilot.press(*"medium", "enter")
        await wait_until(pilot, lambda: app.screen is screen)
        assert screen.query_one("#form-models", Input).value == "sim/medium"


# ---- starting, running, ending


async def test_nothing_is_asked_before_the_cost_is_agreed_to(folder: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await ask_to_start(app, pilot)
        assert "about 96 requests" in flat(app)
        assert "tokens in" in flat(app)
        await pilot.press("n")
        await wait_until(pilot, lambda: app.screen is screen)
        assert app.experiments.controller is None
        assert written(folder) == []


async def test_an_experiment_runs_to_its_finding_and_every_cell_opens_as_a_session(folder: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await ask_to_start(app, pilot)
        await pilot.press("y")
        await wait_until(pilot, lambda: isinstance(app.screen, ExperimentScreen))
        await wait_until(
            pilot,
            lambda: (
                app.experiments.controller is not None and app.experiments.controller.status == "finished"
            ),
        )
        await wait_until(pilot, lambda: "✓ finished  100 % · 2/2 cells" in screen_text(app))
        await wait_until(pilot, lambda: "→ Task accuracy falls below one half" in flat(app))
        assert "Qwen3-32B 12" in flat(app)
        await pilot.press("3")
        await wait_until(pilot, lambda: "paper: Qwen3-32B (read off)" in screen_text(app))
        await pilot.press("p")
        await wait_until(pilot, lambda: "paper: Qwen3-32B (read off)" not in screen_text(app))
        await pilot.press("down", "c")
        await wait_until(pilot, lambda: isinstance(app.screen, CompareScreen))
        await pilot.press("escape", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, RunScreen))
        assert app.runs.controller is not None
        assert app.runs.controller.path is not None
        assert app.runs.controller.path.name == "sim-small.jsonl"
        await app.runs.controller.close()
        await pilot.press("f10")
        await wait_until(pilot, lambda: "✓ scaling-" in screen_text(app))


async def test_stopping_asks_and_going_on_asks_no_finished_turn_again(folder: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        grid = await open_slow(app, pilot, folder)
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("y")
        await wait_until(pilot, lambda: grid.status == "stopped")
        assert "lhe-tui experiment self-verification --out" in app.parting_words()[0]
        done = {run.path: run.path.read_bytes() for run in grid.grid.runs}
        await wait_until(pilot, lambda: "stopped" in screen_text(app))
        await pilot.press("r")
        await wait_until(pilot, lambda: "What is left will take about" in flat(app))
        await pilot.press("y")
        await wait_until(
            pilot, lambda: app.experiments.controller is not grid and app.experiments.controller is not None
        )
        again = app.experiments.controller
        assert again is not None
        await wait_until(pilot, lambda: again.status == "finished")
        for path, before in done.items():
            assert path.read_bytes().startswith(before)
            assert read_session(path).state.finished_turns == 16


async def test_an_experiment_goes_on_while_other_screens_are_in_front(folder: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        grid = await open_slow(app, pilot, folder)
        await pilot.press("escape", "f7")
        asked = grid.asked
        await wait_until(pilot, lambda: grid.asked > asked)
        await pilot.press("escape", "f10")
        await wait_until(pilot, lambda: "▶ self-verification · running" in screen_text(app))
        await app.experiments.close()


async def test_quitting_asks_where_an_experiment_runs(folder: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        grid = await open_slow(app, pilot, folder)
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: isinstance(app.screen, AskScreen))
        assert "The experiment self-verification is under way" in flat(app)
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, ExperimentScreen))
        assert grid.running
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("y")
        await wait_until(pilot, lambda: not grid.running)
    assert all(read_session(run.path).damage == [] for run in grid.grid.runs if run.path.exists())


async def test_models_that_answer_at_once_leave_the_loop_to_keys_and_screens(tmp_path: Path) -> None:
    experiment = named_grid("scaling", GridSettings(samples=8, turns=20))
    grid = new_cells(experiment, tmp_path / "grid")
    grid.start()
    seen = [0]
    while grid.running:
        await asyncio.sleep(0)
        seen.append(grid.asked)
    assert grid.status == "finished"
    assert max(after - before for before, after in pairwise(seen)) <= MOST_AT_ONCE


async def test_a_server_that_does_not_run_is_said_before_anything_is_written(folder: Path) -> None:
    experiment = named_grid("self-verification", GridSettings(("any",), samples=2, turns=4))
    manifest = Manifest(experiment, built_in_template(), "http://127.0.0.1:9/v1")

    def build() -> CellsController:
        grid = new_grid_run(manifest, folder / "x", built_in_words())
        return CellsController(grid, ModelOpener("http://127.0.0.1:9/v1"))

    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.experiments.open(build, start=True)
        await wait_until(pilot, lambda: "nothing answers at http://127.0.0.1:9/v1" in flat(app))
        assert app.experiments.controller is None
        assert written(folder) == []


async def climb(app: LheApp, pilot: Pilot[int]) -> None:
    """Start a short ladder of a model that reasons aloud."""
    screen = await open_experiments(app, pilot)
    await pilot.press(*["down"] * (len(NAMES) - 1))
    await wait_until(pilot, lambda: screen.chosen_name == "ladder")
    for field, text in (("models", "sim/large"), ("samples", "40"), ("turns", "8")):
        screen.query_one(f"#form-{field}", Input).value = text
    await pilot.press("f5")
    await wait_until(pilot, lambda: isinstance(app.screen, AskScreen))
    assert "where not even the first K passes" in flat(app)
    await pilot.press("y")
    await wait_until(
        pilot,
        lambda: app.experiments.controller is not None and app.experiments.controller.status == "finished",
    )
    await wait_until(pilot, lambda: isinstance(app.screen, ExperimentScreen))


async def test_the_ladder_climbs_to_the_largest_k_and_its_rungs_are_sessions(folder: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await climb(app, pilot)
        await wait_until(pilot, lambda: "at least 8" in flat(app))
        await wait_until(pilot, lambda: "K = 8 passes" in screen_text(app))
        await pilot.press("down", "c")
        await wait_until(pilot, lambda: "K = 2 is compared with no other" in flat(app))
        await pilot.press("escape", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, RunScreen))
        assert app.runs.controller is not None
        assert app.runs.controller.path is not None
        assert app.runs.controller.path.name == "k-00002.jsonl"
        await app.runs.controller.close()


async def test_a_ladder_that_was_run_opens_as_it_ended_and_asks_nothing(folder: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await climb(app, pilot)
        grid = app.experiments.controller
        assert grid is not None
        await grid.close()
        app.experiments.controller = None
        await pilot.press("escape")
        await wait_until(pilot, lambda: "4 K tried" in screen_text(app))
        await pilot.press("end", "enter")
        await wait_until(
            pilot, lambda: isinstance(app.screen, ExperimentScreen) and app.experiments.controller is not None
        )
        await wait_until(pilot, lambda: "✓ finished" in screen_text(app))
        again: ExperimentController | None = app.experiments.controller
        assert again is not None
        assert again.asked == grid.asked


async def test_a_ladder_is_climbed_by_one_model(folder: Path) -> None:
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_experiments(app, pilot)
        await pilot.press(*["down"] * (len(NAMES) - 1))
        screen.query_one("#form-models", Input).value = "sim/large, sim/small"
        await wait_until(pilot, lambda: "name one alone" in flat(app))


# ---- what was run before


def test_past_experiments_are_found_with_how_far_they_came(folder: Path) -> None:
    experiment = named_grid("self-verification", GridSettings(("sim/large",), samples=2, turns=4))
    write_manifest(folder / "half", Manifest(experiment, built_in_template()))
    (folder / "broken").mkdir()
    (folder / "broken" / "experiment.json").write_text("{")
    found = {entry.folder.name: entry for entry in find_experiments([folder, Path("nowhere")])}
    assert found["half"].status == "… 0 of 2 cells"
    assert found["broken"].status == "✗ cannot be read"


async def test_an_interrupted_experiment_is_listed_and_goes_on(folder: Path) -> None:
    experiment = named_grid("self-verification", GridSettings(("sim/large",), samples=2, turns=4))
    write_manifest(folder / "half", Manifest(experiment, built_in_template()))
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_experiments(app, pilot)
        await wait_until(pilot, lambda: "… half" in screen_text(app))
        await pilot.press("end")
        await wait_until(pilot, lambda: screen.chosen_entry is not None)
        await wait_until(pilot, lambda: "0 of 2 cells are complete" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ExperimentScreen))
        await wait_until(pilot, lambda: "○ ready" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "has not begun" in flat(app))
        await pilot.press("escape", "r")
        await wait_until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("y")
        await wait_until(
            pilot,
            lambda: (
                app.experiments.controller is not None and app.experiments.controller.status == "finished"
            ),
        )


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_every_pane_can_be_reached_at_every_size(size: tuple[int, int], folder: Path) -> None:
    app = lone_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        await ask_to_start(app, pilot)
        await pilot.press("y")
        await wait_until(
            pilot,
            lambda: (
                app.experiments.controller is not None and app.experiments.controller.status == "finished"
            ),
        )
        seen = ""
        for _ in range(3):
            await wait_until(pilot, lambda: "finished" in screen_text(app))
            await pilot.pause(0.3)
            seen += screen_text(app)
            await pilot.press("tab")
            await pilot.pause()
        for words in ("task accuracy", "100%", "sim/small", "the paper reports"):
            assert words in seen, words


async def test_no_manifest_can_forge_a_screen(folder: Path) -> None:
    experiment = named_grid("self-verification", GridSettings(("sim/large",), samples=2, turns=4))
    for number, text in enumerate(list(HOSTILE.values())[2::9]):
        cells = [replace(cell, label=text[:100] or "x") for cell in experiment.cells]
        hostile = replace(experiment, name=text[:100], question=text[:500], cells=tuple(cells))
        write_manifest(folder / f"{number} \x1b[31m[x]", Manifest(hostile, built_in_template()))
    app = lone_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_experiments(app, pilot)
        await wait_until(pilot, lambda: screen.entries)
        assert not any(entry.problem for entry in screen.entries)
        await pilot.press("end")
        for _ in screen.entries:
            await pilot.pause()
            assert forbidden(screen_text(app), newlines=True) == []
            await pilot.press("up")
        await pilot.press("end", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ExperimentScreen))
        await pilot.pause(0.3)
        assert forbidden(screen_text(app), newlines=True) == []
        await app.experiments.close()
