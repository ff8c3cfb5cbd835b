"""The claims of the article's comparative section, tested one by one against profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from ddextract.codebook import Codebook, line_of, own_folder, read_toml, validated
from ddextract.errors import DataError
from ddextract.incidence import incidence_of_profiles
from ddextract.lists import DECIDABLE_WORDS
from ddextract.reliability import Reliability
from ddextract.universal import UniversalTest, simulate_detection, threshold_variants, universal_test

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["holds", "does not hold", "not decidable on these documents"]
UNDECIDED: Verdict = "not decidable on these documents"


class Claim(BaseModel):
    """A claim in our own words, and what must be true in the profiles for it to hold (see annotations/article/claims.toml)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    claim: str
    states: tuple[str, ...]
    kind: Literal["all_have", "has", "none_of_others", "objective", "universal_model", "not_testable"]
    codes: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    measure: Literal["each", "count_of_codes", ""] = ""
    expects: Literal["no_universal_model", "profiles_differ", "selective", ""] = ""
    reason: str = ""


class _Claims(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    claim: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Tested:
    """A claim with its verdict.

    Attributes:
        claim: The claim.
        says: What the profiles say, in a sentence.
        evidence: What speaks for it: state, code, count and best place.
        against: What speaks against it.
        verdict: Holds, does not hold, or not decidable.
    """

    claim: Claim
    says: str
    evidence: tuple[str, ...]
    against: tuple[str, ...]
    verdict: Verdict


def read_claims(codebook: Codebook, path: Path | None = None) -> list[Claim]:
    """Read the claims.

    Raises:
        DataError: One is malformed or names an unknown code.
    """
    path = path or own_folder("annotations") / "article" / "claims.toml"
    claims = validated(_Claims, read_toml(path), path).claim
    for claim in claims:
        for code in (*claim.codes, *claim.objectives):
            if code not in codebook.concepts:
                raise DataError(path, claim.id, codebook.unknown(code), line_of(path, code))
    return list(claims)


@dataclass(frozen=True, slots=True)
class _Fact:
    """Whether a state has a code or objective: ``yes``, ``no``, or ``open`` where too little or too weak was read."""

    held: Literal["yes", "no", "open"]
    text: str


class _Profiles:
    """What profiles say about a state's codes and objectives."""

    def __init__(self, table: pd.DataFrame, reliability: Reliability | None) -> None:
        self._table = table
        self._reliability = reliability
        records: list[dict[str, object]] = [{str(k): v for k, v in r.items()} for r in table.to_dict("records")]
        self._rows: dict[tuple[str, str], Mapping[str, object]] = {(str(r["state"]), str(r["code"])): r for r in records}
        self._states = sorted({state for state, _ in self._rows})
        self.total = len({code for _, code in self._rows})

    def read(self, state: str) -> bool:
        return state in self._states

    def words(self, state: str) -> int:
        return next((int(str(r["words_read"])) for (s, _), r in self._rows.items() if s == state), 0)

    def universal(self, states: Sequence[str]) -> UniversalTest:
        own = self._table[self._table["state"].isin(states)]
        incidence = incidence_of_profiles(own)
        simulated = simulate_detection(own, incidence, self._reliability)
        return universal_test(incidence, variants=threshold_variants(own, incidence), simulated=simulated)

    def codes(self, state: str) -> set[str]:
        return {c for (s, c), r in self._rows.items() if s == state and r["present"] == "present"}

    def decidable(self, state: str) -> bool:
        return self.words(state) >= DECIDABLE_WORDS

    def code(self, state: str, code: str) -> _Fact:
        row = self._rows.get((state, code))
        if row is None:
            return _Fact("open", f"{state}: nothing was read")
        count = int(str(row["counting_mentions"]))
        place = f"{row['evidence_document']}{_page(row['evidence_page'])} “{_short(row['evidence_text'])}”" if count else ""
        if row["present"] == "present":
            return _Fact("yes", f"{state} {code}: {count} counting mentions, {place}")
        if count:
            return _Fact("open", f"{state} {code}: doubtful, {count} counting mention, {place}")
        return _Fact("no" if self.decidable(state) else "open", f"{state} {code}: not found in the {self.words(state):,} words read")

    def objective(self, state: str, objective: str, codes: Sequence[str]) -> _Fact:
        if not self.read(state):
            return _Fact("open", f"{state}: nothing was read")
        serving = [c for (s, c), r in self._rows.items() if s == state and (not codes or c in codes) and objective in str(r["objectives"] or "").split(";")]
        if serving:
            row = self._rows[state, serving[0]]
            return _Fact("yes", f"{state} {objective}: served by {', '.join(sorted(serving))}, e.g. {row['evidence_document']}{_page(row['evidence_page'])}")
        by = f" by {', '.join(codes)}" if codes else ""
        return _Fact("no" if self.decidable(state) else "open", f"{state} {objective}: not served{by} in the {self.words(state):,} words read")


def _page(page: object) -> str:
    # An empty cell of a table is None or NaN.
    return "" if page is None or str(page) in ("", "nan") else f", p. {int(float(str(page)))}"


def _short(text: object) -> str:
    words = " ".join(str(text).split())
    return words if len(words) <= 110 else f"{words[:109]}…"


def check_claims(claims: Sequence[Claim], profiles: pd.DataFrame, reliability: Reliability | None = None) -> list[Tested]:
    """Test claims against profiles.

    Args:
        claims: The claims.
        profiles: The ``profiles`` table, ``objectives`` as codes joined by semicolons.
        reliability: Measured errors of the matcher, for the claim that there is no universal model.

    Returns:
        One result per claim, in order. What was not found in a state of which fewer than
        :data:`ddextract.lists.DECIDABLE_WORDS` words were read, or only doubtfully, decides nothing.
    """
    known = _Profiles(profiles, reliability)
    return [_test(claim, known) for claim in claims]


def _test(claim: Claim, known: _Profiles) -> Tested:
    if claim.kind == "not_testable":
        return Tested(claim, "profiles cannot show it", (), (), UNDECIDED)
    missing = [s for s in (*claim.states, *claim.others) if not known.read(s)]
    if missing:
        return Tested(claim, f"no document of {', '.join(missing)} was read", (), (), UNDECIDED)
    if claim.kind == "universal_model":
        return _model(claim, known)
    if claim.measure == "count_of_codes":
        return _count(claim, known)
    own = _facts(claim, claim.states, known)
    if claim.kind == "none_of_others":
        return _distinct(claim, own, _facts(claim, claim.others, known))
    held, against, still = _sorted(own)
    verdict: Verdict = "does not hold" if any(f.held == "no" for f in own) else UNDECIDED if still else "holds"
    return Tested(claim, f"{len(held)} of {len(own)} required findings are there", tuple(held), tuple(against), verdict)


def _facts(claim: Claim, states: Sequence[str], known: _Profiles) -> list[_Fact]:
    facts = [known.code(s, c) for s in states for c in claim.codes] if claim.kind != "objective" else []
    return facts + [known.objective(s, o, claim.codes if claim.kind == "objective" else ()) for s in states for o in claim.objectives]


def _sorted(facts: Sequence[_Fact]) -> tuple[list[str], list[str], bool]:
    return [f.text for f in facts if f.held == "yes"], [f.text for f in facts if f.held != "yes"], any(f.held == "open" for f in facts)


def _distinct(claim: Claim, own: Sequence[_Fact], others: Sequence[_Fact]) -> Tested:
    held, lacking, still = _sorted(own)
    shared = [f.text for f in others if f.held == "yes"]
    unsure = [f.text for f in others if f.held == "open"]
    says = f"{len(held)} of {len(own)} required findings are there; {len(shared)} of {len(others)} are there for the others too"
    verdict: Verdict = "does not hold" if shared or any(f.held == "no" for f in own) else UNDECIDED if still or unsure else "holds"
    return Tested(claim, says, (*held, *(f.text for f in others if f.held == "no")), (*lacking, *shared, *unsure), verdict)


def _count(claim: Claim, known: _Profiles) -> Tested:
    counts = {s: len(known.codes(s)) for s in (*claim.states, *claim.others)}
    lines = [f"{s}: {n} codes present in {known.words(s):,} words" for s, n in counts.items()]
    most = min(counts[s] for s in claim.states)
    rivals = [s for s in claim.others if counts[s] >= most]
    verdict: Verdict = "does not hold" if rivals else "holds" if all(known.decidable(s) for s in claim.others) else UNDECIDED
    against = [line for s, line in zip(counts, lines, strict=True) if s in rivals]
    return Tested(claim, "; ".join(f"{s} {n}" for s, n in counts.items()), tuple(line for line in lines if line not in against), tuple(against), verdict)


def _model(claim: Claim, known: _Profiles) -> Tested:
    """Test what is said of the profiles as a whole: that they differ, that none has everything, that they follow no one model."""
    sets = {s: known.codes(s) for s in claim.states}
    lines = [f"{s}: {len(codes)} codes present" for s, codes in sets.items()]
    decidable = all(known.decidable(s) for s in claim.states)
    if claim.expects == "profiles_differ":
        alike = [f"{a} and {b} have the same codes" for a, b in combinations(sets, 2) if sets[a] == sets[b]]
        return Tested(claim, "no two profiles are alike" if not alike else alike[0], tuple(lines), tuple(alike), _verdict(not alike, decidable=decidable))
    if claim.expects == "selective":
        full = [f"{s} has all {known.total} codes" for s, codes in sets.items() if len(codes) == known.total]
        return Tested(claim, f"{len(full)} states have all {known.total} codes", tuple(lines), tuple(full), _verdict(not full, decidable=decidable))
    test = known.universal(claim.states)
    # "No universal model" holds where the test says that one does not, and is open where the answer is fragile.
    verdicts: dict[str, Verdict] = {"does not hold": "holds", "holds": "does not hold"}
    verdict = verdicts.get(test.answer, UNDECIDED)
    return Tested(claim, test.verdict, tuple(lines) if verdict == "holds" else (), tuple(lines) if verdict == "does not hold" else (), verdict)


def _verdict(true: bool, *, decidable: bool) -> Verdict:
    return UNDECIDED if not decidable else "holds" if true else "does not hold"
