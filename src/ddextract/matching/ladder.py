"""The ladder of status: from the cues that reach a mention to mentioned, considered, aimed, will, does, has done, ended or refused."""

from __future__ import annotations

from dataclasses import dataclass

from ddextract.matching.clauses import BREAKS, BULLETS, Reading, Subject
from ddextract.matching.cues import CueHit
from ddextract.matching.tense import tense_of
from ddextract.mention import Ladder

NEAR_SUBJECT = 2
"""Tokens between a cue and the subject behind it ("nor do we", "it is vital that we")."""
LABEL = 5
"""Tokens at the beginning of an item within which its number or letter stands."""
NEAR_PARTICIPLE = 4
"""Tokens behind an auxiliary within which its participle stands."""
_RUNGS: dict[str, Ladder] = {"will": "will", "aimed": "aimed", "considered": "considered", "does": "does", "has_done": "has_done", "recommendation": "aimed"}
_CARRIED = frozenset({"will", "aimed"})
"""What a list carries on behind its semicolons."""
_DENIALS: dict[str, Ladder] = {"negation": "refused", "refused": "refused", "ended": "ended"}


@dataclass(frozen=True, slots=True)
class Rung:
    """A step on the ladder and what decided it."""

    ladder: Ladder
    cues: tuple[str, ...] = ()
    decided: bool = False


def rung(reading: Reading, first: int, last: int, subject: Subject | None) -> Rung:
    """Return the rung of the mention at tokens ``first`` to ``last``.

    Args:
        reading: The sentence.
        first: First token of the mention.
        last: Token behind it.
        subject: The subject of its clause, beyond which cues do not reach it.
    """
    floor = subject.start if subject and subject.end <= first + 1 else reading.start
    denials = _denials(reading, first, last, floor)
    if len(denials) == 1 or (len(denials) > 1 and not _double(reading, denials)):
        denial = next((d for d in denials if d.category == "ended"), denials[-1])
        return Rung(_DENIALS[denial.category], (_said(denial, first, last, "negated"),), True)
    for hit in reading.cues.get("conditional", ()):
        same_clause = not any(reading.norm(i) in BREAKS or reading.norm(i) == "," for i in range(hit.end, first))
        if hit.end <= first and first - hit.end <= hit.cue.scope and same_clause:
            return Rung("considered", (_said(hit, first, last, "condition"),), True)
    for found, since in ((_nearest_before(reading, first, last, floor), floor), (_nearest_behind(reading, first, last), reading.start)):
        if found is None:
            continue
        ladder, hit = found
        said = (_said(hit, first, last, ladder),)
        if ladder == "will" and hit.start >= last and _is_there(reading, hit, first, last):
            return Rung("does", (*said, "what it effects: does"), True)
        if ladder == "does" and hit.end <= first and (date := _dated_event(reading, hit)):
            return Rung("has_done", (*said, f"{date}: has_done"), True)
        if ladder == "has_done" and (lasting := _lasting(reading, since)):
            return Rung("does", (*said, _said(lasting, first, last, "lasting")), True)
        if ladder in ("will", "aimed") and (condition := _conditional(reading, last)):
            return Rung("considered", (*said, _said(condition, first, last, "condition")), True)
        return Rung(ladder, said, True)
    told = tense_of(reading, first, last, floor)
    if told:
        tense, words = told
        lasting = _lasting(reading, reading.start) if tense == "has_done" else None
        return Rung("does" if lasting else tense, (f"{words}: {tense}",), True)
    if reading.adjectives_follow and subject is None and _is_task(reading, first) and _is_function(reading):
        return Rung("does", ("function of an office: does",), False)
    if subject is None and _is_task(reading, first):
        return Rung("aimed", ("item of a list of tasks: aimed",), False)
    has_verb = (subject is not None and subject.why != "named") or bool(reading.cues.get("finite"))
    if not has_verb and _is_item(reading):
        return Rung("aimed", ("item of a list: aimed",), False)
    says_something = has_verb or any(reading.norm(i) == "." for i in range(last, reading.end))
    return Rung("does" if says_something else "mentioned")


def _dated_event(reading: Reading, hit: CueHit) -> str:
    """Return the date on which the event of a verb like "signed" took place, if the sentence gives it and the year is not to come."""
    if reading.year is None or not reading.has(("punctual",), hit.start, hit.end) or reading.has(("perfect",), hit.start - 2, hit.start):
        return ""
    if reading.has(("once",), hit.start, hit.end) and any(s.end == hit.start for s in reading.subjects):
        return hit.text
    for i in range(reading.start + 1, reading.end):
        text = reading.words.texts[i - reading.start]
        if len(text) == 4 and text.isdigit() and 1900 < int(text) <= reading.year and not reading.broken(min(i, hit.start), max(i, hit.start)):
            before = reading.words.texts[i - 1 - reading.start]
            dated = reading.has(("dated",), i - 1, i) or before == "," or before[:1].isupper() or before in ("de", "del")
            if dated and reading.words.texts[i - reading.start - 2 : i - reading.start] and not reading.has(("paper",), i + 1, i + 3):
                return reading.text(i - 1, i + 1)
    return ""


def _is_there(reading: Reading, hit: CueHit, first: int, last: int) -> bool:
    """Return whether a future behind a definite noun tells only its effect: "the treaty will help" speaks of a treaty in force."""
    definite = any(reading.is_a("determiner", i) and not reading.is_a("indefinite", i) for i in (first - 1, first))
    named = reading.words.texts[last - 1 - reading.start][:1].isupper() and last - first > 1
    verb = hit.start
    while verb < hit.end + 1 and not reading.is_a("effect", verb):
        verb += 1
        while reading.is_a("adverb", verb):
            verb += 1
    return (definite or named) and reading.is_a("effect", verb)


def _in_name(reading: Reading, hit: CueHit) -> bool:
    """Return whether a cue is part of a proper name ("Industrial Planning Committee", "Organized Crime")."""
    texts, k = reading.words.texts, hit.start - reading.start
    if hit.end - hit.start == 1 and k > 0 and texts[k][:1].isupper() and texts[k - 1].isdigit():
        return True  # "30 May"
    if hit.end - hit.start > 1 or k == 0 or not texts[k][:1].isupper() or texts[k].isupper() or reading.opens(hit.start - 1):
        return False
    return texts[k - 1][:1].isupper() or (k + 1 < len(texts) and texts[k + 1][:1].isupper())


def _said(hit: CueHit, first: int, last: int, what: str) -> str:
    distance = hit.end - first if hit.start < first else hit.start - last + 1
    return f"{hit.text}@{distance:+d}: {what}"


def _cut(reading: Reading, hit: CueHit, a: int, b: int, *, behind: bool = False) -> bool:
    """Return whether something between a cue and the mention ends its reach.

    Args:
        reading: The sentence.
        hit: The cue.
        a: First token between them.
        b: Token behind the last between them.
        behind: Whether the cue stands behind the mention.
    """
    carried = not behind and hit.category in _CARRIED
    for i in range(a, b):
        word = reading.norm(i)
        if carried and word == ";" and not reading.has(("finite", "perfect", "preterite"), i + 1, b):
            continue  # "we will do this; [and] do that": the auxiliary holds for the whole list
        if word in BREAKS or (reading.is_a("terminator", i) and not (carried and reading.is_a("negation", hit.end))):
            return True
        if word in hit.stops and not reading.is_a("inclusion", i - 1):
            return True
        starts_clause = reading.is_a("relative", i) or (reading.is_a("boundary", i) and i > a)
        if behind and starts_clause and not reading.is_a("preposition", i - 1):
            return True
    return any(s.start >= a and s.end <= b and s.why != "third" and s.start > hit.start for s in reading.subjects)


def _reaches(reading: Reading, hit: CueHit, first: int, last: int, floor: int) -> bool:
    if _in_name(reading, hit):
        return False
    if hit.start >= first and hit.end <= last:
        return True
    if hit.end <= first:
        near = hit.start >= floor or (hit.end >= floor - NEAR_SUBJECT and not reading.has_mark(hit.end, floor))
        return hit.cue.direction != "backward" and near and first - hit.end <= hit.cue.scope and not _cut(reading, hit, max(hit.end, floor + 1), first)
    if hit.start >= last:
        return hit.cue.direction != "forward" and hit.start - last <= hit.cue.scope and not _cut(reading, hit, last, hit.start, behind=True)
    return hit.start < first < hit.end or hit.start < last < hit.end


def _denials(reading: Reading, first: int, last: int, floor: int) -> list[CueHit]:
    found = []
    affirmed = _affirmed(reading)
    for category in _DENIALS:
        for hit in reading.cues.get(category, ()):
            if any(hit.start < end and start < hit.end for start, end in affirmed):
                continue
            if _reaches(reading, hit, first, last, floor) and not _spared(reading, hit, first, last, floor):
                found.append(hit)
    longest: list[CueHit] = []
    for hit in sorted(found, key=lambda h: (h.start - h.end, h.start)):
        if not any(hit.start < other.end and other.start < hit.end for other in longest):
            longest.append(hit)
    return sorted(longest, key=lambda h: h.start)


def _spared(reading: Reading, hit: CueHit, first: int, last: int, floor: int) -> bool:
    """Return whether a denial does not touch a mention that it reaches."""
    if any(_without(reading, h, first) for h in reading.cues.get("negation", ())) and (hit.start >= last or _without(reading, hit, first)):
        return any(h.start >= last for c in _DENIALS for h in reading.cues.get(c, ()))
    if hit.start == first and hit.category == "ended":
        return False  # "to cease the transfer"
    if hit.start == first and hit.category == "refused" and any(s.end == first for s in reading.subjects):
        return False  # "Algeria [rejects any pact]"
    if first < hit.start and hit.end <= last and reading.has(("preposition",), hit.start, hit.end):
        return True  # "to sell arms without asking questions"
    if hit.start >= first:
        # "prohibiting biological weapons" is the instrument, not its denial
        return hit.category != "negation" and hit.cue.direction != "backward"
    between = range(hit.end, first)
    comma = any(reading.norm(i) == "," for i in between)
    if comma and reading.norm(hit.start - 1) == ",":
        return True
    if comma and any(floor <= r.start < hit.start for r in reading.cues.get("relative", ())):
        return True
    opens = reading.opens(hit.start - 1) or hit.start == reading.start
    if comma and hit.category == "negation" and opens and reading.has(("preposition", "infinitive"), hit.end - 1, hit.end + 1):
        return not any(h.start >= last for c in _DENIALS for h in reading.cues.get(c, ()))  # "Far from ceasing, the exercises grow"
    if comma and any(r.start < hit.start and reading.opens(r.start - 1) for c in ("conditional", "boundary") for r in reading.cues.get(c, ())):
        return True  # "If the ice does not return, ship visits could …"
    return hit.category == "ended" and any(reading.is_a("conjunction", i) and first - i > NEAR_SUBJECT for i in between)


def _affirmed(reading: Reading) -> list[tuple[int, int]]:
    """Return the places where a denial denies a verb of holding back ("will not hesitate to", "has not interrupted"), and so affirms."""
    spans = []
    for category in ("negation", "refused"):
        for hit in reading.cues.get(category, ()):
            if not reading.has(("negation", "refused"), hit.start, hit.end):
                continue
            for verb in reading.cues.get("reversing", ()):
                if hit.start <= verb.start < hit.end + NEAR_PARTICIPLE and not reading.has_mark(hit.end, verb.start):
                    spans.append((hit.start, max(hit.end, verb.end)))
    return spans


def _without(reading: Reading, hit: CueHit, first: int) -> bool:
    """Return whether a denial only opens the sentence ("Without such aid, …")."""
    opens = hit.category == "negation" and hit.start == reading.start and hit.end == hit.start + 1
    return opens and reading.is_a("preposition", hit.start) and hit.end <= first


def _double(reading: Reading, denials: list[CueHit]) -> bool:
    """Return whether two denials cancel each other ("not without", "never ceased", "will not end")."""
    nearest, before = denials[-1], denials[-2]
    if any(reading.is_a("conjunction", i) for i in range(before.end, nearest.start)):
        return False  # "did not renew and finally terminated"
    return nearest.cue is not before.cue and 0 <= nearest.start - before.end <= 4 and "negation" in (before.category, nearest.category)


def _nearest_before(reading: Reading, first: int, last: int, floor: int) -> tuple[Ladder, CueHit] | None:
    """Return the rung told by the verb that governs the mention: of all that reach it from before the nearest."""
    best: CueHit | None = None
    for category in _RUNGS:
        for hit in reading.cues.get(category, ()):
            rank = _nearness(hit, first)
            if hit.start < last and (best is None or rank > _nearness(best, first)) and _reaches(reading, hit, first, last, floor):
                best = hit
    past = _past_before(reading, first, last, floor)
    if past and (best is None or past.start > best.end):
        return "has_done", past
    return (_RUNGS[best.category], best) if best else None


def _nearness(hit: CueHit, first: int) -> tuple[bool, int, bool]:
    """Return what ranks cues before a mention: what describes it from inside ("[… under the agreement]") gives way to what governs it."""
    return (hit.start <= first, hit.end, hit.category == "does")


def _past_before(reading: Reading, first: int, last: int, floor: int) -> CueHit | None:
    """Return the finite verb in the past that governs the mention: behind its subject or behind an auxiliary."""
    subjects = {s.end for s in reading.subjects}
    no_verb = not subjects and not reading.cues.get("finite")
    found: CueHit | None = None
    for hit in reading.cues.get("past", ()):
        if hit.start < floor or hit.start >= last or reading.words.actors[hit.start - reading.start] or reading.norm(hit.start - 1) == "-":
            continue
        if hit.end <= first and (first - hit.end > hit.cue.scope or _cut(reading, hit, hit.end, first)):
            continue
        i = hit.start - 1
        while i >= reading.start and reading.is_a("adverb", i):
            i -= 1
        alone = no_verb and i >= reading.start and not reading.is_a("by", hit.end) and not reading.has(("preposition", "determiner"), i, i + 1)
        coordinated = found is not None and reading.is_a("conjunction", i)
        auxiliary = reading.is_a("perfect", i) or (reading.is_a("passive", i) and reading.is_a("perfect", i - 1))
        if i + 1 in subjects or alone or coordinated or auxiliary:
            found = hit
    return found


def _nearest_behind(reading: Reading, first: int, last: int) -> tuple[Ladder, CueHit] | None:
    """Return the rung told by the verb of which the mention is the subject."""
    best: CueHit | None = None
    for category in _RUNGS:
        for hit in reading.cues.get(category, ()):
            nearer = best is None or hit.start < best.start or (hit.start == best.start and category == "does")
            if hit.start >= last and nearer and _reaches(reading, hit, first, last, reading.start):
                best = hit
    for hit in reading.cues.get("perfect", ()):
        if hit.start < last or hit.start - last > hit.cue.scope or (best and best.start <= hit.start) or _cut(reading, hit, last, hit.start, behind=True):
            continue
        for verb in reading.cues.get("past", ()):
            near = hit.end <= verb.start <= hit.end + NEAR_PARTICIPLE
            if near and all(reading.has(("passive", "adverb", "perfect"), i, i + 1) for i in range(hit.end, verb.start)):
                return "has_done", verb
    return (_RUNGS[best.category], best) if best else None


def _lasting(reading: Reading, since: int) -> CueHit | None:
    return next((h for h in reading.cues.get("lasting", ()) if h.start >= since or h.cue.direction == "both"), None)


def _conditional(reading: Reading, last: int) -> CueHit | None:
    """Return the condition on which the whole sentence stands, if any."""
    inverted = (h for h in reading.cues.get("inversion", ()) if reading.opens(h.start - 1))
    stated = (h for h in reading.cues.get("conditional", ()) if h.start < last + h.cue.scope)
    return next(inverted, None) or next(stated, None)


def _is_item(reading: Reading) -> bool:
    """Return whether the sentence is an item of a list that goes on behind it: it begins with a bullet and ends with a semicolon."""
    end = reading.end - 1
    while end > reading.start and reading.words.norms[end - reading.start].isspace():
        end -= 1
    return reading.norm(end) == ";"


def _is_task(reading: Reading, first: int) -> bool:
    """Return whether the mention stands in an item of a list that begins with its verb ("– Strengthening …")."""
    i = reading.start
    label = next((k for k in range(i, min(i + LABEL, first)) if reading.norm(k) in (":", ")", ".")), -1)
    if label >= 0 and not reading.has(("finite",), i, label):
        i = label + 1  # "Action 14: …", "(b) …"
    while i < first and (reading.norm(i) in BULLETS or reading.words.norms[i - reading.start].isspace() or not reading.norm(i).strip("_*(")):
        i += 1
    listed = i > reading.start
    if not listed and reading.is_a("infinitive", i):
        verb = next((k for k in range(i + 1, reading.end) if reading.has(("finite",), k, k + 1) and not reading.is_a("infinitive", k)), -1)
        if verb > 0 and not reading.has(("boundary", "relative"), i + 1, verb):
            return False  # "Aider les forces du Niger constitue …": the infinitive is a subject
    return (reading.is_a("infinitive", i) and (listed or reading.adjectives_follow)) or (listed and reading.is_a("imperative", i))


def _is_function(reading: Reading) -> bool:
    """Return whether the sentence is a lettered item of a statute ("c) Impulsar …"): it says what an office does."""
    texts = reading.words.texts
    begin = next((k for k, text in enumerate(texts) if text.isalnum()), 0)
    letter = "".join(texts[begin : begin + 2])
    return len(letter) == 2 and letter[0].isalpha() and letter[0].islower() and letter[1] == ")" and reading.norm(reading.end - 1) != ";"
