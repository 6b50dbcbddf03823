from __future__ import annotations

from pathlib import Path

import pytest
from readers_support import read_one, refusal

from memctl.ingest.document import Document

PYTHON = '''\
#!/usr/bin/env python
# Licence: MIT.
"""Маяк: what shines, and when."""

import os


# How bright it is.
@cache
def light(
    colour: str,
) -> int:
    """Return it."""
    return 1


class Tower(Base):
    """A tower."""

    height = 47

    def climb(self) -> None:
        def inner(): ...
        return inner
'''
SOURCES = {
    "a.py": (PYTHON, ["1 def light", "1 class Tower", "2 def climb"]),
    "a.js": (
        "/** Adds. */\nexport function add(a) {}\nexport default class Tower extends B {\n"
        "  // up\n  async climb(x) {}\n}\nconst f = (x) => x;\nlet y = 1;\n",
        ["1 function add", "1 class Tower", "2 async climb", "1 const f"],
    ),
    "a.ts": (
        "export interface A { x: number }\nabstract class B<T> {\n  private m(): void {}\n}\n"
        "type X = string;\nnamespace N {\n  export function q() {}\n}\n",
        "1 interface A|1 abstract class B|2 private m|1 type X|1 namespace N|2 function q".split(
            "|"
        ),
    ),
    "a.tsx": ("function App() { return <b>Маяк</b>; }\n", ["1 function App"]),
    "a.java": (
        "/** Doc. */\npublic class Tower<T> implements A {\n  @Override\n"
        "  public int climb(String c) { return 1; }\n}\n",
        ["1 public class Tower", "2 public int climb"],
    ),
    "a.c": (
        "struct tower { int h; };\nstatic inline int *climb(const char *s) { return 0; }\n",
        ["1 struct tower", "1 static inline int *climb"],
    ),
    "a.cpp": (
        "namespace sea {\ntemplate <typename T>\nclass Tower : public B {\n public:\n"
        "  int climb(int a) { return a; }\n};\n}\nint Tower::other(int b) { return b; }\n",
        ["1 class Tower", "2 int climb", "1 int Tower::other"],
    ),
    "a.go": (
        "package sea\n\n// Tower stands.\ntype Tower struct {}\n\n"
        "func (t *Tower) Climb(n int) error { return nil }\n",
        ["1 type Tower", "1 func (t *Tower) Climb"],
    ),
    "a.rs": (
        "/// A tower.\n#[derive(Debug)]\npub struct Tower { h: u32 }\nimpl Tower {\n"
        "    pub fn climb(&self) {}\n}\n",
        ["1 pub struct Tower", "1 impl Tower", "2 pub fn climb"],
    ),
    "a.rb": (
        "module Sea\n  class Tower < Base\n    def climb(n)\n      n\n    end\n  end\nend\n",
        ["1 module Sea", "2 class Tower", "3 def climb"],
    ),
    "a.php": (
        "<?php\nclass Tower {\n  public function climb(string $c): int { return 1; }\n}\n"
        "function f($x) { return $x; }\n",
        ["1 class Tower", "2 public function climb", "1 function f"],
    ),
    "a.sh": ("#!/bin/sh\n# build it\nbuild() {\n  make\n}\nbuild\n", ["1 build"]),
    "a.cs": (
        "namespace Sea {\n  /// Doc.\n  public class Tower : Base {\n    [Test]\n"
        "    public int Climb(string c) { return 1; }\n  }\n}\n",
        ["1 public class Tower", "2 public int Climb"],
    ),
    "a.kt": (
        "class Tower(val h: Int) {\n    fun climb(c: String): Int = 1\n}\nfun main() {}\n",
        ["1 class Tower", "2 fun climb", "1 fun main"],
    ),
}


def pieces(document: Document) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks]


@pytest.mark.parametrize("name", SOURCES)
def test_functions_and_classes_have_headings(tmp_path: Path, name: str) -> None:
    text, expected = SOURCES[name]
    document = read_one(tmp_path, name, text)
    assert document.text == text
    assert [f"{heading.level} {heading.title}" for heading in document.headings] == expected
    assert {block.kind for block in document.blocks} == {"code"}


def test_a_definition_begins_with_its_comments_and_what_stands_first_is_prose(
    tmp_path: Path,
) -> None:
    document = read_one(tmp_path, "a.py", PYTHON)
    assert [piece.split("\n")[0] for piece in pieces(document)] == [
        "import os",
        "# How bright it is.",
        "class Tower(Base):",
        "def climb(self) -> None:",
    ]
    assert document.text[: document.blocks[0].start].endswith('shines, and when."""\n\n')
    assert [h.start for h in document.headings] == [b.start for b in document.blocks[1:]]


def test_a_comment_with_a_gap_below_it_belongs_to_what_is_above(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.py", "x = 1\n# about x\n\ndef f(): ...\n")
    assert pieces(document) == ["x = 1\n# about x", "def f(): ..."]


def test_without_a_grammar_code_is_parted_at_blank_lines_before_the_margin(
    tmp_path: Path,
) -> None:
    document = read_one(
        tmp_path, "a.lua", "-- Маяк\nlocal x = 1\n\nfunction f()\n\n  return x\nend\n"
    )
    assert pieces(document) == ["-- Маяк\nlocal x = 1", "function f()\n\n  return x\nend"]
    assert document.headings == ()


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("unit", ["|-\n", "(((", "class A{", "== a\n", "<!--", '"'])
def test_what_is_no_code_is_kept_whole(tmp_path: Path, name: str, unit: str) -> None:
    text = unit * (12_000 // len(unit)) + "\nend\n"
    document = read_one(tmp_path, name, text)
    assert document.text == text
    assert pieces(document)[-1].endswith("end")


def test_a_file_of_blanks_has_no_text(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.py", "\n \n") == ("no_text", "no text in it")
