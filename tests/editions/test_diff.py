"""What changed between editions and why: kinds, sentences side by side, causes proved by reruns, and how it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ddextract.batch import stages
from ddextract.cli import app
from ddextract.editions import counterfactual, telling
from ddextract.editions.compare import Change, Comparison, Edition, Measure, Sentence, compared, judged, paired
from ddextract.editions.desk import differences
from ddextract.errors import UsageError
from ddextract.job import Settings
from ddextract.refresh import Request, refresh

OLD = "We conduct annual staff talks with France.\n\nWe keep a defence attaché in Kenya.\n"
NEW = "We conduct annual staff talks with France and Norway.\n\nWe will train the officers of partner nations at our staff college.\n"
OTHER = "Our navy held a joint exercise with Japan in order to build trust.\n"


def write(folder: Path, name: str, text: str, state: str = "GBR", year: int = 2020) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / f"{name}.toml").write_text(f'state = "{state}"\nyear = {year}\nlanguage = "en"\n', encoding="utf-8")


def page(folder: Path, *wordings: str) -> Path:
    path = folder / "instruments" / "staff_talks.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    quoted = ", ".join(f'"{w}"' for w in wordings)
    path.write_text(f'extends = true\n\n[[phrasing.en]]\nmatch = [{quoted}]\nexamples = ["x"]\n', encoding="utf-8")
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write(tmp_path / "corpus", "a", OLD)
    write(tmp_path / "corpus", "b", OTHER, "USA")
    return tmp_path / "corpus"


def again(corpus: Path, *patterns: Path) -> Path:
    out = corpus.parent / "out"
    refresh(Request((str(corpus),), str(out), Settings(patterns=patterns)))
    return out


def changes(comparison: Comparison) -> dict[tuple[str, str, str], Change]:
    return {(c.state, c.subject, c.code): c for c in comparison.changes if c.kind != "steady"}


def test_document_is_the_cause_of_what_only_the_document_changed(corpus: Path) -> None:
    out = again(corpus)
    write(corpus, "a", NEW)
    (comparison,) = differences(str(again(corpus)), None)
    found = changes(comparison)
    assert {k: (c.kind, c.cause) for k, c in found.items()} == {
        ("GBR", "instrument", "attache_network"): ("dropped", "document"),
        ("GBR", "instrument", "education_training"): ("added", "document"),
        ("GBR", "partner", "KEN"): ("dropped", "document"),
        ("GBR", "partner", "NOR"): ("added", "document"),
        ("GBR", "partner", "partner nations"): ("added", "document"),
    }
    assert "nothing else changed" in found["GBR", "partner", "NOR"].proof
    assert out.is_dir()


def test_patterns_are_the_cause_where_the_document_stayed(corpus: Path, tmp_path: Path) -> None:
    mine = page(tmp_path / "mine", "some wording that nobody uses")
    again(corpus, mine)
    page(tmp_path / "mine", "joint exercise with japan")
    (comparison,) = differences(str(again(corpus, mine)), None)
    found = changes(comparison)
    assert found["USA", "instrument", "staff_talks"].cause == "patterns"
    assert found["USA", "instrument", "staff_talks"].kind == "added"
    assert "1:instruments/staff_talks.toml" in comparison.factors["patterns"]
    assert {c.cause for c in found.values()} == {"patterns"}


@pytest.mark.slow
def test_each_cause_is_told_apart_when_patterns_and_document_changed(corpus: Path, tmp_path: Path) -> None:
    mine = page(tmp_path / "mine", "some wording that nobody uses")
    again(corpus, mine)
    page(tmp_path / "mine", "joint exercise with japan", "officers of partner nations at our staff college")
    write(corpus, "a", NEW)
    (comparison,) = differences(str(again(corpus, mine)), None)
    found = changes(comparison)
    assert found["GBR", "instrument", "attache_network"].cause == "document"
    assert found["USA", "instrument", "staff_talks"].cause == "patterns"


@pytest.mark.slow
def test_change_that_needs_new_patterns_and_new_document_is_put_down_to_both(corpus: Path, tmp_path: Path) -> None:
    mine = page(tmp_path / "mine", "some wording that nobody uses")
    write(corpus, "a", OTHER)
    again(corpus, mine)
    page(tmp_path / "mine", "gathering of colonels")
    write(corpus, "a", "We hold a gathering of colonels with France.")
    (comparison,) = differences(str(again(corpus, mine)), None)
    change = changes(comparison)["GBR", "instrument", "staff_talks"]
    assert change.kind == "added"
    assert change.cause == "patterns with document"
    assert change.shares == {"document": (1, 0)}


@pytest.mark.slow
def test_software_is_the_cause_when_the_old_run_does_not_come_out_again(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ddextract import job
    from ddextract.batch import work

    out = again(corpus)
    real_match, real_software = job.match, stages.software

    def blind(strategy: Any, document: Any, codebook: Any, matcher: str) -> Any:
        from dataclasses import replace

        strategy, tagged = real_match(strategy, document, codebook, matcher)
        return strategy, replace(tagged, mentions=tuple(m for m in tagged.mentions if m.code != "attache_network"))

    for module in (job, counterfactual):
        monkeypatch.setattr(module, "match", blind)
    for module in (stages, counterfactual):
        monkeypatch.setattr(module, "software", lambda stage: real_software(stage) + ("!" if stage == "match" else ""))
    assert work.process is job.process
    (comparison,) = differences(str(again(corpus)), None)
    found = changes(comparison)
    assert found["GBR", "instrument", "attache_network"].kind == "dropped"
    assert {c.cause for c in found.values()} == {"software of matching"}
    assert comparison.factors["software of matching"] == "differs from today's"
    assert out.is_dir()


@pytest.mark.slow
def test_settings_are_the_cause_when_only_the_sidecar_changed(corpus: Path) -> None:
    again(corpus)
    (corpus / "b.toml").write_text('state = "JPN"\nyear = 2020\nlanguage = "en"\n')
    (comparison,) = differences(str(again(corpus)), None)
    found = changes(comparison)
    assert found["USA", "instrument", "military_exercise"].kind == "dropped"
    assert {c.cause for c in found.values()} == {"settings"}


def test_document_that_cannot_be_read_today_is_no_change_of_policy(corpus: Path) -> None:
    again(corpus)
    (corpus / "a.txt").write_bytes(b"")
    (comparison,) = differences(str(again(corpus)), None)
    assert changes(comparison) == {}
    assert "a.txt: could not be read" in comparison.incomparable[0]


def test_digest_names_withdrawn_documents_and_lumps_those_that_were_never_readable(corpus: Path) -> None:
    (corpus / "broken.txt").write_bytes(b"")
    (corpus / "c.txt").write_text("We held a joint exercise with Japan.")
    (corpus / "c.toml").write_text('state = "AUS"\nyear = 2020\nlanguage = "en"\n')
    again(corpus)
    (corpus / "c.txt").unlink()
    comparisons = differences(str(again(corpus)), None)
    mail = " ".join(telling.digest(comparisons).split())
    assert "No longer among the documents: c.txt" in mail
    assert "New among the documents" not in mail
    assert "could be read neither then nor now" in mail
    assert len(comparisons[0].incomparable) == 1


@pytest.mark.slow
def test_missing_patterns_of_an_old_run_leave_the_cause_unproved(corpus: Path, tmp_path: Path) -> None:
    mine = page(tmp_path / "mine", "some wording that nobody uses")
    out = again(corpus, mine)
    archives = list((out / ".ddextract" / "patterns").rglob("*.zip"))
    page(tmp_path / "mine", "joint exercise with japan")
    again(corpus, mine)
    archives[0].unlink()
    (comparison,) = differences(str(out), None)
    assert {c.cause for c in changes(comparison).values()} == {"unproved"}
    assert "are not stored" in comparison.factors["gaps"]


def test_two_documents_are_compared_with_old_and_new_sentence_side_by_side(tmp_path: Path) -> None:
    write(tmp_path, "old", OLD)
    write(tmp_path, "new", NEW, year=2025)
    (comparison,) = differences(str(tmp_path / "old.txt"), str(tmp_path / "new.txt"))
    found = changes(comparison)
    assert found["GBR", "partner", "NOR"].kind == "added"
    assert {c.cause for c in found.values()} == {"document"}
    whole = compared(comparison.old, comparison.new, states=["GBR"])
    (talks,) = [c for c in whole.changes if c.code == "staff_talks"]
    (pair,) = paired(talks.old.sentences, talks.new.sentences)
    assert (pair.how, pair.old and pair.old.text, pair.new and pair.new.text) == (
        "reworded", "We conduct annual staff talks with France.", "We conduct annual staff talks with France and Norway.",
    )  # fmt: skip


def test_years_of_a_state_are_compared_in_their_order(tmp_path: Path) -> None:
    write(tmp_path / "corpus", "late", NEW, year=2025)
    write(tmp_path / "corpus", "early", OLD, year=2015)
    write(tmp_path / "corpus", "middle", OTHER, year=2020)
    out = again(tmp_path / "corpus")
    comparisons = differences(str(out), None, years=True, state="GBR")
    assert ["2015" in c.old.name and "2020" in c.new.name for c in comparisons] == [True, False]
    assert changes(comparisons[0])["GBR", "instrument", "staff_talks"].kind == "dropped"
    assert changes(comparisons[1])["GBR", "instrument", "staff_talks"].kind == "added"


def test_folder_without_a_second_run_says_so(corpus: Path) -> None:
    with pytest.raises(UsageError, match="nothing to compare it with yet"):
        differences(str(again(corpus)), None)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (Measure(0, 0, 10_000, "absent"), Measure(1, 0, 10_000, "doubtful"), "added"),
        (Measure(3, 0, 10_000, "practised"), Measure(0, 0, 10_000, "absent"), "dropped"),
        (Measure(3, 3, 10_000, "announced"), Measure(3, 1, 10_000, "practised"), "strengthened"),
        (Measure(3, 1, 10_000, "practised"), Measure(3, 3, 10_000, "announced"), "weakened"),
        (Measure(5, 1, 10_000, "practised"), Measure(7, 1, 10_000, "practised"), "steady"),
        (Measure(5, 1, 10_000, "practised"), Measure(25, 1, 10_000, "practised"), "strengthened"),
        (Measure(25, 1, 10_000, "practised"), Measure(25, 1, 100_000, "practised"), "weakened"),
        (Measure(5, 1, 10_000, "practised"), Measure(10, 1, 20_000, "practised"), "steady"),
    ],
)
def test_kind_of_change_rests_on_standing_and_on_rates_beyond_chance(old: Measure, new: Measure, kind: str) -> None:
    assert judged(old, new)[0] == kind


def test_chance_is_the_exact_conditional_test() -> None:
    # 1 of 1 + 9 mentions on half of the words: two-sided binomial, 2 * (1 + 10) / 1024.
    assert judged(Measure(1, 0, 500, "practised"), Measure(9, 0, 500, "practised"))[1] == pytest.approx(22 / 1024)


def test_every_sentence_stands_in_exactly_one_pair() -> None:
    def sentences(*texts: str) -> list[Sentence]:
        return [Sentence(t, "d", None, "current", t) for t in texts]

    pairs = paired(
        sentences("We train officers of Kenya.", "Same words here.", "Quite another thing was said."),
        sentences("Same words here.", "We train officers of Kenya and Jordan.", "Ships visit harbours."),
    )
    assert [p.how for p in pairs] == ["came", "went", "reworded", "same"]


def sample() -> Comparison:
    document = {"id": "d", "issuers": ["GBR"], "state": "GBR", "words": 1000, "outcome": "read", "reason": "", "path": "d.txt"}
    mention = {
        "id": "m", "document": "d", "code": "staff_talks", "counts": True, "partner": [{"iso3": "FRA", "name": "France"}], "objective_codes": [],
        "status": "current", "holder": "self", "score": 0.9, "sentence": "Staff talks <b>& more</b> are held with France.", "text": "Staff talks", "page": 3.0,
    }  # fmt: skip
    return compared(Edition("then", (document,), ()), Edition("now", (document,), (mention,)))


def test_page_escapes_what_documents_say_and_asks_nobody() -> None:
    text = telling.page([sample()])
    assert "&lt;b&gt;&amp; more&lt;/b&gt;" in text
    assert "<b>" not in text
    assert "http" not in text.replace("http-equiv", "")
    assert "p. 3" in text


def test_digest_is_a_mail_of_short_lines() -> None:
    head, _, body = telling.digest([sample()]).partition("\n\n")
    assert head == "Subject: ddextract: 1 instrument change(s) (GBR)"
    assert "GBR: Staff talks added" in " ".join(body.split())
    assert max(map(len, body.splitlines())) <= 78
    assert telling.digest([compared(Edition("a", (), ()), Edition("b", (), ()))]).startswith("Subject: ddextract: nothing changed")


def test_command_writes_page_table_digest_and_record(corpus: Path, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    again(corpus)
    write(corpus, "a", NEW)
    out = again(corpus)
    files = [tmp_path / "d.html", tmp_path / "d.csv", tmp_path / "d.txt"]
    done = CliRunner().invoke(app, ["diff", str(out), "--html", str(files[0]), "--csv", str(files[1]), "--digest", str(files[2]), "--json"])
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["schema"] == "ddextract.diff/1"
    assert {c["cause"] for c in record["comparisons"][0]["changes"]} == {"document"}
    assert [len(f.read_text().splitlines()) > 4 for f in files] == [True, True, True]
