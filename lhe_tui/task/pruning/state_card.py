"""The state in place of the past."""

from lhe_tui.task.pruning.policy import PruningPolicy


class StateCard(PruningPolicy):
    """No past turn is shown: one line states the running sum."""

    form = "state-card"
    cards = "gaps"

    def first(self, past: int) -> int:
        """All are left out."""
        return past
