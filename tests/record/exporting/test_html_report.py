"""The HTML report: complete, small, without scripts or network, and deaf to what replies say."""

from __future__ import annotations

import hashlib
import random
import re
from base64 import b64encode
from html.parser import HTMLParser

import pytest

from lhe_tui.engine.events import ControlsChanged, TurnFinished
from lhe_tui.engine.state import RunState
from lhe_tui.launch.repeat import repeat_words
from lhe_tui.record.exporting.html_report import html_report
from lhe_tui.record.exporting.html_turns import worst_turns
from lhe_tui.record.exporting.repeat_words import RepeatWords
from lhe_tui.task.controls import Controls
from tests.hostile_session import folded, hostile_events
from tests.hostile_texts import HOSTILE, forbidden
from tests.sessions import header, turns, whole_run

VOID = {"meta", "rect", "path", "circle"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "nav", "main", "footer", "section", "article", "h1",
    "h2", "h3", "h4", "p", "div", "span", "b", "i", "sub", "a", "code", "pre", "table", "thead", "tbody", "tr", "th",
    "td", "details", "summary", "figure", "figcaption", "svg", "desc", "clippath", "rect", "path", "circle", "text",
    "g",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "id", "class", "href", "scope", "tabindex", "role",
    "aria-label", "aria-labelledby", "aria-hidden", "viewbox", "preserveaspectratio", "width", "height", "x", "y", "d",
    "cx", "cy", "r", "clip-path", "transform",
}  # fmt: skip


class Page(HTMLParser):
    """Reads a page strictly: every tag known and closed, every attribute known."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, name
            if name == "href":
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def controlled_run() -> RunState:
    head = header(samples=8, turns=30, k=2)
    state = RunState(head)
    state.apply(ControlsChanged(10, (("inject", 0.5),), "script"))
    state.apply(ControlsChanged(20, (("prune", "window:3"),)))
    rng = random.Random(3)
    for turn in range(1, 31):
        for number, sample in enumerate(state.samples, 1):
            basis = sample.history.view(state.controls_at(turn)).basis or 0
            answer = basis + sample.history.gain(turn) + (rng.random() < 0.2) * 10
            state.apply(TurnFinished(number, turn, 1.0, f"<answer>{answer}</answer>", latency=0.5))
    return state


@pytest.fixture(scope="module")
def page() -> Page:
    state = controlled_run()
    repeat = repeat_words(state, "mine.jsonl")
    return Page(html_report(state, file="mine.jsonl", repeat=repeat))


def test_the_page_says_what_was_run_and_how_it_went(page: Page) -> None:
    for words in (
        "sim/large simulated", "30 turns × 8 samples", "horizon H0.5", "task accuracy at turn 30",
        "wrong transitions shown", "Format failures", "injection 50 % own", "pruning window 3", "mine.jsonl",
        "odds of a slip", "digit slip",
    ):  # fmt: skip
        assert words in page.text


def test_the_page_gives_the_command_that_repeats_the_run(page: Page) -> None:
    assert "--turns 30 -k 2 --samples 8" in page.text
    assert "--at 10:inject=0.5 --at 20:prune=window:3" in page.text


def test_worst_turns_carry_their_request_with_what_was_done_to_it(page: Page) -> None:
    assert "The worst turns" in page.text
    assert "Pruned from the request" in html_of_a_pruned_turn()
    assert "injected" in page.text


def html_of_a_pruned_turn() -> str:
    head = header(samples=1, turns=6, controls=Controls())
    state = RunState(head)
    state.apply(ControlsChanged(2, (("prune", "window:1"),)))
    for event in turns(head, 0.0)[:5]:
        state.apply(event)
    state.apply(TurnFinished(1, 6, 9.0, "<answer>123456</answer>"))
    return html_report(state)


def test_links_stay_on_the_page_and_ids_are_unique(page: Page) -> None:
    assert len(set(page.ids)) == len(page.ids)
    assert page.links
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)


def test_the_page_forbids_everything_but_its_own_style() -> None:
    text = html_report(controlled_run())
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in text
    assert "@import" not in style
    assert "url(" not in style
    for rule in ("prefers-color-scheme:dark", "@media print", "max-width:640px"):
        assert rule in style


def test_no_address_leads_out_of_the_page() -> None:
    text = html_report(controlled_run())
    assert not re.search(r"(?:src|href|action|data|poster|srcset)\s*=\s*[\"'](?!#)", text)
    assert "http://" not in text
    assert "https://" not in text


def test_a_hostile_session_makes_a_sound_page() -> None:
    text = html_report(
        folded(hostile_events()),
        file=HOSTILE["HTML"],
        warnings=[HOSTILE["HTML"], HOSTILE["OSC 0 title"]],
        repeat=RepeatWords([[HOSTILE["HTML"], "a\nb"]], [HOSTILE["HTML"]]),
    )
    assert forbidden(text, newlines=True) == []
    found = Page(text)
    assert "<script>alert(1)</script>" in found.text
    assert "script" not in re.findall(r"<(\w+)", text)
    assert len(text.encode()) < 2_000_000


def test_long_replies_stay_under_two_megabytes() -> None:
    head = header(samples=16, turns=60, controls=Controls(mode="cot"))
    state = RunState(head)
    reasoning = "Look up the key & add: <b>é</b> 漢字 \x1b[31m so the sum is 12 + 30 = 42.\n" * 30
    for turn in range(1, 61):
        for sample in range(1, 17):
            answer = turn * sample
            state.apply(
                TurnFinished(sample, turn, 1.0, f"{reasoning}<answer>{answer}</answer>", reasoning=reasoning)
            )
    text = html_report(state)
    assert len(text.encode()) < 2_000_000
    Page(text)


def test_a_flawless_run_has_no_worst_turns() -> None:
    state = folded(whole_run(header(samples=2, turns=5), 0.0))
    assert worst_turns(state) == []
    assert "there is no slip to explain" in Page(html_report(state)).text


def test_the_first_slips_of_samples_come_first_and_given_turns_never() -> None:
    head = header(samples=2, turns=4)
    state = RunState(head)
    state.apply(TurnFinished(1, 1, 1.0, "<answer>9999</answer>", edited=True))
    state.apply(TurnFinished(2, 1, 1.0, "no tag"))
    state.apply(TurnFinished(1, 2, 1.0, "<answer>1</answer>"))
    chosen = [(turn.sample, turn.record.turn) for turn in worst_turns(state)]
    assert chosen == [(2, 1), (1, 2)]


def test_a_thousand_turns_stay_a_page() -> None:
    state = folded(whole_run(header(samples=3, turns=1000), 0.05))
    text = html_report(state)
    assert "A cell is the worst of 5 turns" in text
    assert len(text.encode()) < 2_000_000
