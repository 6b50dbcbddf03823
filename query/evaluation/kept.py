"""Evaluations that are kept: what nothing changed since is not asked again."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from memctl.ingest import cache_folder
from memctl.query.evaluation.case import Case
from memctl.query.evaluation.report import from_fields
from memctl.query.evaluation.run import Evaluation, Plan, evaluate
from memctl.query.search import Searcher

_MOST = 200  # evaluations that are kept
_ABOVE = 2  # folders from this file to those of the code


def evaluate_once(
    searcher: Searcher,
    cases: Sequence[Case],
    plan: Plan,
    *,
    settings: Mapping[str, Any],
    cache: bool = True,
    done: Callable[[int], None] = lambda _: None,
) -> tuple[Evaluation, bool]:
    """Return the evaluation, and whether it was kept from before, nothing having changed since.

    Raises:
        MemctlError: as ``evaluate`` does.
    """
    marks = {
        **settings,
        "measures": list(map(str, plan.measures)),
        "depth": plan.depth,
        "lenient": plan.lenient,
        "once": sorted(plan.once),
        "price": plan.price,
        "synonyms": repr(plan.how.synonyms),
    }
    name = key(searcher, cases, marks)
    found = read(name) if cache else None
    if found is not None:
        return found, True
    made = evaluate(searcher, cases, plan, settings=settings, done=done)
    write(name, made)
    return made, False


def key(searcher: Searcher, cases: Sequence[Case], settings: Mapping[str, Any]) -> str:
    """Return what stands for all that an evaluation depends on.

    That is the store with its documents and indexes, the questions, the settings, and the code.
    """
    digest = hashlib.sha256()
    for part in (_store(searcher), settings, [_case(case) for case in cases], _code()):
        text = json.dumps(part, sort_keys=True, ensure_ascii=False, default=repr)
        digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def read(name: str) -> Evaluation | None:
    """Return the evaluation that is kept under a key; None where there is none that is sound."""
    try:
        data = json.loads(_file(name).read_bytes())
        report = from_fields(data["report"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Evaluation(report, data["runs"], data["qrels"])


def write(name: str, evaluation: Evaluation) -> bool:
    """Keep an evaluation; False where the cache cannot be written, which costs time and no more."""
    data = {
        "report": evaluation.report.fields(),
        "runs": evaluation.runs,
        "qrels": evaluation.qrels,
    }
    file = _file(name)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=file.parent, delete=False, encoding="utf-8", suffix=".partial"
        ) as stream:
            json.dump(data, stream, ensure_ascii=False)
        Path(stream.name).replace(file)
        _tidy(file.parent)
    except OSError:
        return False
    return True


def clear() -> None:
    """Drop all that is kept; evaluations are made anew when they are asked for."""
    for file in _file("").parent.glob("*"):
        file.unlink(missing_ok=True)


def _tidy(folder: Path) -> None:
    """Drop the oldest of too many."""
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
    for file in files[:-_MOST]:
        file.unlink(missing_ok=True)


def _file(name: str) -> Path:
    return cache_folder() / "evaluations" / f"{name}.json"


def _store(searcher: Searcher) -> list[object]:
    store = searcher.store
    states = hashlib.sha256()  # a revision may come again after a snapshot is restored
    for each in store.catalog.states():
        states.update("\0".join(each).encode("utf-8", "surrogatepass") + b"\n")
    dense = None if searcher.dense is None else asdict(searcher.dense.manifest)
    if dense is not None:
        del dense["costs"]
    words = None if searcher.lexical is None else asdict(searcher.lexical.manifest)
    place = str(store.layout.root.resolve())
    state = [store.catalog.revision, store.fingerprint, states.hexdigest()]
    return [place, *state, dense, words]


def _case(case: Case) -> list[object]:
    question = case.question
    turns = [(turn.role, turn.text) for turn in question.turns]
    judged = [asdict(each) for each in case.judgements]
    return [
        question.id,
        question.text,
        [str(each) for each in question.filters],
        turns,
        judged,
        case.answers,
        case.answerable,
        case.tags,
    ]


def _code() -> list[tuple[str, int, int]]:
    """Return the files of the code as they are: of a development install they change."""
    here = Path(__file__).resolve().parents[_ABOVE]
    found: list[tuple[str, int, int]] = []
    for layer in ("query", "index", "ingest"):
        for folder, _, names in os.walk(here / layer):
            for name in names:
                if name.endswith((".py", ".txt")):
                    stat = (Path(folder) / name).stat()
                    found.append((name, stat.st_size, stat.st_mtime_ns))
    return sorted(found)
