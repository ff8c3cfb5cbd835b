"""The codebook: concepts, their wordings and the language files, read from ``patterns/`` and validated at the door."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ddextract.errors import DataError, UsageError

M = TypeVar("M", bound=BaseModel)
Kind = Literal["instruments", "adjacent", "objectives"]
KINDS: tuple[Kind, ...] = ("instruments", "adjacent", "objectives")
LABELS: Mapping[Kind, str] = {"instruments": "INSTRUMENT", "adjacent": "ADJACENT", "objectives": "OBJECTIVE"}


class _Page(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Phrasing(_Page):
    """A group of wordings of one concept in one language, with the sentences that prove them.

    Attributes:
        match: Wordings in the notation of docs/how-to/add-a-phrase.md.
        needs: Names of contexts (language file) that must hold in the sentence; a trailing ``*`` also accepts
            heading, lead-in and previous sentence.
        unless: Wordings that veto the group anywhere in the sentence.
        veto: Wordings that veto a hit which they overlap.
        score: How sure a hit is, 0 to 1.
        examples: Sentences that the group must hit.
        counterexamples: Sentences in which the concept must not be found.
        added: Whether it stands in a user's folder; set on loading.
    """

    match: tuple[str, ...] = Field(min_length=1)
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    veto: tuple[str, ...] = ()
    score: float = Field(default=0.9, gt=0, le=1)
    examples: tuple[str, ...] = Field(min_length=1)
    counterexamples: tuple[str, ...] = ()
    note: str = ""
    added: bool = False


class Concept(_Page):
    """One page of the codebook: an instrument, an adjacent action or an objective."""

    code: str
    kind: Kind
    family: str
    title: Mapping[str, str]
    definition: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    two_sided: bool = False
    phrasing: Mapping[str, tuple[Phrasing, ...]] = {}
    path: Path

    @property
    def label(self) -> str:
        """The mention label that the concept gives."""
        return LABELS[self.kind]


class _Extension(_Page):
    """A page of a user's folder that adds phrasings, or codes to yield to, to one of ours (``extends = true``)."""

    yields_to: tuple[str, ...] = ()
    phrasing: Mapping[str, tuple[Phrasing, ...]] = {}


class Context(_Page):
    """What must be in a sentence for a wording to count, e.g. something foreign, something of defence.

    Attributes:
        match: Wordings, any of which satisfies the context.
        actors: Actor types, any of which (other than the issuing state) satisfies it.
        issuer: Whether the issuing state's own name satisfies it too.
    """

    match: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    issuer: bool = False


class InflectionRule(_Page):
    """An ending and what may stand in its place, e.g. ``ends = "y"``, ``forms = ["y", "ies"]``."""

    ends: str
    forms: tuple[str, ...]


class Inflection(_Page):
    """How a language's words vary: rules tried in order, and words that follow none."""

    rules: tuple[InflectionRule, ...]
    irregular: Mapping[str, tuple[str, ...]] = {}


Category = Literal[
    # status: what moves a mention on the ladder, and what bounds that
    "negation", "pseudo", "terminator", "ended", "refused", "will", "aimed", "considered", "conditional", "inversion", "has_done", "does", "lasting", "perfect",
    "past", "preterite", "participle", "enduring", "dated",
    # holder: who is the subject, and what shows it
    "self", "ours", "theirs", "third", "other", "alien", "generic", "sides", "joint", "mutual", "by", "passive", "patient", "recommendation", "head", "finite",
    "threat", "member", "pointing", "us", "effect", "imperative", "reversing", "punctual", "once", "trainee", "outsider",
    # partner: which actors the instrument is done with or for
    "with", "for", "help", "of", "place", "paper", "acted_on",
    # the shape of a sentence
    "boundary", "preposition", "determiner", "conjunction", "relative", "adverb", "possessive", "indefinite", "verb",
    "infinitive", "inclusion",
]  # fmt: skip


class Cue(_Page):
    """Words that tell holder, status or partner of the instruments near them.

    Attributes:
        category: What the cue says; the comments beside the cues in the language files tell the categories.
        match: Wordings.
        endings: Regular expressions on the end of a lower-case word, for tenses told by their endings.
        except_words: Words that have such an ending by chance.
        direction: Where its instrument stands, seen from the cue.
        scope: How many tokens it reaches within its clause.
        terminated_by: Words beyond which it does not reach.
        examples: Sentences (with the instrument in square brackets) in which the cue decides.
        counterexamples: Sentences in which it must not.
    """

    category: Category
    match: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    except_words: tuple[str, ...] = ()
    direction: Literal["forward", "backward", "both"] = "forward"
    scope: int = Field(default=25, ge=1, le=60)
    terminated_by: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Cue:
        if not self.match and not self.endings:
            raise ValueError("a cue needs wordings (match) or endings")
        return self


class LanguageFile(_Page):
    """What the matchers must know of a language that belongs to no single concept."""

    language: str
    name: str
    issuer_for_examples: str
    function_words: tuple[str, ...]
    articles: tuple[str, ...]
    abbreviations: tuple[str, ...]
    gap_stops: tuple[str, ...]
    conjunctions: tuple[str, ...]
    spelling: tuple[tuple[str, str], ...] = ()
    self_reference: tuple[str, ...]
    joint_titles: tuple[str, ...] = ()
    time_since: tuple[str, ...] = ()
    time_until: tuple[str, ...] = ()
    numbers: Mapping[str, float] = {}
    multiples: Mapping[str, float] = {}
    span_heads: tuple[str, ...] = ()
    span_modifiers: tuple[str, ...] = ()
    purpose: tuple[str, ...]
    inflection: Inflection
    classes: Mapping[str, tuple[str, ...]]
    context: Mapping[str, Context]
    adjectives_follow: bool = False
    cues: tuple[Cue, ...] = ()
    uncounted_sections: Mapping[str, tuple[str, ...]] = {}
    path: Path


@dataclass(frozen=True, slots=True)
class Codebook:
    """All concepts and languages, in the order of their files."""

    concepts: Mapping[str, Concept]
    languages: Mapping[str, LanguageFile]
    folders: tuple[Path, ...]
    digest: str

    def of_kind(self, kind: Kind) -> list[Concept]:
        """Return the concepts of one kind, sorted by code."""
        return sorted((c for c in self.concepts.values() if c.kind == kind), key=lambda c: c.code)

    @property
    def instruments(self) -> list[str]:
        """The instrument codes, sorted."""
        return [c.code for c in self.of_kind("instruments")]

    def unknown(self, code: str) -> str:
        """Say that a code is not in the codebook, what it may have meant, and how codes of the user's own are found."""
        from difflib import get_close_matches

        near = get_close_matches(code, self.concepts, n=2, cutoff=0.5)
        meant = f". Near: {', '.join(near)}" if near else ""
        return f"no code '{code}' in the codebook{meant}. A code of your own needs --patterns FOLDER here too; ddextract patterns coverage lists ours"

    def place_of(self, concept: Concept, text: str) -> tuple[Path, int | None]:
        """Return page and line where a wording or example of a concept stands: its own page, or the user's page that extends it."""
        pages = (folder / concept.kind / f"{concept.code}.toml" for folder in reversed(self.folders))
        found = ((page, line_of(page, text)) for page in (concept.path, *pages))
        return next(((page, line) for page, line in found if line), (concept.path, None))

    def actor_files(self, name: str) -> Iterator[Path]:
        """Yield the files of that name in ``actors/`` of each folder, ours first."""
        for folder in self.folders:
            path = folder / "actors" / name
            if path.is_file():
                yield path


def own_folder(name: str) -> Path:
    """Return a data folder of the project: beside the package in a wheel, at the root in a checkout."""
    inside = Path(__file__).parent / "_data" / name
    return inside if inside.is_dir() else Path(__file__).resolve().parents[2] / name


def line_of(path: Path, needle: str) -> int | None:
    """Return the number of the first line of a file in which a string stands, if any."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    quoted = needle.replace("\\", "\\\\").replace('"', '\\"')
    return next((i for i, line in enumerate(lines, 1) if needle in line or quoted in line), None)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        DataError: It is not TOML; file and line are named.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise DataError(path, "", f"not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise DataError(path, "", f"not valid TOML: {error}", int(found[1]) if found else None) from None


def validated(model: type[M], data: Mapping[str, Any], path: Path) -> M:
    """Check data from a file against its model.

    Raises:
        DataError: It does not fit; file, key and, where it can be had, line are named.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        keys = [str(k) for k in first["loc"]]
        names = [k for k in keys if not k.isdigit()]
        value = first.get("input")
        line = line_of(path, value) if isinstance(value, str) and value else None
        line = line or (line_of(path, names[-1]) if names else None)
        message = {"missing": "is missing", "extra_forbidden": "is not a known key"}.get(first["type"], first["msg"])
        raise DataError(path, ".".join(keys), message, line) from None


def load_codebook(*extra: Path, base: Path | None = None) -> Codebook:
    """Read ``patterns/`` and any folders of the user's that extend or replace it.

    A page of a later folder replaces the page of the same code, unless it says ``extends = true``: then its phrasings
    and ``yields_to`` are added to ours.

    Args:
        extra: Folders laid out like ``patterns/``; any part may be missing.
        base: A whole ``patterns/`` to read instead of ours, e.g. of an earlier edition.

    Raises:
        DataError: A file is malformed; the message names file, key and line.
        UsageError: A folder does not exist.
    """
    for folder in (*extra, *([base] if base else [])):
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder of patterns. Give a folder laid out like ours (ddextract patterns new NAME makes a page).")
    folders = ((base or own_folder("patterns")).resolve(), *(p.resolve() for p in extra))
    return _load(folders, tuple(_stamp(folder) for folder in folders))


def _stamp(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Return names, sizes and times of the files of a folder, so that pages changed on disk are read again."""
    files = []
    for base, _, names in os.walk(folder):
        for name in names:
            if name.endswith((".toml", ".csv")):
                found = os.stat(f"{base}/{name}")  # noqa: PTH116  a hundred times per document: Path would cost more than the call
                files.append((f"{base}/{name}", found.st_size, found.st_mtime_ns))
    return frozenset(files)


@functools.lru_cache(maxsize=8)
def _load(folders: tuple[Path, ...], stamps: tuple[frozenset[tuple[str, int, int]], ...]) -> Codebook:  # noqa: ARG001  part of the key
    concepts: dict[str, Concept] = {}
    languages: dict[str, LanguageFile] = {}
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".toml", ".csv"}:
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        for path in sorted((folder / "languages").glob("*.toml")):
            data = read_toml(path)
            if data.get("language") != path.stem:
                raise DataError(path, "language", f"must be the file name, '{path.stem}'", line_of(path, "language"))
            languages[path.stem] = validated(LanguageFile, {**data, "path": path}, path)
        for kind in KINDS:
            for path in sorted((folder / kind).glob("*.toml")):
                concepts[path.stem] = _read_page(path, kind, concepts.get(path.stem), added=folder != folders[0])
    for concept in concepts.values():
        for language in concept.phrasing:
            if language not in languages:
                raise DataError(
                    concept.path, f"phrasing.{language}", "no such language file in patterns/languages/", line_of(concept.path, f"phrasing.{language}")
                )
    return Codebook(concepts, languages, folders, digest.hexdigest())


def _read_page(path: Path, kind: Kind, known: Concept | None, *, added: bool) -> Concept:
    data = read_toml(path)
    for groups in data.get("phrasing", {}).values() if added and isinstance(data.get("phrasing"), dict) else ():
        for group in groups if isinstance(groups, list) else ():
            if isinstance(group, dict):
                group["added"] = True
    if data.get("code", path.stem) != path.stem:
        raise DataError(path, "code", f"must be the file name, '{path.stem}'", line_of(path, "code"))
    if not data.pop("extends", False):
        return validated(Concept, {**data, "code": path.stem, "kind": kind, "path": path}, path)
    if known is None:
        raise DataError(path, "extends", f"there is no page '{path.stem}' to extend; drop the key and complete the page", line_of(path, "extends"))
    extension = validated(_Extension, data, path)
    if not extension.phrasing and not extension.yields_to:
        raise DataError(path, "extends", "adds nothing: give [[phrasing.<language>]] or yields_to", line_of(path, "extends"))
    more = extension.phrasing
    phrasing = {language: (*known.phrasing.get(language, ()), *more.get(language, ())) for language in {**known.phrasing, **more}}
    return known.model_copy(update={"phrasing": phrasing, "yields_to": (*known.yields_to, *extension.yields_to)})
