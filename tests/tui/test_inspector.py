"""The inspector: what was sent, why it is wrong, and the way to every other turn."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from lhe_tui.engine.events import Attempt, ControlsChanged, Event, NoteAdded, TurnFinished
from lhe_tui.engine.requests import build_request
from lhe_tui.engine.state import RunState
from lhe_tui.task.controls import ControlError, Controls, Injection, parse_change
from lhe_tui.task.spec import TaskSpec
from lhe_tui.text.widths import cells
from lhe_tui.tui.controller.run_controller import RunController
from lhe_tui.tui.inspect.finding_lines import Folds, findings
from lhe_tui.tui.inspect.inspect_screen import InspectScreen
from lhe_tui.tui.inspect.request_lines import RequestLines, diff_entries, sent_entries
from lhe_tui.tui.turn.run_words import whole
from lhe_tui.tui.turn.turn_detail import TurnDetail
from lhe_tui.tui.turn.turn_finding import Place, find_turn
from lhe_tui.tui.turn.verdict_words import verdict_lines
from lhe_tui.tui.widgets.piece_lines import line_text, wrap
from tests.hostile_session import folded
from tests.hostile_texts import HOSTILE, HOSTILE_NAMES, forbidden
from tests.scripted_model import ScriptedModel, right_answer
from tests.sessions import header, whole_run
from tests.tui.recordings import at_end, recorded
from tests.tui.support import lone_app, screen_text, wait_until

SLIPS = right_answer(slip=lambda turn, total: total - 10 * (turn % 4 == 0))


async def slipping(
    turns: int = 12, samples: int = 2, script: tuple[tuple[int, str], ...] = (), k: int = 2
) -> RunController:
    """Every fourth turn is 10 too low."""
    spec = TaskSpec(turns=turns, samples=samples, turn_complexity=k, dict_size=20)
    changes = [(turn, parse_change(change)) for turn, change in script]
    return await recorded(spec, Controls(), changes, lambda name: ScriptedModel(SLIPS))


def texts(lines: object) -> str:
    return "\n".join(line_text(line) for line in lines)  # type: ignore[attr-defined]  any sequence of lines


async def open_turn(pilot: Pilot[object], controller: RunController, sample: int, turn: int) -> InspectScreen:
    screen = InspectScreen(controller, Place(sample, turn))
    await pilot.app.push_screen(screen)
    await wait_until(
        pilot,
        lambda: len(screen.shown.view("findings").lines) > 3,
        "the turn is laid out",
    )
    return screen


# ---- what it says


async def test_the_verdict_names_answer_expectation_basis_and_slip() -> None:
    controller = await slipping()
    apart = TurnDetail(controller.state, 1, 4)
    record = apart.record
    said = texts(verdict_lines(apart)).replace("−", "-")
    assert said.startswith(f"✗ wrong by -10: answered {record.number}, expected {record.expected} (from ")
    assert "likeliest: " in said
    assert "digit slip" in texts(findings(apart, 80, Folds()))
    assert f"started from {record.basis}: turn 3's answer as shown, ● its own" in said


async def test_an_injected_basis_is_told_with_the_models_own_answer() -> None:
    controller = await slipping(script=((5, "inject=1,inject-since=1"),))
    apart = TurnDetail(controller.state, 1, 6)
    own = controller.state.samples[0].turns[4].number
    said = texts(verdict_lines(apart)).replace("−", "-")
    assert f"◆ injected (the model answered {own})" in said


async def test_a_recovered_turn_is_told_as_such() -> None:
    def answer(turn: int, total: int) -> int:
        return total

    controller = await recorded(
        TaskSpec(turns=6, samples=1, dict_size=20),
        Controls(injection=Injection(1.0, "own", 10, 1)),
        (),
        lambda name: ScriptedModel(right_answer(slip=lambda turn, total: answer(turn, total))),
    )
    events: list[Event] = [controller.state.header]
    for record in controller.state.samples[0].turns[:4]:
        events.append(record.event)
    fifth = controller.state.samples[0].turns[4]
    events.append(TurnFinished(1, 5, 9.0, f"<answer>{fifth.truth}</answer>"))
    apart = TurnDetail(at_end(events).state, 1, 5)
    assert apart.record.outcome == "wrong"
    assert "is the true sum: it recovered" in texts(verdict_lines(apart))


async def test_the_first_false_statement_is_marked_in_the_reply() -> None:
    head = header(samples=1, turns=2, k=2, controls=Controls(mode="cot"))
    keys, values = head.task.keys(1, 1), head.task.values(1, 1)
    wrong = values[1] + 3
    working = f"{keys[0]}: {values[0]}\n{keys[1]}: {wrong}\n{values[0]} + {wrong} = {values[0] + wrong}"
    reply = f"{working}\n<answer>{values[0] + wrong}</answer>"
    apart = TurnDetail(at_end([head, TurnFinished(1, 1, 1.0, reply)]).state, 1, 1)
    lines = findings(apart, 90, Folds())
    marked = [text for line in lines for text, ink in line if ink == "mark"]
    assert marked == [f"{keys[1]}: {wrong}"]
    said = texts(lines).replace("−", "-")
    assert f"▲ false: {keys[1]} is {values[1]} in the dictionary, not {wrong}" in said
    row = next(line for line in said.splitlines() if line.strip().startswith(keys[1]) and "│" in line)
    assert f"{wrong:+} ✗" in row


async def test_retries_ballots_draft_tokens_and_the_models_own_slip_are_told() -> None:
    head = header(samples=1, turns=2)
    event = TurnFinished(
        1,
        1,
        1.0,
        "<answer>5000</answer>",
        reasoning="first this, then that",
        prompt_tokens=1234,
        completion_tokens=56,
        first_token=0.25,
        latency=1.5,
        attempts=(Attempt("overloaded", "try later", 2.0),),
        ballots=("<answer>5000</answer>", "<answer>1</answer>"),
        draft="<answer>7</answer>",
        slip="digit_slip",
    )
    said = texts(findings(TurnDetail(at_end([head, event]).state, 1, 1), 100, Folds()))
    for words in (
        "1234 prompt",
        "56 reply",
        "1.50 s",
        "first token 250 ms",
        "overloaded: try later; waited 2 s",
    ):
        assert words in said, words
    for words in ("2 votes", "✓ won", "draft, before it checked itself", "first this, then that"):
        assert words in said, words
    assert "the simulated model says it did: digit slip" in said


# ---- the request


@settings(max_examples=25, deadline=None)
@given(
    changes=st.lists(
        st.tuples(
            st.integers(1, 11),
            st.sampled_from(
                [
                    "inject=0.5",
                    "inject=1,inject-since=1",
                    "heal=on",
                    "heal=off",
                    "prune=window:3",
                    "prune=state-card",
                    "prune=drop-wrong",
                    "prune=window:2+state-card",
                    "prune=off",
                    "mode=cot",
                ]
            ),
        ),
        max_size=4,
    ),
    turn=st.integers(1, 12),
)
async def test_the_request_that_is_shown_is_the_one_that_was_sent(
    changes: list[tuple[int, str]], turn: int
) -> None:
    model = ScriptedModel(SLIPS)
    try:
        script = [(at, parse_change(change)) for at, change in changes]
        controller = await recorded(
            TaskSpec(turns=12, samples=1, dict_size=20), Controls(), script, lambda name: model
        )
    except ControlError:
        return
    apart = TurnDetail(controller.state, 1, turn)
    assert apart.messages == build_request(controller.state, 1, turn)
    assert apart.messages == list(model.requests[turn - 1].messages)
    shown = [entry for entry in sent_entries(apart) if entry.kind != "gap"]
    assert [entry.text for entry in shown] == [message.content for message in apart.messages]
    kinds = [entry.kind.replace(" ", "_") for entry in shown]
    assert kinds == [message.provenance for message in apart.messages]
    full = diff_entries(apart)
    left_out = sorted({entry.turn for entry in full if entry.kind == "left out"})
    assert left_out == apart.pruned
    assert len(full) == 2 * turn


async def test_a_gap_says_which_turns_were_left_out() -> None:
    controller = await slipping(script=((6, "prune=window:2"),))
    apart = TurnDetail(controller.state, 1, 10)
    said = texts(RequestLines(sent_entries(apart), 80, unfolded=frozenset()))
    assert "pruned: turns 1–7 (7) were left out of this request" in said


async def test_the_diff_shows_own_and_shown_answers() -> None:
    controller = await slipping(script=((6, "inject=1,inject-since=1"),))
    apart = TurnDetail(controller.state, 1, 8)
    own, shown = apart.own_number(7), apart.shown_numbers[6]
    lines = list(RequestLines(diff_entries(apart), 100, unfolded=frozenset()))
    line = next(line for line in lines if line_text(line).startswith("  7 ◆"))
    assert (str(own), "struck") in line
    assert (str(shown), "injected") in line
    assert f"<answer>{own}→{shown}</answer>" in line_text(line)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab \n日\t", max_size=200), st.integers(1, 30))
def test_wrapping_loses_nothing_but_spaces_and_fits(text: str, width: int) -> None:
    width = max(width, 2)
    lines = wrap([(text.replace("\t", " "), "plain")], width)
    assert all(cells(line_text(line)) <= width for line in lines)
    joined = "".join(line_text(line) for line in lines)
    assert "".join(joined.split()) == "".join(text.split())


async def test_a_request_of_ten_thousand_messages_only_lays_out_what_is_seen() -> None:
    head = header(samples=1, turns=5000)
    state = RunState(head)
    for turn in range(1, 5001):
        state.apply(TurnFinished(1, turn, float(turn), "<answer>1</answer>"))
    apart = TurnDetail(state, 1, 5000)
    lines = RequestLines(sent_entries(apart), 60, unfolded=frozenset())
    assert len(lines) > 9999
    assert len(lines._made) < 10
    assert line_text(lines[len(lines) - 1]).startswith("5000 › user")


async def test_a_reply_of_a_megabyte_is_cut_and_more_can_be_asked_for() -> None:
    head = header(samples=1, turns=1)
    apart = TurnDetail(at_end([head, TurnFinished(1, 1, 1.0, "word " * 200_000)]).state, 1, 1)
    assert "994,000 characters more · m shows more" in texts(findings(apart, 80, Folds()))
    assert len(findings(apart, 80, Folds(most=48_000))) > 600


# ---- going about


async def test_wrong_turns_recoveries_and_changes_are_found_both_ways() -> None:
    controller = await slipping(script=((6, "prune=window:3"),))
    state = controller.state
    assert find_turn(state, Place(1, 1), "wrong") == (1, 4)
    assert find_turn(state, Place(1, 12), "wrong") == (2, 4)
    assert find_turn(state, Place(2, 4), "wrong", forward=False) == (1, 12)
    assert find_turn(state, Place(2, 12), "wrong") is None
    assert find_turn(state, Place(1, 1), "change") == (1, 6)
    assert find_turn(state, Place(1, 8), "change", forward=False) == (1, 6)


async def test_a_recovery_is_the_true_sum_after_a_wrong_one() -> None:
    head = header(samples=1, turns=4)
    truths = head.task.truths(1)
    answers = [truths[0], truths[1] + 5, truths[2], truths[3]]
    events: list[Event] = [
        TurnFinished(1, turn, float(turn), f"<answer>{answer}</answer>")
        for turn, answer in enumerate(answers, 1)
    ]
    assert find_turn(at_end([head, *events]).state, Place(1, 1), "recovery") == (1, 3)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_keys_walk_and_every_size_shows_the_verdict(size: tuple[int, int]) -> None:
    controller = await slipping()
    app = lone_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = await open_turn(pilot, controller, 1, 1)
        await pilot.press("e")
        await wait_until(pilot, lambda: "wrong by −10" in screen_text(app))
        assert screen.place == (1, 4)
        await pilot.press("right")
        assert screen.place == (1, 5)
        await pilot.press("left", "full_stop")
        assert screen.place == (2, 4)
        await pilot.press("E")
        assert screen.place == (1, 12)
        await pilot.press("d", "o", "g", "x", "m", "tab", "end", "home", "down", "up", "pagedown", "v", "c")
        await pilot.pause()
        assert app.is_running
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is not screen)


async def test_the_request_begins_at_its_end_and_its_scrollbar_says_so() -> None:
    controller = await slipping(turns=60, samples=1)
    app = lone_app()
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        screen = await open_turn(pilot, controller, 1, 60)
        view = screen.shown.view("request")
        await wait_until(pilot, lambda: view.scroll_y == view.max_scroll_y > 0)
        await wait_until(pilot, lambda: view.vertical_scrollbar.position == view.scroll_y)


async def test_enter_on_a_turn_of_the_run_screen_opens_it_and_escape_comes_back_to_it() -> None:
    from lhe_tui.tui.run.run_screen import RunScreen

    controller = await slipping()
    app = lone_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        run_screen = RunScreen(controller)
        await app.push_screen(run_screen)
        await wait_until(pilot, lambda: run_screen.transcript.finished_turns == 12)
        run_screen.transcript.select(3)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, InspectScreen))
        await pilot.press("e", "full_stop", "escape")
        await wait_until(pilot, lambda: app.screen is run_screen)
        await wait_until(pilot, lambda: run_screen.transcript.selected == 4)
        assert controller.followed == 2


async def test_no_hostile_text_acts_in_the_inspector() -> None:
    names = [name for name in HOSTILE_NAMES if len(HOSTILE[name]) < 5000]
    head = header(samples=1, turns=len(names))
    events: list[Event] = [
        TurnFinished(
            1,
            turn,
            float(turn),
            HOSTILE[name],
            reasoning=HOSTILE[name],
            draft=HOSTILE[name],
            ballots=(HOSTILE[name],),
            attempts=(Attempt("server", HOSTILE[name], 1.0),),
        )
        for turn, name in enumerate(names, 1)
    ]
    controller = at_end([head, *events])
    app = lone_app()
    async with app.run_test(size=(120, 60), notifications=True) as pilot:
        screen = await open_turn(pilot, controller, 1, 1)
        await pilot.press("g")
        for turn in range(1, len(names) + 1, 7):
            screen.go(1, turn)
            await pilot.pause()
            assert forbidden(screen_text(app), newlines=True) == [], names[turn - 1]
        for turn in range(1, len(names) + 1):
            lines = findings(TurnDetail(controller.state, 1, turn), 80, Folds(raw=True, reasoning=True))
            assert forbidden(texts(lines), newlines=True) == [], names[turn - 1]
        lines = RequestLines(
            diff_entries(TurnDetail(controller.state, 1, len(names))), 80, unfolded=frozenset()
        )
        assert forbidden(texts(lines), newlines=True) == []
        assert app.is_running


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(alphabet="ab1 \n<>\t日", max_size=120), min_size=1, max_size=6),
    st.integers(30, 90),
    st.sampled_from(["", "heal=on", "inject=1,inject-since=1", "prune=window:2", "prune=drop-wrong"]),
)
def test_every_message_is_as_high_as_was_counted(replies: list[str], width: int, change: str) -> None:
    head = header(samples=1, turns=len(replies) + 1)
    state = RunState(head)
    if change:
        state.apply(ControlsChanged(len(replies) + 1, parse_change(change)))
    for turn, reply in enumerate([*replies, ""], 1):
        text = f"{reply}<answer>{turn}</answer>" if turn % 2 else reply
        state.apply(TurnFinished(1, turn, float(turn), text))
    apart = TurnDetail(state, 1, len(replies) + 1)
    for entries in (sent_entries(apart), diff_entries(apart)):
        lines = RequestLines(entries, width, unfolded=frozenset())
        for index in range(len(entries)):
            assert lines.starts[index + 1] - lines.starts[index] == len(lines._lines(index))
            assert all(cells(line_text(line)) <= width for line in lines._lines(index))


async def test_a_replay_that_is_sought_back_and_on_shows_the_turn_again() -> None:
    controller = await slipping()
    app = lone_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        screen = await open_turn(pilot, controller, 1, 9)
        controller.seek(3)
        await wait_until(pilot, lambda: "this turn is not there any more" in screen_text(app))
        await pilot.press("d", "x", "y", "r", "a", "o")
        await pilot.pause()
        assert app.screen is screen
        controller.seek(12)
        await wait_until(
            pilot, lambda: "turn 9 of 12" in screen_text(app) and "correct: answered" in screen_text(app)
        )


SEEDED = {
    "skipped_key": lambda values, basis: basis + values[0],
    "double_key": lambda values, basis: basis + 2 * values[0] + values[1],
    "sign_slipped": lambda values, basis: basis + values[0] - values[1],
    "unchanged": lambda values, basis: basis,
    "values_only": lambda values, basis: values[0] + values[1],
    "digit_slip": lambda values, basis: basis + values[0] + values[1] + 100,
}


@pytest.mark.parametrize("slip", SEEDED)
def test_a_seeded_slip_is_named_among_the_first_two(slip: str) -> None:
    from lhe_tui.task.diagnosis.slips import SLIP_WORDS

    head = header(samples=1, turns=6, k=2)
    state = RunState(head)
    basis = 0
    for turn in range(1, 6):
        basis += sum(head.task.values(1, turn))
        state.apply(TurnFinished(1, turn, float(turn), f"<answer>{basis}</answer>"))
    answer = SEEDED[slip](head.task.values(1, 6), basis)
    state.apply(TurnFinished(1, 6, 6.0, f"<answer>{answer}</answer>"))
    apart = TurnDetail(state, 1, 6)
    named = [suspect.words for suspect in apart.diagnosis[:2]]
    assert SLIP_WORDS[slip] in named
    assert SLIP_WORDS[slip] in texts(findings(apart, 100, Folds()))


def test_the_verdict_tells_what_an_untidy_reply_plainly_holds() -> None:
    head = header(samples=1, turns=1)
    truth = head.task.truths(1)[0]
    state = RunState(head).apply(TurnFinished(1, 1, 1.0, f"It is {truth}."))
    words = "".join(text for text, _ in verdict_lines(TurnDetail(state, 1, 1))[0])
    assert f"yet it plainly holds {whole(truth)} (last number), the right one" in words


def test_a_note_stands_above_the_findings_of_its_turn_alone() -> None:
    state = folded(whole_run(header()))
    state.apply(NoteAdded("look here", "2026-01-02T03:04:05+00:00", "ada", sample=1, turn=2))

    def said(turn: int) -> str:
        lines = findings(TurnDetail(state, 1, turn), 80, Folds())
        return "\n".join("".join(text for text, _ in line) for line in lines)

    assert "◆ look here (ada, 2026-01-02)" in said(2)
    assert "look here" not in said(3)
