"""memctl as a retriever of LlamaIndex. The one file that knows LlamaIndex's types.

Importing it imports LlamaIndex, which takes a second; nothing else in memctl does.
"""

from __future__ import annotations

from collections.abc import Sequence

from llama_index.core.base.base_retriever import BaseRetriever  # noqa: TID253  what this file is for
from llama_index.core.schema import (  # noqa: TID253  as above
    NodeWithScore,
    QueryBundle,
    TextNode,
)

from memctl.ingest import pages_between
from memctl.query.filters import Filter
from memctl.query.hit import Hit
from memctl.query.how import How
from memctl.query.search import Searcher


class MemctlRetriever(BaseRetriever):
    """Answers LlamaIndex's query engines with the hits of a searcher, best first.

    A node is the passage of a hit: its chunk, or the larger context that the store keeps with it;
    the hits of one context are one node. Its metadata has ``document``, ``pages``, ``start``,
    ``end`` and ``title``; only the document and the title are shown to a model.
    """

    def __init__(
        self,
        searcher: Searcher,
        k: int = 10,
        *,
        filters: Sequence[Filter] = (),
        how: How | None = None,
    ) -> None:
        super().__init__()
        self._searcher = searcher
        self._k = k
        self._filters = tuple(filters)
        self._how = how

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        question = query_bundle.query_str
        (hits,) = self._searcher.search([question], self._k, filters=self._filters, how=self._how)
        nodes: dict[str, NodeWithScore] = {}
        for hit in hits:
            node = _node(hit)
            nodes.setdefault(node.node_id, NodeWithScore(node=node, score=hit.score))
        return list(nodes.values())


def _node(hit: Hit) -> TextNode:
    start, end = hit.passage_start, hit.passage_start + len(hit.passage)
    pages = pages_between(hit.pages, start, end) if hit.context else hit.chunk.pages
    return TextNode(
        id_=f"{hit.document}@{start}-{end}",
        text=hit.passage,
        metadata={
            "document": hit.document,
            "title": hit.title,
            "pages": list(pages),
            "start": start,
            "end": end,
        },
        excluded_llm_metadata_keys=["pages", "start", "end"],
        excluded_embed_metadata_keys=["document", "pages", "start", "end"],
    )
