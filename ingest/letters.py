"""What the letters of a text are and what stands beside each, counted in a few array operations."""

from __future__ import annotations

import unicodedata
from dataclasses import KW_ONLY, dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

_CODES = 0x10000
_MARK = 255  # no character at all
_SPLITS = 0  # what parts words: blanks, digits, punctuation
_CJK = 30  # scripts that write words without blanks, and beside letters of any other
_LATIN, _CYRILLIC = 1, 2
_LONGEST_WORD = 24

_SCRIPTS: dict[int, tuple[tuple[int, int], ...]] = {
    _LATIN: (
        *((0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0xD6), (0xD8, 0xF6)),
        *((0xF8, 0x2AF), (0x1E00, 0x1EFF), (0xFB00, 0xFB06)),
    ),
    _CYRILLIC: ((0x400, 0x52F), (0x1C80, 0x1C88), (0xA640, 0xA69F)),
    3: ((0x370, 0x3FF), (0x1F00, 0x1FFF)),  # Greek
    4: ((0x531, 0x587),),  # Armenian
    5: ((0x5D0, 0x5EA),),  # Hebrew
    6: ((0x620, 0x6FF), (0x750, 0x77F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),  # Arabic
    7: ((0x900, 0x97F),),  # Devanagari
    8: ((0x980, 0x9FF),),  # Bengali
    9: ((0xA00, 0xDFF),),  # the other scripts of India
    10: ((0x10A0, 0x10FF), (0x1C90, 0x1CBF)),  # Georgian
    _CJK: (
        *((0xE00, 0xEFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x3040, 0x318F)),
        *((0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3)),
        *((0xF900, 0xFAFF), (0xFF66, 0xFFDC)),
    ),
    # Controls, lone surrogates, private use, and what is no character.
    _MARK: ((0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x9F), (0xD800, 0xF8FF), (0xFFFD, 0xFFFF)),
}

# The 308 commonest pairs of English letters: letter, and what follows it. Together 98.5 % of all
# pairs, counted on six million letters of prose. Of the pairs in the commonest words of 22 other
# languages in Latin letters, without their accents, at least .84 are among them; of English in
# which each letter stands for another, .34 to .61.
_LATIN_FOLLOWERS = {
    "a": "ntlsrcmdipbgyvufkwe",
    "b": "eyilaours",
    "c": "eoathirluykcsd",
    "d": "eiuaosryndl",
    "e": "rnsdlactmvpxegifuwoyqb",
    "f": "oierfautl",
    "g": "erhianulosgy",
    "h": "eaioryutwlsn",
    "i": "nostcaveldmrgfpbzkiu",
    "j": "ouea",
    "k": "einsa",
    "l": "eailyosutdmvbfcp",
    "m": "eaoipumbsy",
    "n": "dtgesaciofunvyhlkmr",
    "o": "nrfmultscpwdvgobixakhe",
    "p": "reoalhitpusmy",
    "q": "u",
    "r": "eoaistymndugrcvlkpfb",
    "s": "teisoupchamyklf",
    "t": "hieoarsyutlwmc",
    "u": "rsnltcmepdgabi",
    "v": "eiao",
    "w": "eiahon",
    "x": "pitae",
    "y": "septlomnci",
    "z": "ea",
}
_ALPHABET = "abcdefghijklmnopqrstuvwxyz" + "абвгдежзийклмнопрстуфхцчшщъыьэюя"


@dataclass(frozen=True, slots=True)
class Letters:
    """Counts of characters and of pairs of neighbours in words.

    ``inked`` are the characters but white space; ``nameless`` those of them that are no
    characters: controls, private use, U+FFFD. ``in_runs`` are the letters of words of more than 24,
    a capital after a small letter beginning a new one. ``torn`` are the letters that stand alone
    between blanks with another such letter next, and ``kinds_torn`` how many different ones.
    ``crossing`` are the pairs of letters of two scripts.
    Of the pairs of Latin, and of Russian, letters, ``usual`` are such as languages have.
    ``western`` are the letters from À to ÿ, ``slavic`` those of the Cyrillic script.
    """

    inked: int
    letters: int
    in_runs: int
    nameless: int
    torn: int
    kinds_torn: int
    pairs: int
    crossing: int
    latin: int
    latin_usual: int
    cyrillic: int
    cyrillic_usual: int
    western: int
    slavic: int


def count(text: str) -> Letters:
    """Count the letters of ``text``; a character beyond U+FFFF counts as ink only."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = np.where(codes < _CODES, codes, 0x21)
    codes = codes[(codes != 0xAD) & ((codes < 0x300) | (codes > 0x36F))]  # they part no word
    tables = _tables()
    script = tables.script[codes]
    letter = (script > _SPLITS) & (script < _CJK)
    beside = np.concatenate(([False], letter, [False]))
    alone = letter & ~beside[:-2] & ~beside[2:]
    white = tables.white[codes]
    torn = np.zeros_like(alone)
    torn[2:] = alone[2:] & white[1:-1] & alone[:-2]
    both = letter[:-1] & letter[1:]
    crossing = both & (script[:-1] != script[1:])
    place = tables.place[codes]
    pair = place[:-1].astype(np.intp) * 64 + place[1:]
    usual = tables.usual[pair]
    latin, cyrillic = (_in_alphabet(place, *bounds) for bounds in ((1, 26), (27, 58)))
    return Letters(
        inked=int(codes.size - white.sum()),
        letters=int(letter.sum()),
        in_runs=_in_runs(letter, tables.capital[codes]),
        nameless=int((script == _MARK).sum()),
        torn=int(torn.sum()),
        kinds_torn=int(np.unique(codes[torn]).size),
        pairs=int(both.sum()),
        crossing=int(crossing.sum()),
        latin=int(latin.sum()),
        latin_usual=int((usual & latin).sum()),
        cyrillic=int(cyrillic.sum()),
        cyrillic_usual=int((usual & cyrillic).sum()),
        slavic=int((script == _CYRILLIC).sum()),
        western=int(((codes >= 0xC0) & (codes <= 0xFF) & letter).sum()),
    )


def _in_alphabet(place: npt.NDArray[np.uint8], low: int, high: int) -> npt.NDArray[np.bool_]:
    inside = (place >= low) & (place <= high)
    return inside[:-1] & inside[1:]


def _in_runs(letter: npt.NDArray[np.bool_], capital: npt.NDArray[np.bool_]) -> int:
    """Count the letters of long words; ``fooBar`` is two."""
    before = np.concatenate(([False], letter[:-1]))
    small_before = np.concatenate(([False], (letter & ~capital)[:-1]))
    starts = np.flatnonzero(letter & (~before | (capital & small_before)))
    ends = np.concatenate((starts[1:], [letter.size]))
    sums = np.concatenate(([0], np.cumsum(letter)))
    lengths = sums[ends] - sums[starts]
    return int(lengths[lengths > _LONGEST_WORD].sum())


@dataclass(frozen=True, slots=True)
class _Tables:
    """By code: script, place in an alphabet, white space, capital; by two places: a usual pair."""

    script: npt.NDArray[np.uint8]
    place: npt.NDArray[np.uint8]
    _: KW_ONLY
    white: npt.NDArray[np.bool_]
    capital: npt.NDArray[np.bool_]
    usual: npt.NDArray[np.bool_]


@cache
def _tables() -> _Tables:
    from memctl.ingest.cyrillic import FOLLOWERS

    script = np.zeros(_CODES, dtype=np.uint8)
    for number, spans in _SCRIPTS.items():
        for low, high in spans:
            script[low : high + 1] = number
    place = np.zeros(_CODES, dtype=np.uint8)
    for code in range(0x250):
        place[code] = _place(chr(code))
    for code in range(0x400, 0x460):
        place[code] = _place(chr(code))
    white = np.zeros(_CODES, dtype=np.bool_)
    white[[code for code in range(_CODES) if chr(code).isspace()]] = True
    capital = np.zeros(_CODES, dtype=np.bool_)
    capital[[code for code in range(_CODES) if chr(code).isupper()]] = True
    usual = np.zeros(64 * 64, dtype=np.bool_)
    for letter, followers in (*_LATIN_FOLLOWERS.items(), *FOLLOWERS.items()):
        for follower in followers:
            usual[_place(letter) * 64 + _place(follower)] = True
    return _Tables(script, place, white=white, capital=capital, usual=usual)


def _place(letter: str) -> int:
    """Return the place of a letter in the alphabets, from 1, whatever its case and accents."""
    lower = letter.lower()
    base = lower if lower == "й" else unicodedata.normalize("NFKD", lower)[:1]
    return _ALPHABET.find(base) + 1 if base else 0
