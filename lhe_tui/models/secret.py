"""A key that can be used but not seen: no repr, no pickle, no traceback shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

MASK = "[key]"
_SHORTEST_PIECE = 8
# Every key that this process has used: a crash report does not know which texts held one.
_USED: list[Secret] = []


class Secret:
    """A key; `reveal()` is the only way to its text, `redact()` removes it from foreign text."""

    __slots__ = ("_reveal",)

    def __init__(self, text: str) -> None:
        # A closure and not an attribute: whoever prints the attributes of an object prints no key.
        self._reveal: Callable[[], str] = lambda: text
        if all(known.reveal() != text for known in _USED):
            _USED.append(self)

    def reveal(self) -> str:
        """The key itself: for the header of a request, never for a variable that lives on."""
        return self._reveal()

    def redact(self, text: str) -> str:
        """`text` without the key, nor any piece of it that is eight characters or longer."""
        hidden = _hidden_positions(text, self._reveal())
        if not hidden:
            return text
        pieces: list[str] = []
        for position, character in enumerate(text):
            if position not in hidden:
                pieces.append(character)
            elif position - 1 not in hidden:
                pieces.append(MASK)
        return "".join(pieces)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is never written down")


def redact_used_keys(text: str) -> str:
    """`text` without any key that this process has used, nor a longer piece of one."""
    for secret in _USED:
        text = secret.redact(text)
    return text


def _hidden_positions(text: str, key: str) -> set[int]:
    width = min(_SHORTEST_PIECE, len(key))
    if width == 0:
        return set()
    pieces = {key[start : start + width] for start in range(len(key) - width + 1)}
    starts = (start for start in range(len(text) - width + 1) if text[start : start + width] in pieces)
    return {position for start in starts for position in range(start, start + width)}
