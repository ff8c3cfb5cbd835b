"""The documentation's site: builds without a warning, opens from disk, and holds every page, verb and module."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ddextract


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(root / "docs"), str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.slow
def test_site_asks_nothing_of_the_network(site: Path) -> None:
    loaded = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*?(?:src|href)\s*=\s*["']?(?:https?:)?//""", re.I)
    assert [p.name for p in site.rglob("*.html") if loaded.search(p.read_text(encoding="utf-8"))] == []
    assert [p.name for p in site.rglob("*.css") if re.search(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""", p.read_text(encoding="utf-8"))] == []


@pytest.mark.slow
def test_search_index_is_a_script_that_opens_from_disk(site: Path) -> None:
    assert (site / "searchindex.js").read_text(encoding="utf-8").startswith("Search.setIndex(")


@pytest.mark.slow
def test_every_command_has_a_section(site: Path) -> None:
    from ddextract.cli import COMMANDS, GROUPS

    page = (site / "reference" / "cli.html").read_text(encoding="utf-8")
    names = [f"ddextract-{name}" for name, _ in COMMANDS] + [f"ddextract-{name}-{c.name}" for name, group in GROUPS for c in group.registered_commands]
    assert len(names) > 25
    assert [name for name in names if f'id="{name}"' not in page] == []


@pytest.mark.slow
def test_every_code_stands_in_the_codebook_page(site: Path) -> None:
    page = (site / "reference" / "codebook.html").read_text(encoding="utf-8")
    assert [code for code in ddextract.load_codebook().concepts if code not in page] == []


def test_every_public_name_is_documented(root: Path) -> None:
    page = (root / "docs" / "reference" / "python-api.md").read_text(encoding="utf-8")
    assert [name for name in ddextract.__all__ if not re.search(rf"auto(function|class):: ddextract\.{name}$", page, re.M)] == []


def test_every_public_name_says_what_it_does_and_takes() -> None:
    for name in ddextract.__all__:
        verb = getattr(ddextract, name)
        assert verb.__doc__, name
        taken = [a for a in getattr(verb, "__annotations__", {}) if a != "return" and not a.startswith("_")]
        assert [a for a in taken if a not in verb.__doc__] == [], name


def test_every_page_is_in_the_table_of_contents(root: Path) -> None:
    listed = set(re.findall(r"^[a-z][a-z/-]*$", (root / "docs" / "index.md").read_text(encoding="utf-8"), re.M))
    pages = {p.relative_to(root / "docs").with_suffix("").as_posix() for p in (root / "docs").rglob("*.md") if "_build" not in p.parts}
    assert pages - listed - {"index"} == set()


def test_architecture_names_every_module(root: Path) -> None:
    text = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    package = root / "src" / "ddextract"
    modules = {p.stem for p in package.glob("*.py")} | {p.parent.name for p in package.glob("*/__init__.py")} - {"ddextract"}
    assert [m for m in sorted(modules - {"__init__"}) if not re.search(rf"\b{m}(\.py|/)", text)] == []


def test_every_module_of_the_import_contract_exists_and_every_module_is_in_it(root: Path) -> None:
    contract = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    named = {part.strip() for layer in contract["layers"] for part in layer.split("|")}
    package = root / "src" / "ddextract"
    there = ({p.stem for p in package.glob("*.py")} | {p.parent.name for p in package.glob("*/__init__.py")}) - {"__init__", "ddextract"}
    assert named == there
    assert contract["exhaustive"]


def test_exit_codes_of_the_page_are_those_of_the_code(root: Path) -> None:
    from ddextract.errors import ExitCode

    page = (root / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.M)} == set(ExitCode)


@pytest.mark.slow
def test_every_column_of_a_run_is_in_the_data_dictionary(root: Path, tmp_path: Path) -> None:
    import csv

    page = (root / "docs" / "reference" / "data-dictionary.md").read_text(encoding="utf-8")
    codebook = ddextract.load_codebook()
    known = {*codebook.concepts, "ESP", "GBR", "FRA", "USA"}
    ddextract.write_run(ddextract.run(["esp-2031", "gbr-2031"]), tmp_path)
    files = sorted(tmp_path.rglob("*.csv"))
    assert len(files) > 15
    missing = {}
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as file:
            missing[path.name] = [c for c in next(csv.reader(file)) if c not in known and f"`{c}`" not in page]
    assert {name: columns for name, columns in missing.items() if columns} == {}
