from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers_support import outcome, read_one, refusal


def text_of(folder: Path, html: str) -> str:
    return read_one(folder, "a.html", html).text


def test_a_page_is_read_as_its_reader_sees_it(tmp_path: Path) -> None:
    document = read_one(
        tmp_path,
        "a.html",
        "<!doctype html><title>The tower &amp; the sea</title><style>p{}</style>"
        "<nav><a href=/>Home</a></nav><script>var a = '<p>no</p>'</script>"
        "<h1>Маяк</h1><!-- secret --><p>Built  in\n<b>19</b>11.<br>It is&nbsp;tall.</p>"
        "<h2>Parts <i>of</i> it</h2><div>one<div>two</div>three</div>"
        "<pre>def f():\n    return 1</pre>",
    )
    assert document.title == "The tower & the sea"
    assert document.text == (
        "Маяк\n\nBuilt in 1911.\nIt is\xa0tall.\n\nParts of it\n\none\n\ntwo\n\nthree\n\n"
        "def f():\n    return 1"
    )
    assert [(h.level, h.title) for h in document.headings] == [(1, "Маяк"), (2, "Parts of it")]
    (code,) = document.blocks
    assert document.text[code.start : code.end] == "def f():\n    return 1"


@pytest.mark.parametrize(
    "hidden",
    [
        "<div hidden>secret</div>",
        '<div aria-hidden="true">secret</div>',
        '<p style="color: red; DISPLAY : none">secret</p>',
        '<p style="visibility:hidden">secret</p>',
        "<noscript>secret</noscript>",
        "<template><p>secret</p></template>",
        "<svg><text>secret</text></svg>",
        "<aside>secret</aside>",
        "<form><label>secret</label><button>Go</button></form>",
        "<header>secret</header>",
        "<footer><a href=/>secret</a></footer>",
    ],
)
def test_what_is_hidden_or_beside_the_text_is_left_out(tmp_path: Path, hidden: str) -> None:
    assert text_of(tmp_path, f"<p>The visible text</p>{hidden}<p>after</p>") == (
        "The visible text\n\nafter"
    )


def test_a_header_does_not_take_the_main_heading_with_it(tmp_path: Path) -> None:
    html = (
        "<header>Slogan<h1>Site</h1></header>"
        "<article><header><h1>Маяк</h1>by Anna</header>{}</article>"
    )
    assert text_of(tmp_path, html.format("<p>Text</p>")) == "Маяк\n\nby Anna\n\nText"
    assert text_of(tmp_path, "<header>Buy<h1>Site</h1></header><p>Long text</p>") == (
        "Site\n\nLong text"
    )


def test_a_form_around_the_whole_page_is_the_page(tmp_path: Path) -> None:
    html = "<form><p>The tower was built in 1911.</p><input value=x></form><p>end</p>"
    assert text_of(tmp_path, html) == "The tower was built in 1911.\n\nend"


def test_a_footer_of_words_stays_and_one_of_links_goes(tmp_path: Path) -> None:
    page = "<p>The tower was built in 1911.</p><footer>{}</footer>"
    assert text_of(tmp_path, page.format("Harbour 5, Kem")).endswith("Harbour 5, Kem")
    assert text_of(tmp_path, page.format("<a>Imprint</a> <a>Jobs</a>")).endswith("1911.")


def test_the_main_part_is_taken_alone_where_it_is_most_of_the_text(tmp_path: Path) -> None:
    html = "<div>menu</div><main><p>The tower was built in 1911.</p></main><div>ads</div>"
    assert text_of(tmp_path, html) == "The tower was built in 1911."
    html = "<main>x</main><p>The tower was built in 1911.</p>"
    assert text_of(tmp_path, html) == "x\n\nThe tower was built in 1911."


def test_the_items_of_a_list_stand_on_lines(tmp_path: Path) -> None:
    html = (
        "<ul><li>one<li>two<ol><li>inner <a>link</a></ol></li><li><p>three</p><p>more</p></ul>end"
    )
    assert text_of(tmp_path, html) == "- one\n- two\n  - inner link\n- three\n  more\n\nend"


def test_a_table_is_rows_of_cells_and_a_layout_table_is_unwrapped(tmp_path: Path) -> None:
    document = read_one(
        tmp_path,
        "a.html",
        "<table><caption>Parts</caption><tr><th>part<th><th>m</tr><tr><td><p>the</p>mast<td>"
        "<td>47</tr></table><table><tr><td>only cell</td></tr></table>"
        "<table><tr><td><h2>Head</h2>left<td>right</table>",
    )
    assert document.text == ("Parts\npart | m\nthe mast | 47\n\nonly cell\n\nHead\n\nleft\n\nright")
    assert [document.text[b.start : b.end] for b in document.blocks] == [
        "Parts\npart | m\nthe mast | 47"
    ]


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-8", "utf-16"])
def test_russian_pages_are_read_in_the_charset_they_declare(tmp_path: Path, encoding: str) -> None:
    html = f'<meta http-equiv="Content-Type" content="text/html; charset={encoding}"><p>Маяк светит'
    assert read_one(tmp_path, "a.html", html.encode(encoding)).text == "Маяк светит"


DEEP = 300_000


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * DEEP,
        "<ul><li>" * DEEP,
        "<b>" * DEEP,
        "<table><tr><td>" * 50_000,
        "<p>" * DEEP,
        "<div>" * 1_000 + "</div>" * 1_000,
        "<table><tr>" + "<td>" * 9_000 + "<p>" * 50_000,
    ],
)
def test_depth_does_not_break_the_reader_or_lose_the_text(tmp_path: Path, html: str) -> None:
    assert text_of(tmp_path, html + "the text").strip("- |") == "the text"


def test_blocks_after_a_deep_place_are_parted_again(tmp_path: Path) -> None:
    html = "<div>" * 5_000 + "deep" + "</div>" * 5_000 + "<p>one</p><p>two</p>"
    assert text_of(tmp_path, html).endswith("deep\n\none\n\ntwo")


MENU = "<ul><li><a>Home</a><li><a>News</a><li><a>Новости</a></ul>"
BANNER = "We use cookies <a>more</a>"
TEXT = "<p>The tower was built in 1911, and its lamp has been lit every night since then.</p>"


@pytest.mark.parametrize(
    "beside",
    [
        f"<nav>{MENU}</nav>",
        f"<div role=navigation>{MENU}</div>",
        f'<div class="left-sidebar wide">{MENU}</div>',
        f'<table class="navbox"><tr><td>{MENU}<td>more</table>',
        f'<div class="vector-menu-content mw-interlanguage">{MENU}</div>',
        f'<div id="cookie-banner">{BANNER}</div>',
        f'<section class="gdpr">{BANNER}</section>',
        f'<ul class="breadcrumbs">{MENU}</ul>',
        '<span class="mw-editsection">[edit]</span><a class="headerlink">¶</a>',
    ],
)
def test_menus_and_banners_are_left_out_where_there_is_a_text(tmp_path: Path, beside: str) -> None:
    html = f"<body class='menu sidebar'>{beside}{TEXT}{beside}<p>after</p>"
    assert text_of(tmp_path, html) == (
        "The tower was built in 1911, and its lamp has been lit every night since then.\n\nafter"
    )


@pytest.mark.parametrize(
    "around",
    [
        "<div class=content-sidebar-wrap><main>{}</main></div>",
        "<div class=has-sidebar>{}</div>",
        "<div class=page-sidebar><article>{}</article></div>",
        "<div class=modal>{}</div>",
    ],
)
def test_a_class_that_sounds_like_a_menu_does_not_hide_the_text(
    tmp_path: Path, around: str
) -> None:
    html = f"<div class=menu>{MENU}</div>{around.format(TEXT)}"
    assert "The tower was built in 1911" in text_of(tmp_path, html)


@pytest.mark.parametrize(
    "around", ["<nav>{}</nav>", "<div class=menu>{}</div>", "<aside>{}</aside>"]
)
def test_a_page_that_is_a_menu_keeps_it(tmp_path: Path, around: str) -> None:
    assert text_of(tmp_path, around.format(MENU)) == "- Home\n- News\n- Новости"


def test_what_a_page_says_of_itself_is_its_metadata(tmp_path: Path) -> None:
    html = (
        '<html lang=ru><meta name=author content="Анна Котова"><meta name=keywords content="a, б">'
        '<meta property="article:published_time" content="2021-05-06"><meta name=robots content=x>'
        "<p>text"
    )
    assert read_one(tmp_path, "a.html", html).metadata == {
        "author": ("Анна Котова",),
        "keywords": ("a", "б"),
        "date": ("2021-05-06",),
        "language": ("ru",),
    }


@pytest.mark.parametrize("html", ["<!--" * 50_000, "<a " * 50_000, "<script>x", "<nav></nav>"])
def test_a_page_without_visible_text_is_refused(tmp_path: Path, html: str) -> None:
    assert refusal(tmp_path, "a.html", html) == ("no_text", "no text in it")


TAGS = (
    "<p> </p> <h1> </h1> <h3> <ul> <li> </ul> <table> <tr> <td> </table> <pre> </pre> <main> "
    "</main> <header> <br> <a> </a> <nav>"
).split()


@given(st.lists(st.one_of(st.sampled_from(TAGS), st.text(max_size=5)), max_size=30))
def test_any_mixture_of_tags_is_read_or_has_no_text(parts: list[str]) -> None:
    html = "".join(parts).encode("utf-8", "replace")
    with TemporaryDirectory() as folder:
        code, document = outcome(Path(folder), "a.html", html)
    assert code in {"", "no_text", "encoding"}
    for heading in document.headings if document else ():
        assert document
        assert document.text[heading.start : heading.end] == heading.title
