"""``memctl status``: what a store holds."""

from __future__ import annotations

from pathlib import Path

from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import command, command_for, emit, green, say, size, yellow


@command
def status_cli(store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False) -> None:
    """Show the documents, chunks, sizes on disk, the embedder, and whether indexes are behind.

    Example: memctl status --json
    """
    from memctl.index import load, names
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
        manifests = [load(layout, name) for name in names(layout)]
        whole = {each.name: each.complete(layout.indexes / each.name) for each in manifests}
        bytes_ = {
            "catalog": _bytes(layout.catalog),
            "vectors": _bytes(layout.vectors),
            "indexes": _bytes(layout.indexes),
        }
        recipe = opened.settings.chunking
    indexes = [
        {
            "name": each.name,
            "type": each.type,
            "vectors": each.vectors,
            "generation": each.generation,
            "behind": each.revision != revision,
            "complete": whole[each.name],
        }
        for each in manifests
    ]
    fields = {
        "store": str(store),
        "files": counts.files,
        "not_read": counts.failed,
        "documents": counts.documents,
        "chunks": counts.chunks,
        "tokens": counts.tokens,
        "vectors": counts.vectors,
        "embedder": embedder,
        "chunking": {"max_tokens": recipe.max_tokens, "overlap_tokens": recipe.overlap_tokens},
        "bytes": bytes_,
        "indexes": indexes,
    }
    if as_json:
        emit("memctl.status/1", fields)
        return
    build = command_for("memctl index build", store)
    say(f"{green('Store')}      {store}")
    unread = f", {counts.failed:,} not read" if counts.failed else ""
    say(f"{green('Documents')}  {counts.documents:,} from {counts.files:,} files{unread}")
    say(f"{green('Chunks')}     {counts.chunks:,} of {counts.tokens:,} tokens together")
    say(f"{green('Embedder')}   {embedder['name']}, {embedder['dimension']} dimensions")
    parts = ", ".join(f"{name} {size(number)}" for name, number in bytes_.items())
    say(f"{green('On disk')}    {size(sum(bytes_.values()))}: {parts}")
    for each in indexes:
        state = "up to date"
        if each["behind"]:
            state = yellow(f"behind the corpus: {build}")
        if not each["complete"]:
            state = yellow(f"files are missing or cut: {build}")
        facts = f"{each['name']}, {each['type']}, {each['vectors']:,} vectors"
        say(f"{green('Index')}      {facts}, {state}")
    if not indexes:
        say(f"{green('Index')}      {yellow(f'none: {build}')}")


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
