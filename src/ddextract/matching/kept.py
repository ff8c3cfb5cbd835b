"""What takes seconds to work out and never changes, kept on disk under the digest of all that decides it: arrays of numbers, nothing that runs."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddextract.errors import OutputError
from ddextract.files import write_atomically

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HEAD = b"ddextract-kept/1\n"
FOLDER_VARIABLE = "DDEXTRACT_CACHE"
"""Environment variable that names the folder; ``off`` keeps nothing."""
MOST_FILES = 32
"""Files that are kept; of more, those written first go."""
_SOFTWARE = ("kept", "language", "wording", "ruler", "tables", "names", "actors", "cues")


def cache_folder() -> Path | None:
    """Return the folder where things are kept, None where nothing is to be kept."""
    told = os.environ.get(FOLDER_VARIABLE)
    if told is not None:
        return Path(told) if told.strip().lower() not in ("", "off", "0", "none") else None
    with contextlib.suppress(RuntimeError):
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ddextract"
    return None


@functools.cache
def versions() -> str:
    """Return what of the software decides what is kept: its own sources, Python, spaCy, numpy, and the order of bytes."""
    from importlib.metadata import version

    digest = hashlib.sha256(f"{sys.version_info[:3]} {version('spacy')} {version('numpy')} {sys.byteorder}".encode())
    for name in _SOFTWARE:
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    return digest.hexdigest()


def key_of(*parts: str) -> str:
    """Return the digest of what decides something, the software included."""
    digest = hashlib.sha256(versions().encode())
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def kept(name: str, key: str) -> dict[str, NDArray[Any]] | None:
    """Return what was kept; None if there is nothing, or it is damaged or another user's.

    Args:
        name: What it is.
        key: Digest of all that decides it.
    """
    import numpy as np

    folder = cache_folder()
    if folder is None:
        return None
    try:
        with (folder / f"{name}-{key[:32]}").open("rb") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid not in (os.getuid(), 0):
                return None
            data = file.read()
        head = len(HEAD) + 65
        payload = memoryview(data)[head:]
        if data[:head] != HEAD + hashlib.sha256(key.encode() + payload).hexdigest().encode() + b"\n":
            return None
        with np.load(io.BytesIO(payload), allow_pickle=False) as arrays:
            return {part: arrays[part] for part in arrays.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def keep(name: str, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Keep arrays; where they cannot be written they are simply not kept.

    Args:
        name: What it is.
        key: Digest of all that decides it.
        arrays: The arrays, of numbers only.
    """
    import numpy as np

    folder = cache_folder()
    if folder is None:
        return
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    payload = buffer.getvalue()
    with contextlib.suppress(OutputError, OSError):
        write_atomically(folder / f"{name}-{key[:32]}", HEAD + hashlib.sha256(key.encode() + payload).hexdigest().encode() + b"\n" + payload)
        files = sorted((p for p in folder.iterdir() if not p.name.startswith(".")), key=lambda p: p.stat().st_mtime)
        for old in files[:-MOST_FILES]:
            old.unlink(missing_ok=True)


def as_bytes(text: str) -> NDArray[np.uint8]:
    """Return a text as an array, to be kept."""
    import numpy as np

    return np.frombuffer(text.encode(), dtype=np.uint8)


def as_text(array: NDArray[Any]) -> str:
    """Return the text that :func:`as_bytes` made an array of."""
    return array.tobytes().decode()
