"""Pages of the documentation as sessions: their command blocks run in order, in a folder of the page's own.

A page is followed as a reader would follow it. What only a reader sees is said in comments of the page:

    <!-- given: corpus/specimen/gbr-2031.pdf = paper.pdf -->   a file that the reader has (without "= …" at the same place)
    <!-- file: my-lists/ESP.toml -->                           the next block is the content of this file
    <!-- file+: patterns/…/unit_visit.toml -->                 … is added to its end
    <!-- edit: src/ddextract/… -->                             … is a diff to be made in it
    <!-- not run: why -->                                      the next block is not run
    <!-- checkout -->                                          the page is followed in a copy of the repository
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^(?:<!-- (?P<what>file\+?|edit|not run): (?P<said>.*?) -->\n)?```(?P<language>[\w{}-]*)[^\n]*\n(?P<text>.*?)^```$", re.M | re.S)
GIVEN = re.compile(r"^<!-- given: (\S+?)(?: = (\S+))? -->$", re.M)
CHECKED_OUT = ("src", "patterns", "annotations", "corpus", "tests", "pyproject.toml", "README.md", "LICENSE")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and what the comment above it says is to be done."""

    language: str
    text: str
    what: str
    said: str

    @property
    def commands(self) -> bool:
        return self.language in ("sh", "bash", "console", "shell", "") and self.what != "file"


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    for found in BLOCK.finditer(page):
        yield Block(found["language"], found["text"], found["what"] or "", found["said"] or "")


def follow(path: Path, root: Path, folder: Path) -> int:
    """Follow a page in a folder and return how many command blocks were run.

    Raises:
        AssertionError: A command ended with another code than 0; block and output are named.
    """
    page = path.read_text(encoding="utf-8")
    checkout = "<!-- checkout -->" in page
    if checkout:
        for name in CHECKED_OUT:
            source = root / name
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__")) if source.is_dir() else shutil.copy(source, folder / name)
    for source, place in GIVEN.findall(page):
        target = folder / (place or source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / source, target)
    run = 0
    for block in blocks(page):
        if block.what in ("file", "file+"):
            target = folder / block.said
            target.parent.mkdir(parents=True, exist_ok=True)
            before = target.read_text(encoding="utf-8") if block.what == "file+" else ""
            target.write_text(before + block.text, encoding="utf-8")
        elif block.what == "edit":
            edit(folder / block.said, block.text)
        elif block.what != "not run" and block.commands:
            for command in commands(block.text):
                code, output = perform(command, folder, checkout=checkout)
                assert code == 0, f"{path.name}: {command!r} ended with {code}:\n{output}"
            run += 1
    return run


def commands(text: str) -> list[str]:
    """Return the commands of a block: lines, but a here-document or an open quotation is one."""
    found: list[str] = []
    pending: list[str] = []
    until = ""
    for line in text.splitlines():
        pending.append(line)
        here = re.search(r"<<\s*'(\w+)'", line)
        if here and not until:
            until = here[1]
        elif until and line == until:
            until = ""
        if not until and _closed("\n".join(pending)):
            found.append("\n".join(pending))
            pending = []
    assert not pending, f"unfinished command: {pending}"
    return [c for c in found if c.strip() and not c.lstrip().startswith("#")]


def _closed(command: str) -> bool:
    if "<<" in command and "<<<" not in command:
        return True
    try:
        shlex.split(command, comments=True)
    except ValueError:
        return False
    return True


def perform(command: str, folder: Path, *, checkout: bool = False) -> tuple[int, str]:
    """Run a command; plain ``ddextract`` commands in this process, which spares them their start."""
    words = [] if "\n" in command else shlex.split(command, comments=True)
    plain = words[:1] == ["ddextract"] and not {"|", "<", ">", "<<<", ";", "&&", "||"} & set(words) and "$" not in command
    if plain and not checkout:
        return in_process(words, folder)
    tools = folder / ".tools"
    tools.mkdir(exist_ok=True)
    for name, module in (("ddextract", "-m ddextract.cli"), ("python", "")):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        tool.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    if checkout:
        environment["PYTHONPATH"] = str(folder / "src")
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def in_process(words: list[str], folder: Path) -> tuple[int, str]:
    """Run ddextract here, as its entry point would."""
    from ddextract.cli import app
    from ddextract.commands.faults import told

    class Both(io.TextIOWrapper):
        """Standard output that may be written as text and as bytes."""

    out = Both(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = int(app(words[1:], standalone_mode=False) or 0)
        except (Exception, KeyboardInterrupt) as error:
            code = told(error)
    return code, out.buffer.getvalue().decode()  # type: ignore[attr-defined]


def edit(path: Path, diff: str) -> None:
    """Make a change that a page shows: the lines of the block as they were must stand in the file exactly once."""
    lines = diff.splitlines()
    old = "\n".join(line[1:] for line in lines if line[:1] in (" ", "-")) + "\n"
    new = "\n".join(line[1:] for line in lines if line[:1] in (" ", "+")) + "\n"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path}: these lines stand there {text.count(old)} times:\n{old}"
    path.write_text(text.replace(old, new), encoding="utf-8")
