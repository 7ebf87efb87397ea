"""The experiments of the session folders: what each asked and how far it came. No widget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lhe_tui.experiments.grid import GridError
from lhe_tui.experiments.ladder import MANIFEST as LADDER_MANIFEST
from lhe_tui.experiments.manifest import MANIFEST, read_manifest, session_name
from lhe_tui.record.errors import SessionError
from lhe_tui.record.scan import is_completed
from lhe_tui.text.counts import counted


@dataclass(frozen=True, slots=True)
class ExperimentEntry:
    """One folder: its experiment, or why it cannot be read (a sentence; may be foreign text)."""

    folder: Path
    name: str = ""
    question: str = ""
    labels: tuple[str, ...] = ()
    done: int = 0
    """Cells that are complete."""
    problem: str = ""
    ladder: bool = False
    """A ladder's labels are the K that were tried."""

    @property
    def finished(self) -> bool:
        """Whether every cell is complete."""
        return bool(self.labels) and self.done == len(self.labels) and not self.ladder

    @property
    def status(self) -> str:
        """`✓ 5 cells`, `… 3 of 5 cells`, `✗ cannot be read`."""
        if self.problem:
            return "✗ cannot be read"
        if self.ladder:
            return f"· {len(self.labels)} K tried"
        if self.finished:
            return f"✓ {counted(len(self.labels), 'cell')}"
        return f"… {self.done} of {len(self.labels)} cells"


def find_experiments(folders: Iterable[Path]) -> Iterator[ExperimentEntry]:
    """Every experiment under the folders, the newest first."""
    found: list[tuple[float, Path]] = []
    for folder in folders:
        try:
            found += [
                (path.stat().st_mtime, path.parent)
                for manifest in (MANIFEST, LADDER_MANIFEST)
                for path in folder.glob(f"*/{manifest}")
                if path.is_file()
            ]
        except OSError:
            continue
    for _, folder in sorted(found, key=lambda entry: (-entry[0], str(entry[1]))):
        yield read_experiment(folder)


def read_experiment(folder: Path) -> ExperimentEntry:
    """One folder in short; never fails."""
    if not (folder / MANIFEST).exists():
        tried = sorted(path.stem.removeprefix("k-").lstrip("0") for path in folder.glob("k-*.jsonl"))
        labels = tuple(f"K = {k}" for k in sorted(tried, key=lambda k: (len(k), k)))
        return ExperimentEntry(folder, "ladder", "", labels, len(labels), ladder=True)
    try:
        experiment = read_manifest(folder).experiment
    except GridError as error:
        return ExperimentEntry(folder, problem=str(error))
    done = sum(_complete(folder / session_name(cell)) for cell in experiment.cells)
    labels = tuple(cell.label for cell in experiment.cells)
    return ExperimentEntry(folder, experiment.name, experiment.question, labels, done)


def _complete(path: Path) -> bool:
    try:
        return is_completed(path)
    except (SessionError, OSError):
        return False
