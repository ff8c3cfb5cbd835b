"""Sentences chosen because they teach: uncertain ones, ones where rules and model differ, silent sections."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddextract.annotation.sampling import SECTION, Source, choose
from ddextract.codebook import Codebook
from ddextract.errors import UsageError
from ddextract.matching.fusion import StatisticalJudge, has_model
from ddextract.matching.pipeline import Passage, Setting, matcher_for

pytestmark = pytest.mark.skipif(not has_model("en"), reason="no trained English model (ddextract train)")

SURE = "Our navy held a joint military exercise with Japan and South Korea in the spring."
PLAIN = "The harvest was good and the roads stayed dry all through that long autumn."
ALIKE = "Security and defence are a matter for all of us in this country."


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "paper.txt"
    paragraphs = [
        SURE,
        *[PLAIN.replace("harvest", f"harvest number {k}") for k in range(SECTION - 1)],
        ALIKE,
        *[PLAIN.replace("roads", f"lanes {k}") for k in range(SECTION)],
    ]
    path.write_text("\n\n".join(paragraphs), encoding="utf-8")
    return Source(path, path.name, "en", "CAN", 2030)


def test_silence_passes_by_sections_in_which_something_was_found(source: Source, codebook: Codebook) -> None:
    texts = [c.text for c in choose([source], 5, codebook, "silence")]
    assert SURE not in texts
    assert ALIKE in texts


def test_uncertain_takes_the_proposals_nearest_to_one_half(source: Source, codebook: Codebook) -> None:
    matcher = matcher_for(codebook, "en", "hybrid")
    assert isinstance(matcher.judge, StatisticalJudge)

    def doubt(text: str) -> float:
        doc, sentences = matcher.hits(Passage(text), Setting("CAN", 2030))
        assert isinstance(matcher.judge, StatisticalJudge)
        return max((1 - abs(2 * w.probability - 1) for looked in sentences for w in matcher.judge.proposals(doc, looked, "CAN")), default=0.0)

    [chosen] = choose([source], 1, codebook, "uncertain")
    assert doubt(chosen.text) == pytest.approx(max(doubt(t) for t in (SURE, ALIKE, PLAIN)), abs=0.2)
    assert chosen.text in (SURE, ALIKE)


def test_chosen_sentences_are_blank_sealed_and_the_same_each_time(source: Source, codebook: Codebook) -> None:
    first, second = choose([source], 8, codebook, "disagree"), choose([source], 8, codebook, "disagree")
    assert [c.gold.id for c in first] == [c.gold.id for c in second]
    assert all(c.gold.hash and not c.gold.instruments and c.gold.coder.id == "nobody" for c in first)


def test_an_unknown_strategy_is_refused_by_name(source: Source, codebook: Codebook) -> None:
    with pytest.raises(UsageError, match="--strategy clever"):
        choose([source], 1, codebook, "clever")
