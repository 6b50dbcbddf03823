"""Many questions at once, from JSON lines to JSON lines or a TREC run."""

from __future__ import annotations

import math
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from memctl.ingest import UsageError
from memctl.query.filters import Filter, check_fields
from memctl.query.hit import Hit
from memctl.query.how import How
from memctl.query.lines import Row, json_rows
from memctl.query.rewrite import Turn, turns_of
from memctl.query.search import Searcher
from memctl.query.syntax import checked, parse

_TOGETHER = 256
_STEPS = 1_000_000  # of a score in a TREC run, which is written with six decimals
_IDS = ("_id", "id", "query_id")
LINE = 'A line is {"_id": …, "text": …}.'
_TEXTS = ("text", "query", "question")


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a batch, with where to look for its answer, and the conversation before it."""

    id: str
    text: str
    filters: tuple[Filter, ...] = ()
    turns: tuple[Turn, ...] = ()


def read_questions(file: Path, *, option: str = "--batch") -> list[Question]:
    """Read JSON lines; a line may bring a ``filter`` of its own, one or a list, and a ``history``.

    ``option`` is what the file was given by, for the message that it cannot be read.

    Raises:
        UsageError: the file is missing or empty, or a line, which is named, is wrong.
    """
    questions: dict[str, Question] = {}
    for where, row in json_rows(file, option=option, hint=LINE):
        question = question_of(row, where=where)
        if question.id in questions:
            raise twice(question.id, where=where)
        questions[question.id] = question
    if not questions:
        raise UsageError(f"no questions in {file}", hint=LINE)
    return list(questions.values())


def search_batch(
    searcher: Searcher,
    questions: Sequence[Question],
    k: int,
    *,
    filters: Sequence[Filter] = (),
    how: How | None = None,
) -> Iterator[tuple[Question, list[Hit]]]:
    """Yield each question with its hits, in order; those with the same filters go together.

    Raises:
        UsageError: a question, which is named, cannot be searched for, or has a filter of a field
            that no document has.
    """
    for each in questions:
        with _told_of(f"the question {each.id!r}"):
            asked = checked(each.text)
            check_fields([*each.filters, *asked.filters], searcher.store.catalog)
    start = 0
    while start < len(questions):
        own = questions[start].filters
        end = start + 1
        while end < min(len(questions), start + _TOGETHER) and questions[end].filters == own:
            end += 1
        part = questions[start:end]
        texts = [question.text for question in part]
        hits = searcher.search(texts, k, filters=filters, also=own, how=how)
        yield from zip(part, hits, strict=True)
        start = end


def trec_lines(question: Question, hits: Iterable[Hit]) -> Iterator[str]:
    """Yield the lines of a TREC run: each document once, in the order of the best of its hits.

    What reads runs orders them by score, and not by rank. So a score is the hit's, or a millionth
    less than the one before where it would not be lower: equals, and what was put elsewhere on
    purpose, as ``diverse`` does, stay in their order.
    """
    best: dict[str, float] = {}
    for hit in hits:
        best.setdefault(hit.document_id, hit.score)
    before = math.inf
    for rank, (document, score) in enumerate(best.items(), start=1):
        before = min(round(score * _STEPS), before - 1)
        told = f"{before / _STEPS:.6f}"
        yield f"{trec_word(question.id)} Q0 {trec_word(document)} {rank} {told} memctl"


def atomic_lines(file: Path, lines: Iterable[str], *, suffix: str = ".partial") -> None:
    """Write ``lines``; a regular file is there only when all of them are, else with a ``suffix``.

    Raises:
        UsageError: the file cannot be written.
    """
    target = file.resolve()
    plain = target.is_file() or not target.exists()
    partial = target.with_name(target.name + suffix) if plain else target
    try:
        with writing(file), partial.open("w", encoding="utf-8", newline="\n") as stream:
            for line in lines:
                stream.write(f"{line}\n")
        if plain:
            with writing(file):
                partial.replace(target)
    finally:
        if plain:
            partial.unlink(missing_ok=True)


@contextmanager
def writing(file: Path) -> Generator[None]:
    """Let what cannot be written be told as the fault of ``--out``."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}", hint="Check --out.") from error


def twice(id_: str, *, where: str) -> UsageError:
    """Return the error that an id has been given before."""
    return UsageError(f"the id {id_!r} stands twice, again in {where}", hint=LINE)


def question_of(row: Row, *, where: str) -> Question:
    """Return the question of a line that stands at ``where``.

    Raises:
        UsageError: it has no id or no text, or its filter or history is none.
    """
    id_ = next((str(row[key]) for key in _IDS if row.get(key) is not None), "")
    text = next((row[key] for key in _TEXTS if key in row), "")
    if not id_:
        raise UsageError(f"{where} has no _id", hint=LINE)
    if not isinstance(text, str) or not text.strip():
        raise UsageError(f"{where} has no text", hint=LINE)
    with _told_of(where):
        parse(text)
    turns = turns_of(row.get("history", []), where=where)
    return Question(id_, text, _own_filters(row.get("filter", []), where=where), turns)


def _own_filters(found: object, *, where: str) -> tuple[Filter, ...]:
    texts = [found] if isinstance(found, str) else found
    if not isinstance(texts, list):
        raise UsageError(f"{where} has a filter that is no text", hint=LINE)
    with _told_of(where):
        return tuple(Filter.parse(str(text)) for text in texts)


@contextmanager
def _told_of(where: str) -> Generator[None]:
    """Let an error say where what is wrong stands."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{where}: {error.message}", hint=error.hint) from error


def trec_word(text: str) -> str:
    """Return ``text`` as one word: TREC's columns are parted by white space."""
    return re.sub(r"\s", lambda match: f"%{ord(match.group()):02X}", text)
