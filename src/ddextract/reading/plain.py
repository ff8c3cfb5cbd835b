"""Plain text and markdown as a document: wrapped lines joined, page numbers and running heads marked."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ddextract.document import BlockKind, Cell, Document
from ddextract.errors import InputError
from ddextract.reading.assembly import Piece, assemble
from ddextract.reading.blocks import LEADERS, PAGE_AT_END
from ddextract.reading.furniture import number_of
from ddextract.reading.hyphens import Hyphens
from ddextract.reading.markup import SPACES, decode, strip_marks, without_front_matter
from ddextract.reading.shares import main_language
from ddextract.reading.terms import is_caption, part_named, terms

HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
BULLET = re.compile(r"^\s*(?:[-*+]\s+|[•◦‣○●■□▪▫–—―·➢✓]\s*)(?=\S)")
ENUMERATOR = re.compile(r"^\s*(\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{2,5}|[IVX]{2,5})[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?)\s+(?=\S)")
NOTE = re.compile(r"^\s*\[\^([^\]\s]+)\]:\s*")
RULE = re.compile(r"^\s*(?:[-*_=~]\s*){3,}$")
TABLE_ROW = re.compile(r"^\s*\|.*\|\s*$")
TABLE_LINE = re.compile(r"^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$")
END = re.compile(r"[.!?…:;][\"'”’»)\]*_]*$")
STRONG_END = re.compile(r"[.!?…:][\"'”’»)\]*_]*$")
DIGITS = re.compile(r"\d+|\b[ivxlc]+\b")
NUMBERED_HEAD = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVXL]{1,5}\.|(?:chapter|chapitre|capítulo|part|partie|parte|annex|annexe|anexo)\s+\S+)\s+\S", re.I)


@dataclass(slots=True)
class Row:
    """A line of the source that is not blank.

    Attributes:
        text: Its text, spaces evened.
        raw: The line as it stands.
        blanks: Blank lines before it.
        furniture: Kind of furniture it is, empty if none.
    """

    text: str
    raw: str
    blanks: int
    furniture: str = ""


def read_plain(path: Path, *, document_id: str, language: str | None = None) -> Document:
    """Read a text or markdown file.

    Raises:
        InputError: It has no text or is not a text file.
    """
    data = path.read_bytes()
    if b"\0" in data[:4096] and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(path, "not a text file", "Give a .pdf, .txt, .md, .html or .docx file")
    text, problem = decode(data)
    return document_from_text(
        text,
        path,
        data,
        document_id=document_id,
        language=language,
        markdown=path.suffix.lower() != ".txt" or _looks_marked(text),
        problems=(problem,) if problem else (),
    )


def document_from_text(
    text: str, path: Path, data: bytes, *, document_id: str, language: str | None, markdown: bool, problems: tuple[str, ...] = ()
) -> Document:
    """Return the document of a text already decoded.

    Raises:
        InputError: It has no text.
    """
    body, metadata = without_front_matter(text)
    body = strip_marks(_bold_lines_to_headings(body) if markdown else body, markdown=markdown)
    rows = _rows(body)
    if not rows:
        raise InputError(path, "there is no text in it", "Check that it is the right file")
    _mark_furniture(rows)
    hyphens = Hyphens()
    hyphens.learn(row.text for row in rows)
    pieces = _Reader(rows, hyphens).pieces()
    result = assemble(pieces, hyphens, language=language)
    return Document(
        document_id,
        str(path),
        hashlib.sha256(data).hexdigest(),
        result.text,
        result.blocks,
        language=language or main_language(result.blocks),
        metadata=metadata,
        problems=problems,
    )


def _looks_marked(text: str) -> bool:
    return len(re.findall(r"^#{1,6} \S|\*\*\S[^*\n]*\*\*", text, re.M)) >= 2


def _bold_lines_to_headings(text: str) -> str:
    """Turn lines that are bold as a whole into headings below those of the markdown."""
    return re.sub(r"^[ \t]*(?:\*\*|__)([^*_\n]{2,120}?)(?:\*\*|__)[ \t]*:?[ \t]*$", r"##### \1", text, flags=re.M)


def _rows(text: str) -> list[Row]:
    rows: list[Row] = []
    blanks = 0
    for raw in text.replace("\f", "\n\n\n").split("\n"):
        line = SPACES.sub(" ", raw).strip()
        if not line:
            blanks += 1
            continue
        rows.append(Row(line, raw.rstrip(), blanks))
        blanks = 0
    return rows


def _mark_furniture(rows: Sequence[Row]) -> None:
    """Mark stray page numbers, and running heads: lines that come back and stand between pages."""
    numbers = []
    for i, row in enumerate(rows):
        bare = row.text.lstrip("# ")
        number = number_of(bare)
        if number and (bare[:1].isdigit() or bare[:1] in "-–" or not bare.isalpha() or row.blanks):
            if bare.isalpha() and len(bare) == 1:
                continue
            numbers.append((i, number))
    digits = [(i, int(n)) for i, n in numbers if n.isdigit()]
    rising = sum(0 < b[1] - a[1] <= 4 for a, b in itertools.pairwise(digits))
    if (len(digits) >= 2 and rising >= 0.5 * (len(digits) - 1)) or len(digits) == 1:
        for i, number in numbers:
            apart = rows[i].blanks > 0 or (i + 1 < len(rows) and rows[i + 1].blanks > 0) or rising >= 3
            if apart and (number.isdigit() or len(numbers) > 2):
                rows[i].furniture = "page_number"
    patterns: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        if len(row.text) <= 110 and sum(c.isalpha() for c in row.text) >= 3 and not (row.text[:1].islower() and END.search(row.text)):
            patterns.setdefault(DIGITS.sub("#", row.text.lstrip("# ").casefold()), []).append(i)
    usual = Counter(min(r.blanks, 3) for r in rows).most_common(1)[0][0]
    for pattern, places in patterns.items():
        if len(places) < 3:
            continue
        evidence = sum(_stands_between_pages(rows, i, usual) for i in places)
        numbered = "#" in pattern and not ENUMERATOR.match(rows[places[0]].text) and not rows[places[0]].text.endswith((".", ";", ":"))
        numbered = numbered and (pattern.startswith("#") or pattern.endswith("#")) and (len(pattern.split()) >= 4 or bool(terms("page") & set(pattern.split())))
        values = [int(m[-1]) for i in places if (m := re.findall(r"\d+", rows[i].text))]
        counting = numbered and len(values) == len(places) and sum(0 < b - a <= 4 for a, b in itertools.pairwise(values)) >= 0.6 * (len(values) - 1)
        if (evidence >= max(2, 0.4 * len(places)) and len(places) >= 3) or (counting and len(set(values)) > 2 and not is_caption(rows[places[0]].text)):
            for i in places:
                rows[i].furniture = "header"


def _stands_between_pages(rows: Sequence[Row], i: int, usual: int) -> bool:
    """Return whether a line cuts a sentence, stands beside a page number, or after more blank lines than is usual, repeated as it is."""
    before = rows[i - 1] if i else None
    after = rows[i + 1] if i + 1 < len(rows) else None
    if any(o is not None and o.furniture == "page_number" for o in (before, after)):
        return True
    if before is None or after is None:
        return False
    if not END.search(before.text) and after.text[:1].islower():
        return True
    return rows[i].blanks >= usual + 3


class _Reader:
    """Turns rows into pieces."""

    def __init__(self, rows: Sequence[Row], hyphens: Hyphens) -> None:
        self.rows = rows
        self.hyphens = hyphens
        lengths = sorted(len(r.text) for r in rows if not r.furniture)
        plain = [r for r in rows if not r.furniture and not TABLE_ROW.match(r.raw)]
        long = sorted(len(r.text) for r in plain if len(r.text) > 30) or lengths
        self.width = long[min(int(0.95 * len(long)), len(long) - 1)] if long else 80
        full = sum(0.75 * self.width <= n <= 1.15 * self.width for n in long)
        self.wrapped = self.width <= 160 and full >= 0.35 * max(len(long), 1) and len(long) > 3
        single = sum(r.blanks == 1 for r in plain)
        self.spaced = self.wrapped and single >= 0.6 * max(len(plain), 1) and full >= 0.5 * max(len(long), 1)
        self.part: str | None = None
        self.result: list[Piece] = []
        self.later: list[Piece] = []
        self.table = 0

    def pieces(self) -> list[Piece]:
        """Return all pieces."""
        i = 0
        previous: Row | None = None
        while i < len(self.rows):
            row = self.rows[i]
            if row.furniture:
                self.later.append(Piece(_furniture_kind(row.furniture), text=row.text.lstrip("# ")))
                i += 1
                continue
            if TABLE_ROW.match(row.raw) and row.raw.count("|") > 2:
                i = self._table(i)
                previous = None
                continue
            if not RULE.match(row.raw):
                self._line(row, previous, self._next(i))
                previous = row
            elif (
                re.match(r"^\s*(=+|-+)\s*$", row.raw)
                and row.blanks == 0
                and self.result
                and self.result[-1].kind == "paragraph"
                and len(self.result[-1].text) < 120
            ):
                self.result[-1].kind, self.result[-1].level = "heading", 1 if "=" in row.raw else 2
                previous = None
            i += 1
        self._flush()
        return self.result

    def _next(self, i: int) -> Row | None:
        return next((r for r in self.rows[i + 1 :] if not r.furniture), None)

    def _flush(self) -> None:
        self.result.extend(self.later)
        self.later = []

    def _add(self, piece: Piece) -> None:
        self._flush()
        if piece.kind == "heading":
            self.part = part_named(piece.text)
        elif piece.kind in ("paragraph", "list_item") and self.part in ("bibliography", "glossary"):
            piece.kind = "bibliography" if self.part == "bibliography" else "glossary"
        self.result.append(piece)

    def _table(self, i: int) -> int:
        head: list[str] = []
        r = 0
        self.part = None if self.part == "contents" else self.part
        while i < len(self.rows) and "|" in self.rows[i].raw and self.rows[i].blanks == (self.rows[i].blanks if r == 0 else 0):
            raw = self.rows[i].raw
            i += 1
            if TABLE_LINE.match(raw):
                continue
            cells = [SPACES.sub(" ", c).strip() for c in raw.strip().strip("|").split("|")]
            if r == 0:
                head = cells
            for c, cell in enumerate(cells):
                if cell:
                    place = Cell(self.table, r, c, cells[0] if c else "", head[c] if r and c < len(head) else "")
                    self._add(Piece("table_cell", text=cell, cell=place))
            r += 1
        self.table += 1
        return i

    def _line(self, row: Row, previous: Row | None, upcoming: Row | None) -> None:
        heading = HEADING.match(row.raw)
        if heading:
            text = SPACES.sub(" ", heading[2]).strip()
            if text:
                self._add(Piece("heading", text=text, level=len(heading[1])))
            return
        if note := NOTE.match(row.raw):
            self._add(Piece("footnote", text=NOTE.sub("", row.text), label=note[1]))
            return
        if (LEADERS.search(row.text) and PAGE_AT_END.search(row.text)) or (self.part == "contents" and PAGE_AT_END.search(row.text) and len(row.text) < 160):
            self._add(Piece("contents", text=row.text))
            return
        if len(LEADERS.findall(row.text)) >= 3:
            self._add(Piece("contents", text=row.text))
            return
        last = self._open()
        if last is not None and previous is not None and self._joins(last, previous, row, upcoming):
            self._append(last, row.text)
            return
        bullet = BULLET.match(row.raw)
        if bullet:
            text = BULLET.sub("", row.raw, count=1)
            self._add(Piece("list_item", text=SPACES.sub(" ", text).strip()))
            return
        if self._is_heading(row, upcoming):
            level = 5 if self.result and any(p.kind == "heading" for p in self.result) else 3
            self._add(Piece("heading", text=row.text, level=level))
            return
        if ENUMERATOR.match(row.raw):
            self._add(Piece("list_item", text=row.text))
            return
        self._add(Piece("caption" if is_caption(row.text) and len(row.text) < 160 and not row.text.endswith(".") else "paragraph", text=row.text))

    def _open(self) -> Piece | None:
        last = self.result[-1] if self.result else None
        return last if last is not None and last.kind in ("paragraph", "list_item", "footnote", "glossary", "bibliography") else None

    def _append(self, piece: Piece, text: str) -> None:
        left, _, half = piece.text.rpartition(" ")
        if half.endswith(("-", "\u2010")) and len(half) > 1 and half[-2].isalpha() and text[:1].isalpha():
            kept = self.hyphens.between(half[:-1], text.split(" ", 1)[0], "-")
            piece.text = f"{left} {half[:-1]}{kept}{text}".strip()
        else:
            piece.text = f"{piece.text} {text}"

    def _joins(self, last: Piece, previous: Row, row: Row, upcoming: Row | None) -> bool:
        """Return whether a line goes on with the block before it."""
        del upcoming
        apart = row.blanks > (1 if self.spaced else 0)
        ended = bool(STRONG_END.search(previous.text))
        starts_low = row.text[:1].islower() and not ENUMERATOR.match(row.raw) and not BULLET.match(row.raw)
        fits = len(previous.text) + 1 + len(row.text.split(" ", 1)[0]) < self.width - 4
        if self.later and not ended and starts_low:
            return True
        if BULLET.match(row.raw) or (ENUMERATOR.match(row.raw) and (ended or fits or previous.text.endswith((";", ",")) or not self.wrapped)):
            return False
        if apart or (row.blanks and not self.spaced):
            return starts_low and not END.search(previous.text) and len(previous.text) > 20
        if row.blanks == 0 and not self.wrapped:
            # Lines of a file that does not wrap are paragraphs, unless a sentence visibly goes on.
            return (starts_low and not ended) or (last.kind == "list_item" and row.raw.startswith("  "))
        if previous.text.endswith(("-", "\u2010")) and starts_low:
            return True
        if starts_low:
            return not (ended and fits)
        if fits:
            return False
        return not (ended and self.spaced and not previous.text.endswith(",") and len(previous.text) < self.width - 8)

    def _is_heading(self, row: Row, upcoming: Row | None) -> bool:
        text = row.text
        letters = [c for c in text if c.isalpha()]
        if len(letters) < 3 or len(text) > 110 or upcoming is None:
            return False
        if part_named(text):
            return True
        if END.search(text) and not (text.endswith(".") and text.isupper()):
            return False
        if text.endswith(","):
            return False
        upper = sum(c.isupper() for c in letters) > 0.9 * len(letters)
        alone = (row.blanks > 0 or not self.result) and upcoming.blanks > 0 and not self.spaced
        if upper and (alone or len(text) < 0.8 * self.width):
            return len(letters) > 3
        if NUMBERED_HEAD.match(text) and len(text) < 0.85 * min(self.width, 100) and text[:1] != "(" and (alone or not upcoming.text[:1].islower()):
            return True
        title = text[:1].isupper() and len(text) < 75 and len(upcoming.text) > len(text) and not BULLET.match(upcoming.raw)
        return title and alone and upcoming.text[:1].isupper()


def _furniture_kind(name: str) -> BlockKind:
    return "page_number" if name == "page_number" else "header"
