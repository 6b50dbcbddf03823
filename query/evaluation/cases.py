"""Questions with their evidence, from JSON lines, a BEIR folder, or TREC topics and qrels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from memctl.ingest import UsageError
from memctl.query.batch import question_of, twice
from memctl.query.evaluation.case import Case, Judgement
from memctl.query.evaluation.trec import read_qrels, read_topics
from memctl.query.lines import Row, json_rows

_LINE = (
    'A line is {"_id": …, "question": …}, with "answers", "evidence", "answerable" and "tags" '
    "where they are known."
)
_JSON = (".jsonl", ".ndjson")
_LABELS = {"ANSWERABLE": True, "UNANSWERABLE": False}


def read_cases(source: Path, *, qrels: Path | None = None, split: str = "test") -> list[Case]:
    """Read the questions at ``source``: JSON lines, the folder of a BEIR set, or TREC topics.

    ``qrels`` are the judgements of topics, or others than those in the file or folder. Of a BEIR
    folder those questions are taken that have a judgement in ``qrels.tsv`` or ``qrels/SPLIT.tsv``,
    and those that it calls unanswerable.

    Raises:
        UsageError: something cannot be read, or a line, which is named, is wrong.
    """
    if source.is_dir():
        judged = qrels or _qrels_in(source, split)
        cases = _with_qrels(_beir(source), judged, only=True)
    elif source.name.removesuffix(".gz").endswith(_JSON):
        cases = list(_checked(_lines(source)))
        cases = _with_qrels(cases, qrels, only=False) if qrels else cases
    elif qrels is None:
        raise _no_questions(source)
    else:
        cases = _with_qrels(list(_checked(read_topics(source))), qrels, only=True)
    if not cases:
        raise UsageError(f"no questions in {source}", hint=_LINE)
    return cases


def _no_questions(source: Path) -> UsageError:
    """Return the error that there is nothing at ``source``, or nothing that holds questions."""
    if not source.exists():
        return UsageError(f"no such file: {source}", hint="Check the file of questions.")
    return UsageError(
        f"{source} is neither JSON lines nor a folder of queries.jsonl and qrels.tsv",
        hint="TREC topics need their judgements: --qrels FILE",
    )


def _lines(file: Path) -> Iterator[tuple[str, Case]]:
    for where, row in json_rows(file, option="the file of questions", hint=_LINE):
        yield where, case_of(row, where=where)


def _checked(found: Iterator[tuple[str, Case]]) -> Iterator[Case]:
    """Yield the cases.

    Raises:
        UsageError: an id stands twice.
    """
    seen = set[str]()
    for where, case in found:
        if case.id in seen:
            raise twice(case.id, where=where)
        seen.add(case.id)
        yield case


def case_of(row: Row, *, where: str) -> Case:
    """Return the case of a line of JSON.

    Raises:
        UsageError: it is none.
    """
    return replace(
        _bare(row, where=where),
        judgements=tuple(
            _judgement(each, where=where) for each in _list(row, "evidence", where=where)
        ),
    )


def _bare(row: Row, *, where: str) -> Case:
    """Return what a line says but for its evidence."""
    return Case(
        question_of(row, where=where),
        answers=_texts(row, "answers", where=where),
        answerable=_answerable(row, where=where),
        tags=_texts(row, "tags", where=where),
    )


def _answerable(row: Row, *, where: str) -> bool | None:
    if "answerability" in row:
        return _LABELS.get(row["answerability"])
    said = row.get("answerable")
    if said is not None and not isinstance(said, bool):
        raise UsageError(f'{where}: "answerable" is {said!r}', hint="Write true or false.")
    return said


def _list(row: Row, name: str, *, where: str) -> list[Any]:
    found = row.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise UsageError(f'{where}: "{name}" is no list', hint=_LINE)
    return found


def _texts(row: Row, name: str, *, where: str) -> tuple[str, ...]:
    found = _list(row, name, where=where)
    if not all(isinstance(each, str) for each in found):
        raise UsageError(f'{where}: "{name}" holds something that is no text', hint=_LINE)
    return tuple(found)


def _judgement(found: object, *, where: str) -> Judgement:
    """Return one piece of evidence: the name of a document, or an object."""
    if isinstance(found, str) and found:
        return Judgement(found, where=where)
    hint = 'Evidence is {"document": …} with "page", "quote", or "start" and "end".'
    if not isinstance(found, dict) or not isinstance(found.get("document"), str):
        raise UsageError(f"{where}: evidence {found!r} names no document", hint=hint)
    numbers = {name: found.get(name) for name in ("page", "start", "end", "relevance")}
    for name, value in numbers.items():
        if value is not None and (type(value) is not int or value < (name == "page")):
            raise UsageError(f'{where}: "{name}" of the evidence is {value!r}', hint=hint)
    ends = (numbers["start"], numbers["end"])
    start, end = ends
    if ends != (None, None) and (start is None or end is None or start >= end):
        raise UsageError(f"{where}: evidence from {start} to {end} is no span", hint=hint)
    quote = found.get("quote") or ""
    if not isinstance(quote, str):
        raise UsageError(f'{where}: "quote" of the evidence is no text', hint=hint)
    relevance = numbers["relevance"]
    return Judgement(
        found["document"],
        1 if relevance is None else relevance,
        page=numbers["page"],
        span=None if start is None or end is None else (start, end),
        quote=quote.strip(),
        where=where,
    )


def _beir(folder: Path) -> list[Case]:
    """Return the questions of a BEIR folder, without evidence: its own is in the qrels."""
    for name in ("queries.jsonl", "queries.jsonl.gz"):
        if (folder / name).is_file():
            rows = json_rows(folder / name, option="the folder", hint=_LINE)
            return list(_checked((where, _bare(row, where=where)) for where, row in rows))
    raise UsageError(f"there is no queries.jsonl in {folder}", hint="Name a BEIR folder or a file.")


def _qrels_in(folder: Path, split: str) -> Path:
    places = [folder / "qrels.tsv", folder / "qrels" / f"{split}.tsv"]
    for place in places:
        if place.is_file():
            return place
    raise UsageError(
        f"there is neither {places[0]} nor {places[1]}", hint="Name another: --split or --qrels"
    )


def _with_qrels(cases: Sequence[Case], file: Path, *, only: bool) -> list[Case]:
    """Return the cases with the judgements of ``file`` added.

    ``only`` leaves out what has none, but for questions that are known to have no answer.

    Raises:
        UsageError: a judgement, whose line is named, is of no question.
    """
    judged: dict[str, list[Judgement]] = {}
    known = {case.id for case in cases}
    for query, judgement in read_qrels(file):
        if query not in known:
            raise UsageError(
                f"{judgement.where} judges the question {query!r}, which is not there",
                hint="Check that questions and qrels belong together.",
            )
        judged.setdefault(query, []).append(judgement)
    return [
        replace(case, judgements=(*case.judgements, *judged.get(case.id, ())))
        for case in cases
        if not only or case.id in judged or case.answerable is False
    ]
