"""A copy of a store without its indexes, also while another process writes to it."""

from __future__ import annotations

import shutil
from pathlib import Path

from memctl.ingest.database import unwritable
from memctl.ingest.errors import StoreError
from memctl.ingest.layout import Layout
from memctl.ingest.seal import seal
from memctl.ingest.store import Store


def copy_store(source: Path, target: Path) -> None:
    """Copy the documents, chunks, vectors and settings of a store into a new folder.

    The catalog is copied first: all vectors that it speaks of were written before it.

    Raises:
        StoreError: there is no store, the folder is there already, or it cannot be written.
    """
    if target.exists():
        raise StoreError(f"{target} is there already", hint="Name a new folder.")
    with Store.open(source) as opened:
        layout, partial = opened.layout, target.with_name(f"{target.name}.partial")
        try:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            made = Layout(partial, layout.generation)
            opened.catalog.copy_to(made.catalog)
            seal(made)
            for file in (layout.settings, layout.synonyms, *layout.root.glob("vectors-*.f16")):
                if file.is_file():
                    shutil.copyfile(file, partial / file.name)
            partial.rename(target)
        except OSError as error:
            raise unwritable(target, str(error)) from error
