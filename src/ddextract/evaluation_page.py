"""The page of an evaluation: tables with intervals, confusion between codes, and the mistakes to read, in one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ddextract.codebook import Codebook
from ddextract.evaluation import Mistake
from ddextract.files import write_atomically
from ddextract.measurement import HELD_BACK, Line, Measured
from ddextract.report.pages import page_environment
from ddextract.scoring import Interval

KINDS = {"missed": "Missed", "spurious": "Spurious", "holder": "Holder differs", "status": "Status differs"}


def write_page(path: Path, measured: Sequence[Measured], codebook: Codebook, *, causes: Mapping[str, Any] | None = None) -> None:
    """Write the page.

    Args:
        path: The HTML file.
        measured: The scores.
        codebook: What was measured.
        causes: The causes of error, as :func:`ddextract.causes.cause_record` gives them.
    """
    environment = page_environment()
    environment.filters["figure"] = _figure
    sets = [_set(m) for m in measured]
    text = environment.get_template("evaluation.html").render(sets=sets, codebook=codebook.digest[:12], causes=causes, titles=_titles(codebook))
    write_atomically(path, text.encode("utf-8", "replace"))


def _titles(codebook: Codebook) -> dict[str, str]:
    return {code: concept.title.get("en", code) for code, concept in codebook.concepts.items()}


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _set(m: Measured) -> dict[str, Any]:
    tables = [{"name": name, "lines": [_line(line) for line in lines]} for name, lines in m.tables.items() if lines]
    confused = m.evaluation.confused
    codes = sorted({c for pair in confused for c in pair if c})
    most = max((n for (g, f), n in confused.items() if g != f), default=1)
    rows = [{"code": g or "nothing", "cells": [_cell(g, f, confused.get((g, f), 0), most) for f in [*codes, ""]]} for g in [*codes, ""]]
    return {
        "name": m.name,
        "language": m.language or "all languages",
        "anchor": f"{m.name}-{m.language or 'all'}",
        "sentences": m.sentences,
        "absent": m.absent,
        "unsettled": m.unsettled,
        "clusters": "issuing states" if m.name.startswith("authored") else "documents",
        "documents": m.documents,
        "gold": m.digest[:12],
        "coders": m.coders,
        "headline": _line(m.tables["instruments, sentence"][0]),
        "tables": tables,
        "columns": [*codes, "nothing"],
        "confusion": rows if codes else [],
        "mistakes": _grouped(m.evaluation.mistakes) if m.name not in HELD_BACK else [],
        "held_back": m.name in HELD_BACK,
        "difference": m.difference,
        "other": m.other,
    }


def _cell(gold: str, found: str, count: int, most: int) -> dict[str, Any]:
    return {"count": count, "right": gold == found and bool(gold), "shade": round(0.15 + 0.6 * count / most, 2) if count and gold != found else 0}


def _line(line: Line) -> dict[str, Any]:
    s, t = line.score, line.score.tally
    return {
        "name": s.name, "precision": t.precision if t.tp + t.fp else None, "recall": t.recall if t.support else None, "f1": t.f1 if t.support else None,
        "interval": _interval(s.f1_interval) if t.support else "", "low": s.f1_interval.low, "high": s.f1_interval.high, "macro": s.macro_f1,
        "support": round(t.support), "documents": s.clusters, "coders": line.coders, "baseline": line.baseline,
    }  # fmt: skip


def _interval(interval: Interval) -> str:
    return "none" if interval.low is None or interval.high is None else f"{interval.low:.2f}–{interval.high:.2f}"


def _grouped(mistakes: Sequence[Mistake]) -> list[dict[str, Any]]:
    groups = []
    for kind, title in KINDS.items():
        own = sorted((x for x in mistakes if x.kind == kind), key=lambda x: (x.code, x.sentence))
        if own:
            groups.append({"title": title, "mistakes": [_marked(x) for x in own]})
    return groups


def _marked(mistake: Mistake) -> dict[str, str]:
    before, _, after = mistake.text.partition(mistake.span)
    return {"code": mistake.code, "place": mistake.sentence, "before": before, "span": mistake.span, "after": after, "detail": mistake.detail}
