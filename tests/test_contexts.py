"""Small chunks are searched, and what is around them is answered from."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Run

from memctl.ingest import Chunk, Store
from memctl.query import Answerer, Filter, Hit, Searcher

TOWER = (
    "# The gull tower\n\nThe gull tower was built in 1911 by Anna Berg. It is 47 metres high. "
    "Two hundred and twelve steps lead to the lamp. The lamp shines for forty kilometres. "
    "In the storm of 1953 it broke. Nobody was hurt on that day. The keeper left the island.\n\n"
    "# Маяк на острове\n\nМаяк построили в 1911 году. Смотритель Пётр Ильич прожил там тридцать "
    "лет. Лампа светит на сорок километров. На скалах живут чайки. Каждую весну прилетает около "
    "пяти тысяч птиц. Лодка стоит у причала с мая по октябрь.\n"
)


def settings(store: Path, lines: str) -> None:
    store.mkdir(exist_ok=True)
    (store / "memctl.toml").write_text(
        f'format = 1\n[chunking]\n{lines}\n[embedder]\nname = "hashing"\n', encoding="utf-8"
    )


@pytest.fixture
def tower(run: Run, store: Path, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A store of one document, cut as the test says; the document's path."""
    settings(store, request.param)
    (tmp_path / "tower.md").write_text(TOWER, encoding="utf-8")
    assert run("ingest", tmp_path / "tower.md").code == 0
    assert run("index", "build").code == 0
    return "tower.md"


SENTENCES = 'method = "sentences"\nsentence_tokens = 4\nwindow = 1'
PARENTS = 'method = "parents"\nmax_tokens = 96\nchild_tokens = 16'
OVERLAP = "max_tokens = 64\noverlap_tokens = 24"


@pytest.mark.parametrize("tower", [SENTENCES, PARENTS, OVERLAP], indirect=True)
def test_a_span_is_put_together_from_chunks(store: Path, tower: str) -> None:
    with Store.open(store) as opened:
        for start in range(0, len(TOWER), 37):
            for end in range(start + 1, len(TOWER) + 1, 53):
                assert opened.catalog.text_between(tower, start, end) == TOWER[start:end]


@pytest.mark.parametrize("tower", [SENTENCES, PARENTS], indirect=True)
def test_a_hit_brings_the_context_of_its_chunk(store: Path, tower: str) -> None:
    with Searcher.open(store) as searcher:
        (hits,) = searcher.search(["Where do the gulls of the tower live? Чайки"], 6)
    assert len(hits) == 6
    for hit in hits:
        start, end = hit.chunk.context
        assert hit.document == tower
        assert hit.passage == TOWER[start:end]
        assert (hit.passage_start, hit.chunk.text in hit.passage) == (start, True)
    assert any(len(hit.passage) > len(hit.chunk.text) for hit in hits)


@pytest.mark.parametrize("tower", [SENTENCES], indirect=True)
def test_the_answer_may_stand_beside_what_was_found(store: Path, tower: str) -> None:
    with Searcher.open(store) as searcher:
        (hits,) = searcher.search(["Two hundred and twelve steps lead to the lamp"], 1)
        ranked, _ = Answerer(searcher).weigh("How high is the tower, in metres?", hits)
    assert hits[0].chunk.text == "Two hundred and twelve steps lead to the lamp. "
    assert ranked[0].sentence.text == "It is 47 metres high."
    assert ranked[0].sentence.place == (tower, TOWER.index("It is 47"), TOWER.index(" Two hundred"))


@pytest.mark.parametrize("tower", [SENTENCES, PARENTS], indirect=True)
def test_a_sentence_in_the_contexts_of_two_hits_is_ranked_once(store: Path, tower: str) -> None:
    del tower
    with Searcher.open(store) as searcher:
        (hits,) = searcher.search(["Лампа светит"], 8)
        ranked, _ = Answerer(searcher).weigh("Лампа светит", hits)
        places = [each.sentence.place for each in ranked]
    assert len(places) == len(set(places)) > 0


@pytest.mark.parametrize("tower", [SENTENCES, PARENTS], indirect=True)
def test_what_is_cited_stands_there_character_for_character(run: Run, tower: str) -> None:
    result = run("ask", "The gull tower was built in 1911 by Anna Berg", "--json")
    assert result.json["citations"]
    for citation in result.json["citations"]:
        assert citation["document"] == tower
        assert TOWER[citation["start"] : citation["end"]] == citation["quote"]


@pytest.mark.parametrize("tower", [SENTENCES, PARENTS], indirect=True)
def test_headings_are_known_in_what_is_answered_from(store: Path, tower: str) -> None:
    second = TOWER.index("# Маяк")
    with Searcher.open(store) as searcher:
        (hits,) = searcher.search(["Lamp, island; маяк, лампа, чайки"], 20)
        near = searcher.widened(hits, "neighbours")
        sections = searcher.store.catalog.sections_between(tower, 0, len(TOWER))
    assert sections
    last = sections[-1]
    assert last.title == "Маяк на острове"
    assert second <= last.start <= TOWER.index("\n\nМаяк")
    passages = [hit for hit in (*hits, *near) if hit.context]
    spans = [(hit.passage_start, hit.passage_start + len(hit.passage)) for hit in passages]
    for hit, (_, end) in zip(passages, spans, strict=True):
        titles = [each.title for each in hit.sections or ()]
        assert ("Маяк на острове" in titles) == (end > last.start)
    assert any(start < second and last.start < end for start, end in spans)


@pytest.mark.parametrize("tower", [PARENTS], indirect=True)
def test_a_condition_on_chunks_holds_for_what_is_answered_from(store: Path, tower: str) -> None:
    with Searcher.open(store) as searcher:
        (narrow,) = searcher.search(["лампа"], 3, filters=[Filter("lang", "ru")])
        (wide,) = searcher.search(["лампа"], 3, filters=[Filter("file", tower)])
    assert {hit.context for hit in narrow} == {""}
    assert all(hit.passage == hit.chunk.text for hit in narrow)
    assert any(hit.context for hit in wide)


@pytest.mark.parametrize("tower", [PARENTS], indirect=True)
def test_llamaindex_gets_each_context_once(store: Path, tower: str) -> None:
    from llama_index.core.schema import QueryBundle

    from memctl.query.llama_index import MemctlRetriever

    with Searcher.open(store) as searcher:
        (hits,) = searcher.search(["Лампа светит"], 8)
        nodes = MemctlRetriever(searcher, 8).retrieve(QueryBundle("Лампа светит"))
    texts = [node.node.get_content() for node in nodes]
    assert texts == list(dict.fromkeys(hit.passage for hit in hits))
    for node, text in zip(nodes, texts, strict=True):
        assert TOWER[node.metadata["start"] : node.metadata["end"]] == text
        assert node.metadata["document"] == tower


def test_a_context_of_another_length_is_refused() -> None:
    chunk = Chunk("d", 5, end=8, text="abc", tokens=1, context=(0, 20))
    with pytest.raises(ValueError, match="context 0:20 holds 3 characters"):
        Hit(1, 0.5, chunk=chunk, ordinal=1, document_id="d", title="", sha256="", context="abc")
