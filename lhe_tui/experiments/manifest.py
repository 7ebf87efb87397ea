"""The manifest of an experiment's folder: the grid and how it is asked as JSON, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from lhe_tui.experiments.grid import Cell, Experiment, GridError, check_experiment, file_name
from lhe_tui.record.codec import controls_document
from lhe_tui.record.errors import CodecError
from lhe_tui.record.json_text import load, to_json
from lhe_tui.record.text_file import FileError, FileMissing, read_bytes, reason
from lhe_tui.record.validation import validated
from lhe_tui.task.prompts import PromptTemplate
from lhe_tui.task.spec import TaskError

MANIFEST = "experiment.json"
FORMAT = "lhe-experiment/1"
_LARGEST = 1 << 24
T = TypeVar("T")


@dataclass(frozen=True)
class Manifest:
    """What an experiment's folder says: its grid, its prompt, and the server where one was named."""

    experiment: Experiment
    template: PromptTemplate
    base_url: str | None = None
    api_key_env: str | None = None
    """The *name* of the variable that holds the key."""


def manifest_document(manifest: Manifest) -> dict[str, Any]:
    """The manifest as plain values."""
    experiment = manifest.experiment
    return {
        "format": FORMAT,
        "name": experiment.name,
        "question": experiment.question,
        "figures": list(experiment.figures),
        "measure": experiment.measure,
        "target_turn": experiment.target_turn,
        "span": experiment.span,
        "x_label": experiment.x_label,
        "base_url": manifest.base_url,
        "api_key_env": manifest.api_key_env,
        "cells": [_cell_document(cell) for cell in experiment.cells],
        "prompt": manifest.template.as_json(),
    }


def _cell_document(cell: Cell) -> dict[str, Any]:
    return {
        "name": cell.name,
        "label": cell.label,
        "session": session_name(cell),
        "curve": cell.curve,
        "x": cell.x,
        "given": cell.given,
        "task": asdict(cell.spec),
        "controls": controls_document(cell.controls),
        "script": [[turn, [list(pair) for pair in change]] for turn, change in cell.script],
    }


def session_name(cell: Cell) -> str:
    """The file of a cell's session, within the experiment's folder."""
    return f"{cell.name}.jsonl"


def write_manifest(folder: Path, manifest: Manifest) -> Path:
    """Write the manifest into a folder, which is made where there is none. Raises GridError."""
    return write_document(folder, MANIFEST, manifest_document(manifest))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an experiment's folder. Raises GridError."""
    return read_document(folder, MANIFEST, _read)


def write_document(folder: Path, name: str, document: dict[str, Any]) -> Path:
    """Write a JSON file whole or not at all, into a folder that is made where there is none. Raises GridError."""
    path = folder / name
    spare = folder / f".{name}.{secrets.token_hex(4)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(to_json(document).encode("utf-8", "surrogatepass") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        spare.replace(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        with contextlib.suppress(OSError, ValueError):
            spare.unlink(missing_ok=True)
        raise GridError(f"the experiment cannot be written to {folder}: {reason(error)}") from None
    return path


def read_document(folder: Path, name: str, read: Callable[[Any], T]) -> T:
    """What a JSON file of an experiment's folder holds. Raises GridError."""
    path = folder / name
    try:
        data = read_bytes(path, _LARGEST)
    except FileMissing:
        raise GridError(f"{folder} holds nothing to resume: there is no {name} in it") from None
    except FileError as error:
        raise GridError(f"{path} cannot be read: {error}") from None
    try:
        return read(load(data))
    except (CodecError, TaskError, GridError) as error:
        raise GridError(f"{path} cannot be resumed: {error}") from None


def fresh_folder(place: Path, name: str, now: datetime) -> Path:
    """A folder for a new experiment, by its name and the time; none that exists. It is not made yet."""
    base = place / f"{file_name(name)}-{now:%Y%m%d-%H%M%S}"
    folder, number = base, 1
    while folder.exists():
        number += 1
        folder = base.with_name(f"{base.name}-{number}")
    return folder


def experiments_in(place: Path) -> list[tuple[Path, Experiment]]:
    """The experiments whose folders lie in a folder, the newest first; what cannot be read is passed over."""
    found: list[tuple[float, Path, Experiment]] = []
    try:
        manifests = [path for path in place.glob(f"*/{MANIFEST}") if path.is_file()]
    except OSError:
        return []
    for path in manifests:
        with contextlib.suppress(GridError, OSError):
            found.append((path.stat().st_mtime, path.parent, read_manifest(path.parent).experiment))
    return [(folder, experiment) for _, folder, experiment in sorted(found, key=lambda e: -e[0])]


def _read(doc: Any) -> Manifest:
    from lhe_tui.experiments.file_models import CellTable, ManifestTable

    def cell_of(table: CellTable, number: int) -> Cell:
        try:
            spec, controls = table.task.spec(), table.controls.controls()
        except CodecError as error:
            raise CodecError(f"cell {number}: {error}") from None
        return Cell(table.name, table.label, spec, controls, table.script, table.given, table.curve, table.x)

    table = validated(ManifestTable, doc, "the experiment")
    experiment = Experiment(
        table.name,
        table.question,
        tuple(cell_of(cell, number) for number, cell in enumerate(table.cells, 1)),
        table.figures,
        table.measure,
        table.target_turn,
        table.span,
        table.x_label,
    )
    template = table.prompt.template()
    return Manifest(check_experiment(experiment), template, table.base_url, table.api_key_env)
