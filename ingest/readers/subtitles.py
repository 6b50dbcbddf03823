"""Subtitles: each cue with its time, so that it can be cited; a pause begins a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.textual import begin, text_of

_PAUSE = 3_000  # milliseconds without a cue that part two paragraphs
_LONG = 600  # characters after which the end of a sentence parts them
_LAST = 1_200  # characters after which anything does
_SENTENCE_END = re.compile(r"[.!?…][\"'»”)\]]*$")
_SPEAKER = re.compile(r"<v(?:\.[\w.-]+)?[ \t]+([^<>\n]{1,80})>")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>|<\d[\d:.]{3,20}>|\{\\[^{}\n]{0,300}\}")
_NOTE = re.compile(r"^NOTE(?:[ \t]+([^\n]+)|[ \t]*)\n((?:[^\n]+\n)*)", re.MULTILINE)
_FORMATS = {"srt": "srt", "vtt": "vtt", "ass": "ass", "ssa": "ssa"}


class _Cue(NamedTuple):
    start: int  # milliseconds
    end: int
    text: str


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; a line is ``[00:01:02] Anna: what is said``.

    Raises:
        UnreadableError: ``bad_format`` where there is not a single cue.
    """
    text, notes = text_of(source)
    if not text.strip():
        raise UnreadableError("no_text", "no text in it")
    kind = _FORMATS[source.name.lower().rpartition(".")[2]]
    cues, title = _cues(text, kind)
    if not cues:
        raise UnreadableError("bad_format", "no cue with a time in it")
    builder = begin(notes)
    for remark in _NOTE.finditer(text) if kind == "vtt" else ():
        builder.paragraph(f"{remark[1] or ''}\n{remark[2]}".strip())
    for paragraph in _paragraphs(cues):
        builder.paragraph(paragraph)
    yield builder.build(source, title=title)


def _cues(text: str, kind: str) -> tuple[list[_Cue], str]:
    """Return the cues that show something, by time, and the title of the script."""
    from pysubs2 import SSAFile
    from pysubs2.exceptions import Pysubs2Error

    if kind == "vtt":
        text = _SPEAKER.sub(r"\1: ", _NOTE.sub("", text))
    try:
        file = SSAFile.from_string(text, format_=kind)
    except (Pysubs2Error, ValueError, IndexError, KeyError, OverflowError) as error:
        raise UnreadableError("bad_format", f"not subtitles: {error}") from error
    cues = [
        _Cue(event.start, event.end, shown)
        for event in file.events
        if not event.is_comment and not event.is_drawing
        if (shown := _shown(event.text, event.name))
    ]
    return sorted(cues, key=lambda cue: cue.start), file.info.get("Title", "")


def _shown(text: str, speaker: str) -> str:
    """Return what is read on the screen in one line, behind the name of who says it."""
    text = text.replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", " ")
    text = " ".join(_TAG.sub("", text).split())
    return f"{speaker}: {text}" if speaker and text else text


def _paragraphs(cues: Iterable[_Cue]) -> Iterator[str]:
    lines: list[str] = []
    size, last_end, before = 0, 0, ""
    for cue in cues:
        pause = cue.start - last_end > _PAUSE
        full = size > _LONG and _SENTENCE_END.search(before)
        if lines and (pause or full or size > _LAST):
            yield "\n".join(lines)
            lines, size = [], 0
        last_end = max(last_end, cue.end)
        if cue.text == before:  # subtitles that roll show a line twice
            continue
        before = cue.text
        lines.append(f"[{_clock(cue.start)}] {cue.text}")
        size += len(lines[-1])
    yield "\n".join(lines)


def _clock(milliseconds: int) -> str:
    seconds = max(milliseconds, 0) // 1_000
    return f"{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


READER = Reader("subtitles", (".srt", ".vtt", ".ass", ".ssa"), read=read)
