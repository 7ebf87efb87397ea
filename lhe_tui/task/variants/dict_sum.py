"""Keys are looked up and their values added to a running sum."""

from lhe_tui.task.variants.variant import SumVariant


class DictSum(SumVariant):
    """Keys are looked up and their values added to a running sum."""

    name = "dict-sum"
