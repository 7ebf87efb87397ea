"""A run's description goes round: options, command line, JSON and the setup form all say the same run."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lhe_tui.assets.shipped import built_in_words
from lhe_tui.cli.commands import command_parser
from lhe_tui.cli.options import config_from
from lhe_tui.launch.options import command_words, read_options
from lhe_tui.launch.presets import PRESETS
from lhe_tui.launch.run_config import RunConfig
from lhe_tui.task.pruning.registry import POLICIES
from lhe_tui.task.variants.registry import VARIANTS
from lhe_tui.tui.setup.setup_fields import PRESET_VALUES
from lhe_tui.tui.setup.setup_reading import form_values, read_form

TURNS = 12
RATES = st.floats(0.01, 1).map(str)
PRUNINGS = st.builds(lambda policy, n: policy.written(n), st.sampled_from(POLICIES), st.integers(1, 99))
INJECTIONS = st.one_of(
    st.just({}),
    st.just({"heal": True}),
    st.fixed_dictionaries(
        {"inject": RATES | st.just("mix"), "inject_base": st.sampled_from(("own", "truth"))}
    ),
)
TASK: dict[str, st.SearchStrategy[Any]] = {
    "task": st.sampled_from(tuple(VARIANTS)),
    "turn_complexity": st.integers(1, 9).map(str),
    "samples": st.integers(1, 9).map(str),
    "dict_size": st.integers(2, 99).map(str),
    "seed": st.integers(-(10**9), 10**9).map(str),
}
CONTROLS: dict[str, st.SearchStrategy[Any]] = {
    "mode": st.sampled_from(("direct", "thinking")),
    "temperature": st.floats(0, 2).map(str),
    "top_p": st.floats(0, 1).map(str),
    "max_tokens": st.integers(1, 999).map(str),
    "votes": st.integers(1, 9).map(str),
    "prune": PRUNINGS,
}
REST: dict[str, st.SearchStrategy[Any]] = {
    "speed": st.floats(0.1, 1e4).map(str),
    "concurrency": st.integers(1, 99).map(str),
    "given": st.integers(0, 3).map(str),
    "prompt": st.just("tiny"),
    "model": st.sampled_from(("sim/small", "sim/large")),
}
IN_FORM = st.builds(
    lambda plain, injection: {"turns": str(TURNS), **plain, **injection},
    st.fixed_dictionaries({}, optional={**TASK, **CONTROLS, **REST}),
    INJECTIONS,
)
SCRIPTS = st.lists(
    st.builds(
        lambda turn, words: f"{turn}:{words}",
        st.integers(4, TURNS),
        RATES.map("inject={}".format) | PRUNINGS.map("prune={}".format) | st.just("heal"),
    ),
    max_size=3,
)
ALL = st.builds(
    lambda plain, more, script: {**plain, **more, "at": script},
    IN_FORM,
    st.fixed_dictionaries(
        {},
        optional={
            "vote_lead": st.integers(0, 9).map(str),
            "verify": st.just(True),
            "api_key_env": st.just("A_KEY"),
            "out": st.just("there.jsonl"),
            "words": st.just("words.txt"),
        },
    ),
    SCRIPTS,
)


@given(ALL)
def test_a_command_line_says_the_run_that_wrote_it(options: dict[str, Any]) -> None:
    config = read_options(options)
    assert config_from(command_parser("run").parse_all(command_words(config)[2:])) == config


@given(ALL)
def test_json_says_the_run_that_wrote_it(options: dict[str, Any]) -> None:
    config = read_options(options)
    assert RunConfig.model_validate_json(config.model_dump_json()) == config


@given(IN_FORM)
def test_the_form_says_the_run_that_filled_it(options: dict[str, Any]) -> None:
    config = read_options(options)
    values = form_values(config)
    read = read_form(values, config.controls.model, words=len(built_in_words())).config
    assert read == config
    assert form_values(config) == values


def test_every_preset_is_a_run_and_fills_the_form_with_itself() -> None:
    for preset, values in zip(PRESETS, PRESET_VALUES, strict=True):
        read = read_form(values, preset.config.controls.model, words=len(built_in_words()))
        assert read.config == preset.config, preset.name
