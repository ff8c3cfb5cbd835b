"""Where a gold span lies in a file that we may not copy: the normalised text and salted hashes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

TEXT_VERSION = 1
"""Version of :func:`normalised_text`; every stand-off record names the version its offsets refer to."""

NEIGHBOURS = 8
"""Words on either side of a span that are hashed with it, so that it can be found again."""

_SALT = b"ddextract-standoff-1:"
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_BREAK = re.compile(r"[^\S\n]*\n(?:[^\S\n]*\n)+\s*")
_SPACE = re.compile(r"[^\S\n]*\n[^\S\n]*|[^\S\n]+")
_WORD = re.compile(r"\w+")


def normalised_text(path: Path) -> str:
    """Return the text of a source file to which stand-off offsets refer.

    Version 1: UTF-8 (a PDF: the page texts of pdfium, joined by blank lines), NFC, a YAML header removed, soft hyphens
    and zero-width characters removed, blank lines reduced to one paragraph break (two line feeds), every
    other run of white space reduced to one space.

    Args:
        path: A ``.txt``, ``.md`` or ``.pdf`` file.

    Returns:
        The normalised text; offsets are code points into it.

    Raises:
        OSError: The file cannot be read.
    """
    if path.suffix.lower() == ".pdf":
        import pypdfium2

        pdf = pypdfium2.PdfDocument(path)
        try:
            raw = "\n\n".join(page.get_textpage().get_text_range() for page in pdf)
        finally:
            pdf.close()
    else:
        raw = path.read_bytes().decode("utf-8-sig", errors="replace")
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    text = _FRONT_MATTER.sub("", text, count=1)
    text = re.sub("[\u00ad\u200b\u200c\u200d\ufeff\ufffe]", "", unicodedata.normalize("NFC", text))
    text = _BREAK.sub("\x00", text)
    text = _SPACE.sub(" ", text)
    return text.replace("\x00", "\n\n").strip()


def span_hash(text: str) -> str:
    """Return the salted hash of a span, blind to white space and case."""
    words = " ".join(text.lower().split())
    return hashlib.sha256(_SALT + words.encode()).hexdigest()[:16]


def neighbour_hashes(text: str, start: int, end: int) -> tuple[str, str]:
    """Return the salted hashes of the eight words before ``start`` and after ``end``."""
    before = _WORD.findall(text[max(0, start - 200) : start])[-NEIGHBOURS:]
    after = _WORD.findall(text[end : end + 200])[:NEIGHBOURS]
    return span_hash(" ".join(before)), span_hash(" ".join(after))
