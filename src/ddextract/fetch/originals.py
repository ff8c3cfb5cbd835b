"""Fetched originals by the hash of their bytes, and the versions of their text: a new file with the same text is no new version."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from filelock import FileLock, Timeout

from ddextract.corpus import Entry, save_entries, sha256_of
from ddextract.errors import BusyError, DataError, InputError, OutputError
from ddextract.fetch.address import Allowed, Resolver, resolve
from ddextract.fetch.download import Courtesy, Download, FetchError, Limits, download
from ddextract.fetch.sniff import SUFFIX, expected_kind, is_whole_pdf, kind_of
from ddextract.files import check_writable, sync_folder, write_atomically

SCHEMA = "ddextract.fetched/1"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The bytes that an address gave at some time.

    Attributes:
        sha256: Hash of the bytes, and name of the file.
        kind: ``pdf``, ``docx``, ``html`` or ``text``.
        size: Bytes.
        address: Address after redirects.
        first: When it was first given (UTC).
        last: When it was last given.
        etag: The server's mark.
        modified: The server's date.
        text_sha256: Hash of the cleaned text, empty where it could not be read.
    """

    sha256: str
    kind: str
    size: int
    address: str
    first: str
    last: str
    etag: str = ""
    modified: str = ""
    text_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A text that a document has had: the first snapshot that gave it stands for it."""

    number: int
    text_sha256: str
    sha256: str
    since: str


@dataclass(frozen=True, slots=True)
class Card:
    """What we hold of one document: all snapshots, all versions, the last attempt."""

    id: str
    snapshots: tuple[Snapshot, ...] = ()
    versions: tuple[Version, ...] = ()
    tried: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of fetching one entry.

    Attributes:
        entry: The entry as it now stands.
        result: ``new``, ``new version``, ``new file, same text``, ``unchanged``, ``would fetch``, ``failed``.
        cause: Why it failed.
        remedy: What to do.
        attempts: How often it was asked.
    """

    entry: Entry
    result: str
    cause: str = ""
    remedy: str = ""
    attempts: int = 0

    @property
    def failed(self) -> bool:
        """Whether there is no document."""
        return self.result == "failed"


@dataclass
class Originals:
    """The user's corpus: ``strategies.csv``, ``originals/``, ``texts/``, ``fetched/``, ``partial/``.

    Attributes:
        folder: Where it lies.
    """

    folder: Path
    _cards: dict[str, Card] = field(default_factory=dict)

    def original(self, sha256: str, kind: str) -> Path:
        """Return where the bytes of a snapshot lie."""
        return self.folder / "originals" / sha256[:2] / f"{sha256}{SUFFIX[kind]}"

    def text(self, text_sha256: str) -> Path:
        """Return where the text of a version lies."""
        return self.folder / "texts" / f"{text_sha256}.txt"

    def card(self, identity: str) -> Card:
        """Return what is held of a document.

        Raises:
            DataError: Its card is damaged or of another schema.
        """
        if identity not in self._cards:
            self._cards[identity] = self._read(identity)
        return self._cards[identity]

    def _place(self, identity: str) -> Path:
        name = re.sub(r"[^A-Za-z0-9._-]", "-", identity)
        return self.folder / "fetched" / f"{name}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}.json"

    def _read(self, identity: str) -> Card:
        path = self._place(identity)
        if not path.is_file():
            return Card(identity)
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data.pop("schema") != SCHEMA:
                raise DataError(path, "schema", f"is not {SCHEMA}; it was written by another version of ddextract")
            return Card(
                data["id"], tuple(Snapshot(**s) for s in data["snapshots"]), tuple(Version(**v) for v in data["versions"]), data["tried"], data["outcome"]
            )
        except (ValueError, KeyError, TypeError):
            raise DataError(path, "", "is damaged; remove it and fetch again, the originals stay") from None

    def save(self, card: Card) -> None:
        """Keep a card."""
        self._cards[card.id] = card
        write_atomically(self._place(card.id), json.dumps({"schema": SCHEMA, **asdict(card)}, ensure_ascii=False, indent=1).encode() + b"\n")

    def intact(self, snapshot: Snapshot) -> bool:
        """Return whether the bytes of a snapshot are there and have their hash."""
        path = self.original(snapshot.sha256, snapshot.kind)
        return path.is_file() and sha256_of(path) == snapshot.sha256

    def keep(self, file: Path, sha256: str, kind: str) -> Path:
        """Move a file to its place by hash, whole or not at all."""
        target = self.original(sha256, kind)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_file() and sha256_of(target) == sha256:
                file.unlink(missing_ok=True)
                return target
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
            file.replace(target)
            target.chmod(0o444)
            sync_folder(target.parent)
        except OSError as error:
            raise OutputError(f"{target}: cannot be written ({error.strerror}). Free space or choose another --corpus.") from None
        return target


@dataclass(frozen=True, slots=True)
class Session:
    """How a number of documents is fetched."""

    limits: Limits = field(default_factory=Limits)
    allowed: Allowed = field(default_factory=Allowed)
    courtesy: Courtesy = field(default_factory=Courtesy)
    resolver: Resolver = resolve
    html: bool = False
    again: bool = False


def fetch_entries(entries: Iterable[Entry], folder: Path, session: Session | None = None, *, told: Callable[[Outcome], None] | None = None) -> list[Outcome]:
    """Fetch documents, one after the other; a failure fails alone.

    Args:
        entries: What to fetch; each must have an address.
        folder: The user's corpus.
        session: Limits, permissions, pace.
        told: Called with each outcome.

    Raises:
        BusyError: Another fetch works on the same corpus.
        OutputError: The folder cannot be written.
    """
    session = session or Session()
    check_writable(folder)
    originals = Originals(folder)
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(f"{folder}: another fetch works on this corpus. Wait for its end.") from None
    try:
        outcomes = []
        for entry in entries:
            outcome = _fetch(entry, originals, session)
            outcomes.append(outcome)
            if told:
                told(outcome)
        return outcomes
    finally:
        lock.release()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _fetch(entry: Entry, originals: Originals, session: Session) -> Outcome:
    card = originals.card(entry.id)
    last = card.snapshots[-1] if card.snapshots else None
    # Marks are sent only if what they stand for is here and whole: "not modified" must not leave us with nothing.
    usable = last is not None and not session.again and originals.intact(last)
    try:
        got = download(
            entry.address,
            originals.folder / "partial",
            etag=last.etag if last and usable else "",
            modified=last.modified if last and usable else "",
            limits=session.limits,
            allowed=session.allowed,
            courtesy=session.courtesy,
            resolver=session.resolver,
        )
        outcome = _unchanged(entry, card, got, originals) if got.path is None else _taken(entry, card, got, got.path, originals, session)
    except (FetchError, InputError) as fault:
        originals.save(replace(originals.card(entry.id), tried=_now(), outcome=f"failed: {fault.cause}"))
        outcome = Outcome(replace(entry, tried=f"{_now()} failed: {fault.cause}"), "failed", fault.cause, fault.remedy)
    save_entries(originals.folder, [outcome.entry])
    return outcome


def _unchanged(entry: Entry, card: Card, got: Download, originals: Originals) -> Outcome:
    now = _now()
    snapshots = (*card.snapshots[:-1], replace(card.snapshots[-1], last=now))
    originals.save(replace(card, snapshots=snapshots, tried=now, outcome="unchanged"))
    return Outcome(_entry(entry, originals.card(entry.id), originals, f"{now} unchanged"), "unchanged", attempts=got.attempts)


def _taken(entry: Entry, card: Card, got: Download, file: Path, originals: Originals, session: Session) -> Outcome:
    """Check what came, keep it by hash, and see whether its text is new."""
    try:
        kind = kind_of(file)
        wanted = expected_kind(httpx.URL(entry.address).path, got.content_type)
        if kind == "empty":
            raise FetchError("the server sent an empty file")
        if kind == "unknown":
            raise FetchError("the content is neither PDF, text, HTML nor DOCX", "Look the address up and mend it in the registry")
        if wanted and wanted != kind:
            error_page = " (most likely an error page)" if kind == "html" else ""
            raise FetchError(f"the content is {kind}, not {wanted}{error_page}", "Look the address up and mend it in the registry")
        if kind == "html" and not session.html:
            raise FetchError("the content is a web page", "--allow-html takes it if it is the document itself")
        if kind == "pdf" and not is_whole_pdf(file):
            raise FetchError("the PDF is cut off (it has no end)", "Try again later")
        sha256 = sha256_of(file)
        size = file.stat().st_size
    except FetchError:
        file.unlink(missing_ok=True)
        raise
    finally:
        file.with_suffix(".json").unlink(missing_ok=True)
    path = originals.keep(file, sha256, kind)
    now = _now()
    before = next((s for s in card.snapshots if s.sha256 == sha256), None)
    fault: InputError | None = None
    text_sha256 = before.text_sha256 if before else ""
    if not text_sha256:
        try:
            text_sha256 = _cleaned(path, entry, originals)
        except InputError as error:
            fault = error
    snapshot = Snapshot(sha256, kind, size, got.address, before.first if before else now, now, got.etag, got.modified, text_sha256)
    snapshots = (*(s for s in card.snapshots if s.sha256 != sha256), snapshot)
    if fault is not None:
        # The bytes stay: what cannot be read today may be read by a later version.
        originals.save(replace(card, snapshots=snapshots, tried=now, outcome=f"failed: {fault.cause}"))
        raise fault
    current = card.versions[-1] if card.versions else None
    versions = card.versions
    if current is None or current.text_sha256 != text_sha256:
        versions = (*versions, Version(len(versions) + 1, text_sha256, sha256, now))
        result = "new version" if current else "new"
    else:
        result = "unchanged" if before else "new file, same text"
    originals.save(replace(card, snapshots=snapshots, versions=versions, tried=now, outcome=result))
    return Outcome(_entry(entry, originals.card(entry.id), originals, f"{now} {result}"), result, attempts=got.attempts)


def _cleaned(path: Path, entry: Entry, originals: Originals) -> str:
    """Read a document, keep its text, and return the hash of its words: spacing decides nothing."""
    from ddextract.reading import Reading, read_guarded

    document = read_guarded(path, document_id=entry.id, reading=Reading(language=entry.language or None))
    digest = hashlib.sha256(" ".join(document.text.split()).encode()).hexdigest()
    write_atomically(originals.text(digest), document.text.encode())
    return digest


def _entry(entry: Entry, card: Card, originals: Originals, tried: str) -> Entry:
    """Return an entry that leads to the first snapshot of the present version."""
    if not card.versions:
        return replace(entry, tried=tried)
    version = card.versions[-1]
    kind = next(s.kind for s in card.snapshots if s.sha256 == version.sha256)
    place = originals.original(version.sha256, kind).relative_to(originals.folder).as_posix()
    return replace(entry, path=place, sha256=version.sha256, included=False, tried=tried)


def add_file(file: Path, entry: Entry, folder: Path) -> Entry:
    """Add a file of the user's to the corpus, kept by its hash.

    Raises:
        InputError: It is not there or no document.
    """
    if not file.is_file():
        raise InputError(file, "no such file", "Check the path")
    kind = kind_of(file)
    if kind not in SUFFIX:
        raise InputError(file, f"its content is {kind}", "Give a PDF, text, HTML or DOCX file")
    check_writable(folder)
    originals = Originals(folder)
    copy = folder / "partial" / f"{os.getpid()}.part"
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    except OSError as error:
        raise OutputError(f"{copy}: cannot be written ({error.strerror}). Free space or choose another --corpus.") from None
    sha256 = sha256_of(copy)
    path = originals.keep(copy, sha256, kind)
    entry = replace(entry, path=path.relative_to(folder).as_posix(), sha256=sha256)
    save_entries(folder, [entry])
    return entry


def verify_files(entries: Iterable[tuple[Entry, Path | None]]) -> Iterator[tuple[Entry, str]]:
    """Yield what is wrong with the files of entries: missing, or not the bytes that the registry knows.

    Args:
        entries: Each entry with the place where its file should lie.
    """
    for entry, path in entries:
        if path is None:
            continue
        if not path.is_file():
            yield entry, f"{path}: is missing"
        elif entry.sha256 and sha256_of(path) != entry.sha256:
            yield entry, f"{path}: its bytes have changed (sha256 differs from the registry)"


def standing(entry: Entry, path: Path | None, card: Card | None) -> dict[str, Any]:
    """Return how it stands with an entry: here, fetched when and how often, failed why, untried, without address."""
    if path is not None:
        state = "included" if entry.included else "fetched" if card and card.snapshots else "added"
    elif entry.path:
        state = "missing"
    elif not entry.address:
        state = "no address"
    elif " failed: " in entry.tried:
        state = "failed"
    else:
        state = "untried"
    return {
        "id": entry.id,
        "standing": state,
        "tried": entry.tried,
        "snapshots": len(card.snapshots) if card else 0,
        "versions": len(card.versions) if card else 0,
        "address": entry.address,
    }
