"""Draws PDFs in many layouts with their truth: blocks in reading order, furniture, footnotes.

Usage::

    python benchmarks/ingestion/layouts.py OUT   # writes NAME.pdf and NAME.json
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyphen
from prose import Prose
from reportlab.lib.colors import HexColor, black
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from truth import Truth

WIDTH, HEIGHT = 595.0, 842.0
DICTIONARIES = {"en": "en_GB", "fr": "fr", "es": "es"}


@dataclass
class Op:
    """A line of text to draw, collected first so that the content stream can be put in any order."""

    page: int
    x: float
    y: float
    text: str
    font: str
    size: float
    spacing: float = 0.0
    rise: float = 0.0


class Press:
    """Lays blocks into frames, line by line, and remembers what it set."""

    def __init__(
        self,
        name: str,
        language: str,
        seed: int,
        *,
        body: str = "Times-Roman",
        bold: str = "Times-Bold",
        size: float = 10,
        leading: float = 12.5,
        justify: bool = True,
        hyphenate: bool = True,
        stream: str = "normal",
        indent: float = 0,
        gap: float = 6,
        words_apart: bool = False,
    ) -> None:
        self.truth = Truth(name, language)
        self.prose = Prose(language, seed)
        self.random = random.Random(seed)
        self.dictionary = pyphen.Pyphen(lang=DICTIONARIES[language])
        self.body, self.bold, self.size, self.leading = body, bold, size, leading
        self.justify, self.hyphenate, self.stream, self.indent, self.gap = justify, hyphenate, stream, indent, gap
        self.words_apart = words_apart
        self.ops: list[Op] = []
        self.shapes: list[tuple[int, Callable[[Canvas], None]]] = []
        self.frames: list[tuple[float, float, float, float]] = []
        self.page = 0
        self.frame = 0
        self.y = 0.0
        self.on_page: Callable[[Press], list[tuple[float, float, float, float]]] = lambda _: [(60, 70, 475, 700)]
        self.notes: list[tuple[str, str]] = []
        self.note_count = 0
        self.note_height = 0.0
        self.note_room = 0.0
        self.open = False

    # --- frames ---
    def next_page(self) -> None:
        self.flush_notes()
        self.page += 1
        self.note_height = 0
        self.frames = self.on_page(self)
        self.frame = 0
        self.y = self.frames[0][1] + self.frames[0][3]
        self.open = True

    def next_frame(self) -> None:
        if not self.open or self.frame + 1 >= len(self.frames):
            self.next_page()
        else:
            self.frame += 1
            self.y = self.frames[self.frame][1] + self.frames[self.frame][3]

    def room(self, height: float) -> None:
        if not self.open:
            self.next_page()
        if self.y - height < self.frames[self.frame][1] + (0 if self.note_room else self.note_height):
            self.next_frame()

    # --- text ---
    def lines(self, text: str, width: float, font: str, size: float, first: float = 0, hyphenate: bool | None = None) -> list[tuple[str, bool]]:
        """Break text into lines; whether each ends in a hyphen of ours is in the text itself."""
        hyphenate = self.hyphenate if hyphenate is None else hyphenate
        result, line, room = [], "", width - first
        for word in text.split(" "):
            trial = f"{line} {word}" if line else word
            if stringWidth(trial, font, size) <= room:
                line = trial
                continue
            placed = False
            if hyphenate and len(word) > 6:
                bare = word.rstrip(".,;:)")
                for left, right in self.dictionary.iterate(bare):
                    if len(left) < 3 or len(right) < 3 or "-" in left[-1:] or "-" in right[:1]:
                        continue
                    trial = f"{line} {left}-" if line else f"{left}-"
                    if stringWidth(trial, font, size) <= room:
                        result.append((trial, False))
                        line, room, placed = right + word[len(bare) :], width, True
                        break
            if not placed and "-" in word.strip("-") and not placed:
                left, right = word.split("-", 1)
                trial = f"{line} {left}-" if line else f"{left}-"
                if right and stringWidth(trial, font, size) <= room:
                    result.append((trial, False))
                    line, room, placed = right, width, True
            if not placed:
                result.append((line, False))
                line, room = word, width
        result.append((line, True))
        return result

    def put(self, x: float, y: float, text: str, font: str, size: float, width: float | None = None) -> None:
        spaces = text.count(" ")
        if width is not None and spaces:
            extra = (width - stringWidth(text, font, size)) / spaces
            if self.words_apart:
                for word in text.split(" "):
                    self.ops.append(Op(self.page, x, y, word, font, size))
                    x += stringWidth(word + " ", font, size) + extra
            else:
                self.ops.append(Op(self.page, x, y, text, font, size, extra))
        else:
            self.ops.append(Op(self.page, x, y, text, font, size))

    def paragraph(
        self,
        text: str | None = None,
        *,
        kind: str = "paragraph",
        font: str | None = None,
        size: float | None = None,
        note: str | None = None,
        left: float = 0,
        label: str = "",
    ) -> None:
        text = text or self.prose.paragraph()
        font, size = font or self.body, size or self.size
        leading = self.leading * size / self.size
        self.room(leading)
        first = self.indent if kind == "paragraph" else 0
        mark = ""
        if note and self.note_room and self.note_height + 3 * (self.leading - 2.5) + 10 > self.note_room:
            note = None
        if note:
            self.note_count += 1
            mark = str(self.note_count)
            self.notes.append((mark, note))
            self.truth.footnotes.append(note)
            before = self.note_height
            self.note_height += sum(
                1 for _ in self.lines(f"{mark} {note}", max(f[0] + f[2] for f in self.frames) - min(f[0] for f in self.frames), self.body, self.size - 2.5)
            ) * (self.leading - 2.5) + (10 if not before else 0)
        rest, i, last = text, 0, False
        while not last:
            self.room(leading)
            x, _, w, _ = self.frames[self.frame]
            x, w = x + left, w - left
            line, last = self.lines(rest, w, font, size, first if i == 0 else 0)[0]
            cut = len(line) if rest.startswith(line) else len(line) - 1  # a hyphen of ours is not in the text
            rest = rest[cut:].lstrip(" ")
            self.y -= leading
            inset = first if i == 0 else 0
            if label and i == 0:
                self.ops.append(Op(self.page, x - left, self.y, label, font, size))
            self.put(x + inset, self.y, line, font, size, None if last or not self.justify else w - inset)
            if last and mark:
                end = x + inset + stringWidth(line, font, size)
                self.ops.append(Op(self.page, end, self.y, mark, font, size * 0.6, rise=size * 0.35))
            i += 1
        self.y -= self.gap
        self.truth.blocks.append((kind, text if label in ("", "•") else f"{label} {text}"))

    def heading(self, text: str | None = None, size: float = 14, *, spaced: bool = False) -> None:
        text = text or self.prose.heading()
        self.room(size * 1.3 + 3 * self.leading)
        if self.y < self.frames[self.frame][1] + self.frames[self.frame][3] - 1:
            self.y -= 8
        width = self.frames[self.frame][2]
        if spaced:  # as wide as it is drawn
            width *= stringWidth(text, self.bold, size) / stringWidth("  ".join(" ".join(w) for w in text.upper().split(" ")), self.bold, size) * 0.95
        for line, _ in self.lines(text, width, self.bold, size, hyphenate=False):
            self.y -= size * 1.25
            drawn = "  ".join(" ".join(w) for w in line.upper().split(" ")) if spaced else line
            self.put(self.frames[self.frame][0], self.y, drawn, self.bold, size)
        self.y -= 5
        self.truth.blocks.append(("heading", text.upper() if spaced else text))

    def items(self, count: int = 3, label: Callable[[int], str] = lambda _: "•") -> None:
        self.paragraph(self.prose.lead_in())
        gap, self.gap = self.gap, 2
        for i in range(count):
            self.paragraph(self.prose.item(), kind="list_item", left=14, label=label(i))
        self.gap = gap
        self.y -= gap

    def box(self, sentences: int = 4) -> None:
        """A shaded box inside the column."""
        x, _, w, _ = self.frames[self.frame]
        texts = [self.prose.paragraph(sentences // 2 + 1) for _ in range(2)]
        title = self.prose.heading()
        rows = [self.lines(t, w - 20, self.body, self.size - 1) for t in texts]
        height = sum(len(r) for r in rows) * (self.leading - 1) + 50
        self.room(height + 10)
        x, _, w, _ = self.frames[self.frame]
        top = self.y - 4
        page = self.page
        self.shapes.append((page, lambda c: (c.setFillColor(HexColor("#e6ecf4")), c.rect(x, top - height, w, height, fill=1, stroke=0), c.setFillColor(black))))
        y = top - 18
        self.put(x + 10, y, title, self.bold, self.size)
        self.truth.blocks.append(("box", title))
        y -= 6
        for text, lines in zip(texts, rows, strict=True):
            for line, last in lines:
                y -= self.leading - 1
                self.put(x + 10, y, line, self.body, self.size - 1, None if last or not self.justify else w - 20)
            y -= 6
            self.truth.blocks.append(("box", text))
        self.y = top - height - 8

    def table(self, rows: int = 5, columns: int = 3, ruled: bool = True) -> None:
        x, _, w, _ = self.frames[self.frame]
        column = w / columns
        cells = [[(self.prose.heading() if r == 0 or c == 0 else self.prose.item().rstrip(";")) for c in range(columns)] for r in range(rows)]
        size, leading = self.size - 1, self.leading - 1.5
        broken = [[self.lines(cell, column - 12, self.bold if r == 0 else self.body, size, hyphenate=False) for cell in row] for r, row in enumerate(cells)]
        heights = [max(len(c) for c in row) * leading + 8 for row in broken]
        self.room(sum(heights) + 20)
        x = self.frames[self.frame][0]
        top = self.y - 6
        page = self.page
        ys = [top]
        for h in heights:
            ys.append(ys[-1] - h)
        if ruled:
            self.shapes.append((page, lambda c: c.grid([x + i * column for i in range(columns + 1)], ys)))
        else:
            self.shapes.append((page, lambda c: [c.line(x, v, x + w, v) for v in (ys[0], ys[1], ys[-1])]))
        for r, row in enumerate(broken):
            for i, lines in enumerate(row):
                y = ys[r] - 2
                for line, _ in lines:
                    y -= leading
                    self.put(x + i * column + 6, y, line, self.bold if r == 0 else self.body, size)
                self.truth.blocks.append(("table_cell", cells[r][i]))
        self.truth.tables += 1
        self.y = ys[-1] - 14

    def flush_notes(self) -> None:
        if not self.notes or not self.open:
            return
        x = min(f[0] for f in self.frames)
        y0 = min(f[1] for f in self.frames) - self.note_room
        w = max(f[0] + f[2] for f in self.frames) - x
        size, leading = self.size - 2.5, self.leading - 2.5
        height = sum(len(self.lines(f"{m} {t}", w, self.body, size)) for m, t in self.notes) * leading
        y0 = min([y0, *(f[1] for f in self.frames)])
        y = y0 + height
        page = self.page
        self.shapes.append((page, lambda c, y=y: c.line(x, y + 4, x + 120, y + 4)))
        for mark, text in self.notes:
            for i, (line, last) in enumerate(self.lines(f"{mark} {text}", w, self.body, size)):
                y -= leading
                del i
                self.put(x, y, line, self.body, size, None if last or not self.justify else w)
        self.notes = []

    def furniture(self, kind: str, x: float, y: float, text: str, *, size: float = 8.5, align: str = "left", font: str | None = None) -> None:
        font = font or self.body
        width = stringWidth(text, font, size)
        x -= width if align == "right" else width / 2 if align == "center" else 0
        self.ops.append(Op(self.page, x, y, text, font, size))
        self.truth.furniture.append((self.page, kind, text))

    # --- output ---
    def save(self, folder: Path, *, rotate: int = 0) -> None:
        self.flush_notes()
        path = folder / f"{self.truth.name}.pdf"
        canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), invariant=1)
        for page in range(1, self.page + 1):
            for number, draw in self.shapes:
                if number == page:
                    draw(canvas)
            ops = [op for op in self.ops if op.page == page]
            if self.stream == "rows":
                ops.sort(key=lambda op: (-round(op.y), op.x))
            elif self.stream == "shuffled":
                self.random.shuffle(ops)
            elif self.stream == "reversed":
                ops.reverse()
            if rotate:
                canvas.setPageSize((HEIGHT, WIDTH))  # the library turns the box itself
                canvas.setPageRotation(rotate)
            for op in ops:
                text = canvas.beginText(op.x, op.y)
                text.setFont(op.font, op.size)
                text.setWordSpace(op.spacing)
                text.setRise(op.rise)  # a state that outlives the text object: set it each time
                text.textOut(op.text)
                canvas.drawText(text)
            canvas.showPage()
        canvas.save()
        self.truth.save(folder, self.page)


def columns(
    count: int, *, top: float = 772, bottom: float = 70, left: float = 56, right: float = 539, gutter: float = 18
) -> list[tuple[float, float, float, float]]:
    """Return the frames of a page in columns: x, y of the lower edge, width, height."""
    width = (right - left - gutter * (count - 1)) / count
    return [(left + i * (width + gutter), bottom, width, top - bottom) for i in range(count)]


def heads(press: Press, title: str, *, style: str = "outer") -> None:
    """Running head and page number of a page."""
    n = press.page
    if style == "outer":
        press.furniture(
            "header",
            56 if n % 2 == 0 else 539,
            800,
            title if n % 2 == 0 else press.truth.name.replace("_", " ").title(),
            align="left" if n % 2 == 0 else "right",
        )
        press.furniture("page_number", 539 if n % 2 else 56, 40, str(n), align="right" if n % 2 else "left")
    elif style == "centre":
        press.furniture("page_number", 297, 38, f"- {n} -", align="center")
        press.furniture("header", 297, 805, title.upper(), align="center")
    elif style == "footer":
        press.furniture("footer", 56, 42, f"{title} | Page {n}")
    elif style == "number":
        press.furniture("page_number", 297, 40, str(n), align="center")


def compose(press: Press, pages: int, *, wanted: tuple[str, ...] = ()) -> None:
    """Fill pages with headings, paragraphs and what else is wanted."""
    press.next_page()
    turn = 0
    while press.page <= pages:
        if turn % 4 == 0:
            press.heading()
        press.paragraph(note=press.prose.sentence() if "notes" in wanted and turn % 3 == 1 else None)
        extra = [w for w in wanted if w != "notes"]
        if extra and turn % 3 == 2:
            kind = extra[(turn // 3) % len(extra)]
            if kind == "list":
                press.items()
            elif kind == "numbers":
                press.items(4, lambda i: f"{i + 1}.")
            elif kind == "letters":
                press.items(3, lambda i: f"({chr(97 + i)})")
            elif kind == "box":
                press.box()
            elif kind == "table":
                press.table(rows=press.random.randint(3, 6), columns=press.random.choice([2, 3]))
            elif kind == "plain_table":
                press.table(ruled=False)
        turn += 1


LAYOUTS: dict[str, dict[str, Any]] = {
    "one_column": {"columns": 1, "heads": "number"},
    "one_column_ragged": {"columns": 1, "heads": "outer", "press": {"justify": False, "body": "Helvetica", "bold": "Helvetica-Bold"}},
    "one_column_indented": {"columns": 1, "heads": "centre", "press": {"indent": 14, "gap": 0}},
    "two_columns": {"columns": 2, "heads": "outer"},
    "two_columns_rows": {"columns": 2, "heads": "outer", "press": {"stream": "rows"}},
    "two_columns_shuffled": {"columns": 2, "heads": "centre", "press": {"stream": "shuffled"}},
    "two_columns_ragged": {
        "columns": 2,
        "heads": "footer",
        "press": {"justify": False, "body": "Helvetica", "bold": "Helvetica-Bold", "size": 9, "leading": 11.5},
    },
    "two_columns_narrow_gutter": {"columns": 2, "heads": "number", "gutter": 11, "press": {"words_apart": True, "indent": 10, "gap": 0}},
    "two_columns_words": {"columns": 2, "heads": "outer", "press": {"words_apart": True, "stream": "rows"}},
    "three_columns": {"columns": 3, "heads": "outer", "gutter": 14, "press": {"size": 8.5, "leading": 10.5}},
    "three_columns_rows": {"columns": 3, "heads": "number", "gutter": 14, "press": {"size": 8.5, "leading": 10.5, "stream": "rows", "words_apart": True}},
    "three_columns_no_hyphens": {"columns": 3, "heads": "centre", "press": {"size": 9, "leading": 11, "hyphenate": False}},
    "mixed": {"mixed": True, "heads": "outer"},
    "mixed_rows": {"mixed": True, "heads": "centre", "press": {"stream": "rows"}},
    "lists": {"columns": 1, "heads": "outer", "wanted": ("list", "numbers", "letters")},
    "lists_two_columns": {"columns": 2, "heads": "outer", "wanted": ("list", "numbers", "letters"), "press": {"stream": "rows"}},
    "boxes": {"columns": 1, "heads": "outer", "wanted": ("box",)},
    "boxes_two_columns": {"columns": 2, "heads": "outer", "wanted": ("box",)},
    "footnotes": {"columns": 1, "heads": "number", "wanted": ("notes",)},
    "footnotes_two_columns": {
        "columns": 2,
        "heads": "outer",
        "wanted": ("notes",),
        "press": {"stream": "shuffled", "body": "Helvetica", "bold": "Helvetica-Bold"},
    },
    "tables": {"columns": 1, "heads": "outer", "wanted": ("table",)},
    "tables_unruled": {"columns": 1, "heads": "number", "wanted": ("plain_table",)},
    "everything": {"columns": 2, "heads": "outer", "wanted": ("list", "box", "numbers")},
    "hyphens_en": {"columns": 3, "heads": "number", "gutter": 16},
    "hyphens_fr": {"columns": 3, "heads": "number", "gutter": 16, "language": "fr"},
    "hyphens_es": {"columns": 3, "heads": "outer", "gutter": 16, "language": "es"},
    "french": {"columns": 2, "heads": "outer", "language": "fr", "wanted": ("list", "notes")},
    "spanish": {"columns": 1, "heads": "centre", "language": "es", "wanted": ("letters", "table", "notes")},
    "rotated": {"columns": 2, "heads": "outer", "rotate": 90},
    "sidebar": {"sidebar": True, "heads": "outer"},
    "spaced_headings": {"columns": 1, "heads": "number", "spaced": True},
    "no_furniture": {"columns": 1},
}


def draw(name: str, folder: Path, pages: int = 6, seed: int = 1) -> None:
    """Draw one layout."""
    plan = LAYOUTS[name]
    press = Press(name, plan.get("language", "en"), seed, **plan.get("press", {}))
    title = press.prose.heading() + " 2031"

    def frames(p: Press) -> list[tuple[float, float, float, float]]:
        if plan.get("heads"):
            heads(p, title, style=plan["heads"])
        if plan.get("mixed"):
            return [(56, 600, 483, 172), *columns(2, top=560, bottom=330), *columns(3, top=290, bottom=70, gutter=15)]
        if plan.get("sidebar"):
            p.shapes.append((p.page, lambda c: (c.setFillColor(HexColor("#eef2e6")), c.rect(408, 300, 135, 472, fill=1, stroke=0), c.setFillColor(black))))
            return [(56, 70, 335, 702), (416, 306, 119, 460)]
        if "notes" in plan.get("wanted", ()) and plan["columns"] > 1:
            p.note_room = 90
            return columns(plan["columns"], gutter=plan.get("gutter", 18), bottom=170)
        return columns(plan["columns"], gutter=plan.get("gutter", 18))

    press.on_page = frames
    if plan.get("mixed"):
        press.next_page()
        while press.page <= pages:
            start = press.page, press.frame
            if press.frame in (0,) and press.y > 760:
                press.heading(size=18)
            press.paragraph(press.prose.paragraph(3))
            if press.frame != start[1] and press.frame in (1, 3) and press.page == start[0]:
                y = 575 if press.frame == 1 else 305
                del y
    elif plan.get("sidebar"):
        for _ in range(pages):
            press.next_page()
            press.heading()
            while press.frame == 0 and press.y > 170:
                press.paragraph(press.prose.paragraph(4))
            press.next_frame()
            size, press.size = press.size, 8.5
            while press.y > 400:
                before = len(press.truth.blocks)
                press.paragraph(press.prose.paragraph(2), size=8.5)
                press.truth.blocks[before] = ("box", press.truth.blocks[before][1])
            press.size = size
            press.open = False
    elif plan.get("spaced"):
        press.next_page()
        while press.page <= pages:
            press.heading(spaced=True)
            press.paragraph()
            press.paragraph()
    else:
        compose(press, pages, wanted=plan.get("wanted", ()))
    press.save(folder, rotate=plan.get("rotate", 0))


def draw_all(folder: Path, pages: int = 6, seed: int = 1) -> list[str]:
    """Draw every layout and return the names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in LAYOUTS:
        draw(name, folder, pages, seed)
    return list(LAYOUTS)


if __name__ == "__main__":
    print(" ".join(draw_all(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 6)))
