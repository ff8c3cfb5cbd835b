"""The files of a run, written so that old results stay until new ones are complete."""

from __future__ import annotations

import shutil
from pathlib import Path

from ddextract.job import Run, run_record, summary
from ddextract.report.site import build_site
from ddextract.tables import DOCUMENTS_SCHEMA, MENTIONS_SCHEMA, csv_bytes, json_bytes, parquet_bytes, write_atomically


def write_run(run: Run, out: Path) -> Path:
    """Write tables, texts, figures and report of a run.

    Args:
        run: The run.
        out: Folder for the results; files of an earlier run there are replaced, each at once.

    Returns:
        The first page of the report.

    Raises:
        OutputError: A file cannot be written.
    """
    texts = {f"{r.document.id}.txt": r.document.text.encode() for r in run.results if r.document}
    for name, data in texts.items():
        write_atomically(out / "text" / name, data)
    for old in (out / "text").glob("*.txt"):
        if old.name not in texts:
            old.unlink(missing_ok=True)
    write_atomically(out / "documents.csv", csv_bytes(run.documents))
    write_atomically(out / "documents.parquet", parquet_bytes(run.documents, DOCUMENTS_SCHEMA))
    write_atomically(out / "mentions.csv", csv_bytes(run.mentions))
    write_atomically(out / "mentions.parquet", parquet_bytes(run.mentions, MENTIONS_SCHEMA))
    write_atomically(out / "profiles.csv", csv_bytes(run.profiles))
    write_atomically(out / "check.csv", csv_bytes(run.check))
    write_atomically(out / "items.csv", csv_bytes(run.items))
    figures = summary(run)
    write_atomically(out / "summary.json", json_bytes(figures))
    report = out / "report"
    fresh = out / ".report.new"
    shutil.rmtree(fresh, ignore_errors=True)
    build_site(run, fresh)
    _replace(report, fresh)
    write_atomically(out / "run.json", json_bytes(run_record(run)))
    return report / "index.html"


def _replace(old: Path, new: Path) -> None:
    """Put a finished folder in the place of an old one."""
    aside = old.with_name(".report.old")
    shutil.rmtree(aside, ignore_errors=True)
    if old.exists():
        old.rename(aside)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)
