"""Folders that hold files by name: on this machine, or anywhere that fsspec reaches."""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from ddextract.errors import OutputError, UsageError
from ddextract.files import write_atomically


class Place(Protocol):
    """A folder; names are relative, with forward slashes."""

    address: str

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None where there is none."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all."""

    def exists(self, name: str) -> bool:
        """Return whether there is such a file."""

    def names(self, under: str = "") -> Iterator[str]:
        """Yield the names of all files in a folder, in depth."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def local(self) -> Path | None:
        """Return the folder on this machine, None where it is elsewhere."""


class LocalPlace:
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = str(folder.absolute())

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None where there is none."""
        try:
            return (self.folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all."""
        write_atomically(self.folder / name, data)

    def exists(self, name: str) -> bool:
        """Return whether there is such a file."""
        return (self.folder / name).is_file()

    def names(self, under: str = "") -> Iterator[str]:
        """Yield the names of all files in a folder, in depth."""
        for base, _, files in os.walk(self.folder / under):
            for file in files:
                yield (Path(base) / file).relative_to(self.folder).as_posix()

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        (self.folder / name).unlink(missing_ok=True)

    def local(self) -> Path | None:
        """Return the folder."""
        return self.folder


class RemotePlace:
    """A folder that fsspec reaches: memory, object stores, other machines.

    Args:
        address: Address with its scheme, for example ``s3://bucket/corpus``.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.fs, self.root = file_system(self.address)
        self.root = self.root.rstrip("/")

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None where there is none."""
        try:
            data: bytes = self.fs.cat_file(f"{self.root}/{name}")
        except FileNotFoundError:
            return None
        return data

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole or not at all: under a passing name, then moved."""
        target = f"{self.root}/{name}"
        passing = f"{target}.{uuid.uuid4().hex}.part"
        try:
            self.fs.makedirs(target.rpartition("/")[0], exist_ok=True)
            self.fs.pipe_file(passing, data)
            self.fs.mv(passing, target)
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError(f"{self.address}/{name}: cannot be written ({reason}). Free space or choose another --out.") from None

    def exists(self, name: str) -> bool:
        """Return whether there is such a file."""
        return bool(self.fs.isfile(f"{self.root}/{name}"))

    def names(self, under: str = "") -> Iterator[str]:
        """Yield the names of all files in a folder, in depth."""
        base = f"{self.root}/{under}".rstrip("/")
        if not self.fs.exists(base):
            return
        for found in self.fs.find(base):
            yield str(found)[len(self.root) :].lstrip("/") if str(found).startswith(self.root) else str(found).removeprefix(self.root.lstrip("/")).lstrip("/")

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        try:
            self.fs.rm_file(f"{self.root}/{name}")
        except OSError as error:
            if not isinstance(error, FileNotFoundError) and error.errno != errno.ENOENT:
                raise

    def local(self) -> Path | None:
        """Return None: it is elsewhere."""
        return None


def is_remote(address: str | Path) -> bool:
    """Return whether an address has a scheme, so that fsspec must reach it."""
    return "://" in str(address)


def file_system(address: str) -> tuple[Any, str]:
    """Return the file system of an address and the path in it.

    Raises:
        UsageError: fsspec is not installed, or knows no such scheme.
    """
    try:
        import fsspec
    except ImportError:
        raise UsageError(f"{address}: addresses with a scheme need the extra 'scale': pip install 'ddextract[scale]'.") from None
    try:
        fs, path = fsspec.core.url_to_fs(address)
    except (ValueError, ImportError) as error:
        raise UsageError(f"{address}: cannot be reached ({error}). Install what its scheme needs.") from None
    return fs, str(path)


def place(address: str | Path) -> Place:
    """Return the folder at an address."""
    return RemotePlace(str(address)) if is_remote(address) else LocalPlace(Path(address))
