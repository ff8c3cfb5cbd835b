"""README and documentation are followed word for word: every command block runs, every command and option named exists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from following import blocks, commands, follow

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "tutorial").glob("*.md")), *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
PROSE = [
    *PAGES,
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "explanation").glob("*.md")),
    ROOT / "annotations" / "README.md",
]
GENERATED = {"cli.md", "codebook.md", "imports.md"}
RUNNABLE = [p for p in PAGES if any(b.commands and b.what != "not run" for b in blocks(p.read_text(encoding="utf-8")))]


@pytest.mark.slow
@pytest.mark.parametrize("page", RUNNABLE, ids=lambda p: p.stem)
def test_page_can_be_followed_word_for_word(page: Path, tmp_path: Path) -> None:
    assert follow(page, ROOT, tmp_path) >= 1


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_no_command_hides_in_a_block_that_is_not_run(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        if not block.commands and block.what != "not run":
            assert not re.search(r"^(\$ )?(ddextract|pip|make|python3?) ", block.text, re.M), block.text


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_what_is_not_run_says_why(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.what == "not run":
            assert len(block.said.split()) >= 2, block.text


def _command_tree() -> Any:
    import typer.main

    from ddextract.cli import app

    return typer.main.get_command(app)


def _named(page: str) -> set[str]:
    """Return the ddextract commands that a page names, in blocks and in the running text."""
    found = {line for block in blocks(page) if block.commands for c in commands(block.text) for line in c.splitlines()}
    found |= set(re.findall(r"`(ddextract [^`\n]+)`", page))
    return {part for line in found for part in re.findall(r"(?<![\w'./-])ddextract [^|;&)<>#`$]+", line)}


@pytest.mark.parametrize("page", [p for p in PROSE if p.name not in GENERATED], ids=lambda p: p.stem)
def test_every_command_and_option_named_exists(page: Path) -> None:
    tree = _command_tree()
    text = page.read_text(encoding="utf-8")
    added = set(re.findall(r'^\+.*?"(--[a-z-]+)"', text, re.M))
    wrong = []
    for line in sorted(_named(text)):
        words = line.replace("…", " ").replace('"', " ").split()[1:]
        command = tree
        while words and hasattr(command, "commands") and not words[0].startswith("-"):
            name = words.pop(0).split("|")[0]
            if name not in command.commands:
                wrong.append(f"{line}: no command {name}")
                break
            command = command.commands[name]
        options = {o for parameter in command.params for o in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}
        wrong += [f"{line}: no option {w}" for w in words if re.fullmatch(r"--[a-z][a-z-]*", w) and w not in options | added]
    assert wrong == []


@pytest.mark.parametrize("page", [p for p in PROSE if p.name not in GENERATED], ids=lambda p: p.stem)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    missing = [link for link in links if link and not (page.parent / link).exists() and Path(link).name not in GENERATED]
    assert missing == []


@pytest.mark.slow
def test_make_demo_runs_the_main_job(tmp_path: Path) -> None:
    """The environment is given, so that nothing is installed: what is tried is the recipe."""
    if shutil.which("make") is None:
        pytest.skip("make is not on this machine")
    tools = tmp_path / "venv" / "bin"
    tools.mkdir(parents=True)
    for name in ("python", "ddextract"):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" {"-m ddextract.cli" if name == "ddextract" else ""} "$@"\n')
        tool.chmod(0o755)
    (tmp_path / "venv" / "run.stamp").touch()
    done = subprocess.run(["make", "-s", "demo", f"VENV={tmp_path / 'venv'}", f"OUT={tmp_path / 'out'}"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "report" / "index.html").is_file()
    assert "instruments present" in done.stdout


@pytest.mark.parametrize("page", [p for p in PROSE if p.name not in GENERATED], ids=lambda p: p.stem)
def test_files_and_tests_named_in_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    made = set(re.findall(r"^<!-- file\+?: (\S+) -->$", text, re.M))
    named = set(re.findall(r"`((?:src|tests|benchmarks|patterns|annotations|corpus|docs|requirements)/[\w./-]+)`", text)) - made
    sources = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("*.py"))
    assert [name for name in sorted(named) if not (ROOT / name).exists() and "_build" not in name] == []
    assert [name for name in re.findall(r"`(test_\w+)`", text) if f"def {name}(" not in sources] == []
