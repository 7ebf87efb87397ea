"""Tasks in the published generator's form: written, and read in every form that it is handed around in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lhe_tui.assets.shipped import built_in_words
from lhe_tui.errors import LheError
from lhe_tui.record.errors import CodecError
from lhe_tui.record.json_text import loads
from lhe_tui.record.text_file import FileError, read_bytes
from lhe_tui.record.validation import Keys, checked_dictionary, shown, validated
from lhe_tui.task.answers import written
from lhe_tui.task.spec import Task, TaskError, TaskSpec, generate
from lhe_tui.task.variants.registry import VARIANTS, variant_named
from lhe_tui.task.variants.variant import AnyVariant

_LIST = tuple[Any, ...]
_EXPECTED = (
    "expected the published generator's JSON (with dictionary and ground_truth_data), its merged form "
    '{"dict_sum": …}, or JSON Lines with input, values and output'
)


class DatasetError(LheError, ValueError):
    """A file that holds no task; the message is one sentence that says what was expected and found, and where."""


def dataset_document(task: Task) -> dict[str, Any]:
    """The task as the published generator writes it: one value and one running sum for each key."""
    spec = task.spec
    config: dict[str, Any] = {
        "dict_size": len(task.dictionary),
        "horizon_length": spec.steps,
        "num_samples": spec.samples,
        "min_input_value": spec.min_value,
        "max_input_value": spec.max_value,
    }
    if spec.variant != "dict-sum":
        config["variant"] = spec.variant
    rows = []
    for plan in task.plans:
        values = [task.dictionary[key] for key in plan]
        states = task.variant.partials(task.variant.start, values)
        rows.append({"input": list(plan), "output": states, "values": values})
    return {
        "experiment_type": "dict_sum",
        "config": config,
        "dictionary": dict(task.dictionary),
        "ground_truth_data": rows,
    }


def drawn_from_own_words(task: Task) -> bool:
    """Whether the task is what its seed draws from the package's own word list."""
    try:
        drawn = generate(task.spec, built_in_words())
    except TaskError:
        return False
    return list(drawn.dictionary.items()) == list(task.dictionary.items()) and drawn.plans == task.plans


def load_dataset(
    path: Path | str,
    *,
    turns: int | None = None,
    turn_complexity: int = 1,
    samples: int | None = None,
    variant: str | None = None,
    seed: int | None = None,
) -> Task:
    """The task of a dataset file, its plans cut to `turns` × K keys and its samples to the first `samples`.

    None takes all that the file holds; `seed` is the one that corruption is drawn from. Raises DatasetError.
    """
    path = Path(path)
    try:
        document = _document(read_bytes(path))
        name = variant or _variant(document)
        dictionary, rows = _checked(document, variant_named(name))
        return _task(document, dictionary, rows, turns, turn_complexity, samples, name, seed)
    except FileError as error:
        raise DatasetError(f"the dataset {path} cannot be read: {error}") from None
    except (CodecError, TaskError) as error:
        raise DatasetError(f"the dataset {path}: {error}") from None


# ---- the forms of a file


def _document(data: bytes) -> dict[str, Any]:
    """The generator's document, whatever it is wrapped in. Raises CodecError."""
    if not data.strip():
        raise CodecError(f"{_EXPECTED}, found an empty file")
    try:
        found = loads(data)
    except CodecError as error:
        lines = [line for line in data.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].lstrip().startswith(b"{") or not _is_json(lines[0]):
            raise CodecError(f"{_EXPECTED}, found {error}") from None
        return {"ground_truth_data": list(_parsed_lines(lines))}
    if isinstance(found, list):
        return {"ground_truth_data": found}
    seed = found.get("seed") if isinstance(found, dict) else None
    for wrapper in ("dataset", "dict_sum"):
        if (
            isinstance(found, dict)
            and "ground_truth_data" not in found
            and isinstance(found.get(wrapper), dict)
        ):
            found = found[wrapper]
    if not isinstance(found, dict):
        raise CodecError(f"{_EXPECTED}, found {shown(found)}")
    if "ground_truth_data" not in found and "input" in found:
        return {"ground_truth_data": [found]}
    if "ground_truth_data" not in found:
        names = ", ".join(shown(name) for name in list(found)[:5]) or "nothing"
        raise CodecError(f"{_EXPECTED}, found a table with {names}")
    kind = found.get("experiment_type", "dict_sum")
    if kind != "dict_sum":
        raise CodecError(f"experiment_type should be 'dict_sum', not {shown(kind)}")
    return {"seed": seed, **found}


def _parsed_lines(lines: Sequence[bytes]) -> Iterator[Any]:
    for number, line in enumerate(lines, 1):
        try:
            yield loads(line)
        except CodecError as error:
            raise CodecError(f"row {number} is {error}") from None


def _is_json(line: bytes) -> bool:
    try:
        loads(line)
    except CodecError:
        return False
    return True


# ---- what is in it


def _checked(document: Mapping[str, Any], variant: AnyVariant) -> tuple[dict[str, Any], list[list[str]]]:
    """(dictionary, the keys of each row), every value and sum found to agree. Raises CodecError."""
    rows = document["ground_truth_data"]
    if not isinstance(rows, list) or not rows:
        raise CodecError("ground_truth_data holds no row")
    given = document.get("dictionary")
    dictionary: dict[str, Any] = {}
    if given is not None:
        dictionary = checked_dictionary(given, "")
    plans = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise CodecError(
                f"row {number} should be a table with input, values and output, not {shown(row)}"
            )
        plans.append(_checked_row(row, dictionary, given is not None, f"row {number}", variant))
    checked_dictionary(dictionary, "")
    return dictionary, plans


def _checked_row(
    row: Mapping[str, Any], dictionary: dict[str, Any], fixed: bool, where: str, variant: AnyVariant
) -> list[str]:
    keys = validated(Keys, row.get("input"), f"{where}: input")
    values: Sequence[Any] = [dictionary.get(key) for key in keys]
    if not fixed or "values" in row:
        values = _hashable(validated(_LIST, row.get("values"), f"{where}: values"))
    if len(values) != len(keys):
        raise CodecError(f"{where}: values holds {len(values)} numbers for {len(keys)} keys")
    for place, (key, value) in enumerate(zip(keys, values, strict=True), 1):
        known = dictionary.get(key) if fixed else dictionary.setdefault(key, value)
        if known is None:
            raise CodecError(f"{where}: key {place}, {shown(key)}, is not in the dictionary")
        if not variant.fits(value) or value != known:
            raise CodecError(
                f"{where}: the value of key {place}, {shown(key)}, is {shown(value)} here "
                f"and {shown(known)} in the dictionary"
            )
    _check_sums(row, values, where, variant)
    return list(keys)


def _check_sums(row: Mapping[str, Any], values: Sequence[Any], where: str, variant: AnyVariant) -> None:
    if row.get("output") is None:
        return
    sums = _hashable(validated(_LIST, row["output"], f"{where}: output"))
    if len(sums) != len(values):
        raise CodecError(f"{where}: output holds {len(sums)} sums for {len(values)} keys")
    for place, (found, true) in enumerate(zip(sums, variant.partials(variant.start, values), strict=True), 1):
        if found != true:
            what = f"the running {variant.state_word} is {written(true)}"
            raise CodecError(f"{where}: output {place} is {shown(found)} where {what}")


def _task(
    document: Mapping[str, Any],
    dictionary: dict[str, Any],
    rows: list[list[str]],
    turns: int | None,
    k: int,
    samples: int | None,
    variant: str,
    seed: int | None,
) -> Task:
    if samples is not None and samples > len(rows):
        raise CodecError(f"it holds {len(rows)} samples, fewer than the {samples} asked for")
    rows = rows[:samples]
    if k < 1:
        raise TaskError(f"the turn complexity K must be at least 1, not {k}")
    shortest = min(len(row) for row in rows)
    most = -(-shortest // k)
    if turns is not None and turns > most:
        raise CodecError(
            f"its plans of {shortest} keys are enough for {most} turns of {k}, fewer than the {turns} asked for"
        )
    turns = most if turns is None else turns
    config = document.get("config") if isinstance(document.get("config"), dict) else None
    low, high = _bounds(config or {}, dictionary)
    told = document.get("seed")
    spec = TaskSpec(
        variant=variant,
        turns=turns,
        turn_complexity=k,
        samples=len(rows),
        dict_size=len(dictionary),
        min_value=low,
        max_value=high,
        seed=seed if seed is not None else told if type(told) is int else 0,
    )
    return Task(spec, dictionary, tuple(tuple(row[: turns * k]) for row in rows))


def _bounds(config: Mapping[str, Any], dictionary: Mapping[str, Any]) -> tuple[int, int]:
    """The configured range of values where it holds for the dictionary, else the dictionary's own."""
    told_low, told_high = config.get("min_input_value"), config.get("max_input_value")
    numbers = [value for value in dictionary.values() if isinstance(value, int)]
    low, high = min(numbers, default=-99), max(numbers, default=99)
    if not numbers and type(told_low) is int and type(told_high) is int:
        return told_low, told_high
    if type(told_low) is int and type(told_high) is int and told_low <= low and high <= told_high:
        return told_low, told_high
    return low, high


def _variant(document: Mapping[str, Any]) -> str:
    config = document.get("config")
    told = config.get("variant") if isinstance(config, dict) else None
    return told if isinstance(told, str) and told in VARIANTS else "dict-sum"


def _hashable(value: Any) -> Any:
    return tuple(map(_hashable, value)) if isinstance(value, (list, tuple)) else value
