"""With whom, or for whom: the actors that take part in a mention, and whether that makes it a joint one."""

from __future__ import annotations

from dataclasses import dataclass

from ddextract.matching.clauses import COLLECTIVE, LINKABLE, Named, Reading, Subject
from ddextract.matching.cues import CueHit
from ddextract.matching.holders import NEAR_MODIFIER, Held

WIDE = 40
"""A cue with a wider scope holds for all that follows in its clause ("working with Mongolia to …")."""
AMONG = 1
"""Scope of the cues that join others with one another ("exercises among neighbours")."""
NEAR_OBJECT = 8
"""Tokens between a preposition and the partner it brings ("with the armed forces of Jordan")."""
NEAR_NOUN = 3
"""Tokens between a preposition and a noun for partners ("with our close allies")."""
NEAR_PARTNER = 12
"""Tokens between the mention and the preposition that brings a partner."""
_OFFICES = frozenset({"armed_forces", "defence_ministry", "other_government", "official"})
"""Types of actor that stand for their state as a partner."""


@dataclass(frozen=True, slots=True)
class Partners:
    """The partners of a mention.

    Attributes:
        named: The actors, in the order of the text.
        joint: The words that make the instrument a joint one; empty if none do.
        among: Whether these words join others with one another.
        stated: Whether a partner is told otherwise than by the place where it happens.
    """

    named: tuple[Named, ...]
    joint: str
    among: bool
    stated: bool


def partners_of(reading: Reading, first: int, last: int, held: Held, state: str | None) -> Partners:
    """Return who takes part in the mention at tokens ``first`` to ``last``.

    Args:
        reading: The sentence.
        first: First token of the mention.
        last: Token behind it.
        held: Who holds it.
        state: The issuing state, which is no partner of its own.
    """
    subject = held.subject
    doing: set[Named] = set()
    if subject is not None and not held.receives:
        doing = set(subject.named)
        own = {n for n in subject.named if n.whose == "self"}
        if subject.whose == "joint" and own:
            doing = own
    if held.agent:
        doing.add(held.agent)
    joint = ""
    found: list[Named] = []
    for group in (*reading.groups, *((c,) for c in reading.collectives)):
        role = _role(reading, group, first, last, subject)
        if subject is not None and group[0] in subject.named:
            role = "for" if held.receives else "with" if subject.whose == "joint" else role
        elif subject is not None and group[0].type == COLLECTIVE and subject.start <= group[0].start < group[0].end <= subject.end:
            role = "for" if held.receives else "with" if subject.whose == "joint" else ""
        if not role:
            continue
        if role == "with" and not joint and any(n.whose != "self" for n in group):
            joint = f"with {group[0].ref.text}"
        found.extend(n for n in group if n not in doing and n not in found and _may_be_partner(n, state))
    if held.whose == "other":
        found = [n for n in found if not (n.type == "international_organisation" and n.start < last)]
    if not found and held.whose == "joint":
        found = [n for n in reading.named if n.whose == "joint" and n not in doing][:1]
        if subject is not None and not found:
            # "the ministers of Mexico and Guatemala": their states
            found = [n for n in reading.named if subject.start <= n.start < first and n.type == "state" and n not in doing and _may_be_partner(n, state)]
    among = False
    if not joint:
        joint, among = _unnamed(reading, first, last)
    stated = bool(found)
    if not found and (held.whose == "joint" or joint):
        found = [n for n in _nearest(reading, first, last) if n not in doing and _may_be_partner(n, state)]
    if not found:
        found = [n for n in _placed(reading, first, last) if n not in doing and _may_be_partner(n, state)]
    if any(n.type != COLLECTIVE for n in found):
        found = [n for n in found if n.type != COLLECTIVE]
    return Partners(_once(found, doing), joint, among, stated)


def _once(found: list[Named], doing: set[Named]) -> tuple[Named, ...]:
    """Return each partner once, states before their offices, in the order of the text."""
    known = {n.iso3 or n.ref.name for n in doing}
    result: list[Named] = []
    for actor in sorted(found, key=lambda n: (n.type not in LINKABLE, n.start)):
        link = actor.iso3 or actor.ref.name
        if link not in known:
            known.add(link)
            result.append(actor)
    return tuple(sorted(result, key=lambda n: n.start))


def _may_be_partner(actor: Named, state: str | None) -> bool:
    if actor.whose == "self" or actor.in_title or (actor.iso3 is not None and actor.iso3 == state):
        return False
    return actor.type in LINKABLE or actor.type == COLLECTIVE or (actor.iso3 is not None and actor.type in _OFFICES)


def _role(reading: Reading, group: tuple[Named, ...], first: int, last: int, subject: Subject | None) -> str:
    """Return how a coordination of actors takes part in a mention: ``with``, ``for``, or empty."""
    start, end = group[0].start, group[-1].end
    if start >= first and end <= last:
        return _role_inside(reading, group, first, last)
    if end <= first:
        return _role_before(reading, group, first, subject)
    if start < last:
        return "for" if end > last else ""
    return _role_behind(reading, group, last)


def _role_inside(reading: Reading, group: tuple[Named, ...], first: int, last: int) -> str:
    before = group[0].start - 1
    while before > first and reading.is_a("determiner", before):
        before -= 1
    end = group[-1].end
    if reading.is_a("with", before):
        return "with"
    if group[0].type == "international_organisation" and reading.has(("paper",), end, min(end + NEAR_NOUN, last)):
        return ""
    if group[0].type == "region" and reading.is_a("preposition", before) and not reading.has(("for", "of"), before, before + 1):
        return ""
    return "for"


def _role_before(reading: Reading, group: tuple[Named, ...], first: int, subject: Subject | None) -> str:
    start, end = group[0].start, group[-1].end
    beside = first - end <= NEAR_MODIFIER and not reading.has(("preposition", "finite"), end, first) and not reading.has_mark(end, first)
    modifies = len(group) > 1 or group[0].type == "international_organisation" or group[0].adjective or group[0].possessive
    if beside and modifies and group[0].type != "region":
        return "with" if any(n.whose == "self" for n in group) else "for"
    if reading.broken(end, first):
        return ""
    floor = subject.start if subject and subject.end <= first else reading.start
    new_verb = _new_verb(reading, end, first)
    for category in ("with", "for", "help"):
        for hit in reading.cues.get(category, ()):
            if not _brings(reading, hit, start) or first - end > _reach(hit):
                continue
            if category == "with" and (hit.cue.scope > WIDE or not new_verb):
                return "with"
            if category != "with" and hit.start >= floor and not reading.has(("conjunction",), end, first) and not reading.has_mark(end, first):
                return "for"
    return ""


def _role_behind(reading: Reading, group: tuple[Named, ...], last: int) -> str:
    start = group[0].start
    if reading.broken(last, start) or any(last <= s.start <= start and s.why != "relative" and s.named != group for s in reading.subjects):
        return ""
    subject = any(s.start == start for s in reading.subjects)
    if start - last <= 2 and not subject and not reading.has(("preposition",), last, start) and not reading.has_mark(last, start):
        return "for" if group[0].type != "region" else ""
    for category in ("with", "for", "of", "help"):
        for hit in reading.cues.get(category, ()):
            reach = NEAR_NOUN if category == "help" else NEAR_OBJECT
            if hit.start < last or hit.start - last > (NEAR_MODIFIER if category == "of" else NEAR_PARTNER) or not _brings(reading, hit, start, reach):
                continue
            if category == "of" and reading.has(("preposition",), last, hit.start):
                continue
            if category == "for" and (reading.has(("conjunction",), last, hit.start) or reading.has_mark(last, hit.start)):
                continue
            if category == "with" and reading.has(("infinitive",), last, hit.start):
                return "for"  # "trained officers in order to build trust with Ukraine"
            return "with" if category == "with" else "for"
    return ""


def _brings(reading: Reading, hit: CueHit, start: int, reach: int = NEAR_OBJECT) -> bool:
    """Return whether a preposition or verb brings the noun at ``start``: near, with no other preposition (but "of"), verb or mark between."""
    if not hit.end <= start <= hit.end + reach:
        return False
    between = range(hit.end, start)
    other = any(reading.is_a("preposition", i) and not reading.is_a("of", i) for i in between)
    return not other and not reading.has(("finite",), hit.end, start) and not reading.has_mark(hit.end, start)


def _reach(hit: CueHit) -> int:
    return hit.cue.scope if hit.cue.scope > WIDE else NEAR_PARTNER


def _new_verb(reading: Reading, a: int, b: int) -> bool:
    """Return whether a coordinated verb stands between two tokens ("… with ASEAN and supporting")."""
    for i in range(a, b):
        k = i + 1
        while reading.is_a("adverb", k):
            k += 1
        if reading.is_a("conjunction", i) and k < b + 1 and reading.has(("infinitive", "finite"), k, k + 1):
            return True
    return False


def _unnamed(reading: Reading, first: int, last: int) -> tuple[str, bool]:
    """Return the words that bring partners without a name ("with our allies"), and whether they only join others."""
    for hit in reading.cues.get("with", ()):
        inside = first <= hit.start < last
        behind = last <= hit.start <= last + NEAR_NOUN and not reading.broken(last, hit.start)
        wide = hit.cue.scope > WIDE
        before = hit.end <= first and first - hit.end <= (hit.cue.scope if wide else NEAR_PARTNER + NEAR_OBJECT) and not reading.broken(hit.end, first)
        if not (inside or behind or (before and (wide or not _new_verb(reading, hit.end, first)))):
            continue
        for category in ("alien", "generic", "sides", "other", "outsider"):
            for noun in reading.cues.get(category, ()):
                if _brings(reading, hit, noun.start, NEAR_OBJECT if hit.cue.scope == AMONG else NEAR_NOUN):
                    return f"{hit.text} {noun.text}", hit.cue.scope == AMONG and category != "sides"
        for actor in reading.named:
            if actor.whose != "self" and _brings(reading, hit, actor.start, NEAR_NOUN) and not (before and actor.end > first):
                return f"{hit.text} {actor.ref.text}", hit.cue.scope == AMONG
    return "", False


def _nearest(reading: Reading, first: int, last: int) -> tuple[Named, ...]:
    """Return the state or organisation nearest to a joint instrument whose other side no preposition tells."""
    near = [
        g for g in reading.groups if g[0].type in ("state", "international_organisation") and not reading.broken(min(g[0].start, first), max(g[0].start, last))
    ]
    return min(near, key=lambda g: max(first - g[-1].end, g[0].start - last), default=())


def _placed(reading: Reading, first: int, last: int) -> tuple[Named, ...]:
    """Return the states and regions in which the instrument takes place ("train troops in Benin"), for want of other partners."""
    best: tuple[int, tuple[Named, ...]] | None = None
    for hit in reading.cues.get("place", ()):
        for group in reading.groups:
            if group[0].type not in LINKABLE or group[0].adjective or not _brings(reading, hit, group[0].start, NEAR_NOUN):
                continue
            if hit.start >= last:
                gap, reach = hit.start - last, NEAR_PARTNER
                apart = any(reading.norm(i) == "," for i in range(last, hit.start)) or reading.broken(last, hit.start)
            else:
                gap, reach = first - group[-1].end, NEAR_PARTNER + NEAR_OBJECT
                apart = not (reading.opens(hit.start - 1) and reading.norm(group[-1].end) == ",") or reading.broken(group[-1].end, first)
            if 0 <= gap <= reach and not apart and (best is None or gap < best[0]):
                best = (gap, group)
    return best[1] if best else ()
