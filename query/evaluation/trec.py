"""TREC's files: topics, judgements (qrels) and runs; and the qrels of BEIR, with a header."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from memctl.ingest import UsageError
from memctl.query.batch import Question, trec_word
from memctl.query.evaluation.case import Case, Judgement
from memctl.query.lines import text_lines

Run = Mapping[str, Mapping[str, float]]  # question -> item -> score
_TOP = re.compile(r"<top>(.*?)(?:</top>|(?=<top>)|\Z)", re.DOTALL | re.IGNORECASE)
_NUMBER = re.compile(r"<num>\s*(?:Number:)?\s*([^\s<]+)", re.IGNORECASE)
_TITLE = re.compile(r"<title>\s*(?:Topic:)?\s*([^<]+)", re.IGNORECASE)
_QREL = "A line is: QUESTION DOCUMENT RELEVANCE, or TREC's QUESTION 0 DOCUMENT RELEVANCE."
_RUN = "A line is: QUESTION Q0 DOCUMENT RANK SCORE NAME."
_TOPIC = "Topics are lines of an id, a tab and a text, or TREC's <top><num><title>."


def read_topics(file: Path) -> Iterator[tuple[str, Case]]:
    """Yield the topics of a file: ``<top>`` elements, or lines of an id and a text.

    Raises:
        UsageError: the file cannot be read, or a line or element is no topic.
    """
    lines = list(text_lines(file, option="the file of topics"))
    text = b"".join(line for _, line in lines).decode("utf-8-sig", "replace")
    if "<top>" in text.casefold():
        for number, found in enumerate(_TOP.finditer(text), start=1):
            where = f"topic {number} of {file}"
            number_, title = _NUMBER.search(found[1]), _TITLE.search(found[1])
            if number_ is None or title is None:
                raise UsageError(f"{where} has no <num> or no <title>", hint=_TOPIC)
            said = " ".join(html.unescape(title[1]).split())
            yield where, _topic(number_[1], said, where=where)
        return
    for where, line in lines:
        id_, tab, said = line.decode("utf-8-sig", "replace").strip("\r\n").partition("\t")
        if not tab:
            raise UsageError(f"{where} has no tab", hint=_TOPIC)
        yield where, _topic(id_.strip(), said.strip(), where=where)


def _topic(id_: str, text: str, *, where: str) -> Case:
    if not id_ or not text:
        raise UsageError(f"{where} has no id or no text", hint=_TOPIC)
    return Case(Question(id_, text))


def read_qrels(file: Path) -> Iterator[tuple[str, Judgement]]:
    """Yield the id of a question and a judgement for each line; a BEIR header is passed over.

    Raises:
        UsageError: the file cannot be read, or a line, which is named, is wrong or stands twice.
    """
    seen = set[tuple[str, str]]()
    for number, (where, line) in enumerate(text_lines(file, option="the qrels")):
        parts = line.decode("utf-8-sig", "replace").strip("\r\n").split("\t")
        parts = parts if len(parts) in {3, 4} else " ".join(parts).split()
        if len(parts) == 4:
            del parts[1]
        if not number and parts and parts[-1] in {"score", "relevance"}:
            continue
        if len(parts) != 3 or not re.fullmatch(r"-?\d+", parts[2]):
            raise UsageError(f"{where} is no judgement", hint=_QREL)
        query, document = parts[0], parts[1]
        if (query, document) in seen:
            raise UsageError(f"{where} judges {document!r} a second time for {query!r}", hint=_QREL)
        seen.add((query, document))
        yield query, Judgement(document, int(parts[2]), where=where)


def read_run(file: Path) -> Run:
    """Read a run: the score of each document of each question, named by TREC's words.

    Raises:
        UsageError: the file cannot be read, or a line, which is named, is wrong or stands twice.
    """
    run: dict[str, dict[str, float]] = {}
    for where, line in text_lines(file, option="--run"):
        parts = line.decode("utf-8", "replace").split()
        score = _number(parts[4]) if len(parts) == 6 else math.nan
        if not math.isfinite(score):
            raise UsageError(f"{where} is no line of a run", hint=_RUN)
        items = run.setdefault(parts[0], {})
        if parts[2] in items:
            raise UsageError(f"{where} has {parts[2]!r} twice for {parts[0]!r}", hint=_RUN)
        items[parts[2]] = score
    return run


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def run_lines(run: Run, *, name: str = "memctl") -> Iterator[str]:
    """Yield the lines of a run, the best of a question first."""
    for question, items in run.items():
        ranked = sorted(items.items(), key=lambda pair: -pair[1])
        for rank, (item, score) in enumerate(ranked, start=1):
            yield f"{trec_word(question)} Q0 {trec_word(item)} {rank} {score:.6g} {name}"


def qrels_lines(qrels: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Yield the lines of TREC's qrels."""
    for question, items in qrels.items():
        for item, relevance in items.items():
            yield f"{trec_word(question)} 0 {trec_word(item)} {relevance}"


def ranked(items: Iterable[str]) -> dict[str, float]:
    """Return scores for items that stand in order, best first: 1 over the rank."""
    return {item: 1 / rank for rank, item in enumerate(items, start=1)}
