"""Plain text and markdown as a document (first, simple form)."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from ddextract.document import Document
from ddextract.errors import InputError
from ddextract.reading.assembly import Piece, assemble
from ddextract.reading.hyphens import Hyphens

TAG = re.compile(r"<[^>\n]{1,200}>")


def read_plain(path: Path, *, document_id: str, language: str | None = None) -> Document:
    """Read a text or markdown file."""
    data = path.read_bytes()
    if not data.strip():
        raise InputError(path, "the file is empty", "Get the file again from its source")
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    pieces = []
    for part in re.split(r"\n\s*\n", text):
        part = TAG.sub("", part).replace("**", "").strip()
        heading = re.match(r"(#{1,6})\s+(.*)", part, re.S)
        if heading:
            pieces.append(Piece("heading", text=" ".join(heading[2].split()), level=len(heading[1])))
        else:
            item = re.match(r"[-*•]\s+(.*)", part, re.S)
            pieces.append(Piece("list_item" if item else "paragraph", text=" ".join((item[1] if item else part).split())))
    result = assemble(pieces, Hyphens(), language=language)
    from ddextract.reading.pdf import _main_language

    return Document(document_id, str(path), hashlib.sha256(data).hexdigest(), result.text, result.blocks, language=language or _main_language(result.blocks))
