"""Controls: what may change at a turn boundary, as one immutable record, and how changes are written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from lhe_tui.errors import LheError
from lhe_tui.task.pruning.off import OFF
from lhe_tui.task.pruning.policy import PruningError, PruningPolicy
from lhe_tui.task.pruning.registry import parse_pruning

AnswerMode = Literal["direct", "cot", "thinking"]
ANSWER_MODES: tuple[AnswerMode, ...] = get_args(AnswerMode)
InjectionBase = Literal["own", "truth"]

Scalar: TypeAlias = str | int | float | bool | None
Change: TypeAlias = tuple[tuple[str, Scalar], ...]
"""One asked-for change: (control name, value) pairs, names as on the command line."""


class ControlError(LheError, ValueError):
    """A control that cannot be set so; the message names the control and what it takes."""


@dataclass(frozen=True, slots=True)
class Injection:
    """Error injection: which past answers are shown corrupted, over which base.

    `since` is the first turn whose shown answer it touches; None until it is switched on. Under `mix` each sample has
    a rate of its own, spread evenly over 0..1, and `rate` is their mean.
    """

    rate: float = 0.0
    base: InjectionBase = "own"
    size: int = 10
    since: int | None = None
    mix: bool = False

    def rate_for(self, sample_id: int) -> float:
        """The rate (0..1) asked for in one sample, by the sample's number in its first run."""
        return mixed_rate(sample_id) if self.mix else self.rate

    @property
    def active(self) -> bool:
        """Whether it changes any shown answer."""
        return self.rate > 0 or self.base == "truth"

    def words(self) -> str:
        """For people: `injection 25 % own`, `injection 0–100 % truth`, `healed history`, `off`."""
        if not self.active:
            return "off"
        if self.mix:
            return f"injection 0–100 % {self.base}"
        if self.rate == 0:
            return "healed history"
        return f"injection {percent(self.rate)} {self.base}"


@dataclass(frozen=True, slots=True)
class Controls:
    """Everything that may change mid-run. None means "as the server does by default"."""

    model: str = "sim/large"
    mode: AnswerMode = "direct"
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    votes: int = 1
    vote_lead: int = 0
    verify: bool = False
    injection: Injection = Injection()
    pruning: PruningPolicy = OFF


_DIGITS = re.compile(r"[+-]?[0-9_]+")


def percent(rate: float) -> str:
    """A rate for people: `25 %`, `2.5 %`."""
    return f"{rate * 100:.4g} %"


def _bounds(low: float, high: float) -> str:
    return f"from {low:,.10g} to {high:,.10g}"


def _number(name: str, value: Scalar, low: float, high: float) -> float:
    try:
        number = float(value) if not isinstance(value, bool) and value is not None else float("nan")
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise ControlError(f"{name} takes a number {_bounds(low, high)}, not {value!r}")
    return number


def _whole(name: str, value: Scalar, low: int, high: int) -> int:
    number = _number(name, value, low, high)
    # Written as other whole numbers are: 1e3 is none on any road.
    if number != int(number) or (isinstance(value, str) and not _DIGITS.fullmatch(value.strip())):
        raise ControlError(f"{name} takes a whole number {_bounds(low, high)}, not {value!r}")
    return int(number)


def _switch(name: str, value: Scalar) -> bool:
    word = str(value).strip().lower()
    if word in ("true", "on", "yes", "1"):
        return True
    if word in ("false", "off", "no", "0"):
        return False
    raise ControlError(f"{name} takes on or off, not {value!r}")


def _unset(value: Scalar) -> bool:
    return value is None or str(value).strip().lower() in ("none", "default", "")


def _apply_injection(controls: Controls, name: str, value: Scalar) -> Controls:
    injection = controls.injection
    if name == "inject":
        word = str(value).strip().lower()
        if word == "mix":
            injection = replace(injection, rate=MIXED_MEAN, base="truth", since=1, mix=True)
        else:
            rate = 0.0 if word == "off" else _number("inject", value, 0, 1)
            injection = replace(injection, rate=rate, mix=False)
    elif name == "inject-base":
        if value not in get_args(InjectionBase):
            raise ControlError(f"inject-base takes own or truth, not {value!r}")
        injection = replace(injection, base="truth" if value == "truth" else "own")
    elif name == "inject-size":
        injection = replace(injection, size=_whole(name, value, 1, 1_000_000_000))
    elif name == "inject-since":
        injection = replace(injection, since=_whole(name, value, 1, 1_000_000_000))
    else:  # heal: past answers are the true sums, from the first turn on
        injection = Injection(0.0, "truth", injection.size, 1) if _switch(name, value) else Injection()
    return replace(controls, injection=injection)


def _apply_sampling(controls: Controls, name: str, value: Scalar) -> Controls:
    if name == "temperature":
        return replace(controls, temperature=None if _unset(value) else _number(name, value, 0, 5))
    if name == "top-p":
        return replace(controls, top_p=None if _unset(value) else _number(name, value, 0, 1))
    return replace(controls, max_tokens=None if _unset(value) else _whole(name, value, 1, 10_000_000))


def _apply_other(controls: Controls, name: str, value: Scalar) -> Controls:
    if name == "prune":
        try:
            return replace(controls, pruning=parse_pruning(str(value)))
        except PruningError as error:
            raise ControlError(str(error)) from None
    if name == "mode":
        for mode in ANSWER_MODES:
            if value == mode:
                return replace(controls, mode=mode)
        raise ControlError(f"mode takes {', '.join(ANSWER_MODES)}, not {value!r}")
    if name == "model":
        if not str(value).strip():
            raise ControlError("model takes a name such as sim/large")
        return replace(controls, model=str(value))
    if name == "votes":
        return replace(controls, votes=_whole(name, value, 1, 1000))
    if name == "vote-lead":
        return replace(controls, vote_lead=_whole(name, value, 0, 1000))
    return replace(controls, verify=_switch(name, value))


_SETTERS = {
    **dict.fromkeys(("inject", "inject-base", "inject-size", "inject-since", "heal"), _apply_injection),
    **dict.fromkeys(("temperature", "top-p", "max-tokens"), _apply_sampling),
    **dict.fromkeys(("prune", "mode", "model", "votes", "vote-lead", "verify"), _apply_other),
}
CONTROL_NAMES: tuple[str, ...] = tuple(_SETTERS)


def apply_change(controls: Controls, change: Iterable[tuple[str, Scalar]], turn: int) -> Controls:
    """The controls after a change that takes force at `turn` (which becomes `since` where injection starts)."""
    pairs = list(change)
    before = controls.injection
    # `since` must hold its own word against a `heal` in the same change, whatever their order.
    for name, value in sorted(pairs, key=lambda pair: pair[0] == "inject-since"):
        if name not in _SETTERS:
            raise ControlError(f"no control named {name!r}: there are {', '.join(CONTROL_NAMES)}")
        controls = _SETTERS[name](controls, name, value)
    injection = controls.injection
    if injection.active and injection.since is None:
        return replace(controls, injection=replace(injection, since=turn))
    if before.active and not injection.active:
        return replace(controls, injection=replace(injection, since=None))
    return controls


def beside(change: Change, other: Change) -> Change:
    """What a change sets beside the controls that another one set; injection and healing are one control."""
    taken = {_control(name) for name, _ in other}
    return tuple(pair for pair in change if _control(pair[0]) not in taken)


def _control(name: str) -> str:
    return "injection" if _SETTERS.get(name) is _apply_injection else name


def parse_change(text: str) -> Change:
    """Read `NAME=VALUE[,NAME=VALUE]`; a bare NAME means `on`."""
    pairs: list[tuple[str, Scalar]] = []
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not name.strip():
            raise ControlError(f"expected NAME=VALUE[,NAME=VALUE], not {text!r}")
        if name.strip() in dict(pairs):
            raise ControlError(f"{name.strip()} stands twice in {text!r}: which of the two is meant?")
        pairs.append((name.strip(), value.strip() if equals else "on"))
    return tuple(pairs)


def change_words(change: Iterable[tuple[str, Scalar]], controls: Controls) -> str:
    """For people: what a change did, given the controls after it."""
    said: list[str] = []
    for name, value in change:
        if name in ("inject", "heal", "inject-base"):
            words = controls.injection.words()
            words = "injection off" if words == "off" else words
        elif name == "prune":
            words = "pruning " + controls.pruning.words()
        elif name == "inject-since":
            words = "whole history" if str(value) == "1" else f"since turn {value}"
        else:
            words = f"{name.replace('-', ' ')} {'default' if value is None else value}"
        if words not in said:
            said.append(words)
    return ", ".join(said)


MIXED_MEAN = 0.5


def mixed_rate(sample_id: int) -> float:
    """The rate of one sample under `inject=mix`: 0, 1, 1/2, 1/4, 3/4, 1/8, … (van der Corput's sequence).

    It hangs on the sample's own number alone, so that forks, shards and longer runs keep every sample's rate; any
    first N samples spread over 0..1, exactly evenly where N is 2, 3, 5, 9, 17, ….
    """
    if sample_id <= 2:
        return float(sample_id == 2)
    rate, scale, rest = 0.0, 0.5, sample_id - 2
    while rest:
        rate += scale * (rest & 1)
        rest >>= 1
        scale /= 2
    return rate
