"""The switches of a live run: what each key asks for, given what was asked for last."""

from __future__ import annotations

from dataclasses import dataclass

from lhe_tui.task.controls import ANSWER_MODES, Change, Controls, InjectionBase, Pruning

RATES = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
"""The injection rates that the keys step through."""


@dataclass
class Steering:
    """Turns keys into changes. Remembers rate, base and window, so that a switch comes back as it went off."""

    rate: float = 0.25
    base: InjectionBase = "own"
    window: int = 5

    def toggle_injection(self, controls: Controls) -> Change:
        """On at the rate of last time, or off with the history as it is."""
        injection = controls.injection
        if injection.rate > 0:
            self.rate, self.base = injection.rate, injection.base
            return (("inject", 0.0), ("inject-base", "own"))
        base = "truth" if injection.base == "truth" else self.base
        return (("inject", self.rate), ("inject-base", base))

    def step_rate(self, controls: Controls, up: bool) -> Change:
        """The next rate of the ladder; nothing to change at its ends."""
        now = controls.injection.rate
        rates = [rate for rate in RATES if (rate > now if up else rate < now)]
        if not rates:
            return ()
        return (("inject", min(rates) if up else max(rates)),)

    def toggle_base(self, controls: Controls) -> Change:
        """Corrupt the model's own answers, or the true sums."""
        self.base = "own" if controls.injection.base == "truth" else "truth"
        return (("inject-base", self.base),)

    def toggle_heal(self, controls: Controls) -> Change:
        """The healed history, or the history as it is."""
        injection = controls.injection
        healed = injection.base == "truth" and injection.rate == 0
        return (("heal", not healed),)

    def next_pruning(self, controls: Controls) -> Change:
        """The policy after the one in force."""
        self._remember(controls.pruning)
        ladder = [
            "off",
            f"window:{self.window}",
            "state-card",
            "drop-wrong",
            f"window:{self.window}+state-card",
        ]
        now = str(controls.pruning)
        place = ladder.index(now) if now in ladder else 0
        return (("prune", ladder[(place + 1) % len(ladder)]),)

    def step_window(self, controls: Controls, by: int) -> Change:
        """A window one turn longer or shorter; switches the window on where another policy holds."""
        pruning = controls.pruning
        if pruning.policy == "window":
            self.window = max(1, pruning.window + by)
            if self.window == pruning.window:
                return ()
        card = "+state-card" if pruning.policy == "window" and pruning.card else ""
        return (("prune", f"window:{self.window}{card}"),)

    def next_mode(self, controls: Controls) -> Change:
        """The answer mode after the one in force."""
        return (("mode", ANSWER_MODES[(ANSWER_MODES.index(controls.mode) + 1) % len(ANSWER_MODES)]),)

    def toggle_verify(self, controls: Controls) -> Change:
        """Self-verification on or off."""
        return (("verify", not controls.verify),)

    def _remember(self, pruning: Pruning) -> None:
        if pruning.policy == "window":
            self.window = pruning.window
