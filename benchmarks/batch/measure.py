"""What the batch costs: refresh against first run, two workers against one, two thousand documents, killed runs.

usage: python benchmarks/batch/measure.py [refresh] [workers] [many] [kills] [--out FOLDER]     (all parts if none is named)
Every ratio is of two figures of one run of this script. CPU seconds (of the command and its children) stand beside wall
seconds, because the latter depend on what else the machine does.
"""

from __future__ import annotations

import compileall
import csv
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from papers import ROOT, paper, sentences, write_papers

COMMAND = [sys.executable, "-m", "ddextract.cli"]


def timed(*arguments: str, allowed: tuple[int, ...] = (0,)) -> dict[str, float]:
    """Run a command; return wall and CPU seconds, children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in allowed, done.stderr[-2000:]
    print("   ", done.stdout.strip().splitlines()[-1][:150], flush=True)
    return {"wall": round(wall, 2), "cpu": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2)}


def ratio(a: dict[str, float], b: dict[str, float]) -> dict[str, float]:
    """Return how many times a is b."""
    return {k: round(a[k] / b[k], 2) for k in a}


def refresh_part(folder: Path) -> dict[str, Any]:
    """First run, nothing changed, one changed, on 200 documents; and that one alone."""
    corpus, out = folder / "corpus", folder / "out"
    write_papers(corpus, 200, 2500)
    first = timed("refresh", str(corpus), "--out", str(out), "--quiet")
    nothing = [timed("refresh", str(corpus), "--out", str(out), "--quiet") for _ in range(3)]
    same = {k: sorted(t[k] for t in nothing)[1] for k in nothing[0]}
    chance = random.Random(99)
    one, lone = [], []
    for turn in range(3):
        # A document of the middle of the corpus is written anew, as text and as long as the others.
        text = "\n\n".join(paper(chance, sentences()["en"], 2500, "en"))
        name = f"paper-{20 * turn:05d}"
        alone = folder / f"alone-{turn}"
        alone.mkdir()
        (corpus / f"{name}.toml").write_text('state = "GBR"\nyear = 2029\nlanguage = "en"\n', encoding="utf-8")
        shutil.copy(corpus / f"{name}.toml", alone)
        for place in (corpus, alone):
            (place / f"{name}.txt").write_text(text, encoding="utf-8")
        one.append(timed("refresh", str(corpus), "--out", str(out), "--quiet"))
        lone.append(timed("refresh", str(alone), "--out", str(folder / f"alone-out-{turn}"), "--quiet"))
    changed = {k: sorted(t[k] for t in one)[1] for k in one[0]}
    by_itself = {k: sorted(t[k] for t in lone)[1] for k in lone[0]}
    startup = [timed("--version") for _ in range(3)]
    start = {k: sorted(t[k] for t in startup)[1] for k in startup[0]}
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return {
        "documents": 200, "words": summary["words"], "mentions": summary["mentions"], "pages": summary["pages"], "first": first, "nothing_changed": same,
        "first_against_nothing": ratio(first, same), "one_changed": changed, "that_one_alone": by_itself, "start_up": start,
        "one_changed_against_alone": ratio(changed, by_itself),
        "one_changed_against_alone_plus_start_up": {k: round(changed[k] / (by_itself[k] + start[k]), 2) for k in changed},
    }  # fmt: skip


def workers_part(folder: Path) -> dict[str, Any]:
    """One worker against two, processes and Dask; wall seconds, so the machine must be idle (three minutes)."""
    corpus = folder / "corpus"
    write_papers(corpus, 100, 4000, seed=5)
    result: dict[str, Any] = {"documents": 100}
    for name, extra in (("processes", ()), ("dask", ("--scheduler", "local"))):
        seconds = {}
        for jobs in (1, 2):
            out = folder / f"{name}-{jobs}"
            timed("refresh", str(corpus), "--out", str(out), "--jobs", str(jobs), "--json", *extra)
            ledger = [json.loads(line) for line in (out / ".ddextract" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()]
            seconds[jobs] = ledger[-1]["seconds"]
        result[name] = {
            "one": seconds[1], "two": seconds[2], "work": round(seconds[1]["work"] / seconds[2]["work"], 2),
            "total": round(seconds[1]["total"] / seconds[2]["total"], 2),
        }  # fmt: skip
    parts = {
        n: sorted((p.name, p.read_bytes()) for p in (folder / n).iterdir() if p.is_file() and p.name != "run.json")
        for n in ("processes-1", "processes-2", "dask-2")
    }
    result["same_tables"] = parts["processes-1"] == parts["processes-2"] == parts["dask-2"]
    return result


class Watch(threading.Thread):
    """Samples the memory of a process and its descendants, and how many documents are done."""

    def __init__(self, process: int, done: Path) -> None:
        super().__init__(daemon=True)
        self.process, self.done, self.samples, self.over = process, done, [], threading.Event()

    def run(self) -> None:
        import psutil

        root = psutil.Process(self.process)
        while not self.over.wait(1.0):
            try:
                own = root.memory_info().rss
                below = [p.memory_info().rss for p in root.children(recursive=True)]
            except psutil.Error:
                continue
            count = sum(1 for _ in (self.done / "match").rglob("*.json")) if (self.done / "match").is_dir() else 0
            self.samples.append((count, own >> 20, max(below, default=0) >> 20, (own + sum(below)) >> 20))


def many_part(folder: Path) -> dict[str, Any]:
    """Two thousand documents, two of a hundred broken: every one accounted for, memory flat."""
    corpus, out = folder / "corpus", folder / "out"
    broken = write_papers(corpus, 2000, 350, seed=7, broken=0.02)
    begun = time.perf_counter()
    process = subprocess.Popen(
        [*COMMAND, "refresh", str(corpus), "--out", str(out), "--jobs", "2", "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watch = Watch(process.pid, out / ".ddextract")
    watch.start()
    stdout, stderr = process.communicate()
    watch.over.set()
    print("   ", stdout.strip(), flush=True)
    with (out / "documents.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    failed = {r["path"] for r in rows if r["outcome"] == "failed"}
    working = [s for s in watch.samples if 0 < s[0] < 1990]

    def peak(low: float, high: float, what: int) -> int:
        return max((s[what] for s in working if low * 2000 <= s[0] < high * 2000), default=0)

    return {
        "documents": len(rows), "broken": len(broken), "failed": len(failed), "failed_are_the_broken": failed == {p.name for p in broken},
        "unaccounted": len({p.name for p in corpus.iterdir() if p.suffix in (".pdf", ".txt")} ^ {r["path"] for r in rows}),
        "faults_on_stderr": len(stderr.splitlines()), "exit_code": process.returncode, "seconds": round(time.perf_counter() - begun, 1),
        "peak_MiB": {
            "main": {f"{int(100 * a)}-{int(100 * b)} %": peak(a, b, 1) for a, b in ((0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1))},
            "largest_worker": {f"{int(100 * a)}-{int(100 * b)} %": peak(a, b, 2) for a, b in ((0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1))},
            "main_while_tables_and_report_are_made": max((s[1] for s in watch.samples), default=0),
        },
    }  # fmt: skip


def kill_some(folder: str, number: int, seed: int) -> int:
    """Kill a refresh at random moments; raise if anything is lost or differs; return how many were killed before their end."""
    sys.path[:0] = [str(ROOT / "tests" / "batch")]
    from test_refresh import kill_points

    from conftest import fill, tree

    return kill_points(fill(Path(folder) / "corpus"), Path(folder), tree, number, seed)


def kills_part(folder: Path, number: int = 220) -> dict[str, Any]:
    """Kill a refresh at random moments; each time the next one must end with the bytes of an undisturbed run."""
    begun = time.perf_counter()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        halves = [pool.submit(kill_some, str(folder / str(seed)), number // 2, seed) for seed in (2, 3)]
        killed = sum(half.result() for half in halves)
    return {"tried": number, "killed_before_the_end": killed, "lost_or_different": 0, "seconds": round(time.perf_counter() - begun, 1)}


PARTS = {"refresh": refresh_part, "workers": workers_part, "many": many_part, "kills": kills_part}


def main() -> None:
    """Measure what is asked for and add it to ``results.json``."""
    chosen = [a for a in sys.argv[1:] if a in PARTS] or list(PARTS)
    # As pip leaves an installation: without byte code every process compiles a thousand modules, and that is what would be measured.
    for folder in (sysconfig.get_path("purelib"), str(ROOT / "src")):
        compileall.compile_dir(folder, quiet=2)
    path = Path(__file__).with_name("results.json")
    results = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for name in chosen:
        print(name, flush=True)
        with tempfile.TemporaryDirectory(prefix=f"ddextract-{name}-") as folder:
            load = os.getloadavg()[0]
            results[name] = {**PARTS[name](Path(folder)), "load_before_and_after": [round(load, 1), round(os.getloadavg()[0], 1)], "processors": os.cpu_count()}
        print(json.dumps(results[name], indent=1), flush=True)
        # Parts may be measured at the same time: only this one's figures are written.
        results = {**(json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}), name: results[name]}
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
