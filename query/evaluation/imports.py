"""Published question sets as documents to ingest and questions to ask of them."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from memctl.ingest import UsageError
from memctl.query.evaluation.cases import read_cases
from memctl.query.lines import Row

CORPUS = "corpus"  # where documents are written in the folder of an imported set
_ADVERSARIAL = 5  # LoCoMo's category of questions that the conversation does not answer
_CATEGORIES = {1: "multi_hop", 2: "temporal", 3: "open_domain", 4: "single_hop", 5: "adversarial"}
_HINT = "Formats: squad, beir, locomo, gigamemory; --format names one."


@dataclass(slots=True)
class Imported:
    """What a set holds: rows of documents by the file that they go to, and questions."""

    corpus: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])
    questions: list[Row] = field(default_factory=list[Row])


def imported(source: Path, form: str = "", *, split: str = "test") -> Imported:
    """Read a published set; ``form`` names its format, which is else seen by its shape.

    - ``squad``: paragraphs are documents, a question's evidence is where its answer begins.
    - ``locomo``, ``gigamemory``: turns, or sessions, are documents, a file a dialogue; a question
      is asked of its own dialogue alone.
    - ``beir``: the questions alone: a BEIR corpus is ingested as it is.

    Raises:
        UsageError: it cannot be read, or is of no format that is known.
    """
    if form and form not in _READERS:
        raise UsageError(f"no format {form!r}", hint=_HINT)
    if source.is_dir() or form == "beir":
        return _beir(source, split)
    data = _data(source)
    name = form or _form_of(data)
    try:
        return _READERS[name](data)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise UsageError(f"{source} is no {name} set: {error!r}", hint=_HINT) from error


def _data(file: Path) -> Any:  # noqa: ANN401  whatever the file holds
    """Return the JSON of a file, or the list of its JSON lines."""
    try:
        raw = file.read_bytes()
        raw = gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
        text = raw.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read {file}: {said}", hint="Check the file.") from error
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _json_lines(file, text)


def _json_lines(file: Path, text: str) -> list[Any]:
    rows: list[Any] = []
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            rows += [json.loads(line)] if line.strip() else []
        except (ValueError, RecursionError) as error:
            raise UsageError(f"line {number} of {file} is not JSON: {error}", hint=_HINT) from error
    return rows


def _form_of(data: Any) -> str:  # noqa: ANN401  whatever the file holds
    """Return the format of a set, by the names in it.

    Raises:
        UsageError: it is of none.
    """
    first = data[0] if isinstance(data, list) and data else data
    if isinstance(first, dict):
        for form, names in (
            ("squad", {"data"}),
            ("locomo", {"qa", "conversation"}),
            ("gigamemory", {"question", "sessions"}),
        ):
            if names <= first.keys():
                return form
    raise UsageError("the set is of no format that is known", hint=_HINT)


def _squad(data: Mapping[str, Any]) -> Imported:
    found = Imported()
    rows = found.corpus.setdefault("corpus.jsonl", [])
    for article, each in enumerate(data["data"]):
        for number, paragraph in enumerate(each["paragraphs"]):
            id_ = f"{article:03}-{number:03}"
            title = str(each.get("title", "")).replace("_", " ")
            rows.append({"_id": id_, "title": title, "text": paragraph["context"]})
            found.questions += [_squad_question(id_, asked) for asked in paragraph["qas"]]
    return found


def _squad_question(document: str, asked: Mapping[str, Any]) -> Row:
    answers = [(str(each["text"]), int(each["answer_start"])) for each in asked["answers"]]
    row: Row = {"_id": str(asked["id"]), "question": asked["question"]}
    if asked.get("is_impossible") or not answers:
        return {**row, "answerable": False}
    text, start = answers[0]
    span = {"document": document, "start": start, "end": start + len(text)}
    rights = list(dict.fromkeys(text for text, _ in answers))
    return {**row, "answerable": True, "answers": rights, "evidence": [span]}


def _locomo(data: list[Mapping[str, Any]]) -> Imported:
    found = Imported()
    for talk in data:
        name = str(talk["sample_id"])
        turns = list(_locomo_turns(name, talk["conversation"]))
        found.corpus[file_of(name)] = turns
        known = {turn["_id"] for turn in turns}
        for number, asked in enumerate(talk["qa"]):
            row = _dialogue_question(f"{name}/q{number}", asked["question"], name)
            said = asked.get("answer")
            category = asked.get("category")
            answerable = category != _ADVERSARIAL
            evidence = [f"{name}/{each}" for each in asked.get("evidence", ())]
            found.questions.append(
                {
                    **row,
                    "answerable": answerable,
                    "answers": [str(said)] if answerable and said is not None else [],
                    "evidence": [each for each in evidence if answerable and each in known],
                    "tags": [_CATEGORIES.get(category, str(category))],
                }
            )
    return found


def _locomo_turns(name: str, talk: Mapping[str, Any]) -> Iterator[Row]:
    number = 1
    while f"session_{number}" in talk or f"session_{number}_date_time" in talk:
        date = talk.get(f"session_{number}_date_time", "")
        for turn in talk.get(f"session_{number}", ()):
            text = f"[{date}] {turn['speaker']}: {turn['text']}"
            yield {"_id": f"{name}/{turn['dia_id']}", "title": "", "text": text}
        number += 1


def _gigamemory(data: list[Mapping[str, Any]]) -> Imported:
    found = Imported()
    for talk in data:
        name = str(talk["id"])
        rows = found.corpus.setdefault(file_of(name), [])
        for session in talk["sessions"]:
            said = (f"{each['role']}: {each['content']}" for each in session["messages"])
            text = "\n\n".join(said)
            rows.append({"_id": f"{name}/{session['id']}", "title": "", "text": text})
        answerable = talk.get("question_type") != "no_info"
        right = [f"{name}/{each}" for each in talk.get("ans_session_ids") or ()]
        found.questions.append(
            {
                **_dialogue_question(name, talk["question"], name),
                "answerable": answerable,
                "answers": [str(talk["ans"])] if answerable and talk.get("ans") else [],
                "evidence": right if answerable else [],
                "tags": [str(talk.get("question_type", ""))],
            }
        )
    return found


def file_of(dialogue: str) -> str:
    """Return the name of the file of a dialogue: its name is data, and no path or pattern."""
    return re.sub(r"[^\w-]", "_", dialogue) + ".jsonl"


def _dialogue_question(id_: str, question: str, dialogue: str) -> Row:
    return {"_id": id_, "question": question, "filter": [f"file:{file_of(dialogue)}"]}


def _beir(folder: Path, split: str) -> Imported:
    found = Imported()
    for case in read_cases(folder, split=split):
        row: Row = {"_id": case.id, "question": case.question.text}
        if case.answerable is not None:
            row["answerable"] = case.answerable
        row["answers"] = list(case.answers)
        row["evidence"] = [
            {"document": each.document, "relevance": each.relevance} for each in case.judgements
        ]
        if case.tags:
            row["tags"] = list(case.tags)
        found.questions.append(row)
    return found


_READERS: dict[str, Callable[[Any], Imported]] = {
    "squad": _squad,
    "locomo": _locomo,
    "gigamemory": _gigamemory,
    "beir": lambda source: _beir(source, "test"),
}
