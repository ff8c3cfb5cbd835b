"""Pages set by programs that we did not write (WeasyPrint, Chromium, LibreOffice, ReportLab, fpdf2), each with its truth.

A second set beside ``layouts.py``: its layouts were fixed before the reader was tried on them. Text comes from the specimens.

Usage::

    python benchmarks/ingestion/typeset.py OUT [SEED]   # writes NAME.pdf and NAME.json
"""

from __future__ import annotations

import html
import importlib.util
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from truth import Truth

SOURCES = Path(__file__).resolve().parents[2] / "corpus" / "specimen" / "source"
FILES = {"en": ("gbr-2031", "usa-2031"), "fr": ("fra-2031",), "es": ("esp-2031",)}
CHROMIUM = next((p for p in ("chromium", "chromium-browser", "google-chrome") if shutil.which(p)), "")
ROMAN = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]


class Source:
    """Paragraphs, sentences, headings and short pieces of the specimens, in an order of their own for each seed."""

    def __init__(self, language: str, seed: int) -> None:
        self.random = random.Random(f"{language}{seed}")
        text = "\n\n".join((SOURCES / f"{name}.md").read_text("utf-8") for name in FILES[language])
        text = re.sub(r"\[\^[^\]]*\]|\*+", "", text)
        blocks = [" ".join(b.split()) for b in text.split("\n\n")]
        self.paragraphs = [b for b in blocks if re.match(r"[^\W\d_]|[«¿¡]", b) and len(b) > 150 and "|" not in b and not b.startswith(("title", "[^"))]
        self.headings = [re.sub(r"^#+\s*(?:[\dIVX]+[.\d]*\s+)?", "", b) for b in blocks if b.startswith("#")]
        self.items = [i for b in text.split("\n") if b.startswith("- ") for i in [b[2:].strip()]]
        self.cells = [c.strip() for line in text.split("\n") if line.startswith("|") and "---" not in line for c in line.strip("|").split("|") if c.strip()]
        for pool in (self.paragraphs, self.headings, self.items, self.cells):
            self.random.shuffle(pool)
        self.at = dict.fromkeys(("paragraphs", "headings", "items", "cells", "sentences"), 0)
        self.sentences = [s for p in self.paragraphs for s in re.split(r"(?<=[a-zéóñ]\.)\s+(?=[A-ZÉ])", p) if 40 < len(s) < 160]

    def take(self, what: str) -> str:
        pool = getattr(self, what)
        self.at[what] += 1
        return str(pool[(self.at[what] - 1) % len(pool)])


class Story:
    """Blocks in reading order, as truth and as HTML at once."""

    def __init__(self, name: str, language: str, seed: int, length: int = 1) -> None:
        self.length = length
        self.truth = Truth(name, language)
        self.source = Source(language, seed)
        self.random = self.source.random
        self.language = language
        self.html: list[str] = []
        self.raw: list[tuple[str, Any]] = []
        self.numbers = [0, 0, 0]
        self.notes = 0

    def add(self, kind: str, text: str, markup: str, raw: Any = None) -> None:
        self.truth.blocks.append((kind, text))
        self.html.append(markup)
        self.raw.append((kind, raw if raw is not None else text))

    def h(self, level: int = 1, text: str | None = None, *, numbered: bool = False, upper: bool = False, cls: str = "") -> None:
        text = text or self.source.take("headings")
        if numbered:
            self.numbers[level - 1] += 1
            self.numbers[level:] = [0] * (3 - level)
            text = ".".join(map(str, self.numbers[:level])) + ("." if level == 1 else "") + " " + text
        shown = text.upper() if upper else text
        anchor = f"h{len(self.truth.blocks)}"
        self.add("heading", shown, f'<h{level} id="{anchor}" class="{cls}">{html.escape(text)}</h{level}>', (level, text))

    def p(self, text: str | None = None, *, note: bool = False, cls: str = "", kind: str = "paragraph") -> None:
        text = text or self.source.take("paragraphs")
        call, own = "", None
        if note:
            own = self.source.take("sentences")
            self.notes += 1
            self.truth.footnotes.append(own)
            call = f'<span class="fn">{html.escape(own)}</span>'
        self.add(kind, text, f'<p class="{cls}">{html.escape(text)}{call}</p>', (text, own))

    def items(self, count: int = 4, *, numbered: bool = False, lead: bool = True, cls: str = "") -> None:
        if lead:
            self.p({"en": "Over the next five years we will:", "fr": "Les forces armées devront :", "es": "Las Fuerzas Armadas deberán:"}[self.language])
        own = [self.source.take("items") for _ in range(count)]
        for i, item in enumerate(own):
            self.truth.blocks.append(("list_item", f"{i + 1}. {item}" if numbered else item))
        tag = "ol" if numbered else "ul"
        self.html.append(f'<{tag} class="{cls}">' + "".join(f"<li>{html.escape(i)}</li>" for i in own) + f"</{tag}>")
        self.raw.append(("list", (own, numbered)))

    def table(self, rows: int = 5, columns: int = 3, *, cls: str = "", long: bool = False) -> None:
        def cell(r: int, c: int) -> str:
            if r == 0:
                return self.source.take("headings")
            return self.source.take("sentences") if long and c else self.source.take("cells")

        cells = [[cell(r, c) for c in range(columns)] for r in range(rows)]
        for row in cells:
            self.truth.blocks.extend(("table_cell", text) for text in row)
        self.truth.tables += 1
        head = "<tr>" + "".join(f"<th>{html.escape(c)}</th>" for c in cells[0]) + "</tr>"
        body = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in cells[1:])
        self.html.append(f'<table class="{cls}">{head}{body}</table>')
        self.raw.append(("table", cells))

    def figure(self, number: int) -> None:
        word = {"en": "Figure", "fr": "Figure", "es": "Figura"}[self.language]
        text = f"{word} {number}. {self.source.take('headings')}"
        picture = '<svg viewBox="0 0 100 45" width="100%"><rect width="100" height="45" fill="#9ab"/><circle cx="40" cy="20" r="15" fill="#567"/></svg>'
        self.add("caption", text, f"<figure>{picture}<figcaption>{html.escape(text)}</figcaption></figure>")

    def box(self, paragraphs: int = 2, cls: str = "box") -> None:
        title = self.source.take("headings")
        texts = [self.source.take("paragraphs") for _ in range(paragraphs)]
        self.truth.blocks.append(("box", title))
        self.truth.blocks.extend(("box", t) for t in texts)
        self.html.append(f'<div class="{cls}"><p class="boxhead">{html.escape(title)}</p>' + "".join(f"<p>{html.escape(t)}</p>" for t in texts) + "</div>")
        self.raw.append(("box", (title, texts)))

    def quote(self) -> None:
        text = self.source.take("sentences")
        self.add("paragraph", text, f'<p class="quote">{html.escape(text)}</p>')

    def save(self, folder: Path, pages: int) -> None:
        self.truth.save(folder, pages)


# --- WeasyPrint and Chromium ---
BASE = """
@page { size: A4; margin: 24mm 20mm 22mm 20mm }
html { font: 10pt/1.35 'Liberation Serif' } body { margin: 0 }
h1 { font-size: 17pt } h2 { font-size: 13pt } h3 { font-size: 11pt } h1, h2, h3 { margin: 1em 0 .4em; break-after: avoid; line-height: 1.15; hyphens: manual }
p { margin: 0 0 .6em; orphans: 2; widows: 2 } li { margin-bottom: .25em } ul, ol { margin: .2em 0 .7em; padding-left: 1.5em }
figure { margin: .6em 0; break-inside: avoid } figcaption { font-size: 8.5pt; font-style: italic } table { border-collapse: collapse; width: 100%; margin: .8em 0 }
td, th { text-align: left; vertical-align: top; padding: 3pt 6pt; font-size: 9pt; hyphens: manual } tr { break-inside: avoid }
.fn { float: footnote; font-size: 8pt; line-height: 1.25 }
.box { background: #e8eef5; padding: 8pt 10pt; margin: .8em 0; break-inside: avoid; font-size: 9pt } .boxhead { font-weight: bold }
"""
HEADS = {
    "outer": "@page:left{@top-left{content:'%(title)s';font-size:8pt}@bottom-left{content:counter(page);font-size:8pt}}"
    "@page:right{@top-right{content:'%(other)s';font-size:8pt}@bottom-right{content:counter(page);font-size:8pt}}",
    "line": "@page{@top-center{content:'%(title)s | %(other)s';font-size:8pt;border-bottom:.5pt solid;width:100%%}@bottom-center{content:counter(page);font-size:9pt}}",
    "foot": "@page{@bottom-left{content:'%(title)s';font-size:8pt}@bottom-right{content:'Page ' counter(page) ' of ' counter(pages);font-size:8pt}}",
    "none": "",
}


def furniture_of(style: str, title: str, other: str, page: int, pages: int) -> list[tuple[int, str, str]]:
    """Return what the margin boxes of a style print on a page."""
    if style == "outer":
        return [(page, "header", other if page % 2 else title), (page, "page_number", str(page))]
    if style == "line":
        return [(page, "header", f"{title} | {other}"), (page, "page_number", str(page))]
    if style == "foot":
        return [(page, "footer", title), (page, "page_number", f"Page {page} of {pages}")]
    return []


def page_source(story: Story, css: str, heads: str, title: str, other: str) -> str:
    language = {"en": "en-GB", "fr": "fr", "es": "es"}[story.language]
    margins = HEADS[heads] % {"title": title.replace("'", "’"), "other": other}
    return f'<html lang="{language}"><meta charset="utf-8"><style>{BASE}{margins}{css}</style><body><main>' + "\n".join(story.html) + "</main></body></html>"


def page_count(path: Path) -> int:
    import pypdfium2

    pdf = pypdfium2.PdfDocument(path)
    count = len(pdf)
    pdf.close()
    return count


def weasy(story: Story, folder: Path, css: str = "", heads: str = "outer", *, title: str = "White Paper on Defence", other: str = "A Steady Friend") -> None:
    from weasyprint import HTML

    path = folder / f"{story.truth.name}.pdf"
    HTML(string=page_source(story, css, heads, title, other)).write_pdf(path)
    pages = page_count(path)
    for page in range(1, pages + 1):
        story.truth.furniture.extend(furniture_of(heads, title.replace("'", "’"), other, page, pages))
    story.save(folder, pages)


def chromium(story: Story, folder: Path, css: str = "", heads: str = "outer", *, title: str = "White Paper on Defence", other: str = "A Steady Friend") -> None:
    path = folder / f"{story.truth.name}.pdf"
    with tempfile.TemporaryDirectory() as work:
        page = Path(work) / "page.html"
        page.write_text(page_source(story, css, heads, title, other), "utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
        command = [CHROMIUM, *options, "--disable-sync", f"--user-data-dir={work}/p", "--no-pdf-header-footer", f"--print-to-pdf={path}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    pages = page_count(path)
    for number in range(1, pages + 1):
        story.truth.furniture.extend(furniture_of(heads, title, other, number, pages))
    story.save(folder, pages)


# --- LibreOffice, through flat OpenDocument ---
def fodt(
    story: Story,
    *,
    columns: int = 1,
    size: float = 10.5,
    font: str = "Liberation Serif",
    bullet: str = "\u2022",
    header: str = "",
    number: bool = True,
    justify: bool = True,
) -> str:
    locale = {"en": ("en", "GB"), "fr": ("fr", "FR"), "es": ("es", "ES")}[story.language]
    e = html.escape
    body: list[str] = []
    note = 0
    for kind, raw in story.raw:
        if kind == "heading":
            body.append(f'<text:h text:style-name="H{raw[0]}" text:outline-level="{raw[0]}">{e(raw[1])}</text:h>')
        elif kind == "paragraph":
            text, own = raw if isinstance(raw, tuple) else (raw, None)
            mark = ""
            if own:
                note += 1
                mark = (
                    f'<text:note text:id="n{note}" text:note-class="footnote"><text:note-citation>{note}</text:note-citation>'
                    f'<text:note-body><text:p text:style-name="N">{e(own)}</text:p></text:note-body></text:note>'
                )
            body.append(f'<text:p text:style-name="P">{e(text)}{mark}</text:p>')
        elif kind == "list":
            style = "LN" if raw[1] else "LB"
            body.append(
                f'<text:list text:style-name="{style}">'
                + "".join(f'<text:list-item><text:p text:style-name="P">{e(i)}</text:p></text:list-item>' for i in raw[0])
                + "</text:list>"
            )
        elif kind == "table":
            rows = "".join(
                "<table:table-row>"
                + "".join(f'<table:table-cell table:style-name="C"><text:p text:style-name="T">{e(c)}</text:p></table:table-cell>' for c in row)
                + "</table:table-row>"
                for row in raw
            )
            body.append(f'<table:table><table:table-column table:number-columns-repeated="{len(raw[0])}"/>{rows}</table:table>')
    heads = f'<style:header><text:p text:style-name="N">{e(header)}</text:p></style:header>' if header else ""
    feet = '<style:footer><text:p text:style-name="F"><text:page-number text:select-page="current"/></text:p></style:footer>' if number else ""
    align = "justify" if justify else "start"
    lang = f'fo:language="{locale[0]}" fo:country="{locale[1]}"'
    gap = "0.55cm"
    inner = f'<style:columns fo:column-count="{columns}" fo:column-gap="{gap}"/>' if columns > 1 else ""
    bold = 'fo:font-weight="bold"'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
 office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:font-face-decls><style:font-face style:name="B" svg:font-family="'{font}'"/></office:font-face-decls>
<office:styles>
<style:default-style style:family="paragraph"><style:paragraph-properties fo:hyphenation-ladder-count="no-limit"/>
<style:text-properties style:font-name="B" fo:font-size="{size}pt" {lang} fo:hyphenate="true" fo:hyphenation-remain-char-count="2" fo:hyphenation-push-char-count="2"/></style:default-style>
<style:style style:name="P" style:family="paragraph"><style:paragraph-properties fo:text-align="{align}" fo:margin-bottom="0.18cm"/></style:style>
<style:style style:name="T" style:family="paragraph"><style:text-properties fo:font-size="{size - 1.5}pt" fo:hyphenate="false"/></style:style>
<style:style style:name="N" style:family="paragraph"><style:text-properties fo:font-size="{size - 2.5}pt"/></style:style>
<style:style style:name="F" style:family="paragraph"><style:paragraph-properties fo:text-align="center"/><style:text-properties fo:font-size="9pt"/></style:style>
<style:style style:name="H1" style:family="paragraph"><style:paragraph-properties fo:margin-top="0.4cm" fo:margin-bottom="0.2cm" fo:keep-with-next="always"/><style:text-properties fo:font-size="16pt" {bold} fo:hyphenate="false"/></style:style>
<style:style style:name="H2" style:family="paragraph"><style:paragraph-properties fo:margin-top="0.3cm" fo:margin-bottom="0.15cm" fo:keep-with-next="always"/><style:text-properties fo:font-size="{size + 1}pt" {bold} fo:hyphenate="false"/></style:style>
<text:list-style style:name="LB"><text:list-level-style-bullet text:level="1" text:bullet-char="{bullet}"><style:list-level-properties text:list-level-position-and-space-mode="label-alignment">
<style:list-level-label-alignment text:label-followed-by="listtab" text:list-tab-stop-position="0.7cm" fo:text-indent="-0.5cm" fo:margin-left="0.7cm"/></style:list-level-properties><style:text-properties style:font-name="OpenSymbol"/></text:list-level-style-bullet></text:list-style>
<text:list-style style:name="LN"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."><style:list-level-properties text:list-level-position-and-space-mode="label-alignment">
<style:list-level-label-alignment text:label-followed-by="listtab" text:list-tab-stop-position="0.8cm" fo:text-indent="-0.6cm" fo:margin-left="0.8cm"/></style:list-level-properties></text:list-level-style-number></text:list-style>
</office:styles>
<office:automatic-styles><style:page-layout style:name="L"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" fo:margin-top="1.6cm" fo:margin-bottom="1.6cm" fo:margin-left="2.1cm" fo:margin-right="2.1cm">{inner}</style:page-layout-properties>
<style:header-style><style:header-footer-properties fo:min-height="0.9cm" fo:margin-bottom="0.4cm"/></style:header-style><style:footer-style><style:header-footer-properties fo:min-height="0.9cm" fo:margin-top="0.4cm"/></style:footer-style></style:page-layout>
<style:style style:name="C" style:family="table-cell"><style:table-cell-properties fo:border="0.5pt solid #000000" fo:padding="0.1cm"/></style:style></office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="L">{heads}{feet}</style:master-page></office:master-styles>
<office:body><office:text>{"".join(body)}</office:text></office:body></office:document>"""


def libre(story: Story, folder: Path, **options: Any) -> None:
    path = folder / f"{story.truth.name}.pdf"
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / f"{story.truth.name}.fodt"
        source.write_text(fodt(story, **options), "utf-8")
        command = [
            "soffice",
            f"-env:UserInstallation=file://{tempfile.gettempdir()}/typeset-office",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder),
            str(source),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    pages = page_count(path)
    for page in range(1, pages + 1):
        if options.get("header"):
            story.truth.furniture.append((page, "header", options["header"]))
        if options.get("number", True):
            story.truth.furniture.append((page, "page_number", str(page)))
    story.save(folder, pages)


# --- ReportLab Platypus ---
def platypus(story: Story, folder: Path, *, columns: int = 2, indent: float = 12, title: str = "Defence Review 2031") -> None:
    from reportlab.lib.pagesizes import letter
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

    class Picture(Flowable):
        def wrap(self, width: float, height: float) -> tuple[float, float]:
            del height
            self.width, self.height = width, 70
            return width, 70

        def draw(self) -> None:
            self.canv.setFillGray(0.8)
            self.canv.rect(0, 0, self.width, self.height, fill=1, stroke=0)
            self.canv.setFillGray(0)

    lang = {"en": "en_GB", "fr": "fr_FR", "es": "es_ES"}[story.language]
    text = ParagraphStyle(
        "t", fontName="Times-Roman", fontSize=9.5, leading=11.6, alignment=4, firstLineIndent=indent, hyphenationLang=lang, embeddedHyphenation=1
    )
    head = ParagraphStyle("h", fontName="Helvetica-Bold", fontSize=11, leading=13, spaceBefore=8, spaceAfter=3, keepWithNext=1)
    cap = ParagraphStyle("c", fontName="Helvetica-Oblique", fontSize=8, leading=9.5, spaceAfter=6, spaceBefore=2)
    item = ParagraphStyle("i", parent=text, firstLineIndent=0, leftIndent=12, bulletIndent=2)
    small = ParagraphStyle("s", fontName="Helvetica", fontSize=8, leading=9.6)
    flow: list[Any] = []
    for kind, raw in story.raw:
        if kind == "heading":
            flow.append(Paragraph(html.escape(raw[1]), head))
        elif kind == "paragraph":
            flow.append(Paragraph(html.escape(raw[0] if isinstance(raw, tuple) else raw), text))
        elif kind == "caption":
            flow += [Spacer(1, 5), Picture(), Paragraph(html.escape(raw), cap)]
        elif kind == "list":
            flow.extend(Paragraph(html.escape(i), item, bulletText="–" if not raw[1] else f"{n + 1}.") for n, i in enumerate(raw[0]))
            flow.append(Spacer(1, 5))
        elif kind == "table":
            table = Table([[Paragraph(html.escape(c), small) for c in row] for row in raw], repeatRows=1)
            table.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, "#888888"), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
            flow += [Spacer(1, 4), table, Spacer(1, 8)]

    def heads(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(50, 760, title)
        canvas.drawRightString(562, 760, f"{document.page}")
        story.truth.furniture.extend([(document.page, "header", title), (document.page, "page_number", str(document.page))])

    gap = 14.0
    width = (512 - gap * (columns - 1)) / columns
    frames = [Frame(50 + i * (width + gap), 54, width, 690, 0, 0, 0, 0) for i in range(columns)]
    path = folder / f"{story.truth.name}.pdf"
    document = BaseDocTemplate(str(path), pagesize=letter, invariant=1)
    document.addPageTemplates([PageTemplate("p", frames, onPage=heads)])
    document.build(flow)
    story.save(folder, page_count(path))


# --- fpdf2 ---
def fpdf(story: Story, folder: Path, *, columns: int = 2) -> None:
    from fpdf import FPDF

    class Paper(FPDF):
        def header(self) -> None:
            self.set_font("Times", "I", 8)
            self.cell(0, 6, "National Defence Paper", align="C")
            self.ln(10)
            story.truth.furniture.append((self.page_no(), "header", "National Defence Paper"))

        def footer(self) -> None:
            self.set_y(-15)
            self.set_font("Times", "", 9)
            self.cell(0, 6, str(self.page_no()), align="R")
            story.truth.furniture.append((self.page_no(), "page_number", str(self.page_no())))

    pdf = Paper()
    pdf.add_page()
    pdf.set_font("Times", size=10)
    with pdf.text_columns(text_align="J", ncols=columns, gutter=6, line_height=1.15) as flow:
        for kind, raw in story.raw:
            if kind == "heading":
                pdf.set_font("Times", "B", 12)
                with flow.paragraph(text_align="L", top_margin=3, bottom_margin=1) as part:
                    part.write(raw[1].encode("cp1252", "replace").decode("cp1252"))
                pdf.set_font("Times", "", 10)
            elif kind == "paragraph":
                with flow.paragraph(bottom_margin=2) as part:
                    part.write(raw[0].encode("cp1252", "replace").decode("cp1252"))
    path = folder / f"{story.truth.name}.pdf"
    pdf.output(str(path))
    story.save(folder, page_count(path))


# --- the layouts ---
def plain(story: Story, sections: int = 3, paragraphs: int = 4, *, each: Callable[[Story, int, int], None] | None = None, **heading: Any) -> Story:
    """Fill a story with sections of paragraphs; ``each`` adds what is special after a paragraph."""
    for s in range(sections * story.length):
        story.h(1 if not heading.get("level") else heading["level"], **{k: v for k, v in heading.items() if k != "level"})
        for n in range(paragraphs):
            story.p()
            if each:
                each(story, s, n)
    return story


def _numbered(s: Story) -> Story:
    for _ in range(3 * s.length):
        s.h(1, numbered=True)
        s.p()
        for _ in range(2):
            s.h(2, numbered=True)
            s.p()
            s.p()
            s.h(3, numbered=True)
            s.p()
    return s


def _paragraph_numbers(s: Story) -> Story:
    for chapter in range(1, 1 + 3 * s.length):
        s.h(1)
        for n in range(1, 7):
            text = s.source.take("paragraphs")
            s.truth.blocks.append(("paragraph", f"{chapter}.{n} {text}"))
            s.html.append(f'<div class="np"><span>{chapter}.{n}</span><p>{html.escape(text)}</p></div>')
    return s


def _front(s: Story) -> Story:
    """Title, contents with leaders, roman front matter, then arabic numbers."""
    s.add("title", "A Specimen White Paper", '<h1 class="doc">A Specimen White Paper</h1>')
    body = Story(s.truth.name, s.language, 77)
    body.source = s.source
    _numbered(body)
    entries = [(t, re.search(r'id="([^"]+)"', m)[1]) for (k, t), m in zip(body.truth.blocks, body.html, strict=True) if k == "heading"]  # type: ignore[index]
    s.add("heading", "Contents", "<h2>Contents</h2>")
    for text, anchor in entries:
        s.add("contents", text, f'<p class="toc"><a href="#{anchor}">{html.escape(text)}</a></p>')
    s.add("heading", "Foreword", '<h2 class="break">Foreword</h2>')
    for _ in range(10):
        s.p()
    s.html.append('<div class="main">')
    s.truth.blocks += body.truth.blocks
    s.html += [*body.html, "</div>"]
    return s


def _front_pdf(s: Story, folder: Path) -> None:
    css = """.doc{font-size:26pt;margin:60mm 0 30mm} .toc a{text-decoration:none;color:#000} .toc a::after{content:leader('.') target-counter(attr(href),page)}
    .break{break-before:page} @page{counter-increment:page;@bottom-center{content:counter(page,lower-roman)}@top-right{content:'A Specimen White Paper'}}
    @page:first{@bottom-center{content:none}@top-right{content:none}} .main{page:main} @page main{@bottom-center{content:counter(page)}}"""
    from weasyprint import HTML

    path = folder / f"{s.truth.name}.pdf"
    document = HTML(string=page_source(s, css, "none", "", "")).render()
    document.write_pdf(path)
    first = next(i for i, page in enumerate(document.pages, 1) if "h0" in page.anchors)
    for page in range(2, len(document.pages) + 1):
        s.truth.furniture.append((page, "header", "A Specimen White Paper"))
        s.truth.furniture.append((page, "page_number", ROMAN[page] if page < first else str(page)))
    s.save(folder, len(document.pages))


def _bibliography(s: Story) -> Story:
    plain(s, 2, 3)
    s.h(1, "Bibliography")
    names = [
        "Alder, J.",
        "Bertrand, Luc",
        "Cárdenas, M. and Ruiz, P.",
        "Dunmore, E.",
        "Eklund, S., Holm, T. and Vik, A.",
        "Farrow, K.",
        "Grant, O.",
        "Hale, I.",
    ]
    for i, name in enumerate(names):
        text = f"{name} ({2004 + 3 * i}). {s.source.take('headings')}: {s.source.take('sentences')[:70].rstrip(' ,.')}. Norland University Press, pp. {20 + i}–{48 + i}."
        s.add("bibliography", text, f'<p class="bib">{html.escape(text)}</p>')
    return s


def _side_by_side(s: Story) -> Story:
    """Main text with a sidebar over the page's height beside it."""
    for _ in range(3 * s.length):
        s.html.append('<div class="spread"><div class="left">')
        s.h(1)
        for _ in range(4):
            s.p()
        s.html.append('</div><div class="right">')
        s.box(2, "aside")
        s.html.append("</div></div>")
    return s


def _wide_middle(s: Story) -> Story:
    for _ in range(4 * s.length):
        s.html.append('<div class="cols">')
        for _ in range(4):
            s.p()
        s.html.append("</div>")
        s.h(1)
    s.html.append('<div class="cols">')
    for _ in range(3):
        s.p()
    s.html.append("</div>")
    return s


def _table_middle(s: Story) -> Story:
    """Two columns, cut by a table over the whole width."""
    for _ in range(3 * s.length):
        s.h(1)
        s.html.append('<div class="cols">')
        for _ in range(4):
            s.p()
        s.html.append("</div>")
        s.table(4, 4)
        s.html.append('<div class="cols">')
        for _ in range(4):
            s.p()
        s.html.append("</div>")
    return s


def _landscape(s: Story) -> Story:
    """Portrait pages with a landscape one between, which holds a table and columns."""
    for _ in range(2 * s.length):
        s.h(1)
        for _ in range(4):
            s.p()
        s.html.append('<div class="turned">')
        s.table(5, 5)
        s.html.append('<div class="cols">')
        for _ in range(4):
            s.p()
        s.html.append("</div></div>")
    return s


def _facing(s: Story) -> Story:
    """Two languages side by side, paragraphs that answer each other beginning at one height."""
    other = Source("fr", s.random.randrange(1 << 30))
    for _ in range(3 * s.length):
        pairs = [(s.source.take("paragraphs"), other.take("paragraphs")) for _ in range(4)]
        s.truth.blocks.extend(("paragraph", own) for own, _ in pairs)
        s.truth.blocks.extend(("paragraph", own) for _, own in pairs)
        rows = "".join(f'<p lang="en-GB">{html.escape(a)}</p><p lang="fr">{html.escape(b)}</p>' for a, b in pairs)
        s.html.append(f'<div class="facing">{rows}</div>')
    return s


def _mixed_quotes(s: Story, _: int, n: int) -> None:
    if n % 3 == 1:
        s.quote()


def _pictures(s: Story, _: int, n: int) -> None:
    if n % 2:
        s.figure(1 + sum(k == "caption" for k, _ in s.truth.blocks))


def _lists(s: Story, _: int, n: int) -> None:
    if n % 2:
        s.items(4, numbered=n % 4 == 1)


def _noted(s: Story, section: int, n: int) -> None:
    s.p(note=True)
    del section, n


TWO = "main{columns:2;column-gap:%s;text-align:justify;hyphens:auto}"
NP = ".np{display:flex;margin-bottom:.6em}.np span{width:32pt;flex:none}.np p{margin:0;flex:1}"
LAYOUTS: dict[str, tuple[str, str, Callable[[Story], Story], Callable[[Story, Path], None]]] = {
    "wp_numbered": ("en", "justified serif, numbered headings of three levels, heads on alternating sides", _numbered,
        lambda s, f: weasy(s, f, "html{font-family:'EB Garamond';font-size:11pt}p{text-align:justify;hyphens:auto;letter-spacing:.015em}")),
    "wp_two_tight": ("en", "two columns, narrow gutter, tight letters", lambda s: plain(s, 3, 6),
        lambda s, f: weasy(s, f, TWO % "4mm" + "html{font:9pt/1.3 'Lato';letter-spacing:-.02em}", "line")),
    "wp_two_fr": ("fr", "two columns in French, indents instead of gaps", lambda s: plain(s, 3, 7),
        lambda s, f: weasy(s, f, TWO % "7mm" + "p{margin:0;text-indent:1.3em}", "outer", title="Livre blanc de la défense", other="Une amitié sûre")),
    "wp_two_es": ("es", "two columns in Spanish", lambda s: plain(s, 4, 5), lambda s, f: weasy(s, f, TWO % "6mm", "foot", title="Libro Blanco", other="")),
    "cr_two_es_drop": ("es", "Chromium, two columns in Spanish, drop capitals", lambda s: plain(s, 4, 5),
        lambda s, f: chromium(s, f, TWO % "6mm" + "h1+p::first-letter{float:left;font-size:38pt;line-height:.8;padding-right:3pt;font-weight:bold}", "foot", title="Libro Blanco", other="")),
    "wp_wide_headings": ("en", "two columns cut by headings over the whole width", _wide_middle,
        lambda s, f: weasy(s, f, ".cols{columns:2;column-gap:8mm;text-align:justify;hyphens:auto}h1{text-align:center;font-size:15pt}", "line")),
    "wp_three_pictures": ("en", "three columns with pictures and captions", lambda s: plain(s, 3, 6, each=_pictures),
        lambda s, f: weasy(s, f, "@page{size:A4 landscape}main{columns:3;column-gap:6mm;hyphens:auto}html{font:9pt/1.3 'Open Sans'}", "outer")),
    "wp_front_matter": ("en", "title page, contents with leaders, roman and arabic page numbers", _front, _front_pdf),
    "wp_footnotes": ("fr", "one column with footnotes in French", lambda s: plain(s, 3, 4, each=_noted),
        lambda s, f: weasy(s, f, "p{text-align:justify;hyphens:auto}", "outer", title="Livre blanc", other="Coopérer")),
    "wp_footnotes_sans": ("es", "footnotes without a rule, symbols close in size", lambda s: plain(s, 3, 4, each=_noted),
        lambda s, f: weasy(s, f, "html{font:9.5pt/1.4 'Carlito'}.fn{font-size:8.5pt}@page{@footnote{border:none;margin-top:8pt}}", "line", title="Libro Blanco", other="Defensa")),
    "wp_sidebar": ("en", "a tinted sidebar over the height of the text", _side_by_side,
        lambda s, f: weasy(s, f, ".spread{display:flex;gap:8mm;break-after:page}.left{flex:2}.right{flex:1}.aside{background:#efe6d8;padding:8pt;font-size:8.5pt}")),
    "wp_sidebar_line": ("en", "a sidebar told only by a line at its side", _side_by_side,
        lambda s, f: weasy(s, f, ".spread{display:flex;gap:7mm;break-after:page}.left{flex:2}.right{flex:1}.aside{border-left:2pt solid #036;padding-left:8pt;font:8.5pt/1.3 'Lato'}")),
    "wp_boxes_wide": ("en", "boxes over both columns", lambda s: plain(s, 3, 5, each=lambda t, _, n: t.box(2) if n == 2 else None),
        lambda s, f: weasy(s, f, TWO % "7mm" + ".box{column-span:all;border:.7pt solid #333;background:none}", "foot")),
    "wp_boxes_column": ("fr", "tinted boxes within columns", lambda s: plain(s, 3, 5, each=lambda t, _, n: t.box(1) if n % 2 else None),
        lambda s, f: weasy(s, f, TWO % "7mm", "outer", title="Livre blanc", other="Coopérer")),
    "wp_quotes": ("en", "pull quotes between rules in two columns", lambda s: plain(s, 3, 6, each=_mixed_quotes),
        lambda s, f: weasy(s, f, TWO % "8mm" + ".quote{font:italic 14pt/1.25 'EB Garamond';text-align:center;border-top:1pt solid;border-bottom:1pt solid;padding:5pt 0;hyphens:manual;break-inside:avoid}", "outer")),
    "wp_lists": ("en", "lists with bullets and numbers", lambda s: plain(s, 3, 4, each=_lists), lambda s, f: weasy(s, f, "ul{list-style:square}", "foot")),
    "wp_lists_dash": ("fr", "lists with dashes in two columns", lambda s: plain(s, 3, 4, each=_lists),
        lambda s, f: weasy(s, f, TWO % "7mm" + "ul{list-style:'– '}", "line", title="Livre blanc", other="Coopérer")),
    "wp_table_bare": ("en", "tables without any rule, cells of several lines", lambda s: plain(s, 3, 3, each=lambda t, _, n: t.table(5, 3) if n == 1 else None), weasy),
    "wp_table_long": ("en", "tables without rules, whole sentences in the cells", lambda s: plain(s, 3, 3, each=lambda t, _, n: t.table(4, 3, long=True) if n == 1 else None),
        lambda s, f: weasy(s, f, "td,th{padding:5pt 9pt}", "foot")),
    "wp_table_striped": ("es", "tables with tinted rows", lambda s: plain(s, 3, 3, each=lambda t, _, n: t.table(6, 3) if n == 1 else None),
        lambda s, f: weasy(s, f, "tr:nth-child(odd) td{background:#e4ebe0}th{background:#254;color:#fff}", "outer", title="Libro Blanco", other="Defensa")),
    "wp_table_lines": ("fr", "tables with lines between rows", lambda s: plain(s, 3, 3, each=lambda t, _, n: t.table(5, 4) if n == 1 else None),
        lambda s, f: weasy(s, f, "tr{border-bottom:.5pt solid #666}", "outer", title="Livre blanc", other="Coopérer")),
    "wp_paragraph_numbers": ("en", "numbered paragraphs, the number hanging", _paragraph_numbers, lambda s, f: weasy(s, f, NP, "outer")),
    "wp_bibliography": ("en", "a bibliography with hanging indents", _bibliography, lambda s, f: weasy(s, f, ".bib{padding-left:18pt;text-indent:-18pt;margin-bottom:.3em}", "foot")),
    "wp_spaced": ("en", "letter-spaced headings in capitals", lambda s: plain(s, 4, 3, upper=True),
        lambda s, f: weasy(s, f, "h1{text-transform:uppercase;letter-spacing:.35em;font-size:12pt;word-spacing:.3em}p{text-align:justify}", "line")),
    "wp_small_headings": ("es", "bold headings in the size of the body, ragged", lambda s: plain(s, 6, 3, level=2),
        lambda s, f: weasy(s, f, "h2{font-size:10pt;margin:.9em 0 .1em}html{font:10pt/1.5 'Open Sans'}", "foot", title="Libro Blanco", other="")),
    "cr_two": ("en", "Chromium, two columns", lambda s: plain(s, 3, 6), lambda s, f: chromium(s, f, TWO % "7mm" + "html{font:9.5pt/1.35 'Liberation Sans'}")),
    "cr_spaced_fr": ("fr", "Chromium, spaced headings, lists, tables with a tinted head", lambda s: plain(s, 3, 4, upper=True, each=lambda t, _, n: t.table(4, 3) if n == 1 else t.items(3) if n == 2 else None),
        lambda s, f: chromium(s, f, "h1{text-transform:uppercase;letter-spacing:.25em;font-size:11pt}th{background:#dde}p{text-align:justify;hyphens:auto}", "line", title="Livre blanc", other="Coopérer")),
    "cr_sidebar": ("es", "Chromium, tinted sidebar, drop capital", _side_by_side,
        lambda s, f: chromium(s, f, ".spread{display:flex;gap:8mm;break-after:page}.left{flex:2}.right{flex:1}.aside{background:#e8e8f4;padding:8pt;font-size:8.5pt}h1+p::first-letter{float:left;font-size:34pt;line-height:.85;padding-right:3pt}", title="Libro Blanco", other="Defensa")),
    "lo_two_footnotes": ("en", "LibreOffice, two columns, footnotes under each column", lambda s: plain(s, 3, 4, each=_noted), lambda s, f: libre(s, f, columns=2, header="A Steady Friend")),
    "lo_one_fr": ("fr", "LibreOffice, one column, tables, footnotes", lambda s: plain(s, 3, 3, each=lambda t, _, n: t.table(4, 3) if n == 1 else _noted(t, 0, n)), lambda s, f: libre(s, f, header="Livre blanc de la défense")),
    "lo_bullets_es": ("es", "LibreOffice, two columns, lists with bullets of a symbol font", lambda s: plain(s, 3, 4, each=lambda t, _, n: t.items(4, numbered=n == 3) if n % 2 else None),
        lambda s, f: libre(s, f, columns=2, bullet="\uf0a7", font="Carlito", header="Libro Blanco de la Defensa")),
    "lo_three": ("en", "LibreOffice, three columns, no heads", lambda s: plain(s, 4, 6, level=2), lambda s, f: libre(s, f, columns=3, size=9, number=True, justify=False)),
    "rl_two": ("en", "Platypus, two columns, indents, pictures", lambda s: plain(s, 3, 6, each=_pictures), platypus),
    "rl_three_fr": ("fr", "Platypus, three columns", lambda s: plain(s, 3, 6), lambda s, f: platypus(s, f, columns=3, indent=9, title="Revue de défense")),
    "rl_lists_tables": ("es", "Platypus, one column, dashes, tables with lines below the rows", lambda s: plain(s, 3, 4, each=lambda t, _, n: t.table(5, 3) if n == 1 else t.items(3) if n == 2 else None),
        lambda s, f: platypus(s, f, columns=1, title="Revista de Defensa")),
    "fp_two": ("en", "fpdf2, two columns", lambda s: plain(s, 3, 6), fpdf),
    "wp_table_middle": ("en", "two columns with a table over the whole width between them", _table_middle,
        lambda s, f: weasy(s, f, ".cols{columns:2;column-gap:7mm;text-align:justify;hyphens:auto}", "outer")),
    "cr_table_middle_es": ("es", "Chromium, two columns with a table with lines over the whole width", _table_middle,
        lambda s, f: chromium(s, f, ".cols{columns:2;column-gap:7mm}td,th{border-top:.5pt solid #555}", "line", title="Libro Blanco", other="Defensa")),
    "cr_sidebar_rule": ("en", "Chromium, a sidebar told by nothing but a line at its side", _side_by_side,
        lambda s, f: chromium(s, f, ".spread{display:flex;gap:6mm;break-after:page}.left{flex:2.2;text-align:justify;hyphens:auto}.right{flex:1}.aside{border-left:.7pt solid #444;padding-left:4mm;font-size:8.5pt}")),
    "wp_margin_numbers": ("en", "numbers of paragraphs in the margin, in another face and size", _paragraph_numbers,
        lambda s, f: weasy(s, f, "@page{margin-left:34mm}.np{position:relative;margin-bottom:.6em}.np span{position:absolute;left:-15mm;font:8pt/1.7 'Open Sans'}.np p{margin:0;text-align:justify;hyphens:auto}", "line")),
    "lo_three_footnotes": ("fr", "LibreOffice, three columns, footnotes under each column", lambda s: plain(s, 3, 5, each=_noted), lambda s, f: libre(s, f, columns=3, size=9, header="Livre blanc")),
    "cr_small_caps": ("en", "Chromium, heads in spaced small capitals", lambda s: plain(s, 4, 4),
        lambda s, f: chromium(s, f, "h1{font-variant:small-caps;letter-spacing:.18em;font-size:14pt;font-weight:normal}" + TWO % "7mm", "foot")),
    "wp_landscape": ("en", "landscape pages between portrait ones", _landscape,
        lambda s, f: weasy(s, f, "@page turned{size:A4 landscape}.turned{page:turned}.cols{columns:2;column-gap:8mm;text-align:justify;hyphens:auto}", "line")),
    "wp_facing": ("en", "two languages in facing columns, paragraphs level", _facing,
        lambda s, f: weasy(s, f, ".facing{display:grid;grid-template-columns:1fr 1fr;column-gap:8mm;break-after:page;text-align:justify;hyphens:auto}", "foot")),
    "cr_facing": ("en", "Chromium, two languages in facing columns, ragged, a line between", _facing,
        lambda s, f: chromium(s, f, ".facing{display:grid;grid-template-columns:1fr 1fr;break-after:page}.facing p{padding:0 4mm}.facing p:nth-child(odd){border-right:.5pt solid #888}", "outer")),
    "fp_three_es": ("es", "fpdf2, three columns in Spanish", lambda s: plain(s, 3, 6), lambda s, f: fpdf(s, f, columns=3)),
}  # fmt: skip


def available(name: str) -> str:
    """Return why a layout cannot be set here, empty if it can."""
    maker = name.split("_", 1)[0]
    if maker == "cr":
        return "" if CHROMIUM else "Chromium is not installed"
    if maker == "lo":
        return "" if shutil.which("soffice") else "LibreOffice is not installed"
    module = {"wp": "weasyprint", "rl": "reportlab", "fp": "fpdf"}[maker]
    return "" if importlib.util.find_spec(module) else f"{module} is not installed"


def draw(name: str, folder: Path, pages: int = 6, seed: int = 1) -> None:
    """Set one layout, about as many pages as wanted."""
    language, _, fill, make = LAYOUTS[name]
    make(fill(Story(name, language, seed, max(1, pages // 2))), folder)


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for layout in LAYOUTS:
        missing = available(layout)
        if missing:
            print(f"{layout}: skipped, {missing}")
        else:
            draw(layout, out, seed=int(sys.argv[2]) if len(sys.argv) > 2 else 1)
