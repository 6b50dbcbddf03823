"""The files that an evaluation writes, by what their names end in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from memctl.cli.evaluation.verdict import Verdict

_HINT = "Forms: json, html, xml, md, trec, qrels; as a suffix, or as FORM:FILE."
Out = tuple[str, Path]


def parse_outs(texts: Iterable[str]) -> list[Out]:
    """Return the form and the file of each ``--out``.

    Raises:
        UsageError: a form is unknown, or a folder is not there.
    """
    from memctl.ingest import UsageError

    outs: list[Out] = []
    for text in texts:
        form, colon, name = text.partition(":")
        file = Path(name) if colon and form in _FORMS else Path(text)
        form = form if colon and form in _FORMS else file.suffix.removeprefix(".")
        if form not in _FORMS or not file.name:
            raise UsageError(f"{text!r} is no report", hint=_HINT)
        if not file.absolute().parent.is_dir():
            raise UsageError(f"there is no folder {file.parent}", hint="Check --out.")
        outs.append((form, file))
    return outs


def write(verdict: Verdict, outs: Iterable[Out]) -> None:
    """Write the reports; each file is there only when it is whole.

    Raises:
        UsageError: a file cannot be written.
    """
    from memctl.query import atomic_lines

    for form, file in outs:
        atomic_lines(file, _FORMS[form](verdict))


def _json(verdict: Verdict) -> Iterable[str]:
    return verdict.report.lines()


def _html(verdict: Verdict) -> Iterable[str]:
    from memctl.cli.evaluation.page import page

    return [page(verdict)]


def _xml(verdict: Verdict) -> Iterable[str]:
    from memctl.cli.evaluation.junit import junit

    return ['<?xml version="1.0" encoding="UTF-8"?>', junit(verdict)]


def _markdown(verdict: Verdict) -> Iterable[str]:
    from memctl.cli.evaluation.markdown import markdown

    return markdown(verdict)


def _trec(verdict: Verdict) -> Iterable[str]:
    from memctl.query.evaluation import run_lines

    return run_lines(next(iter(verdict.evaluation.runs.values()), {}))


def _qrels(verdict: Verdict) -> Iterable[str]:
    from memctl.query.evaluation import qrels_lines

    return qrels_lines(next(iter(verdict.evaluation.qrels.values()), {}))


_FORMS: dict[str, Callable[[Verdict], Iterable[str]]] = {
    "json": _json,
    "html": _html,
    "xml": _xml,
    "md": _markdown,
    "trec": _trec,
    "qrels": _qrels,
}
