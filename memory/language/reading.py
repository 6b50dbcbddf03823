"""From a text to its tokens."""

from __future__ import annotations

import re
import unicodedata

from memctl.memory.language import english, russian
from memctl.memory.language.token import Reading, Token

# A word with what joins its parts, an English ending that is a word of its own, or one sign.
_TOKEN = re.compile(
    r"(?P<clitic>n['’]t\b|(?<=\w)['’](?:m|re|ve|ll|d|s)\b)"
    r"|(?P<word>\d+(?:[.,:/'’-]\d+)*[%\"]?|[^\W\d_](?:(?!n['’]t\b)(?:[\w\-+#&]|(?<=[a-zA-Z])\.(?=[a-zA-Z])))*)"
    r"|(?P<sign>\S)"
)
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def folded(text: str) -> str:
    """Return a word as it is compared: small letters, ё as е."""
    return unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").replace("’", "'")


def read(text: str, *, offset: int = 0) -> list[Token]:
    """Return the tokens of a text, whose first character has the place ``offset``.

    A word in Cyrillic is read as Russian and one in Latin letters as English, whatever the rest.
    """
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        word = folded(match.group())
        readings: tuple[Reading, ...] = ()
        if match.lastgroup != "sign":
            readings = russian.readings(word) if _CYRILLIC.search(word) else english.readings(word)
        found.append(
            Token(
                match.group(),
                start=offset + match.start(),
                end=offset + match.end(),
                folded=word,
                readings=readings,
            )
        )
    return found
