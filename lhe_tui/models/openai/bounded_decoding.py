"""Compressed bodies undone piece by piece, so that a bomb never unfolds whole in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from lhe_tui.errors import LheError

PIECE = 2**18
"""Bytes: the most that one step unfolds."""


class UndecodableError(LheError):
    """The body is not in the encoding that its header names, or in one that was not asked for."""


class BodyDecoder:
    """Undoes `Content-Encoding`: identity, gzip or deflate; anything else raises `UndecodableError`."""

    def __init__(self, content_encoding: str) -> None:
        name = content_encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise UndecodableError(name[:20])
        # 47: a zlib or a gzip header, whichever is there.
        self._unfold = None if name in ("", "identity") else zlib.decompressobj(47)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded bytes in pieces of at most `PIECE` (undecoded ones pass as they are)."""
        if self._unfold is None:
            yield data
            return
        while data and not self._unfold.eof:
            try:
                piece = self._unfold.decompress(data, PIECE)
            except zlib.error:
                raise UndecodableError("broken compression") from None
            data = self._unfold.unconsumed_tail
            if piece:
                yield piece
