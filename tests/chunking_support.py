"""Documents to be cut, made by hand and by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from memctl.ingest.document import Block, Document, Heading, Page

RU = "Если лампа не горит, проверьте питание и замените предохранитель. "
EN = "If the lamp is off, check the power supply and replace the fuse. "
ROW = "| насос К-8 | 42 кг | cast iron |\n"
CODE = "def pump(x):\n    if x:\n        return x\n\n    return 0\n"


class Draft:
    """A document as it grows; ``add`` returns the span of what was added."""

    def __init__(self) -> None:
        self.text = ""
        self.pages: list[Page] = []
        self.headings: list[Heading] = []
        self.blocks: list[Block] = []

    def add(self, text: str, kind: str = "prose", *, level: int = 1) -> tuple[int, int]:
        start, self.text = len(self.text), self.text + text
        end = start + len(text.rstrip())
        if kind == "heading":
            self.headings.append(Heading(level, text.strip(), start=start, end=end))
        elif kind == "table" or kind == "code":
            self.blocks.append(Block(kind, start, end=end))
        return start, end

    def turn(self) -> None:
        """End the page."""
        start = self.pages[-1].end if self.pages else 0
        self.pages.append(Page(len(self.pages) + 1, start, end=len(self.text)))

    def document(self) -> Document:
        return Document(
            "d", "d.md", text=self.text, sha256="", language="en", pages=tuple(self.pages),
            headings=tuple(self.headings), blocks=tuple(self.blocks),
        )  # fmt: skip


def plain(text: str, language: str = "und") -> Document:
    """A document that is nothing but text."""
    return Document("d", "d", text=text, sha256="", language=language)


PROSE = st.lists(
    st.sampled_from([RU, EN, "Да. ", "т. е. ", "word ", "\n", "👩‍🔬", "🇷🇺"]), min_size=1
)
ODD = st.sampled_from([
    "x" * 700, "QmFzZTY0" * 60, " " * 900, "\n" * 500, "e" + "\u0301" * 40, "👨‍👩‍👧‍👦" * 9,
    "🇷🇺🇬🇧" * 40,
    "\r\n", "漢字" * 90, " . " * 60, "1.2.3 ", "\u200d\u200d", "- пункт\n" * 30, "\t", "\u00a0",
])  # fmt: skip
PART = st.one_of(
    PROSE.map(lambda parts: ("prose", "".join(parts) + "\n\n")),
    st.integers(1, 4).map(lambda level: ("heading", f"{'#' * level} Раздел о насосах\n\n")),
    st.integers(1, 40).map(lambda rows: ("table", ROW * rows + "\n")),
    st.integers(1, 15).map(lambda times: ("code", CODE * times + "\n")),
    st.just(("page", "")),
    ODD.map(lambda text: ("odd", text)),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(lambda text: ("odd", text)),
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    draft = Draft()
    for kind, text in draw(st.lists(PART, max_size=14)):
        if kind == "page":
            draft.turn()
        else:
            if kind not in ("prose", "odd"):
                draft.add("\n")
            draft.add(text, kind, level=text.count("#"))
    return draft.document()
