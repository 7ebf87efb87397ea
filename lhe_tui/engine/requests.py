"""A turn's request, exactly as it was sent, rebuilt from the fold: histories are pure, so nothing need be stored."""

from __future__ import annotations

from lhe_tui.engine.state import RunState
from lhe_tui.task.controls import Controls
from lhe_tui.task.history import SampleHistory
from lhe_tui.task.messages import Message


def history_before(state: RunState, sample: int, turn: int) -> SampleHistory:
    """One sample's history as it stood when a turn was asked. Costs O(turn)."""
    return state.samples[sample - 1].history.before(turn)


def request_of(state: RunState, sample: int, turn: int, controls: Controls | None = None) -> list[Message]:
    """The messages of a turn's request: as sent, or as they would be under other controls."""
    in_force = controls or state.controls_at(turn)
    template = state.header.template
    return history_before(state, sample, turn).messages(
        in_force, template, template.system_message(state.task, in_force.mode)
    )


def pruned_turns(state: RunState, sample: int, turn: int) -> list[int]:
    """The past turns that a turn's request left out."""
    return history_before(state, sample, turn).pruned_turns(state.controls_at(turn))
