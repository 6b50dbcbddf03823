"""How well a long-term memory recalls, and what it costs.

Evidence on LoCoMo and BEAM: each conversation becomes a memory of its own, as ``memctl memory
import`` makes it, and the turns that a question rests on are looked for among its episodes. The
contest's example is imported and asked by command. Made dialogues (``bench/dialogues.py``) have
planted facts, updates, ends, and questions of the four types. The cost: a memory of many facts
beside a store of as many chunks, and the writing of one turn. Run from the root of the project:

    python -m bench.memory                       # all but the cost
    python -m bench.memory --only made --count 400 --seed 7
    python -m bench.memory --only cost --facts 100000
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.common import Gate, Report, Row, first_seen, ndcg, read_qrels, read_rows, recall, talk
from bench.dialogues import TYPES, Ask, Dialogue, dialogues
from bench.memory_cost import cost
from bench.options import folder, parser, start, workspace
from memctl.ingest import Embedder
from memctl.ingest.embedders import get
from memctl.memory import Book, Place, Recall, Turn, grammar_for, read_dialogues
from memctl.memory.extractor import Patterns
from memctl.memory.writing import write

PARTS = ("locomo", "beam", "giga", "made", "cost")
RIGHT = 0.9  # of the questions of a type
DEMANDED = {
    ("locomo", "single_hop"): 0.56,
    ("beam_100k", "knowledge_update"): 0.60,
    ("beam_100k", "contradiction_resolution"): 0.60,
    ("beam_100k", "multi_session_reasoning"): 0.40,
}
SESSIONS = 0.93  # of the sessions that a single-hop question rests on, among the first five


def evidence(name: str, file: str, args: argparse.Namespace, work: Path, made: Report) -> None:
    """Import the conversations of a set, and look for the evidence of its questions."""
    data = folder(args.data / name)
    embedder, grammar = get("e5-small"), grammar_for(Place(work, ""))
    judged, questions = read_qrels(data / "qrels.tsv"), list(read_rows(data / "queries.jsonl"))
    found: dict[str, list[tuple[float, float, float]]] = {}
    for dialogue in read_dialogues(data / file, "locomo"):
        place = Place(work / name, dialogue.id)
        with Book.write(place) as book:
            write(
                book,
                dialogue.turns,
                embedder=embedder,
                grammar=grammar,
                extractor=Patterns(grammar),
            )
        sessions = {turn.id: turn.session for turn in dialogue.turns}
        with Book.open(place) as book:
            asked = Recall(book, embedder, grammar)
            for row in questions:
                rests = judged.get(str(row["_id"]))
                if row["conv"] == dialogue.id and rests:
                    ranked = [each.id for each, _ in asked.rank(str(row["text"]), 200)]
                    scores = _scores(ranked, rests, sessions)
                    found.setdefault(str(row["category"]), []).append(scores)
        talk(f"{name} {dialogue.id}")
    for category, scores in sorted(found.items()):
        columns = [statistics.fmean(column) for column in zip(*scores, strict=True)]
        _evidence_row(name, category, columns, len(scores), made)


def _scores(
    ranked: list[str], rests: dict[str, int], sessions: dict[str, str]
) -> tuple[float, float, float]:
    seen = first_seen(sessions[each] for each in ranked)
    wanted = {sessions[each]: 1 for each in rests}
    return (
        ndcg(ranked, rests, k=10),
        recall(ranked, rests, k=10),
        recall(seen, wanted, k=5),
    )


def _evidence_row(name: str, category: str, columns: list[float], count: int, made: Report) -> None:
    shown = [f"{value:.3f}" for value in columns]
    made.rows.append((f"{name}, {category}", str(count), *shown))
    numbers = dict(zip(("ndcg_10", "recall_10", "sessions_5"), columns, strict=True))
    made.numbers[f"{name} {category}"] = numbers
    if (name, category) in DEMANDED:
        least = DEMANDED[name, category]
        made.gates.append(Gate(f"{name}, {category}: nDCG@10", columns[0], limit=least))
    if (name, category) == ("locomo", "single_hop"):
        made.gates.append(Gate("locomo: sessions@5", columns[2], limit=SESSIONS))


def giga(args: argparse.Namespace, work: Path, made: Report) -> None:
    """Import the contest's example by command, and ask its questions by command."""
    from bench.common import run

    file = folder(args.data / "gigamemory_example") / "dialogues.jsonl"
    store = work / "giga"
    memctl = (args.memctl, "memory")
    done = run((*memctl, "import", file, "--format", "gigamemory", "--store", store, "--json"))
    rows = list(read_rows(file))
    each = done.cpu_seconds / len(rows)
    made.rows.append(
        ("gigamemory, a dialogue written: CPU s", str(len(rows)), f"{each:.1f}", "", "")
    )
    made.gates.append(Gate("gigamemory: CPU s of a dialogue", each, limit=60, at_most=True))
    right = 0
    for row in rows:
        words = ("--user", str(row["id"]), "--store", store, "--json")
        told = run((*memctl, "recall", row["question"], *words), ok=(0, 4))
        answer = json.loads(told.stdout)["answer"].casefold()
        wanted = [part.split()[-1] for part in str(row["ans"]).casefold().split(",")]
        right += all(word in answer for word in wanted)
        talk(f"{row['question']} {answer}")
    made.rows.append(("gigamemory, questions right", str(len(rows)), str(right), "", ""))
    made.gates.append(Gate("gigamemory: right", right, limit=len(rows)))


def made_up(args: argparse.Namespace, work: Path, made: Report) -> None:
    """Ask the questions of made dialogues."""
    embedder = get("e5-small")
    for language in ("en", "ru"):
        right: dict[str, list[bool]] = {kind: [] for kind in TYPES}
        seconds: list[float] = []
        for dialogue in dialogues(language, args.count, args.seed):
            for ask, answer, taken in _asked(dialogue, work, embedder):
                right[ask.kind].append(is_right(ask, answer))
                seconds.append(taken)
                if not right[ask.kind][-1]:
                    talk(f"{language} {dialogue.number} {ask.kind} {ask.text} {answer}")
        for kind, each in right.items():
            share = statistics.fmean(each)
            made.rows.append((f"made, {language}, {kind}", str(len(each)), f"{share:.3f}", "", ""))
            made.gates.append(Gate(f"made, {language}, {kind}", share, limit=RIGHT))
        median = statistics.median(seconds)
        made.rows.append((f"made, {language}: s a question", "", f"{median:.3f}", "", ""))


def _asked(
    dialogue: Dialogue, work: Path, embedder: Embedder
) -> Iterator[tuple[Ask, str | None, float]]:
    """Yield each question of a dialogue with its answer, None where memory abstained."""
    place = Place(work / dialogue.language, str(dialogue.number))
    grammar = grammar_for(place)
    turns = [
        Turn(each.role, each.content, session=str(at), ordinal=n, said_at=session.day)
        for at, session in enumerate(dialogue.sessions, 1)
        for n, each in enumerate(session.messages, 1)
    ]
    with Book.write(place) as book:
        write(book, turns, embedder=embedder, grammar=grammar, extractor=Patterns(grammar))
    with Book.open(place) as book:
        asked = Recall(book, embedder, grammar)
        for ask in dialogue.questions:
            begun = time.perf_counter()
            answer = asked.answer(ask.text)
            taken = time.perf_counter() - begun
            yield ask, None if answer.abstained else answer.text, taken


def is_right(ask: Ask, answer: str | None) -> bool:
    """Return whether an answer has all that it must and nothing that it must not."""
    if ask.kind == "no_info" or answer is None:
        return ask.kind == "no_info" and answer is None
    told = answer.casefold().replace("ё", "е")
    has = [part.casefold().replace("ё", "е") in told for part in ask.wanted]
    hasnt = [part.casefold().replace("ё", "е") not in told for part in ask.unwanted]
    return all(has) and all(hasnt)


def write_dialogues(file: Path, language: str, count: int, seed: int) -> None:
    """Write made dialogues as the contest has them, with what their answers must hold."""
    rows: list[Row] = []
    for dialogue in dialogues(language, count, seed):
        sessions = [
            {
                "id": str(at),
                "date": session.day,
                "messages": [{"role": m.role, "content": m.content} for m in session.messages],
            }
            for at, session in enumerate(dialogue.sessions, 1)
        ]
        asks = [
            {"type": a.kind, "text": a.text, "wanted": a.wanted, "unwanted": a.unwanted}
            for a in dialogue.questions
        ]
        rows.append(
            {"id": f"{language}-{dialogue.number}", "sessions": sessions, "questions": asks}
        )
    with gzip.open(file, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def main() -> int:
    """Parse, measure, report."""
    options = parser(__doc__)
    options.add_argument("--only", choices=PARTS, nargs="+", default=PARTS[:-1])
    options.add_argument("--count", type=int, default=400, metavar="N", help="made dialogues")
    options.add_argument("--seed", type=int, default=1, metavar="N", help="of the made dialogues")
    options.add_argument("--facts", type=int, default=100_000, metavar="N", help="of the cost")
    options.add_argument("--write", type=Path, metavar="FILE", help="write made dialogues, and end")
    args = options.parse_args()
    if args.write:
        for language in ("en", "ru"):
            write_dialogues(
                args.write.with_suffix(f".{language}.jsonl.gz"), language, args.count, args.seed
            )
        return 0
    made = Report("memory", ("what", "questions", "nDCG@10 or share", "recall@10", "sessions@5"))
    parts: dict[str, Callable[[argparse.Namespace, Path, Report], None]] = {
        "locomo": lambda a, w, m: evidence("locomo", "corpus.jsonl", a, w, m),
        "beam": lambda a, w, m: evidence("beam_100k", "corpus.jsonl.gz", a, w, m),
        "giga": giga,
        "made": made_up,
        "cost": cost,
    }
    with workspace() as work:
        for name in args.only:
            parts[name](args, work, made)
    return made.finish(args.json)


if __name__ == "__main__":
    start(main)
