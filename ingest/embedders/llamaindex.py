"""Any embedding of LlamaIndex, by the import path of its class."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from memctl.ingest.embedders.answers import rows
from memctl.ingest.embedders.base import Role
from memctl.ingest.embedders.foreign import ForeignEmbedder, Raw, told
from memctl.ingest.embedders.process import PerProcess
from memctl.ingest.embedders.prompts import Prompts
from memctl.ingest.errors import EmbedderError

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding


class LlamaIndexEmbedder(ForeignEmbedder):
    """A class derived from LlamaIndex's BaseEmbedding that is made without arguments.

    Whoever wants to give it some derives a class of his own. Anything else that can be imported is
    refused and not called: the name may come from a store that somebody else made. Retries,
    prompts and limits are the class's own.
    """

    def __init__(self, path: str, *, dimension: int | None = None) -> None:
        super().__init__(f"llama-index:{path}", dimension=dimension)
        self._path = path
        self._model = PerProcess(self._load)

    @property
    def prompts(self) -> Prompts:
        """None, as the class says itself what its model wants."""
        return Prompts()

    @property
    def fingerprint(self) -> str:
        """The class and the name of its model, which is all that LlamaIndex tells."""
        return f"llama-index/{self._path}/{self._model.get().model_name}/nfc"

    def _embed(self, texts: Sequence[str], *, role: Role) -> Raw:
        with told(self.name):
            if role == "query":
                values = [self._model.get().get_query_embedding(text) for text in texts]
            else:
                values = self._model.get().get_text_embedding_batch(list(texts))
        return rows(
            [np.asarray(value).tolist() for value in values], texts, dimension=self._dimension
        )

    def _load(self) -> BaseEmbedding:
        from llama_index.core.base.embeddings.base import BaseEmbedding

        module, _, name = self._path.rpartition(".")
        if not module:
            raise EmbedderError(
                f"{self.name} names no class", hint="Write llama-index:PACKAGE.MODULE.CLASS."
            )
        with told(self.name, hint="Install its package, or check the path."):
            found = getattr(importlib.import_module(module), name)
        if not isinstance(found, type) or not issubclass(found, BaseEmbedding):
            raise EmbedderError(
                f"{self.name} is no embedding of LlamaIndex",
                hint="Write llama-index:PACKAGE.MODULE.CLASS.",
            )
        with told(
            f"{self.name} cannot be made without arguments",
            hint="Derive a class that gives them, and name it.",
        ):
            return found()
