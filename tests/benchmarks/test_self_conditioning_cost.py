"""What the self-conditioning estimate costs on a run of 100 samples × 1,000 turns, beside reading it once."""

from __future__ import annotations

import random
import time

import pytest

from lhe_tui.task.stats.self_conditioning import Observation, self_conditioning
from tests.benchmarks.conftest import Measured


@pytest.mark.benchmark
def test_a_hundred_thousand_turns_are_estimated(measured: Measured) -> None:
    rng = random.Random(1)
    turns = [
        Observation(sample, rng.random() > 0.1 + 0.5 * share, share, shown)
        for sample in range(100)
        for shown in range(1, 1001)
        for share in [rng.random()]
    ]
    start = time.perf_counter()
    sum(turn.wrong_share * turn.shown_turns for turn in turns)
    reading = time.perf_counter() - start
    start = time.perf_counter()
    found = self_conditioning(turns)
    estimating = time.perf_counter() - start
    measured(f"self-conditioning over {len(turns):,} turns ÷ one pass over them", estimating / reading)
    assert found.identified
