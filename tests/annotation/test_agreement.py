"""Two codings compared: spans, documents, attributes, disagreements."""

from __future__ import annotations

import pytest

from ddextract.annotation.agreement import compare_codings, comparison_lines, disagreement_lines
from ddextract.annotation.gold import Coder, GoldInstrument, GoldSentence

TEXT = "We train officers and visit ports."


def sentence(name: str, *mentions: tuple[str, str], holder: str = "self", status: str = "current") -> GoldSentence:
    spans = tuple(GoldInstrument(start=TEXT.index(w), end=TEXT.index(w) + len(w), code=c, holder=holder, status=status) for c, w in mentions)
    return GoldSentence(id=name, document=f"d{name}", text=TEXT, split="dev", language="en", instruments=spans, coder=Coder(id="t", kind="model"), round="raw")


FIRST = [sentence("1", ("education_training", "train officers")), sentence("2", ("unit_visit", "visit ports")), sentence("3")]
SECOND = [sentence("1", ("education_training", "train officers"), status="planned"), sentence("2"), sentence("3")]


def test_a_coding_agrees_with_itself() -> None:
    found = compare_codings(FIRST, FIRST, {s.id: TEXT for s in FIRST})
    assert found.spans == {"exact": 1.0, "overlap": 1.0, "token": 1.0}
    assert found.sentence.alpha_masi == found.document.alpha_masi == 1.0
    assert found.disagreements == ()


def test_differences_are_counted_and_listed() -> None:
    found = compare_codings(FIRST, SECOND, {s.id: TEXT for s in FIRST})
    assert found.spans["exact"] == pytest.approx(2 / 3)
    assert found.attributes["status"] == (0.0, 0.0, 1)
    assert found.attributes["holder"][1:] == (1.0, 1)
    assert list(disagreement_lines(found)) == [f"2\tunit_visit\t-\t{TEXT}"]
    assert found.sentence.kappa["unit_visit"] == 0.0
    assert any("unit_visit" in line for line in comparison_lines(found, "a against b"))


def test_without_texts_characters_stand_for_words() -> None:
    assert set(compare_codings(FIRST, SECOND).spans) == {"exact", "overlap", "character"}
