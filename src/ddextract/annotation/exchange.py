"""Gold out to annotation tools and back: what a format cannot hold travels in a sidecar, and nothing comes back unchecked."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ddextract.annotation.anchors import neighbour_hashes, normalised_text, span_hash
from ddextract.annotation.formats import Format, format_named
from ddextract.annotation.formats.task import Mark, Read, Task, compact, read_utf8
from ddextract.annotation.gold import Coded, Coder, GoldSentence, gold_line, read_gold, with_text
from ddextract.errors import DataError, UsageError
from ddextract.files import write_atomically

SCHEMA = "ddextract.sidecar/1"
_ATTRIBUTES = {"INSTRUMENT": ("holder", "status"), "ACTOR": ("name", "iso3"), "OBJECTIVE": (), "PARTNER": ()}
_DEFAULTS = {"holder": "self", "status": "current"}
_HASHES = ("hash", "before", "after")


@dataclass
class Imported:
    """What came back: sentences, and what a person should look at."""

    sentences: list[GoldSentence] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where sentences without a sidecar come from, and who coded.

    Attributes:
        coder: Given where the import is a coding of its own: it replaces the coder of the export, and the round becomes raw.
        language: Of sentences without a sidecar.
        documents: Folder of the real documents, needed to anchor new spans there.
    """

    coder: Coder | None = None
    language: str | None = None
    documents: Path | None = None


def sidecar_of(path: Path) -> Path:
    """Return where the sidecar of an export lies."""
    return path.with_name(f"{path.name}.sidecar.json")


def export_gold(coded: Sequence[Coded], path: Path, name: str, *, blank: bool = False) -> None:
    """Write gold sentences in a format, with a sidecar beside it.

    Args:
        coded: Sentences with their texts.
        path: The file.
        name: ``jsonl`` or one of :data:`ddextract.annotation.formats.FORMATS`.
        blank: Leave out all codes, for a coder who must not see them.

    Raises:
        UsageError: There is nothing to write, or the format is unknown.
    """
    if not coded:
        raise UsageError("there are no sentences to export: the real ones need their documents (--documents DIR).")
    if blank:
        emptied = {"instruments": (), "objectives": (), "actors": (), "doubt": ""}
        coded = [Coded(c.gold.model_copy(update=emptied), c.text, c.previous) for c in coded]
    if name == "jsonl":
        write_atomically(path, gold_bytes([c.gold for c in coded]))
        return
    chosen = format_named(name)
    tasks = [_task(c) for c in coded]
    chosen.dump(tasks, path)
    body = ",\n".join(compact(_aside(c, t, chosen)) for c, t in zip(coded, tasks, strict=True))
    write_atomically(sidecar_of(path), f'{{"schema": {compact(SCHEMA)}, "format": {compact(name)}, "sentences": [\n{body}\n]}}\n'.encode())


def gold_bytes(sentences: Sequence[GoldSentence]) -> bytes:
    """Return gold sentences as JSONL; the same sentences give the same bytes."""
    return "".join(gold_line(s) + "\n" for s in sentences).encode()


def _task(coded: Coded) -> Task:
    g, o = coded.gold, coded.gold.offset
    marks = [Mark(m.start - o, m.end - o, "INSTRUMENT", m.code, m.holder, m.status) for m in g.instruments]
    marks += [Mark(m.start - o, m.end - o, "OBJECTIVE", m.code) for m in g.objectives]
    marks += [Mark(m.start - o, m.end - o, "ACTOR", m.type, name=m.name, iso3=m.iso3 or "") for m in g.actors]
    places: dict[tuple[int, int], int] = {}
    links = []
    for i, instrument in enumerate(g.instruments):
        for p in instrument.partner:
            place = (p.start - o, p.end - o)
            if place not in places:
                places[place] = len(marks)
                marks.append(Mark(*place, "PARTNER"))
            links.append((i, places[place]))
    return Task(g.id, coded.text, tuple(marks), tuple(links), coded.previous)


def _aside(coded: Coded, task: Task, chosen: Format) -> dict[str, Any]:
    """Return what the format cannot hold of a sentence."""
    g = coded.gold
    partners = {(p.start - g.offset, p.end - g.offset): p for m in g.instruments for p in m.partner}
    spans = [*g.instruments, *g.objectives, *g.actors, *partners.values()]
    marks = []
    for mark, span in zip(task.marks, spans, strict=True):
        extra = {key: value for key in _HASHES if (value := getattr(span, key))}
        extra.update({key: value for key in _ATTRIBUTES[mark.label] if key not in chosen.holds and (value := getattr(mark, key))})
        marks.append([mark.start, mark.end, mark.label, mark.code, extra])
    record = g.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"instruments", "objectives", "actors", "text"})
    aside: dict[str, Any] = {"id": g.id, "record": record, "own_text": g.text is not None, "text_sha256": _sha(coded.text), "marks": marks}
    if "links" not in chosen.holds and task.links:
        aside["links"] = [list(pair) for pair in task.links]
    return aside


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def import_gold(path: Path, name: str, origin: Origin | None = None) -> Imported:
    """Read gold sentences from a format and its sidecar, if there is one.

    Args:
        path: The file.
        name: ``jsonl`` or one of :data:`ddextract.annotation.formats.FORMATS`.
        origin: Who coded, and what a file without a sidecar does not say.

    Raises:
        DataError: A span is not where the file says, a text is not the one exported, a value is none of ours.
        UsageError: Something that the file lacks must be given.
    """
    origin = origin or Origin()
    if name == "jsonl":
        return _own(path, origin)
    chosen = format_named(name)
    asides = _read_sidecar(sidecar_of(path), name)
    result = Imported()
    seen: dict[str, GoldSentence] = {}
    texts: dict[str, str] = {}
    for read in chosen.load(path):
        if read.task.id in seen:
            raise DataError(path, read.task.id, "stands in the file twice", read.line)
        seen[read.task.id] = _merged(path, read, asides.get(read.task.id), chosen, origin, result.notes, texts)
    result.notes += [f"{i}: was exported and is not in {path.name}" for i in asides if i not in seen]
    known = [seen[i] for i in asides if i in seen]
    result.sentences = [*known, *(s for i, s in seen.items() if i not in asides)]
    return result


def _own(path: Path, origin: Origin) -> Imported:
    sentences = read_gold(path)
    for number, sentence in enumerate(sentences, 1):
        partners = (p for m in sentence.instruments for p in m.partner)
        for span in (*sentence.instruments, *sentence.objectives, *sentence.actors, *partners):
            low, high = (0, len(sentence.text)) if sentence.text is not None else (sentence.start, sentence.end)
            if span.start < low or span.end > high:
                raise DataError(path, sentence.id, f"span {span.start} to {span.end} does not lie within the sentence", number)
            if sentence.text is not None and span.hash and span_hash(sentence.text[span.start : span.end]) != span.hash:
                raise DataError(path, sentence.id, f"span {span.start} to {span.end} is not the words it was coded on", number)
    list(with_text(sentences, origin.documents))
    if origin.coder:
        sentences = [s.model_copy(update={"coder": origin.coder, "round": "raw"}) for s in sentences]
    return Imported(sentences)


def _read_sidecar(path: Path, name: str) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        return {}
    try:
        data = json.loads(read_utf8(path))
        if data["schema"] != SCHEMA or data["format"] != name:
            raise DataError(path, "schema", f"is the sidecar of another format ({data['format']}) or version ({data['schema']})", 1)
        return {s["id"]: s for s in data["sentences"]}
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(path, "", f"not a sidecar of ours ({error}); export anew") from None


def _merged(path: Path, read: Read, aside: dict[str, Any] | None, chosen: Format, origin: Origin, notes: list[str], texts: dict[str, str]) -> GoldSentence:
    """Join what the tool gave with what the sidecar kept."""
    task = read.task
    if aside is not None and _sha(task.text) != aside["text_sha256"]:
        raise DataError(path, task.id, "the sentence is not the one that was exported; its words may not be changed", read.line)
    record = dict(aside["record"]) if aside else _fresh(path, task, origin, read.line)
    if aside and aside["own_text"]:
        record["text"] = task.text
    if origin.coder:
        record.update(coder=origin.coder.model_dump(), round="raw")
    kept: dict[tuple[Any, ...], list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for index, (*key, extra) in enumerate(aside["marks"] if aside else []):
        kept[tuple(key)].append((index, extra))
    rows: list[tuple[int, Mark, dict[str, Any], int]] = []
    new = len(aside["marks"]) if aside else 0
    for number, mark in enumerate(task.marks):
        matches = kept[mark.start, mark.end, mark.label, mark.code]
        index, extra = matches.pop(0) if matches else (new, {})
        rows.append((index, mark, extra, number))
    rows.sort(key=lambda row: (row[0], row[1].start, row[1].end) if row[0] == new else (row[0], 0, 0))
    order = {number: k for k, (_, _, _, number) in enumerate(rows)}
    spans = [_span(path, read, row, record, chosen, origin, notes, texts, is_new=row[0] == new) for row in rows]
    labels = [mark.label for _, mark, _, _ in rows]
    pairs = _pairs(task, aside, chosen, rows, order)
    _adopt(task, rows, labels, pairs, notes)
    for i, span in enumerate(spans):
        partners = [spans[j] for a, j in pairs if a == i]
        if partners:
            span["partner"] = partners
    for key, label in (("instruments", "INSTRUMENT"), ("objectives", "OBJECTIVE"), ("actors", "ACTOR")):
        record[key] = [span for span, own in zip(spans, labels, strict=True) if own == label]
    try:
        return GoldSentence.model_validate(record)
    except ValidationError as error:
        first = error.errors()[0]
        raise DataError(path, f"{task.id}: {'.'.join(map(str, first['loc']))}", f"{first['msg']} (it is '{first['input']}')", read.line) from None


def _fresh(path: Path, task: Task, origin: Origin, line: int | None) -> dict[str, Any]:
    """Return the record of a sentence that was never exported by us."""
    if origin.coder is None or origin.language is None:
        place = f"{path}:{line}" if line else str(path)
        raise UsageError(
            f"{place}: '{task.id}' has no sidecar entry. Put the sidecar beside the file, or give --coder and --lang for sentences made elsewhere."
        )
    return {"id": task.id, "document": path.stem, "split": "authored", "language": origin.language, "text": task.text}


def _span(
    path: Path,
    read: Read,
    row: tuple[int, Mark, dict[str, Any], int],
    record: dict[str, Any],
    chosen: Format,
    origin: Origin,
    notes: list[str],
    texts: dict[str, str],
    *,
    is_new: bool,
) -> dict[str, Any]:
    """Return a span in the fields of the gold record."""
    _, mark, extra, _ = row
    offset = 0 if "text" in record else record.get("start", 0)
    start, end = mark.start + offset, mark.end + offset
    span: dict[str, Any] = {"start": start, "end": end, **{k: extra[k] for k in _HASHES if k in extra}}
    if is_new and "text" not in record:
        span.update(_anchored(path, read, record, origin, texts, start, end))
    if mark.label in ("INSTRUMENT", "OBJECTIVE"):
        span["code"] = mark.code
    elif mark.label == "ACTOR":
        span["type"] = mark.code
    for key in _ATTRIBUTES[mark.label]:
        given = getattr(mark, key) if key in chosen.holds else None
        value = given if given is not None else extra.get(key)
        if value is None and key in _DEFAULTS:
            value = _DEFAULTS[key]
            note = f"{key} of '{read.task.text[mark.start : mark.end]}' not coded, set to {value}"
            record["doubt"] = "; ".join(part for part in (record.get("doubt", ""), note) if part)
            notes.append(f"{read.task.id}: {note}")
        if value is not None:
            span[key] = (value or None) if key == "iso3" else value
    return span


def _anchored(path: Path, read: Read, record: dict[str, Any], origin: Origin, texts: dict[str, str], start: int, end: int) -> dict[str, str]:
    """Return the hashes of a new span on a real document."""
    document = origin.documents / record["document"] if origin.documents else None
    if document is None or not document.is_file():
        raise DataError(path, read.task.id, f"a new span on the real document {record['document']} must be anchored there: give --documents", read.line)
    text = texts.setdefault(record["document"], normalised_text(document))
    if text[start:end].replace("\n", " ") != read.task.text[start - record.get("start", 0) : end - record.get("start", 0)]:
        raise DataError(path, read.task.id, f"the text of {document} is not the one that was exported", read.line)
    before, after = neighbour_hashes(text, start, end)
    return {"hash": span_hash(text[start:end]), "before": before, "after": after}


def _pairs(
    task: Task, aside: dict[str, Any] | None, chosen: Format, rows: list[tuple[int, Mark, dict[str, Any], int]], order: dict[int, int]
) -> list[tuple[int, int]]:
    """Return the links between instruments and partners, as indices of the sorted rows."""
    if "links" in chosen.holds:
        return [(order[i], order[j]) for i, j in task.links]
    at = {index: k for k, (index, _, _, _) in enumerate(rows) if aside and index < len(aside["marks"])}
    return [(at[i], at[j]) for i, j in (aside or {}).get("links", []) if i in at and j in at]


def _adopt(task: Task, rows: list[tuple[int, Mark, dict[str, Any], int]], labels: list[str], pairs: list[tuple[int, int]], notes: list[str]) -> None:
    """Give a partner without an instrument to the only one there is, or say that it is lost."""
    instruments = [k for k, label in enumerate(labels) if label == "INSTRUMENT"]
    linked = {j for _, j in pairs}
    for k, label in enumerate(labels):
        if label != "PARTNER" or k in linked:
            continue
        if len(instruments) == 1:
            pairs.append((instruments[0], k))
        else:
            mark = rows[k][1]
            notes.append(f"{task.id}: the partner '{task.text[mark.start : mark.end]}' is linked to no instrument and was left out")
