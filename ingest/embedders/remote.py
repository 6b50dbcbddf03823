"""What the embedders behind an endpoint share: requests, answers, and the pinned length."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from memctl.ingest.embedders.answers import rows
from memctl.ingest.embedders.base import Role, shown
from memctl.ingest.embedders.endpoint import Endpoint, batches
from memctl.ingest.embedders.faults import TooLongError
from memctl.ingest.embedders.foreign import ForeignEmbedder, Raw
from memctl.ingest.embedders.prompts import Prompts, known
from memctl.ingest.errors import EmbedderError
from memctl.ingest.vectors import Vectors


class RemoteEmbedder(ForeignEmbedder):
    """A model that is asked over HTTP, a batch of texts a request, one request after the other."""

    def __init__(self, kind: str, model: str, *, endpoint: Endpoint, dimension: int | None) -> None:
        super().__init__(f"{kind}:{model}", dimension=dimension)
        self._kind = kind
        self._model = model
        self._endpoint = endpoint

    @property
    def prompts(self) -> Prompts:
        """Those of a model of this name."""
        return known(self._model)

    @property
    def fingerprint(self) -> str:
        """The model's name, as an endpoint says nothing sure of its weights, and the prompts."""
        return f"{self._kind}/{self._model}/{self.prompts.fingerprint}/nfc"

    @abstractmethod
    def _question(self, texts: Sequence[str]) -> dict[str, object]:
        """Return the JSON object that asks for the vectors of ``texts``."""

    @abstractmethod
    def _values(self, answer: Any, texts: Sequence[str]) -> list[object]:  # noqa: ANN401  any JSON
        """Return what the answer has for each of ``texts``, in their order.

        Raises:
            EmbedderError: the answer is not of the shape it must have.
        """

    def _embed(self, texts: Sequence[str], *, role: Role) -> Raw:
        return np.concatenate([self._ask(batch, role) for batch in batches(texts)])

    def _ask(self, texts: Sequence[str], role: Role) -> Vectors:
        def read(answer: Any) -> Vectors:  # noqa: ANN401  any JSON
            return rows(self._values(answer, texts), texts, dimension=self._dimension)

        prompt = self.prompts.of(role)
        try:
            vectors = self._endpoint.ask(self._question([prompt + text for text in texts]), read)
        except TooLongError as error:
            longest = max(texts, key=len)
            raise EmbedderError(
                f"{error.message} (the longest text has {len(longest):,} characters: "
                f"{shown(longest)})",
                hint=error.hint,
            ) from error
        self._dimension = vectors.shape[1]
        return vectors
