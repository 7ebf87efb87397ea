"""What a RunConfig names and does not hold: word lists, datasets, prompts. Each is read here or drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lhe_tui.assets.shipped import NAMED_TEMPLATES, built_in_template, built_in_words, named_template
from lhe_tui.errors import LheError
from lhe_tui.task.prompts import PromptError, PromptTemplate, read_template
from lhe_tui.task.spec import Task, TaskSpec, generate

if TYPE_CHECKING:
    from lhe_tui.launch.run_config import RunConfig


def load_task(config: RunConfig) -> Task:
    """The task: drawn from its seed, or read from a dataset. Raises TaskError, DatasetError or LheError."""
    if isinstance(config.task, TaskSpec):
        return generate(config.task, load_words(config.words))
    from lhe_tui.record.datasets import load_dataset

    named = config.task
    task = load_dataset(
        named.path,
        turns=named.turns,
        turn_complexity=named.turn_complexity,
        samples=named.samples,
        variant=named.variant,
        seed=named.seed,
    )
    config.check_turns(task.spec.turns)
    return task


def load_words(path: Path | None) -> tuple[str, ...]:
    """The word list of a file, one word a line, or the package's own. Raises LheError."""
    if path is None:
        return built_in_words()
    words = tuple(line.strip() for line in read_named(path, "--words").splitlines() if line.strip())
    strange = next((word for word in words if "," in word or ":" in word or not word.isprintable()), None)
    if strange is not None:
        raise LheError(f"--words {path}: {strange[:40]!r} cannot be a key: one plain word on each line")
    if not words:
        raise LheError(f"--words {path} holds no words: one word on each line")
    return words


def load_template(prompt: Path | PromptTemplate | None) -> PromptTemplate:
    """The prompt: the package's own, one that ships beside it, or parts replaced from a TOML file. Raises LheError."""
    if prompt is None:
        return built_in_template()
    if isinstance(prompt, PromptTemplate):
        return prompt
    if str(prompt) in NAMED_TEMPLATES and not prompt.exists():
        return named_template(str(prompt))
    import tomllib

    text = read_named(prompt, "--prompt")
    try:
        return read_template(tomllib.loads(text), built_in_template(), prompt.name)
    except (tomllib.TOMLDecodeError, PromptError) as error:
        raise LheError(f"--prompt {prompt}: {error}") from None


def read_named(path: Path, option: str) -> str:
    """A text file that an option names. Raises LheError."""
    from lhe_tui.record import text_file

    try:
        return text_file.read_text(path)
    except text_file.FileError as error:
        raise LheError(f"{option} {path} cannot be read: {error}") from None
