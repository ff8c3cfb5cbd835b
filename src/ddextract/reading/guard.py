"""Limits of time and memory for a document, kept by reading it in a child process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ddextract.document import Document


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may cost.

    Attributes:
        seconds: Wall time.
        memory: Bytes of memory of the child process.
        pages: Most pages.
        characters: Most characters of a page.
    """

    seconds: float = 300.0
    memory: int = 2 << 30
    pages: int = 20_000
    characters: int = 400_000


def read_guarded(
    path: Path,
    *,
    document_id: str,
    password: str | None = None,
    language: str | None = None,
    limits: Limits | None = None,
    on_page: Callable[[int, int], None] | None = None,
) -> Document:
    """Read a document under limits (first form: in this process)."""
    from ddextract.reading import read_document

    return read_document(path, document_id=document_id, password=password, language=language, limits=limits, on_page=on_page)
