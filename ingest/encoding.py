"""Bytes to text: never a character lost or guessed at silently."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from memctl.ingest import cyrillic
from memctl.ingest.errors import UnreadableError
from memctl.ingest.plausible import CONTROL, is_believable, is_japanese, is_plain_latin

_SAMPLE = 32_768
_ENOUGH = 100  # bytes outside ASCII: of less, any alphabet can be read out
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What browsers read where a page declares the name at the left; and the only names that a
# declaration may have: Python knows codecs such as "hex" that are not for documents.
_DECLARED = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
}
_WIDE = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ASCII = bytes(range(0x80))
_SHAPE = re.compile(rb"[\xc0-\xf7][\x80-\xbf]{1,3}")
# Russian letters in UTF-8; in an eight-bit encoding they are a few in a hundred at the most.
_RUSSIAN = re.compile(rb"[\xd0\xd1][\x80-\xbf]")
_BAD = re.compile("[\udc80-\udcff]+")
_RARE = 500  # bytes to each bad one, where damage is likelier than another encoding
_MULTIBYTE = ("cp932", "euc_jp", "iso2022_jp", "cp949", "gb18030", "big5")
_WINDOWS = ("cp1250", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258")
_ISO = tuple(f"iso8859-{part}" for part in (2, 3, 4, 6, 7, 8, 10, 13, 14, 15, 16))
_KNOWN = {"utf-8", "cp874", *_MULTIBYTE, *_WINDOWS, *_ISO, *cyrillic.ENCODINGS}
_GUESSED = ("cp1252", "cp932", "euc_jp", "cp949", "gb18030", "big5", "cp1256", "cp1255", "cp1253")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and how many bytes of it could not be read: each row of them became one U+FFFD."""

    text: str
    replaced: int = 0


def recover(data: bytes, *, declared: str | None = None) -> Decoded:
    """Decode like ``decode``, but also what is UTF-8 beyond doubt and damaged in places.

    Beyond doubt is: a byte-order mark, four sound characters for each bad byte, or, where no
    encoding gives a text, bad bytes that are rare or have the shape of UTF-8.

    Raises:
        UnreadableError: with the code ``encoding``.
    """
    marked = data.startswith(codecs.BOM_UTF8)
    damaged = None if data.startswith(_WIDE) else _damaged(data.removeprefix(codecs.BOM_UTF8))
    if damaged and _utf16_by_zeros(data) is None and (marked or _is_mostly_sound(data, damaged)):
        return _bounded(damaged)
    try:
        return Decoded(decode(data, declared=declared))
    except UnreadableError:
        if damaged is None or not _is_shaped(data, damaged):
            raise
        return _bounded(damaged)


def decode(data: bytes, *, declared: str | None = None) -> str:
    """Return the text that ``data`` holds; ``declared`` is the charset that it says it has.

    A byte-order mark rules; then UTF-16 that shows by its zero bytes, UTF-8, the declared
    charset, and at last a guess, which is checked. Every decoding is strict.

    Raises:
        UnreadableError: with the code ``encoding``, where the bytes are not text, or no
            encoding gives a text that can be believed.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked(_strictly(data, encoding, mark=True))
    wide = _utf16_by_zeros(data)
    if wide:
        return _checked(_strictly(data, wide).removeprefix("\ufeff"))
    if b"\x1b$" not in data:
        text = _try(data, "utf-8")
        if text is not None:
            return _checked(text)
    return _checked(_legacy(data, _charset(declared)))


def _strictly(data: bytes, encoding: str, *, mark: bool = False) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        said = "begins as" if mark else "looks like"
        name = encoding.removesuffix("-sig").upper()
        raise UnreadableError(
            "encoding", f"the file {said} {name}, but byte {error.start} is not"
        ) from error


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _checked(text: str) -> str:
    """Refuse what is not text: one control character in a hundred or more."""
    if len(CONTROL.findall(text)) * 100 > max(len(text), 400):
        raise UnreadableError("encoding", "the bytes are not text in an encoding that is known")
    return text


def _utf16_by_zeros(data: bytes) -> str | None:
    """Tell UTF-16 without a mark: spaces, digits and line ends have one zero byte of two."""
    sample = data[: 2 * _SAMPLE]
    if len(data) % 2 or len(data) < 16:
        return None
    pairs = len(sample) // 2
    zeros = (sample[0::2].count(0), sample[1::2].count(0))
    if max(zeros) * 20 < pairs or min(zeros) * 50 > max(zeros):
        return None
    encoding = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    text = _try(sample[: pairs * 2 - 2], encoding)
    if text is None or sum(c.isalnum() or c.isspace() for c in text) * 2 < len(text):
        return None
    return encoding


def _charset(declared: str | None) -> str | None:
    if not declared:
        return None
    try:
        name = codecs.lookup(declared.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    name = _DECLARED.get(name, name)
    return name if name in _KNOWN else None


def _legacy(data: bytes, declared: str | None) -> str:
    """Decode what is not Unicode: the declared charset, Russian by its letters, or a guess."""
    if b"\x1b$" in data and (text := _try(data, "iso2022_jp")) is not None:
        return text
    sample = _sample(data)
    _refuse_damaged_utf8(data)
    russian = cyrillic.best_encoding(sample)
    if russian and (text := _try(data, russian)) is not None:
        return text
    text = _try(data, declared) if declared else None
    if text is not None and is_believable(text):
        return text
    text = _try(data, "cp1252")
    if text is not None and is_plain_latin(text):
        return text
    for encoding in _guesses(sample):
        text = _try(data, encoding)
        if text is not None and is_believable(text):
            return text
    raise UnreadableError("encoding", "no encoding was found that gives a readable text")


def _refuse_damaged_utf8(data: bytes) -> None:
    """Refuse what is UTF-8 but for a few bytes: another encoding would read all of it wrongly."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        damaged = _damaged(data)
        if damaged and _is_mostly_sound(data, damaged):
            raise UnreadableError(
                "encoding", f"UTF-8 that is damaged at byte {error.start}"
            ) from error
        russian = len(_RUSSIAN.findall(data))
        if russian >= 8 and russian * 8 >= len(data.translate(None, _ASCII)):
            raise UnreadableError("encoding", "a part of it is UTF-8, and a part is not") from error


def _damaged(data: bytes) -> Decoded | None:
    """Read ``data`` as UTF-8 with U+FFFD for bad bytes, or return None where none is bad."""
    text = data.decode("utf-8", "surrogateescape")
    replaced = sum(map(len, _BAD.findall(text)))
    return Decoded(_BAD.sub("\ufffd", text), replaced) if replaced else None


def _bounded(damaged: Decoded) -> Decoded:
    """Return ``damaged`` if it is text but for the bytes that were replaced."""
    _checked(damaged.text.replace("\ufffd", ""))
    return damaged


def _is_mostly_sound(data: bytes, damaged: Decoded) -> bool:
    """Say whether there are four sound characters outside ASCII for each bad byte."""
    strange = len(data.translate(None, _ASCII)) - damaged.replaced
    sound = strange / 2 if strange else 0  # a character has two bytes, in Russian text
    return sound > 4 * damaged.replaced


def _is_shaped(data: bytes, damaged: Decoded) -> bool:
    """Say whether the bad bytes are rare, or stand like UTF-8 in a text that is else ASCII.

    Characters of UTF-8 that are overlong, cut short or forbidden still begin with a byte from
    C0 on, and go on with bytes from 80 to BF.
    """
    if damaged.replaced * _RARE <= len(data):
        return True
    strange = len(data.translate(None, _ASCII))
    shaped = sum(map(len, _SHAPE.findall(data)))
    return strange * 2 < len(data) and shaped * 3 > strange * 2


def _sample(data: bytes) -> bytes:
    """Return the head and the middle, cut at line ends so that no character is halved."""
    if len(data) <= 2 * _SAMPLE:
        return data
    middle = data.find(b"\n", len(data) // 2) + 1 or len(data) // 2
    parts = (data[:_SAMPLE], data[middle : middle + _SAMPLE])
    return b"\n".join(part[: part.rfind(b"\n") + 1] or part for part in parts)


def _guesses(sample: bytes) -> list[str]:
    few = sum(byte > 0x7F for byte in sample) < _ENOUGH
    if few and is_japanese(_try(sample, "cp932") or ""):
        return ["cp932"]
    from charset_normalizer import from_bytes

    found = from_bytes(
        sample,
        cp_isolation=["cp1252"] if few else list(_GUESSED),
        preemptive_behaviour=False,
        enable_fallback=False,
    )
    return [match.encoding for match in found]
