"""The article's lists, figures and claims, and the registry say what they must."""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LISTS = ROOT / "annotations" / "article"
REGISTRY = ROOT / "corpus" / "strategies.csv"
SHARED = ROOT.parent / "shared"
ARTICLE = SHARED / "article" / "article.txt"
CODEBOOK = SHARED / "codebook" / "CODEBOOK.md"
DOCUMENTS = SHARED / "documents"

STATES = {"USA": "US", "GBR": "UK", "FRA": "FR", "ESP": "ES"}
OTHERS = {
    "claims": "claim",
    "definitions": "definition",
    "figures": "figure",
    "organisations": "organisation",
    "phases": "phase",
}

# The columns US, UK, FR, ES of the codebook's table of instruments.
TABLE: dict[str, tuple[str, str, str, str]] = {
    "strategic_dialogue": ("", "", "n1, s", "p1"),
    "high_level_visit": ("5", "a4, t1", "", "3.1"),
    "staff_talks": ("5", "a4, a5", "", "8"),
    "conference_seminar": ("", "a6", "", ""),
    "cooperation_agreement": ("", "", "", "1, p4"),
    "multilateral_representation": ("", "t2", "n2", ""),
    "attache_network": ("", "t9", "", "2"),
    "liaison_advisers": ("", "t2, t3", "", ""),
    "unit_visit": ("", "a3, t6", "", "3.2, 3.3"),
    "personnel_exchange": ("", "a7", "", ""),
    "education_training": ("1, 2, 7, 10", "a1, a2, t3, x3", "s", "6"),
    "military_exercise": ("7", "a8, t7", "", "7"),
    "military_assistance": ("3", "", "", "p2"),
    "financial_support": ("3, 6", "a2", "", ""),
    "capacity_building": ("11", "", "n5, s", "5, p3"),
    "security_sector_reform": ("", "t4, x4", "s", "4"),
    "peace_operations": ("11", "x1, x4", "", ""),
    "humanitarian_assistance": ("", "", "", ""),
    "civil_military_cooperation": ("4", "", "n4, s", ""),
    "arms_transfer": ("8, 9, 10", "t5, x3", "s", ""),
    "defence_industry_cooperation": ("", "t8", "s", "9, p5"),
    "arms_control": ("", "x4", "n3, s", ""),
    "intelligence_cooperation": ("", "", "s", ""),
}
ADJACENT = {
    "cyber_defence",
    "deterrence",
    "evacuation_planning",
    "information_operation",
    "other_conflict_prevention",
    "sanctions_embargo",
    "special_forces_operation",
}
OBJECTIVES = {
    "alliance_obligation",
    "conflict_prevention",
    "counter_rival_influence",
    "crisis_response",
    "democratic_accountability",
    "industry_promotion",
    "international_image",
    "interoperability",
    "norm_shaping",
    "partner_self_reliance",
    "post_conflict_stabilisation",
    "relationship_strengthening",
    "situational_awareness",
    "strategic_leverage",
    "trust_building",
}
ACTOR_TYPES = {
    "armed_forces",
    "attache_service",
    "command",
    "defence_industry",
    "defence_ministry",
    "foreign_ministry",
    "international_organisation",
    "official",
    "other_government",
    "parliament",
    "region",
    "state",
    "training_centre",
}
COLUMNS = {
    "address",
    "address_source",
    "cited_by_article",
    "date",
    "id",
    "included",
    "issuer",
    "language",
    "licence",
    "note",
    "path",
    "sha256",
    "state",
    "title",
    "tried",
    "translated",
    "type",
    "version_of",
    "year",
}
NUMBERED = {"numbered", "areas", "nine"}
"""The lists that the article prints with numbers, one for each state."""

Entry = dict[str, Any]


def read(name: str) -> Entry:
    """Return one file of the article's data."""
    return tomllib.loads((LISTS / f"{name}.toml").read_text(encoding="utf-8"))


def registry() -> list[dict[str, str]]:
    """Return the rows of the registry."""
    with REGISTRY.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def shared(path: Path) -> Path:
    """Return the path, or skip the test where only the repository is present."""
    if not path.exists():
        pytest.skip(f"{path.name} is not part of the repository and is not beside it")
    return path


def places() -> list[tuple[str, Entry]]:
    """Return every place of every file with a name for messages."""
    found = []
    for name in sorted(STATES | OTHERS):
        for kind, rows in read(name).items():
            if isinstance(rows, list):
                found += [(f"{name}.{kind}[{number}]", row["place"]) for number, row in enumerate(rows) if isinstance(row, dict)]
    return found


def listed(state: str, lists: set[str] | None = None) -> set[str]:
    """Return the codes on a state's lists (or on some of them)."""
    return {code for item in read(state)["item"] if item["status"] == "listed" and (lists is None or item["list"] in lists) for code in item["codes"]}


def marks(cell: str) -> set[str]:
    """Return the item marks in one cell of the codebook's table."""
    return {mark.strip() for mark in cell.split(",") if mark.strip()}


def test_every_file_is_present_and_names_its_schema() -> None:
    assert {path.stem for path in LISTS.glob("*.toml")} >= set(STATES) | set(OTHERS)
    for state in STATES:
        data = read(state)
        assert data["schema"] == "ddextract.article_list/1"
        assert data["state"] == state
        assert data["issuer"]
        assert data["definition"]
    for name, kind in OTHERS.items():
        data = read(name)
        assert data["schema"] == f"ddextract.article_{name}/1"
        assert data[kind]


@pytest.mark.parametrize("state", STATES)
def test_items_give_the_table_of_the_codebook(state: str) -> None:
    column = list(STATES).index(state)
    found: dict[str, set[str]] = {code: set() for code in TABLE}
    for item in read(state)["item"]:
        for code in item["codes"]:
            if code not in ADJACENT:
                found[code].add(item["column"])
    assert found == {code: marks(cells[column]) for code, cells in TABLE.items()}


def test_expected_table_is_that_of_the_codebook() -> None:
    text = shared(CODEBOOK).read_text(encoding="utf-8")
    section = text.split("## 2. Instrument codes")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if re.match(r"\| `\w+` \|", line)]
    cells = {row[0].strip("`"): [marks(cell) for cell in row[4:8]] for row in rows}
    assert cells == {code: [marks(cell) for cell in expected] for code, expected in TABLE.items()}


@pytest.mark.parametrize("state", STATES)
def test_items_are_well_formed(state: str) -> None:
    items = read(state)["item"]
    assert len({item["id"] for item in items}) == len(items)
    for item in items:
        assert item["id"].startswith(f"{STATES[state]}.")
        assert item["codes"], item["id"]
        assert set(item["codes"]) <= set(TABLE) | ADJACENT, item["id"]
        assert len(item["label"].split()) < 8, item["id"]
        other_area = item["column"].startswith("x")
        assert item["status"] == ("discussed" if other_area else "listed"), item["id"]
        if set(item["codes"]) & ADJACENT:
            assert other_area, item["id"]


def test_other_action_areas_name_every_adjacent_code_once() -> None:
    codes = [code for item in read("GBR")["item"] for code in item["codes"]]
    assert Counter(code for code in codes if code in ADJACENT) == Counter(ADJACENT)


def test_counts_of_items() -> None:
    count = {state: Counter(item["list"] for item in read(state)["item"]) for state in STATES}
    assert count == {
        "USA": {"numbered": 11},
        "GBR": {
            "areas": 8,
            "table1.defence_diplomacy": 9,
            "table1.security_and_peacekeeping": 7,
            "table1.export": 2,
            "table1.regional_security": 4,
        },
        "FRA": {"numbered": 5, "scope": 8},
        "ESP": {"nine": 11, "programme": 5},
    }
    visits = [item for item in read("ESP")["item"] if item["number"].startswith("3.")]
    assert [item["number"] for item in visits] == ["3.1", "3.2", "3.3"]


def test_uncertain_prints_are_marked() -> None:
    uncertain = {item["id"] for state in STATES for item in read(state)["item"] if item.get("uncertain")}
    assert uncertain == {"UK.a2", "FR.s1"}
    figures = {row["id"] for row in read("figures")["figure"] if row.get("uncertain")}
    assert figures == {"ESP.attaches"}


def test_only_education_training_is_on_all_four_lists() -> None:
    assert set.intersection(*map(listed, STATES)) == {"education_training"}


def test_no_code_is_on_all_four_numbered_lists() -> None:
    numbered = [listed(state, NUMBERED) for state in STATES]
    assert all(numbered)
    assert set.intersection(*numbered) == set()


@pytest.mark.parametrize("state", STATES)
def test_discussed_codes_are_not_listed(state: str) -> None:
    discussed = {entry["code"] for entry in read(state)["discussed"]}
    assert discussed <= set(TABLE)
    assert not discussed & listed(state)


# The examples that the codebook gives for each state must be among what we found.
@pytest.mark.parametrize(
    ("state", "codes"),
    [
        (
            "USA",
            {
                "attache_network",
                "humanitarian_assistance",
                "intelligence_cooperation",
                "strategic_dialogue",
            },
        ),
        (
            "GBR",
            {
                "capacity_building",
                "cooperation_agreement",
                "intelligence_cooperation",
                "military_assistance",
            },
        ),
        (
            "FRA",
            {
                "attache_network",
                "cooperation_agreement",
                "military_exercise",
                "peace_operations",
            },
        ),
        ("ESP", {"multilateral_representation"}),
    ],
)
def test_discussed_codes_hold_the_examples_of_the_codebook(state: str, codes: set[str]) -> None:
    assert codes <= {entry["code"] for entry in read(state)["discussed"]}


@pytest.mark.parametrize("code", ["high_level_visit", "military_exercise"])
@pytest.mark.parametrize("state", STATES)
def test_codes_of_all_four_are_listed_or_discussed(state: str, code: str) -> None:
    discussed = {entry["code"] for entry in read(state)["discussed"]}
    assert code in listed(state) | discussed


def test_places_are_half_open_and_anchored() -> None:
    for name, place in places():
        assert set(place) == {"section", "at", "start", "end", "anchor"}, name
        assert 0 <= place["start"] < place["end"], name
        assert 1 <= len(place["anchor"].split()) <= 2, name


def test_places_hold_their_anchor_in_the_article() -> None:
    text = shared(ARTICLE).read_text(encoding="utf-8")
    for name, place in places():
        assert place["end"] <= len(text), name
        assert place["anchor"] in text[place["start"] : place["end"]], name
        heading = f"\n{place['section']}\n"
        assert text.index(heading) < place["start"], name


def test_definitions_of_the_lists_are_those_of_the_definitions_file() -> None:
    definitions = {row["id"]: row for row in read("definitions")["definition"]}
    assert "definition.author" in definitions
    for state in STATES:
        for row in read(state)["definition"]:
            assert definitions[row["id"]] == {**row, "state": state}


def test_organisations_have_a_type_of_actor() -> None:
    for row in read("organisations")["organisation"]:
        assert row["type"] in ACTOR_TYPES, row["name"]
        assert row["role"], row["name"]
        international = row["type"] == "international_organisation"
        assert (row["state"] == "") == international, row["name"]
        assert row["state"] in {*STATES, ""}, row["name"]


def test_figures_are_numbers_with_a_known_code() -> None:
    figures = {row["id"]: row for row in read("figures")["figure"]}
    for name, row in figures.items():
        assert isinstance(row["value"], int), name
        assert row["state"] in STATES, name
        assert row["code"] in {*TABLE, ""}, name
        assert row["basis"] in {"printed", "counted"}, name
    posts = figures["USA.general_posts"]
    assert posts["value"] == len(posts["names"]) == 7
    british = ("GBR.attaches", "GBR.ncos", "GBR.civilians")
    assert [figures[name]["value"] for name in british] == [129, 57, 17]


def test_phases_are_three_in_order_with_objectives() -> None:
    phases = read("phases")["phase"]
    assert [row["order"] for row in phases] == [1, 2, 3]
    for row in phases:
        assert row["objectives"]
        assert set(row["objectives"]) <= OBJECTIVES


def test_claims_say_what_must_hold() -> None:
    claims = read("claims")["claim"]
    names = [row["id"] for row in claims]
    assert len(set(names)) == len(names) >= 18
    assert {name.split(".")[0] for name in names} == {"synthesis", "summary"}
    for row in claims:
        name, kind = row["id"], row["kind"]
        codes, objectives = set(row["codes"]), set(row["objectives"])
        assert codes <= set(TABLE), name
        assert objectives <= OBJECTIVES, name
        assert row["states"], name
        assert set(row["states"]) | set(row.get("others", [])) <= set(STATES), name
        assert set(row.get("actors", [])) <= ACTOR_TYPES, name
        assert row.get("same_as", name) in names, name
        match kind:
            case "all_have":
                assert set(row["states"]) == set(STATES), name
                assert codes, name
            case "has":
                assert codes, name
            case "none_of_others":
                assert not set(row["others"]) & set(row["states"]), name
                assert row["measure"] in {"each", "count_of_codes"}, name
                if row["measure"] == "each":
                    assert codes | objectives, name
            case "objective":
                assert objectives, name
            case "universal_model":
                expected = {"no_universal_model", "profiles_differ", "selective"}
                assert row["expects"] in expected, name
            case "not_testable":
                assert row["reason"], name
            case _:
                pytest.fail(f"{name}: unknown kind {kind}")


def test_registry_rows_are_well_formed() -> None:
    rows = registry()
    assert set(rows[0]) == COLUMNS
    ids = {row["id"] for row in rows}
    assert len(ids) == len(rows)
    for row in rows:
        name = row["id"]
        assert None not in row, name
        assert None not in row.values(), name
        assert all(value == value.strip() for value in row.values()), name
        assert re.fullmatch(r"[a-z]{3}-[a-z0-9-]+", name), name
        assert row["state"] == name[:3].upper(), name
        assert row["issuer"], name
        assert row["title"], name
        assert row["type"], name
        assert re.fullmatch(r"(\d{4})?", row["year"]), name
        assert re.fullmatch(r"(\d{4}(-\d\d(-\d\d)?)?)?", row["date"]), name
        assert row["date"][:4] in {"", row["year"]}, name
        assert re.fullmatch(r"[a-z]{2}", row["language"]), name
        assert re.fullmatch(r"([0-9a-f]{64})?", row["sha256"]), name
        for column in ("translated", "included", "cited_by_article"):
            assert row[column] in {"yes", "no"}, name
        assert row["version_of"] in {*ids, ""}, name
        assert bool(row["path"]) == (row["included"] == "yes"), name


def test_registry_holds_the_specimens() -> None:
    specimens = {row["id"] for row in registry() if row["included"] == "yes"}
    assert specimens == {"usa-2031", "gbr-2031", "fra-2031", "esp-2031"}


def test_registry_holds_what_the_article_cites() -> None:
    cited = {row["id"] for row in registry() if row["cited_by_article"] == "yes"}
    assert len(cited) == 13
    assert {name for state in STATES for name in read(state)["cited"]} == cited
    assert set(read("phases")["cited"]) <= cited


def test_registry_addresses_stand_in_the_article() -> None:
    text = shared(ARTICLE).read_text(encoding="utf-8")
    for row in registry():
        if row["cited_by_article"] == "yes" and row["address"]:
            assert row["address"] in text, row["id"]


def test_registry_holds_the_documents_beside_the_repository() -> None:
    index = shared(DOCUMENTS / "INDEX.tsv")
    rows = {row["id"]: row for row in registry()}
    with index.open(encoding="utf-8", newline="") as lines:
        for entry in csv.DictReader(lines, delimiter="\t"):
            path = DOCUMENTS / entry["path"]
            row = rows[f"{entry['state'].lower()}-{path.stem}"]
            assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
            assert row["year"] == entry["year"], row["id"]
            assert row["language"] == entry["language"], row["id"]
            assert row["licence"] == entry["rights"], row["id"]
            assert row["note"].startswith("not distributed"), row["id"]
