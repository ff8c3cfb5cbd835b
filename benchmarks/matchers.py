"""Candidates for the statistical matcher side by side: same sentences, same folds by document, one table per language.

    python benchmarks/matchers.py --lang en [--candidates words,weak,…] [--curve] [--embeddings FOLDER]

Needs the real documents for English (``--documents``). Every figure is micro F1 of instrument codes per sentence, cross-fitted by document;
thresholds are chosen on the same predictions for every candidate alike. The second figure is on sentences that the rules were not written with.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ddextract.annotation.gold import with_text
from ddextract.annotation.stock import documents_folder
from ddextract.codebook import load_codebook
from ddextract.scoring import Tally, compare
from ddextract.training import examples as gathering
from ddextract.training import fitting
from ddextract.training.examples import Example, rules_saw, training_gold, weak_examples

KIND = "instruments"
Chosen = list[set[str]]


def f1(some: Sequence[Example], chosen: Chosen, keep: Callable[[Example], bool] = lambda _: True) -> float:
    hit = said = gold = 0
    for example, found in zip(some, chosen, strict=True):
        if keep(example):
            hit += len(found & example.codes[KIND])
            said += len(found)
            gold += len(example.codes[KIND])
    return 2 * hit / (said + gold) if said + gold else 0.0


def best(some: Sequence[Example], values: list[dict[str, float]]) -> Chosen:
    """Choose codes by the threshold that gives the best micro F1."""
    flat = sorted({round(v, 2) for told in values for v in told.values()})
    grid = flat[:: max(1, len(flat) // 200)] or [0.0]
    options = [[{c for c, v in told.items() if v >= t} for told in values] for t in grid]
    return max(options, key=lambda chosen: f1(some, chosen))


def tallies(some: Sequence[Example], chosen: Chosen) -> dict[str, dict[str, Tally]]:
    result: dict[str, dict[str, Tally]] = {}
    for example, found in zip(some, chosen, strict=True):
        own = result.setdefault(example.cluster, {})
        for code in found | example.codes[KIND]:
            own[code] = own.get(code, Tally()) + Tally(
                tp=float(code in found and code in example.codes[KIND]), fp=float(code not in example.codes[KIND]), fn=float(code not in found)
            )
    return result


def weighed(some: Sequence[Example], logits: list[dict[str, float]], *, leave: tuple[str, ...] = (), trees: bool = False) -> list[dict[str, float]]:
    """Cross-fit the weighing of candidates; features that begin with a word of ``leave`` are left out."""
    own = fitting.weigh_candidates(KIND, some, logits)
    own.features = [{k: v for k, v in f.items() if not k.startswith(leave)} if leave else f for f in own.features]
    where = np.asarray(own.example)
    result: list[dict[str, float]] = [{} for _ in some]
    for train, test in fitting.folds_of([e.cluster for e in some]):
        inside, outside = np.flatnonzero(np.isin(where, train)), np.flatnonzero(np.isin(where, test))
        if trees:
            from sklearn.ensemble import HistGradientBoostingClassifier
            from sklearn.feature_extraction import DictVectorizer

            vectors = DictVectorizer(sparse=False)
            rows = vectors.fit_transform([own.features[k] for k in inside])
            model = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.06, max_leaf_nodes=15, min_samples_leaf=20, random_state=0)
            model.fit(rows, [own.truth[k] for k in inside])
            odds = model.decision_function(vectors.transform([own.features[k] for k in outside]))
        else:
            weights = [0.4 if own.tuned[k] else 1.0 for k in inside]
            linear = fitting.fit_weigh([own.features[k] for k in inside], [own.truth[k] for k in inside], weights)
            odds = [float(linear.decide(own.features[k])[0]) for k in outside]
        for k, value in zip(outside, odds, strict=True):
            result[own.example[k]][own.codes[k]] = float(value)
    return result


def spancat(
    some: Sequence[Example], texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int, str]]], language: str, steps: int
) -> list[dict[str, float]]:
    """Cross-fit spaCy's span categoriser (convolutional, spans of 1 to 6 words) with benchmarks/spancat.cfg."""
    import spacy
    from spacy.tokens import SpanGroup
    from spacy.training import Example as Pair
    from spacy.util import load_config

    result: list[dict[str, float]] = [{} for _ in some]
    config = load_config(Path(__file__).with_name("spancat.cfg"), overrides={"nlp.lang": language})
    for train, test in fitting.folds_of([e.cluster for e in some]):
        spacy.util.fix_random_seed(0)
        nlp = spacy.util.load_model_from_config(config, auto_fill=True)
        pairs = []
        for i in train:
            doc, gold = nlp.make_doc(texts[i]), nlp.make_doc(texts[i])
            marked = [gold.char_span(a, b, label=c, alignment_mode="expand") for a, b, c in spans[i]]
            gold.spans["sc"] = SpanGroup(gold, name="sc", spans=[s for s in marked if s is not None])
            pairs.append(Pair(doc, gold))
        nlp.initialize(lambda pairs=pairs: pairs)
        optimizer = nlp.create_optimizer()
        drawn = random.Random(0)
        for _ in range(steps):
            nlp.update(drawn.sample(pairs, min(32, len(pairs))), sgd=optimizer, drop=0.1)
        for i, doc in zip(test, nlp.pipe([texts[i] for i in test]), strict=True):
            group = doc.spans["sc"]
            for span, score in zip(group, group.attrs["scores"], strict=True):
                result[i][span.label_] = max(result[i].get(span.label_, 0.0), float(score))
    return result


def embeddings(some: Sequence[Example], texts: Sequence[str], folder: Path) -> list[dict[str, float]]:
    """Cross-fit logistic regression on sentence embeddings of a model in a local folder (needs sentence-transformers)."""
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression

    rows = SentenceTransformer(str(folder), device="cpu").encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
    result: list[dict[str, float]] = [{} for _ in some]
    for train, test in fitting.folds_of([e.cluster for e in some]):
        for code in sorted({c for i in train for c in some[i].codes[KIND]}):
            truth = [code in some[i].codes[KIND] for i in train]
            if sum(truth) < fitting.LEAST_MENTIONS:
                continue
            odds = LogisticRegression(C=10, max_iter=500).fit(rows[train], truth).decision_function(rows[test])
            for i, value in zip(test, odds, strict=True):
                result[i][code] = float(value)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lang", default="en")
    parser.add_argument("--documents", type=Path)
    parser.add_argument("--candidates", default="words,weak,weighed weak,weigh,weigh without words apart,trees")
    parser.add_argument("--embeddings", type=Path)
    parser.add_argument("--steps", type=int, default=800, help="Updates of the span categoriser.")
    parser.add_argument("--curve", action="store_true", help="Score against the number of coded sentences, and by strategy of choosing them.")
    asked = parser.parse_args()
    documents, codebook = documents_folder(asked.documents), load_codebook()
    gold = [s for s in training_gold() if s.language == asked.lang]
    coded = list(with_text(gold, documents))
    saw = rules_saw()
    some = [gathering._example(c, codebook, saw(c.gold)) for c in coded]
    weak = list(weak_examples(asked.lang, codebook, documents, gold)) if documents else []
    print(f"{asked.lang}: {len(some)} coded sentences, {len({e.cluster for e in some})} documents and issuing states, {len(weak)} labelled by the rules")
    rules: Chosen = [{h.concept.code for h in e.hits if h.concept.kind == KIND} for e in some]
    base = tallies(some, rules)

    def show(name: str, chosen: Chosen, seconds: float) -> None:
        difference = compare(base, tallies(some, chosen))
        low, high = difference.interval.low or 0, difference.interval.high or 0
        untuned = f1(some, chosen, lambda e: not e.tuned)
        interval = f"{difference.difference:+.3f} ({low:+.3f} to {high:+.3f})"
        print(f"  {name:<34}{f1(some, chosen):.3f}  not seen by the rules {untuned:.3f}  to the rules {interval}  {seconds:.0f} s", flush=True)

    show("rules", rules, 0)
    wanted = asked.candidates.split(",")
    logits: list[dict[str, float]] = []
    for name in wanted:
        begun = time.perf_counter()
        if name == "words":
            chosen = best(some, fitting.cross_fitted_logits(KIND, some, []))
        elif name == "weak":
            logits = fitting.cross_fitted_logits(KIND, some, weak)
            chosen = best(some, logits)
        elif name == "weighed weak":
            reliable = _reliable(some)
            kept = [e for e in weak if not e.codes[KIND] or any(reliable(h.score) for h in e.hits if h.concept.kind == KIND)]
            chosen = best(some, fitting.cross_fitted_logits(KIND, some, kept))
        elif name == "spancat":
            texts = [c.text for c in coded]
            spans = [[(m.start - c.gold.offset, m.end - c.gold.offset, m.code) for m in c.gold.instruments] for c in coded]
            chosen = best(some, spancat(some, texts, spans, asked.lang, asked.steps))
        else:
            logits = logits or fitting.cross_fitted_logits(KIND, some, weak)
            leave = ("words of",) if name == "weigh without words apart" else ()
            chosen = best(some, weighed(some, logits, leave=leave, trees=name == "trees"))
        show(name, chosen, time.perf_counter() - begun)
    if asked.embeddings:
        begun = time.perf_counter()
        chosen = best(some, embeddings(some, [c.text for c in coded], asked.embeddings))
        show("embeddings", chosen, time.perf_counter() - begun)
    if asked.curve:
        for share in (0.1, 0.25, 0.5, 0.75, 1.0):
            drawn = random.Random(1).sample(range(len(some)), round(share * len(some)))
            part = [some[i] for i in sorted(drawn)]
            print(
                f"  curve: {len(part)} coded sentences: hybrid {f1(part, best(part, weighed(part, fitting.cross_fitted_logits(KIND, part, weak)))):.3f}",
                flush=True,
            )


def _reliable(some: Sequence[Example]) -> Callable[[float], bool]:
    """Label model: a rule's label is believed from the score at which more than half of the coded hits of that score hold."""
    scored: list[tuple[float, bool]] = [(h.score, h.concept.code in e.codes[KIND]) for e in some for h in e.hits if h.concept.kind == KIND]
    for cut in np.arange(0.3, 1.0, 0.05):
        right = [ok for score, ok in scored if cut <= score < cut + 0.05]
        if right and sum(right) / len(right) > 0.5:
            return lambda score, cut=cut: score >= cut
    return lambda score: score >= 0.9


if __name__ == "__main__":
    main()
