"""Files that a question names come before what is in none of them."""

from __future__ import annotations

from pathlib import Path

from support import Run


def test_of_two_named_files_each_comes_before_all_others(run: Run, tmp_path: Path) -> None:
    texts = {
        "a_1.md": "Смета на крышу: доски и гвозди. A budget of boards and nails.",
        "z_1.md": "Погода была тихой. The weather was calm.",
        "other.md": "Смета, доски, гвозди, крыша: всё о смете. Boards, nails, a budget of boards.",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    assert run("ingest", tmp_path, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    for question in ("смета на доски в a_1.md и z_1.md", "budget of boards in a_1.md and z_1.md"):
        hits = run("query", question, "--json").json["hits"]
        assert [hit["document"] for hit in hits] == ["a_1.md", "z_1.md", "other.md"]
