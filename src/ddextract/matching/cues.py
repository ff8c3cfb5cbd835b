"""Cues of attribution found in a sentence: the wordings and endings of a language file, the longest of overlapping ones kept."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ddextract.codebook import Cue, LanguageFile, line_of
from ddextract.errors import DataError
from ddextract.matching.wording import Lexicon, Slot, WordingError, compile_wording

if TYPE_CHECKING:
    from spacy.tokens import Doc

SENTENCE_SHAPE = frozenset({
    "acted_on", "adverb", "boundary", "conjunction", "dated", "determiner", "enduring", "finite", "head", "inclusion", "indefinite", "infinitive",
    "of", "paper", "participle", "passive", "past", "patient", "perfect", "place", "possessive", "preposition", "preterite", "relative",
    "threat", "verb",
})  # fmt: skip
"""Categories that only help to read the sentence: they do not hide other cues, nor do these hide them."""


@dataclass(frozen=True, slots=True)
class CueHit:
    """A cue at tokens ``start`` to ``end`` of a ``Doc``, of which it only bridges ``gaps``."""

    start: int
    end: int
    cue: Cue
    stops: frozenset[str]
    text: str
    gaps: frozenset[int] = frozenset()

    @property
    def category(self) -> str:
        """What the cue says."""
        return self.cue.category


@dataclass(frozen=True, slots=True)
class _Pattern:
    cue: Cue
    stops: frozenset[str]
    places: tuple[Slot, ...]
    second: frozenset[str] | None


def _second(places: tuple[Slot, ...]) -> frozenset[str] | None:
    """Return the words one of which must follow the first, where that is plain: a quick test before the full one."""
    if places[0].least != 1 or places[0].most != 1:
        return None
    words: frozenset[str] = frozenset()
    for place in places[1:]:
        if place.kind != "norm":
            return None
        words |= place.words
        if place.least:
            return words
    return None


@dataclass(slots=True)
class Words:
    """The tokens of a sentence as the cues see them; index 0 is the first token of the sentence."""

    norms: list[str]
    texts: list[str]
    lowers: list[str]
    actors: list[str]

    @classmethod
    def of(cls, doc: Doc, start: int, end: int) -> Words:
        """Return the tokens ``start`` to ``end`` of a ``Doc``."""
        tokens = [doc[i] for i in range(start, end)]
        return cls([t.norm_ for t in tokens], [t.text for t in tokens], [t.lower_ for t in tokens], [t.ent_type_ for t in tokens])


class CueFinder:
    """All cues of a language file, ready to search.

    Args:
        language: The language file.
        lexicon: Its words.

    Raises:
        DataError: A cue does not follow the notation; file, key and line are named.
    """

    def __init__(self, language: LanguageFile, lexicon: Lexicon) -> None:
        self._by_word: dict[str, list[_Pattern]] = defaultdict(list)
        self._anywhere: list[_Pattern] = []
        self._endings: list[tuple[Cue, re.Pattern[str], frozenset[str]]] = []
        self._by_ending: dict[str, tuple[Cue, ...]] = {}
        for number, cue in enumerate(language.cues):
            key = f"cues[{number}]"
            stops = frozenset(lexicon.normal(w) for w in cue.terminated_by)
            for wording in cue.match:
                try:
                    compiled = compile_wording(wording, lexicon)
                except WordingError as error:
                    raise DataError(language.path, f"{key}.match", str(error), line_of(language.path, wording)) from None
                for one in compiled:
                    self._add(_Pattern(cue, stops, one.slots, _second(one.slots)))
            if cue.endings:
                try:
                    ending = re.compile("(?:" + "|".join(cue.endings) + ")$")
                except re.error as error:
                    line = line_of(language.path, cue.endings[0])
                    raise DataError(language.path, f"{key}.endings", str(error), line) from None
                self._endings.append((cue, ending, frozenset(w.lower() for w in cue.except_words)))

    def _add(self, pattern: _Pattern) -> None:
        starts: set[str] = set()
        for place in pattern.places:
            if place.kind not in ("norm", "orth"):
                self._anywhere.append(pattern)
                return
            starts |= {w.lower() for w in place.words} if place.kind == "orth" else place.words
            if place.least:
                break
        for word in starts:
            self._by_word[word].append(pattern)

    def find(self, words: Words, offset: int) -> list[CueHit]:
        """Return the cues of a sentence in the order of the text; of overlapping ones that decide something the longest is kept.

        Args:
            words: The tokens of the sentence.
            offset: Index of its first token in the ``Doc``.
        """
        found: dict[tuple[int, int, str, str], CueHit] = {}
        norms = words.norms
        for i, word in enumerate(norms):
            following = norms[i + 1] if i + 1 < len(norms) else ""
            for pattern in self._by_word.get(word, ()):
                if pattern.second is None or following in pattern.second:
                    self._try(pattern, words, i, offset, found)
            for pattern in self._anywhere:
                self._try(pattern, words, i, offset, found)
            for cue in () if words.actors[i] else self._cues_by_ending(words.lowers[i]):
                found.setdefault((i, i + 1, cue.category, cue.direction), CueHit(offset + i, offset + i + 1, cue, frozenset(), words.texts[i]))
        shape = [hit for hit in found.values() if hit.category in SENTENCE_SHAPE]
        deciding = [hit for hit in found.values() if hit.category not in SENTENCE_SHAPE]
        deciding.sort(key=lambda h: (h.category != "pseudo", h.start - h.end, h.start, h.category))
        kept: list[CueHit] = []
        taken: dict[int, CueHit] = {}
        for hit in deciding:
            own = [i for i in range(hit.start, hit.end) if i not in hit.gaps]
            if any(i in taken and _hides(taken[i], hit) for i in own):
                continue
            kept.append(hit)
            for i in own:
                taken.setdefault(i, hit)
        return sorted([*kept, *shape], key=lambda h: (h.start, h.end, h.category))

    def _try(self, pattern: _Pattern, words: Words, i: int, offset: int, found: dict[tuple[int, int, str, str], CueHit]) -> None:
        gaps: list[int] = []
        end = _match(pattern.places, 0, words, i, gaps)
        key = (i, end, pattern.cue.category, pattern.cue.direction)
        if end > i and key not in found:
            found[key] = CueHit(offset + i, offset + end, pattern.cue, pattern.stops, " ".join(words.texts[i:end]), frozenset(offset + g for g in gaps))

    def _cues_by_ending(self, word: str) -> Sequence[Cue]:
        known = self._by_ending.get(word)
        if known is None:
            known = tuple(cue for cue, ending, exceptions in self._endings if word not in exceptions and ending.search(word))
            if len(self._by_ending) < 200_000:
                self._by_ending[word] = known
        return known


def _hides(kept: CueHit, hit: CueHit) -> bool:
    """Return whether a cue that is kept stands in the way of another one over the same words."""
    if kept.category == "pseudo":
        return hit.category != "pseudo"
    return kept.category != hit.category and (kept.start, kept.end) != (hit.start, hit.end)


def _match(places: tuple[Slot, ...], p: int, words: Words, i: int, gaps: list[int]) -> int:
    """Return the end of the match of the places from ``p`` at word ``i``, or -1: gaps as short as can be, optional words taken."""
    if p == len(places):
        return i
    place = places[p]
    if place.most == 1:
        if i < len(words.norms) and _fits(place, words, i) and (end := _match(places, p + 1, words, i + 1, gaps)) >= 0:
            return end
        return _match(places, p + 1, words, i, gaps) if place.least == 0 else -1
    count = 0
    while True:
        if count >= place.least and (end := _match(places, p + 1, words, i + count, gaps)) >= 0:
            if place.kind == "gap":
                gaps.extend(range(i, i + count))
            return end
        if count >= place.most or i + count >= len(words.norms) or not _fits(place, words, i + count):
            return -1
        count += 1


def _fits(place: Slot, words: Words, i: int) -> bool:
    if place.kind == "norm":
        return words.norms[i] in place.words
    if place.kind == "orth":
        return words.texts[i] in place.words
    if place.kind == "actor":
        return words.actors[i] in place.words
    return words.norms[i] not in place.words


def by_category(hits: Iterable[CueHit]) -> Mapping[str, list[CueHit]]:
    """Return the cues by what they say, each list in the order of the text."""
    grouped: dict[str, list[CueHit]] = defaultdict(list)
    for hit in hits:
        grouped[hit.category].append(hit)
    return grouped
