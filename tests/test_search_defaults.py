from __future__ import annotations

from pathlib import Path

import pytest
from support import Run, edit

from memctl.ingest import SettingsError
from memctl.ingest.settings import load
from memctl.ingest.settingslines import changed


def _set(store: Path, **values: str | bool | int) -> None:
    file = store / "memctl.toml"
    edit(file, changed(file, "search", values))


def test_commands_search_as_the_settings_say_unless_they_are_told(filled: Run, store: Path) -> None:
    def stages() -> set[str]:
        found = filled("query", "gull tower", "--explain", "--json").json["hits"]
        return set(found[0]["explain"]["stages"])

    assert stages() == {"dense", "lexical", "fused"}
    _set(store, mode="lexical")
    assert stages() == {"lexical"}
    assert set(
        filled("query", "gull tower", "--mode", "dense", "--explain", "--json").json["hits"][0][
            "explain"
        ]["stages"]
    ) == {"dense"}
    _set(store, mode="hybrid", rerank=True)
    assert "reranked" in stages()
    off = filled("query", "gull tower", "--no-rerank", "--explain", "--json").json["hits"][0]
    assert "reranked" not in off["explain"]["stages"]
    _set(store, mode="lexical", rerank=False)
    assert "by meaning" not in filled("why", "gull tower", "--doc", "en/tower.md").out
    assert filled("ask", "Who built the gull tower?").code == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('mode = "both"', "search.mode is 'both'"),
        ("candidates = 0", "search.candidates is 0"),
        ('rerank = "yes"', "search.rerank is 'yes'"),
        ("depth = 3", "unknown setting 'depth'"),
        ('fusion = "sum"', "'sum'"),
    ],
)
def test_wrong_defaults_are_named(filled: Run, store: Path, line: str, said: str) -> None:
    edit(store / "memctl.toml", f"format = 1\n[search]\n{line}\n")
    refused = filled("query", "gull tower")
    assert refused.code in {1, 2}
    assert said in refused.err


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_settings_change_and_all_else_stays(tmp_path: Path, end: str) -> None:
    file = tmp_path / "memctl.toml"
    text = end.join(
        [
            "# mine",
            "[search]  # how",
            'mode = "hybrid"   # both',
            "rerank = false",
            "[limits]",
            "seconds = 9",
            "",
        ]
    )
    file.write_bytes(text.encode())
    made = changed(file, "search", {"mode": "lexical", "candidates": 7})
    assert made == text.replace('"hybrid"', '"lexical"').replace(
        f"# how{end}", f"# how{end}candidates = 7{end}"
    )
    file.write_bytes(made.encode())
    settings = load(file)
    assert (settings.search.mode, settings.search.candidates) == ("lexical", 7)
    added = changed(file, "chunking", {"max_tokens": 200})
    assert added.startswith(made.rstrip())
    file.write_text(added, encoding="utf-8")
    assert load(file).chunking.max_tokens == 200


@pytest.mark.parametrize("text", ['search = {mode = "hybrid"}', "search = 3", "[search", "\udcff"])
def test_settings_that_cannot_be_changed_safely_are_left(tmp_path: Path, text: str) -> None:
    file = tmp_path / "memctl.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError):
        changed(file, "search", {"mode": "lexical"})
