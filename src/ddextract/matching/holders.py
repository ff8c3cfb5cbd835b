"""Who holds an instrument: its owner, its agent, or the subject of its clause."""

from __future__ import annotations

from dataclasses import dataclass

from ddextract.matching.clauses import Named, Reading, Subject, Whose, governing, whose_of

NEAR_MODIFIER = 3
"""Tokens between an owner and the mention it owns ("Russia's growing arms sales")."""
NEAR_AGENT = 12
"""Tokens between a mention without a subject and "by"."""
NEAR_PARTICIPLE = 4
"""Tokens between a mention and the participle before "by" ("training offered by Poland")."""
NEAR_GIVEN = 5
"""Tokens between a verb of receiving and what is received."""
FAR_PART = 15
"""Tokens between a word of taking part and the operation of an organisation ("participation of our forces in … missions of the UN")."""
NEAR_MEMBER = 8
"""Tokens between several agents and the issuer, who is one of them ("by several states, including Spain")."""
SUPPLIED = frozenset({"que", "qu", "qu'"})
"""Relative pronouns (French, Spanish) for what an actor behind them supplies."""
_NO_MODIFIER = ("preposition", "finite", "alien", "relative", "head")
_OTHERS = ("other", "outsider", "alien", "generic")


@dataclass(frozen=True, slots=True)
class Held:
    """Whose a mention is, and why.

    Attributes:
        whose: Whose it is.
        why: The words that decided, for ``explain``.
        subject: The subject of its clause.
        agent: Who carries it out, if not the subject.
        receives: Whether the subject is at the receiving end ("Jordanian officers are trained").
        told: Whether the text tells it at all.
        recommended: Whether a third party only recommends it.
    """

    whose: Whose
    why: str
    subject: Subject | None = None
    agent: Named | None = None
    receives: bool = False
    told: bool = True
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class _Owner:
    whose: Whose
    text: str
    start: int
    agent: Named | None = None
    behind: bool = False


def held_by_its_words(reading: Reading, first: int, last: int) -> Held | None:
    """Return who holds the mention by the words around it, or None if its clause names nobody before it.

    Owners go before agents, agents before advisers, these before subjects.

    Args:
        reading: The sentence.
        first: First token of the mention.
        last: Token behind it.
    """
    subject = governing(reading, first)
    owner = _owner(reading, first, last)
    ours = subject is not None and subject.whose in ("self", "joint")
    if owner and not (owner.whose == "other" and ours and (owner.behind or _is_helped(reading, owner.start))):
        receives = subject is not None and owner.whose == "self" and _is_patient(reading, subject, first)
        return Held(owner.whose, f"owner {owner.text}", subject, owner.agent, receives)
    agent = _agent_behind(reading, first, last, subject) or (_giver(reading, subject, first) if subject and subject.whose == "self" else None)
    if isinstance(agent, str):
        whose: Whose = "joint" if _is_among(reading, last) else "other"
        return Held(whose, f"agent {agent}", subject)
    if agent:
        return Held(agent.whose, f"agent {agent.ref.text}", subject, agent)
    adviser = _adviser(reading, first)
    if adviser:
        return Held("other", f"recommended: {adviser}", subject, recommended=True)
    if subject and _is_patient(reading, subject, first):
        return Held("self", f"{subject.text} receives", subject, receives=True)
    if subject:
        return Held(subject.whose, f"subject {subject.text}", subject)
    return None


def held_by_what_follows(reading: Reading, first: int, last: int) -> Held | None:
    """Return who holds a mention in front of the main clause ("Through [exercises], we …"), or an organisation that acts alone."""
    after = next((s for s in reading.subjects if s.start >= last), None)
    parted = after is not None and (reading.broken(last, after.start) or reading.has(("finite", "relative"), last, after.start))
    if after and after.whose != "third" and not parted and not reading.has(("boundary",), after.start - 1, after.start):
        return Held(after.whose, f"subject {after.text}", told=False)
    for actor in reading.named:
        leads = actor.start == first or (actor.end <= first and first - actor.end < NEAR_MODIFIER)
        before = actor.start - 1
        while before >= reading.start and reading.is_a("determiner", before):
            before -= 1
        if actor.type == "international_organisation" and leads and reading.opens(before):
            return Held("other", f"acts alone: {actor.ref.text}", None, actor)
    return None


def _owner(reading: Reading, first: int, last: int) -> _Owner | None:
    """Return who owns the mention by a possessive or adjective right beside it or at its start."""
    for hit in reading.cues.get("ours", ()):
        if hit.end <= first + 1 and first - hit.end <= NEAR_MODIFIER and _only_modifies(reading, hit.end, first):
            return _Owner(reading.ours, hit.text, hit.start)
    begin = first
    while begin < last - 1 and reading.is_a("determiner", begin):
        begin += 1  # "[the Chinese destroyer]"
    for actor in reading.named:
        end = actor.end + (1 if actor.possessive else 0)
        if actor.type != "state" or actor.start > begin or not (actor.adjective or actor.possessive):
            continue
        if (end > first and actor.start != begin) or first - end > NEAR_MODIFIER or not _only_modifies(reading, end, first):
            continue
        group = reading.group_of(actor)
        if actor.adjective and actor.whose == "other" and reading.has(("trainee",), group[-1].end, min(group[-1].end + NEAR_MODIFIER, reading.end)):
            continue  # "Saudi and Libyan students": they are taught, not teachers
        whose = whose_of(group)
        if len(group) > 1 and whose == "joint":
            return _Owner("joint", reading.text(group[0].start, group[-1].end), group[0].start)
        shared = next((i for i in range(actor.end, actor.end + 4) if reading.is_a("conjunction", i) and reading.has(("alien", "indefinite"), i + 1, i + 2)), 0)
        if actor.whose == "self" and shared:
            return _Owner("joint", reading.text(actor.start, shared + 2), actor.start)
        return _Owner(actor.whose, actor.ref.text, actor.start, actor if actor.whose != "self" else None)
    behind = _owner_behind(reading, first, last)
    if behind:
        return behind
    for category in _OTHERS:
        for noun in reading.cues.get(category, ()):
            if noun.end < first and reading.is_a("possessive", noun.end) and first - noun.end <= NEAR_MODIFIER:
                return _Owner("other", noun.text, noun.start)
    return None


def _owner_behind(reading: Reading, first: int, last: int) -> _Owner | None:
    """Return who owns the mention by an adjective or "of" right behind it ("ventes d'armes russes", "the arms sales of Russia")."""
    for group in reading.groups:
        actor = group[0]
        i = actor.start - 1
        while i >= first and reading.is_a("determiner", i):
            i -= 1
        if actor.start < first or i > last or actor.type not in ("state", "international_organisation"):
            continue
        helped = (
            reading.adjectives_follow and actor.adjective and any(reading.is_a("for", k) and not reading.is_a("of", k) for k in range(first + 1, actor.start))
        )
        if helped:
            continue  # "cours offerts aux pilotes ukrainiens"
        by_of = i >= first and reading.is_a("of", i) and not actor.adjective and not actor.possessive
        of_head = actor.adjective and actor.start > first and not reading.has(("preposition", "conjunction"), first, actor.start)
        by_adjective = reading.adjectives_follow and actor.adjective and actor.start > first and actor.end >= last and not reading.is_a("head", actor.start - 1)
        if reading.adjectives_follow and of_head and actor.end < last and not reading.has_mark(first, actor.start):
            return _Owner(whose_of(group), actor.ref.text, actor.start, actor if actor.whose != "self" else None)
        if not (by_of or by_adjective) or reading.has(("acted_on", "alien", "head", "infinitive", "with"), first, min(i + 1, last)):
            continue
        inner = [k for k in range(first, min(i, last)) if reading.is_a("preposition", k) and not reading.is_a("of", k)]
        taken_part = actor.type == "international_organisation" and reading.has(("acted_on",), max(reading.start, first - FAR_PART), first)
        if by_of and (inner or taken_part or reading.has(("paper",), first, i)):
            continue
        if by_of and (group[-1].end < last or (i < last and governing(reading, first) is not None)):
            continue
        text = reading.text(group[0].start, group[-1].end)
        return _Owner(whose_of(group), text, actor.start, actor if actor.whose != "self" else None, by_of)
    return None


def _only_modifies(reading: Reading, a: int, b: int) -> bool:
    """Return whether only modifiers stand between two tokens."""
    return not reading.has(_NO_MODIFIER, a, b) and not reading.has_mark(a, b)


def _is_helped(reading: Reading, i: int) -> bool:
    """Return whether a word of help ("supporting", "to") stands right before a noun: what it owns is then helped, not done by it."""
    i -= 1
    while i > reading.start and reading.is_a("determiner", i):
        i -= 1
    return reading.has(("for", "with", "help"), i, i + 1)


def _agent_behind(reading: Reading, first: int, last: int, subject: Subject | None) -> Named | str | None:
    """Return the agent behind "by", right after the mention or after its participle: an actor, or the words of a noun."""
    for hit in reading.cues.get("by", ()):
        if hit.end <= first or reading.broken(last, hit.start):
            continue
        gap = max(0, hit.start - last)
        if hit.start < last and reading.is_a("infinitive", first):
            continue  # "helping those threatened by our rivals": the helper is another
        participle = (hit.end - hit.start > 1 and gap <= NEAR_PARTICIPLE) or (
            subject is None and gap == 1 and reading.has(("past", "participle"), last, last + 1)
        )
        if hit.start < last and (subject is not None or not reading.has(("past", "participle"), max(first, hit.start - 2), hit.start)):
            continue
        if gap and not participle and (subject is not None or gap > NEAR_AGENT):
            continue
        for actor in reading.named:
            if hit.end <= actor.start <= hit.end + 2 and all(reading.is_a("determiner", i) for i in range(hit.end, actor.start)):
                return actor
        for category in _OTHERS:
            for noun in reading.cues.get(category, ()):
                if hit.end <= noun.start <= hit.end + 1:
                    return noun.text
    return _supplier(reading, first, last)


def _is_among(reading: Reading, last: int) -> bool:
    """Return whether the issuer is named as one of several agents behind a mention."""
    return any(
        n.whose == "self" and last < n.start <= last + 2 * NEAR_MEMBER and reading.has(("inclusion",), n.start - NEAR_MODIFIER, n.start) for n in reading.named
    )


def _supplier(reading: Reading, first: int, last: int) -> Named | None:
    """Return the actor that is the subject of a relative clause about the mention ("la ayuda que nos presta Colombia")."""
    if not reading.adjectives_follow:
        return None
    for actor in reading.named:
        i = actor.start - 1
        while i > first and reading.is_a("determiner", i):
            i -= 1
        opened = next((k for k in range(i - 1, max(first, i - 4), -1) if reading.norm(k) in SUPPLIED), 0)
        if not opened or opened > last + 1 or actor.adjective or actor.whose == "self" or reading.has_mark(first, i):
            continue
        if i > opened and not reading.has(("preposition", "of", "conjunction", "with"), opened + 1, i + 1):
            return actor
    return None


def _giver(reading: Reading, subject: Subject, first: int) -> Named | str | None:
    """Return from whom the issuer receives the instrument ("Our Army received training from Poland")."""
    taken = next((h for h in reading.cues.get("patient", ()) if subject.end <= h.start < first + 2 and first - h.end <= NEAR_GIVEN), None)
    if taken is None:
        return None
    for actor in reading.named:
        i = actor.start - 1
        while i > taken.end and reading.is_a("determiner", i):
            i -= 1
        if actor.start >= taken.end and actor.whose == "other" and reading.has(("of", "from", "by"), i, i + 1) and not reading.broken(taken.end, i):
            return actor
    return None


def _adviser(reading: Reading, first: int) -> str:
    """Return the words by which a third party recommends the instrument, if one does."""
    for hit in reading.cues.get("recommendation", ()):
        if hit.start >= first or reading.opens(hit.start - 1):
            continue
        speaker = next((s for s in reversed(reading.subjects) if s.end <= hit.start), None)
        if speaker is None and reading.is_a("passive", hit.start - 1):
            continue  # "it is recommended that": by the paper itself
        if speaker is None or speaker.whose not in ("self", "joint") or any(n.type == "parliament" for n in speaker.named):
            return hit.text
    return ""


def _is_patient(reading: Reading, subject: Subject, first: int) -> bool:
    """Return whether the subject receives the instrument ("Jordanian officers are trained", "attend our courses")."""
    if subject.whose == "self" or subject.end > first:
        return False
    i = first - 1
    while i > subject.end and reading.is_a("adverb", i):
        i -= 1
    if reading.is_a("passive", i) and reading.is_a("past", first):
        return True
    return any(subject.end <= hit.start < first and first - hit.end <= NEAR_MODIFIER for hit in reading.cues.get("patient", ()))
