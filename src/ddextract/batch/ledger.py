"""The ledger of refreshes: what began, what ended and how, one line each; and the inputs and keys of every run."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ddextract.batch.places import LocalPlace, Place
from ddextract.errors import BusyError, DataError

LEDGER_SCHEMA = "ddextract.ledger/1"
MANIFEST_SCHEMA = "ddextract.manifest/1"
LEDGER = "ledger.jsonl"
STALE = 24 * 3600.0
"""Seconds after which the lock of a run elsewhere no longer holds."""


def now() -> str:
    """Return the time (UTC, ISO 8601)."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Ledger:
    """What a folder of results knows of its own past."""

    place: Place

    def entries(self) -> list[dict[str, Any]]:
        """Return all lines; a last line that a crash cut off is left out."""
        data = self.place.read(LEDGER) or b""
        entries = []
        for line in data.decode("utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                entries.append(json.loads(line))
        return entries

    def write(self, **entry: Any) -> None:
        """Add a line, whole and lasting."""
        line = json.dumps({"schema": LEDGER_SCHEMA, "at": now(), **entry}, ensure_ascii=False).encode() + b"\n"
        before = self.place.read(LEDGER) or b""
        if before and not before.endswith(b"\n"):
            before = before[: before.rfind(b"\n") + 1]
        self.place.write(LEDGER, before + line)

    def next_number(self) -> int:
        """Return the number of the run to come."""
        return max((int(e.get("run", 0)) for e in self.entries()), default=0) + 1

    def interrupted(self) -> list[int]:
        """Return the runs that began and never ended."""
        entries = self.entries()
        ended = {e["run"] for e in entries if e.get("event") in ("ended", "noted")}
        return [e["run"] for e in entries if e.get("event") == "begun" and e["run"] not in ended]

    def manifest(self, run: int | None = None) -> dict[str, Any] | None:
        """Return inputs and keys of a run; of the last complete one if no number is given.

        Raises:
            DataError: It was written by another version.
        """
        name = "state.json" if run is None else _manifest_name(run)
        data = self.place.read(name)
        if data is None:
            return None
        try:
            manifest: dict[str, Any] = json.loads(data)
        except ValueError:
            return None
        if manifest.get("schema") != MANIFEST_SCHEMA:
            raise DataError(
                f"{self.place.address}/{name}", "schema", f"is {manifest.get('schema')}, not {MANIFEST_SCHEMA}: another version of ddextract wrote it"
            )
        return manifest

    def runs(self) -> list[int]:
        """Return the numbers of the runs whose manifests are kept, oldest first."""
        return sorted(int(name.rpartition("/")[2].removesuffix(".json")) for name in self.place.names("runs") if name.endswith(".json"))

    def keep(self, manifest: Mapping[str, Any]) -> None:
        """Store the manifest of a run, then make it the present one."""
        data = json.dumps({"schema": MANIFEST_SCHEMA, **manifest}, ensure_ascii=False, indent=1).encode() + b"\n"
        self.place.write(_manifest_name(int(manifest["run"])), data)
        self.place.write("state.json", data)

    def forget(self, runs: set[int]) -> None:
        """Remove the manifests of runs."""
        for run in runs:
            self.place.remove(_manifest_name(run))


def _manifest_name(run: int) -> str:
    return f"runs/{run:06d}.json"


@contextlib.contextmanager
def locked(place: Place) -> Iterator[None]:
    """Hold the lock of a folder of results; it goes with the process that holds it, however that ends.

    Raises:
        BusyError: Another run holds it.
    """
    if isinstance(place, LocalPlace):
        place.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place.folder / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise BusyError(f"{place.folder.parent}: another refresh is at work here{_who(place.folder)}. Wait for its end.") from None
        try:
            (place.folder / "holder.json").write_text(json.dumps(_holder()), encoding="utf-8")
            yield
        finally:
            (place.folder / "holder.json").unlink(missing_ok=True)
            lock.release()
        return
    data = place.read("lock.json")
    if data is not None:
        holder = json.loads(data)
        if time.time() - float(holder["since"]) < STALE:
            raise BusyError(
                f"{place.address}: another refresh is at work here (process {holder['process']} on {holder['host']}). "
                "Wait for its end, or remove lock.json if it is dead."
            )
    place.write("lock.json", json.dumps(_holder()).encode())
    try:
        yield
    finally:
        place.remove("lock.json")


def _holder() -> dict[str, Any]:
    return {"process": os.getpid(), "host": socket.gethostname(), "since": time.time()}


def _who(folder: Path) -> str:
    try:
        holder = json.loads((folder / "holder.json").read_text(encoding="utf-8"))
        return f" (process {holder['process']} on {holder['host']})"
    except (OSError, ValueError, KeyError):
        return ""
