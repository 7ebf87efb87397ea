from hypothesis import given
from hypothesis import strategies as st

from lhe_tui.charts.turn_axis import columns_of_turn, last_turn_shown, turns_of_column


@given(st.integers(1, 20_000), st.data())
def test_the_axis_holds_every_turn_done_and_is_mostly_in_use(turns: int, data: st.DataObject) -> None:
    done = data.draw(st.integers(0, turns))
    last = last_turn_shown(turns, done)
    assert min(turns, max(1, done)) <= last <= turns
    assert last <= max(10, 2 * done + 4)


@given(st.integers(1, 10_000), st.integers(0, 9_999))
def test_the_axis_never_shrinks(turns: int, done: int) -> None:
    assert last_turn_shown(turns, min(done, turns)) <= last_turn_shown(turns, min(done + 1, turns))


@given(st.integers(1, 3_000), st.integers(1, 200))
def test_columns_and_turns_answer_each_other(last: int, width: int) -> None:
    owned = [column for turn in range(1, last + 1) for column in columns_of_turn(turn, last, width)]
    assert owned == list(range(width))
    shown = [turn for column in range(width) for turn in turns_of_column(column, last, width)]
    assert set(shown) >= set(range(1, last + 1)) if width >= last else shown == sorted(set(shown))
    assert shown[0] == 1
    assert shown[-1] == last
