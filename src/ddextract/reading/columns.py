"""The order of a page from its geometry: columns by whitespace gutters, cut again and again."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from ddextract.reading.alignment import LONGEST, CutRow, aligned_tables, cut_row
from ddextract.reading.rows import line_of, rows_of
from ddextract.reading.shapes import Island, Line, Rule, Word

LABEL = re.compile(r"^(?:[•◦‣○●■□▪▫–—−*·>➢✓\-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxlcIVXLC]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?|\d{1,3})$")
NUMBER = re.compile(r"^(?:[A-Z]{1,3}-)?[\divxlcIVXLC.\-–—%,]+$")
BULLET_LETTERS = frozenset("olnquvwØ§üŸ¾")
"""What bullets of symbol fonts are read as."""
MIN_WIDTH = 15
"""Ems below which a column is not cut again."""
BETWEEN = 3
"""Rows without a gap that may stand between rows of cells: further lines of one cell."""
SET_IN = 36
"""Points by which the items of a list may be set in from the edge of their column."""
NEED = 0.7
"""Ems that must be free before an edge at which columns begin."""
Floats = NDArray[np.float64]


@dataclass(slots=True)
class Column:
    """Lines (and islands) of one column of one band of a page, from top to bottom."""

    items: list[Line | Island]
    x0: float
    x1: float

    @property
    def lines(self) -> list[Line]:
        """Its lines alone."""
        return [i for i in self.items if isinstance(i, Line)]


@dataclass(slots=True)
class _Field:
    """Words and islands of a region with their edges as arrays."""

    words: list[Word]
    islands: list[Island]
    x0: Floats
    x1: Floats
    top: Floats
    bottom: Floats

    @classmethod
    def of(cls, words: list[Word], islands: list[Island]) -> _Field:
        table = np.array(
            [(w.x0, w.x1, w.base - 0.7 * w.size, w.base + 0.15 * w.size) for w in words] + [(i.x0, i.x1, i.top, i.bottom) for i in islands], dtype=float
        )
        table = table.reshape(-1, 4)
        return cls(words, islands, table[:, 0], table[:, 1], table[:, 2], table[:, 3])

    def part(self, mask: NDArray[np.bool_]) -> _Field:
        n = len(self.words)
        words, islands = list(itertools.compress(self.words, mask[:n].tolist())), list(itertools.compress(self.islands, mask[n:].tolist()))
        return _Field(words, islands, self.x0[mask], self.x1[mask], self.top[mask], self.bottom[mask])


@dataclass(slots=True)
class Gutters:
    """Where columns of a document begin beyond doubt, so that a few lines in columns can be told too.

    Attributes:
        sure: How often a column began there, by x in points.
        open: Gaps in lines of the page at hand that may part columns.
    """

    sure: Counter[int] = field(default_factory=Counter)
    open: list[tuple[float, float]] = field(default_factory=list)

    def within(self, left: float, right: float) -> float | None:
        """Return a place in a gap if a known column begins at its right edge, or a little before it: items of lists are set in."""
        if any(self.sure[round(right) + d] for d in (-2, -1, 0, 1, 2)):
            return (left + right) / 2
        edge = next((e for e in range(round(right) - 2, round(max(left + 5, right - SET_IN)), -1) if self.sure[e]), None)
        return None if edge is None else (left + edge) / 2


@dataclass(slots=True)
class _Gutter:
    x: float
    top: float
    bottom: float
    width: float
    score: float
    edge: float = 0.0


def columns_of(
    words: list[Word], islands: list[Island], body: float, rules: Sequence[Rule] = (), gutters: Gutters | None = None, depth: int = 0
) -> list[Column]:
    """Return the columns of a page or part of it in reading order.

    Args:
        words: Words on it, furniture left out.
        islands: Boxes and tables on it; their words are not among ``words``.
        body: Size of its body text in points.
        rules: Lines and rectangles of the page.
        gutters: Strips known from elsewhere in the document; it is added to.
        depth: How often it was cut already.
    """
    return _columns(_Field.of(words, islands), body, rules, gutters, depth) if words or islands else []


def _columns(place: _Field, body: float, rules: Sequence[Rule], gutters: Gutters | None, depth: int) -> list[Column]:
    words, islands = place.words, place.islands
    if not words and not islands:
        return []
    rows = rows_of(words)
    wide = bool(words) and float(place.x1[: len(words)].max() - place.x0[: len(words)].min()) > MIN_WIDTH * body
    starts, cuts = _starts(rows, body)
    # Words behind a wide gap: without them there are no cells side by side and no short lines in columns.
    apart = len(starts) - len(rows)
    gutter = _best_gutter(place, starts, body) if wide and depth < 12 and len(words) > 5 else None
    if gutter is None and islands and depth < 12:
        gutter = _beside_island(words, islands, body)
    between = rows if gutter is None else _around(rows, gutter, cuts, body)
    tables = aligned_tables(between, rules, body, cuts, edge=depth == 0) if depth < 12 and apart else []
    if tables:
        gone = {id(w) for table in tables for w in table.words}
        return columns_of([w for w in words if id(w) not in gone], [*islands, *tables], body, rules, gutters, depth)
    if gutter is None and wide and depth < 12 and gutters is not None:
        gutter = (_known_gutter(rows, islands, gutters, body) if apart else None) or _known_strip(rows, islands, gutters, body)
    if gutter is None:
        return _staggered(_leaf(rows, islands), body)
    if gutters is not None and gutter.score > 12 * body:
        gutters.sure[round(gutter.edge)] += 1
    middle = (place.top + place.bottom) / 2
    above, below = middle < gutter.top, middle > gutter.bottom
    left = ~above & ~below & (place.x1 <= gutter.x + 0.5 * (place.x1 - place.x0))
    right = ~above & ~below & ~left
    if not left.any() or not right.any():
        return [_leaf(rows, islands)]
    on_left, on_right = place.part(left), place.part(right)
    cut = _wide_heading(on_left, on_right, body)
    if cut is not None:
        later = (left | right) & (middle > cut)
        below, left, right = below | later, left & ~later, right & ~later
        on_left, on_right = place.part(left), place.part(right)
    result = _columns(place.part(above), body, rules, gutters, depth + 1)
    beside = _side_headings(on_left, on_right, body, rules, gutters, depth)
    if beside is None:
        beside = _columns(on_left, body, rules, gutters, depth + 1) + _columns(on_right, body, rules, gutters, depth + 1)
    return result + beside + _columns(place.part(below), body, rules, gutters, depth + 1)


def _around(rows: list[list[Word]], gutter: _Gutter, cuts: Container[int], body: float) -> list[list[Word]]:
    """Return the rows beside a gutter and those next to them that are cut by gaps too: a row of a table may cross where others leave the strip free."""
    inside = [i for i, row in enumerate(rows) if gutter.top < row[0].base - 0.3 * body < gutter.bottom]
    if not inside:
        return []
    first, last = inside[0], inside[-1]
    wide = 0.5 * (max([row[-1].x1 for row in rows]) - min([row[0].x0 for row in rows]))
    while (i := _next_cut(rows, first, -1, gutter.x, wide, cuts)) is not None:
        first = i
    while (i := _next_cut(rows, last, 1, gutter.x, wide, cuts)) is not None:
        last = i
    return rows[first : last + 1]


def _next_cut(rows: list[list[Word]], at: int, step: int, x: float, wide: float, cuts: Container[int]) -> int | None:
    """Return the next row with a gap, if only further lines of cells stand between: many on one side of the strip, few that cross it."""
    crossing = 0
    for distance in range(1, 1 + LONGEST):
        i = at + step * distance
        if not 0 <= i < len(rows):
            return None
        row = rows[i]
        if id(row) in cuts:
            return i
        crossing += row[0].x0 < x < row[-1].x1 and row[-1].x1 - row[0].x0 > wide
        if crossing >= BETWEEN:
            return None
    return None


def _wide_heading(on_left: _Field, on_right: _Field, body: float) -> float | None:
    """Return the height above a heading that stands over both columns though it is no wider than the left one.

    The right column is empty beside it, and both go on below it at one height.
    """
    big = sorted({w.base for w in on_left.words if w.size > 1.12 * body})
    if not big:
        return None
    left = sorted([(float(a), float(b)) for a, b in zip(on_left.top, on_left.bottom, strict=True)])
    right = sorted([(float(a), float(b)) for a, b in zip(on_right.top, on_right.bottom, strict=True)])
    for i, base in enumerate(big):
        if i and base - big[i - 1] < 2 * body:
            continue  # a further line of the heading
        last = base
        for other in big[i + 1 :]:
            last = other if other - last < 2 * body else last
        heads = [w for w in on_left.words if abs(w.base - base) < 0.5]
        top = min(w.base - 0.7 * w.size for w in heads)
        over, under = [b for t, b in left if t < top - 1], [t for t, _ in left if t > last]
        right_over, right_under = [b for t, b in right if t < last], [t for t, _ in right if t > last]
        if not over or not under or not right_over or not right_under:
            continue
        free = max(right_over) < top - 0.5 * body and max(over) < top - 0.5 * body
        # A greater difference is the place of a picture; the last of several columns may end earlier above the head of a chapter.
        shorter = max(over) - max(right_over)
        balanced = abs(shorter) < 4.2 * body or (0 < shorter < 9 * body and heads[0].size > 1.6 * body)
        # What goes on below may begin with a small heading that keeps its distance; a big one is the next of its own column.
        level = abs(min(under) - min(right_under))
        if not free or not balanced or level > 1.6 * body:
            continue
        first = min(right_under)
        if level < 0.3 * body or not any(w.size > 1.12 * body and abs(t - first) < 1 for w, t in zip(on_right.words, on_right.top.tolist(), strict=False)):
            return top - 0.25 * body
    return None


def _side_headings(on_left: _Field, on_right: _Field, body: float, rules: Sequence[Rule], gutters: Gutters | None, depth: int) -> list[Column] | None:
    """Return a column of side headings woven into the text beside it, None if the left column is none."""
    left, right, right_islands = on_left.words, on_right.words, on_right.islands
    if on_left.islands or not any(w.bold for w in left):
        return None
    letters = sum(len(w.text) for w in left)
    if not letters or sum(len(w.text) for w in left if w.bold) < 0.7 * letters or sum(w.bold for w in right) > 0.5 * len(right):
        return None
    left_rows, right_rows = rows_of(left), rows_of(right)
    if len(left_rows) > 0.6 * len(right_rows):
        return None
    heads: list[list[list[Word]]] = []
    for row in left_rows:
        if heads and row[0].base - heads[-1][-1][0].base < 1.7 * row[0].size:
            heads[-1].append(row)
        else:
            heads.append([row])
    result: list[Column] = []
    begin = -1e6
    for i, head in enumerate(heads):
        top = head[0][0].base - 0.8 * body
        end = heads[i + 1][0][0].base - 0.8 * body if i + 1 < len(heads) else 1e6
        if i == 0:
            result.extend(columns_of([w for w in right if begin <= w.base < top], [n for n in right_islands if n.top < top], body, rules, gutters, depth + 1))
        result.append(_leaf(head, []))
        result.extend(columns_of([w for w in right if top <= w.base < end], [n for n in right_islands if top <= n.top < end], body, rules, gutters, depth + 1))
    return result


def _leaf(rows: list[list[Word]], islands: list[Island]) -> Column:
    items: list[Line | Island] = [line_of(row) for row in rows]
    if islands:
        items = sorted([*items, *islands], key=lambda i: i.base - 0.5 * i.size if isinstance(i, Line) else i.top)
    return _column(items)


def _known_gutter(rows: list[list[Word]], islands: list[Island], gutters: Gutters, body: float) -> _Gutter | None:
    """Return a strip known from elsewhere that parts some rows here, as far up and down as nothing crosses it."""
    left, right = min((row[0].x0 for row in rows), default=0.0), max((w.x1 for row in rows for w in row), default=0.0)
    for i, row in enumerate(rows):
        edge = row[0].x1
        for word in row[1:]:
            if word.x0 - edge > 0.8 * max(body, word.size) and min(edge - left, right - word.x0) > 0.6 * MIN_WIDTH * body:
                x = gutters.within(edge, word.x0)
                if x is None:
                    gutters.open.append((edge, word.x0))
                else:
                    first, last = i, i
                    while first > 0 and not _crosses(rows[first - 1], x):
                        first -= 1
                    while last + 1 < len(rows) and not _crosses(rows[last + 1], x):
                        last += 1
                    top, bottom = rows[first][0].base - 0.9 * body, rows[last][0].base + 0.3 * body
                    across = [n for n in islands if n.x0 < x < n.x1]
                    if not any(n.top < bottom and n.bottom > top for n in across):
                        over, under = first or any(n.bottom <= top for n in across), last + 1 < len(rows) or any(n.top >= bottom for n in across)
                        return _Gutter(x, top if over else -1e6, bottom if under else 1e6, word.x0 - edge, 0.0)
            edge = max(edge, word.x1)
    return None


def _known_strip(rows: list[list[Word]], islands: list[Island], gutters: Gutters, body: float) -> _Gutter | None:
    """Return a strip before a known edge that no row crosses: columns that hardly face each other, because pictures stand between."""
    spans = [(row[0].x0, max([w.x1 for w in row])) for row in rows]
    for edge in {round(x0) for x0, _ in spans} | {round(x0) - 1 for x0, _ in spans}:
        if not gutters.sure[edge]:
            continue
        before = [x1 for x0, x1 in spans if x1 < edge - 0.5 * body]
        behind = [x0 for x0, _ in spans if x0 > edge - 2]
        # A single line to the left is the caption of a picture, or a heading.
        lone = len(before) == 1 and spans[-1][1] not in before
        if (len(before) >= 2 or lone) and len(behind) >= 2 and len(before) + len(behind) == len(spans) and sum(x0 < edge + 3 for x0 in behind) >= 2:
            x = (max(before) + edge) / 2
            if not any(n.x0 < x < n.x1 for n in islands):
                return _Gutter(x, -1e6, 1e6, edge - max(before), 0.0)
    return None


def _crosses(row: Sequence[Word], x: float) -> bool:
    return any(w.x0 < x - 1 and w.x1 > x + 1 for w in row) or any(a.x1 < x <= b.x0 + 1 and b.x0 - a.x1 < 0.6 * b.size for a, b in itertools.pairwise(row))


def _staggered(column: Column, body: float) -> list[Column]:
    """Return a column cut where text to the one side ends before text to the other begins: columns that nowhere face each other."""
    items = column.items
    if len(items) < 2 or column.x1 - column.x0 < 2 * MIN_WIDTH * body:
        return [column]
    lefts = list(itertools.accumulate(reversed([i.x0 for i in items]), min))[::-1]
    rights = list(itertools.accumulate((i.x1 for i in items), max))
    lows = list(itertools.accumulate((i.x0 for i in items), min))
    highs = list(itertools.accumulate(reversed([i.x1 for i in items]), max))[::-1]
    for k in range(1, len(items)):
        first, second = items[:k], items[k:]
        if rights[k - 1] < lefts[k] and min(rights[k - 1] - lows[k - 1], highs[k] - lefts[k]) > 0.5 * MIN_WIDTH * body:
            return [*_staggered(_column(first), body), *_staggered(_column(second), body)]
        if min(k, len(items) - k) >= 3 and highs[k] < lows[k - 1] and min(rights[k - 1] - lows[k - 1], highs[k] - lefts[k]) > MIN_WIDTH * body:
            return [*_staggered(_column(second), body), *_staggered(_column(first), body)]
    return [column]


def _column(items: list[Line | Island]) -> Column:
    return Column(items, min(i.x0 for i in items), max(i.x1 for i in items))


def _starts(rows: Sequence[list[Word]], body: float) -> tuple[list[tuple[float, float, Word]], dict[int, CutRow]]:
    """Return (x, baseline, word) of words that begin a row or follow a wide gap, and the rows that such gaps cut, by ``id``."""
    found = []
    cuts: dict[int, CutRow] = {}
    for row in rows:
        cut = cut_row(row, body)
        if len(cut.parts) > 1:
            cuts[id(row)] = cut
        base = cut.base
        found += [(part[0].x0, base, part[0]) for part in cut.parts]
    return found, cuts


def _best_gutter(place: _Field, starts: list[tuple[float, float, Word]], body: float) -> _Gutter | None:
    """Return the tallest strip without ink that has columns of text on both sides."""
    starts = sorted(starts, key=itemgetter(0))
    clusters: list[list[tuple[float, float, Word]]] = []
    begin = -1e9
    for start in starts:
        if start[0] - begin < 2.5:
            clusters[-1].append(start)
        else:
            clusters.append([start])
            begin = start[0]
    left_edge = starts[0][0] if starts else 0.0
    best: _Gutter | None = None
    clusters = [c for c in clusters if len(c) >= 3 and c[0][0] >= left_edge + 3 * body]
    for cluster in sorted(_uncrossed(place, clusters, body), key=len, reverse=True):
        for found in _free_strips(place, cluster, starts, body, best.score if best else 0.0):
            if best is None or found.score > best.score:
                best = found
    return best


def _uncrossed(place: _Field, clusters: Sequence[list[tuple[float, float, Word]]], body: float) -> list[list[tuple[float, float, Word]]]:
    """Return the clusters with three neighbouring members and no crossing word between them: cheap, all at once, and mostly decisive."""
    if not clusters:
        return []
    middles = (place.top + place.bottom) / 2
    order = np.argsort(middles)
    edges = np.array([c[0][0] for c in clusters])[:, None]
    crossing = (place.x0[order] < edges - 0.4) & (place.x1[order] > edges - NEED * body)
    passed = np.zeros((len(clusters), len(order) + 1), dtype=np.int64)
    np.cumsum(crossing, axis=1, out=passed[:, 1:])
    bases = np.array([base for c in clusters for base in sorted([s[1] for s in c])]) - 0.3 * body
    owner = np.repeat(np.arange(len(clusters)), [len(c) for c in clusters])
    count = passed[owner, np.searchsorted(middles[order], bases)]
    together = (count[2:] == count[:-2]) & (owner[2:] == owner[:-2])
    return [clusters[k] for k in sorted(set(owner[2:][together].tolist()))]


def _free_strips(
    place: _Field, cluster: Sequence[tuple[float, float, Word]], starts: Sequence[tuple[float, float, Word]], body: float, beat: float
) -> list[_Gutter]:
    """Return the strips left of an edge at which several rows begin, between the rows that cross it."""
    x = cluster[0][0]
    crossing = (place.x0 < x - 0.4) & (place.x1 > x - NEED * body)
    spans: list[tuple[float, float]] = []
    edge = -1e6
    for top, bottom in sorted(zip(place.top[crossing].tolist(), place.bottom[crossing].tolist(), strict=True)):
        if top > edge:
            spans.append((edge, top))
        edge = max(edge, bottom)
    spans.append((edge, 1e6))
    highest, lowest = float(place.top.min()), float(place.bottom.max())
    result = []
    for low, high in spans:
        height = min(high, lowest) - max(low, highest) + body
        if height * (3 * body) ** 0.3 <= beat:
            continue
        members = [s for s in cluster if low <= s[1] - 0.3 * body and s[1] - 0.5 * body <= high]
        if len(members) < 3:
            continue
        gutter = _judge(place, members, starts, x, low, high, body)
        if gutter:
            result.append(gutter)
    return result


def _judge(
    place: _Field, members: Sequence[tuple[float, float, Word]], starts: Sequence[tuple[float, float, Word]], x: float, low: float, high: float, body: float
) -> _Gutter | None:
    """Return the strip between two heights as a gutter, if columns of text stand on both sides."""
    n = len(place.words)
    inside = (place.bottom[:n] > low + 0.5) & (place.top[:n] < high - 0.5)
    on_left = inside & (place.x1[:n] <= x - 0.3)
    on_right = inside & (place.x0[:n] >= x - 0.5)
    if not on_left.any() or not on_right.any():
        return None
    left_words = list(itertools.compress(place.words, on_left.tolist()))
    right_words = list(itertools.compress(place.words, on_right.tolist()))
    left_rows, right_rows = rows_of(left_words), rows_of(right_words)
    width = x - float(place.x1[:n][on_left].max())
    # Only the rows that face each other count.
    top = max(left_rows[0][0].base, right_rows[0][0].base) - body
    bottom = min(left_rows[-1][0].base, right_rows[-1][0].base) + 0.5 * body
    facing_left = [r for r in left_rows if top <= r[0].base <= bottom]
    facing_right = [r for r in right_rows if top <= r[0].base <= bottom]
    if min(len(facing_left), len(facing_right)) < 3 and not (width > 2 * min(body, right_rows[0][-1].size) and min(len(facing_left), len(facing_right)) >= 2):
        return None
    near = [r[0] for r in facing_right]
    aligned = sum(abs(w.x0 - x) < 2.6 for w in near)
    # Lists and indents begin at edges of their own, several rows at each.
    indents = Counter(round(w.x0 / 3) for w in near if -2.6 < w.x0 - x < 3.5 * body)
    set_in = sum(indents[round(w.x0 / 3)] + indents[round(w.x0 / 3) + 1] + indents[round(w.x0 / 3) - 1] >= 2 for w in near)
    if aligned < 0.15 * len(near) or max(aligned, set_in) < 0.4 * len(near) or (aligned < 3 and width < 2 * body):
        return None
    if width < 1.1 * body and aligned < 4:
        return None
    labels = sum(len(r) <= 2 and all(LABEL.match(w.text) or w.text in BULLET_LETTERS for w in r) for r in facing_left)
    if labels >= 0.75 * len(facing_left):
        return None
    if _before_labels(facing_left, facing_right, x, body):
        return None
    numbers = sum(all(NUMBER.match(w.text) for w in r) for r in facing_right)
    if numbers >= 0.6 * len(facing_right):
        return None
    # A strip reaches as far as nothing crosses it; what stands beyond the shorter side's end is decided by _trim.
    upper, lower = _trim(left_rows, right_rows, low, high, body)
    upper, lower = _core(left_rows, right_rows, members, starts, x, upper, lower, body)
    return _Gutter(x - 0.5 * max(width, 0.0) if width > 0 else x - 0.3, upper, lower, width, (bottom - top) * min(max(width, 0.5 * body), 3 * body) ** 0.3, x)


def _before_labels(left_rows: list[list[Word]], right_rows: list[list[Word]], x: float, body: float) -> bool:
    """Return whether what stands right before a strip are the labels of list items, beside another column's text."""
    bases = {round(row[0].base / 2) + d for row in right_rows for d in (-1, 0, 1)}
    near = [w for row in left_rows for w in (row[-1],) if x - w.x1 < 2.5 * body and round(w.base / 2) in bases]
    labels = sum(bool(LABEL.match(w.text)) or w.text in BULLET_LETTERS for w in near)
    return labels >= 2 and labels >= 0.6 * len(near)


def _core(
    left_rows: list[list[Word]],
    right_rows: list[list[Word]],
    members: Sequence[tuple[float, float, Word]],
    starts: Sequence[tuple[float, float, Word]],
    x: float,
    low: float,
    high: float,
    body: float,
) -> tuple[float, float]:
    """Return the strip's ends, leaving out rows that begin where none of the columns beside it does: they belong to another band."""
    first, last = min(s[1] for s in members), max(s[1] for s in members)
    inside = [s[0] for s in starts if first - 1 <= s[1] <= last + 1 and s[0] >= x - 1]
    at = Counter([round(e / 2) for e in inside])
    # A column whose picture stands beside these rows begins only a few of them.
    everywhere = Counter([round(s[0] / 2) for s in starts if s[0] >= x - 1 and low <= s[1] <= high])
    edges = [2.0 * e for e in {k + d for k in at for d in (-1, 0, 1)} if at[e - 1] + at[e] + at[e + 1] >= 3 or (at[e] and everywhere[e] >= 3)]
    near = [(row[0].x0, row[0].base) for row in right_rows]
    beyond = [row for row in right_rows if not (first - 1 <= row[0].base <= last + 1) and not any(-3 <= row[0].x0 - e <= 4 * body for e in edges)]
    strange = [row[0].base for row in beyond if not _is_centred(row, right_rows, edges)]
    above, below = [b for b in strange if b < first], [b for b in strange if b > last]
    if above:
        low = max(low, max(above) + 0.25 * body)
    # One or two rows behind a wide gap that the crossing text follows at once belong to that text: the strip runs through them by chance.
    left_bases = [row[0].base for row in left_rows]
    bases = sorted({round(b) for b in left_bases + [b for _, b in near]})
    leading = _leading(right_rows if len(right_rows) > len(left_rows) else left_rows)
    for k in (1, 2):
        if len(bases) > 4 * k and high < 1e5 and bases[-k] - bases[-k - 1] > 2.2 * leading:
            high = min(high, bases[-k] - 0.9 * body)
        if len(bases) > 4 * k and low > -1e5 and bases[k] - bases[k - 1] > 2.2 * leading:
            low = max(low, bases[k - 1] + 0.3 * body)
    if below:
        high = min(high, min(below) - 0.9 * body)
    return low, high


def _is_centred(row: list[Word], rows: list[list[Word]], edges: Sequence[float]) -> bool:
    """Return whether a row stands in the middle of a column that begins at one of the edges."""
    x0, x1 = row[0].x0, row[-1].x1
    for edge in edges:
        if edge < x0 + 1:
            right = max((r[-1].x1 for r in rows if abs(r[0].x0 - edge) < 3), default=0.0)
            if x1 < right + 1 and abs((x0 + x1) - (edge + right)) < 6:
                return True
    return False


def _trim(left_rows: list[list[Word]], right_rows: list[list[Word]], low: float, high: float, body: float) -> tuple[float, float]:
    """Return the strip's ends, leaving out what stands apart above or below both columns on one side only."""
    upper, lower = low, high
    if high < 1e5:
        # Text crosses below: rows at the foot of one side that lead it in (a heading) belong to it.
        for side, other in ((left_rows, right_rows), (right_rows, left_rows)):
            end = other[-1][0].base
            tail = [r for r in side if r[0].base > end + 0.6 * body]
            rest = [r for r in side if r[0].base <= end + 0.6 * body]
            if tail and rest and tail[0][0].base - rest[-1][0].base > 1.5 * body and len(tail) <= 4 and not _fills(tail, rest, body):
                usual = _leading(rest)
                step = tail[0][0].base - rest[-1][0].base
                big = tail[0][0].size > 1.08 * rest[-1][0].size or (tail[0][0].bold and not rest[-1][0].bold)
                if big or step > 1.7 * usual:
                    lower = min(lower, (tail[0][0].base - 0.8 * tail[0][0].size + max(rest[-1][0].base, end)) / 2)
    if low > -1e5:
        for side, other in ((left_rows, right_rows), (right_rows, left_rows)):
            begin = other[0][0].base
            head = [r for r in side if r[0].base < begin - 0.9 * body]
            rest = [r for r in side if r[0].base >= begin - 0.9 * body]
            if head and rest and len(head) <= 3 and rest[0][0].base - head[-1][0].base > 1.6 * _leading(rest):
                upper = max(upper, (head[-1][0].base + rest[0][0].base - 0.8 * rest[0][0].size) / 2)
    return upper, lower


def _fills(tail: list[list[Word]], rest: list[list[Word]], body: float) -> bool:
    """Return whether rows hold lines of body text as wide as the column above them: they go on in it."""
    edge, last = max(w.x1 for row in rest for w in row), rest[-1][0]
    return any(abs(row[0].size - last.size) < 0.6 and row[0].bold == last.bold and max(w.x1 for w in row) > edge - 2 * body for row in tail)


def _leading(rows: Sequence[Sequence[Word]]) -> float:
    steps = sorted(b[0].base - a[0].base for a, b in itertools.pairwise(rows))
    return steps[len(steps) // 3] if steps else rows[0][0].size * 1.2


def _beside_island(words: list[Word], islands: list[Island], body: float) -> _Gutter | None:
    """Return a gutter between a box or table and text beside it."""
    for island in sorted(islands, key=lambda i: i.top - i.bottom):
        beside_left = [w for w in words if w.x1 <= island.x0 + 2 and island.top - 2 < w.base < island.bottom + body]
        beside_right = [w for w in words if w.x0 >= island.x1 - 2 and island.top - 2 < w.base < island.bottom + body]
        for beside, x in ((beside_left, island.x0 - 0.1), (beside_right, island.x1 + 0.1)):
            if len({round(w.base) for w in beside}) < 2:
                continue
            top, bottom = island.top - 0.1 * body, island.bottom + 0.1 * body
            others = [i for i in islands if i is not island and i.x0 < x < i.x1 and i.top < bottom and i.bottom > top]
            crossing = [w for w in words if w.x0 < x - 2 and w.x1 > x + 2 and top < w.base - 0.3 * w.size < bottom]
            if others or crossing:
                continue
            # As far up and down as nothing crosses the edge: the column beside it is read in one go.
            over = [w.base for w in words if w.x0 < x - 1 < w.x1 - 2 and w.base <= top + 0.3 * body]
            under = [w.base - 0.8 * w.size for w in words if w.x0 < x - 1 < w.x1 - 2 and w.base > bottom]
            return _Gutter(x, max(over, default=-1e6), min(under, default=1e6), body, 1.0)
    return None
