"""How well answers are checked without a language model; fits the estimate of memctl.query.verify.

Three kinds of claims: supported ones of five sets, the same with one number, date, name or
negation changed by a script (bench/claims.py), and claims about sources that do not say them: the
next paragraph, another abstract, the abstract that contradicts, and the sentences of FaithBench
that people marked as made up. The regressions are fitted on all sets but one and checked on that
one; the weights printed last are those of the fit on all, as memctl.query.verify.weights has
them. Run from the root of the project, with some minutes at hand:

    python -m bench.verification
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.claims import KINDS, SEED, Claimed, changed, supported
from bench.common import Gate, Report, corpus_file, read_rows, talk
from bench.options import folder, parser, start
from bench.regression import fit, matrix_of
from memctl.ingest import Embedder
from memctl.ingest.embedders.registry import get
from memctl.query.answers.statements import stated
from memctl.query.verify import Source, Statement, Verifier
from memctl.query.verify.verifier import Measured
from memctl.query.verify.weights import SUPPORTED, WEIGHTS, features, kind_of, logistic

MOST = 500  # changed claims of a kind and a language
_FAMILY = {
    "scifact_other": "scifact",
    "scifact_contradict": "scifact",
    "faithbench_marked": "faithbench",
}
_PARALLEL = {"xquad_en": "xquad_ru", "xquad_ru": "xquad_en"}

Vector = NDArray[np.float64]
Fitted = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Case:
    """A claim with what was measured of it; ``words`` is the same without an embedder."""

    claim: Claimed
    measured: Measured
    words: Measured


class Measure:
    """Measures claims, with meanings and without."""

    def __init__(self, embedder: Embedder) -> None:
        self._whole, self._words = Verifier(embedder), Verifier(None)

    def __call__(self, claim: Claimed) -> Case:
        """Return the case of a claim."""
        statement = Statement(claim.text, (1,))
        sources = [Source(1, claim.source, title=claim.title)]
        whole = self._whole.measure(statement, sources)
        return Case(claim, whole, self._words.measure(statement, sources))


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary of FaithBench with the cases of its sentences."""

    consistent: bool
    cases: list[Case]


def unsupported(data: Path) -> Iterator[Claimed]:
    """Yield claims about sources that do not say them."""
    for name, language in (("xquad_en", "en"), ("xquad_ru", "ru")):
        rows = list(read_rows(corpus_file(data / name)))
        other = {row["_id"]: row for row in read_rows(corpus_file(data / _PARALLEL[name]))}
        for row, following in zip(rows, [*rows[1:], rows[0]], strict=True):
            for each in stated(row["text"].replace("\n", " "))[:2]:
                both = (following["text"], False), (other[row["_id"]]["text"], True)
                for source, holds in (*both, (other[following["_id"]]["text"], False)):
                    across = source != following["text"]
                    set_ = f"across to {language}" if across else name
                    yield Claimed(
                        set_, each.text, source=source, title="", language=language, holds=holds
                    )
    yield from _contradicted(data / "scifact")


def _contradicted(folder_: Path) -> Iterator[Claimed]:
    corpus = {row["_id"]: row for row in read_rows(corpus_file(folder_))}
    draw, ids = random.Random(SEED), list(corpus)
    for row in read_rows(folder_ / "queries.jsonl"):
        for evidence in row["evidence"][:1]:
            other = corpus[draw.choice(ids)]
            pairs = [("scifact_other", other)]
            if evidence["label"] == "CONTRADICT":
                pairs.append(("scifact_contradict", corpus[evidence["doc"]]))
            for set_, document in pairs:
                yield Claimed(
                    set_,
                    row["text"],
                    source=document["text"],
                    title=document.get("title", ""),
                    language="en",
                    holds=False,
                )


def summaries(data: Path, measure: Measure) -> Iterator[Summary]:
    """Yield the summaries that all people found consistent, or one of them not."""
    for row in read_rows(data / "faithbench" / "samples.jsonl"):
        if row["worst_label"] not in {"Consistent", "Unwanted"}:
            continue
        marked = [
            span for span in row["spans"] if any("Unwanted" in label for label in span["label"])
        ]
        cases = []
        for each in stated(row["summary"]):
            wrong = any(s["start"] < each.end and each.start < s["end"] for s in marked)
            claim = Claimed(
                "faithbench_marked" if wrong else "faithbench",
                each.text,
                source=row["source"],
                title="",
                language="en",
                holds=not wrong,
            )
            cases.append(measure(claim))
        yield Summary(row["worst_label"] == "Consistent", cases)


def fitted(cases: Iterable[Case]) -> dict[str, list[float]]:
    """Return a regression for each kind of signs; every set and label weighs the same."""
    rows: dict[str, list[tuple[tuple[float, ...], float, str]]] = {kind: [] for kind in WEIGHTS}
    for case in cases:
        for measured in (case.measured, case.words):
            kind = kind_of(measured.signs)
            across = kind == "words" and case.claim.set.startswith("across")
            if not measured.faults.hard and not across:
                label = f"{_family(case.claim)} {case.claim.holds}"
                rows[kind].append((features(measured.signs), float(case.claim.holds), label))
    found: dict[str, list[float]] = {}
    for kind, some in rows.items():
        labels = [label for *_, label in some]
        share = np.array([len(some) / labels.count(label) for label in labels])
        x = matrix_of([values for values, _, _ in some])
        y = np.array([said for _, said, _ in some])
        found[kind] = fit(x, y, weights=share / share.mean()).round(2).tolist()
    return found


def holds(measured: Measured, weights: Fitted) -> bool:
    """Return whether a claim is taken for supported."""
    p = logistic(weights[kind_of(measured.signs)], features(measured.signs))
    return not measured.faults.hard and p >= SUPPORTED


def report(cases: list[Case], found: list[Summary], weights: Mapping[str, Fitted]) -> Report:
    """Return the table: each set is judged by the fit on the others."""
    made = Report(
        "verification", ("claims", "language", "cases", "taken for supported", "without embedder")
    )
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        claim = case.claim
        own = claim.set if claim.holds else f"{claim.set}, not said"
        name = f"{claim.kind} changed" if claim.kind else own
        groups.setdefault((name, claim.language), []).append(case)
    for (name, language), some in sorted(groups.items()):
        whole = np.mean([holds(each.measured, weights[_family(each.claim)]) for each in some])
        words = np.mean([holds(each.words, weights[_family(each.claim)]) for each in some])
        made.rows.append((name, language, str(len(some)), f"{whole:.3f}", f"{words:.3f}"))
    _gates(made, cases, weights)
    _summaries(made, found, weights["faithbench"])
    return made


def _gates(made: Report, cases: Sequence[Case], weights: Mapping[str, Fitted]) -> None:
    """Demand that changes are caught, and the originals are not taken for changed."""
    near = {"clapnq", "xquad_en", "xquad_ru"}
    for language in ("en", "ru"):
        mine = [case for case in cases if case.claim.language == language]
        for kind in KINDS:
            some = [case for case in mine if case.claim.kind == kind]
            caught = 1 - np.mean([holds(c.measured, weights[_family(c.claim)]) for c in some])
            made.gates.append(Gate(f"{kind} caught, {language}", float(caught), limit=0.95))
        some = [case for case in mine if case.claim.holds and case.claim.set in near]
        alarms = 1 - np.mean([holds(c.measured, weights[_family(c.claim)]) for c in some])
        made.gates.append(
            Gate(f"false alarms, {language}", float(alarms), limit=0.05, at_most=True)
        )


def _summaries(made: Report, found: Sequence[Summary], weights: Fitted) -> None:
    passed = np.array([all(holds(c.measured, weights) for c in each.cases) for each in found])
    good = np.array([each.consistent for each in found])
    draw = np.random.default_rng(SEED)
    values = [
        _balanced(passed[some], good[some])
        for some in draw.integers(0, len(good), size=(2000, len(good)))
    ]
    value = _balanced(passed, good)
    low, high = np.quantile(values, (0.025, 0.975))
    interval = f"{low:.3f} to {high:.3f}"
    count = str(len(good))
    made.rows.append(
        ("FaithBench summaries", "en", count, f"balanced accuracy {value:.3f}", interval)
    )
    made.gates.append(Gate("balanced accuracy on FaithBench", value, limit=0.60))


def _balanced(passed: NDArray[np.bool_], good: NDArray[np.bool_]) -> float:
    return float((passed[good].mean() + (~passed[~good]).mean()) / 2)


def _family(claim: Claimed) -> str:
    """Return the set that a fit leaves out together."""
    return _FAMILY.get(claim.set, claim.set)


def main() -> int:
    """Run the command line."""
    args = parser(__doc__)
    args.add_argument("--most", type=int, default=MOST, help="changed claims of a kind")
    chosen = args.parse_args()
    data = folder(chosen.data)
    measure = Measure(get("e5-small"))
    original = supported(data)
    claims = [*original, *changed(original, chosen.most), *unsupported(data)]
    talk(f"{len(claims):,} claims")
    cases = [measure(claim) for claim in claims]
    found = list(summaries(data, measure))
    marked = [case for each in found for case in each.cases if not case.claim.holds]
    fitting = [case for case in (*cases, *marked) if not case.claim.kind]
    families = dict.fromkeys(_family(case.claim) for case in fitting)
    weights = {
        name: fitted(case for case in fitting if _family(case.claim) != name) for name in families
    }
    made = report([*cases, *marked], found, weights)
    code = made.finish(chosen.json)
    talk(f"WEIGHTS = {fitted(fitting)}")
    return code


if __name__ == "__main__":
    start(main)
