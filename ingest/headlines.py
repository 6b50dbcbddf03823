"""The headings within a text of which only the text was kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import translate
from functools import lru_cache
from itertools import accumulate
from pathlib import PurePosixPath

from memctl.ingest.readers import reads_as
from memctl.ingest.text import folded

_LONGEST = 90  # characters of a heading that nothing marks
_MARKED = re.compile(r"(?:#{1,6}|={1,6})\s+")
# In Markdown this is a heading also right below a line of text; deeper indented it is code.
_HASHED = re.compile(r" {0,3}#{1,6}[ \t]+\S")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_UNDERLINE = re.compile(r"([=\-~^*+#\"'])\1{2,}\s*$")
_LISTED = re.compile(r"[-*+•|>]|.*\s\|\s")  # an item of a list, a quotation, a row of a table
_WILD = re.compile(r"[*?]")
_RUNNING_ON = tuple(".,;:!?…")


def headed(path: str, text: str, pattern: str) -> bool:
    """Tell whether a passage holds a heading in which a folded pattern of GLOB stands.

    In source code what looks like a heading is a comment.
    """
    whole = folded(text)  # of most passages, which do not hold it at all, no more is read
    if not all(piece in whole for piece in _pieces(pattern)) or _is_code(path):
        return False
    fits = _compiled(pattern)
    return any(fits.match(folded(title)) for title in titles(text))


def marked(path: str, text: str) -> list[tuple[int, str]]:
    """Return the headings of a passage of Markdown that ``#`` marks: where each ends, and it.

    In other files such lines are comments, items and numbers.
    """
    if "#" not in text or not is_markdown(path):
        return []
    lines = text.split("\n")
    ends = list(accumulate(len(line) + 1 for line in lines))
    titled = ((number, lines[number].strip()) for number in sorted(_hashed(lines)))
    return [(ends[number], _unclosed(line.lstrip("#").strip())) for number, line in titled]


def is_markdown(path: str) -> bool:
    """Whether a document is Markdown, whose headings stand marked in its text."""
    return reads_as(path) == "markdown"


def underlined(text: str) -> bool:
    """Whether a line of a text looks like one that marks the line above as a heading."""
    return any(_UNDERLINE.match(line) for line in text.split("\n"))


def titles(text: str) -> Iterator[str]:
    """Yield the lines of a text that read as headings, without their marks.

    Most readers give headings paragraphs of their own. A heading is marked as such, underlined, or
    stands by itself, is short and ends no sentence. Marked with ``#`` it may follow a line of text,
    but not in a fence, where such a line is a comment of code.
    """
    own = text.split("\n")
    hashed = _hashed(own)
    lines = ["", *(line.strip() for line in own), ""]
    for number, (before, line, after) in enumerate(zip(lines, lines[1:], lines[2:], strict=False)):
        if not line or (before and number not in hashed):
            continue
        if marked := _MARKED.match(line):
            yield _unclosed(line[marked.end() :])
        elif (not after or _UNDERLINE.match(after)) and _is_heading(line):
            yield line


def _unclosed(title: str) -> str:
    """Return a title without the marks that close it; those of ``C#`` belong to it."""
    bare = title.rstrip("#=")
    return bare.rstrip() if bare[-1:].isspace() else title


def _hashed(lines: Sequence[str]) -> set[int]:
    """Return which lines are headings of Markdown, whatever stands above them."""
    found, fenced = set[int](), False
    for number, line in enumerate(lines):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and _HASHED.match(line):
            found.add(number)
    return found


def _is_heading(line: str) -> bool:
    return (
        len(line) <= _LONGEST
        and any(map(str.isalpha, line))
        and not line.endswith(_RUNNING_ON)
        and not _LISTED.match(line)
    )


@lru_cache(64)
def _pieces(pattern: str) -> tuple[str, ...]:
    """Return what stands between the wild signs of a pattern; a bracket is written as a class."""
    return tuple(piece.replace("[[]", "[") for piece in _WILD.split(pattern) if piece)


@lru_cache(64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(f"*{pattern}*"))


def _is_code(path: str) -> bool:
    from memctl.ingest.readers.grammars import GRAMMARS

    return PurePosixPath(path).suffix.lower() in GRAMMARS
