"""The switches of a live run: the change that each key asks for, given the controls asked for last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lhe_tui.task.controls import ANSWER_MODES, Change, Controls, InjectionBase
from lhe_tui.task.pruning.policy import PruningPolicy
from lhe_tui.task.pruning.registry import POLICIES
from lhe_tui.task.pruning.window import Window

RATES = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
"""The injection rates that the keys step through."""
SwitchName = Literal[
    "inject",
    "rate_down",
    "rate_up",
    "inject_base",
    "heal",
    "prune",
    "window_down",
    "window_up",
    "mode",
    "verify",
]


@dataclass
class RunSteering:
    """Turns keys into changes. Remembers rate, base and numbers, so that a switch comes back as it went off."""

    rate: float = 0.5
    base: InjectionBase = "own"
    numbers: dict[str, int] = field(default_factory=dict)
    """The number last in force of each thing that a pruning policy counts."""

    def change(self, name: SwitchName, controls: Controls) -> Change:
        """What a switch changes; nothing where it is at its end."""
        match name:
            case "inject":
                return self._toggle_injection(controls)
            case "rate_down" | "rate_up":
                return self._step_rate(controls, up=name == "rate_up")
            case "inject_base":
                self.base = "own" if controls.injection.base == "truth" else "truth"
                return (("inject-base", self.base),)
            case "heal":
                healed = controls.injection.base == "truth" and controls.injection.rate == 0
                return (("heal", not healed),)
            case "prune":
                return self._next_pruning(controls)
            case "window_down" | "window_up":
                return self._step_window(controls, 1 if name == "window_up" else -1)
            case "mode":
                place = ANSWER_MODES.index(controls.mode) + 1
                return (("mode", ANSWER_MODES[place % len(ANSWER_MODES)]),)
            case "verify":
                return (("verify", not controls.verify),)

    def _toggle_injection(self, controls: Controls) -> Change:
        """On at the rate of last time and over all that is in view, as in the paper; or off, the history as it is."""
        injection = controls.injection
        if injection.rate > 0:
            self.rate, self.base = injection.rate, injection.base
            return (("inject", 0.0), ("inject-base", "own"))
        base = "truth" if injection.base == "truth" else self.base
        return (("inject", self.rate), ("inject-base", base), ("inject-since", 1))

    def _step_rate(self, controls: Controls, *, up: bool) -> Change:
        now = controls.injection.rate
        rates = [rate for rate in RATES if (rate > now if up else rate < now)]
        return (("inject", min(rates) if up else max(rates)),) if rates else ()

    def _next_pruning(self, controls: Controls) -> Change:
        """The policy after the one in force."""
        pruning = controls.pruning
        if pruning.number:
            self.numbers[pruning.counted()] = pruning.number
        place = POLICIES.index(type(pruning)) + 1
        return (("prune", self._written(POLICIES[place % len(POLICIES)])),)

    def _written(self, policy: type[PruningPolicy]) -> str:
        return policy.written(self.numbers.get(policy.counted(), policy.usual))

    def _step_window(self, controls: Controls, by: int) -> Change:
        """The policy's number one turn up or down; switches the window on where no number is in force."""
        pruning = controls.pruning
        if not pruning.number:
            return (("prune", self._written(Window)),)
        number = self.numbers[pruning.counted()] = max(1, pruning.number + by)
        return () if number == pruning.number else (("prune", pruning.written(number)),)
