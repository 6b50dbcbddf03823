from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts_support import codes, read_parts, texts, with_budget
from readers_support import refusal

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Budget
from memctl.ingest.readers.members import Labels, encoding_of, safe_label


def zipped(*members: tuple[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members:
            file.writestr(name, data)
    return stream.getvalue()


def zipped_raw(names: list[bytes]) -> bytes:
    """Write names as bytes, without a word on their encoding, as old programs do."""
    fillers = [f"{number:03}".ljust(len(name), "x").encode() for number, name in enumerate(names)]
    data = zipped(*((filler.decode(), "text") for filler in fillers))
    for filler, name in zip(fillers, names, strict=True):
        data = data.replace(filler, name)
    return data


def tarred(mode: str, *members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as file:  # type: ignore[call-overload]
        for member, data in members:
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def of_kind(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


def file(name: str) -> tarfile.TarInfo:
    return tarfile.TarInfo(name)


def test_each_member_is_read_as_the_file_that_it_is(tmp_path: Path) -> None:
    data = zipped(
        ("письма/привет.txt", "Привет, мир"),
        ("page.html", "<title>Title</title><p>words"),
        ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"),
        ("broken.pdf", b"no"),
        ("folder/", ""),
    )
    documents, problems = read_parts(tmp_path, "a.zip", data)
    assert texts(documents) == {
        "a.zip#письма/привет.txt": "Привет, мир",
        "a.zip#page.html": "words",
    }
    assert documents[1].title == "Title"
    assert codes(problems) == {"a.zip#photo.jpg": "unsupported", "a.zip#broken.pdf": "bad_format"}


def test_names_are_labels_and_never_lead_anywhere(tmp_path: Path) -> None:
    names = (
        "../../etc/passwd.txt",
        "/abs.txt",
        "C:\\win\\a.txt",
        "a/./b/../c.txt",
        "e\x1b[2J\n.txt",
    )
    documents, _ = read_parts(tmp_path, "a.zip", zipped(*((name, "text") for name in names)))
    assert [document.path for document in documents] == [
        "a.zip#etc/passwd.txt",
        "a.zip#abs.txt",
        "a.zip#win/a.txt",
        "a.zip#a/b/c.txt",
        "a.zip#e\\x1b[2J\\n.txt",
    ]


@given(st.text(max_size=400))
def test_a_label_is_safe_whatever_the_name(name: str) -> None:
    label = safe_label(name)
    assert label.isprintable()
    assert not {"", ".", ".."} & set(label.split("/")) or not label
    assert len(label) <= 301
    assert Labels().take(name)


def test_two_members_of_one_name_have_two_labels() -> None:
    labels = Labels()
    taken = [labels.take(name) for name in ("a/b.tar.gz", "a/b.tar.gz", "/a/b.tar.gz", "", "..")]
    assert taken == ["a/b.tar.gz", "a/(2) b.tar.gz", "a/(3) b.tar.gz", "part", "(2) part"]


@pytest.mark.parametrize("encoding", ["cp866", "cp1251", "koi8-r", "utf-8"])
def test_russian_names_are_told_by_their_letters(tmp_path: Path, encoding: str) -> None:
    names = ["Договор поставки.txt", "Папка/Отчёт за май.txt", "ПРИКАЗ.TXT", "plain.txt"]
    data = zipped_raw([name.encode(encoding) for name in names])
    documents, _ = read_parts(tmp_path, "a.zip", data)
    assert [document.path for document in documents] == [f"a.zip#{name}" for name in names]


def test_names_of_the_west_are_in_cp437_as_the_format_has_it(tmp_path: Path) -> None:
    data = zipped_raw(["Übung.txt".encode("cp437")])
    documents, _ = read_parts(tmp_path, "a.zip", data)
    assert [document.path for document in documents] == ["a.zip#Übung.txt"]
    assert encoding_of(b"") == "utf-8"


def test_a_name_in_the_extra_field_of_info_zip_is_taken(tmp_path: Path) -> None:
    raw, name = b"xxxx.txt", "忘年会.txt"
    field = struct.pack("<BI", 1, zlib.crc32(raw)) + name.encode()
    member = zipfile.ZipInfo(raw.decode())
    member.extra = struct.pack("<HH", 0x7075, len(field)) + field
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(member, "text")
    documents, _ = read_parts(tmp_path, "a.zip", stream.getvalue())
    assert [document.path for document in documents] == [f"a.zip#{name}"]


def test_hidden_members_and_a_mac_s_shadows_are_passed_over(tmp_path: Path) -> None:
    hidden = (".git/config.txt", "a/.hidden.txt", "__MACOSX/._a.txt", "__MACOSX/a.txt")
    data = zipped(*((name, "text") for name in hidden), ("a.txt", "seen"))
    documents, problems = read_parts(tmp_path, "a.zip", data)
    assert (texts(documents), problems) == ({"a.zip#a.txt": "seen"}, [])


def test_links_and_devices_are_named_and_not_followed(tmp_path: Path) -> None:
    link, device = zipfile.ZipInfo("link.txt"), zipfile.ZipInfo("device.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    device.external_attr = (stat.S_IFCHR | 0o666) << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr(device, "")
    _, problems = read_parts(tmp_path, "a.zip", stream.getvalue())
    assert codes(problems) == {"a.zip#link.txt": "symlink", "a.zip#device.txt": "not_regular"}
    data = tarred(
        "w:",
        (of_kind("soft.txt", tarfile.SYMTYPE, "/etc/passwd"), b""),
        (of_kind("hard.txt", tarfile.LNKTYPE, "../x"), b""),
        (of_kind("device.txt", tarfile.CHRTYPE), b""),
        (of_kind("pipe.txt", tarfile.FIFOTYPE), b""),
    )
    _, problems = read_parts(tmp_path, "a.tar", data)
    assert codes(problems) == {
        "a.tar#soft.txt": "symlink",
        "a.tar#hard.txt": "symlink",
        "a.tar#device.txt": "not_regular",
        "a.tar#pipe.txt": "not_regular",
    }


def _locked(data: bytes, *, members: int) -> bytes:
    """Set the flag of encryption on the first ``members`` members, in both of their headers."""
    raw = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        for _ in range(members):
            at = raw.index(mark, at + 1)
            raw[at + offset] |= 1
    return bytes(raw)


def test_members_under_a_password_are_named_and_so_is_an_archive_of_nothing_else(
    tmp_path: Path,
) -> None:
    data = zipped(("a.txt", "secret"), ("b.txt", "open"))
    documents, problems = read_parts(tmp_path, "a.zip", _locked(data, members=1))
    assert texts(documents) == {"a.zip#b.txt": "open"}
    assert codes(problems) == {"a.zip#a.txt": "encrypted"}
    assert refusal(tmp_path, "a.zip", _locked(data, members=2))[0] == "encrypted"


def test_archives_in_archives_are_read_to_a_depth(tmp_path: Path) -> None:
    data = zipped(("deep.txt", "текст на дне"))
    for level in (3, 2, 1):
        data = zipped((f"{level}.zip", data))
    documents, problems = read_parts(tmp_path, "0.zip", data)
    assert (texts(documents), problems) == (
        {"0.zip#1.zip#2.zip#3.zip#deep.txt": "текст на дне"},
        [],
    )
    documents, problems = read_parts(tmp_path, "x.zip", zipped(("0.zip", data)))
    assert (documents, [problem.code for problem in problems]) == ([], ["bomb"])


def test_what_is_unpacked_is_counted_and_not_what_the_archive_says(tmp_path: Path) -> None:
    swollen = gzip.compress(bytes(3_000_000))
    lying = swollen[:-4] + struct.pack("<I", 10)  # the size that gzip tells
    for name, data in (("a.txt.gz", lying), ("a.zip", zipped(("a.txt", bytes(3_000_000))))):
        documents, problems = read_parts(tmp_path, name, data, max_bytes=1_000_000)
        assert (documents, codes(problems)) == ([], {f"{name}#a.txt": "too_large"})


def test_the_members_of_an_archive_share_a_budget(tmp_path: Path) -> None:
    inner = zipped(*((f"{number}.txt", "x" * 400) for number in range(10)))
    data = zipped(("a.zip", inner), ("b.zip", inner))
    found = with_budget(tmp_path, "x.zip", data, Budget(members=22))
    assert sum(isinstance(each, Document) for each in found) == 20
    for budget in (Budget(members=15), Budget(inflated=8_000)):
        with pytest.raises(UnreadableError) as caught:
            with_budget(tmp_path, "x.zip", data, budget)
        assert caught.value.code == "bomb"


def test_members_that_overlap_are_a_bomb(tmp_path: Path) -> None:
    data = bytearray(zipped(("a.txt", "first"), ("b.txt", "second")))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    data[second + 42 : second + 46] = bytes(4)  # where its local header is
    assert refusal(tmp_path, "a.zip", bytes(data))[0] == "bomb"


def test_an_archive_that_is_damaged_or_empty_is_refused(tmp_path: Path) -> None:
    data = zipped(("a.txt", os.urandom(5_000)))
    assert refusal(tmp_path, "a.zip", data[:2_000])[0] == "bad_format"
    assert refusal(tmp_path, "a.zip", b"hello")[0] == "bad_format"
    assert refusal(tmp_path, "a.zip", zipped())[0] == "no_text"
    assert refusal(tmp_path, "a.tar", b"hello" * 200)[0] == "bad_format"
    assert refusal(tmp_path, "a.tar", tarred("w:"))[0] == "no_text"
    assert refusal(tmp_path, "a.gz", b"hello")[0] == "bad_format"


def test_damaged_data_cost_their_member_only(tmp_path: Path) -> None:
    data = bytearray(zipped(("a.txt", "first " * 99), ("b.txt", "second")))
    data[40:44] = b"\xff\xff\xff\xff"
    documents, problems = read_parts(tmp_path, "a.zip", bytes(data))
    assert texts(documents) == {"a.zip#b.txt": "second"}
    assert codes(problems) == {"a.zip#a.txt": "bad_format"}


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("w:", "a.tar"),
        ("w:gz", "a.tar.gz"),
        ("w:gz", "a.TGZ"),
        ("w:bz2", "a.tbz2"),
        ("w:xz", "a.txz"),
    ],
)
def test_a_tar_archive_is_read_however_it_is_packed(tmp_path: Path, mode: str, name: str) -> None:
    data = tarred(
        mode, (file("п/привет.txt"), "Привет".encode()), (file("a.md"), b"# Title\n\ntext")
    )
    documents, problems = read_parts(tmp_path, name, data)
    assert problems == []
    assert texts(documents) == {f"{name}#п/привет.txt": "Привет", f"{name}#a.md": "# Title\n\ntext"}


def test_names_in_a_tar_archive_may_be_in_koi8(tmp_path: Path) -> None:
    name = "Договор.txt".encode("koi8-r").decode("utf-8", "surrogateescape")
    documents, _ = read_parts(tmp_path, "a.tar", tarred("w:", (file(name), b"text")))
    assert [document.path for document in documents] == ["a.tar#Договор.txt"]


def test_a_tar_archive_that_is_damaged_in_the_middle_does_not_just_end(tmp_path: Path) -> None:
    data = bytearray(tarred("w:", (file("a.txt"), b"first"), (file("b.txt"), b"second")))
    data[1024 + 100 : 1024 + 120] = b"x" * 20
    assert refusal(tmp_path, "a.tar", bytes(data)) == (
        "bad_format",
        "a damaged or cut TAR archive",
    )


def test_a_tar_archive_with_a_size_below_zero_is_refused(tmp_path: Path) -> None:
    data = bytearray(tarred("w:", (file("a.txt"), b"first"), (file("b.txt"), b"second")))
    data[1024 + 124 : 1024 + 136] = b"\xff" * 8 + struct.pack(">i", -1024)
    data[1024 + 148 : 1024 + 156] = b" " * 8
    total = sum(data[1024:1536])
    data[1024 + 148 : 1024 + 156] = f"{total:06o}\0 ".encode()
    assert refusal(tmp_path, "a.tar", bytes(data))[0] == "bad_format"


@pytest.mark.parametrize(
    ("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)]
)
def test_one_packed_file_is_the_file_in_it(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    name = f"записка.txt{suffix}"
    documents, problems = read_parts(tmp_path, name, pack("Записка о маяке".encode()))
    assert (texts(documents), problems) == ({f"{name}#записка.txt": "Записка о маяке"}, [])
    _, problems = read_parts(tmp_path, name, pack(b"x" * 9_000)[:-12])
    assert codes(problems) == {f"{name}#записка.txt": "bad_format"}
