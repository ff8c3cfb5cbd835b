"""Render the specimen documents in ``source/`` to PDF.

The four documents are written for testing. The layout imitates the printed white
papers that the tool has to read: cover, contents with dotted leaders, roman and
arabic page labels, running heads, a two-column chapter, footnotes, a table, lists,
a boxed sidebar and justified text with hyphens at the ends of lines.

Usage::

    python corpus/specimen/render.py            # write every PDF
    python corpus/specimen/render.py --check    # exit 1 if a PDF is out of date

The output depends only on the source, on this file and on the versions of reportlab
and pyphen (see README.md): page streams are left uncompressed so that the zlib of
the machine plays no part.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Frame,
    FrameBreak,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

FOLDER = Path(__file__).resolve().parent
SOURCE = FOLDER / "source"

PAGE_WIDTH, PAGE_HEIGHT = A4
SIDE = 25 * mm
TOP = 28 * mm
BOTTOM = 25 * mm
GUTTER = 8 * mm
TEXT_WIDTH = PAGE_WIDTH - 2 * SIDE
TEXT_HEIGHT = PAGE_HEIGHT - TOP - BOTTOM
TITLE_BAND = 16 * mm
NOTE_GAP = 4 * mm
FIRST_CONTENTS_PAGE = 2
MAX_PASSES = 10
# A heading goes to the next column or page when less room than this is left.
HEADING_ROOM = {"chapter": 36 * mm, "section": 22 * mm}
CAPTION_ROOM = 45 * mm

NOTE_CALL = re.compile(r"\[\^(\w+)\]")
NOTE_TEXT = re.compile(r"^\[\^(\w+)\]:\s+(.*)$")
NUMBERED = re.compile(r"^\d+\.\s+")


# --- source -------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """One block of the source: a heading, paragraph, list, table or container."""

    kind: str
    text: str = ""
    items: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    children: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Source:
    """A parsed source file: front matter, blocks and footnotes."""

    meta: dict[str, str]
    blocks: tuple[Block, ...]
    notes: dict[str, str]


def parse(text: str) -> Source:
    """Parse a source file (TOML front matter between ``+++`` lines, then markdown)."""
    _, front, body = text.split("+++\n", 2)
    notes: dict[str, str] = {}
    lines: list[str] = []
    for line in body.splitlines():
        if match := NOTE_TEXT.match(line):
            notes[match[1]] = match[2]
        else:
            lines.append(line.rstrip())
    meta = {key: str(value) for key, value in tomllib.loads(front).items()}
    return Source(meta, tuple(_blocks(iter(lines))), notes)


def _blocks(lines: Iterator[str]) -> Iterator[Block]:
    """Yield the blocks up to the end of the lines or of the enclosing container."""
    group: list[str] = []
    for line in lines:
        if line.startswith(":::"):
            yield from _leaf(group)
            group = []
            name, _, title = line.removeprefix(":::").strip().partition(" ")
            if not name:
                return
            yield Block(name, title, children=tuple(_blocks(lines)))
        elif line:
            group.append(line)
        else:
            yield from _leaf(group)
            group = []
    yield from _leaf(group)


def _leaf(group: Sequence[str]) -> Iterator[Block]:
    """Yield the block that a run of non-empty lines forms (or nothing)."""
    if not group:
        return
    first = group[0]
    if first.startswith("## "):
        yield Block("section", first[3:])
    elif first.startswith("# "):
        yield Block("chapter", first[2:])
    elif first.startswith("- "):
        yield Block("bullets", items=tuple(line[2:] for line in group))
    elif NUMBERED.match(first):
        yield Block("numbers", items=tuple(NUMBERED.sub("", line) for line in group))
    elif first.startswith("|"):
        rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in group]
        yield Block("table", rows=tuple(row for row in rows if set("".join(row)) - set("-:")))
    elif first.startswith("^ "):
        yield Block("caption", first[2:])
    else:
        yield Block("paragraph", " ".join(group))


# --- styles -------------------------------------------------------------------------


def make_styles(language: str, accent: Any) -> dict[str, Any]:
    """Return the paragraph styles of a document in the language."""
    body = ParagraphStyle(
        "body",
        fontName="Times-Roman",
        fontSize=11,
        leading=15,
        alignment=TA_JUSTIFY,
        spaceAfter=6,
        hyphenationLang=language,
        hyphenationMinWordLength=6,
        allowWidows=0,
        allowOrphans=0,
    )
    head = ParagraphStyle("head", fontName="Helvetica-Bold", textColor=accent, spaceAfter=5)
    narrow = ParagraphStyle("narrow", parent=body, fontSize=9, leading=11.5, spaceAfter=3)
    cell = ParagraphStyle("cell", fontName="Helvetica", fontSize=8.5, leading=11)
    cover = ParagraphStyle("cover", fontName="Helvetica", fontSize=13, leading=18)
    return {
        "paragraph": body,
        "column": ParagraphStyle("column", parent=body, leading=16.5),
        "item": ParagraphStyle("item", parent=body, leftIndent=16, bulletIndent=4, spaceAfter=3),
        "chapter": ParagraphStyle("chapter", parent=head, fontSize=17, leading=21, spaceBefore=14, spaceAfter=9),
        "section": ParagraphStyle("section", parent=head, fontSize=12, leading=15, spaceBefore=8),
        "caption": ParagraphStyle("caption", parent=head, fontSize=9, leading=12, spaceBefore=6),
        "note": ParagraphStyle("note", parent=body, fontSize=8, leading=9.6, spaceAfter=1),
        "box": narrow,
        "box_title": ParagraphStyle("box_title", parent=head, fontSize=10.5, leading=13),
        "cell": cell,
        "cell_head": ParagraphStyle("cell_head", parent=cell, fontName="Helvetica-Bold", textColor=white),
        "cover_issuer": ParagraphStyle("cover_issuer", parent=cover, textColor=white),
        "cover_title": ParagraphStyle(
            "cover_title",
            parent=cover,
            fontName="Helvetica-Bold",
            fontSize=27,
            leading=33,
            spaceAfter=10,
        ),
        "cover_subtitle": cover,
        "cover_notice": ParagraphStyle("cover_notice", parent=cover, fontSize=10, leading=14, alignment=TA_CENTER),
    }


def inline(text: str, language: str) -> str:
    """Turn inline markdown into reportlab's paragraph markup."""
    text = escape(text).replace("&lt;br&gt;", "<br/>")
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)
    if language.startswith("fr"):
        text = re.sub(r" ([;:?!»%])", "\N{NO-BREAK SPACE}\\1", text)
        text = text.replace("« ", "«\N{NO-BREAK SPACE}")
    return NOTE_CALL.sub(r'<onDraw name="note_call" label="\1"/><super size="7">\1</super>', text)


# --- layout -------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A line of the contents page."""

    level: int
    text: str
    page: int
    key: str


@dataclass
class Layout:
    """What a pass over the document learns and the next pass needs."""

    entries: list[Entry] = field(default_factory=list)
    notes: dict[int, list[str]] = field(default_factory=dict)
    first_body_page: int = 1


class Renderer:
    """Lays one document out, pass by pass, until nothing moves any more."""

    def __init__(self, source: Source) -> None:
        """Prepare the styles of the document."""
        self.source = source
        self.meta = source.meta
        self.language = self.meta["hyphenation"]
        self.accent = HexColor(self.meta["accent"])
        self.styles = make_styles(self.language, self.accent)
        self.known = Layout()
        self.found = Layout()
        self.chapter = ""

    def render(self) -> bytes:
        """Return the PDF."""
        for _ in range(MAX_PASSES):
            self.found = Layout()
            self.chapter = ""
            data = self._run()
            if self.found == self.known:
                return data
            self.known = self.found
        raise RuntimeError(f"the layout of {self.meta['title']!r} does not settle")

    # text ---------------------------------------------------------------------------

    def _text(self, text: str, style: str, **options: Any) -> Any:
        """Return a paragraph flowable."""
        return Paragraph(inline(text, self.language), self.styles[style], **options)

    def _heading(self, block: Block) -> Any:
        """Return a heading that the contents page will list."""
        heading = self._text(block.text, block.kind)
        heading.contents_level = 0 if block.kind == "chapter" else 1
        heading.contents_text = block.text
        return heading

    def _flow(self, blocks: Sequence[Block], style: str = "paragraph") -> Iterator[Any]:
        """Yield the flowables of the blocks."""
        for block in blocks:
            if block.kind in {"chapter", "section"}:
                yield CondPageBreak(HEADING_ROOM[block.kind])
                yield self._heading(block)
            elif block.kind == "bullets":
                for item in block.items:
                    yield self._text(item, "item", bulletText="\N{BULLET}")
            elif block.kind == "numbers":
                for number, item in enumerate(block.items, 1):
                    yield self._text(item, "item", bulletText=f"{number}.")
            elif block.kind == "caption":
                yield CondPageBreak(CAPTION_ROOM)
                yield self._text(block.text, block.kind)
            elif block.kind == "table":
                yield self._table(block)
            elif block.kind == "box":
                yield self._box(block)
            elif block.kind == "foreword":
                yield self._heading(Block("chapter", block.text))
                yield from self._flow(block.children)
                yield NextPageTemplate("single")
                yield PageBreak()
            elif block.kind == "columns":
                yield from self._columns(block)
            else:
                yield self._text(block.text, style)

    def _columns(self, block: Block) -> Iterator[Any]:
        """Yield a chapter in two columns, its title across both."""
        yield NextPageTemplate("columns_title")
        yield PageBreak()
        yield self._heading(block.children[0])
        yield NextPageTemplate("columns")
        yield FrameBreak()
        yield from self._flow(block.children[1:], "column")
        yield NextPageTemplate("single")
        yield PageBreak()

    def _table(self, block: Block) -> Any:
        """Return a ruled table with a header row."""
        head, *rows = block.rows
        cells = [[self._text(cell, "cell_head") for cell in head]]
        cells += [[self._text(cell, "cell") for cell in row] for row in rows]
        first = TEXT_WIDTH * (0.3 if len(head) == 2 else 1 / len(head))
        rest = (TEXT_WIDTH - first) / (len(head) - 1)
        table = Table(cells, colWidths=[first] + [rest] * (len(head) - 1), repeatRows=1)
        table.setStyle(
            TableStyle(
                [
                    ("BACKGROUND", (0, 0), (-1, 0), self.accent),
                    ("GRID", (0, 0), (-1, -1), 0.5, HexColor("#8A8A8A")),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ]
            )
        )
        table.spaceBefore, table.spaceAfter = 3, 10
        return table

    def _box(self, block: Block) -> Any:
        """Return a tinted box with a title."""
        content = [self._text(block.text, "box_title"), *self._flow(block.children, "box")]
        box = Table([[content]], colWidths=[TEXT_WIDTH])
        box.setStyle(
            TableStyle(
                [
                    ("BACKGROUND", (0, 0), (-1, -1), HexColor("#EEF1F4")),
                    ("BOX", (0, 0), (-1, -1), 0.8, self.accent),
                    ("LEFTPADDING", (0, 0), (-1, -1), 10),
                    ("RIGHTPADDING", (0, 0), (-1, -1), 10),
                    ("TOPPADDING", (0, 0), (-1, -1), 8),
                ]
            )
        )
        box.spaceBefore, box.spaceAfter = 8, 10
        return KeepTogether([box])

    def _story(self) -> list[Any]:
        """Return the flowables of the whole document."""
        meta = self.meta
        notice = Table([[self._text(meta["notice"], "cover_notice")]], colWidths=[TEXT_WIDTH])
        notice.setStyle(TableStyle([("BOX", (0, 0), (-1, -1), 1, black), ("TOPPADDING", (0, 0), (-1, -1), 8)]))
        return [
            self._text(meta["issuer"], "cover_issuer"),
            Spacer(1, 62 * mm),
            self._text(meta["title"], "cover_title"),
            self._text(meta["subtitle"], "cover_subtitle"),
            Spacer(1, 8 * mm),
            self._text(meta["date"], "cover_subtitle"),
            Spacer(1, 40 * mm),
            notice,
            NextPageTemplate("contents"),
            PageBreak(),
            NextPageTemplate("single"),
            PageBreak(),
            *self._flow(self.source.blocks),
        ]

    # pages --------------------------------------------------------------------------

    def _label(self, page: int) -> str:
        """Return the printed number of a page, counted from 1."""
        if page < self.known.first_body_page:
            return ["", "i", "ii", "iii", "iv", "v", "vi"][page]
        return str(page - self.known.first_body_page + 1)

    def _on_page(self, _canvas: Any, document: Any) -> None:
        """Make room for the footnotes of the page that begins."""
        labels = self.known.notes.get(document.page, [])
        reserved = sum(height for _, height in self._notes(labels))
        reserved += NOTE_GAP if labels else 0
        for frame in document.pageTemplate.frames:
            bottom, height = frame.full_area
            # A frame at the top (the title band) keeps its place.
            room = reserved if bottom == BOTTOM else 0
            frame.y1 = bottom + room
            frame.height = height - room

    def _on_page_end(self, canvas: Any, document: Any) -> None:
        """Draw the running head, the foot and the footnotes of the page."""
        page: int = document.page
        canvas.saveState()
        canvas.setFont("Helvetica", 8)
        canvas.setFillColor(HexColor("#555555"))
        top = PAGE_HEIGHT - 17 * mm
        canvas.drawString(SIDE, top, self.meta["short"])
        canvas.drawRightString(PAGE_WIDTH - SIDE, top, self.chapter)
        canvas.setStrokeColor(self.accent)
        canvas.line(SIDE, top - 3, PAGE_WIDTH - SIDE, top - 3)
        canvas.drawString(SIDE, 14 * mm, self.meta["footer"])
        canvas.drawRightString(PAGE_WIDTH - SIDE, 14 * mm, self._label(page))
        canvas.restoreState()
        self._draw_notes(canvas, self.known.notes.get(page, []))

    def _on_cover(self, canvas: Any, _document: Any) -> None:
        """Paint the band at the top of the cover."""
        canvas.saveState()
        canvas.setFillColor(self.accent)
        canvas.rect(0, PAGE_HEIGHT - 52 * mm, PAGE_WIDTH, 52 * mm, stroke=0, fill=1)
        canvas.restoreState()

    def _on_contents(self, canvas: Any, _document: Any) -> None:
        """Draw the contents page from what the pass before found."""
        self.chapter = self.meta["contents"]
        y = PAGE_HEIGHT - TOP - 17
        canvas.setFillColor(self.accent)
        canvas.setFont("Helvetica-Bold", 17)
        canvas.drawString(SIDE, y, self.meta["contents"])
        canvas.setFillColor(black)
        y -= 16
        for entry in self.known.entries:
            font = "Times-Bold" if entry.level == 0 else "Times-Roman"
            y -= 20 if entry.level == 0 else 15
            canvas.setFont(font, 10.5)
            left = SIDE + 14 * entry.level
            right = PAGE_WIDTH - SIDE
            label = self._label(entry.page)
            canvas.drawString(left, y, entry.text)
            canvas.drawRightString(right, y, label)
            start = left + stringWidth(entry.text, font, 10.5) + 4
            end = right - stringWidth(label, font, 10.5) - 4
            canvas.setFont("Times-Roman", 10.5)
            dots = int((end - start) / stringWidth(" .", "Times-Roman", 10.5))
            canvas.drawRightString(end, y, " ." * dots)
            canvas.linkRect("", entry.key, (left, y - 3, right, y + 9), relative=0, thickness=0)
        if y < BOTTOM:
            raise RuntimeError("the contents do not fit on one page")

    def _note_call(self, canvas: Any, _kind: str | None, label: str) -> None:
        """Remember on which page a footnote is called."""
        labels = self.found.notes.setdefault(canvas.getPageNumber(), [])
        if label not in labels:
            labels.append(label)

    def _notes(self, labels: Sequence[str]) -> list[tuple[Any, float]]:
        """Return the footnotes as paragraphs with their heights."""
        result = []
        for label in labels:
            markup = f'<super size="6">{label}</super> ' + inline(self.source.notes[label], self.language)
            note = Paragraph(markup, self.styles["note"])
            _, height = note.wrap(TEXT_WIDTH, TEXT_HEIGHT)
            result.append((note, float(height) + 1))
        return result

    def _draw_notes(self, canvas: Any, labels: Sequence[str]) -> None:
        """Draw the footnotes at the bottom of the text area, under a short rule."""
        notes = self._notes(labels)
        y = BOTTOM + sum(height for _, height in notes)
        if notes:
            canvas.saveState()
            canvas.setLineWidth(0.5)
            canvas.line(SIDE, y + 3, SIDE + 45 * mm, y + 3)
            canvas.restoreState()
        for note, height in notes:
            y -= height
            note.drawOn(canvas, SIDE, y)

    def _after_flowable(self, flowable: Any) -> None:
        """Record a heading for the contents page, the outline and the running head."""
        level = getattr(flowable, "contents_level", None)
        if level is None:
            return
        text: str = flowable.contents_text
        canvas, page = self.document.canv, self.document.page
        key = f"h{len(self.found.entries)}"
        canvas.bookmarkPage(key)
        canvas.addOutlineEntry(text, key, level=level)
        self.found.entries.append(Entry(level, text, page, key))
        if level == 0:
            self.chapter = text
            if NUMBERED.match(text) and self.found.first_body_page == 1:
                self.found.first_body_page = page

    def _template(self, name: str, frames: Sequence[Any], **hooks: Callable[..., None]) -> Any:
        """Return a page template whose frames know their full area."""
        for frame in frames:
            frame.full_area = (frame.y1, frame.height)
        return PageTemplate(id=name, frames=list(frames), **hooks)

    def _run(self) -> bytes:
        """Lay the document out once."""
        meta = self.meta
        buffer = io.BytesIO()
        self.document = document = BaseDocTemplate(
            buffer,
            pagesize=A4,
            title=meta["title"],
            author=meta["issuer"],
            subject=meta["notice"],
            creator="ddextract specimen corpus",
            lang=meta["lang"],
            invariant=1,
            pageCompression=0,
        )
        document.afterFlowable = self._after_flowable
        half = (TEXT_WIDTH - GUTTER) / 2
        second = SIDE + half + GUTTER
        low = TEXT_HEIGHT - TITLE_BAND
        hooks = {"onPage": self._on_page, "onPageEnd": self._on_page_end}
        document.addPageTemplates(
            [
                self._template("cover", [_frame(SIDE, TEXT_WIDTH)], onPage=self._on_cover),
                self._template(
                    "contents",
                    [_frame(SIDE, TEXT_WIDTH)],
                    onPage=self._on_contents,
                    onPageEnd=self._on_page_end,
                ),
                self._template("single", [_frame(SIDE, TEXT_WIDTH)], **hooks),
                self._template(
                    "columns_title",
                    [
                        _frame(SIDE, TEXT_WIDTH, BOTTOM + low, TITLE_BAND),
                        _frame(SIDE, half, BOTTOM, low),
                        _frame(second, half, BOTTOM, low),
                    ],
                    **hooks,
                ),
                self._template("columns", [_frame(SIDE, half), _frame(second, half)], **hooks),
            ]
        )
        story = self._story()
        document.build(story, canvasmaker=self._canvas)
        return buffer.getvalue()

    def _canvas(self, *args: Any, **options: Any) -> Any:
        """Return a canvas that carries the page labels of the document."""
        canvas = Canvas(*args, **options)
        canvas.addPageLabel(0, style="ROMAN_LOWER", start=1)
        if self.known.first_body_page > 1:
            canvas.addPageLabel(self.known.first_body_page - 1, style="ARABIC", start=1)
        canvas.setNamedCB("note_call", self._note_call)
        canvas.showOutline()
        return canvas


def _frame(x: float, width: float, y: float = BOTTOM, height: float = TEXT_HEIGHT) -> Any:
    """Return a frame without padding."""
    return Frame(x, y, width, height, 0, 0, 0, 0)


# --- command ------------------------------------------------------------------------


def render(path: Path) -> bytes:
    """Return the PDF that a source file renders to."""
    return Renderer(parse(path.read_text(encoding="utf-8"))).render()


def main(arguments: Sequence[str] | None = None) -> int:
    """Render or check every specimen; return the exit status."""
    parser = argparse.ArgumentParser(description="Render the specimen documents to PDF.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check: bool = parser.parse_args(arguments).check
    stale = 0
    for path in sorted(SOURCE.glob("*.md")):
        target = FOLDER / f"{path.stem}.pdf"
        data = render(path)
        if not check:
            target.write_bytes(data)
            print(f"{target.name}: {len(data)} bytes")
        elif not target.is_file() or target.read_bytes() != data:
            print(f"{target.name} differs from its source", file=sys.stderr)
            stale += 1
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
