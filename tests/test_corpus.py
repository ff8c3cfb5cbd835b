"""Inputs become strategies: files, folders, registry ids, sidecars, options."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddextract.corpus import Known, checked_state, find_inputs, load_registry
from ddextract.errors import UsageError


def test_registry_id_gives_the_included_file() -> None:
    strategies, failures = find_inputs(["usa-2031"])
    assert not failures
    assert [(s.id, s.state, s.year, s.language) for s in strategies] == [("usa-2031", "USA", 2031, "en")]


def test_registry_entry_that_is_not_included_says_so() -> None:
    entry = next(e for e in load_registry().entries if not e.included)
    _, failures = find_inputs([entry.id])
    assert "not included" in str(failures[0])


def test_sidecar_wins_over_options(tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_text("Text of a paper.")
    (tmp_path / "paper.toml").write_text('state = "CHL"\nyear = 2017\nlanguage = "es"\n')
    strategies, _ = find_inputs([tmp_path / "paper.txt"], known=Known("FRA", 2020, "fr"))
    assert (strategies[0].state, strategies[0].year, strategies[0].language) == ("CHL", 2017, "es")


def test_sidecar_fault_names_file_key_and_line(tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_text("Text.")
    (tmp_path / "paper.toml").write_text('year = 2017\nsate = "CHL"\n')
    _, failures = find_inputs([tmp_path / "paper.txt"])
    assert "paper.toml:2: sate: is not a known key" in str(failures[0])


def test_folder_is_searched_and_other_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.md").write_text("A text.")
    (tmp_path / "b.xlsx").write_text("not read")
    strategies, failures = find_inputs([tmp_path])
    assert [s.path.name for s in strategies] == ["a.md"]
    assert not failures


def test_folder_without_documents_is_a_failure_with_remedy(tmp_path: Path) -> None:
    _, failures = find_inputs([tmp_path])
    assert "a folder without documents" in str(failures[0])


def test_file_given_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text.")
    strategies, _ = find_inputs([tmp_path / "a.txt", tmp_path])
    assert len(strategies) == 1


def test_id_of_an_unknown_file_is_stem_and_hash(tmp_path: Path) -> None:
    (tmp_path / "White Paper.txt").write_text("A text.")
    strategies, _ = find_inputs([tmp_path])
    assert strategies[0].id == f"White-Paper-{strategies[0].sha256[:8]}"


@pytest.mark.parametrize(("given", "hint"), [("france", "FRA"), ("ZZZ", "alpha-3")])
def test_unknown_state_is_refused_with_a_hint(given: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        checked_state(given)
