"""A model of the library sentence-transformers, which needs torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from memctl.ingest.embedders.base import Role
from memctl.ingest.embedders.folder import digest
from memctl.ingest.embedders.foreign import ForeignEmbedder, Raw, merged, told, windows
from memctl.ingest.embedders.process import PerProcess
from memctl.ingest.embedders.prompts import Prompts, declared, known
from memctl.ingest.errors import EmbedderError

_PARTS = ("*.json", "*.txt", "*.model", "*.safetensors", "*.bin")


class SentenceTransformersEmbedder(ForeignEmbedder):
    """A folder, or the name of a model that is on this machine already: nothing is downloaded.

    A text longer than the model's limit, which the library would cut, is embedded in windows.
    """

    def __init__(self, model: str, *, dimension: int | None = None) -> None:
        path = Path(model).expanduser()
        self._local = path.resolve() if path.is_dir() else None
        self._id = model
        self._model = PerProcess(self._load)
        super().__init__(f"sentence-transformers:{self._local or model}", dimension=dimension)

    @property
    def prompts(self) -> Prompts:
        """What the model declares, or what is known of one of its name."""
        return self._prompts

    @property
    def max_tokens(self) -> int | None:
        """The model's own limit."""
        limit = self._model.get().max_seq_length
        return int(limit) if limit else None

    @property
    def fingerprint(self) -> str:
        """The bytes of weights, tokenizer and settings, and the prompts."""
        name = (self._local or Path(self._id)).name
        return f"sentence-transformers/{name}/{self._digest}/{self.prompts.fingerprint}/nfc"

    @cached_property
    def _prompts(self) -> Prompts:
        prompts = declared(self._folder)
        return known(self._id) if prompts == Prompts() else prompts

    @cached_property
    def _digest(self) -> str:
        places = (self._folder, *self._folder.glob("[0-9]_*"))
        return digest({file for each in _PARTS for place in places for file in place.glob(each)})

    def _embed(self, texts: Sequence[str], *, role: Role) -> Raw:
        prompt = self.prompts.of(role)
        with told(f"the model {self._id} of sentence-transformers"):
            parts: list[str] = []
            owners: list[int] = []
            for owner, text in enumerate(texts):
                for part in self._windows(prompt, text):
                    parts.append(part)
                    owners.append(owner)
            vectors = self._model.get().encode(parts, prompt=prompt, show_progress_bar=False)
            return merged(np.asarray(vectors), owners, weights=[len(part) for part in parts])

    def _windows(self, prompt: str, text: str) -> list[str]:
        tokenizer = self._model.get().tokenizer

        def count(part: str) -> int:
            return len(tokenizer(prompt + part, truncation=False, verbose=False)["input_ids"])

        limit = self.max_tokens
        return [text] if limit is None else windows(text, limit=limit, count=count)

    @cached_property
    def _folder(self) -> Path:
        """The folder of the model; a name is looked up among what is downloaded."""
        if self._local is not None:
            return self._local
        _check_installed(self.name)
        with told(
            f"the model {self._id} is not on this machine",
            hint=f"Fetch it with: hf download {self._id}",
        ):
            hub = import_module("huggingface_hub")
            return Path(hub.snapshot_download(self._id, local_files_only=True))

    def _load(self) -> Any:  # noqa: ANN401  its class is not installed
        _check_installed(self.name)
        library = import_module("sentence_transformers")
        return library.SentenceTransformer(str(self._folder), local_files_only=True)


def _check_installed(name: str) -> None:
    if find_spec("sentence_transformers") is None:
        raise EmbedderError(
            f"{name} needs the library sentence-transformers",
            hint="Run: pip install 'memctl-rag[sentence-transformers]'",
        )
