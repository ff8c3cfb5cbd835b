"""Sentence borders and tokens."""

from __future__ import annotations

import itertools

import pytest

from ddextract.codebook import Codebook
from ddextract.matching.pipeline import rule_matcher


def split(codebook: Codebook, text: str, language: str = "en") -> list[str]:
    matcher = rule_matcher(codebook, language)
    doc = matcher.nlp.make_doc(text)
    return [doc[a:b].text.strip() for a, b in matcher.sentences(doc)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("We train. They exercise.", 2),
        # abbreviations do not end a sentence
        ("The U.S. Navy sails. It returns.", 2),
        ("See No. 5 of the plan.", 1),
        # initials do not either
        ("General J. Smith spoke.", 1),
        # a closing quotation mark belongs to its sentence
        ("“We will help.” So they said.", 2),
        # a small letter behind a stop does not open a sentence
        ("At 5 p.m. the ships left.", 1),
        # a numbered item is one sentence with its number
        ("3. Training of partners.", 1),
    ],
)
def test_sentences_end_where_a_reader_ends_them(codebook: Codebook, text: str, number: int) -> None:
    assert len(split(codebook, text)) == number


def test_every_character_of_a_text_lies_in_one_sentence(codebook: Codebook) -> None:
    text = "We train. (They, too.) U.S. forces exercise! Really? Yes…"
    matcher = rule_matcher(codebook, "en")
    doc = matcher.nlp.make_doc(text)
    ranges = matcher.sentences(doc)
    assert ranges[0][0] == 0
    assert ranges[-1][1] == len(doc)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(ranges))
