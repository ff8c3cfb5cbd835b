"""Boxes and ruled tables of a page from its lines and rectangles, with the table finder of pdfplumber."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from ddextract.reading.shapes import Grid, Island, RawPage, Rule, Word

UNCUT = 4
"""Lines of prose between two rules that are no cells if rows of the table are cut by more gaps than they are."""
TALL = 9
"""Lines between two rules from which they may hold columns of text rather than a row of cells."""
MAX_RULES = 3000
"""Lines above which a page is a drawing and its lines are not searched for tables."""


def _edges(rules: list[Rule]) -> list[dict[str, Any]]:
    """Return lines in the form in which pdfplumber's table finder takes them."""
    edges: list[dict[str, Any]] = []

    def add(x0: float, x1: float, top: float, bottom: float, orientation: str) -> None:
        edges.append(
            {"x0": x0, "x1": x1, "top": top, "bottom": bottom, "width": x1 - x0, "height": bottom - top, "orientation": orientation, "object_type": "line"}
        )

    for r in rules:
        if r.horizontal:
            y = (r.top + r.bottom) / 2
            add(r.x0, r.x1, y, y, "h")
        elif r.vertical:
            x = (r.x0 + r.x1) / 2
            add(x, x, r.top, r.bottom, "v")
        else:
            add(r.x0, r.x1, r.top, r.top, "h")
            add(r.x0, r.x1, r.bottom, r.bottom, "h")
            add(r.x0, r.x0, r.top, r.bottom, "v")
            add(r.x1, r.x1, r.top, r.bottom, "v")
    return edges


def _looks_ruled(rules: list[Rule]) -> bool:
    lying = sum(r.horizontal for r in rules)
    standing = sum(r.vertical for r in rules)
    rectangles = len(rules) - lying - standing
    return lying + 2 * rectangles >= 3 and standing + 2 * rectangles >= 3


def ruled_tables(page: RawPage, before: Sequence[float] = ()) -> list[Island]:
    """Take ruled tables out of a page: at least two rows and two columns of cells with words in them.

    Args:
        page: The page, which loses the words of the tables.
        before: Left edges of the columns of the table that ends the page before: at the page's top a single row goes on with it.
    """
    rules = [r for r in page.rules if not _background(r, page)]
    if len(rules) > MAX_RULES or not _looks_ruled(rules):
        return []
    from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

    edges = [e for e in merge_edges(_edges(rules), 3, 3, 3, 3) if max(e["width"], e["height"]) >= 3]
    cells = intersections_to_cells(edges_to_intersections(edges, 3, 3))
    islands = []
    for table in cells_to_tables(cells):
        island = _table(table, page, before)
        if island:
            islands.append(island)
    return islands


def _background(rule: Rule, page: RawPage) -> bool:
    width, height = (page.width, page.height) if page.turned % 2 == 0 else (page.height, page.width)
    return rule.x1 - rule.x0 > 0.9 * width and rule.bottom - rule.top > 0.8 * height


def _levels(values: list[float]) -> list[float]:
    levels: list[float] = []
    for value in sorted(values):
        if not levels or value - levels[-1] > 3:
            levels.append(value)
    return levels


def _goes_on(columns: list[float], cells: list[tuple[float, float, float, float]], page: RawPage, before: Sequence[float]) -> bool:
    """Return whether cells at a page's top have the columns of the table that ends the page before."""
    top = min(c[1] for c in cells)
    same = len(columns) == len(before) and all(abs(a - b) < 3 for a, b in zip(columns, before, strict=True))
    return same and not any(w.base < top for w in page.words)


def _table(cells: list[tuple[float, float, float, float]], page: RawPage, before: Sequence[float]) -> Island | None:
    x0, top = min(c[0] for c in cells), min(c[1] for c in cells)
    x1, bottom = max(c[2] for c in cells), max(c[3] for c in cells)
    columns, rows = _levels([c[0] for c in cells]), _levels([c[1] for c in cells])
    on = len(columns) > 1 and _goes_on(columns, cells, page, before)
    if len(columns) < 2 or (len(rows) < 2 and not on):
        return None
    inside = [w for w in page.words if x0 - 1 <= (w.x0 + w.x1) / 2 <= x1 + 1 and top - 1 <= w.base - 0.3 * w.size <= bottom + 1]
    grid = Grid()
    taken: list[Word] = []
    for cell in cells:
        r = max(i for i, y in enumerate(rows) if y <= cell[1] + 3)
        c = max(i for i, x in enumerate(columns) if x <= cell[0] + 3)
        own = [w for w in inside if cell[0] - 1 <= (w.x0 + w.x1) / 2 < cell[2] + 1 and cell[1] - 1 <= w.base - 0.3 * w.size < cell[3] + 1]
        own = [w for w in own if id(w) not in {id(t) for t in taken}]
        if own:
            grid.cells[r, c] = own
            taken.extend(own)
    filled_rows, filled_columns = {r for r, _ in grid.cells}, {c for _, c in grid.cells}
    if not taken or (not on and (len(filled_rows) < 2 or len(filled_columns) < 2 or len(grid.cells) < 4)):
        return None
    gone = {id(w) for w in taken}
    page.words = [w for w in page.words if id(w) not in gone]
    return Island("table", x0, top, x1, bottom, taken, grid, columns)


def open_tables(page: RawPage, body: float) -> list[Island]:
    """Take tables with lying rules only out of a page: columns are the gaps that hold in all rows, rows the gaps between lines."""
    lying = [r for r in _joined_lines(page.rules) if r.x1 - r.x0 > 8 * body]
    groups: dict[tuple[int, int], list[Rule]] = defaultdict(list)
    for rule in lying:
        groups[round(rule.x0 / 3), round(rule.x1 / 3)].append(rule)
    islands = []
    for group in groups.values():
        islands.extend(_open_among(sorted(group, key=lambda r: r.top), page, body))
    return islands


def _joined_lines(rules: list[Rule]) -> list[Rule]:
    """Return lying lines, those that touch end to end as one."""
    lying = sorted((r for r in rules if r.horizontal), key=lambda r: (round(r.top), r.x0))
    result: list[Rule] = []
    for r in lying:
        last = result[-1] if result else None
        if last is not None and abs(last.top - r.top) < 1.5 and r.x0 - last.x1 < 2:
            last.x1, last.bottom = max(last.x1, r.x1), max(last.bottom, r.bottom)
        else:
            result.append(Rule(r.x0, r.top, r.x1, r.bottom, r.filled))
    return result


def _open_among(rules: list[Rule], page: RawPage, body: float) -> list[Island]:
    """Return the tables among lying rules of one width, cutting them at the widest distance where they make no table."""
    if len(rules) < 3:
        return []
    island, cut = _open_table(rules, page, body)
    if island:
        return [island]
    cut = cut or max(range(1, len(rules)), key=lambda i: rules[i].top - rules[i - 1].bottom)
    return _open_among(rules[:cut], page, body) + _open_among(rules[cut:], page, body)


def _open_table(rules: list[Rule], page: RawPage, body: float) -> tuple[Island | None, int]:
    """Return the table between lying rules, or the rule below which something else stands between them (0 where that is not known)."""
    from ddextract.reading.rows import rows_of

    x0, x1, top, bottom = rules[0].x0 - 2, rules[0].x1 + 2, rules[0].top, rules[-1].bottom
    if bottom - top < 3 * body:
        return None, 0
    inside = [w for w in page.words if x0 <= (w.x0 + w.x1) / 2 <= x1 and top < w.base - 0.3 * w.size < bottom]
    if len(inside) < 6:
        return None, 0
    inside = _head(page.words, inside, x0, x1, top, body) + inside
    if ends := _last_row(page.words, inside, rules, x0, x1, body):
        inside, bottom = inside + ends, max(w.bottom for w in ends)
    # Gaps over the whole height, word by word on the line of x.
    gaps = _open_gaps(sorted((w.x0, w.x1) for w in inside), body)
    if not gaps:
        return None, 0
    borders = [*gaps, x1 + 1]
    rows = rows_of(inside)
    if text := _holds_columns(rows, rules, gaps, body):
        return None, min(text, len(rules) - 1)
    steps = sorted(b[0].base - a[0].base for a, b in itertools.pairwise(rows))
    usual = steps[len(steps) // 4] if steps else body
    grid = Grid()
    number = 0
    for i, row in enumerate(rows):
        if i:
            before = rows[i - 1][0].base
            ruled = any(before - 1 < r.top < row[0].base - 0.3 * row[0].size for r in rules)
            if ruled or row[0].base - before > 1.25 * usual:
                number += 1
        for word in row:
            column = next(c for c, border in enumerate(borders) if word.x0 < border)
            grid.cells.setdefault((number, column), []).append(word)
    if number < 1:
        return None, 0
    gone = {id(w) for w in inside}
    page.words = [w for w in page.words if id(w) not in gone]
    return Island("table", x0, top, x1, bottom, inside, grid), 0


def _holds_columns(rows: list[list[Word]], rules: list[Rule], gaps: list[float], body: float) -> int:
    """Return the number of rules above columns of a page's text that stand between two of them, 0 where none do.

    They are prose that is not cut as the rows of a table beside it are.
    """
    bands: list[list[list[Word]]] = [[] for _ in range(len(rules) + 1)]
    for row in rows:
        bands[sum(r.top < row[0].base for r in rules)].append(row)
    own = [len(_open_gaps(sorted((w.x0, w.x1) for row in band for w in row), body)) if band else 0 for band in bands]
    for i, band in enumerate(bands):
        # The rule of a running head, or the one that closes a page, has the first or last lines of columns beside it.
        outer = i in (1, len(rules) - 1)
        if not i or len(band) < (2 if outer else UNCUT) or not _is_prose(band, gaps):
            continue
        rest = len(rows) - len(band)
        if sum(n > own[i] for n in own) >= 2 or (outer and len(band) >= TALL and len(band) > 2 * rest):
            return i
    return 0


def _is_prose(rows: list[list[Word]], gaps: list[float]) -> bool:
    """Return whether every column between gaps holds lines of many words."""
    words, lines = [0] * (len(gaps) + 1), [0] * (len(gaps) + 1)
    for row in rows:
        here = [sum(w.x0 > gap for gap in gaps) for w in row]
        for c in set(here):
            words[c] += here.count(c)
            lines[c] += 1
    return all(n >= 5 * max(m, 1) for n, m in zip(words, lines, strict=True))


def _last_row(words: list[Word], inside: list[Word], rules: list[Rule], x0: float, x1: float, body: float) -> list[Word]:
    """Return the row below a table's last rule where rules stand above the rows only: cut into cells as the others are, with room below."""
    from ddextract.reading.rows import rows_of

    end = rules[-1].bottom
    heights = sorted(b.top - a.top for a, b in itertools.pairwise(rules))
    below = rows_of([w for w in words if x0 <= (w.x0 + w.x1) / 2 <= x1 and end < w.base - 0.3 * w.size < end + heights[-1] + 3 * body])
    spans = sorted((w.x0, w.x1) for w in inside)
    begins = [spans[0][0], *(next(x0 for x0, _ in spans if x0 > gap) for gap in _open_gaps(spans, body))]
    found: list[Word] = []
    for row in below:
        if found and row[0].base - found[-1].base > 1.4 * row[0].size:
            break
        cut = _open_gaps([(w.x0, w.x1) for w in row], body)
        first = [row[0].x0, *(next(w.x0 for w in row if w.x0 > gap) for gap in cut)]
        wider = _open_gaps(sorted([*spans, *((w.x0, w.x1) for w in row)]), body)
        if not all(any(abs(x - b) < 3 for b in begins) for x in first) or len(wider) + 1 < len(begins) or (not found and len(cut) < 2):
            return []
        found.extend(row)
    return found


def _head(words: list[Word], inside: list[Word], x0: float, x1: float, top: float, body: float) -> list[Word]:
    """Return the lines right above a table's first rule that are cut into cells as the table is: its head."""
    from ddextract.reading.rows import rows_of

    spans = sorted((w.x0, w.x1) for w in inside)
    begins = [spans[0][0], *(next(x0 for x0, _ in spans if x0 > gap) for gap in _open_gaps(spans, body))]
    head: list[Word] = []
    cells = 0
    above = rows_of([w for w in words if x0 <= (w.x0 + w.x1) / 2 <= x1 and top - 5 * body < w.base - 0.3 * w.size < top])
    below = top
    for row in reversed(above):
        if below - row[0].base > (1.4 if head else 1.6) * row[0].size:
            break
        wider = sorted([*spans, *((w.x0, w.x1) for w in row)])
        cut = _open_gaps(sorted((w.x0, w.x1) for w in row), body)
        first = [row[0].x0, *(next(w.x0 for w in row if w.x0 > gap) for gap in cut)]
        if not _open_gaps(wider, body) or not all(any(abs(x - b) < 3 for b in begins) for x in first):
            break
        head, spans, below, cells = [*row, *head], wider, row[0].base, cells + len(cut)
    # The last lines of columns above the table are cut as its widest gap is, but hold many words.
    rows = rows_of(head)
    return head if cells and len(head) < 5 * (cells + len(rows)) else []


def _open_gaps(spans: list[tuple[float, float]], body: float) -> list[float]:
    gaps, edge = [], spans[0][1]
    for left, right in spans[1:]:
        if left - edge > 0.8 * body:
            gaps.append((edge + left) / 2)
        edge = max(edge, right)
    return gaps


def boxes(page: RawPage, body: float) -> list[Island]:
    """Take text in closed rectangles out of a page, the innermost rectangle that holds it deciding."""
    width, height = (page.width, page.height) if page.turned % 2 == 0 else (page.height, page.width)
    found = []
    rectangles = [r for r in page.rules if r.x1 - r.x0 > 6 * body and r.bottom - r.top > 1.8 * body]
    rectangles = [r for r in rectangles if not _is_tile(r, page.rules, body)] + _frames(page.rules, body)
    for r in sorted(rectangles[:400], key=lambda r: (r.x1 - r.x0) * (r.bottom - r.top)):
        if (r.x1 - r.x0) * (r.bottom - r.top) > 0.75 * width * height:
            continue
        inside = [w for w in page.words if r.x0 - 1 <= w.x0 and w.x1 <= r.x1 + 1 and r.top - 1 <= w.base - 0.5 * w.size and w.base <= r.bottom + 1]
        if len(inside) < 3:
            continue
        # A rectangle that cuts lines of text is a ground or an ornament.
        cut = [w for w in page.words if w.x0 < r.x0 - 2 < w.x1 - 4 or w.x0 + 4 < r.x1 + 2 < w.x1]
        cut = [w for w in cut if r.top < w.base - 0.3 * w.size < r.bottom]
        if cut:
            continue
        ids = {id(w) for w in inside}
        outside = [w for w in page.words if id(w) not in ids]
        if _is_row(r, inside, outside, body):
            continue
        page.words = outside
        found.append(Island("box", r.x0, r.top, r.x1, r.bottom, inside))
    return found


def _is_row(rule: Rule, inside: list[Word], outside: list[Word], body: float) -> bool:
    """Return whether a rectangle is the ground of a table's row: cells side by side that go on between the same gaps right above or below it."""
    from ddextract.reading.rows import rows_of

    gaps = _open_gaps(sorted((w.x0, w.x1) for w in inside), body)
    if not gaps:
        return False
    rows = rows_of(inside)
    if len(rows) >= UNCUT and _is_prose(rows, gaps):
        return False
    for near in (
        [w for w in outside if rule.x0 <= w.x0 and w.x1 <= rule.x1 and rule.top - 3 * body < w.base <= rule.top + 1],
        [w for w in outside if rule.x0 <= w.x0 and w.x1 <= rule.x1 and rule.bottom < w.base <= rule.bottom + 3 * body],
    ):
        if len(near) > 1 and len(_open_gaps(sorted((w.x0, w.x1) for w in near), body)) >= 1:
            shared = _open_gaps(sorted((w.x0, w.x1) for w in [*inside, *near]), body)
            if len(shared) == len(gaps):
                return True
    return False


def _is_tile(rule: Rule, rules: list[Rule], body: float) -> bool:
    """Return whether a rectangle is the ground of a table's cell or row: one of several of one height side by side, or of one width and low."""
    for other in rules:
        if other is rule or other.horizontal or other.vertical:
            continue
        if abs(other.top - rule.top) < 1.5 and abs(other.bottom - rule.bottom) < 1.5 and min(abs(other.x0 - rule.x1), abs(rule.x0 - other.x1)) < 3:
            return True
        if rule.bottom - rule.top < 4 * body and abs(other.x0 - rule.x0) < 1.5 and abs(other.x1 - rule.x1) < 1.5 and other.bottom - other.top < 4 * body:
            return True
    return False


def _frames(rules: list[Rule], body: float) -> list[Rule]:
    """Return rectangles that are drawn as four lines."""
    lying = [r for r in rules if r.horizontal and r.x1 - r.x0 > 6 * body]
    standing = [r for r in rules if r.vertical and r.bottom - r.top > 1.8 * body]
    if len(lying) < 2 or len(standing) < 2 or len(lying) > 200 or len(standing) > 200:
        return []
    found = []
    for a, b in itertools.combinations(standing, 2):
        if abs(a.top - b.top) > 3 or abs(a.bottom - b.bottom) > 3 or abs(a.x0 - b.x0) < 6 * body:
            continue
        x0, x1, top, bottom = min(a.x0, b.x0), max(a.x1, b.x1), min(a.top, b.top), max(a.bottom, b.bottom)
        edges = [r for r in lying if abs(r.x0 - x0) < 3 and abs(r.x1 - x1) < 3]
        if any(abs(r.top - top) < 3 for r in edges) and any(abs(r.bottom - bottom) < 3 for r in edges):
            found.append(Rule(x0, top, x1, bottom))
    return found
