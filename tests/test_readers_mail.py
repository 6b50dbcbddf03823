from __future__ import annotations

import base64
from email.message import EmailMessage, Message
from pathlib import Path

import pytest
from parts_support import codes, read_parts, texts
from readers_support import refusal

from memctl.ingest.readers.headers import addresses, decoded, parameter
from memctl.ingest.readers.letter import iso_date, unfold

LETTER = """\
From: =?koi8-r?B?6dfBzg==?= <ivan@example.ru>
To: "Смирнова, Анна" <anna@example.ru>, bob@example.org
Cc: c@example.org
Subject: =?windows-1251?Q?=CE=F2=F7=B8=F2?=
 =?windows-1251?Q?_=E7=E0_=EC=E0=E9?=
Date: Mon, 5 Feb 2024 10:00:00 +0300
Message-ID: <77@example.ru>
Content-Type: text/plain; charset={charset}
Content-Transfer-Encoding: 8bit

Добрый день!

Отчёт во вложении, маяк стоит на скале.

> Где отчёт?
--
Иван
"""


def word(text: str, charset: str) -> str:
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


def letter(charset: str, *, declared: str | None = None) -> bytes:
    return LETTER.format(charset=declared or charset).encode(charset)


def multipart(kind: str, *parts: str, head: str = "") -> bytes:
    joined = "".join(f"--b\n{part}\n" for part in parts)
    return (
        f"Subject: s\n{head}Content-Type: multipart/{kind}; boundary=b\n\n{joined}--b--\n".encode()
    )


def header_named(name: str, value: str) -> Message:
    message = Message()
    message[name] = value
    return message


@pytest.mark.parametrize("charset", ["utf-8", "koi8-r", "windows-1251", "cp866", "iso-8859-5"])
def test_a_letter_is_its_headers_and_its_text_in_whatever_charset(
    tmp_path: Path, charset: str
) -> None:
    (document,), problems = read_parts(tmp_path, "a.eml", letter(charset))
    assert problems == []
    assert document.title == "Отчёт за май"
    assert document.text == (
        "From: Иван <ivan@example.ru>\n"
        "To: Смирнова, Анна <anna@example.ru>, bob@example.org\n"
        "Cc: c@example.org\n"
        "Date: Mon, 5 Feb 2024 10:00:00 +0300\n"
        "Subject: Отчёт за май\n\n"
        "Добрый день!\n\nОтчёт во вложении, маяк стоит на скале.\n\n> Где отчёт?\n--\nИван"
    )
    assert document.metadata == {
        "from": ("Иван <ivan@example.ru>",),
        "to": ("Смирнова, Анна <anna@example.ru>", "bob@example.org"),
        "cc": ("c@example.org",),
        "subject": ("Отчёт за май",),
        "date": ("2024-02-05T10:00:00+03:00",),
        "message_id": ("77@example.ru",),
    }
    assert document.language == "ru"


@pytest.mark.parametrize("declared", ["koi8-r", "iso-8859-1", "us-ascii", "x-unknown-77", "utf-8"])
def test_a_charset_that_is_declared_wrongly_is_not_believed(tmp_path: Path, declared: str) -> None:
    data = letter("windows-1251", declared=declared)
    (document,), _ = read_parts(tmp_path, "a.eml", data)
    assert "маяк стоит на скале" in document.text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (word("Маяк", "koi8-r"), "Маяк"),
        (f"Re: {word('счёт', 'utf-8')} final", "Re: счёт final"),
        ("=?utf-8?Q?=D0=9F=D1=80=D0?= =?utf-8?Q?=B8=D0=B2=D0=B5=D1=82?=", "Привет"),
        ("=?utf-8?q?a?=  =?utf-8?q?b?= c", "ab c"),
        (f"=?koi8-r?B?{base64.b64encode('Договор'.encode('cp1251')).decode()}?=", "Договор"),
        ("=?iso-8859-1?Q?M=FCller?=", "Müller"),
        ("=?x-unknown?Q?hello_there?=", "hello there"),
        ("Привет".encode("cp1251").decode("ascii", "surrogateescape"), "Привет"),
        (word("こんにちは", "shift_jis"), "こんにちは"),
        (word("안녕하세요", "ks_c_5601-1987"), "안녕하세요"),
        (word("שלום", "windows-1255"), "שלום"),
        ("=?utf-8?B?aGVsbG8?=", "hello"),
        ("=?broken", "=?broken"),
    ],
)
def test_encoded_words_are_decoded_also_where_they_are_wrong(raw: str, expected: str) -> None:
    assert decoded(raw) == expected


def test_addresses_with_comments_without_end_are_kept_as_they_are() -> None:
    assert addresses(header_named("To", "(" * 30_000), "to") == ("(" * 30_000,)


@pytest.mark.parametrize(
    "value",
    [
        "attachment; filename*0*=koi8-r''%EF%D4%DE%A3; filename*1*=%D4.pdf",
        'attachment; filename="=?windows-1251?B?zvL3uPIucGRm?="',
        'attachment; filename="Отчёт.pdf"'.encode("cp1251").decode("ascii", "surrogateescape"),
    ],
)
def test_the_name_of_a_file_is_decoded_in_whatever_way_it_was_encoded(value: str) -> None:
    message = header_named("Content-Disposition", value)
    assert parameter(message, "filename", of="content-disposition") == "Отчёт.pdf"


def test_a_date_is_iso_s_or_nothing() -> None:
    assert iso_date("Mon, 5 Feb 2024 10:00:00 +0300 (MSK)") == "2024-02-05T10:00:00+03:00"
    assert iso_date("Mon, 35 Feb 2024 99:00") == ""
    assert iso_date("") == ""


def test_flowed_lines_are_put_together_within_their_depth_of_quotes() -> None:
    flowed = "Это длинная \nстрока.\n> first \n> second\n>> deeper \n-- \nИван \n"
    assert unfold(flowed) == ("Это длинная строка.\n> first second\n>> deeper \n-- \nИван ")
    assert unfold("сло \nво", joined=True) == "слово"


def test_of_alternatives_the_plain_one_is_read(tmp_path: Path) -> None:
    plain = "Content-Type: text/plain\n\nThe plain text of the letter."
    rich = "Content-Type: text/html\n\n<p>The rich text of the letter.</p>"
    (document,), _ = read_parts(tmp_path, "a.eml", multipart("alternative", plain, rich))
    assert document.text == "Subject: s\n\nThe plain text of the letter."


def test_html_is_read_where_the_plain_text_only_says_that_it_is_there(tmp_path: Path) -> None:
    plain = "Content-Type: text/plain\n\nView this in a browser."
    rich = f"Content-Type: text/html; charset=utf-8\n\n<h1>Скидки</h1>{'<p>Маяк.</p>' * 90}"
    (document,), _ = read_parts(tmp_path, "a.eml", multipart("alternative", plain, rich))
    assert document.text.startswith("Subject: s\n\nСкидки\n\nМаяк.\n\nМаяк.")
    assert "browser" not in document.text


def test_html_loses_its_scripts_and_what_is_hidden(tmp_path: Path) -> None:
    data = (
        b"Subject: s\nContent-Type: text/html\n\n<style>p{}</style><script>var k</script>"
        b"<p style='display:none'>secret</p><footer><p>Hello &amp; goodbye</p></footer>"
        b"<table><tr><td>a</td><td>b</td></tr></table>"
    )
    (document,), _ = read_parts(tmp_path, "a.eml", data)
    assert document.text == "Subject: s\n\nHello & goodbye\n\na | b"


def test_attachments_are_documents_of_their_own(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Вложения"
    message.set_content("See the files.")
    message.add_attachment("Текст.", filename="записка.txt")
    message.add_attachment("Another.", filename="записка.txt")
    message.add_attachment(b"<p>page</p>", "text", "html", filename="../../page.html")
    message.add_attachment(
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image", "jpeg", filename="photo.jpg"
    )
    message.add_attachment(b"%PDF-1.4 no", "application", "pdf", filename="broken.pdf")
    documents, problems = read_parts(tmp_path, "a.eml", message.as_bytes())
    assert texts(documents) == {
        "a.eml": "Subject: Вложения\n\nSee the files.",
        "a.eml#записка.txt": "Текст.\n",
        "a.eml#(2) записка.txt": "Another.\n",
        "a.eml#page.html": "page",
    }
    assert codes(problems) == {"a.eml#photo.jpg": "unsupported", "a.eml#broken.pdf": "bad_format"}


def test_files_of_an_alternative_that_is_not_read_are_not_lost(tmp_path: Path) -> None:
    inner = (
        "Content-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: text/html\n\n<p>rich</p>\n"
        "--c\nContent-Type: text/csv; name=list.txt\nContent-Disposition: attachment\n\nфайл\n--c--"
    )
    data = multipart("alternative", "Content-Type: text/plain\n\nplain words", inner)
    documents, _ = read_parts(tmp_path, "a.eml", data)
    assert texts(documents) == {"a.eml": "Subject: s\n\nplain words", "a.eml#list.txt": "файл"}


def test_pictures_of_a_page_and_signatures_are_passed_over(tmp_path: Path) -> None:
    data = multipart(
        "related",
        "Content-Type: text/html\n\n<p>with a logo</p><img src=cid:1>",
        "Content-Type: image/png\nContent-ID: <1>\n\nxx",
        "Content-Type: application/pgp-signature; name=signature.asc\n\nxx",
    )
    documents, problems = read_parts(tmp_path, "a.eml", data)
    assert (texts(documents), problems) == ({"a.eml": "Subject: s\n\nwith a logo"}, [])


def test_a_letter_in_a_letter_is_a_letter(tmp_path: Path) -> None:
    inner = EmailMessage()
    inner["Subject"] = "Внутри"
    inner.set_content("Письмо в письме.")
    outer = EmailMessage()
    outer["Subject"] = "Снаружи"
    outer.set_content("Forwarded.")
    outer.add_attachment(inner)
    documents, problems = read_parts(tmp_path, "a.eml", outer.as_bytes())
    assert problems == []
    assert [document.title for document in documents] == ["Снаружи", "Внутри"]
    assert documents[1].path == "a.eml#Внутри.eml"
    assert documents[1].text.endswith("Письмо в письме.")


@pytest.mark.parametrize(
    "data",
    [
        multipart("encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1"),
        b"Subject: s\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIIB",
        b"Subject: s\n\n-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----\n",
    ],
)
def test_an_encrypted_letter_is_told_to_be_one(tmp_path: Path, data: bytes) -> None:
    assert refusal(tmp_path, "a.eml", data) == ("encrypted", "the letter opens only with a key")


def test_what_is_no_mail_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.eml", "Просто текст.")[0] == "bad_format"
    assert refusal(tmp_path, "a.eml", b"\n\n")[0] == "no_text"


def test_parts_over_the_limits_are_named_and_the_others_are_read(tmp_path: Path) -> None:
    many = multipart("mixed", *(f"Content-Type: text/plain\n\npart {n}" for n in range(300)))
    (document,), (problem,) = read_parts(tmp_path, "a.eml", many)
    assert "part 198" in document.text
    assert "part 199" not in document.text
    assert problem.code == "bomb"
    deep = "Subject: s\n"
    for n in range(60):
        deep += f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"
    deep += "Content-Type: text/plain\n\ninnermost\n"
    (document,), (problem,) = read_parts(tmp_path, "a.eml", deep.encode())
    assert (document.text, problem.code) == ("Subject: s", "bomb")


def test_a_mailbox_is_cut_at_lines_that_part_letters_and_nowhere_else(tmp_path: Path) -> None:
    parting = b"From a@x Mon Jan  1 10:00:00 2024\n"
    data = (
        parting
        + b"Message-ID: <1@x>\nSubject: one\n\nbody\nFrom here on.\n\nFrom the start.\n>From me\n\n"
        + parting
        + "Subject: two\nContent-Type: text/plain; charset=koi8-r\n\nПривет, как дела?\n\n".encode(
            "koi8-r"
        )
        + parting
        + b"\nno headers\n\n"
        + parting
        + b"Message-ID: <1@x>\nSubject: again\n\nlast"
    )
    for ends in (data, data.replace(b"\n", b"\r\n")):
        documents, problems = read_parts(tmp_path, "a.mbox", ends)
        assert texts(documents) == {
            "a.mbox#1@x": "Subject: one\n\nbody\nFrom here on.\n\nFrom the start.\nFrom me",
            "a.mbox#2": "Subject: two\n\nПривет, как дела?",
            "a.mbox#(2) 1@x": "Subject: again\n\nlast",
        }
        assert codes(problems) == {"a.mbox#3": "bad_format"}


def test_a_line_that_parts_letters_may_tell_no_time_where_a_header_follows(tmp_path: Path) -> None:
    data = (
        "From maria Mon Apr 1\nSubject: one\n\nFrom maria Mon Apr 1\nno header follows.\n\n"
        "From пристани Mon видно: маяк\nSubject: in a body\n\n"
        "From maria Tue Apr 2 2024\nSubject: two\n\nbody\n"
        "From ivan@x.ru\nSubject: no empty line before\n\n"
        "From ivan@x.ru\nSubject: три\n\nПривет!\nFrom here\nNote: this is still three\n\n"
        "From here\nNote: and this"
    )
    documents, problems = read_parts(tmp_path, "a.mbox", data.encode())
    assert list(texts(documents)) == ["a.mbox#1", "a.mbox#2", "a.mbox#3"]
    assert "видно: маяк\nSubject: in a body" in texts(documents)["a.mbox#1"]
    assert texts(documents)["a.mbox#3"].endswith("From here\nNote: and this")
    assert problems == []


def test_a_letter_that_is_too_large_costs_itself_only(tmp_path: Path) -> None:
    parting = b"From a@x Mon Jan  1 10:00:00 2024\n"
    large = parting + b"Subject: large\n\n" + b"x" * 3_000_000 + b"\n\n"
    data = large + parting + b"Subject: small\n\nbody"
    documents, problems = read_parts(tmp_path, "a.mbox", data, max_bytes=1_000_000)
    assert codes(problems) == {"a.mbox#1": "too_large"}
    assert texts(documents) == {"a.mbox#2": "Subject: small\n\nbody"}


def test_what_is_no_mailbox_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.mbox", b"") == ("no_text", "no letter in it")
    assert refusal(tmp_path, "a.mbox", b"hello")[0] == "bad_format"
