"""The reliability figures in one command: what is tried, point by point, and what survived it.

python -m tests.reliability             # counts what is tried, in seconds
python -m tests.reliability --run       # tries it all; LHE_KILLS=200 and LHE_SOAK_SECONDS=600 make it the long way
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.hostile_texts import HOSTILE

ROOT = Path(__file__).parents[1]
POINTS: dict[str, tuple[str, ...]] = {
    "faults of servers, each on a real socket": (
        "tests/models/openai/test_openai_compatible_connections.py",
        "tests/models/openai/test_openai_compatible_errors.py",
        "tests/models/openai/test_openai_compatible_parameters.py",
        "tests/models/openai/test_openai_compatible_replies.py",
        "tests/models/test_discovery.py",
        "tests/engine/test_model_facts.py",
        "tests/engine/test_context_watch.py",
        "tests/property/test_reply_reader.py",
        "tests/tui/test_waiting_and_stopping.py",
    ),
    "hostile texts, names and files on every surface": (
        "tests/text/test_text_safety.py",
        "tests/property/test_text_safety_properties.py",
        "tests/tui/test_text_safety_on_screen.py",
        "tests/tui/test_safe_lines.py",
        "tests/text/test_one_road.py",
        "tests/cli/test_hostile_headless.py",
        "tests/record/exporting/test_html_report.py",
        "tests/record/exporting/test_exporters.py",
        "tests/record/exporting/test_svg_chart.py",
        "tests/end_to_end/test_hostile_in_the_app.py",
    ),
    "damaged sessions, full disks, lost folders, tricky names": (
        "tests/record/test_session_file.py",
        "tests/record/test_read_session.py",
        "tests/property/test_session_properties.py",
        "tests/end_to_end/test_files_fail.py",
    ),
    "deaths: signals, lost terminals, suspending, jumping clocks": (
        "tests/end_to_end/test_kill_and_resume.py",
        "tests/end_to_end/test_death_of_the_app.py",
        "tests/tui/test_jumping_clock.py",
    ),
    "keys: a canary looked for everywhere": (
        "tests/models/openai/test_openai_compatible_keys.py",
        "tests/cli/test_config_and_crash.py",
        "tests/end_to_end/test_keys.py",
    ),
}
LONG = ("tests/end_to_end/test_random_kills.py", "tests/benchmarks/test_soak.py")


def main(words: list[str]) -> int:
    """Print the figures; 1 where something did not survive."""
    run = "--run" in words
    print(f"hostile texts in the corpus: {len(HOSTILE)}")
    failed = tried = 0
    for title, files in POINTS.items():
        done = _pytest(*files) if run else _pytest("--collect-only", *files)
        passed, lost, skipped = (_count(done, word) for word in ("passed", "failed", "skipped"))
        count = passed + lost + skipped if run else len(re.findall(r"^tests/.*::", done, re.MULTILINE))
        note = f", {passed} survived" + (f", {skipped} skipped here" if skipped else "") if run else ""
        print(f"{title}: {count} tried{note}")
        tried, failed = tried + count, failed + lost
    print(f"in all: {tried} tried" + (f", {failed} not survived" if run else ""))
    if run:
        for file in LONG:
            done = _pytest("-s", file)
            failed += _count(done, "failed")
            figures = [line for line in done.splitlines() if re.search(r"\d (kills|turns)", line)]
            print("\n".join(figures) or done)
    return 1 if failed else 0


def _pytest(*words: str) -> str:
    line = [sys.executable, "-m", "pytest", *words]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def _count(output: str, word: str) -> int:
    found = re.search(rf"(\d+) {word}", output.splitlines()[-1] if output.strip() else "")
    return int(found.group(1)) if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
