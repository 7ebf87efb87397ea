"""What can be wrong with a session: as a whole, or with one line of it."""

from __future__ import annotations

from lhe_tui.errors import LheError


class SessionError(LheError):
    """A session that cannot be opened, written or locked; the message is one sentence (its file names are foreign)."""


class SessionBusy(SessionError):
    """A session that another process is writing."""


class ExportError(LheError, ValueError):
    """A form that a session cannot be written in; the message says why, and what to install where that would do."""


class CodecError(LheError, ValueError):
    """Foreign data that does not have the form expected; the message is one sentence that names the field."""


class UnknownEvent(CodecError):
    """A line whose event has a name that this version does not know."""


class NewerFormat(CodecError):
    """A session written by a newer version."""
