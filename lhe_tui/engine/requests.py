"""A turn's request, built here for sending, inspecting, diffing, exporting and asking again; nothing need be stored."""

from __future__ import annotations

from dataclasses import replace

from lhe_tui.engine.state import RunState
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.history import SampleHistory
from lhe_tui.task.messages import Message
from lhe_tui.task.pruning.off import OFF


def build_request(
    state: RunState,
    sample: int,
    turn: int,
    controls: Controls | None = None,
    history: SampleHistory | None = None,
) -> list[Message]:
    """The messages of a turn's request: under the controls of that turn, or under others.

    `history` is the sample's as it stands just before the turn; where it is not at hand it is rebuilt in O(turn).
    """
    controls = controls or state.controls_at(turn)
    history = history or history_before(state, sample, turn)
    return history.messages(controls, state.header.template, state.system_message(controls.mode))


def history_before(state: RunState, sample: int, turn: int) -> SampleHistory:
    """One sample's history as it stood when a turn was asked. Costs O(turn)."""
    return state.samples[sample - 1].history.before(turn)


def full_request(state: RunState, sample: int, turn: int) -> list[Message]:
    """A turn's request over the stored replies themselves: nothing injected, nothing left out."""
    history = state.samples[sample - 1].history.before(turn, own=True)
    controls = replace(state.controls_at(turn), injection=Injection(), pruning=OFF)
    return build_request(state, sample, turn, controls, history)


def pruned_turns(state: RunState, sample: int, turn: int) -> list[int]:
    """The past turns that a turn's request left out."""
    return history_before(state, sample, turn).pruned_turns(state.controls_at(turn))
