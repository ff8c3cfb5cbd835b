"""What every format exchanges: a sentence with its marks and the links between them; offsets are code points of the sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from ddextract.errors import DataError

LABELS = ("INSTRUMENT", "OBJECTIVE", "ACTOR", "PARTNER")
_PIECE = re.compile(r"\w+|\s|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked span.

    Attributes:
        start: First character.
        end: Character behind the last.
        label: One of :data:`LABELS`.
        code: Code of the codebook or type of the actor; empty for a partner.
        holder: Of an instrument, None where the format does not say.
        status: Likewise.
        name: Of an actor.
        iso3: Of an actor; empty where it has none, None where the format does not say.
    """

    start: int
    end: int
    label: str
    code: str = ""
    holder: str | None = None
    status: str | None = None
    name: str | None = None
    iso3: str | None = None

    @property
    def title(self) -> str:
        """Label and code in one word, for tools that know but one."""
        return f"{self.label}:{self.code}" if self.code else self.label


@dataclass(frozen=True, slots=True)
class Task:
    """A sentence to be coded or coded.

    Attributes:
        id: Of the gold sentence.
        text: Its text.
        marks: What is marked.
        links: Instrument to partner, as indices of marks.
        previous: The sentence before it, shown to the coder where the tool can; never read back.
    """

    id: str
    text: str
    marks: tuple[Mark, ...] = ()
    links: tuple[tuple[int, int], ...] = ()
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A task read from a file, and the line it stands on where there is one."""

    task: Task
    line: int | None = None


def titled(title: Any, path: Path, line: int | None) -> tuple[str, str]:
    """Return label and code of a :attr:`Mark.title`.

    Raises:
        DataError: It is none of ours.
    """
    label, _, code = str(title).partition(":")
    if label not in LABELS or (label == "PARTNER") == bool(code):
        raise DataError(path, "label", f"'{title}' is not LABEL:code with a label among {', '.join(LABELS)}", line)
    return label, code


def checked(path: Path, line: int | None, task_id: str, text: str, start: Any, end: Any, quote: Any = None) -> tuple[int, int]:
    """Return the borders of a span after checking them against the text and what the file says it reads.

    Raises:
        DataError: They are no offsets into the text, or the text there is another.
    """
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        raise DataError(path, task_id, f"span {start} to {end} does not lie within the sentence of {len(text)} characters", line)
    if quote is not None and text[start:end] != quote:
        raise DataError(path, task_id, f"span {start} to {end} reads '{text[start:end]}', the file says '{quote}'", line)
    return start, end


def pieces(text: str, marks: Iterable[Mark]) -> list[tuple[int, int]]:
    """Return tokens that cover the text, cut at every border of a mark too, so that every mark is whole tokens."""
    cuts = {0, len(text)} | {m.start() for m in _PIECE.finditer(text)} | {m.end() for m in _PIECE.finditer(text)}
    for mark in marks:
        cuts |= {mark.start, mark.end}
    ordered = sorted(cuts)
    return list(pairwise(ordered))


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and object of each line of a JSONL file, split at line feeds only.

    Raises:
        DataError: A line is no JSON object.
    """
    for number, line in enumerate(read_utf8(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except ValueError as error:
            raise DataError(path, "", f"not JSON ({error})", number) from None
        if not isinstance(data, dict):
            raise DataError(path, "", "not a JSON object", number)
        yield number, data


def read_utf8(path: Path) -> str:
    """Return the text of a file, line ends untouched.

    Raises:
        DataError: It is not there or not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(path, "", f"not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise DataError(path, "", f"cannot be read ({error.strerror})") from None


def wanted(data: Mapping[str, Any], key: str, kind: type | tuple[type, ...], path: Path, line: int | None) -> Any:
    """Return a value of an object of the right kind.

    Raises:
        DataError: It is missing or of another kind.
    """
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise DataError(path, key, "is missing or of the wrong kind", line)
    return value


def compact(data: Any) -> str:
    """Return data as one line of JSON."""
    return json.dumps(data, ensure_ascii=False)
