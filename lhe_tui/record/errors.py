"""What can be wrong with a session as a whole."""

from __future__ import annotations

from lhe_tui.errors import LheError


class SessionError(LheError):
    """A session that cannot be opened, written or locked; the message is one sentence (its file names are foreign)."""


class SessionBusy(SessionError):
    """A session that another process is writing."""
