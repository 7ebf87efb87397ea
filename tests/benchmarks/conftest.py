"""Benchmarks hand in rows; `python -m tests.benchmarks` prints them as a table and writes them as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Measured = Callable[..., None]
_ROWS = pytest.StashKey[list[dict[str, object]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--figures", type=Path, help="write the benchmarks' rows to this file, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_ROWS] = []


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    """Hand in one row: what, how much of which unit, and the most that it may be."""

    def hand_in(name: str, value: float, unit: str = "×", at_most: float | None = None) -> None:
        rows = request.config.stash[_ROWS]
        rows.append({"name": name, "value": round(value, 4), "unit": unit, "at_most": at_most})

    return hand_in


def pytest_sessionfinish(session: pytest.Session) -> None:
    path: Path | None = session.config.getoption("--figures", None)
    if path is not None:
        path.write_text(json.dumps(session.config.stash[_ROWS], ensure_ascii=False, indent=1) + "\n")
