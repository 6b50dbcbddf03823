"""A store whose documents or rules of cutting change embeds again only what is new."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import Run
from test_chunker_changes import prose
from test_contexts import settings

from memctl.ingest import Store

METHODS = ["structure", "tokens", "sentences", "semantic", "parents"]


def chunks(run: Run, folder: Path) -> dict[str, Any]:
    result = run("ingest", folder, "--json")
    assert result.code == 0
    return result.json["chunks"]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Two files, some 50 chunks."""
    root = tmp_path / "texts"
    root.mkdir()
    for language in ("ru", "en"):
        text = "".join(f"# {n}\n\n{prose(n, language, 20)}" for n in range(12))
        (root / f"{language}.md").write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("method", METHODS)
def test_only_the_vectors_of_chunks_are_kept(
    run: Run, store: Path, texts: Path, method: str
) -> None:
    settings(store, f'method = "{method}"')
    made = chunks(run, texts)
    assert made["embedded"] + made["reused"] == made["total"] > 20
    with Store.open(store) as opened:
        assert opened.catalog.rows == made["embedded"]
        assert len(set(opened.catalog.live_rows())) == made["embedded"]
    assert chunks(run, texts)["embedded"] == 0


def test_another_method_cuts_again_and_the_first_one_finds_its_vectors(
    run: Run, store: Path, texts: Path
) -> None:
    settings(store, 'method = "structure"')
    first = chunks(run, texts)
    for method in METHODS[1:]:
        settings(store, f'method = "{method}"')
        assert chunks(run, texts)["total"] != first["total"]
    settings(store, 'method = "structure"')
    again = chunks(run, texts)
    assert (again["total"], again["embedded"]) == (first["total"], 0)


def test_a_number_that_the_method_does_not_read_changes_nothing(
    run: Run, store: Path, texts: Path
) -> None:
    settings(store, 'method = "sentences"\nwindow = 2')
    chunks(run, texts)
    for lines, unchanged in (("window = 2\nchild_tokens = 50", 2), ("window = 1", 0)):
        settings(store, f'method = "sentences"\n{lines}')
        result = run("ingest", texts, "--json").json
        assert result["files"]["unchanged"] == unchanged
        assert result["chunks"]["embedded"] == 0  # a context is not embedded


@pytest.mark.parametrize("method", ["structure", "sentences", "parents"])
def test_a_changed_page_of_a_long_pdf_embeds_only_the_chunks_of_the_changed_text(
    run: Run, store: Path, tmp_path: Path, method: str
) -> None:
    def write(changed: int, sentences: int) -> None:
        from fpdf import FPDF

        pdf = FPDF()
        pdf.set_title("The pumps")
        pdf.set_font("Helvetica", size=11)
        for page in range(100):
            pdf.add_page()
            text = prose(page, "en", 20 + page % 7) if page != changed else ""
            pdf.multi_cell(0, 5, text or prose(page + 1000, "en", sentences))
        (folder / "pumps.pdf").write_bytes(bytes(pdf.output()))

    folder = tmp_path / "pdf"
    folder.mkdir()
    settings(store, f'method = "{method}"')
    write(-1, 0)
    first = chunks(run, folder)
    assert first["total"] >= 150
    for page, sentences in ((40, 31), (71, 25)):
        write(page, sentences)
        after = chunks(run, folder)
        write(-1, 0)
        back = chunks(run, folder)
        # A page is a hundredth; its neighbours may share a chunk with it.
        assert 0 < after["embedded"] <= first["total"] * 0.03
        assert (back["total"], back["embedded"]) == (first["total"], 0)
