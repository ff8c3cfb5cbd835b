"""What an evaluation says: scores, coders and baseline beside them, causes, gains, the page; test only when opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ddextract import assessment, causes, measurement, ratchet
from ddextract.annotation.gold import Coded, Coder, GoldInstrument, GoldSentence, GoldSpan, gold_line
from ddextract.assessment import Request, perform
from ddextract.baseline import baseline_predictor, label_phrases
from ddextract.codebook import Codebook, load_codebook
from ddextract.errors import UsageError
from ddextract.evaluation import cluster_of, compared, evaluate, mentions_found, predictor, score_against
from ddextract.evaluation_page import write_page
from ddextract.lists import load_lists
from ddextract.measurement import GoldSet, gains_and_losses, measure, record, text_lines

CODER = Coder(id="model-t", kind="model")


def coded(text: str, code: str = "", words: str = "", *, state: str = "GBR", holder: str = "self", status: str = "current", partner: str = "") -> Coded:
    instruments = []
    if code:
        start = text.index(words)
        partners = (GoldSpan(start=text.index(partner), end=text.index(partner) + len(partner)),) if partner else ()
        instruments.append(GoldInstrument(start=start, end=start + len(words), code=code, holder=holder, status=status, partner=partners))
    sentence = GoldSentence(
        id=f"s{abs(hash(text)) % 10_000}", document=f"authored/en-a/{state}", text=text, split="authored", language="en", state=state,
        instruments=tuple(instruments), coder=CODER, round="adjudicated",
    )  # fmt: skip
    return Coded(sentence, text)


EXERCISE = coded("We hold joint military exercises with Japan.", "military_exercise", "joint military exercises", holder="joint", partner="Japan")
PLAIN = coded("The weather was good.", state="FRA")
MISSED = coded("Our friendship with Norway shows in many small ways.", "staff_talks", "shows in many small ways", state="ESP")
SETTING = GoldSet("authored-a", (EXERCISE, PLAIN, MISSED))


def test_sentences_without_a_document_are_resampled_by_state() -> None:
    assert cluster_of(EXERCISE.gold) == "authored en GBR"
    assert cluster_of(EXERCISE.gold.model_copy(update={"text": None, "document": "GBR/a.md"})) == "GBR/a.md"


def test_scores_of_hits_and_misses(codebook: Codebook) -> None:
    result = evaluate(SETTING.coded, predictor(codebook, "rules"))
    score = result.tables()["instruments, sentence"][0]
    assert (score.tally.tp, score.tally.fn, score.clusters) == (1, 1, 3)
    assert [m.kind for m in result.mistakes if m.code == "staff_talks"] == ["missed"]
    assert result.document_level == {}


def test_gold_against_itself_is_right_in_everything(codebook: Codebook) -> None:
    triples = [(c, g, g) for c, g, _ in compared(SETTING.coded, predictor(codebook, "rules"))]
    for name, lines in score_against(triples).tables().items():
        assert lines[0].tally.fp == lines[0].tally.fn == 0, name


def test_tokens_are_counted_by_word(codebook: Codebook) -> None:
    (triple,) = compared([EXERCISE], predictor(codebook, "rules"))
    gold = triple[1]
    shorter = [m for m in gold if m.label == "INSTRUMENT"]
    found = [type(shorter[0])("INSTRUMENT", "military_exercise", shorter[0].start, shorter[0].start + len("joint military"))]
    tally = score_against([(EXERCISE, gold, found)]).token_level["authored en GBR"]["military_exercise"]
    assert (tally.tp, tally.fp, tally.fn) == (2, 0, 1)


def test_confusion_pairs_codes_that_stand_in_one_place(codebook: Codebook) -> None:
    (triple,) = compared([EXERCISE], predictor(codebook, "rules"))
    gold = triple[1]
    instrument = next(m for m in gold if m.label == "INSTRUMENT")
    other = type(instrument)("INSTRUMENT", "unit_visit", instrument.start, instrument.end)
    elsewhere = type(instrument)("INSTRUMENT", "arms_control", 0, 2)
    assert score_against([(EXERCISE, gold, [other, elsewhere])]).confused == {("military_exercise", "unit_visit"): 1, ("", "arms_control"): 1}


def test_baseline_finds_the_articles_labels(codebook: Codebook) -> None:
    phrases = label_phrases(load_lists(codebook), codebook)
    phrase, codes = next((p, c) for p, c in phrases.items() if len(c) == 1)
    found = mentions_found(baseline_predictor(codebook)(coded(f"We speak of {phrase.upper()} here.")))
    assert codes[0] in {m.code for m in found}


def test_measured_tables_and_record(codebook: Codebook) -> None:
    (measured,) = measure(SETTING, predictor(codebook, "rules"), codebook)
    text = "\n".join(text_lines(measured))
    assert "3 sentences, 3 issuing states" in text
    assert "staff_talks" in text
    data = record([measured], codebook)["sets"][0]
    assert data["tables"]["instruments, sentence"][0]["recall"] == 0.5
    assert [m["kind"] for m in data["mistakes"]] == ["missed"]


def test_difference_says_to_what(codebook: Codebook, tmp_path: Path) -> None:
    rules = predictor(codebook, "rules")
    measured = measure(SETTING, rules, codebook, against=rules, other_name="matcher statistical")
    assert any(line.startswith("  difference to matcher statistical, micro F1: +0.000") for line in text_lines(measured[0]))
    write_page(tmp_path / "page.html", measured, codebook)
    assert "Difference of micro F1 to matcher statistical" in (tmp_path / "page.html").read_text()


def test_actors_are_not_scored_where_gold_codes_none(codebook: Codebook) -> None:
    without = tuple(replace(c, gold=c.gold.model_copy(update={"actors": ()})) for c in SETTING.coded)
    (measured,) = measure(GoldSet("authored-g", without), predictor(codebook, "rules"), codebook)
    assert not [table for table in measured.tables if table.startswith("actors")]


def test_held_back_sets_show_no_sentence(codebook: Codebook, tmp_path: Path) -> None:
    measured = measure(GoldSet("authored-b", SETTING.coded), predictor(codebook, "rules"), codebook)
    assert "mistakes" not in record(measured, codebook)["sets"][0]
    write_page(tmp_path / "page.html", measured, codebook)
    assert "many small ways" not in (tmp_path / "page.html").read_text()


def test_page_is_one_file_with_tables_and_mistakes(codebook: Codebook, tmp_path: Path) -> None:
    measured = measure(SETTING, predictor(codebook, "rules"), codebook)
    write_page(tmp_path / "page.html", measured, codebook)
    page = (tmp_path / "page.html").read_text()
    assert "<mark>shows in many small ways</mark>" in page
    assert "src=" not in page
    assert "http" not in page


def test_causes_tell_missing_patterns_from_vetoes(codebook: Codebook, tmp_path: Path) -> None:
    found = causes.find_causes([SETTING], codebook, specimens=tmp_path)
    assert [e.code for e in found.found["pattern missing"]] == ["staff_talks"]
    assert found.mentions == 2
    assert any("pattern missing" in line for line in causes.cause_lines(found))


def test_gains_name_what_came_and_whether_rightly(codebook: Codebook) -> None:
    new = compared([EXERCISE], predictor(codebook, "rules"))
    old = [(c, g, []) for c, g, _ in new]
    lines = list(gains_and_losses(old, new))
    assert lines[0].startswith("+ military_exercise")
    assert "[joint military exercises]" in lines[0]
    assert lines[-1] == "1 came, rightly"
    assert list(gains_and_losses(new, new)) == ["nothing came or went"]


def test_whole_and_partial_patterns(root: Path, tmp_path: Path) -> None:
    assert assessment.older_codebook(root / "patterns").digest == load_codebook().digest
    (tmp_path / "instruments").mkdir()
    assert len(assessment.older_codebook(tmp_path).folders) == 2


def request(codebook: Codebook, **options: object) -> Request:
    given = {"split": None, "language": None, "documents": None, "gold": (), "codebook": codebook, **options}
    return Request(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options",
    [
        {"split": "test"},
        {"split": "test", "open_test": " "},
        {"split": "dev", "open_test": "why"},
        {"split": "test", "open_test": "why", "causes": True},
        {"split": "test", "open_test": "why", "update_floors": True},
        {"split": "near-by"},
        {"split": "train", "update_floors": True},
    ],
)
def test_options_that_do_not_go_together(codebook: Codebook, options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        perform(request(codebook, **options))


def test_own_gold_is_scored(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(gold_line(c.gold) + "\n" for c in SETTING.coded))
    outcome = perform(request(codebook, gold=(path,), brief=True))
    assert outcome.lines[0].startswith("matcher ")
    assert outcome.lines[1].startswith("mine, en: 3 sentences")
    assert not outcome.fell_short


def test_opening_test_is_logged_and_shows_no_sentence(codebook: Codebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = EXERCISE.gold.model_copy(update={"split": "test"})
    log = tmp_path / "openings.tsv"
    monkeypatch.setattr(ratchet, "openings_path", lambda: log)
    monkeypatch.setattr(assessment, "gold_sets", lambda *_, **__: [GoldSet("test", (Coded(sentence, EXERCISE.text), MISSED))])
    outcome = perform(request(codebook, split="test", open_test="release 1.0"))
    assert "release 1.0" in log.read_text()
    assert "mistakes" not in outcome.record["sets"][0]


def test_without_documents_dev_is_left_out_and_said(codebook: Codebook, tmp_path: Path) -> None:
    if not measurement.standoff_gold():
        pytest.skip("no stand-off gold")
    sets = measurement.gold_sets("dev", tmp_path)
    assert sets[0].coded == ()
    assert sets[0].absent > 0
