"""How to search, as a value."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, replace

from memctl.ingest import UsageError
from memctl.query.fusion import Fusion
from memctl.query.legs import MODES, Mode
from memctl.query.llm import LanguageModel
from memctl.query.rerank import Reranker
from memctl.query.synonyms import Synonyms


@dataclass(frozen=True, slots=True)
class How:
    """How to search: which legs are asked, how they are joined, how many each brings.

    ``reranker`` judges the first ``reranked`` of them anew; None leaves them as they are joined.
    ``collapse`` shows passages that say nearly the same once; ``diversity``, from 0 to 1, is how
    much more a hit counts that is unlike those before it. ``mend`` looks for what was meant by
    words that no text holds, ``synonyms`` for other wordings, ``glossary`` for what the measures
    of a question are computed from. ``across`` gives passages in another language than the question
    back what they lose by that (``LanguageBias``). ``split`` asks a question that is two
    in one in parts too; ``feedback`` is how many first passages lend the question their words.
    ``model`` is a language model that writes so many ``variants`` of the question, or, with
    ``hyde``, a passage that would answer it, whose meaning is searched for as well.

    Raises:
        UsageError: there is no such mode.
    """

    mode: Mode = "hybrid"
    _: KW_ONLY
    fusion: Fusion = field(default_factory=Fusion)
    candidates: int = 100
    reranker: Reranker | None = None
    reranked: int = 50
    collapse: bool = False
    diversity: float = 0.0
    mend: bool = True
    synonyms: Synonyms = field(default_factory=Synonyms)
    glossary: bool = True
    across: bool = True
    split: bool = False
    feedback: int = 0
    model: LanguageModel | None = None
    variants: int = 0
    hyde: bool = False

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise UsageError(f"no mode {self.mode!r}", hint=f"Modes: {', '.join(MODES)}.")
        if self.candidates < 1:
            raise UsageError(f"{self.candidates} candidates are too few", hint="Give at least 1.")
        if (self.variants or self.hyde) and self.model is None:
            raise UsageError(
                "variants and HyDE are written by a language model",
                hint="Name one: --llm openai:MODEL",
            )
        if self.feedback < 0:
            raise UsageError(f"feedback of {self.feedback} passages", hint="Give 0 or more.")
        if not 0 <= self.diversity <= 1:
            raise UsageError(f"a diversity of {self.diversity}", hint="Give one from 0 to 1.")

    @property
    def wide(self) -> int:
        """How many hits are made before the first k are taken."""
        judged = self.reranked if self.reranker is not None else 0
        return max(judged, self.reranked if self.collapse or self.diversity else 0)

    def reranked_by(self, reranker: Reranker) -> How:
        """Return the same way with a reranker."""
        return replace(self, reranker=reranker)
