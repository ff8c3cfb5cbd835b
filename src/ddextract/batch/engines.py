"""Who does the work: this process, processes of this machine, or a Dask cluster; the same work, the same bytes."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from typing import Any

from ddextract.batch.work import Task, _failure, do
from ddextract.errors import DdextractError, InputError, UsageError
from ddextract.workers import pool_of

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often a document is given to a worker before it is given up, when workers die over it."""
Outcome = tuple[Task, dict[str, Any]]
Outcomes = Generator[Outcome, None, None]


def lost(task: Task, cause: str) -> dict[str, Any]:
    """Return the receipt of a document over which workers died."""
    return _failure(task, InputError(task.strategy.path, cause, "Run it alone with --jobs 1 --verbose."))


def in_turn(tasks: Sequence[Task]) -> Outcomes:
    """Do the work in this process."""
    for task in tasks:
        yield task, do(task)


def in_processes(tasks: Sequence[Task], jobs: int) -> Outcomes:
    """Do the work in processes of this machine; what a dead one had in hand is given to another."""
    from concurrent.futures import as_completed
    from concurrent.futures.process import BrokenProcessPool

    waiting = list(tasks)
    died: dict[str, int] = {}
    alone = False
    while waiting:
        again: list[Task] = []
        # After a death, one at a time: so the document that kills its worker is known, and fails alone.
        batch, waiting = (waiting[:1], waiting[1:]) if alone else (waiting, [])
        with pool_of(min(jobs, len(batch))) as pool:
            futures = {pool.submit(do, task): task for task in batch}
            for future in as_completed(tuple(futures)):
                # A future that is held holds its result.
                task = futures.pop(future)
                try:
                    yield task, future.result()
                except BrokenProcessPool:
                    again.append(task)
        if len(batch) == 1 and again:
            key = again[0].match.digest
            died[key] = died.get(key, 0) + 1
            if died[key] >= ATTEMPTS - 1:
                yield again[0], lost(again[0], f"its worker ended {died[key] + 1} times")
                again = []
        if again:
            log.warning("a worker ended; %d document(s) are given to another", len(again))
        suspects = min(len(again), jobs + 1)
        if again and not alone:
            # Those in hand first; the rest together again once the culprit is found.
            alone = True
            waiting = [*again[:suspects], *again[suspects:], *waiting]
        else:
            waiting = [*again, *waiting]
        if alone and not again and died:
            alone, died = False, {}


def on_cluster(tasks: Sequence[Task], scheduler: str, jobs: int) -> Outcomes:
    """Do the work on a Dask cluster; a task whose worker dies is given to another by the scheduler.

    Args:
        tasks: The documents to be done.
        scheduler: Address of the scheduler (``tcp://…``), or ``local`` for a cluster of processes on this machine.
        jobs: Processes of a local cluster.

    Raises:
        UsageError: Dask is not installed, or the scheduler does not answer.
    """
    try:
        from importlib import import_module

        dask: Any = import_module("distributed")
    except ImportError:
        raise UsageError("--scheduler needs the extra 'scale': pip install 'ddextract[scale]'.") from None
    cluster: Any = None
    try:
        if scheduler == "local":
            cluster = dask.LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=None)
        client = dask.Client(cluster or scheduler, timeout="20s")
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(f"--scheduler {scheduler}: does not answer ({error}). Check the address.") from None
    try:
        # A task is nothing but its key: a second run of it writes the same files, so retries are safe.
        futures = {client.submit(do_on_worker, task, key=f"ddextract-{task.match.digest}", pure=True, retries=ATTEMPTS): task for task in tasks}
        for future in dask.as_completed(list(futures)):
            task = futures.pop(future)
            try:
                yield task, future.result()
            except dask.KilledWorker:
                yield task, lost(task, "its worker ended again and again")
            except DdextractError:
                raise
            except Exception as error:
                yield task, lost(task, f"its worker failed ({type(error).__name__}: {error})")
            future.release()
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


_PROCESS: Any = None


def do_on_worker(task: Task) -> dict[str, Any]:
    """Do the work in a process of the worker's own, which has no other threads and so can read in cheap forked children."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import current_process, get_context, parent_process

    global _PROCESS  # noqa: PLW0603  one per worker, as long as the worker lives
    if parent_process() is None and _is_main_client():
        return do(task)
    if _PROCESS is None:
        # Workers under a nanny are daemonic, and those may have no children. Ours ends with its parent by itself, so the rule may be lifted.
        current_process().daemon = False
        _PROCESS = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_die_with_parent)
    try:
        receipt: dict[str, Any] = _PROCESS.submit(do, task).result()
    except BrokenProcessPool:
        _PROCESS = None
        raise
    return receipt


def _is_main_client() -> bool:
    """Return whether the worker is a thread of the client: then memory is shared, and so must the work be."""
    try:
        from distributed import get_worker

        return bool(get_worker().address.startswith("inproc://"))
    except (ImportError, ValueError):
        return True


def _die_with_parent() -> None:
    """End this process when its parent ends, so that a killed worker leaves nobody behind."""
    import sys

    if sys.platform.startswith("linux"):
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
