"""What decides the result of each stage: content, settings, patterns, models, and the software of that stage."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ddextract.codebook import own_folder
from ddextract.corpus import Strategy
from ddextract.job import Settings

PACKAGE = Path(__file__).resolve().parents[1]
ROOTS: Mapping[str, tuple[str, ...]] = {
    "read": ("reading", "document"),
    "match": ("tagging", "identity", "matching"),
    "tables": ("job", "tables", "profile", "lists", "output"),
    "report": ("report",),
}
"""Modules from which the software of each stage is followed along its imports."""
LIBRARIES: Mapping[str, tuple[str, ...]] = {
    "read": ("pypdfium2", "pdfplumber", "pdfminer.six"),
    "match": ("spacy", "scikit-learn", "numpy"),
    "tables": ("pandas", "pyarrow", "numpy", "scipy", "openpyxl"),
    "report": ("jinja2", "matplotlib", "pypdfium2", "pillow"),
}
"""Libraries whose version decides a stage's result."""
_BELOW: Mapping[str, tuple[str, ...]] = {"read": (), "match": ("read",), "tables": ("read", "match"), "report": ("read", "match", "tables")}
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+ddextract([.\w]*)(?:[ \t]+import[ \t]+(\([^)]*\)|.+))?", re.MULTILINE)
_KNOWLEDGE = frozenset({".toml", ".csv"})


def digest_of(*parts: str) -> str:
    """Return the sha256 over parts, each set off from the next."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Key:
    """What decides the result of a stage, part by part; equal keys, equal results.

    Attributes:
        stage: ``read``, ``match``, ``tables`` or ``report``.
        parts: Each thing that decides, by name.
    """

    stage: str
    parts: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Its sha256."""
        return digest_of(self.stage, json.dumps(dict(self.parts), sort_keys=True))


def _module_file(name: str) -> Path | None:
    base = PACKAGE.joinpath(*name.split(".")) if name else PACKAGE
    if (base / "__init__.py").is_file():
        return base / "__init__.py"
    file = base.with_suffix(".py")
    return file if name and file.is_file() else None


def _imports(text: str) -> Iterable[str]:
    for found in _IMPORT.finditer(text):
        name = found[1].lstrip(".")
        yield name
        for part in re.findall(r"\w+", re.sub(r"#.*", "", found[2] or "")):
            yield f"{name}.{part}".lstrip(".")


def _family(root: str) -> Iterable[str]:
    """Yield a module, and all in it where it is a package."""
    folder = PACKAGE / root
    if not folder.is_dir():
        yield root
        return
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def sources(stage: str) -> Mapping[str, str]:
    """Return the files that are the software of a stage, with the sha256 of each.

    They are the modules in :data:`ROOTS`, all that these import of ours, and the data files beside them; what belongs to a
    stage below is left out, for its result decides already.

    Args:
        stage: ``read``, ``match``, ``tables`` or ``report``.
    """
    below = {name for other in _BELOW[stage] for name in sources(other)}
    waiting = [name for root in ROOTS[stage] for name in _family(root)]
    seen: set[str] = set()
    files: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        file = _module_file(name)
        if name in seen or not name or name.split(".")[0] in ("cli", "commands", "batch", "editions", "fetch"):
            continue
        seen.add(name)
        if file is None:
            continue
        data = file.read_bytes()
        files[file.relative_to(PACKAGE).as_posix()] = hashlib.sha256(data).hexdigest()
        waiting.extend(_imports(data.decode()))
    for root in ROOTS[stage]:
        folder = PACKAGE / root
        if folder.is_dir():
            for path in folder.rglob("*"):
                if path.is_file() and path.suffix not in {".py", ".pyc"}:
                    files[path.relative_to(PACKAGE).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return {name: files[name] for name in sorted(files) if name not in below}


@functools.cache
def software(stage: str) -> str:
    """Return the version of a stage's software: a digest over its files and the versions of its libraries."""
    return digest_of(
        f"python {sys.version_info.major}.{sys.version_info.minor}",
        *(f"{name} {_version(name)}" for name in LIBRARIES[stage]),
        *(f"{name} {value}" for name, value in sources(stage).items()),
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def knowledge(folders: Iterable[Path]) -> dict[str, str]:
    """Return the files of pattern folders with their sha256: ours first, then the user's.

    Args:
        folders: The user's folders.
    """
    files: dict[str, str] = {}
    for number, folder in enumerate((own_folder("patterns"), *folders)):
        for path in sorted(folder.rglob("*")):
            if path.suffix in _KNOWLEDGE and path.is_file():
                name = path.relative_to(folder).as_posix()
                files[f"{number}:{name}" if number else name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return files


def models() -> dict[str, str]:
    """Return the files of trained models (``models/<language>/``) with their sha256."""
    folder = PACKAGE / "models"
    if not folder.is_dir():
        return {}
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    }


def folded(files: Mapping[str, str]) -> str:
    """Return one digest over files and their hashes."""
    return digest_of(*(f"{name} {value}" for name, value in sorted(files.items())))


def lists_digest(folders: Iterable[Path]) -> str:
    """Return the digest over the hand-coded lists and whatever else the project knows of the article."""
    files = {}
    for number, folder in enumerate((own_folder("annotations") / "article", *folders)):
        for path in sorted(folder.rglob("*.toml")):
            files[f"{number}:{path.relative_to(folder).as_posix()}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return folded(files)


@dataclass(frozen=True, slots=True)
class Decisive:
    """All that decides besides the documents: taken once per refresh.

    Attributes:
        patterns: Files of the patterns with their hashes.
        models: Files of the models with their hashes.
        lists: Digest of the hand-coded lists.
        software: Digest by stage.
    """

    patterns: Mapping[str, str]
    models: Mapping[str, str]
    lists: str
    software: Mapping[str, str]

    @classmethod
    def now(cls, settings: Settings) -> Decisive:
        """Take what decides at this moment."""
        return cls(knowledge(settings.patterns), models(), lists_digest(settings.lists), {stage: software(stage) for stage in ROOTS})


def read_key(strategy: Strategy, settings: Settings, decisive: Decisive) -> Key:
    """Return what decides how a document is read."""
    return Key(
        "read",
        {
            "content": strategy.sha256,
            "suffix": strategy.path.suffix.lower(),
            "language": strategy.language or "",
            "password": digest_of(settings.password) if settings.password else "",
            "ocr": settings.ocr,
            "software": decisive.software["read"],
        },
    )


def match_key(strategy: Strategy, settings: Settings, decisive: Decisive) -> Key:
    """Return what decides what is found in a document."""
    identity = {
        "id": strategy.id, "name": strategy.path.name, "state": strategy.state, "issuers": list(strategy.issuers), "year": strategy.year,
        "language": strategy.language, "title": strategy.title, "known_from": strategy.known_from,
    }  # fmt: skip
    return Key(
        "match",
        {
            "read": read_key(strategy, settings, decisive).digest,
            "identity": json.dumps(identity, sort_keys=True, ensure_ascii=False),
            "settings": json.dumps({"matcher": settings.matcher, "min_quality": settings.min_quality}),
            "patterns": folded(decisive.patterns),
            "models": folded(decisive.models),
            "software": decisive.software["match"],
        },
    )


def tables_key(settings: Settings, decisive: Decisive, results: Iterable[str]) -> Key:
    """Return what decides the tables of a whole run.

    Args:
        settings: Settings of the run.
        decisive: What decides besides.
        results: For each document in order, the digest of its match key, or its failure.
    """
    return Key(
        "tables",
        {
            "results": digest_of(*results),
            "settings": json.dumps(
                {
                    "evidence": [settings.evidence.mentions, settings.evidence.score], "matcher": settings.matcher, "calibrated": settings.probabilities,
                    "measured": digest_of(settings.measured.read_text(encoding="utf-8")) if settings.measured else "",
                    "patterns": [p.name for p in settings.patterns], "lists": [p.name for p in settings.lists],
                    "known": [settings.known.state, settings.known.year, settings.known.language],
                }
            ),
            "patterns": folded(decisive.patterns),
            "lists": decisive.lists,
            "software": decisive.software["tables"] + decisive.software["report"],
        },
    )  # fmt: skip


NAMES = {
    "content": "content changed", "suffix": "its suffix changed", "language": "its language was set anew", "password": "the password changed",
    "software": "the software of this stage changed", "identity": "what is known of it changed", "settings": "the settings changed",
    "patterns": "the patterns changed", "models": "a model changed", "read": "it was read anew",
}  # fmt: skip
"""Why a stage runs, by the part of its key that differs."""


def why(new: Key, old: Mapping[str, str] | None) -> list[str]:
    """Return in words why a stage must run, given the parts of the key that it had before."""
    if old is None:
        return ["new"]
    return [NAMES.get(name, name) for name, value in new.parts.items() if old.get(name) != value]
