"""A run is killed at random points and resumed: nothing finished is lost, and only what was in flight is asked twice.

LHE_KILLS=200 pytest -s tests/end_to_end/test_random_kills.py     # three kills without the variable
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections import Counter
from pathlib import Path

from lhe_tui.record.read import read_session
from tests.end_to_end.command_line import TIMEOUT, CommandLine
from tests.end_to_end.test_kill_and_resume import SAMPLES, TASK, TURNS, asked_turns, recorded_turns
from tests.misbehaving_server import DONE, MisbehavingServer, Raw, Reply, Request, delta

KILLS = int(os.environ.get("LHE_KILLS", "3"))
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Killer:
    """Answers every request, and once, at a random point of a random request, kills the process that asks."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.left = rng.randint(1, TURNS * SAMPLES)
        self.signal = rng.choice(SIGNALS)
        self.process: subprocess.Popen[str] | None = None
        self.answered: Counter[tuple[str, ...]] = Counter()

    def __call__(self, request: Request) -> Reply:
        self.left -= 1
        steps: list[bytes | Raw] = [delta("", role="assistant"), delta("<answer>1"), delta("</answer>")]
        steps += [delta(finish="stop"), DONE]
        if self.left == 0 and self.process is not None:
            # Where the process is by then is up to the scheduler: a random point of its work, not only of the wire's.
            for _ in range(self.rng.randrange(30_000)):
                pass
            self.process.send_signal(self.signal)
            steps = steps[: self.rng.randint(0, len(steps))]
        return Reply(*steps)


class EndlessScript(list[object]):
    """A script that hands every request to one function."""

    def __init__(self, answer: Killer) -> None:
        super().__init__(["never empty"])
        self.answer = answer

    def pop(self, index: object = 0) -> object:  # type: ignore[override]  # a script is only ever popped
        return self.answer


def one_kill(folder: Path, seed: int) -> tuple[str, int, int]:
    """Kill and resume once: (signal, finished turns at the kill, turns asked twice)."""
    folder.mkdir()
    lhe = CommandLine(folder)
    killer = Killer(random.Random(seed))
    path = folder / "s.jsonl"
    with MisbehavingServer().in_thread() as server:
        server.script = EndlessScript(killer)  # type: ignore[assignment]  # a script that never ends
        killer.process = lhe.start(
            *("run", *TASK, "--model", "m", "--base-url", server.url, "--concurrency", "3"),
            *("--out", path.name),
        )
        killer.process.communicate(timeout=TIMEOUT)
        if killer.process.returncode == 0:  # it was killed after its last turn, or just not in time
            kept = recorded_turns(path)
            assert len(kept) == TURNS * SAMPLES
            return killer.signal.name, len(kept), 0
        killer.process = None
        kept = recorded_turns(path)
        before = asked_turns(server.requests)
        document = lhe.json("run", "--resume", path.name, "--json")
        after = asked_turns(server.requests)[len(before) :]
    assert set(kept) <= set(before)
    assert not set(after) & set(kept), "a finished turn was asked again"
    assert len(after) == len(set(after)) == TURNS * SAMPLES - len(kept)
    assert sum(document["outcomes"].values()) == TURNS * SAMPLES
    assert document["outcomes"].get("failed", 0) == 0
    assert not read_session(path).damage
    return killer.signal.name, len(kept), len(set(after) & set(before))


def test_a_run_killed_at_random_points_goes_on_whole(tmp_path: Path) -> None:
    kills = [one_kill(tmp_path / str(seed), seed) for seed in range(KILLS)]
    twice = [again for _, _, again in kills]
    assert max(twice) <= 3  # no more than were in flight
    print(
        f"\n{KILLS} kills ({', '.join(f'{n} {name}' for name, n in Counter(k[0] for k in kills).items())}) at "
        f"{min(k[1] for k in kills)} to {max(k[1] for k in kills)} finished turns: 0 finished turns lost, "
        f"{sum(twice)} replies in flight asked again, at most {max(twice)} at once"
    )
