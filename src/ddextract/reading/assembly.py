"""From pieces in reading order to one text in which every character knows its box."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ddextract.document import FURNITURE, Block, BlockKind, Cell, WordBoxes
from ddextract.reading.hyphens import Hyphens
from ddextract.reading.language import detect_language
from ddextract.reading.shapes import Word

OPENING = re.compile(r"[.!?:…]['\"”’»)\]]*$|^[-–—•\d.()]+$")
"""How the word before the first of a sentence ends."""
NUMBERED = re.compile(r"(?:\w+ )?(?:\d+|[IVXLC]+\b|[A-Z]\b)(?:[.):]|\s*[–—-]|$)|(?:\w+ )?\d")
"""How a heading with a number of its own begins: "II.", "PART 2", "3.1", "A)"."""
CALL_SIGNS = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰", "1234567890")


@dataclass(slots=True)
class Piece:
    """A block before offsets exist: words line by line, or plain text.

    Attributes:
        kind: What it is.
        lines: Words of each line, with the page each line stands on.
        text: Text of a source without boxes, instead of lines.
        page: Page on which it begins.
        level: Level of a heading.
        cell: Place in a table.
        label: Number or sign of a footnote.
        size: Font size, for the rank of headings.
        bold: Whether it is bold.
    """

    kind: BlockKind
    lines: list[tuple[int, list[Word]]] = field(default_factory=list)
    text: str = ""
    page: int | None = None
    level: int = 0
    cell: Cell | None = None
    label: str = ""
    size: float = 0.0
    bold: bool = False

    @property
    def plain(self) -> str:
        """Its text with line-end hyphens as drawn."""
        if self.text or not self.lines:
            return self.text
        parts: list[str] = []
        for _, words in self.lines:
            for word in words:
                if word.call:
                    continue
                if parts and not word.glued:
                    parts.append(" ")
                parts.append(word.text + word.hyphen)
        return "".join(parts)

    @property
    def whole(self) -> str:
        """Its text without the words that a line's end cuts: what they are is still to be decided."""
        if self.text or not self.lines:
            return self.text
        parts: list[str] = []
        cut = False
        for _, words in self.lines:
            for word in words:
                if word.call:
                    continue
                if not cut and not word.hyphen:
                    parts.append(word.text)
                cut = bool(word.hyphen)
        return " ".join(parts)


@dataclass(slots=True)
class Assembled:
    """The text and everything that refers to it."""

    text: str
    blocks: tuple[Block, ...]
    words: WordBoxes
    coverage: dict[int, Counter[str]]


class Assembler:
    """Writes the text piece by piece and places blocks and word boxes in it.

    Args:
        hyphens: Decides whether a hyphen at a line's end stays.
        language: Language of the whole, None to detect it for each block.
    """

    def __init__(self, hyphens: Hyphens, *, language: str | None = None) -> None:
        self.hyphens = hyphens
        self.language = language
        self._parts: list[str] = []
        self._length = 0
        self._words = WordBoxes()
        self._placed: list[tuple[Piece, int, int]] = []
        self._calls: dict[tuple[int, str], int] = {}
        self._coverage: dict[int, Counter[str]] = {}

    def add(self, pieces: Iterable[Piece]) -> None:
        """Write pieces, in reading order and already joined over columns and pages."""
        for piece in pieces:
            start = self._length + (2 if self._parts else 0)
            text = (
                _write(piece, start, self.hyphens, self._words, self._calls, self._coverage, self.language)
                if piece.lines
                else unicodedata.normalize("NFC", piece.text.strip())
            )
            piece.lines = []
            if not text:
                continue
            if self._parts:
                self._parts.append("\n\n")
            self._parts.append(text)
            self._length = start + len(text)
            self._placed.append((piece, start, self._length))

    def finish(self) -> Assembled:
        """Return the whole."""
        text = "".join(self._parts)
        return Assembled(text, tuple(_blocks(text, self._placed, self._calls, self.language)), self._words, self._coverage)


def assemble(pieces: Iterable[Piece], hyphens: Hyphens, *, language: str | None = None) -> Assembled:
    """Write pieces as one text."""
    assembler = Assembler(hyphens, language=language)
    assembler.add(pieces)
    return assembler.finish()


def _write(
    piece: Piece,
    start: int,
    hyphens: Hyphens,
    words: WordBoxes,
    calls: dict[tuple[int, str], int],
    coverage: dict[int, Counter[str]],
    language: str | None,
) -> str:
    """Return the text of a piece and append its word boxes, offsets counted from ``start``."""
    parts: list[str] = []
    kind: str = piece.kind
    at = start
    flow = [(page, word) for page, line in piece.lines for word in line]
    cut = False
    before = ""
    tally: dict[int, int] = {}
    starts: list[int] = []
    ends: list[int] = []
    pages: list[int] = []
    places: list[float] = []
    for i, (page, word) in enumerate(flow):
        text = word.text
        if word.call:
            calls.setdefault((page, text.translate(CALL_SIGNS).strip("()[]")), at)
            coverage.setdefault(page, Counter())["call"] += len(text)
            continue
        if parts and not cut and not word.glued:
            parts.append(" ")
            at += 1
        cut = False
        if word.hyphen:
            after = next((w for _, w in flow[i + 1 :] if not w.call), None)
            language = language or hyphens.language_of(page, lambda: piece.plain)
            text += hyphens.between(text, after.text if after else "", word.hyphen, language, opening=not before or bool(OPENING.search(before)))
            # A suspended hyphen keeps its space: "mid- to long-term".
            cut = not text.endswith(" ")
            text = text.removesuffix(" ")
        before = text
        end = at + len(text)
        starts.append(at)
        ends.append(end)
        pages.append(page)
        places += (word.x0, word.top, word.x1, word.bottom)
        parts.append(text)
        tally[page] = tally.get(page, 0) + end - at
        at = end
    words.extend(starts, ends, pages, places)
    for page, n in tally.items():
        coverage.setdefault(page, Counter())[kind] += n
    return "".join(parts)


def _blocks(text: str, placed: Iterable[tuple[Piece, int, int]], calls: dict[tuple[int, str], int], language: str | None) -> Iterable[Block]:
    """Yield the blocks with section path, lead-in, language and anchor."""
    path: list[tuple[int, str]] = []
    lead_in = ""
    before = ""
    recent: str | None = None
    above: Piece | None = None
    for piece, start, end in placed:
        own = text[start:end]
        goes_on = above is not None and _goes_on(above, path[-1][1], piece, own)
        if piece.kind in ("heading", "title") and not goes_on:
            level = piece.level or 1
            path = [entry for entry in path if entry[0] < level] if piece.kind == "heading" else []
        section = tuple(name for _, name in path)
        if piece.kind == "list_item":
            if before:
                lead_in = before if before.rstrip().endswith(":") else ""
                before = ""
        elif piece.kind not in FURNITURE and piece.kind != "footnote":
            lead_in = ""
            before = _last_sentence(own)
        found = language or detect_language(own, expected=recent) or (recent if len(own) < 200 else None)
        if found and len(own) >= 80 and piece.kind not in FURNITURE:
            recent = found
        anchor = calls.get((piece.page or 0, piece.label)) if piece.kind == "footnote" and piece.label else None
        yield Block(piece.kind, start, end, piece.page, piece.level, section, lead_in if piece.kind == "list_item" else "", found, piece.cell, anchor)
        if piece.kind == "heading" and goes_on:
            path[-1] = (path[-1][0], f"{path[-1][1]} {own}")
        elif piece.kind == "heading":
            path.append((piece.level or 1, own))
        if piece.kind not in FURNITURE:
            above = piece if piece.kind == "heading" else None


def _goes_on(above: Piece, heading: str, piece: Piece, own: str) -> bool:
    """Return whether a heading is a further line of the one right above it.

    Lines of a drawn heading that are set far apart arrive as headings of one level with nothing between. What begins in small letters, or
    stands in capitals like the line above and has no number of its own, continues it. A source that marks its headings says itself where one ends.
    """
    drawn = piece.size and above.size
    if piece.kind != "heading" or not drawn or (piece.level or 1) != (above.level or 1) or heading.endswith((".", ":")):
        return False
    return own[:1].islower() or (own.isupper() and heading.isupper() and not NUMBERED.match(own))


def _last_sentence(text: str) -> str:
    """Return the last sentence of a paragraph."""
    cut = max((m.end() for m in re.finditer(r"[.!?…][\"'”’»)\]]*\s+(?=[A-ZÀ-Þ«“\"¿¡0-9])", text)), default=0)
    return text[cut:].strip()
