"""The pruning policies that there are, in the order in which they are offered."""

from __future__ import annotations

import re

from lhe_tui.task.pruning.drop_wrong import DropWrong
from lhe_tui.task.pruning.off import Off
from lhe_tui.task.pruning.policy import PruningError, PruningPolicy
from lhe_tui.task.pruning.refresh import Refresh
from lhe_tui.task.pruning.state_card import StateCard
from lhe_tui.task.pruning.window import Window
from lhe_tui.task.pruning.window_and_card import WindowAndCard

POLICIES: list[type[PruningPolicy]] = [
    Off,
    Window,
    StateCard,
    DropWrong,
    WindowAndCard,
    Refresh,
]


def register_policy(policy: type[PruningPolicy]) -> None:
    """Add a policy of another package's. Raises PruningError."""
    if not (isinstance(policy, type) and issubclass(policy, PruningPolicy)):
        raise PruningError(f"{policy!r} is no pruning policy: it must be a class from PruningPolicy")
    if not re.fullmatch(r"[a-z]+(-[a-z]+)*(:[A-Z])?(\+[a-z-]+)?", policy.form):
        raise PruningError(f"a pruning policy is written as name or name:N, not {policy.form!r}")
    if any(policy.form == known.form for known in POLICIES):
        raise PruningError(f"there is a pruning policy written {policy.form} already")
    if policy.counted() and policy.usual < 1:
        raise PruningError(f"the pruning policy {policy.form} has no usual number: it must be at least 1")
    POLICIES.append(policy)


def forms() -> str:
    """How the policies are written: `off, window:W, state-card, …`."""
    return ", ".join(policy.form for policy in POLICIES)


def parse_pruning(text: str) -> PruningPolicy:
    """Read a policy as written. Raises PruningError."""
    for policy in POLICIES:
        parsed = policy.parse(text.strip().lower())
        if parsed is not None:
            return parsed
    raise PruningError(f"prune takes {forms()}, not {text!r}")
