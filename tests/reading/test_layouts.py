"""Drawn pages come back word for word: order, furniture, footnotes, boxes, tables, hyphens."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from ddextract.document import Document
from ddextract.reading import read_document

NAMES = [
    "one_column_indented", "two_columns_rows", "two_columns_shuffled", "two_columns_narrow_gutter", "three_columns_rows", "mixed_rows",
    "lists_two_columns",
    "boxes_two_columns", "footnotes_two_columns", "tables", "tables_unruled", "hyphens_fr", "hyphens_es", "spanish", "rotated", "sidebar",
    "spaced_headings", "everything",
]  # fmt: skip


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, measure: ModuleType) -> Path:
    folder = tmp_path_factory.mktemp("layouts")
    for name in NAMES:
        measure.layouts.draw(name, folder, 4, 7)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_layout_reaches_its_floor(drawn: Path, measure: ModuleType, name: str) -> None:
    scores = measure.score_ours(drawn, name)
    assert scores["fidelity"] >= 0.99
    assert scores["block_f1"] >= 0.97
    assert min(scores["furniture_p"], scores["furniture_r"]) >= 0.99
    assert scores["notes_inside"] == 0
    assert scores["notes_found"] == 1
    assert scores["hyphen_errors_10k"] <= 10


@pytest.fixture(scope="module")
def documents(drawn: Path) -> dict[str, Document]:
    return {
        name: read_document(drawn / f"{name}.pdf", document_id=name)
        for name in ("everything", "footnotes_two_columns", "tables", "rotated", "lists_two_columns")
    }


def test_text_under_the_boxes_of_a_stretch_is_that_stretch(drawn: Path, documents: dict[str, Document]) -> None:
    import pypdfium2 as pdfium

    for name in ("everything", "footnotes_two_columns", "tables"):
        document = documents[name]
        pdf = pdfium.PdfDocument(drawn / f"{name}.pdf")
        pages = [page.get_textpage() for page in pdf]
        for index in range(0, len(document.words), 37):
            first, last = document.words[index], document.words[min(index + 4, len(document.words) - 1)]
            under = []
            for number, x0, top, x1, bottom in document.boxes(first.start, last.end):
                height = document.pages[number - 1].height
                middle = (top + bottom) / 2
                under.append(pages[number - 1].get_text_bounded(x0 - 0.5, height - middle - 1, x1 + 0.5, height - middle + 1))
            found = re.sub(r"[\W_]", "", "".join(under))
            wanted = re.sub(r"[\W_]", "", document.text[first.start : last.end])
            assert found == wanted
        pdf.close()


def test_words_lie_in_blocks_in_order(documents: dict[str, Document]) -> None:
    for document in documents.values():
        ends = [0, *(b.end for b in document.blocks)]
        assert all(b.start >= before for b, before in zip(document.blocks, ends, strict=False))
        assert all(a.start <= b.start for a, b in zip(document.words, document.words[1:], strict=False))
        for word in document.words[::11]:
            block = document.block_at(word.start)
            assert block is not None
            assert word.end <= block.end
            page = document.pages[word.page - 1]
            assert -1 <= word.x0 < word.x1 <= page.width + 1
            assert -1 <= word.top < word.bottom <= page.height + 1


def test_list_items_know_their_lead_in(documents: dict[str, Document]) -> None:
    items = [b for b in documents["lists_two_columns"].blocks if b.kind == "list_item"]
    assert items
    assert all(b.lead_in.endswith("include:") for b in items)


def test_cells_know_their_headers(drawn: Path, documents: dict[str, Document]) -> None:
    document = documents["tables"]
    truth = json.loads((drawn / "tables.json").read_text("utf-8"))
    cells = [b for b in document.blocks if b.kind == "table_cell"]
    assert [document.block_text(b) for b in cells] == [t for k, t in truth["blocks"] if k == "table_cell"]
    inner = [b for b in cells if b.cell and b.cell.row and b.cell.column]
    texts = {(b.cell.table, b.cell.row, b.cell.column): document.block_text(b) for b in cells if b.cell}
    for b in inner:
        assert b.cell
        assert b.cell.column_header == texts[b.cell.table, 0, b.cell.column]
        assert b.cell.row_header == texts[b.cell.table, b.cell.row, 0]


def test_footnotes_are_anchored_at_their_call(documents: dict[str, Document]) -> None:
    document = documents["footnotes_two_columns"]
    notes = [b for b in document.blocks if b.kind == "footnote"]
    anchored = [b for b in notes if b.anchor is not None]
    assert len(anchored) >= 0.9 * len(notes)
    assert all(document.text[b.anchor - 1] in ".;" for b in anchored if b.anchor)


def test_page_labels_and_coverage(documents: dict[str, Document]) -> None:
    document = documents["everything"]
    assert [p.label for p in document.pages] == [str(p.number) for p in document.pages]
    assert all(dict(p.coverage)["page_number"] for p in document.pages)
    assert document.quality > 0.9


def test_page_is_drawn_with_its_boxes(drawn: Path, documents: dict[str, Document], tmp_path: Path) -> None:
    from PIL import Image

    from ddextract.errors import InputError
    from ddextract.reading.picture import draw_page

    out = tmp_path / "page.png"
    draw_page(documents["everything"], 2, out)
    with Image.open(out) as picture:
        assert picture.width > 500
        assert picture.convert("RGB").getcolors(1 << 24)
    with pytest.raises(InputError):
        draw_page(documents["everything"], 99, out)


def test_both_engines_read_the_same_words(drawn: Path) -> None:
    from ddextract.reading import plumber, words

    path = drawn / "hyphens_fr.pdf"
    pdf = words.open_pdf(str(path), None)
    fast, other = words.read_page(pdf, 1), plumber.read_page(path, 1)
    pdf.close()
    assert sorted(w.text + w.hyphen for w in fast.words) == sorted(w.text + w.hyphen for w in other.words)
    by_text = {w.text: w for w in other.words}
    shared = [(w, by_text[w.text]) for w in fast.words if [o.text for o in other.words].count(w.text) == 1]
    assert len(shared) > 20
    assert all(abs(a.x0 - b.x0) < 2 and abs(a.base - b.base) < 2.5 for a, b in shared)
