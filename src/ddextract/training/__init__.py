"""From gold sentences to the models of the statistical and the hybrid matcher, every figure cross-fitted by document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ddextract.matching.fusion import KindModel
from ddextract.training.examples import KINDS, Example
from ddextract.training.fitting import (
    Weighed,
    best_f1,
    calibrate,
    calibration_error,
    cross_fitted_logits,
    fit_text,
    fit_weigh,
    folds_of,
    of_authored,
    text_matrix,
    weigh_candidates,
)

TUNED_WEIGHT = 0.2
"""Weight, in weighing, of sentences that the rules were written with: there the rules look better than they are."""
OTHER_LANGUAGE_WEIGHT = 0.5
"""Weight, in weighing, of sentences in other languages: what a rule's word is worth is much alike in all of them."""
ENOUGH_REAL = 300
"""Mentions in documents from which authored sentences are told apart from them in weighing, and thresholds rest on documents alone."""
REVIEW_FROM = 0.2
"""Calibrated probability from which a rejected candidate goes to review."""


@dataclass(frozen=True)
class Trained:
    """The models of one language and how they were made.

    Attributes:
        language: ISO 639-1 code.
        models: Kind to models.
        figures: Kind to cross-fitted figures.
        sentences: Coded sentences of the language.
        weak: Sentences labelled by the rules.
        clusters: Documents and issuing states of the coded sentences.
        digest: Hash over the gold.
    """

    language: str
    models: Mapping[str, KindModel]
    figures: Mapping[str, Mapping[str, float]]
    sentences: int
    weak: int
    clusters: int
    digest: str
    left_out: int = 0


def candidates_by_kind(coded: Sequence[Example], weak: Sequence[Example]) -> dict[str, Weighed]:
    """Return the candidates of the coded sentences of a language per kind, each judged by a text model that has not seen its document."""
    return {kind: weigh_candidates(kind, coded, cross_fitted_logits(kind, coded, weak)) for kind in KINDS}


def train_language(
    language: str, coded: Sequence[Example], weak: Sequence[Example], candidates_of: Mapping[str, Mapping[str, Weighed]], gold_digest: str
) -> Trained:
    """Fit all models of a language.

    Args:
        language: ISO 639-1 code.
        coded: Its coded sentences.
        weak: Its sentences labelled by the rules.
        candidates_of: Language to kind to candidates of coded sentences, with log odds from text models that had not seen their documents.
        gold_digest: Hash over the gold.
    """
    import numpy as np

    models: dict[str, KindModel] = {}
    figures: dict[str, dict[str, float]] = {}
    for kind in KINDS:
        own = candidates_of[language][kind]
        foreign = [told[kind] for other, told in sorted(candidates_of.items()) if other != language]
        apart = sum(len(e.codes[kind]) for e in coded if not e.authored) >= ENOUGH_REAL
        learnt_from = [of_authored(f) if apart and coded[i].authored else f for f, i in zip(own.features, own.example, strict=True)]
        weights = [TUNED_WEIGHT if tuned else 1.0 for tuned in own.tuned]
        more = [
            (f, t, OTHER_LANGUAGE_WEIGHT * (TUNED_WEIGHT if tuned else 1.0))
            for w in foreign
            for f, t, tuned in zip(w.for_other_language(), w.truth, w.tuned, strict=True)
        ]
        log_odds = np.zeros(len(own.truth))
        where = np.asarray(own.example)
        for train, test in folds_of([e.cluster for e in coded]):
            inside = np.flatnonzero(np.isin(where, train))
            model = fit_weigh(
                [*(learnt_from[k] for k in inside), *(f for f, _, _ in more)], [*(own.truth[k] for k in inside), *(t for _, t, _ in more)],
                [*(weights[k] for k in inside), *(w for _, _, w in more)],
            )  # fmt: skip
            for k in np.flatnonzero(np.isin(where, test)):
                log_odds[k] = float(model.decide(own.features[k])[0])
        truth = np.asarray(own.truth, dtype=float)
        # Thresholds and probabilities are for documents: where there are enough, authored sentences have no say in them.
        heard = np.asarray([0.0 if apart and e.authored else TUNED_WEIGHT if e.tuned else 1.0 for e in coded])
        trust = heard[where]
        slope, offset = calibrate(log_odds, truth, trust)
        probability = 1 / (1 + np.exp(-(slope * log_odds + offset)))
        reachable = sum(len(e.codes[kind]) for e in coded)
        # What a mention is worth on text that nobody wrote wordings for is what thresholds and probabilities are for.
        in_gold = sum(len(e.codes[kind]) * float(h) for e, h in zip(coded, heard, strict=True))
        # Half the best F1 is where accepting what is calibrated pays (Lipton, Elkan and Naryanaswamy 2014), and what F1 can be reached
        # shows on sentences that nobody wrote wordings for, if there are any.
        new = np.asarray([float(h) * (not e.tuned) for e, h in zip(coded, heard, strict=True)])
        new = new if new.any() else heard
        reached, _ = best_f1(probability, truth, sum(len(e.codes[kind]) * float(h) for e, h in zip(coded, new, strict=True)), new[where])
        threshold = reached / 2
        logits = np.asarray(own.logits)
        _, text_threshold = best_f1(logits, truth, in_gold, trust)
        text = fit_text(text_matrix([*coded, *weak]), kind, np.ones(len(coded) + len(weak), dtype=bool))
        weigh = fit_weigh([*learnt_from, *(f for f, _, _ in more)], [*own.truth, *(t for _, t, _ in more)], [*weights, *(w for _, _, w in more)])
        models[kind] = KindModel(kind, text, weigh, slope, offset, threshold, min(REVIEW_FROM, threshold), text_threshold)
        fresh = ~np.asarray(own.tuned) & (trust > 0)
        figures[kind] = {
            "candidates": float(len(truth)),
            "reach": float(truth.sum() / max(1, reachable)),
            "calibration_error": calibration_error(probability[trust > 0], truth[trust > 0]),
            "calibration_error_untuned": calibration_error(probability[fresh], truth[fresh]) if fresh.any() else float("nan"),
        }
        chosen_rows = {
            "all": [True] * len(coded), "untuned": [not e.tuned for e in coded], "untuned_documents": [not e.tuned and not e.authored for e in coded],
        }  # fmt: skip
        for name, rows in chosen_rows.items():
            if not any(k and e.codes[kind] for e, k in zip(coded, rows, strict=True)):
                continue
            keep = np.asarray([rows[i] for i in own.example])
            gold = sum(len(e.codes[kind]) for e, k in zip(coded, rows, strict=True) if k)
            ruled = np.asarray([bool(f.get("rule")) for f in own.features])
            for system, chosen in (("rules", ruled), ("statistical", logits >= text_threshold), ("hybrid", probability >= threshold)):
                hit = float((truth * (chosen & keep)).sum())
                said = float((chosen & keep).sum())
                figures[kind][f"{system}_f1_{name}"] = 2 * hit / (said + gold) if said + gold else 0.0
    return Trained(language, models, figures, len(coded), len(weak), len({e.cluster for e in coded}), gold_digest)
