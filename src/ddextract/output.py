"""The files of a run, written so that old results stay until new ones are complete."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ddextract.analysis import Analysis
from ddextract.comparison import Comparison, comparison_record, comparison_tables
from ddextract.job import Run, run_record, summary
from ddextract.profile import SCHEMA as PROFILES_SCHEMA
from ddextract.reconciliation import ANSWERS, VERDICTS
from ddextract.report.site import analyse_run, build_site
from ddextract.tables import DOCUMENTS_SCHEMA, MENTIONS_SCHEMA, csv_bytes, json_bytes, parquet_bytes, records, write_atomically, xlsx_bytes

if TYPE_CHECKING:
    import pandas as pd


def write_run(run: Run, out: Path | str) -> Path:
    """Write tables, texts, figures and report of a run.

    Args:
        run: The run.
        out: Folder for the results; files of an earlier run there are replaced, each at once.

    Returns:
        The first page of the report.

    Raises:
        OutputError: A file cannot be written.
    """
    out = Path(out)
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
    analysis = analyse_run(run)
    write_profiles(run.profiles, analysis, out)
    write_comparison(analysis.comparison, out / "comparison")
    write_atomically(out / "check.csv", csv_bytes(run.check))
    write_atomically(out / "items.csv", csv_bytes(run.items))
    figures = summary(run)
    write_atomically(out / "summary.json", json_bytes(figures))
    report = out / "report"
    fresh = out / ".report.new"
    shutil.rmtree(fresh, ignore_errors=True)
    build_site(run, fresh, analysis)
    _replace(report, fresh)
    write_atomically(out / "run.json", json_bytes(run_record(run)))
    return report / "index.html"


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


def _replace(old: Path, new: Path) -> None:
    """Put a finished folder in the place of an old one."""
    aside = old.with_name(".report.old")
    shutil.rmtree(aside, ignore_errors=True)
    if old.exists():
        old.rename(aside)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)
