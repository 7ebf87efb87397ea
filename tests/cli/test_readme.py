"""The README says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from lhe_tui.cli.command_line import COMMANDS
from lhe_tui.cli.readme import MARKERS, rewritten

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_command_and_key_tables_are_what_the_code_generates() -> None:
    assert rewritten(README) == README, "run: python -m lhe_tui.cli.readme"


def test_every_generated_part_has_its_place() -> None:
    for name in MARKERS:
        assert README.count(f"<!-- {name} -->") == README.count(f"<!-- /{name} -->") == 1


def test_every_command_of_the_tour_exists() -> None:
    tour = README.partition("## A short tour")[2].partition("```sh\n")[2].partition("```")[0]
    words = [line.split()[1] for line in tour.splitlines() if len(line.split()) > 1]
    named = [word for word in words if word != "#"]
    assert named
    assert set(named) <= set(COMMANDS)


def test_ci_finds_the_test_command() -> None:
    block = README.partition("<!-- command: test -->\n```sh\n")[2].partition("\n```")[0]
    assert block.endswith(".venv/bin/pytest -n 2")
    assert "\n" not in block


def test_every_picture_and_file_that_is_linked_exists() -> None:
    links = re.findall(r"\]\(((?!https?:)[^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / unquote(link)).exists()] == []
