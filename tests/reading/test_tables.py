"""Tables without a grid are told from columns of text, lists, side headings and contents."""

from __future__ import annotations

from ddextract.reading.alignment import aligned_tables
from ddextract.reading.rows import rows_of
from ddextract.reading.shapes import Rule, Word


def row(base: float, *cells: tuple[float, str], bold: bool = False) -> list[Word]:
    words = []
    for left, text in cells:
        x = left
        for part in text.split():
            words.append(Word(part, x, base - 7.6, x + 5 * len(part), base + 2.2, base, 10.0, bold))
            x += 5 * len(part) + 2.5
    return words


def tables_in(*rows: list[Word], rules: tuple[Rule, ...] = ()) -> list[dict[tuple[int, int], str]]:
    found = aligned_tables(rows_of([w for r in rows for w in r]), rules, 10.0)
    return [{place: " ".join(w.text for w in words) for place, words in island.content.cells.items()} for island in found if island.content]


def test_cells_of_several_lines_stay_apart_from_their_neighbours() -> None:
    (table,) = tables_in(
        row(100, (60, "Programme"), (200, "Purpose"), (340, "Lead"), bold=True),
        row(120, (60, "Visits of ships"), (200, "Knowledge of the"), (340, "Navy")), row(132, (60, "and squadrons"), (200, "coasts and ports")),
        row(152, (60, "Courses"), (200, "Lasting ties"), (340, "Army and")), row(164, (340, "Air Force")),
        row(184, (60, "Attachés"), (200, "Talks"), (340, "Ministry")),
    )  # fmt: skip
    assert table[1, 0] == "Visits of ships and squadrons"
    assert table[1, 1] == "Knowledge of the coasts and ports"
    assert table[2, 2] == "Army and Air Force"
    assert len(table) == 12


def test_lines_between_rows_part_them_whatever_the_distance() -> None:
    rules = tuple(Rule(58, y, 430, y + 0.5) for y in (104, 128, 140))
    (table,) = tables_in(
        row(100, (60, "Instrument"), (200, "Aim"), (340, "Place")), row(113, (60, "Joint exercise"), (200, "Readiness of"), (340, "Estmark")),
        row(125, (200, "both forces")), row(137, (60, "Port call"), (200, "Trust"), (340, "Norland")), rules=rules,
    )  # fmt: skip
    assert table[1, 1] == "Readiness of both forces"
    assert [table[r, 0] for r in range(3)] == ["Instrument", "Joint exercise", "Port call"]


def test_two_columns_of_prose_are_no_table() -> None:
    rows = [row(100 + 12 * i, (60, "the ministry sends its advisers to the"), (310, "schools of partner states every second")) for i in range(20)]
    assert tables_in(*rows) == []


def test_a_list_in_two_columns_and_contents_are_no_tables() -> None:
    items = [row(100 + 14 * i, (60, "• visits"), (300, "• courses of officers")) for i in range(6)]
    assert tables_in(*items) == []
    contents = [row(100 + 14 * i, (60, f"Chapter about trust {i}"), (480, str(3 + 4 * i))) for i in range(6)]
    assert tables_in(*contents) == []


def test_side_headings_are_no_table() -> None:
    rows: list[list[Word]] = []
    for i in range(4):
        base = 100 + 70 * i
        rows.append(row(base, (60, "Exercises abroad"), bold=True) + row(base, (220, "The ministry sends its advisers to the schools")))
        rows += [row(base + 12 * k, (220, "of partner states and receives their officers here")) for k in range(1, 4)]
    assert tables_in(*rows) == []


def test_words_of_a_justified_heading_are_no_cells() -> None:
    assert tables_in(row(100, (60, "Africa"), (120, "and"), (165, "the"), (210, "Atlantic"), bold=True), row(118, (60, "coast"), bold=True)) == []
