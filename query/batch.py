"""Many questions at once, from JSON lines to JSON lines or a TREC run."""

from __future__ import annotations

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
from memctl.query.syntax import checked, parse, worded

_TOGETHER = 256
_IDS = ("_id", "id", "query_id")
LINE = 'A line is {"_id": …, "text": …}.'
_BATCH = "Example: --batch questions.jsonl --out run.jsonl"
_TEXTS = ("text", "query", "question")


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a batch, with where to look for its answer, and the conversation before it."""

    id: str
    text: str
    filters: tuple[Filter, ...] = ()
    turns: tuple[Turn, ...] = ()


def one_question(question: str | None, *, batch: Path | None, out: Path | None) -> str:
    """Return the question of a command line, which may have filters alone; empty for a batch.

    Raises:
        UsageError: there is not exactly one of a question and a batch, or the question is empty
            or has no word.
    """
    if batch is not None or out is not None:
        if question is None and out is None:
            raise UsageError("--out is missing", hint=_BATCH)
        if question is not None or batch is None or out is None:
            raise UsageError(
                "a batch has --batch and --out, and no question",
                hint=_BATCH,
            )
        if out.resolve() == batch.resolve():
            raise UsageError(f"{out} is both --batch and --out", hint="Name another --out.")
        return ""
    worded(checked(question or "", listing=True).text)
    return question or ""


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
        UsageError: a question, which is named, has a filter of a field that no document has.
    """
    for each in questions:
        with _told_of(f"the question {each.id!r}"):
            check_fields([*each.filters, *parse(each.text).filters], searcher.store.catalog)
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
    """Yield the lines of a TREC run: each document once, at the rank of its best chunk."""
    best: dict[str, float] = {}
    for hit in hits:
        best.setdefault(hit.document_id, hit.score)
    ranked = sorted(best.items(), key=lambda pair: -pair[1])
    for rank, (document, score) in enumerate(ranked, start=1):
        yield f"{trec_word(question.id)} Q0 {trec_word(document)} {rank} {score:.6f} memctl"


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
