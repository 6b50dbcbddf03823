"""What a shell holds between two questions: open indexes, warm models, the conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from memctl.cli.answering import Ways
from memctl.query import Filter, FreshSearcher, Question, Session, files_of
from memctl.query.filters import check_fields
from memctl.query.syntax import parse, worded

if TYPE_CHECKING:
    from memctl.query import Answer, Asker, Hit, Searcher, Why, Writer


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question that was asked, and what came of it; ``files`` are those of the documents."""

    answer: Answer
    hits: tuple[Hit, ...]
    _: KW_ONLY
    files: dict[str, Path] = field(default_factory=dict[str, Path])

    @property
    def whole(self) -> str:
        """The question as it was searched for."""
        return self.answer.asked or self.answer.question


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
        self._fresh = FreshSearcher(store, index)
        self._writer: Writer | None = None
        self._asker: Asker | None = None

    def __enter__(self) -> Self:
        self._writer = self.ways.writer()
        self.narrow(self.filters)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._fresh.close()

    @property
    def searcher(self) -> Searcher:
        """A searcher of the store as it is now, whatever was written to it since the last question.

        Raises:
            MemctlError: it cannot be opened any more.
        """
        return self._fresh.now()

    @property
    def last(self) -> Exchange | None:
        """The last question and its answer, if there was one."""
        return self.log[-1] if self.log else None

    @property
    def asker(self) -> Asker:
        """What answers; made again after the ways or the store have changed."""
        searcher = self.searcher
        if self._asker is None or self._asker.searcher is not searcher:
            self._asker = self.ways.asker(searcher, self._writer)
        return self._asker

    def ask(self, text: str, show: Callable[[str], None] | None) -> Exchange:
        """Answer a question; ``show`` gets what is written as it comes.

        Raises:
            MemctlError: it cannot be asked, or the model cannot be reached.
        """
        worded(parse(text).text)  # else the conversation would be all that is asked
        question = Question("", text, (), tuple(self.session.turns))
        asker = self.asker
        whole = asker.whole(question)
        hits = asker.hits(question, whole, self.filters)
        answer = asker.answer(question, hits, self.filters, asked=whole, show=show)
        cited = (each.document for each in answer.citations)
        files = files_of(cited, asker.searcher.store.catalog)
        exchange = Exchange(answer, tuple(hits), files=files)
        self.log.append(exchange)
        self.session.add(answer)
        return exchange

    def why(self, question: str, place: str) -> Why:
        """Return where a document falls out of a search as the shell makes it now.

        Raises:
            UsageError: the place is none, or there is no such field to filter by.
        """
        from memctl.query import parse_place, why

        name, page = parse_place(place)
        asker = self.asker
        return why(
            asker.searcher,
            question,
            name,
            page=page,
            k=self.ways.k,
            filters=self.filters,
            how=asker.asking.how,
        )

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

    def narrow(self, filters: list[Filter]) -> None:
        """Look only where ``filters`` hold from now on.

        Raises:
            UsageError: one is of a field that no document has; all stays as it was.
        """
        check_fields(filters, self.searcher.store.catalog)
        self.filters = filters

    def use(self, index: str) -> None:
        """Search another index from now on.

        Raises:
            MemctlError: there is none of that name; the old one stays.
        """
        fresh = FreshSearcher(self.store, index)
        fresh.now()
        self._fresh.close()
        self.index, self._fresh, self._asker = index, fresh, None

    def begin_anew(self) -> None:
        """Forget the conversation, but for what a session file keeps of it."""
        self.session.turns.clear()


def changed(ways: Ways, **values: object) -> Ways:
    """Return the ways with other values."""
    return replace(ways, **values)  # type: ignore[arg-type]  # names of any fields
