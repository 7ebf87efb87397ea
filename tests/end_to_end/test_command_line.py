"""The command line as scripts use it: stdout, stderr, exit codes, and what lies on disk afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.command_line import CommandLine
from tests.misbehaving_server import MisbehavingServer, error

SMALL = ("--turns", "6", "--samples", "3", "--dict-size", "20")
HEAVY = ("textual", "httpx", "pydantic", "plotext", "asyncio", "orjson", "rich")


@pytest.fixture
def lhe(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"], ["report", "--help"]])
def test_help_and_version_load_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys\nfrom lhe_tui.__main__ import main\n"
        f"try:\n    main({words!r})\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "lhe-tui" in done.stdout


def test_a_run_draws_its_curves_and_leaves_a_session(lhe: CommandLine) -> None:
    (lhe.folder / "sessions").mkdir()
    done = lhe("run", *SMALL, "--at", "3:inject=0.5", "--at", "5:prune=window:2")
    assert done.returncode == 0, done.stderr
    for words in (
        "sim/large (simulated)",
        "turn accuracy",
        "task accuracy",
        "H_0.5",
        "H_0.8",
        "injection",
        "asked",
    ):
        assert words in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    (session,) = (lhe.folder / "sessions").glob("*.jsonl")
    assert f"lhe-tui replay sessions/{session.name}" in done.stdout


def test_without_a_sessions_folder_the_session_goes_to_the_data_folder(lhe: CommandLine) -> None:
    session = Path(lhe.json("run", *SMALL, "--json")["session"])
    assert session.is_relative_to(lhe.folder / "data")
    assert session.exists()


def test_json_is_the_report_of_the_session_with_its_place(lhe: CommandLine) -> None:
    document = lhe.json("run", *SMALL, "--json", "--out", "one.jsonl", "--inject", "0.5")
    assert document.pop("session") == "one.jsonl"
    assert document == lhe.json("report", "one.jsonl", "--json")
    assert document["format"] == "lhe-report/1"
    assert (document["turns"], document["turn_complexity"], document["samples"]) == (6, 1, 3)
    assert len(document["turn_accuracy"]) == 6
    assert document["injected"]["asked"] == pytest.approx(0.5)


def test_the_same_seed_gives_the_same_run(lhe: CommandLine) -> None:
    documents = [lhe.json("run", *SMALL, "--seed", "7", "--json", "--out", f"{n}.jsonl") for n in "ab"]
    for document in documents:
        for own in ("session", "session_id", "created", "seconds"):
            document.pop(own)
    assert documents[0] == documents[1]


def test_an_existing_file_is_never_overwritten(lhe: CommandLine) -> None:
    (lhe.folder / "mine").write_text("precious")
    done = lhe("run", *SMALL, "--out", "mine")
    assert done.returncode == 2
    assert "mine exists and is never overwritten" in done.stderr
    assert (lhe.folder / "mine").read_text() == "precious"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--model", "sim/larg"), 2, "did you mean sim/large?"),
        (("--model", "opnai/gpt"), 2, "did you mean openai?"),
        (("--model", "openai/gpt-4.1"), 2, "set OPENAI_API_KEY"),
        (("--model", "sim/large", "--base-url", "http://localhost:1"), 2, "is simulated and has no server"),
        (("--model", "x", "--base-url", "ftp://there"), 2, "is no http(s) URL"),
        (("--model", "x", "--base-url", "http://127.0.0.1:1"), 1, "nothing answers at http://127.0.0.1:1/v1"),
        (("--base-url", "http://127.0.0.1:1"), 1, "127.0.0.1:1"),
        (("--model", "ollama/x", "--speed", "9"), 2, "--speed paces simulated models"),
        (("--at", "7:inject=0.5"), 2, "--at 7: the run ends at turn 6"),
        (("--at", "3:model=sim/nobody"), 2, 'no simulated model is named "sim/nobody"'),
        (("--resume", "absent.jsonl"), 2, "--turns cannot go with --resume"),
        (("--watch",), 2, "the app needs a terminal"),
        (("--watch", "--json"), 2, "leave --json out"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence_and_leaves_nothing(
    lhe: CommandLine, words: tuple[str, ...], code: int, said: str
) -> None:
    before = set(lhe.folder.rglob("*"))
    done = lhe("run", *SMALL, *words)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.startswith("lhe-tui: ")
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert set(lhe.folder.rglob("*")) == before


def test_a_file_that_is_no_session_is_said_by_every_command_that_reads_one(lhe: CommandLine) -> None:
    (lhe.folder / "letter").write_text("Dear reader,\n")
    for words in (("report", "letter"), ("inspect", "letter"), ("run", "--resume", "letter")):
        done = lhe(*words)
        assert done.returncode == 2, done.stderr
        assert "letter" in done.stderr
        assert "no session" in done.stderr
    assert (lhe.folder / "letter").read_text() == "Dear reader,\n"
    assert lhe("report", "absent").returncode == 2


def test_without_a_terminal_the_app_names_what_to_do_instead(lhe: CommandLine) -> None:
    done = lhe()
    assert done.returncode == 2
    assert "lhe-tui run" in done.stderr
    assert lhe("replay", "whatever.jsonl").returncode == 2


def test_a_server_that_refuses_the_key_ends_the_run_with_its_words(lhe: CommandLine) -> None:
    refusal = error(401, {"error": {"message": "no such key \x1b[31m"}})
    with MisbehavingServer(*[refusal] * 20).in_thread() as server:
        done = lhe("run", *SMALL, "--model", "m", "--base-url", server.url, "--out", "s.jsonl")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "\x1b" not in done.stderr
    assert not (lhe.folder / "s.jsonl").exists()


def test_a_fault_after_some_turns_keeps_them_and_says_how_to_go_on(lhe: CommandLine) -> None:
    with MisbehavingServer(answer=lambda messages: "<answer>1</answer>").in_thread() as server:
        server.script = [lambda request: _good(server, request)] * 4 + [
            error(402, {"error": {"message": "no money"}})
        ] * 20
        done = lhe("run", *SMALL, "--model", "m", "--base-url", server.url, "--out", "s.jsonl")
        assert done.returncode == 1
        assert "lhe-tui run --resume s.jsonl" in done.stderr
        server.script = []
        document = lhe.json("run", "--resume", "s.jsonl", "--json")
    assert sum(document["outcomes"].values()) == 18


def test_where_every_sample_failed_the_run_failed(lhe: CommandLine) -> None:
    # The server works (it answers the first turn of each sample), and then refuses each conversation by itself.
    with MisbehavingServer(answer=lambda messages: "<answer>1</answer>").in_thread() as server:
        server.script = [lambda request: _good(server, request)] * 3 + [
            error(
                400,
                {"error": {"message": "this conversation is too long", "code": "context_length_exceeded"}},
            )
        ] * 3
        done = lhe("run", *SMALL, "--model", "m", "--base-url", server.url, "--out", "s.jsonl")
    assert done.returncode == 1
    assert "every sample failed" in done.stderr
    assert "--resume s.jsonl" in done.stderr


def _good(server: MisbehavingServer, request: object) -> object:
    from tests.misbehaving_server import Reply, sse

    return Reply(*sse("<answer>1</answer>"))


def test_the_only_model_of_a_server_needs_no_name(lhe: CommandLine) -> None:
    with MisbehavingServer(answer=lambda messages: "<answer>1</answer>").in_thread() as server:
        document = lhe.json("run", *SMALL, "--base-url", server.url, "--json")
    assert document["model"] == "test-model"


def test_inspect_shows_one_turn_as_it_was_sent(lhe: CommandLine) -> None:
    lhe.json("run", *SMALL, "--json", "--out", "s.jsonl", "--inject", "1")
    turn = lhe.json("inspect", "s.jsonl", "--sample", "2", "--turn", "4", "--json")
    assert (turn["sample"], turn["turn"]) == (2, 4)
    assert [message["role"] for message in turn["request"]] == ["system", *["user", "assistant"] * 3, "user"]
    assert {message["provenance"] for message in turn["request"]} == {"system", "user", "injected"}
    assert turn["request"][-1]["content"] == ", ".join(turn["keys"])
    text = lhe("inspect", "s.jsonl", "--sample", "2", "--turn", "4").stdout
    for word in ("request (8 messages)", "injected", "starting sum", "expected", *turn["keys"]):
        assert word in text
    assert lhe("inspect", "s.jsonl", "--turn", "7").returncode == 2
    assert lhe("inspect", "s.jsonl", "--sample", "4").returncode == 2


def test_inspect_without_a_turn_lists_where_the_slips_are(lhe: CommandLine) -> None:
    report = lhe.json("run", "--model", "sim/small", "--turns", "30", "--json", "--out", "s.jsonl")
    overview = lhe.json("inspect", "s.jsonl", "--json")
    slips = sum(len(sample["wrong"]) for sample in overview["samples"])
    assert slips == 8 * 30 - report["outcomes"]["correct"]
    assert "sample 1:" in lhe("inspect", "s.jsonl").stdout


def test_models_lists_the_simulated_ones_and_what_the_others_miss(lhe: CommandLine) -> None:
    groups = {group["provider"]: group for group in lhe.json("models", "--json")["providers"]}
    assert "sim/large" in [model["name"] for model in groups["sim"]["models"]]
    assert groups["openrouter"]["missing"] == "set OPENROUTER_API_KEY"
    with MisbehavingServer(models=["one", "two"]).in_thread() as server:
        shown = lhe("models", server.url).stdout
    assert "one" in shown
    assert "two" in shown
    assert lhe("models", "nobody").returncode == 2


def test_paths_and_doctor_tell_where_things_lie_and_no_key(lhe: CommandLine) -> None:
    assert str(lhe.folder / "config") in lhe("paths").stdout
    done = lhe("doctor", env={"OPENAI_API_KEY": "sk-secret-value"})
    assert done.returncode == 0, done.stdout
    assert "key found" in done.stdout
    assert "sk-secret-value" not in done.stdout + done.stderr


def test_a_key_is_in_no_file_and_on_no_screen(lhe: CommandLine) -> None:
    key = "sk-secret-value-1234"
    refusal = error(401, {"error": {"message": f"wrong key {key}"}})
    with MisbehavingServer(
        *[refusal] * 3, answer=lambda messages: "<answer>1</answer>"
    ).in_thread() as server:
        words = (*SMALL, "--model", "m", "--base-url", server.url, "--api-key-env", "MY_KEY")
        runs = [lhe("run", *words, "--out", f"{number}.jsonl", env={"MY_KEY": key}) for number in range(4)]
        assert server.requests[0].headers["authorization"] == f"Bearer {key}"
    assert [done.returncode for done in runs] == [1, 1, 1, 0]
    assert key not in "".join(done.stdout + done.stderr for done in runs)
    files = [path for path in lhe.folder.rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["3.jsonl"]
    assert key not in files[0].read_text()


def test_a_missing_named_key_names_the_variable(lhe: CommandLine) -> None:
    done = lhe("run", *SMALL, "--model", "m", "--base-url", "http://127.0.0.1:1", "--api-key-env", "MY_KEY")
    assert done.returncode == 2
    assert "MY_KEY" in done.stderr


def test_a_reply_full_of_escape_sequences_reaches_no_terminal(lhe: CommandLine) -> None:
    wild = "\x1b]0;owned\x07<answer>\x1b[2J\u202e1</answer>"
    with MisbehavingServer(answer=lambda messages: wild).in_thread() as server:
        lhe.json("run", *SMALL, "--model", "m", "--base-url", server.url, "--json", "--out", "s.jsonl")
    for words in (
        ("report",),
        ("inspect",),
        ("inspect", "--turn", "3"),
        ("inspect", "--turn", "3", "--full"),
    ):
        done = lhe(words[0], "s.jsonl", *words[1:])
        assert done.returncode == 0, done.stderr
        assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout + done.stderr)


def test_a_terminal_without_unicode_gets_its_figures_all_the_same(lhe: CommandLine) -> None:
    done = lhe("run", *SMALL, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert "H_0.5" in done.stdout


def test_a_reader_that_leaves_early_is_no_fault(lhe: CommandLine) -> None:
    lhe.json("run", *SMALL, "--json", "--out", "s.jsonl")
    process = lhe.start("report", "s.jsonl")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait() == 0


def test_settings_that_make_no_sense_are_named(lhe: CommandLine) -> None:
    folder = lhe.folder / "config" / "lhe-tui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("modle = 'sim/small'\n")
    done = lhe("run", *SMALL)
    assert done.returncode == 2
    assert "'modle'" in done.stderr
    (folder / "config.toml").write_text("model = 'sim/small'\n")
    assert lhe.json("run", *SMALL, "--json")["model"] == "sim/small"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_under_stdout_is_one_sentence(lhe: CommandLine) -> None:
    lhe.json("run", *SMALL, "--json", "--out", "s.jsonl")
    for words in (("report", "s.jsonl"), ("report", "s.jsonl", "--json"), ("paths",)):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                lhe.line(*words),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                cwd=lhe.folder,
                env=lhe.env,
                check=False,
            )
        assert done.returncode == 1
        assert done.stderr == "lhe-tui: the result cannot be written: No space left on device\n"


def test_a_completion_script_completes_options(lhe: CommandLine) -> None:
    script = lhe("--print-completion", "bash").stdout
    line = "COMP_WORDS=(lhe-tui run --turn); COMP_CWORD=2; _lhe_tui; echo ${COMPREPLY[@]}"
    done = subprocess.run(["bash", "-c", script + line], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["--turns", "--turn-complexity"]
    for shell in ("zsh", "fish"):
        assert "inject-base" in lhe("--print-completion", shell).stdout
