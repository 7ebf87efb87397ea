"""Every declared package is imported by the product, and every import is declared.

Extras count as declared: the product may import them where they are installed. `dev` packages and the packages
named in BY_COMMAND are run, not imported.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
BY_COMMAND: set[str] = set()
"""Packages that are run as a command or bring data, and are never imported."""
IMPORT_NAMES = {"cluster": {"distributed"}}
"""What an extra's packages are imported as, where the package is not installed here."""


def normal(name: str) -> str:
    """A distribution's name as the package index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> tuple[set[str], set[str]]:
    """(required, optional) distributions of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def names(requirements: list[str]) -> set[str]:
        return {normal(re.split(r"[\s\[<>=!~;]", text, maxsplit=1)[0]) for text in requirements}

    extras = project.get("optional-dependencies", {})
    optional = set().union(
        *(names(packages) for extra, packages in extras.items() if extra not in ("dev", "oracles"))
    )
    return names(project["dependencies"]), optional


def imported() -> dict[str, str]:
    """Each foreign top-level module that the product imports, by name or by a literal `import_module`, and where."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "lhe_tui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
                "import_module",
                "find_spec",
            ):
                names = [
                    arg.value
                    for arg in node.args
                    if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                ]
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names and top != "lhe_tui":
                    found.setdefault(top, str(path.relative_to(ROOT)))
    return found


def main() -> int:
    """Print what is wrong; 1 where anything is."""
    required, optional = declared()
    providers = packages_distributions()
    faults: list[str] = []
    used: set[str] = set()
    for module, where in imported().items():
        distributions = {normal(name) for name in providers.get(module, ())} or {normal(module)}
        used |= distributions
        if not distributions & (required | optional):
            faults.append(f"{where} imports {module}, which pyproject.toml does not declare")
    faults += [f"{name} is declared and never imported" for name in sorted(required - used - BY_COMMAND)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
