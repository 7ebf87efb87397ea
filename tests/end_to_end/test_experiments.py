"""The paper's shapes come out of the simulated models, through their messages alone, and out of the command line."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import pytest

from lhe_tui.experiments.findings import finding
from lhe_tui.experiments.measures import cell_difference, pooled_self_conditioning
from lhe_tui.experiments.named_grids import GridSettings, named_grid
from lhe_tui.models.simulated.presets import PRESETS
from lhe_tui.task.scoring import horizon_length
from tests.end_to_end.command_line import TIMEOUT, CommandLine
from tests.end_to_end.terminal import Terminal
from tests.grid_runs import measures, new_grid, run_grid
from tests.misbehaving_server import HANG, MisbehavingServer, Reply, Request, delta, sse


@pytest.fixture
def lhe(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def test_larger_models_execute_longer_though_turn_one_is_right_for_nearly_all(tmp_path: Path) -> None:
    grid = run_grid(new_grid(named_grid("scaling", GridSettings(samples=16, turns=40)), tmp_path))
    horizons = [horizon_length(run.state.tallies, 0.5).turn or 41 for run in grid.runs]
    assert horizons == sorted(horizons)
    assert horizons[-1] > 3 * horizons[0]
    assert all(run.state.tallies[0].correct / run.state.tallies[0].n >= 0.75 for run in grid.runs)
    assert finding(grid).startswith("Task accuracy falls below one half (H_0.5) at turn: sim/small")


def test_accuracy_falls_with_the_share_of_errors_in_view(tmp_path: Path) -> None:
    settings = GridSettings(("sim/large",), 160, 60)
    grid = run_grid(new_grid(named_grid("self-conditioning", settings), tmp_path))
    rates = [measure.rate for measure in measures(grid).values()]
    # The cells err independently of each other, so neighbours may change places.
    assert min(rates[:2]) > max(rates[-2:])
    assert rates[0] - rates[-1] > 0.15
    worst = cell_difference(grid.experiment, grid.runs[0], grid.runs[-1])
    assert worst is not None
    assert worst.clear
    assert "self-conditioning, " in finding(grid)
    assert "10 points more errors in view: odds of a slip ×1." in finding(grid)


@pytest.mark.parametrize("model", ["sim/large", "sim/frontier"])
def test_the_estimate_over_all_rates_finds_the_simulated_models_own_parameter(
    model: str, tmp_path: Path
) -> None:
    grid = run_grid(new_grid(named_grid("self-conditioning", GridSettings((model,), 150, 60)), tmp_path))
    estimate = pooled_self_conditioning(grid.runs)
    assert estimate.coefficient is not None
    assert estimate.standard_error is not None
    assert abs(estimate.coefficient - PRESETS[model].contagion) < 2 * estimate.standard_error


def test_thinking_is_flat_where_answering_directly_falls(tmp_path: Path) -> None:
    grid = run_grid(new_grid(named_grid("thinking", GridSettings(samples=60, turns=60)), tmp_path))
    found = list(measures(grid).values())
    direct, thinking = found[:5], found[5:]
    assert direct[0].rate - direct[4].rate > 0.15
    assert abs(thinking[0].rate - thinking[4].rate) < 0.05
    assert "none of 10 points or more" in finding(grid)


def test_a_smaller_window_is_better(tmp_path: Path) -> None:
    settings = GridSettings(("sim/small",), 12, 40)
    grid = run_grid(new_grid(named_grid("context-management", settings), tmp_path))
    rates = [measure.rate for measure in measures(grid).values()]
    assert rates == sorted(rates)
    assert rates[-2] > rates[0] + 0.3


def test_votes_gain_little_and_reasoning_much(tmp_path: Path) -> None:
    grid = run_grid(new_grid(named_grid("voting", GridSettings(samples=4, turns=6)), tmp_path))
    rates = [measure.rate for measure in measures(grid).values()]
    assert max(rates[:-1]) <= 0.25
    assert rates[-1] >= 0.75


def test_the_parts_alone_are_easy(tmp_path: Path) -> None:
    grid = run_grid(new_grid(named_grid("components", GridSettings(samples=8, turns=60)), tmp_path))
    whole, *parts = [measure.rate for measure in measures(grid).values()]
    assert min(parts) > whole
    assert min(parts) > 0.95


def test_the_full_run_tells_the_same_as_one_request_per_sample(tmp_path: Path) -> None:
    settings = GridSettings(("sim/large",), 10, 50, full_run=True)
    grid = run_grid(new_grid(named_grid("self-conditioning", settings), tmp_path))
    rates = [measure.rate for measure in measures(grid).values()]
    assert rates[0] - rates[-1] > 0.15


def test_an_experiment_prints_its_figure_table_and_finding_and_resumes(lhe: CommandLine) -> None:
    words = ("experiment", "self-conditioning", "--models", "sim/medium", "--samples", "8", "--turns", "12")
    done = lhe(*words, "--out", "e")
    assert done.returncode == 0, done.stderr
    for said in ("self-conditioning", "(simulated)", "induced error rate", "(read off)", "turn 12"):
        assert said in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    before = {path.name: path.read_bytes() for path in (lhe.folder / "e").iterdir()}
    again = lhe("experiment", "self-conditioning", "--out", "e", "--resume")
    assert again.returncode == 0, again.stderr
    assert {path.name: path.read_bytes() for path in (lhe.folder / "e").iterdir()} == before
    assert again.stdout == done.stdout
    taken = lhe(*words, "--out", "e")
    assert taken.returncode == 2
    assert "--resume" in taken.stderr


def test_an_experiments_json_holds_each_cells_report_and_the_finding(lhe: CommandLine) -> None:
    document = lhe.json(
        "experiment", "context-management", "--samples", "2", "--turns", "6", "--out", "e", "--json"
    )
    assert document["format"] == "lhe-experiment-report/1"
    assert document["finding"].startswith("Turn accuracy over turns")
    assert [cell["report"]["format"] for cell in document["cells"]] == ["lhe-report/1"] * 5
    assert document["cells"][0]["difference"] is None
    assert set(document["cells"][1]["difference"]) == {"difference", "low", "high", "paired", "needed"}


def test_a_grid_of_ones_own_runs_from_its_file(lhe: CommandLine) -> None:
    (lhe.folder / "own.toml").write_text(
        'name = "own"\n[task]\nturns = 4\nsamples = 2\n[[cells]]\nname = "a"\n'
        '[[cells]]\nname = "b"\ncontrols = { verify = true }\n'
    )
    done = lhe("experiment", "own.toml", "--out", "e")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (lhe.folder / "e").iterdir()) == [
        "a.jsonl",
        "b.jsonl",
        "experiment.json",
    ]


@pytest.mark.parametrize(
    ("answered", "how"),
    [(0, signal.SIGINT), (5, signal.SIGKILL), (5, signal.SIGINT), (11, signal.SIGKILL)],
)
def test_a_killed_experiment_asks_only_what_is_left(
    lhe: CommandLine, answered: int, how: signal.Signals
) -> None:
    (lhe.folder / "own.toml").write_text(
        'name = "own"\nmodels = ["m"]\n[task]\nturns = 3\nsamples = 2\ndict-size = 20\n'
        '[[cells]]\nname = "a"\n[[cells]]\nname = "b"\ncontrols = { prune = "window:1" }\n'
    )
    hanging = threading.Event()

    def hang(request: Request) -> Reply:
        hanging.set()
        return Reply(delta("<answer>1", role="assistant"), HANG)

    good = [lambda request: Reply(*sse("<answer>1</answer>"))] * answered
    with MisbehavingServer(*good, hang, answer=lambda messages: "<answer>1</answer>").in_thread() as server:
        process = lhe.start("experiment", "own.toml", "--base-url", server.url, "--out", "e")
        assert hanging.wait(TIMEOUT)
        process.send_signal(how)
        _, said = process.communicate(timeout=TIMEOUT)
        assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL)
        assert ("lhe-tui experiment own.toml --out e --resume" in said) == (how == signal.SIGINT)
        done = lhe("experiment", "own.toml", "--out", "e", "--resume")
        assert done.returncode == 0, done.stderr
        asked = sum(request.path.endswith("/chat/completions") for request in server.requests)
    assert asked == 12 + 1
    assert "6/6" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nothing",), "no experiment named 'nothing'"),
        (("ladder",), "a command of its own"),
        (("missing.toml",), "missing.toml cannot be read"),
        (("scaling", "--models", "sim/none"), "no simulated model is named"),
        (("scaling", "--models", "openai/x"), "needs a key"),
        (("scaling", "--resume"), "name it with --out"),
        (("scaling", "--resume", "--out", "e", "--turns", "3"), "--turns cannot go with --resume"),
        (("scaling", "--resume", "--out", "e"), "holds nothing to resume"),
        (("scaling", "--temperature", "hot"), "temperature takes a number"),
        (("own.toml", "--turns", "3"), "--turns cannot go with a file"),
    ],
)
def test_an_experiment_that_cannot_be_is_one_sentence(
    lhe: CommandLine, words: tuple[str, ...], says: str
) -> None:
    done = lhe("experiment", *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_remote_model_needs_a_yes_where_nobody_can_be_asked(lhe: CommandLine) -> None:
    done = lhe(
        "ladder", "--model", "openai/gpt-4o", "--out", "l", env={"OPENAI_API_KEY": "sk-not-a-real-key"}
    )
    assert done.returncode == 2
    assert "add --yes to start" in done.stderr
    assert "requests" in done.stderr
    assert not (lhe.folder / "l").exists()


@pytest.mark.parametrize(("answer", "code"), [("n\r", 2), ("y\r", 0)])
def test_on_a_terminal_a_real_model_is_asked_only_after_a_yes(
    lhe: CommandLine, answer: str, code: int
) -> None:
    with MisbehavingServer(answer=lambda messages: "<answer>1</answer>").in_thread() as server:
        terminal = Terminal(lhe, "ladder", "--model", "m", "--base-url", server.url, "--out", "l")
        terminal.until("Start? [y/N]")
        assert not any(request.path.endswith("/chat/completions") for request in server.requests)
        terminal.type(answer)
        assert terminal.end() == code
        asked = sum(request.path.endswith("/chat/completions") for request in server.requests)
    assert asked == (0 if code else 3)
    assert (lhe.folder / "l").exists() == (code == 0)


def test_a_ladder_prints_each_k_and_the_largest(lhe: CommandLine) -> None:
    document = lhe.json("ladder", "--model", "sim/large", "--max-k", "8", "--out", "l", "--json")
    assert (document["largest"], document["smallest_failed"]) == (1, 2)
    done = lhe("ladder", "--out", "l", "--resume")
    assert done.returncode == 0, done.stderr
    assert "the largest K with at least 80 % right in a single turn is 1" in " ".join(done.stdout.split())


def test_sessions_are_compared_on_the_command_line(lhe: CommandLine) -> None:
    for name, prune in (("a", "off"), ("b", "window:1")):
        lhe("run", "--turns", "8", "--samples", "4", "--prune", prune, "--out", f"{name}.jsonl")
    done = lhe("compare", "a.jsonl", "b.jsonl")
    assert done.returncode == 0, done.stderr
    assert "pruning  off  window:1" in done.stdout
    assert "b beside a" in done.stdout
    document = json.loads(lhe("compare", "a.jsonl", "b.jsonl", "--json").stdout)
    assert document["same_plans"] is True
    assert lhe("compare", "a.jsonl").returncode == 2
    assert lhe("compare", "a.jsonl", "gone.jsonl").returncode == 2
