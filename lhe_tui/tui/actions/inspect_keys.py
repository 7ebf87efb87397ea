"""The actions of the inspector and of the arms' screen. Part of the one registry."""

from __future__ import annotations

from lhe_tui.tui.actions.action import Action

INSPECT_ACTIONS: tuple[Action, ...] = (
    Action("inspect.next_turn", ("right", "n"), "turn", "Take the turn after apart.", "Go", True, shown="←→"),
    Action("inspect.previous_turn", ("left", "p"), "turn before", "Take the turn before apart.", "Go"),
    Action("inspect.next_sample", ("full_stop",), "next sample", "The same turn of the next sample.", "Go"),
    Action(
        "inspect.previous_sample", ("comma",), "previous sample", "The same turn of the sample before.", "Go"
    ),
    Action(
        "inspect.next_wrong",
        ("e",),
        "wrong",
        "Go to the next turn that is not correct, on into the next samples.",
        "Go",
        True,
    ),
    Action(
        "inspect.previous_wrong", ("E",), "previous wrong", "Go to the turn before that is not correct.", "Go"
    ),
    Action(
        "inspect.next_recovery",
        ("v",),
        "recovery",
        "Go to the next turn that is on the true sum again.",
        "Go",
    ),
    Action("inspect.previous_recovery", ("V",), "previous recovery", "Go to the recovery before.", "Go"),
    Action(
        "inspect.next_change",
        ("c",),
        "change",
        "Go to the first turn under the next change of controls.",
        "Go",
    ),
    Action(
        "inspect.previous_change", ("C",), "previous change", "Go to the change of controls before.", "Go"
    ),
    Action(
        "inspect.diff",
        ("d",),
        "diff",
        "Show the request against the full history (nothing injected, nothing pruned), or as sent.",
        "Look",
        True,
    ),
    Action("inspect.raw", ("o",), "raw", "Show the reply raw, or as it is stored in the history.", "Look"),
    Action("inspect.reasoning", ("g",), "reasoning", "Unfold or fold the reasoning.", "Look"),
    Action(
        "inspect.unfold",
        ("x",),
        "unfold",
        "Show long messages of the request whole, or fold them (a click does it to one).",
        "Look",
    ),
    Action(
        "inspect.search",
        ("slash",),
        "search",
        "Search every message of the session, and go to a match.",
        "Look",
        True,
    ),
    Action(
        "inspect.copy",
        ("y",),
        "copy",
        "Copy the request, the reply, the diagnosis or the whole turn.",
        "Look",
        True,
    ),
    Action(
        "inspect.slips",
        ("l",),
        "slips",
        "Count which slips this run's wrong turns were, and go to them.",
        "Look",
    ),
    Action("inspect.more", ("m",), "more", "Show more of a long reply.", "Look"),
    Action("inspect.other_pane", ("tab", "w"), "other pane", "Go to the other pane.", "Look"),
    Action("inspect.scroll_up", ("up", "k"), "up", "Scroll the pane a line up.", "Look"),
    Action("inspect.scroll_down", ("down", "j"), "down", "Scroll the pane a line down.", "Look"),
    Action("inspect.page_up", ("pageup",), "page up", "Scroll the pane a page up.", "Look"),
    Action("inspect.page_down", ("pagedown", "space"), "page down", "Scroll the pane a page down.", "Look"),
    Action("inspect.top", ("home",), "top", "Go to the pane's first line.", "Look"),
    Action("inspect.bottom", ("end",), "bottom", "Go to the pane's last line.", "Look"),
    Action(
        "inspect.resample",
        ("r",),
        "resample",
        "Ask this turn's very same request again, n times, to tell bad luck from doom.",
        "Branch",
        True,
    ),
    Action(
        "inspect.fork",
        ("f",),
        "fork",
        "Leave the session at this turn under other controls, or with an edited answer.",
        "Branch",
        True,
    ),
    Action(
        "inspect.arms",
        ("a",),
        "arms",
        "Run the same keys from this turn under several histories side by side.",
        "Branch",
        True,
    ),
    Action("inspect.back", ("escape",), "back", "Leave this screen.", "Go", True),
)

# Letters and digits belong to the fields there.
ARMS_ACTIONS: tuple[Action, ...] = (
    Action("arms.start", ("f5",), "start", "Start the arms (Enter does too).", "Run", True),
    Action("arms.scroll_up", ("pageup",), "page up", "Scroll the results a page up.", "Look"),
    Action("arms.scroll_down", ("pagedown",), "page down", "Scroll the results a page down.", "Look"),
    Action("arms.back", ("escape",), "stop, back", "Stop the arms; leave where none runs.", "Go", True),
)
