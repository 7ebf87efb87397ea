"""An experiment as lines: what it asks and the paper found, how far it is, what was found. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from lhe_tui.experiments.figures import horizon_bars
from lhe_tui.experiments.grid import Experiment
from lhe_tui.experiments.reference_values import reference_words
from lhe_tui.experiments.run_grid import GridRun
from lhe_tui.text.counts import true_minus
from lhe_tui.text.visible import visible, visible_path
from lhe_tui.tui.controller.experiment_controller import ExperimentController
from lhe_tui.tui.experiments.experiment_index import ExperimentEntry
from lhe_tui.tui.widgets.inks import Ink
from lhe_tui.tui.widgets.piece_lines import Line, heading, wrap

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


def about_ladder(question: str, width: int) -> list[Line]:
    """The question, how it is climbed, and what the paper reports."""
    words = (
        "One turn with K keys, K doubled until fewer than 80 % are right, then halved in between. A K is asked only "
        "until its interval clears that line, by one that may be looked at after every sample."
    )
    lines: list[Line] = [*wrap([(question, "strong")], width), []]
    return [*lines, *wrap([(words, "plain")], width), [], *paper_lines("ladder", width)]


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


def about_entry(entry: ExperimentEntry, width: int) -> list[Line]:
    """An experiment that was run: what it asked, how far it came, where it lies."""
    if entry.problem:
        return wrap([("✗ ", "wrong"), (visible(entry.problem, limit=400), "strong")], width, indent=2)
    lines: list[Line] = [*wrap([(visible(entry.question), "strong")], width), []] if entry.question else []
    lines += wrap(
        [("tried   " if entry.ladder else "cells   ", "dim"), (_labels(entry.labels), "plain")], width, 8
    )
    state = f"{entry.done} of {len(entry.labels)} cells are complete"
    if entry.ladder or entry.finished:
        state = "complete" if entry.finished else f"{len(entry.labels)} K tried"
    lines.append([("state   ", "dim"), (state, "plain")])
    lines += wrap([("folder  ", "dim"), (visible_path(entry.folder), "dim")], width, 8)
    words = (
        "Enter shows its figure." if entry.finished else "Enter shows what there is; it can be resumed there."
    )
    return [*lines, [], *wrap([(words, "plain")], width), [], *paper_lines(entry.name, width)]


def where_line(controller: ExperimentController) -> Line:
    """The line on top: name, status, how far."""
    status = controller.status
    line: Line = [(" experiment ", "change"), (f" {visible(controller.name)}", "strong")]
    word = "stands still" if status == "stuck" else status
    ink: Ink = "wrong" if status == "stuck" else "correct" if status == "finished" else "live"
    line.append((f"   {SIGNS[status]} {word}", ink))
    line.append((f"  {controller.progress_words()}", "plain"))
    simulated = all(name.startswith("sim/") for name in controller.models)
    return [*line, ("   simulated" if simulated else "", "dim")]


def finding_lines(
    controller: ExperimentController, findings: tuple[list[str], str], width: int
) -> list[Line]:
    """The finding, what stands still, and what the paper reports."""
    lines: list[Line] = []
    if controller.error:
        lines += wrap([("✗ it broke off: ", "wrong"), (controller.error, "strong")], width, indent=2)
    for what, why in controller.faults:
        said = f"{visible(what)}: {visible(why, limit=300)}"
        lines += wrap([("! ", "wrong"), (said, "plain")], width, indent=2)
    sign = "→ " if controller.finished else "so far: "
    ink: Ink = "strong" if controller.finished else "plain"
    for sentence in findings[0]:
        lines += wrap([(sign, "change"), (visible(true_minus(sentence), limit=4000), ink)], width, 2)
        sign = "  "
    lines += wrap([(findings[1], "dim")], width)
    lines += [[], *paper_lines(controller.name, width), []]
    lines += wrap([("sessions ", "dim"), (visible_path(controller.folder), "dim")], width, 9)
    for notice in list(controller.notices)[-5:]:
        lines += wrap([("notice  ", "injected"), (notice, "dim")], width, 8)
    return lines


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
