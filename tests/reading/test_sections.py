"""Which section a block stands in, by the headings above it."""

from __future__ import annotations

import pytest

from ddextract.reading.assembly import Piece, assemble
from ddextract.reading.hyphens import Hyphens


def _section(*headings: str, size: float = 14.0) -> tuple[str, ...]:
    pieces = [Piece("heading", text=text, page=1, level=2, size=size, bold=True) for text in headings]
    assembled = assemble([*pieces, Piece("paragraph", text="We train officers.", page=1)], Hyphens(), language="en")
    return assembled.blocks[-1].section


@pytest.mark.parametrize(
    ("first", "second"),
    [("Activities of the Federation", "to deter and prevent conflicts"), ("II. MILITARY RISKS AND THREATS", "ENCOUNTERED BY THE FEDERATION")],
)
def test_further_line_of_a_drawn_heading_belongs_to_it(first: str, second: str) -> None:
    assert _section(first, second) == (f"{first} {second}",)


@pytest.mark.parametrize(
    ("first", "second"),
    [("GENERAL", "I. PROVISIONS"), ("GENERAL", "CHAPTER 2 THREATS"), ("Part one", "What we do"), ("THREATS:", "POLICY")],
)
def test_heading_of_its_own_takes_the_place_of_the_one_above(first: str, second: str) -> None:
    assert _section(first, second) == (second,)


def test_headings_that_the_source_marks_are_not_joined() -> None:
    assert _section("THREATS", "POLICY", size=0.0) == ("POLICY",)


def test_the_text_stays_as_drawn_where_headings_are_joined() -> None:
    pieces = [Piece("heading", text=text, page=1, level=2, size=14.0) for text in ("THREATS", "AND RISKS")]
    assert assemble(pieces, Hyphens(), language="en").text == "THREATS\n\nAND RISKS"
