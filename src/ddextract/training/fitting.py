"""Linear models fitted to examples: codes from words, candidates from rules and words, and the calibration of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ddextract.matching.fusion import HOLDS, PROPOSED_FROM, Candidate, candidate_features, candidates, lexical
from ddextract.matching.linear import LinearModel, from_rows
from ddextract.training.examples import KINDS, SEED, Example

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

FOLDS = 6
"""Folds of the cross-fitting; a document lies wholly in one."""
LEAST_DOCUMENTS = 3
"""Documents (of authored sentences: issuing states) in which a feature must occur; rarer ones are dropped, so that no text can be read back."""
LEAST_MENTIONS = 3
"""Gold mentions below which a code gets no column of the text model."""
TEXT_STRENGTH = 20.0
"""Inverse regularisation (scikit-learn's C) of the text model."""
WEIGH_STRENGTH = 0.3
"""The same of the model that weighs candidates."""
ONLY_AUTHORED = "authored: "
"""Begins the features that only authored sentences have."""
WEAK_WEIGHT = 0.4
"""Weight of a sentence that only the rules have labelled, against a coded one."""


@dataclass
class TextMatrix:
    """Examples as rows of a sparse matrix of text features, with one column of labels per code."""

    rows: csr_matrix
    names: list[str]
    clusters: NDArray[Any]
    coded: NDArray[np.bool_]
    labels: dict[str, NDArray[np.int8]] = field(default_factory=dict)


def text_matrix(some: Sequence[Example]) -> TextMatrix:
    """Return the text features of examples; those that occur in fewer documents than ``LEAST_DOCUMENTS`` are dropped."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    seen: dict[str, set[str]] = defaultdict(set)
    for example in some:
        for name in example.covered:
            seen[name].add(example.cluster)
    names = sorted(name for name, clusters in seen.items() if len(clusters) >= LEAST_DOCUMENTS)
    place = {name: i for i, name in enumerate(names)}
    indices: list[int] = []
    pointer = [0]
    for example in some:
        indices += sorted(place[name] for name in example.covered if name in place)
        pointer.append(len(indices))
    data = np.ones(len(indices), dtype=np.float64)
    rows = csr_matrix((data, np.asarray(indices, dtype=np.int32), np.asarray(pointer, dtype=np.int32)), shape=(len(some), len(names)))
    matrix = TextMatrix(normalize(rows), names, np.asarray([e.cluster for e in some]), np.asarray([e.coded for e in some]))
    for kind in KINDS:
        for code in sorted({c for e in some for c in e.codes[kind]}):
            matrix.labels[f"{kind}/{code}"] = np.asarray([code in e.codes[kind] for e in some], dtype=np.int8)
    return matrix


def fit_text(matrix: TextMatrix, kind: str, train: NDArray[np.bool_]) -> LinearModel:
    """Return the text model of a kind, fitted on some rows: logistic regression, each code against the rest.

    Args:
        matrix: All examples.
        kind: ``instruments`` or ``objectives``.
        train: Which rows to learn from.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    weights = np.where(matrix.coded, 1.0, WEAK_WEIGHT)[train]
    rows = matrix.rows[train]
    labels, columns, offsets = [], [], []
    for key, column in matrix.labels.items():
        if not key.startswith(f"{kind}/") or column[train].sum() < LEAST_MENTIONS:
            continue
        fitted = LogisticRegression(C=TEXT_STRENGTH, solver="liblinear", random_state=SEED).fit(rows, column[train], sample_weight=weights)
        labels.append(key.split("/", 1)[1])
        columns.append(fitted.coef_[0])
        offsets.append(fitted.intercept_[0])
    table = np.stack(columns, axis=1) if columns else np.zeros((len(matrix.names), 0))
    return from_rows(labels, matrix.names, table, np.asarray(offsets), unit=True)


# weighing


@dataclass
class Weighed:
    """Candidates of coded sentences: features, truth, where they stand, and the text model's log odds."""

    example: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    features: list[dict[str, float]] = field(default_factory=list)
    truth: list[bool] = field(default_factory=list)
    logits: list[float] = field(default_factory=list)
    tuned: list[bool] = field(default_factory=list)
    clusters: list[str] = field(default_factory=list)

    def for_other_language(self) -> list[dict[str, float]]:
        """Return the features without those that name words."""
        return [{name: value for name, value in features.items() if not lexical(name)} for features in self.features]


def weigh_candidates(kind: str, some: Sequence[Example], logits: Sequence[Mapping[str, float]]) -> Weighed:
    """Return the candidates of coded sentences with their features.

    Args:
        kind: ``instruments`` or ``objectives``.
        some: Coded sentences.
        logits: Code to log odds of a text model that has not seen the sentence's document.
    """
    result = Weighed()
    for i, (example, told) in enumerate(zip(some, logits, strict=True)):
        proposed: list[Candidate] = candidates(kind, list(told), example.hits, example.refused, example.near, told, proposed_from=PROPOSED_FROM)
        for candidate in proposed:
            result.example.append(i)
            result.codes.append(candidate.code)
            result.features.append(candidate_features(candidate, proposed, example.words, example.before))
            result.truth.append(candidate.code in example.codes[kind])
            result.logits.append(candidate.logit)
            result.tuned.append(example.tuned)
            result.clusters.append(example.cluster)
    rare = _rare(result)
    result.features = [{name: value for name, value in features.items() if name not in rare} for features in result.features]
    return result


def _rare(weighed: Weighed) -> set[str]:
    """Return the features that name words and occur in fewer documents than ``LEAST_DOCUMENTS``."""
    seen: dict[str, set[str]] = defaultdict(set)
    for cluster, features in zip(weighed.clusters, weighed.features, strict=True):
        for name in features:
            if lexical(name):
                seen[name].add(cluster)
    return {name for name, clusters in seen.items() if len(clusters) < LEAST_DOCUMENTS}


def of_authored(features: Mapping[str, float]) -> dict[str, float]:
    """Return the features of a candidate of an authored sentence: those that name no words twice, once for authored sentences alone.

    What a rule is worth in sentences written for training is not what it is worth in documents; what both have in common is learnt from both
    (Daumé III 2007, "Frustratingly easy domain adaptation"). The model is used without the second half.
    """
    return {**features, **{f"{ONLY_AUTHORED}{name}": value for name, value in features.items() if not lexical(name)}}


def fit_weigh(features: Sequence[Mapping[str, float]], truth: Sequence[bool], weights: Sequence[float]) -> LinearModel:
    """Return the model that weighs candidates: logistic regression on their named features.

    Args:
        features: Of each candidate.
        truth: Whether it holds.
        weights: How much it counts.
    """
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    names = sorted({name for f in features for name in f if name != "bias"})
    place = {name: i for i, name in enumerate(names)}
    indices: list[int] = []
    data: list[float] = []
    pointer = [0]
    for f in features:
        known = sorted((place[name], value) for name, value in f.items() if name in place)
        indices += [i for i, _ in known]
        data += [v for _, v in known]
        pointer.append(len(indices))
    rows = csr_matrix((np.asarray(data), np.asarray(indices, dtype=np.int32), np.asarray(pointer, dtype=np.int32)), shape=(len(features), len(names)))
    fitted = LogisticRegression(C=WEIGH_STRENGTH, solver="liblinear", random_state=SEED, max_iter=500).fit(
        rows, np.asarray(truth), sample_weight=np.asarray(weights)
    )
    # What was learnt of authored sentences alone has done its work.
    kept = [i for i, name in enumerate(names) if not name.startswith(ONLY_AUTHORED)]
    return from_rows([HOLDS], [names[i] for i in kept], fitted.coef_.T[kept], fitted.intercept_, unit=False)


def calibrate(log_odds: NDArray[Any], truth: NDArray[Any], weights: NDArray[Any]) -> tuple[float, float]:
    """Return slope and offset that turn log odds into probabilities that mean what they say (Platt 1999).

    Args:
        log_odds: Of candidates whose documents the model has not seen.
        truth: Whether they hold.
        weights: How much each counts.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e6).fit(np.asarray(log_odds).reshape(-1, 1), truth, sample_weight=weights)
    return float(fitted.coef_[0][0]), float(fitted.intercept_[0])


def calibration_error(probability: NDArray[Any], truth: NDArray[Any], bins: int = 10) -> float:
    """Return the expected calibration error: mean distance of stated and true share over equal bins, weighted by their sizes (Guo et al. 2017)."""
    import numpy as np

    which = np.minimum((probability * bins).astype(int), bins - 1)
    return float(sum(abs(probability[which == k].mean() - truth[which == k].mean()) * (which == k).mean() for k in range(bins) if (which == k).any()))


def folds_of(clusters: Sequence[str]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Return (train, test) row numbers; clusters are dealt to folds by size, the same every time."""
    import numpy as np
    from sklearn.model_selection import GroupKFold

    number = min(FOLDS, len(set(clusters)))
    return [(np.asarray(a), np.asarray(b)) for a, b in GroupKFold(number).split(np.zeros(len(clusters)), groups=np.asarray(clusters))]


def cross_fitted_logits(kind: str, coded: Sequence[Example], weak: Sequence[Example]) -> list[dict[str, float]]:
    """Return for each coded sentence the text model's log odds per code, from a model that has not seen its document.

    Args:
        kind: ``instruments`` or ``objectives``.
        coded: Coded sentences of one language.
        weak: Sentences labelled by the rules, of the same language.
    """
    import numpy as np

    matrix = text_matrix([*coded, *weak])
    result: list[dict[str, float]] = [{} for _ in coded]
    for _, test in folds_of([e.cluster for e in coded]):
        unseen = {coded[i].cluster for i in test}
        train = np.asarray([c not in unseen for c in matrix.clusters])
        model = fit_text(matrix, kind, train)
        for i in test:
            decided = model.decide(dict.fromkeys(coded[i].covered, 1.0))
            result[i] = {label: float(value) for label, value in zip(model.labels, decided, strict=True)}
    return result


def best_f1(values: NDArray[Any], truth: NDArray[Any], gold: float, weights: NDArray[Any]) -> tuple[float, float]:
    """Return the best micro F1 that accepting from some value upwards gives, and that value.

    Args:
        values: Of the candidates.
        truth: Whether they hold.
        gold: Weighted number of codes in the gold, proposed or not.
        weights: How much each candidate counts.
    """
    import numpy as np

    order = np.argsort(-values, kind="stable")
    hits = np.cumsum((truth * weights)[order])
    f1 = 2 * hits / (np.cumsum(weights[order]) + gold)
    # A smooth curve is less a matter of luck than its highest tooth.
    width = max(1, len(order) // 50)
    smooth = np.convolve(f1, np.ones(width) / width, mode="same")
    best = int(np.argmax(smooth))
    return float(smooth[best]), float(values[order[best]])
