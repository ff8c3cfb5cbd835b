"""A hyphen at a line's end is decided from evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddextract.document import Document, WordBox, WordBoxes
from ddextract.reading.furniture import number_of
from ddextract.reading.hyphens import Hyphens


@pytest.mark.parametrize(("left", "right", "seen", "between"), [
    ("coopera", "tion", "", ""),
    ("long", "term", "a long-term plan", "-"),
    ("long", "term", "", ""),
    ("mid", "to", "", "- "),
    ("court", "et", "à court- et moyen-terme", "- "),
    ("anti", "submarine", "anti-submarine warfare, antisubmarine, anti-submarine", "-"),
    ("Franco", "German", "", "-"),
    ("COVID", "19", "", "-"),
])  # fmt: skip
def test_decision(left: str, right: str, seen: str, between: str) -> None:
    hyphens = Hyphens()
    hyphens.learn([seen])
    assert hyphens.between(left, right, "-") == between


def test_soft_hyphen_goes_and_dangling_hyphen_stays() -> None:
    assert Hyphens().between("coopera", "tion", "\u00ad") == ""
    assert Hyphens().between("coopera", "", "-") == "-"


@pytest.mark.parametrize(("text", "number"), [
    ("12", "12"), ("iv", "iv"), ("- 3 -", "3"), ("Page 3 of 12", "3"), ("II-4", "II-4"), ("- 1-2 -", "1-2"), ("Pág. 7", "7"),
    ("lic;", None), ("In 2031", None), ("Norland", None), ("", None), ("civil", None),
])  # fmt: skip
def test_page_numbers(text: str, number: str | None) -> None:
    assert number_of(text) == number


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9), st.floats(0, 2000, width=32)), max_size=30))
def test_packed_boxes_are_the_boxes(raw: list[tuple[int, int, float]]) -> None:
    at, boxes = 0, []
    for gap, length, x in raw:
        boxes.append(WordBox(at + gap, at + gap + length, 1, round(x, 2), 1.0, round(x + 5, 2), 9.0))
        at += gap + length
    packed = WordBoxes(boxes)
    assert len(packed) == len(boxes)
    assert [(w.start, w.end, w.page) for w in packed] == [(w.start, w.end, w.page) for w in boxes]
    assert all(abs(a.x0 - b.x0) < 0.011 for a, b in zip(packed, boxes, strict=True))
    document = Document("d", "p", "s", "x" * at, (), words=packed)
    for box in boxes:
        assert [(w.start, w.end) for w in document.words_between(box.start, box.end)] == [(box.start, box.end)]
