"""The past, begun anew every few turns."""

from lhe_tui.task.pruning.policy import PruningPolicy


class Refresh(PruningPolicy):
    """Every N turns the past collapses into a line of state and grows anew."""

    form = "refresh:N"
    usual = 10
    cards = "gaps"

    def first(self, past: int) -> int:
        """All up to the last whole block of N."""
        return past - past % self.number
