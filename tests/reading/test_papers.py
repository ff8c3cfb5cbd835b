"""The manners of real papers (gazettes, drafts, annexes, tabs at the edge) come back word for word, and no letter is lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from ddextract.reading import Reading, read_document
from ddextract.reading.hyphens import Hyphens
from ddextract.reading.words import open_pdf, read_page

QUICK = ["wp_gazette_es", "wp_watermark", "wp_side_tabs", "wp_paragraphs_uk", "wp_over_picture", "wp_narrow", "rl_line_numbers", "rl_gazette", "fp_brief"]
SLOW = ["wp_magazine", "wp_captions_columns", "wp_endnotes", "wp_long_table", "wp_nested_lists", "cr_bilingual", "cr_letter_spaced", "cr_initials", "lo_memo"]


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
@pytest.mark.filterwarnings("ignore")
def test_layout_reaches_its_floor_and_no_letter_is_lost(tmp_path: Path, measure: ModuleType, name: str) -> None:
    lacking = measure.papers.available(name)
    if lacking:
        pytest.skip(lacking)
    measure.papers.draw(name, tmp_path, 4, 5)
    scores = measure.score_ours(tmp_path, name)
    assert scores["fidelity"] >= 0.99
    assert scores["block_f1"] >= 0.96
    assert min(scores["furniture_p"], scores["furniture_r"]) >= 0.99
    assert scores["notes_inside"] == 0
    assert scores["notes_found"] == 1
    assert _letters_in(tmp_path / f"{name}.pdf") == _letters_out(tmp_path / f"{name}.pdf")


def _letters_in(path: Path) -> Counter[str]:
    pdf = open_pdf(str(path), None)
    try:
        pages = [read_page(pdf, i) for i in range(len(pdf))]
    finally:
        pdf.close()
    words = [w.text for page in pages for w in [*page.words, *(w for found in page.aside.values() for w in found)]]
    return Counter(c for text in words for c in text if c.isalpha())


def _letters_out(path: Path) -> Counter[str]:
    return Counter(c for c in read_document(path, document_id="x", reading=Reading(ocr="skip")).text if c.isalpha())


def test_a_chapter_number_over_each_chapter_is_a_heading_and_no_running_head(tmp_path: Path, draw) -> None:
    path = draw(tmp_path / "chapters.pdf", [[(72, 720, f"Chapter {n}", 12), *_prose()] for n in (1, 2, 4, 7, 11, 16)])
    document = read_document(path, document_id="x", reading=Reading(ocr="skip"))
    heads = [document.block_text(b) for b in document.blocks if b.kind == "header"]
    assert heads == []
    assert [f"Chapter {n}" in document.text for n in (1, 2, 4, 7, 11, 16)] == [True] * 6


def test_a_head_that_counts_pages_is_furniture(tmp_path: Path, draw) -> None:
    path = draw(tmp_path / "sheets.pdf", [[(72, 760, f"Gazette 118, sheet {n + 40}", 8), *_prose()] for n in range(1, 6)])
    document = read_document(path, document_id="x", reading=Reading(ocr="skip"))
    assert sum(b.kind == "header" for b in document.blocks) == 5


def test_page_numbers_that_skip_blank_pages_are_page_numbers(tmp_path: Path, draw) -> None:
    pages = [[(300, 760, str(1 + i // 2), 10), *_prose()] if i % 2 == 0 else [(72, 400, "Notes", 10)] for i in range(10)]
    document = read_document(draw(tmp_path / "notes.pdf", pages), document_id="x", reading=Reading(ocr="skip"))
    assert [document.block_text(b) for b in document.blocks if b.kind == "page_number"] == ["1", "2", "3", "4", "5"]


def _prose() -> list[tuple[float, float, str, float]]:
    lines = (
        "The armed forces train with those of neighbours",
        "and keep the peace where they are asked to do so,",
        "for as long as the mandate of the mission lasts.",
    )
    return [(72, 660 - 14 * i, line, 10) for i, line in enumerate(lines * 4)]


@pytest.fixture
def draw():
    from reportlab.pdfgen.canvas import Canvas

    def make(path: Path, pages: list[list[tuple[float, float, str, float]]]) -> Path:
        canvas = Canvas(str(path), invariant=1)
        for page in pages:
            for x, y, text, size in page:
                canvas.setFont("Helvetica", size)
                canvas.drawString(x, y, text)
            canvas.showPage()
        canvas.save()
        return path

    return make


@pytest.mark.parametrize(
    ("left", "right", "language", "between"),
    [("government", "to-government", "en", "-"), ("day", "to-day", "en", "-"), ("coop", "eration", "en", ""), ("cooper", "ation-minded", "en", "")],
)
def test_a_compound_cut_before_its_middle_keeps_its_hyphen(left: str, right: str, language: str, between: str) -> None:
    assert Hyphens().between(left, right, "-", language) == between


def test_a_prefix_that_the_document_hyphenates_keeps_its_hyphen_at_a_lines_end() -> None:
    hyphens = Hyphens()
    hyphens.learn(["non-state actors, non-lethal aid and non-nuclear states"])
    assert hyphens.between("non", "commissioned", "-", "en") == "-"
