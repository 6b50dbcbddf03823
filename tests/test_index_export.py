from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet
from support import Run

from memctl.index import export
from memctl.index.library import faiss
from memctl.ingest import Store, StoreError, UsageError


def _stored(store: Path) -> tuple[list[str], np.ndarray]:
    with Store.open(store) as opened:
        chunks = list(opened.catalog.chunks())
        vectors = opened.vectors.map(opened.catalog.rows)[[each.row for each in chunks]]
        return [each.chunk.text for each in chunks], vectors.astype(np.float32)


def _texts(folder: Path) -> list[str]:
    lines = (folder / "ids.jsonl").read_text("utf-8").split("\n")
    return [json.loads(line)["text"] for line in lines if line]


def test_arrays_hold_every_chunk_with_its_vector(filled: Run, store: Path, tmp_path: Path) -> None:
    del filled
    texts, vectors = _stored(store)
    assert export(store, tmp_path / "npy", form="npy") == len(texts) == 6
    assert np.array_equal(np.load(tmp_path / "npy/vectors.npy"), vectors)
    assert _texts(tmp_path / "npy") == texts
    assert any("маяк" in text.lower() for text in texts)


def test_an_exported_index_finds_each_chunk_by_its_vector(
    filled: Run, store: Path, tmp_path: Path
) -> None:
    del filled
    texts, vectors = _stored(store)
    export(store, tmp_path / "faiss", form="faiss")
    index = faiss().read_index(str(tmp_path / "faiss/index.faiss"))
    scores, found = index.search(vectors, 1)
    assert found[:, 0].tolist() == list(range(6))
    assert np.allclose(scores[:, 0], 1, atol=1e-3)
    assert _texts(tmp_path / "faiss") == texts


def test_a_table_holds_texts_places_and_vectors(filled: Run, store: Path, tmp_path: Path) -> None:
    del filled
    texts, vectors = _stored(store)
    export(store, tmp_path / "table", form="parquet")
    table = parquet.read_table(tmp_path / "table/chunks.parquet")
    assert table["text"].to_pylist() == texts
    assert np.array_equal(np.array(table["vector"].to_pylist(), dtype=np.float32), vectors)
    spans = zip(table["start"].to_pylist(), table["end"].to_pylist(), strict=True)
    assert [end - start for start, end in spans] == [len(text) for text in texts]


def test_nothing_is_written_over(filled: Run, store: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not empty"):
        export(store, tmp_path / "full", form="npy")
    with pytest.raises(UsageError, match="unknown format"):
        export(store, tmp_path / "new", form="pickle")
    with pytest.raises(StoreError, match="no store"):
        export(tmp_path / "nowhere", tmp_path / "new", form="npy")
    result = filled("index", "export", str(tmp_path / "out"), "--to", "npy", "--json")
    assert result.json["chunks"] == 6
