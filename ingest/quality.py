"""How well a text can be read: garbled pages are left out, garbled documents refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from memctl.ingest.cyrillic import ENCODINGS
from memctl.ingest.document import Document, Note, Problem
from memctl.ingest.encoded import without_encoded
from memctl.ingest.excision import without
from memctl.ingest.letters import Letters, count

GARBLED = 0.6
"""Below this score a text is of no use."""
DOUBTFUL = 0.85
"""Below this score a text is marked."""

_LOOKED_AT = 24_000  # characters of one text, in so many pieces
_PIECES = 6
_ENOUGH = 200  # letters, or pairs of them, that tell a language from none
_USUAL = 0.65  # the share of usual pairs that every language has
_SLAVIC_ENOUGH = 60  # letters, for another encoding to be tried
_RUSSIAN = 0.7  # usual pairs a letter: Russian has some .8 of them,
_ODD = 0.6  # and less than this in another encoding than its own
_IN_WORDS = 0.6  # pairs a letter: fewer are in codes, formulas and the moves of chess
_ALONE_ENOUGH = 50
_WORDS_ENOUGH = 40
_LONG_ON_AVERAGE = 12  # letters
_COINCIDENCE = 0.047  # English has .067, Russian .055, random letters have .038 and .031
_REPEATED = 0.08  # of all words, that are one of the ten commonest
_WORD = re.compile(r"[^\W\d_]+")
_CID = re.compile(r"\(cid:\d+\)")


@dataclass(frozen=True, slots=True)
class Quality:
    """A score from 0 to 1, higher is better, and what is wrong below 1."""

    score: float
    reason: str


def assess(text: str) -> Quality:
    """Score a text: which share of its letters can be read.

    A short text is given the benefit of the doubt. Code, numbers, formulas and languages of any
    script score high. A long text is judged by six pieces of it.
    """
    sample = _sample(text)
    faults = list(_faults(sample))
    if not faults:
        return Quality(1.0, "")
    share, reason = max(faults, key=lambda fault: fault[0])
    return Quality(1.0 - min(share, 1.0), reason)


def screened(document: Document) -> Document | Problem:
    """Return the document without its garbled pages, or a Problem where all of it is garbled.

    Pages that are left out, and a text that is doubtful, are noted; a page that is left out stays
    in the list of pages, empty. Before that, what is base64 is left out.
    """
    whole, document = document, without_encoded(document)
    if document is not whole and not document.text.strip():
        return Problem(document.path, "no_text", reason="no text in it: all of it is base64")
    if _is_code(document):  # the names of machine instructions are no words either
        return document
    if not document.pages:
        quality = assess(document.text)
        if quality.score < GARBLED:
            return _refused(document, quality)
        return _marked(document, [(quality, None)])
    judged = [(page, assess(document.text[page.start : page.end])) for page in document.pages]
    bad = [page for page, quality in judged if quality.score < GARBLED]
    if not bad:
        return _marked(document, [(quality, page.number) for page, quality in judged])
    rest = without(document, [(page.start, page.end) for page in bad])
    if not rest.text.strip():
        return _refused(document, min((quality for _, quality in judged), key=lambda q: q.score))
    return _marked(rest, [(quality, page.number) for page, quality in judged])


def _is_code(document: Document) -> bool:
    code = sum(block.end - block.start for block in document.blocks if block.kind == "code")
    return code * 2 > len(document.text)


def _refused(document: Document, quality: Quality) -> Problem:
    return Problem(document.path, "garbled", reason=f"its text cannot be read: {quality.reason}")


def _marked(document: Document, judged: list[tuple[Quality, int | None]]) -> Document:
    notes = list(document.notes)
    for quality, page in judged:
        if quality.score < GARBLED:
            notes.append(Note("garbled", f"left out: {quality.reason}", page=page))
        elif quality.score < DOUBTFUL:
            notes.append(Note("doubtful", f"kept: {quality.reason}", page=page))
    return replace(document, notes=tuple(notes)) if len(notes) > len(document.notes) else document


def _sample(text: str) -> str:
    if len(text) <= _LOOKED_AT:
        return text
    size = _LOOKED_AT // _PIECES
    step = (len(text) - size) // (_PIECES - 1)
    return " ".join(text[at * step : at * step + size] for at in range(_PIECES))


def _faults(text: str) -> Iterator[tuple[float, str]]:
    """Yield the share of a text that a fault takes, and the fault in words."""
    named = _CID.sub("\ufffd", text) if "(cid:" in text else text
    found = count(named)
    if found.nameless:
        share = min(found.nameless / max(found.inked, 1), 1.0)
        yield share, f"{share:.0%} of its characters have no meaning (no ToUnicode map)"
    yield from _wrong_bytes(text, found)
    if found.letters >= _ENOUGH:
        yield from _broken_words(found)
    if found.pairs >= max(_IN_WORDS * found.letters, _ENOUGH):
        yield from _no_language(text, found)


def _wrong_bytes(text: str, found: Letters) -> Iterator[tuple[float, str]]:
    """UTF-8 that was read as an encoding of one byte a character, or one such as another."""
    if text.isascii():
        return
    for encoding, leads, pattern in _mojibake():
        if sum(map(text.count, leads)) < 6:
            continue
        hits = sum(len(match.group()) for match in pattern.finditer(text))
        if hits >= 12:
            yield hits / max(found.inked, 1), f"UTF-8 that was read as {encoding}"
    if found.slavic >= _SLAVIC_ENOUGH and found.cyrillic_usual < _ODD * found.slavic:
        encoding = _own_encoding(text)
        if encoding:
            yield found.slavic / found.letters, encoding
    if found.letters >= 40 and found.western * 2 > found.letters:
        yield found.western / found.letters, "letters with accents only: a wrong encoding"


def _broken_words(found: Letters) -> Iterator[tuple[float, str]]:
    if found.torn >= max(found.letters / 3, _ALONE_ENOUGH) and found.kinds_torn >= 12:
        yield found.torn / found.letters, "words torn into single letters"
    if found.latin_usual + found.cyrillic_usual >= 0.8 * found.pairs:
        yield found.in_runs / found.letters, "words without blanks between them"


def _no_language(text: str, found: Letters) -> Iterator[tuple[float, str]]:
    """Letters that stand for others: their pairs are those of no language."""
    yield 4 * found.crossing / found.pairs, "letters of several scripts in one word"
    latin = found.latin >= _ENOUGH and found.latin_usual < _USUAL * found.latin
    cyrillic = found.cyrillic >= _ENOUGH and found.cyrillic_usual < _USUAL * found.cyrillic
    if (latin or cyrillic) and _is_like_prose(text):
        strange = latin * found.latin + cyrillic * found.cyrillic
        yield strange / found.pairs, "letters that form no words of any language"


def _is_like_prose(text: str) -> bool:
    """Whether words repeat and letters differ in frequency, whatever alphabet they are from.

    So it is in a text in which each letter stands for another, and not in keys, codes, tickers.
    """
    words = _WORD.findall(text.casefold())
    letters = Counter("".join(words))
    total = letters.total()
    if len(words) < _WORDS_ENOUGH or total > len(words) * _LONG_ON_AVERAGE:
        return False
    coincidence = sum(n * n for n in letters.values()) / (total * total)  # Friedman 1922
    repeated = sum(n for _, n in Counter(words).most_common(10))
    return coincidence > _COINCIDENCE and repeated > _REPEATED * len(words)


def _own_encoding(text: str) -> str:
    """Return ``A as B`` where a text that was read as B would be Russian in A, or nothing."""
    sample = text[:4_000]
    for read_as in ENCODINGS:
        data = sample.encode(read_as, "replace")
        for own in ENCODINGS:
            found = count(data.decode(own, "replace"))
            if found.cyrillic_usual > max(_RUSSIAN * found.letters, _ALONE_ENOUGH):
                return f"{own} that was read as {read_as}"
    return ""


@cache
def _mojibake() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Return, for each encoding, what UTF-8 looks like when it is read in it: leads, and all.

    Western letters and punctuation are looked for where the encoding is western, and Russian
    letters, which begin with two of the bytes, everywhere.
    """
    made: list[tuple[str, str, re.Pattern[str]]] = []
    for encoding in ("cp1252", "latin-1", "cp1251", "cp866", "koi8-r", "mac-cyrillic"):
        western = encoding in {"cp1252", "latin-1"}
        leads = _read_as(encoding, (0xC2, 0xC3, 0xD0, 0xD1) if western else (0xD0, 0xD1))
        following = f"[{re.escape(_read_as(encoding, range(0x80, 0xC0)))}]"
        pattern = f"(?:[{leads}]{following})+"
        if western:
            pattern = f"(?:[{leads}]{following}|\u00e2{following}{{2}})+"
            leads += "\u00e2"
        made.append((encoding, leads, re.compile(pattern)))
    return tuple(made)


def _read_as(encoding: str, data: Iterable[int]) -> str:
    """Return what these bytes are read as; cp1252 leaves some of them as they are."""
    return "".join(bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in data)
