"""Write the PDF and DOCX documents of the sample corpus from the texts in `sources/`.

Run from anywhere: `python sample_corpus/make_documents.py [--out FOLDER] [--font PATH]`. The
Russian PDF needs a TrueType font with Cyrillic letters; without `--font`, DejaVu Sans is looked
for where the Debian package fonts-dejavu-core puts it. Dates are fixed: the same versions of the
libraries write the same bytes again.
"""

import argparse
import datetime as dt
import io
import sys
import zipfile
from pathlib import Path

import docx
from docx.document import Document
from fpdf import FPDF

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
CREATED = dt.datetime(2025, 1, 15, 12, 0, 0, tzinfo=dt.UTC)

PDFS = {
    "en/vector-indexes.pdf": ("vector-indexes.txt", "en"),
    "ru/zabyvanie.pdf": ("zabyvanie.txt", "ru"),
}
WORD_FILES = {
    "en/model-context-protocol.docx": ("model-context-protocol.txt", "en"),
    "ru/lichnaya-pamyat.docx": ("lichnaya-pamyat.txt", "ru"),
}


def read_blocks(name: str) -> list[tuple[str, str]]:
    """The blocks of a source as (kind, text); kinds: title, heading, page, table, text."""
    kinds = (("# ", "title"), ("## ", "heading"), ("---", "page"), ("| ", "table"))
    blocks: list[tuple[str, str]] = []
    for block in (SOURCES / name).read_text(encoding="utf-8").strip().split("\n\n"):
        kind = next((kind for mark, kind in kinds if block.startswith(mark)), "text")
        blocks.append((kind, block.lstrip("# ") if kind in {"title", "heading"} else block))
    return blocks


class Booklet(FPDF):
    """An A5 document with the page number at the foot of each page."""

    page_word = "Page"

    def footer(self) -> None:
        """Print the page number, as many real documents do."""
        self.set_y(-12)
        self.set_font(size=8)
        self.cell(0, 6, f"{self.page_word} {self.page_no()}", align="C")


def make_pdf(blocks: list[tuple[str, str]], language: str, *, font: Path) -> bytes:
    """A PDF with each `---` of the source as a page break."""
    pdf = Booklet(format=(148, 210))
    pdf.set_creation_date(CREATED)
    pdf.set_producer("fpdf2")
    pdf.set_lang(language)
    pdf.set_title(blocks[0][1])
    pdf.set_margins(16, 14, 16)
    pdf.set_auto_page_break(auto=True, margin=16)
    if language == "ru":
        pdf.page_word = "Страница"
        pdf.add_font("body", fname=font)
        pdf.set_font("body")
    else:
        pdf.set_font("Helvetica")
    pdf.add_page()
    size = {"title": 15, "heading": 12, "text": 9.5}
    for kind, text in blocks:
        if kind == "page":
            pdf.add_page()
            continue
        pdf.set_font(size=size[kind])
        pdf.multi_cell(0, size[kind] * 0.52, text, align="L", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(2)
    return bytes(pdf.output())


def make_docx(blocks: list[tuple[str, str]], language: str) -> bytes:
    """A Word document with real headings and real tables."""
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author = blocks[0][1], "memctl"
    properties.language, properties.comments = language, ""
    properties.created = properties.modified = CREATED.replace(tzinfo=None)
    for kind, text in blocks:
        if kind == "text":
            document.add_paragraph(text)
        elif kind == "table":
            add_table(document, text)
        else:
            document.add_heading(text, level=0 if kind == "title" else 1)
    raw = io.BytesIO()
    document.save(raw)
    return with_fixed_dates(raw.getvalue())


def add_table(document: Document, text: str) -> None:
    """Add the table that is written as `| cell | cell |` lines."""
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines()]
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, content in zip(row.cells, cells, strict=True):
            cell.text = content


def with_fixed_dates(archive: bytes) -> bytes:
    """The same zip archive with one date on every member."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, CREATED.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(name))
    return out.getvalue()


def main() -> int:
    """Write the four documents under the output folder."""
    parser = argparse.ArgumentParser(description="Write the PDF and DOCX documents of the corpus.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write en/ and ru/ into")
    parser.add_argument("--font", type=Path, default=FONT, help="a TrueType font with Cyrillic")
    options = parser.parse_args()
    if not options.font.is_file():
        print(f"no font at {options.font}; give one with --font PATH", file=sys.stderr)
        return 1
    made = {
        path: make_pdf(read_blocks(source), language, font=options.font)
        for path, (source, language) in PDFS.items()
    } | {
        path: make_docx(read_blocks(source), language)
        for path, (source, language) in WORD_FILES.items()
    }
    for path, content in sorted(made.items()):
        target = options.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        print(f"{path}: {len(content)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
