"""The claims of the article against profiles: held, not held, not decidable."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ddextract.claims import UNDECIDED, Claim, check_claims, read_claims
from ddextract.codebook import Codebook

CODES = ("military_exercise", "unit_visit", "arms_control", *(f"code_{n}" for n in range(9)))


def profiles(present: dict[str, dict[str, int]], *, words: int = 9_000, objectives: str = "") -> pd.DataFrame:
    rows = []
    for state, counts in present.items():
        for code in CODES:
            n = counts.get(code, 0)
            rows.append(
                {
                    "state": state, "code": code, "counting_mentions": n, "present": "present" if n > 1 else "doubtful" if n else "absent", "words_read": words,
                    "objectives": objectives if n else "", "rate_per_10000_words": 10_000 * n / words, "probability": None, "probability_from": None, "evidence_document": "d", "evidence_page": 3.0, "evidence_text": "words",
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def verdict(table: pd.DataFrame, **fields: Any) -> str:
    claim = Claim.model_validate({"id": "c", "claim": "…", "states": ("USA", "GBR"), **fields})
    return check_claims([claim], table)[0].verdict


BOTH = {"USA": {"military_exercise": 4, "unit_visit": 2}, "GBR": {"military_exercise": 2}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": "all_have", "codes": ("military_exercise",)}, "holds"),
        ({"kind": "all_have", "codes": ("unit_visit",)}, "does not hold"),
        ({"kind": "has", "states": ("USA",), "codes": ("unit_visit",)}, "holds"),
        ({"kind": "has", "states": ("ESP",), "codes": ("unit_visit",)}, UNDECIDED),
        ({"kind": "none_of_others", "states": ("USA",), "others": ("GBR",), "codes": ("unit_visit",), "measure": "each"}, "holds"),
        ({"kind": "none_of_others", "states": ("USA",), "others": ("GBR",), "codes": ("military_exercise",), "measure": "each"}, "does not hold"),
        ({"kind": "none_of_others", "states": ("USA",), "others": ("GBR",), "measure": "count_of_codes"}, "holds"),
        ({"kind": "none_of_others", "states": ("GBR",), "others": ("USA",), "measure": "count_of_codes"}, "does not hold"),
        ({"kind": "universal_model", "expects": "profiles_differ"}, "holds"),
        ({"kind": "universal_model", "expects": "selective"}, "holds"),
        ({"kind": "universal_model", "expects": "no_universal_model"}, "holds"),
        ({"kind": "objective", "objectives": ("trust_building",)}, "does not hold"),
        ({"kind": "not_testable"}, UNDECIDED),
    ],
)
def test_verdicts(fields: dict[str, Any], expected: str) -> None:
    assert verdict(profiles(BOTH), **fields) == expected


def test_objectives_are_those_that_counting_mentions_serve() -> None:
    table = profiles(BOTH, objectives="deterrence;trust_building")
    assert verdict(table, kind="objective", objectives=("trust_building",)) == "holds"
    assert verdict(table, kind="objective", objectives=("trust_building",), codes=("unit_visit",)) == "does not hold"


def test_what_is_not_found_in_few_words_decides_nothing() -> None:
    assert verdict(profiles(BOTH, words=500), kind="all_have", codes=("unit_visit",)) == UNDECIDED
    assert verdict(profiles(BOTH, words=500), kind="all_have", codes=("military_exercise",)) == "holds"


def test_a_doubtful_finding_decides_nothing() -> None:
    table = profiles({"USA": {"unit_visit": 2}, "GBR": {"unit_visit": 1}})
    assert verdict(table, kind="all_have", codes=("unit_visit",)) == UNDECIDED


def test_like_profiles_speak_for_one_model() -> None:
    alike = dict.fromkeys(CODES[:5], 20)
    table = profiles({"USA": alike, "GBR": alike})
    assert verdict(table, kind="universal_model", expects="profiles_differ") == "does not hold"
    assert verdict(table, kind="universal_model", expects="no_universal_model") == "does not hold"


def test_every_claim_of_the_article_is_tested(codebook: Codebook) -> None:
    claims = read_claims(codebook)
    tested = check_claims(claims, profiles(BOTH))
    assert [t.claim.id for t in tested] == [c.id for c in claims]
    assert all(t.claim.reason for t in tested if t.claim.kind == "not_testable")
