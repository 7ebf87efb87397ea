"""Settings are read strictly; a crash is written down without keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from lhe_tui.launch.crash import crash_sentence, without_keys
from lhe_tui.launch.settings import Config, ConfigError, load_config


def test_settings_that_are_not_there_set_nothing(tmp_path: Path) -> None:
    assert load_config(tmp_path / "absent.toml") == Config()


def test_settings_are_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('theme = "ansi-dark"\nmodel = "sim/small"\n[keys]\n"run.pause" = "p"\n', encoding="utf-8")
    assert load_config(file) == Config("ansi-dark", "sim/small", {"run.pause": "p"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("thme = 'x'", "no setting is named 'thme': there are theme, model, keys"),
        ("theme = 5", "theme takes a text, not 5"),
        ("keys = 'x'", "keys takes a table"),
        ("[keys]\na = 1", "keys takes a table"),
        ("theme", "cannot be used"),
    ],
)
def test_settings_that_make_no_sense_are_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_config(file)
    assert words in str(raised.value)
    assert str(file) in str(raised.value)


def test_a_crash_is_told_in_one_line_and_written_down_without_locals_or_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_API_KEY", "sk-secret-value")

    def fails(hidden: str) -> None:
        raise RuntimeError("it broke on \x1b[31m sk-secret-value")

    try:
        fails("a local that nobody sees")
    except RuntimeError as error:
        sentence = crash_sentence(error, tmp_path)
    (file,) = tmp_path.iterdir()
    written = file.read_text(encoding="utf-8")
    assert "\n" not in sentence
    assert "\x1b" not in sentence
    assert str(file) in sentence
    assert "in fails" in written
    assert "sk-secret-value" not in sentence + written
    assert "a local that nobody sees" not in written.replace('fails("a local that nobody sees")', "")


def test_a_crash_that_cannot_be_written_down_is_told_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "no-folder"
    file.write_text("")
    assert "RuntimeError: broken" in crash_sentence(RuntimeError("broken"), file)


def test_short_values_are_not_struck_out_of_every_word() -> None:
    assert without_keys("key a", {"A_KEY": "a"}) == "key a"
