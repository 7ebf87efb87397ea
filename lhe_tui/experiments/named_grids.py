"""The paper's experiments as named grids: which cells, over which parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lhe_tui.experiments.grid import INDUCED, Cell, Experiment, GridError, check_experiment, file_name
from lhe_tui.task.controls import AnswerMode, Change, Controls, Injection, percent
from lhe_tui.task.pruning.registry import parse_pruning
from lhe_tui.task.spec import TaskError, TaskSpec

RATES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""The paper's induced error rates."""
WINDOWS = ("off", "window:20", "window:5", "window:1", "state-card")
VOTES = (1, 5, 10)
MOST_VOTES_TO_LEAD = 15
LEAD = 3
CHEAP_SAMPLES, RUN_SAMPLES = 100, 24
"""Samples where one request measures each, and where each is a whole run."""


@dataclass(frozen=True, slots=True)
class GridSettings:
    """What a person may set of a named grid; None: the grid's own default."""

    models: tuple[str, ...] = ()
    samples: int | None = None
    turns: int | None = None
    seed: int = 0
    full_run: bool = False
    """Controlled histories: run every turn, in place of one request per sample at the target turn."""
    task: Mapping[str, Any] = field(default_factory=dict)
    """Of every cell's task: `variant`, `dict_size`, `min_value`, `max_value`; the rest as TaskSpec has it."""

    def spec(self, turns: int, samples: int, k: int = 1, variant: str | None = None) -> TaskSpec:
        """A task under these settings. Raises GridError."""
        own = {"variant": variant} if variant is not None else {}
        try:
            return TaskSpec(
                turns=turns,
                turn_complexity=k,
                samples=samples if self.samples is None else self.samples,
                seed=self.seed,
                **{**self.task, **own},
            )
        except TaskError as error:
            raise GridError(str(error)) from None


def scaling(settings: GridSettings) -> Experiment:
    """One run per model, K = 1, answers without reasoning."""
    models = settings.models or ("sim/small", "sim/medium", "sim/large", "sim/frontier")
    spec = settings.spec(settings.turns or 100, RUN_SAMPLES)
    cells = [Cell(file_name(model), model, spec, Controls(model), curve=model) for model in models]
    return Experiment(
        "scaling",
        "How many turns does each model execute before it errs?",
        tuple(cells),
        ("task-accuracy", "turn-accuracy", "horizon"),
        span=10,
    )


def self_conditioning(settings: GridSettings) -> Experiment:
    """Accuracy at a turn, over a past of true answers of which a share was corrupted."""
    models = settings.models or ("sim/medium", "sim/large", "sim/frontier")
    cells = [
        cell
        for model in models
        for cell in controlled_cells(settings, model, "direct", several=len(models) > 1)
    ]
    return _controlled(
        settings,
        "self-conditioning",
        "Does a model err more because errors stand in its history?",
        cells,
    )


def thinking(settings: GridSettings) -> Experiment:
    """The same with and without reasoning."""
    pairs: list[tuple[str, AnswerMode]] = [("sim/large", "direct"), ("sim/thinking", "thinking")]
    if settings.models:
        pairs = [(model, mode) for model in settings.models for mode in _BOTH_MODES]
    cells = [cell for model, mode in pairs for cell in controlled_cells(settings, model, mode, several=True)]
    return _controlled(settings, "thinking", "Does thinking cure self-conditioning?", cells)


_BOTH_MODES: tuple[AnswerMode, ...] = ("direct", "thinking")


def controlled_cells(
    settings: GridSettings, model: str, mode: AnswerMode, *, several: bool, rates: Sequence[float] = RATES
) -> list[Cell]:
    """One cell per induced error rate, under histories that are otherwise the truth."""
    turns = settings.turns or 100
    if turns < 2:
        raise GridError("a controlled history needs a target turn of at least 2: give --turns")
    spec = settings.spec(turns, RUN_SAMPLES if settings.full_run else CHEAP_SAMPLES)
    curve = f"{model} {mode}" if mode != "direct" else model
    cells = []
    for rate in rates:
        cell = Cell(
            file_name(f"{curve} {rate * 100:g}"),
            f"{curve} {percent(rate)}" if several else percent(rate),
            spec,
            Controls(model, mode),
            curve=curve,
            x=rate,
        )
        cells.append(_run_in_full(cell, rate) if settings.full_run else _asked_at_the_end(cell, rate))
    return cells


def _run_in_full(cell: Cell, rate: float) -> Cell:
    return replace(cell, controls=replace(cell.controls, injection=Injection(rate, "truth", 10, 1)))


def _asked_at_the_end(cell: Cell, rate: float) -> Cell:
    """Past turns are given; the injection takes force with the one request, over the whole past."""
    change: Change = (("inject", rate), ("inject-base", "truth"), ("inject-since", 1))
    return replace(cell, script=((cell.spec.turns, change),), given=cell.spec.turns - 1)


def _controlled(settings: GridSettings, name: str, question: str, cells: Sequence[Cell]) -> Experiment:
    full = settings.full_run
    return Experiment(
        name,
        question,
        tuple(cells),
        ("against-x", "turn-accuracy") if full else ("against-x",),
        target_turn=settings.turns or 100,
        span=10 if full else 1,
        x_label=INDUCED,
    )


def context_management(settings: GridSettings) -> Experiment:
    """The same run with less and less of the past in view."""
    models = settings.models or ("sim/small",)
    spec = settings.spec(settings.turns or 100, RUN_SAMPLES)
    cells = [
        Cell(
            file_name(f"{model} {policy}"),
            _labelled(model, models, "whole history" if policy == "off" else parse_pruning(policy).words()),
            spec,
            Controls(model, pruning=parse_pruning(policy)),
            curve=model,
        )
        for model in models
        for policy in WINDOWS
    ]
    return Experiment(
        "context-management",
        "Does a model execute longer when it sees less of its past?",
        tuple(cells),
        span=10,
    )


def voting(settings: GridSettings) -> Experiment:
    """Parallel replies against sequential reasoning, two keys a turn."""
    models = settings.models or ("sim/large",)
    spec = settings.spec(settings.turns or 25, RUN_SAMPLES, k=2)
    cells = []
    for model in models:
        named = [
            *((f"{n} vote{'s' if n > 1 else ''}", Controls(model, votes=n)) for n in VOTES),
            (f"first to lead by {LEAD}", Controls(model, votes=MOST_VOTES_TO_LEAD, vote_lead=LEAD)),
            ("cot", Controls(model, "cot")),
        ]
        cells += [
            Cell(file_name(f"{model} {label}"), _labelled(model, models, label), spec, controls, curve=model)
            for label, controls in named
        ]
    return Experiment(
        "voting",
        "Do many parallel answers do what reasoning does?",
        tuple(cells),
        ("task-accuracy", "turn-accuracy"),
        measure="task",
    )


def self_verification(settings: GridSettings) -> Experiment:
    """The same run with and without a second look at each answer."""
    models = settings.models or ("sim/large",)
    spec = settings.spec(settings.turns or 100, RUN_SAMPLES)
    cells = [
        Cell(
            file_name(f"{model} {label}"),
            _labelled(model, models, label),
            spec,
            Controls(model, verify=verify),
            curve=model,
        )
        for model in models
        for verify, label in ((False, "not verified"), (True, "verified"))
    ]
    return Experiment(
        "self-verification", "Does checking its last answer keep a model right?", tuple(cells), span=10
    )


def turns_vs_complexity(settings: GridSettings) -> Experiment:
    """The same number of steps in many short turns or in few long ones."""
    models = settings.models or ("sim/large",)
    steps = settings.turns or 60
    divisors = [k for k in range(1, steps + 1) if steps % k == 0]
    chosen = _spread(divisors, 7)
    cells = [
        Cell(
            file_name(f"{model} k{k}"),
            _labelled(model, models, f"K = {k}"),
            settings.spec(steps // k, RUN_SAMPLES, k=k),
            Controls(model, "cot"),
            curve=model,
            x=k,
        )
        for model in models
        for k in chosen
    ]
    return Experiment(
        "turns-vs-complexity",
        f"Are {steps} steps easier as many short turns or as few long ones?",
        tuple(cells),
        ("against-x",),
        measure="task",
        x_label="turn complexity K",
    )


def components(settings: GridSettings) -> Experiment:
    """The parts of a step by themselves, beside the whole."""
    models = settings.models or ("sim/large",)
    variants = ("dict-sum", "retrieve", "add", "prefix-sum")
    cells = [
        Cell(
            file_name(f"{model} {variant}"),
            _labelled(model, models, variant),
            settings.spec(settings.turns or 100, RUN_SAMPLES, variant=variant),
            Controls(model),
            curve=model,
        )
        for model in models
        for variant in variants
    ]
    return Experiment(
        "components", "Is it the lookup, the addition or the state that fails?", tuple(cells), span=10
    )


def _labelled(model: str, models: Sequence[str], label: str) -> str:
    return f"{model} {label}" if len(models) > 1 else label


def _spread(values: Sequence[int], at_most: int) -> list[int]:
    """At most so many of the values, the first and the last among them."""
    if len(values) <= at_most:
        return list(values)
    step = (len(values) - 1) / (at_most - 1)
    return [values[round(index * step)] for index in range(at_most)]


NAMED_GRIDS: dict[str, Callable[[GridSettings], Experiment]] = {
    "scaling": scaling,
    "self-conditioning": self_conditioning,
    "context-management": context_management,
    "thinking": thinking,
    "voting": voting,
    "self-verification": self_verification,
    "turns-vs-complexity": turns_vs_complexity,
    "components": components,
}
"""Every named grid; the ladder is a search and stands by itself."""


def named_grid(name: str, settings: GridSettings) -> Experiment:
    """A named grid under a person's settings. Raises GridError."""
    if name not in NAMED_GRIDS:
        raise GridError(f"no experiment named {name!r}: there are {', '.join(NAMED_GRIDS)}")
    if settings.full_run and name not in ("self-conditioning", "thinking"):
        raise GridError(f"{name} is always run in full: --full-run is for self-conditioning and thinking")
    if name == "components" and "variant" in settings.task:
        raise GridError("components goes through every task: leave --task out")
    if len(set(settings.models)) < len(settings.models):
        raise GridError("a model is named twice")
    return check_experiment(NAMED_GRIDS[name](settings))
