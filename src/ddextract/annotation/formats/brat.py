"""brat stand-off: the sentences one below the other in the ``.txt``, their marks in the ``.ann``: T entities, A attributes, R relations.

brat knows no sentences of its own: their ids and lengths stand in a third file, ``.sentences.json``.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from ddextract.annotation.formats.task import LABELS, Mark, Read, Task, compact, read_utf8
from ddextract.errors import DataError
from ddextract.files import write_atomically

HOLDS = frozenset({"holder", "status", "links"})
_NUMBERED = re.compile(r"[TAR]\d+")


def dump(tasks: Sequence[Task], path: Path) -> None:
    """Write ``path`` (.ann), and beside it the text (.txt) and the sentences' ids and lengths (.sentences.json)."""
    lines: list[str] = []
    entity = attribute = relation = position = 0
    for task in tasks:
        for k, mark in enumerate(task.marks):
            quote, places = _fragments(task.text, mark, position)
            lines.append(f"T{entity + k + 1}\t{_type(mark)} {places}\t{quote}")
            for key in ("holder", "status"):
                value = getattr(mark, key)
                if value is not None:
                    attribute += 1
                    lines.append(f"A{attribute}\t{key.capitalize()} T{entity + k + 1} {value}")
        for i, j in task.links:
            relation += 1
            lines.append(f"R{relation}\tPartner Arg1:T{entity + i + 1} Arg2:T{entity + j + 1}")
        entity += len(task.marks)
        position += len(task.text) + 1
    write_atomically(path.with_suffix(".txt"), "\n".join(task.text for task in tasks).encode())
    write_atomically(path.with_suffix(".sentences.json"), ("[\n" + ",\n".join(compact([t.id, len(t.text)]) for t in tasks) + "\n]\n").encode())
    write_atomically(path, "".join(f"{line}\n" for line in lines).encode())


def _type(mark: Mark) -> str:
    return f"{mark.label}-{mark.code}" if mark.code else mark.label


def _fragments(text: str, mark: Mark, position: int) -> tuple[str, str]:
    """Return a mark's words and its places; brat breaks a span where a line ends."""
    parts = [(m.start() + mark.start, m.end() + mark.start) for m in re.finditer(r"[^\n]+", text[mark.start : mark.end])]
    # Line feeds at the borders belong to the span too.
    borders = [mark.start, *(x for a, b in pairwise(parts) for x in (a[1], b[0])), mark.end]
    parts = list(zip(borders[::2], borders[1::2], strict=True))
    places = ";".join(f"{a + position} {b + position}" for a, b in parts)
    return " ".join(_one_line(text[a:b]) for a, b in parts), places


def _one_line(text: str) -> str:
    """Return text as brat prints it in a line: line feeds, which would end the line, as blanks."""
    return text.replace("\n", " ")


def load(path: Path) -> list[Read]:
    """Read the ``.ann`` and the ``.txt`` beside it."""
    text = read_utf8(path.with_suffix(".txt"))
    entities: dict[str, tuple[int, int, str, str, int]] = {}
    attributes: dict[str, dict[str, str]] = {}
    relations: list[tuple[str, str]] = []
    for number, line in enumerate(read_utf8(path).split("\n"), 1):
        key, _, rest = line.partition("\t")
        if key.startswith("T") and _NUMBERED.fullmatch(key):
            entities[key] = _entity(path, number, key, rest, text)
        elif key.startswith("A") and len(parts := rest.split(" ")) == 3:
            attributes.setdefault(parts[1], {})[parts[0].lower()] = parts[2]
        elif key.startswith("R") and (found := re.fullmatch(r"Partner Arg1:(T\d+) Arg2:(T\d+)\s*", rest)):
            relations.append((found[1], found[2]))
    return _tasks(path, text, _sentences(path, text), entities, attributes, relations)


def _sentences(path: Path, text: str) -> list[tuple[str, int, int]]:
    """Return id, start and length of each sentence; a text that never was ours has one per line."""
    beside = path.with_suffix(".sentences.json")
    if beside.is_file():
        try:
            given = [(str(name), int(length)) for name, length in json.loads(read_utf8(beside))]
        except (ValueError, TypeError):
            raise DataError(beside, "", "not a list of [id, length]; export the sentences anew") from None
    else:
        given = [(f"{path.stem}-{k}", len(content)) for k, content in enumerate(text.split("\n"), 1)]
    result, position = [], 0
    for name, length in given:
        result.append((name, position, length))
        position += length + 1
    if position != len(text) + 1 and given:
        raise DataError(path.with_suffix(".txt"), "", "the text is not the one that was exported: its length differs")
    return result


def _entity(path: Path, line: int, key: str, rest: str, text: str) -> tuple[int, int, str, str, int]:
    head, _, quote = rest.partition("\t")
    kind, _, places = head.partition(" ")
    label, _, code = kind.partition("-")
    found = [tuple(map(int, p)) for p in re.findall(r"(\d+) (\d+)", places)]
    if label not in LABELS or not found or (label == "PARTNER") == bool(code):
        raise DataError(path, key, f"'{head}' is not LABEL-code start end with a label among {', '.join(LABELS)}", line)
    reads = " ".join(_one_line(text[a:b]) for a, b in found)
    if reads != quote:
        raise DataError(path, key, f"span {places} reads '{reads}', the file says '{quote}'", line)
    return found[0][0], found[-1][1], label, code, line


def _tasks(
    path: Path,
    text: str,
    sentences: list[tuple[str, int, int]],
    entities: dict[str, tuple[int, int, str, str, int]],
    attributes: dict[str, dict[str, str]],
    relations: list[tuple[str, str]],
) -> list[Read]:
    starts = [s[1] for s in sentences]
    marks: list[list[Mark]] = [[] for _ in sentences]
    where: dict[str, tuple[int, int]] = {}
    for key, (start, end, label, code, line) in entities.items():
        k = bisect_right(starts, start) - 1
        if k < 0 or end > sentences[k][1] + sentences[k][2]:
            raise DataError(path, key, "the span does not lie within one sentence", line)
        where[key] = (k, len(marks[k]))
        own = attributes.get(key, {})
        marks[k].append(Mark(start - starts[k], end - starts[k], label, code, own.get("holder"), own.get("status")))
    links: list[list[tuple[int, int]]] = [[] for _ in sentences]
    for a, b in relations:
        if a in where and b in where and where[a][0] == where[b][0]:
            links[where[a][0]].append((where[a][1], where[b][1]))
    return [Read(Task(name, text[s : s + n], tuple(marks[k]), tuple(links[k]))) for k, (name, s, n) in enumerate(sentences)]
