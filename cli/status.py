"""``memctl status``: what a store holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from memctl.cli.generations import beside_fields, beside_words
from memctl.cli.ingested import held
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import command, command_for, count, emit, green, say, size, wrapped, yellow

if TYPE_CHECKING:
    from memctl.ingest import Layout


_LABEL = 11  # columns


@command
def status_cli(store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False) -> None:
    """Show the documents, chunks, sizes on disk, the embedder, and whether indexes are behind.

    Example: memctl status --json
    """
    from memctl.index import names
    from memctl.ingest import Store

    with Store.open(store) as opened, opened.catalog.snapshot():
        counts = opened.catalog.counts()
        revision = opened.catalog.revision
        embedder = {
            "name": opened.catalog.meta("embedder"),
            "fingerprint": opened.fingerprint,
            "dimension": opened.vectors.dimension,
        }
        layout = opened.layout
        indexes = [_index(layout, name, revision) for name in names(layout)]
        bytes_ = {
            "catalog": _bytes(layout.catalog),
            "vectors": _bytes(layout.vectors),
            "indexes": _bytes(layout.indexes),
            "words": _bytes(layout.lexical),
        }
        words = _words(layout, revision)
        recipe = opened.settings.chunking
        beside = opened.beside()
        if beside is not None:
            bytes_["beside"] = _bytes(beside.layout.vectors) + _bytes(beside.layout.indexes)
        kept = beside_fields(opened)
    fields = {
        "store": str(store),
        "files": counts.files,
        "not_read": counts.failed,
        "parts_not_read": counts.parts,
        "partly_read": counts.partial,
        "documents": counts.documents,
        "chunks": counts.chunks,
        "tokens": counts.tokens,
        "vectors": counts.vectors,
        "embedder": embedder,
        "chunking": {"max_tokens": recipe.max_tokens, "overlap_tokens": recipe.overlap_tokens},
        "bytes": bytes_,
        "indexes": indexes,
        "words": words,
        "beside": kept,
    }
    if as_json:
        emit("memctl.status/1", fields)
        return
    build = command_for("memctl index build", store)
    say(f"{green('Store')}      {store}")
    say(f"{green('Documents')}  {held(counts)}")
    say(f"{green('Chunks')}     {counts.chunks:,} of {count(counts.tokens, 'token')} together")
    say(f"{green('Embedder')}   {embedder['name']}, {embedder['dimension']} dimensions")
    parts = ", ".join(f"{name} {size(number)}" for name, number in bytes_.items())
    _say("On disk", f"{size(sum(bytes_.values()))}: {parts}")
    for each in indexes:
        state = "up to date"
        if not each["complete"]:
            state = yellow(f"damaged: {build}")
        elif each["behind"]:
            state = yellow(f"behind the corpus: {build}")
        facts = f"{each['name']}, {each['type']}, {count(each['vectors'], 'vector')}"
        say(f"{green('Index')}      {facts}, {state}")
    if not indexes:
        say(f"{green('Index')}      {yellow(f'none: {build}')}")
    say(f"{green('Words')}      {_words_said(words, build)}")
    if kept is not None:
        label, said, next_ = beside_words(kept)
        _say(label, f"{said}: {command_for(next_, store)}")


def _words_said(words: dict[str, Any] | None, build: str) -> str:
    """Return what is to be said of the index of words."""
    if words is None or not words["complete"]:
        return yellow(f"{'none' if words is None else 'damaged'}: {build}")
    state = "behind the corpus, found all the same" if words["behind"] else "up to date"
    languages = ", ".join(words["languages"]) or "no language"
    return f"{count(words['texts'], 'text')} in {languages}, {state}"


def _words(layout: Layout, revision: int) -> dict[str, Any] | None:
    from memctl.index import IndexDamagedError, IndexNotFoundError
    from memctl.index.lexical import look

    try:
        manifest = look(layout)
    except IndexNotFoundError:
        return None
    except IndexDamagedError:
        return {"texts": 0, "languages": [], "behind": True, "complete": False}
    return {
        "texts": manifest.rows,
        "languages": list(manifest.languages),
        "behind": manifest.revision != revision,
        "complete": manifest.complete(layout.lexical),
    }


def _index(layout: Layout, name: str, revision: int) -> dict[str, Any]:
    from memctl.index import IndexDamagedError, load

    try:
        manifest = load(layout, name)
    except IndexDamagedError:
        return {"name": name, "type": "?", "vectors": 0, "behind": True, "complete": False}
    return {
        "name": name,
        "type": manifest.type,
        "vectors": manifest.vectors,
        "generation": manifest.generation,
        "behind": manifest.revision != revision,
        "complete": manifest.complete(layout.indexes / name),
    }


def _say(label: str, text: str) -> None:
    first, *rest = wrapped(text, indent=" " * _LABEL)
    say(f"{green(label)}{first[len(label) :]}")
    for line in rest:
        say(line)


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
