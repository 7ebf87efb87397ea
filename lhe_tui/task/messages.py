"""A chat message and where its text came from."""

from __future__ import annotations

from typing import Literal, NamedTuple

Role = Literal["system", "user", "assistant"]
Provenance = Literal["system", "own", "injected", "healed", "state_card", "user"]


class Message(NamedTuple):
    """One message of a request, as sent; `turn` is the turn it belongs to (0 for the system message)."""

    role: Role
    content: str
    provenance: Provenance
    turn: int
