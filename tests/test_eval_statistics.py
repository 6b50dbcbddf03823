from __future__ import annotations

import numpy as np
import pytest

from memctl.query.evaluation import Tally, compare, interval


def _plain(values: object) -> Tally:
    counts = np.asarray(values, dtype=np.float64)
    return Tally(counts, np.ones(len(counts)))


def test_of_identical_systems_one_in_twenty_seems_worse_with_one_measure_or_several() -> None:
    dice = np.random.default_rng(1)
    for measures in (1, 4):
        alarms = 0
        for number in range(1_000):
            level, own = dice.random((100, 1)), dice.normal(0, 0.1, (2, 100, measures))
            shared = dice.normal(0, 0.2, (2, 100, 1))  # the measures of a system go together
            old, new = np.clip(level + shared + own, 0, 1)
            found = compare(
                [_plain(each) for each in old.T],
                [_plain(each) for each in new.T],
                rounds=1_000,
                seed=number,
            )
            alarms += min(each.p_lower for each in found) < 0.05
        assert 30 <= alarms <= 70


def test_a_loss_of_five_hundredths_on_300_questions_is_caught() -> None:
    """One question in twenty loses all that it found, as when documents went missing."""
    dice = np.random.default_rng(2)
    caught = 0
    for number in range(200):
        old = np.clip(dice.normal(0.9, 0.2, 300), 0, 1)
        new = np.clip(old + dice.normal(0, 0.1, 300) * (dice.random(300) < 0.3), 0, 1)
        lost = dice.choice(300, 20, replace=False)
        new[lost] = 0
        new += (old.mean() - 0.05) - new.mean()
        (found,) = compare([_plain(old)], [_plain(new)], rounds=2_000, seed=number)
        assert found.delta == pytest.approx(-0.05)
        caught += found.p_lower < 0.05
    assert caught >= 180


def test_few_questions_are_exchanged_in_every_way() -> None:
    old, new = _plain([1, 1, 1, 1]), _plain([0, 0, 0, 0])
    (found,) = compare([old], [new])
    assert found.p_lower == 1 / 16
    assert found.p_higher == 1.0
    (same,) = compare([old], [old])
    assert same.p_lower == same.p_higher == 1.0


def test_shares_are_exchanged_with_what_they_are_shares_of() -> None:
    old = Tally(np.array([2.0, 0, 1]), np.array([2.0, 0, 1]))
    new = Tally(np.array([0.0, 1, 0]), np.array([2.0, 4, 1]))
    (found,) = compare([old], [new])
    assert (found.old, found.new) == (1.0, pytest.approx(1 / 7))
    assert 0 < found.p_lower < 0.5


def test_the_test_is_the_same_each_time_and_refuses_unlike_questions() -> None:
    dice = np.random.default_rng(3)
    old, new = _plain(dice.random(40)), _plain(dice.random(40))
    assert compare([old], [new]) == compare([old], [new])
    with pytest.raises(ValueError, match="same questions"):
        compare([old], [_plain(dice.random(39))])


def test_an_interval_holds_the_mean_nineteen_times_of_twenty() -> None:
    dice = np.random.default_rng(4)
    held = 0
    for number in range(200):
        low, high = interval(_plain(dice.random(80)), rounds=500, seed=number)
        held += low <= 0.5 <= high
    assert 180 <= held <= 199
    assert np.isnan(interval(Tally(np.zeros(2), np.zeros(2)))).all()
