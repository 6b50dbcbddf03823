"""The databases among the systems that ``bench.index`` compares."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from bench.common import Row
from bench.index_systems import EFS, Found, Peer, filled
from bench.index_vectors import K
from memctl.ingest import Vectors

_BATCH = 5_000  # rows a call, where a system takes no more


class Zvec(Peer):
    """zvec: HNSW of floats, of 8-bit codes, and of RaBitQ codes, the latter scored again."""

    PACKAGES: ClassVar[Sequence[str]] = ("zvec",)
    BUILDS: ClassVar[Sequence[Row]] = (
        {"kind": "hnsw"},
        {"kind": "hnsw", "quantize": "INT8"},
        {"kind": "rabitq"},
    )

    def build(self, base: Vectors, folder: Path, how: Row) -> None:
        """Build it and write it."""
        zvec: Any = import_module("zvec")
        ip, sizes = zvec.MetricType.IP, {"m": 16, "ef_construction": 200}
        param: Any = (
            zvec.HnswRabitqIndexParam(ip, **sizes)
            if how["kind"] == "rabitq"
            else zvec.HnswIndexParam(
                ip,
                quantize_type=getattr(zvec.QuantizeType, how.get("quantize", "UNDEFINED")),
                **sizes,
            )
        )
        width = zvec.DataType.VECTOR_FP32
        vectors = [zvec.VectorSchema("v", width, base.shape[1], index_param=param)]
        schema = zvec.CollectionSchema(name="bench", vectors=vectors)
        made: Any = zvec.create_and_open(str(folder / "index"), schema)
        for at in range(0, len(base), 1_000):
            part = base[at : at + 1_000].tolist()
            made.insert([zvec.Doc(str(at + i), vectors={"v": v}) for i, v in enumerate(part)])
        made.optimize()
        made.close()
        (folder / "kind").write_text(
            "rabitq" if how["kind"] == "rabitq" else how.get("quantize", ""), encoding="utf-8"
        )

    def open(self, folder: Path) -> None:
        """Open what was written."""
        zvec: Any = import_module("zvec")
        self._library: Any = zvec
        self._kind = (folder / "kind").read_text(encoding="utf-8")
        self._index: Any = zvec.open(str(folder / "index"))

    def settings(self) -> Sequence[Row]:
        """Return the ways to search it."""
        return [{"ef": ef, "refine": bool(self._kind)} for ef in EFS]

    def use(self, setting: Row, threads: int) -> None:  # noqa: ARG002  it takes no number
        """Search so from now on."""
        make = (
            self._library.HnswRabitqQueryParam
            if self._kind == "rabitq"
            else self._library.HnswQueryParam
        )
        self._param: Any = make(ef=setting["ef"], is_using_refiner=setting["refine"])

    def one(self, query: Vectors) -> Found:
        """Return the rows nearest to a query."""
        asked = self._library.Query("v", vector=query, param=self._param)
        found = self._index.query(asked, topk=K, output_fields=[])
        return filled([int(each.id) for each in found])

    def many(self, queries: Vectors) -> Found | None:  # noqa: ARG002  several are fused, not answered
        """Return the rows nearest to queries, where one call can."""
        return None


class Lancedb(Peer):
    """LanceDB's indexes of lists, what they find scored again."""

    PACKAGES: ClassVar[Sequence[str]] = (
        "lancedb",
        "pyarrow",
    )
    BUILDS: ClassVar[Sequence[Row]] = (
        {"kind": "IvfPq", "num_sub_vectors": 96},
        {"kind": "IvfHnswSq"},
        {"kind": "IvfSq"},
    )

    def build(self, base: Vectors, folder: Path, how: Row) -> None:
        """Build it and write it."""
        lancedb: Any = import_module("lancedb")
        kinds: Any = import_module("lancedb.index")
        pa: Any = import_module("pyarrow")
        values = pa.array(np.asarray(base).ravel())
        vectors = pa.FixedSizeListArray.from_arrays(values, base.shape[1])
        table = pa.table({"id": pa.array(np.arange(len(base))), "vector": vectors})
        made: Any = lancedb.connect(str(folder / "index")).create_table("bench", table)
        options = {name: value for name, value in how.items() if name != "kind"}
        made.create_index(
            "vector", config=getattr(kinds, how["kind"])(distance_type="dot", **options)
        )

    def open(self, folder: Path) -> None:
        """Open what was written."""
        lancedb: Any = import_module("lancedb")
        self._index: Any = lancedb.connect(str(folder / "index")).open_table("bench")

    def settings(self) -> Sequence[Row]:
        """Return the ways to search it."""
        probes = (2, 5, 10, 20, 40, 80)
        return [{"probes": n, "factor": f} for n in probes for f in (3, 10)]

    def use(self, setting: Row, threads: int) -> None:  # noqa: ARG002  it takes no number
        """Search so from now on."""
        self._setting = setting

    def one(self, query: Vectors) -> Found:
        """Return the rows nearest to a query."""
        asked = self._index.search(query, vector_column_name="vector").distance_type("dot")
        asked = asked.nprobes(self._setting["probes"]).refine_factor(self._setting["factor"])
        found = asked.limit(K).select(["id", "_distance"]).to_arrow()
        return filled(found["id"].to_numpy())

    def many(self, queries: Vectors) -> Found | None:  # noqa: ARG002  none that keeps the order
        """Return the rows nearest to queries, where one call can."""
        return None


class Chroma(Peer):
    """Chroma's persistent client."""

    PACKAGES: ClassVar[Sequence[str]] = ("chromadb",)
    BUILDS: ClassVar[Sequence[Row]] = (
        {"max_neighbors": 16, "ef_construction": 100},
        {"max_neighbors": 16, "ef_construction": 200},
        {"max_neighbors": 32, "ef_construction": 200},
    )

    def _client(self, folder: Path) -> Any:  # noqa: ANN401  the package has no types
        chromadb: Any = import_module("chromadb")
        settings = chromadb.Settings(anonymized_telemetry=False)
        return chromadb.PersistentClient(str(folder / "index"), settings)

    def build(self, base: Vectors, folder: Path, how: Row) -> None:
        """Build it and write it."""
        made: Any = self._client(folder).create_collection(
            "bench", configuration={"hnsw": {"space": "ip", **how}}, embedding_function=None
        )
        for at in range(0, len(base), _BATCH):
            part = np.asarray(base[at : at + _BATCH])
            made.add(ids=[str(at + i) for i in range(len(part))], embeddings=part)

    def open(self, folder: Path) -> None:
        """Open what was written."""
        self._folder, self._setting = folder, {}
        self._index: Any = self._client(folder).get_collection("bench", embedding_function=None)

    def settings(self) -> Sequence[Row]:
        """Return the ways to search it."""
        return [{"ef_search": ef} for ef in EFS]

    def use(self, setting: Row, threads: int) -> None:  # noqa: ARG002  it takes no number
        """Search so from now on."""
        if setting["ef_search"] != self._setting.get("ef_search"):
            shared: Any = import_module("chromadb.api.shared_system_client")
            self._index.modify(configuration={"hnsw": {"ef_search": setting["ef_search"]}})
            shared.SharedSystemClient.clear_system_cache()  # a loaded index keeps what it had
            self.open(self._folder)
            self._setting = setting

    def one(self, query: Vectors) -> Found:
        """Return the rows nearest to a query."""
        found = self._index.query(query_embeddings=query[None], n_results=K, include=[])
        return filled([int(each) for each in found["ids"][0]])

    def many(self, queries: Vectors) -> Found | None:
        """Return the rows nearest to queries, where one call can."""
        found = self._index.query(query_embeddings=queries, n_results=K, include=[])
        return np.stack([filled([int(each) for each in ids]) for ids in found["ids"]])
