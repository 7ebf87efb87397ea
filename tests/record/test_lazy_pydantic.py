"""pydantic costs a tenth of a second: it is imported with the first file that is read, and not before."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import lhe_tui.tui.app, lhe_tui.record.read, lhe_tui.record.scan, lhe_tui.record.session_file
import lhe_tui.experiments.manifest, lhe_tui.experiments.ladder, lhe_tui.record.datasets
import lhe_tui.record.exporting.exporters
print({"pydantic", "jinja2"} & set(sys.modules))
from lhe_tui.record.codec import encode
from tests.sessions import header, turns
head = header()
[encode(event) for event in (head, *turns(head))]
print({"pydantic", "jinja2"} & set(sys.modules))
"""


def test_the_app_and_the_writer_of_sessions_start_without_pydantic() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["set()", "set()"]
