"""Arms with a session each: models first, then the files, written as replies come, closed whatever happens."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, aclosing
from pathlib import Path

from lhe_tui.engine.arms import Arm, ArmsPlan, ArmsResult, build_arms, run_arms
from lhe_tui.engine.events import Event
from lhe_tui.engine.state import RunState
from lhe_tui.launch.models import default_concurrency
from lhe_tui.launch.paths import session_folder
from lhe_tui.launch.runs import new_identity
from lhe_tui.models.base import ChatModel
from lhe_tui.record.session_file import SessionWriter, new_session_path

MOST_AT_ONCE = 16


class RecordedArms:
    """The arms of a turn, each with its session file. Making them asks the keyring and the disk: for a thread.

    Raises LheError or OSError, and leaves no file and nothing open behind then.
    """

    def __init__(
        self,
        parent: RunState,
        plan: ArmsPlan,
        parent_path: Path | None,
        open_model: Callable[[str], ChatModel],
        folder: Path | None = None,
    ) -> None:
        self._open_model = open_model
        rollouts = len(plan.samples) * plan.resamples * len(plan.names)
        models = [parent.controls_at(plan.turn).model]
        self._at_once = min(MOST_AT_ONCE, default_concurrency(models, open_model, rollouts))
        built = build_arms(
            parent,
            plan,
            path=str(parent_path or ""),
            session_id=lambda: new_identity()[0],
            created=new_identity()[1],
        )
        self.result = ArmsResult(plan, [arm for arm, _ in built])
        self._writers: dict[int, SessionWriter] = {}
        self._open = ExitStack()
        try:
            for arm, events in built:
                header = arm.state.header
                path = new_session_path(folder or session_folder(), header)
                writer = SessionWriter.create(path, header, events[1:])
                self._open.callback(writer.close)
                self._writers[id(arm)] = writer
                arm.path = str(writer.path)
        except BaseException:
            self._open.close()
            for writer in self._writers.values():
                writer.path.unlink(missing_ok=True)
            raise

    async def run(self) -> AsyncGenerator[ArmsResult, None]:
        """Run all arms, recording them; yields the growing result."""
        try:
            running = run_arms(self.result, self._open_model, concurrency=self._at_once, record=self._record)
            async with aclosing(running) as results:
                async for result in results:
                    yield result
        finally:
            self._open.close()

    def _record(self, arm: Arm, event: Event) -> None:
        self._writers[id(arm)].write(event)
