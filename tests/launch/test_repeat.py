"""The command that repeats a run repeats it."""

from __future__ import annotations

import shlex
import tomllib
from dataclasses import replace

import pytest

from lhe_tui.assets.shipped import built_in_template, built_in_words
from lhe_tui.cli.commands import command_parser
from lhe_tui.cli.options import config_from
from lhe_tui.engine.events import ControlsChanged, Parent, RunStarted
from lhe_tui.engine.state import RunState
from lhe_tui.launch.repeat import repeat_words
from lhe_tui.launch.run_config import RunConfig
from lhe_tui.launch.task_files import load_task
from lhe_tui.record.prompt_file import prompt_toml
from lhe_tui.task.controls import Controls, Injection
from lhe_tui.task.prompts import read_template
from lhe_tui.task.pruning.drop_wrong import DropWrong
from lhe_tui.task.pruning.window_and_card import WindowAndCard
from lhe_tui.task.spec import TaskSpec, generate
from tests.sessions import header

SPEC = TaskSpec("retrieve", 7, 3, 2, 20, -5, 50, 11)
HEAD = replace(header(), task=generate(SPEC, built_in_words()), injection_seed=11, draw_seed=11)


def described(line: str) -> RunConfig:
    return config_from(command_parser("run").parse_all(shlex.split(line)[2:]))


@pytest.mark.parametrize(
    "controls",
    [
        Controls(),
        Controls("openai/x y", "cot", 0.5, 0.9, 100, 3),
        Controls(verify=True, votes=5, vote_lead=2),
        Controls(injection=Injection(0.25, "truth", 3, 4), pruning=WindowAndCard(4)),
        Controls(injection=Injection(0.5, "truth", 10, 1, mix=True)),
        Controls(injection=Injection(0.0, "truth", 10, 1), pruning=DropWrong()),
    ],
)
def test_the_command_asks_for_the_same_task_and_controls(controls: Controls) -> None:
    state = RunState(replace(HEAD, controls=controls))
    (line,) = repeat_words(state).lines()
    config = described(line)
    assert load_task(config) == state.task
    assert config.controls == controls


def test_changes_come_back_as_a_script() -> None:
    state = RunState(HEAD)
    changes = [
        ControlsChanged(5, (("heal", True),)),
        ControlsChanged(3, (("inject", 0.5), ("temperature", None))),
    ]
    for change in changes:
        state.apply(change)
    (line,) = repeat_words(state).lines()
    script = described(line).script
    again = RunState(HEAD)
    for turn, asked in script:
        again.apply(ControlsChanged(turn, asked))
    assert again.timeline == state.timeline


def test_a_task_that_no_seed_draws_goes_through_a_dataset() -> None:
    other = generate(SPEC, [f"w{number:04}" for number in range(50)])
    lines = repeat_words(RunState(replace(HEAD, task=other)), "my run.jsonl").lines()
    assert lines[0] == "lhe-tui export 'my run.jsonl' --to dataset --out task.json"
    assert "--dataset task.json" in lines[1]


def test_a_prompt_of_ones_own_is_asked_for_and_its_file_reads_back() -> None:
    template = replace(built_in_template(), user='Keys: "\\ $keys\n\u00e9', name="mine")
    found = repeat_words(RunState(replace(HEAD, template=template)))
    assert "--prompt prompt.toml" in found.lines()[0]
    assert read_template(tomllib.loads(prompt_toml(template))) == template


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (replace(HEAD, parent=Parent("a", "a", 1, 2)), "forked"),
        (replace(HEAD, origin="elsewhere"), "imported"),
        (replace(HEAD, draw_seed=5), "seed of their own"),
        (replace(HEAD, controls=Controls("openai/x")), "may differ"),
    ],
)
def test_what_a_command_cannot_repeat_is_said(head: RunStarted, said: str) -> None:
    assert said in " ".join(repeat_words(RunState(head)).notes)
