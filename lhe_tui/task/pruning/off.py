"""No pruning."""

from lhe_tui.task.pruning.policy import PruningPolicy


class Off(PruningPolicy):
    """Every past turn is shown."""

    form = "off"


OFF = Off()
