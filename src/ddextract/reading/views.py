"""A document as read, for the eye and for other programs: lines of text, JSON lines, an HTML page, characters by kind."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Set
from typing import Any

from ddextract.document import FURNITURE, Block, Document

TAGS = {"title": "h1", "list_item": "li", "caption": "figcaption", "box": "aside", "table_cell": "td"}
STYLE = """body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
[data-kind=footnote],.furniture,[data-kind=contents]{color:#555;font-size:.85rem}.furniture{border-left:3px solid #bbb;padding-left:.5rem}
aside{background:#eef2f7;padding:.5rem .8rem;margin:.4rem 0}table{border-collapse:collapse}td{border:1px solid #999;padding:.25rem .5rem;vertical-align:top}
hr{border:0;border-top:1px dashed #999;margin:1.5rem 0 .3rem}.page{color:#555;font-size:.8rem}"""


def _plain(document: Document, block: Block) -> str:
    return " ".join(document.block_text(block).split())


def _shown(document: Document, show: Set[str]) -> Iterator[Block]:
    hidden = {"footnotes": {"footnote"}, "contents": {"contents"}, "furniture": set(FURNITURE)}
    left_out = set[str]().union(*(kinds for name, kinds in hidden.items() if name not in show))
    return (block for block in document.blocks if block.kind not in left_out)


def text_lines(document: Document, show: Set[str]) -> Iterator[str]:
    """Yield a line per block.

    Args:
        document: The document.
        show: Among ``furniture``, ``footnotes``, ``contents``: what is shown besides the body.
    """
    return (_plain(document, block) for block in _shown(document, show))


def jsonl_lines(document: Document) -> Iterator[str]:
    """Yield a JSON object per block, furniture among them: kind, page, bbox (x0, top, x1, bottom in points), text, and what else is known of it."""
    for block in document.blocks:
        boxes = document.boxes(block.start, block.end)
        own = [b for b in boxes if b[0] == block.page] or list(boxes)
        record: dict[str, Any] = {
            "kind": block.kind,
            "page": block.page,
            "bbox": [min(b[1] for b in own), min(b[2] for b in own), max(b[3] for b in own), max(b[4] for b in own)] if own else None,
            "text": _plain(document, block),
            "start": block.start,
            "end": block.end,
            "level": block.level,
            "section": list(block.section),
            "lead_in": block.lead_in,
            "language": block.language,
            "anchor": block.anchor,
            "cell": None,
        }
        if block.cell:
            cell = block.cell
            record["cell"] = {"table": cell.table, "row": cell.row, "column": cell.column, "row_header": cell.row_header, "column_header": cell.column_header}
        yield json.dumps(record, ensure_ascii=False)


def html_page(document: Document, show: Set[str]) -> str:
    """Return a page of HTML that stands by itself: blocks by kind, tables as tables, a rule at each page."""
    parts: list[str] = []
    page: int | None = None
    open_: tuple[str, int] | None = None
    row = -1
    for block in _shown(document, show):
        group = ("ul", 0) if block.kind == "list_item" else ("table", block.cell.table) if block.cell else None
        if open_ and group != open_:
            parts.append(f"{'</tr>' if open_[0] == 'table' else ''}</{open_[0]}>")
            open_ = None
        if block.page is not None and block.page != page and block.kind not in FURNITURE and open_ is None:
            page = block.page
            label = next((p.label for p in document.pages if p.number == page and p.label), None)
            parts.append(f'<hr><div class="page">{page}{f" ({html.escape(label)})" if label and label != str(page) else ""}</div>')
        if group and open_ is None:
            parts.append(f"<{group[0]}>")
            open_, row = group, -1
        if block.cell and block.cell.row != row:
            parts.append(("</tr>" if row >= 0 else "") + "<tr>")
            row = block.cell.row
        tag = TAGS.get(block.kind) or (f"h{min(block.level or 1, 5) + 1}" if block.kind == "heading" else "p")
        style = ' class="furniture"' if block.kind in FURNITURE else ""
        language = f' lang="{block.language}"' if block.language else ""
        parts.append(f'<{tag} data-kind="{block.kind}"{style}{language}>{html.escape(_plain(document, block))}</{tag}>')
    if open_:
        parts.append(f"{'</tr>' if open_[0] == 'table' else ''}</{open_[0]}>")
    title = html.escape(document.metadata.get("title") or document.id)
    main = document.language or "und"
    head = f'<!doctype html><html lang="{main}"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head>'
    return f"{head}<body><main>\n" + "\n".join(parts) + "\n</main></body></html>"


def coverage_lines(document: Document) -> Iterator[str]:
    """Yield for each page its quality and how many characters went to which kind, and a line for the whole."""
    total: dict[str, int] = {}
    for page in document.pages:
        for kind, n in page.coverage:
            total[kind] = total.get(kind, 0) + n
        kinds = ", ".join(f"{kind} {n}" for kind, n in page.coverage) or "no characters"
        problems = f"; {'; '.join(page.problems)}" if page.problems else ""
        yield f"page {page.number}{f' ({page.label})' if page.label else ''}: quality {page.quality:.2f}, {page.engine}; {kinds}{problems}"
    if not document.pages:
        for block in document.blocks:
            total[block.kind] = total.get(block.kind, 0) + block.end - block.start
    yield f"document: quality {document.quality:.2f}; " + ", ".join(f"{kind} {n}" for kind, n in sorted(total.items()))


def inspection_lines(document: Document, number: int) -> Iterator[str]:
    """Yield the blocks of a page with the numbers that the picture gives them, and what was wrong with the page."""
    page = document.pages[number - 1]
    kinds = ", ".join(f"{kind} {n}" for kind, n in page.coverage) or "none"
    printed = f", printed {page.label}" if page.label else ""
    yield f"page {number} of {len(document.pages)}{printed}: quality {page.quality:.2f}, {page.engine}; characters: {kinds}"
    for problem in page.problems:
        yield f"  ! {problem}"
    for index, block in enumerate(document.blocks):
        if any(box[0] == number for box in document.boxes(block.start, block.end)):
            text = _plain(document, block)
            level = f" {block.level}" if block.level else ""
            yield f"{index:>5} {block.kind + level:<13} {text[:90]}{'…' if len(text) > 90 else ''}"
