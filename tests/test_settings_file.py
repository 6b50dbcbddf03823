"""The settings of a store as editors save them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from support import Run

from memctl.ingest import SettingsError
from memctl.ingest.settings import Settings, load
from memctl.ingest.settingslines import renamed


def test_the_mark_that_some_editors_put_before_utf_8_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "memctl.toml"
    file.write_bytes(Settings().to_toml().replace("\n", "\r\n").encode("utf-8-sig"))
    assert load(file) == Settings()
    assert 'name = "hashing"' in renamed(file, "hashing")


@pytest.mark.parametrize(
    ("encoding", "said"), [("cp1251", "see line 3"), ("utf-16", "it is UTF-16")]
)
def test_another_encoding_is_named_with_the_way_out(
    tmp_path: Path, encoding: str, said: str
) -> None:
    file = tmp_path / "memctl.toml"
    file.write_bytes("format = 1\n[search]\nmode = 'hybrid'  # как обычно\n".encode(encoding))
    for read in (load, partial(renamed, name="hashing")):
        with pytest.raises(SettingsError, match=f"not saved in UTF-8: {said}") as caught:
            read(file)
        assert "save it with the encoding UTF-8" in caught.value.hint


def test_a_command_says_it_in_two_lines(filled: Run, store: Path) -> None:
    file = store / "memctl.toml"
    file.write_bytes(file.read_bytes() + "# заметка\n".encode("cp1251"))
    result = filled("query", "лампа")
    assert (result.code, result.out) == (1, "")
    assert len(result.err.splitlines()) == 2
    assert "memctl.toml is not saved in UTF-8" in result.err
