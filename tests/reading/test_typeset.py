"""Pages set by programs that are not ours come back word for word."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

QUICK = ["rl_two", "rl_lists_tables", "wp_table_bare", "wp_lists_dash", "wp_footnotes", "wp_boxes_wide", "fp_two"]
SLOW = [
    "wp_two_fr",
    "wp_three_pictures",
    "wp_sidebar",
    "wp_table_striped",
    "wp_spaced",
    "wp_front_matter",
    "cr_two_es_drop",
    "lo_two_footnotes",
    "lo_bullets_es",
]


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
@pytest.mark.filterwarnings("ignore")
def test_layout_reaches_its_floor(tmp_path: Path, measure: ModuleType, name: str) -> None:
    lacking = measure.typeset.available(name)
    if lacking:
        pytest.skip(lacking)
    measure.typeset.draw(name, tmp_path, 4, 5)
    scores = measure.score_ours(tmp_path, name)
    assert scores["fidelity"] >= 0.99
    assert scores["block_f1"] >= 0.97
    assert min(scores["furniture_p"], scores["furniture_r"]) >= 0.99
    assert scores["notes_inside"] == 0
    assert scores["notes_found"] == 1
    assert scores["hyphen_errors_10k"] <= 10
