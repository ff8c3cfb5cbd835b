"""Whether the results of a run are whole: schemas known, every file there with its checksum, nothing beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ddextract.errors import DataError, UsageError
from ddextract.output import PACKAGE_FILE, PACKAGE_SCHEMA, WORKROOM, schema_of


def read_package(out: Path) -> dict[str, Any]:
    """Return the list of a run's files.

    Raises:
        UsageError: The folder holds no run.
        DataError: The list is damaged or of another schema.
    """
    path = out / PACKAGE_FILE
    if not path.is_file():
        if (out / "summary.json").is_file():
            raise UsageError(f"{out}: was written by a version of ddextract without checksums. Run it again, and verify what that writes.")
        raise UsageError(f"{out}: holds no run ({PACKAGE_FILE} is missing). Give the folder that --out named.")
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found = str(data["schema"])
        resources = [{k: r[k] for k in ("path", "bytes", "hash", "ddextract:schema")} for r in data["resources"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(path, "", "is damaged; run or refresh again") from None
    if found != PACKAGE_SCHEMA:
        raise DataError(path, "schema", refusal(found, PACKAGE_SCHEMA))
    return {**data, "resources": resources}


def refusal(found: str, wanted: str) -> str:
    """Return why a file of another schema is not read, and what to do."""
    name, _, number = found.partition("/")
    known, _, ours = wanted.partition("/")
    if name == known and number.isdigit() and int(number) > int(ours):
        return f"is {found}, and this version reads {wanted}: it was written by a newer ddextract. Update ddextract"
    if name == known:
        return f"is {found}, and this version reads {wanted}: run or refresh again with this version"
    return f"is '{found}', not {wanted}"


def faults(out: Path) -> Iterator[str]:
    """Yield what is wrong with the files of a run; nothing if all is well.

    Args:
        out: Folder of the run.

    Raises:
        UsageError: The folder holds no run.
        DataError: Its list of files is damaged or of another schema.
    """
    resources = read_package(out)["resources"]
    listed = set()
    for resource in resources:
        name = str(resource["path"])
        listed.add(name)
        path = out / name
        if resource["ddextract:schema"] != schema_of(name):
            yield f"{path}: {refusal(str(resource['ddextract:schema']), schema_of(name))}"
        if not path.is_file():
            yield f"{path}: is missing. Run or refresh again."
        elif path.stat().st_size != resource["bytes"]:
            yield f"{path}: has {path.stat().st_size:,} bytes instead of {resource['bytes']:,}. Run or refresh again."
        elif f"sha256:{digest(path)}" != resource["hash"]:
            yield f"{path}: its checksum is wrong. Run or refresh again."
        else:
            yield from _inside(path, name)
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if path.is_file() and name not in listed and name not in (PACKAGE_FILE, "run.json") and not name.startswith(f"{WORKROOM}/"):
            yield f"{path}: does not belong to the run"


def _inside(path: Path, name: str) -> Iterator[str]:
    """Yield what is wrong with the schema that a file itself names."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        found = (pq.read_schema(path).metadata or {}).get(b"ddextract.schema", b"").decode()
    elif path.suffix == ".json" and "/" not in name:
        found = str(json.loads(path.read_text(encoding="utf-8")).get("schema", ""))
    else:
        return
    if found != schema_of(name):
        yield f"{path}: {refusal(found, schema_of(name))}"


def digest(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(out: Path) -> bool:
    """Return whether every listed file is there with its checksum (quickly, without a look inside)."""
    try:
        resources = read_package(out)["resources"]
        return all((out / r["path"]).is_file() and f"sha256:{digest(out / r['path'])}" == r["hash"] for r in resources)
    except (UsageError, DataError, OSError):
        return False


def opened(out: Path, name: str) -> Path:
    """Return a file of a run whose checksum and schema were checked.

    Args:
        out: Folder of the run.
        name: Name of the file in it.

    Raises:
        UsageError: The folder holds no run.
        DataError: The file is not what the run wrote, or of another schema.
    """
    found = next((r for r in read_package(out)["resources"] if r["path"] == name), None)
    path = out / name
    if found is None or not path.is_file():
        raise DataError(path, "", "is missing; run or refresh again")
    if found["ddextract:schema"] != schema_of(name):
        raise DataError(path, "schema", refusal(str(found["ddextract:schema"]), schema_of(name)))
    if f"sha256:{digest(path)}" != found["hash"]:
        raise DataError(path, "", "its checksum is wrong; run or refresh again")
    return path
