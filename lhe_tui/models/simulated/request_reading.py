"""How a simulated model reads a request: dictionary, keys, history and state line, from role and content alone.

The caches only remember what a text says; they never change it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import is_
from typing import Any, NamedTuple

from lhe_tui.task.diagnosis.slip_case import LOOKBACK, Case
from lhe_tui.task.messages import Message, Role
from lhe_tui.task.variants.registry import VARIANTS, variant_named
from lhe_tui.task.variants.variant import AnyVariant

_FULL_LINE = re.compile(
    r"^[ \t]*(?:[-*][ \t]+)?[\"'`*]*([^\s:\"'`*]+)[\"'`*]*[ \t]*:[ \t]*([+\-−]?\d{1,30})[ \t,]*\r?$", re.M
)
_ANY_PAIR = re.compile(r"(?<![\w-])(\w[\w-]*)[\"'`*]*\s*(?::|=|->|=>)\s*([+\-−]?\d{1,30})(?![\d.]*\d)")
_WORD = re.compile(r"\w[\w'’-]*")
_NUMBER = re.compile(r"(?<![\w.])[+\-−]?\d{1,30}(?![\w.]*\d)")
_STATE_CUE = re.compile(r"\b(sum|total|so far|state|current|stands)\b", re.I)
_ALOUD = re.compile(
    r"\b(aloud|out loud|step[ -]by[ -]step|show (all |your |the )*work|work (it |each |this |them )?(through|out)"
    r"|reason (it |each |this )?(out|first|through|about)|think (it |this )?(through|first|aloud|step))",
    re.I,
)
_SILENT = re.compile(
    r"\b(nothing (but|except)|(only|just) (with )?(the|your) (final )?(answer|number|result)|no (explanation|working))",
    re.I,
)
_ALONE = re.compile(r"stands? alone|earlier (ones|messages) do(es)? not count", re.I)
_LOOKUP_ONLY = re.compile(r"(answer|reply|respond) with (its|the|their) value|independent", re.I)
_KEEPS_SUM = re.compile(r"\b(running|cumulative|so far|keep|continue)\b", re.I)
_SUMS = variant_named("dict-sum")
TRAILS_KEPT = 2048
"""How many conversations a reader remembers: every sample of a large run."""
_LONGEST_CACHED = 1000


@dataclass(frozen=True, eq=False)
class Instructions:
    """What the system text says: the dictionary, and how to answer."""

    dictionary: Mapping[str, Any]
    family: AnyVariant
    """The variant whose values these are; all sums are of one family."""
    stateless: bool
    """Each turn stands alone: look up, keep no sum."""
    aloud: bool
    """The working is to be written out before the answer."""


class UserText(NamedTuple):
    """A user message: the sum its state line carries, its keys and values, and the text around the keys."""

    card: Any
    keys: tuple[str, ...]
    values: tuple[Any, ...]
    gain: Any
    numbers: bool
    """Whether numbers are given in place of keys."""
    frame: tuple[str, str] | None


class Past(NamedTuple):
    """Running counts over the turns in view, so that a longer history costs only its new turns."""

    turns: int = 0
    judged: int = 0
    wrong: int = 0
    last: Any = None
    """The last sum in view: an answer, or the state line of a turn without one."""
    carried: Any = 0
    """What the sum would be by the turns in view, where no answer in view is a number."""
    total: Any = 0
    """The sum of all values in view."""
    whole: bool = False
    """Whether the view seems to begin with the first turn of all."""
    characters: int = 0

    @property
    def wrong_share(self) -> float:
        """Share of the transitions in view that are wrong."""
        return self.wrong / self.judged if self.judged else 0.0


class Reading(NamedTuple):
    """A request, read: what came before, what is asked, and the answer to be checked where it is a second look."""

    instructions: Instructions
    past: Past
    asked: UserText
    recent: tuple[str, ...]
    """The last few turns in view as texts, user and assistant in turn, oldest first."""
    draft: Any
    second_look: bool
    prompt_characters: int

    @property
    def variant(self) -> str:
        """The task's variant, as the slips know it."""
        family = self.instructions.family
        if not family.has_integers:
            return family.name
        if self.asked.numbers:
            return "add" if self.instructions.dictionary else "prefix-sum"
        return "retrieve" if self.instructions.stateless else "dict-sum"

    @property
    def basis(self) -> Any:
        """What the answer goes on from: the state line, else the last number in view, else the values in view."""
        if self.asked.card is not None:
            return self.asked.card
        return self.past.last if self.past.last is not None else self.past.carried

    @property
    def expected(self) -> Any:
        """The right answer, as far as the messages tell."""
        return variant_named(self.variant).step(self.basis, self.asked.gain)

    def case(self) -> Case:
        """The turn as the slips see it, as far as the messages tell."""
        recent = self.recent
        shown = [
            (read_user(recent[at], self.instructions), answer_in(recent[at + 1], self.instructions))
            for at in range(0, len(recent), 2)
        ]
        return Case(
            basis=self.basis,
            truth_before=self.past.total if self.past.whole else None,
            keys=self.asked.keys,
            values=self.asked.values,
            dictionary=self.instructions.dictionary,
            past_answers=tuple(answer for _, answer in shown),
            past_injected=_looks_injected(shown, self.instructions.family),
            past_keys=tuple(turn.keys for turn, _ in shown),
            variant=self.variant,
        )


@dataclass(slots=True)
class _Trail:
    """The past of the last request of one conversation, with the counts over it."""

    instructions: Instructions
    messages: list[Message]
    past: Past


class Reader:
    """Reads requests. It remembers pasts: a sample's next request mostly repeats its last one and adds a turn."""

    def __init__(self) -> None:
        self._trails: OrderedDict[int, _Trail] = OrderedDict()
        """By the identity of a past's first message, which the trail itself keeps alive."""

    def forget(self) -> None:
        """Let go of all that is remembered."""
        self._trails.clear()

    def read(self, messages: Sequence[Message]) -> Reading:
        """Read a request."""
        trail = self._trail_of(messages)
        seen = 1 + len(trail.messages) if trail else 0
        if not _alternates([message.role for message in messages[seen:]], opening=trail is None):
            messages, trail = _put_in_order(messages), None
        instructions = read_instructions(messages[0].content)
        end = len(messages) - 1
        second_look = end > 2 and _is_second_look(messages[1].content, messages[-1].content, instructions)
        draft = None
        characters = len(messages[0].content) + len(messages[-1].content)
        if second_look:
            end -= 2
            draft = answer_in(messages[-2].content, instructions)
            characters += len(messages[-2].content) + len(messages[-3].content)
        past = self._past(messages, end, instructions, trail)
        recent = tuple(message.content for message in messages[max(1, end - 2 * (LOOKBACK + 1)) : end])
        asked = read_user(messages[end].content, instructions)
        return Reading(instructions, past, asked, recent, draft, second_look, past.characters + characters)

    def _trail_of(self, messages: Sequence[Message]) -> _Trail | None:
        """The trail that this request goes on from: the very same messages, under any system text."""
        trail = self._trails.get(id(messages[1])) if len(messages) > 3 else None
        if trail is None or len(trail.messages) > len(messages) - 2 or messages[0].role != "system":
            return None
        return trail if all(map(is_, trail.messages, islice(messages, 1, None))) else None

    def _past(
        self, messages: Sequence[Message], end: int, instructions: Instructions, trail: _Trail | None
    ) -> Past:
        """The counts over messages 1 to `end`, from where the trail ends where it leads there."""
        start = instructions.family.start
        if end < 2:
            return Past(carried=start, total=start)
        if trail is None or trail.instructions is not instructions or len(trail.messages) >= end:
            trail = _Trail(instructions, [], Past(carried=start, total=start))
        for at in range(1 + len(trail.messages), end, 2):
            trail.past = add_turn(trail.past, messages[at].content, messages[at + 1].content, instructions)
            trail.messages += messages[at : at + 2]
        self._trails[id(messages[1])] = trail
        if len(self._trails) > TRAILS_KEPT:
            self._trails.popitem(last=False)
        return trail.past


def add_turn(past: Past, user: str, assistant: str, instructions: Instructions) -> Past:
    """The past with one more turn."""
    asked, answer = read_user(user, instructions), answer_in(assistant, instructions)
    card, gain, step = asked.card, asked.gain, instructions.family.step
    start = 0 if instructions.stateless and not asked.numbers else card if card is not None else past.last
    judged, wrong = past.judged, past.wrong
    # What the first turn in view went on from is not in view: it cannot be judged.
    if start is not None:
        judged += 1
        wrong += answer is None or step(start, gain) != answer
    elif answer is None and past.turns:
        judged += 1
        wrong += 1
    carried = step(card if card is not None else past.carried, gain)
    return Past(
        past.turns + 1,
        judged,
        wrong,
        answer if answer is not None else card if card is not None else past.last,
        carried,
        step(past.total, gain),
        past.whole if past.turns else card is None and answer == step(past.total, gain),
        past.characters + len(user) + len(assistant),
    )


def answer_in(reply: str, instructions: Instructions) -> Any:
    """The answer in an earlier reply, or None."""
    if len(reply) <= _LONGEST_CACHED:
        return _cached_answer(reply, instructions.family)
    return instructions.family.read_answer(reply).number


@lru_cache(maxsize=4096)
def _cached_answer(reply: str, family: AnyVariant) -> Any:
    return family.read_answer(reply).number


@lru_cache(maxsize=64)
def read_instructions(text: str) -> Instructions:
    """Read a system text: the built-in prompt's, or any that holds `word: value` pairs."""
    head, dictionary_word, tail = text.rpartition("Dictionary:")
    rules = head if dictionary_word else text
    aloud = bool(_ALOUD.search(rules)) and not _SILENT.search(rules)
    for family in VARIANTS.values():
        dictionary = family.read_dictionary(text)
        if dictionary:
            return Instructions(dictionary, family, family.stateless, aloud)
    pairs = _FULL_LINE.findall(tail if dictionary_word else text)
    if not pairs:
        found: list[tuple[str, str]] = _ANY_PAIR.findall(tail if dictionary_word else text)
        pairs = [pair for pair in found if not pair[0].isdecimal()]
    stateless = bool(_ALONE.search(rules))
    stateless = stateless or (bool(_LOOKUP_ONLY.search(rules)) and not _KEEPS_SUM.search(rules))
    return Instructions(
        {word: _whole(number) for word, number in pairs},
        _SUMS,
        stateless,
        aloud,
    )


def read_user(text: str, instructions: Instructions) -> UserText:
    """Read a user message."""
    if len(text) <= _LONGEST_CACHED:
        return _cached_user(text, instructions)
    return _read_user(text, instructions)


@lru_cache(maxsize=4096)
def _cached_user(text: str, instructions: Instructions) -> UserText:
    return _read_user(text, instructions)


def _read_user(text: str, instructions: Instructions) -> UserText:
    card, body = _split_card(text, instructions.family)
    dictionary = instructions.dictionary
    items = tuple(body.strip().split(", "))
    frame: tuple[str, str] | None = "", ""
    numbers = False
    if not all(item in dictionary for item in items):
        items, frame = _longest_run(body, list(_WORD.finditer(body)), dictionary)
        if not items and instructions.family.has_integers:
            items, frame = _longest_run(body, list(_NUMBER.finditer(body)), None)
            numbers = bool(items)
    values = tuple([_whole(item) if numbers else dictionary[item] for item in items])
    return UserText(card, items, values, instructions.family.gain(values), numbers, frame)


def _split_card(text: str, family: AnyVariant) -> tuple[Any, str]:
    """The sum that a message's first line states, and the rest."""
    first, newline, rest = text.partition("\n")
    if not newline or not rest.strip() or not _STATE_CUE.search(first):
        return None, text
    if not family.has_integers:
        told = family.lenient(first)
        return (told.number, rest) if told else (None, text)
    found = _NUMBER.findall(first)
    return (_whole(found[0]), rest) if len(found) == 1 else (None, text)


def _longest_run(
    text: str, found: list[re.Match[str]], dictionary: Mapping[str, int] | None
) -> tuple[tuple[str, ...], tuple[str, str] | None]:
    """The longest list of keys (or numbers) parted by commas or spaces, the last of equals, and the text around it."""
    runs: list[list[re.Match[str]]] = []
    for match in found:
        if dictionary is not None and match[0] not in dictionary:
            continue
        if runs and not text[runs[-1][-1].end() : match.start()].strip(" ,;\t\n\"'`*"):
            runs[-1].append(match)
        else:
            runs.append([match])
    if not runs:
        return (), None
    best = max(reversed(runs), key=len)
    return tuple(match[0] for match in best), (text[: best[0].start()], text[best[-1].end() :])


def _is_second_look(first: str, last: str, instructions: Instructions) -> bool:
    """Whether the last message asks to check the answer before it: it lists no keys the way the first does."""
    frame = read_user(last, instructions).frame
    return frame is None or frame != read_user(first, instructions).frame


def _looks_injected(shown: Sequence[tuple[UserText, Any]], family: AnyVariant) -> tuple[bool, ...]:
    """Answers that the conversation went on from as if they had not been given: their errors came from outside."""
    flags = [False] * len(shown)
    for at in range(1, len(shown) - 1):
        before, here, after = shown[at - 1][1], shown[at][1], shown[at + 1][1]
        if before is not None and here is not None and after is not None:
            right = family.step(before, shown[at][0].gain)
            flags[at] = here != right and after == family.step(right, shown[at + 1][0].gain)
    return tuple(flags)


def _alternates(roles: Sequence[str], opening: bool) -> bool:
    """Whether the roles go user, assistant, …, user, after a system message where they open the conversation."""
    if opening and roles[:1] != ["system"]:
        return False
    users, assistants = roles[opening::2], roles[opening + 1 :: 2]
    return (
        len(users) == len(assistants) + 1
        and users.count("user") == len(users)
        and assistants.count("assistant") == len(assistants)
    )


def _put_in_order(messages: Sequence[Message]) -> list[Message]:
    """Any other conversation as system, user, assistant, …, user; what is missing is empty."""
    texts = ["\n".join(message.content for message in messages if message.role == "system")]
    for message in messages:
        if message.role != "system":
            if (len(texts) % 2 == 1) != (message.role == "user"):
                texts.append("")
            texts.append(message.content)
    if len(texts) % 2:
        texts.append("")
    roles: tuple[Role, ...] = ("user", "assistant")
    return [
        Message(roles[(at + 1) % 2] if at else "system", text, "user", 0) for at, text in enumerate(texts)
    ]


def _whole(digits: str) -> int:
    return int(digits.replace("−", "-"))
