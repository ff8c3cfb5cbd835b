"""A run for other programs: SQLite with a full-text index (opens in Datasette), and JSON Lines."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddextract.analysis import Analysis
from ddextract.errors import OutputError
from ddextract.profile import filled
from ddextract.saved import SavedRun
from ddextract.tables import records

if TYPE_CHECKING:
    import pandas as pd

JSON_COLUMNS = ("boxes", "section", "agent", "partner", "objectives", "objective_codes", "cues")
"""Columns of mentions that hold lists or records as JSON."""

VIEWS = {
    "evidence": """
        SELECT m.id, m.code, m.label, m.status, m.holder, m.text, m.sentence, m.page_label, m.page, d.state, d.year, d.title, m.document, m.score
        FROM mentions m JOIN documents d ON d.id = m.document WHERE m.counts = 1""",
    "instruments_by_state": """
        SELECT state, code, family, present, counting_mentions, practised, announced, rate_per_10000_words, probability FROM profiles
        WHERE counting_mentions > 0 ORDER BY state, counting_mentions DESC""",
}
"""Views that answer the first questions."""


def write_sqlite(run: SavedRun, analysis: Analysis, path: Path) -> dict[str, int]:
    """Write a run as an SQLite file: tables with keys, a full-text index over the sentences, two views.

    Args:
        run: The run.
        analysis: What follows from it.
        path: The file; replaced if it is there, whole or not at all.

    Returns:
        Rows by table.

    Raises:
        OutputError: It cannot be written.
    """
    tables: dict[str, tuple[pd.DataFrame, str]] = {
        "documents": (run.documents, "PRIMARY KEY (id)"),
        "mentions": (run.mentions, "PRIMARY KEY (id), FOREIGN KEY (document) REFERENCES documents (id)"),
        "profiles": (run.profiles, "PRIMARY KEY (state, code)"),
        "profiles_documents": (analysis.by_document, "PRIMARY KEY (document, code), FOREIGN KEY (document) REFERENCES documents (id)"),
        "profiles_years": (analysis.by_year, "PRIMARY KEY (state, year, code)"),
        "adjacent": (analysis.adjacent, "PRIMARY KEY (state, code)"),
        "check_lists": (run.check, "PRIMARY KEY (state, code)"),
        "items": (run.items, ""),
        "reconciliation": (analysis.reconciliation, "PRIMARY KEY (state, code)"),
        "partners": (analysis.comparison.partners, ""),
        "flows": (analysis.comparison.flows, ""),
        "spread": (analysis.comparison.spread(), "PRIMARY KEY (code)"),
    }
    counts = {}
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        connection = sqlite3.connect(temporary)
        try:
            with connection:
                for name, (frame, constraint) in tables.items():
                    counts[name] = _table(connection, name, frame, constraint)
                connection.execute(
                    "CREATE VIRTUAL TABLE mentions_fts USING fts5(text, sentence, section, content='mentions', tokenize='unicode61 remove_diacritics 2')"
                )
                connection.execute("INSERT INTO mentions_fts (mentions_fts) VALUES ('rebuild')")
                for name in ("document", "code", "status"):
                    connection.execute(f"CREATE INDEX mentions_{name} ON mentions ({name})")
                for name, query in VIEWS.items():
                    connection.execute(f"CREATE VIEW {name} AS {query}")
            connection.execute("VACUUM")
        finally:
            connection.close()
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except (OSError, sqlite3.Error) as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot be written ({error}). Free space or choose another --out.") from None
    return counts


def _table(connection: sqlite3.Connection, name: str, frame: pd.DataFrame, constraint: str) -> int:
    if not len(frame.columns):
        return 0
    columns = ", ".join(f'"{column}" {_kind(str(frame[column].dtype))}' for column in frame.columns)
    connection.execute(f"CREATE TABLE {name} ({columns}{f', {constraint}' if constraint else ''})")
    rows = ([_cell(value) for value in row] for row in frame.itertuples(index=False, name=None))
    connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(frame.columns))})", rows)
    return len(frame)


def _kind(dtype: str) -> str:
    return "INTEGER" if dtype.startswith(("int", "bool")) else "REAL" if dtype.startswith("float") else "TEXT"


def _cell(value: Any) -> Any:
    value = filled(value)
    if isinstance(value, (list, dict, tuple)):
        return json.dumps(value, ensure_ascii=False)
    if hasattr(value, "item"):
        value = value.item()
    return int(value) if isinstance(value, bool) else value


def jsonl_lines(run: SavedRun) -> Iterator[str]:
    """Yield a mention per line, lists as lists, with what is known of its document."""
    known = {str(d["id"]): {f"document_{k}": d[k] for k in ("state", "year", "title", "language")} for d in records(run.documents)}
    for record in records(run.mentions):
        for column in JSON_COLUMNS:
            cell = record[column]
            record[column] = json.loads(cell) if isinstance(cell, str) and cell else cell
        yield json.dumps({**record, **known[str(record["document"])]}, ensure_ascii=False)
