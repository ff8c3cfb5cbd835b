"""Samples for coders: repeatable, two thirds rich, weights that add up to the document."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddextract.annotation.anchors import normalised_text
from ddextract.annotation.sampling import sample, seed_words, sources
from ddextract.codebook import Codebook
from ddextract.errors import UsageError

DULL = [f"The committee number {k} looked at the budget of the harbour town." for k in range(60)]
RICH = [f"In year {k} our soldiers held a military exercise with foreign partners." for k in range(40)]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "white-paper.txt"
    path.write_text("\n\n".join([*DULL, *RICH]))
    return path


def test_strata_weights_and_text(document: Path, codebook: Codebook) -> None:
    drawn = sample(sources([document], None, language="en", state="GBR"), 30, codebook, seed=3)
    text = normalised_text(document)
    assert len({c.gold.id for c in drawn}) == 30
    assert sum(c.gold.stratum == "rich" for c in drawn) == 20
    assert sum(c.gold.weight for c in drawn) == pytest.approx(100, abs=0.1)
    assert all(text[c.gold.start : c.gold.end] == c.text for c in drawn)
    assert all("exercise" in c.text or "59" in c.text for c in drawn if c.gold.stratum == "rich")


def test_the_same_seed_draws_the_same(document: Path, codebook: Codebook) -> None:
    chosen = sources([document], None, language="en")
    ids = [[c.gold.id for c in sample(chosen, 20, codebook, seed=seed)] for seed in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]


def test_too_many_and_unknown_are_refused(document: Path, codebook: Codebook) -> None:
    with pytest.raises(UsageError, match="hold 100 sentences"):
        sample(sources([document], None, language="en"), 101, codebook)
    with pytest.raises(UsageError, match="--lang"):
        sources([document], None)


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_every_language_has_seed_words(language: str) -> None:
    words = seed_words(language)
    assert len(words) > 20
    assert all(w == w.lower() for w in words)
