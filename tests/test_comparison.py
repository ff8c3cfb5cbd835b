"""Comparison of states: likeness, core, nestedness, null models, the universal-model test; against worked examples and other libraries."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import braycurtis
from scipy.stats import chisquare, hypergeom
from sklearn.metrics import jaccard_score

from ddextract.codebook import Codebook
from ddextract.comparison import comparison_lines, comparison_record, comparison_tables
from ddextract.errors import UsageError
from ddextract.incidence import Incidence, checkerboard, cluster, core, core_by_quorum, jaccard, nodf, spread, weighted_similarity
from ddextract.lists import load_lists, load_readings
from ddextract.network import UNNAMED, counting_mentions, flows, objective_matrix, partner_centrality, partner_network
from ddextract.notebook import article_lists, compare
from ddextract.profile import profile_states
from ddextract.reliability import read_reliability
from ddextract.universal import (
    shared_share,
    shuffles_of_both,
    shuffles_of_rows,
    simulate_detection,
    threshold_variants,
    universal_test,
)  # fmt: skip

ALMEIDA_NETO = np.array([[1, 0, 1, 1, 1], [1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [1, 1, 0, 0, 0], [1, 1, 0, 0, 0]], dtype=bool)
"""The example of Almeida-Neto et al. 2008, figure 1."""


def incidence(rows: Any, *, decidable: bool = True) -> Incidence:
    present = np.asarray(rows, dtype=bool)
    states = tuple(f"S{i:02}" for i in range(present.shape[0]))
    codes = tuple(f"c{j:02}" for j in range(present.shape[1]))
    return Incidence("made", states, codes, present, present.astype(float), (decidable,) * len(states))


matrices = arrays(bool, st.tuples(st.integers(2, 6), st.integers(1, 8)))


# --- likeness


@settings(max_examples=40, deadline=None)
@given(matrices)
def test_jaccard_is_that_of_scikit_learn_and_networkx(present: np.ndarray) -> None:
    found = jaccard(incidence(present))
    graph = nx.Graph()
    graph.add_nodes_from(found.index)
    for i, state in enumerate(found.index):
        graph.add_edges_from((state, f"c{j}") for j in np.flatnonzero(present[i]))
    for (i, a), (j, b) in combinations(enumerate(found.index), 2):
        if present[i].any() or present[j].any():
            assert found.loc[a, b] == pytest.approx(jaccard_score(present[i], present[j], zero_division=0))
            assert found.loc[a, b] == pytest.approx(next(nx.jaccard_coefficient(graph, [(a, b)]))[2])
        else:
            assert found.loc[a, b] == 1


def test_weighted_similarity_is_smaller_over_larger_amounts() -> None:
    matrix = Incidence("w", ("A", "B"), ("x", "y", "z"), np.ones((2, 3), bool), np.array([[2.0, 0.0, 5.0], [1.0, 4.0, 5.0]]), (True, True))
    assert weighted_similarity(matrix).loc["A", "B"] == pytest.approx((1 + 0 + 5) / (2 + 4 + 5))


@settings(max_examples=40, deadline=None)
@given(arrays(float, (2, 5), elements=st.floats(0, 50)))
def test_weighted_similarity_follows_from_bray_and_curtis_of_scipy(amounts: np.ndarray) -> None:
    matrix = Incidence("w", ("A", "B"), tuple("vwxyz"), amounts > 0, amounts, (True, True))
    if amounts.sum() > 1e-6:
        # Ružička similarity is (1 - B) / (1 + B) of Bray and Curtis' dissimilarity B (Legendre and Legendre 2012, table 7.3).
        b = braycurtis(amounts[0], amounts[1])
        assert weighted_similarity(matrix).loc["A", "B"] == pytest.approx((1 - b) / (1 + b), abs=1e-9)


def test_clusters_join_at_the_heights_of_a_worked_example() -> None:
    """Average linkage of the 5S ribosomal example (five bacteria), joined at 17, 22, 28 and 33."""
    upper = {"ab": 17, "ac": 21, "ad": 31, "ae": 23, "bc": 30, "bd": 34, "be": 21, "cd": 28, "ce": 39, "de": 43}
    names = list("abcde")
    distance = pd.DataFrame([[0 if x == y else upper["".join(sorted((x, y)))] for y in names] for x in names], index=names, columns=names)
    tree, order = cluster(1 - distance / 100)
    assert [round(100 * float(height), 6) for height in tree[:, 2]] == [17, 22, 28, 33]
    assert {frozenset(order[:2]), frozenset(order[-2:])} & {frozenset("cd")}


def test_states_that_are_alike_stand_together() -> None:
    _, order = cluster(jaccard(incidence([[1, 1, 1, 0, 0], [0, 0, 0, 1, 1], [1, 1, 0, 0, 0], [0, 0, 1, 1, 1]])))
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset({"S00", "S02"}), frozenset({"S01", "S03"})}


# --- core and periphery


def test_core_at_every_quorum() -> None:
    matrix = incidence([[1, 1, 0, 1], [1, 1, 0, 0], [1, 0, 0, 0]])
    assert [(r["quorum"], r["size"]) for r in core_by_quorum(matrix).to_dict("records")] == [(1, 3), (2, 2), (3, 1)]
    assert core(matrix) == ["c00"]
    assert dict(zip(spread(matrix)["code"], spread(matrix)["standing"], strict=True)) == {"c00": "core", "c01": "common", "c03": "unique", "c02": "none"}
    with pytest.raises(UsageError, match="quorum of 4"):
        core(matrix, 4)


# --- nestedness


def test_nodf_of_the_published_example() -> None:
    found = nodf(ALMEIDA_NETO)
    assert found.total == pytest.approx(58.33, abs=0.01)
    assert found.columns == pytest.approx(63.33, abs=0.01)
    assert found.rows == pytest.approx(53.33, abs=0.01)


def test_nodf_of_a_staircase_is_full_and_of_a_checkerboard_nothing() -> None:
    assert nodf(np.tril(np.ones((5, 5), bool))).total == 100
    assert nodf(np.eye(4, dtype=bool)).total == 0


@settings(max_examples=30, deadline=None)
@given(matrices)
def test_nodf_does_not_hang_on_the_order_of_states(present: np.ndarray) -> None:
    assert nodf(present[::-1]).total == pytest.approx(nodf(present).total)
    assert 0 <= nodf(present).total <= 100


def test_checkerboard_units_are_counted_by_hand() -> None:
    present = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 0]], dtype=bool)
    units = [
        sum(present[a, i] and not present[a, j] and present[b, j] and not present[b, i] for a in range(3) for b in range(3))
        for i, j in combinations(range(3), 2)
    ]
    assert checkerboard(present) == pytest.approx(np.mean(units))


# --- null models


def test_shuffles_of_rows_follow_the_hypergeometric_law() -> None:
    present = np.zeros((2, 12), bool)
    present[0, :5], present[1, 3:9] = True, True
    sizes = shuffles_of_rows(present, 20_000, seed=3).all(axis=1).sum(axis=1)
    law = hypergeom(12, 5, 6)
    assert sizes.mean() == pytest.approx(law.mean(), abs=0.03)
    assert (sizes >= 4).mean() == pytest.approx(law.sf(3), abs=0.01)


def test_shuffles_of_both_keep_both_margins_and_reach_all_matrices_alike() -> None:
    drawn = shuffles_of_both(ALMEIDA_NETO, 200, seed=4)
    assert (drawn.sum(axis=1) == ALMEIDA_NETO.sum(axis=0)).all()
    assert (drawn.sum(axis=2) == ALMEIDA_NETO.sum(axis=1)).all()
    # Of a 3 x 3 matrix with ones as margins there are six.
    counts = Counter(m.tobytes() for m in shuffles_of_both(np.eye(3, dtype=bool), 3_000, seed=5))
    assert len(counts) == 6
    assert chisquare(list(counts.values())).pvalue > 0.001


def test_the_core_cannot_vary_where_both_margins_are_kept() -> None:
    sizes = shuffles_of_both(ALMEIDA_NETO, 50, seed=6).all(axis=1).sum(axis=1)
    assert set(sizes.tolist()) == {int(ALMEIDA_NETO.all(axis=0).sum())}


# --- the universal model


def test_like_states_with_few_of_many_instruments_share_a_model() -> None:
    alike = np.zeros((4, 23), bool)
    alike[:, :8] = True
    test = universal_test(incidence(alike), shuffles=200)
    assert test.answer == "holds"
    assert test.base.share == 1
    assert test.chance[0].p == pytest.approx(1 / 201)
    assert test.verdict.startswith("A universal model holds, because all 4 states share 8 of the 8 instruments met")


def test_states_that_have_everything_say_nothing() -> None:
    test = universal_test(incidence(np.ones((4, 23), bool)), shuffles=100)
    assert test.answer == "fragile"
    assert "no more than chance" in test.verdict


def test_states_that_differ_have_no_model() -> None:
    test = universal_test(incidence(np.eye(4, 12, dtype=bool)), shuffles=100)
    assert test.answer == "does not hold"
    assert test.core == ()


def test_an_answer_that_one_state_decides_is_fragile() -> None:
    rows = np.zeros((4, 23), bool)
    rows[:, :8] = True
    rows[3, 4:8] = False
    test = universal_test(incidence(rows), shuffles=100)
    assert test.answer == "fragile"
    assert any(v.kind == "without state" and v.name == "S03" and v.share == 1 for v in test.variants)
    assert "without state S03" in test.verdict


def test_errors_of_the_matcher_can_make_an_answer_fragile() -> None:
    rows = np.zeros((3, 20), bool)
    rows[:, :6] = True
    random = np.random.default_rng(7)
    simulated = rows[None] & (random.random((400, 3, 20)) < 0.9)
    assert universal_test(incidence(rows), shuffles=100).answer == "holds"
    test = universal_test(incidence(rows), simulated=simulated, shuffles=100)
    assert test.error is not None
    assert test.error.reaching < 0.95
    assert test.answer == "fragile"


def test_one_state_or_little_text_decides_nothing() -> None:
    assert universal_test(incidence(np.ones((1, 5), bool)), shuffles=20).answer == "not decidable"
    assert universal_test(incidence(np.eye(3, 5, dtype=bool), decidable=False), shuffles=20).answer == "not decidable"


def test_share_of_nothing_is_nothing() -> None:
    assert shared_share(np.zeros((3, 4), bool)) == 0


def test_the_article_itself_on_all_three_readings(codebook: Codebook) -> None:
    comparison = compare(None, article_lists(), shuffles=100)
    by_reading = {t.source: t for t in comparison.tests}
    assert by_reading["lists: numbered lists only"].core == ()
    listed = by_reading["lists: everything listed"]
    assert listed.core == ("education_training",)
    # Education and training is common to all lists only because the French scope paragraph counts.
    assert {v.name for v in listed.variants if v.kind == "without item" and v.lost} >= {"FR.s3"}
    assert {t.answer for t in comparison.tests} == {"does not hold"}
    assert comparison.core(quorum=3, source="lists: everything listed") == comparison.core(quorum=3)
    with pytest.raises(UsageError, match="was not compared"):
        comparison.source("nothing")


def test_readings_take_what_they_say(codebook: Codebook) -> None:
    lists, readings = load_lists(codebook), {r.id: r for r in load_readings()}
    france = lists["FRA"]
    assert readings["numbered"].codes(france) == {
        "strategic_dialogue", "multilateral_representation", "arms_control", "civil_military_cooperation", "capacity_building",
    }  # fmt: skip
    assert readings["numbered"].codes(france) < readings["listed"].codes(france) < readings["discussed"].codes(france)
    assert "strategic_dialogue" not in readings["numbered"].codes(france, without="FR.n1")
    for state, scholar in lists.items():
        assert {c for c in readings["listed"].codes(scholar) if c in codebook.instruments} == {
            c for c in codebook.instruments if scholar.standing(c) == "listed"
        }, state


# --- from tables


def documents() -> pd.DataFrame:
    rows = [{"id": s, "issuers": [s], "state": s, "year": 2020, "words": 20_000, "outcome": "read"} for s in ("FRA", "GBR", "USA")]
    return pd.DataFrame(rows)


def mention(document: str, code: str, number: int = 0, **changes: Any) -> dict[str, Any]:
    row = {
        "id": f"{document}{code}{number}", "document": document, "label": "INSTRUMENT", "code": code, "start": number, "text": f"{code} {number}", "holder": "self",
        "status": "current", "ladder": "does", "score": 0.9, "counts": True, "agent": None, "partner": [], "objective_codes": [], "page": 1, "sentence": "S.",
    }  # fmt: skip
    return {**row, **changes}


def partner(name: str, iso3: str | None, kind: str = "state") -> dict[str, Any]:
    return {"name": name, "iso3": iso3, "type": kind, "text": name, "start": 0, "end": 1}


def test_flows_and_partners_count_mentions() -> None:
    france, britain = partner("France", "FRA"), partner("United Kingdom", "GBR")
    rows = counting_mentions(
        pd.DataFrame(
            [
                mention("FRA", "unit_visit", 1, agent={"name": "Navy", "type": "armed_forces"}, objective_codes=["trust_building"], partner=[britain, britain]),
                mention("FRA", "unit_visit", 2, status="planned", partner=[britain, partner("NATO", None, "international_organisation"), france]),
                mention("GBR", "staff_talks", 3, partner=[france]),
                mention("USA", "staff_talks", 4, counts=False, partner=[france]),
            ]
        ),
        documents(),
    )
    edges = partner_network(rows)
    assert [(r["state"], r["partner"], r["mentions"], r["announced"], bool(r["reciprocal"])) for r in edges.to_dict("records")] == [
        ("FRA", "United Kingdom", 2, 1, True), ("FRA", "NATO", 1, 1, False), ("GBR", "France", 1, 0, True),
    ]  # fmt: skip
    graph = nx.DiGraph([(r["state"], r["partner_iso3"] or r["partner"]) for r in edges.to_dict("records")])
    central = {r["partner_iso3"] or r["partner"]: r["states"] for r in partner_centrality(edges).to_dict("records")}
    assert central == {n: d for n, d in graph.in_degree() if d}
    assert sorted((r["agent"], r["objective"], r["mentions"]) for r in flows(rows).to_dict("records")) == [
        ("Navy", "trust_building", 1), (UNNAMED, UNNAMED, 1), (UNNAMED, UNNAMED, 1),
    ]  # fmt: skip
    assert objective_matrix(rows, ["FRA", "GBR"], ["trust_building"]).to_dict() == {"trust_building": {"FRA": 1, "GBR": 0}}


def test_a_run_is_compared_from_its_tables(codebook: Codebook) -> None:
    texts = [
        mention(s, c, n) for s in ("FRA", "GBR", "USA") for c in ("unit_visit", "staff_talks", *(["arms_transfer"] if s == "USA" else [])) for n in range(3)
    ]
    frame, reliability = pd.DataFrame(texts), read_reliability()
    profiles = profile_states(frame, documents(), codebook, None, reliability)

    class Made:
        pass

    made: Any = Made()
    made.profiles, made.mentions, made.documents, made.codebook = profiles, frame, documents(), codebook
    comparison = compare(made, shuffles=50)
    assert comparison.core() == ["staff_talks", "unit_visit"]
    first = comparison.tests[0]
    assert (first.base.core, first.base.met) == (2, 3)
    assert first.error is not None
    assert dict(first.error.core)["unit_visit"] > dict(first.error.core)["arms_transfer"]
    assert {v.kind for v in first.variants} == {"without state", "threshold", "far threshold"}
    assert {v.kind for v in first.decisive} == {"without state", "threshold"}
    main = comparison.main
    simulated = simulate_detection(profiles, main, reliability, draws=300)
    assert simulated is not None
    j = main.codes.index("unit_visit")
    expected = profiles[profiles["code"] == "unit_visit"]["probability"].to_numpy()
    assert simulated[:, :, j].mean(axis=0) == pytest.approx(expected, abs=0.05)
    names = [name for _, name, _ in threshold_variants(profiles, main)]
    assert "probability of presence 0.9" in names
    tables = comparison_tables(comparison)
    assert {"matrix", "similarity", "spread", "core_by_quorum", "flows", "partners", "universal_variants", "universal_chance"} <= set(tables)
    record = comparison_record(comparison)
    assert record["universal_model"][0]["core"] == ["staff_talks", "unit_visit"]
    assert any(line.startswith("the documents: ") for line in comparison_lines(comparison, {}))
    again = comparison_record(compare(made, shuffles=50))
    assert again == record
