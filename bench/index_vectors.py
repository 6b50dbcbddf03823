"""The vectors that ``bench.index`` searches: of real texts, embedded once and kept, and made ones.

To embed them beforehand, in a process that may be stopped and goes on where it was:

    nice python -m bench.index_vectors --vectors FOLDER
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.common import SkippedError, corpus_file, read_rows, talk
from bench.options import folder, parser, start
from memctl.ingest import Role, Vectors
from memctl.ingest.embedders import Embedder, get

COUNT = 64_000
K = 10
TUNING, SCORING = 1_500, 2_000  # queries
_PART = 2_000  # texts a file
_CHARACTERS = 1_000  # of a text, at most
_LAST = "ru_rag_par"  # the largest set, which fills up what the others leave
_SEED = 7
_TIE = 1e-5  # what is as near as the tenth neighbour is as good
_CENTRES, _SPREAD = 20_000, 0.5  # of made vectors: the length of what is added to a centre


@dataclass(frozen=True, slots=True)
class Points:
    """A folder of unit vectors to search, with queries of two kinds and their exact neighbours.

    Parameters are found with the queries ``tuning``, figures are taken with ``scoring``.
    """

    folder: Path

    @property
    def base(self) -> Vectors:
        """The vectors, float32 (n, dimension), mapped."""
        return self._load("base")

    def queries(self, kind: str) -> Vectors:
        """Return the queries ``tuning`` or ``scoring``, float32 (n, dimension)."""
        return np.array(self._load(kind))

    def recall(self, kind: str, found: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return recall@10 of each query, of the rows that were found for it, -1 for none."""
        queries, limits, base = self._load(kind), self._load(f"{kind}-limit"), self.base
        hits = np.zeros(len(found))
        for at, line in enumerate(found[:, :K]):
            known = np.unique(line[line >= 0])
            hits[at] = (base[known] @ queries[at] >= limits[at] - _TIE).sum()
        return np.minimum(hits, K) / K

    def _load(self, name: str) -> NDArray[np.float32]:
        return np.load(self.folder / f"{name}.npy", mmap_mode="r")


def real(data: Path, kept: Path, embedder: str | None) -> Points:
    """Return 64,000 texts of the sets under ``data``, and their questions, embedded."""
    model = get(embedder or "e5-small")
    base = embedded(passages(data), kept, role="document", embedder=model)
    asked = embedded(questions(data), kept, role="query", embedder=model)
    return _written(kept / f"real-{len(base)}", base, asked)


def clustered(kept: Path, count: int, *, dimension: int = 384) -> Points:
    """Return vectors made by chance around centres, and queries made in the same way."""
    place = kept / f"clustered-{count}"
    if not (place / "done").exists():
        talk(f"making {count:,} vectors")
        rng = np.random.default_rng(_SEED)
        centres = _unit(rng.standard_normal((_CENTRES, dimension), dtype=np.float32))
        total = count + TUNING + SCORING
        made = np.empty((total, dimension), dtype=np.float32)
        for at in range(0, total, _CENTRES):
            part = made[at : at + _CENTRES]
            part[:] = centres[rng.integers(0, _CENTRES, len(part))]
            part += _SPREAD * _unit(rng.standard_normal(part.shape, dtype=np.float32))
            part /= np.linalg.norm(part, axis=1, keepdims=True)
        return _written(place, made[:count], made[count:])
    return Points(place)


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def _written(place: Path, base: Vectors, asked: Vectors) -> Points:
    """Write the vectors and the exact neighbours of the queries, if they are not there."""
    if (place / "done").exists():
        return Points(place)
    import faiss

    place.mkdir(parents=True, exist_ok=True)
    np.save(place / "base.npy", base)
    parts = {"tuning": asked[:TUNING], "scoring": asked[TUNING : TUNING + SCORING]}
    for kind, queries in parts.items():
        scores, _ = faiss.knn(queries, base, K, metric=faiss.METRIC_INNER_PRODUCT)
        np.save(place / f"{kind}.npy", queries)
        np.save(place / f"{kind}-limit.npy", scores[:, -1])
    (place / "done").touch()
    return Points(place)


def passages(data: Path) -> list[str]:
    """Return the first texts of all sets, no text twice, in the same order every time."""
    sets = sorted(each for each in data.iterdir() if (each / "qrels.tsv").is_file())
    sets.sort(key=lambda each: each.name == _LAST)
    found: dict[str, None] = {}
    for each in sets:
        for row in read_rows(corpus_file(each)):
            found[f"{row.get('title') or ''}\n{row['text']}".strip()[:_CHARACTERS]] = None
    found.pop("", None)
    if len(found) < COUNT:
        raise SkippedError(f"{len(found):,} texts in {data}, {COUNT:,} are wanted")
    return list(islice(found, COUNT))


def questions(data: Path) -> list[str]:
    """Return the questions of all sets, no question twice, shuffled by a seed."""
    files = sorted(data.glob("*/queries.jsonl"))
    found = {str(row["text"]).strip(): None for file in files for row in read_rows(file)}
    found.pop("", None)
    order = np.random.default_rng(_SEED).permutation(len(found))
    texts = list(found)
    return [texts[at] for at in order]


def embedded(texts: Sequence[str], kept: Path, *, role: Role, embedder: Embedder) -> Vectors:
    """Return the vectors of ``texts``; each part is kept in a file, and embedded but once."""
    digest = hashlib.sha256("\0".join((embedder.fingerprint, role, *texts)).encode()).hexdigest()
    place = kept / f"{role}-{digest[:16]}"
    place.mkdir(parents=True, exist_ok=True)
    return np.concatenate(list(_parts(texts, place, role=role, embedder=embedder)))


def _parts(
    texts: Sequence[str], place: Path, *, role: Role, embedder: Embedder
) -> Iterator[Vectors]:
    for begin in range(0, len(texts), _PART):
        file = place / f"{begin // _PART:04d}.npy"
        if not file.exists():
            talk(f"embedding {begin:,} of {len(texts):,}")
            vectors = embedder.embed(texts[begin : begin + _PART], role=role)
            partial = file.with_suffix(".partial")
            with partial.open("wb") as stream:
                np.save(stream, vectors)
            partial.replace(file)
        yield np.load(file)


def main() -> int:
    """Embed all of the real texts and questions, and find their exact neighbours."""
    options = parser(__doc__)
    options.add_argument("--vectors", type=Path, required=True, metavar="FOLDER")
    args = options.parse_args()
    points = real(folder(args.data), args.vectors, args.embedder)
    print(f"{len(points.base):,} texts in {points.folder}")
    return 0


if __name__ == "__main__":
    start(main)
