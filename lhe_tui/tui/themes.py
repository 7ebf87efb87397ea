"""The app's own themes, and the colour variables that all screens draw with (`$correct`, `$wrong`, …)."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

DARK: Final = "lhe-dark"
LIGHT: Final = "lhe-light"
ANSI: Final = "lhe-ansi"

_DARK = Theme(
    name=DARK,
    primary="#7aa2d6",
    secondary="#5e7ba3",
    accent="#d9b26a",
    warning="#d9a05b",
    error="#dd7f7f",
    success="#86b98a",
    foreground="#d3d8e0",
    background="#14171c",
    surface="#1a1e25",
    panel="#232932",
    variables={
        "correct": "#86b98a",
        "wrong": "#dd7f7f",
        "odd": "#c99be0",
        "failed": "#8d97a6",
        "injected": "#d9a05b",
        "healed": "#74b8b0",
        "pruned": "#8d97a6",
        "dim": "#8d97a6",
        "rule": "#343c48",
        "curve-turn": "#7aa2d6",
        "curve-task": "#86b98a",
        "curve-theory": "#8d97a6",
        "footer-key-foreground": "#d9b26a",
        "footer-background": "#1a1e25",
        "block-cursor-background": "#31435c",
        "block-cursor-foreground": "#f0f3f7",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#262d38",
        "block-cursor-blurred-foreground": "#d3d8e0",
        "input-cursor-background": "#d9b26a",
        "input-selection-background": "#7aa2d6 35%",
        "scrollbar": "#343c48",
        "scrollbar-hover": "#465060",
        "scrollbar-active": "#7aa2d6",
        "scrollbar-background": "#14171c",
        "scrollbar-background-hover": "#14171c",
        "scrollbar-background-active": "#14171c",
        "border": "#5e7ba3",
        "border-blurred": "#343c48",
    },
)

_LIGHT = Theme(
    name=LIGHT,
    primary="#2f5f9e",
    secondary="#54749c",
    accent="#8a5a00",
    warning="#96590c",
    error="#a83232",
    success="#2c6b34",
    foreground="#22272e",
    background="#f6f5f1",
    surface="#eeece6",
    panel="#e2dfd6",
    dark=False,
    variables={
        "correct": "#2c6b34",
        "wrong": "#a83232",
        "odd": "#7a3f9a",
        "failed": "#646b75",
        "injected": "#96590c",
        "healed": "#1f6f68",
        "pruned": "#646b75",
        "dim": "#5f6670",
        "rule": "#cbc7bb",
        "curve-turn": "#2f5f9e",
        "curve-task": "#2c6b34",
        "curve-theory": "#646b75",
        "footer-key-foreground": "#8a5a00",
        "footer-background": "#eeece6",
        "block-cursor-background": "#c9d8ec",
        "block-cursor-foreground": "#101418",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#e2dfd6",
        "block-cursor-blurred-foreground": "#22272e",
        "input-cursor-background": "#8a5a00",
        "input-cursor-foreground": "#f6f5f1",
        "input-selection-background": "#2f5f9e 25%",
        "scrollbar": "#cbc7bb",
        "scrollbar-hover": "#b5b0a1",
        "scrollbar-active": "#2f5f9e",
        "scrollbar-background": "#f6f5f1",
        "scrollbar-background-hover": "#f6f5f1",
        "scrollbar-background-active": "#f6f5f1",
        "border": "#54749c",
        "border-blurred": "#cbc7bb",
    },
)

_ANSI = Theme(
    name=ANSI,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_yellow",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    ansi=True,
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "correct": "ansi_green",
        "wrong": "ansi_red",
        "odd": "ansi_magenta",
        "failed": "ansi_bright_black",
        "injected": "ansi_yellow",
        "healed": "ansi_cyan",
        "pruned": "ansi_bright_black",
        "dim": "ansi_bright_black",
        "rule": "ansi_bright_black",
        "curve-turn": "ansi_blue",
        "curve-task": "ansi_green",
        "curve-theory": "ansi_bright_black",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_white",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-foreground": "ansi_default",
        "block-cursor-blurred-background": "ansi_default",
        "input-cursor-background": "ansi_black",
        "input-cursor-foreground": "ansi_bright_white",
        "input-selection-background": "ansi_bright_blue",
        "input-selection-foreground": "ansi_black",
        "footer-key-foreground": "ansi_yellow",
        "border": "ansi_blue",
        "border-blurred": "ansi_bright_black",
    },
)

THEMES: Final = (_DARK, _LIGHT, _ANSI)
THEME_TITLES: Final = {DARK: "dark", LIGHT: "light", ANSI: "the terminal's own colours"}

OWN_VARIABLES: Final = tuple(name for name in _DARK.variables if "-" not in name or name.startswith("curve-"))


def default_variables() -> dict[str, str]:
    """Our own colour variables, for themes that are not ours."""
    return {name: _DARK.variables[name] for name in OWN_VARIABLES if name not in ("scrollbar", "border")}


def next_theme(current: str) -> str:
    """The theme after `current` in our own order; the first after any other."""
    names = list(THEME_TITLES)
    at = names.index(current) if current in names else -1
    return names[(at + 1) % len(names)]
