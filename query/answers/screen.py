"""What a model writes, on its way to a reader: citations stay, what could reach out does not.

A link or an image is shown as plain text, and only where its address stands in a passage that the
answer cites. What is left of their signs, or of a tag with attributes, is parted by a blank and is
none. All the rest of the text passes as it comes, word by word, and into which pieces it is cut on
its way makes no difference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from memctl.ingest import clean

LONGEST = 16_000  # characters of an answer
_HELD = 400  # characters that are held back at most
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\(\s*<?([^()\s<>]*)>?[^()\n]{0,200}\)")
_TAG = re.compile(
    r"</?(?:a|applet|audio|base|embed|form|frame|iframe|img|input|link|meta|object|picture|script"
    r"|source|style|svg|video)\b[^<>]{0,400}>",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:(?:https?:|ftp:|file:|data:|javascript:|www\.)[^\s<>\"'»)\]]"
    r"|(?<![\w:/])//[\w-]+(?:\.[\w-]+)+)[^\s<>\"'»)\]]*",
    re.IGNORECASE,
)
_MARKER = re.compile(r"\[\s*(\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*)\s*\]")
_TELLS_ADDRESS = re.compile(r"//|:/|www\.", re.IGNORECASE)
_LEFT_OUT = "[…]"
# What a link, the address of a reference, or a tag with attributes begins with. A citation within a
# line, such as "as in [1]:", begins none.
_LIVE = re.compile(r"\w (?:\[\d{1,4}\])+:|\](?=[(:])|<(?=/?[a-z][\w:-]*[\s/])", re.IGNORECASE)
_WIDE = "\\u2e80-\\u9fff\\uf900-\\ufaff\\uff00-\\uffef"  # Chinese and Japanese have no blanks
_WORD_END = re.compile(rf"[\s{_WIDE}]")
_PASSES = 8  # over a text from which something is left out; who needs more means no good


class Screen:
    """Screens the text of one answer. ``passages`` are those that it may cite, by their numbers."""

    def __init__(self, passages: Mapping[int, str]) -> None:
        self._passages = passages
        self._word = ""
        self._held = ""
        self._shown = ""  # the last two characters
        self._length = 0
        self.cited: list[int] = []
        self.unknown: list[int] = []
        self.left_out = 0

    @property
    def full(self) -> bool:
        """Whether the answer is longer than any answer."""
        return self._length >= LONGEST

    def feed(self, text: str) -> str:
        """Take the next piece; return what of all so far can be shown."""
        room = LONGEST - self._length
        self._length += len(text)
        text = clean(text[: max(room, 0)])
        shown, taken = "", 0
        for end in _WORD_END.finditer(text):
            word, self._word = self._word + text[taken : end.end()], ""
            shown += self._taken(word)
            taken = end.end()
        self._word += text[taken:]
        return shown

    def end(self) -> str:
        """Return what is left."""
        ready, self._held, self._word = self._held + self._word, "", ""
        return self._screened(ready)

    def _taken(self, word: str) -> str:
        """Take the next word; return what of all so far can be shown."""
        self._held += word
        cut = self._safe_until()
        ready, self._held = self._held[:cut], self._held[cut:]
        return self._screened(ready) if ready else ""

    def _safe_until(self) -> int:
        """Return how much of the held words can go: all, or what stands before what is open."""
        held = self._held
        cut = len(held)
        if cut > _HELD:
            return cut
        line = held.rfind("\n") + 1
        if _TELLS_ADDRESS.search(held, line):  # its citations may come at its end
            return line
        for opening, closing in (("[", "]"), ("<", ">")):
            begun = held.rfind(opening, 0, cut)
            if begun >= 0 and closing not in held[begun:cut]:
                cut = begun
        return cut - held[:cut].endswith("!")

    def _screened(self, text: str) -> str:
        for match in _MARKER.finditer(text):
            self._note(match.group(1))
        text = self._plain_text(text)
        before = self._shown
        text = _LIVE.sub(_parted, before + text)[len(before) :]
        self._shown = (before + text)[-2:]
        return text

    def _plain_text(self, text: str) -> str:
        """Return ``text`` without what is live in it; what is left out may have parted the like."""
        for _ in range(_PASSES):
            plain = self._plainer(text)
            if plain == text:
                return text
            text = plain
        self.left_out += 1
        return _LEFT_OUT

    def _plainer(self, text: str) -> str:
        text = _IMAGE_OR_LINK.sub(self._plain, text)
        text = _TAG.sub(self._dropped, text)
        text = _ADDRESS.sub(self._address, text)
        return _MARKER.sub(self._marker, text)

    def _note(self, inside: str) -> None:
        for n in numbers(inside):
            where = self.cited if n in self._passages else self.unknown
            if n not in where:
                where.append(n)

    def _plain(self, match: re.Match[str]) -> str:
        label, address = match.group(1).strip(), match.group(2)
        if label.isdecimal() and not match.group().startswith("!"):
            self._note(label)
            return f"[{label}]"
        if not self._stands(address):
            self.left_out += 1
            return label or _LEFT_OUT
        return f"{label} ({address})" if label else address

    def _dropped(self, match: re.Match[str]) -> str:
        del match
        self.left_out += 1
        return ""

    def _address(self, match: re.Match[str]) -> str:
        if self._stands(match.group().rstrip(".,;:!?")):
            return match.group()
        self.left_out += 1
        return _LEFT_OUT

    def _marker(self, match: re.Match[str]) -> str:
        known = [n for n in numbers(match.group(1)) if n in self._passages]
        return "".join(f"[{n}]" for n in known)

    def _stands(self, address: str) -> bool:
        return bool(address) and any(address in self._passages[n] for n in self.cited)


def _parted(match: re.Match[str]) -> str:
    found = match.group()
    return found if found.endswith(":") else f"{found} "


def numbers(inside: str) -> list[int]:
    """Return the numbers of a marker, such as ``1, 3-5``; a span is at most ten long."""
    found: list[int] = []
    for part in re.split(r"\s*[,;]\s*", inside.strip()):
        first, _, last = re.sub(r"\s*[–-]\s*", "-", part).partition("-")
        low, high = int(first), int(last or first)
        found.extend(range(low, high + 1) if 0 <= high - low <= 10 else [low])
    return found
