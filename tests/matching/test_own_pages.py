"""Pages of the user's own that add to ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddextract.codebook import load_codebook
from ddextract.errors import DataError
from ddextract.matching.explanation import explain_sentence
from ddextract.matching.pipeline import Setting

NEW = """family = "visits"
title = { en = "Naval diplomacy" }
definition = "What a navy does abroad."

[[phrasing.en]]
match = ["naval diplomacy"]
examples = ["Our navy practises naval diplomacy."]
"""


def page(folder: Path, name: str, text: str) -> Path:
    (folder / "instruments").mkdir(parents=True, exist_ok=True)
    (folder / "instruments" / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def told(sentence: str, folder: Path) -> list[str]:
    return list(explain_sentence(sentence, "en", Setting("GBR", 2024), load_codebook(folder), matcher="rules"))


def test_our_page_yields_to_a_code_of_the_users_that_an_extension_names(tmp_path: Path) -> None:
    mine = page(tmp_path, "naval_diplomacy", NEW)
    sentence = "Our navy practises naval diplomacy in every ocean."
    assert any(line.startswith("instrument unit_visit") for line in told(sentence, mine))
    page(mine, "unit_visit", 'extends = true\nyields_to = ["naval_diplomacy"]\n')
    after = told(sentence, mine)
    assert any(line.startswith("instrument naval_diplomacy") for line in after)
    assert not any(line.startswith("instrument unit_visit") for line in after)


def test_extension_that_adds_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"unit_visit\.toml:1: extends: adds nothing"):
        load_codebook(page(tmp_path, "unit_visit", "extends = true\n"))


def test_explain_names_the_line_of_the_page_that_extends_ours(tmp_path: Path) -> None:
    mine = page(tmp_path, "unit_visit", 'extends = true\n\n[[phrasing.en]]\nmatch = ["courtesy anchorage"]\nexamples = ["A courtesy anchorage off Chile."]\n')
    assert any("(unit_visit.toml:4)" in line for line in told("Our frigate made a courtesy anchorage off Chile.", mine))


def test_explain_says_that_the_rules_alone_decide_about_a_code_the_model_has_never_seen(tmp_path: Path) -> None:
    mine = page(tmp_path, "naval_diplomacy", NEW)
    lines = list(explain_sentence("Our navy practises naval diplomacy.", "en", Setting("GBR", 2024), load_codebook(mine)))
    decision = next(i for i, line in enumerate(lines) if line.startswith("hybrid     naval_diplomacy"))
    assert "accepted" in lines[decision]
    assert "never seen this code" in lines[decision + 1]
