"""The one gate between text from outside and everything in memctl."""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 controls but for newline and tab, lone surrogates, bidirectional overrides and
# isolates, line and paragraph separators, byte-order marks, and the invisible tag characters.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)

# White space but for the no-break space, which says that two words belong on one line.
_BLANKS = re.compile(r"[^\S\u00a0]+")


def clean(text: str) -> str:
    """Replace each character that could steer a terminal or hide text by one space.

    The length stays, so offsets into the text hold before and after.
    """
    return _UNSAFE.sub(" ", text)


def unify_newlines(text: str) -> str:
    r"""Turn ``\r\n`` and ``\r`` into ``\n``; to be done before any offset is taken."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shown(name: str) -> str:
    """Write a name as text that is safe to show: what is not, as escapes; blanks stay as they are.

    Two names that differ stay two, unless one holds the very escape of the other.
    """
    if name.isprintable():
        return name
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in name
    )


def shown_bytes(head: bytes) -> str:
    """Return how a file begins, for a message: quoted where that is text, else in hex."""
    start = head.lstrip()[:12].partition(b"\n")[0].rstrip()
    if start.isascii() and start.decode("ascii").isprintable():
        return f'"{start.decode("ascii")}"'
    return f"the bytes {head[:8].hex(' ').upper()}"


def one_line(text: str) -> str:
    """Fold ``text`` into one safe line for a message or a table."""
    return _BLANKS.sub(" ", clean(text)).strip(" ")


def composed(text: str) -> tuple[str, ...]:
    """Return the ways in which a disk may keep a name: й as one sign (NFC), or as two (NFD).

    What is typed and what macOS keeps are the same to the eye.
    """
    forms = (text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD")))
    return tuple(dict.fromkeys(forms))


def folded(text: str) -> str:
    """Return ``text`` as names are compared: NFKC, without case, ё as е."""
    return unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")


_LATIN, _CYRILLIC = "abekmhopctyx", "авекмнорстух"
_ALIKE = re.compile(f"(?=.*[{_LATIN}{_CYRILLIC}])(?=.*[0-9])[{_LATIN}{_CYRILLIC}0-9]+")
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)


def twins(word: str) -> tuple[str, ...]:
    """Return a folded code in Latin and in Cyrillic letters: E10 may have been typed as Е10.

    Only codes, with digits, of letters that look alike in both have two such forms.
    """
    if not _ALIKE.fullmatch(word):
        return ()
    latin = word.translate(_TO_LATIN)
    return latin, latin.translate(_TO_CYRILLIC)
