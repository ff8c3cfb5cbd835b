"""Actors: states, organisations, regions and offices found by name and linked to what they are."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ddextract.codebook import Codebook, read_toml
from ddextract.errors import DataError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span

ADJECTIVE = "adjective"
"""``ent_id_`` of a demonym: it names a state for context and partner, but is no actor by itself (codebook, ruling 17)."""


@dataclass(frozen=True, slots=True)
class Actor:
    """What a name stands for.

    Attributes:
        name: Canonical name; for organisations the acronym.
        type: One of the types of the codebook, section 5.
        iso3: Country, where it has one.
        generic: A common noun ("the armed forces"), whose country the text tells.
        adjective: A demonym or adjective.
    """

    name: str
    type: str
    iso3: str | None = None
    generic: bool = False
    adjective: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """That a state belongs to an organisation from one year until another (exclusive), where it ended."""

    organisation: str
    state: str
    since: int
    until: int | None = None

    def holds(self, year: int | None) -> bool:
        """Return whether the membership holds in a year; without a year, whether it holds today."""
        if year is None:
            return self.until is None
        return self.since <= year and (self.until is None or year < self.until)


class Gazetteer:
    """All actors of a codebook in one language, by surface form.

    Args:
        codebook: The codebook, whose folders hold ``actors/``.
        language: ISO 639-1 code.

    Raises:
        DataError: An actor file is malformed.
    """

    def __init__(self, codebook: Codebook, language: str) -> None:
        self.language = language
        self.cased: dict[str, Actor] = {}
        self.uncased: dict[str, Actor] = {}
        self.memberships: list[Membership] = []
        self.everywhere: set[str] = set()
        self.state_names: dict[str, str] = {}
        self._not_before: dict[str, tuple[str, ...]] = {}
        self._not_after: dict[str, tuple[str, ...]] = {}
        for path in codebook.actor_files("states.csv"):
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    self._state(row)
        for path in codebook.actor_files("regions.toml"):
            for entry in _entries(read_toml(path), "region", path):
                actor = Actor(entry["name"], "region")
                self._add(entry, actor, cased=True)
        for path in codebook.actor_files("organisations.toml"):
            for entry in _entries(read_toml(path), "organisation", path):
                self._organisation(entry)
        for path in codebook.actor_files("roles.toml"):
            for entry in _entries(read_toml(path), "role", path):
                actor = Actor(entry["name"], entry["type"], entry.get("iso3"), bool(entry.get("generic")))
                self._add(entry, actor, cased=False)
        for path in codebook.actor_files("ambiguous.toml"):
            for entry in read_toml(path).get("ambiguous", []):
                self._not_before[entry["surface"]] = tuple(entry.get("not_before", ()))
                self._not_after[entry["surface"]] = tuple(entry.get("not_after", ()))

    def _state(self, row: Mapping[str, str]) -> None:
        iso3 = row["iso3"]
        self.state_names[iso3] = row["name"]
        actor = Actor(row["name"], "state", iso3)
        for form in _split(row[f"names_{self.language}"]):
            self.cased.setdefault(form, actor)
        adjective = Actor(row["name"], "state", iso3, adjective=True)
        for form in _split(row[f"demonyms_{self.language}"]):
            self.cased.setdefault(form, adjective)
            if form[:1].islower():
                self.cased.setdefault(form[0].upper() + form[1:], adjective)

    def _organisation(self, entry: Mapping[str, Any]) -> None:
        name = entry["acronym"]
        self._add(entry, Actor(name, "international_organisation"), cased=True)
        if entry.get("members_all"):
            self.everywhere.add(name)
        for member in entry.get("members", ()):
            self.memberships.append(Membership(name, member["state"], int(member["from"]), member.get("until")))

    def _add(self, entry: Mapping[str, Any], actor: Actor, *, cased: bool) -> None:
        for form in entry.get("names", {}).get(self.language, ()):
            acronym = form.isupper() or any(c.isupper() for c in form[1:] if " " not in form)
            if cased or acronym:
                self.cased.setdefault(form, actor)
            else:
                self.uncased.setdefault(form, actor)

    def is_member(self, state: str | None, organisation: str, year: int | None) -> bool:
        """Return whether a state belongs to an organisation in a year."""
        if state is None:
            return False
        return organisation in self.everywhere or any(m.organisation == organisation and m.state == state and m.holds(year) for m in self.memberships)

    def members(self, organisation: str, year: int | None) -> list[str]:
        """Return the members (ISO 3166-1 alpha-3) of an organisation in a year, sorted."""
        return sorted({m.state for m in self.memberships if m.organisation == organisation and m.holds(year)})

    def allows(self, span: Span) -> bool:
        """Return whether the words around an ambiguous name let it stand for its actor."""
        doc = span.doc
        before = doc[span.start - 1].text if span.start else ""
        after = doc[span.end].text if span.end < len(doc) else ""
        return before not in self._not_before.get(span.text, ()) and after not in self._not_after.get(span.text, ())


class ActorMatcher:
    """Sets ``doc.ents`` to the actors of a text: label = type, ``kb_id_`` = country, ``ent_id_`` = canonical name."""

    def __init__(self, nlp: Language, gazetteer: Gazetteer) -> None:
        from spacy.matcher import PhraseMatcher

        self.gazetteer = gazetteer
        self._cased = PhraseMatcher(nlp.vocab, attr="ORTH")
        self._uncased = PhraseMatcher(nlp.vocab, attr="NORM")
        self._actors: list[Actor] = []
        for matcher, forms in ((self._cased, gazetteer.cased), (self._uncased, gazetteer.uncased)):
            for form, actor in forms.items():
                key = str(len(self._actors))
                self._actors.append(actor)
                variants = {form}
                if matcher is self._cased and len(form) > 4 and not form.isupper() and not actor.adjective:
                    variants.add(form.upper())
                docs = [nlp.make_doc(v) for v in variants]
                if "'" in form:
                    docs.append(nlp.make_doc(form.replace("'", "’")))
                matcher.add(key, docs)

    def __call__(self, doc: Doc) -> Doc:
        """Mark the actors; of overlapping names the longest wins."""
        from spacy.tokens import Span
        from spacy.util import filter_spans

        spans = []
        for matcher in (self._cased, self._uncased):
            for key, start, end in matcher(doc):
                actor = self._actors[int(doc.vocab.strings[key])]
                span = Span(doc, start, end, label=actor.type, kb_id=actor.iso3 or "", span_id=ADJECTIVE if actor.adjective else actor.name)
                if self.gazetteer.allows(span):
                    spans.append(span)
        doc.set_ents(filter_spans(spans))
        return doc

    def actor_of(self, span: Span) -> Actor:
        """Return what a marked span stands for."""
        return self.gazetteer.cased.get(span.text) or self.gazetteer.uncased.get(span.text) or Actor(
            span.id_ if span.id_ != ADJECTIVE else self.gazetteer.state_names.get(span.kb_id_, span.text), span.label_, span.kb_id_ or None, adjective=span.id_ == ADJECTIVE
        )


def _split(cell: str) -> Iterator[str]:
    return (part.strip() for part in (cell or "").split(";") if part.strip())


def _entries(data: Mapping[str, Any], key: str, path: Any) -> list[Mapping[str, Any]]:
    entries = data.get(key)
    if not isinstance(entries, list):
        raise DataError(path, key, f"no [[{key}]] entries")
    for number, entry in enumerate(entries, 1):
        if "name" not in entry and "acronym" not in entry:
            raise DataError(path, f"{key}[{number}]", "has no name")
    return entries
