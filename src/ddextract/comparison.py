"""States side by side: everything that is compared, from the tables of a run and from hand-coded lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ddextract.errors import UsageError
from ddextract.incidence import (
    Incidence,
    cluster,
    core,
    core_by_quorum,
    incidence_of_lists,
    incidence_of_profiles,
    jaccard,
    nodf,
    spread,
    weighted_similarity,
)  # fmt: skip
from ddextract.lists import HandCodedList, Reading
from ddextract.network import counting_mentions, flows, objective_matrix, partner_centrality, partner_network
from ddextract.reliability import Reliability
from ddextract.universal import BAR, SEED, SHUFFLES, UniversalTest, item_variants, record_of_test, simulate_detection, threshold_variants, universal_test

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "ddextract.comparison/1"


@dataclass(frozen=True)
class Comparison:
    """States side by side.

    Attributes:
        incidence: Which state has which instrument in the documents; None where no state was read.
        lists: The same by the hand-coded lists, under each reading.
        tests: The universal-model test: of the documents first, then of each reading of the lists, and of the documents of the states that have a list.
        objectives: State by objective, counting mentions.
        flows: Agent, instrument, objective.
        partners: The partner network.
    """

    incidence: Incidence | None
    lists: tuple[Incidence, ...]
    tests: tuple[UniversalTest, ...]
    objectives: pd.DataFrame = field(repr=False)
    flows: pd.DataFrame = field(repr=False)
    partners: pd.DataFrame = field(repr=False)

    @property
    def main(self) -> Incidence:
        """The documents' matrix; that of the lists (all that is listed) where fewer than two states were read and there are lists."""
        if self.incidence is not None and (len(self.incidence.states) > 1 or not self.lists):
            return self.incidence
        return self.lists[min(1, len(self.lists) - 1)]

    def core(self, quorum: int | None = None, source: str | None = None) -> list[str]:
        """Return the instruments that at least ``quorum`` states have; all states where not given.

        Args:
            quorum: So many states.
            source: Name of the matrix (see ``sources``); the main one if not given.
        """
        return core(self.source(source) if source else self.main, quorum)

    @property
    def sources(self) -> list[str]:
        """The names of the matrices: of the documents, and of the lists under each reading."""
        return [m.name for m in (*((self.incidence,) if self.incidence else ()), *self.lists)]

    def source(self, name: str) -> Incidence:
        """Return a matrix by its name.

        Raises:
            UsageError: There is none of that name.
        """
        matrices: list[Incidence] = [*([self.incidence] if self.incidence else []), *self.lists]
        for matrix in matrices:
            if matrix.name == name:
                return matrix
        raise UsageError(f"'{name}' was not compared. Sources: {', '.join(self.sources)}.")

    def matrix(self) -> pd.DataFrame:
        """Return the state x instrument matrix, 1 where present."""
        import pandas as pd

        return pd.DataFrame(self.main.present.astype(int), index=list(self.main.states), columns=list(self.main.codes))

    def rates(self) -> pd.DataFrame:
        """Return the state x instrument matrix of mentions per 10,000 words."""
        import pandas as pd

        return pd.DataFrame(self.main.weight, index=list(self.main.states), columns=list(self.main.codes))

    def similarity(self, *, weighted: bool = False) -> pd.DataFrame:
        """Return the likeness of every two states: Jaccard of presence, or Ružička of rates."""
        return weighted_similarity(self.main) if weighted else jaccard(self.main)

    def spread(self) -> pd.DataFrame:
        """Return for each instrument how many and which states have it."""
        return spread(self.main)

    @property
    def verdict(self) -> str:
        """The plain-language answer for the main matrix."""
        return self.tests[0].verdict


def compare_states(
    profiles: pd.DataFrame | None,
    mentions: pd.DataFrame | None,
    documents: pd.DataFrame | None,
    lists: Mapping[str, HandCodedList],
    readings: Sequence[Reading],
    codes: Sequence[str],
    objectives: Sequence[str],
    *,
    reliability: Reliability | None = None,
    bar: float = BAR,
    shuffles: int = SHUFFLES,
    seed: int = SEED,
) -> Comparison:
    """Compare the states of a run with each other, and the hand-coded lists with each other beside them.

    Args:
        profiles: The ``profiles`` table; None to compare lists alone.
        mentions: The ``mentions`` table.
        documents: The ``documents`` table.
        lists: Hand-coded lists by state.
        readings: Ways to read the lists.
        codes: All instrument codes.
        objectives: All objective codes.
        reliability: Measured errors of the matcher.
        bar: Share from which one model is common to all.
        shuffles: Matrices drawn under each null model.
        seed: Start of all draws.
    """
    tests: list[UniversalTest] = []
    incidence = None
    if profiles is not None and len(profiles):
        incidence = incidence_of_profiles(profiles)
        tests.append(_tested(profiles, incidence, reliability, bar, shuffles, seed))
        scholars = incidence.only(lists)
        if 1 < len(scholars.states) < len(incidence.states):
            own = profiles[profiles["state"].isin(scholars.states)]
            named = incidence_of_profiles(own, "the documents of the states that have a hand-coded list")
            tests.append(_tested(own, named, reliability, bar, shuffles, seed))
    matrices = tuple(incidence_of_lists(lists, codes, r) for r in readings) if len(lists) > 1 else ()
    for m, reading in zip(matrices, readings if matrices else (), strict=True):
        tests.append(universal_test(m, bar=bar, variants=item_variants(lists, codes, reading), shuffles=shuffles, seed=seed))
    if not tests:
        raise UsageError("there is nothing to compare: no state was read and there are fewer than two hand-coded lists.")
    rows = counting_mentions(mentions, documents) if mentions is not None and documents is not None else []
    states = incidence.states if incidence else ()
    return Comparison(incidence, matrices, tuple(tests), objective_matrix(rows, states, objectives), flows(rows), partner_network(rows))


def _tested(profiles: pd.DataFrame, incidence: Incidence, reliability: Reliability | None, bar: float, shuffles: int, seed: int) -> UniversalTest:
    simulated = simulate_detection(profiles, incidence, reliability, seed=seed)
    return universal_test(incidence, bar=bar, variants=threshold_variants(profiles, incidence), simulated=simulated, shuffles=shuffles, seed=seed)


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """Return the figures of a comparison as JSON-ready data."""
    main = comparison.main
    nested = nodf(main.present)
    tree, order = cluster(jaccard(main))
    return {
        "schema": SCHEMA,
        "source": main.name,
        "states": list(main.states),
        "nestedness": {"rows": round(nested.rows, 2), "columns": round(nested.columns, 2), "total": round(nested.total, 2)},
        "order_of_likeness": order,
        "linkage": [[round(float(x), 4) for x in row] for row in tree],
        "core_by_quorum": [{"quorum": int(r["quorum"]), "size": int(r["size"]), "codes": str(r["codes"]).split(";") if r["codes"] else []}
                           for r in core_by_quorum(main).to_dict("records")],
        "universal_model": [record_of_test(t) for t in comparison.tests],
    }  # fmt: skip


def comparison_tables(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """Return the tables of a comparison by name: matrices, similarities, spread, cores, flows, partners, variants and chance of the tests."""
    import pandas as pd

    main = comparison.main
    tests = comparison.tests
    named = {
        "matrix": comparison.matrix(),
        "rates": comparison.rates(),
        "similarity": comparison.similarity(),
        "similarity_weighted": comparison.similarity(weighted=True),
        "objectives": comparison.objectives,
    }
    tables = {name: frame.reset_index(names="state") for name, frame in named.items()}
    tables["spread"] = comparison.spread()
    tables["core_by_quorum"] = core_by_quorum(main)
    tables["flows"], tables["partners"], tables["partners_shared"] = comparison.flows, comparison.partners, partner_centrality(comparison.partners)
    for m in comparison.lists:
        key = "lists_" + "_".join(m.name.removeprefix("lists: ").split())
        tables[key] = pd.DataFrame(m.present.astype(int), index=list(m.states), columns=list(m.codes)).reset_index(names="state")
    variants = [(t.source, v.kind, v.name, v.core, v.met, v.share, ";".join(v.lost), ";".join(v.gained)) for t in tests for v in (t.base, *t.variants)]
    tables["universal_variants"] = pd.DataFrame(variants, columns=["source", "kind", "name", "core", "met", "share", "lost", "gained"])
    chances = [(t.source, c.name, c.null, c.observed, c.mean, c.low, c.high, c.p, c.effect) for t in tests for c in t.chance]
    tables["universal_chance"] = pd.DataFrame(chances, columns=["source", "figure", "null", "observed", "mean", "low", "high", "p", "effect"])
    return tables


def comparison_lines(comparison: Comparison, titles: Mapping[str, str]) -> Iterator[str]:
    """Yield a comparison as lines of text.

    Args:
        comparison: The comparison.
        titles: Name of each code.
    """
    main = comparison.main
    yield f"{main.name}: {len(main.states)} states ({', '.join(main.states)}), {int(main.present.any(axis=0).sum())} of {len(main.codes)} instruments met"
    for row in core_by_quorum(main).to_dict("records"):
        size = int(row["size"])
        names = [titles.get(c, c) for c in str(row["codes"]).split(";") if c]
        yield f"  at least {row['quorum']:>2} states: {size:>2}  {', '.join(names) if size <= 8 else ''}"
    unique = [r for r in spread(main).to_dict("records") if r["standing"] == "unique"]
    yield "  only one state: " + (", ".join(f"{titles.get(str(r['code']), r['code'])} ({r['having']})" for r in unique) or "none")
    nested = nodf(main.present)
    yield f"  nestedness (NODF): {nested.total:.1f}; states {nested.rows:.1f}, instruments {nested.columns:.1f}"
    _, order = cluster(jaccard(main))
    yield f"  by likeness: {', '.join(order)}"
    if len(comparison.flows):
        yield f"  flows: {len(comparison.flows)}; partner network: {len(comparison.partners)} edges"
    for test in comparison.tests:
        yield f"{test.source}: {test.answer}"
        yield f"  {test.verdict}"
