"""Profiles: what is counted, and from when an instrument is present."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ddextract.codebook import Codebook
from ddextract.mention import Attribution, Mention, counting
from ddextract.profile import EvidenceRule, profile_states


def documents(**changes: Any) -> pd.DataFrame:
    row = {"id": "d", "issuers": ["FRA"], "state": "FRA", "year": 2022, "words": 20_000, "outcome": "read"}
    return pd.DataFrame([{**row, **changes}])


def mention(**changes: Any) -> dict[str, Any]:
    row = {
        "id": "m", "document": "d", "label": "INSTRUMENT", "code": "unit_visit", "start": 0, "holder": "self", "status": "current", "score": 0.9, "counts": True,
        "partner": [], "objective_codes": [], "page": 1, "sentence": "A sentence.",
    }  # fmt: skip
    return {**row, **changes}


def row_of(profiles: pd.DataFrame, code: str) -> pd.Series:
    return profiles[profiles["code"] == code].iloc[0]


def test_profile_has_a_row_for_every_code_also_without_mentions(codebook: Codebook) -> None:
    profiles = profile_states(pd.DataFrame(columns=list(mention())), documents(), codebook)
    assert list(profiles["code"]) == codebook.instruments
    assert len(profiles) == 23
    assert set(profiles["present"]) == {"absent"}


def test_rate_is_per_ten_thousand_words(codebook: Codebook) -> None:
    profiles = profile_states(pd.DataFrame([mention(), mention(id="n", start=5)]), documents(), codebook)
    assert row_of(profiles, "unit_visit")["rate_per_10000_words"] == 1.0


def test_mentions_that_do_not_count_are_left_out(codebook: Codebook) -> None:
    profiles = profile_states(pd.DataFrame([mention(counts=False)]), documents(), codebook)
    assert row_of(profiles, "unit_visit")["counting_mentions"] == 0


def test_joint_document_counts_for_every_issuer(codebook: Codebook) -> None:
    profiles = profile_states(pd.DataFrame([mention()]), documents(issuers=["FRA", "DEU"]), codebook)
    assert set(profiles[profiles["counting_mentions"] == 1]["state"]) == {"FRA", "DEU"}


@pytest.mark.parametrize(("number", "score", "expected"), [(0, 0.0, "absent"), (1, 0.6, "doubtful"), (1, 0.9, "present"), (2, 0.6, "present")])
def test_presence_needs_two_mentions_or_a_sure_one(number: int, score: float, expected: str) -> None:
    assert EvidenceRule().presence(number, score) == expected


@pytest.mark.parametrize(
    ("holder", "ladder", "kind", "veto", "expected"),
    [
        ("self", "does", "paragraph", "", True),
        ("joint", "will", "list_item", "", True),
        ("self", "has_done", "table_cell", "", True),
        ("other", "does", "paragraph", "", False),
        ("self", "refused", "paragraph", "", False),
        ("self", "does", "contents", "", False),
        ("self", "does", "paragraph", "glossary", False),
    ],
)
def test_what_counts_towards_a_profile(holder: Any, ladder: Any, kind: str, veto: str, expected: bool) -> None:
    found = Mention("d", "INSTRUMENT", "unit_visit", 0, 5, "visit", attribution=Attribution(holder, ladder))
    assert counting(found, kind, veto)[0] is expected
