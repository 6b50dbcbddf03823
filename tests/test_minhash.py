from __future__ import annotations

import random

import numpy as np
import pytest

from memctl.ingest.duplicates import DuplicateGroup, Signed, find_duplicates
from memctl.ingest.minhash import HASHES, signature

WORDS = [f"слово{number}" if number % 2 else f"word{number}" for number in range(3_000)]


def text_of(seed: int, length: int = 400) -> list[str]:
    return random.Random(seed).choices(WORDS, k=length)


def changed(words: list[str], changes: int) -> list[str]:
    dice = random.Random(9)
    words = list(words)
    for at in dice.sample(range(len(words)), changes):
        words[at] = f"other{at}"
    return words


def jaccard(a: list[str], b: list[str]) -> float:
    first, second = ({tuple(w[at : at + 5]) for at in range(len(w) - 4)} for w in (a, b))
    return len(first & second) / len(first | second)


def estimate(a: str, b: str) -> float:
    first, second = (np.frombuffer(signature(text), dtype="<u4") for text in (a, b))
    return float((first == second).mean())


def test_a_signature_holds_64_numbers_and_is_always_the_same() -> None:
    assert len(signature("a b c d e")) == 4 * HASHES
    assert signature("Маяк построили в 1911 году").hex()[:16] == "1384d01fce79b7ab"


def test_less_than_five_words_have_no_signature() -> None:
    assert signature("") == signature("a b c d") == signature(" —!\n") == b""


def test_case_marks_white_space_and_the_dots_of_yo_make_no_difference() -> None:
    assert signature("Пётр, «зажёг»\nлампу; в\t1911!") == signature("петр зажег ЛАМПУ в 1911")


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert len(signature("a b c d \ud800")) in {0, 4 * HASHES}


def test_the_estimate_of_the_similarity_is_unbiased() -> None:
    errors: list[float] = []
    for seed in range(60):
        words = text_of(seed, length=300)
        other = changed(words, seed)
        errors.append(estimate(" ".join(words), " ".join(other)) - jaccard(words, other))
    assert abs(np.mean(errors)) < 0.02  # three standard errors
    assert np.std(errors) < 0.07  # sqrt(.25 / 64) is the most for a single pair


def signed(texts: dict[str, str]) -> list[Signed]:
    return [Signed(path, signature(t), characters=len(t)) for path, t in texts.items()]


def duplicates(texts: dict[str, str]) -> list[DuplicateGroup]:
    return find_duplicates(signed(texts), texts.__getitem__)


def test_equal_texts_are_told_from_texts_that_are_nearly_so() -> None:
    words = text_of(1)
    same, near = " ".join(words), " ".join(changed(words, 5))
    marked = same.replace(" ", "  ", 1)
    (group,) = duplicates({"c": near, "b": same, "a": same, "d": marked, "e": " ".join(text_of(2))})
    assert (group.document, group.same) == ("a", ("b",))
    assert [path for path, _ in group.similar] == ["d", "c"]
    assert group.similar[0][1] == 1.0
    assert 0.8 <= group.similar[1][1] < 1.0


def test_texts_of_the_same_length_and_signature_that_differ_are_not_the_same() -> None:
    same = " ".join(text_of(1))
    (group,) = duplicates({"a": same, "b": same.replace(" ", "\n", 1)})
    assert (group.same, group.similar) == ((), (("b", 1.0),))


def test_short_texts_are_not_compared() -> None:
    assert duplicates({"a": "Да.", "b": "Да.", "c": ""}) == []


def test_all_pairs_that_are_alike_are_found_and_no_other() -> None:
    texts: dict[str, str] = {}
    for seed in range(40):
        words = text_of(seed)
        texts[f"{seed:02}a"] = " ".join(words)
        texts[f"{seed:02}b"] = " ".join(changed(words, seed))
    alike = {
        seed for seed in range(40) if estimate(texts[f"{seed:02}a"], texts[f"{seed:02}b"]) >= 0.8
    }
    found = duplicates(texts)
    assert {int(group.document[:2]) for group in found} == alike
    assert all(len(group.same) + len(group.similar) == 1 for group in found)
    assert 5 < len(alike) < 35


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_stands_twice_among_less_than_two(count: int) -> None:
    assert find_duplicates(signed({"a": " ".join(text_of(1))})[:count], str) == []
