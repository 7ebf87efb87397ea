"""A sliding window over the past."""

from lhe_tui.task.pruning.policy import PruningPolicy


class Window(PruningPolicy):
    """The last W turns are shown."""

    form = "window:W"
    usual = 5

    def first(self, past: int) -> int:
        """All but the last W are left out."""
        return max(0, past - self.number)
