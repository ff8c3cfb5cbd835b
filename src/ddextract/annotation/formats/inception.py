"""INCEpTION: UIMA CAS JSON 0.4.0, one document with a sentence per gold sentence; offsets count UTF-16 units, as UIMA does."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from ddextract.annotation.formats.task import LABELS, Mark, Read, Task, compact, pieces, read_utf8
from ddextract.errors import DataError
from ddextract.files import write_atomically

HOLDS = frozenset({"holder", "status", "name", "iso3", "links"})
MENTION = "webanno.custom.DefenceDiplomacy"
LINK = "webanno.custom.Partner"
SENTENCE = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
_FEATURES = ("label", "code", "holder", "status", "name", "iso3")


def _type(name: str, features: dict[str, str]) -> dict[str, Any]:
    return {"%NAME": name, "%SUPER_TYPE": "uima.tcas.Annotation", **{f: {"%NAME": f, "%RANGE": r} for f, r in features.items()}}


_TYPES = {
    MENTION: _type(MENTION, dict.fromkeys(_FEATURES, "uima.cas.String")),
    LINK: _type(LINK, {"Governor": MENTION, "Dependent": MENTION}),
    SENTENCE: _type(SENTENCE, {"id": "uima.cas.String"}),
    TOKEN: _type(TOKEN, {"id": "uima.cas.String"}),
}


def dump(tasks: Sequence[Task], path: Path) -> None:
    """Write one CAS, a feature structure per line."""
    text = "\n".join(task.text for task in tasks)
    units = [0, *accumulate(2 if c > "\uffff" else 1 for c in text)]
    structures: list[dict[str, Any]] = [
        {"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaNum": 1, "sofaID": "_InitialView", "mimeType": "text", "sofaString": text},
        {"%ID": 2, "%TYPE": "uima.tcas.DocumentAnnotation", "@sofa": 1, "begin": 0, "end": units[-1], "language": "x-unspecified"},
    ]

    def add(kind: str, start: int, end: int, **features: Any) -> int:
        number = len(structures) + 1
        given = {k: v for k, v in features.items() if v is not None}
        structures.append({"%ID": number, "%TYPE": kind, "@sofa": 1, "begin": units[start], "end": units[end], **given})
        return number

    position = 0
    for task in tasks:
        add(SENTENCE, position, position + len(task.text), id=task.id)
        for a, b in pieces(task.text, task.marks) if task.text else []:
            if not task.text[a:b].isspace():
                add(TOKEN, position + a, position + b)
        ids = [add(MENTION, position + m.start, position + m.end, **{f: getattr(m, f) for f in _FEATURES if getattr(m, f) != ""}) for m in task.marks]
        for i, j in task.links:
            target = task.marks[j]
            add(LINK, position + target.start, position + target.end, **{"@Governor": ids[i], "@Dependent": ids[j]})
        position += len(task.text) + 1
    members = list(range(2, len(structures) + 1))
    body = ",\n".join(compact(s) for s in structures)
    views = compact({"_InitialView": {"%SOFA": 1, "%MEMBERS": members}})
    write_atomically(path, f'{{"%TYPES": {compact(_TYPES)},\n"%FEATURE_STRUCTURES": [\n{body}\n],\n"%VIEWS": {views}}}\n'.encode())


def load(path: Path) -> list[Read]:
    """Read the sentences, mentions and links of a CAS."""
    raw = read_utf8(path)
    try:
        data = json.loads(raw)
        structures = data["%FEATURE_STRUCTURES"]
        if isinstance(structures, dict):
            structures = [{"%ID": int(k), **s} for k, s in structures.items()]
        text = next(s["sofaString"] for s in structures if s["%TYPE"] == "uima.cas.Sofa")
    except ValueError as error:
        raise DataError(path, "", f"not JSON ({error})", getattr(error, "lineno", None)) from None
    except (KeyError, TypeError, StopIteration):
        raise DataError(path, "", "not a UIMA CAS in JSON; export it from INCEpTION as 'UIMA CAS JSON 0.4.0'") from None
    lines = _lines(raw)
    units = [0, *accumulate(2 if c > "\uffff" else 1 for c in text)]
    places = {unit: k for k, unit in enumerate(units)}

    def span(structure: dict[str, Any]) -> tuple[int, int]:
        start, end = places.get(structure.get("begin", 0)), places.get(structure.get("end", -1))
        if start is None or end is None or end < start:
            raise DataError(path, f"%ID {structure.get('%ID')}", "begin and end do not lie within the text", lines.get(structure.get("%ID", 0)))
        return start, end

    sentences = sorted((*span(s), s["%ID"], str(s.get("id") or f"{path.stem}-{s['%ID']}")) for s in structures if s["%TYPE"] == SENTENCE)
    starts = [s[0] for s in sentences]
    marks: list[list[Mark]] = [[] for _ in sentences]
    links: list[list[tuple[int, int]]] = [[] for _ in sentences]
    where: dict[int, tuple[int, int]] = {}
    for s in structures:
        if s["%TYPE"] != MENTION:
            continue
        start, end = span(s)
        line = lines.get(s["%ID"])
        k = bisect_right(starts, start) - 1
        if k < 0 or end > sentences[k][1] or start == end:
            raise DataError(path, f"%ID {s['%ID']}", "the mention does not lie within one sentence", line)
        label, code = s.get("label", ""), s.get("code", "")
        if label not in LABELS or (label == "PARTNER") == bool(code):
            raise DataError(path, f"%ID {s['%ID']}", f"label '{label}' with code '{code}': give a label among {', '.join(LABELS)} and its code", line)
        where[s["%ID"]] = (k, len(marks[k]))
        actor = label == "ACTOR"
        named = (s.get("name", ""), s.get("iso3", "")) if actor else (None, None)
        marks[k].append(Mark(start - starts[k], end - starts[k], label, code, s.get("holder"), s.get("status"), *named))
    for s in structures:
        if s["%TYPE"] == LINK and s.get("@Governor") in where and s.get("@Dependent") in where:
            (k, i), (other, j) = where[s["@Governor"]], where[s["@Dependent"]]
            if k == other:
                links[k].append((i, j))
    return [Read(Task(name, text[a:b], tuple(marks[k]), tuple(links[k])), lines.get(number)) for k, (a, b, number, name) in enumerate(sentences)]


def _lines(raw: str) -> dict[int, int]:
    """Return the line of each feature structure, where the file has one per line."""
    found = {}
    for number, line in enumerate(raw.split("\n"), 1):
        if line.startswith('{"%ID": '):
            digits = line[8:].split(",", 1)[0]
            if digits.isdigit():
                found[int(digits)] = number
    return found
