"""Every format gives back the bytes it was given, takes what a coder changed, and refuses what does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ddextract.annotation.exchange import Origin, export_gold, gold_bytes, import_gold, sidecar_of
from ddextract.annotation.formats import FORMATS
from ddextract.annotation.gold import Coded, Coder, GoldActor, GoldInstrument, GoldObjective, GoldSentence, GoldSpan, gold_folder, read_gold, with_text
from ddextract.errors import DataError, UsageError

NAMES = ["jsonl", *FORMATS]
CODER = Coder(id="model-t", kind="model")
TEXT = "La France forme des officiers « maliens » à Bamako 🇲🇱 et conduit des exercices avec le Mali."


@st.composite
def span_places(draw: st.DrawFn, length: int) -> tuple[int, int]:
    start = draw(st.integers(0, length - 1))
    return start, draw(st.integers(start + 1, length))


@st.composite
def sentences(draw: st.DrawFn) -> GoldSentence:
    text = draw(st.text(max_size=30))
    instruments, objectives, actors = [], [], []
    if text:
        place = span_places(len(text))
        for start, end in draw(st.lists(place, max_size=3)):
            partner = tuple(GoldSpan(start=a, end=b) for a, b in draw(st.lists(place, max_size=2, unique=True)))
            holder, status = draw(st.sampled_from(["self", "joint", "other"])), draw(st.sampled_from(["current", "planned", "past", "negated"]))
            instruments.append(
                GoldInstrument(start=start, end=end, code=draw(st.sampled_from(["arms_control", "unit_visit"])), holder=holder, status=status, partner=partner)
            )
        objectives = [GoldObjective(start=a, end=b, code="trust_building") for a, b in draw(st.lists(place, max_size=2))]
        actors = [
            GoldActor(start=a, end=b, type="state", name=draw(st.text(max_size=5)), iso3=draw(st.sampled_from([None, "FRA"])))
            for a, b in draw(st.lists(place, max_size=2))
        ]
    return GoldSentence(
        id=draw(st.uuids()).hex, document="authored/xx-a", text=text, split="authored", language="fr", state=draw(st.sampled_from([None, "FRA"])),
        weight=draw(st.sampled_from([1.0, 2.5])), instruments=tuple(instruments), objectives=tuple(objectives), actors=tuple(actors), coder=CODER,
        round="adjudicated", doubt=draw(st.text(max_size=5)),
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@given(st.lists(sentences(), min_size=1, max_size=4, unique_by=lambda s: s.id))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_round_trip_byte_for_byte(name: str, tmp_path: Path, gold: list[GoldSentence]) -> None:
    path = tmp_path / "gold.x"
    export_gold([Coded(s, s.text or "") for s in gold], path, name)
    first = path.read_bytes()
    back = import_gold(path, name)
    assert gold_bytes(back.sentences) == gold_bytes(gold)
    assert back.notes == []
    export_gold([Coded(s, s.text or "") for s in back.sentences], path, name)
    assert path.read_bytes() == first


@pytest.mark.parametrize("name", NAMES)
def test_real_sentences_come_back_without_their_text(name: str, tmp_path: Path, shared_documents: Path) -> None:
    gold = [s for s in read_gold(gold_folder() / "standoff" / "raw-a.jsonl") if s.split == "dev"]
    path = tmp_path / "gold.x"
    export_gold(list(with_text(gold, shared_documents)), path, name)
    assert gold_bytes(import_gold(path, name).sentences) == gold_bytes(gold)
    if name != "jsonl":
        words = next(with_text(gold, shared_documents)).text[:40]
        assert words not in sidecar_of(path).read_text()


def example() -> GoldSentence:
    def at(words: str) -> tuple[int, int]:
        return TEXT.index(words), TEXT.index(words) + len(words)

    training, exercise, mali, france = at("forme des officiers"), at("conduit des exercices"), at("Mali"), at("France")
    partner = (GoldSpan(start=mali[0], end=mali[1]),)
    return GoldSentence(
        id="fr-1", document="authored/fr-a", text=TEXT, split="authored", language="fr", coder=CODER, round="adjudicated",
        instruments=(
            GoldInstrument(start=training[0], end=training[1], code="education_training", holder="self", status="current"),
            GoldInstrument(start=exercise[0], end=exercise[1], code="military_exercise", holder="self", status="past", partner=partner),
        ),
        actors=(GoldActor(start=france[0], end=france[1], type="state", name="France", iso3="FRA"),),
    )  # fmt: skip


def exported(tmp_path: Path, name: str, *, blank: bool = False) -> Path:
    path = tmp_path / "gold.x"
    export_gold([Coded(example(), TEXT)], path, name, blank=blank)
    return path


def edited(path: Path, old: str, new: str) -> None:
    raw = path.read_bytes().decode()
    assert old in raw
    path.write_bytes(raw.replace(old, new).encode())


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("prodigy", '"status": "past"', '"status": "planned"'),
        ("label-studio", '"choices": ["past"]', '"choices": ["planned"]'),
        ("brat", "Status T2 past", "Status T2 planned"),
        ("inception", '"status": "past"', '"status": "planned"'),
        ("csv", '"past"', '"planned"'),
    ],
)
def test_a_coders_change_comes_back(name: str, old: str, new: str, tmp_path: Path) -> None:
    path = exported(tmp_path, name)
    edited(path, old, new)
    (back,) = import_gold(path, name).sentences
    assert [m.status for m in back.instruments] == ["current", "planned"]
    assert back.instruments[1].partner == example().instruments[1].partner


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        ("prodigy", '"text": "Mali"', '"text": "Mala"', ":1"),
        ("label-studio", '"text": "Mali"', '"text": "Mala"', ":2"),
        ("brat", "\tMali\n", "\tMala\n", ":8"),
        ("csv", '"France","","","","France"', '"Franse","","","","France"', ":4"),
        ("doccano", '"start_offset": 3', '"start_offset": 300', ":1"),
        ("inception", '"begin": 3,', '"begin": 3000,', ""),
    ],
)
def test_a_span_that_is_not_what_it_says_is_refused(name: str, old: str, new: str, line: str, tmp_path: Path) -> None:
    path = exported(tmp_path, name)
    edited(path, old, new)
    with pytest.raises(DataError, match=rf"gold\.x{line}"):
        import_gold(path, name)


@pytest.mark.parametrize("name", ["prodigy", "doccano", "label-studio", "csv", "inception"])
def test_changed_words_are_refused(name: str, tmp_path: Path) -> None:
    path = exported(tmp_path, name)
    edited(path, "Bamako", "Bamaka")
    with pytest.raises(DataError, match="fr-1"):
        import_gold(path, name)


def test_doccano_can_add_an_instrument_whose_attributes_are_then_in_doubt(tmp_path: Path) -> None:
    path = exported(tmp_path, "doccano", blank=True)
    record = json.loads(path.read_text())
    record["entities"] = [{"id": 7, "label": "INSTRUMENT:military_exercise", "start_offset": 3, "end_offset": 9}]
    path.write_text(json.dumps(record) + "\n")
    back = import_gold(path, "doccano", Origin(Coder(id="anna", kind="human")))
    (sentence,) = back.sentences
    assert (sentence.coder.kind, sentence.round) == ("human", "raw")
    assert "holder of 'France' not coded" in sentence.doubt
    assert len(back.notes) == 2


def test_blank_exports_show_no_code(tmp_path: Path) -> None:
    path = exported(tmp_path, "prodigy", blank=True)
    assert "education_training" not in path.read_text() + sidecar_of(path).read_text()


def test_a_row_added_in_a_spreadsheet_needs_no_offsets(tmp_path: Path) -> None:
    path = exported(tmp_path, "csv")
    row = f'"fr-1","OBJECTIVE","trust_building","Bamako","","","","","","","","{TEXT}"\n'
    path.write_bytes(path.read_bytes() + row.encode())
    (back,) = import_gold(path, "csv").sentences
    assert [TEXT[m.start : m.end] for m in back.objectives] == ["Bamako"]


def test_a_spreadsheet_saved_with_semicolons_is_read(tmp_path: Path) -> None:
    path = exported(tmp_path, "csv")
    edited(path, '","', '";"')
    assert gold_bytes(import_gold(path, "csv").sentences) == gold_bytes([example()])


def test_files_made_elsewhere_need_coder_and_language(tmp_path: Path) -> None:
    path = exported(tmp_path, "prodigy")
    sidecar_of(path).unlink()
    with pytest.raises(UsageError, match="--coder"):
        import_gold(path, "prodigy")
    (back,) = import_gold(path, "prodigy", Origin(Coder(id="anna", kind="human"), "fr")).sentences
    assert back.instruments == example().instruments
    assert back.text == TEXT


def test_an_unknown_value_names_the_line(tmp_path: Path) -> None:
    path = exported(tmp_path, "prodigy")
    edited(path, '"status": "past"', '"status": "long ago"')
    with pytest.raises(DataError, match=r"gold\.x:1.*long ago"):
        import_gold(path, "prodigy")


def test_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="doccano"):
        export_gold([Coded(example(), TEXT)], tmp_path / "x", "conll")
