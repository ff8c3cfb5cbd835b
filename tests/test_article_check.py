"""``ddextract check`` on the tables of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from ddextract.article_check import check_lines, check_run
from ddextract.codebook import Codebook
from ddextract.corpus import Known
from ddextract.errors import UsageError
from ddextract.job import Settings, run
from ddextract.output import write_run
from ddextract.profile import profile_states
from ddextract.tables import DOCUMENT_COLUMNS, MENTION_COLUMNS, MENTIONS_SCHEMA, csv_bytes, parquet_bytes


@pytest.fixture
def run_folder(tmp_path: Path, codebook: Codebook) -> Path:
    documents = pd.DataFrame(
        [{**dict.fromkeys(DOCUMENT_COLUMNS), "id": "d", "issuers": ["FRA"], "state": "FRA", "year": 2020, "words": 8000, "outcome": "read"}]
    )
    documents = documents[list(DOCUMENT_COLUMNS)]
    mentions = pd.DataFrame(
        [
            {**dict.fromkeys(MENTION_COLUMNS), "id": f"{code}{k}", "document": "d", "label": "INSTRUMENT", "code": code, "start": k, "end": k + 1, "text": "x",
             "sentence": "Nous le faisons.", "page": 2, "holder": "self", "status": "current", "partner": [], "objectives": [], "objective_codes": ["trust_building"],
             "score": 0.7, "counts": True}
            for code, n in (("strategic_dialogue", 3), ("arms_control", 1), ("unit_visit", 2)) for k in range(n)
        ]
    )[list(MENTION_COLUMNS)]  # fmt: skip
    (tmp_path / "documents.csv").write_bytes(csv_bytes(documents))
    (tmp_path / "mentions.parquet").write_bytes(parquet_bytes(mentions, MENTIONS_SCHEMA))
    (tmp_path / "profiles.csv").write_bytes(csv_bytes(profile_states(mentions, documents, codebook)))
    return tmp_path


def test_states_thresholds_items_and_claims(run_folder: Path) -> None:
    found = check_run(run_folder)
    state = found["states"][0]
    assert state["state"] == "FRA"
    assert state["codes"] == 23
    assert (state["strict"]["listed_and_found"], state["strict"]["found"]) == (1, 2)
    by_count = {row["mentions"]: row["strict"]["found"] for row in found["thresholds"] if row["score"] == 0}
    assert (by_count[1], by_count[2], by_count[3], by_count[5]) == (3, 2, 1, 0)
    assert next(row for row in found["thresholds"] if row["score"] == 0.8)["strict"]["found"] == 0
    assert {claim["verdict"] for claim in found["claims"]} <= {"holds", "does not hold", "not decidable on these documents"}
    json.dumps(found)
    text = "\n".join(check_lines(found, thresholds=True, items=True))
    assert "unit_visit" in text
    assert "0 of 2" in text


def test_own_lists(run_folder: Path, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "FRA.toml").write_text('state = "FRA"\n[[item]]\nid = "1"\nlabel = "visits"\ncodes = ["unit_visit"]\n')
    strict = check_run(run_folder, [lists])["states"][0]["strict"]
    assert (strict["listed"], strict["listed_and_found"]) == (1, 1)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"profiles\.csv"):
        check_run(tmp_path)


def test_check_knows_the_own_codes_that_the_run_was_made_with(tmp_path: Path) -> None:
    (tmp_path / "mine" / "instruments").mkdir(parents=True)
    (tmp_path / "mine" / "instruments" / "sea_talks.toml").write_text(
        'family = "visits"\ntitle = { en = "Sea talks" }\ndefinition = "Talks at sea."\n\n[[phrasing.en]]\nmatch = ["sea talks"]\nexamples = ["We hold sea talks."]\n'
    )
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "GBR.toml").write_text('state = "GBR"\n[[item]]\nid = "1"\nlabel = "sea talks"\ncodes = ["sea_talks"]\n')
    (tmp_path / "a.txt").write_text("We hold sea talks with Chile. We hold sea talks with Peru.")
    settings = Settings(patterns=(tmp_path / "mine",), known=Known("GBR", 2030, "en"))
    write_run(run(tmp_path / "a.txt", settings), tmp_path / "out")
    assert check_run(tmp_path / "out", (tmp_path / "lists",))["items"][0]["found"] == "all"
