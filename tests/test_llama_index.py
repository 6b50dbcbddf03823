from __future__ import annotations

from pathlib import Path

import pytest
from support import Run

from memctl.query import Filter, Searcher

pytestmark = [
    # LlamaIndex's own dependencies announce what they will change.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def test_a_query_engine_of_llamaindex_gets_the_hits_of_a_search(filled: Run, store: Path) -> None:
    from llama_index.core.llms import MockLLM
    from llama_index.core.query_engine import RetrieverQueryEngine

    from memctl.query.llama_index import MemctlRetriever

    del filled
    with Searcher.open(store) as searcher:
        retriever = MemctlRetriever(searcher, 2, filters=[Filter("lang", "ru")])
        engine = RetrieverQueryEngine.from_args(retriever, llm=MockLLM())
        nodes = engine.query("Сколько птиц прилетает весной на скалы?").source_nodes
        (hits,) = searcher.search(
            ["Сколько птиц прилетает весной на скалы?"], 2, filters=[Filter("lang", "ru")]
        )
    assert [node.score for node in nodes] == [hit.score for hit in hits]
    assert [node.node.get_content() for node in nodes] == [hit.chunk.text for hit in hits]
    assert nodes[0].metadata["document"] == "ru/чайки.txt"
    assert nodes[0].metadata["start"] == 0
