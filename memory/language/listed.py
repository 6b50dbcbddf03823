"""Words of a list, such as sports or pets: what the slots that begin with @ take."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

from memctl.index.lexical.analysis import stem
from memctl.memory.language.nouns import ARTICLES, behind, cased, russian_phrase
from memctl.memory.language.phrase import LISTING, Phrase, cyrillic, made, spaced
from memctl.memory.language.reading import read
from memctl.memory.language.token import Token


def listed(
    tokens: Sequence[Token], at: int, words: Collection[str], name: str
) -> tuple[Phrase, ...]:
    """Return a word of the list ``name``, and those that follow it in a listing."""
    found: list[Phrase] = []
    place = at
    while place < len(tokens):
        phrase = _of_list(tokens, place, words)
        if phrase is None:
            break
        if name in _MODELS:
            phrase = _with_model(tokens, phrase)
        if found and name in _COUNTED:
            phrase = _counted(tokens, phrase, place)
        found.append(phrase)
        after = _past_name(tokens, phrase.after) if name in _COUNTED else phrase.after
        place = _next(tokens, after)
        if place == after:
            break
        if _qualifies(tokens, place) and _of_list(tokens, place, words) is None:
            place += 1  # English and decent Spanish
    if found:
        found[0] = _with_before(tokens, found[0], at, name)
    return tuple(found)


def _next(tokens: Sequence[Token], place: int) -> int:
    """Return where the next member of a listing would stand; the place itself where it ends."""
    begun = place
    while place < len(tokens) and tokens[place].folded in LISTING:
        place += 1
    if place == begun:
        return begun
    while place < len(tokens) and (tokens[place].folded in ARTICLES or tokens[place].is_pos("num")):
        place += 1
    return place


def _past_name(tokens: Sequence[Token], place: int) -> int:
    """Return the place behind the name of a member, if one stands there: a dog called Rex, and."""
    at = place
    while at < len(tokens) and at - place < 2 and tokens[at].folded in _CALLED:
        at += 1
    last = place
    while at < len(tokens) and (tokens[at].capital or tokens[at].folded in LISTING):
        at += 1
        if tokens[at - 1].is_word and tokens[at - 1].capital:
            last = at
    return last


def _qualifies(tokens: Sequence[Token], place: int) -> bool:
    """Return whether a word only says what kind the next member of a listing is."""
    if place + 1 >= len(tokens) or not tokens[place].is_word or tokens[place].capital:
        return False
    return tokens[place].readings[0].pos in {"adj", "noun"}


_CALLED = frozenset("called named по кличке имени".split())


def _with_before(tokens: Sequence[Token], phrase: Phrase, at: int, name: str) -> Phrase:
    """Return a phrase with the word before it that belongs to it: a rank, or a number."""
    if name == "profession":
        return _with_tail(tokens, _ranked(tokens, phrase, at))
    return _counted(tokens, phrase, at) if name in _COUNTED else phrase


_MODELS = frozenset(("car", "phone"))  # behind the maker stands the model
_COUNTED = frozenset(("child", "pet", "sibling"))  # two dogs are more than a dog


def _with_model(tokens: Sequence[Token], phrase: Phrase) -> Phrase:
    """Return a make with what follows in capitals or digits: Шкода Октавия, iPhone 13."""
    end = phrase.after
    while end < len(tokens) and end - phrase.after < 2:
        token = tokens[end]
        if not token.is_word or not (token.capital or token.folded[-1:].isdigit()):
            break
        end += 1
    if end == phrase.after:
        return phrase
    words = [phrase.text, *(model_word(token) for token in tokens[phrase.after : end])]
    return made(tokens, end - (end - phrase.after) - len(phrase.tokens), end, " ".join(words))


def model_word(token: Token) -> str:
    """Return a word of a model's name in the nominative, as far as a dictionary has it."""
    if not cyrillic(token) or any(each.case == "nom" for each in token.readings):
        return token.text
    nouns = [each for each in token.readings if each.pos == "noun" and each.case in {"acc", "loc"}]
    return cased(nouns[0].lemma, token.text) if nouns else token.text


_RANKS = frozenset(
    "senior junior lead chief principal staff assistant head deputy vice associate".split()
)


def _ranked(tokens: Sequence[Token], phrase: Phrase, at: int) -> Phrase:
    """Return a profession with its rank: a senior manager is more than a manager."""
    before = tokens[at - 1] if at else None
    if before is None or not (before.folded in _RANKS or _is_of_a_trade(tokens, at - 1)):
        return phrase
    return made(tokens, at - 1, phrase.after, f"{before.text} {phrase.text}")


def _is_of_a_trade(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a noun of English between an article and a profession is of it."""
    token = tokens[at]
    article = at > 0 and tokens[at - 1].folded in {"a", "an"}
    plain = token.text.isascii() and token.text.isalpha() and token.text.islower()
    return article and plain and token.readings[0].pos == "noun"


def _with_tail(tokens: Sequence[Token], phrase: Phrase) -> Phrase:
    """Return a profession of Russian with what it is of: руководитель отдела закупок."""
    head = phrase.tokens[-1].first("noun") if phrase.tokens else None
    if head is None or not cyrillic(phrase.tokens[-1]):
        return phrase
    end = behind(tokens, phrase.after, head)
    tail = spaced(tokens[phrase.after : end])
    start = phrase.after - len(phrase.tokens)
    return made(tokens, start, end, f"{phrase.text} {tail}") if tail else phrase


def _counted(tokens: Sequence[Token], phrase: Phrase, at: int) -> Phrase:
    """Return a word with the number that stands before it."""
    before = tokens[at - 1] if at else None
    if before is None or not before.is_word or not before.is_pos("num"):
        return phrase
    behind = tokens[at : phrase.after]
    text = " ".join(token.text for token in (before, *behind))
    return made(tokens, at - 1, phrase.after, text)


def _of_list(tokens: Sequence[Token], at: int, words: Collection[str]) -> Phrase | None:
    """Return the longest entry of a list that stands here; adjectives before it come along."""
    firsts = _firsts(frozenset(words))
    longer = not firsts.isdisjoint((tokens[at].folded, *tokens[at].lemmas()))
    for size in (3, 2, 1) if longer else (1,):
        inner = tokens[at : at + size]
        if len(inner) < size or not all(token.is_word for token in inner):
            continue
        joined = " ".join(token.folded for token in inner)
        lemmas = " ".join(token.readings[0].lemma for token in inner)
        known = next((each for each in (joined, lemmas) if each in words), "")
        if not known and size == 1:
            known = _by_lemma(inner[0], words) or _by_stem(inner[0], words)
        if known:
            return made(tokens, at, at + size, _shown(inner, known))
    first = tokens[at]
    if first.is_word and cyrillic(first) and first.readings[0].pos == "adj":
        phrase = russian_phrase(tokens, at, "")
        if phrase is not None and phrase.after - at <= 3:
            head = tokens[at + 1 : phrase.after]
            if any(token.lemmas() & set(words) for token in head):
                return phrase
    return None


@lru_cache(maxsize=64)
def _firsts(words: frozenset[str]) -> frozenset[str]:
    """Return the first words of the entries that have several."""
    return frozenset(word.partition(" ")[0] for word in words if " " in word)


def _by_lemma(token: Token, words: Collection[str]) -> str:
    """Return the entry that a word is a form of."""
    entries = _lemmas(frozenset(words))
    return next((entries[each] for each in sorted(token.lemmas()) if each in entries), "")


def entry_of(token: Token, words: Collection[str]) -> str:
    """Return the entry of a list that a word is, in whatever form; empty where it is none."""
    return token.folded if token.folded in words else _by_lemma(token, words)


@lru_cache(maxsize=64)
def _lemmas(words: frozenset[str]) -> dict[str, str]:
    """Return the entries by what a dictionary calls them: лыжи stand there as лыжа."""
    found = {word: word for word in words}
    for word in words:
        if " " not in word:
            for token in read(word)[:1]:
                found.setdefault(token.readings[0].lemma, word)
    return found


def _by_stem(token: Token, words: Collection[str]) -> str:
    """Return the entry that a name of Russian is a form of, though no dictionary knows it."""
    if not token.capital or len(token.folded) < 4 or not cyrillic(token):
        return ""
    return _stemmed(frozenset(words)).get(stem(token.folded, "ru"), "")


@lru_cache(maxsize=64)
def _stemmed(words: frozenset[str]) -> dict[str, str]:
    return {stem(word, "ru"): word for word in sorted(words) if " " not in word and len(word) > 3}


def _shown(tokens: Sequence[Token], known: str) -> str:
    """Return an entry of a list as it is shown, with the capitals that the user gave it."""
    if len(tokens) > 1 or not cyrillic(tokens[0]):
        return " ".join(token.text for token in tokens) if not cyrillic(tokens[0]) else known
    return cased(known, tokens[0].text) if tokens[0].start else known
