"""Attribution: whose instrument, done or only planned, by whom, with whom, decided by the cues of a language file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ddextract.codebook import LanguageFile
from ddextract.matching.actors import ADJECTIVE, ActorMatcher
from ddextract.matching.clauses import LINKABLE, Passage, Reading, Setting, Subject, Whose, read
from ddextract.matching.cues import CueFinder, Words
from ddextract.matching.figures import figures_of, times_of
from ddextract.matching.holders import Held, held_by_its_words, held_by_what_follows
from ddextract.matching.ladder import Rung, rung
from ddextract.matching.partners import AMONG, WIDE, Partners, partners_of
from ddextract.matching.tables import Tables
from ddextract.matching.wording import Lexicon
from ddextract.mention import ActorRef, Attribution, Holder

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span
    from spacy.vocab import Vocab

KEPT_TEXTS = 512
"""Lead-ins and headings whose tokens are kept."""
LOOK_BACK = 60
"""Tokens of the text before a sentence in which a pronoun's noun is looked for."""
NEAR_COMMON = 6
"""Tokens between "cooperation", "talks" … and what they are about ("cooperation, including [shared warnings]")."""
NEAR_WITH = 3
"""Tokens between an instrument, "with" and the issuer."""
_NOT_OURS = frozenset({"theirs", "alien", "generic", "other", "indefinite"})


class Attributor:
    """Decides holder, status, agent and partner.

    Args:
        language: The language file with its cues.
        lexicon: The words of the language.
        vocab: The vocabulary of the pipeline.
        actors: What marks the actors.
        tables: Wordings as far as they were compiled before.
    """

    def __init__(self, language: LanguageFile, lexicon: Lexicon, vocab: Vocab, actors: ActorMatcher, tables: Tables) -> None:
        self.language = language
        self.actors = actors
        self._finder = CueFinder(language, lexicon, vocab, tables)
        self._vocab = vocab
        self._last: tuple[Doc, int, int, Setting, Reading] | None = None
        self._docs: dict[str, Doc] = {}

    def attribute(self, doc: Doc, start: int, end: int, first: int, last: int, *, setting: Setting, passage: Passage, two_sided: bool = False) -> Attribution:
        """Attribute the mention at tokens ``first`` to ``last`` of the sentence ``start`` to ``end``.

        Args:
            doc: The text with its actors marked.
            start: First token of the sentence.
            end: Token behind it.
            first: First token of the mention.
            last: Token behind it.
            setting: Issuing state, year and issuers.
            passage: The passage with its headings, lead-in and previous sentence.
            two_sided: Whether the instrument is by its nature one of two sides, unless the text tells otherwise.
        """
        reading = self._read(doc, start, end, setting)
        held = self._held(reading, first, last, setting, passage)
        step = rung(reading, first, last, held.subject)
        if held.recommended and step.ladder not in ("refused", "ended"):
            step = Rung("aimed", (f"{held.why}: aimed",), True)
        if not step.decided and passage.lead_in and not any(s.end <= first for s in reading.subjects):
            step = self._rung_of_lead_in(passage.lead_in, setting) or step
        partners = partners_of(reading, first, last, held, setting.state)
        holder, why = self._holder(reading, first, last, held, partners, setting, two_sided)
        named = tuple(n.ref for n in partners.named)
        figures, times = figures_of(reading, first, last, self.language), times_of(reading, first, last, self.language)
        return Attribution(holder, step.ladder, self._agent(held, setting, doc), named, (*step.cues, f"{why}: {holder}"), figures, times)

    def country_of(self, doc: Doc, ent: Span, setting: Setting) -> str | None:
        """Return the country of a generic actor ("our armed forces", "the Ministry"), where the text tells it; a region or an organisation has none."""
        if ent.label_ in LINKABLE:
            return None
        start, end = max(0, ent.start - 4), min(len(doc), ent.end + 5)
        cues: dict[int, set[str]] = {}
        for hit in self._finder.find(doc, start, end):
            for i in range(hit.start, hit.end):
                cues.setdefault(i, set()).add(hit.category)
        nothing: set[str] = set()
        right_before = cues.get(ent.start - 1, nothing)
        before = right_before | cues.get(ent.start - 2, nothing)
        if any("ours" in cues.get(i, nothing) for i in range(ent.start, ent.end)):
            return setting.state
        beside = _state_beside(doc, ent, cues)
        if beside:
            return beside
        if "ours" in before:
            return setting.state
        bare_plural = ent.text[:1].islower() and ent.text.endswith("s") and "determiner" not in right_before
        if before & _NOT_OURS or "of" in cues.get(ent.end, nothing) or "possessive" in right_before or bare_plural:
            return None
        return setting.state

    def sides(self, doc: Doc, start: int, end: int, setting: Setting) -> int:
        """Return how many subjects of a sentence are the two sides of a meeting ("both leaders", "the two Presidents")."""
        return sum(s.why == "sides" for s in self._read(doc, start, end, setting).subjects)

    # reading

    def _read(self, doc: Doc, start: int, end: int, setting: Setting) -> Reading:
        last = self._last
        if last and last[0] is doc and last[1:4] == (start, end, setting):
            return last[4]
        words = Words.of(doc, start, end)
        hits = self._finder.find(doc, start, end)
        behind = self.language.adjectives_follow
        capitals = self.actors.gazetteer.capitals
        country = lambda ent: self.country_of(doc, ent, setting)  # noqa: E731
        reading = read(doc, start, end, hits, words, setting, self._refer, country, adjectives_follow=behind, capitals=capitals)
        self._last = (doc, start, end, setting, reading)
        return reading

    def _read_text(self, text: str, setting: Setting) -> Reading:
        """Return the reading of a heading, a lead-in or the sentence before."""
        doc = self._docs.get(text)
        if doc is None:
            doc = self.actors(self._tokens(text))
            if len(self._docs) >= KEPT_TEXTS:
                self._docs.clear()
            self._docs[text] = doc
        kept = self._last
        reading = self._read(doc, 0, len(doc), setting)
        self._last = kept
        return reading

    def _tokens(self, text: str) -> Doc:
        """Return a text as tokens of the pipeline's vocabulary."""
        from spacy.tokens import Doc

        made = self.actors.tokens.make_doc(text)
        return Doc(self._vocab, words=[t.text for t in made], spaces=[bool(t.whitespace_) for t in made])

    def _refer(self, ent: Span) -> ActorRef:
        actor = self.actors.actor_of(ent)
        return ActorRef(ent.text, ent.start_char, ent.end_char, actor.name, ent.label_, ent.kb_id_ or None)

    # holder, from near to far: words beside the mention, its clause, the lead-in, what follows, the headings

    def _held(self, reading: Reading, first: int, last: int, setting: Setting, passage: Passage) -> Held:
        held = held_by_its_words(reading, first, last)
        if held and held.whose == "third" and held.subject:
            whose, why = self._third(reading, held.subject, setting, passage)
            if whose:
                return replace(held, whose=whose, why=f"{held.why} ({why})")
        elif held:
            return held
        pronoun = held.subject if held else None
        if passage.lead_in:
            led = [s for s in self._read_text(passage.lead_in, setting).subjects if s.whose != "third"]
            if led:
                return Held(led[-1].whose, f"lead-in subject {led[-1].text}")
        held = held_by_what_follows(reading, first, last)
        if held:
            return held
        if not reading.cues.get("self") and not reading.cues.get("ours"):
            for heading in reversed(passage.section[-2:]):
                if self._is_foreign(heading, setting):
                    return Held("other", f"section {heading}")
        if len(setting.issuers) > 1:
            return Held("joint", "no other subject", pronoun, told=False)
        if self._points_back(reading):
            before = self._subject_before(reading, setting, passage)
            if before and before.whose in ("joint", "other"):
                return Held(before.whose, f"sentence before: {before.text}", pronoun, told=False)
        return Held("self", "no other subject", pronoun, told=False)

    def _third(self, reading: Reading, pronoun: Subject, setting: Setting, passage: Passage) -> tuple[Whose | None, str]:
        """Return whom a pronoun of the third person stands for, and the words that tell it; None if nothing does."""
        here = [s for s in reading.subjects if s.end <= pronoun.start and s.whose != "third"]
        if here:
            return here[-1].whose, here[-1].text
        if len(setting.issuers) > 1:
            return "joint", "the signatories"
        states = [n for n in reading.named if n.end <= pronoun.start and n.type == "state"]
        if states:
            return states[-1].whose, states[-1].ref.text
        before = self._subject_before(reading, setting, passage)
        return (before.whose, f"sentence before: {before.text}") if before else (None, "")

    @staticmethod
    def _points_back(reading: Reading) -> bool:
        """Return whether a sentence begins with words that point to the one before ("These programmes …")."""
        return any(hit.start <= reading.start + 1 and reading.opens(hit.start - 1) for hit in reading.cues.get("pointing", ()))

    def _subject_before(self, reading: Reading, setting: Setting, passage: Passage) -> Subject | None:
        """Return the last subject of the text before a sentence: of the passage, or of the sentence before it."""
        text = reading.doc[max(0, reading.start - LOOK_BACK) : reading.start].text.strip() or passage.previous
        earlier = [s for s in self._read_text(text, setting).subjects if s.whose != "third"] if text else []
        return earlier[-1] if earlier else None

    def _is_foreign(self, heading: str, setting: Setting) -> bool:
        """Return whether a heading announces what others do ("Threats", "Russia's posture")."""
        reading = self._read_text(heading, setting)
        if reading.cues.get("ours") or reading.cues.get("self"):
            return False
        return bool(reading.cues.get("threat")) or any(n.whose == "other" and n.type == "state" and n.possessive for n in reading.named)

    def _rung_of_lead_in(self, lead_in: str, setting: Setting) -> Rung | None:
        reading = self._read_text(lead_in, setting)
        n = len(reading.doc)
        while n and not reading.words.texts[n - 1].isalnum():
            n -= 1
        step = rung(reading, n, n, reading.subjects[-1] if reading.subjects else None)
        return Rung(step.ladder, tuple(f"lead-in {c}" for c in step.cues), True) if step.decided else None

    def _holder(self, reading: Reading, first: int, last: int, held: Held, partners: Partners, setting: Setting, two_sided: bool) -> tuple[Holder, str]:
        """Return the holder and what decided: whoever holds it, made joint by the partners or by words that say so."""
        if held.whose == "self" and (club := self._club(reading, setting)):
            return "joint", club
        return _holder(reading, first, last, held, partners, two_sided)

    def _club(self, reading: Reading, setting: Setting) -> str:
        """Return the words by which the issuer acts as a member of an organisation to which it belongs at the date of the document."""
        for hit in reading.cues.get("member", ()):
            for actor in reading.named:
                near = actor.type == "international_organisation" and hit.start <= actor.start <= hit.end + 2
                if near and self.actors.gazetteer.may_be_member(setting.state, actor.ref.name, setting.year):
                    return reading.text(hit.start, max(hit.end, actor.end))
        return ""

    def _agent(self, held: Held, setting: Setting, doc: Doc) -> ActorRef | None:
        if held.agent:
            return held.agent.ref
        subject = held.subject
        if subject is None or held.receives or held.recommended or held.why.startswith("owner"):
            return None
        if subject.named:
            return subject.named[0].ref
        if subject.whose == "self" and setting.state:
            span = doc[subject.start : subject.end]
            name = self.actors.gazetteer.state_names.get(setting.state, setting.state)
            return ActorRef(span.text, span.start_char, span.end_char, name, "state", setting.state)
        return None


def _state_beside(doc: Doc, ent: Span, cues: dict[int, set[str]]) -> str | None:
    """Return the state whose name or adjective stands beside a generic actor ("the French Navy", "the navy of France")."""
    nothing: set[str] = set()
    for other in doc.ents:
        if other.label_ != "state" or not other.kb_id_:
            continue
        before, behind = ent.start - other.end, other.start - ent.end
        if before == 0 or (before == 1 and "possessive" in cues.get(other.end, nothing)) or (behind == 0 and other.id_ == ADJECTIVE):
            return other.kb_id_
        if 1 <= behind <= 3 and all(cues.get(i, nothing) & {"of", "determiner"} for i in range(ent.end, other.start)):
            return other.kb_id_
    return None


def _holder(reading: Reading, first: int, last: int, held: Held, partners: Partners, two_sided: bool) -> tuple[Holder, str]:
    """Return the holder by the partners and by words that say it is joint."""
    if held.whose == "other" and _among_ours(reading, first):
        return "joint", "among us"
    if held.whose == "other" and two_sided and (us := _with_us(reading, first, last)):
        return "joint", us
    if held.whose in ("joint", "other"):
        return ("joint" if held.whose == "joint" else "other"), held.why
    if partners.joint:
        others = partners.among and held.subject is not None and held.subject.whose == "third"
        return ("other" if others else "joint"), partners.joint
    for hit in reading.cues.get("joint", ()):
        behind = hit.start < last + 2 if reading.adjectives_follow else hit.start < last
        if first - 4 <= hit.start and behind and not reading.broken(min(hit.start, first), max(hit.start, first)):
            return "joint", hit.text
    for hit in reading.cues.get("mutual", ()):
        enough = partners.stated or hit.cue.scope >= WIDE or (hit.cue.scope > 1 and not held.told)
        inner = [
            i
            for i in range(first, hit.start)
            if reading.is_a("preposition", i) and (held.told or hit.cue.scope >= WIDE or not reading.adjectives_follow or not reading.is_a("of", i))
        ]
        if first - (NEAR_COMMON if hit.cue.scope >= WIDE else 1) <= hit.start < last and enough and not inner and not reading.broken(hit.start, first):
            return "joint", hit.text
    if two_sided and not held.told and reading.has(("preterite",), first, first + 1) and reading.has(("preposition",), first + 1, first + 2):
        return "self", held.why  # "travelled to Moscow": one side acts
    if two_sided and (not held.told or held.why.startswith("owner")):
        return "joint", "an instrument of two sides"
    return "self", held.why


def _with_us(reading: Reading, first: int, last: int) -> str:
    """Return the words by which others do something with the issuer ("Japan consults with the United States")."""
    visited = next(
        (n for n in reading.named if n.whose == "self" and n.type == "state" and not n.adjective and not n.possessive and first < n.start < last), None
    )
    if visited and not reading.has(("preposition",), visited.start - 1, visited.start):
        return f"{visited.ref.text} its other side"  # "the Indian minister visited Australia"
    for hit in reading.cues.get("with", ()):
        near = first <= hit.start <= last + NEAR_WITH and not reading.broken(first, hit.start)
        if near and any(n.whose == "self" and hit.end <= n.start <= hit.end + NEAR_WITH for n in reading.named):
            return f"{hit.text} us"
        if near and any(hit.end <= s.start <= hit.end + 1 for c in ("us", "ours") for s in reading.cues.get(c, ())):
            return f"{hit.text} us"
    return ""


def _among_ours(reading: Reading, first: int) -> bool:
    """Return whether the instrument lies between the issuer and others ("sharing between Cameroon, Nigeria and Chad")."""
    for hit in reading.cues.get("with", ()):
        if hit.cue.scope != AMONG or hit.start < first:
            continue
        for group in reading.groups:
            if len(group) > 1 and hit.end <= group[0].start <= hit.end + 1 and any(n.whose == "self" for n in group):
                return True
    return False
