"""Two editions side by side: instruments, partners and objectives that came, went, grew firmer or weaker."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal

from ddextract.profile import EvidenceRule

Kind = Literal["added", "dropped", "strengthened", "weakened", "steady"]
Subject = Literal["instrument", "partner", "objective"]
SUBJECTS: tuple[Subject, ...] = ("instrument", "partner", "objective")
KINDS: tuple[Kind, ...] = ("added", "dropped", "strengthened", "weakened")
STANDINGS = ("absent", "doubtful", "announced", "practised")
"""How firmly something stands, from weak to firm: ``announced`` has nothing but plans, ``practised`` is also done or has been."""
SIGNIFICANT = 0.05
"""Below this chance of arising from equal rates, a difference of mentions per word counts as stronger or weaker."""
SIMILAR = 0.6
"""Similarity (0 to 1) from which two sentences are taken for one that was reworded."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What was found in some documents, at some time, by some rules.

    Attributes:
        name: How it is called in tables and pages.
        documents: Rows of ``documents``: id, issuers, state, year, words, outcome, reason, sha256, path, title.
        mentions: Rows of ``mentions``, nested values unpacked.
    """

    name: str
    documents: tuple[Mapping[str, Any], ...]
    mentions: tuple[Mapping[str, Any], ...]

    def states(self) -> list[str]:
        """Return the states that issued documents which were read."""
        return sorted({s for d in self.documents if d["outcome"] == "read" and d["state"] for s in d["issuers"]})

    def of(self, state: str) -> list[Mapping[str, Any]]:
        """Return the documents of a state that were read."""
        return [d for d in self.documents if d["outcome"] == "read" and d["state"] and state in d["issuers"]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with where it stands."""

    text: str
    document: str
    page: int | None
    status: str
    mention: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Old and new sentence side by side: ``same``, ``reworded``, ``came`` or ``went``."""

    how: Literal["same", "reworded", "came", "went"]
    old: Sentence | None
    new: Sentence | None


@dataclass(frozen=True, slots=True)
class Measure:
    """How something stands in an edition.

    Attributes:
        count: Counting mentions.
        planned: Those of them that are planned.
        words: Words read of the state.
        standing: One of :data:`STANDINGS`.
        sentences: The sentences, each once.
    """

    count: int
    planned: int
    words: int
    standing: str
    sentences: tuple[Sentence, ...] = ()

    @property
    def rate(self) -> float:
        """Mentions per 10,000 words."""
        return 10_000 * self.count / self.words if self.words else 0.0


@dataclass
class Change:
    """How one instrument, partner or objective of a state differs between two editions.

    Attributes:
        chance: Probability of so uneven a division of the mentions if the rates were equal; None without mentions.
        cause: What brought the change about, proved or not.
        proof: How that was found.
        shares: Mentions that came and went at each step of the counterfactual chain.
    """

    state: str
    subject: Subject
    code: str
    kind: Kind
    old: Measure
    new: Measure
    chance: float | None
    pairs: tuple[Pair, ...] = ()
    cause: str = ""
    proof: str = ""
    shares: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass
class Comparison:
    """All differences of two editions.

    Attributes:
        incomparable: Documents that could not be read in one of them: what they no longer show is no change.
        factors: What differs between the editions besides the documents, and what is known of it.
        moved: Documents that came or went, where both editions are states of one collection.
    """

    old: Edition
    new: Edition
    changes: list[Change]
    incomparable: list[str] = field(default_factory=list)
    factors: dict[str, str] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)


def compared(old: Edition, new: Edition, rule: EvidenceRule | None = None, *, states: Iterable[str] | None = None, pairs: bool = True) -> Comparison:
    """Compare two editions, state by state.

    Args:
        old: The earlier one.
        new: The later one.
        rule: From when an instrument is present.
        states: Only these; all of both if not given.
        pairs: Whether to put sentences side by side (the slow part).
    """
    rule = rule or EvidenceRule()
    failed = {str(d["path"]): str(d["reason"]) for d in new.documents if d["outcome"] != "read"}
    then, now = ({str(d["path"]) for d in edition.documents} for edition in (old, new))
    # Two papers have no document in common; two states of one collection do, and then what came and went is worth a word.
    moved = [f"no longer among the documents: {p}" for p in sorted(then - now)] + [f"new among the documents: {p}" for p in sorted(now - then)]
    never = [path for path in failed if path in {str(d["path"]) for d in old.documents if d["outcome"] != "read"}]
    lost = [f"{path}: could not be read in '{new.name}' ({reason})" for path, reason in failed.items() if path not in never]
    if never:
        lost.append(f"could be read neither then nor now: {', '.join(never)}")
    # What cannot be read today is not a change of policy: its old mentions are left out of the comparison.
    silent = {d["id"] for d in old.documents if str(d["path"]) in failed}
    if silent:
        old = Edition(old.name, tuple(d for d in old.documents if d["id"] not in silent), tuple(m for m in old.mentions if m["document"] not in silent))
    changes = []
    for state in sorted(set(states) if states is not None else {*old.states(), *new.states()}):
        measures = [_measures(edition, state, rule) for edition in (old, new)]
        words = [sum(int(d["words"]) for d in edition.of(state)) for edition in (old, new)]
        for subject in SUBJECTS:
            for code in sorted({c for m in measures for s, c in m if s == subject}):
                a, b = (m.get((subject, code)) or Measure(0, 0, w, "absent") for m, w in zip(measures, words, strict=True))
                kind, chance = judged(a, b)
                changes.append(Change(state, subject, code, kind, a, b, chance, tuple(paired(a.sentences, b.sentences)) if pairs and kind != "steady" else ()))
    return Comparison(old, new, changes, lost, moved=moved if then & now else [])


def _measures(edition: Edition, state: str, rule: EvidenceRule) -> dict[tuple[Subject, str], Measure]:
    documents = edition.of(state)
    own = {d["id"] for d in documents}
    words = sum(int(d["words"]) for d in documents)
    groups: dict[tuple[Subject, str], list[Mapping[str, Any]]] = defaultdict(list)
    for m in edition.mentions:
        if m["counts"] and m["document"] in own:
            groups["instrument", m["code"]].append(m)
            for name in {p["iso3"] or p["name"] for p in m["partner"]}:
                groups["partner", name].append(m)
            for code in set(m["objective_codes"]):
                groups["objective", code].append(m)
    return {key: _measure(key[0], mentions, words, rule) for key, mentions in groups.items()}


def _measure(subject: Subject, mentions: Sequence[Mapping[str, Any]], words: int, rule: EvidenceRule) -> Measure:
    planned = sum(m["status"] == "planned" for m in mentions)
    firm = "announced" if planned == len(mentions) else "practised"
    presence = rule.presence(len(mentions), max(float(m["score"]) for m in mentions)) if subject == "instrument" else "present"
    return Measure(len(mentions), planned, words, firm if presence == "present" else presence, tuple(_sentences(mentions)))


def _sentences(mentions: Iterable[Mapping[str, Any]]) -> Iterable[Sentence]:
    seen = set()
    for m in mentions:
        text = " ".join(str(m["sentence"]).split())
        if (m["document"], text) not in seen:
            seen.add((m["document"], text))
            page = m["page"]
            yield Sentence(text, str(m["document"]), int(page) if page is not None and not math.isnan(page) else None, str(m["status"]), str(m["id"]))


def judged(old: Measure, new: Measure) -> tuple[Kind, float | None]:
    """Say what kind of change lies between two measures, and how easily chance alone would bring it about.

    Something came or went if it has mentions on one side only. It grew firmer or weaker if its standing rose or fell, or,
    at equal standing, if its mentions per word differ more than chance allows (exact conditional test of two Poisson rates:
    Przyborowski and Wilenski 1940).
    """
    if not old.count and not new.count:
        return "steady", None
    chance = _chance(old, new)
    if not old.count:
        return "added", chance
    if not new.count:
        return "dropped", chance
    step = STANDINGS.index(new.standing) - STANDINGS.index(old.standing)
    if step:
        return ("strengthened" if step > 0 else "weakened"), chance
    if chance is not None and chance < SIGNIFICANT:
        return ("strengthened" if new.rate > old.rate else "weakened"), chance
    return "steady", chance


def _chance(old: Measure, new: Measure) -> float | None:
    if not old.words or not new.words:
        return None
    from scipy.stats import binomtest

    return float(binomtest(new.count, old.count + new.count, new.words / (old.words + new.words)).pvalue)


def paired(old: Sequence[Sentence], new: Sequence[Sentence]) -> list[Pair]:
    """Put old and new sentences side by side: equal ones, then the most similar, each once; what is left came or went."""
    left, right = list(old), list(new)
    result: list[Pair] = []
    for sentence in old:
        twin = next((s for s in right if s.text == sentence.text), None)
        if twin is not None:
            result.append(Pair("same", sentence, twin))
            left.remove(sentence)
            right.remove(twin)
    scored = sorted(((_similarity(a.text, b.text), i, j) for i, a in enumerate(left) for j, b in enumerate(right)), key=lambda t: (-t[0], t[1], t[2]))
    used_left: set[int] = set()
    used_right: set[int] = set()
    for score, i, j in scored:
        if score < SIMILAR:
            break
        if i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
            result.append(Pair("reworded", left[i], right[j]))
    result += [Pair("went", s, None) for i, s in enumerate(left) if i not in used_left]
    result += [Pair("came", None, s) for j, s in enumerate(right) if j not in used_right]
    return sorted(result, key=lambda p: ("came", "went", "reworded", "same").index(p.how))


def _similarity(a: str, b: str) -> float:
    matcher = SequenceMatcher(None, a.split(), b.split(), autojunk=False)
    if matcher.real_quick_ratio() < SIMILAR or matcher.quick_ratio() < SIMILAR:
        return 0.0
    return matcher.ratio()
