"""Task variants and pruning policies from other packages.

A package names them as entry points of the groups `lhe_tui.variants` and `lhe_tui.policies`; `--task MODULE:NAME` names
a variant that no package declares. Nothing that a session or a dataset says is ever imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from lhe_tui.errors import LheError
from lhe_tui.task.pruning.registry import register_policy
from lhe_tui.task.variants.registry import VARIANTS, register_variant

GROUPS: dict[str, Callable[[Any], None]] = {
    "lhe_tui.variants": register_variant,
    "lhe_tui.policies": register_policy,
}
_REFERENCE = re.compile(r"[\w.]+:\w+")


class PluginError(LheError, ValueError):
    """A variant or a policy from elsewhere that cannot be taken; the message says which and why."""


def load_plugins(warn: Callable[[str], None]) -> None:
    """Register what installed packages bring; what cannot be taken is told and left out."""
    for group, register in GROUPS.items():
        for point in entry_points(group=group):
            try:
                register(point.load())
            except Exception as error:  # noqa: BLE001  a package of somebody else's may raise anything
                warn(f"{point.value} ({group}) is left out: {type(error).__name__}: {error}")


def task_named(name: str) -> str:
    """The name of a task: itself, or of the variant that MODULE:NAME stands for. Raises PluginError."""
    if not _REFERENCE.fullmatch(name):
        return name
    module, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(module), attribute)
        variant = found() if isinstance(found, type) else found
        if VARIANTS.get(getattr(variant, "name", "")).__class__ is not variant.__class__:
            register_variant(variant)
    except Exception as error:  # noqa: BLE001  a module of somebody else's may raise anything
        raise PluginError(f"--task {name} cannot be taken: {type(error).__name__}: {error}") from None
    told: str = variant.name
    return told
