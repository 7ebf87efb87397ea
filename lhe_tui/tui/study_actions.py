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

COMPARE_ACTIONS: tuple[Action, ...] = (
    Action(
        "compare.inspect",
        ("enter",),
        "inspect",
        "Take the turn under the cursor apart: what this session was sent, what came back, why it is wrong.",
        "Turns",
        True,
    ),
    Action(
        "compare.next_difference",
        ("e",),
        "differ",
        "Go to the next turn that one session got right and another did not, on into the next samples.",
        "Turns",
        True,
    ),
    Action(
        "compare.previous_difference",
        ("E",),
        "differ before",
        "Go to the turn before that one session got right and another did not.",
        "Turns",
    ),
    Action(
        "compare.first_difference",
        ("d", "home"),
        "part",
        "Go to the first turn of this sample at which the answers differ.",
        "Turns",
        True,
    ),
    Action("compare.turn_up", ("up", "k"), "turn up", "Put the cursor on the turn before.", "Turns"),
    Action("compare.turn_down", ("down", "j"), "turn down", "Put the cursor on the turn after.", "Turns"),
    Action("compare.page_up", ("pageup",), "page up", "Go a page of turns up.", "Turns"),
    Action("compare.page_down", ("pagedown",), "page down", "Go a page of turns down.", "Turns"),
    Action(
        "compare.session_left",
        ("left",),
        "session",
        "Put the cursor on the session before.",
        "Turns",
        True,
        "session",
    ),
    Action(
        "compare.session_right",
        ("right",),
        "session",
        "Put the cursor on the next session.",
        "Turns",
        True,
        "session",
    ),
    Action(
        "compare.previous_sample",
        ("comma",),
        "sample",
        "Show the sample before, at the turn where it parts.",
        "Turns",
        True,
        "sample",
    ),
    Action(
        "compare.next_sample",
        ("full_stop",),
        "sample",
        "Show the next sample, at the turn where it parts.",
        "Turns",
        True,
        "sample",
    ),
    Action("compare.show_turn_accuracy", ("1",), "turn accuracy", "Show the turn accuracies.", "Look"),
    Action("compare.show_task_accuracy", ("2",), "task accuracy", "Show the task accuracies.", "Look"),
    Action("compare.bands", ("b",), "bands", "Show the intervals as bands, or the curves alone.", "Look"),
    Action(
        "compare.next_pane",
        ("tab", "w"),
        "pane",
        "Show the next pane, where the terminal holds only one; else the other curve.",
        "Look",
        True,
    ),
    Action("compare.open", ("o",), "open", "Open the session under the cursor on the run screen.", "Session"),
    Action("compare.back", ("escape",), "back", "Leave this screen.", "Go", True),
)

SESSIONS_ACTIONS: tuple[Action, ...] = (
    Action(
        "sessions.mark",
        ("space",),
        "mark",
        "Mark the session for a comparison, or take the mark away; the first one marked is the reference.",
        "Compare",
        True,
    ),
    Action(
        "sessions.compare",
        ("c",),
        "compare",
        "Compare the two to six marked sessions.",
        "Compare",
        True,
    ),
)

EXPERIMENT_ACTIONS: tuple[Action, ...] = (
    Action(
        "experiments.start",
        ("f5",),
        "start",
        "Start the experiment once its cost is agreed to, or show the one that was run (Enter does too).",
        "Run",
        True,
    ),
    Action(
        "experiments.add_model",
        ("f4",),
        "add model",
        "Choose a model from the list, or take it out again.",
        "Form",
        True,
    ),
    Action("experiments.refresh", ("f8",), "refresh", "Read the folders again.", "List"),
    Action("experiments.back", ("escape",), "back", "From the form to the list; else leave.", "Go", True),
)

GRID_ACTIONS: tuple[Action, ...] = (
    Action(
        "grid.stop",
        ("s",),
        "stop",
        "Stop the experiment, after a question; it can go on later where it stood.",
        "Run",
        True,
    ),
    Action(
        "grid.go_on",
        ("r",),
        "go on",
        "Ask what is left to ask; cells that are done are never asked again.",
        "Run",
        True,
    ),
    Action(
        "grid.open",
        ("enter",),
        "open cell",
        "Open the cell's session on the run screen; the experiment goes on.",
        "Cells",
        True,
    ),
    Action(
        "grid.compare",
        ("c",),
        "compare",
        "Compare the cell with the one that it is held against.",
        "Cells",
        True,
    ),
    Action("grid.cell_up", ("up", "k"), "cell up", "Put the cursor on the cell before.", "Cells"),
    Action("grid.cell_down", ("down", "j"), "cell down", "Put the cursor on the next cell.", "Cells"),
    Action("grid.page_up", ("pageup",), "page up", "Scroll what was found a page up.", "Look"),
    Action("grid.page_down", ("pagedown",), "page down", "Scroll what was found a page down.", "Look"),
    Action("grid.figure_1", ("1",), "first figure", "Show the first figure.", "Look"),
    Action("grid.figure_2", ("2",), "second figure", "Show the second figure.", "Look"),
    Action("grid.figure_3", ("3",), "third figure", "Show the third figure.", "Look"),
    Action(
        "grid.next_pane",
        ("tab", "w"),
        "next",
        "Show the next pane, where the terminal holds only one; else the next figure.",
        "Look",
        True,
    ),
    Action("grid.paper", ("p",), "paper", "Lay the paper's values under the figure, or not.", "Look", True),
    Action("grid.back", ("escape",), "back", "Leave this screen; what runs goes on.", "Go", True),
)

EVERYWHERE: tuple[Action, ...] = (
    Action(
        "app.experiments",
        ("f10", "ctrl+e"),
        "experiments",
        "Measure what the paper measures: grids of runs, with a figure and a finding.",
        "Go",
        True,
    ),
    Action(
        "app.theory",
        ("f7",),
        "theory",
        "Proposition 1: what a constant step accuracy says about the horizon length.",
        "Go",
        True,
    ),
)
