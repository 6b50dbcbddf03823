"""What a model writes, on its way to a reader: citations stay, what could reach out does not.

A link or an image is shown as plain text, and only where its address stands in a passage that the
answer cites. All the rest of the text passes as it comes, word by word.
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
    r"(?:https?:|ftp:|file:|data:|javascript:|www\.)[^\s<>\"'»)\]]+", re.IGNORECASE
)
_MARKER = re.compile(r"\[\s*(\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*)\s*\]")
_SENTENCE_WITH_ADDRESS = re.compile(r"[^\n]*(?::/|www\.)[^\n]*$", re.IGNORECASE)
_LEFT_OUT = "[…]"


class Screen:
    """Screens the text of one answer. ``passages`` are those that it may cite, by their numbers."""

    def __init__(self, passages: Mapping[int, str]) -> None:
        self._passages = passages
        self._held = ""
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
        self._held += clean(text[: max(room, 0)])
        cut = self._safe_until()
        ready, self._held = self._held[:cut], self._held[cut:]
        return self._screened(ready)

    def end(self) -> str:
        """Return what is left."""
        ready, self._held = self._held, ""
        return self._screened(ready)

    def _safe_until(self) -> int:
        """Return how much of what is held can go: to the last word, or before what is open."""
        held = self._held
        if len(held) > _HELD:
            return held.rfind(" ") + 1 or len(held)
        sentence = _SENTENCE_WITH_ADDRESS.search(held)
        if sentence:  # its citations may come at its end
            return sentence.start()
        cut = len(held) - len(held.split(" ")[-1].split("\n")[-1])
        for opening, closing in (("[", "]"), ("<", ">")):
            begun = held.rfind(opening, 0, cut)
            if begun >= 0 and closing not in held[begun:cut]:
                cut = begun
        return cut - held[:cut].endswith("!")

    def _screened(self, text: str) -> str:
        for match in _MARKER.finditer(text):
            self._note(match.group(1))
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


def numbers(inside: str) -> list[int]:
    """Return the numbers of a marker, such as ``1, 3-5``; a span is at most ten long."""
    found: list[int] = []
    for part in re.split(r"\s*[,;]\s*", inside.strip()):
        first, _, last = re.sub(r"\s*[–-]\s*", "-", part).partition("-")
        low, high = int(first), int(last or first)
        found.extend(range(low, high + 1) if 0 <= high - low <= 10 else [low])
    return found
