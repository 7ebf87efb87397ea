"""A sliding window, with the state told beside it."""

from lhe_tui.task.pruning.window import Window


class WindowAndCard(Window):
    """The last W turns are shown, and a line states the running sum."""

    form = "window:W+state-card"
    cards = "newest"
