"""Reading: a file becomes a Document, whatever its format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ddextract.document import Document
from ddextract.errors import InputError
from ddextract.reading.guard import read_guarded
from ddextract.reading.language import detect_language
from ddextract.reading.settings import Limits, Reading

__all__ = ["Limits", "Reading", "detect_language", "read_document", "read_guarded"]

PLAIN = {".txt", ".md", ".markdown", ".text"}


def read_document(path: Path, *, document_id: str, reading: Reading | None = None, on_page: Callable[[int, int], None] | None = None) -> Document:
    """Read a file as a document.

    Args:
        path: A .pdf, .txt, .md, .html or .docx file.
        document_id: The id it gets.
        reading: How to read it; the defaults of ``Reading`` if None.
        on_page: Called with (pages read, pages in all).

    Raises:
        InputError: It cannot be read; cause and remedy are said in one line.
    """
    reading = reading or Reading()
    path = Path(path)
    if not path.exists():
        raise InputError(path, "no such file", "Check the path")
    if path.is_dir():
        raise InputError(path, "is a folder", "Give the files in it")
    suffix = path.suffix.lower()
    with path.open("rb") as stream:
        head = stream.read(2048)
    if not head:
        raise InputError(path, "the file is empty", "Get the file again from its source")
    if suffix == ".pdf" or head.lstrip()[:5] == b"%PDF-":
        from ddextract.reading.pdf import read_pdf

        return read_pdf(path, document_id=document_id, reading=reading, on_page=on_page)
    if suffix in PLAIN:
        from ddextract.reading.plain import read_plain

        return read_plain(path, document_id=document_id, language=reading.language)
    if suffix in {".html", ".htm", ".xhtml"}:
        from ddextract.reading.web import read_html

        return read_html(path, document_id=document_id, language=reading.language)
    if suffix == ".docx":
        from ddextract.reading.web import read_docx

        return read_docx(path, document_id=document_id, language=reading.language)
    raise InputError(path, f"the format '{suffix or path.name}' is not read", "Give a .pdf, .txt, .md, .html or .docx file")
