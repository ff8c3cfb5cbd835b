"""Words: hyphens by word list, drop capitals, letter-spacing, hyphens set apart."""

from __future__ import annotations

import pytest

from ddextract.reading.hyphens import Hyphens
from ddextract.reading.rows import line_of, take_drop_capitals, unspace
from ddextract.reading.shapes import Line, Word
from ddextract.reading.wordlist import is_word
from ddextract.reading.words import clean


def word(text: str, x: float, base: float = 100.0, size: float = 10.0, width: float | None = None) -> Word:
    return Word(text, x, base - 0.76 * size, x + (width if width is not None else 0.5 * size * len(text)), base + 0.22 * size, base, size)


@pytest.mark.parametrize(("left", "right", "language", "between"), [
    ("long", "range", "en", "-"), ("coopera", "tion", "en", ""), ("cross", "government", "en", "-"), ("inter", "national", "en", ""),
    ("vingt", "deux", "fr", "-"), ("politico", "militaires", "fr", "-"), ("parlemen", "taire", "fr", ""), ("d'états", "majors", "fr", "-"),
    ("ali", "menta", "es", ""), ("cívico", "militar", "es", "-"), ("conversa", "ciones", "es", ""), ("long", "range", "de", ""),
])  # fmt: skip
def test_word_lists_decide_where_the_document_does_not(left: str, right: str, language: str, between: str) -> None:
    assert Hyphens().between(left, right, "-", language) == between


def test_a_capital_within_a_sentence_is_a_name_and_no_compound() -> None:
    assert Hyphens().between("North", "wood", "-", "en", opening=False) == ""
    assert Hyphens().between("Forward", "based", "-", "en", opening=True) == "-"


def test_the_document_overrules_the_list() -> None:
    hyphens = Hyphens()
    hyphens.learn(["the longrange radar"])
    assert hyphens.between("long", "range", "-", "en") == ""


def test_plurals_are_words() -> None:
    assert is_word("brigades", "en")
    assert not is_word("zxqv", "en")


def test_drop_capital_joins_the_line_it_begins() -> None:
    words = [word("L", 50, 124, 34, 20), word("as", 72, 100), word("fuerzas", 85, 100), word("armadas", 72, 112), word("ayudan", 72, 124)]
    rest = take_drop_capitals(words, 10)
    assert [w.text for w in rest] == ["Las", "fuerzas", "armadas", "ayudan"]
    assert rest[0].x0 == 50


def test_big_first_word_of_one_line_is_no_drop_capital() -> None:
    words = [word("A", 50, 124, 34, 20), word("title", 72, 124, 34)]
    assert take_drop_capitals(words, 10) == words


def test_letter_spaced_words_close_up_with_their_comma() -> None:
    x, row = 50.0, []
    for part in ("PEACE", ",", "TRUST"):
        for letter in part:
            row.append(word(letter, x, width=6))
            x += 9.5
        x += 9 if part == "," else 0
    assert [w.text for w in unspace(row)] == ["PEACE,", "TRUST"]


def test_hyphen_set_apart_from_its_word_ends_the_line() -> None:
    line: Line = line_of([word("de", 50), word("-", 62, width=3)])
    assert [(w.text, w.hyphen) for w in line.words] == [("de", "-")]
    line = line_of([word("peace", 50), word("-", 79, width=3)])
    assert [w.text for w in line.words] == ["peace", "-"]


def test_windows_punctuation_without_an_encoding_is_read_as_meant() -> None:
    assert clean("the nation\x92s \x93presence\x94 \x97 abroad") == "the nation’s “presence” — abroad"
    assert clean("\x81") == "\x81"
