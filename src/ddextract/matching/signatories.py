"""Who signed a joint statement: the states named in its title and opening, where nobody has said who issued it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ddextract.matching.pipeline import RuleMatcher, Setting

if TYPE_CHECKING:
    from spacy.tokens import Span

OPENING_CHARACTERS = 8_000
"""Characters at the beginning in which the two sides speak and are named."""
TITLE_WORDS = 40
"""Tokens at the beginning in which a joint statement calls itself one."""
SPEAKING = 4
"""How often "the two sides", "both leaders" … must act in the opening of a paper whose title does not call it joint."""
BESIDE = 2
"""Tokens between the names of two signatories ("the United States and Mongolia")."""


def signatories(opening: str, state: str, matcher: RuleMatcher) -> tuple[str, ...]:
    """Return the issuing states of a document: all signatories of a joint statement, else the one that is known.

    Joint is a paper whose title says so, or in whose opening "the two sides" act again and again. Its other signatories are the states
    that stand beside the issuing state in it ("the U.S.-Ukraine partnership", "Mexico and Guatemala") more than once.

    Args:
        opening: Title and first pages.
        state: ISO 3166-1 alpha-3 of the issuing state that is known.
        matcher: The matcher of the document's language.
    """
    doc = matcher.doc(opening[:OPENING_CHARACTERS])
    title = doc[:TITLE_WORDS].text.lower().replace("’", "'")
    called = any(name in title for name in matcher.language.joint_titles)
    if not called:
        setting = Setting(state, None, (state,))
        sides = sum(matcher.attributor.sides(doc, start, end, setting) for start, end in matcher.sentences(doc))
        if sides < SPEAKING:
            return (state,)
    named = [ent for ent in doc.ents if ent.label_ == "state" and ent.kb_id_]
    times = Counter(ent.kb_id_ for ent in named if _stands_beside(ent, state, named))
    others = [iso3 for iso3, count in times.most_common() if count > 1 and iso3 != state]
    return (state, *(others if called else others[:1]))


def _stands_beside(ent: Span, state: str, named: Sequence[Span]) -> bool:
    """Return whether a name of the issuing state stands beside that of another state."""
    return ent.kb_id_ != state and any(n.kb_id_ == state and (0 < ent.start - n.end <= BESIDE or 0 < n.start - ent.end <= BESIDE) for n in named)
