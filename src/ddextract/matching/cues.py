"""Cues of attribution found in a sentence: the wordings and endings of a language file, the longest of overlapping ones kept."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ddextract.codebook import Cue, LanguageFile, line_of
from ddextract.errors import DataError
from ddextract.matching.ruler import WordingSet
from ddextract.matching.tables import Tables, tabulated
from ddextract.matching.wording import Compiled, Lexicon, WordingError, compile_wording

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

SENTENCE_SHAPE = frozenset({
    "acted_on", "adverb", "boundary", "conjunction", "dated", "determiner", "enduring", "finite", "head", "inclusion", "indefinite", "infinitive",
    "of", "paper", "participle", "passive", "past", "patient", "perfect", "place", "possessive", "preposition", "preterite", "relative",
    "pointing", "effect", "imperative", "reversing", "punctual", "once", "trainee", "threat", "verb",
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
        vocab: The vocabulary of the pipeline.
        tables: Wordings as far as they were compiled before.

    Raises:
        DataError: A cue does not follow the notation; file, key and line are named.
    """

    def __init__(self, language: LanguageFile, lexicon: Lexicon, vocab: Vocab, tables: Tables) -> None:
        self._language, self._lexicon = language, lexicon
        self._cues: list[tuple[Cue, frozenset[str]]] = []
        self._endings: list[tuple[Cue, re.Pattern[str], frozenset[str]]] = []
        self._by_ending: dict[str, tuple[Cue, ...]] = {}
        for number, cue in enumerate(language.cues):
            key = f"cues[{number}]"
            self._cues.append((cue, frozenset(lexicon.normal(w) for w in cue.terminated_by)))
            if cue.endings:
                try:
                    ending = re.compile("(?:" + "|".join(cue.endings) + ")$")
                except re.error as error:
                    line = line_of(language.path, cue.endings[0])
                    raise DataError(language.path, f"{key}.endings", str(error), line) from None
                self._endings.append((cue, ending, frozenset(w.lower() for w in cue.except_words)))
        self._wordings = WordingSet(vocab, tables.table("cues", lambda: tabulated(self._compiled(), vocab.strings.add)))

    def _compiled(self) -> Iterator[tuple[int, Compiled]]:
        for number, cue in enumerate(self._language.cues):
            for wording in cue.match:
                try:
                    yield from ((number, one) for one in compile_wording(wording, self._lexicon))
                except WordingError as error:
                    raise DataError(self._language.path, f"cues[{number}].match", str(error), line_of(self._language.path, wording)) from None

    def find(self, doc: Doc, start: int, end: int) -> list[CueHit]:
        """Return the cues of a sentence in the order of the text; of overlapping ones that decide something the longest is kept.

        Args:
            doc: The text with its actors marked.
            start: First token of the sentence.
            end: Token behind it.
        """
        found: dict[tuple[int, int, str, str], CueHit] = {}
        for index, place in self._wordings.search(doc, start, end):
            cue, stops = self._cues[index]
            key = (place.start, place.end, cue.category, cue.direction)
            if key not in found:
                found[key] = CueHit(place.start, place.end, cue, stops, doc[place.start : place.end].text, frozenset(place.bridged))
        for i in range(start, end):
            token = doc[i]
            for cue in () if token.ent_type_ else self._cues_by_ending(token.lower_):
                found.setdefault((i, i + 1, cue.category, cue.direction), CueHit(i, i + 1, cue, frozenset(), token.text))
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

    def _cues_by_ending(self, word: str) -> Sequence[Cue]:
        known = self._by_ending.get(word)
        if known is None:
            known = tuple(cue for cue, ending, exceptions in self._endings if word not in exceptions and ending.search(word))
            if len(self._by_ending) < 200_000:
                self._by_ending[word] = known
        return known


def _hides(kept: CueHit, hit: CueHit) -> bool:
    """Return whether a cue that is kept stands in the way of another one over the same words."""
    if kept.category in ("negation", "refused") and hit.category == "will":
        return False  # where "will not hesitate" denies nothing, the future remains
    if kept.category == "pseudo":
        return hit.category != "pseudo"
    return kept.category != hit.category and (kept.start, kept.end) != (hit.start, hit.end)


def by_category(hits: Iterable[CueHit]) -> Mapping[str, list[CueHit]]:
    """Return the cues by what they say, each list in the order of the text."""
    grouped: dict[str, list[CueHit]] = defaultdict(list)
    for hit in hits:
        grouped[hit.category].append(hit)
    return grouped
