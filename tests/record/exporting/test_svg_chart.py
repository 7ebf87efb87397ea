"""Charts as SVG: whole, legible without colour, and deaf to what labels say."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from lhe_tui.charts.data import Chart, Mark, Series
from lhe_tui.record.exporting.svg_chart import Figure, svg_document, svg_figure
from tests.each import each
from tests.hostile_texts import HOSTILE_TEXTS, forbidden

SVG = "{http://www.w3.org/2000/svg}"
POINTS = [(float(turn), 1 / turn) for turn in range(1, 11)]


def parsed(chart: Chart, title: str = "t", description: str = "d") -> ElementTree.Element:
    return ElementTree.fromstring(svg_document([Figure(chart, title, description)]))


def paths(root: ElementTree.Element, look: str) -> list[str]:
    return [path.get("d", "") for path in root.iter(f"{SVG}path") if look in path.get("class", "").split()]


def test_a_curve_goes_through_its_points() -> None:
    root = parsed(Chart([Series([(1, 0.0), (2, 1.0), (3, 0.5)])], x_range=(1, 3), y_range=(0, 1)))
    (curve,) = paths(root, "curve")
    (x1, y1), (x2, y2), (x3, y3) = [tuple(map(float, p.split())) for p in curve[1:].split("L")]
    assert x1 < x2 < x3
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert y1 > y3 > y2
    assert y1 - y3 == pytest.approx(y3 - y2, abs=0.2)


def test_a_gap_cuts_a_curve_and_a_lone_point_is_a_dot() -> None:
    root = parsed(Chart([Series([(1, 0.5), (2, 0.5), (3, None), (4, 0.5)])]))
    assert len(paths(root, "curve")) == 1
    assert len(list(root.iter(f"{SVG}circle"))) == 1


def test_a_band_is_cut_where_turns_are_missing() -> None:
    band = [(1.0, 0.1, 0.9), (2.0, 0.2, 0.8), (4.0, 0.3, 0.7), (5.0, 0.3, 0.7)]
    chart = Chart([Series([(1, 0.5), (5, 0.5)], band=band)], legend=False)
    assert len(paths(parsed(chart), "band")) == 2


def test_series_are_told_apart_by_their_line_and_not_by_colour_alone() -> None:
    roles = ("turn", "task", "theory", "reference")
    root = parsed(Chart([Series(POINTS, role, role) for role in roles], legend=False))
    lines = {
        word
        for path in root.iter(f"{SVG}path")
        if "curve" in (look := path.get("class", "").split())
        for word in look
        if word in ("thin", "thick", "dotted", "dashed")
    }
    assert lines == {"thin", "thick", "dotted", "dashed"}


def test_marks_have_a_line_and_a_label_and_too_many_keep_their_lines() -> None:
    few = Chart([Series(POINTS)], marks=[Mark(3, "injection 25 %"), Mark(5, "window 5")])
    root = parsed(few)
    assert len(paths(root, "mark")) == 2
    assert {"injection 25 %", "window 5"} <= {text.text for text in root.iter(f"{SVG}text")}
    many = Chart([Series(POINTS)], marks=[Mark(x / 10, f"a long label number {x}") for x in range(10, 90)])
    root = parsed(many)
    assert len(paths(root, "mark")) == 80
    assert len([text for text in root.iter(f"{SVG}text") if text.get("class", "").startswith("mark")]) < 20


def test_wild_values_and_no_values_make_a_picture() -> None:
    wild = Series([(1, float("nan")), (2, float("inf")), (3, 1e300), (4, -1e300)])
    parsed(Chart([wild], y_range=(0, 1)))
    parsed(Chart([Series([(1, 0.0), (2, 5.0)])], y_log=True))
    assert any(text.text == "no turns yet" for text in parsed(Chart()).iter(f"{SVG}text"))
    for width, height in ((1, 1), (40, 900)):
        ElementTree.fromstring(
            svg_figure(Figure(Chart([Series(POINTS, "a")]), "t", width=width, height=height))
        )


def test_a_long_curve_has_no_more_points_than_can_be_seen() -> None:
    long = Series([(float(x), (x * 7919 % 1000) / 1000) for x in range(100_000)])
    assert len(svg_document([Figure(Chart([long]), "t")])) < 60_000


def test_a_picture_has_a_title_and_a_description() -> None:
    root = parsed(Chart([Series(POINTS)]), "the title", "the description")
    inner = next(root.iter(f"{SVG}g")).find(f"{SVG}svg")
    assert inner is not None
    title, words = inner.find(f"{SVG}title"), inner.find(f"{SVG}desc")
    assert title is not None
    assert words is not None
    assert (title.text, words.text) == ("the title", "the description")
    assert inner.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"


def test_a_picture_is_legible_in_light_and_dark_and_fetches_nothing() -> None:
    text = svg_document([Figure(Chart([Series(POINTS, "a", "turn")]), "t")])
    assert "prefers-color-scheme:dark" in text
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"<script|href=|@import|url\((?!#)|\son\w+=", text)


@each("words", HOSTILE_TEXTS)
def test_hostile_labels_are_shown_and_never_act(words: str) -> None:
    chart = Chart(
        [Series(POINTS, words, band=[(1, 0, 1)], band_label=words)],
        title=words, marks=[Mark(2, words)], x_label=words, y_label=words, empty=words,
    )  # fmt: skip
    text = svg_document([Figure(chart, words, words)])
    assert forbidden(text, newlines=True) == []
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(text).iter()}
    assert tags <= {"svg", "style", "rect", "text", "g", "title", "desc", "clipPath", "path", "circle"}
    assert len(text) < 40_000
