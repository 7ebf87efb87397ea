"""A session as one HTML page that stands alone: no script, no network, nothing in a reply that could act.

The page is a template (`report.html`, `parts.html`). What is put in it is a text, which is made visible and escaped,
or markup of our own, which says so by its type.
"""

from __future__ import annotations

import hashlib
import shlex
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from lhe_tui.engine.state import RunState
from lhe_tui.record.annotations import annotations_of
from lhe_tui.record.exporting import html_figures, html_sections
from lhe_tui.record.exporting.html_turns import turn_parts, worst_turns
from lhe_tui.record.exporting.html_words import anchor, bounded, count, cut, plain
from lhe_tui.record.exporting.repeat_words import RepeatWords
from lhe_tui.record.exporting.svg_style import chart_style
from lhe_tui.record.report import report, rescored
from lhe_tui.task.scoring import Rules
from lhe_tui.version import __version__


def html_report(
    state: RunState,
    *,
    file: str = "SESSION.jsonl",
    rules: Rules | None = None,
    warnings: Sequence[str] = (),
    repeat: RepeatWords | None = None,
) -> str:
    """The page. `file` is the session's name; `warnings` say what of it could not be read, `repeat` how to run it."""
    state = rescored(state, rules or state.rules)
    document = report(state, state.rules)
    header, spec, style = state.header, state.spec, _style()
    notes, written = html_sections.notes(state), annotations_of(state.notes)
    notices, more_notices = html_sections.notices(state)
    worst = [turn_parts(state, chosen) for chosen in worst_turns(state)]
    return (
        _environment()
        .get_template("report.html")
        .render(
            style=Markup(style),
            style_hash=b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii"),
            version=__version__,
            header=header,
            spec=spec,
            task=f"{spec.variant} K={spec.turn_complexity} {header.controls.mode}",
            titles=_titles(notes=bool(notes), notices=bool(notices), worst=bool(worst)),
            warnings=warnings,
            cards=html_sections.cards(state, document),
            accuracy=html_figures.accuracy_figure(state, document),
            per_turn=html_sections.per_turn(state, document),
            strip=html_figures.strip_figure(state),
            mistakes=html_sections.mistakes(state, document),
            history=html_sections.history(state, document),
            settings=html_sections.settings(state, document),
            changes=html_sections.changes(state),
            provenance=html_sections.provenance(state, file, __version__),
            repeat=repeat,
            written=written,
            notes=notes,
            notices=notices,
            more_notices=more_notices,
            sums=html_figures.sum_figures(state),
            more_sums=max(0, len(state.samples) - html_figures.MULTIPLES),
            worst=worst,
            costs=html_sections.costs(state, document),
            prompt=html_sections.prompt(state),
            prompt_bytes=html_sections.PROMPT_BYTES,
        )
    )


def _titles(*, notes: bool, notices: bool, worst: bool) -> list[str]:
    """The sections of the page in order; some stand only where there is something to show."""
    return [
        "Accuracy",
        "Samples × turns",
        "Outcomes and slips",
        "The shown history",
        "Settings",
        "Provenance",
        *(["Notes"] if notes else []),
        *(["Notices"] if notices else []),
        "Running sums",
        *(["The worst turns"] if worst else []),
        "Tokens and time",
        "Prompt",
    ]


@cache
def _environment() -> Environment:
    place = files("lhe_tui.record.exporting")
    names = ("report.html", "parts.html")
    environment = Environment(
        loader=DictLoader({name: (place / name).read_text(encoding="utf-8") for name in names}),
        autoescape=True,
        finalize=plain,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"cut": cut, "bounded": bounded}
    environment.globals |= {"anchor": anchor, "count": count, "quote": shlex.quote, "newline": Markup("\n")}
    return environment


@cache
def _style() -> str:
    return (
        "\n" + (files("lhe_tui.record.exporting") / "report.css").read_text(encoding="utf-8") + chart_style()
    )
