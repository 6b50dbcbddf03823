"""Measures as values: of the ranking, of the answers, of the time."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from memctl.ingest import MemctlError, UsageError

if TYPE_CHECKING:
    from ir_measures import Measure as Ranking

Unit = Literal["document", "page", "passage"]
_UNITS: dict[str, Unit] = {"document": "document", "page": "page", "passage": "passage"}

# What can be said of answers; each is a sum over questions of what counts over what could count.
ANSWERS = {
    "EM": "the short answer is a right one, after SQuAD's normalisation",
    "F1": "words in common with a right answer, after SQuAD's normalisation",
    "stemEM": "as EM, of stems: case, ё and endings put aside, Russian or English",
    "stemF1": "as F1, of stems",
    "ROUGE-L": "longest common run of stems with a right answer, F measure",
    "Containment": "a right answer stands in the answer, as stems",
    "CitP": "share of the citations that hold the evidence",
    "CitR": "share of the evidence that a citation holds",
    "Supported": "share of the claims that their sources say",
    "AbstP": "share of the refusals that were right",
    "AbstR": "share of the unanswerable questions that were refused",
    "Answered": "share of the answerable questions that were answered",
    "Judge": "what a language model thinks of the answer, from 0 to 1",
}
# Seconds that half, and 95 of a hundred, questions stay under: of the search, and of the answer.
TIMES = {"p50": 0.5, "p95": 0.95, "answer-p50": 0.5, "answer-p95": 0.95}
DEFAULT_RANKING = ("nDCG@10", "RR", "R@10", "R@100", "Success@5")
DEFAULT_ANSWERS = (
    "stemEM",
    "stemF1",
    "ROUGE-L",
    "Containment",
    "CitP",
    "CitR",
    "Supported",
    "AbstP",
    "AbstR",
    "Answered",
)
_RANKING = "nDCG@k, RR, AP, P@k, R@k, Judged@k, Success@k"
_RANKINGS = ("nDCG", "RR", "AP", "Judged", "Success", "Rprec", "Bpref")
_NAME = re.compile(r"(?:(\w+):)?([A-Za-z][\w-]*(?:\([^()]*\))?(?:@\d+)?)")
_RR = re.compile(r"(RR(?:\([^()]*\))?)@\d+")
_COMMA = re.compile(r",(?![^(]*\))")


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured, such as ``nDCG@10``, ``page:R@5``, ``CitP``.

    The words before the colon say what counts as found: the document, the page, the passage.

    Raises:
        UsageError: there is no such measure.
    """

    name: str
    unit: Unit = "document"

    def __post_init__(self) -> None:
        if self.kind == "ranking":
            self.ranking()

    def __str__(self) -> str:
        return self.name if self.unit == "document" else f"{self.unit}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> Measure:
        """Read a measure.

        Raises:
            UsageError: there is no such measure.
        """
        found = _NAME.fullmatch(text.strip())
        if found is None:
            raise UsageError(f"{text!r} is no measure", hint=_known())
        unit: Unit | None = _UNITS.get(found[1] or "document")
        if unit is None or (found[1] and found[2] in {*ANSWERS, *TIMES}):
            raise UsageError(f"{text!r} is no measure", hint=f"Units: {', '.join(_UNITS)}.")
        return cls(found[2], unit)

    @property
    def kind(self) -> Literal["ranking", "answer", "time"]:
        """Of what it is a measure."""
        if self.name in ANSWERS:
            return "answer"
        return "time" if self.name in TIMES else "ranking"

    @property
    def less_is_better(self) -> bool:
        """Whether the smaller of two values is the better one."""
        return self.kind == "time"

    @property
    def depth(self) -> int:
        """How many hits it looks at; 0 where that is all there are."""
        _, at, cutoff = self.name.rpartition("@")
        return int(cutoff) if at else 0

    def ranking(self) -> Ranking:
        """Return it as ir-measures knows it; RR@k is computed from RR.

        Raises:
            UsageError: ir-measures does not know it, or needs more than is installed.
        """
        library = ir_measures()
        try:
            found = library.parse_measure(_RR.sub(r"\1", self.name))
            supported = any(each.supports(found) for each in providers())
        except (ValueError, NameError, AssertionError, TypeError) as error:
            raise UsageError(f"{self.name!r} is no measure", hint=_near(self.name)) from error
        if not supported or self.name.endswith("@0"):
            raise UsageError(f"{self.name!r} cannot be computed here", hint=_known())
        return cast("Ranking", found)


def parse_measures(text: str) -> tuple[Measure, ...]:
    """Read measures with commas between them, each once.

    Raises:
        UsageError: one of them is none.
    """
    found = [Measure.parse(each) for each in split_at_commas(text)]
    return tuple(dict.fromkeys(found))


def split_at_commas(text: str) -> list[str]:
    """Return the parts of a list; a comma in brackets parts nothing."""
    return [part.strip() for part in _COMMA.split(text) if part.strip()]


def _near(name: str) -> str:
    """Return what may have been meant, or else all that is known."""
    bare, at, cutoff = name.partition("@")
    names = {each.casefold(): each for each in (*_RANKINGS, *ANSWERS, *TIMES)}
    found = difflib.get_close_matches(bare.casefold(), names, n=1, cutoff=0.7)
    return f"Did you mean {names[found[0]]}{at}{cutoff}?" if found else _known()


def _known() -> str:
    return f"Known: {_RANKING}; {', '.join(ANSWERS)}; {', '.join(TIMES)}."


def ir_measures() -> Any:  # noqa: ANN401  a module
    """Return the library that measures rankings.

    Raises:
        MemctlError: it is not installed, as where there is no wheel for the machine.
    """
    try:
        import ir_measures as library
    except ImportError as error:
        raise MemctlError(
            f"rankings are measured with ir-measures: {error}", hint="Run: pip install ir-measures"
        ) from error
    return library


def providers() -> Sequence[Any]:
    """Return what computes: trec_eval's own code, and the share that was judged."""
    library = ir_measures()
    return [library.pytrec_eval, library.judged]
