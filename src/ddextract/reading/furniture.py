"""Running heads, feet and page numbers: what repeats at the edge of pages. Never by a fixed margin alone."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from ddextract.document import BlockKind
from ddextract.reading.blocks import BULLET
from ddextract.reading.rows import rows_of
from ddextract.reading.shapes import ASKEW, RawPage, Word, joined
from ddextract.reading.terms import terms

ROMAN_NUMBER = r"c{0,2}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
ROMAN = re.compile(rf"^(?=.){ROMAN_NUMBER}$", re.I)
DIGITS = re.compile(r"\d+")
BARE = re.compile(
    r"^[\s\-–—.|·\[\](]*(?:(?P<chapter>(?:[A-Z]{1,4}|\d{1,2})\s?[-–.]\s?)?(?P<n>\d{1,4}|(?=[ivxlc])"
    + ROMAN_NUMBER
    + r"|(?=[IVXLC])"
    + ROMAN_NUMBER.upper()
    + r"))[\s\-–—.|·\[\])]*$"
)
DASHES = frozenset("-–—|·")
ROW = 4.0
"""Points between baselines that are surely two rows: more than raised words and uneven lines differ by."""
OUTER = 4
"""Rows at each end of a page that may be furniture."""


@dataclass(slots=True)
class Segment:
    """A stretch of a row at a page's edge."""

    page: int
    end: str
    depth: int
    y: float
    words: list[Word]
    text: str
    size: float
    number: str | None
    alone: bool
    margin: float
    """Its distance from the page's edge as a share of the page's height."""
    key: tuple[str, str]
    """Where and what, numbers set aside."""


@dataclass(slots=True)
class Memory:
    """What earlier pages have shown."""

    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    heights: dict[tuple[str, str], Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    offsets: Counter[int] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    sideways: set[tuple[str, int]] = field(default_factory=set)
    """Text in another direction than its page's, with the page."""
    several: int = 3
    """Pages on which something must go on with their numbers: three, or all of a shorter document."""
    lines_numbered: tuple[float, float] | None = None
    """Where the numbers of lines stand, once a page has shown them."""
    counted: dict[tuple[str, str], Counter[tuple[int, int]]] = field(default_factory=lambda: defaultdict(Counter))
    """How often a number within a text of this kind was its page plus an offset: by place among the numbers, and offset."""


def _pattern(text: str) -> str:
    text = text.casefold()
    words = ["#" if ROMAN.match(w) and len(w) < 7 else DIGITS.sub("#", w) for w in text.split()]
    return " ".join(words)


def _numbers_in(s: Segment) -> list[int]:
    """Return the numbers in a text, roman ones too."""
    if "#" not in s.key[1]:
        return []
    found = []
    for word in s.text.split():
        if ROMAN.match(word) and len(word) < 7:
            found.append(_value(word))
        else:
            found += [int(n) for n in DIGITS.findall(word) if len(n) < 8]
    return found


def _value(roman: str) -> int:
    """Return the value of a roman number up to 399."""
    values = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[c] for c in roman.lower()]
    return sum(-v if any(w > v for w in values[i + 1 : i + 2]) else v for i, v in enumerate(values))


def _counts(s: Segment, memory: Memory) -> bool:
    """Return whether what a text repeats is more than its wording: the same numbers, or numbers that go on with the pages.

    "Chapter 1" and "Chapter 2" at the top of pages are headings, however alike they look.
    """
    return (
        "#" not in s.key[1]
        or memory.texts[s.text] > 1
        or any(memory.counted[s.key][place, n - s.page] >= memory.several for place, n in enumerate(_numbers_in(s)))
    )


def number_of(text: str) -> str | None:
    """Return the page number that a text is, if it is nothing else: ``12``, ``iv``, ``- 3 -``, ``Page 3 of 9``, ``II-4``."""
    found = BARE.match(text)
    if found:
        return (re.sub(r"\s", "", found["chapter"] or "") + found["n"]) or None
    words = text.casefold().split()
    if len(words) <= 4 and words and words[0].strip(".:") in terms("page"):
        digits = DIGITS.findall(text)
        return digits[0] if digits else None
    return None


def _segments(page: RawPage) -> list[Segment]:
    """Return the stretches of the outermost rows of a page, the outermost first at each end."""
    half = page.height if not page.turned % 2 else page.width
    upper = rows_of(_outermost([w for w in page.words if w.base < 0.3 * half], 1))
    lower = rows_of(_outermost([w for w in page.words if w.base > 0.7 * half], -1))
    found = []
    for end, chosen in (("top", upper[:OUTER]), ("bottom", lower[::-1][:OUTER])):
        for depth, row in enumerate(chosen):
            base = row[0].base
            parts: list[list[Word]] = [[row[0]]]
            for word in row[1:]:
                gap = word.x0 - parts[-1][-1].x1
                if gap > 1.6 * word.size and (gap > 4 * word.size or not (word.text in DASHES or joined(parts[-1]) in DASHES)):
                    parts.append([word])
                else:
                    parts[-1].append(word)
            for part in parts:
                text = joined(part)
                margin = (base if end == "top" else half - base) / half
                key = (end, _pattern(text))
                found.append(Segment(page.number, end, depth, base, part, text, part[0].size, number_of(text), len(parts) == 1, margin, key))
    return found


def _outermost(words: list[Word], step: int) -> list[Word]:
    """Return the words of the first rows from the top (step 1) or the foot (step -1), a few more than are looked at: raised words join rows."""
    ordered = sorted(words, key=_base)[::step]
    rows, last = 0, -1e9
    for i, word in enumerate(ordered):
        if abs(word.base - last) > ROW:
            rows += 1
            if rows > 2 * OUTER:
                return ordered[:i]
            last = word.base
    return ordered


_base = attrgetter("base")


def take_furniture(pages: Sequence[RawPage], memory: Memory, total: int) -> dict[int, list[tuple[BlockKind, list[Word]]]]:
    """Take running heads, feet and page numbers out of pages.

    Args:
        pages: Pages in a row; their ``words`` lose what is taken.
        memory: What earlier pages of the same document have shown; it is added to.
        total: Pages of the document.

    Returns:
        By page number, the kind and words of each piece of furniture.
    """
    memory.several = min(3, total)
    extra = _beside_text(pages, memory, total)
    by_page = {p.number: _segments(p) for p in pages}
    for segments in by_page.values():
        for key in {s.key for s in segments}:
            memory.seen[key] += 1
        memory.texts.update({s.text for s in segments})
        for s in segments:
            for place, n in enumerate(_numbers_in(s)):
                memory.counted[s.key][place, n - s.page] += 1
            memory.heights[s.key][round(s.y / 3)] += 1
            if s.number and s.number.isdigit():
                memory.offsets[int(s.number) - s.page] += 1
    enough = 3 if total > 4 else 2
    sizes = {p.number: _usual_size(p) for p in pages}
    bands = _bands(by_page.values(), memory, enough, sizes)
    result: dict[int, list[tuple[BlockKind, list[Word]]]] = {}
    for page in pages:
        taken = extra[page.number]
        gone: set[int] = set()
        segments = by_page[page.number]
        size = sizes[page.number]
        for end in ("top", "bottom"):
            for depth in range(OUTER):
                row = [s for s in segments if s.end == end and s.depth == depth]
                if not row:
                    break
                inner = [s for s in segments if s.end == end and s.depth == depth + 1]
                chain = [s for s in segments if s.end == end and s.depth > depth]
                verdicts = [_is_furniture(s, row, inner, memory, bands, enough, total, size, chain) for s in row]
                for s, verdict in zip(row, verdicts, strict=True):
                    if verdict and id(s.words[0]) not in gone:
                        kind: BlockKind = "page_number" if s.number and _numbers(s, memory, total) else "header" if end == "top" else "footer"
                        taken.append((kind, s.words))
                        gone.update(id(w) for w in s.words)
                if not all(verdicts):
                    break
        if gone:
            page.words = [w for w in page.words if id(w) not in gone]
        result[page.number] = taken
    return result


def _beside_text(pages: Sequence[RawPage], memory: Memory, total: int) -> dict[int, list[tuple[BlockKind, list[Word]]]]:
    """Take out what stands beside the text of pages: watermarks, tabs at the edge, codes along the margin, numbers of lines.

    Words in another direction that are none of this (heads of narrow columns of a table) join the page's words.
    """
    runs = {p.number: [run for turn, words in p.aside.items() for run in _runs(words, turn)] for p in pages}
    memory.sideways.update({(joined(run), page) for page, found in runs.items() for run in found})
    pages_of = Counter(text for text, _ in memory.sideways)
    result: dict[int, list[tuple[BlockKind, list[Word]]]] = {}
    for page in pages:
        taken: list[tuple[BlockKind, list[Word]]] = []
        left, right = _text_edges(page)
        askew = {id(w) for w in page.aside.get(ASKEW, ())}
        kept: list[Word] = []
        for run in runs[page.number]:
            outside = max(w.x1 for w in run) < left or min(w.x0 for w in run) > right
            if id(run[0]) in askew or outside or pages_of[joined(run)] >= (3 if total > 4 else 2):
                taken.append(("header", run))
            else:
                kept += run
        page.aside = {}
        if kept:
            page.words = page.words + kept
        taken += [("header", [word]) for word in _line_numbers(page, left, right, memory)]
        result[page.number] = taken
    return result


def _runs(words: Sequence[Word], turn: int) -> list[list[Word]]:
    """Return words in another direction as runs along it."""
    runs: list[list[Word]] = []
    for word in words:
        last = runs[-1][-1] if runs else None
        # Turned text stands in one column of the page; askew text is one run as long as its size stays.
        if last is not None and abs(last.size - word.size) < 0.5 and (turn == ASKEW or min(last.x1, word.x1) > max(last.x0, word.x0)):
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _text_edges(page: RawPage) -> tuple[float, float]:
    """Return the left and right edge of a page's text, the few words beyond it left out."""
    if not page.words:
        return 0.0, 0.0
    lefts, rights = sorted([w.x0 for w in page.words]), sorted([w.x1 for w in page.words])
    few = len(lefts) // 100
    return lefts[few], rights[-1 - few]


def _line_numbers(page: RawPage, left: float, right: float, memory: Memory) -> list[Word]:
    """Take the numbers of lines out of a page: figures at one edge in the margin that count its lines."""
    figures = [w for w in page.words if w.text.isdigit() and len(w.text) < 5]
    if memory.lines_numbered is not None and figures:
        # A short page has few of them: those where others have stood.
        low, high = memory.lines_numbered
        gone = {id(w) for w in figures if low - 3 < w.x0 and w.x1 < high + 3}
        page.words, taken = [w for w in page.words if id(w) not in gone], [w for w in page.words if id(w) in gone]
        return taken
    if len(figures) < 4 or right - left < 100:
        return []
    figures = [w for w in figures if w.x1 < left + 0.2 * (right - left)]
    column = max((_one_edge(figures, [w.x0 for w in figures]), _one_edge(figures, [w.x1 for w in figures])), key=len)
    if len(column) < 4:
        return []
    bounds = min(w.x0 for w in column), max(w.x1 for w in column)
    # The text stands clear of them.
    if any(w.x0 < bounds[1] + 0.5 * w.size and w.x1 > bounds[0] for w in page.words if not any(w is c for c in column)):
        return []
    heights = [row[0].base for row in rows_of([w for w in page.words if w.x0 > bounds[1]])]
    pairs = list(itertools.pairwise(column))
    counted = 0
    for a, b in pairs:
        lines = sum(a.base + 2 < y <= b.base + 2 for y in heights)
        counted += 0 < int(b.text) - int(a.text) <= 10 and abs(lines - (int(b.text) - int(a.text))) <= 1
    # Numbers of paragraphs stand further apart than they count.
    if counted < 0.8 * len(pairs) or sum(sum(a.base + 2 < y <= b.base + 2 for y in heights) for a, b in pairs) > 1.3 * (
        int(column[-1].text) - int(column[0].text)
    ):
        return []
    gone = {id(w) for w in column}
    page.words = [w for w in page.words if id(w) not in gone]
    memory.lines_numbered = bounds
    return column


def _one_edge(words: Sequence[Word], edges: Sequence[float]) -> list[Word]:
    """Return the words of which most share an edge, from top to bottom."""
    at = Counter(round(x / 2) for x in edges)
    if not at:
        return []
    best = max(at, key=lambda x: at[x - 1] + at[x] + at[x + 1])
    return sorted((w for w, x in zip(words, edges, strict=True) if abs(round(x / 2) - best) <= 1), key=_base)


def _bands(pages: Iterable[list[Segment]], memory: Memory, enough: int, sizes: Mapping[int, float]) -> set[tuple[str, int, int]]:
    """Return the heights (with font size) at which furniture stands on most pages: what else stands there is furniture too."""
    here: Counter[tuple[str, int, int]] = Counter()
    all_of: Counter[tuple[str, int, int]] = Counter()
    apart: Counter[tuple[str, int, int]] = Counter()
    total = 0
    for segments in pages:
        total += 1
        seen: dict[tuple[str, int, int], bool] = {}
        inner = {s.end: s.y for s in segments if s.depth == 1}
        for s in segments:
            if s.depth == 0:
                key = (s.end, round(s.y / 2), round(s.size * 2))
                if key not in seen and s.end in inner and s.size < 0.95 * sizes[s.page] and abs(inner[s.end] - s.y) > 2 * sizes[s.page]:
                    # Small text apart from the body at one height on most pages, whatever it says: titles of chapters.
                    apart[key] += 1
                seen[key] = seen.get(key, False) or _steady(s, memory) >= enough
        for key, furnished in seen.items():
            all_of[key] += 1
            here[key] += furnished
    steady = {key for key, n in here.items() if n >= enough and n >= 0.5 * all_of[key]}
    return steady | {key for key, n in apart.items() if n >= 2 and n >= 0.6 * total}


def _steady(s: Segment, memory: Memory) -> int:
    """Return on how many pages the same stands at the same height."""
    if s.number is None and not _counts(s, memory):
        return 1
    heights = memory.heights[s.key]
    at = round(s.y / 3)
    return min(memory.seen[s.key], heights[at - 1] + heights[at] + heights[at + 1])


def _numbers(s: Segment, memory: Memory, total: int) -> bool:
    """Return whether a bare number counts pages."""
    if s.number is None:
        return False
    if not s.number.isdigit():
        return memory.texts[s.text] <= 2 and (_steady(s, memory) >= min(3, total) or (s.depth == 0 and s.alone and memory.seen[s.key] >= 2))
    return memory.offsets[int(s.number) - s.page] >= min(3, total) or _steady(s, memory) >= 3


def _usual_size(page: RawPage) -> float:
    sizes: Counter[float] = Counter()
    for word in page.words[:: 1 + len(page.words) // 200]:
        sizes[word.size] += len(word.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _hangs(s: Segment, row: Sequence[Segment], inner: Sequence[Segment], size: float) -> bool:
    """Return whether a number stands before a line of body text, as the number of a paragraph or an item."""
    behind = [o for o in row if o is not s and o.words[0].x0 > s.words[-1].x1]
    return any(abs(o.size - size) < 0.3 and len(o.text) > 25 for o in behind) and bool(inner) and abs(inner[0].y - s.y) < 2.2 * size


def _has_room(s: Segment, chain: Sequence[Segment], memory: Memory, enough: int, ems: float) -> bool:
    """Return whether there is room between a segment, or the repeated lines that go on from it, and what follows."""
    last = s
    for following in chain:
        if following.depth == last.depth:
            continue
        again = _steady(following, memory) >= enough
        # Lines of one size as close as lines are: cells of a table, whatever they repeat.
        if abs(following.y - last.y) > (ems if again or abs(following.size - last.size) > 0.4 else max(ems, 2.0)) * s.size:
            return True
        if not again:
            return False
        last = following
    return last is s


def _heads(row: Sequence[Segment], inner: Sequence[Segment]) -> bool:
    """Return whether the parts of a row stand over those of the next, as the head of a table does: bare numbers apart."""
    begins = [o.words[0].x0 for o in inner]
    close = bool(inner) and abs(inner[0].y - row[0].y) < 3 * row[0].size
    return close and len(inner) == len(row) and all(o.number is None and any(abs(o.words[0].x0 - x) < 2 for x in begins) for o in row)


def _is_furniture(
    s: Segment,
    row: Sequence[Segment],
    inner: Sequence[Segment],
    memory: Memory,
    bands: set[tuple[str, int, int]],
    enough: int,
    total: int,
    size: float,
    chain: Sequence[Segment],
) -> bool:
    text = s.text.strip()
    letters = sum(c.isalpha() for c in text)
    if s.number is not None and _hangs(s, row, inner, size):
        return False
    if s.number is not None and text.endswith(".") and text[:1].isdigit() and inner and abs(inner[0].y - s.y) < 1.8 * s.size:
        return False  # the last line of a paragraph
    if s.number is not None:
        if _numbers(s, memory, total) and (s.depth <= 1 or _steady(s, memory) >= enough):
            return True
        # A lone number at the very edge of a short document.
        if s.depth == 0 and s.alone and total <= 3 and (not inner or abs(inner[0].y - s.y) > 2.2 * s.size):
            return True
    if len(row) > 3 and all(o.number is None for o in row):
        return False  # cells of a table
    if len(s.words) > 2 and BULLET.match(s.words[0].text) and s.words[-1].text[-1:] in ".;,":
        return False  # an item that comes back
    if len(row) > 1 and abs(s.size - size) < 0.6 and _heads(row, inner):
        return False  # the head of a table, again on each page
    steady = _steady(s, memory)
    if steady >= enough and (letters >= 3 or s.number is not None):
        # Text set like the body and without room around it is body, however often it comes back.
        room = _has_room(s, chain, memory, enough, 2.0 if abs(s.size - size) < 0.4 else 1.35)
        return room and (steady >= max(enough, 0.08 * min(total, 60)) or steady >= 5)
    # On a single page nothing comes back: small text with much room to the body.
    if total == 1 and s.depth == 0 and letters >= 3 and len(text) < 90 and s.size < 0.93 * size and inner and abs(inner[0].y - s.y) > 2.2 * size:
        return True
    # Or text at the very edge with a wide empty strip behind it.
    if total == 1 and s.depth == 0 and letters >= 3 and len(text) < 90 and s.size < 1.1 * size and s.margin < 0.06 and inner:
        return abs(inner[0].y - s.y) > 4.5 * s.size
    key = (s.end, round(s.y / 2), round(s.size * 2))
    near = {(s.end, key[1] + d, key[2] + e) for d in (-1, 0, 1) for e in (-1, 0, 1)}
    apart = 1.5 if abs(s.size - size) > 0.4 else 2.0
    if near & bands and s.depth == 0 and (not inner or abs(inner[0].y - s.y) > apart * s.size) and len(text) < 140:
        return True
    # Beside a page number, with room to the body: a title that stands on this page alone.
    beside = any(o is not s and o.number is not None and _numbers(o, memory, total) for o in row)
    return beside and s.depth == 0 and (not inner or abs(inner[0].y - s.y) > 1.6 * s.size) and len(text) < 140
