"""Files and folders written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ddextract.errors import OutputError


def check_writable(folder: Path) -> None:
    """Make an output folder, or say why not, before any work is done.

    Raises:
        OutputError: It cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except FileExistsError:
        raise OutputError(f"{folder}: is a file, not a folder. Choose another --out.") from None
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror}). Choose another --out or mend its permissions.") from None


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: a temporary neighbour is renamed over it.

    Raises:
        OutputError: It cannot be written; the old file, if any, is untouched.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
        sync_folder(path.parent)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot be written ({error.strerror}). Free space or choose another --out.") from None


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last beyond a loss of power, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
