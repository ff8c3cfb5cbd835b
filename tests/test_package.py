"""What is shipped: the wheel holds all that a user needs, the lock files name no address, the README's commands exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(root)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


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


def test_every_command_of_the_readme_exists(root: Path) -> None:
    named = set(re.findall(r"`ddextract ([a-z]+)(?: ([a-z]+))?", (root / "README.md").read_text()))
    groups = {"patterns", "corpus", "annotate"}
    for command, sub in sorted(named):
        arguments = [command, sub] if command in groups and sub else [command]
        done = subprocess.run([sys.executable, "-m", "ddextract.cli", *arguments, "--help"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"


def test_every_make_target_of_the_readme_exists(root: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z-]+)", (root / "README.md").read_text(), re.MULTILINE)) <= targets


def test_links_of_the_readme_lead_somewhere(root: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (root / "README.md").read_text())
    assert links
    assert [link for link in links if not (root / link).exists()] == []
