"""An experiment without the app: cells drive one progress line; a signal ends them all with their sessions whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from lhe_tui.cli.line_progress import LineProgress
from lhe_tui.cli.progress import clock_words
from lhe_tui.cli.signals import stopping_on_signals
from lhe_tui.experiments.ladder import LadderRun
from lhe_tui.experiments.run_grid import GridRun

if TYPE_CHECKING:
    from lhe_tui.launch.models import ModelOpener


async def run_to_the_end(grid: GridRun, opener: ModelOpener, concurrency: int) -> int | None:
    """Ask everything that is left; the exit code of the signal that ended it, or None."""
    total = sum(run.turns_to_ask for run in grid.runs) or 1
    before = sum(run.turns_asked for run in grid.runs)
    started = time.monotonic()

    def share() -> float:
        return sum(run.turns_asked for run in grid.runs) / total

    def words() -> str:
        asked = sum(run.turns_asked for run in grid.runs)
        finished = sum(run.finished for run in grid.runs)
        seconds = time.monotonic() - started
        parts = [
            f"{finished}/{len(grid.runs)} cells",
            f"{asked:,}/{total:,} turns",
            clock_words(seconds),
        ]
        if asked > before and asked < total:
            parts.append(f"ETA {clock_words((total - asked) * seconds / (asked - before))}")
        parts += [f"{len(grid.faults)} stopped"] if grid.faults else []
        return " · ".join(parts)

    progress = LineProgress(words, share)
    events = grid.progress(
        opener,
        concurrency=concurrency,
        on_notice=lambda cell, notice: progress.notice(f"{cell.label}: {notice.text}"),
    )
    return await _consume(events, progress, grid.stop)


async def climb_to_the_end(ladder: LadderRun, opener: ModelOpener, concurrency: int) -> int | None:
    """Climb until the largest K is known; the exit code of the signal that ended it, or None."""

    def share() -> float:
        rung = ladder.rungs[-1] if ladder.rungs else None
        return 0.0 if rung is None else rung.counts[1] / ladder.settings.samples

    def words() -> str:
        return ladder.rungs[-1].words() if ladder.rungs else "…"

    progress = LineProgress(words, share)
    said: set[int] = set()

    async def events() -> AsyncGenerator[None, None]:
        climb = ladder.progress(
            opener, concurrency=concurrency, on_notice=lambda notice: progress.notice(notice.text)
        )
        async with aclosing(climb) as rungs:
            async for rung in rungs:
                if rung.decided and rung.k not in said:
                    said.add(rung.k)
                    progress.say(rung.words())
                yield

    return await _consume(events(), progress, ladder.stop)


async def _consume(
    events: AsyncGenerator[Any, None], progress: LineProgress, stop: Callable[[], None]
) -> int | None:
    ticker = asyncio.create_task(progress.keep_ticking())
    try:
        with stopping_on_signals(stop) as interruption:
            async with aclosing(events) as stream:
                async for _ in stream:
                    pass
    finally:
        ticker.cancel()
        progress.close()
    return None if interruption.number is None else interruption.exit_code
