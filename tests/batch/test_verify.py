"""Results prove that they are whole, and are refused clearly where they are not or where another version wrote them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ddextract.cli import app
from ddextract.errors import DataError, UsageError
from ddextract.integrity import faults, opened, read_package
from ddextract.output import install, schema_of

RUN = CliRunner()


def command(arguments: list[str]) -> Result:
    """Run a command; its exit code is the value that it returns."""
    return RUN.invoke(app, arguments, standalone_mode=False)


def test_every_file_has_schema_size_and_checksum(out: Path) -> None:
    resources = read_package(out)["resources"]
    assert len(resources) > 30
    assert [r["path"] for r in resources if not r["ddextract:schema"] or not r["hash"].startswith("sha256:")] == []
    assert list(faults(out)) == []
    assert command(["verify", str(out)]).return_value == 0


@pytest.mark.parametrize("name", ["mentions.parquet", "profiles.csv", "report/index.html", "summary.json"])
def test_changed_byte_is_found_in_any_file(out: Path, name: str) -> None:
    data = bytearray((out / name).read_bytes())
    data[len(data) // 2] ^= 1
    (out / name).write_bytes(data)
    assert [f for f in faults(out) if name in f and "checksum is wrong" in f]
    done = command(["verify", str(out)])
    assert done.return_value == 5


def test_missing_and_foreign_files_are_found(out: Path) -> None:
    (out / "items.csv").unlink()
    (out / "notes.txt").write_text("mine")
    found = list(faults(out))
    assert any("items.csv: is missing" in f for f in found)
    assert any("notes.txt: does not belong to the run" in f for f in found)


def test_damaged_store_is_found(out: Path) -> None:
    (part, *_) = (out / ".ddextract" / "match").rglob("*.parquet")
    part.write_bytes(part.read_bytes()[:-9] + b"\0" * 9)
    done = command(["verify", str(out), "--json"])
    assert done.return_value == 5
    assert "The next refresh makes it anew" in json.loads(done.stdout)["faults"][0]


@pytest.mark.parametrize(
    ("schema", "said"),
    [("ddextract.output/2", "newer ddextract. Update"), ("ddextract.output/0", "run or refresh again"), ("other/1", "not ddextract.output/1")],
)
def test_results_of_another_schema_are_refused_with_a_remedy(out: Path, schema: str, said: str) -> None:
    path = out / "datapackage.json"
    path.write_text(path.read_text().replace("ddextract.output/1", schema))
    with pytest.raises(DataError, match=said):
        list(faults(out))


def test_table_of_another_schema_is_refused(out: Path) -> None:
    path = out / "datapackage.json"
    path.write_text(path.read_text().replace("ddextract.mentions/1", "ddextract.mentions/9"))
    with pytest.raises(DataError, match="newer ddextract"):
        opened(out, "mentions.parquet")


def test_folder_without_checksums_is_told_apart_from_a_folder_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        read_package(tmp_path)
    (tmp_path / "summary.json").write_text("{}")
    with pytest.raises(UsageError, match="without checksums"):
        read_package(tmp_path)


def test_install_removes_its_own_old_files_and_nobody_elses(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "text").mkdir(parents=True)
    (out / "text" / "mine.txt").write_text("not of a run")
    for names in (("text/a.txt", "summary.json"), ("text/b.txt", "summary.json")):
        fresh = tmp_path / "fresh"
        for name in names:
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).write_text(name)
        install(fresh, out)
    assert sorted(p.name for p in (out / "text").iterdir()) == ["b.txt", "mine.txt"]


def test_listed_name_that_leads_out_of_the_folder_is_not_touched(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "precious.txt").write_text("stay")
    (out / "datapackage.json").write_text(json.dumps({"resources": [{"path": "../precious.txt"}]}))
    (tmp_path / "fresh").mkdir()
    (tmp_path / "fresh" / "summary.json").write_text("{}")
    install(tmp_path / "fresh", out)
    assert (tmp_path / "precious.txt").read_text() == "stay"


def test_every_kind_of_file_has_a_schema(out: Path) -> None:
    assert all(
        schema_of(p.relative_to(out).as_posix())
        for p in out.rglob("*")
        if p.is_file() and ".ddextract" not in p.parts and p.name not in ("run.json", "datapackage.json")
    )
