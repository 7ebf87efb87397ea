"""The experiment that the documents tell people to run is one that can be run."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

from lhe_tui.experiments.grid_file import grid_from_table


def test_the_grid_of_the_page_on_real_models_is_read_whole() -> None:
    page = (files("lhe_tui.docs") / "real-and-simulated.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    experiment = grid_from_table(tomllib.loads(text), "real-and-simulated.md")
    assert [cell.x for cell in experiment.cells] == [0, 0.25, 0.5, 0.75, 1]
    assert {(cell.given, cell.controls.model) for cell in experiment.cells} == {(14, "local/gemma-3-270m")}
    assert {cell.controls.injection.base for cell in experiment.cells} == {"truth"}
