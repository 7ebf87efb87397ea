"""A session as one HTML page that stands alone: no script, no network, nothing in a reply that could act."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Template

from lhe_tui import __version__
from lhe_tui.engine.state import RunState
from lhe_tui.record.exporting import html_figures, html_sections
from lhe_tui.record.exporting.html_elements import anchor, count, section
from lhe_tui.record.exporting.html_turns import turn_article, worst_turns
from lhe_tui.record.exporting.svg_style import chart_style
from lhe_tui.record.report import report, rescored
from lhe_tui.task.scoring import Rules
from lhe_tui.text.visible import html_text


def html_report(
    state: RunState, *, file: str = "SESSION.jsonl", rules: Rules | None = None, warnings: Sequence[str] = ()
) -> str:
    """The page. `file` is the session's name; `warnings` say what of it could not be read."""
    state = rescored(state, rules or state.rules)
    style, parts = _style(), _sections(state, file)
    header, spec = state.header, state.spec
    simulated = " (simulated)" if header.simulated else ""
    model = html_text(header.controls.model, limit=120)
    task = f"{spec.variant} K={spec.turn_complexity} {header.controls.mode}"
    size = f"{count(spec.turns, 'turn')} × {count(spec.samples, 'sample')}"
    return _template().substitute(
        style=style,
        style_hash=b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii"),
        version=html_text(__version__),
        title=f"{model}{simulated} · {task} · lhe-tui report",
        heading=html_sections.model_markup(header.controls.model),
        lead=f"{task} · {size} · seed {html_text(str(spec.seed), limit=40)}",
        created=html_text(header.created),
        session=html_text(header.session),
        warnings=html_sections.warnings_markup(warnings),
        headline=html_sections.headline(state, report(state, state.rules)),
        contents=" · ".join(f'<a href="#{anchor(title)}">{title}</a>' for title in parts),
        body="\n".join(section(title, part) for title, part in parts.items()),
    )


def _sections(state: RunState, file: str) -> dict[str, str]:
    """The page's parts under their titles; one without a word is left out."""
    document = report(state, state.rules)
    accuracy = html_figures.accuracy_figure(state, document) + html_sections.per_turn(state, document)
    parts = {
        "Accuracy": accuracy,
        "Samples × turns": html_figures.strip_figure(state),
        "Outcomes and slips": html_sections.mistakes(state, document),
        "The shown history": html_sections.history(state, document),
        "Settings": html_sections.settings(state, document),
        "Provenance": html_sections.provenance(state, file, __version__),
        "Notices": html_sections.notices(state),
        "Running sums": html_figures.sums_figure(state),
        "The worst turns": _worst(state),
        "Tokens and time": html_sections.costs(state, document),
        "Prompt": html_sections.prompt(state),
    }
    return {title: part for title, part in parts.items() if part}


def _worst(state: RunState) -> str:
    chosen = worst_turns(state)
    if not chosen:
        return ""
    note = "Where samples first went wrong, earliest first, and then the answers furthest from what was due."
    return f'<p class="note">{note}</p>' + "\n".join(turn_article(state, turn) for turn in chosen)


@cache
def _template() -> Template:
    return Template((files("lhe_tui.record.exporting") / "report.html").read_text(encoding="utf-8"))


@cache
def _style() -> str:
    return (
        "\n" + (files("lhe_tui.record.exporting") / "report.css").read_text(encoding="utf-8") + chart_style()
    )
