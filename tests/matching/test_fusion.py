"""The hybrid's decisions: names masked, candidates gathered and described, accepted, rejected or sent to review."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ddextract.codebook import Codebook, load_codebook
from ddextract.matching.features import masked_words, text_features
from ddextract.matching.fusion import HOLDS, KindModel, StatisticalJudge, candidates
from ddextract.matching.linear import LinearModel, from_rows
from ddextract.matching.pipeline import Passage, RuleMatcher, Setting, rule_matcher
from ddextract.mention import FOR_REVIEW

SENTENCE = "In 2021 Canada sent 12 officers to Ghana for joint military exercises."


def _model(
    text: dict[str, dict[str, float]], weigh: dict[str, float], *, threshold: float = 0.5, review: float = 0.2, text_threshold: float = 0.0
) -> KindModel:
    labels = sorted({code for weights in text.values() for code in weights}) or ["military_exercise"]
    names = sorted(text) or ["w:never"]
    table = np.array([[text.get(n, {}).get(code, 0.0) for code in labels] for n in names])
    words: LinearModel = from_rows(labels, names, table, np.full(len(labels), -6.0), unit=False)
    weights = from_rows([HOLDS], sorted(weigh), np.array([[weigh[n]] for n in sorted(weigh)]), np.zeros(1), unit=False)
    return KindModel("instruments", words, weights, 1.0, 0.0, threshold, review, text_threshold)


def _matcher(codebook: Codebook, model: KindModel, decides: str = "hybrid") -> RuleMatcher:
    return RuleMatcher(codebook, "en", StatisticalJudge(codebook, {"instruments": model}, decides))  # type: ignore[arg-type]


def test_names_years_and_numbers_are_masked(codebook: Codebook) -> None:
    matcher = rule_matcher(codebook, "en")
    doc = matcher.doc(SENTENCE)
    texts = [w.text for w in masked_words(doc, 0, len(doc), "CAN")]
    assert texts[:5] == ["in", "<year>", "<own>", "sent", "<number>"]
    assert "<state>" in texts
    assert not {"canada", "ghana", "2021", "12"} & set(texts)


def test_every_feature_names_words_of_the_sentence(codebook: Codebook) -> None:
    matcher = rule_matcher(codebook, "en")
    doc = matcher.doc(SENTENCE)
    words = masked_words(doc, 0, len(doc), "CAN")
    covered = text_features(words)
    assert covered["w:joint military exercises"] == [words.index(w) for w in words if w.text in ("joint", "military", "exercises")]
    assert all(0 <= i < len(words) for places in covered.values() for i in places)
    assert not any(name.startswith(("p:<", "x:<")) for name in covered)


def test_candidates_come_from_hits_refusals_and_the_text(codebook: Codebook) -> None:
    matcher = rule_matcher(codebook, "en")
    _, [looked] = matcher.hits(Passage(SENTENCE), Setting("CAN"))
    found = candidates("instruments", (), looked.hits, looked.refused, (), {"unit_visit": -1.0, "arms_control": -9.0}, proposed_from=-3.5)
    codes = {c.code: c for c in found}
    assert codes["military_exercise"].hits
    assert not codes["unit_visit"].hits
    assert "arms_control" not in codes


def test_an_accepted_hit_carries_the_probability_and_its_reasons(codebook: Codebook) -> None:
    matcher = _matcher(codebook, _model({}, {"rule": 2.0}))
    [mention] = [m for m in matcher.mentions(Passage(SENTENCE), Setting("CAN")) if m.code == "military_exercise"]
    assert mention.score == pytest.approx(1 / (1 + np.exp(-2.0)), abs=1e-3)
    assert mention.matcher == "rule"


def test_a_hit_that_is_not_worth_it_is_rejected_or_sent_to_review(codebook: Codebook) -> None:
    rejected = _matcher(codebook, _model({}, {"rule": -4.0})).mentions(Passage(SENTENCE), Setting("CAN"), review=True)
    assert not [m for m in rejected if m.code == "military_exercise"]
    doubtful = _matcher(codebook, _model({}, {"rule": -1.0})).mentions(Passage(SENTENCE), Setting("CAN"), review=True)
    [mention] = [m for m in doubtful if m.code == "military_exercise"]
    assert (mention.reason, mention.counts) == (FOR_REVIEW, False)
    assert "exercises" in mention.text
    assert not [m for m in _matcher(codebook, _model({}, {"rule": -1.0})).mentions(Passage(SENTENCE), Setting("CAN")) if m.reason == FOR_REVIEW]


def test_what_only_the_text_shows_is_found_at_its_strongest_words(codebook: Codebook) -> None:
    sentence = "Grey hulls of ours lay for weeks at the quays of distant harbours."
    assert not [m for m in rule_matcher(codebook, "en").mentions(Passage(sentence), Setting("CAN")) if m.code == "unit_visit"]
    text = {"w:hulls": {"unit_visit": 5.0}, "w:harbours": {"unit_visit": 5.0}}
    for decides in ("hybrid", "statistical"):
        matcher = _matcher(codebook, _model(text, {"text alone, text": 1.0}), decides)
        [mention] = [m for m in matcher.mentions(Passage(sentence), Setting("CAN")) if m.code == "unit_visit"]
        assert mention.matcher == "statistical"
        assert sentence[mention.start : mention.end] == mention.text
        assert "hulls" in mention.text or "harbours" in mention.text
        assert mention.attribution is not None


def test_codes_that_the_model_does_not_know_stay_as_the_rules_left_them(codebook: Codebook) -> None:
    model = _model({"w:hulls": {"unit_visit": 5.0}}, {"rule": -9.0})
    mentions = _matcher(codebook, model).mentions(Passage(SENTENCE), Setting("CAN"))
    assert [m.code for m in mentions if m.label == "INSTRUMENT"] == [
        m.code for m in rule_matcher(codebook, "en").mentions(Passage(SENTENCE), Setting("CAN")) if m.label == "INSTRUMENT"
    ]


def test_a_wording_that_a_user_added_holds_whatever_the_model_thinks(tmp_path: Path) -> None:
    (tmp_path / "instruments").mkdir()
    page = 'extends = true\n\n[[phrasing.en]]\nmatch = ["quayside suppers"]\nexamples = ["Quayside suppers."]\n'
    (tmp_path / "instruments" / "unit_visit.toml").write_text(page, encoding="utf-8")
    matcher = _matcher(load_codebook(tmp_path), _model({}, {"rule": -9.0}))
    found = matcher.mentions(Passage("Quayside suppers followed joint military exercises."), Setting("CAN"))
    assert [m.code for m in found if m.label == "INSTRUMENT"] == ["unit_visit"]
