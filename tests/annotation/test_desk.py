"""The ``annotate`` commands from end to end, and what they say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ddextract.annotation.gold import Coder, GoldInstrument, GoldSentence, gold_line, read_gold
from ddextract.cli import app

TEXT = "We hold joint exercises with Japan."


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    start = TEXT.index("joint")
    mention = GoldInstrument(start=start, end=start + 15, code="military_exercise", holder="joint", status="current")
    sentence = GoldSentence(
        id="1", document="authored/en-a", text=TEXT, split="authored", language="en", instruments=(mention,), coder=Coder(id="a", kind="model"), round="raw"
    )
    path = tmp_path / "gold.jsonl"
    path.write_text(gold_line(sentence) + "\n")
    return path


def run(*args: object) -> str:
    result = CliRunner().invoke(app, ["annotate", *map(str, args)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", ["jsonl", "docbin", "prodigy", "doccano", "label-studio", "inception", "brat", "csv"])
def test_export_and_import(name: str, gold: Path, tmp_path: Path) -> None:
    assert "1 sentences" in run("export", tmp_path / "out.x", "--format", name, "--gold", gold)
    run("import", tmp_path / "out.x", tmp_path / "back.jsonl", "--format", name)
    assert (tmp_path / "back.jsonl").read_bytes() == gold.read_bytes()


def test_blank_export_and_import_by_a_person(gold: Path, tmp_path: Path) -> None:
    run("export", tmp_path / "out.csv", "--gold", gold, "--blank")
    run("import", tmp_path / "out.csv", tmp_path / "back.jsonl", "--coder", "anna")
    (sentence,) = read_gold(tmp_path / "back.jsonl")
    assert (sentence.coder.id, sentence.coder.kind, sentence.instruments) == ("anna", "human", ())


def test_agree_says_who_and_lists_differences(gold: Path, tmp_path: Path) -> None:
    run("export", tmp_path / "out.csv", "--gold", gold, "--blank")
    run("import", tmp_path / "out.csv", tmp_path / "back.jsonl", "--coder", "anna")
    said = run("agree", gold, tmp_path / "back.jsonl", "--disagreements", tmp_path / "differ.tsv")
    assert "a against anna (model and human coders)" in said
    assert (tmp_path / "differ.tsv").read_text().splitlines()[1] == f"1\tmilitary_exercise\t-\t{TEXT}"
    assert json.loads(run("agree", gold, gold, "--json"))["spans"]["exact"] == 1.0


def test_sample_import_and_reanchor(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    paper = folder / "paper.txt"
    paper.write_text("\n\n".join(f"In the year {k} our forces trained with partners abroad." for k in range(30)))
    run("sample", paper, "--out", tmp_path / "s.csv", "--count", 9, "--lang", "en", "--documents", folder)
    run("import", tmp_path / "s.csv", tmp_path / "s.jsonl", "--coder", "anna", "--documents", folder)
    assert len(read_gold(tmp_path / "s.jsonl")) == 9
    paper.write_text("A word before.\n\n" + paper.read_text())
    said = run("reanchor", tmp_path / "s.jsonl", "--documents", folder, "--out", tmp_path / "new.jsonl")
    assert "9 moved" in said
    assert [s.start - o.start for s, o in zip(read_gold(tmp_path / "new.jsonl"), read_gold(tmp_path / "s.jsonl"), strict=True)] == [16] * 9


def test_a_new_span_on_a_real_document_is_anchored(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "paper.txt").write_text("\n\n".join(f"In the year {k} our forces trained with partners abroad." for k in range(9)))
    run("sample", folder / "paper.txt", "--out", tmp_path / "s.csv", "--count", 9, "--lang", "en", "--documents", folder)
    rows = (tmp_path / "s.csv").read_text(encoding="utf-8-sig").splitlines()
    rows[1] = rows[1].replace('"","","","","","","","","",""', '"INSTRUMENT","education_training","trained with partners","self","past","","","","",""', 1)
    (tmp_path / "s.csv").write_text("\n".join(rows) + "\n")
    run("import", tmp_path / "s.csv", tmp_path / "s.jsonl", "--coder", "anna", "--documents", folder)
    (mention,) = read_gold(tmp_path / "s.jsonl")[0].instruments
    assert mention.hash
    assert mention.before
    assert "kept" in run("reanchor", tmp_path / "s.jsonl", "--documents", folder)
