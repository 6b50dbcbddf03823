"""What is to be taken out is in no file of the store, and hardly anything else goes with it."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from support import Run

from memctl.ingest import Document, Heading, Page
from memctl.ingest.errors import SettingsError
from memctl.ingest.excision import Replacement, put, replaced
from memctl.ingest.redaction import KINDS, find, parsed, redacted

_RNG = random.Random(11)


def _letters(count: int, letters: str = string.ascii_letters + string.digits) -> str:
    return "".join(_RNG.choices(letters, k=count))


def _luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + (place % 2 == 0))
        total += value - 9 * (value > 9)
    return digits + str(-total % 10)


def _card() -> str:
    number = _luhn(_RNG.choice("45") + _letters(14, string.digits))
    return " ".join(number[at : at + 4] for at in range(0, 16, 4))


def _iban() -> str:
    account = _letters(18, string.digits)
    number = int("".join(str(int(each, 36)) for each in account + "DE00"))
    return f"DE{98 - number % 97:02d}{account}"


def _inn() -> str:
    digits = _letters(9, string.digits)
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    check = sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11 % 10
    return f"{digits}{check}"


def _snils() -> str:
    digits = _letters(9, string.digits)
    check = sum(int(d) * (9 - at) for at, d in enumerate(digits)) % 101 % 100
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]} {check:02d}"


def _phone() -> str:
    code, rest = _RNG.choice(("495", "812", "916", "903")), _letters(7, string.digits[1:])
    return _RNG.choice(("+7 {} {}-{}-{}", "8 ({}) {}-{}-{}", "+7{}{}{}{}")).format(
        code, rest[:3], rest[3:5], rest[5:]
    )


MAKERS: dict[str, tuple[str, Callable[[], str], str]] = {
    "an AWS key": ("keys", lambda: "AKIA" + _letters(16, string.ascii_uppercase), "The key is {}."),
    "a GitHub token": ("keys", lambda: "ghp_" + _letters(36), "токен {} для сборки"),
    "an OpenAI key": (
        "keys",
        lambda: f"sk-{_letters(20)}T3BlbkFJ{_letters(20)}",
        "export OPENAI_API_KEY={}",
    ),
    "a JWT": (
        "keys",
        lambda: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ" + _letters(20) + "." + _letters(43),
        "Bearer {}",
    ),
    "a card": ("cards", _card, "Оплата картой {}, спасибо."),
    "an IBAN": ("cards", _iban, "Transfer it to {} by Monday."),
    "an address": (
        "emails",
        lambda: f"{_letters(9).lower()}@{_letters(6, string.ascii_lowercase)}.ru",
        "пишите на {}.",
    ),
    "an address in Cyrillic": (
        "emails",
        lambda: f"{_letters(8, 'абвгдежз')}@{_letters(6, 'абвгдежз')}.рф",
        "почта: {}",
    ),
    "a phone": ("phones", _phone, "Звоните {} до вечера."),
    "an ИНН": ("ids", _inn, "ИНН {} в реестре"),
    "a СНИЛС": ("ids", _snils, "СНИЛС: {}"),
    "a passport": (
        "ids",
        lambda: (
            f"{_letters(2, string.digits)} {_letters(2, string.digits)} "
            f"{_letters(6, string.digits)}"
        ),
        "паспорт {} выдан",
    ),
}


@pytest.mark.parametrize("name", MAKERS)
def test_nearly_all_of_two_hundred_are_found(name: str) -> None:
    kind, make, frame = MAKERS[name]
    missed = []
    for _ in range(200):
        secret = make()
        text = frame.format(secret)
        cleaned = put(text, [each.replacement for each in find(text, (kind,))])
        if secret in cleaned or secret[-6:] in cleaned:
            missed.append(secret)
    assert len(missed) <= (2 if kind in {"keys", "cards"} else 10), missed[:5]


def _nothing(_: str) -> None:
    """Find no package."""


def test_a_private_key_goes_whole() -> None:
    body = "\n".join(_letters(64) for _ in range(8))
    text = f"a\n-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\nb"
    assert (
        put(text, [each.replacement for each in find(text, ("keys",))]) == "a\n[redacted: key]\nb"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Built in 1911, 47 metres high, with 212 steps.",
        "На 2019-05-03 было 1 234 567 890 рублей, рост 12,5 %.",
        "doi:10.1038/s41586-020-2649-2, arXiv:2403.14720, RFC 2119",
        "4111 1111 1111 1112 has a wrong check digit; 0.4242424242424242 is a fraction.",
        "ИНН 7707083894 с опечаткой, версия 3.11.7, 192.168.10.12",
        "commit 9ec8f16a2b3c4d5e6f708192a3b4c5d6e7f80912",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert find(text, KINDS) == []


def test_offsets_follow() -> None:
    text = "Почта a@b.ru\nстраница два: звоните +7 916 123-45-67 сегодня\n"
    page = text.index("страница")
    document = Document(
        "x",
        "x",
        text=text,
        sha256="0" * 64,
        title="a@b.ru",
        pages=(Page(1, 0, end=page), Page(2, page, end=len(text))),
        headings=(Heading(1, "Почта a@b.ru", start=0, end=page - 1),),
        metadata={"author": ("Анна <a@b.ru>",)},
    )
    made = redacted(document, KINDS)
    assert made.text[made.pages[1].start :].startswith("страница два: звоните [redacted: phone]")
    assert made.headings[0].title == "Почта [redacted: email]"
    assert made.text[: made.headings[0].end] == "Почта [redacted: email]"
    assert made.title == "[redacted: email]"
    assert made.metadata["author"] == ("Анна <[redacted: email]>",)
    assert [note.reason for note in made.notes] == ["emails 1, phones 1"]
    assert redacted(document, ()) is document


def test_spans_move_with_longer_and_shorter_ones() -> None:
    document = Document(
        "x", "x", text="0123456789", sha256="", pages=(Page(1, 0, end=4), Page(2, 4, end=10))
    )
    made = replaced(document, [Replacement(1, 3, "abcdef"), Replacement(3, 6, "")])
    assert made.text == "0abcdef6789"
    assert [(page.start, page.end) for page in made.pages] == [(0, 7), (7, 11)]


def test_nothing_of_it_is_in_any_file_whatever_it_was_read_from(
    run: Run, tmp_path: Path, store: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    secret = "zqxwv.kjhgf@example.com"
    (folder / "a.md").write_text(f"# From {secret}\n\nTwo words.\n", encoding="utf-8")
    (folder / "b.html").write_text(f"<title>{secret}</title><p>Письмо {secret}", encoding="utf-8")
    (folder / "c.jsonl").write_text(f'{{"_id": "1", "text": "row {secret}"}}\n', encoding="utf-8")
    (folder / "d.eml").write_text(
        f"From: {secret}\nSubject: Привет {secret}\n\nТекст {secret}\n", encoding="utf-8"
    )
    (folder / "e.csv").write_text(f"имя,почта\nАнна,{secret}\n", encoding="utf-8")
    with ZipFile(folder / "f.zip", "w") as packed:
        packed.writestr("in.txt", f"внутри {secret}")
    done = run("ingest", folder, "--embedder", "hashing", "--redact", "emails,keys", "--json").json
    assert done["redacted"]["emails"] >= 6
    assert 'redact = "emails, keys"' in (store / "memctl.toml").read_text(encoding="utf-8")
    run("index", "build")
    for file in store.rglob("*"):
        if file.is_file():
            assert b"zqxwv" not in file.read_bytes(), file
    assert "zqxwv" not in run("dump").out
    assert "Hidden" not in run("ingest", folder).out  # nothing is read again


def test_asked_for_later_it_reads_all_again(filled: Run, folder: Path) -> None:
    (folder / "x.txt").write_text("Пишите на anna@mail.ru сегодня.\n", encoding="utf-8")
    filled("ingest", folder)
    assert "anna@mail.ru" in filled("dump").out
    done = filled("ingest", folder, "--redact", "all", "--json").json
    assert done["redacted"] == {"emails": 1}
    assert "anna@mail.ru" not in filled("dump").out
    assert "[redacted: email]" in filled("dump").out


def test_what_is_unknown_or_not_installed_is_told(
    filled: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = filled("ingest", folder, "--redact", "names")
    assert refused.code == 1
    assert "'names' is nothing that can be redacted" in refused.err
    monkeypatch.setattr("memctl.ingest.redaction.find_spec", _nothing)
    refused = filled("ingest", folder, "--redact", "keys")
    assert "pip install 'memctl-rag[redact]'" in refused.err
    with pytest.raises(SettingsError):
        parsed("all")
    assert parsed("") == ()
