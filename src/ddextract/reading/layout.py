"""A stretch of pages laid out: furniture out, tables and boxes apart, columns in order, blocks joined."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ddextract.reading.assembly import Piece
from ddextract.reading.blocks import body_style
from ddextract.reading.columns import Column, Gutters, columns_of
from ddextract.reading.flow import Flow
from ddextract.reading.furniture import Memory, take_furniture
from ddextract.reading.grids import boxes, open_tables, ruled_tables
from ddextract.reading.rows import take_drop_capitals
from ddextract.reading.shapes import Island, Line, RawPage


@dataclass(slots=True)
class Layout:
    """What has been learnt of a document while its pages are laid out in stretches.

    Attributes:
        total: Pages of the document.
        labels: Page number as printed, by physical page.
        conflicts: Share of lines by page that the file itself has in another order.
        tabled: Pages with a table.
    """

    total: int
    memory: Memory = field(default_factory=Memory)
    flow: Flow = field(default_factory=Flow)
    labels: dict[int, str] = field(default_factory=dict)
    conflicts: dict[int, float] = field(default_factory=dict)
    tabled: set[int] = field(default_factory=set)
    styles: Counter[tuple[float, bool]] = field(default_factory=Counter)
    gutters: Gutters = field(default_factory=Gutters)
    _last_table: tuple[int, list[float]] = (0, [])
    _doubtful: dict[int, tuple[list[tuple[float, float]], list[Island]]] = field(default_factory=dict)

    def add(self, pages: Sequence[RawPage]) -> None:
        """Lay out the next pages."""
        furniture = take_furniture(pages, self.memory, self.total)
        for number, taken in furniture.items():
            from ddextract.reading.furniture import number_of
            from ddextract.reading.shapes import joined

            for kind, words in taken:
                if kind == "page_number" and (printed := number_of(joined(words))):
                    self.labels.setdefault(number, printed)
        size = _body_size(pages)
        laid = self._laid(pages, size)
        lines = [line for _, columns in laid for column in columns for line in column.lines]
        style = body_style(lines)
        sizes = [(page.number, line.size) for page, columns in laid for column in columns for line in column.lines]
        title_size = max((size for number, size in sizes if number == 1), default=0.0)
        later = max((size for number, size in sizes if number > 1), default=0.0)
        if title_size < 1.5 * style.size or title_size < later + 0.5:
            title_size = 0.0
        for page, columns in laid:
            self.conflicts[page.number] = _conflicts(columns)
            self.flow.add_page(page, columns, style, furniture[page.number], title_size=title_size)

    def _laid(self, pages: Sequence[RawPage], size: float) -> list[tuple[RawPage, list[Column]]]:
        """Return the columns of pages; those with gaps that only later pages explain are laid out again."""
        laid: list[tuple[RawPage, list[Column]]] = []
        for page in pages:
            islands = self._islands(page, size)
            self.gutters.open = []
            columns = columns_of(page.words, islands, size, page.rules, self.gutters)
            gaps = self.gutters.open
            laid.append((page, columns))
            if gaps:
                self._doubtful[page.number] = (gaps, islands)
        for i, (page, _) in enumerate(laid):
            gaps, islands = self._doubtful.pop(page.number, ([], []))
            if any(self.gutters.within(*gap) is not None for gap in gaps):
                laid[i] = (page, columns_of(page.words, islands, size, page.rules, self.gutters))
        for page, columns in laid:
            if any(isinstance(item, Island) and item.kind == "table" for column in columns for item in column.items):
                self.tabled.add(page.number)
        return laid

    def _islands(self, page: RawPage, size: float) -> list[Island]:
        """Take drop capitals, drawn tables and boxes out of a page."""
        page.words = take_drop_capitals(page.words, size)
        islands: list[Island] = []
        if page.rules:
            number, edges = self._last_table
            islands = ruled_tables(page, edges if number + 1 == page.number else ()) + open_tables(page, size)
            last = max(islands, key=lambda n: n.bottom, default=None)
            if last is not None and last.edges and not any(w.base > last.bottom for w in page.words):
                self._last_table = page.number, last.edges
            everything = len(page.words)
            for box in boxes(page, size):
                if len(box.words) > 0.6 * everything and everything > 40:
                    page.words = page.words + box.words  # a panel under the page's text
                else:
                    islands.append(box)
        return islands

    def rank_headings(self, pieces: Sequence[Piece]) -> None:
        """Give headings their level: the larger and bolder, the higher."""
        for piece in pieces:
            if piece.kind == "heading" and not piece.level:
                self.styles[round(piece.size * 2) / 2, piece.bold] += 1
        ranked = sorted(self.styles, reverse=True)
        levels: dict[tuple[float, bool], int] = {}
        level, before = 0, None
        for key in ranked:
            if before is None or before[0] - key[0] > 0.6 or before[1] != key[1]:
                level += 1
            levels[key], before = level, key
        for piece in pieces:
            if piece.kind == "heading" and not piece.level:
                piece.level = min(levels[round(piece.size * 2) / 2, piece.bold], 6)


def _body_size(pages: Sequence[RawPage]) -> float:
    sizes: Counter[float] = Counter()
    exact: dict[float, int] = {}
    for page in pages:
        for word in page.words:
            exact[word.size] = exact.get(word.size, 0) + len(word.text)
    for size, n in exact.items():
        sizes[round(size * 2) / 2] += n
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _conflicts(columns: Sequence[Column]) -> float:
    """Return the share of neighbouring lines that the content stream has the other way round."""
    lines: list[Line] = [line for column in columns for line in column.lines]
    if len(lines) < 2:
        return 0.0
    return sum(a.order > b.order for a, b in itertools.pairwise(lines)) / (len(lines) - 1)
