"""From pieces in reading order to one text in which every character knows its box."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ddextract.document import FURNITURE, Block, BlockKind, Cell, WordBox
from ddextract.reading.hyphens import Hyphens
from ddextract.reading.language import detect_language
from ddextract.reading.shapes import Word

CALL_SIGNS = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰", "1234567890")
SENTENCE_END = re.compile(r"[.!?:;…][\"'”’»)\]]*$")


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


@dataclass(slots=True)
class Assembled:
    """The text and everything that refers to it."""

    text: str
    blocks: tuple[Block, ...]
    words: list[WordBox]
    coverage: dict[int, Counter[str]]
    hyphens: int


def assemble(pieces: Sequence[Piece], hyphens: Hyphens, *, language: str | None = None) -> Assembled:
    """Write the text and place blocks and word boxes in it.

    Args:
        pieces: Blocks in reading order, already joined over columns and pages.
        hyphens: Decides whether a hyphen at a line's end stays.
        language: Language of the whole, None to detect it for each block.
    """
    parts: list[str] = []
    length = 0
    words: list[WordBox] = []
    placed: list[tuple[Piece, int, int]] = []
    calls: dict[tuple[int, str], int] = {}
    coverage: dict[int, Counter[str]] = {}
    for piece in pieces:
        own: list[WordBox] = []
        text = _write(piece, length + (2 if parts else 0), hyphens, own, calls, coverage) if piece.lines else unicodedata.normalize("NFC", piece.text.strip())
        if not text:
            continue
        if parts:
            parts.append("\n\n")
            length += 2
        placed.append((piece, length, length + len(text)))
        parts.append(text)
        length += len(text)
        words.extend(own)
    text = "".join(parts)
    return Assembled(text, tuple(_blocks(text, placed, calls, language)), words, coverage, hyphens.decided)


def _write(
    piece: Piece, start: int, hyphens: Hyphens, words: list[WordBox], calls: dict[tuple[int, str], int], coverage: dict[int, Counter[str]]
) -> str:
    """Return the text of a piece and append its word boxes, offsets counted from ``start``."""
    parts: list[str] = []
    at = start
    flow = [(page, word) for page, line in piece.lines for word in line]
    previous: Word | None = None
    for i, (page, word) in enumerate(flow):
        if word.call:
            calls.setdefault((page, word.text.translate(CALL_SIGNS).strip("()[]")), at)
            coverage.setdefault(page, Counter())["call"] += len(word.text)
            continue
        glued = word.glued or (previous is not None and bool(previous.hyphen))
        if parts and not glued:
            parts.append(" ")
            at += 1
        text = word.text
        if word.hyphen:
            after = next((w for _, w in flow[i + 1 :] if not w.call), None)
            text += hyphens.between(word.text, after.text if after else "", word.hyphen)
        words.append(WordBox(at, at + len(text), page, *_rounded(word)))
        parts.append(text)
        at += len(text)
        coverage.setdefault(page, Counter())[piece.kind] += len(text)
        # A suspended hyphen keeps its space: "mid- to long-term".
        previous = word if not (word.hyphen and text.endswith(" ")) else None
        if text.endswith(" "):
            words[-1] = WordBox(words[-1].start, words[-1].end - 1, page, *_rounded(word))
            parts[-1] = text[:-1]
            at -= 1
    return "".join(parts)


def _rounded(word: Word) -> tuple[float, float, float, float]:
    return round(word.x0, 2), round(word.top, 2), round(word.x1, 2), round(word.bottom, 2)


def _blocks(text: str, placed: Iterable[tuple[Piece, int, int]], calls: dict[tuple[int, str], int], language: str | None) -> Iterable[Block]:
    """Yield the blocks with section path, lead-in, language and anchor."""
    path: list[tuple[int, str]] = []
    lead_in = ""
    before = ""
    recent: str | None = None
    for piece, start, end in placed:
        own = text[start:end]
        if piece.kind in ("heading", "title"):
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
        found = language or detect_language(own) or (recent if len(own) < 200 else None)
        if found and len(own) >= 80 and piece.kind not in FURNITURE:
            recent = found
        anchor = calls.get((piece.page or 0, piece.label)) if piece.kind == "footnote" and piece.label else None
        yield Block(piece.kind, start, end, piece.page, piece.level, section, lead_in if piece.kind == "list_item" else "", found, piece.cell, anchor)
        if piece.kind == "heading":
            path.append((piece.level or 1, own))


def _last_sentence(text: str) -> str:
    """Return the last sentence of a paragraph."""
    cut = max((m.end() for m in re.finditer(r"[.!?…][\"'”’»)\]]*\s+(?=[A-ZÀ-Þ«“\"¿¡0-9])", text)), default=0)
    return text[cut:].strip()
