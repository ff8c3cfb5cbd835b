"""A sentence read for attribution: who is named in it, in which coordinations, and who is the subject of its clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from ddextract.matching.actors import ADJECTIVE
from ddextract.matching.cues import CueHit, Words, by_category
from ddextract.mention import ActorRef

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span

Whose = Literal["self", "joint", "other", "third"]
"""Whose a noun is; ``third`` is a pronoun that points back."""

BREAKS = frozenset({";", ".", "!", "?", "•", "▪", "\n", "\n\n"})
"""Marks at which a clause ends for good."""
OPENERS = frozenset({",", ":", "(", "[", "-", "–", "—", "*", "_", '"', "“", "«", "―", "...", "…", "/"}) | BREAKS
"""Marks behind which a clause may begin."""
LINKABLE = frozenset({"state", "region", "international_organisation"})
"""Types of actor that may be partners."""


class Setting(Protocol):
    """Who speaks (see ``pipeline.Setting``)."""

    @property
    def state(self) -> str | None:
        """The issuing state."""

    @property
    def year(self) -> int | None:
        """The year."""

    @property
    def issuers(self) -> tuple[str, ...]:
        """All issuing states."""


@dataclass(frozen=True, slots=True)
class Named:
    """An actor named in the sentence."""

    start: int
    end: int
    type: str
    iso3: str | None
    ref: ActorRef
    adjective: bool
    whose: Whose
    possessive: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a clause.

    Attributes:
        start: Its first token.
        end: Token behind it.
        whose: Whose activity the clause then tells.
        named: The actors it names.
        text: Its words, for ``explain``.
    """

    start: int
    end: int
    whose: Whose
    named: tuple[Named, ...]
    text: str
    why: str = "subject"


@dataclass(slots=True)
class Reading:
    """What attribution knows of a sentence, whatever the mention."""

    doc: Doc
    start: int
    end: int
    words: Words
    cues: Mapping[str, list[CueHit]]
    shape: Mapping[str, frozenset[int]]
    named: tuple[Named, ...] = ()
    groups: tuple[tuple[Named, ...], ...] = ()
    subjects: tuple[Subject, ...] = ()
    back: dict[str, Whose] = field(default_factory=dict)

    def norm(self, i: int) -> str:
        """Return the normal form of a token, empty outside the sentence."""
        return self.words.norms[i - self.start] if self.start <= i < self.end else ""

    def is_a(self, category: str, i: int) -> bool:
        """Return whether a cue of the category covers a token."""
        return i in self.shape.get(category, ())

    def opens(self, i: int) -> bool:
        """Return whether a clause may begin behind token ``i``."""
        return i < self.start or self.norm(i) in OPENERS or self.is_a("boundary", i) or self.words.norms[i - self.start].isspace()

    def group_of(self, actor: Named) -> tuple[Named, ...]:
        """Return the coordination an actor stands in."""
        return next((g for g in self.groups if actor in g), (actor,))

    def broken(self, a: int, b: int) -> bool:
        """Return whether a clause ends for good between two tokens."""
        return any(self.words.norms[i - self.start] in BREAKS for i in range(a, b))

    def text(self, a: int, b: int) -> str:
        """Return the words of tokens ``a`` to ``b``."""
        return self.doc[a:b].text


def read(
    doc: Doc, start: int, end: int, hits: list[CueHit], words: Words, setting: Setting, refer: Callable[[Span], ActorRef], country_of: Callable[[Span], str | None]
) -> Reading:
    """Read a sentence.

    Args:
        doc: The text with its actors marked.
        start: First token of the sentence.
        end: Token behind it.
        hits: The cues found in it.
        words: Its tokens.
        setting: Who speaks.
        refer: Makes the reference to a marked actor.
        country_of: Tells the country of a generic actor.
    """
    cues = by_category(hits)
    shape = {category: frozenset(i for hit in found for i in range(hit.start, hit.end)) for category, found in cues.items()}
    reading = Reading(doc, start, end, words, cues, shape)
    reading.named = tuple(_named(reading, setting, refer, country_of))
    reading.groups = tuple(_groups(reading))
    reading.subjects = tuple(_subjects(reading, setting))
    return reading


def _named(reading: Reading, setting: Setting, refer: Callable[[Span], ActorRef], country_of: Callable[[Span], str | None]) -> Iterator[Named]:
    for ent in reading.doc.ents:
        if ent.start < reading.start or ent.end > reading.end:
            continue
        iso3 = ent.kb_id_ or None
        if iso3 is None and ent.label_ not in LINKABLE:
            iso3 = country_of(ent)
        ref = refer(ent)
        whose: Whose = "other"
        if iso3 is not None and iso3 == setting.state:
            whose = "self"
        elif iso3 is not None and iso3 in setting.issuers:
            whose = "joint"
        elif iso3 is None and ent.label_ not in LINKABLE:
            whose = "other" if reading.is_a("alien", ent.start - 1) or reading.is_a("theirs", ent.start - 1) else "self"
        possessive = reading.is_a("possessive", ent.end)
        yield Named(ent.start, ent.end, ent.label_, iso3, ref, ent.id_ == ADJECTIVE, whose, possessive)


def _groups(reading: Reading) -> Iterator[tuple[Named, ...]]:
    """Yield the coordinations: a list joined by commas counts only if an "and" closes it."""
    chain: list[Named] = []
    links: list[str] = []

    def closed() -> Iterator[tuple[Named, ...]]:
        keep = 1 + max((i + 1 for i, link in enumerate(links) if link == "and"), default=0)
        if keep > 1:
            yield tuple(chain[:keep])
            yield from ((n,) for n in chain[keep:])
        else:
            yield from ((n,) for n in chain)

    for actor in reading.named:
        link = _link(reading, chain[-1], actor) if chain else ""
        if link and not (link == "," and links and links[-1] == "and"):
            chain.append(actor)
            links.append(link)
        else:
            yield from closed()
            chain, links = [actor], []
    if chain:
        yield from closed()


def _link(reading: Reading, a: Named, b: Named) -> str:
    """Return how two actors are joined: ``and``, ``,`` or nothing."""
    kind = ""
    start = a.end + 1 if reading.is_a("possessive", a.end) else a.end
    if b.start - start > 7:
        return ""
    for i in range(start, b.start):
        word = reading.norm(i)
        if reading.is_a("conjunction", i) or word in {"-", "–", "/"}:
            kind = "and"
        elif word == ",":
            kind = kind or ","
        elif reading.is_a("determiner", i) or (kind and (reading.is_a("of", i) or reading.is_a("with", i) or reading.is_a("for", i))):
            continue
        elif a.type != b.type or not reading.is_a("head", i):
            return ""
    if kind == "," and (a.type == "region") != (b.type == "region"):
        return ""
    return kind


def _before(reading: Reading, i: int) -> int:
    """Return the last token before ``i`` that is no determiner or adverb."""
    i -= 1
    while i >= reading.start and (reading.is_a("determiner", i) or reading.is_a("adverb", i)):
        i -= 1
    return i


def _subjects(reading: Reading, setting: Setting) -> Iterator[Subject]:
    found: list[Subject] = []
    for category, whose in (("self", "self"), ("ours", "self"), ("sides", "joint"), ("other", "other"), ("alien", "other"), ("generic", "other"), ("third", "third")):
        for hit in reading.cues.get(category, ()):
            if _is_subject(reading, hit.start, hit.end, always=category in ("self", "third")):
                found.append(Subject(hit.start, hit.end, whose, (), hit.text, category))  # type: ignore[arg-type]
    for group in reading.groups:
        first, last = group[0], group[-1]
        end = last.end
        if last.possessive or last.adjective:
            end = _head(reading, last)
            if not end:
                continue
        if _is_subject(reading, first.start, end):
            kinds = {n.whose for n in group}
            whose_group: Whose = next(iter(kinds)) if len(kinds) == 1 else "joint" if kinds & {"self", "joint"} else "other"
            if whose_group == "joint" and kinds == {"joint"} and len({n.iso3 for n in group}) == 1:
                whose_group = "other"
            found.append(Subject(first.start, end, whose_group, group, reading.text(first.start, end), "named"))
    found.sort(key=lambda s: (s.start, -s.end))
    yield from _coordinated(reading, found)
    del setting


def _coordinated(reading: Reading, found: list[Subject]) -> Iterator[Subject]:
    """Join subjects that stand in one coordination ("we and our allies") and drop those within others."""
    i = 0
    while i < len(found):
        subject = found[i]
        while i + 1 < len(found):
            after = found[i + 1]
            if after.start < subject.end:
                i += 1
                continue
            between = range(subject.end, after.start)
            if 0 < len(between) <= 4 and any(reading.is_a("conjunction", k) for k in between) and all(
                reading.is_a("conjunction", k) or reading.is_a("determiner", k) or reading.is_a("with", k) or reading.norm(k) == "," for k in between
            ):
                whose: Whose = subject.whose if subject.whose == after.whose else "joint" if "self" in (subject.whose, after.whose) else "other"
                subject = Subject(subject.start, after.end, whose, (*subject.named, *after.named), reading.text(subject.start, after.end), subject.why)
                i += 1
                continue
            break
        yield subject
        i += 1


def _head(reading: Reading, actor: Named) -> int:
    """Return the end of the phrase "Russian forces", "Russia's navy", or 0 if no such head follows."""
    i = actor.end + (1 if actor.possessive else 0)
    for k in range(i, min(i + 3, reading.end)):
        if reading.is_a("head", k):
            return k + 1
    return 0


def _is_subject(reading: Reading, start: int, end: int, *, always: bool = False) -> bool:
    """Return whether the words ``start`` to ``end`` can be the subject of a clause, by what stands around them."""
    before = _before(reading, start)
    if before >= reading.start and reading.is_a("preposition", before) and not reading.is_a("boundary", before):
        return False
    if always:
        return True
    after = end
    while after < reading.end and reading.is_a("adverb", after):
        after += 1
    acts = reading.is_a("finite", after) or reading.is_a("past", after) or reading.is_a("perfect", after)
    word = reading.norm(before)
    if before < reading.start or word in BREAKS or word == ":" or reading.words.norms[before - reading.start].isspace():
        return True
    if reading.is_a("conjunction", before):
        return acts
    if word == ",":
        return acts or not (reading.norm(after) in OPENERS or reading.is_a("preposition", after) or reading.is_a("conjunction", after))
    if reading.opens(before) or reading.words.texts[before - reading.start].isdigit():
        return True
    return acts and not reading.is_a("finite", before)


def governing(reading: Reading, first: int, last: int) -> Subject | None:
    """Return the subject of the clause in which tokens ``first`` to ``last`` stand, if the sentence names one before them."""
    best: Subject | None = None
    for subject in reading.subjects:
        if subject.start >= first or (subject.end > first and subject.start >= first):
            break
        if subject.end <= first or subject.start < first:
            best = subject
    antecedent = _antecedent(reading, first, best.end if best else reading.start)
    return antecedent or best


def _antecedent(reading: Reading, first: int, after: int) -> Subject | None:
    """Return the actor that a relative pronoun before the mention stands for."""
    for hit in reversed(reading.cues.get("relative", ())):
        if hit.end > first or hit.start < after:
            continue
        i = hit.start - 1
        if reading.norm(i) == ",":
            i -= 1
        for actor in reading.named:
            if actor.start <= i < actor.end and not actor.adjective:
                return Subject(actor.start, hit.end, actor.whose, reading.group_of(actor), reading.text(actor.start, actor.end), "relative")
        for category in ("alien", "other", "generic"):
            for noun in reading.cues.get(category, ()):
                if noun.start <= i < noun.end:
                    return Subject(noun.start, hit.end, "other", (), noun.text, "relative")
        return None
    return None
