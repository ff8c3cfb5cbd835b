"""Gold sentences: their record, read and written, with the text where we have it."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ddextract.annotation.anchors import normalised_text, span_hash
from ddextract.codebook import own_folder
from ddextract.errors import DataError, UsageError

SCHEMA = "ddextract.gold/1"
OPENING = 8_000
"""Characters at the beginning of a document that tell who signed it."""
Split = Literal["train", "dev", "test", "near", "authored"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GoldSpan(_Record):
    """A span: half-open code points into the normalised text of the file (authored: of the sentence).

    Attributes:
        start: First character.
        end: Character behind the last.
        hash: Salted hash of the span, for stand-off records.
        before: Salted hash of the eight words before it.
        after: Salted hash of the eight words behind it.
    """

    start: int = Field(ge=0)
    end: int
    hash: str = ""
    before: str = ""
    after: str = ""

    @model_validator(mode="after")
    def _not_empty(self) -> GoldSpan:
        if self.end <= self.start:
            raise ValueError("end must be behind start")
        return self


class GoldInstrument(GoldSpan):
    """An INSTRUMENT mention with its attributes."""

    code: str
    holder: Literal["self", "joint", "other"]
    status: Literal["current", "planned", "past", "negated"]
    partner: tuple[GoldSpan, ...] = ()


class GoldObjective(GoldSpan):
    """An OBJECTIVE mention."""

    code: str


class GoldActor(GoldSpan):
    """An ACTOR mention, linked."""

    type: str
    name: str = ""
    iso3: str | None = None


class Coder(_Record):
    """Who coded: a person or a model. Agreement between models is called that."""

    id: str
    kind: Literal["human", "model"]


class GoldSentence(_Record):
    """One coded sentence. Authored sentences carry their text; real ones only their place.

    Attributes:
        id: Unique within a file.
        document: Path of the document in the documents folder (authored: the set).
        sha256: Hash of the file.
        text_version: Version of the normalised text that offsets refer to.
        start: First character of the sentence.
        end: Character behind it.
        previous: Place of the sentence before it, which is context only.
        previous_text: The sentence before an authored one.
        stratum: ``rich`` (drawn from passages rich in the subject) or ``random`` (drawn from all sentences).
        weight: Sentences of the document that this one stands for, to weigh scores back to prevalence.
        hash: Salted hash of the whole sentence, so that one without spans can be found again (``annotate reanchor --seal``).
        before: Salted hash of the eight words before it.
        after: Salted hash of the eight words behind it.
    """

    schema_: str = Field(alias="schema", default=SCHEMA)
    id: str
    document: str
    sha256: str = ""
    text_version: int = 1
    text: str | None = None
    start: int = 0
    end: int = 0
    hash: str = ""
    before: str = ""
    after: str = ""
    previous: tuple[int, int] | None = None
    previous_text: str = ""
    split: Split
    language: str
    state: str | None = None
    year: int | None = None
    stratum: Literal["rich", "random", ""] = ""
    weight: float = 1.0
    instruments: tuple[GoldInstrument, ...] = ()
    objectives: tuple[GoldObjective, ...] = ()
    actors: tuple[GoldActor, ...] = ()
    coder: Coder
    round: Literal["raw", "adjudicated"]
    doubt: str = ""

    @property
    def offset(self) -> int:
        """What to subtract from span offsets to get places in the sentence's own text."""
        return self.start if self.text is None else 0


@dataclass(frozen=True, slots=True)
class Coded:
    """A gold sentence with its text (and the sentence before it, and the opening of its document) in hand."""

    gold: GoldSentence
    text: str
    previous: str = ""
    opening: str = ""

    def quote(self, span: GoldSpan) -> str:
        """Return the words of a span."""
        return self.text[span.start - self.gold.offset : span.end - self.gold.offset]


def gold_folder() -> Path:
    """Return the folder of the project's own gold."""
    return own_folder("annotations") / "gold"


def read_gold(path: Path) -> list[GoldSentence]:
    """Read a JSONL file of gold sentences.

    Raises:
        DataError: A line is malformed; file and line are named.
    """
    sentences = []
    # Only line feeds end a line: a text may hold U+0085 or U+2028, which splitlines would take for ends.
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            sentences.append(GoldSentence.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            raise DataError(path, ".".join(map(str, first["loc"])), first["msg"], number) from None
    return sentences


def gold_line(sentence: GoldSentence) -> str:
    """Return a gold sentence as a line of JSON, without what is empty; stable bytes."""
    data = sentence.model_dump(by_alias=True, exclude_defaults=True)
    return json.dumps({"schema": SCHEMA, **data}, ensure_ascii=False)


def digest(sentences: Iterable[GoldSentence]) -> str:
    """Return the hash that pins a set of gold sentences, whatever their order."""
    lines = sorted(gold_line(s) for s in sentences)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@lru_cache(maxsize=64)
def _text_of(path: Path) -> str:
    return normalised_text(path)


def with_text(sentences: Sequence[GoldSentence], documents: Path | None) -> Iterator[Coded]:
    """Yield gold sentences with their texts; real ones are left out where the documents are missing.

    Args:
        sentences: Gold sentences.
        documents: Folder of the real documents, or None.

    Raises:
        DataError: A file's text is not the one that was coded (its spans do not verify).
    """
    for sentence in sentences:
        if sentence.text is not None:
            yield Coded(sentence, sentence.text, sentence.previous_text)
            continue
        path = documents / sentence.document if documents else None
        if path is None or not path.is_file():
            continue
        text = _text_of(path)
        for span in (*sentence.instruments, *sentence.objectives, *sentence.actors):
            if span_hash(text[span.start : span.end]) != span.hash:
                raise DataError(path, sentence.id, "the text is not the one that was coded; run ddextract annotate reanchor")
        previous = text[slice(*sentence.previous)].replace("\n", " ") if sentence.previous else ""
        yield Coded(sentence, text[sentence.start : sentence.end].replace("\n", " "), previous, f"{_title_of(documents, sentence.document)}. {text[:OPENING]}")


@lru_cache(maxsize=256)
def _title_of(documents: Path | None, document: str) -> str:
    """Return the title of a document by the index of its folder, where there is one."""
    if documents is None or not (documents / "INDEX.tsv").is_file():
        return ""
    return index_of(documents).get(document, {}).get("title", "")


def index_of(documents: Path) -> dict[str, dict[str, str]]:
    """Read INDEX.tsv of a documents folder: path to row.

    Raises:
        UsageError: The folder has none.
    """
    path = documents / "INDEX.tsv"
    if not path.is_file():
        raise UsageError(f"{documents}: holds no INDEX.tsv. Give the folder of the real documents with --documents.")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file, delimiter="\t")}


def leaks(sentences: Iterable[GoldSentence]) -> list[str]:
    """Return what stands in two splits: documents and sentences (by text or place)."""
    seen: dict[str, str] = {}
    found: list[str] = []
    for sentence in sentences:
        keys: list[Any] = [f"document {sentence.document}"] if sentence.text is None else [f"text {' '.join(sentence.text.lower().split())}"]
        if sentence.sha256:
            keys.append(f"file {sentence.sha256}")
        for key in keys:
            if seen.setdefault(key, sentence.split) != sentence.split:
                found.append(f"{key}: in {seen[key]} and {sentence.split} ({sentence.id})")
    return found
