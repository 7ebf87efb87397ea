"""From the form's texts to an experiment that can be started, with what it asks and what it will take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.experiments.grid import GridError
from lhe_tui.experiments.ladder import LadderSettings
from lhe_tui.experiments.named_grids import NAMED_GRIDS, GridSettings, named_grid
from lhe_tui.launch.models import ModelOpener
from lhe_tui.task.controls import AnswerMode, Controls
from lhe_tui.task.spec import TaskError
from lhe_tui.text.counts import counted
from lhe_tui.tui.controller.cells_controller import new_cells
from lhe_tui.tui.controller.ladder_controller import ladder_estimate_words, new_ladder_controller
from lhe_tui.tui.experiments.experiment_form import quick_estimate, read_number_of, read_settings
from lhe_tui.tui.experiments.experiment_form import usual as usual_of_grid
from lhe_tui.tui.experiments.experiment_lines import about_experiment, about_ladder
from lhe_tui.tui.experiments.experiment_views import Build
from lhe_tui.tui.widgets.piece_lines import Line

LADDER = "ladder"
NAMES: tuple[str, ...] = (*NAMED_GRIDS, LADDER)
LADDER_QUESTION = "How many keys can a model add up in a single turn?"
_LADDER_MODEL = "sim/large"
_MOST_KEYS = 512
_LADDER_SAMPLES = 100


@dataclass(frozen=True, slots=True)
class FormTexts:
    """The form as it stands. `turns` is the largest K of a ladder; empty texts mean the usual."""

    models: str = ""
    samples: str = ""
    turns: str = ""
    full_run: bool = False
    mode: AnswerMode = "cot"


@dataclass(frozen=True)
class Plan:
    """What can be started."""

    name: str
    about: Callable[[int], list[Line]]
    words: str
    """What it will take, for the form."""
    question: str
    """What is asked before it starts."""
    build: Build
    given: int = 0
    """Past turns that are laid down before anything is asked."""


def question_of(name: str) -> str:
    """What an experiment asks."""
    return LADDER_QUESTION if name == LADDER else named_grid(name, GridSettings()).question


def usual(name: str) -> tuple[str, int, int]:
    """(models, samples, turns or largest K) where nothing is set."""
    return (_LADDER_MODEL, _LADDER_SAMPLES, _MOST_KEYS) if name == LADDER else usual_of_grid(name)


def plan_for(
    name: str, texts: FormTexts, opener: ModelOpener, show: Callable[[Callable[[int], list[Line]]], None]
) -> Plan:
    """The plan; `show` is told what it is about before its cost is known. Raises GridError or ModelNotAvailable."""
    return _ladder_plan(texts, opener, show) if name == LADDER else _grid_plan(name, texts, opener, show)


def _grid_plan(
    name: str, texts: FormTexts, opener: ModelOpener, show: Callable[[Callable[[int], list[Line]]], None]
) -> Plan:
    settings = read_settings(texts.models, texts.samples, texts.turns, full_run=texts.full_run)
    experiment = named_grid(name, settings)

    def about(width: int) -> list[Line]:
        return about_experiment(experiment, width)

    show(about)
    estimate = quick_estimate(
        experiment, built_in_template(), built_in_words(), lambda model: opener(model).info
    )
    base_url, key = opener.base_url, opener.api_key_env
    models = ", ".join(experiment.models)
    return Plan(
        name,
        about,
        f"{counted(len(experiment.cells), 'cell')} × {counted(experiment.cells[0].spec.samples, 'sample')}: "
        f"{estimate.words()}",
        f"Start {name}? It will take {estimate.words()}, asked of {models}.",
        lambda folder: new_cells(experiment, folder, base_url=base_url, api_key_env=key),
        sum(cell.given * cell.spec.samples for cell in experiment.cells),
    )


def _ladder_plan(
    texts: FormTexts, opener: ModelOpener, show: Callable[[Callable[[int], list[Line]]], None]
) -> Plan:
    show(lambda width: about_ladder(LADDER_QUESTION, width))
    names = [name.strip() for name in texts.models.split(",") if name.strip()] or [_LADDER_MODEL]
    if len(names) > 1:
        raise GridError("a ladder is climbed by one model: name one alone")
    settings = LadderSettings(
        Controls(names[0], texts.mode),
        read_number_of("samples", texts.samples) or _LADDER_SAMPLES,
        most_keys=read_number_of("largest K", texts.turns) or _MOST_KEYS,
    )
    try:
        settings.spec(settings.most_keys)
    except TaskError as error:
        raise GridError(str(error)) from None
    words = ladder_estimate_words(settings, opener(names[0]).info)
    base_url, key = opener.base_url, opener.api_key_env
    return Plan(
        LADDER,
        lambda width: about_ladder(LADDER_QUESTION, width),
        words,
        f"Start the ladder of {names[0]}, {texts.mode}? It will take {words}.",
        lambda folder: new_ladder_controller(settings, folder, base_url=base_url, api_key_env=key),
    )
