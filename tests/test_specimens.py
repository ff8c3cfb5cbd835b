"""The specimens: rendered as their sources say, read as their truth says."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ddextract.codebook import Codebook
from ddextract.matching.pipeline import Setting
from ddextract.mention import Mention
from ddextract.reading import read_document
from ddextract.tagging import tag_document

SPECIMENS = ("usa-2031", "gbr-2031", "fra-2031", "esp-2031")


def flat(text: str) -> str:
    return text.replace("\n", " ").replace("\u00a0", " ").replace("’", "'")


@pytest.fixture(scope="module")
def tagged(root: Path, codebook: Codebook) -> dict[str, tuple[str, tuple[Mention, ...]]]:
    result = {}
    for name in SPECIMENS:
        document = read_document(root / "corpus" / "specimen" / f"{name}.pdf", document_id=name)
        state = name[:3].upper()
        result[name] = (flat(document.text), tag_document(document, Setting(state, 2031, (state,)), codebook).mentions)
    return result


@pytest.fixture(scope="module")
def truth(root: Path) -> dict[str, list[dict[str, str]]]:
    return tomllib.loads((root / "corpus" / "specimen" / "truth.toml").read_text(encoding="utf-8"))


def test_specimens_are_rendered_from_their_sources(root: Path) -> None:
    done = subprocess.run([sys.executable, "corpus/specimen/render.py", "--check"], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SPECIMENS)
def test_quotes_of_the_truth_survive_the_pdf(name: str, tagged: dict[str, tuple[str, tuple[Mention, ...]]], truth: dict[str, list[dict[str, str]]]) -> None:
    text, _ = tagged[name]
    quotes = [m["quote"] for m in truth["mention"] if m["document"] == name]
    lost = [q for q in quotes if flat(q) not in text]
    assert len(quotes) >= 25
    assert len(lost) <= 1, lost


@pytest.mark.parametrize("name", SPECIMENS)
def test_true_instruments_are_found_and_traps_are_not(
    name: str, tagged: dict[str, tuple[str, tuple[Mention, ...]]], truth: dict[str, list[dict[str, str]]]
) -> None:
    text, mentions = tagged[name]
    found = [m for m in mentions if m.label == "INSTRUMENT"]

    def touching(quote: str) -> list[Mention]:
        start = text.find(flat(quote))
        return [m for m in found if start >= 0 and m.start < start + len(quote) and m.end > start]

    wanted = [m for m in truth["mention"] if m["document"] == name]
    hits = sum(any(m.code == w["code"] for m in touching(w["quote"])) for w in wanted)
    traps = [t for t in truth["trap"] if t["document"] == name]
    caught = sum(any(m.counts for m in touching(t["quote"])) for t in traps)
    # Floors, raised as the rules get better; the figures are in the README.
    assert hits / len(wanted) >= 0.8
    assert caught / len(traps) <= 0.2
