"""The commands that repeat a recorded run, and what they cannot repeat, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lhe_tui.assets.shipped import NAMED_TEMPLATES, built_in_template, named_template
from lhe_tui.engine.events import KEY_VARIABLE, RunStarted
from lhe_tui.engine.state import RunState
from lhe_tui.launch.models import recorded_speed
from lhe_tui.record.datasets import drawn_from_own_words
from lhe_tui.record.exporting.repeat_words import RepeatWords
from lhe_tui.task.prompts import PromptTemplate

if TYPE_CHECKING:
    from lhe_tui.launch.run_config import RunConfig

DATASET: Final = Path("task.json")
PROMPT: Final = Path("prompt.toml")


def config_of(state: RunState) -> RunConfig:
    """A session as the description of its run; a task and a prompt of its own are files that must be written first.

    It is told as it was: nothing in it is checked.
    """
    from lhe_tui.launch.run_config import DatasetTask, RunConfig

    header, spec = state.header, state.spec
    task: Any = spec
    if not drawn_from_own_words(header.task):
        task = DatasetTask.model_construct(
            path=DATASET,
            turns=spec.turns,
            turn_complexity=spec.turn_complexity,
            samples=spec.samples,
            variant=spec.variant,
            seed=spec.seed,
        )
    changes = sorted(state.changes, key=lambda event: event.turn)
    return RunConfig.model_construct(
        task=task,
        given=_given_turns(state),
        controls=header.controls,
        script=tuple((event.turn, event.change) for event in changes),
        prompt=_prompt_file(header.template, spec.variant),
        base_url=header.base_url,
        api_key_env=header.extra.get(KEY_VARIABLE),
        speed=recorded_speed(header),
    )


def repeat_words(state: RunState, file: str = "SESSION.jsonl") -> RepeatWords:
    """The commands that run a session again; `file` is the session's own name."""
    from lhe_tui.launch.options import command_words

    config, found = config_of(state), RepeatWords()
    if config.task != state.spec:
        found.commands.append(["lhe-tui", "export", file, "--to", "dataset", "--out", str(DATASET)])
    if config.prompt == PROMPT:
        found.notes.append(f"Save the prompt's texts, given with the prompt, as {PROMPT} first.")
    found.commands.append(command_words(config))
    found.notes.extend(_left_open(state.header))
    return found


def _prompt_file(template: PromptTemplate, variant: str) -> Path | None:
    """What `--prompt` takes for this prompt."""
    if template.same_as(built_in_template(), variant):
        return None
    named = next((name for name in NAMED_TEMPLATES if template.same_as(named_template(name), variant)), None)
    return Path(named) if named else PROMPT


def _given_turns(state: RunState) -> int:
    """How many turns every sample was given with the truth; what a branch copied from its parent is no such turn."""
    if state.header.parent is not None:
        return 0
    given = 0
    for turn in range(1, state.spec.turns):
        records = [state.record(number, turn) for number in range(1, len(state.samples) + 1)]
        if not all(record and record.event.edited and record.number == record.truth for record in records):
            break
        given = turn
    return given


def _left_open(header: RunStarted) -> list[str]:
    notes = []
    if header.parent is not None or header.sample_ids:
        notes.append(
            "This session was forked from another: the command starts at turn 1 and not from the turns it was given."
        )
    if header.origin != "lhe-tui":
        notes.append(f"This run was not made by lhe-tui but imported ({header.origin}).")
        if header.reference is not None and any(header.reference.filled):
            notes.append(
                "Its history was filled by that harness: --inject with --inject-base truth comes nearest."
            )
    elif header.injection_seed != header.task.spec.seed or header.draw_seed != header.task.spec.seed:
        notes.append("Its corruption or its draws had a seed of their own: they will differ.")
    if not header.simulated:
        notes.append("The settings are repeated; the replies of a real model may differ each time.")
    return notes
