"""Every benchmark in one command: a table of ratios, and a JSON file that a later run can be compared with.

python -m tests.benchmarks                              # all of them, some minutes on a quiet machine
python -m tests.benchmarks -k record --json now.json    # some of them, written down
python -m tests.benchmarks --compare before.json        # with what they were then
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


def measure(chosen: str | None) -> tuple[int, list[dict[str, object]]]:
    """Run the benchmarks one after another; pytest's exit code, and the rows."""
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.json"
        words = [sys.executable, "-m", "pytest", str(HERE), "-m", "benchmark", "--figures", str(figures)]
        done = subprocess.run(words + (["-k", chosen] if chosen else []), cwd=HERE.parents[1], check=False)
        rows = json.loads(figures.read_text()) if figures.exists() else []
    return done.returncode, rows


def table(rows: list[dict[str, object]], before: dict[object, object]) -> str:
    """The rows as text; with what they were before, and whether they keep to their budget."""
    lines = []
    for row in rows:
        value, most = float(str(row["value"])), row["at_most"]
        budget = "" if most is None else f"at most {most:g}" + ("" if value <= float(str(most)) else "  OVER")
        was = f"was {before[row['name']]:g}" if row["name"] in before else ""
        lines.append(f"{row['name']:<58} {value:>9.4g} {row['unit']:<6} {budget:<22} {was}".rstrip())
    return "\n".join(lines)


def main() -> int:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("-k", dest="chosen", help="only benchmarks whose name matches")
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--compare", type=Path, help="rows of an earlier run")
    options = parser.parse_args()
    before = {}
    if options.compare:
        before = {row["name"]: row["value"] for row in json.loads(options.compare.read_text())}
    code, rows = measure(options.chosen)
    print(table(rows, before))
    if options.json:
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
