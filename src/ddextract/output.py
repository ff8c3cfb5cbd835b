"""The files of a run, written so that old results stay until new ones are complete, with a checksum of every one."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ddextract.analysis import Analysis
from ddextract.comparison import Comparison, comparison_record, comparison_tables
from ddextract.errors import OutputError
from ddextract.files import sync_folder, write_atomically
from ddextract.job import Run, run_record, summary
from ddextract.mention import FOR_REVIEW
from ddextract.profile import SCHEMA as PROFILES_SCHEMA
from ddextract.reconciliation import ANSWERS, VERDICTS
from ddextract.report.facsimile import draw_pages
from ddextract.report.site import Draw, Keep, analyse_run, build_site
from ddextract.tables import DOCUMENTS_SCHEMA, MENTIONS_SCHEMA, csv_bytes, json_bytes, parquet_bytes, records, written_out, xlsx_bytes

if TYPE_CHECKING:
    import pandas as pd

PACKAGE_FILE = "datapackage.json"
PACKAGE_SCHEMA = "ddextract.output/1"
WORKROOM = ".ddextract"
"""Folder in the output that belongs to the batch: store, ledger, lock, what is being made."""
INSTALLING = f"{WORKROOM}/installing.json"
SCHEMAS: Mapping[str, str] = {
    "documents.csv": DOCUMENTS_SCHEMA,
    "documents.parquet": DOCUMENTS_SCHEMA,
    "mentions.csv": MENTIONS_SCHEMA,
    "mentions.parquet": MENTIONS_SCHEMA,
    **{f"profiles{part}.{ending}": PROFILES_SCHEMA for part in ("", "_documents", "_years") for ending in ("csv", "parquet")},
    "profiles.json": PROFILES_SCHEMA,
    "profiles.xlsx": PROFILES_SCHEMA,
    "adjacent.csv": "ddextract.adjacent/1",
    "portfolio.csv": "ddextract.portfolio/1",
    "reconciliation.csv": "ddextract.reconciliation/1",
    "reconciliation.xlsx": "ddextract.reconciliation/1",
    "review.csv": "ddextract.review/1",
    "comparison/": "ddextract.comparison/1",
    "check.csv": "ddextract.check-table/1",
    "items.csv": "ddextract.items/1",
    "summary.json": "ddextract.summary/1",
    "text/": "ddextract.text/1",
    "report/": "ddextract.report/1",
}
"""Schema of each file of a run; of a folder, for all in it."""
_UNLISTED = frozenset({PACKAGE_FILE, "run.json"})


def write_run(run: Run, out: Path | str) -> Path:
    """Write tables, texts, figures and report of a run.

    Everything is made beside the old results first; then each file that differs is put in its place, whole.

    Args:
        run: The run.
        out: Folder for the results.

    Returns:
        The first page of the report.

    Raises:
        OutputError: A file cannot be written; what was not yet replaced is as it was.
    """
    out = Path(out)
    fresh = out / WORKROOM / f"next-{os.getpid()}"
    try:
        make_files(run, fresh)
        install(fresh, out)
        write_atomically(out / "run.json", json_bytes(run_record(run)))
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if (out / WORKROOM).is_dir() and not any((out / WORKROOM).iterdir()):
            (out / WORKROOM).rmdir()
    return out / "report" / "index.html"


def make_files(run: Run, folder: Path, *, draw: Draw = draw_pages, keep: Keep | None = None) -> None:
    """Write all files of a run but ``run.json`` into a new folder.

    Args:
        run: The run.
        folder: The folder; what is in it is removed.
        draw: Draws the page images.
        keep: Puts pages of an earlier report in place where they would be the same.

    Raises:
        OutputError: A file cannot be written.
    """
    shutil.rmtree(folder, ignore_errors=True)
    try:
        (folder / "text").mkdir(parents=True)
        for result in run.results:
            if result.document:
                (folder / "text" / f"{result.strategy.id}.txt").write_bytes(result.document.text.encode())
        # Nested cells are written as text once for both formats.
        documents, mentions = written_out(run.documents), written_out(run.mentions)
        for name, frame in (
            ("documents", documents),
            ("mentions", mentions),
            ("check", run.check),
            ("items", run.items),
            ("review", for_review(run.mentions)),
        ):
            (folder / f"{name}.csv").write_bytes(csv_bytes(frame))
        (folder / "documents.parquet").write_bytes(parquet_bytes(documents, DOCUMENTS_SCHEMA))
        (folder / "mentions.parquet").write_bytes(parquet_bytes(mentions, MENTIONS_SCHEMA))
        (folder / "summary.json").write_bytes(json_bytes(summary(run)))
        analysis = analyse_run(run)
        write_profiles(run.profiles, analysis, folder)
        write_comparison(analysis.comparison, folder / "comparison")
        build_site(run, folder / "report", analysis, draw=draw, keep=keep)
    except OSError as error:
        raise OutputError(f"{error.filename or folder}: cannot be written ({error.strerror}). Free space or choose another --out.") from None


def write_profiles(profiles: pd.DataFrame, analysis: Analysis, out: Path) -> None:
    """Write profiles of states, documents and years, the adjacent area, the PolicyPortfolios layout and the reconciliation.

    Args:
        profiles: The ``profiles`` table.
        analysis: What follows from the run.
        out: Folder of the run.
    """
    write_atomically(out / "profiles.csv", csv_bytes(profiles))
    write_atomically(out / "profiles.parquet", parquet_bytes(profiles, PROFILES_SCHEMA))
    write_atomically(out / "profiles.json", json_bytes({"schema": PROFILES_SCHEMA, "profiles": records(profiles), "adjacent": records(analysis.adjacent)}))
    sheets = {"profiles": profiles, "adjacent": analysis.adjacent, "spread": analysis.comparison.spread(), "matrix": analysis.comparison.matrix().reset_index()}
    write_atomically(out / "profiles.xlsx", xlsx_bytes(sheets, wide=("evidence_text",)))
    for name, frame in (("documents", analysis.by_document), ("years", analysis.by_year)):
        write_atomically(out / f"profiles_{name}.csv", csv_bytes(frame))
        write_atomically(out / f"profiles_{name}.parquet", parquet_bytes(frame, PROFILES_SCHEMA))
    write_atomically(out / "adjacent.csv", csv_bytes(analysis.adjacent))
    write_atomically(out / "portfolio.csv", csv_bytes(analysis.portfolio))
    write_atomically(out / "reconciliation.csv", csv_bytes(analysis.reconciliation))
    choices = {"verdict": VERDICTS, "class_right": ANSWERS, "sentence_checked": ANSWERS}
    write_atomically(out / "reconciliation.xlsx", xlsx_bytes({"reconciliation": analysis.reconciliation}, choices, ("for_text", "against_text", "why", "note")))


def write_comparison(comparison: Comparison, folder: Path) -> None:
    """Write the tables and figures of a comparison: a CSV each, one workbook, ``comparison.json``.

    Args:
        comparison: The comparison.
        folder: Where to.
    """
    tables = comparison_tables(comparison)
    for name, frame in tables.items():
        write_atomically(folder / f"{name}.csv", csv_bytes(frame))
    write_atomically(folder / "comparison.xlsx", xlsx_bytes(tables))
    write_atomically(folder / "comparison.json", json_bytes(comparison_record(comparison)))


def for_review(mentions: pd.DataFrame) -> pd.DataFrame:
    """Return the mentions that a person should look at, the likeliest first.

    Args:
        mentions: The ``mentions`` table.
    """
    columns = ["document", "label", "code", "score", "text", "sentence", "page", "page_label", "start", "end", "id"]
    chosen = mentions.loc[mentions["reason"] == FOR_REVIEW, columns]
    return chosen.sort_values(["score", "id"], ascending=[False, True], kind="stable").reset_index(drop=True)


def install(fresh: Path, out: Path) -> list[str]:
    """Put new files in the place of old ones, each at once, and remove old ones that are no more.

    Args:
        fresh: Folder of new files, on the same file system.
        out: Folder for the results.

    Returns:
        Names of the files that changed.

    Raises:
        OutputError: A file cannot be put in its place.
    """
    listed = {name: _sha256(fresh / name) for name in sorted(_files(fresh))}
    before = _listed(out)
    changed = []
    # A run that is cut off here leaves a list of what it was about to write, so that the next one can tidy up.
    write_atomically(out / INSTALLING, json_bytes({"resources": [{"path": name} for name in sorted(before | set(listed))]}))
    try:
        for name, digest in listed.items():
            target = out / name
            if target.is_file() and target.stat().st_size == (fresh / name).stat().st_size and _sha256(target) == digest:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with (fresh / name).open("rb") as file:
                os.fsync(file.fileno())
            (fresh / name).chmod(0o644)
            if target.is_dir():
                shutil.rmtree(target)
            (fresh / name).replace(target)
            changed.append(name)
        for name in sorted(before - set(listed)):
            (out / name).unlink(missing_ok=True)
            changed.append(name)
        _drop_empty(out)
        for folder in {(out / name).parent for name in changed}:
            if folder.is_dir():
                sync_folder(folder)
    except OSError as error:
        raise OutputError(f"{error.filename or out}: cannot be written ({error.strerror}). Free space or choose another --out.") from None
    write_atomically(out / PACKAGE_FILE, json_bytes(package(out, listed)))
    (out / INSTALLING).unlink(missing_ok=True)
    return changed


def _drop_empty(out: Path) -> None:
    for name in ("report", "text"):
        for folder, _, _ in os.walk(out / name, topdown=False):
            if not any(Path(folder).iterdir()):
                Path(folder).rmdir()


def _files(folder: Path) -> Iterator[str]:
    for base, _, files in os.walk(folder):
        for file in files:
            yield (Path(base) / file).relative_to(folder).as_posix()


def _listed(out: Path) -> set[str]:
    """Return the names of the files that earlier runs wrote: what they listed, finished or not; nothing that is not ours."""
    names: set[str] = set()
    for listing in (out / PACKAGE_FILE, out / INSTALLING):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            names |= {str(r["path"]) for r in json.loads(listing.read_text(encoding="utf-8"))["resources"]}
    if not (out / PACKAGE_FILE).is_file() and (out / "summary.json").is_file():
        # Written before there were lists.
        names |= {f"report/{n}" for n in _files(out / "report")} | {f"text/{p.name}" for p in (out / "text").glob("*.txt")}
    # A listed name leads nowhere but into the folder.
    return {n for n in names if not PurePosixPath(n).is_absolute() and ".." not in PurePosixPath(n).parts}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def schema_of(name: str) -> str:
    """Return the schema of a file of a run, by its name."""
    return SCHEMAS.get(name) or SCHEMAS.get(f"{name.partition('/')[0]}/", "")


def package(out: Path, listed: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of ``datapackage.json``: every file with schema, size and checksum (Frictionless Data Package).

    Args:
        out: Folder of the results.
        listed: sha256 of each file.
    """
    return {
        "profile": "data-package",
        "name": "ddextract-run",
        "schema": PACKAGE_SCHEMA,
        "resources": [
            {
                "name": "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()),
                "path": name,
                "ddextract:schema": schema_of(name),
                "bytes": (out / name).stat().st_size,
                "hash": f"sha256:{digest}",
            }
            for name, digest in listed.items()
        ],
    }
