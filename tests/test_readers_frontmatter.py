from __future__ import annotations

from pathlib import Path

import pytest
from readers_support import read_one


def test_front_matter_is_cut_off_and_gives_the_title(tmp_path: Path) -> None:
    text = '---\ntitle: "Маяк: история"\ntags:\n  - sea\n---\n\n# Other\n\ntext\n'
    document = read_one(tmp_path, "a.md", text)
    assert document.title == "Маяк: история"
    assert document.text == "# Other\n\ntext\n"
    assert document.headings[0].start == 0


FRONT = """\
---
title: Маяк
tags: [море, light]
author:
  name: Анна Котова
date: 2021-05-06
updated: 2021-05-07 10:20:30
draft: true
rating: 4.5
empty:
---
Text.
"""


def test_front_matter_is_metadata(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.md", FRONT)
    assert (document.title, document.text) == ("Маяк", "Text.\n")
    assert document.metadata == {
        "tags": ("море", "light"),
        "author": ("Анна Котова",),
        "date": ("2021-05-06",),
        "modified": ("2021-05-07 10:20:30",),
        "draft": ("true",),
        "rating": ("4.5",),
    }


@pytest.mark.parametrize(
    ("front", "found"),
    [
        ('+++\ntitle = "T"\ntags = ["a", "б"]\n[more]\nx = 2021-05-06\n+++\n', {"tags", "more"}),
        ("---\nТеги: a, б\nавтор: Анна\n---\n", {"tags", "author"}),
    ],
)
def test_front_matter_may_be_toml_or_russian(tmp_path: Path, front: str, found: set[str]) -> None:
    document = read_one(tmp_path, "a.md", front + "Text.\n")
    assert document.text == "Text.\n"
    assert document.metadata.keys() == found
    assert document.metadata["tags"] == ("a", "б")


@pytest.mark.parametrize(
    "front",
    [
        "---\ntitle: a: b: c\n---\n",
        "---\na: !!python/object/apply:os.system [id]\n---\n",
        "---\na: &x [1, 2]\nb: *x\n---\n",
        "---\na: " + "[" * 5_000 + "\n---\n",
        "+++\na = \n+++\n",
        "+++\na = " + "[" * 5_000 + "\n+++\n",
    ],
)
def test_front_matter_that_is_bad_stays_text(tmp_path: Path, front: str) -> None:
    document = read_one(tmp_path, "a.md", front + "Text.\n")
    assert document.text == front + "Text.\n"
    assert document.metadata == {}


@pytest.mark.parametrize(
    "text", ["---\n\nA rule above.\n\n---\n", "---\nJust a sentence.\n---\nmore\n", "---\na: b\n"]
)
def test_a_rule_at_the_top_is_not_front_matter(tmp_path: Path, text: str) -> None:
    assert read_one(tmp_path, "a.md", text).text == text
