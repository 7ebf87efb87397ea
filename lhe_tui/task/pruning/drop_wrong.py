"""The past without its wrong steps."""

from lhe_tui.task.pruning.policy import JudgedTurn, PruningPolicy


class DropWrong(PruningPolicy):
    """Turns that took a wrong step leave the history; a line of state bridges each gap."""

    form = "drop-wrong"
    cards = "gaps"
    selects = True

    def keeps(self, turn: JudgedTurn) -> bool:
        """Right steps stay, from a sum that a line of state can carry."""
        return turn.right and turn.carried
