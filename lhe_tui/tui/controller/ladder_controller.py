"""A ladder under way: the experiment that looks for the largest K."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.experiments.cell_run import reopened_cell_run
from lhe_tui.experiments.grid import Cell
from lhe_tui.experiments.ladder import LadderRun, LadderSettings, Rung, new_ladder, resumed_ladder
from lhe_tui.experiments.ladder_estimate import estimate_ladder
from lhe_tui.launch.models import ModelOpener, default_concurrency
from lhe_tui.models.base import ModelInfo
from lhe_tui.record.errors import SessionError
from lhe_tui.tui.controller.experiment_controller import MOST_AT_ONCE, REAL_CLOCK, ExperimentController
from lhe_tui.tui.controller.yielding_model import yielding
from lhe_tui.tui.turn.run_words import clock_time


class LadderController(ExperimentController):
    """One climb, its model, and how far it is."""

    def __init__(
        self, ladder: LadderRun, opener: ModelOpener, *, clock: Callable[[], float] = REAL_CLOCK
    ) -> None:
        super().__init__(opener, clock)
        self.ladder = ladder

    @property
    def name(self) -> str:
        """`ladder`."""
        return "ladder"

    @property
    def folder(self) -> Path:
        """Where the rungs' sessions lie."""
        return self.ladder.folder

    @property
    def models(self) -> Sequence[str]:
        """The one that climbs."""
        return (self.ladder.settings.controls.model,)

    @property
    def base_url(self) -> str | None:
        """Another server, where one is asked."""
        return self.ladder.manifest.base_url

    @property
    def rungs(self) -> list[Rung]:
        """Every K tried so far, the smallest first."""
        return sorted(self.ladder.rungs, key=lambda rung: rung.k)

    @property
    def finished(self) -> bool:
        """Whether the largest K is known."""
        return self.ladder.finished

    @property
    def faults(self) -> Sequence[tuple[str, str]]:
        """Why the climb stands still."""
        return [("ladder", self.ladder.fault)] if self.ladder.fault else []

    @property
    def asked(self) -> int:
        """Turns answered, of all K."""
        return sum(rung.run.turns_asked for rung in self.ladder.rungs)

    def progress_words(self) -> str:
        """What is climbed now, or how many K were tried."""
        words = f"{len(self.ladder.rungs)} K tried · {self.asked:,} turns"
        if self.running and self.ladder.rungs:
            words = f"{self.ladder.rungs[-1].words()} · {words} · {clock_time(self.elapsed)}"
        return words

    def resume_command(self) -> Sequence[str]:
        """`lhe-tui ladder --out FOLDER --resume`."""
        return ("lhe-tui", "ladder", "--out", str(self.folder), "--resume")

    def estimate_words(self) -> str:
        """Between the shortest and the longest climb."""
        return ladder_estimate_words(self.ladder.settings, self.opener(self.models[0]).info)

    def reopened(self) -> ExperimentController:
        """The ladder as its folder holds it now."""
        return reopened_ladder(self.folder)

    async def _growing(self) -> AsyncGenerator[object, None]:
        samples = self.ladder.settings.samples
        at_once = default_concurrency(self.models, self.opener, min(MOST_AT_ONCE, samples))
        climbing = self.ladder.progress(
            yielding(self.opener),
            concurrency=at_once,
            on_notice=lambda notice: self._take_notice("ladder", notice.text),
        )
        async with aclosing(climbing) as rungs:
            async for rung in rungs:
                yield rung

    def _stop_runs(self) -> None:
        self.ladder.stop()

    def _close_files(self) -> None:
        for rung in self.ladder.rungs:
            rung.run.close()


def ladder_estimate_words(settings: LadderSettings, info: ModelInfo) -> str:
    """Between the shortest and the longest climb."""
    least, most = (
        estimate_ladder(settings, built_in_template(), built_in_words(), info, largest)
        for largest in (0, settings.most_keys)
    )
    bound = f"where all up to {settings.most_keys:,} do"
    return f"{least.words()} where not even the first K passes, {most.words()} {bound}"


def new_ladder_controller(
    settings: LadderSettings, folder: Path, *, base_url: str | None = None, api_key_env: str | None = None
) -> LadderController:
    """A ladder that starts anew. Raises GridError."""
    ladder = new_ladder(
        settings,
        built_in_template(),
        folder,
        built_in_words(),
        base_url=base_url,
        api_key_env=api_key_env,
    )
    return LadderController(ladder, ModelOpener(base_url, api_key_env))


def reopened_ladder(folder: Path) -> LadderController:
    """A ladder as its folder holds it, what was tried read back; call it in a thread. Raises GridError."""
    ladder = resumed_ladder(folder, built_in_words())
    _read_back(ladder)
    manifest = ladder.manifest
    return LadderController(ladder, ModelOpener(manifest.base_url, manifest.api_key_env))


def _read_back(ladder: LadderRun) -> None:
    """Climb as far as the sessions go without asking anybody."""
    while (k := ladder.search.next_k) is not None:
        cell = Cell(f"k-{k:05}", f"K = {k}", ladder.settings.spec(k), ladder.settings.controls, x=k)
        try:
            run = reopened_cell_run(cell, ladder.folder)
        except SessionError:
            return
        run.close()
        rung = Rung(k, run)
        if not rung.decided:
            return
        ladder.rungs.append(rung)
        ladder.search.tell(k, passed=rung.passed)
