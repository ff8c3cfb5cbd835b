"""The commands text and inspect show what was read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from typer.testing import CliRunner

from ddextract.cli import app
from ddextract.errors import InputError, UsageError

RUN = CliRunner()


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("paper") / "paper.pdf"
    canvas = Canvas(str(path), invariant=1)
    for n in range(1, 5):
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 800, "White Paper 2031")
        canvas.drawString(300, 30, str(n))
        canvas.setFont("Helvetica", 11)
        for i in range(12):
            canvas.drawString(72, 700 - 14 * i, f"The ministry of page {n} sends advisers & teams to the partners of line {i} every year.")
        canvas.showPage()
    canvas.save()
    return path


def shown(*arguments: str) -> str:
    result = RUN.invoke(app, ["text", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_furniture_is_shown_on_demand(paper: Path) -> None:
    assert "White Paper 2031" not in shown(str(paper))
    assert shown(str(paper), "--show", "furniture,footnotes").count("White Paper 2031") == 4


def test_html_marks_kinds_and_escapes(paper: Path) -> None:
    page = shown(str(paper), "--format", "html", "--show", "furniture")
    assert page.startswith("<!doctype html>")
    assert page.count('data-kind="header"') == 4
    assert "advisers &amp; teams" in page
    assert "advisers & teams" not in page


def test_jsonl_gives_every_block_with_its_box(paper: Path) -> None:
    records = [json.loads(line) for line in shown(str(paper), "--format", "jsonl").splitlines()]
    assert sum(r["kind"] == "page_number" for r in records) == 4
    assert all(r["bbox"][0] < r["bbox"][2] and r["bbox"][1] < r["bbox"][3] for r in records)


def test_coverage_counts_characters_of_each_page(paper: Path) -> None:
    lines = shown(str(paper), "--coverage").splitlines()
    assert len(lines) == 5
    assert all("header 14," in line and "page_number 1" in line for line in lines[:4])
    assert "header 56" in lines[4]


def test_unknown_choices_are_refused(paper: Path) -> None:
    for arguments in (["--format", "xml"], ["--show", "pictures"], ["--ocr", "perhaps"]):
        with pytest.raises(UsageError):
            shown(str(paper), *arguments)


def test_inspect_draws_numbered_boxes_and_lists_them(paper: Path, tmp_path: Path) -> None:
    from PIL import Image

    out = tmp_path / "page.png"
    result = RUN.invoke(app, ["inspect", str(paper), "--page", "2", "--png", str(out)])
    assert result.exit_code == 0, result.output
    assert "header" in result.output
    assert "page 2 of 4, printed 2" in result.output
    with Image.open(out) as picture:
        assert (21, 101, 192) in {colour for _, colour in picture.convert("RGB").getcolors(1 << 24)}


def test_inspect_of_a_page_that_is_not_there_says_so(paper: Path) -> None:
    result = RUN.invoke(app, ["inspect", str(paper), "--page", "9"])
    assert isinstance(result.exception, InputError)
    assert "from 1 to 4" in result.exception.remedy
