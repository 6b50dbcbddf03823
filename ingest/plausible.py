"""Whether a reading of bytes can be believed: which letters and signs stand beside each other."""

from __future__ import annotations

import re

from memctl.ingest import cyrillic

_LOOKED_AT = 131_072  # characters
CONTROL = re.compile(
    "[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufffd-\uffff]"
)
_JAPANESE = re.compile("[\u3001-\u30ff\u4e00-\u9fff\uff01-\uff5e]{2,}")
_SCRIPTS = re.compile(
    "(?P<latin>[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+)|(?P<greek>[\u0370-\u03ff]+)"
    "|(?P<cyrillic>[\u0400-\u04ff]+)|(?P<hebrew>[\u0590-\u05ff]+)|(?P<arabic>[\u0600-\u06ff]+)"
    "|(?P<thai>[\u0e00-\u0e7f]+)|(?P<asian>[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]+)"
)
_HALF_KANA = re.compile("[\uff61-\uff9f]")  # nearly always another encoding, read wrongly
_ODD_IN_WORD = re.compile("[a-zß-öø-ÿ][À-ÖØ-ÞŒŠŽŸ]|[A-Za-zÀ-ɏ][¡-©«-¶¸¹»-¿×÷ƒ†‡‰]+(?=[A-Za-zÀ-ɏ])")
_TYPOGRAPHY = cyrillic.PUNCTUATION | frozenset("°£€")
# What an English text has beside its letters; only in the encoding of Windows are all of them.
_SIGNS = _TYPOGRAPHY | frozenset("¢¥±×÷µ½¼¾²³¹†‡‰¶")
_NO_SIGN = re.compile(f"[^\x00-\x7f{re.escape(''.join(sorted(_SIGNS)))}]")
_LETTERS_TO_A_SIGN = 3


def is_believable(text: str) -> bool:
    """Say whether the letters outside ASCII stand together as a written language has them."""
    text = text[:_LOOKED_AT]
    strange = [c for c in text if c > "\x7f" and c not in _TYPOGRAPHY]
    letters = sum(c.isalpha() for c in strange)
    if letters * 2 < len(strange) or any(map(CONTROL.match, strange)) or _HALF_KANA.search(text):
        return False
    if cyrillic.share_of(text) > 0.5:
        return cyrillic.plausibility(text) >= cyrillic.THRESHOLD
    if _scripts_met(text) * 20 > letters:
        return False
    return _is_latin_sound(text)


def is_plain_latin(text: str) -> bool:
    """Say whether all letters are ASCII, and what else is not ASCII are a few common signs."""
    if _NO_SIGN.search(text):
        return False
    letters = len(re.findall("[A-Za-z]", text))
    return len(re.findall("[^\x00-\x7f]", text)) * _LETTERS_TO_A_SIGN <= letters


def _is_latin_sound(text: str) -> bool:
    """Refuse signs and capitals inside words, too many accents, Turkish read as Icelandic."""
    marked = len(re.findall("[\u00c0-\u024f]", text))
    odd = len(_ODD_IN_WORD.findall(text))
    if odd * 20 > marked > 0 or marked > len(re.findall("[A-Za-z]", text)):
        return False
    return not (re.search("[ýþð]", text) and re.search("[çü]", text))


def _scripts_met(text: str) -> int:
    """Count the places inside words where one alphabet runs into another."""
    met, before, end = 0, "", -1
    for match in _SCRIPTS.finditer(text):
        kind = match.lastgroup or ""
        if match.start() == end and "asian" not in {kind, before}:
            met += 1
        before, end = kind, match.end()
    return met


def is_japanese(text: str) -> bool:
    """Say whether what was read as Shift JIS is Japanese.

    It is kana and common kanji alone, in words of two or more. In what another encoding has made of
    smart quotes, a kanji stands alone between letters.
    """
    strange = "".join(c for c in text if c > "\x7f")
    words = "".join(_JAPANESE.findall(text))
    if len(strange) < 6 or len(words) * 10 < 9 * len(strange) or _HALF_KANA.search(strange):
        return False
    return sum(c.encode("cp932")[0] > 0x98 for c in words) * 5 <= len(words)
