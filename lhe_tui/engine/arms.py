"""Arms: the same keys from one turn on, under several histories side by side, with paired differences."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field

from lhe_tui.engine.borrowed_model import BorrowedModel
from lhe_tui.engine.branching import Branch, arm_change, branch_events, fold
from lhe_tui.engine.events import Event
from lhe_tui.engine.overall import counts_by_sample
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.engine.state import RunState
from lhe_tui.models.base import ChatModel
from lhe_tui.task.stats.paired_tests import PairedDifference, PairedTurn, paired_difference
from lhe_tui.task.stats.proportions import PooledShare


@dataclass(frozen=True, slots=True)
class ArmsPlan:
    """What is run: from a turn of a sample (or several), for `turns` turns, `resamples` times under each arm."""

    samples: tuple[int, ...]
    turn: int
    turns: int = 10
    resamples: int = 5
    names: tuple[str, ...] = ("as is", "healed", "50 %", "window 1")

    @property
    def requests(self) -> int:
        """How many replies will be asked for."""
        return len(self.names) * len(self.samples) * self.turns * self.resamples


@dataclass
class Arm:
    """One arm under way: its own fold, from the branch point on."""

    name: str
    state: RunState
    first_turn: int
    fault: str = ""
    path: str = ""

    def outcomes(self) -> dict[tuple[int, int], bool]:
        """(sample, turn) to turn-correct, for every scored turn of the arm itself."""
        return {
            (number, record.turn): record.outcome == "correct"
            for number, sample in enumerate(self.state.samples, 1)
            for record in sample.turns[self.first_turn - 1 :]
            if record.outcome != "failed"
        }

    def accuracy(self) -> PooledShare:
        """Turn accuracy over all turns of the arm."""
        return PooledShare.of(counts_by_sample(self.state, self.first_turn))

    def curve(self) -> list[tuple[int, int, int]]:
        """(turn, correct, scored) for each turn of the arm."""
        tallies = self.state.tallies
        return [
            (turn, tallies[turn - 1].correct, tallies[turn - 1].n)
            for turn in range(self.first_turn, len(tallies) + 1)
        ]


@dataclass
class ArmsResult:
    """All arms, growing while they run. The first arm is the one that the others are compared with."""

    plan: ArmsPlan
    arms: list[Arm] = field(default_factory=list)

    def difference(self, arm: Arm) -> PairedDifference | None:
        """An arm's turn accuracy minus the first arm's, over the same turns, clustered by sample."""
        first, second = self.arms[0].outcomes(), arm.outcomes()
        return paired_difference(
            PairedTurn(sample, turn, first[sample, turn], second[sample, turn])
            for sample, turn in first.keys() & second.keys()
        )

    def verdict(self) -> str:
        """One sentence: what the arms say of the errors in view and of the history's length."""
        if len(self.arms) < 2 or not self.arms[0].outcomes():
            return "nothing to compare yet"
        named = {arm.name: arm for arm in self.arms}
        healed = named.get("healed")
        short = next((named[name] for name in ("state card", "window 1") if name in named), None)
        if healed is None or healed is self.arms[0]:
            return "; ".join(self._said(arm) for arm in self.arms[1:])
        return self._said(healed) + self._blame(healed, short)

    def _said(self, arm: Arm) -> str:
        difference = self.difference(arm)
        if difference is None:
            return f"{arm.name}: no turn to compare yet"
        points = round(abs(difference.difference) * 100)
        way = "raises" if difference.difference > 0 else "lowers" if difference.difference < 0 else "leaves"
        name = "healing the history" if arm.name == "healed" else f"the arm {arm.name}"
        if difference.low is None or difference.high is None:
            return f"{name} {way} turn accuracy by {points} points (one sample only: no interval)"
        span = f"[{round(difference.low * 100)}, {round(difference.high * 100)}]"
        if difference.low <= 0 <= difference.high:
            change = f"{round(difference.difference * 100):+d} points {span}"
            return f"{name} changes turn accuracy by {change}: no clear effect"
        return f"{name} {way} turn accuracy by {points} points {span}"

    def _blame(self, healed: Arm, short: Arm | None) -> str:
        heal = self.difference(healed)
        if heal is None or heal.low is None or heal.low <= 0:
            return ""
        if short is None:
            return ": the errors in view do harm"
        cut = self.difference(short)
        if cut is None or cut.low is None or cut.high is None:
            return ": the errors in view do harm"
        more = cut.difference - heal.difference
        if more > heal.difference / 2:
            return ": the errors in view do harm, and so does the history's length"
        return ": the errors in view do the harm, not the length"


def build_arms(
    parent: RunState, plan: ArmsPlan, *, path: str, session_id: Callable[[], str], created: str
) -> list[tuple[Arm, list[Event]]]:
    """Each arm with the first events of its session. Raises BranchError."""
    samples = tuple(sample for sample in plan.samples for _ in range(plan.resamples))
    built = []
    for name in plan.names:
        branch = Branch(plan.turn, samples, arm_change(name), turns=plan.turns, note=f"arm: {name}")
        events = branch_events(parent, branch, session=session_id(), created=created, path=path)
        built.append((Arm(name, fold(events), plan.turn), events))
    return built


async def run_arms(
    result: ArmsResult,
    open_model: Callable[[str], ChatModel],
    *,
    concurrency: int,
    record: Callable[[Arm, Event], None] = lambda arm, event: None,
) -> AsyncGenerator[ArmsResult, None]:
    """Run all arms; yields the growing result after each turn. Arms take turns where `concurrency` is 1."""
    grew = asyncio.Event()
    gate = asyncio.Semaphore(max(1, concurrency))

    async def run_one(arm: Arm, share: int) -> None:
        run = Run(
            arm.state,
            lambda name: BorrowedModel(open_model(name)),
            record=lambda event: record(arm, event),
            pace=RunLimits(concurrency=share, gate=gate),
            live=False,
        )
        async for _ in run.events():
            if arm.state.pause is not None:
                arm.fault = arm.state.pause.reason
                run.stop()
            grew.set()

    share = max(1, concurrency)
    tasks = [asyncio.create_task(run_one(arm, share)) for arm in result.arms]
    done = asyncio.gather(*tasks)
    done.add_done_callback(lambda _: grew.set())
    try:
        while not done.done():
            await grew.wait()
            grew.clear()
            yield result
        await done
    finally:
        done.cancel()
        await asyncio.gather(done, *tasks, return_exceptions=True)


def arms_named(names: Sequence[str]) -> tuple[str, ...]:
    """Arm names as given, checked. Raises BranchError."""
    for name in names:
        arm_change(name)
    return tuple(names)
