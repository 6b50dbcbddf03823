"""What a user says in their own words, and what they only quote, paste or have worked on."""

from __future__ import annotations

import re

_FENCED = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL)
_CODE = re.compile(r"`[^`\n]+`")
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
# A quote of four words and more is somebody's speech; fewer are a title.
_SPEECH = re.compile(
    r"«[^«»]*»|“[^“”]*”|„[^„“]*“|(?<!\w)\"[^\"\n]*\"(?!\w)|(?<!\w)'(?:[^'\n]|(?<=\w)'(?=\w)){12,}'(?!\w)"
)
_WORDS_OF_SPEECH = 4
# Speech that only a colon leads in is no more the user's own: он сказал: я живу в Одессе.
_REPORTED = re.compile(
    r"\b(?:сказал[аи]?|говори[тл]\w*|ответил[аи]?|спросил[аи]?|написал[аи]?|пишет|по[её]т(?:ся)?"
    r"|said|says|told|answered|replied|asked|wrote|writes|sings|goes)\b[^.!?\n:]{0,40}:[ \t]"
    r"(?P<speech>[^.!?\n]+)",
    re.IGNORECASE,
)
# Behind a request and a colon, or a line of its own, stands what is to be worked on.
_WORK = re.compile(
    r"(?:переведи|перескажи|исправь|отредактируй|проверь|перепиши|сократи|перефразируй|проанализируй"
    r"|(?:этот|данный|следующий|вот) текст|о ч[её]м (?:этот )?текст|вот (?:письмо|статья|документ)"
    r"|translate|summari[sz]e|rewrite|proofread|edit|paraphrase|analy[sz]e|correct|fix"
    r"|(?:this|following|below) (?:text|article|document|letter|email|story|essay)"
    r"|here is (?:the|a|my) (?:text|article|document|letter|email|story|essay))"
    r"[^\n:]{0,80}(?::|\n)",
    re.IGNORECASE,
)
# A story or a letter that is asked for is not told of the user.
_PIECE = re.compile(
    r"(?:от лица|от имени|в роли|как будто ты|представь(?:те)?,? что (?:ты|я)|pretend (?:to be|you)"
    r"|in the voice of|from the perspective of|role-?play|imagine (?:that )?(?:i|you))",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """Return the text with blanks in place of code, quotes and pasted texts; lengths stay."""
    for pattern in (_FENCED, _CODE, _QUOTED_LINE):
        text = pattern.sub(_blank, text)
    text = _SPEECH.sub(_blank_speech, text)
    text = _REPORTED.sub(_blank_reported, text)
    work = _WORK.search(text)
    if work is not None and len(text) - work.end() > 40:
        text = text[: work.end()] + _spaces(text[work.end() :])
    piece = _PIECE.search(text)
    return text if piece is None else text[: piece.start()] + _spaces(text[piece.start() :])


def _blank(match: re.Match[str]) -> str:
    return _spaces(match.group())


def _blank_speech(match: re.Match[str]) -> str:
    words = len(match.group().split())
    return match.group() if words < _WORDS_OF_SPEECH else _spaces(match.group())


def _blank_reported(match: re.Match[str]) -> str:
    """Return who speaks, with blanks in place of what is said."""
    return match.group()[: match.start("speech") - match.start()] + _spaces(match["speech"])


def _spaces(text: str) -> str:
    return "".join("\n" if letter == "\n" else " " for letter in text)
