"""The sessions that ship say what their documents say of them."""

from __future__ import annotations

from pathlib import Path

from lhe_tui.record.read import read_session

SESSIONS = Path(__file__).parents[2] / "sessions"


def accuracy(name: str, first: int, last: int) -> float:
    recording = read_session(SESSIONS / name)
    assert not recording.damage
    tallies = recording.state.tallies[first - 1 : last]
    return sum(tally.correct for tally in tallies) / sum(tally.n for tally in tallies)


def test_the_real_model_falls_while_errors_are_in_view_and_recovers_when_they_are_healed() -> None:
    name = "real-self-conditioning.jsonl"
    header = read_session(SESSIONS / name).header
    assert (header.controls.model, header.simulated) == ("local/gemma-3-270m", False)
    assert accuracy(name, 15, 29) > 0.95
    assert accuracy(name, 30, 45) < 0.4
    assert accuracy(name, 46, 60) > 0.9


def test_a_window_does_not_cure_the_real_model_and_dropping_wrong_turns_does() -> None:
    name = "real-context-management.jsonl"
    whole, window, right = accuracy(name, 15, 29), accuracy(name, 30, 44), accuracy(name, 45, 60)
    assert window < whole < 0.4
    assert right > 0.9


def test_recorded_stories_stay_small() -> None:
    assert all(path.stat().st_size <= 400_000 for path in SESSIONS.glob("*.jsonl"))
