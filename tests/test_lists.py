"""The check of profiles against hand-coded lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddextract.codebook import Codebook
from ddextract.errors import DataError, UsageError
from ddextract.lists import load_lists, outcome


@pytest.mark.parametrize(
    ("listed", "found", "words", "expected"),
    [
        (True, True, 100, "agreed"),
        (False, True, 100, "only text"),
        (True, False, 50_000, "only list"),
        (False, False, 50_000, "neither"),
        # nothing found in a short text says nothing
        (True, False, 100, "not decidable"),
        (False, False, 100, "not decidable"),
    ],
)
def test_outcome_of_list_and_text(listed: bool, found: bool, words: int, expected: str) -> None:
    assert outcome(listed, found, words) == expected


def test_own_list_replaces_the_articles_of_that_state_only(tmp_path: Path, codebook: Codebook) -> None:
    (tmp_path / "FRA.toml").write_text('state = "FRA"\n[[item]]\nid = "1"\nlabel = "visits"\ncodes = ["unit_visit"]\n')
    lists = load_lists(codebook, tmp_path)
    assert lists["FRA"].standing("unit_visit") == "listed"
    assert lists["FRA"].standing("arms_control") == "no"
    assert lists["ESP"].standing("attache_network") == "listed"


def test_list_with_unknown_code_names_file_and_line(tmp_path: Path, codebook: Codebook) -> None:
    (tmp_path / "FRA.toml").write_text('state = "FRA"\n[[item]]\nid = "1"\nlabel = "visits"\ncodes = ["ship_visits"]\n')
    with pytest.raises(DataError, match=r"FRA\.toml:5: item\.codes: no code 'ship_visits' in the codebook\. Near: .*unit_visit.*--patterns"):
        load_lists(codebook, tmp_path)


def test_folder_without_lists_is_refused(tmp_path: Path, codebook: Codebook) -> None:
    with pytest.raises(UsageError, match="holds no hand-coded list"):
        load_lists(codebook, tmp_path)


def test_listed_discussed_and_no_are_told_apart(codebook: Codebook) -> None:
    usa = load_lists(codebook)["USA"]
    assert usa.standing("education_training") == "listed"
    assert usa.standing("attache_network") == "discussed"
    assert usa.standing("security_sector_reform") == "no"
