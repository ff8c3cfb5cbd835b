"""A page as a picture with coloured, numbered boxes, so that a person sees what the reader saw."""

from __future__ import annotations

from pathlib import Path

from ddextract.document import Document
from ddextract.errors import InputError

COLOURS = {
    "title": "#b00020", "heading": "#d32f2f", "paragraph": "#1565c0", "list_item": "#2e7d32", "table_cell": "#ef6c00",
    "caption": "#c2185b", "box": "#6a1b9a", "footnote": "#795548", "header": "#757575", "footer": "#757575",
    "page_number": "#757575", "contents": "#00838f", "bibliography": "#827717", "glossary": "#827717",
}  # fmt: skip


def draw_page(document: Document, number: int, out: Path, *, scale: float = 1.5, password: str | None = None) -> None:
    """Draw a page of a PDF with a box around every line, coloured by kind and numbered by block.

    Args:
        document: The document, read from a PDF.
        number: Page, from 1.
        out: PNG file to write.
        scale: Pixels per point.
        password: Opens an encrypted PDF.

    Raises:
        InputError: The document has no such page.
    """
    import pypdfium2 as pdfium
    from PIL import ImageDraw

    if not 1 <= number <= len(document.pages):
        raise InputError(document.path, f"has no page {number}", f"Give a page from 1 to {len(document.pages)}" if document.pages else "Only PDFs have pages")
    pdf = pdfium.PdfDocument(document.path, password=password)
    try:
        picture = pdf[number - 1].render(scale=scale).to_pil().convert("RGB")
    finally:
        pdf.close()
    pen = ImageDraw.Draw(picture)
    for index, block in enumerate(document.blocks):
        boxes = [box for box in document.boxes(block.start, block.end) if box[0] == number]
        for _, x0, top, x1, bottom in boxes:
            pen.rectangle([x0 * scale, top * scale, x1 * scale, bottom * scale], outline=COLOURS[block.kind])
        if boxes:
            pen.text((max(boxes[0][1] * scale - 18, 0), boxes[0][2] * scale), str(index), fill=COLOURS[block.kind])
    picture.save(out)
