"""What a file is, told by its bytes and not by what a server calls it."""

from __future__ import annotations

import zipfile
from pathlib import Path

SUFFIX = {"pdf": ".pdf", "docx": ".docx", "html": ".html", "text": ".txt"}
"""Suffix under which each kind is stored."""
_HTML = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<body", b"<script")
_HEAD = 4096


def kind_of(path: Path) -> str:
    """Return ``pdf``, ``docx``, ``html``, ``text``, ``empty`` or ``unknown``.

    Args:
        path: The file.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        return "empty"
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(path) as archive:
                return "docx" if "word/document.xml" in archive.namelist() else "unknown"
        except (zipfile.BadZipFile, OSError):
            return "unknown"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_HTML) or b"<html" in start[:1024]:
        return "html"
    return "text" if _is_text(path) else "unknown"


def _is_text(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            return all("\0" not in part for part in iter(lambda: file.read(1 << 20), ""))
    except UnicodeDecodeError:
        return False


def is_whole_pdf(path: Path) -> bool:
    """Return whether a PDF has its end: a file cut off on the way has not."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_536))
        return b"%%EOF" in file.read()


def expected_kind(address: str, content_type: str) -> str:
    """Return what an address promises: ``pdf``, ``docx``, ``html``, ``text`` or nothing.

    Args:
        address: Path of the address, without query.
        content_type: What the server calls the content.
    """
    name = address.lower()
    for ending, kind in ((".pdf", "pdf"), (".docx", "docx"), (".txt", "text"), (".md", "text"), (".html", "html"), (".htm", "html")):
        if name.endswith(ending):
            return kind
    media = content_type.partition(";")[0].strip().lower()
    return {"application/pdf": "pdf", "text/plain": "text", "text/markdown": "text"}.get(media, "")
