"""``ddextract corpus``: add, list, fetch, verify, status, with their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ddextract.cli import app
from ddextract.corpus import find_inputs, load_registry
from ddextract.errors import UsageError

RUN = CliRunner()


def command(arguments: list[str]) -> Result:
    """Run a command; its exit code is the value that it returns."""
    return RUN.invoke(app, arguments, standalone_mode=False)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DDEXTRACT_CORPUS", str(tmp_path / "own"))
    return tmp_path / "own"


def test_file_that_was_added_can_be_read_by_its_id(own: Path, tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("We train the officers of partner nations.")
    done = command(["corpus", "add", "chl-2030", "--state", "CHL", "--lang", "es", "--year", "2030", "--title", "Libro", "--file", str(paper)])
    assert done.return_value == 0, done.output
    paper.unlink()
    strategies, faults = find_inputs(["chl-2030"])
    assert not faults
    assert [(s.id, s.state, s.year, s.known_from) for s in strategies] == [("chl-2030", "CHL", 2030, "registry")]
    assert "chl-2030" in command(["corpus", "list", "--here", "--ids"]).stdout.split()


def test_verify_finds_a_file_whose_bytes_changed(own: Path, tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("We train the officers of partner nations.")
    command(["corpus", "add", "chl-2030", "--file", str(paper)])
    assert command(["corpus", "verify"]).return_value == 0
    kept = load_registry().path_of(load_registry().by_id["chl-2030"])
    assert kept is not None
    kept.chmod(0o644)
    kept.write_text("changed")
    done = command(["corpus", "verify"])
    assert done.return_value == 5
    assert "its bytes have changed" in done.output


def test_status_tells_untried_from_failed_and_included(own: Path) -> None:
    command(["corpus", "add", "far-1", "--address", "file:///nowhere/paper.pdf", "--address-source", "a test"])
    rows = {r["id"]: r["standing"] for r in json.loads(command(["corpus", "status", "--json"]).stdout)["entries"]}
    assert (rows["usa-2031"], rows["far-1"], rows["usa-nms"]) == ("included", "untried", "no address")
    done = command(["corpus", "fetch", "far-1", "--allow-files", "--json"])
    assert done.return_value == 4
    assert json.loads(done.stdout)["outcomes"][0]["result"] == "failed"
    rows = {r["id"]: r["standing"] for r in json.loads(command(["corpus", "status", "--json"]).stdout)["entries"]}
    assert rows["far-1"] == "failed"


def test_fetch_of_a_file_address_is_refused_unless_allowed(own: Path, tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_text("We train the officers of partner nations at our staff college every year.")
    command(["corpus", "add", "near-1", "--lang", "en", "--address", (tmp_path / "paper.txt").as_uri()])
    assert command(["corpus", "fetch", "near-1"]).return_value == 4
    done = command(["corpus", "fetch", "near-1", "--allow-files"])
    assert (done.return_value, "near-1: new" in done.stdout) == (0, True)


def test_dry_run_asks_nobody(own: Path) -> None:
    done = command(["corpus", "fetch", "--dry-run"])
    assert done.return_value == 0
    assert done.stdout.count("\tuntried\t") == len([e for e in load_registry().entries if e.address])
    assert not own.exists()


def test_unknown_id_is_refused_with_a_hint(own: Path) -> None:
    done = command(["corpus", "fetch", "usa-2013"])
    assert isinstance(done.exception, UsageError)
    assert "Did you mean usa-2031?" in str(done.exception)
