"""A PDF as a document: engines per page, layout, text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from ddextract.document import Document, Page
from ddextract.errors import InputError
from ddextract.reading.assembly import assemble
from ddextract.reading.guard import Limits
from ddextract.reading.hyphens import Hyphens
from ddextract.reading.layout import Layout
from ddextract.reading.words import open_pdf, read_page


def read_pdf(path: Path, *, document_id: str, password: str | None = None, language: str | None = None, limits: Limits | None = None, on_page: Callable[[int, int], None] | None = None) -> Document:
    """Read a PDF; raises ``InputError``."""
    import pypdfium2 as pdfium

    data = path.read_bytes()
    if not data:
        raise InputError(path, "the file is empty", "Get the file again from its source")
    if b"%PDF" not in data[:2048]:
        raise InputError(path, "not a PDF", "Give a PDF, .txt, .md, .html or .docx file")
    try:
        pdf = open_pdf(str(path), password)
    except pdfium.PdfiumError as error:
        if "assword" in str(error):
            raise InputError(path, "encrypted" if password is None else "the password does not open it", "Give its password with --password") from None
        raise InputError(path, "damaged or truncated PDF", "Get the file again from its source, or repair it (qpdf, ghostscript)") from None
    pages = []
    count = len(pdf)
    if not count:
        raise InputError(path, "the PDF has no pages", "Get the file again from its source")
    for i in range(count):
        pages.append(read_page(pdf, i, label=pdf.get_page_label(i) or None))
        if on_page:
            on_page(i + 1, count)
    if not any(p.words for p in pages):
        raise InputError(path, f"no text layer on {count} of {count} pages (a scan?)", "Run OCR first, e.g. `ocrmypdf IN.pdf OUT.pdf`")
    metadata = {k: v for k, v in pdf.get_metadata_dict().items() if v}
    pdf.close()
    hyphens = Hyphens()
    layout = Layout(count)
    layout.add(pages)
    pieces = layout.flow.pieces
    layout.rank_headings(pieces)
    hyphens.learn(p.plain for p in pieces)
    result = assemble(pieces, hyphens, language=language)
    shown = tuple(Page(p.number, p.label or layout.labels.get(p.number), p.width, p.height, p.engine, coverage=tuple(result.coverage.get(p.number, {}).items())) for p in pages)
    main = language or _main_language(result.blocks)
    return Document(document_id, str(path), hashlib.sha256(data).hexdigest(), result.text, result.blocks, shown, tuple(result.words), main, metadata)


def _main_language(blocks: object) -> str | None:
    from collections import Counter

    counts: Counter[str] = Counter()
    for block in blocks:  # type: ignore[attr-defined]
        if block.language:
            counts[block.language] += block.end - block.start
    return counts.most_common(1)[0][0] if counts else None
