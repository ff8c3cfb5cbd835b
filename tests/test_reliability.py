"""Probability of presence from measured precision and recall, against closed forms and simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import beta as beta_function

from ddextract.codebook import Codebook
from ddextract.errors import DataError, UsageError
from ddextract.reliability import (
    Attributed,
    Recall,
    Reliability,
    Tally,
    Transfer,
    absence,
    from_evaluation,
    presence,
    presence_by_scores,
    read_reliability,
    true_rate,
)


def reliability(**changes: Any) -> Reliability:
    fields: dict[str, Any] = {
        "set": "s", "matcher": "rules", "codebook": "c", "sentences": 100, "holder": Attributed(right=99, wrong=1),
        "tally": (Tally(code="a", right=30, wrong=10, missed=20), Tally(code="b", right=5, wrong=15, missed=5)),
    }  # fmt: skip
    return Reliability(**{**fields, **changes})


@pytest.mark.parametrize("witnesses", [1, 2, 5])
def test_wrong_witnesses_follow_the_beta_binomial_law(witnesses: int) -> None:
    a, b = 8.0, 3.0
    draws = np.random.default_rng(1).beta(a, b, 400_000)
    expected = beta_function(a, b + witnesses) / beta_function(a, b)
    assert absence(witnesses, 5_000, draws, np.ones_like(draws), 1e-9).mean() == pytest.approx(expected, rel=0.02)


def test_what_was_missed_follows_the_gamma_poisson_law() -> None:
    random = np.random.default_rng(2)
    words, recall, rate = 8_000.0, 0.6, 2e-4
    true = random.poisson(random.exponential(rate, 400_000) * words)
    found = random.binomial(true, recall)
    simulated = (true[found == 0] == 0).mean()
    assert float(absence(0, words, np.array([0.5]), np.array([recall]), rate)[0]) == pytest.approx(simulated, abs=0.005)


def test_more_witnesses_and_more_reading_make_it_surer() -> None:
    precision, recall = reliability().draws("a")
    chances = [presence(n, 10_000, precision, recall, 1e-4)[0] for n in (0, 1, 2, 6)]
    assert chances == sorted(chances)
    assert chances[0] < 0.5 < chances[1]
    unread = [presence(0, words, precision, recall, 1e-4)[0] for words in (100, 10_000, 100_000)]
    assert unread == sorted(unread)
    p, low, high = presence(2, 10_000, precision, recall, 1e-4)
    assert low < p < high


def test_calibrated_mentions_replace_the_measured_precision() -> None:
    precision, recall = reliability().draws("b")
    assert presence(2, 10, precision, np.ones_like(recall), 1e-9, wrong=[0.5, 0.5])[0] == pytest.approx(0.75, abs=0.001)


def test_codes_lean_on_the_average_and_all_states_share_their_draws() -> None:
    r = reliability()
    first, again = r.draws("a")[0], r.draws("a")[0]
    assert np.array_equal(first, again)
    assert r.draws("b")[0].mean() < r.draws("unmeasured")[0].mean() < r.draws("a")[0].mean()
    # Measured alone b would have 0.25; ten mentions of the average (0.58) pull it up.
    assert 0.25 < r.draws("b")[0].mean() < 0.45


def test_transfer_shifts_the_average_to_other_gold() -> None:
    r = reliability(transfer=Transfer(set="test", precision=0.4, recall=0.3, sentences=50, source="x"), holder=Attributed(right=10_000, wrong=0))
    precision, recall = r.draws("unmeasured", 20_000)
    assert precision.mean() == pytest.approx(0.4, abs=0.03)
    assert recall.mean() == pytest.approx(0.3, abs=0.03)


def test_the_rate_corrects_for_errors_and_is_never_nothing() -> None:
    assert true_rate({"A": 6, "B": 0}, {"A": 1_000, "B": 1_000}, 0.5, 0.75) == pytest.approx(6 * 0.5 / 0.75 / 2_000)
    assert true_rate({"A": 0}, {"A": 1_000}, 0.5, 0.5) > 0


def test_the_file_is_written_from_an_evaluation_and_read_back(tmp_path: Path) -> None:
    lines = [{"name": "micro"}, {"name": "unit_visit", "true_positives": 3.0, "false_positives": 1.0, "false_negatives": 2.0}]
    values = {
        "holder": [
            {"gold": "self", "found": "joint", "count": 4},
            {"gold": "other", "found": "self", "count": 2},
            {"gold": "self", "found": "other", "count": 9},
        ]
    }
    record = {"codebook": "c", "sets": [{"set": "dev", "sentences": 9, "tables": {"instruments, sentence": lines}, "values": values}]}
    path = tmp_path / "measured.toml"
    path.write_text(from_evaluation(record, "dev", "rules"), encoding="utf-8")
    found = read_reliability(path)
    assert found is not None
    assert found.tally == (Tally(code="unit_visit", right=3, wrong=1, missed=2),)
    assert found.holder == Attributed(right=4, wrong=2)
    with pytest.raises(UsageError, match="no set 'test'"):
        from_evaluation(record, "test", "rules")


def test_a_malformed_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "measured.toml"
    path.write_text('set = "x"\nmatcher = "rules"\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"measured\.toml"):
        read_reliability(path)
    with pytest.raises(UsageError, match="no such file"):
        read_reliability(tmp_path / "none.toml")


def test_our_own_figures_name_every_instrument(codebook: Codebook) -> None:
    ours = read_reliability()
    assert ours is not None
    assert {t.code for t in ours.tally} == set(codebook.instruments)


@pytest.mark.parametrize("words", [0, 900, 40_000])
@pytest.mark.parametrize("wrong", [[], [0.3], [0.1, 0.02, 0.6]])
def test_probability_from_scores_is_the_same_worked_out_draw_by_draw(words: int, wrong: list[float]) -> None:
    chance = np.random.default_rng(5)
    precision, recall = chance.beta(8, 3, 2000), chance.beta(6, 4, 2000)
    for rate in (1e-6, 3e-4):
        assert presence_by_scores(words, Recall.of(recall), rate, wrong) == pytest.approx(
            presence(len(wrong), words, precision, recall, rate, wrong), abs=1.01e-4
        )
