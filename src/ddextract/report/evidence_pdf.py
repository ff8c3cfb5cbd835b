"""A copy of a PDF with its evidence highlighted: each mention an annotation, its code and attribution the note."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddextract.codebook import Codebook
from ddextract.errors import InputError, UsageError
from ddextract.mention import Box, Mention

if TYPE_CHECKING:
    from pypdf import PageObject

COLOURS = {"INSTRUMENT": "ffe066", "ADJACENT": "f5c39b", "OBJECTIVE": "a3dcc8"}
"""Colour of the mark by label (tints of Okabe-Ito, light enough to read through); instruments that do not count are blue."""
UNCOUNTED = "bfe1f6"
ALL = ("INSTRUMENT", "ADJACENT", "OBJECTIVE")


def highlighted(path: Path, mentions: Sequence[Mention], codebook: Codebook, *, everything: bool = False, password: str | None = None) -> tuple[bytes, int]:
    """Return a copy of a PDF with highlight annotations, and how many.

    Args:
        path: The PDF.
        mentions: Its mentions, with boxes.
        codebook: For the names of the codes.
        everything: Also instruments that do not count, the adjacent area and objectives.
        password: For an encrypted PDF; the copy is not encrypted.

    Raises:
        UsageError: The PDF library is not installed.
        InputError: The file cannot be copied.
    """
    try:
        from pypdf import PdfReader, PdfWriter
        from pypdf.errors import PyPdfError
    except ImportError:
        raise UsageError("highlighting needs pypdf. Install it with: pip install 'ddextract[pdf]'.") from None
    wanted = [m for m in mentions if m.boxes and (m.label in ALL if everything else m.counts)]
    by_page: dict[int, list[tuple[Mention, list[Box]]]] = defaultdict(list)
    for mention in wanted:
        for page in sorted({box[0] for box in mention.boxes}):
            by_page[page].append((mention, [box for box in mention.boxes if box[0] == page]))
    try:
        reader = PdfReader(path, password=password)
        writer = PdfWriter(clone_from=reader)
        number = 0
        for page, marks in sorted(by_page.items()):
            target = writer.pages[page - 1]
            for mention, boxes in marks:
                writer.add_annotation(page - 1, _annotation(target, mention, boxes, codebook))
                number += 1
        buffer = io.BytesIO()
        writer.write(buffer)
    except (PyPdfError, OSError, IndexError, ValueError, KeyError) as error:
        raise InputError(path, f"cannot be copied ({type(error).__name__}: {error})", "Save it anew with a PDF viewer and try again.") from None
    return buffer.getvalue(), number


def _annotation(page: PageObject, mention: Mention, boxes: Sequence[Box], codebook: Codebook) -> Any:
    from pypdf.annotations import Highlight
    from pypdf.generic import ArrayObject, FloatObject, NameObject, TextStringObject

    corners = [_corners(page, box) for box in boxes]
    xs = [x for quad in corners for x in quad[::2]]
    ys = [y for quad in corners for y in quad[1::2]]
    colour = COLOURS[mention.label] if mention.label != "INSTRUMENT" or mention.counts else UNCOUNTED
    quads = ArrayObject(FloatObject(round(v, 2)) for quad in corners for v in quad)
    annotation = Highlight(rect=(min(xs), min(ys), max(xs), max(ys)), quad_points=quads, highlight_color=colour, printing=True)
    annotation[NameObject("/Contents")] = TextStringObject(note(mention, codebook))
    annotation[NameObject("/T")] = TextStringObject("ddextract")
    annotation[NameObject("/NM")] = TextStringObject(mention.id)
    return annotation


def note(mention: Mention, codebook: Codebook) -> str:
    """Return the note of a highlight: code, attribution, partners, score, rule, and why it does not count."""
    concept = codebook.concepts.get(mention.code)
    lines = [f"{concept.title.get('en', mention.code) if concept else mention.code} ({mention.code})"]
    if mention.attribution:
        a = mention.attribution
        lines.append(f"{a.holder}, {a.status} ({a.ladder.replace('_', ' ')})" + (f", by {a.agent.name}" if a.agent else ""))
        if a.partner:
            lines.append("with " + ", ".join(dict.fromkeys(p.name for p in a.partner)))
    if mention.label == "INSTRUMENT" and not mention.counts:
        lines.append(f"not counted: {mention.reason}")
    lines.append(f"score {mention.score:.2f}, {mention.rule}")
    return "\n".join(lines)


def _corners(page: PageObject, box: Box) -> tuple[float, ...]:
    """Return upper left, upper right, lower left, lower right of a box in the page's own space, whichever way the page is turned."""
    _, x0, top, x1, bottom = box
    return tuple(v for x, y in ((x0, top), (x1, top), (x0, bottom), (x1, bottom)) for v in _point(page, x, y))


def _point(page: PageObject, x: float, y: float) -> tuple[float, float]:
    area = page.cropbox
    left, right, low, high = float(area.left), float(area.right), float(area.bottom), float(area.top)
    return {0: (left + x, high - y), 90: (left + y, low + x), 180: (right - x, low + y), 270: (right - y, high - x)}[page.rotation % 360]
