"""Refreshing: what is done again and why, and that nothing is lost, whatever happens on the way."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ddextract.batch import engines, stages
from ddextract.batch.ledger import Ledger, locked
from ddextract.batch.places import LocalPlace
from ddextract.errors import BusyError, DataError, ExitCode, InputError, OutputError
from ddextract.job import Settings, run
from ddextract.output import write_run
from ddextract.profile import EvidenceRule
from ddextract.refresh import Refreshed, Request, refresh

Tree = Callable[[Path], dict[str, str]]


def again(corpus: Path, out: Path, **changes: object) -> Refreshed:
    settings = changes.pop("settings", Settings())
    return refresh(Request((str(corpus),), str(out), settings, **changes))  # type: ignore[arg-type]


def actions(done: Refreshed) -> dict[str, str]:
    return {s.strategy.path.name: s.action for s in done.steps}


def reasons(done: Refreshed, name: str) -> str:
    return "; ".join(next(s.reasons for s in done.steps if s.strategy.path.name == name))


def test_refresh_writes_the_same_bytes_as_the_main_job(corpus: Path, tmp_path: Path, results: Tree) -> None:
    done = again(corpus, tmp_path / "a")
    write_run(run([corpus]), tmp_path / "b")
    assert done.exit_code == ExitCode.OK
    assert len(results(tmp_path / "a")) > 30
    assert results(tmp_path / "a") == results(tmp_path / "b")


def test_unchanged_work_is_not_done_again(corpus: Path, out: Path, tmp_path: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in (out).rglob("*.html")}
    done = again(corpus, out)
    assert set(actions(done).values()) == {"keep"}
    assert (done.assembled, done.changed) == ("", [])
    assert {p: p.stat().st_mtime_ns for p in (out).rglob("*.html")} == before


def test_one_changed_document_is_the_only_one_read(corpus: Path, out: Path, tmp_path: Path, results: Tree) -> None:
    (corpus / "paper-1.txt").write_text("We hold annual staff talks with Norway. We no longer train officers of Belarus.")
    done = again(corpus, out)
    assert {k: v for k, v in actions(done).items() if v != "keep"} == {"paper-1.txt": "read"}
    assert "content changed" in reasons(done, "paper-1.txt")
    again(corpus, tmp_path / "fresh")
    assert results(out) == results(tmp_path / "fresh")


@pytest.mark.slow
def test_changed_code_page_reruns_matching_only_and_is_named(corpus: Path, tmp_path: Path, results: Tree) -> None:
    own = tmp_path / "mine"
    page = own / "instruments" / "staff_talks.toml"
    page.parent.mkdir(parents=True)
    wording = 'extends = true\n\n[[phrasing.en]]\nmatch = ["{}"]\nexamples = ["x"]\n'
    page.write_text(wording.format("annual gathering"))
    settings = Settings(patterns=(own,))
    again(corpus, tmp_path / "out", settings=settings)
    page.write_text(wording.format("joint exercise"))
    done = again(corpus, tmp_path / "out", settings=settings)
    assert set(actions(done).values()) == {"match"}
    assert reasons(done, "paper-0.txt") == "the patterns changed: 1:instruments/staff_talks.toml"
    again(corpus, tmp_path / "fresh", settings=settings)
    assert results(tmp_path / "out") == results(tmp_path / "fresh")


@pytest.mark.slow
def test_changed_sidecar_reruns_matching_of_its_document(corpus: Path, out: Path, tmp_path: Path) -> None:
    (corpus / "paper-1.toml").write_text('state = "NZL"\nyear = 2021\nlanguage = "en"\n')
    done = again(corpus, out)
    assert {k: v for k, v in actions(done).items() if v != "keep"} == {"paper-1.txt": "match"}
    assert reasons(done, "paper-1.txt") == "what is known of it changed"


@pytest.mark.slow
def test_changed_rule_of_evidence_reruns_no_document(corpus: Path, out: Path, tmp_path: Path) -> None:
    done = again(corpus, out, settings=Settings(evidence=EvidenceRule(mentions=9, score=1.1)))
    assert set(actions(done).values()) == {"keep"}
    assert done.assembled == "changed: settings"
    assert "profiles.csv" in done.changed


@pytest.mark.slow
@pytest.mark.parametrize(("stage", "action"), [("read", "read"), ("match", "match")])
def test_changed_software_of_a_stage_reruns_that_stage(
    corpus: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, action: str
) -> None:
    real = stages.software
    monkeypatch.setattr(stages, "software", lambda name: real(name) + ("changed" if name == stage else ""))
    done = again(corpus, out)
    assert set(actions(done).values()) == {action}
    assert "the software of this stage changed" in reasons(done, "paper-0.txt")


def test_changed_model_reruns_matching(corpus: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    present = stages.models()
    monkeypatch.setattr(stages, "models", lambda: {**present, "en/weights.bin": "0" * 64})
    done = again(corpus, out)
    assert set(actions(done).values()) == {"match"}
    assert reasons(done, "paper-0.txt") == "a model changed: en/weights.bin"


def test_every_module_that_reads_or_matches_is_in_the_software_of_a_stage() -> None:
    followed = {name for stage in stages.ROOTS for name in stages.sources(stage)}
    package = stages.PACKAGE
    for room in ("reading", "matching", "report"):
        for path in (package / room).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                assert path.relative_to(package).as_posix() in followed
    assert {"tagging.py", "identity.py", "codebook.py", "document.py", "profile.py", "tables.py", "lists.py", "job.py"} <= followed


def test_dry_run_says_what_and_why_and_changes_nothing(corpus: Path, tmp_path: Path) -> None:
    done = again(corpus, tmp_path / "out", dry_run=True)
    assert set(actions(done).values()) == {"read"}
    assert reasons(done, "printed.pdf") == "new"
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_document_that_went_away_leaves_the_results_and_is_named(corpus: Path, out: Path, tmp_path: Path, results: Tree) -> None:
    (corpus / "paper-2.txt").unlink()
    done = again(corpus, out)
    assert [Path(p).name for p in done.gone] == ["paper-2.txt"]
    assert "1 gone" in done.summary
    again(corpus, tmp_path / "fresh")
    assert results(out) == results(tmp_path / "fresh")


@pytest.mark.slow
def test_a_night_without_any_input_leaves_the_results_as_they_are(corpus: Path, tmp_path: Path, results: Tree) -> None:
    refresh(Request((str(corpus),), str(tmp_path / "out")))
    before = results(tmp_path / "out")
    corpus.rename(tmp_path / "unmounted")
    corpus.mkdir()
    with pytest.raises(InputError, match="none of the 4 documents of the last refresh; its results stay") as failed:
        refresh(Request((str(corpus),), str(tmp_path / "out")))
    assert failed.value.exit_code == ExitCode.ALL_FAILED
    assert results(tmp_path / "out") == before


def test_document_that_goes_away_while_it_is_read_is_a_failure_and_tried_again(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = engines.do

    def vanish(task: engines.Task) -> dict[str, object]:
        if task.strategy.path.name == "paper-1.txt" and task.strategy.path.exists():
            task.strategy.path.rename(corpus / "away.bin")
        return real(task)

    monkeypatch.setattr(engines, "do", vanish)
    done = again(corpus, tmp_path / "out")
    assert done.exit_code == ExitCode.SOME_FAILED
    assert "went away" in done.failures[0].cause
    monkeypatch.undo()
    (corpus / "away.bin").rename(corpus / "paper-1.txt")
    done = again(corpus, tmp_path / "out")
    assert done.exit_code == ExitCode.OK
    assert {k: v for k, v in actions(done).items() if v != "keep"} == {"paper-1.txt": "read"}


@pytest.mark.slow
def test_document_that_changes_while_it_is_read_is_not_taken_for_what_it_was(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = engines.do

    def change(task: engines.Task) -> dict[str, object]:
        if task.strategy.path.name == "paper-1.txt":
            task.strategy.path.write_text("Another text about nothing at all, long enough to be read as English by anybody.")
        return real(task)

    monkeypatch.setattr(engines, "do", change)
    done = again(corpus, tmp_path / "out")
    assert "changed while it was being read" in done.failures[0].cause


def test_broken_document_fails_alone_and_is_not_read_again(corpus: Path, tmp_path: Path) -> None:
    (corpus / "broken.pdf").write_bytes(b"%PDF-1.7\nthis is no PDF")
    first = again(corpus, tmp_path / "out")
    second = again(corpus, tmp_path / "out")
    assert first.exit_code == second.exit_code == ExitCode.SOME_FAILED
    assert [f.path for f in first.failures] == [f.path for f in second.failures]
    assert actions(second)["broken.pdf"] == "keep"
    rows = (tmp_path / "out" / "documents.csv").read_text().splitlines()
    assert len(rows) == 6
    assert sum(",failed," in row for row in rows) == 1


@pytest.mark.slow
def test_failure_that_may_pass_is_tried_again(corpus: Path, tmp_path: Path) -> None:
    slow = again(corpus, tmp_path / "out", settings=Settings(seconds=0.0))
    assert slow.exit_code == ExitCode.ALL_FAILED
    done = again(corpus, tmp_path / "out")
    assert done.exit_code == ExitCode.OK
    assert reasons(done, "paper-0.txt") == "it failed before and is tried again"


def test_malformed_pattern_ends_the_run_and_old_results_stay(corpus: Path, out: Path, tmp_path: Path, results: Tree) -> None:
    own = tmp_path / "mine" / "instruments"
    own.mkdir(parents=True)
    (own / "staff_talks.toml").write_text("extends = true\n")
    settings = Settings(patterns=(tmp_path / "mine",))
    before = results(out)
    with pytest.raises(DataError, match=r"staff_talks\.toml"):
        again(corpus, out, settings=settings)
    assert results(out) == before
    assert Ledger(LocalPlace(out / ".ddextract")).entries()[-1]["outcome"] == "failed"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["read", "match"])
def test_damaged_store_is_noticed_and_made_anew(corpus: Path, out: Path, tmp_path: Path, results: Tree, kind: str) -> None:
    before = results(out)
    for path in (out / ".ddextract" / kind).rglob("*.*"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
    (out / "summary.json").unlink()
    done = again(corpus, out)
    assert done.exit_code == ExitCode.OK
    assert done.damaged
    assert results(out) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mentions.csv", "report/index.html", "datapackage.json"])
def test_damaged_or_missing_result_is_made_anew(corpus: Path, out: Path, tmp_path: Path, results: Tree, name: str) -> None:
    before = results(out)
    (out / name).write_text("damaged")
    done = again(corpus, out)
    assert set(actions(done).values()) == {"keep"}
    assert results(out) == before
    assert name == "datapackage.json" or name in done.changed


def test_second_refresh_at_the_same_time_is_refused(corpus: Path, out: Path, tmp_path: Path) -> None:
    with locked(LocalPlace(out / ".ddextract")), pytest.raises(BusyError, match=f"process {os.getpid()}"):
        again(corpus, out)
    assert again(corpus, out).exit_code == ExitCode.OK


@pytest.mark.slow
def test_lock_goes_with_a_process_that_is_killed(corpus: Path, out: Path, tmp_path: Path) -> None:
    script = f"""
import time
from pathlib import Path
from ddextract.batch.ledger import locked
from ddextract.batch.places import LocalPlace
with locked(LocalPlace(Path({str(out / ".ddextract")!r}))):
    print("held", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BusyError):
            again(corpus, out)
        holder.kill()
    assert again(corpus, out).exit_code == ExitCode.OK


@pytest.mark.parametrize("point", [1, 4, 9])
def test_full_disk_ends_the_run_with_one_line_and_old_results_stay(
    corpus: Path, out: Path, tmp_path: Path, results: Tree, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    before = results(out)
    for i in range(3):
        (corpus / f"more-{i}.txt").write_text(f"We hold staff talks with Norway, round {i}. We train officers of Kenya.")
        (corpus / f"more-{i}.toml").write_text('state = "NOR"\nyear = 2020\nlanguage = "en"\n')
    real, count = os.fsync, 0

    def full(handle: int) -> None:
        nonlocal count
        count += 1
        if count > point:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        again(corpus, out)
    assert results(out) == before
    monkeypatch.undo()
    assert again(corpus, out).exit_code == ExitCode.OK
    again(corpus, tmp_path / "fresh")
    assert results(out) == results(tmp_path / "fresh")


def test_folder_that_cannot_be_written_is_told_before_any_work(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        again(corpus, tmp_path / "file")
    if os.geteuid() == 0:
        return
    (tmp_path / "shut").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="cannot be written"):
        again(corpus, tmp_path / "shut")


@pytest.mark.slow
def test_ledger_tells_every_run_also_one_that_was_cut_off(corpus: Path, out: Path, tmp_path: Path) -> None:
    ledger = Ledger(LocalPlace(out / ".ddextract"))
    ledger.write(event="begun", run=2, process=1)
    path = out / ".ddextract" / "ledger.jsonl"
    path.write_bytes(path.read_bytes() + b'{"schema": "ddextract.led')
    done = again(corpus, out)
    assert (done.run, done.interrupted) == (3, [2])
    assert [(e["event"], e["run"]) for e in ledger.entries()] == [("begun", 1), ("ended", 1), ("begun", 2), ("begun", 3), ("ended", 3), ("noted", 2)]
    assert again(corpus, out).interrupted == []


def test_jobs_give_the_same_bytes(corpus: Path, tmp_path: Path, results: Tree) -> None:
    again(corpus, tmp_path / "one")
    again(corpus, tmp_path / "two", settings=Settings(jobs=2))
    assert results(tmp_path / "one") == results(tmp_path / "two")


REAL = engines.do
VICTIM = "paper-1.txt"
MARK: list[Path] = []


def die_once(task: engines.Task) -> dict[str, object]:
    """Kill the worker the first time that it meets the victim."""
    if task.strategy.path.name == VICTIM and not MARK[-1].exists():
        MARK[-1].touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return REAL(task)


def die(task: engines.Task) -> dict[str, object]:
    """Kill the worker every time that it meets the victim."""
    if task.strategy.path.name == VICTIM:
        os.kill(os.getpid(), signal.SIGKILL)
    return REAL(task)


def dawdle(task: engines.Task) -> dict[str, object]:
    """Take the victim quickly and all others for ever."""
    if task.strategy.path.name != VICTIM:
        time.sleep(120)
    return REAL(task)


def test_interruption_ends_the_workers_at_once_and_the_ledger_calls_it_one(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "do", dawdle)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        refresh(Request((str(corpus),), str(tmp_path / "out"), Settings(jobs=2)), stop)
    assert time.monotonic() - begun < 60
    assert Ledger(LocalPlace(tmp_path / "out" / ".ddextract")).entries()[-1]["outcome"] == "interrupted"


def test_dry_run_counts_the_documents_that_are_known_to_fail(corpus: Path, tmp_path: Path) -> None:
    (corpus / "paper-1.txt").write_bytes(b"")
    assert len(again(corpus, tmp_path / "out").failures) == 1
    assert [Path(f.path).name for f in again(corpus, tmp_path / "out", dry_run=True).failures] == ["paper-1.txt"]


@pytest.mark.slow
def test_worker_that_is_killed_is_replaced_and_nothing_is_lost(corpus: Path, tmp_path: Path, results: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    MARK.append(tmp_path / "died")
    again(corpus, tmp_path / "one")
    monkeypatch.setattr(engines, "do", die_once)
    done = again(corpus, tmp_path / "two", settings=Settings(jobs=2))
    assert MARK[-1].exists()
    assert done.exit_code == ExitCode.OK
    assert results(tmp_path / "one") == results(tmp_path / "two")


@pytest.mark.slow
def test_document_that_kills_every_worker_fails_alone(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "do", die)
    done = again(corpus, tmp_path / "out", settings=Settings(jobs=2))
    assert [Path(f.path).name for f in done.failures] == ["paper-1.txt"]
    assert "its worker ended" in done.failures[0].cause
    assert done.given == 4


@pytest.mark.slow
def test_verify_compares_with_a_run_from_scratch(corpus: Path, tmp_path: Path) -> None:
    assert again(corpus, tmp_path / "out", verify=True).differences == []
    state = tmp_path / "out" / ".ddextract" / "match"
    for receipt in state.rglob("*.json"):
        text = json.loads(receipt.read_text().splitlines()[1])
        if text["row"]["path"] == "paper-0.txt":
            import hashlib

            text["row"]["title"] = "A title that the document does not have"
            line = json.dumps(text, ensure_ascii=False, sort_keys=True)
            receipt.write_text(f"{hashlib.sha256(line.encode()).hexdigest()}\n{line}\n")
    (tmp_path / "out" / "documents.csv").unlink()
    done = again(corpus, tmp_path / "out", verify=True)
    assert "documents.csv" in done.differences
    assert done.exit_code == ExitCode.CHECK_FAILED


@pytest.mark.slow
def test_prune_keeps_what_the_last_runs_need(corpus: Path, out: Path, tmp_path: Path, results: Tree) -> None:
    (corpus / "paper-1.txt").write_text("We hold annual staff talks with Norway.")
    done = again(corpus, out, prune=1)
    assert done.pruned == 4
    before = results(out)
    (out / "summary.json").unlink()
    done = again(corpus, out)
    assert set(actions(done).values()) == {"keep"}
    assert results(out) == before


def kill_points(corpus: Path, folder: Path, results: Tree, number: int, seed: int) -> int:
    """Kill a refresh at random moments; return how many died before they were done.

    Each round changes a document, kills the refresh that follows, and lets the next one finish.
    """
    chance = random.Random(seed)
    out, fresh = folder / "out", folder / "fresh"
    again(corpus, out)
    begun = time.monotonic()
    (corpus / "paper-0.txt").write_text("We hold annual staff talks with Norway. Round 0.")
    again(corpus, out)
    whole = time.monotonic() - begun
    killed = 0
    for round_ in range(1, number + 1):
        before = results(out)
        text = f"We hold annual staff talks with Norway. Round {round_}. We train officers of Kenya and Jordan."
        for name in chance.sample(["paper-0.txt", "paper-1.txt", "paper-2.txt"], chance.randint(1, 3)):
            (corpus / name).write_text(text)
        if chance.random() < 0.3:
            extra = corpus / f"extra-{chance.randint(0, 3)}.txt"
            extra.unlink() if extra.exists() else extra.write_text(text)
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            try:
                again(corpus, out)
            finally:
                os._exit(0)
        time.sleep(chance.uniform(0, whole))
        died = os.waitpid(child, os.WNOHANG)[0] == 0
        if died:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            killed += 1
        between = results(out)
        assert set(before) - set(between) <= {
            n for n in before if n.startswith(("report/document/", "report/sentences/", "report/state/", "text/", "report/pages/"))
        }
        assert all((out / name).stat().st_size for name in between)
        again(corpus, out)
        shutil.rmtree(fresh, ignore_errors=True)
        write_run(run([corpus]), fresh)
        assert results(out) == results(fresh), f"round {round_}"
    return killed


@pytest.mark.slow
def test_kill_at_any_moment_loses_nothing(corpus: Path, tmp_path: Path, results: Tree) -> None:
    assert kill_points(corpus, tmp_path, results, 4, 1) >= 2


@pytest.mark.slow
def test_kill_at_two_hundred_moments_loses_nothing(corpus: Path, tmp_path: Path, results: Tree) -> None:
    assert kill_points(corpus, tmp_path, results, 220, 2) >= 150
