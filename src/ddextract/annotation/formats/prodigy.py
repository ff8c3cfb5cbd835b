"""Prodigy JSONL for the ``spans_manual`` and ``spancat`` interfaces; attributes travel as further keys of a span."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ddextract.annotation.formats.task import Mark, Read, Task, checked, compact, json_lines, pieces, titled, wanted
from ddextract.files import write_atomically

HOLDS = frozenset({"holder", "status", "name", "iso3", "links"})


def dump(tasks: Sequence[Task], path: Path) -> None:
    """Write a line per task."""
    write_atomically(path, "".join(compact(_line(task)) + "\n" for task in tasks).encode())


def _line(task: Task) -> dict[str, Any]:
    tokens = pieces(task.text, task.marks) if task.text else []
    starts, ends = {a: k for k, (a, _) in enumerate(tokens)}, {b: k for k, (_, b) in enumerate(tokens)}
    spans = []
    for k, mark in enumerate(task.marks):
        span: dict[str, Any] = {"start": mark.start, "end": mark.end, "token_start": starts[mark.start], "token_end": ends[mark.end], "label": mark.title}
        span["text"] = task.text[mark.start : mark.end]
        span.update({key: value for key in ("holder", "status", "name", "iso3") if (value := getattr(mark, key)) is not None})
        partner = [[task.marks[j].start, task.marks[j].end] for i, j in task.links if i == k]
        if partner:
            span["partner"] = partner
        spans.append(span)
    return {
        "text": task.text,
        "meta": {"id": task.id, **({"previous": task.previous} if task.previous else {})},
        "tokens": [{"text": task.text[a:b], "start": a, "end": b, "id": k, "ws": False} for k, (a, b) in enumerate(tokens)],
        "spans": spans,
        "_view_id": "spans_manual",
        "answer": "accept",
    }


def load(path: Path) -> list[Read]:
    """Read the accepted tasks; rejected and ignored ones are left out."""
    return [Read(_task(data, path, number), number) for number, data in json_lines(path) if data.get("answer", "accept") == "accept"]


def _task(data: dict[str, Any], path: Path, line: int) -> Task:
    text = wanted(data, "text", str, path, line)
    task_id = str(wanted(wanted(data, "meta", dict, path, line), "id", (str, int), path, line))
    marks, partners = [], []
    for span in data.get("spans", []):
        start, end = checked(path, line, task_id, text, span.get("start"), span.get("end"), span.get("text"))
        label, code = titled(span.get("label"), path, line)
        marks.append(Mark(start, end, label, code, span.get("holder"), span.get("status"), span.get("name"), span.get("iso3")))
        partners.append([tuple(p) for p in span.get("partner", [])])
    places = {(m.start, m.end): k for k, m in enumerate(marks) if m.label == "PARTNER"}
    links = tuple((i, places[p]) for i, own in enumerate(partners) for p in own if p in places)
    return Task(task_id, text, tuple(marks), links)
