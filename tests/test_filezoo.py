"""Real files of other projects' test suites, read where they lie."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from support import Run

ZOO = Path(__file__).parent.parent.parent / "shared/data/filezoo"

# Locked against printing and changing: the empty password opens them to readers.
OPEN = {
    "pypdf__r6-user-password.pdf",
    "tika__testPDF_protected.pdf",
    "unstructured__copy-protected.pdf",
}
# Formats that nothing here reads.
FOREIGN = (".one", ".pages", ".ppt", ".tsd")

pytestmark = pytest.mark.skipif(not ZOO.is_dir(), reason=f"no files at {ZOO}")


@pytest.fixture(scope="module")
def zoo() -> list[dict[str, Any]]:
    """What is said of each file: its format, its group, and words that must be in its text."""
    return json.loads((ZOO / "manifest.json").read_text("utf-8"))


def test_every_file_is_read_or_listed_with_a_reason(run: Run, zoo: list[dict[str, Any]]) -> None:
    result = run("ingest", ZOO / "files", "--embedder", "hashing", "--strict", "--json")
    assert result.code == 5
    assert all(failure["reason"] for failure in result.json["failures"])
    codes: dict[str, set[str]] = defaultdict(set)  # of a file and of its parts
    for failure in result.json["failures"]:
        codes[failure["path"].split("#")[0]].add(failure["code"])
    read = {line.split("#")[0] for line in run("list").out.splitlines()}
    assert read | codes.keys() == {file["file"] for file in zoo}
    found = {code for some in codes.values() for code in some}
    assert found == {"bad_format", "encrypted", "garbled", "no_text", "unsupported"}
    for file in zoo:
        _expect_code(file, codes[file["file"]])
    _expect_words(run, [file for file in zoo if file["group"] == "ok"])


def _expect_code(file: dict[str, Any], codes: set[str]) -> None:
    name = file["file"]
    if name.endswith(FOREIGN):
        assert codes == {"unsupported"}, name
    elif file["group"] == "empty":
        assert codes == {"no_text"}, name
    elif file["group"] == "locked":
        assert codes == (set() if name in OPEN else {"encrypted"}), name


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
    assert len(found) >= 180
    assert sum(found) >= 0.98 * len(found)
