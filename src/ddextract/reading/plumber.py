"""Words of a page from pdfplumber: the stand-in where the fast engine fails."""

from __future__ import annotations

from pathlib import Path

from ddextract.reading.shapes import RawPage, Rule, Word
from ddextract.reading.words import GARBAGE, clean


def read_page(path: Path, index: int, *, label: str | None = None, password: str | None = None) -> RawPage:
    """Return the words, lines and rectangles of a page.

    Args:
        path: The PDF.
        index: Page, from 0.
        label: Page label of the file, where it has one.
        password: Opens an encrypted PDF.

    Raises:
        Exception: Whatever pdfminer raises on the page; the caller goes on with the next.
    """
    import pdfplumber

    # Opened here: when pdfplumber fails it leaves a file of its own open.
    with path.open("rb") as stream, pdfplumber.open(stream, pages=[index + 1], password=password or "") as pdf:
        page = pdf.pages[0]
        try:
            x, y = page.bbox[0], page.bbox[1]
            result = RawPage(index + 1, label, float(page.width), float(page.height), engine="pdfplumber")
            found = page.extract_words(use_text_flow=True, extra_attrs=["size", "fontname"], x_tolerance_ratio=0.2)
            for order, w in enumerate(found):
                text, size = clean(w["text"].replace("(cid:127)", "•")), float(w["size"])
                if not text:
                    continue
                base = w["bottom"] - y - 0.22 * size
                bold = any(mark in w["fontname"].lower() for mark in ("bold", "black", "heavy"))
                result.words.append(Word(text, w["x0"] - x, base - 0.76 * size, w["x1"] - x, base + 0.22 * size, base, size, bold, order))
            for shape in [*page.lines, *page.rects][:5000]:
                result.rules.append(Rule(shape["x0"] - x, shape["top"] - y, shape["x1"] - x, shape["bottom"] - y, bool(shape.get("fill"))))
            result.characters = sum(len(w.text) for w in result.words)
            result.garbage = sum(len(GARBAGE.findall(w.text)) + 5 * w.text.count("(cid:") for w in result.words)
            return result
        finally:
            page.close()
