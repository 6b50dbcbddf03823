from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.index import Spec, Wish
from memctl.index.certify import advice
from memctl.index.choose import choose
from memctl.index.spec import parse
from memctl.ingest import MemctlError, UsageError

DIMENSION = 32
PLAIN = Spec("pq-fs", pq_m=8, pq_bits=4)
REFINED = Spec("pq-fs", pq_m=8, pq_bits=4, refine="sq8")


@pytest.mark.parametrize(
    ("count", "kind"),
    [(1, "flat"), (10_000, "flat"), (10_001, "pq-fs"), (250_001, "ivf-pq-fs")],
)
def test_auto_chooses_by_count_and_says_why(count: int, kind: str) -> None:
    choice = choose(Wish(), count=count, dimension=384)
    assert choice.spec.type == kind
    assert f"{count:,}" in choice.reasons[0]


def test_memory_that_an_index_does_not_fit_is_told_with_what_does() -> None:
    with pytest.raises(UsageError, match=r"takes 64\.0 MB of memory, more than the 10\.0 MB") as no:
        choose(Wish(max_memory=10_000_000), count=1_000_000, dimension=384)
    assert no.value.hint == (
        "Give --max-memory 64M, or choose --type flat: slower, but mapped from disk, 8.0 MB."
    )
    with pytest.raises(UsageError, match="hnsw of 1,000,000 vectors takes") as no:
        choose(Wish("hnsw", max_memory=70_000_000), count=1_000_000, dimension=384)
    assert "--type pq-fs: 4-bit codes, 64.0 MB" in no.value.hint
    choice = choose(Wish(max_memory=64_000_000), count=1_000_000, dimension=384)
    assert choice.reasons[-1] == "64.0 MB of memory: fits the 64.0 MB given"


@pytest.mark.parametrize(
    ("wish", "count", "hint"),
    [
        (Wish("pq-fs"), 1, "Choose --type flat, which learns nothing."),
        (Wish("ivf-flat", nlist=50), 20, "Give --nlist 20 or less, or choose --type flat."),
        (Wish("ivf-pq"), 20, "Give --pq-bits 4 or less, or choose --type flat."),
        (Wish("opq-ivf-pq"), 200, "Give --pq-bits 7 or less, or choose --type flat."),
        (Wish(factory="IVF64,Flat"), 63, "Give an IVF of 63 or less, or choose --type flat."),
    ],
)
def test_too_few_vectors_to_learn_from_are_told_with_what_helps(
    wish: Wish, count: int, hint: str
) -> None:
    with pytest.raises(UsageError, match="at least, there are") as caught:
        choose(wish, count=count, dimension=DIMENSION)
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda: Wish("hsnw"), "Did you mean 'hnsw'?"),
        (lambda: Wish("ivfpq"), "Did you mean 'ivf-pq'?"),
        (lambda: Wish("flat", refine="fp-16"), "Did you mean 'fp16'?"),
        (lambda: Wish("нет"), "Known: auto, flat, sq8, hnsw, pq-fs"),
    ],
)
def test_a_slip_of_the_hand_is_answered_with_the_nearest_name(
    make: Callable[[], Wish], hint: str
) -> None:
    with pytest.raises(UsageError, match="unknown") as caught:
        make()
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize(
    ("spec", "got", "hint"),
    [
        (
            PLAIN,
            0.948,
            "Codes alone lose too much: add --refine sq8, or accept --target-recall 0.94",
        ),
        (
            PLAIN,
            0.29,
            "Codes alone lose too much: add --refine sq8, or accept --target-recall 0.29",
        ),
        (REFINED, 0.9999, "more codes (--pq-m), another --type, or accept --target-recall 0.99"),
        (Spec("hnsw", hnsw_m=32), 0.7, "Choose another --type, or accept --target-recall 0.7"),
        (Spec("sq8"), 0.004, "Choose another --type"),
    ],
)
def test_the_recall_that_is_advised_is_one_that_passes(spec: Spec, got: float, hint: str) -> None:
    assert advice(spec, got).endswith(hint)


@given(
    st.sampled_from(["ivf-pq", "opq-ivf-pq"]),
    st.integers(1, 9_999),
    st.sampled_from([8, 48]),
    st.sampled_from(["none", "sq8", "fp16", "exact"]),
)
def test_a_spec_is_what_it_prints(kind: str, nlist: int, pq_m: int, refine: str) -> None:
    spec = Spec(kind, nlist=nlist, pq_m=pq_m, pq_bits=8, refine=refine)  # type: ignore[arg-type]
    assert parse(str(spec)) == spec


def test_errors_are_memctls_own() -> None:
    with pytest.raises(MemctlError):
        Wish("nothing")
    with pytest.raises(MemctlError):
        Wish(target_recall=1.5)
