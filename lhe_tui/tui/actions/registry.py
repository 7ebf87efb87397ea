"""The one registry of actions: bindings, footer, command palette, help and the README's key table are read off it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingType

from lhe_tui.tui.actions.action import SCREEN_TITLES, Action, ScreenName
from lhe_tui.tui.actions.inspect_keys import ARMS_ACTIONS, INSPECT_ACTIONS
from lhe_tui.tui.actions.study_keys import (
    COMPARE_ACTIONS,
    EVERYWHERE,
    EXPERIMENT_ACTIONS,
    GRID_ACTIONS,
    SESSIONS_ACTIONS,
    THEORY_ACTIONS,
)

__all__ = [
    "ACTIONS",
    "SCREEN_TITLES",
    "Action",
    "ScreenName",
    "action",
    "actions_for",
    "bindings_for",
    "key_table",
    "shown_key",
    "shown_keys",
]

ACTIONS: tuple[Action, ...] = (
    # ---- run and replay (the screen's check_action hides what does not fit the source)
    Action("run.pause", ("space",), "pause", "Pause the run or the replay, or go on.", "Pace", True),
    Action(
        "run.one_turn",
        ("n",),
        "turn",
        "Run one turn in every sample, and stand still again.",
        "Pace",
        True,
    ),
    Action(
        "run.stop",
        ("s",),
        "stop",
        "Stop the run, after a question; its session can be resumed later.",
        "Pace",
    ),
    Action(
        "run.inject",
        ("i",),
        "inject",
        "Switch error injection on or off from the next turn.",
        "Controls",
        True,
    ),
    Action(
        "run.rate_down",
        ("left_square_bracket",),
        "rate −",
        "Lower the injection rate.",
        "Controls",
        True,
        "rate",
    ),
    Action(
        "run.rate_up",
        ("right_square_bracket",),
        "rate +",
        "Raise the injection rate.",
        "Controls",
        True,
        "rate",
    ),
    Action(
        "run.inject_base",
        ("b",),
        "base",
        "Corrupt the model's own past answers, or the true sums in their place.",
        "Controls",
    ),
    Action(
        "run.heal", ("h",), "heal", "Show past answers as the true sums, or as they were.", "Controls", True
    ),
    Action(
        "run.prune",
        ("p",),
        "prune",
        "Next pruning policy: off, window, state card, drop wrong, window + state card.",
        "Controls",
        True,
    ),
    Action(
        "run.window_down",
        ("left_curly_bracket",),
        "window −",
        "Show one past turn less.",
        "Controls",
        True,
        "window",
    ),
    Action(
        "run.window_up",
        ("right_curly_bracket",),
        "window +",
        "Show one past turn more.",
        "Controls",
        True,
        "window",
    ),
    Action(
        "run.twin",
        ("T",),
        "twin",
        "Keep a control arm running without the switch that is thrown next, drawn as a dashed curve.",
        "Controls",
    ),
    Action(
        "run.breakpoints",
        ("k",),
        "breakpoints",
        "Set what pauses the run: a wrong turn, several in a row, no number, drift, accuracy, a full context.",
        "Pace",
    ),
    Action("run.mode", ("m",), "mode", "Next answer mode: direct, cot, thinking.", "Controls"),
    Action("run.verify", ("v",), "verify", "Have the model check each answer, or not.", "Controls"),
    Action(
        "run.change",
        ("colon", "equals_sign"),
        "change…",
        "Type any change as NAME=VALUE, the words of --at: temperature=0.5, model=sim/small, votes=3.",
        "Controls",
    ),
    Action(
        "run.inspect",
        ("enter",),
        "inspect",
        "Take the turn under the cursor apart: what was sent, what came back, why it is wrong.",
        "Look",
        True,
    ),
    Action(
        "run.resample",
        ("r",),
        "resample",
        "Ask the turn under the cursor again, n times, with the very same request.",
        "Branch",
    ),
    Action(
        "run.fork",
        ("f",),
        "fork",
        "Leave the session at the turn under the cursor under other controls, or with an edited answer.",
        "Branch",
        True,
    ),
    Action(
        "run.arms",
        ("a",),
        "arms",
        "Run the same keys from the turn under the cursor under several histories side by side.",
        "Branch",
        True,
    ),
    Action(
        "run.next_error",
        ("e",),
        "error",
        "Go to the sample's next turn that is not correct.",
        "Look",
        True,
    ),
    Action(
        "run.previous_error", ("E",), "previous error", "Go to the turn before that is not correct.", "Look"
    ),
    Action(
        "run.turn_up",
        ("up",),
        "turn up",
        "Put the cursor on the turn before; stops following the newest.",
        "Look",
    ),
    Action("run.turn_down", ("down",), "turn down", "Put the cursor on the turn after.", "Look"),
    Action("run.page_up", ("pageup",), "page up", "Go a page of turns up.", "Look"),
    Action("run.page_down", ("pagedown",), "page down", "Go a page of turns down.", "Look"),
    Action(
        "run.follow",
        ("end",),
        "newest",
        "Go to the newest turn and stay with it; a replay goes to its end.",
        "Look",
    ),
    Action(
        "run.first_turn",
        ("home",),
        "first turn",
        "Go to the first turn; a replay goes back to its start.",
        "Look",
    ),
    Action(
        "run.go_to_turn", ("g",), "go to turn", "Go to a turn by its number; a replay seeks to it.", "Look"
    ),
    Action("run.next_sample", ("full_stop",), "next sample", "Follow the next sample.", "Look"),
    Action("run.previous_sample", ("comma",), "previous sample", "Follow the sample before.", "Look"),
    Action("run.show_accuracy", ("1",), "accuracy", "Show the accuracy curves.", "Look"),
    Action(
        "run.show_running_sum",
        ("2",),
        "running sum",
        "Show the model's running sum against the truth.",
        "Look",
    ),
    Action(
        "run.show_self_conditioning",
        ("3",),
        "self-conditioning",
        "Show turn accuracy against the errors in view, and what they do to the odds of a slip.",
        "Look",
    ),
    Action("run.show_latency", ("4",), "latency", "Show latency and tokens.", "Look"),
    Action(
        "run.slips",
        ("5", "l"),
        "slips",
        "Count which slips this run's wrong turns were, and go to them.",
        "Look",
    ),
    Action(
        "run.next_pane",
        ("tab", "w"),
        "next pane",
        "Show the next pane, where the terminal holds only one; else the next chart.",
        "Look",
    ),
    Action(
        "run.previous_pane", ("shift+tab",), "previous pane", "Show the pane (or the chart) before.", "Look"
    ),
    Action("run.smooth", ("t",), "smooth", "Smooth the curves for the eye (5-turn average), or not.", "Look"),
    Action("run.copy_turn", ("y",), "copy", "Copy the turn under the cursor.", "Look"),
    Action("run.notices", ("exclamation_mark",), "notices", "Read every notice of this run again.", "Look"),
    Action("run.seek_back", ("left", "N"), "back", "Replay: go one turn back.", "Replay", True, "turn"),
    Action("run.seek_on", ("right",), "on", "Replay: go one turn on.", "Replay", True, "turn"),
    Action(
        "run.slower", ("less_than_sign", "minus"), "slower", "Replay: half as fast.", "Replay", True, "speed"
    ),
    Action(
        "run.faster",
        ("greater_than_sign", "plus"),
        "faster",
        "Replay: twice as fast.",
        "Replay",
        True,
        "speed",
    ),
    Action("run.back", ("escape",), "back", "Leave this screen; a live run asks first.", "Go"),
    *INSPECT_ACTIONS,
    *ARMS_ACTIONS,
    # ---- setup (letters belong to the fields, so these are function keys)
    Action(
        "setup.start", ("f5", "ctrl+r"), "start", "Start the run (Enter in any field does too).", "Run", True
    ),
    Action(
        "setup.presets", ("f2",), "preset", "Next preset: fills the form for one kind of run.", "Form", True
    ),
    Action("setup.find_model", ("f4",), "find model", "Search the models by name.", "Form", True),
    Action("setup.preview", ("f6",), "request", "Read the very first request in full.", "Form", True),
    Action(
        "setup.refresh_models", ("f8",), "refresh", "Look for local servers and model lists again.", "Form"
    ),
    # ---- sessions
    Action(
        "sessions.open",
        ("enter",),
        "open",
        "Open the session on the run screen, as a replay.",
        "Session",
        True,
    ),
    Action("sessions.resume", ("r",), "resume", "Go on with an unfinished session.", "Session", True),
    Action(
        "sessions.delete",
        ("d", "delete"),
        "delete",
        "Delete the session file, after a question.",
        "Session",
        True,
    ),
    *SESSIONS_ACTIONS,
    Action("sessions.search", ("slash",), "search", "Search by model, task or file name.", "List", True),
    Action("sessions.refresh", ("f8",), "refresh", "Read the folders again.", "List"),
    Action("sessions.back", ("escape",), "back", "Leave this screen.", "Go", True),
    *COMPARE_ACTIONS,
    *EXPERIMENT_ACTIONS,
    *GRID_ACTIONS,
    *THEORY_ACTIONS,
    # ---- everywhere
    Action("app.help", ("f1", "question_mark"), "help", "Show every key and what it does.", "Go", True),
    Action("app.command_palette", ("ctrl+p",), "palette", "Find any action by name.", "Go"),
    Action("app.sessions", ("f3",), "sessions", "List the recorded sessions.", "Go", True),
    *EVERYWHERE,
    Action("app.interrupt", ("ctrl+c",), "quit", "Copy what is selected; else quit, as q does.", "Go"),
    Action(
        "app.quit",
        ("q", "ctrl+q"),
        "quit",
        "Quit; a live run asks first and can be resumed.",
        "Go",
        True,
        shown="ctrl+c",
    ),
    Action("app.suspend", ("ctrl+z",), "suspend", "Back to the shell; fg brings the app back.", "Go"),
    Action(
        "app.next_theme", ("f9",), "theme", "Next theme: dark, light, the terminal's own colours.", "Look"
    ),
)

_BY_ID = {action.id: action for action in ACTIONS}
# Keys that must work while a field has the focus.
_PRIORITY = frozenset({"app.interrupt"})

_SHOWN_KEYS = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "exclamation_mark": "!",
    "question_mark": "?",
    "colon": ":",
    "equals_sign": "=",
    "slash": "/",
    "plus": "+",
    "full_stop": ".",
    "comma": ",",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "pageup": "page up",
    "pagedown": "page down",
    "minus": "-",
    "escape": "esc",
}


def action(action_id: str) -> Action:
    """The action with this id. Raises KeyError."""
    return _BY_ID[action_id]


def actions_for(screen: ScreenName) -> list[Action]:
    """The actions of one screen, in the registry's order."""
    return [entry for entry in ACTIONS if entry.screen == screen]


def bindings_for(screen: ScreenName) -> list[BindingType]:
    """The bindings of one screen, their ids the actions' ids, so that a keymap remaps them."""
    return [
        Binding(
            ",".join(entry.keys),
            entry.name,
            entry.label,
            show=entry.footer,
            key_display=entry.shown or shown_key(entry.keys[0]),
            priority=entry.id in _PRIORITY,
            tooltip=entry.help,
            group=Binding.Group(entry.together, compact=True) if entry.together else None,
            id=entry.id,
        )
        for entry in actions_for(screen)
        if entry.keys
    ]


def shown_key(key: str) -> str:
    """A key as people read it: `[`, `space`, `ctrl+r`, `F5`, `S`."""
    key = key.strip()
    if key[:1] == "f" and key[1:].isdigit():
        return key.upper()
    return _SHOWN_KEYS.get(key, key)


def shown_keys(entry: Action, keymap: Mapping[str, str] | None = None) -> str:
    """All keys of an action as people read them, remapped where the keymap says so."""
    keys: Iterable[str] = (keymap or {}).get(entry.id, ",".join(entry.keys)).split(",")
    return " ".join(shown_key(key) for key in keys if key.strip())


def key_table() -> str:
    """Every action as Markdown tables, one per screen: the README's key table."""
    lines: list[str] = []
    for screen, title in SCREEN_TITLES.items():
        lines += [f"**{title}**", "", "| key | does | id |", "|---|---|---|"]
        for entry in actions_for(screen):
            keys = " ".join(f"`{shown_key(key)}`" for key in entry.keys) or "palette"
            lines.append(f"| {keys} | {entry.help} | `{entry.id}` |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
