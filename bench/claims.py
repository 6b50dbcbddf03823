"""Claims with what they rest on, and the same claims with one fact changed by a script."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

from bench.common import corpus_file, read_rows
from memctl.ingest import sentence_spans
from memctl.query.answers.statements import stated
from memctl.query.verify.dates import dates_in
from memctl.query.verify.names import names_of
from memctl.query.verify.numbers import numbers_in
from memctl.query.verify.polarity import PAIRS

KINDS = ("number", "date", "name", "negation")
SEED = 1
_LEAST = 5  # words of a claim
_CLAUSE = re.compile(r"(.{40,}?[^,]), [^,]{10,}$")
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]\d\d|20[0-2]\d)(?!\d)")
_ENGLISH_NOT = re.compile(
    r"\b(is|are|was|were|has|have|had|can|could|will|would|does|did|do|may|should|must)"
    r"(?: not\b|n't\b|\b)"
)
_RUSSIAN_NOT = re.compile(r"\bне (\w+)")
_RUSSIAN_VERB = re.compile(r"\b\w{3,}(?:л|ла|ли|ло|ет|ют|ит|ят|ется|ются|лся|лась|лись|лось)\b")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim about a source: ``holds`` says whether the source says it."""

    set: str
    text: str
    _: KW_ONLY
    source: str
    title: str
    language: str
    holds: bool
    kind: str = ""


def supported(data: Path) -> list[Claimed]:
    """Return claims that their sources say: written by people and models, or taken from them.

    Of XQuAD, whose paragraphs are their own sources, a sentence loses its last clause.
    """
    found = [
        *_faithful(data / "faithbench"),
        *_scientific(data / "scifact"),
        *_answers(data / "clapnq_dev"),
        *_sentences(data / "xquad_en", "en"),
        *_sentences(data / "xquad_ru", "ru"),
    ]
    random.Random(SEED).shuffle(found)
    return found


def changed(claims: Sequence[Claimed], most: int) -> list[Claimed]:
    """Return at most ``most`` claims a kind and language with one fact changed."""
    draw = random.Random(SEED)
    pool = {
        language: [
            name.text
            for claim in claims
            if claim.language == language
            for name in names_of(claim.text)
            if not name.first and len(name.text) > 3 and name.text[0].isupper()
        ]
        for language in _MONTHS
    }
    changes: Mapping[str, Callable[[Claimed], str]] = {
        "number": lambda claim: _number(claim.text, draw),
        "date": lambda claim: _date(claim, draw),
        "name": lambda claim: _name(claim, pool[claim.language], draw),
        "negation": lambda claim: _negation(claim, draw),
    }
    found: list[Claimed] = []
    for kind, change in changes.items():
        for language in _MONTHS:
            some = (
                replace(claim, text=text, holds=False, kind=kind)
                for claim in claims
                if claim.language == language
                for text in (change(claim),)
                if text and text != claim.text
            )
            found.extend(each for each, _ in zip(some, range(most), strict=False))
    return found


def _faithful(folder: Path) -> Iterator[Claimed]:
    for row in read_rows(folder / "samples.jsonl"):
        if row["worst_label"] == "Consistent":
            for each in stated(row["summary"]):
                yield from _claim("faithbench", each.text, row["source"], "", "en")


def _scientific(folder: Path) -> Iterator[Claimed]:
    corpus = {row["_id"]: row for row in read_rows(corpus_file(folder))}
    for row in read_rows(folder / "queries.jsonl"):
        for evidence in row["evidence"][:1]:
            if evidence["label"] == "SUPPORT":
                document = corpus[evidence["doc"]]
                yield from _claim(
                    "scifact", row["text"], document["text"], document.get("title", ""), "en"
                )


def _answers(folder: Path) -> Iterator[Claimed]:
    corpus = {row["_id"]: row for row in read_rows(corpus_file(folder))}
    for row in read_rows(folder / "queries.jsonl"):
        for sentence in _parted(row["answers"][0]) if row.get("answerable") else ():
            document = corpus[row["doc"]]
            title = document.get("title", "")
            yield from _claim("clapnq", sentence, document["text"], title, "en")


def _sentences(folder: Path, language: str) -> Iterator[Claimed]:
    for row in read_rows(corpus_file(folder)):
        for sentence in _parted(row["text"]):
            shorter = _CLAUSE.match(sentence.rstrip("."))
            text = f"{shorter.group(1)}." if shorter else sentence
            yield from _claim(folder.name, text, row["text"], row.get("title", ""), language)


def _parted(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in sentence_spans(text)]


def _claim(set_: str, text: str, source: str, title: str, language: str) -> Iterator[Claimed]:
    if len(text.split()) >= _LEAST:
        yield Claimed(set_, text, source=source, title=title, language=language, holds=True)


def _number(text: str, draw: random.Random) -> str:
    spans = [(date.start, date.end) for date in dates_in(text)]
    found = [
        each
        for each in numbers_in(text)
        if text[each.start : each.end].isdigit()
        and not any(start <= each.start < end for start, end in spans)
    ]
    if not found:
        return ""
    each = draw.choice(found)
    value = int(text[each.start : each.end])
    step = draw.randint(1, 40 if 1000 <= value <= 2100 else max(2, value))
    return f"{text[: each.start]}{abs(value + draw.choice((-1, 1)) * step)}{text[each.end :]}"


def _date(claim: Claimed, draw: random.Random) -> str:
    text = claim.text
    found = dates_in(text)
    if found:
        date = draw.choice(found)
        part = text[date.start : date.end]
        other = _other_month(part, claim.language, draw) if draw.random() < 0.5 else part
        if other == part:
            other = re.sub(r"(?<!\d)\d{1,2}(?!\d)", _next_day, part, count=1)
        return text[: date.start] + other + text[date.end :]
    years = list(_YEAR.finditer(text))
    if not years:
        return ""
    year = draw.choice(years)
    other_year = int(year.group()) + draw.choice((-1, 1)) * draw.randint(1, 30)
    return f"{text[: year.start()]}{other_year}{text[year.end() :]}"


def _next_day(match: re.Match[str]) -> str:
    return str(int(match.group()) % 28 + 1)


def _other_month(part: str, language: str, draw: random.Random) -> str:
    months = _MONTHS[language].split()
    for at, month in enumerate(months):
        other = months[(at + draw.randint(1, 11)) % 12]
        replaced = re.sub(rf"\b{month}\b", other, part, flags=re.IGNORECASE)
        if replaced != part:
            return replaced
    return part


def _name(claim: Claimed, pool: Sequence[str], draw: random.Random) -> str:
    found = [each for each in names_of(claim.text) if not each.first and len(each.text) > 3]
    strangers = [name for name in pool if name[:4].lower() not in claim.source.lower()]
    if not found or not strangers:
        return ""
    each = draw.choice(found)
    return claim.text[: each.start] + draw.choice(strangers) + claim.text[each.end :]


def _negation(claim: Claimed, draw: random.Random) -> str:
    ways = [_opposite, _english_not if claim.language == "en" else _russian_not]
    draw.shuffle(ways)
    return next((text for way in ways if (text := way(claim.text, draw))), "")


def _opposite(text: str, draw: random.Random) -> str:
    pairs = [pair for one, other in PAIRS for pair in ((one, other), (other, one))]
    for one, other in draw.sample(pairs, len(pairs)):
        if len(one) > 3 and re.search(rf"\b{one}\b", text):
            return re.sub(rf"\b{one}\b", other, text, count=1)
    return ""


def _english_not(text: str, draw: random.Random) -> str:
    del draw
    verb = _ENGLISH_NOT.search(text)
    if verb is None:
        return ""
    bare = verb.group(1)
    put = bare if verb.group() != bare else f"{bare} not"
    return text[: verb.start()] + put + text[verb.end() :]


def _russian_not(text: str, draw: random.Random) -> str:
    del draw
    denied = _RUSSIAN_NOT.search(text)
    if denied:
        return text[: denied.start()] + denied.group(1) + text[denied.end() :]
    verb = _RUSSIAN_VERB.search(text)
    return f"{text[: verb.start()]}не {text[verb.start() :]}" if verb else ""
