"""A model of an Ollama on this machine, or where OLLAMA_HOST points."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from memctl.ingest.embedders.endpoint import Endpoint
from memctl.ingest.embedders.remote import RemoteEmbedder
from memctl.ingest.errors import EmbedderError

_PORTS = {"": 11434, "http": 80, "https": 443}


class OllamaEmbedder(RemoteEmbedder):
    """Any embedding model that Ollama has.

    Ollama cuts what is too long for a model unless it is told not to: it is told, so that this is
    an error.
    """

    def __init__(self, model: str, *, dimension: int | None = None) -> None:
        endpoint = Endpoint(
            f"{where()}/api/embed",
            service="Ollama",
            hint=f"Start it with: ollama serve; fetch the model with: ollama pull {model}",
        )
        super().__init__("ollama", model, endpoint=endpoint, dimension=dimension)

    def _question(self, texts: Sequence[str]) -> dict[str, object]:
        return {"model": self._model, "input": list(texts), "truncate": False}

    def _values(self, answer: Any, texts: Sequence[str]) -> list[object]:  # noqa: ANN401, ARG002  any JSON, in order
        vectors = answer.get("embeddings") if isinstance(answer, dict) else None
        if not isinstance(vectors, list):
            raise EmbedderError("an answer without a list of vectors")
        return vectors


def where() -> str:
    """Return the base URL from OLLAMA_HOST, which may lack its scheme, its port or its host.

    0.0.0.0, which a server listens on, is no address to ask: it becomes this machine's own.
    """
    value = os.environ.get("OLLAMA_HOST", "").strip().rstrip("/")
    scheme, _, rest = value.rpartition("://")
    try:
        parts = urlsplit(f"//{rest}")
        port = parts.port or _PORTS[scheme.lower()]
    except (KeyError, ValueError) as error:
        raise EmbedderError("OLLAMA_HOST is no address", hint="Write HOST:PORT.") from error
    if parts.username or parts.password:
        raise EmbedderError("OLLAMA_HOST holds a password", hint="Write HOST:PORT.")
    host = parts.hostname or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    shown_host = f"[{host}]" if ":" in host else host
    return f"{scheme or 'http'}://{shown_host}:{port}{parts.path}"
