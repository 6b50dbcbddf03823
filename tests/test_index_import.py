from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from support import Run

from memctl.index import Request, TableError, Wish, build, export, import_table
from memctl.ingest import ChunkRules, Document, Page, Parsed, Store, StoreError, UsageError, cut
from memctl.ingest.document import Heading
from memctl.ingest.embedders import get
from memctl.ingest.minhash import signature
from memctl.ingest.summary import Silent
from memctl.ingest.writer import Writer
from memctl.query import Searcher

WORDS = "маяк море чайка лампа tower gull storm lamp 1911 the и ёж 😀 a\u0301 |".split()
QUESTIONS = ["Кто построил маяк?", "the storm and the lamp", "1911"]
RULES = [
    ChunkRules(max_tokens=32),
    ChunkRules(method="tokens", max_tokens=32, overlap_tokens=8),
    ChunkRules(method="parents", max_tokens=64, child_tokens=16),
]


@st.composite
def _documents(draw: st.DrawFn) -> list[Document]:
    names = draw(st.lists(st.sampled_from("abcdeжё"), min_size=1, max_size=4, unique=True))
    return [draw(_document(name)) for name in names]


@st.composite
def _document(draw: st.DrawFn, name: str) -> Document:
    lines = draw(st.lists(st.lists(st.sampled_from(WORDS), min_size=1), min_size=1, max_size=9))
    text = "\n\n".join(" ".join(words) for words in lines)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=5)))
    bounds = zip([0, *cuts], [*cuts, len(text)], strict=True)
    pages = [Page(at, start, end=end) for at, (start, end) in enumerate(bounds, start=1)]
    part = draw(st.sampled_from(["", "#1", "#вложение"]))
    return Document(
        draw(st.sampled_from([name, "id 7"])) if part else f"{name}.md",
        f"{name}.md{part}",
        text=text,
        sha256=signature(text).hex()[:64].rjust(64, "0"),
        title=draw(st.sampled_from(["", "Маяк", "The tower"])),
        language=draw(st.sampled_from(["ru", "en", "und"])),
        pages=tuple(pages) if draw(st.booleans()) else (),
        headings=(Heading(1, "Лампа", start=0, end=len(lines[0][0])),),
        metadata={"author": ("Anna Berg", "Пётр")} if draw(st.booleans()) else {},
    )


def _fill(store: Path, documents: list[Document], rules: ChunkRules) -> None:
    with (
        Store.write(store, embedder="hashing") as opened,
        Writer(opened, get("hashing"), recipe="test", progress=Silent()) as writer,
    ):
        for each in documents:
            parsed = Parsed(
                each.path,
                each.id,
                title=each.title,
                language=each.language,
                sha256=each.sha256,
                characters=len(each.text),
                pages=tuple((page.number, page.start) for page in each.pages),
                metadata=each.metadata,
                notes=(),
                signature=signature(each.text),
                chunks=tuple(cut(each, rules)),
            )
            writer.begin_file()
            writer.add(each.path.partition("#")[0], parsed)


def _holds(store: Path) -> tuple[list[Any], list[Any], list[list[float]]]:
    """Documents, chunks without their row, and the vector of each chunk."""
    with Store.open(store) as opened:
        chunks = list(opened.catalog.chunks())
        vectors = opened.vectors.map(opened.rows)[[each.row for each in chunks]]
        plain = [replace(each, row=0) for each in chunks]
        return list(opened.catalog.documents()), plain, vectors.tolist()


def _found(store: Path) -> list[list[tuple[float, str, int]]]:
    build(store, Request(wish=Wish("flat")))
    with Searcher.open(store) as searcher:
        found = searcher.search(QUESTIONS, 1_000)
        # Of equal scores the order is that of the rows, which an import numbers anew.
        return [
            sorted((round(-hit.score, 5), hit.document, hit.chunk.start) for hit in each)
            for each in found
        ]


@given(_documents(), st.sampled_from(RULES), st.sampled_from(["npy", "parquet"]))
@settings(max_examples=25)
def test_an_export_that_is_imported_is_the_same_store_and_finds_the_same(
    documents: list[Document], rules: ChunkRules, form: str
) -> None:
    with TemporaryDirectory() as made:
        root = Path(made)
        _fill(root / "old", documents, rules)
        export(root / "old", root / "out", form=form)
        done = import_table(root / "out", root / "new")
        assert _holds(root / "new") == _holds(root / "old")
        assert _found(root / "new") == _found(root / "old")
        assert done.documents == len(documents)
        again = import_table(root / "out", root / "new")
        assert (again.documents, again.unchanged) == (0, len(documents))
        assert _holds(root / "new") == _holds(root / "old")


def test_the_folder_of_an_imported_store_is_ingested_without_embedding(
    filled: Run, folder: Path, store: Path, tmp_path: Path
) -> None:
    filled("index", "export", tmp_path / "out")
    assert filled("index", "import", tmp_path / "out", at=tmp_path / "new").code == 0
    result = filled("ingest", folder, "--json", at=tmp_path / "new")
    assert result.json["chunks"] == {"total": 6, "embedded": 0, "reused": 0}
    assert _holds(tmp_path / "new")[1:] == _holds(store)[1:]


def test_two_stores_are_joined(tmp_path: Path) -> None:
    documents = [_plain("a.md", "Маяк у моря."), _plain("b.md", "The gull tower.")]
    for name, document in zip("ab", documents, strict=True):
        _fill(tmp_path / name, [document], RULES[0])
        export(tmp_path / name, tmp_path / f"out {name}", form="parquet")
        import_table(tmp_path / f"out {name}", tmp_path / "both")
    _fill(tmp_path / "whole", documents, RULES[0])
    assert _holds(tmp_path / "both") == _holds(tmp_path / "whole")


def _plain(path: str, text: str) -> Document:
    return Document(path, path, text=text, sha256=f"{len(text):064}", language="en")


def test_a_document_of_another_content_is_not_replaced(tmp_path: Path) -> None:
    for name, text in [("one", "Маяк."), ("other", "Другой маяк.")]:
        _fill(tmp_path / name, [_plain("z.md", "First."), _plain("b.md", text)], RULES[0])
    _fill(tmp_path / "one", [_plain("a.md", "The gull.")], RULES[0])
    export(tmp_path / "one", tmp_path / "out", form="npy")
    before = _holds(tmp_path / "other")
    with pytest.raises(TableError, match=r"another 'b\.md' already; nothing was imported"):
        import_table(tmp_path / "out", tmp_path / "other")
    assert _holds(tmp_path / "other") == before


TEXTS = ["Маяк построили в 1911 году.", "The storm broke the lamp.", "На скалах живут чайки."]


def _own(folder: Path, rows: list[dict[str, Any]] | None = None, array: Any = None) -> Path:
    """A table as a user has it: a matrix and lines that say what its rows are."""
    folder.mkdir(exist_ok=True)
    rows = rows or [{"id": f"№{at}", "text": text} for at, text in enumerate(TEXTS)]
    vectors = get("hashing").embed([row["text"] for row in rows], role="document")
    np.save(folder / "vectors.npy", vectors if array is None else array)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "ids.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


@pytest.mark.parametrize("kind", ["npy", "float16", "parquet"])
def test_rows_of_ones_own_become_documents(tmp_path: Path, kind: str) -> None:
    folder = _own(tmp_path / "птицы")
    if kind == "float16":
        np.save(folder / "vectors.npy", np.load(folder / "vectors.npy").astype(">f2"))
    source = folder
    if kind == "parquet":
        import pyarrow as pa

        source = folder / "own.parquet"
        columns = {
            "id": [7, 8, 9],
            "text": TEXTS,
            "embedding": list(np.load(folder / "vectors.npy")),
        }
        parquet.write_table(pa.table(columns), source)
    done = import_table(source, tmp_path / "store", embedder="hashing")
    assert (done.documents, done.vectors) == (3, 3)
    documents, chunks, _ = _holds(tmp_path / "store")
    assert [each.chunk.text for each in chunks] == TEXTS
    assert [each.language for each in documents] == ["ru", "en", "ru"]
    names = ["7", "8", "9"] if kind == "parquet" else ["№0", "№1", "№2"]
    assert [each.id for each in documents] == names
    assert documents[0].path == f"{source.name}#{names[0]}"
    build(tmp_path / "store")
    with Searcher.open(tmp_path / "store") as searcher:
        assert searcher.search([TEXTS[1]], 1)[0][0].chunk.text == TEXTS[1]


def test_vectors_that_another_embedder_made_are_refused(tmp_path: Path) -> None:
    strange = np.random.default_rng(1).standard_normal((3, get("hashing").dimension))
    strange /= np.linalg.norm(strange, axis=1, keepdims=True)
    folder = _own(tmp_path / "own", array=strange)
    with pytest.raises(TableError, match="own is not of 'hashing'"):
        import_table(folder, tmp_path / "store", embedder="hashing")
    swapped = np.load(_own(tmp_path / "own") / "vectors.npy")[::-1]
    with pytest.raises(TableError, match="of 3 texts 1 are nearest"):
        import_table(_own(tmp_path / "own", array=swapped), tmp_path / "store", embedder="hashing")
    with pytest.raises(UsageError, match="does not say what its vectors were embedded with"):
        import_table(folder, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def _with(at: int, value: float) -> Callable[[Any], Any]:
    def changed(array: Any) -> Any:
        array[at, 3] = value
        return array

    return changed


ARRAYS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "NaN": (_with(1, np.nan), r"the vector 2 in .* is not finite"),
    "infinity": (_with(2, np.inf), r"the vector 3 in .* is not finite"),
    "zero": (lambda array: array * [[1], [1], [0]], r"the vector 3 in .* is zero"),
    "long": (lambda array: array * [[1], [3], [1]], r"the vector 2 in .* has the length 3, not 1"),
    "integers": (
        lambda array: (array * 100).astype(np.int8),
        r"is int8 of shape \(3, 256\), not a matrix",
    ),
    "complex": (lambda array: array.astype(np.complex64), "is complex64"),
    "flat": (lambda array: array.ravel(), "not a matrix of floats"),
    "narrow": (lambda array: array[:, :8], "have 8 dimensions, the embedder's 256"),
    "few": (lambda array: array[:2], "has more lines than the 2 vectors"),
    "many": (lambda array: np.concatenate([array, array]), "has 3 lines for the 6 vectors"),
    "objects": (lambda array: array.astype(object), "pickled objects, which run code"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_that_is_none_of_unit_vectors_is_refused(tmp_path: Path, name: str) -> None:
    change, message = ARRAYS[name]
    array = np.load(_own(tmp_path / "own") / "vectors.npy")
    _own(tmp_path / "own", array=change(array))
    with pytest.raises(TableError, match=message):
        import_table(tmp_path / "own", tmp_path / "store", embedder="hashing")
    assert not (tmp_path / "store").exists()


LINES = {
    "[1]": "line 2 of .* is no JSON object",
    "{": "line 2 of .* is no JSON",
    "": "line 2 of .* is no JSON",
    '{"id": "x", "text": "\\ud800"}': "line 2 of .* is no JSON",
    "[" * 100_000: "line 2 of .* is no JSON",
    '{"id": "№0", "text": "B"}': "holds 'own#№0' twice",
    '{"text": "B"}': "row 2 of .* has no id",
    '{"id": true, "text": "B"}': "row 2 of .* has no id",
    '{"id": "x", "text": " "}': "row 2 of .* has no text",
    '{"id": "x"}': "row 2 of .* has no text",
}


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:30])
def test_a_line_that_says_nothing_of_its_vector_is_named(tmp_path: Path, line: str) -> None:
    ids = _own(tmp_path / "own") / "ids.jsonl"
    lines = ids.read_text("utf-8").split("\n")
    ids.write_text("\n".join([lines[0], line, *lines[2:]]), encoding="utf-8")
    with pytest.raises(TableError, match=LINES[line]):
        import_table(tmp_path / "own", tmp_path / "store", embedder="hashing")
    assert not (tmp_path / "store").exists()


def test_files_that_are_not_read_say_why(tmp_path: Path) -> None:
    out = _own(tmp_path / "own")
    for name, message in {
        "a.faiss": "can name any file of this machine",
        "a.npz": r"neither \.npy nor \.parquet",
        "a.npy": "is no array of numpy",
        "a.parquet": "cannot be read",
        "none.npy": "no file",
    }.items():
        if name != "none.npy":
            (tmp_path / name).write_bytes(b"IxFI" + bytes(range(200)))
        with pytest.raises(TableError, match=message):
            import_table(tmp_path / name, tmp_path / "store", embedder="hashing")
    data = (out / "vectors.npy").read_bytes()
    (out / "vectors.npy").write_bytes(data[:-9])
    with pytest.raises(TableError, match="damaged"):
        import_table(out, tmp_path / "store", embedder="hashing")
    with pytest.raises(TableError, match="holds neither"):
        import_table(tmp_path, tmp_path / "store", embedder="hashing")
    assert not (tmp_path / "store").exists()


def test_an_export_that_was_changed_is_refused(filled: Run, store: Path, tmp_path: Path) -> None:
    del filled
    export(store, tmp_path / "out", form="npy")
    ids = tmp_path / "out/ids.jsonl"
    lines = ids.read_text("utf-8").split("\n")
    ids.write_text("\n".join([lines[1], lines[0], *lines[2:]]), encoding="utf-8")
    with pytest.raises(TableError, match=r"ids\.jsonl is not what was exported"):
        import_table(tmp_path / "out", tmp_path / "new")
    export(store, tmp_path / "table", form="parquet")
    table = parquet.read_table(tmp_path / "table/chunks.parquet")
    parquet.write_table(table[:5], tmp_path / "table/chunks.parquet")
    with pytest.raises(TableError, match="holds 5 chunks of 6"):
        import_table(tmp_path / "table", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_flipped_bit_of_a_table_is_seen(filled: Run, store: Path, tmp_path: Path) -> None:
    del filled
    export(store, tmp_path / "table", form="parquet")
    file = tmp_path / "table/chunks.parquet"
    data = bytearray(file.read_bytes())
    vector = get("hashing").embed(["x"], role="document").nbytes
    data[len(data) // 2 - vector] ^= 4
    file.write_bytes(data)
    with pytest.raises(TableError, match=r"cannot be read|is not|has the length"):
        import_table(tmp_path / "table", tmp_path / "new")


ROWS: dict[str, tuple[Callable[[list[Any]], object], str]] = {
    "swapped": (lambda rows: rows.insert(0, rows.pop(2)), "row 1 of .* is not chunk 1 of"),
    "shorter": (lambda rows: rows[1].update(text="x"), "row 2 of .* holds 1 characters"),
    "no span": (lambda rows: rows[1].pop("start"), "row 2 of .*: it has no 'start'"),
    "other file": (lambda rows: rows[0].update(file="b"), "row 1 of .* is none of the file 'b'"),
    "endless": (lambda rows: rows[0].update(end=1e999), "row 1 of .* inf is no number"),
    "control": (lambda rows: rows[0].update(text="\x1b" * rows[0]["end"]), "never writes"),
}


def _chunks_of_ones_own(tmp_path: Path) -> tuple[Path, list[Any]]:
    """An export whose vectors were made anew by another program."""
    text = " ".join(["The gull tower is high.", "Маяк светит.", "The lamp broke."] * 9)
    _fill(tmp_path / "old", [_plain("a.md", text)], RULES[1])
    export(tmp_path / "old", tmp_path / "out", form="npy")
    (tmp_path / "out/export.json").unlink()
    lines = (tmp_path / "out/ids.jsonl").read_text("utf-8").split("\n")
    return tmp_path / "out", [json.loads(line) for line in lines if line]


def test_chunks_embedded_elsewhere_keep_their_places(tmp_path: Path) -> None:
    out, _ = _chunks_of_ones_own(tmp_path)
    done = import_table(out, tmp_path / "new", embedder="hashing")
    assert done.chunks > 3
    assert _holds(tmp_path / "new") == _holds(tmp_path / "old")


@pytest.mark.parametrize("name", ROWS)
def test_a_chunk_that_is_not_as_exported_is_named(tmp_path: Path, name: str) -> None:
    out, rows = _chunks_of_ones_own(tmp_path)
    change, message = ROWS[name]
    change(rows)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (out / "ids.jsonl").write_text(lines, encoding="utf-8")
    with pytest.raises(TableError, match=message):
        import_table(out, tmp_path / "new", embedder="hashing")
    assert not (tmp_path / "new").exists()


def test_an_export_of_another_embedder_is_refused(filled: Run, store: Path, tmp_path: Path) -> None:
    del filled
    export(store, tmp_path / "out", form="npy")
    with pytest.raises(UsageError, match="was embedded with 'hashing', not 'e5-small'"):
        import_table(tmp_path / "out", tmp_path / "new", embedder="e5-small")
    origin = tmp_path / "out/export.json"
    said = json.loads(origin.read_text("utf-8"))
    origin.write_text(json.dumps({**said, "fingerprint": "hashing-0"}), encoding="utf-8")
    with pytest.raises(TableError, match="embedded with hashing-0, here is"):
        import_table(tmp_path / "out", tmp_path / "new")
    origin.write_text("{}", encoding="utf-8")
    with pytest.raises(TableError, match="not what an export writes"):
        import_table(tmp_path / "out", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_store_that_is_none_takes_nothing(filled: Run, store: Path, tmp_path: Path) -> None:
    export(store, tmp_path / "out", form="npy")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match="not a memctl store"):
        import_table(tmp_path / "out", tmp_path / "full")
    result = filled("index", "import", tmp_path / "out", "--json", at=tmp_path / "new")
    assert result.json["schema"] == "memctl.import/1"
    assert result.json["documents"] == {"added": 6, "unchanged": 0}
    result = filled("index", "import", tmp_path / "gone", at=tmp_path / "new")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("memctl: no file")
