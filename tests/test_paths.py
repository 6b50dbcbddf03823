"""Names that differ are documents that differ, whatever is in them."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from readers_support import source

from memctl.ingest import Options, Store, Summary, ingest
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import opened
from memctl.ingest.readers.members import Labels

TEXTS = {
    "a b.txt": "Маяк построен в 1911 году.",
    "a  b.txt": "The lamp was first lit in 1912.",
    " c.txt": "Смотритель вёл журнал.",
    "c.txt": "The keeper kept a log.",
    "C# notes.txt": "A sharp note.",
    "ё\u00a0ж.txt": "Неразрывный пробел.",
}


def _ingest(folder: Path, store: Path, *, prune: bool = False) -> Summary:
    return ingest([folder], store, options=Options("hashing", prune=prune))


def _texts(store: Path) -> dict[str, str]:
    with Store.open(store) as opened_store:
        return {
            each.chunk.document: each.chunk.text.strip() for each in opened_store.catalog.chunks()
        }


def _ids(store: Path) -> list[str]:
    with Store.open(store) as opened_store:
        return sorted(record.id for record in opened_store.catalog.documents())


def _zip(file: Path, members: dict[str, str]) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    folder = tmp_path / "odd"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_names_that_differ_in_blanks_alone_are_different_documents(odd: Path, store: Path) -> None:
    summary = _ingest(odd, store)
    assert (summary.added, summary.failures) == (len(TEXTS), [])
    expected = {name.replace("\u00a0", "\\xa0"): text for name, text in TEXTS.items()}
    assert _texts(store) == expected
    assert _ids(store) == sorted(expected)


def test_a_renamed_file_with_blanks_takes_its_document_along(odd: Path, store: Path) -> None:
    _ingest(odd, store)
    (odd / "a  b.txt").rename(odd / "z  z.txt")
    summary = _ingest(odd, store)
    assert (summary.moved, summary.embedded) == (1, 0)
    texts = _texts(store)
    assert texts["z  z.txt"] == TEXTS["a  b.txt"]
    assert texts["a b.txt"] == TEXTS["a b.txt"]
    assert "a  b.txt" not in texts
    assert _ids(store) == sorted(texts)


def test_rows_whose_ids_differ_in_blanks_alone_are_different_documents(
    tmp_path: Path, store: Path
) -> None:
    folder = tmp_path / "rows"
    folder.mkdir()
    ids = ["a b", "a  b", "a\nb", " ё ", "ё"]
    rows = [{"_id": name, "text": f"Запись {number}"} for number, name in enumerate(ids)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "log.jsonl").write_text(lines, encoding="utf-8")
    assert _ingest(folder, store).failures == []
    assert _ids(store) == sorted(["a b", "a  b", "a\\nb", " ё ", "ё"])


def test_a_member_and_a_file_of_one_path_do_not_take_each_others_place(
    tmp_path: Path, store: Path
) -> None:
    folder = tmp_path / "both"
    folder.mkdir()
    _zip(folder / "a.zip", {"x.txt": "In the archive."})
    (folder / "a.zip#x.txt").write_text("Рядом с архивом.", encoding="utf-8")
    summary = _ingest(folder, store)
    assert [(each.path, each.code) for each in summary.failures] == [
        ("a.zip#x.txt", "duplicate_path")
    ]
    assert _texts(store) == {"a.zip#x.txt": "In the archive."}
    again = _ingest(folder, store)
    assert [each.code for each in again.failures] == ["duplicate_path"]
    (folder / "a.zip#x.txt").rename(folder / "x.txt")
    (folder / "x.txt").write_text("Рядом с архивом, теперь.", encoding="utf-8")
    assert _ingest(folder, store, prune=True).failures == []
    assert _texts(store)["x.txt"] == "Рядом с архивом, теперь."


def test_a_moved_archive_leaves_a_file_of_its_members_path_alone(
    tmp_path: Path, store: Path
) -> None:
    folder = tmp_path / "both"
    folder.mkdir()
    _zip(folder / "a.zip", {"x.txt": "In the archive.", "y.txt": "И это в архиве."})
    (folder / "b.zip#x.txt").write_text("Beside it.", encoding="utf-8")
    _ingest(folder, store)
    (folder / "a.zip").rename(folder / "b.zip")
    _ingest(folder, store)
    summary = _ingest(folder, store)
    assert _texts(store) == {"b.zip#x.txt": "Beside it.", "b.zip#y.txt": "И это в архиве."}
    assert [(each.path, each.code) for each in summary.failures] == [
        ("b.zip#x.txt", "duplicate_path")
    ]


def test_members_of_members_have_paths_of_their_own(tmp_path: Path, store: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.txt", "Deep inside.")
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("b.zip", inner.getvalue())
        archive.writestr("b.zip#x.txt", "Снаружи.")
    assert _ingest(folder, store).failures == []
    assert _texts(store) == {
        "a.zip#b.zip#x.txt": "Deep inside.",
        "a.zip#b.zip\\x23x.txt": "Снаружи.",
    }


def test_a_label_that_was_taken_gets_the_next_number() -> None:
    labels = Labels()
    taken = [labels.take(name) for name in ("x", "x", "(2) x", "x", "д/x", "д/x")]
    assert taken == ["x", "(2) x", "(2) (2) x", "(3) x", "д/x", "д/(2) x"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_links_in_an_archive_are_counted_as_its_parts(tmp_path: Path, store: Path) -> None:
    folder = tmp_path / "links"
    folder.mkdir()
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for _ in range(10_050):
            link = zipfile.ZipInfo("x")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
    (failure,) = [each for each in _ingest(folder, store).failures if each.path == "a.zip"]
    assert failure.code == "bomb"


@pytest.mark.skipif(os.name == "nt", reason="links take rights there")
def test_what_was_put_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret", encoding="utf-8")
    found = source(tmp_path / "a.txt", b"text", name="a.txt")
    (tmp_path / "a.txt").unlink()
    (tmp_path / "a.txt").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="symbolic links"):
        found.read_bytes()
    (tmp_path / "a.txt").unlink()
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(UnreadableError, match="not a regular file"):
        opened(tmp_path / "a.txt")
