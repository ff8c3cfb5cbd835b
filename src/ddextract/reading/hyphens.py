"""Whether a hyphen at the end of a line belongs to the word: decided from evidence, never by rule alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
SUSPENDED = {"to", "and", "or", "bis", "et", "ou", "à", "y", "o", "e", "u", "und", "oder", "as", "nor"}
"""Words after a hyphen that hangs in the air: "mid- to long-term"."""
CUT = re.compile(r"^\W+|\W+$")


class Hyphens:
    """The words of a document, from which each hyphen at a line's end is decided."""

    def __init__(self) -> None:
        self.words: Counter[str] = Counter()
        self.decided = 0

    def learn(self, texts: Iterable[str]) -> None:
        """Count words that stand whole on a line."""
        for text in texts:
            self.words.update(m.lower() for m in WORD.findall(text))

    def between(self, left: str, right: str, hyphen: str) -> str:
        """Return what stands between two halves: nothing, ``-``, or ``- `` for a suspended hyphen.

        Args:
            left: The word before the line's end, without its hyphen.
            right: The first word of the next line, empty where the text ends.
            hyphen: The character that was drawn.
        """
        if not right:
            return "-"
        self.decided += 1
        if hyphen == "\u00ad":
            return ""
        a, b = CUT.sub("", left), CUT.sub("", right)
        if b.lower() in SUSPENDED and b.islower() and not self.words[(a + b).lower()]:
            return "- "
        last = a.rsplit("-", 1)[-1]
        first = re.split(r"[-'’]", b, maxsplit=1)[0]
        joined = self.words[(a + b).lower()] + self.words[(last + first).lower()]
        kept = self.words[f"{a}-{b}".lower()] + self.words[f"{last}-{first}".lower()]
        if joined != kept:
            return "" if joined > kept else "-"
        if not first[:1].islower() or not last[-1:].islower() or any(c.isdigit() for c in last + first):
            return "-"
        return ""
