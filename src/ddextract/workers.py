"""Pools of worker processes that end at once when their work is broken off."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from multiprocessing import active_children
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor


@contextlib.contextmanager
def pool_of(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of processes; where its work is broken off (Ctrl-C, SIGTERM, a fault), what was submitted is dropped and the workers end.

    Args:
        jobs: How many processes.
    """
    from concurrent.futures import ProcessPoolExecutor

    others = set(active_children())
    with ProcessPoolExecutor(max_workers=jobs, initializer=_prepared) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in set(active_children()) - others:
                worker.terminate()
            raise


def _prepared() -> None:
    """Leave Ctrl-C, which a terminal sends to all, to the parent, and end at its SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)


def _leave(*_: Any) -> None:
    # The child in which a document is read would outlive its parent.
    for child in active_children():
        child.kill()
    os._exit(128 + signal.SIGTERM)
