"""`--dataset FILE`: a task that is read in place of a drawn one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lhe_tui.cli.exits import UsageError
from lhe_tui.cli.options import given

if TYPE_CHECKING:
    from lhe_tui.task.spec import Task

DRAWING_OPTIONS = ("words", "dict_size", "min_value", "max_value")
"""What only a drawn task can be told."""


def task_from_dataset(options: argparse.Namespace) -> Task:
    """The file's task, cut to the turns and samples that are asked for. Raises UsageError."""
    from lhe_tui.record.datasets import DatasetError, load_dataset
    from lhe_tui.task.spec import VARIANTS

    extra = given(options, DRAWING_OPTIONS)
    if extra:
        raise UsageError(f"{extra[0]} cannot go with --dataset: the file says it already")
    if options.task is not None and options.task not in VARIANTS:
        raise UsageError(f"no task named {options.task!r}: choose one of {', '.join(VARIANTS)}")
    for place in ("turns", "samples", "turn_complexity"):
        number = getattr(options, place)
        if number is not None and number < 1:
            raise UsageError(f"{given(options, (place,))[0]} must be at least 1, not {number}")
    try:
        return load_dataset(
            options.dataset,
            turns=options.turns,
            turn_complexity=1 if options.turn_complexity is None else options.turn_complexity,
            samples=options.samples,
            variant=options.task,
            seed=options.seed,
        )
    except DatasetError as error:
        raise UsageError(str(error)) from None
