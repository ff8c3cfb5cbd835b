"""Scores with intervals: precision, recall and F1 from tallies per document, clustered bootstrap, paired comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MINIMUM_CLUSTERS = 3
"""Documents below which no interval is claimed."""
RESAMPLES = 1_000
SEED = 20_261_122


@dataclass(frozen=True, slots=True)
class Tally:
    """True positives, false positives and false negatives; may be weighted."""

    tp: float = 0.0
    fp: float = 0.0
    fn: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 0 where nothing was found."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found; 0 where nothing is there."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.tp / (2 * self.tp + self.fp + self.fn) if self.tp + self.fp + self.fn else 0.0

    @property
    def support(self) -> float:
        """How many there are in the gold."""
        return self.tp + self.fn


Clustered = dict[str, dict[str, Tally]]
"""Cluster (document) to class (code) to tally."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, or none where fewer than three documents stand behind it."""

    low: float | None
    high: float | None

    def __str__(self) -> str:
        return "no interval" if self.low is None or self.high is None else f"{self.low:.2f} to {self.high:.2f}"


@dataclass(frozen=True, slots=True)
class Score:
    """One line of a table of scores."""

    name: str
    tally: Tally
    clusters: int
    f1_interval: Interval = field(default_factory=lambda: Interval(None, None))
    macro_f1: float | None = None
    precision_interval: Interval = field(default_factory=lambda: Interval(None, None))
    recall_interval: Interval = field(default_factory=lambda: Interval(None, None))


def micro(tallies: Clustered, classes: Iterable[str] | None = None) -> Tally:
    """Return the sum of all tallies (of some classes)."""
    wanted = set(classes) if classes is not None else None
    total = Tally()
    for by_class in tallies.values():
        for name, tally in by_class.items():
            if wanted is None or name in wanted:
                total = total + tally
    return total


def by_class(tallies: Clustered) -> dict[str, Tally]:
    """Return the sum per class, sorted by name."""
    result: dict[str, Tally] = {}
    for classes in tallies.values():
        for name, tally in classes.items():
            result[name] = result.get(name, Tally()) + tally
    return dict(sorted(result.items()))


def macro_f1(tallies: Clustered) -> float:
    """Return the mean F1 over the classes that the gold has."""
    scores = [t.f1 for t in by_class(tallies).values() if t.support]
    return sum(scores) / len(scores) if scores else 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """Two runs on the same gold: the difference of their micro F1 (second minus first) with its interval."""

    difference: float
    interval: Interval
    clusters: int


def compare(first: Clustered, second: Clustered, *, resamples: int = RESAMPLES, seed: int = SEED) -> Difference:
    """Compare two runs by resampling documents, the same ones for both."""
    names = sorted({*first, *second})
    difference = micro(second).f1 - micro(first).f1
    if len(names) < MINIMUM_CLUSTERS:
        return Difference(difference, Interval(None, None), len(names))
    import numpy as np

    rng = np.random.default_rng(seed)
    values = []
    for _ in range(resamples):
        drawn = [names[i] for i in rng.integers(0, len(names), len(names))]
        one = micro({f"{k}": first.get(n, {}) for k, n in enumerate(drawn)})
        two = micro({f"{k}": second.get(n, {}) for k, n in enumerate(drawn)})
        values.append(two.f1 - one.f1)
    low, high = np.percentile(values, [2.5, 97.5])
    return Difference(difference, Interval(float(low), float(high)), len(names))


def score_lines(name: str, tallies: Clustered) -> list[Score]:
    """Return the micro score with intervals and macro F1, then one line per class.

    All lines rest on the same resamples of the documents. A class that stands in fewer than three documents gets no interval.
    """
    totals = by_class(tallies)
    classes = list(totals)
    intervals = _intervals(tallies, classes)
    lines = [Score(f"{name} (micro)", micro(tallies), len(tallies), intervals[0][2], macro_f1(tallies), intervals[0][0], intervals[0][1])]
    none = (Interval(None, None),) * 3
    for label, own in zip(classes, intervals[1:], strict=True):
        clusters = sum(label in by_label for by_label in tallies.values())
        precision, recall, f1 = own if clusters >= MINIMUM_CLUSTERS else none
        lines.append(Score(label, totals[label], clusters, f1, None, precision, recall))
    return lines


def _intervals(tallies: Clustered, classes: Sequence[str]) -> list[tuple[Interval, Interval, Interval]]:
    """Return the intervals of precision, recall and F1, of all classes together and of each; whole documents are resampled, the same for all."""
    names = sorted(tallies)
    none = Interval(None, None)
    if len(names) < MINIMUM_CLUSTERS:
        return [(none, none, none)] * (1 + len(classes))
    import numpy as np

    table = np.zeros((len(names), len(classes) + 1, 3))
    for i, name in enumerate(names):
        for k, label in enumerate(classes, 1):
            tally = tallies[name].get(label, Tally())
            table[i, k] = (tally.tp, tally.fp, tally.fn)
    table[:, 0] = table[:, 1:].sum(axis=1)
    drawn = np.random.default_rng(SEED).integers(0, len(names), (RESAMPLES, len(names)))
    times = np.stack([(drawn == i).sum(axis=1) for i in range(len(names))], axis=1)
    sums = np.tensordot(times, table, axes=1)
    tp, fp, fn = sums[..., 0], sums[..., 1], sums[..., 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        figures = (tp / (tp + fp), tp / (tp + fn), 2 * tp / (2 * tp + fp + fn))
    result = []
    for k in range(len(classes) + 1):
        own = []
        for figure in figures:
            values = figure[:, k]
            # A resample in which the class stands nowhere says nothing about it.
            values = values[~np.isnan(values)]
            own.append(Interval(float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))) if len(values) else none)
        result.append((own[0], own[1], own[2]))
    return result


@dataclass(frozen=True, slots=True)
class Labelled:
    """A span with its label, for alignment: half-open offsets."""

    start: int
    end: int
    label: str


def align(gold: Sequence[Labelled], found: Sequence[Labelled], *, strict: bool = False) -> list[tuple[int, int]]:
    """Match spans one to one: same label, overlapping (or equal borders), the largest number of pairs, then the largest overlap.

    The assignment is optimal (Hungarian method), so the result does not depend on the order of the spans.

    Args:
        gold: Gold spans.
        found: Spans of the system.
        strict: Whether borders must be equal.

    Returns:
        Pairs of indices, sorted.
    """
    if not gold or not found:
        return []
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    gain = np.zeros((len(gold), len(found)))
    for i, g in enumerate(gold):
        for j, f in enumerate(found):
            overlap = min(g.end, f.end) - max(g.start, f.start)
            same = (g.start, g.end) == (f.start, f.end)
            if g.label == f.label and (same if strict else overlap > 0):
                union = max(g.end, f.end) - min(g.start, f.start)
                gain[i, j] = 1.0 + overlap / union / (len(gold) + len(found) + 1)
    rows, columns = linear_sum_assignment(-gain)
    return sorted((int(i), int(j)) for i, j in zip(rows, columns, strict=True) if gain[i, j] > 0)


def tally_spans(gold: Sequence[Labelled], found: Sequence[Labelled], *, strict: bool = False, weight: float = 1.0) -> dict[str, Tally]:
    """Return tallies per label of one sentence; tp + fn is the number of gold spans, tp + fp that of found ones."""
    pairs = align(gold, found, strict=strict)
    hit_gold, hit_found = {i for i, _ in pairs}, {j for _, j in pairs}
    result: dict[str, Tally] = {}
    for i, span in enumerate(gold):
        result[span.label] = result.get(span.label, Tally()) + (Tally(tp=weight) if i in hit_gold else Tally(fn=weight))
    for j, span in enumerate(found):
        if j not in hit_found:
            result[span.label] = result.get(span.label, Tally()) + Tally(fp=weight)
    return result


def tally_sets(gold: Iterable[str], found: Iterable[str], *, weight: float = 1.0) -> dict[str, Tally]:
    """Return tallies per label of two sets of labels."""
    first, second = set(gold), set(found)
    return {
        label: Tally(tp=weight) if label in first and label in second else Tally(fn=weight) if label in first else Tally(fp=weight)
        for label in sorted(first | second)
    }


def add_tallies(into: dict[str, Tally], more: Mapping[str, Tally]) -> None:
    """Add tallies to others in place."""
    for label, tally in more.items():
        into[label] = into.get(label, Tally()) + tally
