"""A style sheet that parses each source once. Textual's own parses all of them again for every screen that opens."""

from __future__ import annotations

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_SOURCES = 1_000
"""More than there are: Textual keeps 64, and reads them in a circle."""


class KeptStylesheet(Stylesheet):
    """What was parsed stays, until the variables change with the theme."""

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Forget what was parsed, if they are others."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse what is new."""
        self.parse()
