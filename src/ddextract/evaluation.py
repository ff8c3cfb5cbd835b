"""How right the matchers are: every figure from gold sentences, with intervals, the coders' own agreement beside it, and the mistakes to read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ddextract.annotation.gold import Coded, GoldSentence
from ddextract.codebook import Codebook
from ddextract.matching.pipeline import Passage, Setting, matcher_for, rule_matcher
from ddextract.matching.signatories import signatories
from ddextract.mention import Mention
from ddextract.scoring import Clustered, Labelled, Score, Tally, add_tallies, align, score_lines, tally_sets, tally_spans

Predict = Callable[[Coded], Sequence[Mention]]


@dataclass(frozen=True, slots=True)
class Found:
    """A mention reduced to what is scored: places in the sentence's own text."""

    label: str
    code: str
    start: int
    end: int
    holder: str | None = None
    status: str | None = None
    partner: tuple[tuple[int, int], ...] = ()
    name: str | None = None
    iso3: str | None = None
    rule: str = ""


Compared = tuple[Coded, list[Found], list[Found]]
"""A gold sentence, what stands in it, what was found in it."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing missed or spurious, or an attribute that differs."""

    kind: str
    code: str
    sentence: str
    document: str
    text: str
    span: str
    detail: str = ""


@dataclass
class Evaluation:
    """All tallies of one system (or coder) against gold, by document.

    Attributes:
        sentences: How many gold sentences were scored.
        sentence_level: Instrument codes per sentence (present or not).
        weighted: The same, each sentence weighted back to prevalence.
        span_overlap: Instrument spans, right if code is equal and borders overlap.
        span_strict: Instrument spans, right if code and borders are equal.
        token_level: Words within instrument spans, by code.
        document_level: Instrument codes with a counting mention per document; real documents only (authored sets are no documents).
        objective_level: Objective codes per sentence.
        actor_spans: Actor spans by type, overlap.
        attributes: Attribute to (gold, found) counts on matched mentions.
        values: The same as tallies per value, by document.
        partners: Partner spans on matched mentions.
        linking: Country right, of matched actors with a country in the gold.
        countries: Countries of matched actors, as tallies.
        confused: (gold, found) codes of instrument spans that overlap, equal ones first; an empty code where nothing overlaps.
        mistakes: What to read.
    """

    sentences: int = 0
    sentence_level: Clustered = field(default_factory=dict)
    weighted: Clustered = field(default_factory=dict)
    span_overlap: Clustered = field(default_factory=dict)
    span_strict: Clustered = field(default_factory=dict)
    token_level: Clustered = field(default_factory=dict)
    document_level: Clustered = field(default_factory=dict)
    objective_level: Clustered = field(default_factory=dict)
    actor_spans: Clustered = field(default_factory=dict)
    attributes: dict[str, Counter[tuple[str, str]]] = field(default_factory=lambda: {"holder": Counter(), "status": Counter()})
    values: dict[str, Clustered] = field(default_factory=lambda: {"holder": {}, "status": {}})
    partners: Clustered = field(default_factory=dict)
    linking: Counter[bool] = field(default_factory=Counter)
    countries: Clustered = field(default_factory=dict)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)
    mistakes: list[Mistake] = field(default_factory=list)

    def tables(self) -> dict[str, list[Score]]:
        """Return the tables of scores, name to lines; the first line of each is the micro score."""
        return {
            "instruments, sentence": score_lines("instruments, sentence", self.sentence_level),
            "instruments, sentence, weighted to prevalence": score_lines("instruments, weighted", self.weighted)[:1],
            "instruments, span overlap": score_lines("instruments, span overlap", self.span_overlap)[:1],
            "instruments, span strict": score_lines("instruments, span strict", self.span_strict)[:1],
            "instruments, token": score_lines("instruments, token", self.token_level)[:1],
            "instruments, document": score_lines("instruments, document", self.document_level)[:1],
            "objectives, sentence": score_lines("objectives, sentence", self.objective_level),
            "actors, span overlap": score_lines("actors, span overlap", self.actor_spans),
            "actors, country": score_lines("actors, country", self.countries)[:1],
            "holder, on matched mentions": score_lines("holder", self.values["holder"]),
            "status, on matched mentions": score_lines("status", self.values["status"]),
            "partners, span overlap": score_lines("partners", self.partners)[:1],
        }


def cluster_of(gold: GoldSentence) -> str:
    """Return what sentences are resampled by: their document; authored ones, which have none, by issuing state."""
    return gold.document if gold.text is None else f"authored {gold.language} {gold.state or '?'}"


def gold_found(coded: Coded) -> list[Found]:
    """Return the gold mentions of a sentence, in places of its own text."""
    g, o = coded.gold, coded.gold.offset
    result = [
        Found("INSTRUMENT", m.code, m.start - o, m.end - o, m.holder, m.status, tuple((p.start - o, p.end - o) for p in m.partner)) for m in g.instruments
    ]
    result += [Found("OBJECTIVE", m.code, m.start - o, m.end - o) for m in g.objectives]
    result += [Found("ACTOR", m.type, m.start - o, m.end - o, name=m.name, iso3=m.iso3) for m in g.actors]
    return result


def mentions_found(mentions: Iterable[Mention]) -> list[Found]:
    """Return mentions reduced to what is scored."""
    result = []
    for m in mentions:
        a = m.attribution
        partner = tuple((p.start, p.end) for p in a.partner) if a else ()
        result.append(Found(m.label, m.code, m.start, m.end, a.holder if a else None, a.status if a else None, partner, m.name, m.iso3, m.rule))
    return result


def setting_of(coded: Coded, codebook: Codebook) -> Setting:
    """Return who speaks in a gold sentence, as a run would know it: of a joint statement all signatories."""
    g = coded.gold
    if not g.state:
        return Setting(None, g.year)
    return Setting(g.state, g.year, _signatories(coded.opening, g.state, g.language, codebook) if coded.opening else (g.state,))


_SIGNED: dict[tuple[str, str, str, str], tuple[str, ...]] = {}


def _signatories(opening: str, state: str, language: str, codebook: Codebook) -> tuple[str, ...]:
    key = (opening, state, language, codebook.digest)
    if key not in _SIGNED:
        _SIGNED[key] = signatories(opening, state, rule_matcher(codebook, language))
    return _SIGNED[key]


def predictor(codebook: Codebook, matcher: str = "hybrid") -> Predict:
    """Return a function that gives a matcher's mentions of a gold sentence, with the sentence before it as context.

    Args:
        codebook: The codebook.
        matcher: ``rules``, ``statistical`` or ``hybrid``.
    """

    def predict(coded: Coded) -> Sequence[Mention]:
        matching = matcher_for(codebook, coded.gold.language, matcher)
        return matching.mentions(Passage(coded.text, previous=coded.previous), setting_of(coded, codebook))

    return predict


def evaluate(coded: Sequence[Coded], predict: Predict) -> Evaluation:
    """Score a matcher on gold sentences.

    Args:
        coded: Gold sentences with their texts.
        predict: Gives the mentions of one of them.
    """
    return score_against(compared(coded, predict))


def compared(coded: Sequence[Coded], predict: Predict) -> list[Compared]:
    """Return each gold sentence with what stands in it and what a matcher found."""
    return [(c, gold_found(c), mentions_found(predict(c))) for c in coded]


def score_against(triples: Sequence[Compared]) -> Evaluation:
    """Score what was found against gold, sentence by sentence."""
    result = Evaluation()
    counted: dict[str, tuple[set[str], set[str]]] = {}
    for coded, gold, found in triples:
        result.sentences += 1
        _score_sentence(result, coded, gold, found)
        if coded.gold.text is not None:
            continue
        document = coded.gold.document
        in_gold, in_found = counted.setdefault(document, (set(), set()))
        in_gold |= {m.code for m in gold if _counts(m)}
        in_found |= {m.code for m in found if _counts(m)}
    for document, (in_gold, in_found) in counted.items():
        result.document_level[document] = tally_sets(in_gold, in_found)
    return result


def _counts(m: Found) -> bool:
    return m.label == "INSTRUMENT" and m.holder in ("self", "joint") and m.status != "negated"


def _of(found: Sequence[Found], label: str) -> list[Found]:
    return [f for f in found if f.label == label]


def _spans(found: Sequence[Found]) -> list[Labelled]:
    return [Labelled(f.start, f.end, f.code) for f in found]


def _score_sentence(result: Evaluation, coded: Coded, gold: list[Found], found: list[Found]) -> None:
    document, weight = cluster_of(coded.gold), coded.gold.weight

    def add(where: Clustered, tallies: Mapping[str, Tally]) -> None:
        add_tallies(where.setdefault(document, {}), tallies)

    instruments, predicted = _of(gold, "INSTRUMENT"), _of(found, "INSTRUMENT")
    codes, predicted_codes = {m.code for m in instruments}, {m.code for m in predicted}
    add(result.sentence_level, tally_sets(codes, predicted_codes))
    add(result.weighted, tally_sets(codes, predicted_codes, weight=weight))
    add(result.span_overlap, tally_spans(_spans(instruments), _spans(predicted)))
    add(result.span_strict, tally_spans(_spans(instruments), _spans(predicted), strict=True))
    add(result.token_level, _tally_tokens(coded.text, instruments, predicted))
    _confuse(result, instruments, predicted)
    add(result.objective_level, tally_sets({m.code for m in _of(gold, "OBJECTIVE")}, {m.code for m in _of(found, "OBJECTIVE")}))
    for i, j in align(_spans(instruments), _spans(predicted)):
        _score_attributes(result, coded, instruments[i], predicted[j])
    actors, named = _of(gold, "ACTOR"), _of(found, "ACTOR")
    add(result.actor_spans, tally_spans(_spans(actors), _spans(named)))
    for i, j in align(_spans(actors), _spans(named)):
        wanted, got = actors[i].iso3, named[j].iso3
        if wanted:
            result.linking[wanted == got] += 1
        add(result.countries, {"country": Tally(tp=1) if wanted and wanted == got else Tally(fp=float(bool(got)), fn=float(bool(wanted)))})
    for m in instruments:
        if m.code not in predicted_codes:
            result.mistakes.append(Mistake("missed", m.code, coded.gold.id, coded.gold.document, coded.text, coded.text[m.start : m.end]))
    for m in predicted:
        if m.code not in codes:
            result.mistakes.append(Mistake("spurious", m.code, coded.gold.id, coded.gold.document, coded.text, coded.text[m.start : m.end], m.rule))


def _tally_tokens(text: str, gold: Sequence[Found], found: Sequence[Found]) -> dict[str, Tally]:
    """Return tallies of the words that lie in spans of a code."""
    words = [(m.start(), m.end()) for m in _WORD.finditer(text)]

    def covered(spans: Sequence[Found]) -> dict[str, set[tuple[int, int]]]:
        places: dict[str, set[tuple[int, int]]] = {}
        for span in spans:
            places.setdefault(span.code, set()).update(w for w in words if w[0] < span.end and span.start < w[1])
        return places

    first, second = covered(gold), covered(found)
    tallies = {}
    for code in sorted({*first, *second}):
        a, b = first.get(code, set()), second.get(code, set())
        tallies[code] = Tally(len(a & b), len(b - a), len(a - b))
    return tallies


def _confuse(result: Evaluation, gold: Sequence[Found], found: Sequence[Found]) -> None:
    """Count which code was found where another stands; spans that are right are left out."""
    pairs = align(_spans(gold), _spans(found))
    left = [m for i, m in enumerate(gold) if i not in {i for i, _ in pairs}]
    extra = [m for j, m in enumerate(found) if j not in {j for _, j in pairs}]
    result.confused.update((gold[i].code, found[j].code) for i, j in pairs)
    for i, j in align([Labelled(m.start, m.end, "") for m in left], [Labelled(m.start, m.end, "") for m in extra]):
        result.confused[left[i].code, extra[j].code] += 1
        left[i], extra[j] = replace(left[i], label="met"), replace(extra[j], label="met")
    result.confused.update((m.code, "") for m in left if m.label != "met")
    result.confused.update(("", m.code) for m in extra if m.label != "met")


def _score_attributes(result: Evaluation, coded: Coded, gold: Found, found: Found) -> None:
    for attribute in ("holder", "status"):
        wanted, got = str(getattr(gold, attribute)), str(getattr(found, attribute))
        result.attributes[attribute][wanted, got] += 1
        add_tallies(result.values[attribute].setdefault(cluster_of(coded.gold), {}), tally_sets({wanted}, {got}))
        if wanted != got:
            span = coded.text[gold.start : gold.end]
            result.mistakes.append(Mistake(attribute, gold.code, coded.gold.id, coded.gold.document, coded.text, span, f"gold {wanted}, found {got}"))
    wanted_partners = [Labelled(a, b, "partner") for a, b in gold.partner]
    got_partners = [Labelled(a, b, "partner") for a, b in found.partner]
    add_tallies(result.partners.setdefault(cluster_of(coded.gold), {}), tally_spans(wanted_partners, got_partners))


def coder_against_coder(first: Sequence[Coded], second: Sequence[GoldSentence]) -> Evaluation:
    """Score one coder's raw codes as if they were a system's against the other's: the ceiling beside every score."""
    by_id = {s.id: s for s in second}
    return score_against([(c, gold_found(Coded(by_id[c.gold.id], c.text)), gold_found(c)) for c in first if c.gold.id in by_id])
