"""Tense of the verb that governs a mention, told by its form or by a year: asked only where no cue decides the status."""

from __future__ import annotations

import re
from typing import Literal

from ddextract.matching.clauses import BREAKS, MARKS, Reading

FAR_VERB = 16
"""Tokens between the mention and the verb of its clause."""
NEAR_PARTICIPLE = 4
"""Tokens behind an auxiliary within which its participle stands."""
Tense = Literal["has_done", "will", "does"]
_YEAR = re.compile(r"(?:19|20)\d\d")


def tense_of(reading: Reading, first: int, last: int, floor: int) -> tuple[Tense, str] | None:
    """Return the tense of the clause of a mention and the words that tell it.

    Args:
        reading: The sentence.
        first: First token of the mention.
        last: Token behind it.
        floor: First token of the clause, where that is known.
    """
    verbs = _verbs(reading, first, last, floor)
    told = _told(reading, verbs[0], behind=verbs[0] >= last) if verbs else None
    return told or _year(reading, first, last, told_by_verb=bool(verbs))


def _verbs(reading: Reading, first: int, last: int, floor: int) -> list[int]:
    """Return the finite verbs that may govern a mention, the likeliest first: inside it, before it, behind it."""
    inside = [i for i in range(first, last) if _is_finite(reading, i) and not _is_attribute(reading, i, first)]
    before = [i for i in range(max(floor, first - FAR_VERB), first) if _is_finite(reading, i)]
    before = [i for i in before if not _parted(reading, i, first)]
    behind = []
    for i in range(last, min(last + FAR_VERB, reading.end)):
        if reading.norm(i) in BREAKS or reading.is_a("terminator", i):
            break
        if _is_finite(reading, i) and not _in_relative(reading, last, i):
            behind.append(i)
    return [*inside[:1], *reversed(before), *behind]


def _is_attribute(reading: Reading, i: int, first: int) -> bool:
    """Return whether a participle at the beginning of a mention only describes it ("targeted sales")."""
    plain = reading.is_a("participle", i) and not reading.is_a("perfect", i) and not reading.has(("determiner", "preposition"), i + 1, i + 2)
    return i == first and plain and not any(s.end == i for s in reading.subjects) and not reading.has(("passive", "perfect", "adverb"), i - 1, i)


def _parted(reading: Reading, verb: int, first: int) -> bool:
    """Return whether a verb before the mention belongs to another clause."""
    return any(reading.norm(i) in BREAKS or reading.is_a("boundary", i) for i in range(verb + 1, first))


def _in_relative(reading: Reading, last: int, verb: int) -> bool:
    """Return whether a verb behind the mention stands in a relative clause."""
    opened = next((i for i in range(verb - 1, last - 1, -1) if reading.is_a("boundary", i)), -1)
    return opened >= 0 and not any(reading.norm(i) == "," or _is_finite(reading, i) for i in range(opened + 1, verb))


def _is_finite(reading: Reading, i: int) -> bool:
    if reading.words.actors[i - reading.start] or reading.norm(i - 1) == "-":
        return False
    before = i - 1
    while before > reading.start and reading.is_a("adverb", before):
        before -= 1
    if reading.is_a("finite", i) or reading.is_a("perfect", i):
        return not (reading.is_a("participle", i) and reading.has(("passive", "perfect"), before, before + 1))
    if reading.has(("passive", "perfect"), before, before + 1):
        return False
    if not reading.is_a("preterite", i) or reading.has(("determiner", "of", "preposition"), i - 1, i) or reading.is_a("by", i + 1):
        return False
    return not reading.is_a("participle", i) or _is_no_participle(reading, i, before)


def _is_no_participle(reading: Reading, i: int, before: int) -> bool:
    """Return whether a form that may be a participle ("helped", "held") is the finite verb of its clause."""
    if any(s.end == before + 1 for s in reading.subjects):
        return True
    if reading.has(("preposition", "adverb"), i + 1, i + 2) or reading.is_a("conjunction", before):
        return False
    if reading.norm(i + 1) in MARKS or reading.norm(before) in MARKS:
        return False
    a = next((k + 1 for k in range(i - 1, reading.start - 1, -1) if reading.norm(k) in MARKS), reading.start)
    b = next((k for k in range(i, reading.end) if reading.norm(k) in MARKS), reading.end)
    if any(reading.is_a("preterite", k) and reading.is_a("enduring", k) for k in range(a, b)):
        return False
    if any(a <= s.end < b and reading.is_a("preterite", s.end) for s in reading.subjects):
        return False
    return not reading.has(("finite", "perfect"), a, b)


def _told(reading: Reading, i: int, *, behind: bool) -> tuple[Tense, str] | None:
    """Return the past that a finite verb tells: by its form, or with the participle behind it."""
    if reading.is_a("enduring", i) or reading.has(("ended", "negation", "refused"), i, i + 3) or reading.has(("reversing",), i, i + NEAR_PARTICIPLE - 1):
        return None
    if reading.is_a("perfect", i) and not (behind and not reading.is_a("preterite", i) and not reading.adjectives_follow):  # what it "has raised" it still does
        for k in range(i + 1, min(i + 1 + NEAR_PARTICIPLE, reading.end)):
            if reading.is_a("passive", k) and reading.has(("past", "participle"), k + 1, k + 2):
                continue  # "have been flown", "a été inséré"
            if reading.is_a("enduring", k):
                return None
            if reading.is_a("past", k) or reading.is_a("participle", k):
                return "has_done", reading.text(i, k + 1)
            if not reading.has(("adverb", "passive", "perfect"), k, k + 1):
                break
    if reading.is_a("preterite", i):
        k = i + 1
        while reading.has(("adverb", "passive"), k, k + 1):
            k += 1
        if not reading.is_a("enduring", k):
            return "has_done", reading.text(i, i + 1)
    return None


def _year(reading: Reading, first: int, last: int, *, told_by_verb: bool) -> tuple[Tense, str] | None:
    """Return the tense told by a year behind a preposition, compared with the year of the document."""
    if reading.year is None:
        return None
    for i in range(reading.start + 1, reading.end):
        text = reading.words.texts[i - reading.start]
        if not _YEAR.fullmatch(text) or first <= i < last or not reading.has(("preposition", "boundary", "dated"), i - 1, i):
            continue
        if reading.has(("enduring", "lasting", "conjunction"), i - 2, i) or reading.has(("past", "participle", "paper"), i - 2, i - 1):
            continue
        if reading.broken(min(i, first), max(i, first)):
            continue
        if i > last and reading.norm(last) == "," and any(reading.norm(k) == "," for k in range(i + 1, reading.end)):
            continue  # "IONS, launched in 2008, assembles …"
        if int(text) > reading.year:
            return "will", reading.text(i - 1, i + 1)
        if int(text) < reading.year and not told_by_verb:
            return "has_done", reading.text(i - 1, i + 1)
    return None
