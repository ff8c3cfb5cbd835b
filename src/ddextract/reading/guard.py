"""Limits of time and memory for a document, kept by reading it in a child process that can be killed."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from ddextract.document import Document
from ddextract.errors import InputError
from ddextract.reading.settings import Limits, Reading

OUT_OF_MEMORY = 77
"""Exit code of a child whose watchdog found it too large."""
REMEDY = "Raise the limit if the file is worth it, or read it in parts"


def read_guarded(path: Path, *, document_id: str, reading: Reading | None = None, on_page: Callable[[int, int], None] | None = None) -> Document:
    """Read a document in a child process with limits of time and memory.

    Args:
        path: The file.
        document_id: The id it gets.
        reading: How to read it and what it may cost; the defaults of ``Reading`` if None.
        on_page: Called in this process with (pages read, pages in all).

    Raises:
        InputError: It cannot be read, or a limit was exceeded; this document alone fails.
    """
    reading = reading or Reading()
    method = start_method()
    context = multiprocessing.get_context(method)
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_read, args=(theirs, str(path), document_id, reading, on_page is not None), daemon=False)  # type: ignore[attr-defined]
    child.start()
    theirs.close()
    try:
        return _wait(child, ours, Path(path), reading.limits, on_page)
    finally:
        ours.close()
        if child.is_alive():
            child.kill()
        child.join()


def start_method() -> str:
    """Return how the child is started: a fork is quick, but it must not copy the locks of other threads."""
    return "fork" if sys.platform.startswith("linux") and threading.active_count() == 1 else "spawn"


def _wait(child: multiprocessing.process.BaseProcess, ours: Connection, path: Path, limits: Limits, on_page: Callable[[int, int], None] | None) -> Document:
    end = time.monotonic() + limits.seconds
    while True:
        if not ours.poll(max(0.0, end - time.monotonic())):
            raise InputError(path, f"took longer than {limits.seconds:g} s", REMEDY)
        try:
            message = ours.recv()
        except EOFError:
            child.join(5)
            raise InputError(path, _cause(child.exitcode, limits), REMEDY) from None
        if message[0] == "page":
            if on_page is not None:
                on_page(message[1], message[2])
        elif message[0] == "document":
            document = message[1]
            assert isinstance(document, Document)
            return document
        else:
            raise message[1]


def _cause(code: int | None, limits: Limits) -> str:
    if code == OUT_OF_MEMORY:
        return f"needs more than {limits.memory >> 20} MiB of memory"
    if code is not None and code < 0:
        return f"the reading process was ended by signal {-code}, most likely for want of memory (limit {limits.memory >> 20} MiB)"
    return f"the reading process ended with code {code}"


def _read(pipe: Connection, path: str, document_id: str, reading: Reading, progress: bool) -> None:
    """Body of the child process."""
    limits = reading.limits
    _limit_memory(limits.memory)
    last = 0.0

    def on_page(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > 0.1 or done == total:
            last = now
            pipe.send(("page", done, total))

    message: tuple[str, object]
    try:
        from ddextract.reading import read_document

        message = ("document", read_document(Path(path), document_id=document_id, reading=reading, on_page=on_page if progress else None))
    except InputError as error:
        message = ("error", error)
    except MemoryError:
        message = ("error", InputError(path, f"needs more than {limits.memory >> 20} MiB of memory", REMEDY))
    except RecursionError:
        message = ("error", InputError(path, "its structure is nested without end", "Get the file again from its source"))
    except Exception as error:
        message = ("error", InputError(path, f"could not be read ({type(error).__name__}: {error})", "Get the file again from its source, or report it"))
    with contextlib.suppress(BrokenPipeError):
        pipe.send(message)
    pipe.close()
    # No clean-up of engines: a damaged file may make them crash on the way out.
    os._exit(0)


def _limit_memory(allowed: int) -> None:
    """Limit the memory of this process: by the system where it can, by a watchdog besides."""
    begun = _resident()
    try:
        import resource

        with Path("/proc/self/statm").open(encoding="ascii") as stream:
            virtual = int(stream.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (virtual + allowed + (256 << 20), resource.getrlimit(resource.RLIMIT_AS)[1]))
    except (ImportError, OSError, ValueError):
        pass

    def watch() -> None:
        while True:
            if _resident() - begun > allowed:
                os._exit(OUT_OF_MEMORY)
            time.sleep(0.05)

    threading.Thread(target=watch, daemon=True).start()


def _resident() -> int:
    """Return the memory that this process holds, in bytes; its peak where the present size cannot be had."""
    try:
        with Path("/proc/self/statm").open(encoding="ascii") as stream:
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        pass
    try:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    except ImportError:
        return 0
