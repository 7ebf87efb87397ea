"""The switches of a live run: the change that each key asks for, given the controls asked for last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lhe_tui.task.controls import ANSWER_MODES, Change, Controls, InjectionBase

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
    """Turns keys into changes. Remembers rate, base and window, so that a switch comes back as it went off."""

    rate: float = 0.25
    base: InjectionBase = "own"
    window: int = 5

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
        """On at the rate of last time, or off with the history as it is."""
        injection = controls.injection
        if injection.rate > 0:
            self.rate, self.base = injection.rate, injection.base
            return (("inject", 0.0), ("inject-base", "own"))
        base = "truth" if injection.base == "truth" else self.base
        return (("inject", self.rate), ("inject-base", base))

    def _step_rate(self, controls: Controls, *, up: bool) -> Change:
        now = controls.injection.rate
        rates = [rate for rate in RATES if (rate > now if up else rate < now)]
        return (("inject", min(rates) if up else max(rates)),) if rates else ()

    def _next_pruning(self, controls: Controls) -> Change:
        """The policy after the one in force."""
        if controls.pruning.policy == "window":
            self.window = controls.pruning.window
        window = f"window:{self.window}"
        ladder = ["off", window, "state-card", "drop-wrong", f"{window}+state-card"]
        now = str(controls.pruning)
        place = ladder.index(now) if now in ladder else 0
        return (("prune", ladder[(place + 1) % len(ladder)]),)

    def _step_window(self, controls: Controls, by: int) -> Change:
        """A window one turn longer or shorter; switches the window on where another policy holds."""
        pruning = controls.pruning
        if pruning.policy == "window":
            self.window = max(1, pruning.window + by)
            if self.window == pruning.window:
                return ()
        card = "+state-card" if pruning.policy == "window" and pruning.card else ""
        return (("prune", f"window:{self.window}{card}"),)
