"""The command line: what a user sees, also when something is wrong. Every case runs the installed command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PAPER = "White Paper of France 2022\n\nFrance holds joint exercises with Germany every year. Nos forces are not named here.\n\nFrance trains officers of partner armies at its staff college.\n"


def ddextract(*arguments: str, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ddextract.cli", *arguments], input=stdin, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.txt"
    path.write_text(PAPER * 5)
    return path


def test_help_loads_no_heavy_library() -> None:
    script = "import sys; from ddextract.cli import app; heavy = {'spacy', 'pandas', 'numpy', 'pdfplumber', 'sklearn', 'pyarrow'} & set(sys.modules); sys.exit(str(heavy) if heavy else 0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        # no such file
        (["run", "nothing.pdf"], 4, "nothing.pdf: no such file, folder or registry id"),
        # a state, a language, a matcher, a command and an option that do not exist
        (["run", "x.pdf", "--state", "frence"], 2, "state 'frence' is not known. Did you mean FRA"),
        (["run", "x.pdf", "--lang", "xx"], 2, "language 'xx' is not known. Known: en, es, fr"),
        (["run", "x.pdf", "--matcher", "magic"], 2, "--matcher magic is not known"),
        (["rnu"], 2, "No such command 'rnu'"),
        (["run", "x.pdf", "--sate", "FRA"], 2, "No such option"),
        (["patterns", "check", "nosuchpage"], 2, "no page 'nosuchpage'"),
        (["run", "usa-2031", "--patterns", "nowhere"], 2, "nowhere: no such folder of patterns"),
        (["run", "usa-2031", "--lists", "nowhere"], 2, "nowhere: no such folder of hand-coded lists"),
        (["text", "nothing.pdf"], 4, "nothing.pdf: no such file"),
    ],
)
def test_user_mistake_is_one_line_with_remedy_and_exit_code(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    done = ddextract(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.pdf", b"", "empty"),
        ("page.pdf", b"<html><body>404 not found</body></html>", "not a PDF"),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Ty", "cut.pdf"),
        ("empty.txt", b"", "empty"),
    ],
)
def test_bad_document_fails_alone(tmp_path: Path, paper: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    out = tmp_path / "out"
    done = ddextract("run", str(paper), str(tmp_path / name), "--state", "FRA", "--year", "2022", "--out", str(out))
    assert done.returncode == 3, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    rows = (out / "documents.csv").read_text()
    assert ",read," in rows
    assert ",failed," in rows
    failures = json.loads((out / "run.json").read_text())["failures"]
    assert [Path(f["path"]).name for f in failures] == [name]


def test_strict_ends_the_run_at_the_first_failure(tmp_path: Path, paper: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"")
    done = ddextract("run", str(tmp_path / "a.pdf"), str(paper), "--state", "FRA", "--strict", "--out", str(tmp_path / "out"))
    assert done.returncode == 4
    assert not (tmp_path / "out" / "mentions.csv").exists()


def test_unwritable_output_is_said_before_any_work(tmp_path: Path, paper: Path) -> None:
    (tmp_path / "out").write_text("a file")
    done = ddextract("run", str(paper), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "is a file, not a folder" in done.stderr


def test_guess_is_stated_and_marked(tmp_path: Path, paper: Path) -> None:
    done = ddextract("run", str(paper), "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "state FRA, year 2022, language en; guessed: language, state, year" in done.stderr
    assert '["language", "state", "year"]' in (tmp_path / "out" / "documents.csv").read_text().replace('""', '"')


def test_best_evidence_quotes_the_words_found_and_names_stay_whole(tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text(
        "White Paper\n\nFor reasons that nobody ever wrote down in any of the earlier papers of this kind, France provides humanitarian assistance and disaster relief.\n"
    )
    done = ddextract("run", str(paper), "--state", "FRA", "--year", "2022", "--out", str(tmp_path / "out"))
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("  Humanitarian assistance and disaster relief ")]
    assert "humanitarian assistance and disaster relief" in line
    assert "For reasons" not in line


def test_quiet_run_prints_nothing(tmp_path: Path, paper: Path) -> None:
    done = ddextract("run", str(paper), "--state", "FRA", "--year", "2022", "--lang", "en", "--quiet", "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_output_holds_every_file_of_the_contract(tmp_path: Path, paper: Path) -> None:
    out = tmp_path / "out"
    ddextract("run", str(paper), "--state", "FRA", "--out", str(out), "--quiet")
    expected = [
        "documents.csv",
        "documents.parquet",
        "mentions.csv",
        "mentions.parquet",
        "profiles.csv",
        "check.csv",
        "items.csv",
        "summary.json",
        "run.json",
        "report/index.html",
    ]
    assert [name for name in expected if not (out / name).is_file()] == []
    assert len(list((out / "text").glob("*.txt"))) == 1
    assert not list(out.rglob(".*"))


@pytest.mark.slow
def test_two_runs_give_the_same_bytes_but_for_run_json(tmp_path: Path, paper: Path) -> None:
    for name in ("a", "b"):
        ddextract("run", str(paper), "--state", "FRA", "--out", str(tmp_path / name), "--quiet")
    files = {p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file()} - {Path("run.json")}
    assert files
    assert [str(f) for f in sorted(files) if (tmp_path / "a" / f).read_bytes() != (tmp_path / "b" / f).read_bytes()] == []


def test_mentions_quote_the_text_they_point_to(tmp_path: Path) -> None:
    import pandas as pd

    out = tmp_path / "out"
    ddextract("run", "usa-2031", "--out", str(out), "--quiet")
    mentions = pd.read_parquet(out / "mentions.parquet")
    text = (out / "text" / "usa-2031.txt").read_text(encoding="utf-8")
    assert len(mentions) > 50
    assert all(text[a:b] == quoted for a, b, quoted in zip(mentions["start"], mentions["end"], mentions["text"], strict=True))
    instruments = mentions[mentions["label"] == "INSTRUMENT"]
    assert all(json.loads(boxes) for boxes in instruments["boxes"])
    assert instruments["page"].notna().all()


def test_tag_lines_gives_one_line_per_line_in_order_empty_ones_too() -> None:
    lines = ["We hold joint exercises with Norway.", "", "  ", "Nothing here…", "Ünïcödé — joint exercises with Norway. 🙂 Joint exercises with Peru."]
    done = ddextract("tag", "-", "--lines", "--state", "GBR", stdin="\n".join(lines) + "\n")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["text"] for r in records] == lines
    assert all(r["text"][m["start"] : m["end"]] == m["text"] for r in records for m in r["mentions"])
    assert [m["code"] for m in records[4]["mentions"] if m["label"] == "INSTRUMENT"] == ["military_exercise", "military_exercise"]


def test_tag_gives_the_fields_of_the_contract() -> None:
    done = ddextract("tag", "-", "--lines", "--state", "GBR", stdin="We hold joint exercises with Norway.\n")
    mention = next(m for m in json.loads(done.stdout)["mentions"] if m["label"] == "INSTRUMENT")
    assert set(mention) == {
        "id", "label", "code", "start", "end", "text", "sentence", "sentence_start", "name", "iso3", "holder", "agent", "status", "ladder", "partner",
        "objectives", "figures", "times", "score", "matcher", "rule", "cues", "counts", "reason",
    }  # fmt: skip
    assert mention["partner"][0]["iso3"] == "NOR"


def test_tag_reads_objects_with_previous_as_context_only() -> None:
    line = json.dumps({"text": "They train together.", "previous": "We hold joint exercises with Norway."})
    done = ddextract("tag", "-", "--lines", "--jsonl", "--state", "GBR", stdin=line + "\n")
    assert json.loads(done.stdout)["text"] == "They train together."


def test_tag_without_lines_gives_one_object_per_sentence() -> None:
    text = "We hold joint exercises. We visit Oslo.\n\nThe end."
    done = ddextract("tag", "-", stdin=text)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["text"] for r in records] == ["We hold joint exercises.", "We visit Oslo.", "The end."]
    assert all(text[r["start"] : r["start"] + len(r["text"])] == r["text"] for r in records)


def test_text_shows_a_block_per_line_and_jsonl_its_place() -> None:
    source = str(Path(__file__).parents[1] / "corpus" / "specimen" / "gbr-2031.pdf")
    plain = ddextract("text", source).stdout.splitlines()
    blocks = [json.loads(line) for line in ddextract("text", source, "--format", "jsonl").stdout.splitlines()]
    assert {"kind", "page", "bbox", "text"} <= set(blocks[0])
    assert {b["kind"] for b in blocks} >= {"paragraph", "heading", "list_item", "table_cell", "footnote", "header"}
    assert 0 < len(plain) < len(blocks)


def test_doctor_names_what_is_installed() -> None:
    done = ddextract("doctor")
    assert done.returncode == 0, done.stdout
    assert "ok   spacy" in done.stdout


def test_closed_pipe_is_no_fault() -> None:
    command = f'"{sys.executable}" -m ddextract.cli corpus list | head -1'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, env={**os.environ})
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_new_page_is_proved_and_found_by_a_scholar(tmp_path: Path) -> None:
    made = ddextract("patterns", "new", "sport_diplomacy", "--patterns", str(tmp_path / "mine"))
    assert made.returncode == 0, made.stderr
    checked = ddextract("patterns", "check", "sport_diplomacy", "--patterns", str(tmp_path / "mine"))
    assert checked.returncode == 0, checked.stdout
    tagged = ddextract("tag", "-", "--lines", "--patterns", str(tmp_path / "mine"), stdin="We practise sport diplomacy.\n")
    assert "sport_diplomacy" in tagged.stdout


def test_interruption_is_told_in_one_line(tmp_path: Path) -> None:
    script = "import ddextract.cli as cli, ddextract.refresh as refresh\ndef stop(*a, **k): raise KeyboardInterrupt\nrefresh.find_inputs = stop\ncli.main()"
    (tmp_path / "a.txt").write_text("We train officers.")
    command = [sys.executable, "-c", script]
    done = subprocess.run([*command, "refresh", str(tmp_path / "a.txt"), "--out", str(tmp_path / "out")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "interrupted; results that were complete are kept\n")
