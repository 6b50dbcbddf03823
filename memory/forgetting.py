"""Forgetting for good: facts, the sentences that told them, their vectors and words.

The turns stay, so that what else they tell keeps its provenance; the sentences that told what is
forgotten are blacked out in them. The journal of before goes, as it could bring them back.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from memctl.index.lexical.analysis import terms
from memctl.ingest import Embedder, StoreError, UsageError, detect, sentence_spans
from memctl.memory.book import Book
from memctl.memory.records import Episode, Fact, Turn
from memctl.memory.rows import insert, stored, update
from memctl.memory.windows import indexed_text, terms_of, windows

BLACK = "█"
_LETTER = re.compile(r"\S")
_PIECE = 12  # characters of what is looked for afterwards, at least


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten: facts, and the sentences of turns; never what they said.

    ``mentions`` are turns that still have the words of a value in another sentence, ``lessons``
    the lessons and examples that do; ``proved``
    counts the files that were searched for it, 0 where nobody asked.
    """

    facts: int
    sentences: int
    episodes: int
    _: KW_ONLY
    mentions: tuple[int, ...]
    lessons: tuple[int, ...]
    proved: int


def forget(
    book: Book, facts: Sequence[Fact], *, embedder: Embedder, mentions: bool, prove: bool
) -> Forgotten:
    """Forget facts, and black out where they were told; with ``mentions``, all that names them.

    Raises:
        UsageError: there is nothing to forget.
        StoreError: with ``prove``, something of it was found afterwards.
    """
    if not facts:
        raise UsageError("there is nothing to forget", hint="Run: memctl memory facts")
    same = _same(book, facts)
    spans = _told(book, same)
    named = _naming(book, same, spans)
    if mentions:
        for episode, found in named.items():
            spans.setdefault(episode, set()).update(found)
    lessons = _lessons_naming(book, same)
    texts = _texts(book, spans) + (list(lessons.values()) if mentions else [])
    vectors = _vectors(book, same, spans)
    with book.transaction():
        for episode, sentences in spans.items():
            _black_out(book, episode, sentences, embedder)
        for fact in same:
            book.db.execute("DELETE FROM facts WHERE number = ?", (fact.number,))
            book.db.execute("DELETE FROM tellings WHERE fact = ?", (fact.number,))
        for number in lessons if mentions else ():
            book.db.execute("DELETE FROM lessons WHERE number = ?", (number,))
        _forget_journal(book, spans)
        book.db.execute("INSERT INTO words (words) VALUES ('rebuild')")
    book.db.execute("VACUUM")
    proved = _prove(book, texts, vectors) if prove else 0
    done = Forgotten(
        len(same),
        sum(len(each) for each in spans.values()),
        len(spans),
        mentions=() if mentions else tuple(sorted(set(named) - set(spans))),
        lessons=() if mentions else tuple(lessons),
        proved=proved,
    )
    _receipt(book.place.receipts, done)
    return done


def forget_all(place_folder: Path) -> int:
    """Remove a whole memory with all its files; return how many there were.

    Raises:
        OSError: the system refused it.
    """
    import shutil

    files = sum(1 for each in place_folder.rglob("*") if each.is_file())
    shutil.rmtree(place_folder)
    return files


def _same(book: Book, facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts and all others that say the same of the same, whenever it was true."""
    found: dict[int, Fact] = {}
    for fact in facts:
        for each in book.facts(
            "f.subject = ? AND f.attribute = ? AND f.key = ?",
            (fact.subject, fact.attribute, fact.key),
        ):
            found[each.number] = each
    return list(found.values())


def _told(book: Book, facts: Sequence[Fact]) -> dict[int, set[tuple[int, int]]]:
    """Return the spans, by episode, in which the facts were told: the sentences.

    Of a sentence that tells something else as well, only the words of the telling.
    """
    gone = {fact.number for fact in facts}
    spans: dict[int, set[tuple[int, int]]] = {}
    for fact in facts:
        rows = book.db.execute(
            "SELECT episode, start, end FROM tellings WHERE fact = ?", (fact.number,)
        ).fetchall()
        for number, start, end in [*rows, (fact.episode, fact.start, fact.end)]:
            episode = book.episode(number)
            if episode is None:
                continue
            for first, last in sentence_spans(episode.text):
                if first < end and start < last:
                    shared = _tells_more(book, number, (first, last), gone)
                    span = (max(start, first), min(end, last)) if shared else (first, last)
                    spans.setdefault(number, set()).add(span)
    return spans


def _tells_more(book: Book, episode: int, sentence: tuple[int, int], gone: set[int]) -> bool:
    """Return whether a sentence tells a fact that is to stay."""
    rows = book.db.execute(
        "SELECT fact FROM tellings WHERE episode = ? AND start < ? AND end > ?",
        (episode, sentence[1], sentence[0]),
    )
    return any(row[0] not in gone for row in rows)


def _naming(
    book: Book, facts: Sequence[Fact], known: dict[int, set[tuple[int, int]]]
) -> dict[int, set[tuple[int, int]]]:
    """Return the sentences of other turns that have all the words of a value."""
    found: dict[int, set[tuple[int, int]]] = {}
    values = [set(terms(fact.value, detect(fact.value))) for fact in facts]
    values = [value for value in values if value]
    for episode in book.episodes():
        held = set(terms(episode.text, detect(episode.text)))
        if not any(value <= held for value in values):
            continue
        for span in sentence_spans(episode.text):
            inside = set(terms(episode.text[slice(*span)], detect(episode.text)))
            if span not in known.get(episode.number, set()) and any(v <= inside for v in values):
                found.setdefault(episode.number, set()).add(span)
    return found


def _lessons_naming(book: Book, facts: Sequence[Fact]) -> dict[int, str]:
    """Return the advice of the lessons and examples that have all the words of a value."""
    values = [set(terms(fact.value, detect(fact.value))) for fact in facts]
    found: dict[int, str] = {}
    for number, situation, advice in book.db.execute(
        "SELECT number, situation, advice FROM lessons"
    ).fetchall():
        text = f"{situation} {advice}"
        held = set(terms(text, detect(text)))
        if any(value and value <= held for value in values):
            found[number] = advice
    return found


def _texts(book: Book, spans: dict[int, set[tuple[int, int]]]) -> list[str]:
    """Return the sentences that must not be found afterwards: those that stand nowhere else."""
    found: list[str] = []
    for number, sentences in spans.items():
        episode = book.episode(number)
        if episode is not None:
            found += [episode.text[slice(*span)].strip() for span in sentences]
    return [text for text in dict.fromkeys(found) if len(text) >= _PIECE]


def _vectors(
    book: Book, facts: Sequence[Fact], spans: dict[int, set[tuple[int, int]]]
) -> list[bytes]:
    """Return the vectors that must not be found afterwards."""
    found: list[bytes] = []
    for fact in facts:
        found += book.db.execute(
            "SELECT vector FROM facts WHERE number = ?", (fact.number,)
        ).fetchone()
    for number in spans:
        rows = book.db.execute("SELECT vector FROM windows WHERE episode = ?", (number,))
        found += [row[0] for row in rows]
    return found


def _black_out(
    book: Book, number: int, sentences: Iterable[tuple[int, int]], embedder: Embedder
) -> None:
    """Black out sentences of a turn; its windows are made again from what is left."""
    episode = book.episode(number)
    if episode is None:
        return
    text = episode.text
    for start, end in sentences:
        text = text[:start] + _LETTER.sub(BLACK, text[start:end]) + text[end:]
    # The key stays: the same turn, imported again, is known and not taken in anew.
    update(book.db, "episodes", number, {"text": text})
    book.db.execute("DELETE FROM windows WHERE episode = ?", (number,))
    turn = _turn(episode, text)
    spans = list(windows(text))
    pieces = [indexed_text(turn, *span) for span in spans]
    vectors = stored(embedder.embed(pieces, role="document")) if pieces else []
    for (start, end), piece, vector in zip(spans, pieces, vectors, strict=True):
        insert(
            book.db,
            "windows",
            {
                "episode": number,
                "start": start,
                "end": end,
                "terms": terms_of(piece.replace(BLACK, " ")),
                "vector": vector,
            },
        )
    book.db.execute("DELETE FROM summaries WHERE session = ?", (episode.session,))


def _turn(episode: Episode, text: str) -> Turn:
    return Turn(
        episode.role,
        text,
        session=episode.session,
        ordinal=episode.ordinal,
        speaker=episode.speaker,
        said_at=episode.said_at,
    )


def _forget_journal(book: Book, spans: dict[int, set[tuple[int, int]]]) -> None:
    """Let the journal say what was done, and no more how to take it back."""
    book.db.execute("DELETE FROM changes")
    book.db.execute("UPDATE entries SET undone = 1")
    now = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    note = json.dumps({"episodes": len(spans)})
    row = {"time": now, "operation": "forget", "note": note, "undone": 1}
    insert(book.db, "entries", row)


def _prove(book: Book, texts: Sequence[str], vectors: Sequence[bytes]) -> int:
    """Search every file of the memory for texts and vectors; return how many were read."""
    kept = {row[0] for table in ("facts", "windows") for row in _column(book, table)}
    everything = "\n".join(episode.text for episode in book.episodes())
    needles = [
        text.encode(coding) for text in texts if text not in everything for coding in _CODINGS
    ]
    needles += [vector for vector in vectors if vector not in kept]
    read = 0
    for file in sorted(book.place.folder.rglob("*")):
        if not file.is_file():
            continue
        data = file.read_bytes()
        read += 1
        if any(needle in data for needle in needles):
            raise StoreError(
                f"something of what was forgotten is still in {file}",
                hint="Tell the makers of memctl; removing the whole memory removes it: --all",
            )
    return read


_CODINGS = ("utf-8", "utf-16-le")


def _column(book: Book, table: str) -> list[tuple[bytes]]:
    return book.db.execute(f"SELECT vector FROM {table}").fetchall()


def _receipt(file: Path, done: Forgotten) -> None:
    """Append that something was forgotten, and when; never what."""
    now = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    told = {key: value for key, value in asdict(done).items() if key not in {"mentions", "lessons"}}
    line = json.dumps({"time": now, **told}) + "\n"
    file.touch(mode=0o600)
    with file.open("a", encoding="utf-8") as stream:
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())
