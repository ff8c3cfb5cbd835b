"""How far two coders agree: Cohen's kappa, Krippendorff's alpha with MASI and Jaccard distance, span F1, and where they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ddextract.annotation.gold import GoldSentence, GoldSpan

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
