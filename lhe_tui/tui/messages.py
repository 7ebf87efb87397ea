"""What screens ask of the app. They post these messages and never import the app, nor each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.message import Message

from lhe_tui.tui.routes import Route

if TYPE_CHECKING:
    from lhe_tui.launch.run_config import RunConfig
    from lhe_tui.tui.controller.experiment_controller import ExperimentController


@dataclass
class GoTo(Message):
    """Open a screen over this one."""

    route: Route
    on_return: Callable[[Any], None] | None = None
    """Called with what the screen gives when it is left, if the asking screen is still there."""


@dataclass
class StartRun(Message):
    """Start a run and show it."""

    config: RunConfig


@dataclass
class OpenSession(Message):
    """Replay a recorded session on the run screen."""

    path: Path


@dataclass
class ResumeSession(Message):
    """Resume an unfinished session on the run screen."""

    path: Path


class LeaveRun(Message):
    """End the open run or replay, and show the screen that led to it."""


@dataclass
class OpenExperiment(Message):
    """Build an experiment (in a thread) and show it; start it where its cost was agreed to."""

    build: Callable[[], ExperimentController]
    start: bool


@dataclass
class ResumeExperiment(Message):
    """Ask what is left of an experiment, once its cost was agreed to."""

    controller: ExperimentController


class ShowExperiment(Message):
    """Show the open experiment."""


@dataclass
class Problem(Message):
    """One sentence that must not be missed; may be foreign text."""

    sentence: str


@dataclass
class ShowText(Message):
    """A text over the screen until it is closed; may be foreign text."""

    title: str
    text: str
