"""CSV for a scholar's spreadsheet: a row per mention, sentences without one have a row of their own; partners as offsets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from ddextract.annotation.formats.task import LABELS, Mark, Read, Task, checked, read_utf8
from ddextract.errors import DataError
from ddextract.files import write_atomically

HOLDS = frozenset({"holder", "status", "name", "iso3", "links"})
COLUMNS = ("sentence_id", "label", "code", "quote", "holder", "status", "partner", "name", "iso3", "start", "end", "text", "previous")
_PLACE = re.compile(r"(\d+)-(\d+)")


def dump(tasks: Sequence[Task], path: Path) -> None:
    """Write the rows, UTF-8 with a byte order mark, as spreadsheets want it."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for task in tasks:
        shared = {"sentence_id": task.id, "text": task.text, "previous": task.previous}
        linked = {j for _, j in task.links}
        rows = 0
        for k, mark in enumerate(task.marks):
            if mark.label == "PARTNER" and k in linked:
                # It stands in the rows of its instruments.
                continue
            partner = ";".join(f"{task.marks[j].start}-{task.marks[j].end}" for i, j in task.links if i == k)
            own = {"label": mark.label, "code": mark.code, "start": mark.start, "end": mark.end, "quote": task.text[mark.start : mark.end]}
            writer.writerow({**shared, **own, "holder": mark.holder, "status": mark.status, "partner": partner, "name": mark.name, "iso3": mark.iso3})
            rows += 1
        if not rows:
            writer.writerow(shared)
    write_atomically(path, b"\xef\xbb\xbf" + buffer.getvalue().encode())


def load(path: Path) -> list[Read]:
    """Read the rows. In a row that a person added, ``start`` and ``end`` may be empty if the quote stands once in the sentence."""
    text = read_utf8(path)
    reader = csv.DictReader(io.StringIO(text, newline=""), dialect=_dialect(text))
    missing = {"sentence_id", "label", "code", "quote", "text"} - set(reader.fieldnames or ())
    if missing:
        raise DataError(path, "header", f"lacks the columns {', '.join(sorted(missing))}", 1)
    tasks: dict[str, tuple[str, int, list[Mark], list[tuple[int, tuple[int, int]]]]] = {}
    for row in reader:
        line = reader.line_num
        sentence, content = row["sentence_id"], row["text"] or ""
        known = tasks.setdefault(sentence, (content, line, [], []))
        if known[0] != content:
            raise DataError(path, sentence, "its rows give it two different texts", line)
        if row["label"]:
            _add(path, line, sentence, content, row, known[2], known[3])
    result = []
    for sentence, (content, line, marks, pairs) in tasks.items():
        places: dict[tuple[int, int], int] = {}
        for _, place in pairs:
            if place not in places:
                places[place] = len(marks)
                marks.append(Mark(*checked(path, line, sentence, content, *place), "PARTNER"))
        result.append(Read(Task(sentence, content, tuple(marks), tuple((i, places[p]) for i, p in pairs)), line))
    return result


def _dialect(text: str) -> type[csv.Dialect]:
    class Found(csv.excel):
        # Spreadsheets of half of Europe write semicolons.
        delimiter = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","

    return Found


def _add(path: Path, line: int, sentence: str, text: str, row: dict[str, str], marks: list[Mark], pairs: list[tuple[int, tuple[int, int]]]) -> None:
    label, code, quote = row["label"], row["code"] or "", row["quote"]
    if label not in LABELS or (label == "PARTNER") == bool(code):
        raise DataError(path, "label", f"'{label}' with code '{code}': give a label among {', '.join(LABELS)} and its code", line)
    if row.get("start") and row.get("end"):
        try:
            start, end = int(row["start"]), int(row["end"])
        except ValueError:
            raise DataError(path, "start", f"'{row['start']}' to '{row['end']}' are no offsets", line) from None
    elif quote and text.count(quote) == 1:
        start = text.index(quote)
        end = start + len(quote)
    else:
        raise DataError(path, "start", f"the quote '{quote}' stands {text.count(quote) if quote else 0} times in the sentence; give start and end", line)
    checked(path, line, sentence, text, start, end, quote)
    instrument, actor = label == "INSTRUMENT", label == "ACTOR"
    name, iso3 = (row.get("name") or "", row.get("iso3") or "") if actor else (None, None)
    pairs += [(len(marks), (int(a), int(b))) for a, b in _PLACE.findall(row.get("partner") or "")]
    marks.append(
        Mark(start, end, label, code, (row.get("holder") or None) if instrument else None, (row.get("status") or None) if instrument else None, name, iso3)
    )
