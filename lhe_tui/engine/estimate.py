"""What a run will cost before it is run: tokens, dollars, seconds. Estimates, and always said to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lhe_tui.task.controls import AnswerMode, Controls
from lhe_tui.task.spec import TaskSpec

_PIECES: Final = re.compile(r"[A-Za-z]+|[0-9]{1,3}|\s+|[^\sA-Za-z0-9]")
_LETTERS_PER_TOKEN: Final = 6
_PER_MESSAGE: Final = 4
"""What a chat template adds around one message."""
_ANSWER_TOKENS: Final = 9
"""`<answer>123</answer>` in the common tokenizers."""
_COT_TOKENS_PER_KEY: Final = 28
_THINKING_TOKENS_PER_KEY: Final = 150
_COUNTED_TURNS: Final = 10_000
"""Of longer runs every n-th turn is looked at."""
_WAIT_TOKENS: Final = 8
"""What a paced simulated model waits before its first token, in tokens' time, less what its answers are shorter."""


def estimate_tokens(text: str) -> int:
    """Tokens of a text, to about ± 20 %: words cost one per six letters, digits one per three, the rest one each."""
    count = 0
    for piece in _PIECES.findall(text):
        if piece[0].isspace():
            count += piece.count("\n")
        elif piece[0].isalpha() and piece.isascii():
            count += -(-len(piece) // _LETTERS_PER_TOKEN)
        else:
            count += 1
    return count


@dataclass(frozen=True, slots=True)
class RunEstimate:
    """A whole run's tokens, summed over its requests."""

    requests: int
    prompt_tokens: int
    completion_tokens: int

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.prompt_tokens + self.completion_tokens

    def dollars(self, per_million_prompt: float | None, per_million_completion: float | None) -> float | None:
        """US dollars at these prices per million tokens; None where no price is known."""
        if per_million_prompt is None or per_million_completion is None:
            return None
        return (
            self.prompt_tokens * per_million_prompt + self.completion_tokens * per_million_completion
        ) / 1e6

    def seconds(self, spec: TaskSpec, concurrency: int, tokens_per_second: float) -> float:
        """Wall time of simulated models at this pace."""
        per_turn = (self.completion_tokens / max(1, self.requests) + _WAIT_TOKENS) / tokens_per_second
        rounds = -(-spec.samples // max(1, min(concurrency, spec.samples)))
        return per_turn * spec.turns * rounds


def reply_tokens(mode: AnswerMode, keys: int) -> tuple[int, int]:
    """Tokens of one reply: (those that stay in the history, those of the reasoning channel)."""
    if mode == "cot":
        return _ANSWER_TOKENS + _COT_TOKENS_PER_KEY * keys, 0
    return _ANSWER_TOKENS, _THINKING_TOKENS_PER_KEY * keys if mode == "thinking" else 0


def estimate_run(spec: TaskSpec, controls: Controls, system_tokens: int, user_tokens: int) -> RunEstimate:
    """The tokens of a run, from those of its system message and of one user message."""
    reply, reasoning = reply_tokens(controls.mode, spec.turn_complexity)
    fixed = system_tokens + user_tokens + 2 * _PER_MESSAGE
    exchange = user_tokens + reply + 2 * _PER_MESSAGE
    asked = spec.turns * max(1, controls.votes) + (spec.turns if controls.verify else 0)
    prompt = spec.turns * fixed + _shown_turns(spec.turns, controls) * exchange
    return RunEstimate(
        requests=spec.samples * asked,
        prompt_tokens=spec.samples * prompt * asked // spec.turns,
        completion_tokens=spec.samples * asked * (reply + reasoning),
    )


def _shown_turns(turns: int, controls: Controls) -> int:
    """Past turns shown, summed over a sample's requests."""
    stride = max(1, turns // _COUNTED_TURNS)
    return stride * sum(past - controls.pruning.first(past) for past in range(0, turns, stride))
