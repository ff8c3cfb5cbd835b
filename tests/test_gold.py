"""The gold itself: what it says of the real documents verifies, and nothing stands in two splits."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddextract.annotation.anchors import neighbour_hashes, normalised_text, span_hash
from ddextract.annotation.gold import Coder, GoldSentence, gold_folder, index_of, leaks, read_gold, with_text
from ddextract.annotation.stock import authored_gold, raw_codings, standoff_gold
from ddextract.codebook import Codebook

CODER = Coder(id="model-t", kind="model")


def everything() -> list[GoldSentence]:
    return [*authored_gold(), *standoff_gold(), *(s for coding in raw_codings() for s in coding)]


def test_nothing_stands_in_two_splits() -> None:
    assert leaks(everything()) == []


def test_a_sentence_in_two_splits_is_found() -> None:
    first = GoldSentence(id="1", document="a", text="We train.", split="train", language="en", coder=CODER, round="raw")
    second = GoldSentence(id="2", document="b", text="we  train.", split="test", language="en", coder=CODER, round="raw")
    assert len(leaks([first, second])) == 1


def test_a_document_in_two_splits_is_found() -> None:
    first = GoldSentence(id="1", document="a.txt", start=0, end=5, split="train", language="en", coder=CODER, round="raw")
    second = GoldSentence(id="2", document="a.txt", start=6, end=9, split="dev", language="en", coder=CODER, round="raw")
    assert len(leaks([first, second])) == 1


def test_ids_are_unique_within_a_coding() -> None:
    for coding in (authored_gold(), standoff_gold(), *raw_codings()):
        ids = [s.id for s in coding]
        assert len(ids) == len(set(ids))


def test_codes_are_in_the_codebook(codebook: Codebook) -> None:
    instruments = set(codebook.instruments)
    objectives = {c.code for c in codebook.of_kind("objectives")}
    for sentence in everything():
        assert {m.code for m in sentence.instruments} <= instruments, sentence.id
        assert {m.code for m in sentence.objectives} <= objectives, sentence.id


def test_authored_spans_lie_within_their_sentence() -> None:
    for sentence in authored_gold():
        assert sentence.text is not None, sentence.id
        for span in (*sentence.instruments, *sentence.objectives, *sentence.actors, *(p for m in sentence.instruments for p in m.partner)):
            quote = sentence.text[span.start : span.end]
            assert span.end <= len(sentence.text), sentence.id
            assert quote == quote.strip() != "", sentence.id


def test_real_sentences_carry_no_text() -> None:
    for sentence in (*standoff_gold(), *(s for coding in raw_codings() for s in coding)):
        assert sentence.text is None, sentence.id


def test_standoff_spans_verify(shared_documents: Path) -> None:
    texts = {}
    for sentence in (*standoff_gold(), *(s for coding in raw_codings() for s in coding)):
        path = shared_documents / sentence.document
        text = texts.setdefault(path, normalised_text(path))
        partners = (p for m in sentence.instruments for p in m.partner)
        for span in (*sentence.instruments, *sentence.objectives, *sentence.actors, *partners):
            assert span_hash(text[span.start : span.end]) == span.hash, sentence.id
            assert neighbour_hashes(text, span.start, span.end) == (span.before, span.after), sentence.id


def test_splits_are_those_of_the_index(shared_documents: Path) -> None:
    index = index_of(shared_documents)
    for sentence in standoff_gold():
        assert index[sentence.document]["split"] == sentence.split, sentence.id


def test_every_real_sentence_has_its_text(shared_documents: Path) -> None:
    gold = standoff_gold()
    assert len(list(with_text(gold, shared_documents))) == len(gold)


@pytest.mark.parametrize("path", sorted(p for p in gold_folder().rglob("*.jsonl") if not p.name.startswith("attribution-")), ids=lambda p: p.stem)
def test_every_line_is_a_record(path: Path) -> None:
    assert read_gold(path)
