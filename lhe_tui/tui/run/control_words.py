"""The switches in words: which are on, and from which turn a change holds that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lhe_tui.engine.state import RunState
from lhe_tui.task.controls import Controls, change_words
from lhe_tui.text.visible import visible


class Switch(NamedTuple):
    """One switch: on or off now, in words, and what is still to come from a turn (0 where nothing is)."""

    action: str
    """What a click on it does."""
    on: bool
    words: str
    coming: str = ""
    turn: int = 0


class ChangeWords(NamedTuple):
    """What changed at a turn, in words."""

    turn: int
    words: str
    source: str


def changes_in_words(state: RunState) -> list[ChangeWords]:
    """Every change in the order of the turns; several keys pressed before one turn are said once, as they came out."""
    said: dict[ChangeWords, None] = {}
    for change in sorted(state.changes, key=lambda change: change.turn):
        words = visible(change_words(change.change, state.controls_at(change.turn)), limit=200)
        said[ChangeWords(change.turn, words, change.source)] = None
    return list(said)


def switches(state: RunState) -> list[Switch]:
    """Every switch worth showing; model, temperature and the like only where they are set or will change."""
    built = max(1, state.built_turns)
    now = state.controls_at(built)
    shown = [_switch(state, now, built, *kind) for kind in (_INJECTION, _PRUNING, _MODE)]
    others = [_switch(state, now, built, *kind) for kind in (_MODEL, _TEMPERATURE, _TOP_P, _VOTES, _VERIFY)]
    return shown + [switch for switch in others if switch.on or switch.coming]


def _switch(
    state: RunState, now: Controls, built: int, action: str, describe: Callable[[Controls], tuple[bool, str]]
) -> Switch:
    on, words = describe(now)
    for turn, controls in state.timeline:
        if turn > built and describe(controls) != (on, words):
            return Switch(action, on, words, describe(controls)[1], turn)
    return Switch(action, on, words)


def _injection(controls: Controls) -> tuple[bool, str]:
    injection = controls.injection
    words = injection.words()
    if not injection.active:
        return False, "injection off"
    return True, words if injection.size == 10 else f"{words} ±{injection.size}"


def _pruning(controls: Controls) -> tuple[bool, str]:
    return controls.pruning.active, "pruning " + controls.pruning.words()


def _mode(controls: Controls) -> tuple[bool, str]:
    return controls.mode == "thinking", f"mode {controls.mode}"


def _model(controls: Controls) -> tuple[bool, str]:
    return False, "model " + visible(controls.model, limit=40)


def _temperature(controls: Controls) -> tuple[bool, str]:
    told = controls.temperature
    return told is not None, "temperature " + ("default" if told is None else f"{told:g}")


def _top_p(controls: Controls) -> tuple[bool, str]:
    return controls.top_p is not None, "top-p " + (
        "default" if controls.top_p is None else f"{controls.top_p:g}"
    )


def _votes(controls: Controls) -> tuple[bool, str]:
    words = f"votes {controls.votes}"
    return controls.votes > 1, words + (f" lead {controls.vote_lead}" if controls.vote_lead else "")


def _verify(controls: Controls) -> tuple[bool, str]:
    return controls.verify, "self-verification " + ("on" if controls.verify else "off")


_INJECTION = ("steer('inject')", _injection)
_PRUNING = ("steer('prune')", _pruning)
_MODE = ("steer('mode')", _mode)
_MODEL = ("change", _model)
_TEMPERATURE = ("change", _temperature)
_TOP_P = ("change", _top_p)
_VOTES = ("change", _votes)
_VERIFY = ("steer('verify')", _verify)


def notices_text(state: RunState) -> str:
    """Every change and every notice of a run, a line each; may be foreign text."""
    lines = [f"turn {change.turn}: {change.words} ({change.source})" for change in changes_in_words(state)]
    for notice in state.notices:
        where = f"sample {notice.sample}, turn {notice.turn}: " if notice.sample else ""
        lines.append(where + visible(notice.text, limit=1000))
    return "\n".join(lines) or "no notices so far"
