"""Language models, behind one seam; none is asked unless the user names one."""

from __future__ import annotations

import difflib

from memctl.ingest import UsageError
from memctl.query.llm.base import Completion, LanguageModel, LanguageModelError

__all__ = ["Completion", "LanguageModel", "LanguageModelError", "language_model"]

_KINDS = ("openai", "ollama", "llama-index")


def language_model(spec: str) -> LanguageModel:
    """Return the model that ``openai:MODEL``, ``ollama:MODEL`` or ``llama-index:PATH`` names.

    Raises:
        UsageError: there is none of that name.
        LanguageModelError: what it needs is missing.
    """
    kind, _, rest = spec.partition(":")
    if kind not in _KINDS or not rest:
        near = difflib.get_close_matches(kind, _KINDS, n=1)
        known = "openai:MODEL, ollama:MODEL, llama-index:MODULE.CLASS"
        hint = f"Did you mean {near[0]}:{rest or 'MODEL'}?" if near else f"Write one of: {known}."
        raise UsageError(f"no language model {spec!r}", hint=hint)
    if kind == "llama-index":
        from memctl.query.llm.llamaindex import LlamaIndexModel

        return LlamaIndexModel(rest)
    from memctl.query.llm.endpoint import ollama, openai

    return openai(rest) if kind == "openai" else ollama(rest)
