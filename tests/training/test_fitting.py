"""Fitting: folds that part no document, rare features dropped, calibration and thresholds that do what they say, models that come back the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ddextract.annotation.stock import authored_gold, standoff_gold
from ddextract.codebook import Codebook
from ddextract.training import candidates_by_kind, train_language
from ddextract.training.card import Material, write
from ddextract.training.examples import Example, examples, rules_saw, training_gold
from ddextract.training.fitting import LEAST_DOCUMENTS, best_f1, calibrate, calibration_error, cross_fitted_logits, folds_of, text_matrix


@pytest.fixture(scope="module")
def french(codebook: Codebook) -> list[Example]:
    """A part of the authored French sentences: enough for every step, quick to fit."""
    gold = [s for s in training_gold() if s.language == "fr" and s.text is not None][:240]
    return examples(gold, codebook, None, rules_saw())


def test_test_documents_and_the_part_held_back_are_never_trained_on() -> None:
    documents = {s.document for s in training_gold()}
    assert not documents & {s.document for s in standoff_gold() if s.split == "test"}
    assert not [d for d in documents if "-b/" in d]
    assert [s for s in authored_gold() if "-b/" in s.document]


def test_a_cluster_lies_wholly_in_one_fold() -> None:
    clusters = [f"document {k % 17}" for k in range(100)]
    for train, test in folds_of(clusters):
        assert not {clusters[i] for i in train} & {clusters[i] for i in test}
    assert sorted(int(i) for _, test in folds_of(clusters) for i in test) == list(range(100))


def test_features_of_few_documents_are_dropped(french: list[Example]) -> None:
    matrix = text_matrix(french)
    for name in matrix.names[:: max(1, len(matrix.names) // 50)]:
        assert len({e.cluster for e in french if name in e.covered}) >= LEAST_DOCUMENTS


def test_log_odds_of_a_sentence_come_from_a_model_that_has_not_seen_its_documents(french: list[Example]) -> None:
    logits = cross_fitted_logits("instruments", french, [])
    clusters = {e.cluster for e in french}
    alone = next(iter(sorted(clusters)))
    # A code that stands in the sentences of one cluster only cannot be known to the model that judges that cluster.
    own = {c for e in french if e.cluster == alone for c in e.codes["instruments"]}
    elsewhere = {c for e in french if e.cluster != alone for c in e.codes["instruments"]}
    for example, told in zip(french, logits, strict=True):
        if example.cluster == alone:
            assert not set(told) & (own - elsewhere)


def test_calibration_undoes_a_known_distortion() -> None:
    drawn = np.random.default_rng(3)
    odds = drawn.normal(0, 2, 20_000)
    truth = drawn.random(20_000) < 1 / (1 + np.exp(-(0.5 * odds - 1)))
    slope, offset = calibrate(odds, truth, np.ones(20_000))
    assert (slope, offset) == (pytest.approx(0.5, abs=0.05), pytest.approx(-1, abs=0.07))
    assert calibration_error(1 / (1 + np.exp(-(slope * odds + offset))), truth.astype(float)) < 0.02
    assert calibration_error(1 / (1 + np.exp(-3 * odds)), truth.astype(float)) > 0.1


def test_the_threshold_is_where_micro_f1_is_best() -> None:
    values = np.linspace(0, 1, 1000)
    truth = (values > 0.6).astype(float)
    reached, value = best_f1(values, truth, float(truth.sum()), np.ones(1000))
    assert value == pytest.approx(0.6, abs=0.02)
    assert reached > 0.95


def test_training_twice_gives_equal_files_and_a_card_that_names_them(french: list[Example], codebook: Codebook, tmp_path: Path) -> None:
    material = Material((), {"fr": french}, {"fr": []}, 0, {"fr": candidates_by_kind(french, [])})
    for name in ("first", "second"):
        write(train_language("fr", french, [], material.candidates, "digest"), tmp_path / name / "fr", codebook, material)
    first, second = (sorted((tmp_path / n / "fr").iterdir()) for n in ("first", "second"))
    assert [p.name for p in first] == [p.name for p in second]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True))
    assert sum(p.stat().st_size for p in first) < 10 << 20
    assert 'gold = "digest"' in (tmp_path / "first" / "fr" / "card.toml").read_text(encoding="utf-8")
