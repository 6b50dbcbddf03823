"""A store: a folder with a catalog, a vector file and settings."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from memctl.ingest.catalog import Catalog
from memctl.ingest.database import damaged, unwritable
from memctl.ingest.durable import put, sync_folder
from memctl.ingest.embedders import Embedder, get
from memctl.ingest.errors import ReplacedError, StoreError
from memctl.ingest.extents import cover
from memctl.ingest.founding import create, make_folder
from memctl.ingest.generations import UNSETTLED, Generation
from memctl.ingest.layout import Layout
from memctl.ingest.lock import writing
from memctl.ingest.owner import keep_private
from memctl.ingest.restoring import finish, serving
from memctl.ingest.seal import is_damaged, seal
from memctl.ingest.settings import EmbedderChoice, Settings, load
from memctl.ingest.settingslines import Value, changed, renamed
from memctl.ingest.vectors import VectorFile


class Store:
    """An open store, by the generation of vectors that served when it was opened.

    Use ``Store.open`` to read it and ``Store.write`` to change it.
    """

    def __init__(
        self, root: Path, *, catalog: Catalog, settings: Settings, generation: Generation
    ) -> None:
        self.layout = Layout(root, generation.number)
        self.catalog = catalog
        self.settings = settings
        self.generation = generation
        self.vectors = VectorFile(self.layout.vectors, generation.dimension)
        self._place = 0  # of the catalog that was opened, on its disk

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the embedder that all vectors of this generation come from."""
        return self.generation.fingerprint

    @property
    def rows(self) -> int:
        """The number of committed rows of this generation."""
        return self.check_kept().rows

    def check_kept(self) -> Generation:
        """Return this generation as it is now.

        Raises:
            ReplacedError: since the store was opened, it was replaced or discarded.
        """
        if self._place and self._place != self._placed():
            raise self._replaced()
        for each in self.catalog.generations():
            if each is not None and each.number == self.generation.number:
                return each
        raise self._replaced()

    def _placed(self) -> int:
        """Return where the catalog lies now; nowhere while the store is made like a snapshot."""
        if self.layout.restoring.exists():
            return -1
        try:
            return self.layout.catalog.stat().st_ino
        except FileNotFoundError:
            return -1

    def _replaced(self) -> ReplacedError:
        return ReplacedError(
            f"the vectors of {self.layout.root} have been replaced since it was opened",
            hint="Run this again.",
        )

    def beside(self) -> Store | None:
        """Return this store as it is by the generation that is kept beside the one that serves."""
        _, beside = self.catalog.generations()
        if beside is None:
            return None
        root, settings = self.layout.root, self.settings
        return Store(root, catalog=self.catalog, settings=settings, generation=beside)

    def current(self) -> Store:
        """Return this store by the generation that serves now."""
        serving, _ = self.catalog.generations()
        root, settings = self.layout.root, self.settings
        return Store(root, catalog=self.catalog, settings=settings, generation=serving)

    @classmethod
    @contextmanager
    def open(cls, root: Path, *, unchecked: bool = False) -> Generator[Store]:
        """Open the store at ``root`` for reading; takes no lock and changes nothing.

        Who is to say what is damaged in it has it ``unchecked``.

        Raises:
            StoreError: there is no store, or it is damaged or of another format.
        """
        layout = serving(Layout(root))
        store = cls._opened(layout, writable=False, unchecked=unchecked)
        try:
            if not unchecked:
                store.check_vectors()
            yield store
        finally:
            store.catalog.close()

    @classmethod
    @contextmanager
    def write(
        cls, root: Path, *, embedder: str | None = None, unchecked: bool = False
    ) -> Generator[Store]:
        """Open the store at ``root`` for writing, making it first where there is none.

        ``embedder`` names the embedder of a new store; for an old one it must be the same. Who
        mends it has it ``unchecked``.

        Raises:
            StoreError: another process writes, the store is not one, damaged, or was embedded
                with another embedder, or the system lets nothing be written.
        """
        layout = Layout(root)
        if layout.snapshot.exists():
            raise StoreError(
                f"{root} is a snapshot, which is only read",
                hint="To go on from it: memctl snapshot restore, in the store that it is of.",
            )
        with ExitStack() as stack:
            with writing_to(root):
                if not layout.catalog.exists():
                    make_folder(root)
                stack.enter_context(writing(layout.lock))
                if not layout.catalog.exists():
                    create(layout, embedder)
            with writing_to(root):
                finish(layout)
                if not layout.seal.exists():  # of an older format
                    seal(layout)
            stack.callback(_leave, layout)
            store = cls._opened(layout, writable=True, unchecked=unchecked)
            stack.callback(store.catalog.close)
            if not unchecked:
                store.check_vectors()
                for view in filter(None, (store, store.beside())):
                    cover(view)
                store.check_embedder(embedder)
            yield store

    @classmethod
    def _opened(cls, layout: Layout, *, writable: bool, unchecked: bool) -> Store:
        if not layout.catalog.is_file():
            raise _no_store(layout.root)
        place = layout.catalog.stat().st_ino
        if not unchecked and is_damaged(layout):
            raise damaged(layout.catalog, "it is not what was written")
        catalog = Catalog.open(layout.catalog, writable=writable)
        try:
            generation, _ = catalog.generations()
            if writable:
                settle(layout, catalog)
            if layout.settings.exists():
                settings = load(layout.settings)
            else:
                settings = Settings(embedder=EmbedderChoice(generation.embedder))
            store = cls(layout.root, catalog=catalog, settings=settings, generation=generation)
            store._place = place
        except BaseException:
            catalog.close()
            raise
        return store

    def check_vectors(self) -> None:
        """Compare the length of the vector file with what was committed.

        Raises:
            StoreError: it is shorter.
        """
        wanted = self.rows * self.vectors.row_bytes
        file = self.layout.vectors
        found = file.stat().st_size if file.is_file() else 0
        if found < wanted:
            raise StoreError(
                f"{file} is cut: it has {found:,} bytes of {wanted:,}",
                hint="Run: memctl repair",
            )

    def embedder(self) -> Embedder:
        """Return the embedder that this store's vectors come from.

        Raises:
            StoreError: the installed embedder of that name gives other vectors.
        """
        name = self.generation.embedder
        embedder = get(name, dimension=self.vectors.dimension, fingerprint=self.fingerprint)
        if embedder.fingerprint != self.fingerprint:
            raise StoreError(
                f"the store was embedded with {self.fingerprint}, here is {embedder.fingerprint}",
                hint=f"Install the version that embedded it, or embed it again: "
                f"memctl index migrate --embedder {name}",
            )
        return embedder

    def check_embedder(self, name: str | None) -> None:
        """Refuse an embedder, asked for or named in the settings, that is not the store's.

        Raises:
            StoreError: it is another one.
        """
        used, set_to = self.generation.embedder, self.settings.embedder.name
        if set_to != used:
            raise StoreError(
                f"{self.layout.settings} names {set_to!r}, but the store is embedded with {used!r}",
                hint=f'Set it back to name = "{used}"; for another one: '
                f"memctl index migrate --embedder {set_to}",
            )
        if name is not None and name != used and get(name).name != used:
            raise StoreError(
                f"the store {self.layout.root} is embedded with {used!r}, not {name!r}",
                hint="Choose another --store for another embedder, or: "
                f"memctl index migrate --embedder {name}",
            )


def _leave(layout: Layout) -> None:
    """Leave a store sealed, and its files to their owner alone.

    Where the disk is full the seal stays that of an earlier state, as after a kill: what was
    committed is whole without it.
    """
    with suppress(OSError):
        seal(layout)
        keep_private(layout.root)


def settle(layout: Layout, catalog: Catalog) -> None:
    """Have the settings name the embedder of the last cutover, where they may not yet.

    The cutover itself is a commit of the catalog, which cannot hold the settings.
    """
    name = catalog.facts().get(UNSETTLED, "")
    if name:
        if layout.settings.exists():
            with writing_to(layout.root):
                put(layout.settings, renamed(layout.settings, name))
                sync_folder(layout.root)
        with catalog.transaction():
            catalog.put_facts({UNSETTLED: ""})


def change_settings(root: Path, tables: Mapping[str, Mapping[str, Value]]) -> None:
    """Change values in the settings of the store at ``root``; comments and all else stay.

    Raises:
        SettingsError: they are not TOML, or written so that they cannot be changed safely.
        StoreError: there is no store, it cannot be written, or another process writes to it.
    """
    with Store.open(root):
        pass  # a change makes no store
    with Store.write(root) as opened, writing_to(root):
        file = opened.layout.settings
        if not file.exists():
            put(file, opened.settings.to_toml())
        for table, values in tables.items():
            if values:
                put(file, changed(file, table, values))
        sync_folder(root)


@contextmanager
def writing_to(root: Path) -> Generator[None]:
    """Tell what the system refused while something was written to the store at ``root``."""
    try:
        yield
    except OSError as error:
        raise unwritable(root, error.strerror or str(error)) from error


def _no_store(root: Path) -> StoreError:
    if root.is_dir() and any(entry != Layout(root).memories for entry in root.iterdir()):
        return StoreError(
            f"{root} is not a memctl store",
            hint="Name a store with --store; memctl ingest FOLDER makes one in an empty folder.",
        )
    return StoreError(f"no store at {root}", hint="Run: memctl ingest FOLDER")
