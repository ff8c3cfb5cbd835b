"""doccano JSONL of a sequence labelling project with relations: entities and relations by id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ddextract.annotation.formats.task import Mark, Read, Task, checked, compact, json_lines, titled, wanted
from ddextract.files import write_atomically

HOLDS = frozenset({"links"})


def dump(tasks: Sequence[Task], path: Path) -> None:
    """Write a line per task; ids of entities and relations count through the file."""
    lines, entity, relation = [], 0, 0
    for number, task in enumerate(tasks, 1):
        entities = [{"id": entity + k + 1, "label": m.title, "start_offset": m.start, "end_offset": m.end} for k, m in enumerate(task.marks)]
        relations = [{"id": relation + k + 1, "from_id": entity + i + 1, "to_id": entity + j + 1, "type": "partner"} for k, (i, j) in enumerate(task.links)]
        entity, relation = entity + len(entities), relation + len(relations)
        lines.append(
            compact(
                {"id": number, "text": task.text, "gold_id": task.id, "previous": task.previous, "entities": entities, "relations": relations, "Comments": []}
            )
            + "\n"
        )
    write_atomically(path, "".join(lines).encode())


def load(path: Path) -> list[Read]:
    """Read the tasks; the older form with ``label: [[start, end, label]]`` is read too."""
    return [Read(_task(data, path, number), number) for number, data in json_lines(path)]


def _task(data: dict[str, Any], path: Path, line: int) -> Task:
    text = wanted(data, "text", str, path, line)
    task_id = str(data.get("gold_id", data.get("id", line)))
    entities = data.get("entities")
    if entities is None:
        entities = [{"id": k, "start_offset": s[0], "end_offset": s[1], "label": s[2]} for k, s in enumerate(data.get("label", data.get("labels", [])))]
    marks: list[Mark] = []
    places: dict[Any, int] = {}
    for entity in entities:
        start, end = checked(path, line, task_id, text, entity.get("start_offset"), entity.get("end_offset"))
        places[entity.get("id")] = len(marks)
        marks.append(Mark(start, end, *titled(entity.get("label"), path, line)))
    relations = [r for r in data.get("relations", []) if r.get("type") == "partner"]
    links = tuple((places[r["from_id"]], places[r["to_id"]]) for r in relations if r.get("from_id") in places and r.get("to_id") in places)
    return Task(task_id, text, tuple(marks), links)
