"""`lhe-tui inspect`: one turn taken apart, or where in a session the slips are."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lhe_tui.cli.exits import DONE, UsageError
from lhe_tui.cli.output import command, result, result_json
from lhe_tui.cli.parsing import session_file, whole_number

if TYPE_CHECKING:
    from lhe_tui.engine.state import RunState, TurnRecord
    from lhe_tui.record.read import Recording
    from lhe_tui.task.answers import Value

NAME = "inspect"
HELP = "take one turn of a session apart"
DESCRIPTION = (
    "Show what the model was sent at one turn, what it replied and why it is wrong. Without --turn, list where "
    "a session's slips are."
)
_MOST_LISTED = 12
_LONGEST = 160


def add_options(parser: argparse.ArgumentParser) -> None:
    """FILE and which turn."""
    add = parser.add_argument
    add("file", type=session_file, metavar="FILE", help="a session")
    add("--sample", type=whole_number, metavar="N", help="a sample, from 1 (with --turn: default 1)")
    add("--turn", type=whole_number, metavar="T", help="a turn, from 1")
    add("--full", action="store_true", help="print long messages whole")
    add("--json", action="store_true", help="print one JSON document")
    add("--curl", action="store_true", help="with --turn: print a curl command that asks its request again")


def run(options: argparse.Namespace) -> int:
    """Print the turn or the overview. Raises CommandError."""
    from lhe_tui.cli.report import say_damage
    from lhe_tui.cli.session_place import read_recording
    from lhe_tui.record.json_text import to_json

    recording = read_recording(options.file)
    say_damage(recording)
    state = recording.state
    _check_sample(state, options.sample)
    if options.turn is not None:
        document = _turn(state, options.sample or 1, options.turn)
        if options.curl:
            from lhe_tui.record.curl import curl_line

            result(curl_line(state, options.sample or 1, options.turn))
        elif options.json:
            result_json(to_json(document))
        else:
            print_turn(document, longest=None if options.full else _LONGEST)
        return DONE
    if options.full:
        raise UsageError("--full prints one turn whole: name it with --turn")
    if options.curl:
        raise UsageError("--curl asks one turn's request again: name it with --turn T")
    overview = overview_document(state, options.sample)
    if options.json:
        result_json(to_json(overview))
    else:
        _print_overview(recording, overview, whole=options.sample is not None)
    return DONE


def _check_sample(state: RunState, sample: int | None) -> None:
    if sample is not None and not 1 <= sample <= len(state.samples):
        raise UsageError(f"--sample {sample}: this session has samples 1 to {len(state.samples)}")


def _turn(state: RunState, sample: int, turn: int) -> dict[str, Any]:
    from lhe_tui.record.inspection import inspect_turn

    done = len(state.samples[sample - 1].turns)
    if not 1 <= turn <= done:
        has = f"has turns 1 to {done}" if done else "has no finished turn"
        raise UsageError(f"--turn {turn}: sample {sample} of this session {has}")
    return inspect_turn(state, sample, turn)


def overview_document(state: RunState, sample: int | None = None) -> dict[str, Any]:
    """Each sample's slips, in order of turn; one sample alone where one is named."""
    numbers = range(1, len(state.samples) + 1) if sample is None else [sample]
    samples = []
    for number in numbers:
        turns = state.samples[number - 1].turns
        # An answer that a person gave is no slip of the model's.
        wrong = [_slip(r) for r in turns if r.outcome != "correct" and not r.event.edited]
        first = wrong[0]["turn"] if wrong else None
        samples.append({"sample": number, "turns": len(turns), "first_wrong": first, "wrong": wrong})
    return {
        "session": state.header.session,
        "turns": state.spec.turns,
        "missing_turns": state.missing_turns,
        "samples": samples,
    }


def _slip(record: TurnRecord) -> dict[str, Any]:
    return {
        "turn": record.turn,
        "outcome": record.outcome,
        "answer": record.number,
        "expected": record.expected,
        "truth": record.truth,
    }


def _print_overview(recording: Recording, overview: Mapping[str, Any], *, whole: bool) -> None:
    from lhe_tui.cli.summary import annotation_lines

    for name, words in annotation_lines(recording.state):
        result(f"{name:<6} {words}")
    for sample in overview["samples"]:
        wrong = sample["wrong"]
        words = f"{len(wrong)} of {sample['turns']} turns not correct" if wrong else "every turn correct"
        result(
            f"sample {sample['sample']}: {words}"
            if sample["turns"]
            else f"sample {sample['sample']}: no turn yet"
        )
        shown = wrong if whole else wrong[:_MOST_LISTED]
        for slip in shown:
            result(f"  turn {slip['turn']:>4}  {_answer_words(slip)}")
        if len(wrong) > len(shown):
            result(f"  and {len(wrong) - len(shown)} more: --sample {sample['sample']} lists them all")
    first = next((sample for sample in overview["samples"] if sample["wrong"]), None)
    if first is not None:
        where = ("--sample", str(first["sample"]), "--turn", str(first["first_wrong"]))
        result(f"\nTake one apart: {command('inspect', recording.path, *where)}")


def _answer_words(slip: Mapping[str, Any]) -> str:
    from lhe_tui.task.answers import entries_off, gap, written

    if slip["outcome"] != "wrong":
        return str(slip["outcome"]).replace("_", " ")
    answer, expected = slip["answer"], slip["expected"]
    off = gap(answer, expected)
    by = entries_off(answer, expected) if off is None else f"{off:+}"
    words = f"{written(answer)} ≠ {written(expected)} (off by {by})"
    return f"{words}, yet the true sum: recovered" if slip["answer"] == slip["truth"] else words


def print_turn(turn: Mapping[str, Any], *, longest: int | None) -> None:
    """One turn in words: the request, the working key by key, the reply, the diagnosis."""
    result(f"sample {turn['sample']}, turn {turn['turn']}: {str(turn['outcome']).replace('_', ' ')}")
    result(f"\nrequest ({len(turn['request'])} messages)")
    for message in turn["request"]:
        result(f"  {message['role']:<10}{message['provenance']:<11}{_cut(message['content'], longest)}")
    if turn["pruned_turns"]:
        result(f"  left out: turns {_ranges(turn['pruned_turns'])}")
    result("\nworking")
    _print_working(turn)
    if turn.get("reasoning"):
        result(f"\nreasoning\n  {_cut(turn['reasoning'], longest)}")
    result(f"\nreply\n  {_cut(turn['reply'], longest)}")
    if turn["lenient"]:
        result(
            f"  read leniently ({turn['lenient']['rule']}): {turn['lenient']['number']}; it scores nothing"
        )
    for note in turn["notes"]:
        result(f"\nnote\n  {_cut(note['text'], longest)} ({note['author']}, {note['time'][:10]})")
    if turn["diagnosis"]:
        result("\ndiagnosis")
        for slip in turn["diagnosis"]:
            result(
                f"  {slip['weight'] * 100:>4.0f} %  {str(slip['slip']).replace('_', ' '):<22}{slip['detail']}"
            )


def _print_working(turn: Mapping[str, Any]) -> None:
    from lhe_tui.task.answers import written

    def row(name: str, value: str, answer: Value | None) -> None:
        result(f"  {name:<16}{value:>12} {'none' if answer is None else written(answer):>13}")

    row("starting sum", "", turn["basis"])
    for key, value, partial in zip(turn["keys"], turn["values"], turn["partials"], strict=True):
        row(key, f"{value:+}" if isinstance(value, int) else written(value), partial)
    row("expected", "", turn["expected"])
    row("answer", "", turn["answer"])
    if turn["truth"] != turn["expected"]:
        row("true sum", "", turn["truth"])


def _cut(text: str, longest: int | None) -> str:
    if longest is None:
        return text.replace("\n", "\n      ")
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest]}… (+{len(line) - longest:,} characters)"


def _ranges(turns: list[int]) -> str:
    """Turns in words: `1–5, 8`."""
    found: list[list[int]] = []
    for turn in turns:
        if found and turn == found[-1][1] + 1:
            found[-1][1] = turn
        else:
            found.append([turn, turn])
    return ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in found)
