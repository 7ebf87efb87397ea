"""What a chart costs, as ratios to the smallest one on the same machine."""

import timeit

import pytest

from lhe_tui.charts.plot import DARK, Chart, Series, draw, draw_cached, draw_content
from lhe_tui.text.visible import visible
from tests.benchmarks.conftest import Measured


def chart(points: int) -> Chart:
    values = [(t, 0.5 + (t * 7919 % 1000) / 2500) for t in range(1, points + 1)]
    band = [(t, y - 0.1, y + 0.1) for t, y in values]
    return Chart(
        series=[Series(values, "turn", band=band), Series(values, "task", style="task")],
        x_range=(1, points),
        y_range=(0, 1),
    )


def best(action: object) -> float:
    assert callable(action)
    return min(timeit.repeat(action, number=1, repeat=7)) * 1000


@pytest.mark.benchmark
def test_a_chart_of_ten_thousand_points_costs_a_small_multiple_of_one_of_a_hundred(
    measured: Measured,
) -> None:
    charts = {count: chart(count) for count in (10, 100, 1_000, 10_000)}
    draw(charts[10], 80, 20)
    base = best(lambda: draw(charts[100], 80, 20, theme=DARK))
    for count, one in charts.items():
        text = best(lambda one=one: draw(one, 80, 20, theme=DARK))
        content = best(lambda one=one: draw_content(one, 80, 20))
        measured(f"chart of {count:,} points ÷ one of 100, as text", text / base)
        measured(f"chart of {count:,} points ÷ one of 100, on the screen", content / base)
    for width, height in ((58, 12), (120, 20), (180, 40)):
        cost = best(lambda size=(width, height): draw_content(charts[100], *size))
        measured(f"chart of {width}×{height} ÷ one of 80×20", cost / base)
    cached = best(lambda: draw_cached("benchmark", lambda: charts[100], 80, 20))
    measured("chart drawn before ÷ drawn anew", cached / base)


@pytest.mark.benchmark
def test_showing_a_clean_text_costs_little_more_than_copying_it(measured: Measured) -> None:
    texts = {"ASCII": "x" * 1_000_000, "lines": ("x" * 79 + "\n") * 12_500, "wide": "漢字かな" * 250_000}
    for name, text in texts.items():
        copy = best(lambda text=text: text.encode("utf-8"))
        shown = best(lambda text=text: visible(text, multiline=True))
        measured(f"1 MB of {name} made visible ÷ one encode", shown / copy)
    short = min(timeit.repeat(lambda: visible("<answer>212</answer>"), number=10_000, repeat=5)) * 100
    measured("a short reply made visible", short, "µs")
