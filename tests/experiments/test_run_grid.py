"""Running grids: sessions, one bound of requests, faults that stay in their cell, resuming."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from lhe_tui.assets.shipped import built_in_words
from lhe_tui.experiments.figures import figures_of, horizon_bars, table_rows
from lhe_tui.experiments.findings import finding
from lhe_tui.experiments.grid import Cell, Experiment, GridError
from lhe_tui.experiments.grid_estimate import estimate_grid
from lhe_tui.experiments.manifest import read_manifest
from lhe_tui.experiments.measures import cell_difference
from lhe_tui.experiments.named_grids import GridSettings, named_grid
from lhe_tui.experiments.run_grid import GridRun, resumed_grid_run
from lhe_tui.launch.runs import given_past
from lhe_tui.models.base import ChatModel, ChatRequest, Chunk, ModelFailure, ModelInfo
from lhe_tui.models.simulated.model import simulated_model
from lhe_tui.record.read import read_session
from lhe_tui.task.controls import Controls
from lhe_tui.task.pruning.registry import parse_pruning
from lhe_tui.task.spec import TaskSpec, generate
from tests.grid_runs import measures, new_grid, run_grid
from tests.scripted_model import ScriptedModel, right_answer


def small(**controls: str) -> Experiment:
    """Two cells: the whole history and a window."""
    spec = TaskSpec(turns=5, samples=3, dict_size=20)
    cells = (
        Cell("whole", "whole", spec, Controls(controls.get("first", "sim/large")), curve="c"),
        Cell("window", "window", spec, Controls("sim/large", pruning=parse_pruning("window:1")), curve="c"),
    )
    return Experiment("small", "Does it work?", cells, span=2)


def resumed(folder: Path) -> GridRun:
    return resumed_grid_run(read_manifest(folder), folder, built_in_words())


class Counting:
    """A model that counts how many of its requests are under way."""

    def __init__(self) -> None:
        self.inner = ScriptedModel(right_answer())
        self.now = self.most = 0
        self.info = ModelInfo("sim/scripted", simulated=True)

    async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0)
            async for chunk in self.inner.stream(request):
                yield chunk
        finally:
            self.now -= 1

    async def aclose(self) -> None:
        await self.inner.aclose()


def test_every_cell_is_a_whole_session_in_the_folder(tmp_path: Path) -> None:
    grid = run_grid(new_grid(small(), tmp_path / "e"))
    assert grid.finished
    assert sorted(path.name for path in (tmp_path / "e").iterdir()) == [
        "experiment.json",
        "whole.jsonl",
        "window.jsonl",
    ]
    for run in grid.runs:
        recording = read_session(run.path)
        assert recording.state.status == "completed"
        assert recording.state.finished_turns == 15
        assert recording.header.extra["cell"] == run.cell.name


def test_all_cells_share_one_bound_of_requests_and_one_model(tmp_path: Path) -> None:
    model = Counting()
    opened: list[str] = []

    def open_model(name: str) -> ChatModel:
        opened.append(name)
        return model

    grid = run_grid(new_grid(small(), tmp_path), open_model, concurrency=2)
    assert grid.finished
    assert model.most == 2
    assert opened == ["sim/large"]
    assert model.inner.closed


def test_given_pasts_are_the_truth_and_only_the_target_turn_is_asked(tmp_path: Path) -> None:
    experiment = named_grid("self-conditioning", GridSettings(("sim/large",), 4, 10))
    model = ScriptedModel(right_answer())
    grid = run_grid(new_grid(experiment, tmp_path), lambda name: model)
    assert len(model.requests) == 4 * 5
    assert {request.messages[-1].turn for request in model.requests} == {10}
    assert all(len(request.messages) == 1 + 2 * 9 + 1 for request in model.requests)
    shown = {
        run.cell.x: [message.provenance for message in request.messages if message.role == "assistant"]
        for run in grid.runs
        for request in model.requests[:1]
    }
    assert shown
    rates = {run.cell.x: run.state.shown_states[2] / run.state.shown_states[1] for run in grid.runs}
    assert rates[0.0] == 0
    assert rates[1.0] == 1
    assert 0 < rates[0.25] <= rates[0.5] <= rates[0.75] < 1
    assert [read_session(run.path).state.answered_turns for run in grid.runs] == [4] * 5


def test_a_given_past_folds_as_correct_everywhere() -> None:
    task = generate(TaskSpec(turns=4, samples=2, dict_size=20), built_in_words())
    events = list(given_past(task, 3))
    assert [(event.sample, event.turn) for event in events] == [
        (1, 1),
        (2, 1),
        (1, 2),
        (2, 2),
        (1, 3),
        (2, 3),
    ]
    assert all(event.edited for event in events)


def test_a_fault_in_one_cell_leaves_the_others_whole(tmp_path: Path) -> None:
    refusing = ScriptedModel(lambda request: ModelFailure("auth", "the key was refused", retryable=False))
    grid = run_grid(
        new_grid(small(first="sim/broken"), tmp_path),
        lambda name: refusing if name == "sim/broken" else ScriptedModel(right_answer()),
    )
    assert [run.fault for run in grid.runs] == ["the key was refused", ""]
    assert [run.finished for run in grid.runs] == [False, True]
    assert read_session(grid.runs[0].path).damage == []


def test_a_resumed_grid_asks_only_what_is_left(tmp_path: Path) -> None:
    async def stop_early() -> None:
        grid = new_grid(small(), tmp_path)
        async with aclosing(
            grid.progress(lambda name: ScriptedModel(right_answer()), concurrency=1)
        ) as events:
            async for run in events:
                if run.cell.name == "window" and run.turns_asked == 4:
                    grid.stop()

    asyncio.run(stop_early())
    left = resumed(tmp_path)
    asked = sum(run.turns_asked for run in left.runs)
    assert 0 < asked < 30
    model = ScriptedModel(right_answer())
    run_grid(left, lambda name: model)
    assert left.finished
    assert len(model.requests) == 30 - asked
    again = resumed(tmp_path)
    nobody = ScriptedModel(right_answer())
    run_grid(again, lambda name: nobody)
    assert nobody.requests == []
    assert finding(again) == finding(left)


def test_a_cell_whose_session_was_damaged_says_so_and_the_others_go_on(tmp_path: Path) -> None:
    run_grid(new_grid(small(), tmp_path))
    path = tmp_path / "whole.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b"garbage\n", *lines[4:]]))
    (tmp_path / "window.jsonl").unlink()
    grid = run_grid(resumed(tmp_path))
    assert "is damaged and cannot be resumed" in grid.runs[0].fault
    assert grid.runs[1].finished
    assert path.read_bytes().count(b"garbage") == 1


def test_a_session_of_another_run_is_not_taken_for_the_cells_own(tmp_path: Path) -> None:
    run_grid(new_grid(small(), tmp_path))
    (tmp_path / "window.jsonl").write_bytes((tmp_path / "whole.jsonl").read_bytes())
    grid = resumed(tmp_path)
    grid.close()
    assert "holds another run than cell window" in grid.runs[1].fault


def test_nothing_that_exists_is_overwritten(tmp_path: Path) -> None:
    run_grid(new_grid(small(), tmp_path))
    with pytest.raises(GridError, match="--resume"):
        new_grid(small(), tmp_path)
    (tmp_path / "experiment.json").unlink()
    with pytest.raises(GridError, match="never overwritten"):
        new_grid(small(), tmp_path)


def test_samples_that_got_no_reply_are_told_and_asked_again(tmp_path: Path) -> None:
    replies = iter(range(1000))

    def answer(request: ChatRequest) -> str | Exception:
        if next(replies) == 4:
            return ModelFailure("context", "the prompt does not fit", retryable=False)
        return right_answer()(request)

    grid = run_grid(new_grid(small(), tmp_path), lambda name: ScriptedModel(answer), concurrency=1)
    (faulty,) = grid.faults
    assert faulty.fault == "1 of 3 samples stopped short: the prompt does not fit"
    again = run_grid(resumed(tmp_path), lambda name: ScriptedModel(right_answer()))
    assert again.finished


def test_estimates_count_given_turns_as_prompt_and_not_as_requests(tmp_path: Path) -> None:
    info = ModelInfo("a/b", price_prompt=1.0, price_completion=2.0)
    controlled = new_grid(
        named_grid("self-conditioning", GridSettings(("sim/large",), 10, 50)), tmp_path / "a"
    )
    full = new_grid(
        named_grid("self-conditioning", GridSettings(("sim/large",), 10, 50, full_run=True)), tmp_path / "b"
    )
    one, all_turns = (estimate_grid(grid.runs, lambda name: info) for grid in (controlled, full))
    assert (one.requests, all_turns.requests) == (50, 2500)
    assert one.prompt_tokens < all_turns.prompt_tokens / 20
    assert one.dollars is not None
    assert "US$" in one.words()
    assert estimate_grid(one_done := run_grid(controlled).runs, lambda name: info).requests == 0
    assert len(one_done) == 5


def test_a_paired_difference_needs_the_same_plans(tmp_path: Path) -> None:
    spec = TaskSpec(turns=6, samples=4, dict_size=20)
    other = TaskSpec(turns=6, samples=4, dict_size=20, seed=9)
    cells = tuple(
        Cell(name, name, cell_spec, Controls("sim/small"), curve="c")
        for name, cell_spec in (("a", spec), ("b", spec), ("c", other))
    )
    grid = run_grid(new_grid(Experiment("e", "?", cells), tmp_path))
    found = [cell_difference(grid.experiment, grid.runs[0], run) for run in grid.runs]
    assert found[0] is None
    assert [difference.paired for difference in found[1:] if difference is not None] == [True, False]


def test_figures_and_tables_stand_before_anything_is_measured(tmp_path: Path) -> None:
    grid = new_grid(named_grid("scaling", GridSettings(samples=2, turns=3)), tmp_path)
    assert finding(grid) == "nothing has been measured yet"
    assert len(figures_of(grid)) == 2
    assert all(row.measure == "—" for row in table_rows(grid))
    assert horizon_bars(grid, 80)


@pytest.mark.parametrize(("turn", "laid"), [(100, 2), (12, 0)])
def test_the_papers_curves_are_laid_only_under_what_was_measured_alike(
    turn: int, laid: int, tmp_path: Path
) -> None:
    experiment = named_grid("self-conditioning", GridSettings(("sim/large",), 1, turn))
    (chart,) = figures_of(new_grid(experiment, tmp_path))
    references = [series.label for series in chart.series if series.style == "reference"]
    assert len(references) == laid
    assert all(label.endswith("(read off)") for label in references)


def test_measures_name_the_turns_they_pool(tmp_path: Path) -> None:
    grid = run_grid(new_grid(small(), tmp_path), lambda name: ScriptedModel(right_answer()))
    found = measures(grid)["whole"]
    assert (found.rate, found.turns, found.samples) == (1.0, 6, 3)
    assert found.low < 0.95
    assert "over turns 4 to 5" in finding(grid)


def test_the_simulated_model_of_a_grid_is_the_same_as_of_a_run(tmp_path: Path) -> None:
    one = run_grid(new_grid(small(), tmp_path / "a"), simulated_model, concurrency=1)
    two = run_grid(new_grid(small(), tmp_path / "b"), simulated_model, concurrency=16)
    for a, b in zip(one.runs, two.runs, strict=True):
        replies = [[record.event.reply for record in sample.turns] for sample in a.state.samples]
        assert replies == [[record.event.reply for record in sample.turns] for sample in b.state.samples]


def test_a_model_that_answers_one_at_a_time_finishes_a_cell_before_the_next(tmp_path: Path) -> None:
    """Its prompt cache holds few conversations: those of all cells in turn would push each other out."""
    for concurrency, first_cell_alone in ((1, True), (2, False)):
        model = ScriptedModel(right_answer())
        grid = run_grid(
            new_grid(small(), tmp_path / f"{concurrency}"), lambda name, m=model: m, concurrency=concurrency
        )
        assert grid.finished
        # The last turn of the whole history shows four turns, that of the window one.
        shown = [len(request.messages) for request in model.requests]
        assert (max(i for i, n in enumerate(shown) if n == 10) == 14) is first_cell_alone
