"""The comparison page: is there a universal model, what is shared, who is like whom, who does what for what and with whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from ddextract.charts import Chart, flow_chart, likeness_chart, partners_by_state_chart, quorum_chart, variants_chart
from ddextract.comparison import Comparison
from ddextract.incidence import Incidence, cluster, jaccard, nodf, weighted_similarity
from ddextract.network import UNNAMED, partner_centrality
from ddextract.report.shelf import Shelf, known, state_name
from ddextract.universal import UniversalTest

FLOWS = 150
"""Rows of the table of flows that are shown; all are in flows.csv."""
EDGES = 300
"""Rows of the partner network that are shown; all are in partners.csv."""


def comparison_page(shelf: Shelf, comparison: Comparison) -> dict[str, Any]:
    """Return what the comparison page shows."""
    main = comparison.main
    titles = {code: concept.title["en"] for code, concept in shelf.run.codebook.concepts.items()}
    names = {s: state_name(s) for s in main.states}
    plain, amounts = jaccard(main), weighted_similarity(main)
    _, order = cluster(plain)
    likeness: dict[str, dict[str, float]] = plain.to_dict("index")  # type: ignore[assignment]
    amount: dict[str, dict[str, float]] = amounts.to_dict("index")  # type: ignore[assignment]
    charts: dict[str, Chart | None] = {
        "variants": variants_chart(comparison.tests), "likeness": likeness_chart(main, names), "flows": flow_chart(comparison.flows, titles, UNNAMED),
        "partners": partners_by_state_chart(partner_centrality(comparison.partners)),
    }  # fmt: skip
    return {
        "comparison": comparison,
        "tests": [_test(t, k) for k, t in enumerate(comparison.tests)],
        "charts": charts,
        "order": order,
        "similarity": {a: {b: (likeness[a][b], amount[a][b]) for b in order} for a in order},
        **_pairs(main, order, likeness, amount),
        "unnamed": UNNAMED,
        "spread": comparison.spread().to_dict("records"),
        "lists_standing": _standing(comparison),
        "nested": nodf(main.present),
        "objectives": _objectives(comparison),
        "objective_states": sorted(comparison.objectives.index, key=lambda s: (order.index(s) if s in order else len(order), s)),
        "flow_rows": comparison.flows.sort_values("mentions", ascending=False, kind="stable").head(FLOWS).to_dict("records"),
        "flow_total": len(comparison.flows),
        "edges": [
            {**r, "key": known(r["partner_iso3"]) or r["partner"]}
            for r in comparison.partners.sort_values("mentions", ascending=False, kind="stable").head(EDGES).to_dict("records")
        ],
        "edge_total": len(comparison.partners),
        "main_states": set(shelf.state_slugs),
    }


def _pairs(main: Incidence, order: Sequence[str], likeness: Mapping[str, Mapping[str, float]], amount: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """Return what every two states share and what only one has, the most alike first, with the row of each pair."""
    own = {s: {c for c, has in zip(main.codes, row, strict=True) if has} for s, row in zip(main.states, main.present, strict=True)}
    pairs = []
    ids: dict[tuple[str, str], str] = {}
    for a, b in combinations(order, 2):
        ids[a, b] = ids[b, a] = f"pair-{a}-{b}"
        both, one, other = (sorted(codes) for codes in (own[a] & own[b], own[a] - own[b], own[b] - own[a]))
        pairs.append({"id": ids[a, b], "first": a, "second": b, "jaccard": likeness[a][b], "amounts": amount[a][b], "both": both, "one": one, "other": other})
    return {"pairs": sorted(pairs, key=lambda p: (-p["jaccard"], p["id"])), "pair_ids": ids}


def _test(test: UniversalTest, number: int) -> dict[str, Any]:
    shares = [test.base.share, *(v.share for v in test.decisive)]
    return {
        "test": test,
        "id": f"test-{number}",
        "quorum": quorum_chart(test, number) if test.quorums else None,
        "holds_up_to": min(shares),
        "fails_from": max(shares),
        "changed": [v for v in test.variants if v.lost or v.gained or v.share != test.base.share],
        "likely": [(code, p) for code, p in test.error.core if p >= 0.005] if test.error else [],
    }


def _standing(comparison: Comparison) -> dict[str, list[int]]:
    """Return for each instrument how many of the hand-coded lists have it under each reading."""
    return {code: [int(m.present[:, m.codes.index(code)].sum()) for m in comparison.lists] for code in comparison.main.codes}


def _objectives(comparison: Comparison) -> dict[str, dict[str, int]]:
    """Return the counting mentions of each objective by state read, objectives that are served."""
    table: dict[str, dict[str, int]] = comparison.objectives.to_dict()  # type: ignore[assignment]
    return {o: counts for o, counts in table.items() if sum(counts.values())}
