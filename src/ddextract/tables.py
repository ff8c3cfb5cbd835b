"""Tables: mentions and documents as rows, and tables as the bytes of their files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ddextract.mention import Mention

if TYPE_CHECKING:
    import pandas as pd

    from ddextract.job import DocumentResult

DOCUMENTS_SCHEMA = "ddextract.documents/1"
MENTIONS_SCHEMA = "ddextract.mentions/1"

DOCUMENT_COLUMNS = (
    "id", "issuers", "state", "year", "language", "title", "guessed", "known_from", "path", "pages", "words", "characters", "quality",
    "problems", "skipped", "sha256", "outcome", "reason",
)  # fmt: skip
MENTION_COLUMNS = (
    "id", "document", "label", "code", "start", "end", "text", "boxes", "sentence", "sentence_start", "section", "page", "page_label", "name", "iso3",
    "holder", "agent", "status", "ladder", "partner", "objectives", "objective_codes", "figures", "times", "score", "matcher", "rule", "cues", "counts",
    "reason",
)  # fmt: skip
LIST_COLUMNS = (
    "boxes", "section", "agent", "partner", "objectives", "objective_codes", "figures", "times", "cues", "issuers", "problems", "skipped", "guessed",
)  # fmt: skip
"""Columns that hold lists or records, written as JSON in CSV files."""


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
    # A cell that is text already (codes joined by semicolons, JSON read back) stays as it is.
    if isinstance(value, str):
        return value
    # Most of these cells are empty lists, and there are many cells.
    if isinstance(value, list) and not value:
        return "[]"
    return json.dumps(value, ensure_ascii=False) if value is not None else ""


def written_out(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose nested cells are JSON, as files hold them."""
    frame = frame.copy()
    for column in frame.columns:
        if column in LIST_COLUMNS:
            frame[column] = [_json(value) for value in frame[column]]
    return frame


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV (UTF-8, LF), lists as JSON."""
    text: str = written_out(frame).to_csv(index=False, lineterminator="\n")
    return text.encode()


def parquet_bytes(frame: pd.DataFrame, schema: str) -> bytes:
    """Return a table as Parquet (zstd) whose metadata names the schema; nested values as JSON strings."""
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(written_out(frame), preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), b"ddextract.schema": schema.encode()})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as JSON-ready records, empty cells as null."""
    return [{str(k): v for k, v in row.items()} for row in json.loads(frame.to_json(orient="records", force_ascii=False))]


def xlsx_bytes(sheets: Mapping[str, pd.DataFrame], choices: Mapping[str, Sequence[str]] | None = None, wide: Sequence[str] = ()) -> bytes:
    """Return tables as a workbook with frozen headers and filters; the same tables give the same bytes.

    Args:
        sheets: Tables by name of sheet (31 characters at most).
        choices: Values that may be chosen in columns of these names.
        wide: Columns of running text, shown wide and wrapped.
    """
    import io
    import re
    import zipfile
    from datetime import datetime

    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    forbidden = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, frame in sheets.items():
        sheet = book.create_sheet(name[:31])
        sheet.append([str(c) for c in frame.columns])
        for record in records(frame):
            sheet.append([forbidden.sub(" ", v) if isinstance(v, str) else v for v in record.values()])
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                # Text that begins with an equals sign is text of a document, not a formula.
                if cell.data_type == "f":
                    cell.data_type = "s"
        for number, column in enumerate(frame.columns, 1):
            letter = get_column_letter(number)
            sheet.cell(1, number).font = Font(bold=True)
            sheet.column_dimensions[letter].width = 60 if column in wide else max(10, min(28, len(str(column)) + 3))
            if column in wide:
                for row in range(2, len(frame) + 2):
                    sheet.cell(row, number).alignment = Alignment(wrap_text=True, vertical="top")
            if choices and column in choices:
                allowed = DataValidation(type="list", formula1=f'"{",".join(choices[column])}"', allow_blank=True)
                sheet.add_data_validation(allowed)
                allowed.add(f"{letter}2:{letter}{max(2, len(frame) + 1)}")
        sheet.freeze_panes = "C2" if len(frame.columns) > 4 else "A2"
        sheet.auto_filter.ref = sheet.dimensions
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)
    buffer = io.BytesIO()
    book.save(buffer)
    # The library stamps the time of saving on every part; a fixed one makes identical tables identical files.
    settled = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            data = old.read(part)
            if part == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", data)
            new.writestr(zipfile.ZipInfo(part, (2000, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return settled.getvalue()


def json_bytes(data: Any) -> bytes:
    """Return data as indented JSON with a final line feed."""
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=False) + "\n").encode()
