"""The corpus: strategies, the registry that lists them, and what a user says of an input."""

from __future__ import annotations

import csv
import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from ddextract.codebook import line_of, own_folder, read_toml, validated
from ddextract.errors import DataError, InputError, UsageError

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


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the registry ``corpus/strategies.csv``."""

    id: str
    state: str
    issuer: str
    title: str
    year: int | None
    language: str
    path: str
    address: str
    licence: str
    sha256: str
    included: bool
    cited_by_article: bool
    note: str

    @property
    def issuers(self) -> tuple[str, ...]:
        """The issuing states (ISO 3166-1 alpha-3), several for a joint document."""
        return tuple(part.strip() for part in self.state.split(";") if part.strip())


class Registry:
    """The strategies we know of, by id and by hash."""

    def __init__(self, entries: Iterable[Entry], root: Path) -> None:
        self.entries = tuple(entries)
        self.root = root
        self.by_id = {e.id: e for e in self.entries}
        self.by_hash = {e.sha256: e for e in self.entries if e.sha256}

    def path_of(self, entry: Entry) -> Path | None:
        """Return the file of an entry, if it is included."""
        if not entry.path:
            return None
        path = self.root / entry.path
        return path if path.is_file() else None


@functools.lru_cache(maxsize=4)
def load_registry(path: Path | None = None) -> Registry:
    """Read the registry.

    Raises:
        DataError: A row is malformed; file and line are named.
    """
    folder = own_folder("corpus")
    path = path or folder / "strategies.csv"
    entries = []
    seen: set[str] = set()
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                year = int(row["year"]) if row["year"] else None
                entry = Entry(
                    row["id"], row["state"], row["issuer"], row["title"], year, row["language"], row["path"], row["address"], row["licence"],
                    row["sha256"], row["included"] == "yes", row["cited_by_article"] == "yes", row["note"],
                )  # fmt: skip
            except (KeyError, ValueError) as error:
                raise DataError(path, "", f"malformed row: {error}", number) from None
            if entry.id in seen:
                raise DataError(path, "id", f"'{entry.id}' stands twice", number)
            seen.add(entry.id)
            entries.append(entry)
    return Registry(entries, folder.parent)


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
                where = f"its address: {entry.address}" if entry.address else "no address is known"
                failures.append(InputError(text, "is in the registry but not included", f"Get the file yourself ({where}) and give its path."))
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
    entry = registry.by_hash.get(digest) or next((e for e in registry.entries if e.path and (registry.root / e.path).resolve() == path.resolve()), None)
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
