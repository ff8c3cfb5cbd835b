"""The rule matcher: wordings of the codebook found in a sentence, tested by their contexts and vetoes.

Token patterns run only in sentences where their rarest literal occurs, so cost hardly grows with the codebook.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ddextract.codebook import Codebook, Concept, Context, LanguageFile, Phrasing, line_of
from ddextract.errors import DataError
from ddextract.matching.language import lexicon_of
from ddextract.matching.purposes import Link, Preceding, Span, link
from ddextract.matching.tables import Table, Tables, tabulated
from ddextract.matching.wording import Compiled, Lexicon, WordingError, compile_wording

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

WIDER_CONTEXT_FACTOR = 0.8
"""What a hit keeps of its score when heading, lead-in or previous sentence supply what it needs."""
_HEAD_REACH = 3
"""Head nouns by which a mention may grow."""
NEAR = 6
"""Words on either side of the rarest word of a wording that missed, among which its place is told."""
_BEGINS = 3
"""spaCy's ``ent_iob`` of the first token of an actor."""
_LINK_NEEDS = frozenset({"serves", "engagement", "partnership"})
_LINK_CONTEXTS = frozenset(
    {
        *("means", "aiming", "aiming_clause", "aiming_next", "aiming_first", "using", "pointing", "furthering"),
        *("civil", "others", "partner", "defence_ties"),
    }
)
_PURPOSE_NEEDS = frozenset({*_LINK_NEEDS, "purpose"})
"""What a phrasing of an objective may need beside the contexts of the language file (see ``matching/purposes.py``)."""
PURPOSE_REACH = 14
"""Tokens before an objective within which a word of purpose must stand."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a wording matched: token indices of the mention, and which tokens were only bridged."""

    start: int
    end: int
    whole_start: int
    whole_end: int
    bridged: tuple[int, ...] = ()

    @property
    def gaps(self) -> int:
        """How many tokens were bridged."""
        return len(self.bridged)


@dataclass(frozen=True, slots=True)
class Hit:
    """A wording of a concept that held in a sentence (token indices into the ``Doc``)."""

    concept: Concept
    start: int
    end: int
    score: float
    rule: str
    wording: str
    reasons: tuple[str, ...] = ()
    serves: tuple[Span, ...] = ()
    """For an objective: the tokens of the instruments that it is the purpose of."""
    matcher: Literal["rule", "statistical", "both"] = "rule"
    added: bool = False
    """Whether the wording stands in a user's folder: no model knows what it is worth."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A wording that matched but did not count, and what vetoed it (for ``explain``)."""

    concept: Concept
    start: int
    end: int
    rule: str
    wording: str
    because: str


@dataclass(frozen=True, slots=True)
class Near:
    """Wordings of a concept whose words all stand in a sentence, but not in their order or reach: weak evidence, for the statistical matcher only.

    Attributes:
        concept: The concept.
        wordings: How many of its wordings.
        start: First token of the words of the longest of them, as far as they stand close together.
        end: Token behind.
    """

    concept: Concept
    wordings: int
    start: int
    end: int


class _Searchable(NamedTuple):
    """A compiled wording as numbers: each place is a bit that a token has or has not, and how many tokens it takes."""

    rule: int
    before: tuple[tuple[int, ...], ...]
    after: tuple[tuple[int, ...], ...]
    anchor_inside: int
    needed: int
    actor: int
    anchor: int


class WordingSet:
    """Many wordings of one language, searched together; each is known by the index it was added with.

    A wording is tried only where its rarest word (or, if it has none, its actor) stands, from there outwards, and only if all
    the words that it must have occur in the sentence. It is taken out of its table when that word is first seen.
    spaCy's ``Matcher`` on the same patterns is some hundred times slower (benchmarks/matching.py): its set predicates
    run in Python for every token and pattern.

    Args:
        vocab: Vocabulary of the documents to be searched.
        table: The wordings as numbers; without it they are to be built.
    """

    def __init__(self, vocab: Vocab, table: Table | None = None) -> None:
        self._strings = vocab.strings
        self._table = table
        self._taken: dict[int, _Searchable] = {}
        # A word leads to its bits or wordings, or, as long as it was not seen, to where they stand in the table.
        self._norms: dict[int, Any] = {}
        self._orths: dict[int, Any] = {}
        self._types: dict[int, Any] = {}
        self._by_anchor: dict[int, Any] = {}
        self._by_actor: dict[int, Any] = {}
        self._opened = False

    def build(self, wordings: Iterable[tuple[int, Compiled]]) -> WordingSet:
        """Take the wordings in."""
        self._table, self._opened = tabulated(wordings, self._strings.add), False
        return self

    def _open(self) -> None:
        self._opened = True
        if self._table is not None:
            self._norms, self._orths, self._types, self._by_anchor, self._by_actor = self._table.leading()

    def _mask(self, known: dict[int, Any], word: int) -> int:
        """Return the bits of a word that is seen for the first time."""
        assert self._table is not None
        begin, end = known[word]
        mask = 0
        for bit in self._table.items[begin:end].tolist():
            mask |= 1 << bit
        known[word] = mask
        return mask

    def _candidates(self, known: dict[int, Any], word: int) -> list[_Searchable]:
        """Return the wordings of a word that is seen for the first time."""
        assert self._table is not None
        begin, end = known[word]
        found = [self._searchable(row) for row in self._table.items[begin:end].tolist()]
        known[word] = found
        return found

    def _searchable(self, row: int) -> _Searchable:
        found = self._taken.get(row)
        if found is None:
            assert self._table is not None
            index, anchor, inside, actor, begin, middle, end = self._table.wordings[row].tolist()
            places = tuple(map(tuple, self._table.places[begin:end].tolist()))
            needed = 0 if actor else 1 << anchor
            for place in places:
                if place[2] and not place[1]:
                    needed |= 1 << place[0]
            found = self._taken[row] = _Searchable(index, places[: middle - begin], places[middle - begin :], inside, needed, actor, anchor)
        return found

    def search(
        self, doc: Doc, start: int, end: int, issuer: str | None = None, missed: dict[int, tuple[int, int, int]] | None = None
    ) -> Iterator[tuple[int, Found]]:
        """Yield ``(index, place)`` for the wordings that occur among the tokens ``start`` to ``end``: at each anchor the nearest place.

        A state's own name is no ``@state`` in its own document (``issuer``). ``missed`` is filled with the wordings of two words and more
        whose words are all there, but not in their order or reach: index to (number of words, first token, token behind the last) near their anchor.
        """
        if not self._opened:
            self._open()
        own = self._strings[issuer] if issuer else 0
        anchored: list[tuple[int, list[_Searchable]]] = []
        masks: list[int] = []
        where: list[int] = []
        present = 0
        norms, orths, types, by_anchor = self._norms, self._orths, self._types, self._by_anchor
        for i in range(start, end):
            token = doc[i]
            if token.is_space:
                continue
            norm = token.norm
            kind = 0 if own and token.ent_kb_id == own else token.ent_type
            mask = norms.get(norm, 0)
            if mask.__class__ is tuple:
                mask = self._mask(norms, norm)
            if (more := orths.get(token.orth)) is not None:
                mask |= self._mask(orths, token.orth) if more.__class__ is tuple else more
            if (more := types.get(kind)) is not None:
                mask |= self._mask(types, kind) if more.__class__ is tuple else more
            masks.append(mask)
            where.append(i)
            present |= mask
            candidates = by_anchor.get(norm)
            if candidates:
                anchored.append((len(masks) - 1, self._candidates(by_anchor, norm) if candidates.__class__ is tuple else candidates))
            if token.ent_iob == _BEGINS and (candidates := self._by_actor.get(kind)):
                anchored.append((len(masks) - 1, self._candidates(self._by_actor, kind) if candidates.__class__ is tuple else candidates))
        size = len(masks)
        for position, candidates in anchored:
            for wording in candidates:
                if wording.needed & ~present or not (wording.actor or (masks[position] >> wording.anchor) & 1):
                    continue
                after = _extend(masks, wording.after, 0, position if wording.actor else position + 1, 1, size)
                before = None if after is None else _extend(masks, wording.before, 0, position - 1, -1, size)
                if after is None or before is None:
                    if missed is not None and wording.rule not in missed and (words := wording.needed.bit_count()) > 1:
                        near = [p for p in range(max(0, position - NEAR), min(size, position + NEAR + 1)) if masks[p] & wording.needed]
                        missed[wording.rule] = (words, where[near[0]], where[near[-1]] + 1)
                    continue
                taken = [*before, *after]
                inside = [p for p, within, _ in taken if within]
                if wording.anchor_inside:
                    inside.append(position)
                if inside:
                    whole = [p for p, _, _ in taken] if wording.actor else [position, *(p for p, _, _ in taken)]
                    bridged = tuple(where[p] for p, _, bridge in taken if bridge)
                    yield wording.rule, Found(where[min(inside)], where[max(inside)] + 1, where[min(whole)], where[max(whole)] + 1, bridged)

    def occurs(self, doc: Doc, start: int, end: int) -> bool:
        """Return whether any wording occurs among the tokens ``start`` to ``end``."""
        return next(self.search(doc, start, end), None) is not None


def _extend(masks: list[int], places: tuple[tuple[int, ...], ...], k: int, i: int, step: int, size: int) -> list[tuple[int, int, int]] | None:
    """Match places one after the other from token ``i`` on; gaps take as few tokens as they can, words as many.

    Returns:
        ``(token, inside, bridge)`` for every token taken, or None.
    """
    if k == len(places):
        return []
    bit, negated, least, most, inside, bridge = places[k]
    taken: list[tuple[int, int, int]] = []
    reach = 0
    while reach < most and 0 <= i + step * reach < size and ((masks[i + step * reach] >> bit) & 1) != negated:
        reach += 1
    if reach < least:
        return None
    counts = range(least, reach + 1) if negated else range(reach, least - 1, -1)
    for count in counts:
        rest = _extend(masks, places, k + 1, i + step * count, step, size)
        if rest is not None:
            taken = [(i + step * n, inside, bridge) for n in range(count)]
            return taken + rest
    return None


def tables_of(codebook: Codebook, language: LanguageFile) -> Tables:
    """Return the wordings of a codebook and a language as far as they were compiled before.

    Args:
        codebook: The codebook.
        language: The language file.
    """
    wordings = [
        [concept.code, phrasing.match, phrasing.unless, phrasing.veto]
        for concept in codebook.concepts.values()
        for phrasing in concept.phrasing.get(language.language, ())
    ]
    return Tables(f"rules-{language.language}", language.model_dump_json(exclude={"path"}), json.dumps(wordings))


@dataclass(frozen=True, slots=True)
class _Rule:
    concept: Concept
    phrasing: Phrasing
    number: int
    wording: str

    @property
    def id(self) -> str:
        return f"{self.concept.code}/{self.number}"


class Ruler:
    """All concepts of a codebook in one language, ready to search.

    Args:
        codebook: The codebook.
        language: The language file.
        vocab: The vocabulary of the pipeline whose ``Doc`` objects will be searched.
        lexicon: The words of the language, where somebody has them already.
        tables: The wordings as far as they were compiled before (:func:`tables_of`).

    Raises:
        DataError: A wording does not follow the notation; file, key and line are named.
    """

    def __init__(self, codebook: Codebook, language: LanguageFile, vocab: Vocab, lexicon: Lexicon | None = None, tables: Tables | None = None) -> None:
        self.language = language
        self._lexicon = lexicon or lexicon_of(language)
        self._vocab = vocab
        self._tables = tables or tables_of(codebook, language)
        self._rules: list[_Rule] = []
        self._vetoes: dict[tuple[str, int], tuple[WordingSet | None, WordingSet | None]] = {}
        for concept in codebook.concepts.values():
            for number, phrasing in enumerate(concept.phrasing.get(language.language, ())):
                for need in phrasing.needs:
                    lacking = sorted(_LINK_CONTEXTS - set(language.context)) if need in _LINK_NEEDS else []
                    if lacking:
                        raise DataError(language.path, "context", f"'{need}' ({concept.path.name}) needs the contexts {', '.join(lacking)}; see en.toml")
                    if need.rstrip("*") not in {*language.context, *_PURPOSE_NEEDS}:
                        raise DataError(
                            concept.path, f"phrasing.{language.language}.needs", f"no context '{need}' in {language.path.name}", line_of(concept.path, need)
                        )
                self._rules.extend(_Rule(concept, phrasing, number, wording) for wording in phrasing.match)
                self._vetoes[concept.code, number] = (
                    self._set_of(phrasing.unless, concept, number, "unless"),
                    self._set_of(phrasing.veto, concept, number, "veto"),
                )
        self._wordings = self._set("match", lambda: ((i, c) for i, rule in enumerate(self._rules) for c in self._compile(rule.wording, rule.concept, "match")))
        self._heads = frozenset(form for word in language.span_heads for form in self._lexicon.forms(word))
        self._modifiers = frozenset(self._lexicon.normal(w) for w in language.span_modifiers)
        self._function_words = frozenset({*self._lexicon.gap_stops, *(self._lexicon.normal(w) for w in language.function_words)})
        self._loose = frozenset({*self._lexicon.gap_stops, *(self._lexicon.normal(w) for w in (*language.conjunctions, *language.articles)), ",", "-"})
        self._contexts = {name: (context, self._context_set(name, context)) for name, context in language.context.items()}
        purpose = [" ".join("=" + part for part in words.split()) for words in language.purpose]
        self._purpose = self._set("purpose", lambda: ((0, c) for w in purpose for c in compile_wording(w, self._lexicon)))

    def _compile(self, wording: str, concept: Concept, key: str) -> list[Compiled]:
        try:
            return compile_wording(wording, self._lexicon)
        except WordingError as error:
            raise DataError(concept.path, f"phrasing.{self.language.language}.{key}", str(error), line_of(concept.path, wording)) from None

    def _set(self, name: str, wordings: Callable[[], Iterable[tuple[int, Compiled]]]) -> WordingSet:
        return WordingSet(self._vocab, self._tables.table(name, lambda: tabulated(wordings(), self._vocab.strings.add)))

    def _set_of(self, wordings: Sequence[str], concept: Concept, number: int, key: str) -> WordingSet | None:
        if not wordings:
            return None
        return self._set(f"{concept.code}/{number}/{key}", lambda: ((0, c) for w in wordings for c in self._compile(w, concept, key)))

    def _context_set(self, name: str, context: Context) -> WordingSet:
        try:
            return self._set(f"context/{name}", lambda: ((0, c) for w in context.match for c in compile_wording(w, self._lexicon)))
        except WordingError as error:
            raise DataError(self.language.path, "context", str(error)) from None

    @property
    def lexicon(self) -> Lexicon:
        """The words of the language, as the wordings see them."""
        return self._lexicon

    def find(
        self, doc: Doc, start: int, end: int, *, wider: Doc | None = None, issuer: str | None = None, before: Callable[[], Preceding] | None = None,
        missed: dict[int, tuple[int, int, int]] | None = None,
    ) -> tuple[list[Hit], list[Refused]]:  # fmt: skip
        """Return what holds among the tokens ``start`` to ``end`` (a sentence), and what was refused.

        Args:
            doc: A document whose ``ents`` are the actors.
            start: First token of the sentence.
            end: Token behind the sentence.
            wider: Heading, lead-in and previous sentence, where there are any.
            issuer: ISO 3166-1 alpha-3 of the issuing state, which is not foreign to itself.
            before: Tells what stands before the sentence that its objectives may serve; asked only if need be.
            missed: Filled with the wordings that nearly fit, for :meth:`near`.
        """
        best: dict[tuple[int, int, int], tuple[Found, int]] = {}
        for index, found in self._wordings.search(doc, start, end, issuer, missed):
            key = (index, found.start, found.end)
            if key not in best or (found.gaps, found.whole_end - found.whole_start) < (best[key][0].gaps, best[key][0].whole_end - best[key][0].whole_start):
                best[key] = (found, index)
        hits: list[Hit] = []
        refused: list[Refused] = []
        known: dict[str, bool] = {}
        purposes = _Purposes(self, doc, start, end, issuer, hits, before)
        ordered = sorted(best.values(), key=lambda pair: (self._rules[pair[1]].concept.kind == "objectives", pair[0].start, pair[0].end, pair[1]))
        for found, index in ordered:
            rule = self._rules[index]
            verdict, factor, reasons = self._test(rule, found, doc, start, end, wider, issuer, purposes, known)
            if verdict:
                refused.append(Refused(rule.concept, found.start, found.end, rule.id, rule.wording, verdict))
            else:
                first, last = self._tidied(doc, found.start, found.end, start, end)
                served = purposes.served((found.start, found.end)) if rule.concept.kind == "objectives" else ()
                score = rule.phrasing.score * factor - 0.002 * found.gaps
                hits.append(Hit(rule.concept, first, last, score, rule.id, rule.wording, reasons, served, added=rule.phrasing.added))
        return resolve(hits), refused

    def near(self, missed: Mapping[int, tuple[int, int, int]]) -> list[Near]:
        """Return the concepts with wordings whose words all stand in a sentence, but not in their order or reach.

        Args:
            missed: What :meth:`find` filled.
        """
        by_code: dict[str, list[int]] = defaultdict(list)
        for index in missed:
            by_code[self._rules[index].concept.code].append(index)
        result = []
        for code in sorted(by_code):
            longest = max(by_code[code], key=lambda i: (missed[i][0], missed[i][1] - missed[i][2], -i))
            _, first, last = missed[longest]
            result.append(Near(self._rules[longest].concept, len(by_code[code]), first, last))
        return result

    def _tidied(self, doc: Doc, first: int, last: int, start: int, end: int) -> tuple[int, int]:
        """Return the borders of a mention as coders draw them.

        Dangling function words go; the noun that heads it comes in ("arms control" + "agreements"), and so does the rest of a proper name of which a part
        was found: capitals before and behind, and its abbreviation in brackets ("U.S.-India" + "Defense Dialogue", "Test Ban" + "(CTBT) Treaty").
        """
        loose = self._loose
        while last - first > 1 and doc[last - 1].norm_ in loose:
            last -= 1
        while last - first > 1 and doc[first].norm_ in loose:
            first += 1
        while True:
            reach = last
            while reach < end and reach - last < _HEAD_REACH and doc[reach].norm_ in self._heads:
                reach += 1
            named = self._name_ends(doc, reach, end)
            if named == last:
                return self._name_begins(doc, first, start), last
            last = named

    def _name_ends(self, doc: Doc, last: int, end: int) -> int:
        """Return the token behind a proper name that goes on at ``last``: capitals in a row, an abbreviation in brackets."""
        if not _capital(doc[last - 1].text) and doc[last - 1].text != ")":
            closing = last + 2
            if closing < end and doc[last].text == "(" and doc[closing].text == ")" and doc[last + 1].text.isupper():
                return closing + 1
            return last
        while last < end and _capital(doc[last].text) and doc[last].norm_ not in self._function_words:
            last += 1
        closing = last + 2
        if closing < end and doc[last].text == "(" and doc[closing].text == ")" and doc[last + 1].text.isupper():
            last = closing + 1
        return last

    def _name_begins(self, doc: Doc, first: int, start: int) -> int:
        """Return the first token of a mention cut short in front: words that only qualify it, and capitals in a row, also joined by hyphens."""
        while first - 1 >= start and doc[first - 1].norm_ in self._modifiers:
            first -= 1
            if first - 2 >= start and doc[first - 1].norm_ in self._loose and doc[first - 2].norm_ in self._modifiers:
                first -= 1
        if not _capital(doc[first].text):
            while (
                first - 1 >= start
                and len(doc[first - 1].text) > 1
                and doc[first - 1].text.replace(".", "").isupper()
                and doc[first - 1].norm_ not in self._function_words
            ):
                first -= 1
            return first
        while first - 1 >= start:
            before = doc[first - 1]
            if _capital(before.text) and before.norm_ not in self._function_words and not (before.is_sent_start or first - 1 == start):
                first -= 1
            elif before.text in {"-", "\u2013"} and first - 2 >= start and _capital(doc[first - 2].text):
                first -= 2
            else:
                break
        return first

    def _test(
        self, rule: _Rule, found: Found, doc: Doc, start: int, end: int, wider: Doc | None, issuer: str | None, purposes: _Purposes, known: dict[str, bool]
    ) -> tuple[str, float, tuple[str, ...]]:
        """Return why the hit does not hold (empty if it does), the factor on its score, and the contexts that decided."""
        unless, veto = self._vetoes[rule.concept.code, rule.number]
        if veto and any(f.whole_start < found.whole_end and found.whole_start < f.whole_end for _, f in veto.search(doc, start, end, issuer)):
            return "veto", 0.0, ()
        if unless and unless.occurs(doc, start, end):
            return "unless", 0.0, ()
        factor = 1.0
        reasons: list[str] = []
        for need in rule.phrasing.needs:
            name, told = need.rstrip("*"), need
            if name == "purpose":
                held = self._purpose.occurs(doc, max(start, found.start - PURPOSE_REACH), found.start + 1)
            elif name in _LINK_NEEDS:
                place = (found.start, found.end)
                linked = purposes.strong(place)
                told = "serves" if linked else name
                if linked is None and name != "serves":
                    linked = purposes.weak(place, defence=name == "engagement")
                held = linked is not None
                if linked:
                    told += f" ({linked.kind}: {doc[linked.means[0] : linked.means[1]].text if linked.means else 'the text before'})"
            else:
                held = self._holds(name, doc, start, end, issuer, known)
            if not held and need.endswith("*") and wider is not None and name in self._contexts:
                held = self._context_holds(name, wider, 0, len(wider), issuer)
                factor = WIDER_CONTEXT_FACTOR if held else factor
            if not held:
                return f"needs {name}", 0.0, ()
            reasons.append(told)
        return "", factor, tuple(reasons)

    def _holds(self, name: str, doc: Doc, start: int, end: int, issuer: str | None, known: dict[str, bool]) -> bool:
        if name not in known:
            known[name] = self._context_holds(name, doc, start, end, issuer)
        return known[name]

    def places(self, name: str, doc: Doc, start: int, end: int) -> list[Span]:
        """Return where a context of the language file stands among the tokens ``start`` to ``end``."""
        if name not in self._contexts or end <= start:
            return []
        return [(f.start, f.end) for _, f in self._contexts[name][1].search(doc, start, end)]

    def context_holds(self, name: str, doc: Doc, start: int, end: int, issuer: str | None) -> bool:
        """Return whether a context of the language file holds among the tokens ``start`` to ``end``."""
        return self._context_holds(name, doc, start, end, issuer)

    def _context_holds(self, name: str, doc: Doc, start: int, end: int, issuer: str | None) -> bool:
        if name not in self._contexts:
            return False
        context, wordings = self._contexts[name]
        if context.actors:
            for ent in doc.ents:
                if ent.start >= start and ent.end <= end and ent.label_ in context.actors and (context.issuer or ent.kb_id_ != issuer or ent.label_ != "state"):
                    return True
        return wordings.occurs(doc, start, end)


class _Purposes:
    """What the objectives of one sentence serve, worked out when first asked for."""

    def __init__(self, ruler: Ruler, doc: Doc, start: int, end: int, issuer: str | None, hits: Sequence[Hit], before: Callable[[], Preceding] | None) -> None:
        self._ruler, self._doc, self._start, self._end, self._issuer, self._hits = ruler, doc, start, end, issuer, hits
        self._before = before
        self._preceding: Preceding | None = None
        self._means: list[Span] | None = None
        self._places: dict[tuple[str, int, int], list[Span]] = {}
        self._strong: dict[Span, Link | None] = {}
        self._weak: dict[tuple[Span, bool], Link | None] = {}

    def strong(self, objective: Span) -> Link | None:
        """Return how an objective is linked to an instrument, if it is."""
        if objective not in self._strong:
            self._strong[objective] = self._link(objective, self._instruments(), before=self._said_before().instruments)
        return self._strong[objective]

    def weak(self, objective: Span, *, defence: bool = True) -> Link | None:
        """Return how an objective is linked to other words of engagement, if the sentence is about others, not about civil things, and about defence.

        Args:
            objective: Its tokens.
            defence: Whether the sentence must speak of defence; not if the objective itself is one of security.
        """
        key = (objective, defence)
        if key not in self._weak:
            engages = self._engages(defence)
            self._weak[key] = self._link(objective, self._other_means(objective), before=self._said_before().means) if engages else None
        return self._weak[key]

    def served(self, objective: Span) -> tuple[Span, ...]:
        """Return the instruments of the sentence that an objective serves."""
        return tuple(i for i in self._instruments() if self._link(objective, [i]))

    def _link(self, objective: Span, means: Sequence[Span], *, before: bool = False) -> Link | None:
        if not (means or before):
            return None
        introduced = before and self._said_before().introduces
        return link(self._doc, self._start, self._end, objective, means, self._search, before=before, introduced=introduced)

    def _instruments(self) -> list[Span]:
        return sorted({(h.start, h.end) for h in self._hits if h.concept.kind == "instruments"})

    def _other_means(self, objective: Span) -> list[Span]:
        if self._means is None:
            named = [(e.start, e.end) for e in self._doc.ents if e.start < self._end and self._start < e.end]
            self._means = [m for m in self._search("means", self._start, self._end) if not any(a <= m[0] and m[1] <= b for a, b in named)]
        first, last = objective
        return [m for m in self._means if m[1] <= first or last <= m[0]]

    def _engages(self, defence: bool) -> bool:
        holds = self._ruler.context_holds
        place = (self._doc, self._start, self._end, self._issuer)
        return holds("others", *place) and holds("defence_ties" if defence else "partner", *place) and not holds("civil", *place)

    def _said_before(self) -> Preceding:
        if self._preceding is None:
            self._preceding = self._before() if self._before else Preceding()
        return self._preceding

    def _search(self, context: str, start: int, end: int) -> list[Span]:
        key = (context, start, end)
        if key not in self._places:
            self._places[key] = self._ruler.places(context, self._doc, start, end)
        return self._places[key]


def _capital(text: str) -> bool:
    """Return whether a token is written with a capital, as the words of proper names are."""
    return text[:1].isupper()


def resolve(hits: Sequence[Hit]) -> list[Hit]:
    """Apply the precedence of overlapping hits, decided here and nowhere else.

    1. Hits of one code that overlap are one mention: the highest score wins, then the longer, then the earlier.
    2. A hit lying within a hit of a code that its page yields to is dropped.
    3. Hits of different codes are otherwise all kept, overlapping or equal.
    """
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (-round(h.score, 2), -(h.end - h.start), h.start, h.rule)):
        if not any(k.concept.code == hit.concept.code and k.start < hit.end and hit.start < k.end for k in kept):
            kept.append(hit)
    stronger = [h for h in kept if not any(o.concept.code in h.concept.yields_to and o.start < h.end and h.start < o.end for o in kept)]
    return sorted(stronger, key=lambda h: (h.start, h.end, h.concept.code))
