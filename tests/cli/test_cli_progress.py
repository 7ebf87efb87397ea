"""The progress of a headless run, on a terminal and elsewhere."""

from __future__ import annotations

import io

import pytest

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.cli.progress import Progress, clock_words
from lhe_tui.engine.events import Attempt, NoticeRaised, TurnFinished, TurnRetried, TurnStarted
from lhe_tui.engine.state import RunState
from lhe_tui.launch.runs import new_header
from lhe_tui.task.controls import Controls
from lhe_tui.task.spec import TaskSpec, generate


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def state() -> RunState:
    task = generate(TaskSpec(turns=10, samples=2), built_in_words())
    return RunState(new_header(task, Controls(), built_in_template()))


def finish(state: RunState, sample: int, turn: int) -> None:
    truth = state.task.truths(sample)[turn - 1]
    state.apply(TurnFinished(sample, turn, 1.0, f"<answer>{truth}</answer>", completion_tokens=6))


def test_the_line_tells_turn_accuracy_time_and_speed(state: RunState) -> None:
    clock = Clock()
    progress = Progress(state, io.StringIO(), clock)
    for sample in (1, 2):
        finish(state, sample, 1)
    clock.now = 4.0
    line = progress.line()
    assert "turn 2/10" in line
    assert "turn accuracy 100 % [34, 100]" in line
    assert "0:04" in line
    assert "ETA 0:36" in line
    assert "3 tok/s" in line


def test_a_server_that_keeps_its_token_counts_to_itself_is_said_to(state: RunState) -> None:
    progress = Progress(state, io.StringIO(), Clock())
    assert "tokens" not in progress.line()
    state.apply(TurnFinished(1, 1, 1.0, "<answer>1</answer>"))
    assert progress.line().endswith("tokens not told")


def test_the_line_says_what_is_being_waited_for(state: RunState) -> None:
    state.apply(TurnStarted(1, 1, 0.0))
    state.apply(TurnRetried(1, 1, Attempt("overloaded", "the server is busy", 12.0), 0.5))
    assert "retries 1 · waiting 12 s: the server is busy" in Progress(state, io.StringIO(), Clock()).line()


def test_a_terminal_sees_one_line_redrawn_and_taken_away(state: RunState) -> None:
    stream = Terminal()
    progress = Progress(state, stream, Clock())
    progress.tick()
    progress.tick()
    progress.close()
    assert "\n" not in stream.getvalue()
    assert stream.getvalue().count("turn 1/10") == 2
    assert stream.getvalue().endswith("\r\x1b[2K")


def test_no_color_leaves_the_bar_without_colour(state: RunState, monkeypatch: pytest.MonkeyPatch) -> None:
    finish(state, 1, 1)
    finish(state, 2, 1)
    monkeypatch.setenv("TERM", "xterm-256color")
    for no_color, painted in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", no_color)
        stream = Terminal()
        Progress(state, stream, Clock()).tick()
        assert ("\x1b[36m" in stream.getvalue()) == painted


def test_a_log_gets_a_line_now_and_then_and_no_escape_sequence(state: RunState) -> None:
    clock, stream = Clock(), io.StringIO()
    progress = Progress(state, stream, clock)
    for turn in range(1, 11):
        finish(state, 1, turn)
        finish(state, 2, turn)
        clock.now += 0.01
        progress.tick()
    assert stream.getvalue() == ""
    clock.now = 60.0
    progress.tick()
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()


def test_a_notice_stands_on_a_line_of_its_own_with_nothing_that_acts(state: RunState) -> None:
    stream = Terminal()
    progress = Progress(state, stream, Clock())
    progress.tick()
    progress.notice(NoticeRaised("top_p was refused\x1b[2J", 1.0, 2, 3))
    assert "note: sample 2, turn 3: top_p was refused␛[2J\n" in stream.getvalue()


def test_a_flood_of_notices_is_cut_short(state: RunState) -> None:
    stream = io.StringIO()
    progress = Progress(state, stream, Clock())
    for number in range(500):
        progress.notice(NoticeRaised(f"notice {number}", 1.0))
    assert len(stream.getvalue().splitlines()) < 30


def test_a_closed_terminal_ends_no_run(state: RunState) -> None:
    stream = Terminal()
    progress = Progress(state, stream, Clock())
    stream.close()
    progress.tick()
    progress.say("nobody hears this")


def test_a_clock_shows_hours_only_where_there_are_any() -> None:
    assert [clock_words(seconds) for seconds in (0, 31.4, 725, 3723)] == ["0:00", "0:31", "12:05", "1:02:03"]
