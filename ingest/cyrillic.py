"""Which of the eight-bit encodings a Russian text is in, told by what follows each letter."""

from __future__ import annotations

import re

from memctl.ingest.errors import UnreadableError

# The order decides between equals: the commonest first.
ENCODINGS = ("cp1251", "koi8-r", "cp866", "mac-cyrillic", "iso8859-5", "cp855", "koi8-u")

# Of a Russian text, some .97 of the letter pairs are among those below, and .93 at the least;
# of a wrong reading of it, .62 at most.
THRESHOLD = 0.85

# The 474 commonest pairs: letter, and what follows it. Together 98.5 % of all pairs, counted on
# ten million letters of encyclopaedia prose.
FOLLOWERS = {
    "а": "нлртсвкмзядхбчепцгйжюифшущ",
    "б": "оырелаиущнсъя",
    "в": "оаеиылснрушяткьпгзмё",
    "г": "ораиелудн",
    "д": "аеоиунрслвыжяпкьмёд",
    "е": "нрслтдмйвкгзежчпбохшцщаяёфи",
    "ж": "еиднаоуё",
    "з": "ановидеымурлягбк",
    "и": "нтсяелмзикйчхвроцдюгабпжшфщ",
    "й": "сноштк",
    "к": "оаирутлесжвнцм",
    "л": "иеьаояуюлсныкёжг",
    "м": "еиаоуыпнялсмбкь",
    "н": "иаоыентсдуяцгкьчёфв",
    "о": "вдсрлмтнгйбкепзжчияхшоцфщюэа",
    "п": "ореаиулыпнтя",
    "р": "аоеиуынтсямгвкджьхрблшёцп",
    "с": "ткоеяилсапьвунрмычшхёфцбд",
    "т": "оаеирвьсуныкялмдтёч",
    "у": "срдючлтпкбгнжзмщшхева",
    "ф": "иеоралу",
    "х": "оаирнуе",
    "ц": "иеакыуо",
    "ч": "еаинтёук",
    "ш": "еиалконтуё",
    "щ": "еиаё",
    "ъ": "е",
    "ы": "хйлемсвтшкнрпбчд",
    "ь": "нсшюектмязб",
    "э": "тклнр",
    "ю": "тщчднрбзлж",
    "я": "тнвмзлебдхщюрсчжк",
    "ё": "нтмрлв",
}
_GOOD = frozenset(a + b for a, followers in FOLLOWERS.items() for b in followers)
_KIN = frozenset("іїєґў")
# What a wrong reading makes of dashes and quotation marks: capitals where none belong.
_DASH = re.compile(r"(?<=\s)[—–](?=\s)")
_LOST = re.compile("[А-ЯЁ]{2,}(?=[а-яё])|(?<=[а-яё,] )[А-ЯЁ](?= [а-яё(«])")
PUNCTUATION = frozenset("«»“”„‘’‚‹›—–…№•·©®™§\xa0\xad")


def best_encoding(data: bytes) -> str | None:
    """Return the encoding in which ``data`` reads as Russian, or None where it does not.

    Raises:
        UnreadableError: two different readings are equally good Russian.
    """
    ranked: list[tuple[int, str, str]] = []
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        right, wrong = _counts(text)
        if right and right >= THRESHOLD * (right + wrong) and _is_written_in_russian(text):
            ranked.append((right - wrong, encoding, text))
    if not ranked:
        return None
    score, name, reading = max(ranked, key=lambda entry: entry[0])
    if any(other == score and text != reading for other, _, text in ranked):
        raise UnreadableError("encoding", "too short to tell in which encoding it is")
    return name


def share_of(text: str) -> float:
    """Return which share of the letters outside ASCII are Cyrillic."""
    letters = [c for c in text if c > "\x7f" and c.isalpha()]
    return sum("\u0400" <= c <= "\u04ff" for c in letters) / len(letters) if letters else 0.0


def plausibility(text: str) -> float:
    """Return, from 0 to 1, which share of what is not ASCII stands as Russian has it."""
    right, wrong = _counts(text)
    return right / (right + wrong) if right and _is_written_in_russian(text) else 0.0


def _is_written_in_russian(text: str) -> bool:
    """Say whether most letters outside ASCII are Russian ones.

    What an English text has of signs, such as the euro, reads as letters of its neighbours.
    """
    letters = [c for c in text if c > "\x7f" and c.isalpha()]
    return sum("а" <= c <= "я" or c == "ё" for c in map(str.lower, letters)) * 2 > len(letters)


def _counts(text: str) -> tuple[int, int]:
    """Count the pairs of neighbours, at least one not ASCII, that stand right and wrong.

    Two letters are right if the pair is common and the second is not a capital after a small
    one; a letter of another alphabet, and a sign that is not punctuation, are wrong.
    """
    right = len(_DASH.findall(text))
    wrong = len(_LOST.findall(text))
    before = " "
    for c in text:
        if c > "\x7f" or before > "\x7f":
            verdict = _verdict(before, c)
            right += verdict == 1
            wrong += verdict == -1
        before = c
    return right, wrong


def _verdict(a: str, b: str) -> int:
    if not (a.isalpha() and b.isalpha()):
        return _verdict_on_sign(a, b)
    if a.islower() and b.isupper():
        return -1
    pair = (a + b).lower()
    if pair in _GOOD:
        return 1
    return 0 if _KIN & set(pair) else -1


def _verdict_on_sign(a: str, b: str) -> int:
    """A strange sign is wrong next to a letter; in a row of its kind, it may draw a table."""
    sign, other = (b, a) if a.isalpha() else (a, b)
    return -1 if other.isalpha() and sign > "\x7f" and sign not in PUNCTUATION else 0
