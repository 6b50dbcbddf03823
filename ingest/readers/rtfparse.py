"""Rich Text Format (1.9.1), gone through once: groups, control words, bytes in code pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers import rtfwords as words
from memctl.ingest.readers.items import Item
from memctl.ingest.readers.rtfflow import Flow
from memctl.ingest.readers.wordparts import level_named, level_of

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?"  # a control word and its number
    rb"|\\'([0-9a-fA-F]{2})"  # a byte
    rb"|\\([^a-zA-Z'])"  # a control sign
    rb"|([{}])"
    rb"|([^\\{}\r\n]+)",
    re.DOTALL,
)
_DEEPEST = 5_000


@dataclass(slots=True)
class _State:
    """What holds until the group ends; ``target`` is where its text goes."""

    target: str = "text"
    codec: str = ""  # that of the document
    uc: int = 1
    hidden: bool = False
    style: int = 0
    outline: int = 9
    in_table: bool = False
    flow: str = ""  # what this group's text is put beside: a note, a header, a shape


@dataclass(slots=True)
class Parsed:
    """Text and properties; ``page`` is the code page of the document, ``raw`` its bytes in it."""

    items: list[Item] = field(default_factory=list[Item])
    said: dict[str, str] = field(default_factory=dict[str, str])
    times: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    page: str = "cp1252"
    raw: list[bytes] = field(default_factory=list[bytes])
    replaced: int = 0


def parse(data: bytes, page: str = "") -> Parsed:
    """Return what is in ``data``, read with the code page ``page`` where it is given.

    Raises:
        UnreadableError: ``bad_format`` where groups are nested too deep.
    """
    parser = _Parser(page)
    at = 0
    while at < len(data):
        at = parser.run(data, at)
    return parser.finish()


class _Parser:
    def __init__(self, page: str) -> None:
        self._out = Parsed(page=page or "cp1252")
        self._fixed = bool(page)
        self._state = _State()
        self._stack: list[_State] = []
        self._flows = [Flow()]
        self._asides: list[Item] = []
        self._bytes = bytearray()
        self._skip = 0  # characters that stand for one that was given as Unicode
        self._star = False
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._default = 0
        self._levels: dict[int, int] = {}  # of the styles that are headings
        self._base = 0
        self._name: list[str] = []

    def run(self, data: bytes, at: int) -> int:
        """Go on at ``at``, and return where to go on: behind binary data, or at the end."""
        for match in _TOKEN.finditer(data, at):
            kind = match.lastindex
            if kind in {1, 2}:
                word = match.group(1).decode("ascii")
                number = int(match.group(2)) if match.group(2) else None
                if word == "bin":
                    return match.end() + max(number or 0, 0)
                self._word(word, number)
            elif kind == 3:
                self._raw(bytes((int(match.group(3), 16),)))
            elif kind == 6:
                self._raw(match.group(6))
            elif kind == 5:
                self._brace(opens=match.group(5) == b"{")
            else:
                self._sign(match.group(4))
        return len(data)

    def finish(self) -> Parsed:
        """Return all, with groups that were never closed."""
        while self._stack:
            self._brace(opens=False)
        self._flush()
        self._out.items = [*self._flows[0].finish(), *dict.fromkeys(self._asides)]
        return self._out

    def _raw(self, data: bytes) -> None:
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        if self._state.target != "skip":
            self._bytes += data

    def _flush(self) -> None:
        """Decode the bytes so far: those of one character may come one by one."""
        if self._bytes:
            data = bytes(self._bytes)
            self._bytes.clear()
            self._put(self._decoded(data))

    def _decoded(self, data: bytes) -> str:
        codec = self._state.codec
        if codec == "symbol":
            return data.decode("latin-1").replace("\u00b7", "•")
        if not codec and self._state.target == "text":
            self._out.raw.append(data)
        for name in (codec, self._out.page):
            try:
                return data.decode(name or self._out.page)
            except UnicodeDecodeError:
                continue
        text = data.decode(self._out.page, "replace")
        self._out.replaced += text.count("\ufffd")
        return text

    def _put(self, text: str) -> None:
        target = self._state.target
        if target == "text":
            if not self._state.hidden:
                self._flows[-1].words.append(text)
        elif target in {"style", "font"}:
            self._name.append(text)
        elif target in words.SAID:
            self._out.said[target] = self._out.said.get(target, "") + text

    def _brace(self, *, opens: bool) -> None:
        self._flush()
        self._skip = 0
        self._star = False
        if opens:
            if len(self._stack) >= _DEEPEST:
                raise UnreadableError("bad_format", "its groups are nested too deeply")
            self._stack.append(self._state)
            self._state = replace(self._state, flow="")
        elif self._stack:
            ended, self._state = self._state, self._stack.pop()
            if ended.flow:
                self._end_flow(ended.flow)
            if ended.target == "font" != self._state.target:
                self._state.codec = self._fonts.get(self._default, "")
            if ended.target == self._state.target == "style":
                self._end_style(ended)

    def _end_flow(self, name: str) -> None:
        items = self._flows.pop().finish()
        if name == "shptxt":
            self._flows[-1].items.extend(items)
        else:
            self._asides.extend(items)

    def _end_style(self, style: _State) -> None:
        name = "".join(self._name).strip(" ;")
        self._name.clear()
        level = level_named(name)
        if level is None:
            level = level_of(style.outline) or self._levels.get(self._base, 0)
        self._levels[style.style] = level
        self._base = 0

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._star = True
        elif self._skip:
            self._skip -= 1
        elif sign in {b"\r", b"\n"}:
            self._word("par", None)
        elif sign in words.SIGNS:
            self._flush()
            self._put(words.SIGNS[sign])

    def _word(self, word: str, number: int | None) -> None:
        if self._skip and word != "u":
            self._skip -= 1
            return
        starred, self._star = self._star, False
        if not starred and word not in words.KNOWN:
            return
        self._flush()
        if starred and word not in words.READ:
            self._state.target = "skip"
        elif word == "u":
            self._unicode(number or 0)
        elif self._state.target == "skip" and word != "ud":
            return
        elif not (self._text_word(word) or self._format_word(word, number)):
            self._group_word(word, number)

    def _unicode(self, number: int) -> None:
        self._skip = self._state.uc
        if self._state.target != "skip":
            self._put(chr(number % 0x10000))

    def _text_word(self, word: str) -> bool:
        """Do what a word says that stands for text or ends a piece of it."""
        state, flow = self._state, self._flows[-1]
        if word in words.WORDS:
            self._put(words.WORDS[word])
        elif state.target != "text":
            return False
        elif word in words.ENDS:
            level = level_of(state.outline) or self._levels.get(state.style, 0)
            flow.end_paragraph(level, in_table=state.in_table)
        elif word in words.CELLS:
            flow.end_cell()
        elif word in words.ROWS:
            flow.end_row()
        else:
            return False
        return True

    def _format_word(self, word: str, number: int | None) -> bool:
        """Do what a word says of the text that follows."""
        state = self._state
        if word == "pard":
            state.style, state.outline, state.in_table = 0, 9, False
        elif word == "intbl":
            state.in_table = True
        elif word == "f":
            self._font = number or 0
            state.codec = self._fonts.get(self._font, "")
        elif word == "plain":
            state.hidden, state.codec = False, self._fonts.get(self._default, "")
        elif word in {"v", "deleted"}:
            state.hidden = number != 0
        else:
            return self._number_word(word, number or 0)
        return True

    def _number_word(self, word: str, number: int) -> bool:
        if word == "s":
            self._state.style = number
        elif word == "outlinelevel":
            self._state.outline = number
        elif word == "uc":
            self._state.uc = min(max(number, 0), 100)
        elif word == "ilvl":
            self._flows[-1].depth = min(max(number, 0), 8)
        else:
            return False
        return True

    def _group_word(self, word: str, number: int | None) -> None:
        """Do what a word says of its group, or of the document."""
        state = self._state
        if word in words.SKIPPED:
            state.target = "skip"
        elif word in words.LISTED:
            state.target = "skip"
            self._flows[-1].bullet = True
        elif word in words.ASIDE:
            self._flows.append(Flow())
            state.flow, state.in_table = word, False
        elif word in words.TARGETS:
            state.target = words.TARGETS[word]
        elif state.target == "info" and (word in words.SAID or word in words.TIMES):
            state.target = "skip" if word in self._out.said else word
        elif state.target in words.TIMES and word in words.PARTS:
            self._out.times.setdefault(words.TIMES[state.target], {})[word] = number or 0
        else:
            self._page_word(word, number or 0)

    def _page_word(self, word: str, number: int) -> None:
        """Take the code page of the document or of a font, or what says which one it is."""
        if word == "fcharset":
            self._fonts[self._font] = words.CHARSETS.get(number, "")
        elif word == "cpg":
            self._fonts[self._font] = words.codec(number)
        elif word == "deff":
            self._default = number
        elif word == "sbasedon":
            self._base = number
        elif not self._fixed and word == "ansicpg":
            self._out.page = words.codec(number) or self._out.page
        elif not self._fixed and word in words.MACHINES:
            self._out.page = words.MACHINES[word]
