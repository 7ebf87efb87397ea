"""The style of exported charts: plain colours that any viewer knows, and darker ones where the reader asks for dark."""

from __future__ import annotations

from lhe_tui.charts.colours import DARK, LIGHT, ROLES, ChartTheme

_SHAPES = """
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:currentColor}
svg .title{font-size:14px;font-weight:600}
.curve{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round;stroke:currentColor}
.curve.thick{stroke-width:3}
.curve.dotted{stroke-dasharray:0.1 4.5;stroke-width:2.2}
.curve.dashed{stroke-dasharray:7 4}
.curve.dimmed{opacity:.4}
.curve.dot{stroke:none;fill:currentColor}
.band{stroke:none;fill:currentColor;fill-opacity:.16}
.grid,.axis,.level{fill:none;stroke-width:1}
.grid{opacity:.35}
.level{stroke-dasharray:6 4}
svg path.mark{fill:none;stroke-width:1.4;stroke-dasharray:3 3}
.tick.x,.note{text-anchor:middle}
.tick.y,svg text.end{text-anchor:end}
"""


def chart_style(*, paper: bool = False) -> str:
    """The rules for every chart of a page; `paper`: and for the ground under a picture that stands alone."""
    light, dark = _colours(LIGHT, paper), _colours(DARK, paper)
    return f"{_SHAPES}{light}@media (prefers-color-scheme:dark){{\n{dark}}}\n@media print{{\n{light}}}\n"


def _colours(theme: ChartTheme, paper: bool) -> str:
    rules = [f".s-{role}{{color:{theme.of(role)}}}" for role in sorted(ROLES)]
    rules += [f".s-{place}{{color:{colour}}}" for place, colour in enumerate(theme.palette, 1)]
    rules.append(f".grid,.axis,.level{{stroke:{theme.axis}}}")
    rules.append(f"svg path.mark{{stroke:{theme.mark}}}svg text.mark{{fill:{theme.mark}}}")
    rules.append(f"svg .tick,svg .note{{fill:{theme.text}}}")
    if paper:
        ink = "#1d2330" if theme is LIGHT else "#e6e9f0"
        ground = "#ffffff" if theme is LIGHT else theme.background
        rules.append(f".paper{{fill:{ground}}}svg{{color:{ink}}}")
    return "\n".join(rules) + "\n"
