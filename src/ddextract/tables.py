"""Tables: mentions and documents as rows, and their files, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ddextract.files import check_writable, write_atomically
from ddextract.mention import Mention

if TYPE_CHECKING:
    import pandas as pd

    from ddextract.job import DocumentResult

__all__ = [
    "DOCUMENTS_SCHEMA",
    "DOCUMENT_COLUMNS",
    "MENTIONS_SCHEMA",
    "MENTION_COLUMNS",
    "check_writable",
    "csv_bytes",
    "document_row",
    "json_bytes",
    "mention_row",
    "parquet_bytes",
    "write_atomically",
]

DOCUMENTS_SCHEMA = "ddextract.documents/1"
MENTIONS_SCHEMA = "ddextract.mentions/1"

DOCUMENT_COLUMNS = (
    "id", "issuers", "state", "year", "language", "title", "guessed", "known_from", "path", "pages", "words", "characters", "quality",
    "problems", "skipped", "sha256", "outcome", "reason",
)  # fmt: skip
MENTION_COLUMNS = (
    "id", "document", "label", "code", "start", "end", "text", "boxes", "sentence", "sentence_start", "section", "page", "page_label", "name", "iso3",
    "holder", "agent", "status", "ladder", "partner", "objectives", "objective_codes", "score", "matcher", "rule", "cues", "counts", "reason",
)  # fmt: skip
_LISTS = ("boxes", "section", "agent", "partner", "objectives", "objective_codes", "cues", "issuers", "problems", "skipped", "guessed")


def document_row(result: DocumentResult) -> dict[str, Any]:
    """Return the row of ``documents`` for one input."""
    s, d = result.strategy, result.document
    return {
        "id": s.id,
        "issuers": list(s.issuers),
        "state": s.state,
        "year": s.year,
        "language": d.language if d else s.language,
        "title": s.title or (d.metadata.get("title", "") if d else ""),
        "guessed": list(s.guessed),
        "known_from": s.known_from,
        "path": s.path.name,
        "pages": len(d.pages) if d else 0,
        "words": result.words,
        "characters": len(d.text) if d else 0,
        "quality": round(d.quality, 3) if d else None,
        "problems": list(d.problems) if d else [],
        "skipped": dict(result.skipped),
        "sha256": s.sha256,
        "outcome": "read" if d else "failed",
        "reason": f"{result.failure.cause}. {result.failure.remedy}" if result.failure else "",
    }


def mention_row(mention: Mention, codes: Mapping[str, str]) -> dict[str, Any]:
    """Return the row of ``mentions`` for one mention; ``codes`` gives the code of each objective's id."""
    record = mention.record()
    record["objective_codes"] = sorted({codes[o] for o in mention.objectives if o in codes})
    return record


def _json(value: Any) -> str:
    # Most of these cells are empty lists, and there are many cells.
    if isinstance(value, list) and not value:
        return "[]"
    return json.dumps(value, ensure_ascii=False) if value is not None else ""


def _csv_ready(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.copy()
    for column in frame.columns:
        if column in _LISTS:
            frame[column] = [_json(value) for value in frame[column]]
    return frame


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV (UTF-8, LF), lists as JSON."""
    text: str = _csv_ready(frame).to_csv(index=False, lineterminator="\n")
    return text.encode()


def parquet_bytes(frame: pd.DataFrame, schema: str) -> bytes:
    """Return a table as Parquet (zstd) whose metadata names the schema; nested values as JSON strings."""
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(_csv_ready(frame), preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), b"ddextract.schema": schema.encode()})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def json_bytes(data: Any) -> bytes:
    """Return data as indented JSON with a final line feed."""
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=False) + "\n").encode()
