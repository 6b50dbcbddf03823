"""The texts that ``bench.embedding`` embeds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.common import ROOT, corpus_file, read_rows

SETS = {"English": ("xquad_en", "scifact"), "Russian": ("xquad_ru", "ru_rag_par")}
EMOJI = (
    "😀 😂 🤣 😍 🥰 😎 🤔 🙄 😭 😡 👍 👎 🙏 💪 🔥 ✨ 🎉 🚀 ❤️ 💔 🐱 🌍 ⚡️ ☕️ 👩‍🚀 👨‍👩‍👧‍👦 🇷🇺 🏳️‍🌈"
).split()
SAID = "привет всем спасибо lol omg ну такое wow great так держать ахаха )))) да нет".split()
SEED = 5


def passages(data: Path, language: str) -> list[str]:
    """Return the passages of the sets of a language, shuffled."""
    found: list[str] = []
    for name in SETS[language]:
        rows = read_rows(corpus_file(data / name))
        found.extend(f"{row.get('title', '')} {row['text']}".strip() for row in rows)
    random.Random(SEED).shuffle(found)
    return found


def kinds(data: Path, *, each: int) -> dict[str, list[str]]:
    """Return ``each`` texts of each kind."""
    made: dict[str, list[str]] = {name: passages(data, name)[:each] for name in SETS}
    makers: dict[str, Callable[[random.Random], str]] = {"logs": _log, "emoji": _emoji}
    made["code"] = _code(each)
    for name, maker in makers.items():
        rng = random.Random(SEED)
        made[name] = [maker(rng) for _ in range(each)]
    return made


def _code(number: int) -> list[str]:
    rng = random.Random(SEED)
    sources = [
        file.read_text(encoding="utf-8")
        for part in ("cli", "query", "index", "ingest")
        for file in sorted((ROOT / part).rglob("*.py"))
    ]
    long = [text for text in sources if len(text) > 1500]
    made: list[str] = []
    for _ in range(number):
        text = rng.choice(long)
        begin = rng.randrange(len(text) - 1200)
        made.append(text[begin : begin + rng.randrange(100, 1200)])
    return made


def _log(rng: random.Random) -> str:
    return "\n".join(_log_line(rng) for _ in range(rng.randrange(1, 12)))


def _log_line(rng: random.Random) -> str:
    address = ".".join(str(rng.randrange(256)) for _ in range(4))
    level = rng.choice(["INFO", "WARN", "ERROR", "DEBUG"])
    stamp = f"2031-0{rng.randrange(1, 10)}-{rng.randrange(10, 28)}T09:{rng.randrange(10, 60)}:07Z"
    return rng.choice(
        [
            f"{stamp} {level} [io-{rng.randrange(99)}] id={rng.getrandbits(64):016x} took "
            f"{rng.random() * 900:.2f}ms status={rng.choice([200, 404, 500])}",
            f'{address} - - "GET /api/v1/{rng.randrange(10**6)}?q=%D1%82%D0%B5 HTTP/1.1" 200',
            f"at org.acme.Service.run(Service.java:{rng.randrange(999)})",
            f"0x{rng.getrandbits(48):012x}: "
            + " ".join(f"{rng.getrandbits(8):02x}" for _ in range(16)),
            f"ОШИБКА: не открыт файл /var/lib/данные/{rng.randrange(10**4)}.db (код 13)",
        ]
    )


def _emoji(rng: random.Random) -> str:
    share = rng.choice([0.0, 0.3, 0.7])
    return " ".join(
        rng.choice(SAID)
        if rng.random() < share
        else "".join(rng.choice(EMOJI) for _ in range(rng.randrange(1, 5)))
        for _ in range(rng.randrange(1, 60))
    )


def chunks(
    texts: Sequence[str], count: Callable[[str], int], *, tokens: int, number: int
) -> list[str]:
    """Return ``number`` texts of at most ``tokens`` tokens, made of the words of ``texts``."""
    words = _words(texts)
    made: list[str] = []
    while len(made) < number:
        text = next(words)
        while count(longer := f"{text} {next(words)}") <= tokens:
            text = longer
        made.append(text)
    return made


def _words(texts: Sequence[str]) -> Iterator[str]:
    while True:
        for text in texts:
            yield from text.split()
