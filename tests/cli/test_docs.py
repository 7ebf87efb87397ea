"""The README and the shipped documents say what the code does."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

from lhe_tui import api
from lhe_tui.assets.shipped import built_in_template, named_template
from lhe_tui.cli.command_line import run_command_line
from lhe_tui.cli.commands import COMMANDS, command_parser
from lhe_tui.cli.reference_tables import TABLES, reference, rewritten
from lhe_tui.docs import page_path, pages
from lhe_tui.engine.overall import segments
from lhe_tui.task.prompts import read_template

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCUMENTS = [README, *(page_path(name) for name in pages())]


@pytest.mark.parametrize("name", TABLES)
def test_the_command_and_key_tables_are_what_the_code_generates(name: str) -> None:
    page = page_path(name).read_text(encoding="utf-8")
    assert rewritten(page, reference(name)) == page, "run: python -m lhe_tui.cli.reference_tables"
    assert page.count("<!-- table -->") == page.count("<!-- /table -->") == 1


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_command_that_a_document_shows_exists(path: Path) -> None:
    blocks = re.findall(r"```(?:sh|console)\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    named = re.findall(r"^(?:\$ )?lhe-tui ([a-z]+)", "\n".join(blocks), re.MULTILINE)
    assert set(named) <= set(COMMANDS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_file_that_a_document_links_exists(path: Path) -> None:
    links = re.findall(r"\]\(((?!https?:)[^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / unquote(link)).exists()] == []


def test_ci_finds_the_test_command() -> None:
    block = (
        README.read_text(encoding="utf-8")
        .partition("<!-- command: test -->\n```sh\n")[2]
        .partition("\n```")[0]
    )
    assert block.endswith(".venv/bin/pytest -n 3 --dist worksteal")
    assert "\n" not in block


def test_docs_lists_every_page_with_its_title_and_prints_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["docs"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed and title in listed for name, title in pages().items())
    assert run_command_line(["docs", "keys"]) == 0
    assert capsys.readouterr().out.startswith("# Keys")


def test_a_page_that_is_not_there_is_a_usage_error_that_names_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_command_line(["docs", "keyz"]) == 2
    assert "keys" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["built-in", "tiny"])
def test_a_prompt_that_is_shown_can_be_given_back(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["prompt", "show", name]) == 0
    shown = read_template(tomllib.loads(capsys.readouterr().out), built_in_template())
    assert shown == (built_in_template() if name == "built-in" else named_template(name))


def test_a_prompt_that_does_not_ship_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["prompt", "show", "huge"]) == 2
    assert "huge" in capsys.readouterr().err


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_command_line_that_a_document_shows_can_be_read(path: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    for line in "\n".join(blocks).replace("\\\n", " ").splitlines():
        words = shlex.split(line.partition(">")[0], comments=True)
        if words[:1] == ["lhe-tui"] and len(words) > 1 and not {"FILE", "FOLDER"} & {words[-1]}:
            command_parser(words[1]).parse_all(words[2:])


def test_the_readmes_run_falls_where_errors_come_into_view_and_recovers_with_a_window(tmp_path: Path) -> None:
    assert "--at 30:inject=1,inject-since=1 --at 65:prune=window:1" in README.read_text(encoding="utf-8")
    script = ["30:inject=1,inject-since=1", "65:prune=window:1"]
    state = api.run(samples=16, at=script, out=tmp_path / "s.jsonl").state
    before, corrupted, cured = (one.interval for one in segments(state))
    assert before is not None
    assert corrupted is not None
    assert cured is not None
    assert corrupted.high < before.low
    assert cured.low > corrupted.high


def test_the_readme_fits_on_few_pages() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) < 200
