"""Any node postprocessor of LlamaIndex as a reranker. One of the files that know its types."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from memctl.query.hit import Hit
from memctl.query.rerank.base import RerankError, checked

if TYPE_CHECKING:
    from llama_index.core.postprocessor.types import BaseNodePostprocessor

_HINT = "Write llama-index:PACKAGE.MODULE.CLASS, of a class that is made without arguments."


class Postprocessor:
    """A class derived from BaseNodePostprocessor that is made without arguments.

    The order that it gives counts: a passage that it drops comes after all that it keeps. Anything
    else that can be imported is refused and not called.
    """

    def __init__(self, path: str) -> None:
        self.name = f"llama-index:{path}"
        self._made = _load(path, self.name)

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        """Return a score for each hit by the place that the postprocessor gives it.

        Raises:
            RerankError: it failed, or gave back what it was not given.
        """
        from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

        nodes = [
            NodeWithScore(node=TextNode(id_=str(n), text=hit.passage), score=hit.score)
            for n, hit in enumerate(hits)
        ]
        try:
            kept = self._made.postprocess_nodes(nodes, query_bundle=QueryBundle(question))
            places = [int(each.node.node_id) for each in kept]
        except (ValueError, RuntimeError, OSError, ImportError, TypeError, KeyError) as error:
            raise RerankError(
                f"{self.name} failed: {error}", hint="See its own package."
            ) from error
        scores = [float(-len(hits) - n) for n in range(len(hits))]
        for rank, place in enumerate(places):
            if not 0 <= place < len(hits):
                raise RerankError(f"{self.name} gave a node that it was not given", hint=_HINT)
            scores[place] = float(-rank)
        return checked(self.name, scores, hits)


def _load(path: str, name: str) -> BaseNodePostprocessor:
    from llama_index.core.postprocessor.types import BaseNodePostprocessor

    module, _, class_ = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), class_) if module else None
    except (ImportError, AttributeError) as error:
        raise RerankError(
            f"{name} cannot be loaded: {error}", hint="Install its package, or check the path."
        ) from error
    if not isinstance(found, type) or not issubclass(found, BaseNodePostprocessor):
        raise RerankError(f"{name} is no postprocessor of LlamaIndex", hint=_HINT)
    try:
        return found()
    except (TypeError, ValueError, ImportError, OSError) as error:
        raise RerankError(
            f"{name} cannot be made without arguments: {error}", hint=_HINT
        ) from error
