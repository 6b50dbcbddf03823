from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
LAYERS = ("cli", "query", "memory", "index", "ingest")


def test_every_package_is_listed_for_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = set(settings["tool"]["setuptools"]["packages"])
    found = {
        "memctl." + ".".join(folder.relative_to(ROOT).parts)
        for layer in LAYERS
        for folder in (ROOT / layer, *(ROOT / layer).rglob("*"))
        if (folder / "__init__.py").exists()
    }
    assert listed == found


def test_every_layer_tells_that_it_is_typed() -> None:
    assert all((ROOT / layer / "py.typed").exists() for layer in LAYERS)
