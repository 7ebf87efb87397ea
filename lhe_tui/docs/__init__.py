"""Documents that ship with the package: architecture, recipes, formats, glossary."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def page_path(name: str) -> Path:
    """Where a page lies, by its name without `.md`."""
    return _FOLDER / f"{name}.md"


def pages() -> dict[str, str]:
    """Every page's name and title, by name."""
    titles = {}
    for path in sorted(_FOLDER.glob("*.md")):
        with path.open(encoding="utf-8") as lines:
            titles[path.stem] = next(lines, "").lstrip("# ").rstrip()
    return titles
