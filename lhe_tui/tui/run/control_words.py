"""The switches in words: which are on, and from which turn a change holds that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lhe_tui.engine.state import RunState
from lhe_tui.task.controls import Controls, change_words
from lhe_tui.text.visible import visible


class Switch(NamedTuple):
    """One switch: on or off now, in words, and what is still to come (`from` is the turn, 0 where nothing is)."""

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
    found = [_switch(state, now, built, describe) for describe in (_injection, _pruning, _mode)]
    for describe in (_model, _temperature, _top_p, _votes, _verify):
        switch = _switch(state, now, built, describe)
        if switch.on or switch.coming:
            found.append(switch)
    return found


def _switch(
    state: RunState, now: Controls, built: int, describe: Callable[[Controls], tuple[bool, str]]
) -> Switch:
    on, words = describe(now)
    for turn, controls in state.timeline:
        if turn > built and describe(controls) != (on, words):
            return Switch(on, words, describe(controls)[1], turn)
    return Switch(on, words)


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
