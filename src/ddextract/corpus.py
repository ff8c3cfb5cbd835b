"""The corpus: strategies, the registry that lists them, and what a user says of an input."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ddextract.codebook import line_of, own_folder, read_toml, validated
from ddextract.errors import DataError, InputError, UsageError
from ddextract.files import write_atomically

SUFFIXES = frozenset({".pdf", ".txt", ".md", ".html", ".htm", ".docx"})
"""Inputs that are read; other files in a folder are passed over."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """One document to be read: what is known of it before it is opened.

    Attributes:
        id: Registry id, else the file's stem and 8 hex digits of its sha256.
        path: The file.
        sha256: Hash of the file.
        state: ISO 3166-1 alpha-3 of the issuing state, None where unknown.
        issuers: All issuing states.
        year: Year, None where unknown.
        language: ISO 639-1, None where it is to be found out.
        title: Title, empty where unknown.
        guessed: Which of these are guesses (``state``, ``year``, ``language``).
        known_from: Where they come from: ``registry``, ``sidecar``, ``options`` or nothing.
    """

    id: str
    path: Path
    sha256: str
    state: str | None = None
    issuers: tuple[str, ...] = ()
    year: int | None = None
    language: str | None = None
    title: str = ""
    guessed: tuple[str, ...] = ()
    known_from: str = ""


class _Sidecar(BaseModel):
    """What a ``<name>.toml`` beside an input may say."""

    model_config = ConfigDict(extra="forbid")
    id: str | None = None
    state: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    issuers: tuple[str, ...] = ()
    issuer: str = ""
    year: int | None = Field(default=None, ge=1800, le=2100)
    date: str = ""
    language: str | None = None
    title: str = ""
    type: str = ""
    translated: bool = False
    version_of: str = ""
    address: str = ""
    licence: str = ""
    specimen: bool = False


FIELDS = (
    "id", "state", "issuer", "title", "year", "date", "type", "language", "translated", "version_of", "path", "address", "address_source", "tried",
    "licence", "sha256", "included", "cited_by_article", "note",
)  # fmt: skip
"""Columns of a registry, in the order of the file."""
UNTRIED = "untried"
"""What ``tried`` says of an address that nobody has asked for the document."""
OWN_CORPUS = Path("ddextract-corpus")
"""Where a user's own registry and fetched originals lie if nothing else is said (or DDEXTRACT_CORPUS)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a registry: ``corpus/strategies.csv`` or the user's own.

    Attributes:
        id: Short name, unique in the registry.
        state: ISO 3166-1 alpha-3 of the issuing state; several, separated by semicolons, for a joint document.
        issuer: The body that issued it.
        title: Title.
        year: Year, None where unknown.
        date: Date as precisely as it is known (ISO 8601).
        type: Strategy, white paper, doctrine, fact sheet ...
        language: ISO 639-1.
        translated: Whether it is a translation.
        version_of: Id of the document of which it is another edition or translation.
        path: File, relative to the registry's root; empty where there is none.
        address: Where it can be had, empty where no source for that can be named.
        address_source: What gives the address.
        tried: Empty without address, ``untried``, or date and outcome of the last attempt.
        licence: Terms.
        sha256: Hash of the file, once there is one.
        included: Whether it comes with the project.
        cited_by_article: Whether the article cites it.
        note: Remarks.
    """

    id: str
    state: str = ""
    issuer: str = ""
    title: str = ""
    year: int | None = None
    date: str = ""
    type: str = ""
    language: str = ""
    translated: bool = False
    version_of: str = ""
    path: str = ""
    address: str = ""
    address_source: str = ""
    tried: str = ""
    licence: str = ""
    sha256: str = ""
    included: bool = False
    cited_by_article: bool = False
    note: str = ""

    @property
    def issuers(self) -> tuple[str, ...]:
        """The issuing states (ISO 3166-1 alpha-3), several for a joint document."""
        return tuple(part.strip() for part in self.state.split(";") if part.strip())

    def row(self) -> dict[str, str]:
        """Return the entry as a row of the file."""
        row = {name: getattr(self, name) for name in FIELDS}
        return {name: ("yes" if value else "no") if isinstance(value, bool) else "" if value is None else str(value) for name, value in row.items()}


class Registry:
    """The strategies we know of, by id and by hash.

    Args:
        entries: The rows; of two with the same id the later holds.
        root: Folder from which the paths of entries count.
        roots: Other roots, by id, for rows of another registry.
    """

    def __init__(self, entries: Iterable[Entry], root: Path, roots: Mapping[str, Path] | None = None) -> None:
        self.by_id = {e.id: e for e in entries}
        self.entries = tuple(self.by_id.values())
        self.root = root
        self.roots = roots or {}
        self.by_hash = {e.sha256: e for e in self.entries if e.sha256}

    def place_of(self, entry: Entry) -> Path | None:
        """Return where the file of an entry should lie, whether or not it is there."""
        return self.roots.get(entry.id, self.root) / entry.path if entry.path else None

    def path_of(self, entry: Entry) -> Path | None:
        """Return the file of an entry, if it is there."""
        path = self.place_of(entry)
        return path if path and path.is_file() else None

    @functools.cached_property
    def by_place(self) -> Mapping[Path, Entry]:
        """The entries with a path, by the resolved file."""
        return {path.resolve(): e for e in self.entries if (path := self.place_of(e))}


def own_corpus() -> Path:
    """Return the folder of the user's own registry: ``DDEXTRACT_CORPUS`` or ``ddextract-corpus``."""
    return Path(os.environ.get("DDEXTRACT_CORPUS") or OWN_CORPUS)


def load_registry(path: Path | None = None, own: Path | None = None) -> Registry:
    """Read the registry: the project's, completed and corrected by the user's own.

    Args:
        path: A registry to read instead of the project's.
        own: Folder of the user's own registry; :func:`own_corpus` if not given.

    Raises:
        DataError: A row is malformed; file and line are named.
    """
    ours = path or own_folder("corpus") / "strategies.csv"
    root = own_folder("corpus").parent
    entries = list(_rows(ours, ours.stat().st_mtime_ns))
    folder = own or own_corpus()
    theirs = folder / "strategies.csv"
    if path is not None or not theirs.is_file():
        return Registry(entries, root)
    added = _rows(theirs, theirs.stat().st_mtime_ns)
    return Registry([*entries, *added], root, {e.id: folder for e in added})


@functools.lru_cache(maxsize=8)
def _rows(path: Path, changed: int) -> tuple[Entry, ...]:  # noqa: ARG001  part of the key: a file that changed is read again
    entries: dict[str, Entry] = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        unknown = [name for name in reader.fieldnames or () if name not in FIELDS]
        missing = [name for name in FIELDS if name not in (reader.fieldnames or ())]
        if unknown or missing:
            wrong = f"unknown column {unknown[0]}" if unknown else f"column {missing[0]} is missing"
            raise DataError(path, "", f"{wrong}; the columns are {', '.join(FIELDS)}", 1)
        for row in reader:
            entry = _entry(path, row, reader.line_num)
            if entry.id in entries:
                raise DataError(path, "id", f"'{entry.id}' stands twice", reader.line_num)
            entries[entry.id] = entry
    return tuple(entries.values())


def full_address(address: str) -> str:
    """Return an address with its scheme: ``https`` where none is written, as in ``ministry.example/paper.pdf``."""
    return address if not address or re.match(r"[a-z][a-z0-9+.-]*:", address, re.IGNORECASE) else f"https://{address}"


def _entry(path: Path, row: Mapping[str, str | None], line: int) -> Entry:
    values: dict[str, Any] = {name: row.get(name) or "" for name in FIELDS}
    if None in row or any(row.get(name) is None for name in FIELDS):
        raise DataError(path, "", "malformed row: it has not as many fields as the file has columns", line)
    if not values["id"]:
        raise DataError(path, "id", "is empty", line)
    for name in ("translated", "included", "cited_by_article"):
        if values[name] not in ("", "yes", "no"):
            raise DataError(path, name, f"'{values[name]}' is neither yes nor no", line)
        values[name] = values[name] == "yes"
    try:
        values["year"] = int(values["year"]) if values["year"] else None
    except ValueError:
        raise DataError(path, "year", f"'{values['year']}' is no year", line) from None
    if values["sha256"] and not re.fullmatch(r"[0-9a-f]{64}", values["sha256"]):
        raise DataError(path, "sha256", "is no sha256 (64 hex digits)", line)
    values["address"] = full_address(values["address"])
    for state in values["state"].split(";"):
        if state.strip() and not is_state(state.strip()):
            raise DataError(path, "state", f"'{state.strip()}' is no ISO 3166-1 alpha-3 code", line)
    return Entry(**values)


def save_entries(folder: Path, entries: Iterable[Entry]) -> None:
    """Add rows to the user's own registry, replacing those of the same id.

    Args:
        folder: The user's corpus; made if need be.
        entries: The rows.

    Raises:
        OutputError: The file cannot be written; it is as it was.
        DataError: The file that is there is malformed.
    """
    path = folder / "strategies.csv"
    known = {e.id: e for e in _rows(path, path.stat().st_mtime_ns)} if path.is_file() else {}
    known.update((e.id, e) for e in entries)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(e.row() for e in known.values())
    write_atomically(path, buffer.getvalue().encode())


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Known:
    """What the user says on the command line of inputs that have neither registry entry nor sidecar."""

    state: str | None = None
    year: int | None = None
    language: str | None = None


def find_inputs(inputs: Iterable[str | Path], registry: Registry | None = None, known: Known | None = None) -> tuple[list[Strategy], list[InputError]]:
    """Turn files, folders and registry ids into strategies.

    Args:
        inputs: Any mix of files, folders (searched in depth) and ids.
        registry: The registry; ours by default.
        known: What the options say.

    Returns:
        The strategies in the order given (folders sorted by name, each file once), and the inputs that cannot be used.

    Raises:
        UsageError: A state or language is unknown.
    """
    registry = registry or load_registry()
    known = known or Known()
    strategies: dict[Path, Strategy] = {}
    failures: list[InputError] = []
    for given in inputs:
        text = str(given)
        path = Path(given)
        if path.is_dir():
            files = sorted(
                p
                for p in path.rglob("*")
                if p.suffix.lower() in SUFFIXES
                and p.stem.lower() != "readme"
                and p.is_file()
                and not any(part.startswith(".") for part in p.relative_to(path).parts)
            )
            if not files:
                failures.append(InputError(path, "a folder without documents", f"Documents end in {', '.join(sorted(SUFFIXES))}."))
        elif path.exists():
            files = [path]
        elif text in registry.by_id:
            entry = registry.by_id[text]
            found = registry.path_of(entry)
            if found is None:
                where = f"ddextract corpus fetch {text}" if entry.address else "no address is known; get the file yourself and give its path"
                failures.append(InputError(text, "is in the registry but not included", f"To have it: {where}."))
                continue
            files = [found]
        else:
            failures.append(InputError(path, "no such file, folder or registry id", "Check the name (ddextract corpus list shows the ids)."))
            continue
        for file in files:
            if file.resolve() in strategies:
                continue
            try:
                strategies[file.resolve()] = _strategy(file, registry, known)
            except (InputError, OSError) as error:
                failures.append(error if isinstance(error, InputError) else InputError(file, f"cannot be read ({error.strerror})", "Check its permissions."))
            except DataError as error:
                failures.append(InputError(file, f"its sidecar is wrong: {error}", "Mend the sidecar."))
    return _distinct(list(strategies.values())), failures


def _distinct(strategies: list[Strategy]) -> list[Strategy]:
    """Give every strategy an id of its own, also when one registry document is given as two copies."""
    seen: dict[str, int] = {}
    result = []
    for strategy in strategies:
        seen[strategy.id] = seen.get(strategy.id, 0) + 1
        number = seen[strategy.id]
        result.append(strategy if number == 1 else replace(strategy, id=f"{strategy.id}-{number}"))
    return result


def _strategy(path: Path, registry: Registry, known: Known) -> Strategy:
    digest = sha256_of(path)
    stem = "".join(c if c.isalnum() or c in "-_." else "-" for c in path.stem)
    sidecar = path.with_suffix(".toml")
    entry = registry.by_hash.get(digest) or registry.by_place.get(path.resolve())
    if sidecar.is_file():
        card = validated(_Sidecar, read_toml(sidecar), sidecar)
        if card.state and not is_state(card.state):
            raise DataError(sidecar, "state", f"'{card.state}' is no ISO 3166-1 alpha-3 code", line_of(sidecar, card.state))
        issuers = card.issuers or ((card.state,) if card.state else ())
        identity = card.id or (entry.id if entry else f"{stem}-{digest[:8]}")
        return Strategy(
            identity, path, digest, card.state or (issuers[0] if issuers else None), issuers, card.year, card.language, card.title, known_from="sidecar"
        )
    if entry:
        issuers = entry.issuers
        return Strategy(
            entry.id, path, digest, issuers[0] if issuers else None, issuers, entry.year, entry.language or None, entry.title, known_from="registry"
        )
    return Strategy(
        f"{stem}-{digest[:8]}",
        path,
        digest,
        known.state,
        (known.state,) if known.state else (),
        known.year,
        known.language,
        known_from="options" if known.state else "",
    )


@functools.lru_cache(maxsize=1)
def states() -> Mapping[str, str]:
    """Return all states: ISO 3166-1 alpha-3 (and XKX, SUN, YUG …) to English short name."""
    path = own_folder("patterns") / "actors" / "states.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["iso3"]: row["name"] for row in csv.DictReader(file)}


def is_state(code: str) -> bool:
    """Return whether a code is one of the states we know."""
    return code in states()


def checked_state(code: str | None) -> str | None:
    """Return a state code in capitals.

    Raises:
        UsageError: It is no ISO 3166-1 alpha-3 code; near ones are suggested.
    """
    if code is None:
        return None
    wanted = code.strip().upper()
    if wanted in states():
        return wanted
    from difflib import get_close_matches

    names = {name.lower(): iso3 for iso3, name in states().items()}
    near = get_close_matches(code.lower(), names, n=1, cutoff=0.7)
    hint = f" Did you mean {names[near[0]]} ({states()[names[near[0]]]})?" if near else " Give the ISO 3166-1 alpha-3 code, for example FRA."
    raise UsageError(f"state '{code}' is not known.{hint}")
