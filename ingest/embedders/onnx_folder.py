"""Any text model in a folder of Hugging Face that holds an ONNX graph and a tokenizer.json."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from memctl.ingest.embedders.base import Role
from memctl.ingest.embedders.folder import GRAPHS, INPUT_TYPES, digest, pooling, token_limit
from memctl.ingest.embedders.foreign import ForeignEmbedder, Raw, merged, told, windows
from memctl.ingest.embedders.pooling import POOLINGS
from memctl.ingest.embedders.process import PerProcess
from memctl.ingest.embedders.prompts import Prompts, declared
from memctl.ingest.errors import EmbedderError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_CONFIGS = ("config.json", "1_Pooling/config.json", "sentence_bert_config.json")
_BATCH = 1024  # tokens a call: more is slower on a CPU, and takes more memory
_MANY = 8192  # tokens of a text at once, where the model has no limit of its own
_INPUTS = {"input_ids", "attention_mask", "token_type_ids", "position_ids"}
_INSTALL = "Run: pip install 'memctl-rag[onnx]'"

Ids = Sequence[int]


@dataclass(frozen=True, slots=True)
class _Model:
    """A tokenizer, a graph, and the way from the graph's output to a vector."""

    tokenizer: Tokenizer
    session: InferenceSession
    _: KW_ONLY
    inputs: Mapping[str, type[np.signedinteger]]
    output: str
    pooling: str | None  # None where the graph pools itself


class OnnxFolderEmbedder(ForeignEmbedder):
    """``FOLDER`` with model.onnx, or the path of one graph in it.

    Texts of one length share a call and nothing is padded, so a vector does not depend on its
    batch. In a graph whose int8 ranges are found as it runs, it would: there, each text has a call
    of its own. A text longer than the model's limit is embedded in windows.
    """

    def __init__(self, place: str, *, dimension: int | None = None) -> None:
        path = Path(place).expanduser().resolve()
        super().__init__(f"onnx:{path}", dimension=dimension)
        self._graph, self._folder = _find(path)
        self._model = PerProcess(self._load)

    @property
    def prompts(self) -> Prompts:
        """What the folder declares, or what is known of a model of its name."""
        return self._prompts

    @property
    def max_tokens(self) -> int | None:
        """The smallest limit that the folder says."""
        return self._limit

    @property
    def fingerprint(self) -> str:
        """The bytes of graph, weights, tokenizer and pooling, and the prompts."""
        return f"onnx/{self._folder.name}/{self._digest}/{self.prompts.fingerprint}/nfc"

    @cached_property
    def _prompts(self) -> Prompts:
        return declared(self._folder)

    @cached_property
    def _limit(self) -> int | None:
        return token_limit(self._folder)

    @cached_property
    def _digest(self) -> str:
        weights = self._graph.parent.glob(f"{self._graph.name}[._]data*")
        configs = (self._folder / name for name in _CONFIGS)
        files = [self._graph, *weights, self._folder / "tokenizer.json"]
        return digest([*files, *(file for file in configs if file.is_file())])

    def _embed(self, texts: Sequence[str], *, role: Role) -> Raw:
        prompt = self.prompts.of(role)
        with told(f"the ONNX model {self._graph}", hint="Check the folder, or fetch it again."):
            model = self._model.get()
            parts: list[Ids] = []
            owners: list[int] = []
            for owner, text in enumerate(texts):
                for ids in self._windows(model.tokenizer, prompt, text):
                    parts.append(ids)
                    owners.append(owner)
            vectors = np.concatenate(list(self._runs(model, parts)))
        order = _by_length(parts)
        rows = np.empty_like(vectors, dtype=np.float64)
        rows[order] = vectors
        return merged(rows, owners, weights=[len(ids) for ids in parts])

    def _windows(self, tokenizer: Tokenizer, prompt: str, text: str) -> Iterator[Ids]:
        def ids(part: str) -> Ids:
            return tokenizer.encode(prompt + part).ids

        limit = self.max_tokens or _MANY
        whole = ids(text)
        if len(whole) <= limit:
            yield whole
        else:
            parts = windows(text, limit=limit, count=lambda part: len(ids(part)))
            yield from map(ids, parts)

    def _runs(self, model: _Model, parts: Sequence[Ids]) -> Iterator[Raw]:
        """Yield the vectors of ``parts`` in the order of their lengths."""
        ordered = [parts[place] for place in _by_length(parts)]
        for length, same in groupby(ordered, key=len):
            together = list(same)
            number = 1 if self._ranges_as_it_runs else max(_BATCH // max(length, 1), 1)
            for start in range(0, len(together), number):
                yield _run(model, np.array(together[start : start + number]))

    @cached_property
    def _ranges_as_it_runs(self) -> bool:
        with self._graph.open("rb") as stream:
            data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            with data:
                return data.find(b"DynamicQuantizeLinear") >= 0

    def _load(self) -> _Model:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise EmbedderError(f"{self.name} needs {error.name}", hint=_INSTALL) from error

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            str(self._graph), options, providers=["CPUExecutionProvider"]
        )
        output, pools = _output(session)
        mode = None if pools else self._pooling()
        return _Model(tokenizer, session, inputs=_inputs(session), output=output, pooling=mode)

    def _pooling(self) -> str:
        mode = pooling(self._folder)
        if mode is None:
            raise EmbedderError(
                f"{self._folder} does not say how the model pools",
                hint='Write {"pooling_mode": "mean"}, or "cls", as the card of the model has it, '
                "into 1_Pooling/config.json.",
            )
        if mode not in POOLINGS:
            raise EmbedderError(f"{self._folder} wants the unknown pooling {mode!r}")
        return mode


def _find(path: Path) -> tuple[Path, Path]:
    """Return the graph and the folder of its tokenizer.

    Raises:
        EmbedderError: one of them is not there.
    """
    candidates = [path] if path.suffix == ".onnx" else [path / name for name in GRAPHS]
    graph = next((file for file in candidates if file.is_file()), None)
    if graph is None:
        raise EmbedderError(
            f"there is no model.onnx in {path}", hint="Write onnx:FOLDER, or onnx:FILE.onnx."
        )
    for folder in (graph.parent, graph.parent.parent):
        if (folder / "tokenizer.json").is_file():
            return graph, folder
    raise EmbedderError(f"there is no tokenizer.json beside {graph}")


def _inputs(session: InferenceSession) -> dict[str, type[np.signedinteger]]:
    """Return the type of each input.

    Raises:
        EmbedderError: there is one that is not of a text encoder.
    """
    inputs: dict[str, type[np.signedinteger]] = {}
    for each in session.get_inputs():
        if each.name not in _INPUTS or each.type not in INPUT_TYPES:
            raise EmbedderError(f"the graph wants {each.name}, which is not of a text encoder")
        inputs[each.name] = INPUT_TYPES[each.type]
    return inputs


def _output(session: InferenceSession) -> tuple[str, bool]:
    """Return the output to take, and whether it is a vector of the whole text already."""
    outputs = {each.name: each.shape for each in session.get_outputs()}
    for name in ("sentence_embedding", "last_hidden_state", "token_embeddings", *outputs):
        shape = outputs.get(name) or ()
        if len(shape) in {2, 3} and name != "pooler_output":
            return name, len(shape) == 2
    raise EmbedderError(f"the graph gives {', '.join(outputs)}, which are no vectors")


def _run(model: _Model, ids: npt.NDArray[np.integer]) -> Raw:
    feeds = {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "token_type_ids": np.zeros_like(ids),
        "position_ids": np.broadcast_to(np.arange(ids.shape[1]), ids.shape),
    }
    (result,) = model.session.run(
        [model.output], {name: feeds[name].astype(kind) for name, kind in model.inputs.items()}
    )
    values: Raw = np.asarray(result)
    return values if model.pooling is None else POOLINGS[model.pooling](values)


def _by_length(parts: Sequence[Ids]) -> list[int]:
    return sorted(range(len(parts)), key=lambda place: len(parts[place]))
