"""How a headless run tells where it is: one line that redraws on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, TextIO

from lhe_tui.cli.output import colour_wanted
from lhe_tui.task.stats.proportions import PooledShare
from lhe_tui.text.visible import visible
from lhe_tui.text.widths import clip

if TYPE_CHECKING:
    from lhe_tui.engine.events import NoticeRaised
    from lhe_tui.engine.state import RunState

_REDRAW_SECONDS = 0.2
_QUIET_SECONDS = 30.0
_QUIET_SHARE = 0.1
_QUIET_PAUSE = 2.0
_BAR_CELLS = 20
_LONGEST_REASON = 80
_MOST_NOTICES = 20
_ERASE_LINE = "\r\x1b[2K"


class Progress:
    """The progress of one run on a stream. `tick` from time to time; `close` before anything else is printed."""

    def __init__(
        self,
        state: RunState,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._state = state
        self._stream = sys.stderr if stream is None else stream
        self._redraws = self._stream.isatty()
        self._colour = colour_wanted(self._stream)
        self._clock = clock
        self._started = clock()
        self._elapsed_before = state.elapsed
        self._turns_before = state.finished_turns
        self._counted = [[0, 0, 0] for _ in state.samples]
        """Correct, scored and looked at, of each sample."""
        self._tokens_before = state.completion_tokens + state.reasoning_tokens
        self._said_at = self._started
        self._said_share = self._share()
        self._notices = 0
        self._line_open = False

    async def keep_ticking(self) -> None:
        """Redraw until cancelled."""
        while True:
            self.tick()
            await asyncio.sleep(_REDRAW_SECONDS)

    def tick(self) -> None:
        """Show where the run is: at once on a terminal; elsewhere each tenth of the way or half minute."""
        if self._redraws:
            width = shutil.get_terminal_size((80, 24)).columns
            line = clip(self.line(), max(20, width - 1))
            self._write(_ERASE_LINE + self._painted(line))
            self._line_open = True
            return
        now, share = self._clock(), self._share()
        since = now - self._said_at
        if since >= _QUIET_SECONDS or (since >= _QUIET_PAUSE and share - self._said_share >= _QUIET_SHARE):
            self._said_at, self._said_share = now, share
            self._write(visible(self.line()) + "\n")

    def notice(self, notice: NoticeRaised) -> None:
        """Say a notice of the run above the progress line; a flood is cut short."""
        self._notices += 1
        if self._notices > _MOST_NOTICES:
            return
        where = f"sample {notice.sample}, turn {notice.turn}: " if notice.sample is not None else ""
        self.say(f"note: {where}{notice.text}")
        if self._notices == _MOST_NOTICES:
            self.say("note: any further notices stand in the session only")

    def say(self, text: str) -> None:
        """One line of its own."""
        self.close()
        self._write(visible(text) + "\n")

    def close(self) -> None:
        """Take the progress line off the screen."""
        if self._line_open:
            self._line_open = False
            self._write(_ERASE_LINE)

    def line(self) -> str:
        """The progress in one line: the most wanted first, since a narrow terminal cuts it."""
        state, spec = self._state, self._state.spec
        turn = min(spec.turns, max(1, state.complete_turns + (state.status == "running")))
        parts = [f"{self._bar()} turn {turn}/{spec.turns}"]
        parts += self._accuracy()
        seconds = self._clock() - self._started
        parts.append(clock_words(self._elapsed_before + seconds))
        parts += self._trouble()
        done = state.finished_turns - self._turns_before
        left = spec.turns * spec.samples - state.finished_turns
        if done and left > 0:
            parts.append(f"ETA {clock_words(left * seconds / done)}")
        tokens = state.completion_tokens + state.reasoning_tokens - self._tokens_before
        if tokens and seconds > 0:
            parts.append(f"{tokens / seconds:,.0f} tok/s")
        elif done and not (tokens or state.prompt_tokens):
            parts.append("tokens not told")
        return " · ".join(parts)

    def _share(self) -> float:
        return self._state.finished_turns / (self._state.spec.turns * self._state.spec.samples)

    def _bar(self) -> str:
        filled = round(self._share() * _BAR_CELLS)
        return "━" * filled + "╌" * (_BAR_CELLS - filled)

    def _accuracy(self) -> list[str]:
        correct, n, interval = PooledShare.of(self._counts_by_sample())
        if not n:
            return []
        ends = "" if interval is None else f" [{interval.low * 100:.0f}, {interval.high * 100:.0f}]"
        return [f"turn accuracy {correct / n * 100:.0f} %{ends}"]

    def _counts_by_sample(self) -> list[tuple[int, int]]:
        """Each sample's (correct, scored); what was counted before is not counted anew."""
        for known, sample in zip(self._counted, self._state.samples, strict=True):
            for record in islice(sample.turns, known[2], None):
                # A failed turn may still be asked again.
                if record.outcome == "failed":
                    break
                known[2] += 1
                if not record.event.edited:
                    known[0] += record.outcome == "correct"
                    known[1] += 1
        return [(right, scored) for right, scored, _ in self._counted]

    def _trouble(self) -> list[str]:
        lives = [sample.live for sample in self._state.samples if sample.live is not None]
        waits = [live.waiting for live in lives if live.waiting is not None]
        parts: list[str] = []
        if self._state.retries or waits:
            parts.append(f"retries {self._state.retries + len(waits)}")
        if waits:
            parts.append(f"waiting {waits[0].wait:.0f} s: {waits[0].message[:_LONGEST_REASON]}")
        return parts

    def _painted(self, line: str) -> str:
        if not self._colour:
            return line
        filled = len(line) - len(line.lstrip("━"))
        return f"\x1b[36m{line[:filled]}\x1b[0m{line[filled:]}" if filled else line

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            # The terminal is closed (a hang-up): the run goes on or ends without a word.
            self._redraws = False


def clock_words(seconds: float) -> str:
    """Seconds as a clock shows them: `0:31`, `12:05`, `1:02:03`."""
    whole = max(0, round(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
