from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from office_support import NAMES, related, rezipped, saved, zipped
from readers_support import read_one, refusal, source

from memctl.ingest.document import Document, Problem
from memctl.ingest.readers import HEAD, reader_for


def deck() -> Any:
    import pptx

    return pptx.Presentation()


def slides_xml(*slides: str, **parts: str) -> bytes:
    """Make the smallest presentation; ``parts`` belong to the first slide."""
    ids = [f"slide{at}" for at in range(len(slides))]
    listed = "".join(f'<sldId r:id="{name}"/>' for name in ids)
    linked = related(**{name: f"{name}.xml" for name in ids})
    return zipped(
        {
            "ppt/presentation.xml": f"<p {NAMES}>{listed}</p>",
            "ppt/_rels/presentation.xml.rels": linked,
            "ppt/_rels/slide0.xml.rels": related(**{name: f"{name}.xml" for name in parts}),
            **{f"ppt/{name}.xml": f"<s>{text}</s>" for name, text in zip(ids, slides, strict=True)},
            **{f"ppt/{name}.xml": text for name, text in parts.items()},
        }
    )


def shape(text: str, role: str = "") -> str:
    holder = f'<ph type="{role}"/>' if role else ""
    return f"<sp><nvPr>{holder}</nvPr><p><r><t>{text}</t></r></p></sp>"


def all_of(folder: Path, name: str, data: bytes) -> list[Document | Problem]:
    reader = reader_for(name, data[:HEAD])
    assert reader is not None
    return list(reader.read(source(folder / name, data, name=name)))


def test_slides_are_pages_and_their_titles_headings(tmp_path: Path) -> None:
    presentation = deck()
    first = presentation.slides.add_slide(presentation.slide_layouts[0])
    first.shapes.title.text = "Маяк Кеми"
    first.placeholders[1].text = "Отчёт, 1911"
    second = presentation.slides.add_slide(presentation.slide_layouts[1])
    second.shapes.title.text = "Высота"
    body = second.placeholders[1].text_frame
    body.text = "The tower"
    line = body.add_paragraph()
    line.text, line.level = "47 metres", 1
    table = second.shapes.add_table(2, 2, 0, 0, 99, 99).table
    for at, cell in enumerate(table.iter_cells()):
        cell.text = f"c{at}"
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(0, 0).text = "both"
    second.notes_slide.notes_text_frame.text = "Сказать о лампе"
    document = read_one(tmp_path, "a.pptx", saved(presentation))
    assert document.text == (
        "Маяк Кеми\n\nОтчёт, 1911\n\n"
        "Высота\n\nThe tower\n  47 metres\n\nboth |\nc2 | c3\n\nСказать о лампе"
    )
    assert [(h.level, h.title) for h in document.headings] == [(1, "Маяк Кеми"), (2, "Высота")]
    assert [(p.number, document.text[p.start : p.end][:6]) for p in document.pages] == [
        (1, "Маяк К"),
        (2, "Высота"),
    ]
    assert document.title == "Маяк Кеми"


def test_a_chart_is_a_table_with_a_row_a_category(tmp_path: Path) -> None:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    presentation = deck()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    data: Any = CategoryChartData()
    data.categories = ["Кемь", "Vardø"]
    data.add_series("2023", (1, 2))
    data.add_series("2024", (3, None))
    graphic: Any = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, 9, 9, data)
    graphic.chart.has_title = True
    graphic.chart.chart_title.text_frame.text = "Гуси"
    document = read_one(tmp_path, "a.pptx", saved(presentation))
    assert document.text.split("\n") == [
        "Гуси",
        "",
        " | 2023 | 2024",
        "Кемь | 1 | 3",
        "Vardø | 2 |",
    ]


def test_groups_pictures_and_footers_are_read_and_dates_and_numbers_are_not(
    tmp_path: Path,
) -> None:
    picture = '<pic><cNvPr descr="The lamp&#10;&#10;Description automatically generated"/></pic>'
    named = '<pic><cNvPr descr="IMG_01.png"/></pic>'
    group = f"<grpSp>{shape('внутри')}<grpSp>{shape('deeper')}</grpSp></grpSp>"
    field = '<sp><p><r><t>page </t></r><fld type="slidenum"><t>7</t></fld></p></sp>'
    hidden = f'<sp><cNvPr hidden="1"/>{shape("unseen")[4:]}'
    around = shape("1.1.2024", "dt") + shape("3", "sldNum") + shape("Отдел продаж", "ftr")
    slides = (group + picture + named + field + hidden + around, shape("second") + around)
    text = read_one(tmp_path, "a.pptx", slides_xml(*slides)).text
    assert text.split("\n\n") == ["внутри", "deeper", "The lamp", "page", "Отдел продаж", "second"]


def test_comments_and_diagrams_stand_after_the_text_of_their_slide(tmp_path: Path) -> None:
    data = slides_xml(
        shape("Слайд"),
        shape("next"),
        comments="<cmLst><cm><text>Проверить</text></cm></cmLst>",
        comments2="<cmLst><cm><txBody><p><r><t>Checked</t></r></p></txBody></cm></cmLst>",
        diagramData="<dataModel><pt><t><p><r><t>step</t></r></p></t></pt></dataModel>",
    )
    text = read_one(tmp_path, "a.pptx", data).text
    assert text == "Слайд\n\nstep\n\nПроверить\n\nChecked\n\nnext"


def test_a_damaged_part_costs_that_part_only(tmp_path: Path) -> None:
    data = slides_xml("<broken", shape("второй"), shape("third"))
    *problems, document = all_of(tmp_path, "a.pptx", rezipped(data, {"ppt/slide2.xml": None}))
    assert [(p.path, p.code) for p in problems if isinstance(p, Problem)] == [
        ("a.pptx#slide 1", "missing_part"),
        ("a.pptx#slide 3", "missing_part"),
    ]
    assert isinstance(document, Document)
    assert document.text == "второй"
    assert [page.number for page in document.pages] == [1, 2, 3]


def test_one_slide_that_is_listed_often_is_read_once(tmp_path: Path) -> None:
    listed = '<sldId r:id="slide0"/>' * 20_000
    data = rezipped(slides_xml(shape("раз")), {"ppt/presentation.xml": f"<p {NAMES}>{listed}</p>"})
    document = read_one(tmp_path, "a.pptx", data)
    assert (document.text, len(document.pages)) == ("раз", 1)


def test_shapes_nested_without_end_are_read(tmp_path: Path) -> None:
    deep = "<sp>" * 20_000 + shape("deep") + "</sp>" * 20_000
    assert read_one(tmp_path, "a.pptx", slides_xml(deep)).text == "deep"


def test_another_archive_and_an_empty_presentation_are_refused(tmp_path: Path) -> None:
    code, reason = refusal(tmp_path, "a.pptx", zipped({"x": "y"}))
    assert (code, "not a PowerPoint presentation" in reason) == ("bad_format", True)
    assert refusal(tmp_path, "a.ppsx", saved(deck()))[0] == "no_text"


@pytest.mark.parametrize("name", ["Slide", "Слайд"])
def test_pages_of_an_opendocument_presentation_are_slides(tmp_path: Path, name: str) -> None:
    frame = '<d:frame p:class="{}"><d:text-box>{}</d:text-box></d:frame>'
    listed = "<x:list><x:list-item><x:p>пункт</x:p></x:list-item></x:list>"
    notes = f"<p:notes>{frame.format('notes', '<x:p>said</x:p>')}</p:notes>"
    page = '<d:page d:name="p">{}</d:page>'
    content = (
        '<o:d xmlns:o="o" xmlns:d="d" xmlns:p="p" xmlns:x="x">'
        + page.format(
            frame.format("title", f"<x:p>{name}</x:p>") + frame.format("", listed) + notes
        )
        + page.format(frame.format("outline", "<x:p>second</x:p>"))
        + "</o:d>"
    )
    document = read_one(tmp_path, "a.odp", zipped({"content.xml": content}))
    assert document.text == f"{name}\n\nпункт\n\nsaid\n\nsecond"
    assert [heading.title for heading in document.headings] == [name]
    assert [page.number for page in document.pages] == [1, 2]
