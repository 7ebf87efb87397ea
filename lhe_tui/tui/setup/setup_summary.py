"""What a run that is being set up comes to, in three lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from lhe_tui.engine.estimate import RunEstimate
from lhe_tui.launch.models import requests_at_once
from lhe_tui.models.base import ModelInfo
from lhe_tui.models.catalogue import has_no_server
from lhe_tui.text.counts import counted
from lhe_tui.text.visible import visible
from lhe_tui.tui.picker.model_groups import short_count
from lhe_tui.tui.setup.first_request import FirstRequest

if TYPE_CHECKING:
    from lhe_tui.launch.run_config import RunConfig


def summary(config: RunConfig, first: FirstRequest, info: ModelInfo, hint: str, *, narrow: bool) -> Content:
    """Model and task, requests and tokens, time or price; `hint` tells of the field that has the focus."""
    spec, run = first.spec, first.run
    at_once = min(spec.samples, config.concurrency or requests_at_once([info], spec.samples))
    simulated = info.name.startswith("sim/")
    name = visible(info.name, limit=80) + (" (simulated)" if simulated else "")
    where = f" at {visible(config.base_url, limit=80)}" if config.base_url else ""
    task = f" · {spec.variant} K={spec.turn_complexity} {config.controls.mode}"
    size = f"{counted(spec.turns, 'turn')} × {counted(spec.samples, 'sample')} · {counted(run.requests, 'request')}"
    size += f", {at_once} at once"
    last = _time_words(first, config.speed, at_once) if simulated else _price_words(run, info)
    if hint and narrow:
        last = ""
    return Content("\n").join(
        [
            Content.assemble((name, "bold"), (where, "$dim"), task),
            Content(f"{size} · ≈ {short_count(run.tokens)} tokens"),
            Content.assemble((last, "$dim"), "   " if last else "", (hint, "italic $dim")),
        ]
    )


def _price_words(run: RunEstimate, info: ModelInfo) -> str:
    if has_no_server(info.name):
        return "runs on this machine, and costs nothing"
    dollars = run.dollars(info.price_prompt, info.price_completion)
    return "its price is not known here" if dollars is None else f"≈ ${dollars:,.2f}, before any caching"


def duration_words(seconds: float) -> str:
    """A time for people: `12 s`, `1:05 min`, `2:10 h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600:,}:{whole % 3600 // 60:02} h"


def _time_words(first: FirstRequest, speed: float | None, at_once: int) -> str:
    """How long a simulated run takes, at a pace or without."""
    if speed is None:
        return "as fast as it goes, free"
    seconds = first.run.seconds(first.spec, at_once, speed)
    return f"about {duration_words(seconds)} at {speed:g} tokens/s, free"
