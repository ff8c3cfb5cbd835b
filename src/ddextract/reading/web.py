"""HTML and Word files as documents, through the light readers that well-kept libraries and the standard library give."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from ddextract.document import Document
from ddextract.errors import InputError
from ddextract.reading.markup import decode
from ddextract.reading.plain import document_from_text

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SKIPPED = {"script", "style", "nav", "header", "footer", "aside", "noscript", "template", "svg", "form", "button", "head"}
HEADINGS = {f"h{n}": n for n in range(1, 7)}
BLOCKS = {"p", "div", "section", "article", "blockquote", "ul", "ol", "table", "dl", "dt", "dd", "figure", "figcaption", "main", "tr", "pre"}
VOID = {"br", "hr", "img", "meta", "link", "input", "source", "wbr", "col", "area", "base", "embed", "track", "param"}


class _Marked(HTMLParser):
    """Writes HTML as plain markdown: headings, list items and table rows keep their marks, the rest is paragraphs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.skipping: list[str] = []
        self.row: list[str] | None = None
        self.cell: list[str] | None = None
        self.rows = 0
        self.title = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "title":
            self._in_title = True
        if tag in SKIPPED and tag not in VOID:
            self.skipping.append(tag)
        if self.skipping:
            return
        if tag in HEADINGS:
            self.parts.append("\n\n" + "#" * HEADINGS[tag] + " ")
        elif tag == "li":
            self.parts.append("\n\n- ")
        elif tag == "table":
            self.rows = 0
            self.parts.append("\n\n")
        elif tag == "tr":
            self.row = []
        elif tag in ("td", "th"):
            self.cell = []
        elif tag == "br":
            self._text("\n" if self.cell is None else " ")
        elif tag == "sup":
            self._text("<sup>")
        elif tag in BLOCKS:
            self.parts.append("\n\n") if self.cell is None else self._text(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if tag in self.skipping:
            while self.skipping.pop() != tag:
                pass
            return
        if self.skipping:
            return
        if tag in ("td", "th") and self.cell is not None:
            if self.row is not None:
                self.row.append(" ".join("".join(self.cell).split()).replace("|", "/"))
            self.cell = None
        elif tag == "tr" and self.row is not None:
            if len(self.row) > 1:
                self.parts.append("| " + " | ".join(self.row) + " |\n" + ("|---|\n" if not self.rows else ""))
            elif self.row:
                self.parts.append("\n\n" + self.row[0] + "\n\n")
            self.rows += 1
            self.row = None
        elif tag == "sup":
            self._text("</sup>")
        elif tag in HEADINGS or tag in BLOCKS or tag == "li":
            self.parts.append("\n\n") if self.cell is None else self._text(" ")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        if not self.skipping:
            self._text(" ".join(data.split("\n")) if data.strip() else " ")

    def _text(self, text: str) -> None:
        (self.cell if self.cell is not None else self.parts).append(text)


def read_html(path: Path, *, document_id: str, language: str | None = None) -> Document:
    """Read an HTML page; navigation, scripts and forms are left out.

    Raises:
        InputError: It has no text.
    """
    data = path.read_bytes()
    text, problem = decode(data)
    reader = _Marked()
    reader.feed(text)
    reader.close()
    lines = [line.strip() for line in "".join(reader.parts).split("\n")]
    return document_from_text("\n".join(lines), path, data, document_id=document_id, language=language, markdown=True, problems=(problem,) if problem else ())


def read_docx(path: Path, *, document_id: str, language: str | None = None) -> Document:
    """Read a Word file (.docx) with python-docx.

    Raises:
        InputError: It is damaged, or the library is not installed.
    """
    try:
        import docx
        from docx.opc.exceptions import PackageNotFoundError
    except ImportError:
        raise InputError(path, "reading Word files needs the library python-docx", "pip install python-docx, or save it as PDF or text") from None
    data = path.read_bytes()
    try:
        source = docx.Document(str(path))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InputError(path, f"not a Word file, or damaged ({error})", "Save it again as .docx, PDF or text") from None
    parts: list[str] = []
    for item in source.iter_inner_content():
        if hasattr(item, "rows"):
            rows = [" | ".join(" ".join(cell.text.split()).replace("|", "/") for cell in row.cells) for row in item.rows]
            parts.append("\n".join([f"| {rows[0]} |", "|---|", *(f"| {row} |" for row in rows[1:])]) if rows else "")
            continue
        text = " ".join(item.text.split())
        style = (item.style.name or "") if item.style is not None else ""
        properties = item._p.pPr
        if style.startswith("Heading") and style[-1:].isdigit():
            text = "#" * min(int(style[-1]), 6) + " " + text
        elif style == "Title":
            text = "# " + text
        elif style.startswith("List") or (properties is not None and properties.numPr is not None):
            text = "- " + text
        parts.append(text)
    parts += [f"[^{n}]: {text}" for n, text in enumerate(_word_notes(source), 1)]
    core = source.core_properties
    metadata = {key: value for key, value in (("title", core.title), ("author", core.author)) if value and value != "python-docx"}
    document = document_from_text("\n\n".join(parts), path, data, document_id=document_id, language=language, markdown=True)
    return replace(document, metadata={**document.metadata, **metadata})


def _word_notes(source: Any) -> Iterator[str]:
    """Yield the footnotes of a Word file, which python-docx leaves in their part of the package."""
    from xml.etree import ElementTree

    for relation in source.part.rels.values():
        if relation.reltype.endswith("/footnotes"):
            # python-docx has parsed the package already; entities are not resolved here.
            for note in ElementTree.fromstring(relation.target_part.blob).iter(f"{WORD}footnote"):
                text = " ".join("".join(node.text or "" for node in note.iter(f"{WORD}t")).split())
                if text:
                    yield text
