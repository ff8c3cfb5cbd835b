"""Words that stand on one baseline, drop capitals, letter-spaced words, raised calls."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Iterable, Sequence
from operator import attrgetter

from ddextract.reading.shapes import Line, Word

CALL = re.compile(r"^[(\[]?(?:\d{1,3}|[*†‡§¹²³⁴-⁹]{1,3})[)\]]?$")
UNITS = {"m", "km", "cm", "mm", "ft", "mi", "co", "h", "n"}
CLOSE_LETTERS = re.compile(r"^[A-ZÀ-Þ]{2,3}[.,:;!?]?$")
SPACED_LETTER = re.compile(r"^(?:[^\W_][.,:;!?]?|[-–&'’.,:;!?])$")


def rows_of(words: Iterable[Word]) -> list[list[Word]]:
    """Return words grouped by baseline from top to bottom, each group from left to right."""
    ordered = sorted(words, key=_base)
    rows: list[list[Word]] = []
    row: list[Word] = []
    base, reach = -1e9, 0.0
    for word in ordered:
        below = word.base - base
        if not below or (below <= reach and below <= 0.25 * word.size + 0.3):
            row.append(word)
        else:
            row = [word]
            rows.append(row)
            base = word.base
            reach = 0.25 * min(word.size, 14.0) + 0.3
    rows = _settle(rows)
    for row in rows:
        row.sort(key=_left)
    return rows


_base = attrgetter("base")
_left = attrgetter("x0")


def _settle(rows: list[list[Word]]) -> list[list[Word]]:
    """Put small raised words into the row they belong to."""
    result: list[list[Word]] = []
    pending: list[Word] = []
    held = False
    for row in rows:
        if pending:
            size = max(w.size for w in row)
            # A raised word stands less than half a line above the baseline of bigger words that it touches.
            for word in [w for w in pending if 0 < row[0].base - w.base < 0.62 * size and w.size < 0.85 * size and _touches(w, row)]:
                word.call = bool(CALL.match(word.text)) and not _unit(word, row)
                word.glued = word.glued or not word.call
                row.append(word)
                pending.remove(word)
        if len(row) <= 8 and row[0].size < 9.5 and len(row[0].text) <= 4 and len(row[-1].text) <= 4 and all(len(w.text) <= 4 and w.size < 9.5 for w in row):
            pending.extend(row)
            held = True
            continue
        result.append(row)
    if not held:
        return rows
    # Those that nothing claims stand by themselves.
    alone: dict[float, list[Word]] = {}
    for word in pending:
        alone.setdefault(round(word.base, 1), []).append(word)
    result.extend(alone.values())
    result.sort(key=lambda row: row[0].base)
    return result


def _touches(word: Word, row: Sequence[Word]) -> bool:
    return any(-0.5 * w.size < word.x0 - w.x1 < 0.6 * w.size or -0.5 * w.size < w.x0 - word.x1 < 0.6 * w.size for w in row)


def _unit(word: Word, row: Sequence[Word]) -> bool:
    """Return whether a raised digit is the power of a unit."""
    before = min((w for w in row if w.x1 <= word.x0 + 1), key=lambda w: word.x0 - w.x1, default=None)
    return before is not None and word.text in "23" and before.text.lower() in UNITS


def mark_calls(row: Sequence[Word]) -> None:
    """Mark small raised words of a row as calls of footnotes."""
    for left, right in itertools.pairwise(row):
        if left.call or right.call or right.size >= 0.8 * left.size:
            continue
        # Some files give the raised number the baseline of its line: smaller and close by is enough there.
        raised = left.base - right.base > 0.12 * left.size or (right.size < 0.72 * left.size and right.x0 - left.x1 < 0.2 * left.size)
        if raised and CALL.match(right.text) and left.text.lower() not in UNITS:
            right.call = True


def _end_of_spaced(row: Sequence[Word], i: int) -> int:
    """Return the end of the letters set apart that begin at a word; a pair that stands closer by itself, such as A and T, is among them."""
    j = singles = 0
    for j in range(i, len(row) + 1):
        if j == len(row) or abs(row[j].size - row[i].size) > 0.5:
            break
        if SPACED_LETTER.match(row[j].text):
            singles += 1
        elif not CLOSE_LETTERS.match(row[j].text):
            break
    while j > i and not SPACED_LETTER.match(row[j - 1].text) and 2 * singles < j - i + 2:
        j -= 1
    return j if singles >= 3 and 2 * singles >= j - i else i + next((n for n, w in enumerate(row[i:]) if not SPACED_LETTER.match(w.text)), len(row) - i)


def unspace(row: list[Word]) -> list[Word]:
    """Return a row with letter-spaced words ("N A T I O N A L") closed up."""
    result: list[Word] = []
    i = 0
    while i < len(row):
        j = _end_of_spaced(row, i)
        if j - i < 4:
            result.extend(row[i : max(j, i + 1)])
            i = max(j, i + 1)
            continue
        run = row[i:j]
        gaps = [b.x0 - a.x1 for a, b in itertools.pairwise(run)]
        usual = statistics.median_low(gaps)
        word = run[0]
        for gap, letter in zip(gaps, run[1:], strict=True):
            if gap > 1.45 * usual + 0.08 * letter.size and letter.text not in ".,:;!?":
                result.append(word)
                word = letter
            else:
                word = Word(
                    word.text + letter.text,
                    word.x0,
                    min(word.top, letter.top),
                    letter.x1,
                    max(word.bottom, letter.bottom),
                    word.base,
                    word.size,
                    word.bold,
                    word.order,
                    glued=word.glued,
                )
        result.append(word)
        i = j
    return result


def take_drop_capitals(words: list[Word], body: float) -> list[Word]:
    """Glue big first letters to the line they begin; return the words without them."""
    big = [w for w in words if w.size > 1.9 * body and len(w.text) <= 2 and w.text[0].isalpha()]
    taken = []
    for capital in big:
        beside = [
            w
            for w in words
            if w is not capital
            and w.size < 0.6 * capital.size
            and -0.1 * body < w.x0 - capital.x1 < 1.6 * body
            and capital.top - 0.75 * body < w.base < capital.bottom + 0.3 * body
        ]
        # What stands over the capital is no line beside it.
        over = [w.base for w in words if w is not capital and w.size < 0.6 * capital.size and w.x0 < capital.x0 + 1 and w.x1 > capital.x0 - 1]
        beside = [w for w in beside if not any(abs(w.base - base) < 1 for base in over)]
        if len({round(w.base) for w in beside}) < 2:
            continue
        first = min(beside, key=lambda w: w.base)
        first.text = capital.text + first.text
        first.x0 = capital.x0
        taken.append(capital)
    return [w for w in words if w not in taken] if taken else words


def _settle_hyphens(row: list[Word]) -> None:
    """Keep hyphens apart only at the end of a row: the engine does not know where our columns end."""
    for word in row[:-1]:
        if word.hyphen:
            word.text, word.hyphen = word.text + ("-" if word.hyphen == "-" else ""), ""
    last = row[-1]
    if len(row) > 1 and last.text in ("-", "\u2010") and not last.hyphen and row[-2].text[-1:].isalpha() and last.x0 - row[-2].x1 < 0.22 * last.size:
        # A hyphen set apart from its word by stretched letters.
        row.pop()
        row[-1].hyphen, row[-1].x1 = last.text, last.x1
        last = row[-1]
    if not last.hyphen and len(last.text) > 1 and last.text[-1] in "-\u2010" and last.text[-2].isalnum():
        last.text, last.hyphen = last.text[:-1], last.text[-1]


def _is_small(word: Word, capital: Word) -> bool:
    """Return whether a word is set as small capitals are beside a large one."""
    return 0.55 * capital.size < word.size < 0.88 * capital.size


def _close_small_capitals(row: list[Word]) -> None:
    """Glue small capitals to the large one that begins their word, where spaced letters part them."""
    gaps = [b.x0 - a.x1 for a, b in itertools.pairwise(row)]
    spaced = sum(len(w.text) == 1 for w in row) >= 0.6 * len(row)
    usual = statistics.median_low(gaps) if spaced and len(gaps) > 3 else min((gap for gap in gaps if gap > 0), default=0.0)
    large, small = row[0].size, row[1].size
    if usual > 0.35 * large:
        return
    for gap, (left, right) in zip(gaps, itertools.pairwise(row), strict=True):
        if gap <= 1.45 * usual + 0.08 * right.size and left.text[-1:].isalpha() and right.text[:1].isalpha() and abs(left.base - right.base) < 1:
            right.glued = True
    # One size for the line: that of its large letters, unless only the first begins a paragraph.
    capitals = sum(abs(w.size - large) < 0.3 for w in row)
    if (capitals > 1 or len(row) == 2 or spaced) and all(abs(w.size - large) < 0.3 or abs(w.size - small) < 0.3 for w in row):
        for word in row:
            word.size = large


def line_of(row: list[Word]) -> Line:
    """Return a row as a line, calls marked and letter-spacing undone."""
    mark_calls(row)
    if len(row) > 1 and len(row[0].text) == 1 and row[0].text.isupper() and _is_small(row[1], row[0]):
        _close_small_capitals(row)
    _settle_hyphens(row)
    if len(row) >= 4 and sum([len(w.text) == 1 for w in row]) >= 3:
        row = unspace(row)
    return Line(row)
