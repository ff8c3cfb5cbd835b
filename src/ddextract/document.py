"""A document as read: one text, its blocks and pages, and for every character its page and box."""

from __future__ import annotations

import bisect
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, overload

from ddextract.mention import Box

BlockKind = Literal[
    "title", "heading", "paragraph", "list_item", "table_cell", "caption", "box", "footnote",
    "header", "footer", "page_number", "contents", "bibliography", "glossary",
]  # fmt: skip

FURNITURE: frozenset[str] = frozenset({"header", "footer", "page_number"})
"""Kinds that repeat on the page's margin: kept and marked, never matched."""
UNREAD: frozenset[str] = FURNITURE | {"contents"}
"""Kinds in which the matchers do not look."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: physical number from 1, label as printed, size in points, and how well it could be read.

    Attributes:
        number: Physical page, from 1.
        label: Page number as printed (``iv``, ``12``), or None where none is printed.
        width: Width in points.
        height: Height in points.
        engine: What read its words.
        quality: 0 (nothing usable) to 1.
        problems: What is wrong with it, in words.
        coverage: Characters by kind of block.
    """

    number: int
    label: str | None
    width: float
    height: float
    engine: str = ""
    quality: float = 1.0
    problems: tuple[str, ...] = ()
    coverage: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a table cell stands, with the headers that name its row and column."""

    table: int
    row: int
    column: int
    row_header: str = ""
    column_header: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the text of one kind: ``document.text[start:end]``.

    Attributes:
        kind: What it is.
        start: First character.
        end: Character behind the last.
        page: Page on which it begins (from 1), None for sources without pages.
        level: Level of a heading, from 1.
        section: Headings above it, outermost first.
        lead_in: The sentence that introduces the list it is an item of.
        language: ISO 639-1 code, None where undecided.
        cell: Place in a table.
        anchor: For a footnote, the character of the text at which it is called, where found.
    """

    kind: BlockKind
    start: int
    end: int
    page: int | None = None
    level: int = 0
    section: tuple[str, ...] = ()
    lead_in: str = ""
    language: str | None = None
    cell: Cell | None = None
    anchor: int | None = None


@dataclass(frozen=True, slots=True)
class WordBox:
    """The box of a word, or of the part of a word that stands on one line."""

    start: int
    end: int
    page: int
    x0: float
    top: float
    x1: float
    bottom: float


class WordBoxes(Sequence[WordBox]):
    """Word boxes packed into arrays: a document of thousands of pages fits in memory and passes quickly between processes.

    Coordinates are kept as 32-bit floats and given back rounded to hundredths of a point.
    """

    __slots__ = ("_ends", "_pages", "_places", "starts")

    def __init__(self, words: Iterable[WordBox] = ()) -> None:
        self.starts, self._ends, self._pages, self._places = array("I"), array("I"), array("I"), array("f")
        for word in words:
            self.append(word)

    def append(self, word: WordBox) -> None:
        """Add a word; its start is not before that of the last."""
        self.add(word.start, word.end, word.page, (word.x0, word.top, word.x1, word.bottom))

    def add(self, start: int, end: int, page: int, place: tuple[float, float, float, float]) -> None:
        """Add a word by its values, place being x0, top, x1, bottom."""
        self.starts.append(start)
        self._ends.append(end)
        self._pages.append(page)
        self._places.extend(place)

    def extend(self, starts: Sequence[int], ends: Sequence[int], pages: Sequence[int], places: Sequence[float]) -> None:
        """Add words by their values, places being x0, top, x1, bottom of each in a row."""
        self.starts.extend(starts)
        self._ends.extend(ends)
        self._pages.extend(pages)
        self._places.extend(places)

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, index: int) -> WordBox: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[WordBox]: ...
    def __getitem__(self, index: int | slice) -> WordBox | Sequence[WordBox]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        start = self.starts[index]
        index %= len(self.starts)
        x0, top, x1, bottom = (round(v, 2) for v in self._places[4 * index : 4 * index + 4])
        return WordBox(start, self._ends[index], self._pages[index], x0, top, x1, bottom)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash((len(self), self.starts.tobytes()))

    def __reduce__(self) -> tuple[object, ...]:
        return (_unpack, (self.starts, self._ends, self._pages, self._places))


def _unpack(starts: array[int], ends: array[int], pages: array[int], places: array[float]) -> WordBoxes:
    boxes = WordBoxes()
    boxes.starts, boxes._ends, boxes._pages, boxes._places = starts, ends, pages, places
    return boxes


@dataclass(frozen=True)
class Document:
    """One document as read.

    Attributes:
        id: Document id.
        path: File it was read from.
        sha256: Hash of the file.
        text: All text; every offset refers to it.
        blocks: Blocks in reading order; they do not overlap.
        pages: Pages, empty for sources without pages.
        words: Boxes of words, sorted by start.
        language: Main language (ISO 639-1), None where undecided.
        metadata: Title, author, dates as the file gives them.
        problems: What the reader must know, in words.
    """

    id: str
    path: str
    sha256: str
    text: str
    blocks: tuple[Block, ...]
    pages: tuple[Page, ...] = ()
    words: Sequence[WordBox] = ()
    language: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @cached_property
    def _word_starts(self) -> Sequence[int]:
        if isinstance(self.words, WordBoxes):
            return self.words.starts
        return [w.start for w in self.words]

    @cached_property
    def _page_by_number(self) -> dict[int, Page]:
        return {p.number: p for p in self.pages}

    @property
    def quality(self) -> float:
        """Parse quality of the document, 0 to 1: the mean of its pages; 1 for sources without pages."""
        return sum(p.quality for p in self.pages) / len(self.pages) if self.pages else 1.0

    def body(self) -> Iterator[Block]:
        """Yield the blocks in which the matchers look."""
        return (b for b in self.blocks if b.kind not in UNREAD)

    def block_text(self, block: Block) -> str:
        """Return the text of a block."""
        return self.text[block.start : block.end]

    def words_between(self, start: int, end: int) -> Sequence[WordBox]:
        """Return the word boxes that touch ``[start, end)``."""
        first = bisect.bisect_right(self._word_starts, start) - 1
        while first > 0 and self.words[first - 1].end > start:
            first -= 1
        result = []
        for i in range(max(first, 0), len(self.words)):
            word = self.words[i]
            if word.start >= end:
                break
            if word.end > start:
                result.append(word)
        return result

    def boxes(self, start: int, end: int) -> tuple[Box, ...]:
        """Return one box per line under ``[start, end)``: page, x0, top, x1, bottom; empty without pages."""
        merged: list[list[float]] = []
        for word in self.words_between(start, end):
            last = merged[-1] if merged else None
            overlap = (
                last is not None
                and last[0] == word.page
                and min(last[4], word.bottom) - max(last[2], word.top) > 0.5 * (word.bottom - word.top)
                and word.x0 >= last[1]
            )
            if overlap and last is not None:
                last[2], last[3], last[4] = min(last[2], word.top), max(last[3], word.x1), max(last[4], word.bottom)
            else:
                merged.append([word.page, word.x0, word.top, word.x1, word.bottom])
        return tuple((int(p), round(x0, 2), round(top, 2), round(x1, 2), round(bottom, 2)) for p, x0, top, x1, bottom in merged)

    def page_at(self, start: int) -> Page | None:
        """Return the page on which a character stands."""
        words = self.words_between(start, start + 1) or self.words_between(start, start + 40)
        return self._page_by_number.get(words[0].page) if words else None

    def block_at(self, start: int) -> Block | None:
        """Return the block in which a character stands."""
        index = bisect.bisect_right([b.start for b in self.blocks], start) - 1
        return self.blocks[index] if index >= 0 and self.blocks[index].end > start else None
