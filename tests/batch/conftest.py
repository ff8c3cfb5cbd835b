"""A small corpus for the batch: a PDF and texts in two languages, written here."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

SENTENCES = (
    "We will expand the training of officers of partner nations at our staff college.",
    "Our defence attachés in Kenya and Jordan advise their ministries of defence.",
    "Last year our navy held a joint exercise with Japan and Australia in order to build trust.",
    "We conduct annual staff talks with France.",
    "The government will provide military assistance to Ukraine.",
    "Our minister of defence visited Poland in the spring.",
)


def pdf_bytes(*pages: str) -> bytes:
    """A PDF with one page for each text."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for page in pages:
        for i, line in enumerate(page.splitlines()):
            canvas.drawString(60, 760 - 16 * i, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def fill(folder: Path) -> Path:
    """Write the corpus into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, state in enumerate(("GBR", "USA", "AUS")):
        text = "\n\n".join(f"{i + 1}. Section {j}\n\n{sentence}" for j, sentence in enumerate(SENTENCES[i : i + 4]))
        (folder / f"paper-{i}.txt").write_text(text, encoding="utf-8")
        (folder / f"paper-{i}.toml").write_text(f'state = "{state}"\nyear = 20{20 + i}\nlanguage = "en"\n', encoding="utf-8")
    (folder / "printed.pdf").write_bytes(pdf_bytes("\n".join(SENTENCES[:3]), "\n".join(SENTENCES[3:])))
    (folder / "printed.toml").write_text('state = "CAN"\nyear = 2024\nlanguage = "en"\n', encoding="utf-8")
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return fill(tmp_path / "corpus")


def tree(out: Path) -> dict[str, str]:
    """All results of a run by hash, run.json and the workroom apart."""
    return {
        p.relative_to(out).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(out.rglob("*"))
        if p.is_file() and not p.relative_to(out).as_posix().startswith(".ddextract/") and p.name != "run.json"
    }


@pytest.fixture
def results() -> Callable[[Path], dict[str, str]]:
    return tree


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Corpus and results of a first refresh, made once."""
    from ddextract.refresh import Request, refresh

    base = tmp_path_factory.mktemp("first")
    refresh(Request((str(fill(base / "corpus")),), str(base / "out")))
    return base


@pytest.fixture
def out(first: Path, corpus: Path, tmp_path: Path) -> Path:
    """Results of a first refresh of ``corpus``."""
    folder = tmp_path / "out"
    shutil.copytree(first / "out", folder)
    for manifest in (folder / ".ddextract").rglob("*.json"):
        if manifest.name == "state.json" or manifest.parent.name == "runs":
            manifest.write_text(manifest.read_text().replace(str(first / "corpus"), str(corpus)))
    return folder
