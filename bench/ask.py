"""Quality of cited answers: are quotes exact, the right documents cited, the hard questions left?

The corpus goes through ``memctl ingest`` and ``memctl index build``, all questions through
``memctl ask --batch``. Documents are put together again from ``memctl dump``: a citation is exact
where the document's text between its ``start`` and ``end`` is its ``quote``. Measures:

- exact: the share of exact citations over all answers. Demanded: all.
- right document: the share of the answerable questions with a citation of a document that holds
  the evidence. Demanded of the sample corpus: 80 %.
- gold in answer: the share of the answerable questions that have a gold answer of which one
  stands in the answer as whole words, case, punctuation, ё and white space put aside.
- abstained: how many unanswerable questions were left (demanded of the sample corpus: 6 of 8),
  and, falsely, how many answerable ones.

``--sets`` adds sets of the data folder, for which only exactness is demanded; a question is
unanswerable where its ``answerable`` is false or its ``answerability`` UNANSWERABLE, and left out
where that is UNDERSPECIFIED. Run from the root of the project:

    python -m bench.ask --sets clapnq_dev
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path

from bench.common import (
    SAMPLE,
    BenchError,
    Gate,
    Report,
    Row,
    SkippedError,
    corpus_file,
    read_qrels,
    read_rows,
    talk,
    write_rows,
)
from bench.options import folder, memctl_at, parser, start, workspace
from bench.program import Memctl
from bench.quotes import Source, is_exact, rebuild

NAME = "sample_corpus"


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known of its answer; ``right`` are documents, by path or id."""

    id: str
    text: str
    _: KW_ONLY
    answerable: bool
    answers: tuple[str, ...]
    right: frozenset[str]


@dataclass(slots=True)
class Tally:
    """Counts over the questions of one set."""

    questions: int = 0
    answerable: int = 0
    citations: int = 0
    exact: int = 0
    right_document: int = 0
    with_gold: int = 0
    gold_in_answer: int = 0
    abstained: int = 0
    abstained_falsely: int = 0

    @property
    def unanswerable(self) -> int:
        """The questions that the corpus cannot answer."""
        return self.questions - self.answerable

    def add(self, question: Question, answer: Row, *, sources: Mapping[str, Source]) -> None:
        """Count one answer."""
        self.questions += 1
        self.citations += len(answer["citations"])
        self.exact += sum(is_exact(each, sources) for each in answer["citations"])
        if not question.answerable:
            self.abstained += bool(answer["abstained"])
            return
        self.answerable += 1
        self.abstained_falsely += bool(answer["abstained"])
        self.right_document += cites_right(answer, question.right, sources=sources)
        self.with_gold += bool(question.answers)
        self.gold_in_answer += holds_gold(str(answer["answer"] or ""), question.answers)


def cites_right(answer: Row, right: frozenset[str], *, sources: Mapping[str, Source]) -> bool:
    """Whether a citation is of a right document, named by path or by its own id."""
    cited = {each["document"] for each in answer["citations"]}
    ids = {sources[name].document_id for name in cited if name in sources}
    return not right.isdisjoint(cited | ids)


def holds_gold(answer: str, golds: Iterable[str]) -> bool:
    """Whether one gold answer stands in the answer as whole words."""
    inside = f" {folded(answer)} "
    return any(f" {gold} " in inside for gold in map(folded, golds) if gold)


def folded(text: str) -> str:
    """Return the words of a text: NFKC, case folded, ё as е, without punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return " ".join(re.findall(r"\w+", plain))


def sample_questions(file: Path) -> list[Question]:
    """Read the questions of the sample corpus.

    Raises:
        SkippedError: they are not there.
    """
    if not file.is_file():
        raise SkippedError(f"no questions at {file}")
    return [
        Question(
            str(row["_id"]),
            row["question"],
            answerable=row["answerable"],
            answers=tuple(row.get("answers") or ()),
            right=frozenset(item["document"] for item in row.get("evidence") or ()),
        )
        for row in read_rows(file)
    ]


def set_questions(data: Path) -> list[Question]:
    """Read the questions of a BEIR folder; right are its judged documents."""
    qrels = read_qrels(data / "qrels.tsv")
    return [
        Question(
            str(row["_id"]),
            row["text"],
            answerable=known,
            answers=tuple(str(each) for each in row.get("answers_doc_lang") or row["answers"]),
            right=frozenset(name for name, grade in qrels.get(row["_id"], {}).items() if grade > 0),
        )
        for row in read_rows(data / "queries.jsonl")
        if (known := answerable(row)) is not None
    ]


def load(name: str, data: Path) -> tuple[Path, list[Question]]:
    """Return what to ingest, and the questions, of the sample corpus or of a set.

    Raises:
        SkippedError: they are not there.
    """
    if name == NAME:
        return SAMPLE, sample_questions(SAMPLE / "questions.jsonl")
    found = folder(data / name)
    return corpus_file(found), set_questions(found)


def answerable(row: Row) -> bool | None:
    """Say whether the corpus answers the question of a row; None where this is not clear."""
    word = row.get("answerability", "ANSWERABLE")
    if word == "UNDERSPECIFIED":
        return None
    return bool(row.get("answerable", word != "UNANSWERABLE"))


def measure(memctl: Memctl, corpus: Path, *, questions: Sequence[Question], work: Path) -> Tally:
    """Ask all questions of a corpus and count."""
    talk(f"{memctl.store.name}: ingest")
    memctl.ingest(corpus)
    memctl("index", "build")
    batch = ({"_id": each.id, "question": each.text} for each in questions)
    asked, out = write_rows(work / "questions.jsonl", batch), work / "answers.jsonl"
    talk(f"{memctl.store.name}: {len(questions)} questions")
    memctl("ask", "--batch", asked, "--out", out)
    dump = work / "dump.jsonl"
    dump.write_text(memctl("dump").stdout, encoding="utf-8", newline="\n")
    sources = rebuild(read_rows(dump))
    answers = {str(row["_id"]): row for row in read_rows(out)}
    tally = Tally()
    for question in questions:
        if question.id not in answers:
            raise BenchError(f"question {question.id} has no line in the answers")
        tally.add(question, answers[question.id], sources=sources)
    return tally


def report(tallies: Mapping[str, Tally], *, partial: bool) -> Report:
    """Make the table; a partial run has no gates."""
    header = ("corpus", "questions", "exact", "right document", "gold in answer", "abstained")
    made = Report("ask", (*header, "falsely"))
    for name, each in tallies.items():
        shares = (
            (each.exact, each.citations),
            (each.right_document, each.answerable),
            (each.gold_in_answer, each.with_gold),
            (each.abstained, each.unanswerable),
            (each.abstained_falsely, each.answerable),
        )
        made.rows.append((name, str(each.questions), *(share(*pair) for pair in shares)))
        made.numbers[name] = asdict(each)
        if not partial:
            made.gates.extend(gates(name, each))
    return made


def share(part: int, whole: int) -> str:
    """Return ``part/whole`` and per cent."""
    return f"{part}/{whole} ({part / whole:.1%})" if whole else "–"


def gates(name: str, tally: Tally) -> list[Gate]:
    """Return what is demanded of a corpus."""
    exact = Gate(f"exact citations of {name}", tally.exact, limit=max(tally.citations, 1))
    if name != NAME:
        return [exact]
    right = tally.right_document / max(tally.answerable, 1)
    left = tally.abstained / max(tally.unanswerable, 1)
    return [
        exact,
        Gate("right document cited", right, limit=0.8),
        Gate("unanswerable questions left", left, limit=6 / 8),
    ]


def main() -> int:
    """Parse, measure, report."""
    options = parser(__doc__)
    options.add_argument("--sets", nargs="+", default=(), metavar="NAME")
    options.add_argument("--limit", type=int, metavar="N", help="first N questions only: no gates")
    options.add_argument("--keep", type=Path, metavar="DIR", help="keep or reuse the stores here")
    args = options.parse_args()
    tallies: dict[str, Tally] = {}
    with workspace(args.keep) as stores, workspace() as work:
        for name in (NAME, *args.sets):
            try:
                corpus, questions = load(name, args.data)
            except SkippedError as reason:
                talk(f"skipped: {reason}")
                continue
            memctl, asked = memctl_at(stores / name, args), questions[: args.limit]
            tallies[name] = measure(memctl, corpus, questions=asked, work=work)
    if not tallies:
        raise SkippedError("no questions")
    return report(tallies, partial=args.limit is not None).finish(args.json)


if __name__ == "__main__":
    start(main)
