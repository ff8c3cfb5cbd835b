"""What a worker does: read and match one document, store both, return the receipt. Any worker may die and be replaced."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ddextract.batch.parts import OtherShapeError, document_bytes, document_of, found_bytes, mention_bytes
from ddextract.batch.places import file_system, place
from ddextract.batch.stages import Key
from ddextract.batch.store import Store
from ddextract.corpus import Strategy, sha256_of
from ddextract.document import Document
from ddextract.errors import InputError
from ddextract.job import DocumentResult, Settings, process
from ddextract.reading.guard import REMEDY
from ddextract.tables import document_row


@dataclass(frozen=True, slots=True)
class Task:
    """One document to be done.

    Attributes:
        strategy: The document; its path may be unknown on the machine of the worker.
        source: Address of the file for workers that do not have the path; empty for local files.
        read: Key of the reading stage.
        match: Key of the matching stage.
        settings: What decides the result.
        store: Address of the store.
    """

    strategy: Strategy
    source: str
    read: Key
    match: Key
    settings: Settings
    store: str


def do(task: Task) -> dict[str, Any]:
    """Do what is missing of one document and return its receipt.

    A failure that lies in the file is stored like a result; one that may pass (time, memory, a file that changed or went
    away) is returned and not stored, so that the next refresh tries again.

    Raises:
        DdextractError: Patterns or options are wrong, or the store cannot be written.
    """
    store = Store(place(task.store))
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="ddextract-") as scratch:
        try:
            strategy = _at_hand(task, Path(scratch))
        except InputError as error:
            return _failure(task, error)
        known, document = _stored_document(task, store, strategy)
        result = process(strategy, task.settings, document=document)
        fault = result.failure or _moved(result.document, task.strategy)
        if fault is not None:
            return _failed(task, store, strategy, fault)
        assert result.document is not None
        if not known:
            store.keep_document(task.read.digest, document_bytes(result.document))
        return _kept(task, store, replace(result, strategy=replace(result.strategy, path=task.strategy.path)), time.perf_counter() - begun)


def _stored_document(task: Task, store: Store, strategy: Strategy) -> tuple[bool, Document | None]:
    data = store.document(task.read.digest)
    if data is None:
        return False, None
    try:
        return True, document_of(data, identity=strategy.id, path=str(strategy.path), sha256=strategy.sha256)
    except OtherShapeError:
        return False, None


def _at_hand(task: Task, scratch: Path) -> Strategy:
    """Return the strategy with a path that exists on this machine."""
    if not task.source or task.strategy.path.is_file():
        return task.strategy
    copy = scratch / task.strategy.path.name
    fs, path = file_system(task.source)
    try:
        fs.get_file(path, str(copy))
    except OSError as error:
        raise InputError(task.source, f"cannot be fetched ({error})", "Check the address.") from None
    return replace(task.strategy, path=copy)


def _moved(document: Document | None, strategy: Strategy) -> InputError | None:
    if document is not None and document.sha256 != strategy.sha256:
        return InputError(strategy.path, "changed while it was being read", "The next refresh reads it again.")
    return None


def _kept(task: Task, store: Store, result: DocumentResult, seconds: float) -> dict[str, Any]:
    assert result.document is not None
    s = result.strategy
    receipt = {
        "read": task.read.digest,
        "parts": {"read": dict(task.read.parts), "match": dict(task.match.parts)},
        "row": document_row(result),
        "strategy": {
            "state": s.state, "issuers": list(s.issuers), "year": s.year, "language": s.language, "title": s.title, "guessed": list(s.guessed),
            "known_from": s.known_from,
        },
        "words": result.words,
        "skipped": dict(result.skipped),
        "mentions": len(result.mentions),
        "seconds": {**{k: round(v, 4) for k, v in result.seconds.items()}, "all": round(seconds, 4)},
    }  # fmt: skip
    return store.keep_match(task.match.digest, mention_bytes(result.mentions), found_bytes(result.mentions), receipt)


def _failed(task: Task, store: Store, strategy: Strategy, fault: InputError) -> dict[str, Any]:
    try:
        there = sha256_of(strategy.path) == task.strategy.sha256
    except OSError:
        fault = InputError(task.strategy.path, "went away while it was being read", "Put it back or leave it out.")
        there = False
    receipt = _failure(task, fault)
    # Only what the same bytes will bring about again is kept.
    passing = fault.remedy == REMEDY or "unexpected fault" in fault.cause or "more memory" in fault.cause or "cannot be read" in fault.cause
    if there and not passing and "changed while" not in fault.cause:
        return store.keep_receipt(task.match.digest, {k: v for k, v in receipt.items() if k not in ("key", "passing")})
    return receipt


def _failure(task: Task, fault: InputError) -> dict[str, Any]:
    return {
        "key": task.match.digest,
        "read": task.read.digest,
        "parts": {"read": dict(task.read.parts), "match": dict(task.match.parts)},
        "failure": {"cause": fault.cause, "remedy": fault.remedy},
        "passing": True,
    }


def failure_of(receipt: Mapping[str, Any], strategy: Strategy) -> InputError | None:
    """Return the failure that a receipt records, None where the document was read."""
    fault = receipt.get("failure")
    return InputError(strategy.path, fault["cause"], fault["remedy"]) if fault else None


def outcome_digest(receipt: Mapping[str, Any]) -> str:
    """Return what of a receipt decides the tables: its key, or its failure."""
    fault = receipt.get("failure")
    if fault:
        return hashlib.sha256(f"{receipt['key']} {fault['cause']} {fault['remedy']}".encode()).hexdigest()
    return str(receipt["key"])
