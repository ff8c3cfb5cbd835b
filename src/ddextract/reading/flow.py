"""The flow of a document: blocks joined over columns and pages, with what they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ddextract.document import BlockKind, Cell
from ddextract.reading.assembly import Piece
from ddextract.reading.blocks import BULLET, DECIMAL, DISGUISED, END, LEADERS, PAGE_AT_END, Group, Style, group_lines, note_rule
from ddextract.reading.columns import Column, columns_of
from ddextract.reading.language import detect_language
from ddextract.reading.rows import line_of, rows_of
from ddextract.reading.shapes import Grid, Island, Line, RawPage, Word, joined
from ddextract.reading.terms import is_caption, part_named

LONGEST = 400
"""Lines of a paragraph above which nothing is joined to it."""
SENTENCE_END = re.compile(r"[.!?][\"'”’»)]*$")
SENTENCE_START = re.compile(r"[.!?][\"'”’»)]*\s+(?=[A-ZÀ-Þ«“¿¡])")
NUMERAL = re.compile(r"^\(?(\d{1,3})[.)]$")
LETTERED = re.compile(r"^\(?(?:[a-z]|[ivxlc]{1,5})[.)]$")
SHORT_ITEM = 90
"""Characters up to which a numbered group is rather an item of a list than a paragraph."""
SECTION_NUMBER = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVXL]{1,5}\.)$")


@dataclass(slots=True)
class Flow:
    """Pieces of a document in reading order, and what the next page must know of them."""

    pieces: list[Piece] = field(default_factory=list)
    tables: int = 0
    part: str | None = None
    _open: tuple[Group, Piece] | None = None
    _fresh: bool = True
    _beside: bool = False
    _behind: bool = False
    _note: Piece | None = None
    _number: tuple[int, BlockKind] = (0, "list_item")
    _decimal: tuple[list[int], BlockKind] = field(default_factory=lambda: ([], "list_item"))
    _led: bool = False
    _table: list[Piece] = field(default_factory=list)
    _begun: bool = False
    _captioned: bool = False

    def take(self, *, everything: bool) -> list[Piece]:
        """Hand over the pieces that are done: all, or all before the one that may go on on the next page."""
        open_ones = [p for p in (self._open[1] if self._open else None, self._note, *self._table) if p is not None]
        done = len(self.pieces)
        if not everything:
            done = min([i for i, p in enumerate(self.pieces) if any(p is o for o in open_ones)], default=done)
        taken, self.pieces = self.pieces[:done], self.pieces[done:]
        return taken

    def add_page(
        self, page: RawPage, columns: Sequence[Column], style: Style, furniture: Sequence[tuple[BlockKind, list[Word]]], *, title_size: float = 0.0
    ) -> None:
        """Add the columns of a page, in reading order, and its furniture behind them."""
        begin = [f for f in furniture if f[0] == "header"]
        self._begun = False
        if self._note is not None and page.number - (self._note.page or 0) > 2:
            self._note = None
        for column in columns:
            # Behind a table over the whole width as behind one within a column.
            self._fresh, self._beside = True, self._behind or self._captioned
            self._behind = isinstance(column.items[-1], Island)
            rule = note_rule(page.rules, column.lines, column.x0, column.x1, style)
            run: list[Line] = []
            for item in column.items:
                if isinstance(item, Line):
                    run.append(item)
                    continue
                self._add_lines(run, page, style, rule, title_size)
                run = []
                self._add_island(item, page, style)
            self._add_lines(run, page, style, rule, title_size)
        for kind, words in [*begin, *(f for f in furniture if f[0] != "header")]:
            self.pieces.append(Piece(kind, [(page.number, words)], page=page.number))

    def _add_lines(self, lines: Sequence[Line], page: RawPage, style: Style, rule: float | None, title_size: float) -> None:
        for group in group_lines(lines, style, rule):
            if group.kind == "footnote":
                piece = Piece("footnote", _on(page, group), page=page.number, label=group.label)
                if not group.label and self._note is not None:
                    self._note.lines.extend(piece.lines)
                else:
                    self.pieces.append(piece)
                    self._note = piece
                continue
            self._add_group(group, page, style, title_size)

    def _add_group(self, group: Group, page: RawPage, style: Style, title_size: float) -> None:
        text = group.text
        self._begun, self._table = True, []
        if self._contents(group, text, page):
            return
        kind = self._kind(group, text, style)
        if kind == "list_item":
            kind = self._numbered(group, text)
        self._led = text.rstrip().endswith(":") if kind != "list_item" else self._led
        if kind == "heading":
            self.part = part_named(text)
            shown: BlockKind = "title" if page.number == 1 and title_size and group.size >= title_size - 0.3 else "heading"
            self.pieces.append(Piece(shown, _on(page, group), page=page.number, size=group.size, bold=group.bold))
            self._open, self._fresh = None, False
            return
        numbered = kind == "paragraph" and group.kind == "list_item"
        if numbered:
            group.kind = "paragraph"
        elif kind == "paragraph" and self._fresh and self._open is not None and _continues(self._open[0], group, style, beside=self._beside):
            before, piece = self._open
            if len(piece.lines) > LONGEST:
                # No paragraph is that long: a list of full lines; going on would hold a whole document open.
                self._open = None
                self._add_group(group, page, style, title_size)
                return
            piece.lines.extend(_on(page, group))
            self._open = (Group([*before.lines[-1:], *group.lines], before.kind, room=group.room, right=group.right), piece)
            self._fresh = False
            return
        if kind in ("paragraph", "list_item") and self.part in ("bibliography", "glossary"):
            kind = "bibliography" if self.part == "bibliography" else "glossary"
        piece = Piece(kind, _on(page, group), page=page.number)
        _drop_bullet(group, piece)
        self.pieces.append(piece)
        self._captioned = kind == "caption"
        if kind == "caption":
            # A paragraph may go on behind a figure as behind a box.
            self._beside = True
        else:
            self._open, self._fresh = (group, piece), False

    def _numbered(self, group: Group, text: str) -> BlockKind:
        """Return whether a group that begins with a number is an item of a list or a numbered paragraph, as those with the numbers before it are."""
        label = group.lines[0].words[0].text
        if DECIMAL.match(label):
            *chapter, n = map(int, label.strip(".").split("."))
            if self._decimal[0] != [*chapter, n - 1]:
                self._decimal = ([], "paragraph" if not self._led and len(text) > SHORT_ITEM else "list_item")
            self._decimal = ([*chapter, n], self._decimal[1])
            return self._decimal[1]
        found = NUMERAL.match(label)
        if not found:
            return "paragraph" if not self._led and _is_long(text) and LETTERED.match(label) else "list_item"
        n = int(found[1])
        kind: BlockKind = "paragraph" if not self._led and _is_long(text) else "list_item"
        if n == self._number[0] + 1 and n > 1:
            kind = self._number[1]
        self._number = (n, kind)
        return kind

    def _contents(self, group: Group, text: str, page: RawPage) -> bool:
        """Add a group as lines of a table of contents, if it is one."""
        led = sum(bool(LEADERS.search(line.text)) for line in group.lines) if ".." in text or ". ." in text or "…" in text or "__" in text else 0
        if not led and self.part != "contents":
            return False
        ends = sum(bool(PAGE_AT_END.search(line.text)) for line in group.lines)
        if self.part == "contents" and not led and not ends and (len(group.lines) > 2 or len(text) > 160):
            self.part = None
        if not (led and ends and led >= 0.3 * len(group.lines)) and not (self.part == "contents" and ends):
            return False
        entry: list[Line] = []
        for line in group.lines:
            entry.append(line)
            if PAGE_AT_END.search(line.text):
                self.pieces.append(Piece("contents", [(page.number, e.words) for e in entry], page=page.number))
                entry = []
        if entry:
            self.pieces.append(Piece("contents", [(page.number, e.words) for e in entry], page=page.number))
        self._open, self._fresh = None, False
        return True

    def _kind(self, group: Group, text: str, style: Style) -> BlockKind:
        letters = sum(map(str.isalpha, text[:200]))
        bold = group.bold and not style.bold
        big = group.size > 1.12 * style.size
        if (
            is_caption(text)
            and len(text) < 300
            and (bold or abs(group.size - style.size) > 0.4 or len(group.lines) <= 2)
            and not (len(text) > 90 and text.rstrip().endswith(".") and not bold)
        ):
            return "caption"
        if letters < 2:
            return "paragraph"
        if group.kind == "list_item" and (BULLET.match(group.lines[0].words[0].text) or group.lines[0].words[0].text in DISGUISED):
            return "list_item"
        if big and len(group.lines) <= 5 and len(text) < 250 and not (SENTENCE_END.search(text) and len(text) > 45 and text.count(" ") > 6):
            return "heading"
        short = len(group.lines) <= 3 and len(text) < 160
        if bold and short and not re.search(r"[.;,]$", text):
            return "heading"
        if bold and short and SECTION_NUMBER.match(group.lines[0].words[0].text) and not text.endswith((";", ",")):
            return "heading"
        if short and len(group.lines) <= 2 and text.isupper() and letters > 3 and group.size > 0.95 * style.size and not END.search(text):
            return "heading"
        return "list_item" if group.kind == "list_item" else "paragraph"

    def _add_island(self, island: Island, page: RawPage, style: Style) -> None:
        # A paragraph may go on behind a box, but where a sentence ends before it that is its end.
        self._fresh = self._beside = True
        if isinstance(island.content, Grid) and self.part in ("glossary", "bibliography"):
            # Terms and what they mean side by side: an entry per row.
            kind_of_part: BlockKind = "glossary" if self.part == "glossary" else "bibliography"
            for row in sorted({r for r, _ in island.content.cells}):
                lines = [line_of(words) for (r, _), cell in sorted(island.content.cells.items()) if r == row for words in rows_of(cell)]
                self.pieces.append(Piece(kind_of_part, [(page.number, line.words) for line in lines], page=page.number))
            return
        if isinstance(island.content, Grid):
            cells = _cells(island.content, page, self.tables)
            if self._table and self._table[0].page == page.number - 1 and not self._begun:
                cells = _join_row(self._table, cells)
            self._table, self._begun = cells, True
            self.pieces.extend(cells)
            self.tables += 1
            return
        for column in columns_of(island.words, [], style.size, page.rules):
            run: list[Line] = []
            for item in column.items:
                if isinstance(item, Line):
                    run.append(item)
                    continue
                self._add_box(run, page)
                run = []
                self._add_island(item, page, style)
            self._add_box(run, page)

    def _add_box(self, lines: Sequence[Line], page: RawPage) -> None:
        """Add lines of a box."""
        for group in group_lines(lines, Style(lines[0].size)) if lines else ():
            kind: BlockKind = "list_item" if group.kind == "list_item" else "box"
            piece = Piece(kind, _on(page, group), page=page.number)
            _drop_bullet(group, piece)
            self.pieces.append(piece)


def _is_long(text: str) -> bool:
    """Return whether a text has several sentences, as paragraphs have and items of lists hardly."""
    return len(text) > 2 * SHORT_ITEM and bool(SENTENCE_START.search(text) and SENTENCE_END.search(text))


def _on(page: RawPage, group: Group) -> list[tuple[int, list[Word]]]:
    return [(page.number, line.words) for line in group.lines]


def _drop_bullet(group: Group, piece: Piece) -> None:
    """Leave the bullet of an item out of the text: the kind says it."""
    number, words = piece.lines[0]
    if group.kind == "list_item" and len(words) > 1 and len(words[0].text) == 1 and (BULLET.match(words[0].text) or words[0].text in DISGUISED):
        piece.lines[0] = (number, words[1:])


def _cells(grid: Grid, page: RawPage, number: int) -> list[Piece]:
    """Return the cells of a table row by row, each with the headers of its row and column."""
    lines = {place: [line_of(row) for row in rows_of(words)] for place, words in grid.cells.items()}
    plain = {place: " ".join(joined(line.words) for line in own) for place, own in lines.items()}
    first = min(r for r, _ in lines)
    result = []
    for r, c in sorted(lines):
        row_header = plain.get((r, 0), "") if c else ""
        column_header = plain.get((first, c), "") if r > first else ""
        words = [(page.number, line.words) for line in lines[r, c]]
        result.append(Piece("table_cell", words, page=page.number, cell=Cell(number, r, c, row_header, column_header)))
    return result


def _continues(a: Group, b: Group, style: Style, *, beside: bool) -> bool:
    """Return whether a paragraph goes on behind a column's end, a page's end or something set between."""
    return _may_go_on(a, b, style, beside=beside) and not (END.search(a.lines[-1].text) and _other_language(a, b))


def _other_language(a: Group, b: Group) -> bool:
    """Return whether two stretches of text are surely in different languages, as those of facing columns are."""
    one, other = detect_language(a.text), detect_language(b.text)
    return one is not None and other is not None and one != other


def _join_row(before: Sequence[Piece], cells: list[Piece]) -> list[Piece]:
    """Return the cells of a table without its first row, where that goes on with the last row of the page before: the row was cut by the page's end."""
    row = max(p.cell.row for p in before if p.cell)
    last = {p.cell.column: p for p in before if p.cell and p.cell.row == row}
    top = min((p.cell.row for p in cells if p.cell), default=0)
    first = {p.cell.column: p for p in cells if p.cell and p.cell.row == top}
    small = [p.plain[:1].islower() for p in first.values()]
    if not set(first) <= set(last) or not (len(first) < len(last) or all(small)) or not (any(small) or 0 not in first):
        return cells
    if any(SENTENCE_END.search(last[c].plain) for c in first):
        return cells
    for c, piece in first.items():
        last[c].lines.extend(piece.lines)
    return [p for p in cells if not any(p is q for q in first.values())]


def _may_go_on(a: Group, b: Group, style: Style, *, beside: bool) -> bool:
    """Return whether the ends of lines and the set allow two groups to be one paragraph."""
    if abs(a.size - b.size) > 0.6 or a.lines[-1].bold != b.lines[0].bold:
        return False
    last, first = a.lines[-1], b.lines[0]
    word = first.words[0]
    if last.words[-1].hyphen:
        return word.text[:1].islower() or word.text[:1].isalpha()
    ended = bool(END.search(last.text)) and not last.text.endswith((";", ":"))
    if last.text.endswith(":") or (beside and ended):
        return False
    if word.text[:1].islower():
        return not (ended and a.room > 0.5 * last.width)
    tight = a.room < 0.28 * last.size + (word.x1 - word.x0) + 0.6 * last.size
    full = [line for line in a.lines[:-1] if a.right - line.x1 < 1.5]
    if len(a.lines) > 3 and len(full) >= len(a.lines) - 2:
        tight = a.room < 2.5
    if not ended:
        return tight and (len(a.lines) > 1 or last.width > 12 * style.size) and not last.text.endswith(";")
    indented = style.indents and b.opened
    return tight and not indented and (len(a.lines) > 1 or a.room < 0.35 * last.size) and a.kind != "list_item"
