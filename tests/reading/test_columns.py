"""Order of a page from its geometry, and what its groups are: made words in, lines and kinds out."""

from __future__ import annotations

from ddextract.document import Block, Cell
from ddextract.reading.blocks import Style
from ddextract.reading.columns import columns_of
from ddextract.reading.flow import Flow
from ddextract.reading.grids import open_tables
from ddextract.reading.rows import line_of
from ddextract.reading.shapes import RawPage, Rule, Word
from ddextract.tagging import _introduction


def row(base: float, *cells: tuple[float, str], size: float = 10.0, bold: bool = False) -> list[Word]:
    words = []
    for left, text in cells:
        x = left
        for part in text.split():
            words.append(Word(part, x, base - 0.76 * size, x + 0.5 * size * len(part), base + 0.22 * size, base, size, bold))
            x += 0.5 * size * len(part) + 0.25 * size
    return words


def prose(first: float, count: int, x: float, mark: str) -> list[list[Word]]:
    return [row(first + 12 * i, (x, f"{mark}{i} the ministry sends its advisers to the schools")) for i in range(count)]


def text_of(words: list[Word]) -> str:
    return " ".join(line.text for column in columns_of(words, [], 10.0) for line in column.lines)


def begins(words: list[Word], *marks: str) -> list[str]:
    return [t for t in text_of(words).split() if t in marks]


def test_short_heading_over_balanced_columns_parts_them() -> None:
    rows = [*prose(100, 6, 60, "a"), *prose(100, 6, 330, "b"), row(200, (60, "Partners abroad"), size=16), *prose(230, 6, 60, "c"), *prose(230, 6, 330, "d")]
    assert begins([w for r in rows for w in r], "a0", "b5", "Partners", "c0", "d5") == ["a0", "b5", "Partners", "c0", "d5"]


def test_heading_of_one_column_parts_nothing() -> None:
    rows = [*prose(100, 6, 60, "a"), *prose(100, 17, 330, "b"), row(200, (60, "Partners abroad"), size=16), *prose(230, 6, 60, "c")]
    assert begins([w for r in rows for w in r], "a0", "b0", "Partners", "c0") == ["a0", "Partners", "c0", "b0"]


def test_heading_beside_the_place_of_a_picture_parts_nothing() -> None:
    above = [*prose(100, 12, 60, "a"), *prose(100, 6, 330, "b")]
    rows = [*above, row(268, (60, "Partners abroad"), size=16), *prose(300, 9, 60, "c"), *prose(300, 9, 330, "d")]
    assert begins([w for r in rows for w in r], "a0", "b0", "Partners", "c0", "d0") == ["a0", "Partners", "c0", "b0", "d0"]


def test_small_capitals_set_apart_join_the_large_one_before_them() -> None:
    parts = [("P", 14.0, 60.0, 68.0), ("eople", 9.8, 70.5, 100.0), ("A", 14.0, 108.0, 117.0), ("broad", 9.8, 119.5, 150.0)]
    line = line_of([Word(t, x0, 90.0, x1, 103.0, 100.0, size) for t, size, x0, x1 in parts])
    assert line.text == "People Abroad"
    assert line.size == 14.0


def test_row_below_the_last_rule_belongs_to_its_table_and_the_text_below_does_not() -> None:
    cells = [row(100 + 20 * i, (60, f"Visit{i}"), (200, "Trust"), (340, "Navy")) for i in range(4)]
    page = RawPage(1, None, 595, 842, [w for r in [*cells, *prose(190, 5, 60, "a")] for w in r], [Rule(58, 86 + 20 * i, 430, 86.5 + 20 * i) for i in range(4)])
    (table,) = open_tables(page, 10.0)
    assert table.content is not None
    assert [" ".join(w.text for w in table.content.cells[r, 0]) for r in range(4)] == ["Visit0", "Visit1", "Visit2", "Visit3"]
    assert page.words[0].text == "a0"


def test_columns_between_the_rule_of_a_running_head_and_a_table_are_no_cells() -> None:
    cells = [row(300 + 20 * i, (60, f"Visit{i}"), (150, "Trust"), (330, "Navy"), (420, "Lead")) for i in range(4)]
    text = [*prose(100, 12, 60, "a"), *prose(106, 12, 330, "b")]
    heights = [80, *(286 + 20 * i for i in range(5))]
    page = RawPage(1, None, 595, 842, [w for r in [*text, *cells] for w in r], [Rule(58, y, 560, y + 0.5) for y in heights])
    (table,) = open_tables(page, 10.0)
    assert {w.text for w in table.words} == {"Visit0", "Visit1", "Visit2", "Visit3", "Trust", "Navy", "Lead"}


def kinds(*rows: list[Word]) -> list[str]:
    page = RawPage(1, None, 595, 842)
    flow = Flow()
    flow.add_page(page, columns_of([w for r in rows for w in r], [], 10.0), Style(10.0), [])
    return [piece.kind for piece in flow.pieces]


LONG = "The ministry sends its advisers to the schools of partners. They stay for a year and"


def test_numbered_paragraphs_are_paragraphs_and_led_in_items_are_items() -> None:
    numbered = [r for i in range(3) for r in (row(100 + 40 * i, (60, f"2.{i + 1}"), (90, LONG)), row(112 + 40 * i, (90, "teach what both forces need.")))]
    assert kinds(*numbered) == ["paragraph"] * 3
    items = [row(130 + 20 * i, (60, f"{i + 1}."), (90, "visits of ships and courses")) for i in range(3)]
    assert kinds(row(100, (60, "The tasks of the ministry include these:")), *items) == ["paragraph", "list_item", "list_item", "list_item"]


def test_headers_introduce_a_cell_unless_they_are_long_text() -> None:
    cell = Block("table_cell", 0, 5, cell=Cell(0, 1, 1, "Outreach", "Tasks"))
    assert _introduction(cell) == "Outreach: Tasks"
    assert _introduction(Block("table_cell", 0, 5, cell=Cell(0, 1, 1, "x " * 200, "Tasks"))) == "Tasks"
    assert _introduction(Block("list_item", 0, 5, lead_in="We will:")) == "We will:"
