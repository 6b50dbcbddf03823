"""Any endpoint that speaks as OpenAI's ``/v1/embeddings`` does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from memctl.ingest.embedders.answers import in_order
from memctl.ingest.embedders.base import Role
from memctl.ingest.embedders.endpoint import Endpoint
from memctl.ingest.embedders.foreign import Raw
from memctl.ingest.embedders.remote import RemoteEmbedder
from memctl.ingest.errors import EmbedderError

HOME = "https://api.openai.com/v1"
_OWN, _COMMON = "MEMCTL_OPENAI", "OPENAI"


class OpenAIEmbedder(RemoteEmbedder):
    """A model behind MEMCTL_OPENAI_BASE_URL or OPENAI_BASE_URL, or else at OpenAI.

    The key is MEMCTL_OPENAI_API_KEY; OPENAI_API_KEY is only sent to OpenAI and to where
    OPENAI_BASE_URL points. An endpoint that wants none is asked without one.
    """

    def __init__(self, model: str, *, dimension: int | None = None) -> None:
        url, key = where()
        self._lacks_key = url == HOME and not key
        endpoint = Endpoint(
            f"{url}/embeddings",
            service="the embedding endpoint",
            key=key,
            hint=f"Check that it runs, the name of the model, and {_OWN}_BASE_URL.",
        )
        super().__init__("openai", model, endpoint=endpoint, dimension=dimension)

    def _embed(self, texts: Sequence[str], *, role: Role) -> Raw:
        if self._lacks_key:
            raise EmbedderError(
                f"{self.name} needs a key, or the URL of another endpoint",
                hint=f"Set {_OWN}_API_KEY, or {_OWN}_BASE_URL.",
            )
        return super()._embed(texts, role=role)

    def _question(self, texts: Sequence[str]) -> dict[str, object]:
        return {"model": self._model, "input": list(texts), "encoding_format": "float"}

    def _values(self, answer: Any, texts: Sequence[str]) -> list[object]:  # noqa: ANN401  any JSON
        items = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(items, list):
            raise EmbedderError("an answer without a list of vectors")
        return in_order(items, texts)


def where() -> tuple[str, str]:
    """Return the base URL, and the key for it or an empty text, as the environment has them."""
    own = _variable(_OWN, "BASE_URL").rstrip("/")
    url = own or _variable(_COMMON, "BASE_URL").rstrip("/") or HOME
    key = _variable(_OWN, "API_KEY")
    if not key and own in {"", HOME}:
        key = _variable(_COMMON, "API_KEY")
    return url, key


def _variable(prefix: str, name: str) -> str:
    return os.environ.get(f"{prefix}_{name}", "").strip()
