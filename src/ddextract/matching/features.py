"""What a sentence looks like to the statistical matcher: its words with names and numbers masked, in short runs, by stem and by ending."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ddextract.matching.actors import ADJECTIVE

if TYPE_CHECKING:
    from spacy.tokens import Doc

OWN = "<own>"
"""Stands for the issuing state's name, so that no state is learnt by heart."""
YEAR = "<year>"
NUMBER = "<number>"
LONGEST_RUN = 3
"""Words in the longest run that is a feature."""
STEMS = (4, 5, 6)
"""Lengths of the beginnings of words that are features."""
ENDING = 4


@dataclass(frozen=True, slots=True)
class MaskedWord:
    """A word of a sentence, or a whole name, as the model sees it: tokens ``first`` to ``last`` of the ``Doc``."""

    text: str
    first: int
    last: int

    @property
    def masked(self) -> bool:
        """Whether it stands for a name or a number."""
        return self.text.startswith("<")


def masked_words(doc: Doc, start: int, end: int, issuer: str | None) -> list[MaskedWord]:
    """Return the words of tokens ``start`` to ``end``; an actor's name is one word that says its type, years and numbers say that they are such.

    Args:
        doc: A text whose ``ents`` are the actors.
        start: First token.
        end: Token behind the last.
        issuer: ISO 3166-1 alpha-3 of the issuing state.
    """
    names = {ent.start: ent for ent in doc[start:end].ents}
    words: list[MaskedWord] = []
    i = start
    while i < end:
        if i in names:
            ent = names[i]
            kind = OWN if issuer and ent.kb_id_ == issuer else f"<{ent.label_}{'-adjective' if ent.id_ == ADJECTIVE else ''}>"
            words.append(MaskedWord(kind, i, ent.end))
            i = max(ent.end, i + 1)
            continue
        token = doc[i]
        i += 1
        if token.is_space:
            continue
        text = token.norm_
        if token.like_num or any(c.isdigit() for c in text):
            text = YEAR if len(token.text) == 4 and token.text[:2] in ("19", "20") else NUMBER
        words.append(MaskedWord(text, i - 1, i))
    return words


def text_features(words: Sequence[MaskedWord]) -> dict[str, list[int]]:
    """Return the features of a sentence's words, each with the indices of the words it covers (all its places together).

    ``w:`` runs of one to three words, ``p:`` beginnings and ``x:`` endings of words.
    """
    found: dict[str, list[int]] = {}
    for feature, first, last in _runs(words):
        found.setdefault(feature, []).extend(range(first, last))
    for i, word in enumerate(words):
        if word.masked:
            continue
        for length in STEMS:
            if len(word.text) > length:
                found.setdefault(f"p:{word.text[:length]}", []).append(i)
        if len(word.text) > ENDING + 1:
            found.setdefault(f"x:{word.text[-ENDING:]}", []).append(i)
    return found


def _runs(words: Sequence[MaskedWord]) -> Iterator[tuple[str, int, int]]:
    texts = ["^", *(w.text for w in words), "$"]
    n = len(words)
    for length in range(1, LONGEST_RUN + 1):
        for i in range(len(texts) - length + 1):
            if length == 1 and i in (0, len(texts) - 1):
                continue
            yield "w:" + " ".join(texts[i : i + length]), max(0, i - 1), min(n, i - 1 + length)
