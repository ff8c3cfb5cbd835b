"""What an objective serves: the link between it and the instrument or other means that a sentence says it is the purpose of.

An objective counts where the text gives it as the purpose of engagement (codebook, section 4), which is a relation between two places of a sentence.
Seven constructions carry it; all words that make them are contexts of the language file:

==========  =======================================================  ===========================================
kind        what stands where                                        contexts
==========  =======================================================  ===========================================
``aim``     means … word of purpose … objective                      ``aiming``, or ``aiming_next`` close before
``effect``  means as subject, the objective its predicate            none: little may stand between
``using``   objective … by, through … means                          ``using``
``ahead``   word of purpose, objective, comma, clause with means     ``aiming_first``
``within``  the objective lies in the means ("help X defend itself") none
``back``    this, such efforts … objective; means in what precedes   ``pointing``
``item``    the objective begins an item; means in its lead-in       none
==========  =======================================================  ===========================================

Besides, an objective must be something brought about: a verb of ``furthering`` begins it or stands close before it, or a word of
purpose that makes a verb of it, or a conjunction of purpose opens its clause (``aiming_clause``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from spacy.tokens import Doc

Kind = Literal["aim", "effect", "using", "ahead", "within", "back", "item"]
Span = tuple[int, int]

AIM_REACH = 40
"""Tokens between means and objective over which a word of purpose links them."""
VERB_REACH = 2
"""Tokens before an objective within which any word of purpose makes a verb of it."""
CLAUSE_REACH = 10
"""Tokens before an objective within which a conjunction of purpose must stand: the subject of its clause comes in between."""
NEXT_REACH = 5
"""Tokens before an objective within which a preposition of purpose must stand."""
EFFECT_REACH = 12
"""Tokens between means and objective where the one is the subject of the other."""
USING_REACH = 14
"""Tokens between an objective and the "by" behind it."""
LISTED = 1
"""Commas between means and objective where the one is the subject of the other; more make a list."""
MEANS_REACH = 25
"""Tokens between that "by", or the comma after a purpose ahead, and the means."""
OPENING_REACH = 8
"""Tokens at the beginning of an item of a list within which its objective must begin."""
FIRST_REACH = 4
"""Tokens at the beginning of a clause within which a word of purpose or a word that points back must stand."""
PARTS = frozenset({";", ".", "!", "?", "•", "▪"})
"""Marks at which what a means is the subject of has ended."""


class Search(Protocol):
    """Finds the wordings of a context."""

    def __call__(self, context: str, start: int, end: int) -> Iterable[Span]:
        """Return the places of a context among the tokens ``start`` to ``end``."""


@dataclass(frozen=True, slots=True)
class Link:
    """How an objective hangs on its means.

    Attributes:
        kind: The construction.
        means: The tokens of the means, or None if it stands in the text before the sentence.
    """

    kind: Kind
    means: Span | None


@dataclass(frozen=True, slots=True)
class Preceding:
    """What stands before a sentence that may be the means of its objectives.

    Attributes:
        instruments: Whether an instrument was found there.
        means: Whether words of some other means stand there.
        introduces: Whether it introduces the sentence (it ends in a colon).
        codes: The codes that were found there.
    """

    instruments: bool = False
    means: bool = False
    introduces: bool = False
    codes: frozenset[str] = frozenset()


def link(
    doc: Doc,
    start: int,
    end: int,
    objective: Span,
    means: Sequence[Span],
    search: Search,
    *,
    before: bool = False,
    introduced: bool = False,
) -> Link | None:
    """Return how an objective is linked to one of the means of its sentence, or None.

    Args:
        doc: The text.
        start: First token of the sentence.
        end: Token behind it.
        objective: The tokens of the objective.
        means: The tokens of each means, in any order.
        search: Finds a context of the language file.
        before: Whether the text before the sentence names a means.
        introduced: Whether that text introduces the sentence as an item of its list.
    """
    first, last = objective
    for a, b in means:
        if a <= first and last <= b and (a, b) != (first, last):
            return Link("within", (a, b))
    if not _predicated(start, end, objective, search):
        return None
    for a, b in sorted((m for m in means if m[1] <= first), key=lambda m: -m[1]):
        if first - b > AIM_REACH:
            break
        if any(True for _ in search("aiming", b, first + 1)) or any(s >= b for s, _ in search("aiming_next", max(b, first - NEXT_REACH), first)):
            return Link("aim", (a, b))
        commas = sum(doc[i].norm_ == "," for i in range(b, first))
        if commas <= LISTED and first - b <= EFFECT_REACH and not _parted(doc, b, first):
            return Link("effect", (a, b))
    later = sorted(m for m in means if m[1] > last and m[0] >= first)
    for _, by in search("using", last, min(end, last + USING_REACH)):
        for a, b in later:
            if by <= a <= by + MEANS_REACH and not _parted(doc, last, a):
                return Link("using", (a, b))
    clause = next((i + 1 for i in range(first - 1, start - 1, -1) if doc[i].norm_ in PARTS), start)
    if later and any(s - clause < FIRST_REACH for s, _ in search("aiming_first", clause, first + 1)):
        comma = next((i for i in range(last, min(end, last + MEANS_REACH)) if doc[i].norm_ == ","), end)
        for a, b in later:
            if comma < a <= comma + MEANS_REACH and not _parted(doc, last, a):
                return Link("ahead", (a, b))
    if before and introduced and first - start < OPENING_REACH:
        return Link("item", None)
    if before and any(True for _ in search("pointing", clause, min(first, clause + FIRST_REACH))):
        return Link("back", None)
    return None


def _predicated(start: int, end: int, objective: Span, search: Search) -> bool:
    """Return whether the objective is something brought about: a verb of furthering begins it, or that or a word of purpose stands close before it."""
    first, _ = objective
    low = max(start, first - NEXT_REACH)
    if any(s <= first for s, _ in search("furthering", low, min(end, first + 1))) or any(True for _ in search("aiming_next", low, first)):
        return True
    if any(True for _ in search("aiming", max(start, first - VERB_REACH), first)):
        return True
    return any(True for _ in search("aiming_clause", max(start, first - CLAUSE_REACH), first))


def _parted(doc: Doc, a: int, b: int) -> bool:
    """Return whether a clause ends for good between two tokens."""
    return any(doc[i].norm_ in PARTS for i in range(a, b))
