"""A search or an answer in one call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from memctl.index import DEFAULT
from memctl.query.answers.answer import Answer
from memctl.query.answers.asker import Asker, Asking
from memctl.query.batch import Question
from memctl.query.filters import Filter
from memctl.query.hit import Hit
from memctl.query.how import How
from memctl.query.search import Searcher


def search(
    question: str,
    store: Path | str = ".memctl",
    k: int = 10,
    *,
    filters: Sequence[str] | str = (),
    how: How | None = None,
    rerank: bool = False,
    index: str = DEFAULT,
) -> list[Hit]:
    """Return at most ``k`` hits for one question, best first; ``filters`` are such as ``lang:ru``.

    Whoever asks more than once keeps a ``Searcher`` open: most of the time goes into opening.

    Raises:
        MemctlError: there is no store or index, or the question or a filter is none.
    """
    way = how or How()
    with Searcher.open(Path(store), index, mode=way.mode) as searcher:
        if rerank and way.reranker is None:
            way = way.reranked_by(searcher.reranker())
        chosen = _parsed(filters)
        (hits,) = searcher.search([question], k, filters=chosen, how=way)
        return hits


def ask(
    question: str,
    store: Path | str = ".memctl",
    *,
    filters: Sequence[str] | str = (),
    asking: Asking | None = None,
    index: str = DEFAULT,
) -> Answer:
    """Return an answer whose citations were checked: sentences of the documents, or none.

    Whoever asks more than once, or goes on with a conversation, keeps an ``Asker``.

    Raises:
        MemctlError: there is no store or index, the question or a filter is none, or the language
            model of ``asking`` cannot be reached.
    """
    asked = asking or Asking()
    with Searcher.open(Path(store), index, mode=(asked.how or How()).mode) as searcher:
        chosen = _parsed(filters)
        return Asker(searcher, asked).ask(Question("1", question), chosen)


def _parsed(filters: Sequence[str] | str) -> list[Filter]:
    given = [filters] if isinstance(filters, str) else filters
    return [Filter.parse(text) for text in given]
