"""How documents are read: what they may cost, in which language they are, what to do with scans."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from ddextract.errors import UsageError

Ocr = Literal["auto", "skip", "force"]
"""auto: pages without a usable text layer are recognised if the means are there; skip: never; force: every page is."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may cost.

    Attributes:
        seconds: Wall time.
        memory: Bytes that the reading process may take beyond what it starts with.
        pages: Most pages.
        characters: Most characters of one page; a page with more is left out and named.
    """

    seconds: float = 300.0
    memory: int = 2 << 30
    pages: int = 20_000
    characters: int = 300_000


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a document.

    Attributes:
        password: Opens an encrypted PDF.
        language: ISO 639-1 code of the whole, None to detect it for each block.
        limits: What it may cost; time and memory are kept only by ``read_guarded``.
        ocr: What is done with pages that have no usable text layer.
    """

    password: str | None = None
    language: str | None = None
    limits: Limits = field(default_factory=Limits)
    ocr: Ocr = "auto"


def checked_ocr(name: str) -> Ocr:
    """Return a way to treat pages without a usable text layer.

    Raises:
        UsageError: It is not known.
    """
    for known in get_args(Ocr):
        if name == known:
            return cast("Ocr", name)
    raise UsageError(f"--ocr {name} is not known. Choose {', '.join(get_args(Ocr))}.")
