"""What is shipped: the wheel holds all that a user needs, the lock files name no address, the version is one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(root)], check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def unpacked(wheel: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(wheel.parent / "site")
    return wheel.parent / "site"


@pytest.mark.slow
def test_installed_wheel_has_a_command_that_reads_a_document(wheel: Path, tmp_path: Path, root: Path) -> None:
    """An environment of its own; only the libraries are lent by this one, so that nothing is fetched."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel)], check=True, capture_output=True)
    (site,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (site / "lent.pth").write_text(f"import sys; sys.path.append({sysconfig.get_path('purelib')!r})\n")
    shutil.copy(root / "corpus" / "specimen" / "fra-2031.pdf", tmp_path / "paper.pdf")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [tmp_path / "venv" / "bin" / "ddextract", "run", "paper.pdf", "--state", "FRA"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "instruments present" in done.stdout
    where = subprocess.run(
        [python, "-c", "import ddextract; print(ddextract.__file__)"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert where.stdout.startswith(str(site))


def test_source_archive_builds_and_holds_what_the_tests_need(tmp_path: Path, root: Path) -> None:
    subprocess.run([sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(tmp_path), str(root)], check=True, capture_output=True)
    (made,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(made) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    assert {"Makefile", "NOTICE", "SECURITY.md", "docs/conf.py", "tests/conftest.py", "requirements/dev.txt", "annotations/floors.toml"} <= names
    assert [name for name in names if name.startswith(("docs/_build", ".venv"))] == []


def test_version_is_said_in_one_place_and_everywhere_the_same(root: Path) -> None:
    declared = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    assert f"\nversion: {declared}\n" in (root / "CITATION.cff").read_text()
    assert re.search(rf"^## {re.escape(declared)} - \d{{4}}-\d\d-\d\d$", (root / "CHANGELOG.md").read_text(), re.M)


def test_no_file_is_larger_than_three_megabytes(root: Path) -> None:
    kept = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if kept.returncode:
        pytest.skip("not a checkout")
    sizes = {name: (root / name).stat().st_size for name in kept.stdout.split("\0") if name and (root / name).is_file()}
    assert {name: size for name, size in sizes.items() if size > 3_000_000} == {}


def test_wheel_runs_the_main_job_away_from_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    script = "import ddextract, sys; assert 'site/ddextract' in ddextract.__file__.replace(chr(92), '/'), ddextract.__file__; from ddextract.cli import main; sys.argv = ['ddextract', 'run', 'esp-2031', '--out', 'o', '--json']; main()"
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "o" / "report" / "index.html").is_file()
    assert '"ESP"' in done.stdout


def test_wheel_holds_data_and_type_marker(unpacked: Path) -> None:
    inside = unpacked / "ddextract"
    assert (inside / "py.typed").is_file()
    assert len(list((inside / "_data" / "patterns" / "instruments").glob("*.toml"))) == 23
    assert len(list((inside / "_data" / "annotations" / "article").glob("[A-Z][A-Z][A-Z].toml"))) == 4
    assert len(list((inside / "_data" / "corpus" / "specimen").glob("*.pdf"))) == 4


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_lock_file_pins_with_hashes_and_names_no_address(root: Path, name: str) -> None:
    text = (root / "requirements" / name).read_text()
    pins = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, re.MULTILINE)
    assert len(pins) > 30
    assert "://" not in text
    assert "index-url" not in text
    assert len(re.findall(r"--hash=sha256:", text)) > len(pins)


def test_every_make_target_of_the_readme_exists(root: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z-]+)", (root / "README.md").read_text(), re.MULTILINE)) <= targets
