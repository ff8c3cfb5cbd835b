"""Scores that must not fall: pinned floors with digest and size of the gold, and the log of the openings of the test split."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from ddextract.codebook import Codebook, own_folder, read_toml, validated
from ddextract.errors import UsageError
from ddextract.files import write_atomically
from ddextract.measurement import Measured

SCHEMA = "ddextract.floors/1"
PINNED = "instruments, sentence, micro F1"
OPENINGS_COLUMNS = ("date", "reason", "codebook", "gold", "micro_f1")
UNPINNED_SPLITS = ("test", "near", "train")
"""Splits that are never pinned."""


class Floor(BaseModel):
    """The score of one set of gold in one language below which the tests fail.

    Attributes:
        set: Name of the set.
        language: ISO 639-1 code.
        f1: Micro F1 of instruments at sentence level, rounded down.
        sentences: Size of the gold.
        gold: Digest of the gold.
        codebook: Digest of the codebook that reached it.
        reason: Why it fell, if it ever did.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    set: str
    language: str
    f1: float
    sentences: int
    gold: str
    codebook: str
    reason: str = ""


class _Floors(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: str
    measure: str
    floor: tuple[Floor, ...] = ()


def floors_path() -> Path:
    """Return where the floors are pinned."""
    return own_folder("annotations") / "floors.toml"


def read_floors(path: Path | None = None) -> dict[tuple[str, str], Floor]:
    """Read the floors by set and language; none where there is no file."""
    path = path or floors_path()
    if not path.is_file():
        return {}
    data = read_toml(path)
    data["schema_"] = data.pop("schema", "")
    return {(f.set, f.language): f for f in validated(_Floors, data, path).floor}


def below_floor(measured: Sequence[Measured], floors: dict[tuple[str, str], Floor]) -> list[str]:
    """Return what fell below its floor, or rests on other gold than the floor does; one line each."""
    faults = []
    for m in measured:
        floor = floors.get((m.name, m.language))
        if floor is None or m.absent:
            continue
        f1 = m.headline.tally.f1
        if m.digest != floor.gold:
            faults.append(
                f"{m.name} {m.language}: the gold changed ({floor.sentences} to {m.sentences} sentences); pin it anew with ddextract evaluate --update-floors"
            )
        elif f1 < floor.f1:
            faults.append(f"{m.name} {m.language}: micro F1 {f1:.4f} is below the floor of {floor.f1:.4f}")
    return faults


def raised(
    measured: Sequence[Measured], floors: dict[tuple[str, str], Floor], codebook: Codebook, reason: str = ""
) -> tuple[dict[tuple[str, str], Floor], list[str]]:
    """Return the floors raised to what was measured, and a line per change.

    Args:
        measured: Scores; only sets in one language are pinned, never the test split.
        floors: The floors so far.
        codebook: What was measured.
        reason: Why a floor may fall or its gold shrink.

    Raises:
        UsageError: A floor would fall, or its gold shrink, without a reason.
    """
    result = dict(floors)
    changes = []
    for m in measured:
        if not m.language or m.name in UNPINNED_SPLITS or m.absent:
            continue
        old = floors.get((m.name, m.language))
        f1 = int(m.headline.tally.f1 * 10_000) / 10_000
        if old and (f1 < old.f1 or m.sentences < old.sentences) and not reason.strip():
            fall = f"from {old.f1:.4f} on {old.sentences} sentences to {f1:.4f} on {m.sentences}"
            raise UsageError(f"{m.name} {m.language}: the floor would fall {fall}. Say why with --reason, or mend the patterns.")
        if old and old.f1 == f1 and old.gold == m.digest:
            continue
        fell = bool(old) and (f1 < old.f1 or m.sentences < old.sentences)  # type: ignore[union-attr]
        kept = reason.strip() if fell else old.reason if old else ""
        result[m.name, m.language] = Floor(set=m.name, language=m.language, f1=f1, sentences=m.sentences, gold=m.digest, codebook=codebook.digest, reason=kept)
        changes.append(f"{m.name} {m.language}: {f'{old.f1:.4f} on {old.sentences}' if old else 'no floor'} to {f1:.4f} on {m.sentences} sentences")
    return result, changes


def write_floors(floors: dict[tuple[str, str], Floor], path: Path | None = None) -> None:
    """Write the floors, sorted, as TOML."""
    lines = [
        "# Floors: scores below which the tests fail. Written by `ddextract evaluate --update-floors`; they rise, and fall only with a reason.",
        f"schema = {_quoted(SCHEMA)}",
        f"measure = {_quoted(PINNED)}",
    ]
    for _, floor in sorted(floors.items()):
        lines += [
            "",
            "[[floor]]",
            f"set = {_quoted(floor.set)}",
            f"language = {_quoted(floor.language)}",
            f"f1 = {floor.f1:.4f}",
            f"sentences = {floor.sentences}",
        ]
        lines += [f"gold = {_quoted(floor.gold)}", f"codebook = {_quoted(floor.codebook)}"]
        if floor.reason:
            lines.append(f"reason = {_quoted(floor.reason)}")
    write_atomically(path or floors_path(), ("\n".join(lines) + "\n").encode())


def _quoted(text: Any) -> str:
    import json

    # A JSON string is a TOML basic string; DEL is the one character that JSON leaves bare and TOML does not.
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def openings_path() -> Path:
    """Return where the openings of the test split are logged."""
    return own_folder("annotations") / "test-openings.tsv"


def log_opening(reason: str, measured: Sequence[Measured], codebook: Codebook, path: Path | None = None) -> None:
    """Append an opening of the test split: date, reason, digests, micro F1 per language. The old lines stay as they are.

    Raises:
        UsageError: The reason is empty.
    """
    if not reason.strip():
        raise UsageError("--open-test needs a reason that a reader of the log will understand.")
    import io

    path = path or openings_path()
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    if not path.is_file():
        writer.writerow(OPENINGS_COLUMNS)
    scores = "; ".join(f"{m.language or 'all'} {m.headline.tally.f1:.4f}" for m in measured)
    gold = measured[0].digest if measured else ""
    writer.writerow([datetime.now(UTC).strftime("%Y-%m-%d %H:%M"), " ".join(reason.split()), codebook.digest, gold, scores])
    before = path.read_bytes() if path.is_file() else b""
    write_atomically(path, before + buffer.getvalue().encode())
