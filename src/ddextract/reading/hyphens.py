"""Whether a hyphen at the end of a line belongs to the word: decided from evidence, never by rule alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from ddextract.reading.language import detect_language
from ddextract.reading.terms import terms
from ddextract.reading.wordlist import LANGUAGES, is_common, is_word

WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
COMMON = 500
"""How often a word list must have met half a compound: fragments of words are words by chance, but rare ones."""
COMPOUNDING = frozenset({"en", "fr"})
"""Languages that join words of their own by hyphens; Spanish writes its compounds together or apart."""
CUT = re.compile(r"^\W+|\W+$")


class Hyphens:
    """The words of a document and of its language, from which each hyphen at a line's end is decided."""

    def __init__(self) -> None:
        self.words: Counter[str] = Counter()
        self.decided = 0
        self._languages: dict[int, str | None] = {}
        self._known = 0
        self._behind: Counter[str] = Counter()

    def learn(self, texts: Iterable[str]) -> None:
        """Count words that stand whole on a line."""
        for text in texts:
            self.words.update(WORD.findall(text.lower()))

    def language_of(self, page: int, text: Callable[[], str]) -> str | None:
        """Return the language of a page's text, asked of the first stretch of it that is long enough."""
        if page not in self._languages:
            sample = text()
            found = detect_language(sample)
            if len(sample) < 80:
                return found
            self._languages[page] = found
        return self._languages[page]

    def between(self, left: str, right: str, hyphen: str, language: str | None = None, *, opening: bool = True) -> str:
        """Return what stands between two halves: nothing, ``-``, or ``- `` for a suspended hyphen.

        Args:
            left: The word before the line's end, without its hyphen.
            right: The first word of the next line, empty where the text ends.
            hyphen: The character that was drawn.
            language: ISO 639-1 code of the text around it, whose word list is asked where the document does not decide.
            opening: Whether the word opens a sentence, so that its capital says nothing.
        """
        if not right:
            return "-"
        self.decided += 1
        if hyphen == "\u00ad":
            return ""
        a, b = CUT.sub("", left), CUT.sub("", right)
        if b.islower() and b in terms("suspended") and not self.words[(a + b).lower()] and not (language in LANGUAGES and is_word(a + b, language or "")):
            return "- "
        last = re.split(r"[-'’]", a)[-1]
        first = re.split(r"[-'’]", b, maxsplit=1)[0]
        joined = self.words[(a + b).lower()] + self.words[(last + first).lower()]
        kept = self.words[f"{a}-{b}".lower()] + self.words[f"{last}-{first}".lower()]
        if joined != kept:
            return "" if joined > kept else "-"
        if not first[:1].islower() or not last[-1:].islower() or any(c.isdigit() for c in last + first):
            return "-"
        if self._chained(last, b, language) or self._hyphenates(last):
            return "-"
        return "-" if (opening or not last[0].isupper()) and self._compound(last, first, language) else ""

    @staticmethod
    def _chained(last: str, right: str, language: str | None) -> bool:
        """Return whether a compound of several words is cut before its middle one: "government-" before "to-government"."""
        middle = right.split("-")
        if len(middle) < 2 or language not in COMPOUNDING or language is None or is_word(last + middle[0], language):
            return False
        return all(len(part) > 1 and is_common(part, language, COMMON) for part in (last, *middle))

    def _hyphenates(self, last: str) -> bool:
        """Return whether the document keeps the hyphen behind this part in other words, as in "non-lethal" and "non-state"."""
        return self._kept_behind()[last.lower()] > 2

    def _kept_behind(self) -> Counter[str]:
        """Return how many different compounds begin with a part, of those no longer than a prefix."""
        if self._known != len(self.words):
            self._known, self._behind = len(self.words), Counter(w.split("-", 1)[0] for w in self.words if "-" in w[2:6])
        return self._behind

    def _compound(self, last: str, first: str, language: str | None) -> bool:
        """Return whether two halves are words of their own and what they make together is none."""
        if language not in LANGUAGES or language is None or is_word(last + first, language):
            return False
        if len(first) < 3 or not is_common(first, language, COMMON):
            return False
        # A name is cut more often than it is compounded.
        least = 5 * COMMON if last[0].isupper() else COMMON
        if language in COMPOUNDING and len(last) >= 3 and is_common(last, language, least):
            return True
        # A form made for composition: "politico-", "socio-", "cívico-".
        return len(last) >= 5 and last.endswith("o") and len(first) >= 5 and (language in COMPOUNDING or len(last) >= 6)
