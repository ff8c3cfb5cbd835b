"""Scores, intervals, alignment and agreement: properties that any scorer must have, and published examples."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ddextract.annotation.agreement import cohen_kappa, jaccard_distance, krippendorff_alpha, masi_distance
from ddextract.scoring import Clustered, Labelled, Tally, align, compare, micro, score_lines, tally_sets, tally_spans

spans = st.lists(
    st.builds(lambda start, length, label: Labelled(start, start + length, label), st.integers(0, 30), st.integers(1, 8), st.sampled_from("abc")),
    max_size=8,
)


@given(spans, spans, st.booleans())
@settings(max_examples=200, deadline=None)
def test_tallies_account_for_every_span(gold: list[Labelled], found: list[Labelled], strict: bool) -> None:
    total = Tally()
    for tally in tally_spans(gold, found, strict=strict).values():
        total = total + tally
    assert total.tp + total.fn == len(gold)
    assert total.tp + total.fp == len(found)


@given(spans, spans, st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_scores_do_not_depend_on_order(gold: list[Labelled], found: list[Labelled], seed: int) -> None:
    shuffled_gold, shuffled_found = gold[:], found[:]
    random.Random(seed).shuffle(shuffled_gold)
    random.Random(seed + 1).shuffle(shuffled_found)
    assert tally_spans(gold, found) == tally_spans(shuffled_gold, shuffled_found)


@given(spans)
@settings(max_examples=50, deadline=None)
def test_a_perfect_system_scores_one(gold: list[Labelled]) -> None:
    distinct = list({(s.start, s.end, s.label): s for s in gold}.values())
    tallies = tally_spans(distinct, distinct, strict=True)
    assert all(t.f1 == 1.0 for t in tallies.values())


def test_one_found_span_cannot_serve_two_gold_spans() -> None:
    gold = [Labelled(0, 5, "a"), Labelled(6, 10, "a")]
    assert len(align(gold, [Labelled(0, 10, "a")])) == 1


def test_alignment_finds_the_most_pairs_not_the_first() -> None:
    # a greedy scorer pairs (0,10) with (0,10) and leaves (0,4) alone
    gold = [Labelled(0, 10, "a"), Labelled(0, 4, "a")]
    found = [Labelled(0, 10, "a"), Labelled(5, 10, "a")]
    assert len(align(gold, found)) == 2


def test_strict_needs_equal_borders_and_label() -> None:
    assert align([Labelled(0, 5, "a")], [Labelled(0, 6, "a")], strict=True) == []
    assert align([Labelled(0, 5, "a")], [Labelled(0, 5, "b")], strict=True) == []


def test_no_interval_is_claimed_below_three_documents() -> None:
    tallies: Clustered = {"one": tally_sets("ab", "a"), "two": tally_sets("a", "a")}
    assert score_lines("instruments", tallies)[0].f1_interval.low is None


def test_interval_holds_the_figure_and_is_repeatable() -> None:
    tallies: Clustered = {str(i): tally_sets("ab", "a" if i % 2 else "abc") for i in range(10)}
    first = score_lines("instruments", tallies)[0].f1_interval
    assert first == score_lines("instruments", tallies)[0].f1_interval
    assert first.low is not None
    assert first.high is not None
    assert first.low <= micro(tallies).f1 <= first.high


def test_comparison_of_a_run_with_itself_is_nothing() -> None:
    tallies: Clustered = {str(i): tally_sets("ab", "a") for i in range(5)}
    difference = compare(tallies, tallies)
    assert (difference.difference, difference.interval.low, difference.interval.high) == (0.0, 0.0, 0.0)


def test_kappa_of_the_textbook_table() -> None:
    # Cohen's kappa of the 2 x 2 table 20, 5, 10, 15: observed 0.70, expected 0.50
    first = [True] * 25 + [False] * 25
    second = [True] * 20 + [False] * 5 + [True] * 10 + [False] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)


def test_kappa_is_undefined_where_nobody_used_the_code() -> None:
    assert cohen_kappa([False, False], [False, False]) is None


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [("ab", "ab", 0.0), ("a", "ab", 1 - 0.5 * 2 / 3), ("ab", "bc", 1 - (1 / 3) * (1 / 3)), ("a", "b", 1.0), ("", "a", 1.0)],
)
def test_masi_of_equal_nested_crossing_and_disjoint_sets(a: str, b: str, expected: float) -> None:
    assert masi_distance(frozenset(a), frozenset(b)) == pytest.approx(expected)


def test_alpha_of_krippendorffs_binary_example() -> None:
    # Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section A: two observers, ten units, alpha = 0.095
    first = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    second = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    pairs = [(frozenset({str(a)}), frozenset({str(b)})) for a, b in zip(first, second, strict=True)]
    assert krippendorff_alpha(pairs, jaccard_distance) == pytest.approx(0.095, abs=0.001)
