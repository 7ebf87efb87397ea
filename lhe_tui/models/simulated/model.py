"""Simulated models: stateless chat models that err by a law of what their messages show.

They read role and content only; `draw` and `fate` are all their randomness, so the same request always brings the same
reply. Requests of one fate (the ballots of a turn, its resamples) mostly stand or fall together, as those of a real
model do: asking again seldom helps where the request itself is the trouble.
`temperature`, `top_p` and `seed` change nothing: the law is calibrated as it stands, also at temperature 0. A reply
longer than `max_tokens` is cut. Token counts are estimates, at four characters a token.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from difflib import get_close_matches
from random import Random
from statistics import NormalDist
from typing import Any, NamedTuple

from lhe_tui.models.base import (
    ChatRequest,
    Chunk,
    Finished,
    FinishReason,
    ModelInfo,
    ModelNotAvailable,
    ReasoningDelta,
    TextDelta,
    Usage,
)
from lhe_tui.models.simulated.presets import PRESETS, Preset, repair_chance, slip_chance
from lhe_tui.models.simulated.request_reading import Reader, Reading
from lhe_tui.models.simulated.worked_reply import working
from lhe_tui.task.answers import Value, written
from lhe_tui.task.diagnosis.slip_case import Case
from lhe_tui.task.diagnosis.slips import FORMAT_SLIPS, SIMULATED, make_slip

CHARACTERS_PER_TOKEN = 4
BREAKS_A_RIGHT_ANSWER = 0.1
"""On a second look a right answer is spoilt this many times as often as a slip is made on a first."""
SHARED_FATE = 0.85
"""Correlation of the latent luck of two requests of one fate; the chance of a slip in each is the law's."""
SAME_SLIP = 0.75
"""How often a request that slips makes the slip that its fate has in store, and none of its own."""
_NORMAL = NormalDist()
_PIECE = re.compile(r"\S{1,4}\s*|\s+")
_FIRST_TOKEN = 12.0
"""Mean wait for the first token, in tokens' time."""


class Answer(NamedTuple):
    """A whole reply, with the slip that was made in it."""

    text: str
    reasoning: str
    slip: str | None
    reason: FinishReason = "stop"


def simulated_model(name: str, *, pace: float | None = None) -> SimulatedModel:
    """The simulated model of that name (`sim/large`); raises ModelNotAvailable.

    `pace` in tokens per second streams the reply as a server would; None gives it at once.
    """
    preset = PRESETS.get(name)
    if preset is None:
        guess = get_close_matches(name.lower(), PRESETS, n=1, cutoff=0.4)
        hint = f"did you mean {guess[0]}? There" if guess else "there"
        raise ModelNotAvailable(f'no simulated model is named "{name[:60]}": {hint} are {", ".join(PRESETS)}')
    if pace is not None and not 0 < pace < float("inf"):
        raise ValueError(f"a pace is a number of tokens per second above 0, not {pace}")
    return SimulatedModel(preset, pace)


class SimulatedModel:
    """One preset as a chat model."""

    def __init__(self, preset: Preset, pace: float | None = None) -> None:
        self._preset = preset
        self._pace = pace
        self._reader = Reader()
        note = f"simulated, its law fitted to published figures of {preset.like}; token counts are estimates"
        self._info = ModelInfo(preset.name, simulated=True, local=True, note=note)

    @property
    def info(self) -> ModelInfo:
        """Name and static facts."""
        return self._info

    async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        """Answer at once, or at the pace given."""
        reading = self._reader.read(request.messages)
        answer = make_answer(self._preset, reading, request)
        if self._pace is None:
            if answer.reasoning:
                yield ReasoningDelta(answer.reasoning)
            if answer.text:
                yield TextDelta(answer.text)
        else:
            for wait, chunk in _paced(answer, self._pace, request.draw):
                await asyncio.sleep(wait)
                yield chunk
        thought = tokens(len(answer.reasoning))
        usage = Usage(tokens(reading.prompt_characters), tokens(len(answer.text)) + thought, thought)
        yield Finished(answer.reason, usage, answer.slip)

    async def aclose(self) -> None:
        """Forget the conversations read so far."""
        self._reader.forget()


def tokens(characters: int) -> int:
    """An estimate of a text's tokens."""
    return -(-characters // CHARACTERS_PER_TOKEN)


def make_answer(preset: Preset, reading: Reading, request: ChatRequest) -> Answer:
    """The reply to a request: a pure function of preset, messages, sampling, draw and fate."""
    luck, rng = _luck(request)
    aloud = reading.instructions.aloud
    thinks = (request.sampling.thinking is True or preset.always_thinks) and not aloud
    chance = slip_chance(
        preset,
        shown_turns=reading.past.turns,
        wrong_share=reading.past.wrong_share,
        keys=len(reading.asked.keys),
        worked=aloud or thinks,
        variant=reading.variant,
    )
    number, slip = _number(preset, reading, chance, luck, rng)
    steps = _working(reading, number, slip) if aloud or thinks else ""
    text = _said(number, slip, rng)
    if aloud and steps:
        text = f"{steps}\n{text}"
    answer = Answer(text, steps if thinks else "", slip)
    limit = request.sampling.max_tokens
    return answer if limit is None else _cut(answer, limit * CHARACTERS_PER_TOKEN)


def _luck(request: ChatRequest) -> tuple[float, Random]:
    """A uniform number that decides whether a slip is made, and what draws which one.

    A Gaussian copula: each request's luck is uniform by itself, and that of two requests of one fate is correlated.
    """
    own, shared = Random(request.draw), Random(request.fate)
    latent = SHARED_FATE**0.5 * shared.gauss() + (1 - SHARED_FATE) ** 0.5 * own.gauss()
    return _NORMAL.cdf(latent), shared if own.random() < SAME_SLIP else own


def _working(reading: Reading, number: Any, slip: str | None) -> str:
    """What it writes out on the way to its answer."""
    if reading.instructions.family.has_integers:
        return working(reading.case(), number, slip)
    values = zip(reading.asked.keys, reading.asked.values, strict=True)
    lines = [f"{key}: {written(value)}" for key, value in values]
    return "\n".join([*lines, f"{written(reading.basis)} goes to {written(number)}"])


def _number(
    preset: Preset, reading: Reading, chance: float, luck: float, rng: Random
) -> tuple[Any, str | None]:
    """The answer and the slip in it. Format slips keep the right number."""
    right = reading.expected
    if reading.second_look and reading.draft is not None:
        if reading.draft != right:
            mended = rng.random() < repair_chance(preset, reading.past.wrong_share)
            # The slip that it repeats was made in another request: its name is not known here.
            return (right, None) if mended else (reading.draft, None)
        chance *= BREAKS_A_RIGHT_ANSWER
    if luck >= chance:
        return right, None
    if rng.random() < preset.format_share:
        return right, rng.choice(("no_answer", "not_a_number"))
    family = reading.instructions.family
    if not family.has_integers:
        return family.err(right, reading.basis, reading.asked.gain, rng), "unexplained"
    return _slipped(reading.case(), right, rng)


def _slipped(case: Case, right: int, rng: Random) -> tuple[int, str]:
    """A slip by its prior, among those that really change this answer."""
    left = dict(SIMULATED)
    while left:
        slip = rng.choices(list(left), weights=list(left.values()))[0]
        number = make_slip(slip, case, rng)
        if number is not None and number != right:
            return number, slip
        del left[slip]
    return right + 1, "digit_slip"


def _said(answer: Value, slip: str | None, rng: Random) -> str:
    """The answer in its tag, or what a format slip makes of it."""
    number = written(answer)
    if slip == "no_answer":
        return rng.choice((f"{number}", f"The answer is {number}.", f"answer: {number}"))
    if slip == "not_a_number":
        inside = rng.choice((f"about {number}", f"{number}, I think", f"sum = {number}", "unknown"))
        return f"<answer>{inside}</answer>"
    return f"<answer>{number}</answer>"


def _cut(answer: Answer, characters: int) -> Answer:
    """The reply as a token limit leaves it."""
    if len(answer.reasoning) + len(answer.text) <= characters:
        return answer
    reasoning = answer.reasoning[:characters]
    text = answer.text[: characters - len(reasoning)]
    slip = answer.slip if answer.slip in FORMAT_SLIPS else "truncated"
    return Answer(text, reasoning, slip, "length")


def _paced(answer: Answer, pace: float, draw: int) -> Iterator[tuple[float, Chunk]]:
    """The reply in pieces of about a token, each with the seconds to wait before it."""
    rng = Random(draw ^ 0x9E3779B97F4A7C15)
    wait = _FIRST_TOKEN / pace * rng.uniform(0.5, 1.5)
    for text, kind in ((answer.reasoning, ReasoningDelta), (answer.text, TextDelta)):
        for piece in _PIECE.findall(text):
            yield wait, kind(piece)
            wait = rng.gammavariate(4.0, 0.25) / pace
