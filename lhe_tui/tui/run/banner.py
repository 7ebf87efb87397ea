"""What must not be missed: a fault, a break, the end. Stands above the panes until it no longer holds."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content
from textual.widgets import Static

from lhe_tui.text.counts import counted
from lhe_tui.text.visible import visible, visible_path
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.widgets.guarded import Guarded, guarded


class Banner(Guarded, Static):
    """Hidden while there is nothing to say."""

    def __init__(self, controller: RunController, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._controller = controller
        self._shown = ("", "")

    def on_mount(self) -> None:
        """Begin hidden."""
        self.display = False

    @guarded
    def poll(self) -> None:
        """Say what holds now."""
        kind, words = self._words()
        if (kind, words) == self._shown:
            return
        self._shown = (kind, words)
        self.display = bool(words)
        self.set_class(kind == "fault", "-fault")
        self.set_class(kind == "end", "-end")
        self.update(Content(words))

    def _words(self) -> tuple[str, str]:
        controller = self._controller
        state = controller.state
        where = f" · session in {_near(controller.path)}" if controller.path else ""
        if controller.error:
            return "fault", f"× The run broke off: {controller.error}{where} · esc leaves"
        if controller.replay is not None and controller.replay.ended:
            cut = "" if state.status == "completed" else ", where the run was stopped or cut off"
            return "end", f"End of the recording{cut}{where} · space plays it again, esc leaves"
        if state.status == "paused" and state.pause is not None and state.pause.reason:
            reason = visible(state.pause.reason, limit=400)
            if state.pause.fault:
                return "fault", f"! Paused by a fault: {reason} — space tries again"
            return "note", f"‖ Paused: {reason} — space resumes"
        if state.status == "completed":
            done = f"{counted(state.spec.turns, 'turn')} × {counted(state.spec.samples, 'sample')}"
            wrong = "e finds what went wrong, " if state.outcomes["correct"] < state.answered_turns else ""
            return (
                "end",
                f"✓ Completed: {done}{where} · {wrong}f forks it from a turn, F3 compares it, esc leaves",
            )
        if state.status == "stopped":
            return "end", f"■ Stopped{where} · it can be resumed from the sessions (F3)"
        return "", ""


def _near(path: Path) -> str:
    """A path as it is typed from here."""
    full = path.absolute()
    return visible_path(full.relative_to(Path.cwd()) if full.is_relative_to(Path.cwd()) else full)
