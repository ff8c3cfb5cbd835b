"""Tables that no grid is drawn around: found by cells that begin at the same heights and stand between the same gaps."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ddextract.reading.shapes import Grid, Island, Rule, Word

GAP = 0.6
"""Ems between words from which they may be cells of their own."""
NUMERIC = re.compile(r"^[\d.,%+\-–—−€$£()\s/]*\d[\d.,%+\-–—−€$£()\s/]*$")
PAGE = re.compile(r"^(?:\d{1,4}|[ivxlc]{1,7})$")
ITEM = re.compile(r"^(?:[•◦‣○●■□▪▫–—−*·>➢✓\-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxlcIVXLC]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?|\d{1,3})$")
LONGEST = 16
"""Lines of a cell above which it is a column of text."""


@dataclass(slots=True)
class CutRow:
    """Words on one baseline, cut at wide gaps."""

    base: float
    size: float
    parts: list[list[Word]]
    spans: list[tuple[float, float]]


@dataclass(slots=True)
class _Cell:
    """Lines of a cell, each the words on one baseline."""

    lines: list[list[Word]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(w.text for line in self.lines for w in line)


def aligned_tables(
    rows: Sequence[list[Word]], rules: Sequence[Rule], body: float, cuts: Mapping[int, CutRow] | None = None, *, edge: bool = False
) -> list[Island]:
    """Return the tables among rows of words; the words stay where they are.

    Args:
        rows: Words by baseline from top to bottom, each row from left to right.
        rules: Lines and rectangles of the page.
        body: Size of its body text in points.
        cuts: Rows cut at wide gaps, by ``id``, where that is known: the others have none.
        edge: Whether the rows are a whole page, so that a single row at its top or foot may be part of a table on another page.
    """
    if cuts is None:
        cuts = {id(row): cut_row(row, body) for row in rows}
    if sum([id(row) in cuts for row in rows]) < (1 if edge else 2):
        return []
    wide = [cuts.get(id(row)) or _uncut(row) for row in rows]
    if sum(len(row.parts) > 1 for row in wide) < (1 if edge else 2):
        return []
    found: list[Island] = []
    steps = sorted(b.base - a.base for a, b in itertools.pairwise(wide))
    usual = steps[len(steps) // 2] if steps else 0.0
    close = 1.05 * usual if usual < 2.2 * body else 0.0
    i = 0
    # The foot of columns that are no table is none either, unless it is cut by more gaps.
    refused_end, refused_gaps = 0, 0
    while i < len(wide):
        row = wide[i]
        if len(row.parts) < 2:
            i += 1
            continue
        above = row.base - wide[i - 1].base if i else 1e6
        if i < refused_end and (
            len(wide[i].spans) <= refused_gaps + 1 or len(_gaps(_union(wide[i].spans, wide[i + 1].spans if i + 1 < len(wide) else []), body)) <= refused_gaps
        ):
            i += 1
            continue
        # A row at the usual distance below another begins nothing, unless a line parts them.
        goes_on = above < max(1.3 * row.size, close) and not any(row.base - above < r.bottom < row.base or row.base - above < r.top < row.base for r in rules)
        if goes_on and i < refused_end:
            i += 1
            continue
        end, gaps = _run(wide, i, body)
        if later := _behind_text(wide, i, end, gaps, usual, body):
            refused_end, refused_gaps, i = later, len(gaps), later
            continue
        if end <= refused_end and len(gaps) <= refused_gaps:
            i += 1
            continue
        if goes_on:
            if end - i > 2:
                refused_end, refused_gaps = end, len(gaps)
            i += 1
            continue
        below = wide[end].base - wide[end - 1].base if end < len(wide) else 1e6
        lone = edge and ((i == 0 and end < len(wide) and below > 1.5 * body) or (end == len(wide) and i >= refused_end))
        island, taken = _table(wide[i:end], gaps, rules, body, (above, below), edge=lone) if gaps else (None, 0)
        if island is None:
            if len(gaps) and end - i > 2:
                refused_end, refused_gaps = end, len(gaps)
            i += 1
        else:
            found.append(island)
            i += taken
    return found


def _behind_text(rows: Sequence[CutRow], begin: int, end: int, gaps: Sequence[tuple[float, float]], usual: float, body: float) -> int:
    """Return where a table begins behind lines of columns that leave one of its gaps free, 0 if none does: its rows are cut by more gaps."""
    for j in range(begin + 2, end - 2):
        # Its first row is cut more often than the lines of the columns are.
        if len(rows[j].parts) < len(gaps) + 2 or rows[j].base - rows[j - 1].base < 1.4 * usual:
            continue
        parts = [part for row in rows[begin:j] for part in row.parts]
        if sum(map(len, parts)) < 5 * len(parts):
            return 0
        last, more = _run(rows, j, body)
        if last - j > 2 and len(more) > len(gaps):
            return j
    return 0


def _uncut(row: list[Word]) -> CutRow:
    return CutRow(row[0].base, max([w.size for w in row]), [row], [(row[0].x0, max([w.x1 for w in row]))])


def cut_row(row: list[Word], body: float) -> CutRow:
    """Return a row cut where the gap between words is wide enough to part cells or columns.

    Args:
        row: Words on one baseline, from left to right.
        body: Size of the body text in points.
    """
    first = row[0]
    if len(row) > 5 and sum([len(w.text) == 1 for w in row]) > 0.6 * len(row):
        # Letters set apart: one heading, however wide its gaps.
        return CutRow(first.base, first.size, [row], [(first.x0, row[-1].x1)])
    begin, edge, size = first.x0, first.x1, first.size
    parts, spans, from_ = [], [], 0
    most = 1.5 * GAP * body
    for i, word in enumerate(row):
        x0, x1, own = word.x0, word.x1, word.size
        # Written out, for it runs over every word several times: hardly any gap is as wide as the narrowest that counts.
        gap = x0 - edge
        if gap > 1.0 and (gap > most or gap > GAP * own):
            parts.append(row[from_:i])
            spans.append((begin, edge))
            from_, begin, edge = i, x0, x1
        elif x1 > edge:
            edge = x1
        if own > size:  # noqa: PLR1730 - a call costs more than the branch
            size = own
    parts.append(row[from_:])
    spans.append((begin, edge))
    return CutRow(first.base, size, parts, spans)


def _gaps(spans: Sequence[tuple[float, float]], body: float) -> list[tuple[float, float]]:
    """Return the gaps between spans, which are in order and merged."""
    return [(a[1], b[0]) for a, b in itertools.pairwise(spans) if b[0] - a[1] > GAP * body]


def _union(spans: Sequence[tuple[float, float]], more: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    result: list[tuple[float, float]] = []
    for x0, x1 in sorted([*spans, *more]):
        if result and x0 <= result[-1][1] + 0.1:
            result[-1] = (result[-1][0], max(result[-1][1], x1))
        else:
            result.append((x0, x1))
    return result


def _run(rows: Sequence[CutRow], begin: int, body: float) -> tuple[int, list[tuple[float, float]]]:
    """Return the end of the rows from one on that leave the same gaps free, and those gaps."""
    spans = _union(rows[begin].spans, [])
    gaps = _gaps(spans, body)
    at = begin + 1
    while at < len(rows):
        row = rows[at]
        if row.base - rows[at - 1].base > 4.2 * max(row.size, body):
            break
        if all(any(a <= x0 and x1 <= b for a, b in spans) for x0, x1 in row.spans):
            at += 1
            continue
        wider = _union(spans, row.spans)
        left = _gaps(wider, body)
        # Gaps that a new column opens outside of the others do not make up for one that is lost.
        lost = sum(not any(a < g[1] and g[0] < b for a, b in left) for g in gaps)
        if not left or (lost and (len(row.parts) == 1 or at - begin > 2)):
            break
        spans, gaps = wider, left
        at += 1
    return at, gaps


def _table(
    rows: Sequence[CutRow], gaps: Sequence[tuple[float, float]], rules: Sequence[Rule], body: float, room: tuple[float, float], *, edge: bool
) -> tuple[Island | None, int]:
    """Return rows as a table with the number of rows it takes, None if they are none."""
    if len(rows) < 2 and not edge:
        return None, 0
    borders = [(a + b) / 2 for a, b in gaps]
    lines = [_columns(row, borders) for row in rows]
    leading = _leading(lines, body)
    left, right = min([r.spans[0][0] for r in rows]), max([r.spans[-1][1] for r in rows])
    edges = _edges(rules, left, right, rows[0].base - 3 * body, rows[-1].base + 3 * body)
    # Rows that follow the text above at the distance of its lines are part of it.
    close = max(1.3 * rows[0].size, 1.1 * leading)
    if room[0] < close and not any(rows[0].base - room[0] < y < rows[0].base for y in edges):
        return None, 0
    cut = [any(a.base - 0.1 * a.size < y < b.base - 0.5 * b.size for y in edges) for a, b in itertools.pairwise(rows)]
    ruled = sum(cut)
    if ruled < 2:
        step = 1.18 * leading + 0.8 if leading else 0.0
        cut = [c or not leading or b.base - a.base > step for c, a, b in zip(cut, rows, rows[1:], strict=False)]
    rights = [max((line[c][-1].x1 for line in lines if c in line), default=0.0) for c in range(len(borders) + 1)]
    # A column of short cells has room up to the next one.
    begins = [min((line[c][0].x0 for line in lines if c in line), default=0.0) for c in range(len(borders) + 1)]
    rights = [max(edge, begins[c + 1] - 2 * body) if c + 1 < len(rights) else edge for c, edge in enumerate(rights)]
    meant = _meant(lines, rights, leading)
    if not ruled and meant >= 0.8 and len(rows) >= 3:
        cut = [True] * (len(rows) - 1)
    bands: list[dict[int, _Cell]] = [{}]
    last_rows = [0]
    for i, line in enumerate(lines):
        if i and cut[i - 1]:
            bands.append({})
            last_rows.append(i)
        for c, words in line.items():
            bands[-1].setdefault(c, _Cell()).lines.append(words)
        last_rows[-1] = i
    while bands and len(bands[-1]) < 2:
        bands.pop()
        last_rows.pop()
    if not bands:
        return None, 0
    taken = last_rows[-1] + 1
    if taken == len(rows) and room[1] < close and not any(rows[-1].base < y < rows[-1].base + room[1] for y in edges):
        return None, 0
    whole = len(bands) > 1 and _is_table(bands, lines[:taken], cut[: taken - 1], leading, ruled, rights, meant, gaps, body)
    if not whole and not (edge and len(bands) <= 2 and all(_is_lone_row(band, gaps, body) for band in bands)):
        return None, 0
    words = [w for line in lines[:taken] for part in line.values() for w in part]
    grid = Grid({(r, c): [w for line in cell.lines for w in line] for r, band in enumerate(bands) for c, cell in band.items()})
    top, bottom = min(w.top for w in words), max(w.bottom for w in words)
    return Island("table", min(w.x0 for w in words), top, max(w.x1 for w in words), bottom, words, grid), taken


def _columns(row: CutRow, borders: Sequence[float]) -> dict[int, list[Word]]:
    result: dict[int, list[Word]] = {}
    # The gaps are free in all rows, so no part reaches over one.
    for part, span in zip(row.parts, row.spans, strict=True):
        result.setdefault(bisect_left(borders, (span[0] + span[1]) / 2), []).extend(part)
    return result


def _leading(lines: Sequence[dict[int, list[Word]]], body: float) -> float:
    """Return the distance of lines within cells, 0 where no two lines are close enough for one cell."""
    steps = []
    last: dict[int, list[Word]] = {}
    for line in lines:
        for c, words in line.items():
            if c in last:
                step = words[0].base - last[c][0].base
                if 0.7 * words[0].size < step < 1.75 * max(words[0].size, 0.7 * body):
                    steps.append(step)
            last[c] = words
    if not steps:
        return 0.0
    halves = [round(2 * s) for s in steps]
    counts = Counter(halves)
    most = max(counts.values())
    usual = min(s for s, n in counts.items() if n >= 0.6 * most)
    near = [s for s, half in zip(steps, halves, strict=True) if abs(half - usual) <= 1]
    return sum(near) / len(near)


def _edges(rules: Sequence[Rule], left: float, right: float, top: float, bottom: float) -> list[float]:
    """Return the heights of lines and of edges of tinted rows that lie between two heights and cover most of a width."""
    pieces: dict[int, list[tuple[float, float, float]]] = {}
    for r in rules:
        if r.vertical or r.x1 < left or r.x0 > right:
            continue
        for y in {r.top, r.bottom} if not r.horizontal else {(r.top + r.bottom) / 2}:
            if top < y < bottom:
                pieces.setdefault(round(y / 1.5), []).append((r.x0, r.x1, y))
    found = []
    for group in pieces.values():
        covered = sum(b - a for a, b in _union([(max(x0, left), min(x1, right)) for x0, x1, _ in group], []))
        if covered > 0.6 * (right - left):
            found.append(group[0][2])
    return found


def _pairs(lines: Sequence[dict[int, list[Word]]]) -> list[tuple[int, int, int, list[Word], list[Word]]]:
    """Return neighbouring lines of each column: column, row and row of both, and their words."""
    result = []
    last: dict[int, tuple[int, list[Word]]] = {}
    for i, line in enumerate(lines):
        for c, words in line.items():
            if c in last:
                result.append((c, last[c][0], i, last[c][1], words))
            last[c] = (i, words)
    return result


def _fits(above: Sequence[Word], below: Sequence[Word], right: float) -> bool:
    """Return whether the first word of a line would have fitted behind the line above it."""
    return above[-1].x1 + 0.28 * below[0].size + (below[0].x1 - below[0].x0) < right - 0.4 * below[0].size


def _meant(lines: Sequence[dict[int, list[Word]]], rights: Sequence[float], leading: float) -> float:
    """Return the share of line ends within columns that were meant: the next word would have fitted."""
    pairs = [p for p in _pairs(lines) if not leading or p[4][0].base - p[3][0].base < 1.2 * leading]
    return sum(_fits(a, b, rights[c]) for c, _, _, a, b in pairs) / len(pairs) if pairs else 0.0


def _is_table(
    bands: Sequence[dict[int, _Cell]],
    lines: Sequence[dict[int, list[Word]]],
    cut: Sequence[bool],
    leading: float,
    ruled: int,
    rights: Sequence[float],
    meant: float,
    gaps: Sequence[tuple[float, float]],
    body: float,
) -> bool:
    """Return whether bands of cells are a table rather than columns of text, a list or a table of contents."""
    cells = [cell for band in bands for cell in band.values()]
    columns = len(rights)
    shared = sum(len(band) >= 2 for band in bands)
    if len(cells) < 4 or shared < 2 or shared < 0.6 * len(bands):
        return False
    counts = [len(cell.lines) for cell in cells]
    if max(counts) > LONGEST or sum(counts) > 6 * len(cells):
        return False
    if not ruled and columns > 3 and _is_spread(cells, gaps, body):
        return False
    for c in range(columns):
        own = [band[c] for band in bands if c in band]
        labels = sum(bool(ITEM.match(cell.lines[0][0].text)) and len(cell.lines[0]) == 1 for cell in own)
        begun = sum(bool(ITEM.match(cell.lines[0][0].text)) and not NUMERIC.match(cell.text) for cell in own)
        if own and c < columns - 1 and (labels >= 0.75 * len(own) or (begun >= 0.6 * len(own) and begun >= 2)):
            return False
    if columns == 2 and not ruled and _has_side_headings(bands):
        return False
    final = [band[columns - 1].text for band in bands if columns - 1 in band]
    if columns == 2 and sum(bool(PAGE.match(t)) for t in final) >= 0.75 * len(final):
        return False
    # Text that runs on over the ends of rows, and gaps in one column alone, speak against.
    against = checks = 0
    for c, i, j, a, b in _pairs(lines):
        step = b[0].base - a[0].base
        between = any(cut[i:j])
        if between:
            checks += 1
            against += not ruled and step < 1.5 * b[0].size and not _fits(a, b, rights[c])
        elif leading and step > 1.25 * leading + 1:
            checks += 1
            against += 1
    if checks and against > 0.2 * checks:
        return False
    aligned = sum(_level(band) for band in bands if len(band) >= 2)
    if not ruled and aligned < 0.75 * shared:
        return False
    heavy = [all(w.bold for line in cell.lines for w in line) for cell in bands[0].values()]
    head = len(heavy) > 1 and all(heavy) and not all(w.bold for cell in cells for line in cell.lines for w in line)
    numeric = any(
        sum(bool(NUMERIC.match(band[c].text)) for band in bands if c in band) >= 0.6 * sum(c in band for band in bands) > 1 for c in range(1, columns)
    )
    # Two headings side by side over a few lines are no table yet.
    head = head and (columns > 2 or len(bands) > 2)
    if head and not ruled and columns == 2 and len(bands) < 4 and _are_columns(bands[1:], columns):
        return False
    if ruled >= 2 or head or numeric:
        return True
    if columns >= 3:
        return len(bands) >= 3 or meant >= 0.8
    widths = [max(_width(band[c]) for band in bands if c in band) for c in range(columns)]
    if _are_columns(bands, columns):
        return False
    several = sum(n > 1 for n in counts)
    return len(bands) >= 3 and ((several >= 2 and bool(checks)) or min(widths) < 0.5 * max(widths)) and max(widths) > 4 * body


def _are_columns(bands: Sequence[dict[int, _Cell]], columns: int) -> bool:
    """Return whether bands of cells are paragraphs of columns that happen to begin at one height."""
    own = [[band[c] for band in bands if c in band] for c in range(columns)]
    if not all(own):
        return False
    widths = [max(map(_width, cells)) for cells in own]
    return min(widths) > 0.8 * max(widths) and all(map(_is_prose, own, widths))


def _is_prose(cells: Sequence[_Cell], width: float) -> bool:
    """Return whether the cells of a column are paragraphs: lines of several words, full but for the last."""
    lines = [line for cell in cells for line in cell.lines[:-1]]
    full = sum(line[-1].x1 - line[0].x0 > 0.85 * width for line in lines)
    # In broad columns fewer lines tell.
    enough = 5 if lines and width > 18 * lines[0][0].size else 8
    return len(lines) >= enough and full >= 0.7 * len(lines) and sum(map(len, lines)) >= 5 * len(lines)


def _has_side_headings(bands: Sequence[dict[int, _Cell]]) -> bool:
    """Return whether the left of two columns holds bold headings beside paragraphs."""
    heads = [w for band in bands if 0 in band for line in band[0].lines for w in line]
    text = [line for band in bands if 1 in band for line in band[1].lines]
    heavy = sum(w.bold for w in heads) > 0.8 * len(heads)
    return heavy and sum(w.bold for line in text for w in line) < 0.3 * sum(map(len, text)) and len(text) >= 2.5 * sum(1 in band for band in bands)


def _is_spread(cells: Sequence[_Cell], gaps: Sequence[tuple[float, float]], body: float) -> bool:
    """Return whether cells are rather the words of justified lines: mostly single words between gaps of no great width."""
    lines = [line for cell in cells for line in cell.lines]
    narrow = sorted(b - a for a, b in gaps)[len(gaps) // 2] < 1.8 * body
    return narrow and sum(len(line) == 1 for line in lines) >= 0.5 * len(lines)


def _is_lone_row(band: dict[int, _Cell], gaps: Sequence[tuple[float, float]], body: float) -> bool:
    """Return whether cells side by side at a page's edge are one row of a table that goes on on another page."""
    cells = list(band.values())
    if (
        len(cells) < 3
        or (len(cells) > 3 and _is_spread(cells, gaps, body))
        or min(b - a for a, b in gaps) < 0.9 * body
        or max(len(c.lines) for c in cells) > 6
        or not _level(band)
    ):
        return False
    # Ends of columns go on with sentences, cells begin anew.
    small = sum(c.text[:1].islower() for c in cells)
    return 2 * small < len(cells) and not ITEM.match(cells[0].lines[0][0].text) and sum(len(c.text) for c in cells) > 4 * len(cells)


def _width(cell: _Cell) -> float:
    return max(line[-1].x1 - line[0].x0 for line in cell.lines)


def _level(band: dict[int, _Cell]) -> bool:
    """Return whether the cells of a row begin at one height, or end at one, or have one middle."""
    size = next(iter(band.values())).lines[0][0].size
    firsts = [cell.lines[0][0].base for cell in band.values()]
    lasts = [cell.lines[-1][0].base for cell in band.values()]
    middles = [(a + b) / 2 for a, b in zip(firsts, lasts, strict=True)]
    return any(max(v) - min(v) < 0.35 * size for v in (firsts, lasts, middles))
