"""Rules and statistics weighed together: one calibrated probability per code of a sentence, and the places where it is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from ddextract.codebook import Codebook, Concept, read_toml
from ddextract.errors import DataError
from ddextract.matching.features import NUMBER, OWN, YEAR, MaskedWord, masked_words, text_features
from ddextract.matching.linear import LinearModel
from ddextract.matching.purposes import Preceding
from ddextract.matching.ruler import Hit, Near, Refused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from spacy.tokens import Doc

HOLDS = "holds"
"""The one label of the model that weighs candidates."""
UNSEEN = "the rule's score alone: the model has never seen this code"
PROPOSED_FROM = -3.5
"""Log odds of the text model from which a code that no rule found is weighed at all."""
BESIDE = 5
"""Words to the left and to the right of a candidate's place that are looked at."""
TOLD_REASONS = 3
"""Features named as reasons of a decision."""
CARD = "card.toml"
Decides = Literal["statistical", "hybrid"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A code that may hold in a sentence, with all that speaks for it.

    Attributes:
        code: The code.
        hits: What the rules found.
        refused: What they found and refused.
        logit: Log odds of the text model.
        near: Wordings of it whose words are there, but not in their order or reach.
    """

    code: str
    hits: tuple[Hit, ...]
    refused: tuple[Refused, ...]
    logit: float
    near: Near | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What was decided about a code of a sentence: its places if it holds.

    Attributes:
        hits: Accepted places, with the probability as score.
        doubtful: Candidates in the band between accepted and rejected that a person should look at: code, first token, token behind, probability.
    """

    hits: tuple[Hit, ...]
    doubtful: tuple[tuple[str, int, int, float], ...]


class Looked(NamedTuple):
    """What the rules saw in one sentence (token indices): what holds, what was refused, what nearly fitted, and what stands before it."""

    start: int
    end: int
    hits: Sequence[Hit]
    refused: Sequence[Refused]
    near: Sequence[Near]
    before: Callable[[], Preceding]


class Judge(Protocol):
    """What decides after the rules have looked at a sentence."""

    def judge(self, doc: Doc, looked: Looked, issuer: str | None) -> Judged:
        """Return what holds in a sentence."""


def candidates(
    kind: str, labels: Sequence[str], hits: Sequence[Hit], refused: Sequence[Refused], near: Sequence[Near], logits: NDArray[Any] | Mapping[str, float],
    *, proposed_from: float,
) -> list[Candidate]:  # fmt: skip
    """Return the codes of a kind that rules or text model propose, sorted.

    Args:
        kind: ``instruments`` or ``objectives``.
        labels: The codes that the text model knows.
        hits: Of the rules.
        refused: By the rules.
        near: Concepts whose words are there, but not in the order or reach of a wording.
        logits: Of the text model, per label.
        proposed_from: Log odds from which the text model proposes a code alone.
    """
    found: dict[str, list[Hit]] = defaultdict(list)
    no: dict[str, list[Refused]] = defaultdict(list)
    for hit in hits:
        if hit.concept.kind == kind:
            found[hit.concept.code].append(hit)
    for refusal in refused:
        if refusal.concept.kind == kind:
            no[refusal.concept.code].append(refusal)
    told = logits if isinstance(logits, Mapping) else {label: float(value) for label, value in zip(labels, logits, strict=True)}
    proposed = {code for code, logit in told.items() if logit > proposed_from}
    close = {n.concept.code: n for n in near if n.concept.kind == kind}
    return [
        Candidate(code, tuple(found.get(code, ())), tuple(no.get(code, ())), told.get(code, proposed_from), close.get(code))
        for code in sorted({*found, *no, *close, *proposed})
    ]


def candidate_features(own: Candidate, all_of_sentence: Sequence[Candidate], words: Sequence[MaskedWord], before: Set[str] = frozenset()) -> dict[str, float]:
    """Return what speaks for and against a candidate, as named numbers.

    Args:
        own: The candidate.
        all_of_sentence: All candidates of the sentence, this one among them.
        words: The masked words of the sentence.
        before: The codes that the rules found in the sentence before.
    """
    best = max(c.logit for c in all_of_sentence)
    rivals = {c.code for c in all_of_sentence if c.hits and c.code != own.code}
    values: dict[str, float] = {
        "bias": 1.0, "text": own.logit, "text, best of the sentence": float(own.logit == best), "text, below the best": own.logit - best,
        f"code {own.code}": 1.0, "other codes found": float(min(3, len(rivals))), "length": len(words) / 50,
    }  # fmt: skip
    if own.hits:
        strongest = max(own.hits, key=lambda h: h.score)
        values |= {
            "rule": 1.0, "rule score": strongest.score, "rule, text": own.logit, "rule hits": float(min(3, len(own.hits))),
            f"rule of {own.code}": 1.0, f"rule score about {int(strongest.score * 10) / 10}": 1.0,
        }  # fmt: skip
        values |= {f"rule held in context {name.split(' (')[0]}": 1.0 for name in strongest.reasons}
    elif own.refused:
        values |= {"refused": 1.0, f"refused rule of {own.code}": 1.0, "refused, text": own.logit}
        values |= {f"refused because of {r.because}": 1.0 for r in own.refused}
    else:
        values |= {"text alone": 1.0, "text alone, text": own.logit, f"text alone for {own.code}": 1.0}
    if own.near:
        count = min(4.0, log2(own.near.wordings) + 1)
        values |= {"words of a wording": 1.0, "words of wordings": count, "words of wordings, text": own.logit * count / 4}
        if not own.hits:
            values |= {"words of wordings, no rule": count, f"words of wordings of {own.code}": count / 4}
    texts = {w.text for w in words}
    values["names the issuer"] = float(OWN in texts)
    values["names a state"] = float(bool(texts & {"<state>", "<state-adjective>"}))
    values["names an organisation"] = float("<international_organisation>" in texts)
    for rival in sorted(rivals):
        values[f"beside {rival}"] = 0.3
    if own.code in before:
        state = "rule" if own.hits else "refused" if own.refused else "near" if own.near else "text alone"
        values |= {"said in the sentence before": 1.0, f"said in the sentence before, {state}": 1.0, f"said in the sentence before: {own.code}": 1.0}
    elif before:
        values["another code in the sentence before"] = 1.0
    return values | _words_around(own, words)


def _words_around(own: Candidate, words: Sequence[MaskedWord]) -> dict[str, float]:
    """Return the words of a candidate's place and beside it, and the wordings that held."""
    values: dict[str, float] = {f"wording {hit.wording}": 1.0 for hit in own.hits}
    if own.hits:
        strongest = max(own.hits, key=lambda h: h.score)
        first, last = strongest.start, strongest.end
    elif own.refused:
        longest = max(own.refused, key=lambda r: r.end - r.start)
        first, last = longest.start, longest.end
    elif own.near:
        first, last = own.near.start, own.near.end
    else:
        return values
    left = [w.text for w in words if w.last <= first][-BESIDE:]
    inside = [w.text for w in words if w.first < last and w.last > first]
    right = [w.text for w in words if w.first >= last][:BESIDE]
    values["words in its place"] = len(inside) / BESIDE
    for text in inside:
        values |= {f"in {text}": 0.5, f"in {own.code} {text}": 0.5}
    values |= {f"left {text}": 0.5 for text in left}
    values |= {f"right {text}": 0.5 for text in right}
    values |= {f"close {text}": 1.0 for text in (*left, *inside, *right) if text.startswith("<") and text not in (YEAR, NUMBER)}
    return values


def lexical(feature: str) -> bool:
    """Return whether a feature of a candidate names words of its language, and so says nothing in another."""
    return feature.startswith(("wording ", "in ", "left ", "right "))


@dataclass(frozen=True)
class KindModel:
    """The models for one kind of code (instruments or objectives).

    Attributes:
        kind: ``instruments`` or ``objectives``.
        text: Log odds per code from the words alone.
        weigh: Log odds that a candidate holds, from rules and text together.
        slope: Of the calibration of these log odds (Platt scaling).
        offset: Of the same.
        threshold: Probability from which a candidate is accepted.
        review: Probability from which a rejected candidate goes to review.
        text_threshold: Log odds from which the text model alone accepts a code (``--matcher statistical``).
    """

    kind: str
    text: LinearModel
    weigh: LinearModel
    slope: float
    offset: float
    threshold: float
    review: float
    text_threshold: float

    def knows(self, code: str) -> bool:
        """Return whether the code was in the gold it was trained on; of a page that a user added, the rules alone decide."""
        return code in self.text.labels or f"rule of {code}" in self.weigh.features

    def probability(self, log_odds: float) -> float:
        """Return the calibrated probability."""
        from math import exp

        return 1.0 / (1.0 + exp(-max(-40.0, min(40.0, self.slope * log_odds + self.offset))))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal for a sentence with its probability and what became of it, for ``explain`` and for choosing sentences to code.

    Attributes:
        code: The code.
        probability: That it holds.
        ruled: Whether a wording held.
        logit: Log odds of the text model.
        verdict: ``accepted``, ``for review`` or ``rejected``.
        reasons: The features that spoke loudest, with their weights.
    """

    code: str
    probability: float
    ruled: bool
    logit: float
    verdict: str
    reasons: tuple[str, ...]


class StatisticalJudge:
    """Decides by a trained model what the rules' findings are worth, and adds what only the text shows.

    Args:
        codebook: Concepts by code.
        models: One per kind that has been trained.
        decides: ``hybrid`` weighs rules and text; ``statistical`` listens to the text alone.
    """

    def __init__(self, codebook: Codebook, models: Mapping[str, KindModel], decides: Decides) -> None:
        self._codebook = codebook
        self._models = models
        self._decides = decides

    def judge(self, doc: Doc, looked: Looked, issuer: str | None) -> Judged:
        """Return what holds in a sentence; codes that no model knows, and wordings that a user added, stay as the rules left them."""
        words = masked_words(doc, looked.start, looked.end, issuer)
        covered = text_features(words)
        values = dict.fromkeys(covered, 1.0)
        accepted: list[Hit] = []
        doubtful: list[tuple[str, int, int, float]] = []
        for kind, model in self._models.items():
            logits = model.text.decide(values)
            if self._decides == "statistical":
                accepted += self._by_text(model, words, covered, values, logits)
                continue
            proposed = candidates(kind, model.text.labels, looked.hits, looked.refused, looked.near, logits, proposed_from=PROPOSED_FROM)
            before = looked.before().codes if proposed else frozenset()
            for candidate in proposed:
                if not model.knows(candidate.code):
                    accepted += candidate.hits
                    continue
                told = candidate_features(candidate, proposed, words, before)
                probability = model.probability(float(model.weigh.decide(told)[0]))
                if probability >= model.threshold:
                    accepted += self._places(model, candidate, told, probability, words, covered, values)
                elif any(h.added for h in candidate.hits):
                    accepted += [h for h in candidate.hits if h.added]
                elif probability >= model.review:
                    first, last = self._span(model, candidate, words, covered, values)
                    doubtful.append((candidate.code, first, last, probability))
        accepted += [h for h in looked.hits if h.concept.kind not in self._models]
        return Judged(tuple(sorted(accepted, key=lambda h: (h.start, h.end, h.concept.code))), tuple(doubtful))

    def proposals(self, doc: Doc, looked: Looked, issuer: str | None) -> list[Proposal]:
        """Return every proposal for a sentence with its probability, whether accepted or not."""
        words = masked_words(doc, looked.start, looked.end, issuer)
        values = dict.fromkeys(text_features(words), 1.0)
        result = []
        for kind, model in self._models.items():
            logits = model.text.decide(values)
            proposed = candidates(kind, model.text.labels, looked.hits, looked.refused, looked.near, logits, proposed_from=PROPOSED_FROM)
            before = looked.before().codes if proposed else frozenset()
            for candidate in proposed:
                if not model.knows(candidate.code):
                    if candidate.hits:
                        score = max(h.score for h in candidate.hits)
                        result.append(Proposal(candidate.code, score, True, candidate.logit, "accepted", (UNSEEN,)))
                    continue
                told = candidate_features(candidate, proposed, words, before)
                probability = model.probability(float(model.weigh.decide(told)[0]))
                verdict = "accepted" if probability >= model.threshold else "for review" if probability >= model.review else "rejected"
                reasons = _told(model.weigh.contributions(told, HOLDS))
                result.append(Proposal(candidate.code, probability, bool(candidate.hits), candidate.logit, verdict, reasons))
        return result

    def _by_text(
        self, model: KindModel, words: Sequence[MaskedWord], covered: Mapping[str, Sequence[int]], values: Mapping[str, float], logits: NDArray[np.float32]
    ) -> list[Hit]:
        result = []
        for code, logit in zip(model.text.labels, logits, strict=True):
            concept = self._codebook.concepts.get(code)
            if logit < model.text_threshold or concept is None or not words:
                continue
            contributions = model.text.contributions(values, code)
            first, last = _strongest_words(contributions, covered, words)
            reasons = _told(contributions)
            result.append(Hit(concept, first, last, _logistic(float(logit)), f"{code}/text", "", reasons, matcher="statistical"))
        return result

    def _places(
        self, model: KindModel, candidate: Candidate, told: Mapping[str, float], probability: float, words: Sequence[MaskedWord],
        covered: Mapping[str, Sequence[int]], values: Mapping[str, float],
    ) -> list[Hit]:  # fmt: skip
        """Return where an accepted code is said: where its rules found it, else where they were refused, else its strongest words."""
        reasons = _told(model.weigh.contributions(told, HOLDS))
        if candidate.hits:
            by: Literal["rule", "both"] = "both" if candidate.logit > 0 else "rule"
            return [replace(h, score=probability, reasons=(*h.reasons, *reasons), matcher=by) for h in candidate.hits]
        concept: Concept | None = self._codebook.concepts.get(candidate.code)
        if concept is None:
            return []
        first, last = self._span(model, candidate, words, covered, values)
        rule = candidate.refused[0].rule if candidate.refused else f"{candidate.code}/{'near' if candidate.near else 'text'}"
        wording = candidate.refused[0].wording if candidate.refused else ""
        return [Hit(concept, first, last, probability, rule, wording, reasons, matcher="statistical")]

    def _span(
        self, model: KindModel, candidate: Candidate, words: Sequence[MaskedWord], covered: Mapping[str, Sequence[int]], values: Mapping[str, float]
    ) -> tuple[int, int]:
        if candidate.hits:
            return candidate.hits[0].start, candidate.hits[0].end
        if candidate.refused:
            longest = max(candidate.refused, key=lambda r: (r.end - r.start, -r.start))
            return longest.start, longest.end
        if candidate.near:
            return candidate.near.start, candidate.near.end
        return _strongest_words(model.text.contributions(values, candidate.code), covered, words)


def _strongest_words(contributions: Mapping[str, float], covered: Mapping[str, Sequence[int]], words: Sequence[MaskedWord]) -> tuple[int, int]:
    """Return the tokens of the run of words that speaks loudest for a code.

    Every feature gives its weight in equal parts to the words it covers; the run is the one with the largest sum over the mean (Kadane).
    """
    gain = [0.0] * len(words)
    for feature, value in contributions.items():
        places = covered.get(feature, ())
        for i in places:
            gain[i] += value / len(places)
    typical = sum(g for g in gain if g > 0) / max(1, len(gain))
    best, first, last = float("-inf"), 0, 1
    total, begun = 0.0, 0
    for i, value in enumerate(gain):
        if total <= 0:
            total, begun = 0.0, i
        total += value - typical
        if total > best:
            best, first, last = total, begun, i + 1
    return words[first].first, words[last - 1].last


def _told(contributions: Mapping[str, float]) -> tuple[str, ...]:
    """Return the features that spoke loudest, for and against."""
    loudest = sorted(((v, k) for k, v in contributions.items() if k != "bias"), key=lambda pair: (-abs(pair[0]), pair[1]))[:TOLD_REASONS]
    return tuple(f"{name} ({value:+.2f})" for value, name in loudest)


def _logistic(value: float) -> float:
    from math import exp

    return 1.0 / (1.0 + exp(-max(-40.0, min(40.0, value))))


def models_folder() -> Path:
    """Return the folder of the trained models, one folder per language."""
    return Path(__file__).parent.parent / "models"


def has_model(language: str, folder: Path | None = None) -> bool:
    """Return whether a model for a language is present."""
    return ((folder or models_folder()) / language / CARD).is_file()


@lru_cache(maxsize=16)
def load_models(language: str, folder: Path | None = None) -> Mapping[str, KindModel]:
    """Read the models of a language.

    Raises:
        DataError: A file is missing or damaged.
    """
    home = (folder or models_folder()) / language
    card = read_toml(home / CARD)
    result = {}
    for kind, told in card.get("decision", {}).items():
        try:
            result[kind] = KindModel(
                kind, LinearModel.load(home / f"{kind}-text.zip"), LinearModel.load(home / f"{kind}-weigh.zip"), float(told["slope"]),
                float(told["offset"]), float(told["threshold"]), float(told["review"]), float(told["text_threshold"]),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(home / CARD, f"decision.{kind}", f"is incomplete ({error}); train again (ddextract train)") from None
    return result
