"""Figures and times attached to an instrument: "129 defence attachés", "training for 500 officers in 2024"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ddextract.codebook import LanguageFile
from ddextract.matching.clauses import Reading
from ddextract.mention import Figure, Time

NEAR_BEFORE = 3
"""Tokens between a number and the instrument it counts ("500 young foreign [officers]")."""
NEAR_BEHIND = 6
"""Tokens between an instrument and the number of those it serves ("[training] for 500 officers")."""
UNIT_WORDS = 4
"""Words that tell what a number counts."""
NEAR_YEAR = 3
"""Tokens between a word of time and its year ("by the end of 2026")."""
FAR_YEAR = 30
"""Tokens between an instrument and a year that dates it."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"\d{1,3}(?:[.,\u00a0\u202f]\d{3})+|\d+(?:[.,]\d+)?")
_GROUPED = re.compile(r"\d{1,3}(?:[.,\u00a0\u202f]\d{3})+")
_CURRENCY = frozenset("$€£¥")
_ENDS_UNIT = ("preposition", "finite", "conjunction", "boundary", "determiner", "perfect", "with", "for")


@dataclass(frozen=True, slots=True)
class _Number:
    start: int
    end: int
    value: float
    unit: str


def figures_of(reading: Reading, first: int, last: int, language: LanguageFile) -> tuple[Figure, ...]:
    """Return the figures that count the mention at tokens ``first`` to ``last``, or those it serves.

    Args:
        reading: The sentence.
        first: First token of the mention.
        last: Token behind it.
        language: Its words for numbers.
    """
    found = []
    for number in _numbers(reading, max(reading.start, first - NEAR_BEFORE - UNIT_WORDS), min(reading.end, last + NEAR_BEHIND), language):
        inside = number.start >= first and number.start < last
        counts = number.start < first and _counts(reading, number, first)
        serves = number.start >= last and _serves(reading, last, number.start)
        if inside or counts or serves:
            behind = number.end if number.start >= first or number.end <= first else min(number.end, last)
            a, b = reading.doc[number.start], reading.doc[behind - 1]
            start, end = a.idx, b.idx + len(b)
            found.append(Figure(reading.doc.text[start:end], start, end, number.value, number.unit if behind == number.end else reading.text(first, behind)))
    return tuple(found)


def times_of(reading: Reading, first: int, last: int, language: LanguageFile) -> tuple[Time, ...]:
    """Return the years that date the mention, with the words that say since, until or when.

    Args:
        reading: The sentence.
        first: First token of the mention.
        last: Token behind it.
        language: Its words for since and until.
    """
    since, until = frozenset(language.time_since), frozenset(language.time_until)
    found: list[Time] = []
    covered = -1
    for i in range(max(reading.start, first - FAR_YEAR), min(reading.end, last + FAR_YEAR)):
        if i < covered or not _YEAR.fullmatch(reading.words.texts[i - reading.start]) or first <= i < last:
            continue
        if reading.broken(min(i, last), max(i, first)):
            continue
        opened = next((k for k in range(i - 1, max(reading.start, i - 1 - NEAR_YEAR) - 1, -1) if reading.has(("dated",), k, k + 1)), -1)
        if opened < 0:
            continue
        end, year = i + 1, int(reading.words.texts[i - reading.start])
        to = next((k for k in range(end, min(end + NEAR_YEAR, reading.end)) if _YEAR.fullmatch(reading.words.texts[k - reading.start])), -1)
        low: int | None
        high: int | None
        word = reading.words.lowers[opened - reading.start]
        if to >= 0 and to - i == 2:
            low, high, end = year, int(reading.words.texts[to - reading.start]), to + 1
        else:
            low, high = (year, None) if word in since else (None, year) if word in until else (year, year)
        covered = end
        span = reading.doc[opened:end]
        found.append(Time(span.text, span.start_char, span.end_char, low, high))
    return tuple(found)


def _numbers(reading: Reading, a: int, b: int, language: LanguageFile) -> Iterator[_Number]:
    """Yield the numbers that count something; years, references ("Article 5") and types ("F-16") are none."""
    i = a
    while i < b:
        text, norm = reading.words.texts[i - reading.start], reading.words.lowers[i - reading.start]
        value = _value(text) if _NUMBER.fullmatch(text) else language.numbers.get(norm)
        before = reading.words.texts[i - 1 - reading.start] if i > reading.start else ""
        if value is None or before in ("-", "–", "+", "/", ".") or _is_reference(reading, i, before, text):
            i += 1
            continue
        start, end = i, i + 1
        while end < reading.end and re.fullmatch(r"\d{3}", reading.words.texts[end - reading.start]) and text.isdigit() and len(text) <= 3:
            value, end = value * 1000 + int(reading.words.texts[end - reading.start]), end + 1
        while end < reading.end and value >= 20 and (more := language.numbers.get(reading.words.lowers[end - reading.start], value)) < value:
            value, end = value + more, end + 1  # "ciento treinta"
        while end < reading.end and (times := language.multiples.get(reading.words.lowers[end - reading.start])):
            value, end = value * times, end + 1
        if before in _CURRENCY:
            yield _Number(start - 1, end, value, before)
            i = end
            continue
        if end < reading.end and reading.is_a("of", end):
            end += 1  # "a dozen of", "deux millions d'euros"
        unit_end = _unit_end(reading, end)
        unit = reading.text(end, unit_end) if unit_end > end else ""
        if unit and unit[0] not in "-–/" and (unit[0].isalpha() or unit[0] in "%€"):
            yield _Number(start, unit_end, value, unit)
        i = max(end, i + 1)


def _unit_end(reading: Reading, i: int) -> int:
    end = i
    while end < min(i + UNIT_WORDS, reading.end):
        word = reading.words.texts[end - reading.start]
        if not (word[:1].isalpha() or word in ("%", "-", "'", "€")) or reading.has(_ENDS_UNIT, end, end + 1):
            break
        end += 1
    return end


def _is_reference(reading: Reading, i: int, before: str, text: str) -> bool:
    following = reading.words.texts[i + 1 - reading.start] if i + 1 < reading.end else ""
    if following in ("-", "–", "+", "/") or (text.isdigit() and before[:1].isupper() and before.isalpha() and i - 1 > reading.start):
        return True
    return bool(_YEAR.fullmatch(text)) and (reading.has(("dated", "preposition", "determiner"), i - 1, i) or not following[:1].isalpha())


def _value(text: str) -> float:
    """Return the value of digits as the language writes them."""
    if _GROUPED.fullmatch(text):
        return float(re.sub(r"\D", "", text))
    return float(text.replace(",", "."))


def _counts(reading: Reading, number: _Number, first: int) -> bool:
    """Return whether a number before the mention counts it, or counts those who get it ("500 officers were [trained]")."""
    between = range(number.end, first)
    if len(between) <= NEAR_BEFORE and number.end >= first:
        return True
    return bool(between) and len(between) <= NEAR_BEFORE and all(reading.has(("passive", "perfect", "adverb", "patient"), i, i + 1) for i in between)


def _serves(reading: Reading, last: int, start: int) -> bool:
    """Return whether a number behind the mention counts those it is for ("training for 500 officers", "grants of $5 million")."""
    if reading.has_mark(last, start) or reading.has(("finite", "conjunction", "boundary"), last, start):
        return False
    return start == last or reading.has(("for", "of", "with", "by", "preposition"), last, start)
