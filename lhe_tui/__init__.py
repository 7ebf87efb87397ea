"""lhe-tui: a debugger for long-horizon execution in language models (arXiv 2509.09677).

`lhe_tui.api` is what a program uses; its names stand here too, and are imported with their first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lhe_tui.version import __version__

if TYPE_CHECKING:
    from lhe_tui.api import (
        RunConfig,
        RunStopped,
        Session,
        arun,
        open_session,
        register_policy,
        register_variant,
        resume,
        run,
    )

__all__ = [
    "RunConfig",
    "RunStopped",
    "Session",
    "__version__",
    "arun",
    "open_session",
    "register_policy",
    "register_variant",
    "resume",
    "run",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from lhe_tui import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
