"""Opening a cited document in the program that shows it."""

from __future__ import annotations

from pathlib import Path

from memctl.ingest import UsageError

# What is shown and not run when it is opened.
_SHOWN = frozenset(
    ".pdf .txt .md .markdown .rst .docx .odt .rtf .epub .fb2 .pptx .odp .xlsx .ods .csv .tsv .json"
    " .jsonl .xml .yaml .yml .toml .log .srt .vtt .tex .org .adoc .eml .ipynb".split()
)


def open_document(file: Path) -> None:
    """Open a document in its own program.

    Raises:
        UsageError: it is of a kind that could be run instead of shown, or nothing opens it.
    """
    import typer

    if file.suffix.lower() not in _SHOWN:
        raise UsageError(f"{file} is not opened from here", hint="Open it by hand.")
    if typer.launch(str(file)) != 0:
        raise UsageError(f"nothing here opens {file}", hint="Open it by hand.")
