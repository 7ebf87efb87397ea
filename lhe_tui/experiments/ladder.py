"""The ladder: the largest K that a model gets right in a single turn, at least four times in five."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lhe_tui.engine.borrowed_model import BorrowedModel
from lhe_tui.engine.events import NoticeRaised, TurnFinished
from lhe_tui.engine.runner import Run, RunLimits
from lhe_tui.engine.state import RunState
from lhe_tui.experiments.cell_run import CellRun, new_cell_run, reopened_cell_run
from lhe_tui.experiments.grid import Cell, Experiment, GridError
from lhe_tui.experiments.ladder_search import LadderSearch
from lhe_tui.experiments.manifest import Manifest, read_document, write_document
from lhe_tui.experiments.run_grid import unanswered
from lhe_tui.launch.runs import begin
from lhe_tui.models.base import ChatModel
from lhe_tui.models.catalogue import ModelNotAvailable
from lhe_tui.record.codec import controls_document
from lhe_tui.record.errors import SessionError
from lhe_tui.record.validation import validated
from lhe_tui.task.controls import ControlError, Controls
from lhe_tui.task.prompts import PromptTemplate
from lhe_tui.task.spec import TaskError, TaskSpec, generate
from lhe_tui.task.stats.confidence_sequence import anytime_interval, cleared
from lhe_tui.task.stats.proportions import Interval

LINE = 0.8
"""The accuracy that a K must reach."""
MANIFEST = "ladder.json"
FORMAT = "lhe-ladder/1"
_MOST = 10**9


@dataclass(frozen=True, slots=True)
class LadderSettings:
    """What is climbed. One K is asked `samples` times at most, fewer once its interval clears the line."""

    controls: Controls
    samples: int = 100
    start: int = 1
    most_keys: int = 512
    seed: int = 0

    def spec(self, k: int) -> TaskSpec:
        """The task of one rung. Raises TaskError."""
        return TaskSpec(turns=1, turn_complexity=k, samples=self.samples, seed=self.seed)


@dataclass
class Rung:
    """One K: its session, and what its samples say so far, taken in their order."""

    k: int
    run: CellRun

    @property
    def counts(self) -> tuple[int, int]:
        """(right, answered) over the samples up to the first that has not been answered."""
        return counts_in_order(self.run.state)

    @property
    def interval(self) -> Interval:
        """The interval that may be looked at after each sample."""
        return anytime_interval(*self.counts)

    @property
    def settled(self) -> bool:
        """Whether the interval clears the line."""
        return cleared(*self.counts, LINE) is not None

    @property
    def passed(self) -> bool:
        """Whether this K reaches the line; where it is not settled, by the samples there are."""
        right, n = self.counts
        return bool(n) and right >= LINE * n

    @property
    def decided(self) -> bool:
        """Whether nothing more is to be asked."""
        return self.settled or self.run.finished

    def words(self) -> str:
        """`K = 8: passes, 24 of 24 right [81, 100]`."""
        right, n = self.counts
        verdict = ("passes" if self.passed else "fails") if self.decided else "…"
        doubt = "" if self.settled or not self.decided else ", not settled"
        low, high = self.interval
        return f"K = {self.k}: {verdict}{doubt}, {right} of {n} right [{low * 100:.0f}, {high * 100:.0f}]"


def counts_in_order(state: RunState) -> tuple[int, int]:
    """(right, answered): in the samples' own order, so that quick replies do not count before slow ones."""
    right = n = 0
    for sample in state.samples:
        if not sample.turns:
            break
        if not sample.failed:
            n += 1
            right += sample.turns[0].outcome == "correct"
    return right, n


class LadderRun:
    """A climb under way. Iterate `progress()`; `rungs` stand in the order in which they were tried."""

    def __init__(
        self, settings: LadderSettings, manifest: Manifest, folder: Path, words: Sequence[str]
    ) -> None:
        self.settings = settings
        self.folder = folder
        self.manifest = manifest
        self.rungs: list[Rung] = []
        self.search = LadderSearch(settings.start, settings.most_keys)
        self.fault = ""
        self._words = words
        self._running: Run | None = None
        self._stopping = False

    @property
    def finished(self) -> bool:
        """Whether the largest K is known."""
        return self.search.next_k is None

    def cell(self, k: int) -> Cell:
        """What is asked at one K."""
        return Cell(f"k-{k:05}", f"K = {k}", self.settings.spec(k), self.settings.controls, x=k)

    def stop(self) -> None:
        """End the climb at once; its sessions stay whole."""
        self._stopping = True
        if self._running is not None:
            self._running.stop()

    async def progress(
        self,
        open_model: Callable[[str], ChatModel],
        *,
        concurrency: int,
        on_notice: Callable[[NoticeRaised], None] = lambda notice: None,
    ) -> AsyncGenerator[Rung, None]:
        """Climb; yields the rung that has grown, after each answer.

        Writes the manifest first, where there is none. Raises GridError.
        """
        if not (self.folder / MANIFEST).exists():
            write_document(self.folder, MANIFEST, _document(self))
        model = open_model(self.settings.controls.model)
        try:
            while (k := self.search.next_k) is not None and not self._stopping and not self.fault:
                rung = self._rung(k)
                self.rungs.append(rung)
                async for event in self._climb(rung, BorrowedModel(model), concurrency):
                    if isinstance(event, NoticeRaised):
                        on_notice(event)
                    yield rung
                if rung.decided and not self.fault:
                    self.search.tell(k, passed=rung.passed)
                    yield rung
        except (SessionError, ControlError, ModelNotAvailable, OSError, TaskError) as error:
            self.fault = str(error)
        finally:
            await model.aclose()

    def _rung(self, k: int) -> Rung:
        cell = self.cell(k)
        new = new_cell_run(cell, self.manifest, generate(cell.spec, self._words), self.folder)
        return Rung(k, reopened_cell_run(cell, self.folder) if new.path.exists() else new)

    async def _climb(
        self, rung: Rung, model: ChatModel, concurrency: int
    ) -> AsyncGenerator[TurnFinished | NoticeRaised, None]:
        """Ask one K until its interval clears the line or its samples are through."""
        cell = rung.run
        if rung.decided:
            cell.close()
            return

        def watch(*_: object) -> None:
            # Here and not where events are read: a model that answers at once would be asked many times more.
            if rung.settled:
                run.stop()

        pace = RunLimits(concurrency=max(1, concurrency))
        started = begin(cell.plan(lambda name: model), limits=pace, watch=watch, live=False)
        self._running, cell.writer = started.run, started.writer
        run = started.run
        try:
            async for event in run.events():
                if cell.state.pause is not None:
                    self.fault = self.fault or cell.state.pause.reason
                    run.stop()
                if isinstance(event, TurnFinished | NoticeRaised):
                    yield event
        finally:
            self._running = None
            cell.close()
        if not rung.decided and not self.fault and not self._stopping:
            self.fault = f"K = {rung.k}: {unanswered(cell)}"


def ladder_finding(ladder: LadderRun) -> str:
    """What was found: the largest K, and how sure its two neighbours are."""
    controls = ladder.settings.controls
    who = f"{controls.model}, {controls.mode}"
    search = ladder.search
    if not ladder.finished:
        reached = f"K = {search.largest} passes so far" if search.largest else "no K has passed so far"
        return f"{who}: not finished; {reached}."
    by_k = {rung.k: rung for rung in ladder.rungs}
    edges = [by_k[k] for k in (search.largest, search.smallest_failed) if k is not None and k in by_k]
    said = f" ({'; '.join(rung.words() for rung in edges)})"
    if search.stopped_by_bound:
        head = f"{who}: at least {search.largest}, the largest K that was allowed"
    elif search.largest:
        head = f"{who}: the largest K with at least 80 % right in a single turn is {search.largest}"
    else:
        head = f"{who}: not even K = 1 is right 80 % of the time"
    return f"{head}{said}.{_doubt_words(ladder, edges)}"


def _doubt_words(ladder: LadderRun, edges: Sequence[Rung]) -> str:
    """Where an edge is not settled: between which K the truth lies for certain."""
    if all(rung.settled for rung in edges):
        return ""
    passed = [rung.k for rung in ladder.rungs if rung.settled and rung.passed]
    failed = [rung.k for rung in ladder.rungs if rung.settled and not rung.passed]
    low = f"K = {max(passed)} clearly passes" if passed else "no K clearly passes"
    high = f"K = {min(failed)} clearly fails" if failed else "none clearly fails"
    return f" Between them the samples do not settle it: {low}, {high}."


def new_ladder(
    settings: LadderSettings,
    template: PromptTemplate,
    folder: Path,
    words: Sequence[str],
    *,
    base_url: str | None = None,
    api_key_env: str | None = None,
) -> LadderRun:
    """A climb that starts anew in a folder that holds none; nothing is written yet. Raises GridError."""
    if (folder / MANIFEST).exists():
        raise GridError(f"{folder} holds a ladder already: name another folder, or resume it with --resume")
    return _ladder(settings, template, folder, words, base_url, api_key_env)


def _document(ladder: LadderRun) -> dict[str, Any]:
    settings, manifest = ladder.settings, ladder.manifest
    return {
        "format": FORMAT,
        "controls": controls_document(settings.controls),
        "samples": settings.samples,
        "start": settings.start,
        "most_keys": settings.most_keys,
        "seed": settings.seed,
        "base_url": manifest.base_url,
        "api_key_env": manifest.api_key_env,
        "prompt": manifest.template.as_json(),
    }


def resumed_ladder(folder: Path, words: Sequence[str]) -> LadderRun:
    """A climb that resumes where it stopped: what was answered is not asked again. Raises GridError."""

    def read(doc: Any) -> LadderRun:
        from lhe_tui.experiments.file_models import LadderTable

        table = validated(LadderTable, doc, "the ladder")
        settings = LadderSettings(
            table.controls.controls(), table.samples, table.start, table.most_keys, table.seed
        )
        return _ladder(settings, table.prompt.template(), folder, words, table.base_url, table.api_key_env)

    return read_document(folder, MANIFEST, read)


def _ladder(
    settings: LadderSettings,
    template: PromptTemplate,
    folder: Path,
    words: Sequence[str],
    base_url: str | None,
    api_key_env: str | None,
) -> LadderRun:
    if not 1 <= settings.start <= settings.most_keys:
        raise GridError(
            f"the first K ({settings.start}) must lie between 1 and the largest ({settings.most_keys})"
        )
    try:
        settings.spec(settings.most_keys)
    except TaskError as error:
        raise GridError(str(error)) from None
    empty = Experiment("ladder", "What is the largest K in a single turn?", ())
    return LadderRun(settings, Manifest(empty, template, base_url, api_key_env), folder, words)
