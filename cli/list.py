"""``memctl list``: the documents of a store."""

from __future__ import annotations

from memctl.cli.options import DEFAULT_STORE, JsonLinesOption, StoreOption
from memctl.cli.output import command, safe, say, to_json


@command
def list_cli(store: StoreOption = DEFAULT_STORE, as_json: JsonLinesOption = False) -> None:
    """List the documents, one a line; with --json, a JSON object a line.

    Example: memctl list | grep pdf
    """
    from memctl.ingest import Store

    with Store.open(store) as opened:
        for record in opened.catalog.documents():
            if not as_json:
                say(safe(record.path))
                continue
            fields = {
                "document": record.path,
                "document_id": record.id,
                "title": record.title,
                "language": record.language,
                "characters": record.characters,
                "pages": len(record.pages),
                "sha256": record.sha256,
                "metadata": {name: list(values) for name, values in record.metadata.items()},
            }
            say(to_json(fields))
