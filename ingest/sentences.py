"""Where sentences end, in Russian and in English.

The rules look at a stop, at the word before it and at the word after it; nothing is learnt and no
data is read. A stop that could be read both ways (the dot of an abbreviation that may also close a
sentence) ends it only before a word that commonly opens one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

# A run of stops, what closes after it (quotes, brackets, emphasis, a footnote's number), and the
# white space behind. Each character is looked at a bounded number of times on any input.
_STOP = re.compile(
    r"""(?<![.!?…])(?P<stops>[.!?…]++)(?P<closers>(?:["'»“”’)\]}*_`]|\[\d{1,3}\])*+)\s++"""
)
_BLANK_LINE = re.compile(r"\n\s*\n\s*")
# A heading, a list item or a row of a table stands alone on its line; a dash opens a line of
# dialogue, which may run on.
_OWN_LINE = re.compile(
    r"^[ \t]*(?P<mark>(?:#{1,6}|[-*+•‣◦▪]|\d{1,3}(?:\.\d{1,3})*[.)]|[a-zа-яё]\))[ \t]|\|)"
    r"[^\n]*(?=(?P<rest>\n\s*))?",
    re.MULTILINE,
)
_DIALOGUE = re.compile(r"^[ \t]*(?P<mark>[—–―][ \t])", re.MULTILINE)

_NEXT_WORD = re.compile(r"""[\s"'«„“‘(\[{*_`—–―-]{0,8}(?P<word>[^\W_]*)""")
_OPENING = "\"'«„“‘([{*_`—–"
_EMPHASIS = "'’*_`"
_NUMBERED = re.compile(r"(?:\d{1,3}(?:\.\d{1,3})*|[ivxlc]{1,5})$")
_ACRONYM = re.compile(r"[^\W\d_]{1,2}(?:\.[^\W\d_]{1,2})+$")
_LONGEST = 10  # of the abbreviations below
_REACH = 32  # what is looked at before a stop


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What follows these belongs to the same sentence, whatever it is.
_NEVER = _words("""
    т.е т.к т.н т.о рис табл илл стр см ср ул пл пер пос дер обл р-н мкр корп гл разд св акад проф
    доц инж адм чл напр вып изд ред сост англ лат фр исп греч доб прил прим букв соотв гос гр тов
    пп просп ст пр
    mr mrs ms mx dr prof fig figs vol vols pp ch eq eqs refs e.g i.e viz cf vs ca approx lt sgt capt
    cmdr rev hon sen gov pres mt dept univ incl esp resp nos
""")
# These may be names or words as well, or close a sentence themselves: an opener after them decides.
_EITHER = _words("""
    им тел ген зам нем кв св др гг вв н.э ок прибл
    st ave rd blvd inc ltd co corp jr sr al ed eds gen col rep ref sec
    jan feb mar apr jun jul aug sep sept oct nov dec
    янв фев февр апр авг сент окт нояб дек
""")
# These close a list or an amount: a capital letter after them opens the next sentence.
_CLOSING = _words("т.д т.п млн млрд трлн тыс руб коп долл экз etc я")
# So do these, behind the word that makes them one.
_AFTER_T = ("е", "к", "н", "о")  # т. е., т. к., т. н., т. о.
_TAILS = {"д": "т.", "п": "т.", "др": " и", "пр": " и", "проч": " и"}
# Units close an amount behind a number. A year's "г." may stand before a name: an opener decides.
_UNITS = _words("см мм м км кг мг т л мл га с сек мин ч час шт стр in ft min hr hrs sec lb oz")
# Words that commonly open a sentence and are seldom a name.
_OPENERS = _words("""
    а без более было были в вместе во вот все всё всего где да для до его ее её если есть еще ещё за
    затем здесь и из или именно их к как когда кроме кто летом между мы на над надо не некоторые
    нет ни но ныне о об один однако он она они оно осенью от очень перед по под позднее позже пока
    после потом потому почему поэтому при примерно с сам сейчас сегодня со согласно спустя среди
    так также такие там те тем теперь то тогда тот тут у уже хотя через что чтобы эта эти это этот
    этим эту зимой весной вскоре впоследствии ранее например
    a after all also although an and another any are as at because before both but by can could did
    do does during each even every few finally first for from had has have he her here his how
    however i if in into is it its just last later like many more most my next no not now of on once
    one only or other our over perhaps she should since so some still such than that the their then
    there therefore these they this those though through thus to today under until up was we were
    what when where whether which while who why will with would yes yet you your
""")


def spans(text: str) -> list[tuple[int, int]]:
    """Cut ``text`` into sentences that tile it; white space belongs to the sentence before it.

    Leading white space belongs to the first. A blank line ends a sentence; so does the end of a
    heading, of a list item or of a row of a table, and such a line begins one.
    """
    if not text:
        return []
    first = len(text) - len(text.lstrip())
    cuts = sorted(
        {at for found in (_line_cuts(text), _stop_cuts(text)) for at in found if at > first}
        - {len(text)}
    )
    return list(pairwise([0, *cuts, len(text)]))


def _line_cuts(text: str) -> Iterator[int]:
    for line in _BLANK_LINE.finditer(text):
        yield line.end()
    for line in _OWN_LINE.finditer(text):
        yield line.start("mark")
        yield line.end("rest") if line["rest"] else line.end()
    for line in _DIALOGUE.finditer(text):
        yield line.start("mark")


def _stop_cuts(text: str) -> Iterator[int]:
    for stop in _STOP.finditer(text):
        if _ends_sentence(text, stop):
            yield stop.end()


def _ends_sentence(text: str, stop: re.Match[str]) -> bool:
    end = stop.end()
    if text[end : end + 1].islower():
        return False
    after = _NEXT_WORD.match(text, end)
    following = after["word"] if after else ""
    if following[:1].islower() or text.startswith((",", ";", ":"), end):
        return False
    if stop["stops"] != "." or stop["closers"].strip(_EMPHASIS):
        return True
    before = text[max(0, stop.start() - _REACH) : stop.start()]
    if not before or before[-1].isspace():
        return True
    word = before.split()[-1].lstrip(_OPENING)
    if len(word) > _LONGEST:
        return True
    if len(following) == 1 and after and text.startswith(".", after.end()):
        following = "X"  # an initial, which opens nothing
    return _word_ends(word, before[: len(before) - len(word)].rstrip(" \t("), following)


def _word_ends(word: str, before: str, following: str) -> bool:
    """Whether the dot after ``word`` ends the sentence, by the texts before and after."""
    low = word.lower()
    opens = following.lower() in _OPENERS
    if _numbers_a_line(low, before) or (before.endswith("т.") and low in _AFTER_T):
        return False
    if low == "no" or _closes_list(low, before):
        return not following[:1].isdigit()
    if low in _NEVER:
        return False
    if low in _EITHER or _ACRONYM.match(low) or (len(word) == 1 and word.isalpha()):
        return opens
    return True


def _numbers_a_line(low: str, before: str) -> bool:
    return (not before or before[-1] == "\n") and (len(low) == 1 or bool(_NUMBERED.match(low)))


def _closes_list(low: str, before: str) -> bool:
    if low in _UNITS:
        return before[-1:].isdigit()
    return low in _CLOSING or (low in _TAILS and before.endswith(_TAILS[low]))
