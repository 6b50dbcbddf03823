"""Which reranker a text such as ``http:URL`` names."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from memctl.ingest import UsageError
from memctl.query.rerank.base import Reranker

if TYPE_CHECKING:
    from memctl.index.lexical import LexicalIndex
    from memctl.ingest import Embedder

BUILT_IN = "late"
_KINDS = {
    "cross-encoder": "cross-encoder:NAME_OR_FOLDER",
    "http": "http:URL",
    "llama-index": "llama-index:MODULE.CLASS",
    "llm": "llm:openai:MODEL",
}


def reranker(spec: str, *, embedder: Embedder, lexical: LexicalIndex | None) -> Reranker:
    """Return the reranker that ``spec`` names.

    Raises:
        UsageError: there is none of that name, or what it needs is missing.
    """
    kind, colon, rest = spec.partition(":")
    if spec.startswith(("http://", "https://")):
        kind, rest = "http", spec
    if spec == BUILT_IN:
        if lexical is None:
            raise UsageError("late needs the index of words", hint="Run: memctl index build")
        from memctl.query.rerank.late import BuiltIn

        return BuiltIn(embedder, lexical)
    if kind not in _KINDS or not colon or not rest:
        near = difflib.get_close_matches(kind, (BUILT_IN, *_KINDS), n=1)
        names = ", ".join((BUILT_IN, *_KINDS.values()))
        hint = f"Did you mean {_KINDS.get(near[0], near[0])}?" if near else f"Names: {names}."
        raise UsageError(f"no reranker {spec!r}", hint=hint)
    if kind == "http":
        from memctl.query.rerank.endpoint import Endpoint

        return Endpoint(rest if "://" in rest else f"http://{rest}")
    if kind == "llm":
        from memctl.query.llm import language_model
        from memctl.query.rerank.llm import Judge

        return Judge(language_model(rest))
    if kind == "llama-index":
        from memctl.query.rerank.llamaindex import Postprocessor

        return Postprocessor(rest)
    from memctl.query.rerank.crossencoder import cross_encoder

    return cross_encoder(rest)
