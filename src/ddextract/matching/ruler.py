"""The rule matcher: wordings of the codebook found in a sentence, tested by their contexts and vetoes.

Token patterns run only in sentences where their rarest literal occurs, so cost hardly grows with the codebook.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ddextract.codebook import Codebook, Concept, Context, LanguageFile, Phrasing, line_of
from ddextract.errors import DataError
from ddextract.matching.language import lexicon_of
from ddextract.matching.wording import Compiled, Lexicon, WordingError, compile_wording

if TYPE_CHECKING:
    from spacy.matcher import Matcher
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

WIDER_CONTEXT_FACTOR = 0.8
"""What a hit keeps of its score when heading, lead-in or previous sentence supply what it needs."""
PURPOSE_REACH = 14
"""Tokens before an objective within which a word of purpose must stand."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a wording matched: token indices of the mention, and how much of it was bridged."""

    start: int
    end: int
    whole_start: int
    whole_end: int
    gaps: int


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


@dataclass(frozen=True, slots=True)
class Refused:
    """A wording that matched but did not count, and what vetoed it (for ``explain``)."""

    concept: Concept
    start: int
    end: int
    rule: str
    wording: str
    because: str


class WordingSet:
    """Many wordings of one language, run together; each is known by the index it was added with."""

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab
        self._single: dict[int, list[int]] = defaultdict(list)
        self._groups: list[tuple[Matcher, dict[int, tuple[int, Compiled]]]] = []
        self._by_anchor: dict[int, list[int]] = defaultdict(list)
        self._always: list[int] = []

    def build(self, wordings: Iterable[tuple[int, Compiled]]) -> WordingSet:
        """Take the wordings in, grouped by the literal that gates them."""
        from spacy.matcher import Matcher

        wordings = list(wordings)
        frequency = Counter(word for _, compiled in wordings for slot in compiled.slots for word in slot.literals)
        grouped: dict[frozenset[str], list[tuple[int, Compiled]]] = defaultdict(list)
        for index, compiled in wordings:
            if len(compiled.slots) == 1 and compiled.slots[0].literals and set(compiled.slots[0].pattern) == {"NORM"}:
                for word in compiled.slots[0].literals:
                    self._single[self._vocab.strings.add(word)].append(index)
                continue
            grouped[compiled.anchors(lambda w: 1.0 + frequency[w] / (1 + len(w)))].append((index, compiled))
        for anchors, members in grouped.items():
            matcher = Matcher(self._vocab)
            keys: dict[int, tuple[int, Compiled]] = {}
            for number, (index, compiled) in enumerate(members):
                name = f"{number}"
                matcher.add(name, [[slot.pattern for slot in compiled.slots]])
                keys[self._vocab.strings.add(name)] = (index, compiled)
            self._groups.append((matcher, keys))
            for word in anchors:
                self._by_anchor[self._vocab.strings.add(word)].append(len(self._groups) - 1)
            if not anchors:
                self._always.append(len(self._groups) - 1)
        return self

    def search(self, doc: Doc, start: int, end: int) -> Iterator[tuple[int, Found]]:
        """Yield ``(index, place)`` for every wording that occurs among the tokens ``start`` to ``end``."""
        groups: set[int] = set(self._always)
        for i in range(start, end):
            norm = doc[i].norm
            for index in self._single.get(norm, ()):
                yield index, Found(i, i + 1, i, i + 1, 0)
            groups.update(self._by_anchor.get(norm, ()))
        if not groups:
            return
        span = doc[start:end]
        for number in sorted(groups):
            matcher, keys = self._groups[number]
            for key, a, b, alignment in matcher(span, with_alignments=True):
                index, compiled = keys[key]
                inside = [a + k for k, slot in enumerate(alignment[: b - a]) if compiled.slots[slot].inside]
                if not inside:
                    continue
                gaps = sum(compiled.slots[slot].gap for slot in alignment[: b - a])
                yield index, Found(start + inside[0], start + inside[-1] + 1, start + a, start + b, gaps)

    def occurs(self, doc: Doc, start: int, end: int) -> bool:
        """Return whether any wording occurs among the tokens ``start`` to ``end``."""
        return next(self.search(doc, start, end), None) is not None


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

    Raises:
        DataError: A wording does not follow the notation; file, key and line are named.
    """

    def __init__(self, codebook: Codebook, language: LanguageFile, vocab: Vocab) -> None:
        self.language = language
        self._lexicon = lexicon_of(language)
        self._vocab = vocab
        self._rules: list[_Rule] = []
        compiled: list[tuple[int, Compiled]] = []
        self._vetoes: dict[tuple[str, int], tuple[WordingSet | None, WordingSet | None]] = {}
        for concept in codebook.concepts.values():
            for number, phrasing in enumerate(concept.phrasing.get(language.language, ())):
                for need in phrasing.needs:
                    if need.rstrip("*") not in {*language.context, "engagement", "purpose"}:
                        raise DataError(concept.path, f"phrasing.{language.language}.needs", f"no context '{need}' in {language.path.name}", line_of(concept.path, need))
                for wording in phrasing.match:
                    index = len(self._rules)
                    self._rules.append(_Rule(concept, phrasing, number, wording))
                    compiled.extend((index, c) for c in self._compile(wording, concept, "match"))
                self._vetoes[concept.code, number] = (
                    self._set_of(phrasing.unless, concept, "unless"),
                    self._set_of(phrasing.veto, concept, "veto"),
                )
        self._wordings = WordingSet(vocab).build(compiled)
        self._contexts = {name: (context, self._context_set(context)) for name, context in language.context.items()}
        purpose = [c for w in language.purpose for c in compile_wording(" ".join("=" + p for p in w.split()), self._lexicon)]
        self._purpose = WordingSet(vocab).build((0, c) for c in purpose)

    def _compile(self, wording: str, concept: Concept, key: str) -> list[Compiled]:
        try:
            return compile_wording(wording, self._lexicon)
        except WordingError as error:
            raise DataError(concept.path, f"phrasing.{self.language.language}.{key}", str(error), line_of(concept.path, wording)) from None

    def _set_of(self, wordings: Sequence[str], concept: Concept, key: str) -> WordingSet | None:
        if not wordings:
            return None
        return WordingSet(self._vocab).build((0, c) for w in wordings for c in self._compile(w, concept, key))

    def _context_set(self, context: Context) -> WordingSet:
        try:
            return WordingSet(self._vocab).build((0, c) for w in context.match for c in compile_wording(w, self._lexicon))
        except WordingError as error:
            raise DataError(self.language.path, "context", str(error)) from None

    @property
    def lexicon(self) -> Lexicon:
        """The words of the language, as the wordings see them."""
        return self._lexicon

    def find(self, doc: Doc, start: int, end: int, *, wider: Doc | None = None, issuer: str | None = None) -> tuple[list[Hit], list[Refused]]:
        """Return what holds among the tokens ``start`` to ``end`` (a sentence), and what was refused.

        Args:
            doc: A document whose ``ents`` are the actors.
            start: First token of the sentence.
            end: Token behind the sentence.
            wider: Heading, lead-in and previous sentence, where there are any.
            issuer: ISO 3166-1 alpha-3 of the issuing state, which is not foreign to itself.
        """
        best: dict[tuple[int, int, int], tuple[Found, int]] = {}
        for index, found in self._wordings.search(doc, start, end):
            key = (index, found.start, found.end)
            if key not in best or (found.gaps, found.whole_end - found.whole_start) < (best[key][0].gaps, best[key][0].whole_end - best[key][0].whole_start):
                best[key] = (found, index)
        hits: list[Hit] = []
        refused: list[Refused] = []
        known: dict[str, bool] = {}
        ordered = sorted(best.values(), key=lambda pair: (self._rules[pair[1]].concept.kind == "objectives", pair[0].start, pair[0].end, pair[1]))
        for found, index in ordered:
            rule = self._rules[index]
            verdict, factor, reasons = self._test(rule, found, doc, start, end, wider, issuer, hits, known)
            if verdict:
                refused.append(Refused(rule.concept, found.start, found.end, rule.id, rule.wording, verdict))
            else:
                hits.append(Hit(rule.concept, found.start, found.end, rule.phrasing.score * factor - 0.002 * found.gaps, rule.id, rule.wording, reasons))
        return resolve(hits), refused

    def _test(
        self, rule: _Rule, found: Found, doc: Doc, start: int, end: int, wider: Doc | None, issuer: str | None, hits: Sequence[Hit], known: dict[str, bool]
    ) -> tuple[str, float, tuple[str, ...]]:
        """Return why the hit does not hold (empty if it does), the factor on its score, and the contexts that decided."""
        unless, veto = self._vetoes[rule.concept.code, rule.number]
        if veto and any(f.whole_start < found.whole_end and found.whole_start < f.whole_end for _, f in veto.search(doc, start, end)):
            return "veto", 0.0, ()
        if unless and unless.occurs(doc, start, end):
            return "unless", 0.0, ()
        factor = 1.0
        reasons: list[str] = []
        for need in rule.phrasing.needs:
            name = need.rstrip("*")
            if name == "purpose":
                held = self._purpose.occurs(doc, max(start, found.start - PURPOSE_REACH), found.start + 1)
            elif name == "engagement":
                held = any(h.concept.kind == "instruments" for h in hits) or (
                    self._holds("foreign", doc, start, end, issuer, known) and self._holds("security", doc, start, end, issuer, known)
                )
            else:
                held = self._holds(name, doc, start, end, issuer, known)
            if not held and need.endswith("*") and wider is not None and name in self._contexts:
                held = self._context_holds(name, wider, 0, len(wider), issuer)
                factor *= WIDER_CONTEXT_FACTOR if held else 1.0
            if not held:
                return f"needs {name}", 0.0, ()
            reasons.append(need)
        return "", factor, tuple(reasons)

    def _holds(self, name: str, doc: Doc, start: int, end: int, issuer: str | None, known: dict[str, bool]) -> bool:
        if name not in known:
            known[name] = self._context_holds(name, doc, start, end, issuer)
        return known[name]

    def _context_holds(self, name: str, doc: Doc, start: int, end: int, issuer: str | None) -> bool:
        if name not in self._contexts:
            return False
        context, wordings = self._contexts[name]
        if context.actors:
            for ent in doc.ents:
                if ent.start >= start and ent.end <= end and ent.label_ in context.actors and (context.issuer or ent.kb_id_ != issuer or ent.label_ != "state"):
                    return True
        return wordings.occurs(doc, start, end)


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
