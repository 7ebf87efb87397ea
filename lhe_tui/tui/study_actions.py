"""The actions of the screens that measure: theory, compare, experiments. Part of the one registry."""

from __future__ import annotations

from lhe_tui.tui.action import Action

THEORY_ACTIONS: tuple[Action, ...] = (
    Action("theory.p_down", ("left",), "p −", "A lower step accuracy, by its last digit.", "Move", True, "p"),
    Action("theory.p_up", ("right",), "p +", "A higher step accuracy, by its last digit.", "Move", True, "p"),
    Action(
        "theory.p_down_far",
        ("shift+left", "comma"),
        "p −−",
        "A lower step accuracy, by ten times as much.",
        "Move",
    ),
    Action(
        "theory.p_up_far",
        ("shift+right", "full_stop"),
        "p ++",
        "A higher step accuracy, by ten times as much.",
        "Move",
    ),
    Action("theory.s_down", ("down",), "s −", "A lower success threshold.", "Move", True, "s"),
    Action("theory.s_up", ("up",), "s +", "A higher success threshold.", "Move", True, "s"),
    Action("theory.s_down_far", ("pagedown", "shift+down"), "s −−", "A threshold lower by 0.1.", "Move"),
    Action("theory.s_up_far", ("pageup", "shift+up"), "s ++", "A threshold higher by 0.1.", "Move"),
    Action(
        "theory.double", ("d",), "double", "The step accuracy at which H_s is twice as long.", "Jump", True
    ),
    Action("theory.halve", ("h",), "halve", "The step accuracy at which H_s is half as long.", "Jump", True),
    Action(
        "theory.measured",
        ("m",),
        "measured p",
        "Go to the p that the open session or run measured.",
        "Jump",
        True,
    ),
    Action("theory.start", ("home",), "start", "Back to p = 0.99, s = 0.5.", "Jump"),
    Action("theory.next_pane", ("tab", "w"), "pane", "Show the next pane, where only one fits.", "Look"),
    Action("theory.back", ("escape",), "back", "Leave this screen.", "Go", True),
)

EVERYWHERE: tuple[Action, ...] = (
    Action(
        "app.theory",
        ("f7",),
        "theory",
        "Proposition 1: what a constant step accuracy says about the horizon length.",
        "Go",
    ),
)
