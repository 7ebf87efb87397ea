"""The arms' session files: made before anything is asked, written as it comes, closed whatever happens."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, aclosing
from pathlib import Path

from lhe_tui.engine.arms import Arm, ArmsPlan, ArmsResult, build_arms, run_arms
from lhe_tui.engine.events import Event
from lhe_tui.engine.state import RunState
from lhe_tui.models.base import ChatModel
from lhe_tui.record.session_file import SessionWriter, new_session_path
from lhe_tui.tui.branch.start_fork import new_session_id, now_utc


class RecordedArms:
    """Arms with a session file each. Raises BranchError, ControlError, SessionError or OSError when made."""

    def __init__(self, parent: RunState, plan: ArmsPlan, parent_path: Path | None, folder: Path) -> None:
        built = build_arms(
            parent, plan, path=str(parent_path or ""), session_id=new_session_id, created=now_utc()
        )
        self.result = ArmsResult(plan, [arm for arm, _ in built])
        self._writers: dict[int, SessionWriter] = {}
        self._open = ExitStack()
        try:
            for arm, events in built:
                writer = SessionWriter.create(new_session_path(folder, arm.state.header), arm.state.header)
                self._open.callback(writer.close)
                self._writers[id(arm)] = writer
                arm.path = str(writer.path)
                for event in events[1:]:
                    writer.write(event)
        except BaseException:
            self._open.close()
            for writer in self._writers.values():
                writer.path.unlink(missing_ok=True)
            raise

    async def run(
        self, open_model: Callable[[str], ChatModel], concurrency: int
    ) -> AsyncGenerator[ArmsResult, None]:
        """Run all arms, recording them; yields the growing result."""
        try:
            running = run_arms(self.result, open_model, concurrency=concurrency, record=self._record)
            async with aclosing(running) as results:
                async for result in results:
                    yield result
        finally:
            self._open.close()

    def _record(self, arm: Arm, event: Event) -> None:
        self._writers[id(arm)].write(event)
