"""Scaling out: the same bytes on a Dask cluster, also when a worker is killed; inputs and outputs through fsspec."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ddextract.batch.places import LocalPlace, RemotePlace, place
from ddextract.errors import ExitCode, UsageError
from ddextract.integrity import faults
from ddextract.job import Settings
from ddextract.refresh import Request, refresh

distributed = pytest.importorskip("distributed", reason="needs the extra 'scale'")
fsspec = pytest.importorskip("fsspec", reason="needs the extra 'scale'")
Tree = Callable[[Path], dict[str, str]]


pytestmark = pytest.mark.slow  # a cluster of processes


@contextlib.contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and workers as processes of their own, as on several machines; nobody restarts a worker."""
    card = folder / "scheduler.json"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(card)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [subprocess.Popen(command, **quiet)]  # type: ignore[call-overload]
    try:
        while not card.exists() or not card.read_text().strip():
            time.sleep(0.05)
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(card), "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        processes += [subprocess.Popen([*worker, "--local-directory", str(folder)], **quiet) for _ in range(workers)]  # type: ignore[call-overload]
        import json

        address = json.loads(card.read_text())["address"]
        with distributed.Client(address, timeout="30s") as client:
            client.wait_for_workers(workers, timeout=60)
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_cluster_gives_the_same_bytes_as_one_machine_also_when_a_worker_is_killed(corpus: Path, tmp_path: Path, results: Tree) -> None:
    for i in range(6):
        (corpus / f"more-{i}.txt").write_text(f"We hold staff talks with Norway, round {i}. We train the officers of Kenya. " * 40)
        (corpus / f"more-{i}.toml").write_text('state = "NOR"\nyear = 2020\nlanguage = "en"\n')
    refresh(Request((str(corpus),), str(tmp_path / "one")))
    with cluster(tmp_path, 2) as (address, workers):
        killed = []

        def told(number: int, total: int, step: object) -> None:
            if number == 2:
                os.kill(workers[0].pid, signal.SIGKILL)
                killed.append(number)

        done = refresh(Request((str(corpus),), str(tmp_path / "two"), scheduler=address), told)
        assert killed == [2]
        assert workers[0].wait(5) == -signal.SIGKILL
    assert done.exit_code == ExitCode.OK
    assert (done.given, done.count("read")) == (10, 10)
    assert results(tmp_path / "one") == results(tmp_path / "two")
    parts = list((tmp_path / "two" / ".ddextract" / "match").rglob("*.parquet"))
    assert len(parts) == 10


def test_local_cluster_whose_workers_are_watched_over_by_nannies_gives_the_same_bytes(corpus: Path, tmp_path: Path, results: Tree) -> None:
    done = refresh(Request((str(corpus),), str(tmp_path / "two"), Settings(jobs=2), scheduler="local"))
    assert (done.exit_code, done.count("read")) == (ExitCode.OK, done.given)
    refresh(Request((str(corpus),), str(tmp_path / "one")))
    assert results(tmp_path / "one") == results(tmp_path / "two")


def test_scheduler_that_does_not_answer_is_told_in_one_line(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = distributed.Client
    monkeypatch.setattr(distributed, "Client", lambda address, timeout: real(address, timeout="0.5s"))
    with pytest.raises(UsageError, match="does not answer"):
        refresh(Request((str(corpus),), str(tmp_path / "out"), scheduler="tcp://127.0.0.1:9"))


def tree_of(address: str) -> dict[str, bytes]:
    fs, root = fsspec.core.url_to_fs(address)
    files = {p.removeprefix(root).lstrip("/"): fs.cat_file(p) for p in fs.find(root)}
    return {n: d for n, d in files.items() if not n.startswith(".ddextract/") and n != "run.json"}


@pytest.mark.parametrize("scheme", ["memory", "file"])
def test_inputs_and_outputs_go_through_fsspec(corpus: Path, tmp_path: Path, results: Tree, scheme: str) -> None:
    import hashlib

    base = f"memory://{tmp_path.name}" if scheme == "memory" else f"file://{tmp_path}/remote"
    fs, root = fsspec.core.url_to_fs(f"{base}/in")
    for path in corpus.iterdir():
        fs.makedirs(root, exist_ok=True)
        fs.pipe_file(f"{root}/{path.name}", path.read_bytes())
    done = refresh(Request((f"{base}/in",), f"{base}/out"))
    assert done.exit_code == ExitCode.OK
    refresh(Request((str(corpus),), str(tmp_path / "here")))
    assert {n: hashlib.sha256(d).hexdigest() for n, d in tree_of(f"{base}/out").items()} == results(tmp_path / "here")
    again = refresh(Request((f"{base}/in",), f"{base}/out"))
    assert (again.count("keep"), again.assembled) == (4, "")
    fs.rm_file(f"{root}/paper-2.txt")
    third = refresh(Request((f"{base}/in",), f"{base}/out"))
    assert [Path(p).name for p in third.gone] == ["paper-2.txt"]
    (corpus / "paper-2.txt").unlink()
    refresh(Request((str(corpus),), str(tmp_path / "here")))
    assert {n: hashlib.sha256(d).hexdigest() for n, d in tree_of(f"{base}/out").items()} == results(tmp_path / "here")


def test_cluster_in_this_process_writes_to_memory(corpus: Path, tmp_path: Path, results: Tree) -> None:
    import hashlib

    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None, protocol="inproc") as inside:
        out = f"memory://{tmp_path.name}/cluster"
        done = refresh(Request((str(corpus),), out, scheduler=inside.scheduler_address))
    assert done.exit_code == ExitCode.OK
    refresh(Request((str(corpus),), str(tmp_path / "here"), Settings(jobs=2)))
    assert {n: hashlib.sha256(d).hexdigest() for n, d in tree_of(out).items()} == results(tmp_path / "here")


@pytest.mark.parametrize("where", ["local", "memory"])
def test_place_holds_files_whole(tmp_path: Path, where: str) -> None:
    folder = place(tmp_path / "p") if where == "local" else place(f"memory://{tmp_path.name}/p")
    assert isinstance(folder, LocalPlace if where == "local" else RemotePlace)
    assert folder.read("a/b.bin") is None
    folder.write("a/b.bin", b"one")
    folder.write("a/b.bin", b"two")
    folder.write("c.bin", b"three")
    assert folder.read("a/b.bin") == b"two"
    assert sorted(folder.names()) == ["a/b.bin", "c.bin"]
    assert list(folder.names("a")) == ["a/b.bin"]
    folder.remove("a/b.bin")
    folder.remove("a/b.bin")
    assert not folder.exists("a/b.bin")


def test_results_of_a_refresh_pass_verification(out: Path) -> None:
    assert list(faults(out)) == []
