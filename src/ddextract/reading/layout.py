"""From words to blocks in reading order (first, simple form: content order, paragraphs by gaps)."""

from __future__ import annotations

from ddextract.reading.assembly import Piece
from ddextract.reading.shapes import Line, RawPage, Word


def lines_of(page: RawPage) -> list[Line]:
    lines: list[list[Word]] = []
    for word in page.words:
        last = lines[-1][-1] if lines else None
        if last is not None and abs(word.base - last.base) < 0.3 * last.size and word.x0 >= last.x1 - 2:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [Line(words) for words in lines]


def pieces_of(pages: list[RawPage]) -> list[Piece]:
    pieces: list[Piece] = []
    for page in pages:
        previous: Line | None = None
        for line in lines_of(page):
            near = previous is not None and 0 < line.base - previous.base < 1.55 * max(line.size, previous.size) and abs(line.size - previous.size) < 0.5
            if near:
                pieces[-1].lines.append((page.number, line.words))
            else:
                pieces.append(Piece("paragraph", [(page.number, line.words)], page=page.number))
            previous = line
    return pieces
