"""Documents and mentions as bytes: what a worker stores for one document, and how it is read back."""

from __future__ import annotations

import array as arrays
import dataclasses
import gc
import io
import json
import pickle
from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ddextract import document as shapes
from ddextract import mention as findings
from ddextract.document import Document
from ddextract.mention import Mention
from ddextract.tables import LIST_COLUMNS, MENTION_COLUMNS, MENTIONS_SCHEMA, mention_row

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

DOCUMENT_SCHEMA = "ddextract.document/1"
FOUND_SCHEMA = "ddextract.found/1"
LISTS = frozenset(LIST_COLUMNS) & frozenset(MENTION_COLUMNS)
"""Columns of mentions that hold nested values: JSON in the files."""
_CLASSES: Mapping[tuple[str, str], type] = {
    (module.__name__, name): value
    for module in (shapes, findings)
    for name, value in vars(module).items()
    if isinstance(value, type) and dataclasses.is_dataclass(value) and value.__module__ == module.__name__
}
_FIELDS: Mapping[str, tuple[str, ...]] = {name: tuple(f.name for f in dataclasses.fields(cls)) for (_, name), cls in _CLASSES.items()}
_ADMITTED: Mapping[tuple[str, str], Any] = {
    **_CLASSES,
    (shapes.__name__, "_unpack"): shapes._unpack,
    ("array", "array"): array,
    ("array", "_array_reconstructor"): vars(arrays)["_array_reconstructor"],
}
_PLACE = frozenset({"id", "path", "sha256"})
"""Fields of a document that belong to the file and not to what it says."""


class OtherShapeError(Exception):
    """Stored by a version whose records have other fields: to be made anew."""


def document_bytes(document: Document) -> bytes:
    """Return a document as bytes, without id and path, which belong to the file and not to its content."""
    return _dumped(DOCUMENT_SCHEMA, {f.name: getattr(document, f.name) for f in dataclasses.fields(document) if f.name not in _PLACE})


def document_of(data: bytes, *, identity: str, path: str, sha256: str) -> Document:
    """Return the document that was stored.

    Args:
        data: As :func:`document_bytes` gave it.
        identity: The id that it has in this run.
        path: Where its file lies now.
        sha256: Hash of the file.

    Raises:
        OtherShapeError: It was stored with other fields.
    """
    return Document(id=identity, path=path, sha256=sha256, **_loaded(data, DOCUMENT_SCHEMA))


def found_bytes(mentions: Sequence[Mention]) -> bytes:
    """Return mentions as bytes, whole, as the report needs them."""
    return _dumped(FOUND_SCHEMA, tuple(mentions))


def found_of(data: bytes) -> tuple[Mention, ...]:
    """Return the mentions that :func:`found_bytes` stored.

    Raises:
        OtherShapeError: They were stored with other fields.
    """
    mentions: tuple[Mention, ...] = _loaded(data, FOUND_SCHEMA)
    return mentions


class _RecordsOnly(pickle.Unpickler):
    """Reads our records and nothing else: no class outside the lists below is ever made, so nothing stored can run."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ADMITTED:
            return _ADMITTED[module, name]
        raise OtherShapeError(f"{module}.{name}")


def _dumped(schema: str, value: Any) -> bytes:
    return json.dumps({"schema": schema, "fields": _FIELDS}).encode() + b"\n" + pickle.dumps(value, protocol=5)


def _loaded(data: bytes, schema: str) -> Any:
    head, _, body = data.partition(b"\n")
    stored = json.loads(head)
    if stored["schema"] != schema or {k: tuple(v) for k, v in stored["fields"].items()} != _FIELDS:
        raise OtherShapeError(stored["schema"])
    # The collector would look through a million new objects that all stay.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _RecordsOnly(io.BytesIO(body)).load()
    finally:
        if collecting:
            gc.enable()


def mention_bytes(mentions: Sequence[Mention]) -> bytes:
    """Return the mentions of one document as a Parquet file with the columns of ``mentions.parquet``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    codes = {m.id: m.code for m in mentions}
    rows = [mention_row(m, codes) for m in mentions]
    columns = {name: [_json(row[name]) if name in LISTS else row[name] for row in rows] if rows else pa.array([], pa.null()) for name in MENTION_COLUMNS}
    table = pa.table(columns).replace_schema_metadata({b"ddextract.schema": MENTIONS_SCHEMA.encode()})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _json(value: Any) -> str | None:
    if isinstance(value, list | tuple) and not value:
        return "[]"
    return None if value is None else json.dumps(value, ensure_ascii=False)


def mention_table(data: bytes) -> pa.Table:
    """Return the rows that :func:`mention_bytes` stored.

    Raises:
        OtherShapeError: They have another schema or other columns.
    """
    import pyarrow.parquet as pq

    table = pq.ParquetFile(io.BytesIO(data)).read(use_threads=False)
    schema = (table.schema.metadata or {}).get(b"ddextract.schema", b"").decode()
    if schema != MENTIONS_SCHEMA or tuple(table.column_names) != MENTION_COLUMNS:
        raise OtherShapeError(schema)
    return table.replace_schema_metadata(None)


def mention_frame(tables: Sequence[pa.Table]) -> pd.DataFrame:
    """Return the mentions of many documents as the frame that the main job makes of them.

    Args:
        tables: The rows of each document, in the order of the documents.
    """
    import pandas as pd
    import pyarrow as pa

    filled = [t for t in tables if t.num_rows]
    if not filled:
        return pd.DataFrame([], columns=list(MENTION_COLUMNS))
    frame: pd.DataFrame = pa.concat_tables(filled, promote_options="permissive").to_pandas()
    for name in LISTS:
        frame[name] = pd.Series([_nested(value) for value in frame[name]], dtype=object)
    return frame


def _nested(value: Any) -> Any:
    if not isinstance(value, str):
        return None
    return [] if value == "[]" else json.loads(value)
