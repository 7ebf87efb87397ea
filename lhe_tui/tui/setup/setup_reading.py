"""How the setup form's texts become the description of a run, or a sentence per field on what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lhe_tui.launch.options import option_name, options_of, read_options
from lhe_tui.launch.run_config import RunConfig, RunConfigError
from lhe_tui.task.pruning.registry import POLICIES
from lhe_tui.task.spec import TaskSpec
from lhe_tui.tui.setup.setup_fields import DEFAULTS, FIELD_BY_ID, INSTANT, values_of


@dataclass(frozen=True)
class FormReading:
    """What the form says: the description of a run, or per field one sentence on what is wrong."""

    config: RunConfig | None
    errors: Mapping[str, str]


def read_form(
    values: Mapping[str, str],
    model: str,
    *,
    base_url: str | None = None,
    api_key_env: str | None = None,
    words: int,
) -> FormReading:
    """Read the form's texts; `words` is how many the word list holds."""
    options = {**form_options(values, model), "base_url": base_url, "api_key_env": api_key_env}
    try:
        config = read_options(options)
    except RunConfigError as error:
        return FormReading(None, {_field(name): _told(name, text) for name, text in error.problems.items()})
    if isinstance(config.task, TaskSpec) and config.task.dict_size > words:
        return FormReading(None, {"dict_size": f"the word list holds {words} words: take at most as many"})
    return FormReading(config, {})


def form_options(values: Mapping[str, str], model: str) -> dict[str, str]:
    """The form's texts as options; a field that may be empty says nothing then."""
    options = {
        name: text.strip() for name, text in values.items() if text.strip() or DEFAULTS.get(name, "") != ""
    }
    window = options.pop("window", "")
    policy = next(policy for policy in POLICIES if policy.form == options["prune"])
    options["prune"] = policy.written(window or "?")
    options["inject"] = rate_text(options["inject"])
    if not model.startswith("sim/") or options["speed"].lower() in (INSTANT, ""):
        del options["speed"]
    return {**options, "model": model}


def form_values(config: RunConfig) -> dict[str, str]:
    """The form's texts for a run."""
    return values_of(options_of(config))


def _field(option: str) -> str:
    """The field beside which an option's fault is told; a policy is chosen, so that its number alone can be wrong."""
    if option == "prune":
        return "window"
    return option if option in FIELD_BY_ID else "inject"


def _told(option: str, words: str) -> str:
    """The sentence under the field's own name."""
    field, name = FIELD_BY_ID.get(option), option_name(option)
    return (
        f"{field.label}{words.removeprefix(name)}" if field and words.startswith(name + " takes") else words
    )


def rate_text(text: str) -> str:
    """A rate as controls take it: `25 %` is 0.25."""
    text = text.strip()
    if not text.endswith("%"):
        return text or "0"
    try:
        return f"{float(text[:-1]) / 100:g}"
    except ValueError:
        return text
