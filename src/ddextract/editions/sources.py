"""Editions from what is there: a folder of results, a run of its ledger, documents, the years of a state."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddextract.batch.ledger import Ledger
from ddextract.batch.parts import mention_frame, mention_table
from ddextract.batch.places import LocalPlace
from ddextract.batch.store import Store
from ddextract.editions.compare import Edition
from ddextract.errors import UsageError
from ddextract.integrity import opened
from ddextract.output import WORKROOM
from ddextract.tables import LIST_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from ddextract.job import Run


@dataclass(frozen=True)
class Provenance:
    """What a run of a ledger was made of, so that it can be made again with one thing changed.

    Attributes:
        manifest: Inputs and keys.
        store: The store with the results.
        receipts: Receipt of each document that was read, by id.
    """

    manifest: Mapping[str, Any]
    store: Store
    receipts: Mapping[str, Mapping[str, Any]]


def rows_of(frame: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    """Return the rows of a table with nested values unpacked and empty cells as None."""
    rows = []
    for row in frame.to_dict("records"):
        one: dict[str, Any] = {}
        for key, value in row.items():
            name = str(key)
            if name in LIST_COLUMNS and isinstance(value, str):
                one[name] = json.loads(value) if value else None
            else:
                one[name] = None if isinstance(value, float) and math.isnan(value) else value
        rows.append(one)
    return tuple(rows)


def edition_of_run(run: Run, name: str) -> Edition:
    """Return what a run in memory found."""
    return Edition(name, rows_of(run.documents), rows_of(run.mentions))


def edition_of_folder(out: Path) -> Edition:
    """Return what the tables of a folder say; their checksums and schemas are looked at.

    Raises:
        UsageError: The folder holds no run.
        DataError: A table is damaged or of another schema.
    """
    import pandas as pd

    documents = pd.read_parquet(opened(out, "documents.parquet"))
    mentions = pd.read_parquet(opened(out, "mentions.parquet"))
    return Edition(str(out), rows_of(documents), rows_of(mentions))


def ledger_of(out: Path) -> Ledger | None:
    """Return the ledger of a folder, None where it has none."""
    return Ledger(LocalPlace(out / WORKROOM)) if (out / WORKROOM / "state.json").is_file() else None


def edition_of_ledger(out: Path, number: int | None = None, store: Path | None = None) -> tuple[Edition, Provenance]:
    """Return what a run of a ledger found, from the stored parts.

    Args:
        out: Folder of the results.
        number: Number of the run; the last if not given.
        store: Folder of the store, where it is not in the results.

    Raises:
        UsageError: There is no such run, or its parts were pruned.
    """
    ledger = ledger_of(out)
    manifest = ledger.manifest(number) if ledger else None
    if ledger is None or manifest is None:
        runs = f" Runs kept: {', '.join(map(str, ledger.runs()))}." if ledger else " It was not made by ddextract refresh."
        raise UsageError(f"{out}: there is no run {number or ''} to compare.{runs}")
    kept = Store(LocalPlace(store or out / WORKROOM))
    receipts: dict[str, Mapping[str, Any]] = {}
    documents: list[dict[str, Any]] = []
    tables = []
    for entry in manifest["documents"]:
        fault = entry.get("failure")
        if fault:
            documents.append(
                {"id": entry["id"], "outcome": "failed", "reason": f"{fault['cause']}. {fault['remedy']}", "state": None, "issuers": [], "words": 0,
                 "path": Path(entry["path"]).name, "sha256": entry["sha256"], "year": None, "title": ""}
            )  # fmt: skip
            continue
        receipt = kept.receipt(entry["match"])
        part = kept.part(receipt) if receipt and "part" in receipt else None
        if receipt is None or part is None:
            raise UsageError(f"{out}: the results of run {manifest['run']} are no longer stored (pruned or damaged). Compare runs that are kept.")
        receipts[entry["id"]] = receipt
        documents.append({**receipt["row"], "id": entry["id"]})
        tables.append(mention_table(part))
    edition = Edition(f"{out}, run {manifest['run']} of {manifest['at'][:16]}", tuple(documents), rows_of(mention_frame(tables)))
    return edition, Provenance(manifest, kept, receipts)


def editions_of_years(edition: Edition, state: str) -> list[Edition]:
    """Return the documents of a state as one edition each, in the order of their years.

    Raises:
        UsageError: The state has fewer than two dated documents.
    """
    dated = sorted((d for d in edition.of(state) if d["year"] is not None), key=lambda d: (int(d["year"]), str(d["id"])))
    if len(dated) < 2:
        raise UsageError(f"{state}: has {len(dated)} dated document(s) in {edition.name}; a comparison over time needs two.")
    return [Edition(f"{d['title'] or d['id']} ({int(d['year'])})", (d,), tuple(m for m in edition.mentions if m["document"] == d["id"])) for d in dated]


def only(edition: Edition, rows: Sequence[Mapping[str, Any]], mentions: Sequence[Mapping[str, Any]]) -> Edition:
    """Return an edition of the same name with other rows."""
    return Edition(edition.name, tuple(rows), tuple(mentions))
