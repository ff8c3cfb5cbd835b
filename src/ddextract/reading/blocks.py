"""From the lines of a column to its blocks: paragraphs, headings, list items, footnotes."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ddextract.reading.shapes import Line, Rule

BULLET = re.compile(r"^[•◦‣○●■□▪▫–—−*·>➢✓\-]$|^[•◦‣○●■□▪▫➢✓](?=\w)")
DISGUISED = frozenset("olnquvwØ§üŸ¾")
"""What bullets of symbol fonts are read as; a bullet only with a wide gap behind."""
ENUMERATOR = re.compile(r"^\(?(?:\d{1,3}|[a-zA-Z]|[ivxlcIVXLC]{1,5})[.)]$|^\(?[a-zA-Z0-9]\)[A-ZÀ-Þ]?")
INITIAL = re.compile(r"^[A-Z]\.$")
"""A capital with a full stop: a name's initial or a title, unless a wide gap makes it a label."""
DECIMAL = re.compile(r"^\d{1,3}(?:\.\d{1,3}){1,3}\.?$")
NOTE_LABEL = re.compile(r"^[(\[]?(\d{1,3}|[*†‡§]{1,3})[)\].]?$")
GLUED_LABEL = re.compile(r"^(\d{1,3})(?=[A-ZÀ-Þ«“\"¿¡‘'(])")
"""The number of a footnote set without a space before its text."""
END = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
LEADERS = re.compile(r"(?:\.\s?){4,}|…{2,}|_{5,}")
PAGE_AT_END = re.compile(r"(?:^|[\s.…])(?:[A-Z]{1,4}-)?(?:\d{1,4}|[ivxlc]{1,7})$")


@dataclass(slots=True)
class Style:
    """How the body of a document is set.

    Attributes:
        size: Font size of most characters, in points.
        bold: Whether most characters are bold.
        indents: Whether new paragraphs are told by an indented first line.
    """

    size: float
    bold: bool = False
    indents: bool = False


@dataclass(slots=True)
class Group:
    """Lines that make one block of a column.

    Attributes:
        lines: Its lines.
        kind: paragraph, heading, list_item, footnote or contents.
        opened: Whether its first line shows by itself that a block begins (indent, label, gap above).
        room: Points left on its last line.
        label: Number or sign of a footnote.
        right: Right edge of its column.
    """

    lines: list[Line]
    kind: str = "paragraph"
    opened: bool = False
    room: float = 0.0
    label: str = ""
    right: float = 0.0

    @property
    def text(self) -> str:
        """Its text, lines joined by spaces."""
        return " ".join(line.text for line in self.lines)

    @property
    def size(self) -> float:
        """Size of its longest line."""
        return max(self.lines, key=lambda line: len(line.words)).size

    @property
    def bold(self) -> bool:
        """Whether all of it is bold."""
        return all(line.bold for line in self.lines)


def _label(line: Line) -> str:
    """Return the bullet or number that begins a list item, empty where there is none."""
    if len(line.words) < 2:
        return ""
    first = line.words[0]
    if BULLET.match(first.text) or _is_disguised(line):
        return first.text
    if INITIAL.match(first.text) and line.words[1].x0 - first.x1 < 0.5 * line.size:
        return ""
    if ENUMERATOR.match(first.text) or DECIMAL.match(first.text):
        return first.text
    return ""


def _is_disguised(line: Line) -> bool:
    """Return whether a line begins with a letter that stands for a bullet: a gap behind it that the other words of the line do not have."""
    if line.words[0].text not in DISGUISED or len(line.words) < 2:
        return False
    gaps = [b.x0 - a.x1 for a, b in itertools.pairwise(line.words)]
    return gaps[0] > 0.45 * line.size and (len(gaps) < 3 or gaps[0] > 1.7 * sorted(gaps[1:])[len(gaps[1:]) // 2])


def _leadings(lines: Sequence[Line]) -> dict[int, float]:
    """Return the usual distance of baselines for each font size (rounded to half points)."""
    steps: dict[int, list[float]] = {}
    for a, b in itertools.pairwise(lines):
        if abs(a.size - b.size) < 0.6 and 0 < b.base - a.base < 3 * b.size:
            steps.setdefault(round(b.size * 2), []).append(b.base - a.base)
    usual = {}
    for size, values in steps.items():
        counts = Counter(round(v * 4) / 4 for v in values)
        best = max(counts.values())
        # The smallest of the common distances: those between paragraphs may be as many in lists.
        usual[size] = min(v for v, n in counts.items() if n >= max(0.35 * best, 1))
    return usual


def group_lines(lines: Sequence[Line], style: Style, notes_from: float | None = None) -> list[Group]:
    """Return the blocks of a column.

    Args:
        lines: Its lines from top to bottom.
        style: How the body is set.
        notes_from: Height below which a rule says that footnotes begin, if one does.
    """
    if not lines:
        return []
    usual = _leadings(lines)
    rights: dict[int, float] = {}
    lefts: dict[int, float] = {}
    for line in lines:
        key = round(line.size * 2)
        rights[key] = max(rights.get(key, 0.0), line.x1)
        lefts[key] = min(lefts.get(key, 1e6), line.x0)
    body_right = rights.get(round(style.size * 2), max(rights.values()))
    groups: list[Group] = []
    for i, line in enumerate(lines):
        key = round(line.size * 2)
        previous = lines[i - 1] if i else None
        if groups and previous is not None and _is_lost_call(previous, line):
            line.words[0].call = line.words[0].glued = True
            groups[-1].lines.append(line)
            continue
        upcoming = lines[i + 1] if i + 1 < len(lines) else None
        right = max(rights[key], body_right if abs(line.size - style.size) < 1.6 else 0.0)
        new, opened = (
            (True, False) if previous is None else _breaks(groups[-1], previous, line, upcoming, usual.get(key, 1.2 * line.size), right, lefts[key], style)
        )
        if previous is None:
            opened = bool(_label(line)) or (style.indents and line.x0 - lefts[key] > 0.7 * line.size)
        if new:
            groups.append(Group([line], opened=opened, right=right))
            if _label(line):
                groups[-1].kind = "list_item"
        else:
            groups[-1].lines.append(line)
        groups[-1].room = right - line.x1
    _mark_notes(groups, style, notes_from)
    return groups


def _is_lost_call(previous: Line, line: Line) -> bool:
    """Return whether a line is the call of a footnote that the end of the line before has cut off."""
    if len(line.words) != 1 or not line.size < 0.8 * previous.size or not 0 < line.base - previous.base < 1.6 * previous.size:
        return False
    return bool(NOTE_LABEL.match(line.words[0].text))


def _fits(previous: Line, line: Line, right: float) -> bool:
    """Return whether the first word of a line would have fitted on the line before: then the break was meant."""
    first = line.words[0]
    return previous.x1 + 0.28 * line.size + (first.x1 - first.x0) < right - 0.6 * line.size


def _breaks(group: Group, previous: Line, line: Line, upcoming: Line | None, usual: float, right: float, left: float, style: Style) -> tuple[bool, bool]:
    """Return whether a new block begins with a line, and whether that shows by more than the line before being short."""
    step = line.base - previous.base
    hyphen = bool(previous.words[-1].hyphen)
    if hyphen and abs(line.size - previous.size) < 0.6 and step < 1.6 * usual:
        return False, False
    if abs(line.size - previous.size) > max(0.6, 0.055 * previous.size):
        return True, True
    if line.bold != previous.bold and (group.bold or line.bold) and (_fits(previous, line, right) or line.bold):
        return True, True
    if step > 1.28 * usual and step > usual + 2:
        return True, True
    if step < -0.5 * line.size:
        return True, True
    if previous.text.isupper() != line.text.isupper() and _is_shouted(group, previous, line, step, usual):
        return True, True
    if _label(line) and _starts_item(group, previous, line, right):
        return True, True
    if "." in previous.text[-12:-1] and LEADERS.search(previous.text) and PAGE_AT_END.search(previous.text):
        return True, True
    big = line.size > 1.12 * style.size
    if big:
        return False, False
    ended = bool(END.search(previous.text))
    if step > 1.1 * usual + 0.5 and (ended or _fits(previous, line, right)):
        return True, True
    hang = group.lines[1].x0 if len(group.lines) > 1 else None
    indent = line.x0 - (hang if hang is not None and group.kind != "list_item" else left)
    if group.kind == "list_item":
        out = len(group.lines) > 1 and line.x0 < group.lines[1].x0 - 0.6 * line.size
        # A short line before one that begins anew: a numbered heading in no face of its own.
        alone = len(group.lines) == 1 and previous.x1 < right - 0.35 * (right - left) and line.text[:1].isupper()
        if alone and _fits(previous, line, right) and DECIMAL.match(previous.words[0].text):
            return True, True
        if (out and ended) or (_fits(previous, line, right) and (ended or line.x0 < group.lines[0].x0 - 2)):
            return True, False
        return False, False
    hanging = line.x0 - group.lines[0].x0 > 0.7 * line.size and step <= 1.1 * usual and (len(group.lines) == 1 or abs(line.x0 - group.lines[1].x0) < 2)
    if hanging and not style.indents and group.lines[0].x0 - left < 2 and not _centred(previous, line):
        return False, False
    paragraph_indent = 0.7 * line.size < indent < 5 * line.size
    if paragraph_indent and upcoming is not None and upcoming.x0 < line.x0 - 0.6 * line.size and (ended or _fits(previous, line, right)):
        return True, True
    if paragraph_indent and style.indents and ended:
        return True, True
    if _fits(previous, line, right) and (ended or not line.text[:1].islower()) and previous.x1 < right - 1.2 * line.size and not _centred(previous, line):
        return True, False
    return False, False


def _is_shouted(group: Group, previous: Line, line: Line, step: float, usual: float) -> bool:
    """Return whether a heading in capitals ends, or begins, between two lines: set apart a little from text in small letters."""
    head, text = (previous, line) if previous.text.isupper() else (line, previous)
    if not (step > usual + 0.6 or abs(head.size - text.size) > 0.25) or sum(map(str.isalpha, head.text)) < 8:
        return False
    return (head is line or all(g.text.isupper() for g in group.lines)) and sum(w.text.islower() for w in text.words) >= 3


def _starts_item(group: Group, previous: Line, line: Line, right: float) -> bool:
    """Return whether a line with a label begins an item, rather than going on with a number or dash that stands at its begin by chance."""
    if (BULLET.match(line.words[0].text) and line.words[0].text not in "-–—*") or _is_disguised(line):
        return True
    gap = line.words[1].x0 - line.words[0].x1
    if _fits(previous, line, right) or gap > 0.5 * line.size:
        return True
    return bool(END.search(previous.text)) and line.x0 <= group.lines[0].x0 + 2 * line.size and line.words[0].text not in "-–—"


def _centred(a: Line, b: Line) -> bool:
    return abs((a.x0 + a.x1) - (b.x0 + b.x1)) < 3 and abs(a.x0 - b.x0) > 3


def _mark_notes(groups: list[Group], style: Style, notes_from: float | None) -> None:
    """Mark the groups at the foot of a column that are footnotes."""
    at = len(groups)
    while at > 0:
        group = groups[at - 1]
        small = group.size < 0.93 * style.size
        under = notes_from is not None and group.lines[0].base > notes_from
        if not (small or under):
            break
        at -= 1
    if at == len(groups):
        return
    tail = groups[at:]
    split: list[Group] = []
    for group in tail:
        split.extend(_split_notes(group))
    labelled = [i for i, g in enumerate(split) if g.label]
    ruled = notes_from is not None and split[0].lines[0].base > notes_from
    if not labelled and not ruled:
        return
    first = 0 if ruled else labelled[0]
    merged: list[Group] = []
    for i, group in enumerate(split):
        if i >= first and merged and merged[-1].kind == "footnote" and not group.label and not (group.opened and len(merged[-1].lines) > 30):
            merged[-1].lines.extend(group.lines)
            merged[-1].room = group.room
            continue
        if i >= first:
            group.kind = "footnote"
        merged.append(group)
    groups[at:] = merged


def _split_notes(group: Group) -> list[Group]:
    """Cut lines before each that begins with the label of a footnote."""
    result: list[Group] = []
    expected: int | None = None
    for line in group.lines:
        first = line.words[0]
        glued = GLUED_LABEL.match(first.text)
        if glued and (expected is None or int(glued[1]) == expected) and (not result or expected is not None):
            result.append(Group([line], label=glued[1], room=group.room, right=group.right, opened=True))
            expected = int(glued[1]) + 1
            continue
        found = NOTE_LABEL.match(first.text)
        raised = found and (first.call or (len(line.words) > 1 and first.size < 0.85 * line.words[1].size))
        numbered = found and len(line.words) > 1 and (expected is None or (found[1].isdigit() and int(found[1]) == expected) or not found[1].isdigit())
        if found and (raised or (numbered and (not result or expected is not None))):
            result.append(Group([line], label=found[1], room=group.room, right=group.right, opened=True))
            expected = int(found[1]) + 1 if found[1].isdigit() else None
            first.call = False
        elif result:
            result[-1].lines.append(line)
        else:
            result.append(Group([line], room=group.room, right=group.right, opened=group.opened))
    return result


def note_rule(rules: Sequence[Rule], lines: Sequence[Line], x0: float, x1: float, style: Style) -> float | None:
    """Return the height of a short rule in the lower half of a column with only small text below it."""
    if not lines:
        return None
    middle = (lines[0].top + lines[-1].bottom) / 2
    for rule in sorted((r for r in rules if r.horizontal), key=lambda r: r.top):
        if not (x0 - 6 <= rule.x0 <= x0 + 20 and 20 < rule.x1 - rule.x0 < 0.75 * max(x1 - x0, 100)):
            continue
        below = [line for line in lines if line.base > rule.top + 0.5]
        above = [line for line in lines if line.base <= rule.top + 0.5]
        if (
            below
            and rule.top > min(middle, lines[-1].base - 3 * style.size)
            and all(line.size < 0.97 * style.size for line in below)
            and (not above or above[-1].base < rule.top + 2)
        ):
            return rule.top
    return None


def body_style(lines: Sequence[Line]) -> Style:
    """Return how most of the text is set."""
    sizes: Counter[float] = Counter()
    bold: Counter[bool] = Counter()
    for line in lines:
        n = sum([len(w.text) for w in line.words])
        sizes[round(line.size * 2) / 2] += n
        bold[line.bold] += n
    if not sizes:
        return Style(10.0)
    size = sizes.most_common(1)[0][0]
    heavy = bold[True] > bold[False]
    own = [line for line in lines if abs(line.size - size) < 0.6]
    return Style(size, heavy, _indents(own))


def _indents(lines: Sequence[Line]) -> bool:
    """Return whether first lines are indented: lines set in by about an em after an ended line, the next one back out."""
    hits = chances = 0
    for a, b, c in zip(lines, lines[1:], lines[2:], strict=False):
        steps = (b.base - a.base, c.base - b.base)
        if not all(0 < s < 2 * b.size for s in steps) or not END.search(a.text) or not b.text[:1].isupper():
            continue
        chances += 1
        if END.search(b.text) and b.x1 < min(a.x1, c.x1) - 2:
            continue  # the short last line of an entry that hangs
        if 0.7 * b.size < b.x0 - c.x0 < 4 * b.size and abs(a.x0 - c.x0) < 2:
            hits += 1
    return hits >= 3 and hits > 0.1 * chances
