"""What some models want said before a text, so that they know a question from a passage."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from memctl.ingest.embedders.base import Role
from memctl.ingest.embedders.folder import read_object


@dataclass(frozen=True, slots=True)
class Prompts:
    """What stands before a query and before a document."""

    query: str = ""
    document: str = ""

    def of(self, role: Role) -> str:
        """Return what stands before a text in this role."""
        return self.query if role == "query" else self.document

    @property
    def fingerprint(self) -> str:
        """Both in one short word."""
        if self == Prompts():
            return "no-prompts"
        digest = hashlib.sha256(f"{self.query}\0{self.document}".encode()).hexdigest()
        return f"prompts-{digest[:8]}"


_TASK = "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"
_REPRESENT = "Represent this sentence for searching relevant passages: "

# By the model's own name, as its card says; the first that matches. Models that are not here want
# nothing said, or say it themselves in config_sentence_transformers.json.
_FAMILIES = tuple(
    (re.compile(pattern), prompts)
    for pattern, prompts in (
        (r"\be5-.*instruct", Prompts(f"{_TASK}Query: ")),
        (r"\be5-(small|base|large)|^user-(base|large)", Prompts("query: ", "passage: ")),
        (
            r"^nomic-embed-text|^frida|^ru-en-rosberta",
            Prompts("search_query: ", "search_document: "),
        ),
        (r"^bge-(small|base|large)-en|^mxbai-embed", Prompts(_REPRESENT)),
        (r"^bge-(small|base|large)-zh", Prompts("为这个句子生成表示以用于检索相关文章：")),
        (r"^snowflake-arctic-embed(2|.*-v2)", Prompts("query: ")),
        (r"^snowflake-arctic-embed", Prompts(_REPRESENT)),
        (r"^qwen3-embedding", Prompts(f"{_TASK}Query:")),
        (r"^embeddinggemma", Prompts("task: search result | query: ", "title: none | text: ")),
    )
)


def known(model: str) -> Prompts:
    """Return the prompts of a model by its name: ``intfloat/multilingual-e5-base``, ``FRIDA:f16``.

    The owner before the last slash and the tag after a colon make no difference.
    """
    name = re.split(r"[/\\]", model.rstrip("/\\"))[-1].partition(":")[0].lower()
    return next((prompts for family, prompts in _FAMILIES if family.search(name)), Prompts())


def declared(folder: Path) -> Prompts:
    """Return the prompts that a model folder declares, or else the known ones of its name.

    Raises:
        EmbedderError: its config_sentence_transformers.json cannot be read.
    """
    file = folder / "config_sentence_transformers.json"
    found = read_object(file).get("prompts") if file.is_file() else None
    prompts = found if isinstance(found, dict) else {}
    query = _first(prompts, ("query", "retrieval.query"))
    document = _first(prompts, ("document", "passage", "retrieval.passage"))
    return Prompts(query, document) if query or document else known(folder.name)


def _first(prompts: Mapping[str, object], names: Sequence[str]) -> str:
    return next((str(prompts[name]) for name in names if prompts.get(name)), "")
