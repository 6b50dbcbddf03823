"""Real files of other projects' test suites, read where they lie."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import Run

from memctl.ingest.readers import SUFFIXES

ZOO = Path(__file__).parent.parent.parent / "shared/data/filezoo"

# Locked against printing and changing: the empty password opens them to readers.
OPEN = {
    "pypdf__r6-user-password.pdf",
    "tika__testPDF_protected.pdf",
    "unstructured__copy-protected.pdf",
}

pytestmark = pytest.mark.skipif(not ZOO.is_dir(), reason=f"no files at {ZOO}")


@pytest.fixture(scope="module")
def zoo() -> list[dict[str, Any]]:
    """What is said of each file: its format, its group, and words that must be in its text."""
    return json.loads((ZOO / "manifest.json").read_text("utf-8"))


def _ours(file: dict[str, Any]) -> bool:
    return file["file"].lower().endswith(tuple(SUFFIXES))


def test_every_file_is_read_or_listed_with_a_reason(run: Run, zoo: list[dict[str, Any]]) -> None:
    result = run("ingest", ZOO / "files", "--embedder", "hashing", "--strict", "--json")
    assert result.code == 5
    failures = {failure["path"]: failure for failure in result.json["failures"]}
    read = {line.split("#")[0] for line in run("list").out.splitlines()}
    assert read | failures.keys() == {file["file"] for file in zoo}
    assert all(failure["reason"] for failure in failures.values())
    codes = {file["file"]: failures.get(file["file"], {}).get("code", "read") for file in zoo}
    assert "crashed" not in codes.values()
    for file in filter(_ours, zoo):
        if file["group"] == "empty":
            assert codes[file["file"]] == "no_text"
        if file["group"] == "locked" and file["file"] not in OPEN:
            assert codes[file["file"]] == "encrypted"
    _expect_words(run, [file for file in zoo if _ours(file) and file["group"] == "ok"])


def _expect_words(run: Run, files: list[dict[str, Any]]) -> None:
    texts: dict[str, str] = {}
    for line in run("dump").out.splitlines():
        row = json.loads(line)
        name = row["document"].split("#")[0]
        texts[name] = texts.get(name, "") + row["text"]
    found = [
        " ".join(words.split()) in " ".join(texts.get(file["file"], "").split())
        for file in files
        for words in file["contains"]
    ]
    assert len(found) >= 70
    assert sum(found) >= 0.98 * len(found)
