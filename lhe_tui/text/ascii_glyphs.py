"""What stands for the letters of charts, marks and tables where a stream can encode only ASCII. Pure.

Each glyph of a chart is one cell wide, so that charts and tables keep their columns.
"""

from __future__ import annotations

import codecs
from typing import Final

ERRORS: Final = "lhe_tui.glyphs"
"""The name of the error handler, for `errors=` of a text stream."""
_PAIRS: Final = (
    "·|", "…~", "–-", "—-", "−-", "‐-", "‧.", "‰%", "•*", "×x", "÷/", "±~", "≈~", "’'", "‘'", '“"', '”"',
    "✓v", "✗x", "✎e", "✚+", "■#", "□.", "▪#", "▤#", "●*", "○o", "◌o", "◐o", "◆*", "◇o", "▲^", "△^", "▼v",
    "▶>", "▸>", "›>", "»>", "→>", "⇢>", "⇒>", "◄<", "‹<", "«<", "←<", "↑^", "↓v", "↵<",
    "─-", "━=", "│|", "┃|", "‖|", "┆:", "┊:", "╌-", "┄.", "┈.", "┤+", "├+", "└+", "┘+", "┌+", "┐+", "┬+", "┴+", "┼+",
    "╭+", "╮+", "╰+", "╯+", "░:", "▒%", "▓#", "█#", "▀^", "▌|", "▐|", "▏|", "▎|", "▍|", "▋#", "▊#", "▉#",
    "▁_", "▂.", "▃-", "▄=", "▅+", "▆*", "▇%", "⟨<", "⟩>", "⌈[", "⌉]", "∞~", "τt", "ΣS", "§S", "␡?", "␉ ", "⁞:", "＝=",
    "＋+", "－-", "＠@",
)  # fmt: skip
_GLYPHS: Final = {
    **{pair[0]: pair[-1] for pair in _PAIRS},
    "≠": "!=",
    **{chr(0x2080 + digit): str(digit) for digit in range(10)},
    **{chr(0x2460 + number): "123456789abcdefghijk"[number] for number in range(20)},
    **{chr(0x2400 + code): "^" for code in range(32) if code != 0x09},
}
_BRAILLE: Final = 0x2800
_LEFT_DOTS: Final = (0x01, 0x02, 0x04, 0x40)
_RIGHT_DOTS: Final = (0x08, 0x10, 0x20, 0x80)


def glyph(character: str) -> str:
    """The ASCII glyph that stands for a character; `?` where there is none."""
    if 0 <= ord(character) - _BRAILLE < 256:
        return _braille(ord(character) - _BRAILLE)
    return _GLYPHS.get(character, "?")


def _braille(dots: int) -> str:
    """The stroke that a cell of 2 × 4 dots shows: its height where it is flat, else its slope."""
    left = [row for row, dot in enumerate(_LEFT_DOTS) if dots & dot]
    right = [row for row, dot in enumerate(_RIGHT_DOTS) if dots & dot]
    rows = {*left, *right}
    if not rows:
        return " "
    if max(rows) - min(rows) < 2:
        return "'--_"[round(sum(rows) / len(rows))]
    if not left or not right or sum(left) * len(right) == sum(right) * len(left):
        return "|"
    return "\\" if sum(left) / len(left) < sum(right) / len(right) else "/"


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(glyph, error.object[error.start : error.end])), error.end


def register() -> None:
    """Make the error handler known by its name; as often as one likes."""
    codecs.register_error(ERRORS, _replace)
