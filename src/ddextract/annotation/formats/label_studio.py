"""Label Studio JSON: labels, choices and text areas per region, relations for partners; offsets are code points."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ddextract.annotation.formats.task import Mark, Read, Task, checked, compact, read_utf8, titled, wanted
from ddextract.codebook import line_of
from ddextract.errors import DataError
from ddextract.files import write_atomically

HOLDS = frozenset({"holder", "status", "name", "iso3", "links"})
_CHOICES = ("holder", "status")
_AREAS = ("name", "iso3")


def dump(tasks: Sequence[Task], path: Path) -> None:
    """Write a list of tasks, one per line."""
    write_atomically(path, ("[\n" + ",\n".join(compact(_record(n, task)) for n, task in enumerate(tasks, 1)) + "\n]\n").encode())


def _record(number: int, task: Task) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    for k, mark in enumerate(task.marks):
        place = {"start": mark.start, "end": mark.end, "text": task.text[mark.start : mark.end]}
        shared = {"id": f"m{k}", "to_name": "text"}
        results.append({**shared, "from_name": "label", "type": "labels", "value": {**place, "labels": [mark.title]}})
        for key in (*_CHOICES, *_AREAS):
            value = getattr(mark, key)
            if value is None or (key in _AREAS and value == ""):
                continue
            # The value of a text area takes the place of the region's text.
            held = {**place, "choices": [value]} if key in _CHOICES else {"start": mark.start, "end": mark.end, "text": [value]}
            results.append({**shared, "from_name": key, "type": "choices" if key in _CHOICES else "textarea", "value": held})
    results += [{"type": "relation", "from_id": f"m{i}", "to_id": f"m{j}", "direction": "right", "labels": ["partner"]} for i, j in task.links]
    return {"id": number, "data": {"text": task.text, "gold_id": task.id, "previous": task.previous}, "annotations": [{"result": results}]}


def load(path: Path) -> list[Read]:
    """Read the tasks with their first annotation that is not cancelled."""
    try:
        records = json.loads(read_utf8(path))
    except ValueError as error:
        raise DataError(path, "", f"not JSON ({error})", getattr(error, "lineno", None)) from None
    if not isinstance(records, list):
        raise DataError(path, "", "not a list of tasks; export it from Label Studio as JSON")
    return [_task(record, number, path) for number, record in enumerate(records, 1)]


def _task(record: Any, number: int, path: Path) -> Read:
    data = wanted(record, "data", dict, path, None)
    task_id = str(data.get("gold_id", record.get("id", number)))
    line = line_of(path, f'"gold_id": "{task_id}"')
    text = wanted(data, "text", str, path, line)
    chosen = [a for a in record.get("annotations", []) if not a.get("was_cancelled")]
    results = chosen[0].get("result", []) if chosen else []
    regions: dict[str, dict[str, Any]] = {}
    for result in results:
        kind, value = result.get("type"), result.get("value", {})
        if kind == "labels":
            start, end = checked(path, line, task_id, text, value.get("start"), value.get("end"), value.get("text"))
            label, code = titled((value.get("labels") or [""])[0], path, line)
            regions[result.get("id")] = {"start": start, "end": end, "label": label, "code": code}
    for result in results:
        kind, value, region = result.get("type"), result.get("value", {}), regions.get(result.get("id", ""))
        if region is not None and kind == "choices":
            region[result["from_name"]] = (value.get("choices") or [None])[0]
        elif region is not None and kind == "textarea":
            written = value.get("text")
            region[result["from_name"]] = (written[0] if written else None) if isinstance(written, list) else written
    order = {key: k for k, key in enumerate(regions)}
    known = {"start", "end", "label", "code", *_CHOICES, *_AREAS}
    marks = []
    for region in regions.values():
        unnamed = {"name": "", "iso3": ""} if region["label"] == "ACTOR" else {}
        marks.append(Mark(**{key: value for key, value in {**unnamed, **region}.items() if key in known}))
    relations = [(r.get("from_id"), r.get("to_id")) for r in results if r.get("type") == "relation"]
    return Read(Task(task_id, text, tuple(marks), tuple((order[a], order[b]) for a, b in relations if a in order and b in order)), line)
