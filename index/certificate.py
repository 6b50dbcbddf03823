"""The certificate of an index: its recall against exact search, measured and kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from memctl.index.recall import Interval

DEPTHS = (1, 10, 100)


@dataclass(frozen=True, slots=True)
class Recall:
    """Recall at each of ``DEPTHS`` over ``sample`` queries, each with its 95 % interval."""

    sample: int
    at: dict[int, Interval]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an index finds of what exact search over the stored vectors finds.

    ``vectors`` were measured with stored vectors that neither trained nor tuned the index, each of
    them left out of its own neighbours; ``questions``, where there are any, with the vectors of
    real questions. ``met`` says whether recall@10 reaches ``target``: of the questions if there
    are any, of the vectors otherwise.
    """

    target: float
    vectors: Recall
    _: KW_ONLY
    questions: Recall | None = None

    @property
    def decisive(self) -> Recall:
        """The measurement that the target is held against."""
        return self.questions or self.vectors

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.decisive.at[10].mean >= self.target

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Certificate:
        """Return the certificate that was written as ``data``.

        Raises:
            KeyError, TypeError, ValueError: it is not one.
        """
        questions = data["questions"]
        return cls(
            float(data["target"]),
            _recall(data["vectors"]),
            questions=None if questions is None else _recall(questions),
        )


def _recall(data: Mapping[str, Any]) -> Recall:
    at = {int(k): Interval(v["mean"], v["low"], high=v["high"]) for k, v in data["at"].items()}
    if set(at) != set(DEPTHS):
        raise ValueError(f"recall at {sorted(at)}")
    return Recall(int(data["sample"]), at)
