"""Types of index drawn on the user's own vectors."""

from __future__ import annotations

import struct
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from support import Run
from vector_store import clustered, make_store

from memctl.cli.chart import AXES, page, png, svg
from memctl.index import sweep
from memctl.index.sweep import Swept
from memctl.ingest import StoreError, UsageError


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("plot") / "склад", clustered(900, 32))


@pytest.fixture(scope="module")
def swept(root: Path) -> Swept:
    return sweep(root, ["flat", "pq-fs", "hnsw"], sample=800)


def test_every_type_is_measured_and_exact_search_finds_all(swept: Swept) -> None:
    assert swept.vectors == 800
    assert {point.type for point in swept.points} == {"flat", "pq-fs", "hnsw"}
    (exact,) = [point for point in swept.points if point.type == "flat"]
    assert exact.recall.mean == 1.0
    for point in swept.points:
        assert 0 <= point.recall.low <= point.recall.mean <= point.recall.high <= 1
        assert point.milliseconds > 0
        assert point.bytes_on_disk > 8


def test_more_effort_finds_no_less(swept: Swept) -> None:
    codes = [point.recall.mean for point in swept.points if point.type == "pq-fs"]
    assert len(codes) > 3
    assert codes == sorted(codes)


def test_nothing_is_left_in_the_store(root: Path) -> None:
    before = sorted(path.name for path in root.rglob("*"))
    sweep(root, ["sq8"], sample=100)
    assert sorted(path.name for path in root.rglob("*")) == before


class _Links(HTMLParser):
    """Collects what a page would fetch, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_a_page_needs_nothing_else_and_shows_names_as_text(swept: Swept) -> None:
    made = page(swept, 'Склад <script>alert(1)</script> & "q"')
    parser = _Links()
    parser.feed(made)
    assert parser.fetched == []
    assert "script" not in parser.tags
    assert parser.tags.count("svg") == len(AXES)
    assert parser.tags.count("tr") == len(swept.points) + 1
    assert "Склад &lt;script&gt;" in made


def test_points_stand_inside_of_their_chart(swept: Swept) -> None:
    for axis in AXES:
        drawn = ET.fromstring(svg(swept, axis))
        circles = drawn.iter("{http://www.w3.org/2000/svg}circle")
        for circle in circles:
            assert 0 < float(circle.get("cx", "0")) < 640
            assert 0 < float(circle.get("cy", "0")) < 400


def test_a_png_is_one_of_three_charts(swept: Swept, tmp_path: Path) -> None:
    png(swept, "Склад $x$", tmp_path / "p.png")
    head = (tmp_path / "p.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:24]) == (1650, 550)


def test_the_command_draws_and_tells(root: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "рисунок.html"
    result = run("index", "plot", "--types", "flat, sq8", "--out", out, "--json", at=root)
    assert (result.code, result.json["schema"]) == (0, "memctl.index.plot/1")
    assert {point["type"] for point in result.json["points"]} == {"flat", "sq8"}
    assert out.read_text("utf-8").startswith("<!doctype html>")
    told = run("index", "plot", "--types", "flat", "--out", out, at=root)
    assert "flat" in told.out
    assert "Drawn" in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "x.pdf"], "ends in .html or .png"),
        (["--out", "nowhere/x.html"], "no folder"),
        (["--types", "flatt"], "Did you mean 'flat'"),
    ],
)
def test_wrong_words_are_told_before_the_work(
    root: Path, run: Run, words: list[str], said: str
) -> None:
    result = run("index", "plot", *words, at=root)
    assert result.code == 2
    assert said in " ".join(result.err.split())


def test_a_store_of_one_vector_has_nothing_to_compare(tmp_path: Path) -> None:
    one = make_store(tmp_path / "one", clustered(1, 8))
    with pytest.raises(StoreError, match="too few"):
        sweep(one, ["flat"])
    with pytest.raises(UsageError):
        sweep(make_store(tmp_path / "two", clustered(3, 8)), ["nosuch"])
