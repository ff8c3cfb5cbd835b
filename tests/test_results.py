"""What is made of a run: workbook, briefs, evidence PDF, SQLite, JSON Lines, and the commands for them."""

from __future__ import annotations

import io
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas
from typer.testing import CliRunner

from ddextract.cli import app
from ddextract.codebook import Codebook
from ddextract.errors import InputError, UsageError
from ddextract.job import run
from ddextract.output import write_run
from ddextract.profile import PORTFOLIO_COLUMNS
from ddextract.report.brief import PAGES, Part, as_markdown, as_pdf
from ddextract.report.evidence_pdf import highlighted
from ddextract.saved import read_run
from ddextract.tables import xlsx_bytes

runner = CliRunner()


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on two specimens."""
    folder = tmp_path_factory.mktemp("run")
    write_run(run(["fra-2031", "gbr-2031"]), folder)
    return folder


def invoke(*arguments: object) -> str:
    result = runner.invoke(app, [str(a) for a in arguments])
    assert result.exit_code == 0, f"{result.output} {result.exception}"
    return result.output


# --- tables


def test_workbooks_freeze_their_headers_and_are_settled(out: Path) -> None:
    book = openpyxl.load_workbook(out / "profiles.xlsx")
    assert book.sheetnames == ["profiles", "adjacent", "spread", "matrix"]
    assert book["profiles"].freeze_panes == "C2"
    assert book["profiles"].max_row == 1 + 2 * 23
    frame = pd.DataFrame({"a": ["=1+1", "x\x01y"], "b": [1.5, None]})
    first = xlsx_bytes({"s": frame})
    assert first == xlsx_bytes({"s": frame})
    cells = openpyxl.load_workbook(io.BytesIO(first))["s"]
    assert (cells["A2"].value, cells["A2"].data_type) == ("=1+1", "s")
    assert cells["A3"].value == "x y"
    sheet = openpyxl.load_workbook(out / "reconciliation.xlsx")["reconciliation"]
    assert {v.formula1 for v in sheet.data_validations.dataValidation} == {'"has,has not,undecided"', '"yes,no"'}


def test_profiles_come_by_document_and_year_and_for_policy_portfolios(out: Path) -> None:
    documents, years = pd.read_csv(out / "profiles_documents.csv"), pd.read_csv(out / "profiles_years.csv")
    states = pd.read_csv(out / "profiles.csv")
    assert set(documents["document"]) == {"fra-2031", "gbr-2031"}
    for table in (documents, years):
        assert table["counting_mentions"].sum() == states["counting_mentions"].sum()
    portfolio = pd.read_csv(out / "portfolio.csv")
    assert tuple(portfolio.columns) == PORTFOLIO_COLUMNS
    assert set(portfolio["covered"]) == {0, 1}
    assert len(portfolio) == 2 * 23 * 16
    present = states[states["counting_mentions"] > 0][["state", "code"]].apply(tuple, axis=1)
    covered = portfolio[portfolio["covered"] == 1][["Country", "Instrument"]].apply(tuple, axis=1)
    assert set(present) == set(covered)


def test_the_adjacent_area_stands_beside_with_its_row_of_table_one(out: Path) -> None:
    table = pd.read_csv(out / "adjacent.csv").set_index(["state", "code"])
    assert table.loc[("FRA", "deterrence"), "area"] == "security and peacekeeping"
    assert table["counting_mentions"].sum() > 0


def test_every_state_has_a_probability_and_a_recorded_rule(out: Path) -> None:
    profiles = pd.read_csv(out / "profiles.csv")
    assert profiles["probability"].between(0, 1).all()
    assert (profiles["probability_low"] <= profiles["probability"]).all()
    assert (profiles["probability"] <= profiles["probability_high"]).all()
    found, none = (profiles[(profiles["counting_mentions"] > 0) == wanted]["probability"] for wanted in (True, False))
    assert not len(none) or found.min() > none.max()
    assert profiles["evidence_rule"].str.contains("2 counting mentions").all()


# --- commands


def test_profile_command_writes_other_formats(out: Path, tmp_path: Path) -> None:
    rows = json.loads(invoke("profile", out, "--by", "document", "--format", "json", "--state", "fra"))["profiles"]
    assert {r["document"] for r in rows} == {"fra-2031"}
    strict = json.loads(invoke("profile", out, "--format", "json", "--min-mentions", "1000"))["profiles"]
    usual = json.loads(invoke("profile", out, "--format", "json"))["profiles"]
    assert sum(r["present"] == "present" for r in strict) < sum(r["present"] == "present" for r in usual)
    for form in ("xlsx", "parquet", "portfolio", "csv"):
        invoke("profile", out, "--format", form, "--out", tmp_path / f"p.{form}")
    assert len(pd.read_parquet(tmp_path / "p.parquet")) == 46
    assert runner.invoke(app, ["profile", str(out), "--state", "POL"]).exit_code != 0


def test_compare_command_prints_and_writes(out: Path, tmp_path: Path) -> None:
    record = json.loads(invoke("compare", out, "--json", "--shuffles", 20, "--out", tmp_path))
    assert record["states"] == ["FRA", "GBR"]
    assert record["universal_model"][0]["source"] == "the documents"
    assert (tmp_path / "comparison.xlsx").is_file()
    printed = invoke("compare", "--shuffles", 20)
    assert "lists: everything listed: does not hold" in printed


def test_report_command_finds_the_report_and_writes_briefs(out: Path, tmp_path: Path) -> None:
    assert invoke("report", out).strip() == str(out / "report" / "index.html")
    invoke("report", out, "--format", "md", "--state", "fra", "--out", tmp_path)
    text = (tmp_path / "FRA.md").read_text(encoding="utf-8")
    assert text.startswith("# France: instruments of defence diplomacy\n")
    for heading in ("## Profile", "## With whom, for what, by whom", "## Against the hand-coded list", "## Among the states read", "## Best evidence"):
        assert heading in text
    invoke("report", out, "--format", "pdf", "--out", tmp_path)
    for state in ("FRA", "GBR"):
        reader = PdfReader(tmp_path / f"{state}.pdf")
        assert 1 <= len(reader.pages) <= PAGES
    assert "Côte d'Ivoire" in "".join(p.extract_text() for p in PdfReader(tmp_path / "FRA.pdf").pages)
    assert runner.invoke(app, ["report", str(tmp_path)]).exit_code != 0


def test_a_long_brief_gives_up_quotations_to_fit() -> None:
    def version(quotations: int) -> list[Part]:
        return [Part("title", "T"), Part("heading", "H"), *[Part("quotation", "word " * 60, "source")] * quotations]

    data, pages = as_pdf([version(100), version(60), version(4)])
    assert pages == len(PdfReader(io.BytesIO(data)).pages) <= PAGES


def test_a_brief_in_markdown_takes_nothing_for_mark_up() -> None:
    text = as_markdown([Part("paragraph", "a *b* <script> [x](y) | z")])
    assert text == "a \\*b\\* \\<script\\> \\[x\\](y) \\| z\n"


# --- evidence PDF


def test_highlights_stand_on_the_words_whichever_way_the_page_is_turned(codebook: Codebook, tmp_path: Path) -> None:
    plain = tmp_path / "plain.pdf"
    canvas = Canvas(str(plain), pagesize=(595, 842))
    # Lines that are alike on every page would be taken for its head.
    for country, number in (("Mali", "forty"), ("Ghana", "fifty"), ("Kenya", "sixty"), ("Senegal", "seventy")):
        canvas.setFont("Helvetica", 12)
        canvas.drawString(90, 600, f"We train the officers of {country} in our staff college every year, and we do")
        canvas.drawString(90, 580, f"more. Our defence attaches serve in {number} capitals near {country} today.")
        canvas.showPage()
    canvas.save()
    turned = tmp_path / "turned.pdf"
    writer = PdfWriter(clone_from=PdfReader(plain))
    for k, page in enumerate(writer.pages):
        page.cropbox.lower_left, page.cropbox.upper_right = (20, 30), (580, 820)
        page.rotate(90 * k)
    writer.write(turned)
    for path in (plain, turned):
        result = run([path], state="FRA", year=2020, language="en")
        assert not result.failures
        mentions = result.results[0].mentions
        data, number = highlighted(path, mentions, codebook)
        assert number > 0
        copy = pypdfium2.PdfDocument(data)
        notes = 0
        for page, source in zip(copy, PdfReader(io.BytesIO(data)).pages, strict=True):
            text = page.get_textpage()
            for annotation in source.get("/Annots", ()):
                mark = annotation.get_object()
                assert mark["/Subtype"] == "/Highlight"
                mention = next(m for m in mentions if m.id == mark["/NM"])
                assert mention.code in mark["/Contents"]
                left, low, right, high = (float(v) for v in mark["/Rect"])
                under = text.get_text_bounded(left - 1, low - 1, right + 1, high + 1)
                assert mention.text.split()[0] in under, (path.name, mention.page, mention.text, under)
                notes += 1
        assert notes == number


def test_highlight_command_and_its_faults(tmp_path: Path, root: Path) -> None:
    printed = invoke("highlight", root / "corpus" / "specimen" / "fra-2031.pdf", "--out", tmp_path / "x.pdf")
    assert printed.strip().endswith("highlights")
    assert PdfReader(tmp_path / "x.pdf").pages
    (tmp_path / "a.txt").write_text("text", encoding="utf-8")
    for arguments, fault in (((tmp_path / "a.txt",), InputError), ((tmp_path / "x.pdf", "--out", tmp_path / "x.pdf"), UsageError)):
        result = runner.invoke(app, ["highlight", *map(str, arguments)])
        assert isinstance(result.exception, fault)


# --- export


def test_sqlite_has_keys_full_text_and_views(out: Path, tmp_path: Path) -> None:
    invoke("export", out, "--sqlite", tmp_path / "run.db", "--jsonl", tmp_path / "run.jsonl")
    connection = sqlite3.connect(tmp_path / "run.db")
    mentions = pd.read_csv(out / "mentions.csv")
    assert connection.execute("SELECT count(*) FROM mentions").fetchone()[0] == len(mentions)
    # Without marks over letters, as people type.
    query = "SELECT count(*) FROM mentions_fts WHERE mentions_fts MATCH 'attaches'"
    assert connection.execute(query).fetchone()[0] >= mentions["sentence"].str.contains("attachés").sum() > 0
    assert connection.execute("SELECT count(*) FROM evidence").fetchone()[0] == int(mentions["counts"].sum())
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    state, number = connection.execute("SELECT state, sum(counting_mentions) FROM instruments_by_state GROUP BY state ORDER BY state").fetchone()
    profiles = pd.read_csv(out / "profiles.csv")
    assert number == profiles[profiles["state"] == state]["counting_mentions"].sum()
    connection.close()
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(lines) == len(mentions)
    assert isinstance(lines[0]["boxes"], list)
    assert {line["document_state"] for line in lines} == {"FRA", "GBR"}


def test_reconcile_command_reads_the_sheet_of_the_run_back(out: Path, tmp_path: Path) -> None:
    assert "scholar probably left it out" in invoke("reconcile", out)
    sheet = pd.read_csv(out / "reconciliation.csv", dtype=str, keep_default_na=False)
    row = sheet.index[(sheet["state"] == "FRA") & (sheet["for_mention"] != "")][0]
    sheet.loc[row, ["verdict", "sentence_checked"]] = ["has", "yes"]
    sheet.to_csv(tmp_path / "filled.csv", index=False)
    printed = invoke("reconcile", out, "--sheet", tmp_path / "filled.csv", "--lists-out", tmp_path / "lists", "--gold-out", tmp_path / "gold.jsonl")
    assert "1 verdicts" in printed
    assert "1 sentences" in printed
    assert "reconciled" in (tmp_path / "lists" / "FRA.toml").read_text(encoding="utf-8")
    evaluated = runner.invoke(app, ["evaluate", "--gold", str(tmp_path / "gold.jsonl"), "--json"])
    assert evaluated.exit_code == 0
    assert json.loads(evaluated.output)["sets"][0]["tables"]["instruments, sentence"][0]["f1"] == 1.0


def test_reliability_command_shows_the_figures_in_force() -> None:
    assert "precision" in invoke("reliability")


def test_a_run_is_read_back_as_it_was(out: Path) -> None:
    saved = read_run(str(out))
    assert saved.states == ["FRA", "GBR"]
    assert set(saved.texts) == {"fra-2031", "gbr-2031"}
    mention = saved.mentions.iloc[0]
    assert saved.texts[mention["document"]][mention["start"] : mention["end"]] == mention["text"]
    with pytest.raises(UsageError, match="holds no documents"):
        read_run(out / "report")


def test_help_stays_light() -> None:
    code = "import sys; from ddextract.cli import app; heavy = {'matplotlib', 'scipy', 'pandas', 'openpyxl', 'reportlab', 'pypdf'} & set(sys.modules); print(heavy)"
    done: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
