"""The universal-model question: is the shared core more than chance, and does the answer survive every change of the analysis?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ddextract.incidence import Incidence, checkerboard, core, grid, incidence_of_lists, mean_jaccard, nodf
from ddextract.lists import DECIDABLE_WORDS, HandCodedList, Reading
from ddextract.reliability import Reliability, absence, true_rate
from ddextract.remembered import remembers

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

BAR = 0.8
"""Share of the instruments met anywhere that all states must have, for one model to be common to them."""
SHUFFLES = 1_000
"""Matrices drawn under each null model."""
SIMULATIONS = 2_000
"""Times that detection error is simulated."""
SIGNIFICANT = 0.05
STEADY = 0.95
"""Share of simulations on one side of the bar from which the answer counts as steady."""
SEED = 20_310
COUNT_STEPS, FAR_COUNTS = (1, 2, 3), (5, 8, 12)
RATE_STEPS, FAR_RATES = (0.5, 1.0), (2.0, 4.0)
CHANCE_STEPS, FAR_CHANCES = (0.5, 0.8, 0.9), (0.95, 0.99)
"""Thresholds that a reader might set with reason, and far ones, which are shown and do not decide: under them every core melts away."""
FAR = "far threshold"

Answer = Literal["holds", "does not hold", "fragile", "not decidable"]


def shuffles_of_rows(present: np.ndarray, number: int = SHUFFLES, seed: int = SEED) -> np.ndarray:
    """Draw matrices in which each state keeps how many instruments it has, and has them at random.

    Returns:
        Boolean, of shape (number, states, codes).
    """
    import numpy as np

    random = np.random.default_rng(seed)
    ranks = random.random((number, *present.shape)).argsort(axis=2).argsort(axis=2)
    drawn: np.ndarray = ranks < present.sum(axis=1)[None, :, None]
    return drawn


def shuffles_of_both(present: np.ndarray, number: int = SHUFFLES, seed: int = SEED) -> np.ndarray:
    """Draw matrices in which each state keeps how many instruments it has, and each instrument how many states have it.

    By trades between two rows (the curveball algorithm, Strona et al. 2014, Nature Communications 5: 4114), which reaches all such matrices alike.

    Returns:
        Boolean, of shape (number, states, codes).
    """
    import numpy as np

    random = np.random.default_rng(seed)
    states, codes = present.shape
    drawn = np.empty((number, states, codes), dtype=bool)
    rows = [set(np.flatnonzero(row).tolist()) for row in present]
    steps = 2 * states
    for k in range(number):
        for _ in range(steps if k else 10 * steps):
            if states < 2:
                break
            a, b = (int(i) for i in random.choice(states, 2, replace=False))
            spare_a, spare_b = rows[a] - rows[b], rows[b] - rows[a]
            if not spare_a or not spare_b:
                continue
            pool = random.permutation(sorted(spare_a | spare_b))
            both = rows[a] & rows[b]
            rows[a], rows[b] = both | set(pool[: len(spare_a)].tolist()), both | set(pool[len(spare_a) :].tolist())
        drawn[k] = False
        for i, row in enumerate(rows):
            drawn[k, i, list(row)] = True
    return drawn


@dataclass(frozen=True, slots=True)
class Chance:
    """A figure beside what chance gives.

    Attributes:
        name: The figure.
        null: The null model.
        observed: Its value.
        mean: Mean under the null.
        low: 2.5th percentile under the null.
        high: 97.5th percentile.
        p: Share of shuffles that reach the observed value or more, counting the observed one (one-sided).
        effect: Standardised effect, in standard deviations of the null; None where the null does not vary.
        values: All values under the null.
    """

    name: str
    null: str
    observed: float
    mean: float
    low: float
    high: float
    p: float
    effect: float | None
    values: tuple[float, ...] = field(repr=False)


def against_chance(name: str, null: str, observed: float, values: np.ndarray) -> Chance:
    """Return a figure of a matrix beside its values over shuffled matrices."""
    import numpy as np

    low, high = np.quantile(values, (0.025, 0.975))
    deviation = float(values.std())
    p = (1 + int((values >= observed - 1e-9).sum())) / (1 + len(values))
    effect = (observed - float(values.mean())) / deviation if deviation > 1e-12 else None
    return Chance(name, null, observed, float(values.mean()), float(low), float(high), p, effect, tuple(values.tolist()))


def _cores(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return of each matrix how many instruments all states have, and their share of those that any has."""
    import numpy as np

    everywhere, met = drawn.all(axis=1).sum(axis=1), drawn.any(axis=1).sum(axis=1)
    return everywhere.astype(float), np.where(met > 0, everywhere / np.maximum(met, 1), 0.0)


def shared_share(present: np.ndarray) -> float:
    """Return the share of the instruments met anywhere that all states have (0 where none is met)."""
    return float(_cores(present[None])[1][0]) if len(present) else 0.0


@dataclass(frozen=True, slots=True)
class Variant:
    """The share that all states have, in one variant of the analysis.

    Attributes:
        kind: ``base``, ``without state``, ``threshold``, ``without item``, or ``far threshold``, which does not decide.
        name: What was changed.
        core: Instruments that all states have.
        met: Instruments that any state has.
        share: The one over the other.
        lost: Codes of the base core that are gone.
        gained: Codes that are new in the core.
    """

    kind: str
    name: str
    core: int
    met: int
    share: float
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DetectionError:
    """The share that all states have if what was read is drawn again under the measured errors of the matcher.

    Attributes:
        low: 2.5th percentile of the share.
        median: Median.
        high: 97.5th percentile.
        reaching: Share of simulations that reach the bar.
        core: Probability of each code to be in the core, the likeliest first.
        core_low: 2.5th percentile of the number of instruments that all have.
        core_high: 97.5th percentile.
    """

    low: float
    median: float
    high: float
    reaching: float
    core: tuple[tuple[str, float], ...]
    core_low: int
    core_high: int


@dataclass(frozen=True, slots=True)
class Quorum:
    """The number of instruments that at least so many states have, beside what chance gives (mean, 2.5th and 97.5th percentile)."""

    states: int
    size: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class UniversalTest:
    """Whether the states follow one model.

    Attributes:
        source: What was tested.
        states: The states.
        bar: Share from which one model is common to all.
        base: The share as it is.
        core: The instruments that all have.
        chance: Core size, likeness and nestedness against null models.
        quorums: The size of the core at every quorum beside that of shuffles with rows fixed.
        variants: The share under every change of the analysis.
        error: The share under simulated detection error, where errors were measured.
        answer: ``holds``, ``does not hold``, ``fragile`` or ``not decidable``.
        because: Why, in sentences.
    """

    source: str
    states: tuple[str, ...]
    bar: float
    base: Variant
    core: tuple[str, ...]
    chance: tuple[Chance, ...]
    quorums: tuple[Quorum, ...]
    variants: tuple[Variant, ...]
    error: DetectionError | None
    answer: Answer
    because: tuple[str, ...]

    @property
    def decisive(self) -> tuple[Variant, ...]:
        """The variants that decide the answer."""
        return tuple(v for v in self.variants if v.kind != FAR)

    @property
    def headline(self) -> str:
        """The answer in plain words, with its first reasons."""
        return f"{self._head}: {'; '.join(self.because[:2])}."

    @property
    def verdict(self) -> str:
        """The answer in plain words, with all reasons."""
        return f"{self._head}, because {'; '.join(self.because)}."

    @property
    def _head(self) -> str:
        return {
            "holds": "A universal model holds",
            "does not hold": "A universal model does not hold",
            "fragile": "Whether a universal model holds is fragile",
            "not decidable": "Whether a universal model holds cannot be decided",
        }[self.answer]


def universal_test(
    incidence: Incidence,
    *,
    bar: float = BAR,
    variants: Sequence[tuple[str, str, Incidence]] = (),
    simulated: np.ndarray | None = None,
    shuffles: int = SHUFFLES,
    seed: int = SEED,
) -> UniversalTest:
    """Test whether the states share one model.

    The measure is the share of instruments met anywhere that all states have. It is set beside null models, states are left out one by one, and
    the variants and simulations are gone through. The model ``holds`` if the share reaches the bar, beats chance, and does so in every variant and
    in :data:`STEADY` of the simulations; it ``does not hold`` if it stays below the bar in all of them; in between the answer is ``fragile``.

    Args:
        incidence: Who has what.
        bar: Share from which one model is common to all.
        variants: Other versions of the matrix: kind, name and matrix.
        simulated: Boolean matrices drawn under detection error, of shape (draws, states, codes).
        shuffles: Matrices drawn under each null model.
        seed: Start of the draws.
    """
    names = incidence.states
    found = core(incidence) if names else []
    base = _variant("base", "as it is", incidence, found)
    if len(names) < 2:
        why = ("only one state was read",) if names else ("no state was read",)
        return UniversalTest(incidence.name, names, bar, base, tuple(found), (), (), (), None, "not decidable", why)
    changed = [_variant("without state", s, incidence.without(s), found) for s in names] if len(names) > 2 else []
    changed += [_variant(kind, name, other, found) for kind, name, other in variants]
    chance, quorums = _chances(incidence.present, shuffles, seed)
    error = _error(simulated, bar, incidence.codes) if simulated is not None and len(simulated) else None
    answer, because = _answer(incidence, base, chance, changed, error, bar)
    return UniversalTest(incidence.name, names, bar, base, tuple(found), chance, quorums, tuple(changed), error, answer, because)


def _variant(kind: str, name: str, incidence: Incidence, base: Sequence[str]) -> Variant:
    own = core(incidence) if incidence.states else []
    met = int(incidence.present.any(axis=0).sum()) if incidence.states else 0
    share = round(shared_share(incidence.present), 4)
    return Variant(kind, name, len(own), met, share, tuple(sorted(set(base) - set(own))), tuple(sorted(set(own) - set(base))))


def _plain_chances(found: tuple[tuple[Chance, ...], tuple[Quorum, ...]]) -> Any:
    return [[asdict(chance) for chance in found[0]], [asdict(quorum) for quorum in found[1]]]


def _whole_chances(parts: Any) -> tuple[tuple[Chance, ...], tuple[Quorum, ...]]:
    return tuple(Chance(**{**values, "values": tuple(values["values"])}) for values in parts[0]), tuple(Quorum(**values) for values in parts[1])


@remembers(_plain_chances, _whole_chances)
def _chances(present: np.ndarray, shuffles: int, seed: int) -> tuple[tuple[Chance, ...], tuple[Quorum, ...]]:
    import numpy as np

    rows, both = shuffles_of_rows(present, shuffles, seed), shuffles_of_both(present, max(1, shuffles // 2), seed)
    free, fixed = "rows fixed", "rows and columns fixed"
    size, share = _cores(present[None])
    sizes, shares = _cores(rows)
    chances = (
        against_chance("instruments that all have", free, float(size[0]), sizes),
        against_chance("share that all have", free, float(share[0]), shares),
        against_chance("mean Jaccard similarity", free, mean_jaccard(present), np.array([mean_jaccard(m) for m in rows])),
        # With both margins fixed, how many states have an instrument is fixed, and so is the core: only the pattern can be tested.
        against_chance("mean Jaccard similarity", fixed, mean_jaccard(present), np.array([mean_jaccard(m) for m in both])),
        against_chance("nestedness (NODF)", fixed, nodf(present).total, np.array([nodf(m).total for m in both])),
        against_chance("checkerboards (C-score)", fixed, checkerboard(present), np.array([checkerboard(m) for m in both])),
    )
    return chances, _quorums(present, rows)


def _quorums(present: np.ndarray, drawn: np.ndarray) -> tuple[Quorum, ...]:
    import numpy as np

    having, by_chance = present.sum(axis=0), drawn.sum(axis=1)
    result = []
    for q in range(1, len(present) + 1):
        sizes = (by_chance >= q).sum(axis=1)
        low, high = np.quantile(sizes, (0.025, 0.975))
        result.append(Quorum(q, int((having >= q).sum()), round(float(sizes.mean()), 2), float(low), float(high)))
    return tuple(result)


def _error(simulated: np.ndarray, bar: float, codes: Sequence[str]) -> DetectionError:
    import numpy as np

    everywhere = simulated.all(axis=1)
    sizes, shares = _cores(simulated)
    low, median, high = np.quantile(shares, (0.025, 0.5, 0.975))
    fewest, most = np.quantile(sizes, (0.025, 0.975))
    chances = sorted(((c, round(float(p), 3)) for c, p in zip(codes, everywhere.mean(axis=0), strict=True)), key=lambda pair: (-pair[1], pair[0]))
    return DetectionError(
        round(float(low), 4), round(float(median), 4), round(float(high), 4), round(float((shares >= bar).mean()), 4), tuple(chances), int(fewest), int(most)
    )


def _answer(
    incidence: Incidence, base: Variant, chance: Sequence[Chance], variants: Sequence[Variant], error: DetectionError | None, bar: float
) -> tuple[Answer, tuple[str, ...]]:
    everyone = "both states" if len(incidence.states) == 2 else f"all {len(incidence.states)} states"
    reached = base.share >= bar
    size = chance[0]
    luck = (
        f"by chance, with each state keeping its number of instruments, {size.mean:.1f} would be expected"
        if not base.core
        else f"by chance, with each state keeping its number of instruments, {size.mean:.1f} would be expected "
        f"and as many or more come in {_percent(size.p)} of shuffles"
    )
    because = [f"{everyone} share {base.core} of the {base.met} instruments met ({_share(base.share)}; one model from {_share(bar)})", luck]
    little = [s for s, enough in zip(incidence.states, incidence.decidable, strict=True) if not enough]
    if little and not reached:
        kept = incidence.only([s for s in incidence.states if s not in little])
        if len(kept.states) < 2:
            return "not decidable", (
                *because,
                f"fewer than {DECIDABLE_WORDS:,} words were read of {', '.join(little)}, too few to say that something is missing",
            )
    variants = [v for v in variants if v.kind != FAR]
    tipped = [v for v in variants if (v.share >= bar) != reached]
    if tipped:
        changes = "; ".join(f"{v.kind} {v.name} ({_share(v.share)})" for v in tipped[:4])
        because.append(f"the answer changes with {changes}{'; and others' if len(tipped) > 4 else ''}")
    elif variants:
        shares = [v.share for v in variants]
        because.append(f"no change of the analysis changes that ({len(variants)} tried: {_share(min(shares))} to {_share(max(shares))})")
    wavering = False
    if error:
        because.append(
            f"with the matcher's measured errors simulated, the share is {_share(error.median)} ({_share(error.low)} to {_share(error.high)}) "
            f"and reaches the bar in {_percent(error.reaching)} of draws"
        )
        wavering = not (error.reaching >= STEADY if reached else error.reaching <= 1 - STEADY)
    if reached and size.p > SIGNIFICANT:
        because.append("so large a core is no more than chance gives to states with so many instruments")
    if tipped or wavering or (reached and size.p > SIGNIFICANT):
        return "fragile", tuple(because)
    if little and not reached:
        because.append(f"little was read of {', '.join(little)}")
    return ("holds" if reached else "does not hold"), tuple(because)


def _share(share: float) -> str:
    return f"{100 * share:.0f} %"


def _percent(share: float) -> str:
    return "fewer than 0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"


def threshold_variants(profiles: pd.DataFrame, incidence: Incidence) -> list[tuple[str, str, Incidence]]:
    """Return the matrix under other thresholds of evidence: counting mentions, rate, probability of presence.

    Args:
        profiles: The ``profiles`` table.
        incidence: Its matrix.
    """
    counts, rates = (grid(profiles, column, incidence.states, incidence.codes) for column in ("counting_mentions", "rate_per_10000_words"))
    variants = []
    for kind, numbers, amounts, odds in (("threshold", COUNT_STEPS, RATE_STEPS, CHANCE_STEPS), (FAR, FAR_COUNTS, FAR_RATES, FAR_CHANCES)):
        variants += [(kind, f"{n} counting mention{'s' * (n != 1)}", incidence.with_present(counts >= n)) for n in numbers]
        variants += [(kind, f"{r:g} mentions per 10,000 words", incidence.with_present(rates >= r)) for r in amounts]
        if profiles["probability"].notna().any():
            chance = grid(profiles, "probability", incidence.states, incidence.codes)
            variants += [(kind, f"probability of presence {p:g}", incidence.with_present(chance >= p)) for p in odds]
    if not all(incidence.decidable) and sum(incidence.decidable) > 1:
        enough = [s for s, ok in zip(incidence.states, incidence.decidable, strict=True) if ok]
        variants.append(("threshold", f"only states of which {DECIDABLE_WORDS:,} words were read", incidence.only(enough)))
    return variants


def simulate_detection(
    profiles: pd.DataFrame, incidence: Incidence, reliability: Reliability | None, draws: int = SIMULATIONS, seed: int = SEED
) -> np.ndarray | None:
    """Draw who truly has what, given what was found and the measured errors of the matcher.

    In each draw all states share one precision and recall per code, so that an error common to all states stays common to them.

    Args:
        profiles: The ``profiles`` table.
        incidence: Its matrix.
        reliability: Measured errors; where the profile's probabilities rest on calibrated scores these are drawn from instead.
        draws: How many.
        seed: Start of the draws.

    Returns:
        Boolean, of shape (draws, states, codes); None where nothing was measured.
    """
    import numpy as np

    if not profiles["probability"].notna().any():
        return None
    random = np.random.default_rng(seed)
    drawn = np.zeros((draws, *incidence.present.shape), dtype=bool)
    calibrated = profiles["probability_from"].astype(str).str.startswith("calibrated").any()
    columns = ("counting_mentions", "wordings", "words_read", "probability")
    counts, wordings, read, probability = (grid(profiles, column, incidence.states, incidence.codes) for column in columns)
    words = {s: int(read[i].max()) for i, s in enumerate(incidence.states)}
    for j, code in enumerate(incidence.codes):
        if reliability is not None and not calibrated:
            precision, recall = reliability.draws(code, draws)
            found = {s: int(counts[i, j]) for i, s in enumerate(incidence.states)}
            rate = true_rate(found, words, float(precision.mean()), float(recall.mean()))
            chances = [1 - absence(int(wordings[i, j]), words[s], precision, recall, rate) for i, s in enumerate(incidence.states)]
        else:
            chances = [np.full(draws, probability[i, j]) for i in range(len(incidence.states))]
        for i, chance in enumerate(chances):
            drawn[:, i, j] = random.random(draws) < chance
    return drawn


def item_variants(lists: Mapping[str, HandCodedList], codes: Sequence[str], reading: Reading) -> list[tuple[str, str, Incidence]]:
    """Return the matrix of hand-coded lists with each single item left out, where that takes a code away from a state."""
    base = incidence_of_lists(lists, codes, reading)
    variants = []
    for scholar in lists.values():
        for item in reading.items(scholar):
            other = incidence_of_lists(lists, codes, reading, item.id)
            if (other.present != base.present).any():
                variants.append(("without item", item.id, other))
    return variants


def record_of_test(test: UniversalTest) -> dict[str, Any]:
    """Return a test as JSON-ready data."""
    error = test.error
    return {
        "source": test.source, "states": list(test.states), "bar": test.bar, "answer": test.answer, "verdict": test.verdict,
        "core": list(test.core), "core_size": test.base.core, "met": test.base.met, "share": test.base.share,
        "chance": [
            {"figure": c.name, "null": c.null, "observed": round(c.observed, 4), "mean": round(c.mean, 4), "low": round(c.low, 4), "high": round(c.high, 4),
             "p": round(c.p, 5), "effect": None if c.effect is None else round(c.effect, 3), "shuffles": len(c.values)}
            for c in test.chance
        ],
        "quorums": [{"states": q.states, "size": q.size, "mean": q.mean, "low": q.low, "high": q.high} for q in test.quorums],
        "variants": [
            {"kind": v.kind, "name": v.name, "core": v.core, "met": v.met, "share": v.share, "lost": list(v.lost), "gained": list(v.gained)}
            for v in test.variants
        ],
        "detection_error": None if error is None else {
            "median": error.median, "low": error.low, "high": error.high, "reaching_bar": error.reaching,
            "core_low": error.core_low, "core_high": error.core_high,
            "core_probability": dict(error.core),
        },
    }  # fmt: skip
