from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from memctl.ingest import VectorFile


@pytest.fixture
def vectors(tmp_path: Path) -> VectorFile:
    file = tmp_path / "vectors.f16"
    file.touch()
    return VectorFile(file, 4)


def test_what_was_appended_is_mapped_in_the_order_of_its_rows(vectors: VectorFile) -> None:
    first = np.eye(4, dtype=np.float32)[:2]
    second = np.full((1, 4), 0.5, dtype=np.float32)
    vectors.append(first, rows=0)
    vectors.append(second, rows=2)
    assert vectors.map(3).tolist() == [*first.tolist(), *second.tolist()]


def test_an_append_writes_over_what_was_never_committed(vectors: VectorFile) -> None:
    vectors.append(np.eye(4, dtype=np.float32), rows=0)
    vectors.append(np.full((1, 4), 0.5, dtype=np.float32), rows=1)
    assert vectors.map(2).tolist() == [[1, 0, 0, 0], [0.5, 0.5, 0.5, 0.5]]
    assert vectors.file.stat().st_size == 2 * vectors.row_bytes


def test_vectors_of_another_dimension_are_refused(vectors: VectorFile) -> None:
    with pytest.raises(ValueError, match="shape"):
        vectors.append(np.zeros((1, 3), dtype=np.float32), rows=0)


def test_a_mapped_row_cannot_be_changed(vectors: VectorFile) -> None:
    vectors.append(np.eye(4, dtype=np.float32), rows=0)
    with pytest.raises(ValueError, match="read-only"):
        vectors.map(4)[0, 0] = 2


def test_no_rows_map_to_an_empty_array(vectors: VectorFile) -> None:
    assert vectors.map(0).shape == (0, 4)
