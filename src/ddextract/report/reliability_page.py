"""The evaluation page: how right the matcher was on coded sentences, and what that means for a number of this report."""

from __future__ import annotations

from typing import Any

from ddextract.codebook import own_folder, read_toml
from ddextract.reliability import INTERVAL, Reliability
from ddextract.report.shelf import Shelf


def reliability_page(shelf: Shelf, reliability: Reliability | None) -> dict[str, Any]:
    """Return what the evaluation page shows: precision and recall by code with intervals, and the pinned floors."""
    floors = own_folder("annotations") / "floors.toml"
    return {
        "reliability": reliability,
        "rows": _rows(shelf, reliability) if reliability else [],
        "floors": read_toml(floors).get("floor", []) if floors.is_file() else [],
        "same": reliability is not None and reliability.codebook == shelf.run.codebook.digest,
    }


def _rows(shelf: Shelf, reliability: Reliability) -> list[dict[str, Any]]:
    import numpy as np

    measured = {t.code: t for t in reliability.tally}
    rows = []
    for code in shelf.run.codebook.instruments:
        tally = measured.get(code)
        precision, recall = reliability.draws(code)
        rows.append(
            {
                "code": code,
                "tally": tally,
                "precision": tally.right / (tally.right + tally.wrong) if tally and tally.right + tally.wrong else None,
                "recall": tally.right / (tally.right + tally.missed) if tally and tally.right + tally.missed else None,
                "counting": (float(precision.mean()), *(float(q) for q in np.quantile(precision, INTERVAL))),
                "finding": (float(recall.mean()), *(float(q) for q in np.quantile(recall, INTERVAL))),
            }
        )
    return rows
