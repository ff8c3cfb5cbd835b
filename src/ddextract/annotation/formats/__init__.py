"""Gold in the formats of annotation tools: a module per format, each with ``dump``, ``load`` and what it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from ddextract.annotation.formats.task import Read, Task
from ddextract.errors import UsageError

FORMATS = {
    "docbin": "spaCy DocBin (.spacy)",
    "prodigy": "Prodigy JSONL, view spans_manual",
    "doccano": "doccano JSONL with entities and relations",
    "label-studio": "Label Studio JSON",
    "inception": "INCEpTION, UIMA CAS JSON 0.4.0",
    "brat": "brat stand-off (.ann beside .txt)",
    "csv": "CSV, a row per mention, for a spreadsheet",
}
"""Formats besides our own JSONL, in words."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its writer and reader, and which attributes of a mark it can hold.

    Attributes:
        name: As on the command line.
        holds: Among ``holder``, ``status``, ``name``, ``iso3``, ``links``; the sidecar holds the others.
        dump: Writes tasks to a file.
        load: Reads them back, with the line each stood on where there is one.
    """

    name: str
    holds: frozenset[str]
    dump: Callable[[Sequence[Task], Path], None]
    load: Callable[[Path], list[Read]]


def format_named(name: str) -> Format:
    """Return a format by its name.

    Raises:
        UsageError: There is none of that name.
    """
    if name not in FORMATS:
        raise UsageError(f"--format {name} is not known. Choose jsonl, {', '.join(FORMATS)}.")
    # A module called csv would stand in the way of Python's own.
    home = "spreadsheet" if name == "csv" else name.replace("-", "_")
    module = import_module(f"ddextract.annotation.formats.{home}")
    return Format(name, module.HOLDS, module.dump, module.load)
