"""Language models, behind one seam; none is asked unless the user names one."""

from __future__ import annotations

import difflib

from memctl.ingest import UsageError
from memctl.query.llm.base import Completion, LanguageModel, LanguageModelError, Piece, Writer

__all__ = [
    "Completion",
    "LanguageModel",
    "LanguageModelError",
    "Piece",
    "Writer",
    "language_model",
]

KINDS = ("openai", "ollama", "llamacpp", "llama-index")
_KNOWN = "openai:MODEL, ollama:MODEL, llamacpp:FILE.gguf, llama-index:MODULE.CLASS"


def language_model(spec: str, *, window: int | None = None) -> Writer:
    """Return the model that ``openai:MODEL``, ``llamacpp:FILE.gguf`` or the like names.

    ``window`` is how many tokens it sees at once, where that is better known than by its name.

    Raises:
        UsageError: there is none of that name.
        LanguageModelError: what it needs is missing.
    """
    kind, _, rest = spec.partition(":")
    if kind not in KINDS or not rest:
        near = difflib.get_close_matches(kind, KINDS, n=1)
        hint = f"Did you mean {near[0]}:{rest or 'MODEL'}?" if near else f"Write one of: {_KNOWN}."
        raise UsageError(f"no language model {spec!r}", hint=hint)
    if kind == "llama-index":
        from memctl.query.llm.llamaindex import LlamaIndexModel

        return LlamaIndexModel(rest, window=window)
    if kind == "llamacpp":
        from memctl.query.llm.llamacpp import LlamaCppModel

        return LlamaCppModel(rest, window=window)
    from memctl.query.llm.endpoint import ollama, openai

    return openai(rest, window=window) if kind == "openai" else ollama(rest, window=window)
