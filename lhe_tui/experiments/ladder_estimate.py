"""What a ladder may cost: the climb to the largest K allowed, which few models make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lhe_tui.engine.estimate import estimate_run, estimate_tokens
from lhe_tui.experiments.grid_estimate import GridEstimate
from lhe_tui.experiments.ladder import LINE, LadderSettings
from lhe_tui.experiments.ladder_search import LadderSearch
from lhe_tui.models.base import ModelInfo
from lhe_tui.task.prompts import PromptTemplate, shown_keys
from lhe_tui.task.spec import generate
from lhe_tui.task.stats.confidence_sequence import cleared


def samples_to_pass(samples: int) -> int:
    """How many right answers in a row settle a K."""
    return next((n for n in range(1, samples) if cleared(n, n, LINE)), samples)


def estimate_ladder(
    settings: LadderSettings, template: PromptTemplate, words: Sequence[str], info: ModelInfo, largest: int
) -> GridEstimate:
    """The cost where the search ends at `largest` and every K is clear: all samples right below, none above."""
    search = LadderSearch(settings.start, settings.most_keys)
    passing, failing = samples_to_pass(settings.samples), min(3, settings.samples)
    one = generate(replace(settings.spec(1), samples=1), words)
    system = estimate_tokens(template.system_message(one, settings.controls.mode))
    requests = prompt = completion = 0
    while (k := search.next_k) is not None:
        passed = k <= largest
        samples = passing if passed else failing
        keys = generate(replace(settings.spec(k), samples=1), words)
        user = estimate_tokens(shown_keys(keys, 1, 1))
        found = estimate_run(replace(settings.spec(k), samples=samples), settings.controls, system, user)
        requests += found.requests
        prompt += found.prompt_tokens
        completion += found.completion_tokens
        search.tell(k, passed=passed)
    dollars = None
    if not info.simulated and info.price_prompt is not None and info.price_completion is not None:
        dollars = (prompt * info.price_prompt + completion * info.price_completion) / 1e6
    return GridEstimate(requests, prompt, completion, dollars)
