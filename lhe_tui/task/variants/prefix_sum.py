"""Numbers are given and added up, with no dictionary in the prompt at all."""

from lhe_tui.task.variants.variant import SumVariant


class PrefixSum(SumVariant):
    """Numbers are given and added up, with no dictionary in the prompt at all."""

    name = "prefix-sum"
    shows_values = True
    ease = 2.5
