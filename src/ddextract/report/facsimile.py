"""Images of the pages on which the evidence stands."""

from __future__ import annotations

import io
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ddextract.report.shelf import Card, Shelf

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger(__name__)

PAGES_PER_DOCUMENT = 500
"""Most pages of one document that are shown as images."""
PAGES = 5000
"""Most pages of a report that are shown as images."""
WIDTH = 900
"""Width of an image in pixels."""
PHOTOGRAPH = 120_000
"""Bytes from which a page is taken for a photograph and saved as such."""


def draw_pages(shelf: Shelf, folder: Path) -> dict[str, dict[int, str]]:
    """Draw the pages that hold the best evidence, then those with the most counting mentions, up to the limits.

    A page that cannot be drawn is left out; the sentence is still shown in words.

    Args:
        shelf: Documents and sentences.
        folder: Where the image files go.

    Returns:
        By document id, the file name of each page drawn.
    """
    wanted = choose_pages(shelf)
    result: dict[str, dict[int, str]] = {}
    for card in shelf.cards:
        if wanted.get(card.id):
            result[card.id] = _draw(card, wanted[card.id], folder, shelf.run.settings.password)
    return result


def choose_pages(shelf: Shelf) -> dict[str, list[int]]:
    """Return which pages to draw, by document: best evidence of each state and instrument first."""
    evidence = {str(m) for m in shelf.run.profiles["evidence_mention"].dropna()} if len(shelf.run.profiles) else set()
    ranked: dict[str, list[int]] = {}
    for card in shelf.cards:
        if card.result.strategy.path.suffix.lower() != ".pdf" or not card.document.pages:
            continue
        counts: Counter[int] = Counter()
        for entry in shelf.by_document[card.id]:
            if entry.mention.page is not None and entry.mention.boxes:
                counts[entry.mention.page] += 1000 * (entry.mention.id in evidence) + 10 * entry.mention.counts + (entry.mention.label == "INSTRUMENT")
        ranked[card.id] = [page for page, weight in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if weight][:PAGES_PER_DOCUMENT]
    return _within(ranked, PAGES)


def _within(ranked: Mapping[str, Sequence[int]], limit: int) -> dict[str, list[int]]:
    """Share a limit fairly: the first page of every document before the second of any."""
    result: dict[str, list[int]] = {name: [] for name in ranked}
    for turn in range(max((len(p) for p in ranked.values()), default=0)):
        for name, pages in ranked.items():
            if turn < len(pages) and limit > 0:
                result[name].append(pages[turn])
                limit -= 1
    return result


def _draw(card: Card, pages: Sequence[int], folder: Path, password: str | None) -> dict[int, str]:
    import pypdfium2 as pdfium

    folder.mkdir(parents=True, exist_ok=True)
    drawn: dict[int, str] = {}
    try:
        pdf = pdfium.PdfDocument(str(card.result.strategy.path), password=password)
    except (pdfium.PdfiumError, OSError) as error:
        log.warning("%s: its pages cannot be shown as images (%s)", card.result.strategy.path, error)
        return drawn
    try:
        for number in sorted(pages):
            try:
                page = pdf[number - 1]
                scale = min(WIDTH / max(page.get_width(), 1.0), 2 * WIDTH / max(page.get_height(), 1.0))
                bitmap = page.render(scale=scale, grayscale=True)
                data, suffix = _small(bitmap.to_pil().convert("L"))
                bitmap.close()
                page.close()
            except Exception as error:
                log.warning("%s: page %d cannot be shown as an image (%s)", card.result.strategy.path, number, error)
                continue
            name = f"{card.slug}-{number:04d}.{suffix}"
            (folder / name).write_bytes(data)
            drawn[number] = name
    finally:
        pdf.close()
    return drawn


def _small(image: Image) -> tuple[bytes, str]:
    """Return a grey image as a small file: 16 greys suit printed text, JPEG suits photographs."""
    from PIL import Image as Drawing

    steps = image.point([round(v * 15 / 255) for v in range(256)])
    paletted = Drawing.frombytes("P", steps.size, steps.tobytes())
    paletted.putpalette([round(i * 255 / 15) for i in range(16) for _ in "rgb"])
    buffer = io.BytesIO()
    paletted.save(buffer, "PNG", bits=4, compress_level=6)
    if buffer.tell() <= PHOTOGRAPH:
        return buffer.getvalue(), "png"
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=45)
    return buffer.getvalue(), "jpg"
