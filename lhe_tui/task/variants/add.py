"""Numbers are given and added to a running sum: state without lookup."""

from lhe_tui.task.variants.variant import SumVariant


class Add(SumVariant):
    """Numbers are given and added to a running sum: state without lookup."""

    name = "add"
    shows_values = True
    ease = 4.0
