"""The parts of a turn as texts for the clipboard."""

from __future__ import annotations

from collections.abc import Callable

from lhe_tui.record.inspection import inspect_turn
from lhe_tui.record.json_text import to_json
from lhe_tui.text.visible import visible
from lhe_tui.tui.inspect.finding_lines import diagnosis_section
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.turn.verdict_words import verdict_lines
from lhe_tui.tui.turn.working_table import working_section
from lhe_tui.tui.widgets.piece_lines import line_text

_WIDTH = 100


def turn_texts(apart: TurnDetail) -> dict[str, Callable[[], str]]:
    """Name to text, made when it is asked for. JSON is exact; texts have their control characters made visible."""
    return {
        "request as JSON": lambda: to_json(
            [{"role": message.role, "content": message.content} for message in apart.messages]
        ),
        "request as text": lambda: _request_text(apart),
        "reply": lambda: _safe(apart.record.event.reply),
        "diagnosis": lambda: _diagnosis_text(apart),
        "whole turn as JSON": lambda: to_json(inspect_turn(apart.state, apart.sample, apart.turn)),
    }


def _safe(text: str) -> str:
    # A terminal acts on control characters that are pasted into it.
    return visible(text, multiline=True, tab="\t")


def _request_text(apart: TurnDetail) -> str:
    return "\n\n".join(f"{message.role}:\n{_safe(message.content)}" for message in apart.messages)


def _diagnosis_text(apart: TurnDetail) -> str:
    state = apart.state
    where = f"session {state.header.session}, sample {apart.sample}, turn {apart.turn}"
    lines = [
        *verdict_lines(apart),
        [],
        *diagnosis_section(apart, _WIDTH),
        *working_section(apart, _WIDTH),
    ]
    return "\n".join([where, *(line_text(line).rstrip() for line in lines)]).rstrip() + "\n"
