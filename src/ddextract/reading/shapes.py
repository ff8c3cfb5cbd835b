"""What stands on a page before it is understood: words, lines, rules and boxes, in points with the origin top left."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

ASKEW = 9
"""Stands for a direction that is no quarter turn: a watermark across the page."""


@dataclass(slots=True)
class Word:
    """A word, or the part of it that stands on one line.

    Attributes:
        text: Its characters, NFC, ligatures expanded, without a hyphen that ends the line.
        x0: Left edge of its first glyph.
        top: Ascender line.
        x1: Right edge of its last glyph.
        bottom: Descender line.
        base: Baseline.
        size: Font size as drawn.
        bold: Whether its font is bold.
        order: Its place in the content stream.
        hyphen: The hyphen that ended the line (``-``, soft hyphen or U+2010), empty where there was none.
        call: Whether it is a raised number or sign that calls a footnote.
        glued: Whether no space stands before it.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    size: float
    bold: bool = False
    order: int = 0
    hyphen: str = ""
    call: bool = False
    glued: bool = False


@dataclass(slots=True)
class Rule:
    """A drawn line or rectangle (a line is a rectangle without height or width)."""

    x0: float
    top: float
    x1: float
    bottom: float
    filled: bool = False

    @property
    def horizontal(self) -> bool:
        """Whether it is a line that lies."""
        return self.bottom - self.top < 3 and self.x1 - self.x0 > 3 * (self.bottom - self.top)

    @property
    def vertical(self) -> bool:
        """Whether it is a line that stands."""
        return self.x1 - self.x0 < 3 and self.bottom - self.top > 3 * (self.x1 - self.x0)


@dataclass(slots=True)
class RawPage:
    """A page as an engine gives it, words in the order of the content stream.

    Attributes:
        number: Physical page, from 1.
        label: Page label that the file itself gives.
        width: Width in points, as displayed.
        height: Height in points, as displayed.
        words: Words in content order.
        rules: Lines and rectangles.
        engine: What read it.
        images: Share of the page covered by images, 0 to 1.
        problems: What went wrong, in words.
        garbage: Characters without meaning (no Unicode, control characters).
        characters: Characters read.
        turned: Quarter turns clockwise by which the text was turned to stand upright for layout; boxes are turned back.
        aside: Words that run in another direction than the page's text, by quarter turns (``ASKEW`` for those set at an angle), in content order.
    """

    number: int
    label: str | None
    width: float
    height: float
    words: list[Word] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    engine: str = ""
    images: float = 0.0
    problems: list[str] = field(default_factory=list)
    garbage: int = 0
    characters: int = 0
    turned: int = 0
    aside: dict[int, list[Word]] = field(default_factory=dict)


class Line:
    """Words on one baseline that belong together, left to right; they do not change any more."""

    __slots__ = ("_text", "base", "bold", "bottom", "order", "size", "top", "words", "x0", "x1")

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = list(words)
        self._text: str | None = None
        self.x0 = words[0].x0
        self.x1 = max([w.x1 for w in words])
        full = [w for w in words if not w.call] or words
        sizes = {w.size for w in full}
        if len(sizes) == 1:
            main = full[0]
            self.size = main.size
        else:
            main = max(full, key=lambda w: len(w.text))
            self.size = main.size if len(full) < 4 else statistics.median_low([w.size for w in full])
        self.base = main.base
        self.top = min([w.top for w in full])
        self.bottom = max([w.bottom for w in full])
        heavy = [len(w.text) for w in full if w.bold]
        self.bold = bool(heavy) and 2 * sum(heavy) > sum([len(w.text) for w in full])
        self.order = words[0].order

    @property
    def text(self) -> str:
        """Its words with spaces, the hyphen at its end included."""
        if self._text is None:
            self._text = joined(self.words)
        return self._text

    @property
    def width(self) -> float:
        """Width in points."""
        return self.x1 - self.x0


def joined(words: Sequence[Word]) -> str:
    """Return words as text, with line-end hyphens as drawn."""
    parts = [w.text + w.hyphen if w.hyphen else w.text for w in words]
    if not [w for w in words if w.glued]:
        return " ".join(parts)
    return "".join([part if w.glued or not i else " " + part for i, (part, w) in enumerate(zip(parts, words, strict=True))])


@dataclass(slots=True)
class Grid:
    """Cells of a table: words by row and column."""

    cells: dict[tuple[int, int], list[Word]] = field(default_factory=dict)


@dataclass(slots=True)
class Island:
    """Something whose inside has an order of its own: a box or a table, placed as a whole.

    Attributes:
        kind: ``box`` or ``table``.
        x0: Left edge.
        top: Upper edge.
        x1: Right edge.
        bottom: Lower edge.
        words: Its words.
        content: Cells of a table.
        edges: Left edges of the columns of a drawn table.
    """

    kind: str
    x0: float
    top: float
    x1: float
    bottom: float
    words: list[Word] = field(default_factory=list)
    content: Grid | None = None
    edges: list[float] = field(default_factory=list)
