"""Floors hold, rise by themselves, fall only with a reason; openings of the test split are logged."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddextract.annotation.gold import Coded, Coder, GoldInstrument, GoldSentence
from ddextract.codebook import Codebook
from ddextract.errors import UsageError
from ddextract.evaluation import predictor
from ddextract.measurement import GoldSet, Measured, gold_sets, measure
from ddextract.ratchet import Floor, below_floor, log_opening, raised, read_floors, write_floors

CODER = Coder(id="model-t", kind="model")


def measured(codebook: Codebook, code: str, *, size: int = 1) -> list[Measured]:
    text = "We will hold joint military exercises with our allies."
    start = text.index("joint")
    gold = GoldInstrument(start=start, end=start + len("joint military exercises"), code=code, holder="self", status="planned")
    sentences = [
        GoldSentence(
            id=f"{k}", document="authored/en-b", text=text, split="authored", language="en", state="GBR", instruments=(gold,), coder=CODER, round="adjudicated"
        )
        for k in range(size)
    ]
    return measure(GoldSet("authored-b", tuple(Coded(s, text) for s in sentences)), predictor(codebook, "rules"), codebook)


def test_floors_survive_a_round_trip(tmp_path: Path) -> None:
    floors = {("dev", "en"): Floor(set="dev", language="en", f1=0.8125, sentences=3, gold="ab", codebook="cd", reason='quotes " and \\ and ü')}
    write_floors(floors, tmp_path / "floors.toml")
    assert read_floors(tmp_path / "floors.toml") == floors


def test_floors_rise_by_themselves(codebook: Codebook) -> None:
    floors, changes = raised(measured(codebook, "military_exercise"), {}, codebook)
    assert floors["authored-b", "en"].f1 == 1.0
    assert len(changes) == 1
    assert raised(measured(codebook, "military_exercise"), floors, codebook) == (floors, [])


def test_floors_fall_only_with_a_reason(codebook: Codebook) -> None:
    floors, _ = raised(measured(codebook, "military_exercise"), {}, codebook)
    worse = measured(codebook, "unit_visit")
    with pytest.raises(UsageError, match="--reason"):
        raised(worse, floors, codebook)
    fallen, _ = raised(worse, floors, codebook, reason="the gold was wrong")
    assert fallen["authored-b", "en"].reason == "the gold was wrong"


def test_gold_shrinks_only_with_a_reason(codebook: Codebook) -> None:
    floors, _ = raised(measured(codebook, "military_exercise", size=2), {}, codebook)
    with pytest.raises(UsageError, match="2 sentences"):
        raised(measured(codebook, "military_exercise"), floors, codebook)


def test_a_score_below_its_floor_and_changed_gold_are_told(codebook: Codebook) -> None:
    now = measured(codebook, "unit_visit")
    floor = Floor(set="authored-b", language="en", f1=0.5, sentences=1, gold=now[0].digest, codebook="")
    assert "below the floor" in below_floor(now, {("authored-b", "en"): floor})[0]
    assert "gold changed" in below_floor(now, {("authored-b", "en"): floor.model_copy(update={"gold": "other"})})[0]
    assert below_floor(now, {("authored-b", "en"): floor.model_copy(update={"f1": 0.0})}) == []


def test_openings_are_appended(tmp_path: Path, codebook: Codebook) -> None:
    log = tmp_path / "openings.tsv"
    for reason in ("first", "second\tlook"):
        log_opening(reason, measured(codebook, "military_exercise"), codebook, log)
    lines = log.read_text().splitlines()
    assert lines[0].split("\t") == ["date", "reason", "codebook", "gold", "micro_f1"]
    assert [line.split("\t")[1] for line in lines[1:]] == ["first", "second look"]
    assert lines[1].endswith("en 1.0000")
    with pytest.raises(UsageError):
        log_opening(" ", [], codebook, log)


def _fallen(codebook: Codebook, split: str, documents: Path | None) -> list[str]:
    floors = read_floors()
    if not any(name.startswith(split) for name, _ in floors):
        pytest.skip(f"no floor is pinned for {split}")
    scored = [m for s in gold_sets(split, documents) for m in measure(s, predictor(codebook, "rules"), codebook)]
    pinned = {key for key in floors if key[0].startswith(split)}
    assert pinned <= {(m.name, m.language) for m in scored}, "gold that is pinned is gone"
    return below_floor(scored, floors)


def test_authored_gold_stays_above_its_floors(codebook: Codebook) -> None:
    assert _fallen(codebook, "authored", None) == []


def test_dev_gold_stays_above_its_floors(codebook: Codebook, shared_documents: Path) -> None:
    assert _fallen(codebook, "dev", shared_documents) == []
