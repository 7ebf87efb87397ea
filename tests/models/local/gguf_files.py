"""Small files that begin as GGUF files do."""

from __future__ import annotations

import struct
from pathlib import Path


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def write_gguf(path: Path, *, context: int | None = 2048, template: bool = False) -> Path:
    """A head with a vocabulary between the two facts, and no weights."""
    words = [text(word) for word in ("a", "longer word", "ü")]
    pairs = [
        text("general.architecture") + struct.pack("<I", 8) + text("tiny"),
        text("general.alignment") + struct.pack("<II", 4, 32),
        text("tokenizer.tokens") + struct.pack("<IIQ", 9, 8, len(words)) + b"".join(words),
        text("tokenizer.scores") + struct.pack("<IIQ3f", 9, 6, 3, 0.0, 1.0, 2.0),
    ]
    if context is not None:
        pairs.insert(1, text("tiny.context_length") + struct.pack("<II", 4, context))
    if template:
        pairs.append(text("tokenizer.chat_template") + struct.pack("<I", 8) + text("{{ messages }}"))
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs)) + b"".join(pairs))
    return path
