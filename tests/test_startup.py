from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "charset_normalizer",
    "detect_secrets",
    "docutils",
    "faiss",
    "filelock",
    "httpx",
    "llama_index",
    "markdown_it",
    "mcp",
    "mcp_types",
    "numpy",
    "olefile",
    "onnx",
    "onnxruntime",
    "phonenumbers",
    "pymorphy3",
    "pypdf",
    "pypdfium2",
    "pysubs2",
    "selectolax",
    "sentencepiece",
    "spellchecker",
    "sqlite3",
    "starlette",
    "stdnum",
    "tiktoken",
    "tokenizers",
    "torch",
    "tree_sitter",
    "watchfiles",
    "xlrd",
    "yaml",
}


def _loaded(code: str) -> set[str]:
    """Return the top-level modules that a fresh Python has loaded after ``code``."""
    script = f"{code}\nimport sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True
    )
    return set(result.stdout.splitlines()[-1].split())


def test_help_loads_nothing_heavy() -> None:
    code = """
import sys
from memctl.cli.app import app
try:
    app(["--help"])
except SystemExit:
    pass
"""
    # Typer shows its help with rich, which brings markdown_it.
    assert _loaded(code) & (HEAVY - {"markdown_it"}) == set()


@pytest.mark.parametrize(
    "module", ["memctl.ingest", "memctl.index", "memctl.memory", "memctl.query"]
)
def test_a_face_loads_no_library_that_only_some_calls_need(module: str) -> None:
    assert _loaded(f"import {module}") & (HEAVY - {"numpy", "sqlite3"}) == set()
