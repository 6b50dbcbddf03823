"""What a shell holds between two questions: open indexes, warm models, the conversation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from memctl.cli.answering import Ways
from memctl.query import Filter, Question, Searcher, Session, files_of

if TYPE_CHECKING:
    from memctl.query import Answer, Asker, Hit, Writer


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question that was asked, and what came of it; ``files`` are those of the documents."""

    answer: Answer
    hits: tuple[Hit, ...]
    _: KW_ONLY
    files: dict[str, Path] = field(default_factory=dict[str, Path])


class Shell:
    """An open store that is asked one question after the other; a context manager."""

    def __init__(
        self, store: Path, index: str, *, ways: Ways, session: Session, filters: list[Filter]
    ) -> None:
        self.store = store
        self.index = index
        self.ways = ways
        self.session = session
        self.filters = filters
        self.explain = False
        self.log: list[Exchange] = []
        self._opened = ExitStack()
        self._writer: Writer | None = None
        self._asker: Asker | None = None
        self.searcher: Searcher

    def __enter__(self) -> Self:
        self._writer = self.ways.writer()
        self._open(self.index)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.close()

    @property
    def last(self) -> Exchange | None:
        """The last question and its answer, if there was one."""
        return self.log[-1] if self.log else None

    @property
    def asker(self) -> Asker:
        """What answers; made again after the ways have changed."""
        if self._asker is None:
            self._asker = self.ways.asker(self.searcher, self._writer)
        return self._asker

    def ask(self, text: str, show: Callable[[str], None] | None) -> Exchange:
        """Answer a question; ``show`` gets what is written as it comes.

        Raises:
            MemctlError: it cannot be asked, or the model cannot be reached.
        """
        question = Question("", text, (), tuple(self.session.turns))
        asker = self.asker
        whole = asker.whole(question)
        hits = asker.hits(question, whole, self.filters)
        answer = asker.answer(question, hits, self.filters, asked=whole, show=show)
        cited = (each.document for each in answer.citations)
        files = files_of(cited, self.searcher.store.catalog)
        exchange = Exchange(answer, tuple(hits), files=files)
        self.log.append(exchange)
        self.session.add(answer)
        return exchange

    def change(self, ways: Ways) -> None:
        """Answer in other ways from now on; what cannot be is an error, and all stays as it was.

        Raises:
            MemctlError: there is no such model, or the like.
        """
        writer = self._writer
        if (ways.llm, ways.window) != (self.ways.llm, self.ways.window):
            writer = ways.writer()
        asker = ways.asker(self.searcher, writer)
        self.ways, self._writer, self._asker = ways, writer, asker

    def use(self, index: str) -> None:
        """Search another index from now on.

        Raises:
            MemctlError: there is none of that name; the old one stays.
        """
        before = self._opened.pop_all()
        try:
            self._open(index)
        except BaseException:
            self._opened = before
            raise
        before.close()

    def begin_anew(self) -> None:
        """Forget the conversation, but for what a session file keeps of it."""
        self.session.turns.clear()

    def _open(self, index: str) -> None:
        searcher = self._opened.enter_context(Searcher.open(self.store, index))
        self.index, self.searcher, self._asker = index, searcher, None


def changed(ways: Ways, **values: object) -> Ways:
    """Return the ways with other values."""
    return replace(ways, **values)  # type: ignore[arg-type]
