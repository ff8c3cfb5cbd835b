"""Inputs become strategies: files, folders, registry ids, sidecars, options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ddextract.corpus import FIELDS, Entry, Known, checked_state, find_inputs, load_registry, save_entries, sha256_of
from ddextract.errors import DataError, UsageError


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


def test_registry_holds_every_document_of_the_shared_index_by_its_hash(shared_documents: Path) -> None:
    import csv

    known = load_registry().by_hash
    with (shared_documents / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) > 60
    missing = [row["path"] for row in rows if sha256_of(shared_documents / row["path"]) not in known]
    assert missing == []


def test_every_address_names_its_source_and_says_whether_it_was_tried() -> None:
    entries = [e for e in load_registry().entries if e.address]
    assert entries
    assert [e.id for e in entries if not e.address_source or not e.tried] == []
    assert [e.id for e in load_registry().entries if not e.address and (e.address_source or e.tried)] == []


def test_own_registry_completes_and_corrects_ours(tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_text("A text.")
    save_entries(tmp_path, [Entry("own-1", "CHL", path="paper.txt", language="es"), Entry("usa-nms", "USA", title="Mended title")])
    registry = load_registry(own=tmp_path)
    assert registry.by_id["usa-nms"].title == "Mended title"
    assert registry.path_of(registry.by_id["own-1"]) == tmp_path / "paper.txt"
    assert len(registry.entries) == len(load_registry(own=tmp_path / "none").entries) + 1


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [("state", "Utopia", "strategies.csv:2: state: 'Utopia'"), ("sha256", "12", "sha256: is no sha256"), ("year", "MM", "year: 'MM' is no year"),
     ("included", "maybe", "included: 'maybe' is neither yes nor no"), ("id", "", "id: is empty")],
)  # fmt: skip
def test_malformed_row_of_the_registry_names_file_line_and_column(tmp_path: Path, column: str, value: str, fault: str) -> None:
    import csv

    with (tmp_path / "strategies.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerow({**Entry("own", "CHL").row(), column: value})
    with pytest.raises(DataError, match=re.escape(fault)):
        load_registry(own=tmp_path)
