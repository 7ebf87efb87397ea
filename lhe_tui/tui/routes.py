"""Every screen that one screen may lead to, by name and with what it needs; the app makes the screen itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lhe_tui.tui.controller.run_controller import RunController
    from lhe_tui.tui.turn.turn_finding import Place

BranchWay = Literal["resample", "fork", "arms", "slips"]
"""The ways from a turn onwards. A fork gives a branch, the slips the place of a turn, the others nothing."""


@dataclass(frozen=True, slots=True)
class InspectRoute:
    """One finished turn in full. Gives the place where it was left."""

    controller: RunController
    place: Place
    reason: str = ""
    """Why a turn was opened that nobody asked for."""


@dataclass(frozen=True, slots=True)
class BranchRoute:
    """A way from a turn onwards."""

    way: BranchWay
    controller: RunController
    place: Place


@dataclass(frozen=True, slots=True)
class SessionsRoute:
    """The recorded sessions. Gives nothing."""


@dataclass(frozen=True, slots=True)
class CompareRoute:
    """Two to six sessions side by side; the first is the reference. Gives nothing."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ExperimentsRoute:
    """The experiments: those there are, and those that were run. Gives nothing."""


@dataclass(frozen=True, slots=True)
class TheoryRoute:
    """Proposition 1, with what the open run measured. Gives nothing."""


@dataclass(frozen=True, slots=True)
class PickModelRoute:
    """The model list. Gives a picked model, or None."""


Route = (
    InspectRoute
    | BranchRoute
    | SessionsRoute
    | CompareRoute
    | ExperimentsRoute
    | TheoryRoute
    | PickModelRoute
)
