"""Which sentence reads like an instrument though no wording took it: words weighed by the examples on the codebook's pages."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from math import log

from ddextract.codebook import Codebook
from ddextract.matching.features import NUMBER, MaskedWord, text_features
from ddextract.matching.fusion import has_model, load_models
from ddextract.matching.linear import LinearModel

STEM = 6
"""Letters by which a word is known again in another form."""
PRIOR = 10.0
"""Examples' worth of the average of all pages that each page gets besides its own, so that a page with few examples claims no rare word."""
ONCE, MOST = 1.2, 3.0
"""Most that a word may say for an instrument, in log odds: one that stands in a single example of its page, and any."""
LEAST = -1.0
"""Most that a word may say against it."""
LIKE, ALONE = 2.0, 4.0
"""Log odds from which a sentence reads like an instrument, where the text model agrees, and where there is no model of its language.
Chosen on annotations/reconciliation and on what was read in real documents (see benchmarks/reconciliation.py)."""
WORDS = 2
"""Words that must speak for it."""
RANK = 2
"""A sentence that reads more like so many other instruments says nothing of this one."""
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_A-ZÀ-ÖØ-Þ][^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How much a sentence reads like an instrument.

    Attributes:
        odds: Log odds by the words of the pages' examples.
        words: The words that speak loudest for it.
    """

    odds: float
    words: tuple[str, ...]


class Reader:
    """Weighs sentences of one language by the examples on the codebook's pages: a code against all others (naive Bayes).

    Names and the first word of a sentence are left out: capital letters say who, not what.

    Args:
        codebook: The codebook.
        language: ISO 639-1 code.
    """

    def __init__(self, codebook: Codebook, language: str) -> None:
        counts: dict[str, Counter[str]] = {}
        sizes: dict[str, int] = {}
        for code in codebook.instruments:
            concept = codebook.concepts[code]
            told = [*(e for p in concept.phrasing.get(language, ()) for e in p.examples), concept.title.get(language, "")]
            counts[code] = Counter(stem for text in told for stem in _stems(text))
            sizes[code] = len(told)
        self._model: LinearModel | None = None
        if has_model(language) and "instruments" in load_models(language):
            self._model = load_models(language)["instruments"].text
        total, size = Counter[str](), sum(sizes.values())
        for own in counts.values():
            total.update(own)
        self._weights = {
            code: {stem: _weight(own[stem], sizes[code], total[stem] - own[stem], size - sizes[code]) for stem in total} for code, own in counts.items()
        }

    def resemblance(self, sentence: str, code: str) -> Resemblance:
        """Return how much a sentence reads like an instrument."""
        weights = self._weights[code]
        said = {stem: word for stem, word in _stems(sentence).items() if stem in weights}
        loud = sorted((stem for stem in said if weights[stem] > 0.5), key=lambda stem: (-weights[stem], stem))
        return Resemblance(sum(weights[stem] for stem in said), tuple(said[stem] for stem in loud))

    def reads_like(self, sentence: str, code: str) -> Resemblance | None:
        """Return how much a sentence reads like an instrument, if it does: more than :data:`LIKE`, hardly more like another, and so by the text model too."""
        own = self.resemblance(sentence, code)
        if own.odds < (LIKE if self._model else ALONE) or len(own.words) < WORDS:
            return None
        if sum(self.resemblance(sentence, other).odds > own.odds for other in self._weights if other != code) >= RANK:
            return None
        return own if self._agreed(sentence, code) else None

    def _agreed(self, sentence: str, code: str) -> bool:
        """Return whether the text model too takes the sentence for this instrument, or for hardly any other rather than it; yes where it cannot say."""
        if self._model is None or code not in self._model.labels:
            return True
        words = [MaskedWord(NUMBER if any(c.isdigit() for c in w) else w.lower(), i, i + 1) for i, w in enumerate(_TOKEN.findall(sentence))]
        # How common an instrument is in the gold says nothing here: one that is listed is sought.
        told = self._model.decide(dict.fromkeys(text_features(words), 1.0)) - self._model.intercept
        return int((told > told[self._model.labels.index(code)]).sum()) < RANK


def _weight(own: int, size: int, other: int, rest: int) -> float:
    average = (own + other) / (size + rest)
    odds = log((own + PRIOR * average) / (size + PRIOR)) - log((other + PRIOR * average) / (rest + PRIOR))
    return max(LEAST, min(ONCE if own < 2 else MOST, odds))


def _stems(text: str) -> dict[str, str]:
    """Return the words of a text by their beginnings."""
    return {word.lower()[:STEM]: word.lower() for word in _WORD.findall(text)}
