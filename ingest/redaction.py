"""Keys, cards, phones, e-mail addresses and personal numbers taken out of what was read.

What is found is replaced before anything is cut, embedded, written or logged. Numbers are taken for
what they seem to be only where their check digits agree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from memctl.ingest.document import Document, Note
from memctl.ingest.errors import SettingsError
from memctl.ingest.excision import Replacement, put, replaced

KINDS = ("keys", "cards", "phones", "emails", "ids")
REDACTED = "redacted"  # the code of a note
_PACKAGES = ("detect_secrets", "phonenumbers", "stdnum")
_DETECTORS = {
    "artifactory": "ArtifactoryDetector",
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "discord": "DiscordBotTokenDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "jwt": "JwtTokenDetector",
    "mailchimp": "MailchimpDetector",
    "npm": "NpmDetector",
    "openai": "OpenAIDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
    "twilio": "TwilioKeyDetector",
}
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY[A-Z ]*-----.*?(?:-----END [A-Z ]*PRIVATE KEY[A-Z ]*-----|\Z)",
    re.DOTALL,
)
_TOKEN = re.compile(r"[\w.+/=-]*")
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w](?:[\w-]{0,61}\w)?\.)+[^\W\d_][\w-]{0,61}(?!\w)"
)
_CARD = re.compile(r"(?<![\d.,-])[2-6](?:[ -]?\d){12,18}(?![\d-]|[.,]\d)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?!\w)")
_INN = re.compile(r"(?<!\w)(?:ИНН|INN)\W{0,5}(\d{12}|\d{10})(?!\d)", re.IGNORECASE)
_SNILS = re.compile(r"(?<![\d-])(\d{3}-\d{3}-\d{3}[ -]\d{2})(?!\d)")
_SNILS_NAMED = re.compile(r"(?<!\w)СНИЛС\W{0,5}(\d{11})(?!\d)", re.IGNORECASE)
_PASSPORT = re.compile(
    r"(?<!\w)паспорт\w{0,3}\b[^\n\d]{0,40}?(\d{2} ?\d{2})(?:[ ,№N]|номер)*(\d{6})(?!\d)",
    re.IGNORECASE,
)
_REGIONS = ("RU", "US", "GB")

Span = tuple[int, int]


def parsed(said: str) -> tuple[str, ...]:
    """Return the kinds that a setting names, such as ``keys, cards`` or ``all``.

    Raises:
        SettingsError: one is unknown, or what finds them is not installed.
    """
    wanted = tuple(each.strip() for each in said.split(",") if each.strip())
    if wanted == ("all",):
        wanted = KINDS
    for each in wanted:
        if each not in KINDS:
            raise SettingsError(
                f"{each!r} is nothing that can be redacted",
                hint=f"There are: {', '.join(KINDS)}, or all.",
            )
    if wanted and not all(find_spec(package) for package in _PACKAGES):
        raise SettingsError(
            "what finds keys and numbers is not installed",
            hint="Run: pip install 'memctl-rag[redact]'",
        )
    return tuple(dict.fromkeys(wanted))


def redacted(document: Document, kinds: tuple[str, ...]) -> Document:
    """Return the document with ``[redacted: KIND]`` in place of what is found.

    The same is done to its title, its headings and its metadata; not to its path and its id, by
    which it is known. What was done is noted.
    """
    if not kinds:
        return document
    found = find(document.text, kinds)
    made = replaced(document, [each.replacement for each in found])
    counted = Counter(each.kind for each in found)

    def clean(text: str) -> str:
        return put(text, [each.replacement for each in find(text, kinds)])

    title = clean(made.title)
    headings = tuple(replace(each, title=clean(each.title)) for each in made.headings)
    metadata = {name: tuple(map(clean, values)) for name, values in made.metadata.items()}
    notes = made.notes
    if counted:
        said = ", ".join(f"{kind} {count}" for kind, count in sorted(counted.items()))
        notes = (*notes, Note(REDACTED, said))
    return replace(made, title=title, headings=headings, metadata=metadata, notes=notes)


def taken_out(notes: Iterable[Note]) -> Counter[str]:
    """Return how often each kind was taken out of a document, by its notes."""
    counted: Counter[str] = Counter()
    for note in notes:
        if note.code == REDACTED:
            for said in note.reason.split(", "):
                kind, _, number = said.partition(" ")
                counted[kind] += int(number)
    return counted


@dataclass(frozen=True, slots=True)
class Found:
    """Something to take out of a text."""

    kind: str
    start: int
    end: int

    @property
    def replacement(self) -> Replacement:
        """What stands in its place."""
        return Replacement(self.start, self.end, f"[redacted: {self.kind.removesuffix('s')}]")


def find(text: str, kinds: tuple[str, ...]) -> list[Found]:
    """Return what is found in a text, in order; of what overlaps the first, or the longest."""
    every = [
        Found(kind, start, end)
        for kind in KINDS
        if kind in kinds
        for start, end in _FINDERS[kind](text)
    ]
    kept: list[Found] = []
    for each in sorted(every, key=lambda found: (found.start, -found.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def _keys(text: str) -> Iterator[Span]:
    yield from (match.span() for match in _PRIVATE_KEY.finditer(text))
    for pattern in _patterns():
        for match in pattern.finditer(text):
            # Some patterns end before the secret does.
            yield match.start(), cast("re.Match[str]", _TOKEN.match(text, match.end())).end()


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(
        pattern
        for module, name in _DETECTORS.items()
        for pattern in getattr(import_module(f"detect_secrets.plugins.{module}"), name).denylist
    )


def _cards(text: str) -> Iterator[Span]:
    from stdnum import iban, luhn

    for match in _CARD.finditer(text):
        if luhn.is_valid(re.sub(r"\D", "", match.group())):
            yield match.span()
    for match in _IBAN.finditer(text):
        words = match.group()
        while words and not iban.is_valid(words):  # the words behind it may be written like it
            words = words.rpartition(" ")[0]
        if words:
            yield match.start(), match.start() + len(words)


def _phones(text: str) -> Iterator[Span]:
    from phonenumbers import PhoneNumberMatcher

    if sum(map(str.isdigit, text)) < _FEWEST:
        return
    for region in _REGIONS:
        for match in PhoneNumberMatcher(text, region):
            if _looks_called(match.raw_string):
                yield match.start, match.end


_FEWEST = 7  # digits of a phone number


def _looks_called(raw: str) -> bool:
    """Tell a number that is written as one to call from one that only has as many digits."""
    return raw.startswith("+") or any(mark in raw for mark in "()-‑– ")


def _emails(text: str) -> Iterator[Span]:
    return (match.span() for match in _EMAIL.finditer(text))


def _ids(text: str) -> Iterator[Span]:
    from stdnum.ru import inn

    for match in _INN.finditer(text):
        if inn.is_valid(match.group(1)):
            yield match.span(1)
    for pattern in (_SNILS, _SNILS_NAMED):
        for match in pattern.finditer(text):
            if _is_snils(re.sub(r"\D", "", match.group(1))):
                yield match.span(1)
    for match in _PASSPORT.finditer(text):
        yield match.start(1), match.end(2)


def _is_snils(digits: str) -> bool:
    """Tell whether the last two digits are the check of the nine before, as the law has it."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 0, -1), strict=False))
    return total % 101 % 100 == int(digits[9:])


_FINDERS: dict[str, Callable[[str], Iterator[Span]]] = {
    "keys": _keys,
    "cards": _cards,
    "phones": _phones,
    "emails": _emails,
    "ids": _ids,
}
