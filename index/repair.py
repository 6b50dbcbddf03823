"""Make again what can be made again of a damaged store, and say what is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from memctl.index import integrity
from memctl.index import manifest as manifests
from memctl.index.build import Request, build_in
from memctl.index.choose import Wish
from memctl.index.errors import IndexDamagedError, IndexNotFoundError
from memctl.index.lexical.update import update_in
from memctl.index.progress import Progress, Silent
from memctl.ingest import Layout, Store, StoreError, writing, writing_to
from memctl.ingest.amounts import counted
from memctl.ingest.formats import check_format
from memctl.ingest.mending import mend_keys, mend_vectors
from memctl.ingest.salvage import Lost, is_sound, salvage, version_of
from memctl.ingest.schema import FORMAT
from memctl.ingest.seal import State, seal, state


@dataclass(slots=True)
class Repair:
    """What was made again, in words, and what is lost."""

    mended: list[str] = field(default_factory=list[str])
    lost: Lost = field(default_factory=Lost)
    freed: int = 0


def repair(root: Path, *, progress: Progress | None = None) -> Repair:
    """Mend the store at ``root``: the catalog, the vectors, the indexes, in this order.

    Documents of which something is lost are removed, and the next ingest of their files reads them
    again. A store in which nothing is wrong stays as it is, but for free space of its catalog.

    Raises:
        StoreError: there is no store, another process writes to it, it cannot be written, its
            catalog says nothing any more, or its embedder is not there to embed again.
        TargetMissedError: an index that was made again falls short of what was wished for.
    """
    layout, shown, made = Layout(root), progress or Silent(), Repair()
    if not layout.catalog.is_file() and not layout.settings.is_file():
        raise StoreError(f"no store at {root}", hint="Run: memctl ingest FOLDER")
    if not layout.catalog.is_file():
        raise StoreError(
            f"no catalog in {root}",
            hint="What it said is lost. Ingest the folders again, into another store: --store NEW",
        )
    if _is_older(layout):
        with Store.write(root, unchecked=True):
            pass  # that brings it up to date
    with writing(layout.lock), writing_to(root):
        _mend_catalog(layout, made)
    with Store.write(root, unchecked=True) as opened:
        if keys := mend_keys(opened):
            made.mended.append(f"which texts {counted(keys, 'vector')} came from")
        beside = opened.beside()
        for view in (opened,) if beside is None else (opened, beside):
            shown.stage("embedding", 0)
            if texts := mend_vectors(view, done=shown.advance):
                made.mended.append(
                    f"{counted(texts, 'vector')} of {view.generation.embedder}, by embedding"
                )
        _mend_indexes(opened, shown, made)
        made.freed = opened.catalog.vacuum()
    return made


def _is_older(layout: Layout) -> bool:
    """Tell whether the catalog is of an older format; one that cannot be read is not.

    Raises:
        StoreError: it is of a newer one, or of none that was ever released.
    """
    version = version_of(layout.catalog)
    if version is None:
        return False
    check_format(layout.catalog, version)
    return version != str(FORMAT)


def _mend_catalog(layout: Layout, made: Repair) -> None:
    if not is_sound(layout.catalog):
        made.lost = salvage(layout)
        made.mended.append("the catalog, from its sound rows")
    elif state(layout) not in {State.WHOLE, State.EARLIER}:
        layout.seal.unlink(missing_ok=True)
        seal(layout)
        made.mended.append("the seal of the catalog, whose every row is sound")


def _mend_indexes(store: Store, progress: Progress, made: Repair) -> None:
    for each in integrity.faults(store):
        if not each.name:
            update_in(store, anew=True)
            made.mended.append("the index of words")
            continue
        what = f"the index {each.name}"
        try:
            wish = manifests.load(each.view.layout, each.name).wish
        except (IndexDamagedError, IndexNotFoundError):
            what += " as auto chooses, since its manifest, which said its type, is lost"
            wish = Wish()
        build_in(each.view, Request(each.name, wish, force=True), progress=progress)
        made.mended.append(what)
