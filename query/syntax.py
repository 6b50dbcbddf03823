"""What a question says beside its words: phrases, exclusions and filters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import KW_ONLY, dataclass

from memctl.ingest import UsageError, detect
from memctl.query.filters import SAID, Filter

_FIELD = "|".join(sorted(SAID))
_LONGEST = 4000  # characters of a question
# Words outside of its phrases that make a question a sentence, where it begins with one that asks:
# «кто снял фильм» has no article to count. With a question mark one is enough.
_SENTENCE, _ASKED = 4, 2
ASKS = re.compile(
    r"(?:who|whom|whose|what|which|when|where|why|how"
    r"|кто|кого|кому|кем|что|чего|чему|чем|когда|где|куда|откуда|почему|зачем|сколько|чей|чья|чьи"
    r"|чь[её]|как(?:ой|ая|ое|ие|их|им|ими|ом|ую|ого|ому)?)\b",
    re.IGNORECASE,
)
# A number, a version, a code of three signs or more: not -5, -O2, -0.75, nor what has a ° behind.
_NUMBER = r"(?=\S*\d)(?!\d+[.,]\d+(?!\S))(?=\S{3})\w+(?:[.,/-]\w+)*(?!\s*[°%‰])"
# Each piece begins a word. Only straight quotes ask for a phrase: «these» and “those” are how names
# are written in plain questions. A minus excludes a word of letters, or what has digits.
_PIECE = re.compile(
    r'(?<!\S)(?P<sign>[-+])?"(?=[^"]*\w)(?P<phrase>[^"]+)"(?!\w)'
    rf'|(?<!\S)(?P<filter>-?(?:{_FIELD}):(?:"[^"]+"|(?!//|:)[^\s"]+))'
    rf"|(?<!\S)-(?P<word>[^\W\d_]{{2,}}(?:-[^\W\d_]+)*|{_NUMBER})(?!\S)"
)


@dataclass(frozen=True, slots=True)
class Query:
    """A question in its parts. ``text`` is what is searched by meaning and words, phrases included.

    ``phrases`` must stand in a passage as they are written, ``excluded`` ones must not, nor
    ``unwanted`` words in any form, and ``filters`` hold of its document. Passages with the
    ``preferred`` phrases count for more: in a sentence quotes are how names are written. ``also``
    are other wordings of its words, which stand beside them in the search by words. ``beside`` is
    what stands in documents for the measures that it names, and is searched for by meaning and
    words as well. ``mended`` are its words that no text holds, with what was meant by each, and
    ``meant`` is the question with these in their place, empty where it is as it was.
    """

    text: str
    _: KW_ONLY
    also: tuple[tuple[str, str], ...] = ()
    beside: str = ""
    mended: tuple[tuple[str, str], ...] = ()
    meant: str = ""
    phrases: tuple[str, ...] = ()
    preferred: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    absent: tuple[str, ...] = ()
    strict: bool = False

    @property
    def quoted(self) -> tuple[str, ...]:
        """All its phrases, demanded and preferred ones."""
        return (*self.phrases, *self.preferred)

    @property
    def language(self) -> str:
        """The language that it is asked in, ``und`` where it is not plain."""
        return detect(self.meant or self.text)

    @property
    def words(self) -> str:
        """What is looked for by words: the question's, and those beside it."""
        return f"{self.text} {self.beside}".rstrip()

    @property
    def hard(self) -> bool:
        """Whether words must or must not be there."""
        return bool(self.phrases or self.excluded or self.unwanted)

    @property
    def lists(self) -> bool:
        """Whether it has filters alone: what passes them can be listed, nothing is to be found."""
        return bool(self.filters) and not self.text and not self.hard


def parse(question: str) -> Query:
    """Read a question as it was typed; what is none of its signs is plain text.

    Raises:
        UsageError: the value of a filter is none, such as ``page:one``.
    """
    question = unicodedata.normalize("NFC", question)  # й of two signs would end a word
    pieces = list(_PIECE.finditer(question))
    around = " ".join(_PIECE.sub("", question).split())
    phrases = [each for each in pieces if each["phrase"] and each["sign"] != "-"]
    preferred = [each for each in phrases if not each["sign"] and _is_sentence(around)]
    return Query(
        " ".join(_PIECE.sub(_as_text, question).split()),
        phrases=tuple(each["phrase"] for each in phrases if each not in preferred),
        preferred=tuple(each["phrase"] for each in preferred),
        excluded=tuple(each["phrase"] for each in pieces if each["sign"] == "-"),
        unwanted=tuple(each["word"] for each in pieces if each["word"]),
        filters=tuple(
            Filter.parse(each["filter"].replace('"', "")) for each in pieces if each["filter"]
        ),
        strict=any(each["sign"] == "+" for each in phrases),
    )


def _as_text(piece: re.Match[str]) -> str:
    return piece["phrase"] if piece["phrase"] and piece["sign"] != "-" else ""


def _is_sentence(around: str) -> bool:
    """Whether the words around phrases make a question by themselves, and not more to look for."""
    words = sum(any(sign.isalpha() for sign in word) for word in around.split())
    if around.endswith("?"):
        return words > 0
    return words >= (_ASKED if ASKS.match(around) else _SENTENCE)


def worded(text: str) -> str:
    """Return the text of a question that has a letter or a digit, or is empty.

    Raises:
        UsageError: it has signs alone, emoji among them: no text is found by these, and to their
            meaning any passage is as near as any other.
    """
    plain = unicodedata.normalize("NFKC", text)  # № is a word
    if text and not any(unicodedata.category(sign)[0] in "LN" for sign in plain):
        raise UsageError("the question has no word", hint="Ask with words, in quotes.")
    return text


def checked(question: str, *, listing: bool = False) -> Query:
    """Read a question; ``listing`` says that one of filters alone is one as well.

    Raises:
        UsageError: it is empty, too long to be one, has no word, or nothing is left of it to look
            for.
    """
    if not question.strip():
        raise UsageError("the question is empty", hint="Write it in quotes.")
    if len(question) > _LONGEST:
        raise UsageError(
            f"the question has {len(question):,} characters", hint=f"Ask with {_LONGEST:,} at most."
        )
    query = parse(question)
    if not query.text and not (listing and query.lists):
        raise UsageError(
            "the question says only what not to find, or where to look",
            hint='Say what to look for too, as in: "exact words" -without lang:en',
        )
    worded(query.text)
    return query
