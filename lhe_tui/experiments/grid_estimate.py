"""What a grid will cost before it is run: requests, tokens and, where prices are known, dollars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from lhe_tui.engine.estimate import RunEstimate, estimate_run, estimate_tokens
from lhe_tui.experiments.cell_run import CellRun
from lhe_tui.models.base import ModelInfo
from lhe_tui.task.prompts import shown_keys


@dataclass(frozen=True, slots=True)
class GridEstimate:
    """Requests, tokens and dollars of what is left to ask; `dollars` is None where a price is not known."""

    requests: int
    prompt_tokens: int
    completion_tokens: int
    dollars: float | None

    def words(self) -> str:
        """For people: `about 1,200 requests, 3.1 million tokens in, 11 thousand out, US$ 4.20`."""
        said = (
            f"about {self.requests:,} request{'s' if self.requests != 1 else ''}, "
            f"{_rounded(self.prompt_tokens)} tokens in, {_rounded(self.completion_tokens)} out"
        )
        return said if self.dollars is None else f"{said}, US$ {self.dollars:,.2f}"


def estimate_grid(runs: list[CellRun], info_of: Callable[[str], ModelInfo]) -> GridEstimate:
    """The estimate over all cells that are not finished."""
    requests = prompt = completion = 0
    dollars: float | None = 0.0
    for run in runs:
        if run.finished:
            continue
        found = _estimate_cell(run)
        requests += found.requests
        prompt += found.prompt_tokens
        completion += found.completion_tokens
        info = info_of(run.cell.model)
        cost = 0.0 if info.simulated else found.dollars(info.price_prompt, info.price_completion)
        dollars = None if dollars is None or cost is None else dollars + cost
    return GridEstimate(requests, prompt, completion, dollars or None)


def _estimate_cell(run: CellRun) -> RunEstimate:
    """The tokens of the turns that a cell has still to ask."""
    state, cell = run.state, run.cell
    system = estimate_tokens(state.header.template.system_message(state.task, cell.controls.mode))
    user = estimate_tokens(state.header.template.user_message(shown_keys(state.task, 1, 1)))
    whole = estimate_run(cell.spec, cell.controls, system, user)
    if cell.given:
        before = estimate_run(replace(cell.spec, turns=cell.given), cell.controls, system, user)
        whole = RunEstimate(
            whole.requests - before.requests,
            whole.prompt_tokens - before.prompt_tokens,
            whole.completion_tokens - before.completion_tokens,
        )
    left = 1 - run.turns_asked / run.turns_to_ask
    return RunEstimate(
        round(whole.requests * left), round(whole.prompt_tokens * left), round(whole.completion_tokens * left)
    )


def _rounded(count: int) -> str:
    for size, word in ((10**9, "billion"), (10**6, "million"), (10**3, "thousand")):
        if count >= size:
            return f"{count / size:.3g} {word}"
    return f"{count}"
