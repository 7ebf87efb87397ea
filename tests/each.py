"""One test over many cheap cases: a report for each would cost more than the case."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any


def each(name: str, cases: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call a test with every case as its parameter `name`; the case that fails is named. For tests without a state."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def run(**fixtures: Any) -> None:
            for case in cases:
                try:
                    test(**fixtures, **{name: case})
                except BaseException as fault:
                    fault.add_note(f"with {name} = {str(case)[:200]!r}")
                    raise

        signature = inspect.signature(test)
        others = [parameter for parameter in signature.parameters.values() if parameter.name != name]
        run.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]  # read by pytest
        del run.__wrapped__  # else pytest would read the test's own parameters
        return run

    return decorate
