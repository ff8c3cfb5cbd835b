"""How far two coders agree: Cohen's kappa, Krippendorff's alpha with MASI and Jaccard distance, span F1, and where they differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ddextract.annotation.gold import GoldInstrument, GoldSentence, GoldSpan
from ddextract.scoring import Labelled, Tally, align, tally_spans

Labels = frozenset[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two coders on the sentences that both coded.

    Attributes:
        sentences: How many.
        kappa: Cohen's kappa per code, presence in a sentence; None where neither coder used the code.
        positive: Sentences with the code by the first, by the second, by both.
        alpha_masi: Krippendorff's alpha over the sets of codes with MASI distance (Passonneau 2006).
        alpha_jaccard: The same with Jaccard distance.
        differ: Ids of the sentences whose codes differ.
    """

    sentences: int
    kappa: dict[str, float | None]
    positive: dict[str, tuple[int, int, int]]
    alpha_masi: float
    alpha_jaccard: float
    differ: tuple[str, ...]


def cohen_kappa(first: Sequence[bool], second: Sequence[bool]) -> float | None:
    """Return Cohen's kappa of two binary codings (Cohen 1960), None where both are constant and equal."""
    from sklearn.metrics import cohen_kappa_score

    if len(set(first) | set(second)) < 2:
        return None
    return float(cohen_kappa_score(first, second))


def jaccard_distance(a: Labels, b: Labels) -> float:
    """Return 1 - |a ∩ b| / |a ∪ b|; two empty sets are equal."""
    union = a | b
    return 1.0 - len(a & b) / len(union) if union else 0.0


def masi_distance(a: Labels, b: Labels) -> float:
    """Return 1 - Jaccard x monotonicity (Passonneau 2006): 1 equal, 2/3 subset, 1/3 overlap, 0 disjoint."""
    if a == b:
        return 0.0
    nested = a <= b or b <= a
    weight = 0.0 if not (a & b) else 2 / 3 if nested else 1 / 3
    return 1.0 - (1.0 - jaccard_distance(a, b)) * weight


def krippendorff_alpha(pairs: Sequence[tuple[Labels, Labels]], distance: Callable[[Labels, Labels], float]) -> float:
    """Return Krippendorff's alpha for two coders and any distance (Krippendorff 2011): 1 - observed / expected disagreement.

    Args:
        pairs: The two codings of each unit.
        distance: 0 for equal values, larger for more different ones.

    Returns:
        1 for perfect agreement; 1 too where no two values differ.
    """
    from collections import Counter

    counts = Counter(value for pair in pairs for value in pair)
    observed = sum(distance(a, b) for a, b in pairs) / len(pairs) if pairs else 0.0
    total = sum(counts.values())
    values = list(counts)
    between = sum(counts[v] * counts[w] * distance(v, w) for i, v in enumerate(values) for w in values[i + 1 :]) * 2
    expected = between / (total * (total - 1)) if total > 1 else 0.0
    return 1.0 - observed / expected if expected else 1.0


def _codes(spans: Sequence[GoldSpan]) -> Labels:
    return frozenset(span.code for span in spans if hasattr(span, "code"))


def agreement(first: Sequence[GoldSentence], second: Sequence[GoldSentence], label: str = "instruments") -> Agreement:
    """Compare two raw codings sentence by sentence.

    Args:
        first: One coder's sentences.
        second: The other's.
        label: ``instruments`` or ``objectives``.
    """
    others = {s.id: s for s in second}
    both = [(s, others[s.id]) for s in first if s.id in others]
    pairs = [(_codes(getattr(a, label)), _codes(getattr(b, label))) for a, b in both]
    codes = sorted({code for pair in pairs for side in pair for code in side})
    kappa = {code: cohen_kappa([code in a for a, _ in pairs], [code in b for _, b in pairs]) for code in codes}
    positive = {code: (sum(code in a for a, _ in pairs), sum(code in b for _, b in pairs), sum(code in a and code in b for a, b in pairs)) for code in codes}
    differ = tuple(a.id for (a, _), (x, y) in zip(both, pairs, strict=True) if x != y)
    return Agreement(len(pairs), kappa, positive, krippendorff_alpha(pairs, masi_distance), krippendorff_alpha(pairs, jaccard_distance), differ)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two codings compared at every level.

    Attributes:
        sentence: Codes per sentence.
        document: Codes per document.
        objectives: Objective codes per sentence.
        spans: F1 of instrument spans: ``exact``, ``overlap``, ``token`` (``character`` where the texts are not here).
        attributes: Kappa, share of equal values and number of matched mentions, per attribute.
        disagreements: Sentence id, codes of the first only, codes of the second only, text where it is here.
    """

    sentence: Agreement
    document: Agreement
    objectives: Agreement
    spans: dict[str, float]
    attributes: dict[str, tuple[float | None, float, int]]
    disagreements: tuple[tuple[str, tuple[str, ...], tuple[str, ...], str], ...]


def compare_codings(first: Sequence[GoldSentence], second: Sequence[GoldSentence], texts: Mapping[str, str] | None = None) -> Comparison:
    """Compare two codings of the same sentences.

    Args:
        first: One coder's sentences.
        second: The other's.
        texts: Sentence id to text, where the texts are here.
    """
    texts = texts or {}
    others = {s.id: s for s in second}
    both = [(s, others[s.id]) for s in first if s.id in others]
    tallies = {"exact": Tally(), "overlap": Tally(), "token" if texts else "character": Tally()}
    values: dict[str, list[tuple[str, str]]] = {"holder": [], "status": [], "partner": []}
    disagreements = []
    for a, b in both:
        spans, other_spans = _labelled(a), _labelled(b)
        for name, strict in (("exact", True), ("overlap", False)):
            tallies[name] = sum(tally_spans(spans, other_spans, strict=strict).values(), tallies[name])
        name = "token" if texts else "character"
        tallies[name] = tallies[name] + _covered(spans, other_spans, texts.get(a.id), a.offset)
        for i, j in align(spans, other_spans):
            x, y = a.instruments[i], b.instruments[j]
            values["holder"].append((x.holder, y.holder))
            values["status"].append((x.status, y.status))
            values["partner"].append((_places(x), _places(y)))
        codes, other_codes = _codes(a.instruments), _codes(b.instruments)
        if codes != other_codes:
            disagreements.append((a.id, tuple(sorted(codes - other_codes)), tuple(sorted(other_codes - codes)), texts.get(a.id, "")))
    attributes = {k: (_kappa(v), sum(x == y for x, y in v) / len(v) if v else 0.0, len(v)) for k, v in values.items()}
    return Comparison(
        agreement(first, second),
        _by_document([a for a, _ in both], [b for _, b in both]),
        agreement(first, second, "objectives"),
        {name: tally.f1 for name, tally in tallies.items()},
        attributes,
        tuple(disagreements),
    )


def _labelled(sentence: GoldSentence) -> list[Labelled]:
    return [Labelled(m.start, m.end, m.code) for m in sentence.instruments]


def _places(instrument: GoldInstrument) -> str:
    return ";".join(f"{p.start}-{p.end}" for p in sorted(instrument.partner, key=lambda p: p.start))


def _kappa(values: Sequence[tuple[str, str]]) -> float | None:
    from sklearn.metrics import cohen_kappa_score

    if len({v for pair in values for v in pair}) < 2:
        return None
    return float(cohen_kappa_score([a for a, _ in values], [b for _, b in values]))


def _covered(first: Sequence[Labelled], second: Sequence[Labelled], text: str | None, offset: int) -> Tally:
    """Return tallies of the words (characters, where there is no text) that lie in spans of a code."""
    units = [(m.start() + offset, m.end() + offset) for m in re.finditer(r"\w+", text)] if text is not None else None

    def inside(spans: Sequence[Labelled]) -> set[tuple[str, int]]:
        if units is None:
            return {(s.label, k) for s in spans for k in range(s.start, s.end)}
        return {(s.label, a) for s in spans for a, b in units if a < s.end and s.start < b}

    a, b = inside(first), inside(second)
    return Tally(len(a & b), len(b - a), len(a - b))


def _by_document(first: Sequence[GoldSentence], second: Sequence[GoldSentence]) -> Agreement:
    """Compare the codes that count towards a profile, gathered per document."""

    def gathered(sentences: Sequence[GoldSentence]) -> list[GoldSentence]:
        found: dict[str, list[GoldInstrument]] = {}
        for s in sentences:
            own = found.setdefault(s.document, [])
            own += [m for m in s.instruments if m.holder != "other" and m.status != "negated"]
        example = {s.document: s for s in sentences}
        return [example[d].model_copy(update={"id": d, "instruments": tuple(own)}) for d, own in found.items()]

    return agreement(gathered(first), gathered(second))


def comparison_lines(comparison: Comparison, who: str) -> Iterator[str]:
    """Yield a comparison as lines of text.

    Args:
        comparison: The comparison.
        who: Who coded, e.g. ``model-a against model-b (model coders)``.
    """
    s, d, o = comparison.sentence, comparison.document, comparison.objectives
    yield f"{who}: {s.sentences} sentences, {d.sentences} documents coded by both"
    yield f"  alpha over the codes of a sentence: MASI {s.alpha_masi:.3f}, Jaccard {s.alpha_jaccard:.3f}"
    yield f"  alpha over the codes of a document: MASI {d.alpha_masi:.3f}, Jaccard {d.alpha_jaccard:.3f}"
    yield f"  alpha over the objectives of a sentence: MASI {o.alpha_masi:.3f}, Jaccard {o.alpha_jaccard:.3f}"
    yield "  F1 of instrument spans: " + ", ".join(f"{name} {f1:.3f}" for name, f1 in comparison.spans.items())
    for name, (kappa, equal, count) in comparison.attributes.items():
        yield f"  {name}: kappa {_shown(kappa)}, equal in {equal:.1%} of {count} mentions that both coded"
    yield f"  {'':<34}{'kappa':>7}{'first':>7}{'second':>8}{'both':>6}   {'kappa, documents':>16}"
    for code in sorted({*s.kappa, *d.kappa}):
        a, b, both = s.positive.get(code, (0, 0, 0))
        yield f"  {code:<34}{_shown(s.kappa.get(code)):>7}{a:>7}{b:>8}{both:>6}   {_shown(d.kappa.get(code)):>16}"
    yield f"  {len(comparison.disagreements)} sentences with different codes"


def disagreement_lines(comparison: Comparison) -> Iterator[str]:
    """Yield the sentences whose codes differ: id, what only the first coded, what only the second, text."""
    for sentence, first, second, text in comparison.disagreements:
        yield f"{sentence}\t{','.join(first) or '-'}\t{','.join(second) or '-'}\t{' '.join(text.split())}"


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
