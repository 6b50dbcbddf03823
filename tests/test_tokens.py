"""Tokens are counted offline, as o200k_base counts them, on any text."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memctl.ingest import tokens
from memctl.ingest.errors import MemctlError

if TYPE_CHECKING:
    import tiktoken

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
WORDS = st.lists(
    st.sampled_from(["Привет", "don't", "HTTPServer", "  ", "\n\n", "3141", "👩‍🔬", "e\u0301", "—"])
).map("".join)


@pytest.fixture(scope="module")
def reference() -> tiktoken.Encoding:
    """The encoding as tiktoken itself builds it, from the same folder."""
    import llama_index
    import tiktoken

    folder = Path(next(iter(llama_index.__path__))) / "core" / "_static" / "tiktoken_cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        return tiktoken.get_encoding("o200k_base")


@settings(deadline=None)
@given(text=ANY_TEXT | WORDS)
def test_a_count_is_that_of_o200k_base(text: str, reference: tiktoken.Encoding) -> None:
    assert tokens.count(text) == len(reference.encode_ordinary(text))


def test_known_counts_in_both_languages() -> None:
    assert [tokens.count(text) for text in ("", "hello world", "Привет, мир!")] == [0, 2, 5]


def test_the_name_of_a_special_token_is_ordinary_text() -> None:
    assert tokens.count("<|endoftext|>") == 7


@settings(deadline=None)
@given(text=ANY_TEXT | WORDS)
def test_ends_says_where_each_token_ends(text: str, reference: tiktoken.Encoding) -> None:
    expected: list[int] = []
    data = b""
    for token in reference.encode_ordinary(text):
        data += reference.decode_single_token_bytes(token)
        expected.append(sum(byte & 0xC0 != 0x80 for byte in data))
    assert list(tokens.ends(text)) == expected


def test_ends_holds_over_many_blocks() -> None:
    text = "Слово за словом, and word by word. " * 10_000
    ends = tokens.ends(text)
    assert list(ends) == sorted(ends)
    assert ends[-1] == len(text)
    assert abs(len(ends) - tokens.count(text)) <= len(text) // 30_000


@pytest.mark.parametrize("character", ["a", "Я", " ", "\n", ".", "\u0301", "漢", "7"])
def test_a_million_characters_of_one_kind_are_counted_in_pieces(character: str) -> None:
    piece = tokens.count(character * 1_000)
    assert tokens.count(character * 1_000_000) == 1_000 * piece
    assert len(tokens.ends(character * 1_000_000)) == pytest.approx(1_000 * piece, rel=0.02)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("x" * 1_000, ["x" * 1_000]),
        ("x" * 1_001, ["x" * 1_000, "x"]),
        ("да " + "x" * 2_000 + " нет", ["да " + "x" * 1_000, "x" * 1_000 + " нет"]),
        ("да" + " " * 1_500 + "нет", ["да" + " " * 1_000, " " * 500 + "нет"]),
    ],
)
def test_runs_are_cut_every_thousand_characters(text: str, pieces: list[str]) -> None:
    assert tokens.count(text) == sum(tokens.count(piece) for piece in pieces)


def test_counting_touches_neither_net_nor_llama_index_nor_environment() -> None:
    script = (
        "import os, socket, sys\n"
        "def refuse(*args, **kwargs): raise SystemExit('net')\n"
        "socket.socket.connect = refuse\n"
        "before = dict(os.environ)\n"
        "from memctl.ingest import tokens\n"
        "assert tokens.count('Привет, мир!') == 5\n"
        "assert dict(os.environ) == before\n"
        "assert not any(name.startswith('llama_index.core') for name in sys.modules)\n"
    )
    environment = {name: text for name, text in os.environ.items() if name != "TIKTOKEN_CACHE_DIR"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)


def _point_to(folder: Path, patch: pytest.MonkeyPatch) -> None:
    spec = ModuleSpec("llama_index", None)
    spec.submodule_search_locations = [str(folder)]

    def find(_name: str) -> ModuleSpec:
        return spec

    patch.setattr("importlib.util.find_spec", find)


def test_a_missing_table_is_an_error_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _point_to(tmp_path, monkeypatch)
    with pytest.raises(MemctlError, match=r"o200k_base .* is missing") as caught:
        tokens.table()
    assert "llama-index-core" in caught.value.hint


def test_a_damaged_table_is_an_error_and_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
    file = tmp_path / "core/_static/tiktoken_cache" / hashlib.sha1(name.encode()).hexdigest()
    file.parent.mkdir(parents=True)
    file.write_bytes(b"IQ== 0\n")
    _point_to(tmp_path, monkeypatch)
    with pytest.raises(MemctlError, match="damaged"):
        tokens.table()
    assert file.read_bytes() == b"IQ== 0\n"
