"""What is stored of a document comes back as it was, and nothing stored can run."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from ddextract.batch import parts
from ddextract.batch.places import LocalPlace
from ddextract.batch.store import Store
from ddextract.codebook import load_codebook
from ddextract.corpus import find_inputs
from ddextract.job import Settings, process
from ddextract.tables import MENTION_COLUMNS, csv_bytes, mention_row, parquet_bytes


def test_document_and_mentions_come_back_as_they_were(corpus: Path) -> None:
    import pandas as pd

    strategies, _ = find_inputs([corpus])
    results = [process(s, Settings()) for s in strategies]
    tables = []
    for result in results:
        assert result.document is not None
        d = result.document
        again = parts.document_of(parts.document_bytes(d), identity=d.id, path=d.path, sha256=d.sha256)
        assert again == d
        assert again.words == d.words
        assert parts.found_of(parts.found_bytes(result.mentions)) == result.mentions
        tables.append(parts.mention_table(parts.mention_bytes(result.mentions)))
    codes = {m.id: m.code for r in results for m in r.mentions}
    frame = pd.DataFrame([mention_row(m, codes) for r in results for m in r.mentions], columns=list(MENTION_COLUMNS))
    assert len(frame) > 20
    assert csv_bytes(parts.mention_frame(tables)) == csv_bytes(frame)
    assert parquet_bytes(parts.mention_frame(tables), "x/1") == parquet_bytes(frame, "x/1")


def test_part_without_mentions_is_a_part(tmp_path: Path) -> None:
    assert len(parts.mention_frame([parts.mention_table(parts.mention_bytes(()))])) == 0


class Dangerous:
    def __reduce__(self) -> tuple[object, ...]:
        return (open, ("/tmp/ddextract-must-not-exist", "w"))


def test_stored_bytes_cannot_make_anything_but_our_records() -> None:
    head = json.dumps({"schema": parts.FOUND_SCHEMA, "fields": parts._FIELDS}).encode() + b"\n"
    with pytest.raises(parts.OtherShapeError, match="open"):
        parts.found_of(head + pickle.dumps(Dangerous()))
    assert not Path("/tmp/ddextract-must-not-exist").exists()


def test_records_of_another_version_are_refused() -> None:
    data = parts.found_bytes(())
    with pytest.raises(parts.OtherShapeError):
        parts.found_of(data.replace(b'"ladder"', b'"rung"'))
    with pytest.raises(parts.OtherShapeError):
        parts.document_of(data, identity="a", path="a", sha256="")


def test_store_takes_a_file_with_a_wrong_checksum_for_missing(tmp_path: Path) -> None:
    store = Store(LocalPlace(tmp_path))
    store.keep_document("ab" * 32, b"content")
    assert store.document("ab" * 32) == b"content"
    (path,) = tmp_path.rglob("*.document")
    path.write_bytes(path.read_bytes().replace(b"content", b"contend"))
    assert store.document("ab" * 32) is None
    assert store.damaged == [f"read/ab/{'ab' * 32}.document"]


def test_changed_page_on_disk_is_read_again_in_the_same_process(tmp_path: Path) -> None:
    page = tmp_path / "instruments" / "staff_talks.toml"
    page.parent.mkdir()
    page.write_text('extends = true\n[[phrasing.en]]\nmatch = ["one wording"]\nexamples = ["x"]\n')
    first = load_codebook(tmp_path)
    page.write_text('extends = true\n[[phrasing.en]]\nmatch = ["another wording"]\nexamples = ["x"]\n')
    assert load_codebook(tmp_path).digest != first.digest
