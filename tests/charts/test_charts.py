import math
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import cycle, pairwise

import pytest
from textual.content import Content

from lhe_tui.charts.plot import (
    DARK,
    LIGHT,
    MONO,
    TERMINAL,
    Chart,
    ChartTheme,
    Gap,
    Mark,
    Series,
    draw,
    draw_cached,
    draw_content,
    theme_for,
)
from lhe_tui.charts.readout import nearest_x, readout
from lhe_tui.charts.scale import tick_labels
from lhe_tui.text.widths import cells
from tests.each import each
from tests.hostile_texts import HOSTILE, forbidden

THEMES = [DARK, LIGHT, TERMINAL, MONO]
CODE = re.compile(r"\x1b\[[0-9;]*m")
SIZES = [(1, 1), (5, 2), (12, 3), (20, 4), (30, 6), (45, 7), (58, 8), (80, 12), (119, 20), (180, 40)]


def accuracy(turns: int) -> Chart:
    points = [(t, None if t % 17 == 0 else 1 - t / (2 * turns)) for t in range(1, turns + 1)]
    band = [(t, y - 0.1, y + 0.05) for t, y in points if y is not None]
    return Chart(
        series=[
            Series(points, "turn", style="turn", band=band),
            Series([(t, 0.9**t) for t in range(1, turns + 1)], "task", style="task", dimmed=True),
            Series([(t, 0.97**t) for t in range(1, turns + 1)], "p^t", style="theory"),
            Series([(t, 0.2) for t in range(1, turns + 1)], "floor", style="reference"),
        ],
        title="accuracy",
        marks=[Mark(turns / 3, "window 5"), Mark(turns / 2, "injection 25 %")],
        hlines=(0.5,),
        x_label="turn",
        x_range=(1, max(2, turns)),
        y_range=(0, 1),
    )


CHARTS = {
    "empty": Chart(),
    "empty with range": Chart(x_range=(1, 100), y_range=(0, 1), x_label="turn"),
    "one turn": accuracy(1),
    "two turns": accuracy(2),
    "a hundred turns": accuracy(100),
    "two thousand turns": accuracy(2_000),
    "only gaps": Chart(series=[Series([(1, None), (2, math.nan), (3, math.inf)], "x")]),
    "constant": Chart(series=[Series([(t, 5.0) for t in range(9)], "x", style="1")], y_label="s"),
    "wild": Chart(series=[Series([(1, 1e300), (2, -1e300), (3, 0.5)], "x", style="2")], y_range=(0, 1)),
    "log": Chart(series=[Series([(t, 10.0**t) for t in range(-3, 9)], "H", style="#ff0000")], y_log=True),
    "no room for labels": Chart(
        series=[
            Series([(t, 1e-9 * t) for t in range(9)], "a long name " * 9, style=str(n)) for n in range(1, 9)
        ],
        marks=[Mark(t, f"mark {t}") for t in range(9)],
    ),
    "percent": Chart(series=[Series([(1, 0.2), (9, 0.4)], "arm", style="3")], y_percent=True, y_range=(0, 1)),
}


def lines_of(text: str) -> list[str]:
    return CODE.sub("", text).split("\n")


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_has_its_lines_and_none_is_too_wide(name: str) -> None:
    for size, theme in zip(SIZES, cycle(THEMES), strict=False):
        lines = lines_of(draw(CHARTS[name], *size, theme=theme))
        assert len(lines) == size[1]
        assert max(cells(line) for line in lines) <= size[0]
        assert draw_content(CHARTS[name], *size, theme).plain.split("\n") == lines


def test_a_chart_of_no_size_is_nothing() -> None:
    assert draw(CHARTS["a hundred turns"], 0, 0) == ""


@pytest.mark.parametrize("name", CHARTS)
def test_without_colour_there_is_no_escape_code(name: str) -> None:
    assert forbidden(draw(CHARTS[name], 90, 18, colour=False), newlines=True) == []


@pytest.mark.parametrize("theme", [DARK, LIGHT, TERMINAL])
def test_colour_codes_are_the_only_escapes_and_end_on_their_line(theme: ChartTheme) -> None:
    text = draw(CHARTS["a hundred turns"], 90, 18, theme=theme)
    assert "\x1b[" in text
    assert forbidden(CODE.sub("", text), newlines=True) == []
    for line in text.split("\n"):
        codes = CODE.findall(line)
        assert not codes or codes[-1] == "\x1b[0m"


def test_the_terminal_theme_uses_only_its_sixteen_colours() -> None:
    assert not re.search(r"[34]8;[25]", draw(CHARTS["a hundred turns"], 90, 18, theme=TERMINAL))


@pytest.mark.parametrize("size", [(30, 6), (60, 10), (120, 20)], ids=str)
def test_no_data_says_so_in_the_middle(size: tuple[int, int]) -> None:
    lines = draw(CHARTS["empty with range"], *size, colour=False).split("\n")
    row = next(index for index, line in enumerate(lines) if "no turns yet" in line)
    before = lines[row].index("no turns yet")
    assert abs(before - (size[0] - before - 12)) <= 6
    assert size[1] / 4 <= row <= size[1] * 3 / 4
    assert "no turns yet" not in draw(CHARTS["one turn"], *size, colour=False)


def test_the_curve_stands_where_the_axis_says() -> None:
    chart = Chart(
        series=[Series([(1, 1.0), (50, 1.0), (51, 0.0), (100, 0.0)])], x_range=(1, 100), y_range=(0, 1)
    )
    lines = draw(chart, 80, 12, colour=False).split("\n")
    top, bottom = lines[0], next(line for line in lines if line.startswith("0.0"))
    assert top.startswith("1.0┤")
    assert set(top[5:40]) == {"⠉"}
    assert set(bottom[48:80]) == {"⣀"}


def test_the_last_turn_is_named_on_the_axis() -> None:
    assert "97" in draw(Chart(x_range=(1, 97)), 60, 10, colour=False).split("\n")[-1]


def test_a_mark_is_a_line_with_its_label_on_top() -> None:
    lines = draw(CHARTS["a hundred turns"], 100, 20, colour=False).split("\n")
    assert "① window 5" in lines[1]
    assert "② injection 25 %" in lines[1]
    column = lines[1].index("② injection")
    assert sum(len(line) > column and line[column] == "┆" for line in lines) >= 12


def test_a_mark_near_the_right_edge_has_its_label_on_the_left() -> None:
    chart = Chart(marks=[Mark(99, "healed")], x_range=(1, 100), y_range=(0, 1))
    assert "healed ①" in draw(chart, 60, 10, colour=False)


def test_marks_on_one_column_share_their_label_and_one_off_the_scale_is_not_drawn() -> None:
    chart = Chart(marks=[Mark(10, "a"), Mark(10, "b"), Mark(500, "far")], x_range=(1, 100), y_range=(0, 1))
    text = draw(chart, 60, 10, colour=False)
    assert "① a · ② b" in text
    assert "far" not in text


@each("width", range(30, 140, 7))
@pytest.mark.parametrize("turns", [1, 2, 9, 16, 97, 100, 500, 1000, 10_000])
def test_every_number_on_the_axis_of_turns_stands_under_its_tick(width: int, turns: int) -> None:
    chart = Chart(x_label="turn", x_range=(0.5, turns + 0.5), y_range=(0, 1), y_percent=True)
    *_, axis, numbers = draw(chart, width, 12, colour=False).split("\n")
    ticks = [column for column, sign in enumerate(axis) if sign == "┬"]
    found = [match for match in re.finditer(r"\S+", numbers) if match[0] != "turn"]
    assert found[0][0] == "1"
    assert turns == 1 or found[-1][0] == tick_labels([turns])[0]
    assert len(found) == len(ticks)
    for match, column in zip(found, ticks, strict=True):
        assert match.start() <= column < match.end()


@each("height", range(7, 45))
def test_an_axis_of_shares_has_both_ends_and_equal_steps(height: int) -> None:
    chart = Chart([Series([(1, 0.5)], "turn")], x_range=(1, 9), y_range=(0, 1), y_percent=True)
    rows = [
        (row, line.split("┤")[0].strip())
        for row, line in enumerate(lines_of(draw(chart, 60, height)))
        if "┤" in line
    ]
    labels = [label for _, label in rows]
    assert (labels[0], labels[-1]) == ("100%", "0%")
    assert "50%" in labels
    assert len({after[0] - before[0] for before, after in pairwise(rows)}) == 1


def test_a_dotted_curve_never_takes_the_colour_of_the_curve_before_it() -> None:
    front = Series([(t, 0.5) for t in range(1, 60)], style="#010203")
    behind = Series([(t, 0.51) for t in range(1, 60)], style="#040506", stroke="dotted")
    both = [front, behind]
    alone, together = (
        draw_content(Chart(s, y_range=(0, 1), x_range=(1, 60), legend=False), 60, 9) for s in ([front], both)
    )
    (row,) = [
        number
        for number, line in enumerate(alone.plain.split("\n"))
        if "⠤" in line or "⠒" in line or "⠉" in line
    ]
    assert together.plain.split("\n")[row] == alone.plain.split("\n")[row]


def test_the_room_between_two_curves_is_filled() -> None:
    gap = Gap([(1, 0.2, 0.8), (50, 0.2, 0.8)], "turn")
    text = draw(Chart(gaps=[gap], x_range=(1, 50), y_range=(0, 1)), 60, 12, colour=False)
    assert sum("░" * 40 in line for line in text.split("\n")) >= 5


def test_curves_are_named_at_their_ends_and_the_names_do_not_meet() -> None:
    series = [
        Series([(1, 0.5), (50, 0.5)], "with injection", stroke="bold"),
        Series([(1, 0.5), (50, 0.5)], "without", "reference"),
    ]
    text = draw(Chart(series, x_range=(1, 100), y_range=(0, 1), end_labels=True), 100, 15, colour=False)
    rows = [
        next(n for n, line in enumerate(text.split("\n")) if line.endswith(name))
        for name in ("with injection", "without")
    ]
    assert len(set(rows)) == 2
    assert max(cells(line) for line in text.split("\n")) <= 100


def test_a_bold_curve_is_drawn_in_blocks() -> None:
    text = draw(Chart([Series([(1, 0.5), (50, 0.5)], stroke="bold")], y_range=(0, 1)), 60, 12, colour=False)
    assert re.search("[▀▄█]{40}", text)


def test_the_cursor_is_a_line_and_its_values_are_told_in_words() -> None:
    chart = replace(accuracy(40), cursor=20.0, y_percent=True)
    lines = draw(chart, 80, 16, colour=False).split("\n")
    assert max(sum(line[column : column + 1] == "│" for line in lines) for column in range(8, 80)) >= 6
    assert readout(chart, 20.0) == "turn 20 · turn 75 % [65, 80] · task 12 % · p^t 54 % · floor 20 %"
    assert nearest_x(chart, 500.0) == 40
    assert nearest_x(Chart(), 3.0) is None


def test_the_legend_names_the_line_of_every_series() -> None:
    assert draw(CHARTS["a hundred turns"], 100, 20).count("95 %") == 1
    head = lines_of(draw(CHARTS["a hundred turns"], 100, 20))[0]
    assert head.split("  ")[1:] == ["── turn", "░░ 95 %", "━━ task", "┈┈ p^t", "╌╌ floor"]


def test_without_colour_two_curves_differ_by_their_markers() -> None:
    points = [(t, t / 100) for t in range(1, 101)]
    series = [
        Series(points, "as is", style="1"),
        Series([(t, 1 - y) for t, y in points], "healed", style="2"),
    ]
    text = draw(Chart(series=series), 80, 15, colour=False)
    assert "─●─ as is" in text
    assert "─■─ healed" in text
    assert text.count("●") >= 4
    assert text.count("■") >= 4


def test_entries_without_room_are_counted() -> None:
    assert "+" in draw(CHARTS["no room for labels"], 40, 10, colour=False).split("\n")[0]


def test_a_band_lies_behind_the_curve() -> None:
    text = draw(CHARTS["a hundred turns"], 100, 20, colour=False)
    assert "░" in text
    ground = DARK.faded(DARK.turn, 0.22)
    code = ";".join(str(int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    assert f"48;2;{code}m" in draw(CHARTS["a hundred turns"], 100, 20, theme=DARK)


def test_the_first_series_lies_in_front() -> None:
    points = [(t, 0.5) for t in range(1, 11)]
    both = [Series(points, style="#010203"), Series(points, style="#040506")]
    text = draw(Chart(series=both, y_range=(0, 1)), 40, 8, theme=DARK)
    assert "38;2;1;2;3" in text
    assert "38;2;4;5;6" not in text


@each("name", [name for name in HOSTILE if "megabyte" not in name])
def test_hostile_labels_are_shown_and_never_act(name: str) -> None:
    text = HOSTILE[name]
    chart = Chart(
        series=[Series([(1, 0.5), (9, 0.7)], text)],
        title=text,
        marks=[Mark(4, text)],
        x_label=text,
        y_label=text,
        empty=text,
    )
    for shown in (draw(chart, 70, 12, colour=False), draw_content(chart, 70, 12).plain):
        assert forbidden(shown, newlines=True) == []
        assert len(shown.split("\n")) == 12
        assert max(cells(line) for line in shown.split("\n")) <= 70
    assert forbidden(draw(Chart(empty=text), 70, 12, colour=False), newlines=True) == []


def test_drawing_leaves_nothing_behind_for_the_next_chart() -> None:
    alone = {name: draw(chart, 90, 18) for name, chart in CHARTS.items()}
    for name in reversed(CHARTS):
        assert draw(CHARTS[name], 90, 18) == alone[name]


def test_charts_drawn_by_several_threads_do_not_mix() -> None:
    alone = draw(CHARTS["a hundred turns"], 90, 18)
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda _: draw(CHARTS["a hundred turns"], 90, 18), range(12)))
    assert set(drawn) == {alone}


def test_a_picture_is_drawn_once_for_its_version_size_and_theme() -> None:
    built: list[int] = []

    def build() -> Chart:
        built.append(1)
        return CHARTS["two turns"]

    first = draw_cached("cache test 1", build, 60, 10)
    assert isinstance(first, Content)
    assert draw_cached("cache test 1", build, 60, 10) is first
    assert len(built) == 1
    draw_cached("cache test 2", build, 60, 10)
    draw_cached("cache test 1", build, 61, 10)
    draw_cached("cache test 1", build, 60, 10, LIGHT)
    assert len(built) == 4


def test_a_style_that_no_theme_knows_is_refused_with_its_name() -> None:
    with pytest.raises(ValueError, match="'blinking'"):
        Series([], style="blinking")


def test_the_theme_follows_the_screen() -> None:
    assert theme_for(colour=False) is MONO
    assert theme_for(ansi=True) is TERMINAL
    assert theme_for(dark=False) is LIGHT
    assert theme_for() is DARK


def test_importing_charts_loads_neither_plotext_nor_textual() -> None:
    code = "import sys, lhe_tui.charts.plot; print([m for m in ('plotext', 'textual', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
