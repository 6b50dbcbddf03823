"""Pieces are joined where the embedder sees no turn, and parted where it sees one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
from chunking_support import EN, RU, Draft, documents, plain
from hypothesis import given, settings
from hypothesis import strategies as st

from memctl.ingest import tokens
from memctl.ingest.chunk import Chunk
from memctl.ingest.chunking import ChunkRules, cut, joined
from memctl.ingest.document import Document
from memctl.ingest.embedders.hashing import HashingEmbedder
from memctl.ingest.vectors import Vectors

embed = partial(HashingEmbedder().embed, role="document")
many = settings(deadline=None, max_examples=60)


def by_meaning(document: Document, rules: ChunkRules) -> list[Chunk]:
    return list(joined(cut(document, rules), rules, embed=embed, language=document.language))


@many
@given(
    document=documents(),
    limit=st.sampled_from([40, 256]),
    least=st.sampled_from([1, 32]),
    percentile=st.sampled_from([1, 50, 95]),
)
def test_joined_chunks_keep_the_laws(
    document: Document, limit: int, least: int, percentile: int
) -> None:
    rules = ChunkRules(limit, method="semantic", sentence_tokens=least, percentile=percentile)
    chunks = by_meaning(document, rules)
    whole = document.text if document.text.strip() else ""
    assert "".join(chunk.text for chunk in chunks) == whole
    pieces = cut(document, rules)
    assert {chunk.end for chunk in chunks} <= {piece.end for piece in pieces}
    for chunk in chunks:
        assert chunk.tokens == tokens.count(chunk.text) <= limit
        assert chunk.context == (chunk.start, chunk.end)
        inside = [p for p in pieces if chunk.start <= p.start < chunk.end]
        assert chunk.pages == tuple(sorted({page for p in inside for page in p.pages}))
        if chunk.text.strip():
            assert chunk.headings == next(p for p in inside if p.text.strip()).headings


def test_a_chunk_ends_where_the_subject_changes() -> None:
    draft = Draft()
    for subject in (RU, EN, RU):
        for _ in range(6):
            draft.add(subject)
    rules = ChunkRules(256, method="semantic", sentence_tokens=8, percentile=80)
    chunks = by_meaning(draft.document(), rules)
    assert [chunk.text for chunk in chunks] == [RU * 6, EN * 6, RU * 6]
    assert [chunk.language for chunk in chunks] == ["ru", "en", "ru"]


def test_a_drop_is_one_minus_the_cosine_and_ties_with_the_percentile_break_nothing() -> None:
    # Angles between neighbours, in degrees: the drops are 1 - cos of them.
    turns = [0, 60, 0, 30, 0, 60]
    angles = np.deg2rad(np.cumsum([0, *turns]))
    said = [f"Sentence number {number} is here. " for number in range(7)]

    def turning(texts: Sequence[str]) -> Vectors:
        at = [said.index(text) for text in texts]
        return np.stack([np.cos(angles[at]), np.sin(angles[at])], axis=1).astype(np.float32)

    def ends(percentile: int) -> list[int]:
        rules = ChunkRules(256, method="semantic", sentence_tokens=4, percentile=percentile)
        pieces = cut(plain("".join(said)), rules)
        assert [piece.text for piece in pieces] == said
        chunks = joined(pieces, rules, embed=turning, language="en")
        return [said.index(chunk.text[chunk.text.rindex("Sentence") :]) for chunk in chunks]

    assert ends(99) == [6]  # no drop is over the greatest
    assert ends(60) == [1, 5, 6]  # the three zeros and 0.134 lie below
    assert ends(40) == [1, 3, 5, 6]


def test_where_the_limit_comes_first_the_greatest_drop_of_the_second_half_is_taken() -> None:
    said = [f"Насос номер {number} стоит в цехе. " for number in range(8)]
    size = tokens.count(said[0])
    angles = np.deg2rad(np.cumsum([0, 50, 1, 1, 40, 1, 90, 1]))

    def turning(texts: Sequence[str]) -> Vectors:
        at = [said.index(text) for text in texts]
        return np.stack([np.cos(angles[at]), np.sin(angles[at])], axis=1).astype(np.float32)

    rules = ChunkRules(size * 6 + 2, method="semantic", sentence_tokens=4, percentile=99)
    pieces = cut(plain("".join(said)), rules)
    chunks = joined(pieces, rules, embed=turning, language="ru")
    assert [chunk.text for chunk in chunks] == ["".join(said[:6]), "".join(said[6:])]
    rules = ChunkRules(size * 5 + 2, method="semantic", sentence_tokens=4, percentile=99)
    chunks = joined(pieces, rules, embed=turning, language="ru")
    assert chunks[0].text == "".join(said[:4])


def test_where_the_parts_of_a_word_have_fewer_tokens_than_the_word_it_is_counted_whole() -> None:
    parts = ["давление"] * 16
    pieces: list[Chunk] = []
    for part in parts:
        start = pieces[-1].end if pieces else 0
        count = tokens.count(part)
        pieces.append(Chunk("d", start, end=start + len(part), text=part, tokens=count))
    assert sum(piece.tokens for piece in pieces[:8]) <= 16 < tokens.count("".join(parts[:8]))
    rules = ChunkRules(16, method="semantic", sentence_tokens=8)
    chunks = joined(pieces, rules, embed=embed, language="ru")
    assert "".join(chunk.text for chunk in chunks) == "".join(parts)
    assert all(chunk.tokens == tokens.count(chunk.text) <= 16 for chunk in chunks)


@pytest.mark.parametrize("method", ["structure", "tokens", "sentences", "parents"])
def test_the_chunks_of_other_methods_are_left_as_they_are(method: str) -> None:
    def refuse(texts: Sequence[str]) -> Vectors:
        raise AssertionError(texts)

    rules = ChunkRules(64, method=method, child_tokens=32)
    chunks = cut(plain(RU * 20), rules)
    assert joined(chunks, rules, embed=refuse, language="ru") is chunks


def test_pieces_are_embedded_a_few_at_a_time_and_the_drops_are_the_same() -> None:
    text = "".join(f"Насос {number} стоит. The lamp {number % 7} is off. " for number in range(150))
    rules = ChunkRules(64, method="semantic", sentence_tokens=4)
    sizes: list[int] = []

    def counting(texts: Sequence[str]) -> Vectors:
        sizes.append(len(texts))
        return embed(texts)

    pieces = cut(plain(text), rules)
    made = joined(pieces, rules, embed=counting, language="ru")
    assert sum(sizes) == len(pieces) > 2 * max(sizes)
    assert max(sizes) <= 64
    vectors = embed([piece.text for piece in pieces])
    drops = 1 - (vectors[:-1] * vectors[1:]).sum(axis=1)
    breaks = {
        piece.end
        for piece, drop in zip(pieces, drops, strict=False)
        if drop > np.percentile(drops, 75) + 1e-6
    }
    assert breaks <= {chunk.end for chunk in made}
