from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rerank_support import hits
from support import Run

from memctl.ingest import Chunk, Vectors
from memctl.ingest.embedders.hashing import HashingEmbedder
from memctl.query import Searcher
from memctl.query.bias import MOST
from memctl.query.rerank.features import NAMES, standard
from memctl.query.rerank.late import COLUMNS, BuiltIn, evened, late_scores, repeated


class Words(HashingEmbedder):
    """Each word is a token with a random vector of its own, beside what all have in common."""

    def token_vectors(self, texts: Sequence[str], *, role: str) -> list[Vectors]:
        del role
        return [_vectors(text.split()) for text in texts]


def _vectors(words: Sequence[str]) -> Vectors:
    made = np.empty((len(words), 16), dtype=np.float32)
    for place, word in enumerate(words):
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
        made[place] = np.random.default_rng(seed).normal(size=16) + 2
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def oracle(question: str, texts: Sequence[str]) -> list[float]:
    """The same by loops: windows of 64 tokens from every sixteenth one on."""
    asked, passages = _vectors(question.split()), [_vectors(text.split()) for text in texts]
    mean = np.concatenate(passages).mean(axis=0)

    def cosine(one: Vectors, other: Vectors) -> float:
        a, b = one - mean, other - mean
        return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))

    def window(passage: Vectors) -> float:
        return float(np.mean([max(cosine(one, other) for other in passage) for one in asked]))

    return [
        max(
            window(passage[start : start + 64]) for start in range(0, max(len(passage) - 48, 1), 16)
        )
        for passage in passages
    ]


@given(st.lists(st.integers(1, 150), min_size=2, max_size=4), st.integers(0, 9))
def test_late_interaction_agrees_with_loops(lengths: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    texts = [" ".join(f"слово{n}" for n in rng.integers(0, 300, size=size)) for size in lengths]
    question = "слово1 word слово7"
    found = late_scores(Words(), question, hits(*texts))
    assert found.tolist() == pytest.approx(oracle(question, texts), abs=1e-5)


@pytest.mark.parametrize(("one", "two"), [("маяк", "построили"), ("lamp", "broken")])
def test_words_that_stand_together_count_for_more_than_words_far_apart(one: str, two: str) -> None:
    filler = " ".join(f"w{n}" for n in range(100))
    together, apart = f"{filler} {one} {two}", f"{one} {filler} {two}"
    near, far = late_scores(Words(), f"{one} {two}", hits(together, apart))
    assert near == pytest.approx(1.0, abs=1e-5)
    assert far < 0.9


def test_a_passage_or_question_without_tokens_scores_nothing() -> None:
    assert late_scores(Words(), "маяк", hits("маяк стоит", " ")).tolist()[1] == 0
    assert late_scores(Words(), " ", hits("маяк", "lamp")).tolist() == [0, 0]


def test_columns_are_deviations_and_the_same_each_time(filled: Run, store: Path) -> None:
    del filled
    with Searcher.open(store) as searcher:
        assert searcher.lexical is not None
        built_in = BuiltIn(Words(), searcher.lexical)
        for question, language in (
            ("когда построили маяк", "ru"),
            ("when did the storm break the lamp", "en"),
        ):
            (found,) = searcher.search([question], 5)
            columns = built_in.columns(question, found)
            assert columns.shape == (len(found), len(COLUMNS))
            own = [hit.chunk.language == language for hit in found]
            assert sum(own) > 1
            assert np.abs(columns[own, : len(NAMES)].mean(axis=0)).max() < 1e-9
            assert built_in.score(question, found) == built_in.score(question, found)


def test_tokens_of_another_language_are_given_back_what_they_lose_by_it() -> None:
    kin = np.array([True, True, True, False, False])
    scores = np.array([0.5, 0.4, 0.3, 0.35, 0.25])
    even = evened(scores, kin)
    assert even[kin].mean() == pytest.approx(0)
    assert even[~kin].mean() == pytest.approx(0)
    assert even[3] - even[4] == pytest.approx(0.1 / scores[kin].std())
    far = evened(np.array([0.5, 0.4, 0.3, -0.5, -0.6]), kin)
    assert far[~kin].mean() == pytest.approx(MOST + (-0.55 - 0.4) / scores[kin].std())
    near = evened(np.array([0.5, 0.4, 0.3, 0.9, 0.8]), kin)
    assert near[~kin].mean() == pytest.approx((0.85 - 0.4) / scores[kin].std())
    for few in (np.zeros(5, dtype=np.bool_), np.arange(5) == 0, np.ones(5, dtype=np.bool_)):
        assert evened(scores, few).tolist() == pytest.approx(standard(scores).tolist())


@pytest.mark.parametrize(
    ("question", "own", "other"),
    [
        ("Who built the old lighthouse?", "The old lighthouse was built.", "Маяк построил Орлов."),
        ("Кто построил старый маяк?", "Старый маяк построили.", "Orlov built the lighthouse."),
    ],
)
def test_that_another_language_lacks_the_words_is_not_held_against_it(
    filled: Run, store: Path, question: str, own: str, other: str
) -> None:
    languages = ("en", "en", "ru") if own.isascii() else ("ru", "ru", "en")
    found = [
        replace(hit, chunk=replace(hit.chunk, language=language))
        for hit, language in zip(hits(own, own[:9], other), languages, strict=True)
    ]
    assert filled("index", "build").code == 0
    with Searcher.open(store) as searcher:
        assert searcher.lexical is not None
        columns = BuiltIn(HashingEmbedder(), searcher.lexical).columns(question, found)
    nearness = columns[:, COLUMNS.index("nearness")]
    assert nearness.tolist() == pytest.approx([1, -1, 0])


def test_the_model_reads_the_first_hits_only_as_far_as_time_allows(
    filled: Run, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del filled
    monkeypatch.setattr("memctl.query.rerank.late._TOKENS", 6)
    with Searcher.open(store) as searcher:
        assert searcher.lexical is not None
        built_in = BuiltIn(Words(), searcher.lexical)
        some = hits("маяк стоит тут", "lamp is here", "gulls are there", "маяк")
        late = built_in.columns("маяк", some)[:, COLUMNS.index("late")]
    assert late[:2].any()
    assert not late[2:].any()


def test_of_passages_on_one_page_those_after_the_best_make_way_for_other_pages() -> None:
    made = [replace(each, chunk=_on(each.chunk, page)) for each, page in zip(
        hits("lamp", "лампа", "fuse", "насос"), (1, 1, 2, 1), strict=True
    )]  # fmt: skip
    lost = repeated(np.array([2.0, 1.9, 1.6, 1.5]), made)
    assert lost.tolist() == [0, 0.5, 0, 1.0]


def test_pages_of_other_documents_and_texts_without_pages_take_nothing_away() -> None:
    plain = hits("lamp", "лампа")
    other = [replace(each, chunk=replace(each.chunk, pages=(1,))) for each in hits("fuse", "насос")]
    assert repeated(np.array([2.0, 1.9]), plain).tolist() == [0, 0]
    assert repeated(np.array([2.0, 1.9]), other).tolist() == [0, 0]


def _on(chunk: Chunk, page: int) -> Chunk:
    return replace(chunk, document="report.pdf", pages=(page,))
