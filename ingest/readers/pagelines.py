"""The lines of the pages of a book: without running heads, with their broken words made whole."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

Pages = list[list[str]]

BREAK = "\ufffe"
"""A hyphen at the end of a line, where the extractor says that the line was broken there."""

_EDGE = 3  # lines at the top, and at the bottom, that may be a running head
_COUNTING = 4  # pages near one another that a line is on, if it counts them,
_SAME = 8  # and if it is just the same: the head of a long table may be, too
_STRIDE = 2  # pages from one to the next: left and right ones have heads of their own
_ENDING = 3  # letters, by which the forms of a word differ
_LONGEST_NUMBER = 5
_BROKEN_ENOUGH = 3  # words that were surely broken, for others to be taken for such
_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivxlc]+", re.IGNORECASE)
_HYPHENS = "-\u2010\u00ad" + BREAK
_BROKEN = re.compile(rf"([^\W\d_]+)([{_HYPHENS}])$")
_REST = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


def without_running_lines(pages: Pages) -> Pages:
    """Drop page numbers, and heads and feet that stand on page after page.

    A line goes if at the same edge of four pages near one another it is the same but for a number
    that goes up with the pages, or on eight, or on four that are half of all, the very same. The
    first of each kind stays, unless it is nothing but a number. A line
    with two numbers beside that of the page may head a table: it stays. Only what has no other
    line outside of it counts as at the edge.
    """
    kept = [list(lines) for lines in pages]
    for top in (True, False):
        met: set[str] = set()
        for _ in range(_EDGE):
            running = _running(kept, 0 if top else -1)
            if not running:
                break
            for page, key in sorted(running.items()):
                said = any(c.isalpha() for c in key)
                if key in met or not said:
                    kept[page].pop(0 if top else -1)
                met.add(key)
    return kept


def _running(pages: Pages, edge: int) -> dict[int, str]:
    """Return the pages whose line at ``edge`` is a running one, and what all of its kind share."""
    places: dict[str, list[int]] = defaultdict(list)
    for at, lines in enumerate(pages):
        if lines:
            for key in _keys(lines[edge], at):
                places[key].append(at)
    most = max(min(_SAME, len(pages) // 2), _COUNTING)
    found: dict[int, str] = {}
    for key, on in sorted(places.items(), key=lambda entry: -len(entry[1])):
        for page in chain.from_iterable(_runs(on, _COUNTING if "\n" in key else most)):
            found.setdefault(page, key)
    return found


def _keys(line: str, page: int) -> Iterator[str]:
    """Yield what the line may share with those of other pages: itself, or all but one number."""
    folded = " ".join(line.split())
    if not _is_row(folded):
        yield folded
    for number in _NUMBER.finditer(folded):
        rest = f"{folded[: number.start()]}#{folded[number.end() :]}"
        if len(number.group()) <= _LONGEST_NUMBER and not _is_row(rest):
            yield f"{rest}\n{int(number.group()) - page}"
    if _ROMAN.fullmatch(folded):
        yield f"#\n{_roman(folded) - page}"


def _is_row(line: str) -> bool:
    """Whether a line may be the head of a table, as ``2022 2021 2020``."""
    numbers = _NUMBER.findall(line)
    return len(numbers) > 1 and 2 * sum(map(len, numbers)) > len(line)


def _roman(numeral: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[c] for c in numeral.casefold()]
    return sum(-a if a < b else a for a, b in pairwise([*values, 0]))


def _runs(pages: list[int], least: int) -> Iterator[list[int]]:
    """Yield the stretches of ``least`` pages and more that lie near one another."""
    run: list[int] = []
    for page in [*pages, max(pages) + _STRIDE + 1]:
        if run and page - run[-1] > _STRIDE:
            if len(run) >= least:
                yield run
            run = []
        run.append(page)


def with_whole_words(pages: Pages) -> Pages:
    """Join the words that are broken at line ends, also over the end of a page.

    A word is put together if it, or another form of it, stands whole elsewhere in these pages,
    or if its hyphen is a soft one. It keeps its hyphen if it stands so elsewhere, or if nothing
    is known of it and both halves are words of these pages, or the pages hardly break words.
    The whole word goes to the line on which it began.
    """
    words = _Words(chain.from_iterable(pages))
    done: Pages = []
    open_end: list[str] | None = None
    for lines in pages:
        rest = list(lines)
        if open_end is not None and rest:
            open_end[-1], rest[0] = _joined(open_end[-1], rest[0], words)
        done.append(_lines_joined(rest, words))
        open_end = done[-1] if done[-1] else open_end
    return [[_plain(line) for line in lines if line] for lines in done]


def _plain(line: str) -> str:
    return line.replace(BREAK, "-").replace("\u00ad", "")


def _lines_joined(lines: list[str], words: _Words) -> list[str]:
    for at in range(len(lines) - 1):
        lines[at], lines[at + 1] = _joined(lines[at], lines[at + 1], words)
    return lines


def _joined(line: str, following: str, words: _Words) -> tuple[str, str]:
    broken, rest = _BROKEN.search(line), _REST.match(following)
    if broken is None:
        return line, following
    first, hyphen = broken.groups()
    if rest is None or not (hyphen == BREAK or rest.group()[0].islower()):
        return line, following
    whole = words.whole(first, rest.group(), soft=hyphen == "\u00ad")
    tail = following[rest.end() :]
    mark = re.match(r"\S*", tail)
    end = mark.end() if mark else 0
    return line[: broken.start()] + whole + tail[:end], tail[end:].lstrip()


class _Words:
    """The words that stand whole in some pages, and the parts of those that are broken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._seen: Counter[str] = Counter()
        self._breaks = False
        broken: list[tuple[str, str]] = []
        before = ""
        for line in lines:
            self._take(line, before, broken)
            before = line
        self._sorted = sorted(self._seen)
        joined = sum(self._is_known(a, b) for a, b in broken)
        hyphened = sum(self._seen[f"{a}-{b}"] > 0 for a, b in broken)
        self._breaks = joined >= max(hyphened, _BROKEN_ENOUGH)

    def _take(self, line: str, before: str, broken: list[tuple[str, str]]) -> None:
        folded = line.casefold().replace("\u00ad", "").replace("\u2010", "-")
        if before.endswith(tuple(_HYPHENS)):
            self._note(before.casefold(), folded, broken)
        self._seen.update(_WORD.findall(folded))

    def _note(self, left: str, right: str, broken: list[tuple[str, str]]) -> None:
        """Take the halves of a broken word, so that they do not count as words."""
        first, rest = _BROKEN.search(left), _REST.match(right)
        if first and rest:
            broken.append((first.group(1), rest.group()))
            self._seen[first.group(1)] -= 1
            self._seen[rest.group()] -= 1

    def whole(self, first: str, rest: str, *, soft: bool) -> str:
        """Return the word that the halves make: with its hyphen, or without."""
        low, high = first.casefold(), rest.casefold()
        hyphened = self._seen[f"{low}-{high}"]
        if soft or self._is_known(low, high):
            return first + rest if soft or self._seen[low + high] >= hyphened else f"{first}-{rest}"
        if (
            hyphened > 0
            or not high.isalpha()
            or not self._breaks
            or (self._seen[low] > 0 and self._seen[high] > 0)
        ):
            return f"{first}-{rest}"
        return first + rest

    def _is_known(self, first: str, rest: str) -> bool:
        """Whether the whole word, or one that differs from it in its ending, stands somewhere."""
        word = first + rest
        if self._seen[word] > 0:
            return True
        stem = word[: max(len(word) - _ENDING, len(first) + 2)]
        low, high = bisect_left(self._sorted, stem), bisect_right(self._sorted, stem + "\uffff")
        return any(
            self._seen[other] > 0 and len(other) <= len(stem) + _ENDING and other.isalpha()
            for other in self._sorted[low:high]
        )
