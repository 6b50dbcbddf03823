from __future__ import annotations

import json
import random
import re
import string
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from memctl.ingest import UsageError
from memctl.query.evaluation import (
    Measure,
    measured,
    parse_gates,
    parse_measures,
    read_qrels,
)
from memctl.query.evaluation.agreement import (
    best,
    contains,
    exact,
    f1,
    rouge_l,
    squad_tokens,
    stem_tokens,
)

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
NAMES = "nDCG@10,nDCG@3,RR,AP,P@5,R@10,R@100,Success@1,Success@5"
TREC = {
    "nDCG@10": "ndcg_cut_10",
    "nDCG@3": "ndcg_cut_3",
    "RR": "recip_rank",
    "AP": "map",
    "P@5": "P_5",
    "R@10": "recall_10",
    "R@100": "recall_100",
    "Success@1": "success_1",
    "Success@5": "success_5",
}


def _made(seed: int) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, int]]]:
    """Return a run with many ties, and graded judgements of what it holds and of what it lacks."""
    dice = random.Random(seed)
    documents = [f"d{number}" for number in range(60)]
    run = {
        f"q{number}": {each: round(dice.random(), 1) for each in dice.sample(documents, 30)}
        for number in range(40)
    }
    qrels = {
        query: {each: dice.choice([0, 1, 1, 2, 3]) for each in dice.sample(documents, 8)}
        for query in run
    }
    return run, qrels


@pytest.mark.parametrize("seed", range(5))
def test_every_measure_equals_trec_evals_with_ties(seed: int) -> None:
    import pytrec_eval

    run, qrels = _made(seed)
    judge: Any = pytrec_eval.RelevanceEvaluator(qrels, set(TREC.values()))
    wanted = judge.evaluate(run)
    found = measured(run, qrels, parse_measures(NAMES))
    for measure, values in found.items():
        for query, value in values.items():
            assert value == pytest.approx(wanted[query][TREC[str(measure)]], abs=1e-6), measure


def test_a_question_that_found_nothing_is_nought_and_one_that_was_not_asked_an_error() -> None:
    qrels = {"a": {"d": 1}, "b": {"d": 1}}
    found = measured({"a": {"d": 1.0}, "b": {}}, qrels, parse_measures("nDCG@10,Judged@10,RR@5"))
    assert {str(each): values for each, values in found.items()} == {
        "nDCG@10": {"a": 1.0, "b": 0.0},
        "Judged@10": {"a": 1.0, "b": 0.0},
        "RR@5": {"a": 1.0, "b": 0.0},
    }
    with pytest.raises(UsageError, match="lacks 1 of 2 questions, such as 'b'"):
        measured({"a": {"d": 1.0}}, qrels, parse_measures("RR"))
    with pytest.raises(UsageError, match="no question has evidence"):
        measured({}, {}, parse_measures("RR"))


def test_a_reciprocal_rank_is_cut() -> None:
    run = {"q": {f"d{number}": 1 / (number + 1) for number in range(10)}}
    found = measured(run, {"q": {"d4": 1}}, parse_measures("RR,RR@5,RR@4"))
    values = {str(measure): each["q"] for measure, each in found.items()}
    assert values == {"RR": pytest.approx(0.2), "RR@5": pytest.approx(0.2), "RR@4": 0.0}


@pytest.mark.parametrize(
    ("text", "kind", "unit", "depth"),
    [
        ("nDCG@10", "ranking", "document", 10),
        ("page:R@5", "ranking", "page", 5),
        ("P(rel=2)@5", "ranking", "document", 5),
        ("AP", "ranking", "document", 0),
        ("F1", "answer", "document", 0),
        ("answer-p95", "time", "document", 0),
    ],
)
def test_a_measure_is_a_value(text: str, kind: str, unit: str, depth: int) -> None:
    measure = Measure.parse(text)
    assert (measure.kind, measure.unit, measure.depth) == (kind, unit, depth)
    assert str(measure) == text
    assert measure == Measure.parse(f" {text} ")


@pytest.mark.parametrize(
    "text", ["foo", "nDCG@", "nDCG@ten", "line:R@5", "page:F1", "", "R", "ERR@10", "nDCG@0"]
)
def test_what_is_no_measure_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Measure.parse(text)


def test_demands_are_read() -> None:
    first, second = parse_gates("nDCG@10>=0.60, P(rel=2,judged_only=True)@5 < 0.5")
    assert str(first) == "nDCG@10>=0.6"
    assert first.met_by(0.6)
    assert not first.met_by(0.599)
    assert second.met_by(0.4)
    for wrong in ("nDCG@10", ">=1", "nDCG@10>=x", "nDCG@10>=nan", ""):
        with pytest.raises(UsageError):
            parse_gates(wrong)


# What SQuAD's evaluate-v1.1.py gives for these.
@pytest.mark.parametrize(
    ("said", "right", "em", "score"),
    [
        ("The Denver Broncos.", "denver broncos", 1, 1.0),
        ("Denver", "Denver Broncos", 0, 2 / 3),
        ("an a the", "the", 1, 0.0),
        ("24–10", "24-10", 0, 0.0),
        ("In 2016, Santa Clara", "Santa Clara", 0, 2 / 3),
        ("U.S.A.", "usa", 1, 1.0),
        ("чайка", "чайки", 0, 0.0),
    ],
)
def test_answers_are_compared_as_squad_compares_them(
    said: str, right: str, em: float, score: float
) -> None:
    assert best(exact, said, [right], squad_tokens) == em
    assert best(f1, said, [right], squad_tokens) == pytest.approx(score)


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("чайки", "чайку"),
        ("«Пётр Ильич»", "Петра Ильича"),
        ("The gull towers", "gull tower"),
        ("ТРИ чайки", "три чайки."),
    ],
)
def test_answers_are_compared_by_stems_in_both_languages(said: str, right: str) -> None:
    assert best(exact, said, [right], stem_tokens) == 1.0
    assert best(f1, said, [right], stem_tokens) == 1.0


def test_the_longest_common_run_and_containment() -> None:
    assert rouge_l("a b c d".split(), "a x c d".split()) == pytest.approx(0.75)
    assert rouge_l([], ["a"]) == 0.0
    assert contains("the tower was built in 1911".split(), "built in".split()) == 1.0
    assert contains("built long ago in".split(), "built in".split()) == 0.0
    assert contains(["a"], []) == 0.0


def test_measures_equal_those_of_ranx_where_no_scores_tie() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ranx
    dice = random.Random(9)
    run = {query: {each: dice.random() for each in items} for query, items in _made(7)[0].items()}
    qrels = _made(7)[1]
    names = {"nDCG@10": "ndcg@10", "RR": "mrr", "P@5": "precision@5", "R@10": "recall@10"}
    found = measured(run, qrels, parse_measures(",".join(names)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted: Any = ranx.evaluate(ranx.Qrels(qrels), ranx.Run(run), list(names.values()))
    for measure, values in found.items():
        mean = sum(values.values()) / len(values)
        assert mean == pytest.approx(wanted[names[str(measure)]], abs=1e-6)


SETS = sorted(file.parent.name for file in DATA.glob("*/qrels.tsv"))


@pytest.mark.skipif(not SETS, reason="the evaluation sets are not there")
@pytest.mark.parametrize("name", SETS or ["none"])
def test_every_measure_equals_trec_evals_on_the_judgements_of_real_sets(name: str) -> None:
    """Rankings with ties; of every seventh question nothing was found, which is nought."""
    import pytrec_eval

    qrels: dict[str, dict[str, int]] = {}
    for query, judged in read_qrels(DATA / name / "qrels.tsv"):
        qrels.setdefault(query, {})[judged.document] = judged.relevance
    dice = random.Random(name)
    pool = sorted({document for judged in qrels.values() for document in judged})
    run: dict[str, dict[str, float]] = {}
    for number, (query, judged) in enumerate(qrels.items()):
        shown = [*dice.sample(pool, min(len(pool), 60)), *judged]
        run[query] = {each: round(dice.random(), 2) for each in shown} if number % 7 else {}
    judge: Any = pytrec_eval.RelevanceEvaluator(qrels, set(TREC.values()))
    wanted = judge.evaluate({query: items for query, items in run.items() if items})
    for measure, values in measured(run, qrels, parse_measures(NAMES)).items():
        assert values.keys() == qrels.keys()
        for query, value in values.items():
            right = wanted[query][TREC[str(measure)]] if run[query] else 0.0
            assert value == pytest.approx(right, abs=1e-6), (measure, query)


# --- what SQuAD's evaluate-v1.1.py does, in its own steps


def _normalized(text: str) -> str:
    text = "".join(each for each in text.lower() if each not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def _published_f1(prediction: str, truth: str) -> float:
    said, right = _normalized(prediction).split(), _normalized(truth).split()
    same = sum((Counter(said) & Counter(right)).values())
    if same == 0:
        return 0
    precision, recall = 1.0 * same / len(said), 1.0 * same / len(right)
    return (2 * precision * recall) / (precision + recall)


@pytest.mark.parametrize("name", ["xquad_en", "xquad_ru"])
def test_agreement_equals_squads_script_on_xquad_predictions(name: str) -> None:
    """The predictions are the right answers, cut, widened, or from another question."""
    file = DATA / name / "queries.jsonl"
    if not file.is_file():
        pytest.skip("the evaluation sets are not there")
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    dice = random.Random(name)
    seen = set[float]()
    for row in rows:
        right = dice.choice(row["answers"])
        other = dice.choice(rows)["answers"][0]
        said = dice.choice(
            [right, right.upper(), f"the {right}, {other}", right[:-1], other, f"«{right}»."]
        )
        em = max(_normalized(said) == _normalized(each) for each in row["answers"])
        score = max(_published_f1(said, each) for each in row["answers"])
        assert best(exact, said, row["answers"], squad_tokens) == em
        assert best(f1, said, row["answers"], squad_tokens) == pytest.approx(score, abs=1e-12)
        seen.add(score)
    assert len(seen) > 5
