"""The benches of answers: changed claims, regressions, areas."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # bench is not installed

from bench.claims import KINDS, Claimed, changed
from bench.regression import area, chance, fit


def claim(text: str, language: str = "en", *, source: str = "") -> Claimed:
    return Claimed("made", text, source=source, title="", language=language, holds=True)


CLAIMS = [
    claim("The tower was built by Anna Berg and has 212 steps in this area."),
    claim("The storm of 12 June 1953 did not break the lamp of Erik Lund."),
    claim("Смотритель Пётр Ильич прожил там 30 лет и не уехал.", "ru"),
    claim("Шторм 12 июня 1953 года разбил лампу Анны Берг.", "ru"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_claim_differs_in_one_fact_and_no_longer_holds(kind: str) -> None:
    found = [each for each in changed(CLAIMS, 10) if each.kind == kind]
    assert {each.language for each in found} == {"en", "ru"}
    for each in found:
        assert not each.holds
        assert each.text not in {original.text for original in CLAIMS}
        whole = each.text.split()
        near = max(
            sum(word in whole for word in original.text.split()) / len(original.text.split())
            for original in CLAIMS
        )
        assert near > 0.7


def test_a_negation_is_put_beside_a_verb_and_into_no_word() -> None:
    texts = [each.text for each in changed(CLAIMS, 10) if each.kind == "negation"]
    assert any("was not built" in text or "did break" in text for text in texts)
    assert not any("nota" in text for text in texts)


def test_at_most_so_many_of_a_kind_and_language_are_changed() -> None:
    found = changed(CLAIMS * 3, 2)
    for kind in KINDS:
        for language in ("en", "ru"):
            some = [each for each in found if (each.kind, each.language) == (kind, language)]
            assert len(some) <= 2


def test_a_regression_finds_the_line_that_parts_two_groups() -> None:
    x = np.array([[0.0, 5.0], [1.0, 4.0], [0.2, 6.0], [3.0, 5.0], [4.0, 4.0], [3.5, 6.0]])
    y = np.array([0.0, 0, 0, 1, 1, 1])
    weights = fit(x, y)
    p = chance(x, weights)
    assert ((p > 0.5) == (y == 1)).all()
    assert abs(weights[1]) > abs(weights[2])
    heavier = fit(x, y, weights=np.array([9.0, 9, 9, 1, 1, 1]))
    assert chance(x, heavier).mean() < p.mean()


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    p, y = np.array([0.1, 0.4, 0.4, 0.9]), np.array([0.0, 1, 0, 1])
    assert area(p, y) == pytest.approx((1 + 0.5 + 1 + 1) / 4)
