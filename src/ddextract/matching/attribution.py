"""Attribution: whose instrument, done or only planned, by whom, with whom, decided by the cues of a language file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ddextract.codebook import LanguageFile
from ddextract.matching.actors import ADJECTIVE, ActorMatcher
from ddextract.matching.clauses import LINKABLE, Named, Reading, Subject, Whose, governing, read
from ddextract.matching.cues import CueFinder, Words
from ddextract.matching.ladder import Rung, rung
from ddextract.matching.language import blank_pipeline
from ddextract.matching.wording import Lexicon
from ddextract.mention import ActorRef, Attribution, Holder

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span
    from spacy.vocab import Vocab

NEAR_MODIFIER = 3
"""Tokens between an owner and the mention it owns ("Russia's growing arms sales")."""
NEAR_OBJECT = 8
"""Tokens between a preposition and the partner it brings ("with the armed forces of Jordan")."""
NEAR_PARTNER = 12
"""Tokens between the mention and the preposition that brings a partner."""
WIDE = 40
"""A cue with a wider scope holds for all that follows in its clause ("working with Mongolia to …")."""
KEPT_TEXTS = 512
"""Lead-ins and headings whose reading is kept."""


@dataclass(frozen=True, slots=True)
class _Whose:
    whose: Whose
    why: str
    subject: Subject | None = None
    agent: Named | None = None
    receives: bool = False


class Attributor:
    """Decides holder, status, agent and partner.

    Args:
        language: The language file with its cues.
        lexicon: The words of the language.
        vocab: The vocabulary of the pipeline.
        actors: What marks the actors.
    """

    def __init__(self, language: LanguageFile, lexicon: Lexicon, vocab: Vocab, actors: ActorMatcher) -> None:
        self.language = language
        self.actors = actors
        self._finder = CueFinder(language, lexicon)
        self._last: tuple[Doc, int, int, Any, Reading] | None = None
        self._docs: dict[str, Doc] = {}
        self._vocab = vocab
        self._tokenizer: Callable[[str], Doc] | None = None

    def attribute(self, doc: Doc, start: int, end: int, first: int, last: int, *, setting: Any, passage: Any) -> Attribution:
        """Attribute the mention at tokens ``first`` to ``last`` of the sentence ``start`` to ``end``.

        Args:
            doc: The text with its actors marked.
            start: First token of the sentence.
            end: Token behind it.
            first: First token of the mention.
            last: Token behind it.
            setting: Issuing state, year and issuers (``pipeline.Setting``).
            passage: The passage with headings, lead-in and previous sentence (``pipeline.Passage``).
        """
        reading = self._read(doc, start, end, setting)
        decided = self._whose(reading, first, last, setting, passage)
        step = rung(reading, first, last, decided.subject)
        if decided.why.startswith("recommended") and step.ladder not in ("refused", "ended"):
            step = Rung("aimed", (f"{decided.why}: aimed",), True)
        if not step.decided and passage.lead_in and not _has_own_clause(reading, first):
            step = self._lead_in_rung(passage.lead_in, setting) or step
        partner, joint, stated = self._partners(reading, first, last, decided, setting)
        holder, why = self._holder(reading, first, last, decided, joint, stated, setting)
        agent = decided.agent.ref if decided.agent else self._agent(decided, setting, doc)
        return Attribution(holder, step.ladder, agent, tuple(n.ref for n in partner), (*step.cues, why))

    def country_of(self, doc: Doc, ent: Span, setting: Any) -> str | None:
        """Return the country of a generic actor ("our armed forces", "the Ministry"), where the text tells it."""
        start, end = max(0, ent.start - 4), min(len(doc), ent.end + 5)
        words = Words.of(doc, start, end)
        cues: dict[int, set[str]] = {}
        for hit in self._finder.find(words, start):
            for i in range(hit.start, hit.end):
                cues.setdefault(i, set()).add(hit.category)
        own = {c for i in range(ent.start, ent.end) for c in cues.get(i, ())}
        if "ours" in own:
            return str(setting.state) if setting.state else None
        near = self._neighbour(doc, ent, cues)
        if near:
            return near
        before = {c for i in range(max(0, ent.start - 2), ent.start) for c in cues.get(i, ())}
        if "ours" in before:
            return str(setting.state) if setting.state else None
        after = cues.get(ent.end, set())
        if before & {"theirs", "alien", "generic", "other", "indefinite"} or "of" in after or "possessive" in cues.get(ent.start - 1, set()):
            return None
        if ent.text[:1].islower() and ent.text.endswith("s") and "determiner" not in cues.get(ent.start - 1, set()):
            return None
        return str(setting.state) if setting.state else None

    @staticmethod
    def _neighbour(doc: Doc, ent: Span, cues: dict[int, set[str]]) -> str | None:
        """Return the state whose name or adjective stands beside a generic actor."""
        for other in doc.ents:
            if other.label_ != "state" or not other.kb_id_:
                continue
            gap = ent.start - other.end
            if gap == 0 or (gap == 1 and "possessive" in cues.get(other.end, ())):
                return other.kb_id_
            behind = other.start - ent.end
            if behind == 0 and other.id_ == ADJECTIVE:
                return other.kb_id_
            if 1 <= behind <= 3 and all(cues.get(i, set()) & {"of", "determiner"} for i in range(ent.end, other.start)):
                return other.kb_id_
        return None

    # reading

    def _read(self, doc: Doc, start: int, end: int, setting: Any) -> Reading:
        last = self._last
        if last and last[0] is doc and last[1] == start and last[2] == end and last[3] == setting:
            return last[4]
        words = Words.of(doc, start, end)
        hits = self._finder.find(words, start)
        reading = read(doc, start, end, hits, words, setting, self._refer, lambda ent: self.country_of(doc, ent, setting), adjectives_follow=self.language.adjectives_follow)
        self._last = (doc, start, end, setting, reading)
        return reading

    def _read_text(self, text: str, setting: Any) -> Reading:
        doc = self._docs.get(text)
        if doc is None:
            doc = self.actors(self._tokens(text))
            if len(self._docs) >= KEPT_TEXTS:
                self._docs.clear()
            self._docs[text] = doc
        words = Words.of(doc, 0, len(doc))
        return read(doc, 0, len(doc), self._finder.find(words, 0), words, setting, self._refer, lambda ent: self.country_of(doc, ent, setting), adjectives_follow=self.language.adjectives_follow)

    def _tokens(self, text: str) -> Doc:
        """Return a text as tokens of the pipeline's vocabulary."""
        from spacy.tokens import Doc

        if self._tokenizer is None:
            self._tokenizer = blank_pipeline(self.language).tokenizer
        made = self._tokenizer(text)
        return Doc(self._vocab, words=[t.text for t in made], spaces=[bool(t.whitespace_) for t in made])

    def _refer(self, ent: Span) -> ActorRef:
        actor = self.actors.actor_of(ent)
        return ActorRef(ent.text, ent.start_char, ent.end_char, actor.name, ent.label_, ent.kb_id_ or None)

    # holder

    def _whose(self, reading: Reading, first: int, last: int, setting: Any, passage: Any) -> _Whose:
        subject = governing(reading, first, last)
        owner = _owner(reading, first, last)
        if owner and not (owner.whose == "other" and subject and subject.whose in ("self", "joint") and (_is_for(reading, owner.start) or owner.of)):
            receives = subject is not None and owner.whose == "self" and _is_patient(reading, subject, first)
            return _Whose(owner.whose, f"owner {owner.text}", subject, owner.agent, receives)
        agent = _agent_after(reading, first, last, subject)
        if isinstance(agent, str):
            return _Whose("other", f"agent {agent}", subject)
        if agent:
            return _Whose(agent.whose, f"agent {agent.ref.text}", subject, agent)
        adviser = _adviser(reading, first)
        if adviser:
            return _Whose("other", f"recommended: {adviser}", subject)
        if subject and _is_patient(reading, subject, first):
            return _Whose("self", f"{subject.text} receives", subject, receives=True)
        if subject:
            whose = subject.whose if subject.whose != "third" else self._third(reading, subject, setting, passage)
            return _Whose(whose, f"subject {subject.text}", subject)
        if passage.lead_in:
            led = self._read_text(passage.lead_in, setting)
            if led.subjects:
                before = led.subjects[-1]
                if before.whose != "third":
                    return _Whose(before.whose, f"lead-in subject {before.text}")
        after = next((s for s in reading.subjects if s.start >= last), None)
        if after and after.whose != "third" and _leads_to(reading, last, after):
            return _Whose(after.whose, f"subject {after.text}", None, None)
        for actor in reading.named:
            if actor.type == "international_organisation" and (actor.start == first or (actor.end <= first and first - actor.end <= 2)) and reading.opens(actor.start - 1):
                return _Whose("other", f"acts alone: {actor.ref.text}", None, actor)
        if not reading.cues.get("self") and not reading.cues.get("ours"):
            for heading in reversed(passage.section[-2:]):
                if self._is_foreign(heading, setting):
                    return _Whose("other", f"section {heading}")
        return _Whose("joint" if len(setting.issuers) > 1 else "self", "no other subject")

    def _third(self, reading: Reading, subject: Subject, setting: Any, passage: Any) -> Whose:
        """Return whom a pronoun of the third person stands for."""
        before = [s for s in reading.subjects if s.end <= subject.start and s.whose != "third"]
        if before:
            return before[-1].whose
        if len(setting.issuers) > 1:
            return "joint"
        named = [n for n in reading.named if n.end <= subject.start and n.type == "state"]
        if named:
            return named[-1].whose
        text = passage.previous or reading.doc[max(0, reading.start - 60) : reading.start].text
        if text:
            for s in self._read_text(text, setting).subjects[::-1]:
                if s.whose != "third":
                    return s.whose
        return "self"

    def _is_foreign(self, heading: str, setting: Any) -> bool:
        """Return whether a heading announces what others do ("Threats", "Russia's posture")."""
        reading = self._read_text(heading, setting)
        if reading.cues.get("ours") or reading.cues.get("self"):
            return False
        if reading.cues.get("threat"):
            return True
        return any(n.whose == "other" and n.type == "state" and n.possessive for n in reading.named)

    def _lead_in_rung(self, lead_in: str, setting: Any) -> Rung | None:
        reading = self._read_text(lead_in, setting)
        n = len(reading.doc)
        while n and reading.norm(n - 1) in {":", "–", "-", " "}:
            n -= 1
        subject = reading.subjects[-1] if reading.subjects else None
        step = rung(reading, n, n, subject)
        return Rung(step.ladder, tuple(f"lead-in {c}" for c in step.cues), True) if step.decided else None

    def _holder(self, reading: Reading, first: int, last: int, decided: _Whose, joint: str, stated: bool, setting: Any) -> tuple[Holder, str]:
        if decided.whose == "joint":
            return "joint", f"{decided.why}: joint"
        if decided.whose == "other":
            return "other", f"{decided.why}: other"
        if joint and joint.startswith("among") and decided.subject is not None and decided.subject.whose == "third":
            return "other", f"{joint.removeprefix('among ')}: other"
        if joint:
            return "joint", f"{joint.removeprefix('among ')}: joint"
        for hit in reading.cues.get("joint", ()):
            if first - 4 <= hit.start < last and not reading.broken(min(hit.start, first), first):
                return "joint", f"{hit.text}: joint"
        for hit in reading.cues.get("mutual", ()):
            if first - 1 <= hit.start < last and (stated or hit.cue.scope >= WIDE or (hit.cue.scope > 1 and decided.subject is None and decided.why == "no other subject")) and not any(reading.is_a("preposition", i) for i in range(first, hit.start)):
                return "joint", f"{hit.text}: joint"
        if len(setting.issuers) > 1 and decided.subject is None and not decided.why.startswith("owner"):
            return "joint", "joint statement: joint"
        return "self", f"{decided.why}: self"

    def _agent(self, decided: _Whose, setting: Any, doc: Doc) -> ActorRef | None:
        subject = decided.subject
        if subject is None or decided.receives or decided.why.startswith(("owner", "recommended")):
            return None
        if subject.named:
            return subject.named[0].ref
        if subject.whose == "self" and setting.state:
            span = doc[subject.start : subject.end]
            return ActorRef(span.text, span.start_char, span.end_char, self.actors.gazetteer.state_names.get(setting.state, setting.state), "state", setting.state)
        return None

    # partner

    def _partners(self, reading: Reading, first: int, last: int, decided: _Whose, setting: Any) -> tuple[list[Named], str, bool]:
        """Return the partners, what makes the instrument a joint one, and whether a partner is said otherwise than by place."""
        found: list[Named] = []
        joint = ""
        subject = decided.subject
        receiving = decided.receives
        doing = set() if subject is None or receiving else {n for n in subject.named}
        if subject and not receiving and subject.whose == "joint":
            doing = {n for n in subject.named if n.whose == "self"} if any(n.whose == "self" for n in subject.named) else doing
        if decided.agent:
            doing.add(decided.agent)
        for group in reading.groups:
            role = _role(reading, group, first, last, subject)
            if receiving and subject and group[0] in subject.named:
                role = "for"
            if subject and subject.whose == "joint" and group[0] in subject.named and not receiving:
                role = "with"
            if not role:
                continue
            partners = [n for n in group if _may_be_partner(n, setting) and n not in doing]
            if role == "with" and (partners or any(n.whose != "self" for n in group)) and not joint:
                joint = f"with {group[0].ref.text}"
            found.extend(n for n in partners if n not in found)
        if decided.whose == "other":
            found = [n for n in found if not (n.type == "international_organisation" and n.start < last)]
        if not found and decided.whose == "joint":
            found = [n for n in reading.named if n.whose == "joint" and n not in doing][:1]
        if not joint:
            joint = _with_alien(reading, first, last, subject)
        stated = bool(found)
        if not found:
            found = [n for n in _placed(reading, first, last) if _may_be_partner(n, setting) and n not in doing]
        known = {n.iso3 or n.ref.name for n in doing}
        result = []
        for n in sorted(found, key=lambda n: (n.type not in LINKABLE, n.start)):
            link = n.iso3 or n.ref.name
            if link not in known:
                known.add(link)
                result.append(n)
        return sorted(result, key=lambda n: n.start), joint, stated


def _may_be_partner(actor: Named, setting: Any) -> bool:
    if actor.whose == "self" or (actor.iso3 is not None and actor.iso3 == setting.state):
        return False
    return actor.type in LINKABLE or (actor.iso3 is not None and actor.type in ("armed_forces", "defence_ministry", "other_government", "official"))


def _role(reading: Reading, group: tuple[Named, ...], first: int, last: int, subject: Subject | None) -> str:
    """Return how a coordination of actors takes part in a mention: ``with``, ``for``, or empty."""
    start, end = group[0].start, group[-1].end
    if start >= first and end <= last:
        before = start - 1
        while before > first and reading.is_a("determiner", before):
            before -= 1
        if reading.is_a("with", before):
            return "with"
        if group[0].type == "international_organisation" and any(reading.is_a("paper", i) for i in range(end, min(end + 3, last))):
            return ""
        if group[0].type == "region" and not (reading.is_a("for", before) or reading.is_a("of", before)):
            return ""
        return "for"
    if end <= first:
        if first - end <= NEAR_MODIFIER and not any(reading.is_a("preposition", i) or reading.is_a("finite", i) or reading.norm(i) == "," for i in range(end, first)):
            if group[0].type != "region" and (len(group) > 1 or group[0].type == "international_organisation" or group[0].adjective or group[0].possessive):
                if any(n.whose == "self" for n in group):
                    return "with"
                return "for"
        floor = subject.start if subject and subject.end <= first else reading.start
        for category in ("with", "for", "help"):
            for hit in reading.cues.get(category, ()):
                if category == "with" and hit.cue.scope <= WIDE and any(reading.is_a("conjunction", i) and reading.is_a("infinitive", i + 1) for i in range(end, first)):
                    continue
                near = hit.end <= start <= hit.end + NEAR_OBJECT and not _interrupted(reading, hit.end, start)
                if near and first - end <= max(NEAR_PARTNER, hit.cue.scope if hit.cue.scope > WIDE else 0) and (hit.start >= floor or category == "with") and not reading.broken(end, first):
                    if category != "with" and any(reading.is_a("conjunction", i) or reading.norm(i) == "," for i in range(end, first)):
                        continue
                    return "with" if category == "with" else "for"
        return ""
    if start < last:
        return "for" if end > last else ""
    if any(s.start >= last and s.start <= start and s.why != "relative" and s.named != group for s in reading.subjects) or reading.broken(last, start):
        return ""
    if start - last <= 2 and not any(reading.is_a("preposition", i) or reading.norm(i) == "," for i in range(last, start)) and not any(s.start == start for s in reading.subjects):
        return "for" if group[0].type != "region" else ""
    for category in ("with", "for", "of"):
        for hit in reading.cues.get(category, ()):
            reach = NEAR_PARTNER if category != "of" else NEAR_MODIFIER
            if category == "of" and any(reading.is_a("preposition", i) for i in range(last, hit.start)):
                continue
            if category == "for" and any(reading.norm(i) == "," or reading.is_a("conjunction", i) for i in range(last, hit.start)):
                continue
            if hit.start >= last and hit.start - last <= reach and hit.end <= start <= hit.end + NEAR_OBJECT and not _interrupted(reading, hit.end, start):
                return "with" if category == "with" else "for"
    return ""


def _placed(reading: Reading, first: int, last: int) -> tuple[Named, ...]:
    """Return the states and regions in which the instrument takes place ("train troops in Benin"), for want of other partners."""
    best: tuple[int, tuple[Named, ...]] | None = None
    for hit in reading.cues.get("place", ()):
        for group in reading.groups:
            if group[0].type not in LINKABLE or group[0].adjective or not hit.end <= group[0].start <= hit.end + 3 or _interrupted(reading, hit.end, group[0].start):
                continue
            behind = hit.start >= last
            if (behind and any(reading.norm(i) == "," for i in range(last, hit.start))) or (not behind and not (reading.opens(hit.start - 1) and reading.norm(group[-1].end) == ",")):
                continue
            gap = hit.start - last if behind else first - group[-1].end
            if 0 <= gap <= (NEAR_PARTNER if hit.start >= last else NEAR_PARTNER + NEAR_OBJECT) and not reading.broken(min(last, group[-1].end), max(first, hit.start)) and (best is None or gap < best[0]):
                best = (gap, group)
    return best[1] if best else ()


def _interrupted(reading: Reading, a: int, b: int) -> bool:
    """Return whether another preposition (but "of") or a mark stands between a preposition and an actor."""
    return any((reading.is_a("preposition", i) and not reading.is_a("of", i)) or reading.norm(i) in {",", ";", ":", ".", "(", ")"} or reading.is_a("finite", i) for i in range(a, b))


def _with_alien(reading: Reading, first: int, last: int, subject: Subject | None) -> str:
    """Return the words that bring partners without a name ("with our allies"), if any."""
    for hit in reading.cues.get("with", ()):
        inside = first <= hit.start < last
        after = last <= hit.start <= last + 3 and not reading.broken(last, hit.start)
        wide = hit.cue.scope > WIDE
        before = (
            hit.end <= first
            and first - hit.end <= (hit.cue.scope if wide else NEAR_PARTNER + NEAR_OBJECT)
            and not reading.broken(hit.end, first)
            and (wide or not any(reading.is_a("conjunction", i) and reading.is_a("infinitive", i + 1) for i in range(hit.end, first)))
        )
        if not (inside or after or before):
            continue
        for category in ("alien", "generic", "sides"):
            for noun in reading.cues.get(category, ()):
                if hit.end <= noun.start <= hit.end + 3 and not _interrupted(reading, hit.end, noun.start):
                    return f"{'among ' if hit.cue.scope == 1 else ''}{hit.text} {noun.text}"
        for actor in reading.named:
            if hit.end <= actor.start <= hit.end + 3 and actor.whose != "self" and not _interrupted(reading, hit.end, actor.start) and not (before and actor.end > first):
                return f"{hit.text} {actor.ref.text}"
    del subject
    return ""


@dataclass(frozen=True, slots=True)
class _Owner:
    whose: Whose
    text: str
    start: int
    agent: Named | None = None
    of: bool = False


def _owner(reading: Reading, first: int, last: int) -> _Owner | None:
    """Return who owns the mention by a possessive or adjective right beside it or at its start."""
    for hit in reading.cues.get("ours", ()):
        if hit.end <= first + 1 and first - hit.end <= NEAR_MODIFIER and _plain(reading, hit.end, first):
            return _Owner("self", hit.text, hit.start)
    for actor in reading.named:
        if actor.type != "state" or actor.start > first:
            continue
        end = actor.end + (1 if actor.possessive else 0)
        if not (actor.adjective or actor.possessive) or (end > first and actor.start != first) or first - end > NEAR_MODIFIER or not _plain(reading, end, first):
            continue
        group = reading.group_of(actor)
        kinds = {n.whose for n in group}
        if len(kinds) > 1 and kinds & {"self", "joint"}:
            return _Owner("joint", reading.text(group[0].start, group[-1].end), group[0].start)
        if actor.whose == "self" and any(reading.is_a("conjunction", i) and (reading.is_a("alien", i + 1) or reading.is_a("indefinite", i + 1)) for i in range(actor.end, actor.end + 4)):
            return _Owner("joint", reading.text(actor.start, max(first, actor.end + 2)), actor.start)
        return _Owner(actor.whose, actor.ref.text, actor.start, actor if actor.whose != "self" else None)
    behind = _owner_behind(reading, first, last)
    if behind:
        return behind
    for category in ("other", "alien", "generic"):
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
        by_of = reading.is_a("of", i) and i >= first and not actor.adjective and not actor.possessive
        by_adjective = actor.adjective and actor.start > first and reading.adjectives_follow and actor.end >= last and not reading.is_a("head", actor.start - 1)
        if not (by_of or by_adjective) or any(reading.is_a("acted_on", k) or reading.is_a("alien", k) or reading.is_a("head", k) or reading.is_a("infinitive", k) for k in range(first, min(i + 1, last))):
            continue
        if by_of and (group[-1].end < last or (i < last and governing(reading, first, last) is not None)):
            continue
        return _Owner(actor.whose if len(group) == 1 else _joined(group), reading.text(group[0].start, group[-1].end), actor.start, actor if actor.whose != "self" else None, by_of)
    return None


def _joined(group: tuple[Named, ...]) -> Whose:
    kinds = {n.whose for n in group}
    return next(iter(kinds)) if len(kinds) == 1 else "joint" if kinds & {"self", "joint"} else "other"


def _is_for(reading: Reading, i: int) -> bool:
    """Return whether a word of help ("supporting", "to") stands right before a noun: what it owns is then helped, not done by it."""
    i -= 1
    while i > reading.start and reading.is_a("determiner", i):
        i -= 1
    return reading.is_a("for", i) or reading.is_a("with", i) or reading.is_a("help", i)


def _plain(reading: Reading, a: int, b: int) -> bool:
    """Return whether only modifiers stand between two tokens."""
    return not any(
        reading.is_a("preposition", i) or reading.is_a("finite", i) or reading.is_a("alien", i) or reading.is_a("relative", i) or reading.is_a("head", i) or reading.norm(i) in {",", ";", ":", "("} for i in range(a, b)
    )


def _agent_after(reading: Reading, first: int, last: int, subject: Subject | None) -> Named | str | None:
    """Return the agent behind "by", right after the mention or after its passive verb."""
    for hit in reading.cues.get("by", ()):
        if hit.start < last or reading.broken(last, hit.start):
            continue
        gap = hit.start - last
        if gap > 0 and (subject is not None or gap > NEAR_PARTNER) and not (hit.end - hit.start > 1 and gap <= 4):
            continue
        for actor in reading.named:
            if hit.end <= actor.start <= hit.end + 2 and all(reading.is_a("determiner", i) for i in range(hit.end, actor.start)):
                return actor
        for category in ("other", "alien", "generic"):
            for noun in reading.cues.get(category, ()):
                if hit.end <= noun.start <= hit.end + 1:
                    return noun.text
    return None


def _adviser(reading: Reading, first: int) -> str:
    """Return the third party that recommends the instrument, if one does."""
    for hit in reading.cues.get("recommendation", ()):
        if hit.start >= first:
            continue
        speaker = next((s for s in reversed(reading.subjects) if s.end <= hit.start), None)
        if speaker is not None and speaker.whose in ("self", "joint") and not any(n.type == "parliament" for n in speaker.named):
            continue
        if not reading.opens(hit.start - 1):
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


def _has_own_clause(reading: Reading, first: int) -> bool:
    return any(s.end <= first for s in reading.subjects)


def _leads_to(reading: Reading, last: int, subject: Subject) -> bool:
    """Return whether the mention is an adjunct before the main clause of a subject."""
    return not reading.broken(last, subject.start) and not any(reading.is_a("finite", i) for i in range(last, subject.start))
