"""The task variants that there are, in the order in which they are offered."""

from __future__ import annotations

import re

from lhe_tui.task.variants.add import Add
from lhe_tui.task.variants.dict_sum import DictSum
from lhe_tui.task.variants.matrix import Matrix
from lhe_tui.task.variants.prefix_sum import PrefixSum
from lhe_tui.task.variants.retrieve import Retrieve
from lhe_tui.task.variants.variant import AnyVariant, TaskError, Variant

VARIANTS: dict[str, AnyVariant] = {
    variant.name: variant
    for variant in (
        DictSum(),
        Retrieve(),
        Add(),
        PrefixSum(),
        Matrix(),
    )
}
"""By name."""


def register_variant(variant: AnyVariant | type[AnyVariant]) -> None:
    """Add a variant of another package's. Raises TaskError."""
    made = variant() if isinstance(variant, type) else variant
    if not isinstance(made, Variant):
        raise TaskError(f"{made!r} is no task variant: it must be a lhe_tui.task.variants.variant.Variant")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made.name):
        raise TaskError(f"a task's name is of small letters, digits and single dashes, not {made.name!r}")
    if made.name in VARIANTS:
        raise TaskError(f"there is a task named {made.name} already")
    if "system" not in made.texts:
        raise TaskError(f"the task {made.name} brings no system text: its texts must hold 'system'")
    VARIANTS[made.name] = made


def variant_named(name: str) -> AnyVariant:
    """The variant of that name. Raises TaskError."""
    variant = VARIANTS.get(name)
    if variant is None:
        raise TaskError(f"no task named {name!r}: choose one of {', '.join(VARIANTS)}")
    return variant


def variant_names() -> str:
    """`dict-sum, retrieve, …`."""
    return ", ".join(VARIANTS)
