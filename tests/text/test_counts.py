"""Numbers in sentences."""

from __future__ import annotations

import pytest

from lhe_tui.text.counts import counted, true_minus


def test_one_is_singular_and_all_else_plural() -> None:
    assert [counted(n, "turn") for n in (0, 1, 2, 12_000)] == ["0 turns", "1 turn", "2 turns", "12,000 turns"]
    assert [counted(n, "retry", "retries") for n in (1, 2)] == ["1 retry", "2 retries"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("-7 turns [-15, -1]", "−7 turns [−15, −1]"),
        ("A against run-20261127-1.jsonl: -3.5 points", "A against run-20261127-1.jsonl: −3.5 points"),
        ("turns 1-4, H_0.5-2, --at 3", "turns 1-4, H_0.5-2, --at 3"),
        ("+0 points", "+0 points"),
    ],
)
def test_a_minus_before_a_number_is_a_true_one_and_names_stay(written: str, shown: str) -> None:
    assert true_minus(written) == shown
