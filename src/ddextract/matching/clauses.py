"""A sentence read for attribution: who is named in it, in which coordinations, and who is the subject of its clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
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
MARKS = frozenset({",", ";", ":", ".", "(", ")"})
"""Marks that part a noun from what belongs to it."""
BULLETS = frozenset({"*", "-", "–", "—", "―", "•", "▪", "o", "·"})
"""Marks at which an item of a list begins."""
NEAR_OWNER = 2
"""Tokens between "our" and the noun that it owns."""
LINKABLE = frozenset({"state", "region", "international_organisation"})
"""Types of actor that may be partners."""
COLLECTIVE = "collective"
"""Type of partners that are named by a common noun only ("our allies and partners")."""
NEAR_ADJECTIVE = 3
"""Adjectives that may stand before such a noun."""


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


class Passage(Protocol):
    """What stands around a sentence (see ``pipeline.Passage``)."""

    @property
    def section(self) -> tuple[str, ...]:
        """Headings above it."""

    @property
    def lead_in(self) -> str:
        """The sentence that introduces its list."""

    @property
    def previous(self) -> str:
        """The sentence before it."""


@dataclass(frozen=True, slots=True)
class Named:
    """An actor named in the sentence; ``in_title``: a name in that of a paper or meeting ("the Moscow Summit", "the North Atlantic Treaty")."""

    start: int
    end: int
    type: str
    iso3: str | None
    ref: ActorRef
    adjective: bool
    whose: Whose
    possessive: bool = False
    in_title: bool = False


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
    collectives: tuple[Named, ...] = ()
    subjects: tuple[Subject, ...] = ()
    adjectives_follow: bool = False
    year: int | None = None
    ours: Whose = "self"

    def norm(self, i: int) -> str:
        """Return the normal form of a token, empty outside the sentence."""
        return self.words.norms[i - self.start] if self.start <= i < self.end else ""

    def is_a(self, category: str, i: int) -> bool:
        """Return whether a cue of the category covers a token."""
        return i in self.shape.get(category, ())

    def opens(self, i: int) -> bool:
        """Return whether a clause may begin behind token ``i``."""
        return i < self.start or self.norm(i) in OPENERS or self.is_a("boundary", i) or self.words.norms[i - self.start].isspace()

    def has(self, categories: Sequence[str], a: int, b: int) -> bool:
        """Return whether a cue of one of the categories covers a token from ``a`` to ``b``."""
        return any(i in tokens for tokens in (self.shape.get(c) for c in categories) if tokens for i in range(a, b))

    def has_mark(self, a: int, b: int) -> bool:
        """Return whether a comma or another mark stands from ``a`` to ``b``."""
        return any(self.norm(i) in MARKS for i in range(a, b))

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
    doc: Doc,
    start: int,
    end: int,
    hits: list[CueHit],
    words: Words,
    setting: Setting,
    refer: Callable[[Span], ActorRef],
    country_of: Callable[[Span], str | None],
    *,
    adjectives_follow: bool = False,
    capitals: AbstractSet[str] = frozenset(),
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
        adjectives_follow: Whether adjectives stand behind their nouns in the language.
        capitals: Names that stand for a state as its capital.
    """
    names = [(ent.start, ent.end) for ent in doc.ents if ent.label_ in LINKABLE and ent.end > start and ent.start < end]
    hits = [h for h in hits if h.category not in _COMMON_NOUNS or not any(a <= h.start and h.end <= b for a, b in names)]
    cues = by_category(hits)
    shape = {category: frozenset(i for hit in found for i in range(hit.start, hit.end)) for category, found in cues.items()}
    reading = Reading(doc, start, end, words, cues, shape, adjectives_follow=adjectives_follow, year=setting.year)
    reading.ours = "joint" if len(setting.issuers) > 1 else "self"  # who says "we" in a joint statement
    reading.named = _named(reading, setting, refer, country_of, capitals)
    reading.groups = tuple(_groups(reading))
    reading.collectives = tuple(_collectives(reading))
    reading.subjects = tuple(_subjects(reading))
    return reading


def _named(
    reading: Reading, setting: Setting, refer: Callable[[Span], ActorRef], country_of: Callable[[Span], str | None], capitals: AbstractSet[str]
) -> tuple[Named, ...]:
    named: list[Named] = []
    for ent in reading.doc.ents:
        if ent.start < reading.start or ent.end > reading.end:
            continue
        iso3 = ent.kb_id_ or None
        if iso3 is None:
            iso3 = country_of(ent)
        if named and named[-1].end == ent.start - 1 and reading.norm(ent.start - 1) == "(" and reading.norm(ent.end) == ")":
            named[-1] = replace(named[-1], end=ent.end + 1)
            continue
        ref = refer(ent)
        if iso3 != ref.iso3:
            ref = replace(ref, iso3=iso3)
        whose: Whose = "other"
        if iso3 is not None and iso3 == setting.state:
            whose = "self"
        elif iso3 is not None and iso3 in setting.issuers:
            whose = "joint"
        elif iso3 is None and ent.label_ not in LINKABLE:
            whose = "other" if reading.is_a("alien", ent.start - 1) or reading.is_a("theirs", ent.start - 1) else "self"
        possessive = reading.is_a("possessive", ent.end)
        titled = (ent.text in capitals or ent.label_ in ("region", "international_organisation")) and (
            reading.has(("paper",), ent.end, min(ent.end + NEAR_OWNER, reading.end))
            or (reading.is_a("of", ent.start - 1) and reading.is_a("paper", ent.start - 2))
        )
        named.append(Named(ent.start, ent.end, ent.label_, iso3, ref, ent.id_ == ADJECTIVE, whose, possessive, titled))
    return tuple(named)


def _collectives(reading: Reading) -> Iterator[Named]:
    """Yield the partners that only a common noun names; coordinated ones ("friends, allies and partners") are one."""
    found: list[tuple[int, int]] = []
    hits = sorted((h for category in ("alien", "generic") for h in reading.cues.get(category, ())), key=lambda h: (h.start, -h.end))
    for hit in hits:
        begin, end = hit.start, hit.end
        while begin < end and reading.has(("determiner", "indefinite", "ours"), begin, begin + 1) and end - begin > 1:
            begin += 1
        for k in range(begin - 1, max(reading.start, begin - NEAR_ADJECTIVE) - 1, -1):
            if not _may_be_adjective(reading, k):
                break
            begin = k
        if any(n.end in (begin, begin - 1) and (n.adjective or n.possessive) for n in reading.named):
            continue  # "Iraqi forces": the state is linked
        if found and (begin <= found[-1][1] or _coordinates(reading, found[-1][1], begin)):
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    for begin, end in found:
        span = reading.doc[begin:end]
        yield Named(begin, end, COLLECTIVE, None, ActorRef(span.text, span.start_char, span.end_char, span.text.lower(), COLLECTIVE), False, "other")


def _may_be_adjective(reading: Reading, k: int) -> bool:
    """Return whether a word before a noun for partners can be its adjective, in languages where that stands before."""
    if reading.adjectives_follow or reading.words.actors[k - reading.start] or not reading.words.lowers[k - reading.start].isalpha():
        return False
    others = ("preposition", "determiner", "conjunction", "finite", "infinitive", "boundary", "perfect", "help", "with", "past", "adverb", "self", "ours")
    return not reading.has(others, k, k + 1)


def _groups(reading: Reading) -> Iterator[tuple[Named, ...]]:
    """Yield the coordinations: a list joined by commas counts only if an "and" closes it."""
    chain: list[Named] = []
    links: list[str] = []

    def closed() -> Iterator[tuple[Named, ...]]:
        closing = len(chain) > 1 and reading.is_a("conjunction", chain[-1].end)
        keep = len(chain) if closing else 1 + max((i + 1 for i, link in enumerate(links) if link == "and"), default=0)
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
    if a.adjective != b.adjective and b.start - start > 1:
        return ""
    if kind == "," and (a.type == "region") != (b.type == "region"):
        return ""
    return kind


def _before(reading: Reading, i: int) -> int:
    """Return the last token before ``i`` that is no determiner or adverb."""
    i -= 1
    while i >= reading.start and (reading.is_a("determiner", i) or (reading.is_a("adverb", i) and not reading.is_a("place", i))):
        i -= 1
    return i


def _subjects(reading: Reading) -> Iterator[Subject]:
    """Yield the subjects in the order of the text; coordinated ones ("we and our allies") are one."""
    units: list[Subject] = []
    for category, whose in _NOUNS:
        for hit in reading.cues.get(category, ()):
            if category == "self" and any(n.whose == "other" and n.start < hit.end and hit.start < n.end for n in reading.named):
                continue  # "the Republic" of "the Republic of Korea"
            own = whose == "other" and reading.adjectives_follow and _own_behind(reading, hit.end)
            told: Whose = reading.ours if category in ("self", "ours") else "self" if own else whose
            units.append(Subject(hit.start, hit.end, told, (), hit.text, category))
    for group in reading.groups:
        last = group[-1]
        end = (_head(reading, last) if last.possessive or last.adjective else last.end) or last.end
        modifier = end == last.end and (last.possessive or last.adjective)
        begin = group[0].start
        noun = next((i for i in range(begin - 1, begin - 2 - NEAR_OWNER, -1) if reading.is_a("head", i)), -1)
        if modifier and group[0].adjective and reading.adjectives_follow and noun >= 0 and _one_phrase(reading, noun, begin):
            begin, modifier = noun, False
        elif reading.is_a("of", _before(reading, begin)) and reading.is_a("head", _before(reading, begin) - 1):
            begin = _before(reading, begin) - 1
        units.append(Subject(begin, end, whose_of(group), group, reading.text(begin, end), "modifier" if modifier else "named"))
    units = _with_owners(sorted(units, key=lambda u: (u.start, -u.end)))
    held: Subject | None = None
    previous: Subject | None = None
    for unit in units:
        if previous is not None and unit.start < previous.end:
            if held is previous and unit.why in _PLAIN_NOUNS and unit.end > previous.end:
                held = previous = replace(previous, end=unit.end, text=reading.text(previous.start, unit.end))
            continue
        if held is not None and held is previous and unit.why == "self" and unit.start == held.end:
            continue  # the verb in the first person behind its subject
        if previous is not None and _coordinates(reading, previous.end, unit.start):
            if held is previous:
                both: Whose = held.whose if held.whose == unit.whose else "joint" if {held.whose, unit.whose} & {"self", "joint"} else "other"
                held = Subject(held.start, unit.end, both, (*held.named, *unit.named), reading.text(held.start, unit.end), held.why)
                previous = held
                continue
            if unit.why not in ("self", "third"):
                previous = unit
                continue
        if held is not None:
            yield held
            held = None
        previous = unit
        if unit.why != "modifier" and _is_subject(reading, unit):
            held = unit
    if held is not None:
        yield held


def _one_phrase(reading: Reading, a: int, b: int) -> bool:
    """Return whether the words between a noun and its adjective are further adjectives."""
    return not reading.has_mark(a, b) and not reading.has(("preposition", "conjunction", "finite", "perfect", "determiner"), a + 1, b)


def _own_behind(reading: Reading, i: int) -> bool:
    """Return whether an adjective of the issuer stands behind a noun ("expertos civiles argentinos")."""
    return any(n.whose == "self" and n.adjective and i <= n.start <= i + 1 and _one_phrase(reading, i - 1, n.start) for n in reading.named)


def _with_owners(units: list[Subject]) -> list[Subject]:
    """Take "our NATO allies" as one noun, which is not ours to command."""
    result: list[Subject] = []
    for k, unit in enumerate(units):
        noun = None
        if unit.why == "ours":
            noun = next((u for u in units[k + 1 :] if u.why in ("alien", "other") and u.start - unit.end <= NEAR_OWNER), None)
        result.append(Subject(unit.start, noun.end, noun.whose, (), f"{unit.text} … {noun.text}", noun.why) if noun else unit)
    return result


_COMMON_NOUNS = frozenset({"alien", "generic", "other", "outsider", "sides"})
_PLAIN_NOUNS = ("alien", "other", "outsider", "generic", "sides")


_NOUNS: tuple[tuple[str, Whose], ...] = (
    ("self", "self"), ("ours", "self"), ("sides", "joint"), ("other", "other"), ("outsider", "other"), ("alien", "other"), ("generic", "other"),
    ("third", "third"),
)  # fmt: skip


def whose_of(group: tuple[Named, ...]) -> Whose:
    """Return whose activity a coordination of actors tells."""
    kinds = {n.whose for n in group}
    if len(kinds) > 1:
        return "joint" if kinds & {"self", "joint"} else "other"
    if kinds == {"joint"} and len({n.iso3 for n in group}) == 1:
        return "other"
    return next(iter(kinds))


def _coordinates(reading: Reading, a: int, b: int) -> bool:
    """Return whether the words between two nouns only join them."""
    between = range(a, b)
    return (
        0 < len(between) <= 4
        and any(reading.is_a("conjunction", k) for k in between)
        and all(reading.is_a("conjunction", k) or reading.is_a("determiner", k) or reading.is_a("possessive", k) or reading.norm(k) == "," for k in between)
    )


def _head(reading: Reading, actor: Named) -> int:
    """Return the end of the phrase "Russian forces", "Russia's navy", or 0 if no such head follows."""
    i = actor.end + (1 if actor.possessive else 0)
    for k in range(i, 0 if reading.adjectives_follow else min(i + 3, reading.end)):
        if reading.is_a("head", k):
            return k + 1
        if reading.is_a("finite", k) or reading.is_a("preposition", k):
            break
    return 0


def _is_subject(reading: Reading, unit: Subject) -> bool:
    """Return whether a noun can be the subject of a clause, by what stands around it."""
    before = _before(reading, unit.start)
    if unit.why in ("generic", "alien"):
        while before >= reading.start and any(n.start <= before < n.end for n in reading.named):
            before = _before(reading, before)
    if before == reading.start and reading.adjectives_follow and reading.is_a("of", before):
        before -= 1  # "Des officiers …": an article at the beginning of a sentence
    if before >= reading.start and reading.is_a("preposition", before) and (not reading.is_a("boundary", before) or reading.is_a("preposition", before - 1)):
        return False
    if unit.why == "self":
        return True
    after = unit.end
    while after < reading.end and reading.is_a("adverb", after):
        after += 1
    acts = reading.is_a("finite", after) or reading.is_a("past", after) or reading.is_a("perfect", after)
    word = reading.norm(before)
    plain = acts or unit.whose != "other" or bool(unit.why != "named" or len(unit.named) > 1 or reading.is_a("verb", after) or reading.norm(after) in OPENERS)
    if before < reading.start or word in BREAKS or word == ":" or reading.words.norms[before - reading.start].isspace():
        return plain
    if reading.is_a("conjunction", before):
        return acts
    if word == ",":
        if not acts and len(unit.named) > 1 and any(n.end == before for n in reading.named):
            return False  # a list of names
        if unit.why in (*_PLAIN_NOUNS, "ours"):
            return reading.norm(after) not in OPENERS
        if unit.named and unit.named[-1].type not in LINKABLE:
            return acts
        return acts or (plain and not (reading.norm(after) in OPENERS or reading.is_a("preposition", after) or reading.is_a("conjunction", after)))
    if word == ")":
        return acts
    if reading.opens(before) or (reading.words.texts[before - reading.start].isdigit() and reading.is_a("preposition", before - 1)):
        return plain
    return acts and not reading.is_a("finite", before)


def governing(reading: Reading, first: int) -> Subject | None:
    """Return the subject of the clause in which the mention at token ``first`` stands, if the sentence names one before it."""
    best = next((s for s in reversed(reading.subjects) if s.start < first), None)
    return _antecedent(reading, first, best.end if best else reading.start) or best


def _antecedent(reading: Reading, first: int, after: int) -> Subject | None:
    """Return the actor that a relative pronoun before the mention stands for."""
    for hit in reversed(reading.cues.get("relative", ())):
        if hit.end > first or hit.start < after:
            continue
        if any(reading.norm(k) == "," for k in range(hit.end, first)):
            return None
        i = hit.start - 1
        if reading.norm(i) == ",":
            i -= 1
        for actor in reading.named:
            if actor.start <= i < actor.end and not actor.adjective:
                return Subject(actor.start, hit.end, actor.whose, reading.group_of(actor), reading.text(actor.start, actor.end), "relative")
        for category in ("alien", "other", "outsider", "generic"):
            for noun in reading.cues.get(category, ()):
                if noun.start <= i < noun.end:
                    return Subject(noun.start, hit.end, "other", (), noun.text, "relative")
        return None
    return None
