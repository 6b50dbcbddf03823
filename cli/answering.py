"""What a command answers with: the options of a user made into an asker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memctl.cli.output import warn

if TYPE_CHECKING:
    from memctl.query import Asker, Searcher, Session, Writer
    from memctl.query.answers.check import Level
    from memctl.query.legs import Mode


@dataclass(frozen=True, slots=True)
class Ways:
    """How to answer, as a user says it."""

    llm: str = ""
    window: int | None = None
    _: KW_ONLY
    k: int = 8
    mode: Mode = "hybrid"
    rerank: bool = False
    verify: Level = "warn"
    context: str = "auto"
    max_tokens: int = 1024
    prompt: Path | None = None

    def writer(self) -> Writer | None:
        """Return the language model, if one is named.

        Raises:
            UsageError: there is none of that name.
            LanguageModelError: what it needs is missing.
        """
        from memctl.query import language_model

        return language_model(self.llm, window=self.window) if self.llm else None

    def asker(self, searcher: Searcher, writer: Writer | None) -> Asker:
        """Return what answers so.

        Raises:
            UsageError: the context or the prompt is none.
        """
        from memctl.query import Asker, Asking, Context, Fusion, How, Template

        usual = searcher.store.settings.search
        how = How(
            self.mode,
            fusion=Fusion.parse(usual.fusion),
            candidates=usual.candidates,
            synonyms=searcher.synonyms(),
        )
        if self.rerank:
            how = how.reranked_by(searcher.reranker())
        asking = Asking(
            writer,
            self.k,
            verify=self.verify,
            context=Context.parse(self.context),
            template=Template.load(self.prompt) if self.prompt else None,
            how=how,
            max_tokens=self.max_tokens,
        )
        return Asker(searcher, asking)

    def marks(self) -> Mapping[str, object]:
        """Return what an answer depends on, as far as the options say it."""
        text = self.prompt.read_text(encoding="utf-8", errors="replace") if self.prompt else ""
        return {**asdict(self), "prompt": text}


def session_in(file: Path | None) -> Session:
    """Open the conversation in a file; that its last line was cut off is told.

    Raises:
        UsageError: it cannot be read or written, or holds something else.
    """
    from memctl.query import Session

    session = Session(file)
    if session.torn:
        warn(f"the last line of {file} was cut off as it was written, and is left out")
    return session
