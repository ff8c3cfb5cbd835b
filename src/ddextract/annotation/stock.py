"""Which gold there is: the sentences we wrote, those on real documents, the raw codings, and where the documents lie."""

from __future__ import annotations

from pathlib import Path

from ddextract.annotation.gold import GoldSentence, gold_folder, read_gold
from ddextract.codebook import own_folder
from ddextract.errors import UsageError


def documents_folder(given: Path | None) -> Path | None:
    """Return the folder of the real documents: the given one, or ``../shared/documents`` beside a checkout, or None.

    Raises:
        UsageError: The given folder does not exist.
    """
    if given is not None:
        if not given.is_dir():
            raise UsageError(f"{given}: no such folder. Give the folder of the real documents with --documents.")
        return given
    beside = own_folder("annotations").parent.parent / "shared" / "documents"
    return beside if beside.is_dir() else None


def authored_gold() -> list[GoldSentence]:
    """Return the sentences we wrote (files of other records, ``attribution-*``, are left out)."""
    paths = sorted((gold_folder() / "authored").glob("*.jsonl"))
    return [s for path in paths if not path.name.startswith("attribution-") for s in read_gold(path)]


def standoff_gold(name: str = "adjudicated") -> list[GoldSentence]:
    """Return the stand-off sentences of one file: ``adjudicated`` or a raw coding; nothing where there is no such file."""
    path = gold_folder() / "standoff" / f"{name}.jsonl"
    return read_gold(path) if path.is_file() else []


def raw_codings() -> list[list[GoldSentence]]:
    """Return the raw codings, one list per coder."""
    return [read_gold(path) for path in sorted((gold_folder() / "standoff").glob("raw-*.jsonl"))]
