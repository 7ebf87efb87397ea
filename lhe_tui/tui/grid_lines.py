"""An experiment as lines: what it asks and the paper found, how far it is, what was found. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from lhe_tui.experiments.figures import horizon_bars
from lhe_tui.experiments.findings import finding, where_words
from lhe_tui.experiments.grid import Experiment
from lhe_tui.experiments.reference_values import reference_words
from lhe_tui.experiments.run_grid import GridRun
from lhe_tui.text_safety import visible, visible_path
from lhe_tui.tui.grid_controller import GridController
from lhe_tui.tui.grid_shelf import GridEntry
from lhe_tui.tui.piece_lines import Line, heading, wrap
from lhe_tui.tui.run_words import clock_time
from lhe_tui.tui.widgets.inks import Ink

_MOST_LABELS = 8
SIGNS = {"ready": "○", "running": "▶", "finished": "✓", "stopped": "‖", "stuck": "!"}


def about_experiment(experiment: Experiment, width: int) -> list[Line]:
    """The question, the cells, and what the paper reports."""
    lines: list[Line] = [*wrap([(visible(experiment.question), "strong")], width), []]
    lines += wrap(
        [("cells   ", "dim"), (_labels([cell.label for cell in experiment.cells]), "plain")], width, 8
    )
    lines += wrap([("measure ", "dim"), (measure_name(experiment), "plain")], width, 8)
    return [*lines, [], *paper_lines(experiment.name, width)]


def measure_name(experiment: Experiment) -> str:
    """`turn accuracy over turns 91 to 100`; where cells differ in length, at the end of each."""
    places = {_measured(experiment, number) for number in range(len(experiment.cells))}
    return f"{experiment.measure} accuracy {places.pop() if len(places) == 1 else 'at the end of each cell'}"


def _measured(experiment: Experiment, number: int) -> str:
    turns = experiment.measured_turns(experiment.cells[number])
    return f"at turn {turns[0]}" if len(turns) == 1 else f"over turns {turns[0]} to {turns[-1]}"


def _labels(labels: Sequence[str]) -> str:
    shown = [visible(label, limit=80) for label in labels[:_MOST_LABELS]]
    more = f", … ({len(labels)} in all)" if len(labels) > _MOST_LABELS else ""
    return ", ".join(shown) + more


def paper_lines(name: str, width: int) -> list[Line]:
    """What the paper reports, each line with how it is known."""
    words = reference_words(name)
    lines: list[Line] = [heading("the paper reports", width, "exact, or read off a figure (±0.05 or worse)")]
    if not words:
        return [*lines, [("nothing on this", "dim")]]
    for text in words:
        lines += wrap([(" · ", "dim"), (text, "plain")], width, indent=3)
    return lines


def about_entry(entry: GridEntry, width: int) -> list[Line]:
    """An experiment that was run: what it asked, how far it came, where it lies."""
    if entry.problem:
        return wrap([("✗ ", "wrong"), (visible(entry.problem, limit=400), "strong")], width, indent=2)
    lines: list[Line] = [*wrap([(visible(entry.question), "strong")], width), []]
    lines += wrap([("cells   ", "dim"), (_labels(entry.labels), "plain")], width, 8)
    state = "complete" if entry.finished else f"{entry.done} of {len(entry.labels)} cells are complete"
    lines.append([("state   ", "dim"), (state, "plain")])
    lines += wrap([("folder  ", "dim"), (visible_path(entry.folder), "dim")], width, 8)
    words = (
        "Enter shows its figure." if entry.finished else "Enter shows what there is; from there it goes on."
    )
    return [*lines, [], *wrap([(words, "plain")], width), [], *paper_lines(entry.name, width)]


def grid_where(controller: GridController) -> Line:
    """The line on top: name, status, how far."""
    grid, status = controller.grid, controller.status
    done = sum(run.finished for run in grid.runs)
    share = controller.asked / max(1, controller.to_ask)
    line: Line = [(" experiment ", "change"), (f" {visible(grid.experiment.name)}", "strong")]
    word = "cells stand still" if status == "stuck" else status
    ink: Ink = "wrong" if status == "stuck" else "correct" if status == "finished" else "live"
    line.append((f"   {SIGNS[status]} {word}", ink))
    line.append((f"  {share * 100:.0f} % · {done}/{len(grid.runs)} cells", "plain"))
    line.append((f" · {controller.asked:,}/{controller.to_ask:,} turns", "dim"))
    if controller.running:
        line.append(
            (f" · {clock_time(controller.elapsed)}  ETA {clock_time(controller.seconds_left)}", "dim")
        )
    simulated = all(name.startswith("sim/") for name in grid.experiment.models)
    return [*line, ("   simulated" if simulated else "", "dim")]


def finding_lines(controller: GridController, width: int) -> list[Line]:
    """The finding, what stands still, and what the paper reports."""
    grid = controller.grid
    lines: list[Line] = []
    if controller.error:
        lines += wrap([("✗ it broke off: ", "wrong"), (controller.error, "strong")], width, indent=2)
    for run in grid.faults:
        said = f"{visible(run.cell.label)}: {visible(run.fault, limit=300)}"
        lines += wrap([("! ", "wrong"), (said, "plain")], width, indent=2)
    done = grid.finished
    sign = "→ " if done else "so far: "
    ink: Ink = "strong" if done else "plain"
    for sentence in _by_curve(grid):
        lines += wrap([(sign, "change"), (visible(sentence, limit=4000), ink)], width, 2)
        sign = "  "
    where = {where_words(grid.experiment, run) for run in grid.runs}
    if len(where) == 1 and "horizon" not in grid.experiment.figures:
        lines += wrap([(f"measured {where.pop()}; 95 % intervals", "dim")], width)
    lines += [[], *paper_lines(grid.experiment.name, width), []]
    lines += wrap([("sessions ", "dim"), (visible_path(grid.folder), "dim")], width, 9)
    for notice in list(controller.notices)[-5:]:
        lines += wrap([("notice  ", "injected"), (notice, "dim")], width, 8)
    return lines


def _by_curve(grid: GridRun) -> list[str]:
    """The finding, what is said of each curve by itself."""
    text = finding(grid)
    for curve in dict.fromkeys(cell.curve for cell in grid.experiment.cells):
        text = text.replace(f". {curve}: ", f".\n{curve}: ")
    return text.split("\n")


def horizon_lines(grid: GridRun, width: int, *, reference: bool) -> list[Line]:
    """H_0.5 as bars on a log axis."""
    lines: list[Line] = [
        [("H_0.5: the first turn at which task accuracy is below 50 %, log axis", "strong")],
        [],
    ]
    own = len(grid.runs)
    for number, text in enumerate(horizon_bars(grid, width, reference=reference)):
        lines.append([(visible(text), "plain" if number < own else "dim")])
    return lines
