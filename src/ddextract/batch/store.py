"""The store: results of stages under the digest of what decides them, checked on every read."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ddextract.batch.places import Place
from ddextract.batch.stages import folded
from ddextract.codebook import own_folder

log = logging.getLogger(__name__)

OBJECT = b"ddextract-object/1\n"
RECEIPT_SCHEMA = "ddextract.receipt/1"


def _name(kind: str, key: str, suffix: str) -> str:
    return f"{kind}/{key[:2]}/{key}{suffix}"


@dataclass(frozen=True)
class Store:
    """Results of stages in a folder, here or elsewhere.

    Documents as read lie under ``read/``; under ``match/`` each document has its mentions as one Parquet part, the same as
    records for the report, and a receipt, written last: a part without receipt does not exist.

    Attributes:
        place: The folder.
        damaged: Names of files whose checksum was wrong; they count as missing and are made anew.
    """

    place: Place
    damaged: list[str] = field(default_factory=list)

    def document(self, key: str) -> bytes | None:
        """Return a document as stored, None where it is not there or damaged."""
        return self._object(_name("read", key, ".document"))

    def has_document(self, key: str) -> bool:
        """Return whether a document is stored (its checksum is looked at when it is read)."""
        return self.place.exists(_name("read", key, ".document"))

    def keep_document(self, key: str, data: bytes) -> None:
        """Store a document."""
        self._keep(_name("read", key, ".document"), data)

    def found(self, key: str) -> bytes | None:
        """Return the mentions of a document as records."""
        return self._object(_name("match", key, ".found"))

    def _object(self, name: str) -> bytes | None:
        data = self.place.read(name)
        if data is None:
            return None
        head = len(OBJECT) + 65
        payload = data[head:]
        if not data.startswith(OBJECT) or hashlib.sha256(payload).hexdigest().encode() != data[len(OBJECT) : head - 1]:
            self._hurt(name)
            return None
        return payload

    def _keep(self, name: str, data: bytes) -> None:
        self.place.write(name, OBJECT + hashlib.sha256(data).hexdigest().encode() + b"\n" + data)

    def _hurt(self, name: str) -> None:
        log.warning("%s/%s: its checksum is wrong; it is made anew", self.place.address, name)
        self.damaged.append(name)

    def part(self, receipt: Mapping[str, Any]) -> bytes | None:
        """Return the Parquet part of a document, None where it is not there or damaged."""
        name = _name("match", receipt["key"], ".parquet")
        data = self.place.read(name)
        if data is not None and hashlib.sha256(data).hexdigest() != receipt["part"]["sha256"]:
            self._hurt(name)
            return None
        return data

    def keep_match(self, key: str, part: bytes, found: bytes, receipt: Mapping[str, Any]) -> dict[str, Any]:
        """Store what was found in a document: part and records, then the receipt.

        Returns:
            The receipt as stored.
        """
        self.place.write(_name("match", key, ".parquet"), part)
        self._keep(_name("match", key, ".found"), found)
        return self.keep_receipt(key, {**receipt, "part": {"sha256": hashlib.sha256(part).hexdigest(), "bytes": len(part)}})

    def keep_receipt(self, key: str, receipt: Mapping[str, Any]) -> dict[str, Any]:
        """Store a receipt; it makes the part valid, or records that a file cannot be read."""
        whole = {"schema": RECEIPT_SCHEMA, "key": key, **receipt}
        text = json.dumps(whole, ensure_ascii=False, sort_keys=True)
        self.place.write(_name("match", key, ".json"), f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}\n".encode())
        return whole

    def receipt(self, key: str) -> dict[str, Any] | None:
        """Return the receipt of a document's match stage, None where there is none or it is damaged."""
        name = _name("match", key, ".json")
        data = self.place.read(name)
        if data is None:
            return None
        head, _, text = data.partition(b"\n")
        text = text.rstrip(b"\n")
        if hashlib.sha256(text).hexdigest().encode() != head:
            self._hurt(name)
            return None
        receipt: dict[str, Any] = json.loads(text)
        return receipt if receipt.get("schema") == RECEIPT_SCHEMA else None

    def complete(self, receipt: Mapping[str, Any]) -> bool:
        """Return whether all that a receipt speaks of is there."""
        if "failure" in receipt:
            return True
        return all(self.place.exists(_name("match", receipt["key"], suffix)) for suffix in (".parquet", ".found")) and self.has_document(receipt["read"])

    def keep_patterns(self, files: Mapping[str, str], folders: Iterable[Path]) -> str:
        """Store the patterns of this run, so that a later one can be run with them again.

        Args:
            files: The files with their hashes.
            folders: The user's folders.

        Returns:
            Their digest.
        """
        digest = folded(files)
        name = _name("patterns", digest, ".zip")
        if not self.place.exists(name):
            self.place.write(name, patterns_archive(folders))
        return digest

    def patterns(self, digest: str) -> bytes | None:
        """Return the archive of patterns of an earlier run."""
        return self.place.read(_name("patterns", digest, ".zip"))

    def prune(self, wanted: Iterable[Mapping[str, Any]]) -> int:
        """Remove results that no receipt in ``wanted`` speaks of; return how many files went."""
        keys: set[str] = set()
        for receipt in wanted:
            keys.update((receipt["key"], receipt.get("read", "")))
        gone = 0
        for kind in ("read", "match"):
            for name in list(self.place.names(kind)):
                if name.rpartition("/")[2].split(".")[0] not in keys:
                    self.place.remove(name)
                    gone += 1
        return gone

    def examined(self) -> tuple[int, list[str]]:
        """Look at every stored result; return how many there are and the names of the damaged ones."""
        count = 0
        for kind in ("read", "match"):
            for name in self.place.names(kind):
                count += 1
                key, _, suffix = name.rpartition("/")[2].partition(".")
                if suffix in ("document", "found"):
                    self._object(name)
                elif suffix == "json":
                    receipt = self.receipt(key)
                    if receipt and "part" in receipt:
                        self.part(receipt)
        return count, sorted(set(self.damaged))

    def unfinished(self) -> Iterator[str]:
        """Yield what a killed writer has left behind: files under passing names."""
        for name in self.place.names():
            last = name.rpartition("/")[2]
            if last.startswith(".") or last.endswith(".part"):
                yield name


def patterns_archive(folders: Iterable[Path]) -> bytes:
    """Return all pattern folders as a ZIP file that depends on nothing but their content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, folder in enumerate((own_folder("patterns"), *folders)):
            for path in sorted(folder.rglob("*")):
                if path.suffix in {".toml", ".csv"} and path.is_file():
                    info = zipfile.ZipInfo(f"{number}/{path.relative_to(folder).as_posix()}", (1980, 1, 1, 0, 0, 0))
                    info.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(info, path.read_bytes())
    return buffer.getvalue()
