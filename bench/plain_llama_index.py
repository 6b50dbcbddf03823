"""The plain script that memctl is compared with: llama-index, pypdf, FAISS, the same embedder.

What a user would write in an evening: read a folder with SimpleDirectoryReader, cut it with
SentenceSplitter, embed all chunks, write an exact FAISS index and the texts. It keeps everything
in memory, knows no second run and no failures. PDF and DOCX go through the readers of
``llama-index-readers-file`` where that is installed, otherwise through the same few lines on pypdf
and python-docx; rows of a JSON-lines file become documents; other files are read as text. What it
did is printed as one JSON object. Run from the root of the project:

    python -m bench.plain_llama_index FOLDER OUT --chunk-tokens 256 --overlap 0
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import tiktoken
from llama_index.core import Document, SimpleDirectoryReader
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import BaseNode, MetadataMode

from memctl.ingest.embedders import get


class PdfReader(BaseReader):
    """One document a page, as PDFReader of llama-index-readers-file makes them."""

    def load_data(self, file: Path, extra_info: dict[str, Any] | None = None) -> list[Document]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Read one file."""
        from pypdf import PdfReader as Pypdf

        pages = Pypdf(file).pages
        return [
            Document(
                text=page.extract_text(),
                metadata={**(extra_info or {}), "page_label": str(number)},
            )
            for number, page in enumerate(pages, start=1)
        ]


class DocxReader(BaseReader):
    """The paragraphs of a DOCX file."""

    def load_data(self, file: Path, extra_info: dict[str, Any] | None = None) -> list[Document]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Read one file."""
        from docx import Document as Docx

        text = "\n".join(paragraph.text for paragraph in Docx(str(file)).paragraphs)
        return [Document(text=text, metadata=extra_info or {})]


class RowReader(BaseReader):
    """One document a row of a JSON-lines file."""

    def load_data(self, file: Path, extra_info: dict[str, Any] | None = None) -> list[Document]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Read one file."""
        with file.open(encoding="utf-8", newline="\n") as lines:
            rows = [json.loads(line) for line in lines if line.strip()]
        return [
            Document(text=row["text"], metadata={**(extra_info or {}), "id": str(row["_id"])})
            for row in rows
        ]


def readers() -> dict[str, BaseReader]:
    """Return a reader for each suffix that is not plain text."""
    if find_spec("llama_index.readers") is None:
        return {".pdf": PdfReader(), ".docx": DocxReader(), ".jsonl": RowReader()}
    theirs = importlib.import_module("llama_index.readers.file")
    return {".pdf": theirs.PDFReader(), ".docx": theirs.DocxReader(), ".jsonl": RowReader()}


def read(folder: Path) -> list[Document]:
    """Read all files below ``folder``."""
    extractors = readers()
    reader = SimpleDirectoryReader(str(folder), recursive=True, file_extractor=extractors)
    documents = reader.load_data()
    for document in documents:
        # The splitter takes the metadata off the chunk size unless it is told not to.
        document.excluded_embed_metadata_keys = list(document.metadata)
        document.excluded_llm_metadata_keys = list(document.metadata)
    return documents


def use_shipped_tables() -> None:
    """Point tiktoken at the tables that llama-index brings: it would fetch them."""
    core = find_spec("llama_index.core")
    if core is not None and core.origin is not None:
        tables = Path(core.origin).parent / "_static" / "tiktoken_cache"
        os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(tables))


def cut(documents: list[Document], *, chunk_tokens: int, overlap: int) -> list[BaseNode]:
    """Cut documents into nodes of at most ``chunk_tokens`` tokens of o200k_base."""
    use_shipped_tables()
    tokenizer = tiktoken.get_encoding("o200k_base").encode_ordinary
    splitter = SentenceSplitter(chunk_size=chunk_tokens, chunk_overlap=overlap, tokenizer=tokenizer)
    return splitter.get_nodes_from_documents(documents)


def embed(texts: list[str], *, batch: int) -> np.ndarray:
    """Return float32 (len(texts), 384)."""
    model = get("e5-small")
    parts = [
        model.embed(texts[at : at + batch], role="document") for at in range(0, len(texts), batch)
    ]
    return np.vstack(parts)


def write(out: Path, nodes: list[BaseNode], *, vectors: np.ndarray) -> None:
    """Write the index and the texts."""
    out.mkdir(parents=True, exist_ok=True)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)  # pyright: ignore[reportCallIssue]
    faiss.write_index(index, str(out / "index.faiss"))
    rows = [{"text": text_of(node), **node.metadata} for node in nodes]
    (out / "texts.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def text_of(node: BaseNode) -> str:
    """Return the text of a node without its metadata."""
    return node.get_content(metadata_mode=MetadataMode.NONE)


def main() -> None:
    """Parse, do it all, print what was done."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("folder", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--chunk-tokens", type=int, default=256, metavar="N")
    options.add_argument("--overlap", type=int, default=0, metavar="N")
    options.add_argument("--batch", type=int, default=32, metavar="N")
    args = options.parse_args()
    marks = [time.perf_counter()]
    documents = read(args.folder)
    marks.append(time.perf_counter())
    nodes = cut(documents, chunk_tokens=args.chunk_tokens, overlap=args.overlap)
    marks.append(time.perf_counter())
    texts = [text_of(node) for node in nodes]
    vectors = embed(texts, batch=args.batch)
    marks.append(time.perf_counter())
    write(args.out, nodes, vectors=vectors)
    marks.append(time.perf_counter())
    steps = dict(zip(("read", "cut", "embed", "write"), np.diff(marks).tolist(), strict=True))
    done = {"documents": len(documents), "chunks": len(nodes), "characters": sum(map(len, texts))}
    print(json.dumps({**done, "seconds": steps}))


if __name__ == "__main__":
    main()
