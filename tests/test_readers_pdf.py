from __future__ import annotations

import logging
import random
import warnings
from io import BytesIO
from pathlib import Path

import pytest
from readers_support import outcome, read_one, refusal


def pdf(*pages: str, title: str = "", broken: tuple[int, ...] = ()) -> bytes:
    """Make a PDF by hand: a page a text, in a font that says which characters its codes are.

    The pages at ``broken`` have a content stream that cannot be unpacked.
    """
    letters = sorted({c for page in pages for c in page if c != "\n"})
    code = {c: f"{at:02x}" for at, c in enumerate(letters, 1)}
    pairs = "".join(f"<{code[c]}> <{ord(c):04x}>\n" for c in letters)
    cmap = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> "
        f"endcodespacerange {len(letters)} beginbfchar\n{pairs}endbfchar endcmap end"
    )
    kids = " ".join(f"{5 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 4 0 R >>",
        f"<< /Length {len(cmap)} >>\nstream\n{cmap}\nendstream",
    ]
    for at, page in enumerate(pages):
        lines = "".join(
            f"<{''.join(code[c] for c in line)}> Tj 0 -14 Td\n" for line in page.split("\n")
        )
        content = f"BT /F1 12 Tf 72 720 Td\n{lines}ET" if page else ""
        kind = " /Filter /Unheard" if at in broken else ""
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {6 + 2 * at} 0 R >>",
            f"<< /Length {len(content)}{kind} >>\nstream\n{content}\nendstream",
        ]
    return assembled(objects, title)


def assembled(objects: list[str], title: str) -> bytes:
    objects = [*objects, f"<< /Title <feff{title.encode('utf-16-be').hex()}> >>"]
    out = b"%PDF-1.4\n"
    offsets: list[int] = []
    for at, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{at} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>\n"
    head = f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}"
    return out + head.encode() + f"startxref\n{len(out)}\n%%EOF\n".encode()


def locked(data: bytes, user: str) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=BytesIO(data))
    writer.encrypt(user, "owner", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_each_page_is_numbered_as_a_viewer_counts_and_empty_ones_stay(tmp_path: Path) -> None:
    document = read_one(
        tmp_path, "a.pdf", pdf("The tower.\nBuilt in 1911.", "", "Маяк светит.", title="Маяк")
    )
    assert document.text == "The tower.\nBuilt in 1911.\n\nМаяк светит."
    assert [(p.number, document.text[p.start : p.end]) for p in document.pages] == [
        (1, "The tower.\nBuilt in 1911.\n\n"),
        (2, ""),
        (3, "Маяк светит."),
    ]
    assert document.title == "Маяк"


def test_russian_text_is_read_and_told(tmp_path: Path) -> None:
    text = "Маяк построили в 1911 году. Смотритель Пётр жил там."
    document = read_one(tmp_path, "a.pdf", pdf(text))
    assert (document.text, document.language) == (text, "ru")


def test_a_file_name_in_the_metadata_is_no_title(tmp_path: Path) -> None:
    assert read_one(tmp_path, "a.pdf", pdf("text", title="Microsoft Word - a.doc")).title == ""


def test_a_scan_is_refused_with_a_word_on_ocr(tmp_path: Path) -> None:
    code, reason = refusal(tmp_path, "a.pdf", pdf("", ""))
    assert code == "no_text"
    assert "no text layer (pages: 2)" in reason
    assert "OCR" in reason


def test_a_password_is_needed_or_only_the_empty_one(tmp_path: Path) -> None:
    data = pdf("The tower was built in 1911.")
    assert refusal(tmp_path, "a.pdf", locked(data, "secret")) == (
        "encrypted",
        "it opens only with a password",
    )
    assert read_one(tmp_path, "a.pdf", locked(data, "")).text == "The tower was built in 1911."


def test_one_damaged_page_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.pdf", pdf("one", "two", "three", broken=(1,)))
    assert document.text == "one\n\nthree"
    assert [(p.number, document.text[p.start : p.end]) for p in document.pages] == [
        (1, "one\n\n"),
        (2, ""),
        (3, "three"),
    ]


def test_a_file_with_most_pages_damaged_is_refused(tmp_path: Path) -> None:
    code, reason = refusal(tmp_path, "a.pdf", pdf("one", "two", "three", broken=(0, 2)))
    assert code == "bad_format"
    assert reason.startswith("2 of 3 pages were not read: ")


def test_a_file_that_lost_its_table_of_objects_is_read(tmp_path: Path) -> None:
    data = pdf("The tower was built in 1911.")
    assert read_one(tmp_path, "a.pdf", data[: data.rindex(b"startxref")]).text == (
        "The tower was built in 1911."
    )


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", b"%PDF-" + b"1 0 obj\n" * 999])
def test_what_only_begins_as_a_pdf_is_refused(tmp_path: Path, data: bytes) -> None:
    code, reason = refusal(tmp_path, "a.pdf", data)
    assert code == "bad_format"
    assert reason.startswith("a damaged PDF: ")


def test_glyphs_without_a_character_are_marked_and_not_spelled_out(tmp_path: Path) -> None:
    spelled = "User/g3acceptance/g3of/g3a/g3tower" + "/g155/g491" * 20
    assert read_one(tmp_path, "a.pdf", pdf(spelled)).text == "User acceptance of a tower\ufffd"


def test_mutated_bytes_give_a_document_or_a_code_and_no_noise(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = pdf("The tower.\nBuilt in 1911.", "Маяк светит.", "end", title="Маяк")
    dice = random.Random(11)
    level = logging.getLogger("pypdf").level
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(300):
            mutated = bytearray(data)
            for _ in range(dice.choice((1, 4, 16))):
                mutated[dice.randrange(8, len(data))] = dice.choice(b"\x00 /<0959abz\xff")
            code, document = outcome(tmp_path, "a.pdf", bytes(mutated))
            assert code in {"", "bad_format", "no_text", "encrypted"}
            assert document is None or document.text.strip()
    assert caplog.records == []
    assert logging.getLogger("pypdf").level == level
