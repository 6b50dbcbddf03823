from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.ingest import UsageError
from memctl.query.candidates import Candidates
from memctl.query.fusion import Fusion, Trust, standardised


def candidates(
    dense: list[float], lexical: list[float], *, lift: list[float] | None = None
) -> Candidates:
    def ranks(scores: list[float]) -> list[int]:
        order = sorted(range(len(scores)), key=lambda at: -scores[at])
        return [order.index(at) + 1 for at in range(len(scores))]

    return Candidates(
        np.arange(len(dense)),
        dense=np.array(dense, dtype=np.float32),
        lexical=np.array(lexical, dtype=np.float32),
        dense_ranks=np.array(ranks(dense), dtype=np.int64),
        lexical_ranks=np.array(ranks(lexical), dtype=np.int64),
        lift=np.array(lift or [0.0] * len(dense), dtype=np.float32),
    )


def trust(size: int, *, known: float = 1.0, kin: list[bool] | None = None) -> Trust:
    return Trust(known, kin=np.array(kin or [True] * size, dtype=np.bool_))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("rrf", "rrf(k=60)"),
        ("rrf(k=10)", "rrf(k=10)"),
        (" rrf ( 10 ) ", "rrf(k=10)"),
        ("linear(dense=0.25)", "linear(dense=0.25)"),
        ("linear()", "linear(dense=0.6)"),
        ("adaptive", "adaptive(lexical=0.6)"),
        ("adaptive(lexical=1)", "adaptive(lexical=1)"),
    ],
)
def test_a_fusion_is_a_value_that_is_read_as_it_is_written(text: str, written: str) -> None:
    assert str(Fusion.parse(text)) == written
    assert Fusion.parse(written) == Fusion.parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rff", "Did you mean 'rrf'"),
        ("mean", "Known: adaptive"),
        ("", "Known: adaptive"),
        ("rrf(k=60", "Did you mean 'rrf'"),
        ("rrf(dense=1)", "rrf(k=…)"),
        ("rrf(k=-1)", "from 0"),
        ("rrf(k=six)", "As in rrf"),
        ("linear(dense=1.5)", "from 0 to 1"),
        ("linear(dense=nan)", "As in linear"),
    ],
)
def test_what_is_no_fusion_is_an_error_with_the_next_step(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Fusion.parse(text)
    assert said in caught.value.hint


def test_reciprocal_ranks_are_those_of_the_paper() -> None:
    found = candidates([0.9, 0.8, 0.7], [1, 3, 2])
    scores = Fusion("rrf", 60).fuse(found, trust(3))
    assert scores.tolist() == pytest.approx([1 / 61 + 1 / 63, 1 / 62 + 1 / 61, 1 / 63 + 1 / 62])


def test_a_row_that_one_leg_did_not_find_has_but_the_others_rank() -> None:
    found = Candidates(
        np.arange(2),
        dense=np.array([0.9, 0.1], dtype=np.float32),
        lexical=np.array([0, 7], dtype=np.float32),
        dense_ranks=np.array([1, 0]),
        lexical_ranks=np.array([0, 1]),
        lift=np.zeros(2, dtype=np.float32),
    )
    assert Fusion("rrf", 60).fuse(found, trust(2)).tolist() == pytest.approx([1 / 61, 1 / 61])


def test_the_linear_sum_is_of_standardised_scores() -> None:
    found = candidates([1.0, 0.0], [0.0, 4.0])
    assert Fusion("linear", 0.75).fuse(found, trust(2)).tolist() == pytest.approx([0.5, -0.5])


def test_unknown_words_leave_the_order_to_meaning() -> None:
    found = candidates([0.9, 0.8, 0.7], [0, 1, 30])
    order = np.argsort(-Fusion().fuse(found, trust(3, known=0)))
    assert order.tolist() == [0, 1, 2]


def test_that_another_language_lacks_the_words_says_nothing_against_it() -> None:
    found = candidates([0.80, 0.79, 0.78, 0.77], [0.0, 9.0, 1.0, 0.5])
    among_kin = Fusion().fuse(found, trust(4))
    strange = Fusion().fuse(found, trust(4, kin=[False, True, True, True]))
    assert among_kin[0] < strange[0]
    assert strange[0] == Fusion("linear", 1).fuse(found, trust(4))[0]


def test_the_best_by_meaning_in_another_language_is_lent_half_of_the_best_by_words() -> None:
    kin = [False, True, True, True]
    found = candidates([0.80, 0.79, 0.78, 0.77], [0.0, 9.0, 1.0, 0.5])
    lifted = candidates([0.80, 0.79, 0.78, 0.77], [0.0, 9.0, 1.0, 0.5], lift=[1e-9, 0, 0, 0])
    plain = Fusion().fuse(found, trust(4, kin=kin))
    lent = Fusion().fuse(lifted, trust(4, kin=kin))
    best = max(standardised(found.lexical, np.array(each))[1] for each in (kin, [True] * 4))
    assert (lent - plain).tolist() == pytest.approx([0.6 * best / 2, 0, 0, 0], abs=1e-6)
    nobody = trust(4, kin=[False] * 4)
    assert Fusion().fuse(lifted, nobody).tolist() == Fusion().fuse(found, nobody).tolist()


def test_no_more_is_lent_than_words_say_as_a_rule() -> None:
    dense, lexical = [0.85, *[0.78] * 99], [*[0.0] * 99, 9.0]
    known = trust(100, kin=[False] + [True] * 99)
    plain = Fusion().fuse(candidates(dense, lexical), known)
    lent = Fusion().fuse(candidates(dense, lexical, lift=[0.01] + [0.0] * 99), known)
    assert standardised(np.array(lexical, dtype=np.float32), known.kin)[-1] > 9
    assert lent[0] - plain[0] == pytest.approx(0.6 * 2, abs=0.02)


@pytest.mark.parametrize("kin", [[True] * 40, [False] * 39 + [True], [True] * 39 + [False]])
def test_the_one_passage_that_has_the_word_stands_first_however_far_it_is_by_meaning(
    kin: list[bool],
) -> None:
    dense = [0.85, *np.linspace(0.80, 0.78, 38).tolist(), 0.60]
    found = candidates(dense, [0.0] * 39 + [7.5])
    assert int(np.argmax(Fusion().fuse(found, trust(40, kin=kin)))) == 39


def test_below_the_mean_by_meaning_the_order_stays() -> None:
    dense = [0.9, 0.5, 0.4, 0.3]
    scores = Fusion().fuse(candidates(dense, [1.0, 1.0, 1.0, 1.0]), trust(4))
    assert sorted(scores, reverse=True) == scores.tolist()
    gaps = -np.diff(scores)
    assert gaps[1] == pytest.approx(gaps[2], rel=1e-3)
    assert gaps[1] < gaps[0] / 5


def test_what_is_given_back_counts_as_meaning() -> None:
    nothing = [float("nan")] * 2
    found = candidates([0.80, 0.78], nothing, lift=[0.0, 0.05])
    for name in ("rrf", "linear", "adaptive"):
        scores = Fusion.parse(name).fuse(found, trust(2))
        assert scores.tolist() == pytest.approx([0.80, 0.83])


def test_with_one_leg_its_scores_stand() -> None:
    found = candidates([0.9, 0.8], [float("nan"), float("nan")])
    for name in ("rrf", "linear", "adaptive"):
        assert Fusion.parse(name).fuse(found, trust(2)).tolist() == pytest.approx([0.9, 0.8])
    assert Fusion().fuse(candidates([], []), trust(0)).size == 0


def test_legs_that_do_not_differ_change_nothing() -> None:
    found = candidates([0.5, 0.5, 0.5], [1, 2, 3])
    for name in ("linear", "adaptive"):
        assert np.argsort(-Fusion.parse(name).fuse(found, trust(3))).tolist() == [2, 1, 0]


scored = st.lists(
    st.tuples(st.floats(-1, 1, width=32), st.floats(0, 50, width=32), st.booleans()),
    min_size=1,
    max_size=12,
    unique_by=(lambda each: each[0], lambda each: each[1]),
)


@given(scored, st.sampled_from(["rrf", "linear", "adaptive"]), st.randoms(use_true_random=False))
def test_the_order_of_candidates_makes_no_difference(
    rows: list[tuple[float, float, bool]], name: str, random: object
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def by_row(some: list[tuple[float, float, bool]]) -> dict[tuple[float, float, bool], float]:
        found = candidates([each[0] for each in some], [each[1] for each in some])
        scores = Fusion.parse(name).fuse(found, trust(len(some), kin=[each[2] for each in some]))
        return dict(zip(some, scores.tolist(), strict=True))

    assert by_row(rows) == pytest.approx(by_row(shuffled), abs=1e-4)
