"""The report site: pages from the tables of a run."""

from __future__ import annotations

from pathlib import Path

from ddextract.job import Run


def build_site(run: Run, folder: Path) -> None:
    """Write the report."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text("<!doctype html><title>ddextract</title>", encoding="utf-8")
