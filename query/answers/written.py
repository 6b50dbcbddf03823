"""An answer that a language model writes from passages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from memctl.ingest.amounts import counted
from memctl.query.answers.answer import Usage
from memctl.query.answers.passages import Passage
from memctl.query.answers.prompt import Prompt
from memctl.query.answers.screen import LONGEST, Screen
from memctl.query.llm import LanguageModelError, Piece, Writer

Show = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model wrote, as it may be shown; ``fault`` is why it broke off."""

    text: str
    usage: Usage
    _: KW_ONLY
    notes: tuple[str, ...]
    fault: str = ""


def write(
    prompt: Prompt,
    passages: Sequence[Passage],
    writer: Writer,
    *,
    max_tokens: int,
    show: Show | None = None,
) -> Draft:
    """Have an answer written; ``show`` is called with each part of it as it can be shown.

    Raises:
        LanguageModelError: the model cannot be reached, or wrote nothing at all.
    """
    paper = _Paper(Screen({passage.n: passage.text for passage in passages}), show)
    fault = ""
    try:
        for piece in writer.stream(prompt.instruction, prompt.request, max_tokens=max_tokens):
            paper.take(piece)
            if paper.screen.full:
                break
    except LanguageModelError as error:
        if not paper.parts:
            raise
        fault = error.message
    text = paper.end()
    if not text:
        raise LanguageModelError(
            f"{writer.name} wrote nothing", hint="Try again, or another model."
        )
    return Draft(text, paper.usage, notes=tuple(_notes(paper, max_tokens)), fault=fault)


class _Paper:
    """What is written so far, screened, and what its model told of it."""

    def __init__(self, screen: Screen, show: Show | None) -> None:
        self.screen = screen
        self.parts: list[str] = []
        self.usage = Usage()
        self.cut = False
        self._show = show

    def take(self, piece: Piece) -> None:
        """Take the next piece."""
        self.cut = self.cut or piece.cut
        if piece.prompt_tokens or piece.completion_tokens:
            self.usage = Usage(piece.prompt_tokens, piece.completion_tokens)
        self._put(self.screen.feed(piece.text))

    def end(self) -> str:
        """Return the whole text."""
        self._put(self.screen.end())
        return "".join(self.parts).rstrip()

    def _put(self, text: str) -> None:
        text = text if self.parts else text.lstrip()
        if text:
            self.parts.append(text)
            if self._show is not None:
                self._show(text)


def _notes(paper: _Paper, max_tokens: int) -> Iterator[str]:
    screen = paper.screen
    if screen.full:
        yield f"the answer was cut after {LONGEST:,} characters"
    elif paper.cut:
        yield f"the answer was cut after {counted(max_tokens, 'token')}"
    if screen.unknown:
        numbers = ", ".join(map(str, screen.unknown))
        yield f"the answer cites passages that were not given: {numbers}"
    if screen.left_out:
        yield f"left out, as no cited passage has them: {screen.left_out} links, images or tags"
