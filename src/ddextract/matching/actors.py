"""Actors: states, organisations, regions and offices found by name and linked to what they are."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ddextract.codebook import Codebook, LanguageFile, read_toml
from ddextract.errors import DataError
from ddextract.matching.kept import keep, kept, key_of
from ddextract.matching.names import Names, as_arrays, from_arrays

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span

    from ddextract.matching.language import Tokens

ACTORS_KEY = "ddextract_actors"
"""Key of ``doc.spans`` under which the actors stand as named."""
_WHOLE = frozenset({"state", "region", "international_organisation"})
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
        self.capitals: set[str] = set()
        self.memberships: list[Membership] = []
        self.everywhere: set[str] = set()
        self._same_members: dict[str, str] = {}
        self.state_names: dict[str, str] = {}
        self._not_before: dict[str, tuple[str, ...]] = {}
        self._not_after: dict[str, tuple[str, ...]] = {}
        for path in codebook.actor_files("states.csv"):
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    self._state(row)
        for path in codebook.actor_files("regions.toml"):
            for entry in _entries(read_toml(path), "region", path):
                self._add(entry, Actor(entry["name"], "region", entry.get("iso3")))
        for path in codebook.actor_files("organisations.toml"):
            for entry in _entries(read_toml(path), "organisation", path):
                self._organisation(entry)
        for path in codebook.actor_files("roles.toml"):
            for entry in _entries(read_toml(path), "role", path):
                self._add(entry, Actor(entry["name"], entry["type"], entry.get("iso3"), bool(entry.get("generic"))))
        for path in codebook.actor_files("ambiguous.toml"):
            for entry in read_toml(path).get("ambiguous", []):
                if language in entry.get("languages", (language,)):
                    self._not_before[entry["surface"]] = tuple(entry.get("not_before", ()))
                    self._not_after[entry["surface"]] = tuple(entry.get("not_after", ()))

    def _state(self, row: Mapping[str, str]) -> None:
        iso3 = row["iso3"]
        self.state_names[iso3] = row["name"]
        actor = Actor(row["name"], "state", iso3)
        for form in _split(row[f"names_{self.language}"]):
            self._take(form, actor)
        # A capital stands for its state ("talks with Ankara").
        for form in _split(row[f"capital_{self.language}"]):
            self._take(form, actor)
            self.capitals.add(form)
        adjective = Actor(row["name"], "state", iso3, adjective=True)
        for form in _split(row[f"demonyms_{self.language}"]):
            self._take(form, adjective)

    def _organisation(self, entry: Mapping[str, Any]) -> None:
        name = entry["acronym"]
        self._add(entry, Actor(name, "international_organisation"))
        if entry.get("members_all"):
            self.everywhere.add(name)
        if entry.get("members_of"):
            self._same_members[name] = entry["members_of"]
        for member in entry.get("members", ()):
            self.memberships.append(Membership(name, member["state"], int(member["from"]), member.get("until")))

    def _add(self, entry: Mapping[str, Any], actor: Actor) -> None:
        for form in entry.get("names", {}).get(self.language, ()):
            self._take(form, actor)

    def _take(self, form: str, actor: Actor) -> None:
        """Take a form in: all in lower case it matches in any case, with a capital exactly. The first actor of a form keeps it."""
        (self.uncased if form == form.lower() else self.cased).setdefault(form, actor)

    def is_member(self, state: str | None, organisation: str, year: int | None) -> bool:
        """Return whether a state belongs to an organisation in a year."""
        if state is None:
            return False
        organisation = self._same_members.get(organisation, organisation)
        return organisation in self.everywhere or any(m.organisation == organisation and m.state == state and m.holds(year) for m in self.memberships)

    def may_be_member(self, state: str | None, organisation: str, year: int | None) -> bool:
        """Return whether a state belongs to an organisation in a year, or nothing is known of who does (then the text may be believed)."""
        return self.is_member(state, organisation, year) or not self.knows_members(organisation)

    def knows_members(self, organisation: str) -> bool:
        """Return whether there is a list of an organisation's members."""
        organisation = self._same_members.get(organisation, organisation)
        return organisation in self.everywhere or any(m.organisation == organisation for m in self.memberships)

    def members(self, organisation: str, year: int | None) -> list[str]:
        """Return the members (ISO 3166-1 alpha-3) of an organisation in a year, sorted; empty where no list is known."""
        organisation = self._same_members.get(organisation, organisation)
        return sorted({m.state for m in self.memberships if m.organisation == organisation and m.holds(year)})

    def allows(self, span: Span) -> bool:
        """Return whether the words around an ambiguous name let it stand for its actor."""
        surface = span.text
        barred_before, barred_after = self._not_before.get(surface, ()), self._not_after.get(surface, ())
        if not barred_before and not barred_after:
            return True
        before = span.doc.text[max(0, span.start_char - 60) : span.start_char].rstrip()
        after = span.doc.text[span.end_char : span.end_char + 60].lstrip()
        return not any(_ends_with_word(before, word) for word in barred_before) and not any(_starts_with_word(after, word) for word in barred_after)


def _ends_with_word(text: str, word: str) -> bool:
    return text.endswith(word) and not text[: -len(word)][-1:].isalnum()


def _starts_with_word(text: str, word: str) -> bool:
    return text.startswith(word) and not text[len(word) : len(word) + 1].isalnum()


class ActorMatcher:
    """Sets ``doc.ents`` to the actors of a text: label = type, ``kb_id_`` = country, ``ent_id_`` = canonical name."""

    def __init__(self, nlp: Tokens, gazetteer: Gazetteer, language: LanguageFile) -> None:
        self.gazetteer = gazetteer
        self.tokens = nlp
        self._function_words = frozenset(language.function_words)
        self._articles = frozenset(language.articles)
        self._actors: list[Actor] = [*gazetteer.cased.values(), *gazetteer.uncased.values()]
        self.generic = frozenset(a.name for a in self._actors if a.generic)
        told = [f"{form}\t{actor.adjective}" for forms in (gazetteer.cased, gazetteer.uncased) for form, actor in forms.items()]
        key = key_of("names", language.language, json.dumps(language.spelling), str(len(gazetteer.cased)), *told)
        found = kept(f"names-{language.language}", key)
        if found is None:
            cased, uncased = self._names()
            found = {}
            for name, names in (("cased", cased), ("uncased", uncased)):
                found[name], found[f"{name}_words"] = as_arrays(names)
            keep(f"names-{language.language}", key, found)
        self._cased = Names("ORTH", from_arrays(found["cased"], found["cased_words"]))
        self._uncased = Names("NORM", from_arrays(found["uncased"], found["uncased_words"]))

    def _names(self) -> tuple[list[tuple[int, list[int]]], list[tuple[int, list[int]]]]:
        """Return the forms of all actors as tokens, each with the index of its actor: as written, and by normal forms."""
        cased: list[tuple[int, list[int]]] = []
        for key, (form, actor) in enumerate(self.gazetteer.cased.items()):
            variants = {form: None}
            if len(form) > 3 and not form.isupper() and not actor.adjective:
                variants |= {form.upper(): None, _unaccented(form.upper()): None}
            if "'" in form:
                variants[form.replace("'", "’")] = None
            cased.extend((key, [token.orth for token in self.tokens.make_doc(variant)]) for variant in variants)
        uncased: list[tuple[int, list[int]]] = []
        for key, form in enumerate(self.gazetteer.uncased, len(self.gazetteer.cased)):
            forms = [form, *([form.replace("'", "’")] if "'" in form else [])]
            uncased.extend((key, [token.norm for token in self.tokens.make_doc(variant)]) for variant in forms)
        return cased, uncased

    def __call__(self, doc: Doc) -> Doc:
        """Mark the actors; of overlapping names the longest wins.

        ``doc.spans["ddextract_actors"]`` holds the actors as named ("Iraqi forces"). ``doc.ents``, which wordings and
        attribution look at, parts a force or office from the state in its name ("Iraqi" + "forces").
        """
        from spacy.tokens import Span
        from spacy.util import filter_spans

        spans = []
        for matcher in (self._cased, self._uncased):
            for key, start, end in matcher.find(doc):
                actor = self._actors[key]
                adjective = actor.adjective or (actor.type == "state" and self._attributive(doc, start, end))
                span = Span(doc, start, end, label=actor.type, kb_id=actor.iso3 or "", span_id=ADJECTIVE if adjective else actor.name)
                if self.gazetteer.allows(span):
                    spans.append(span)
        actors = filter_spans(spans)
        doc.spans[ACTORS_KEY] = list(_joined(actors))
        states = [s for s in spans if s.label_ == "state"]
        doc.set_ents(filter_spans([part for span in actors for part in _parted(span, states)]))
        return doc

    def _attributive(self, doc: Doc, start: int, end: int) -> bool:
        """Return whether an abbreviated state name stands before a noun as an adjective does ("U.S. strategy", not "the U.S. and …")."""
        text = doc[start:end].text
        if end - start != 1 or not (text.isupper() and len(text) <= 4) or end >= len(doc):
            return False
        if start and doc[start - 1].norm_ in self._articles:
            return False
        following = doc[end]
        return following.is_alpha and following.norm_ not in self._function_words

    def actor_of(self, span: Span) -> Actor:
        """Return what a marked span stands for."""
        adjective = span.id_ == ADJECTIVE
        name = self.gazetteer.state_names.get(span.kb_id_, span.text) if adjective else span.id_
        return Actor(name, span.label_, span.kb_id_ or None, name in self.generic, adjective)


def _joined(spans: Sequence[Span]) -> Iterator[Span]:
    """Yield actors, a state and the force or office named right behind it as one ("U.S." + "forces")."""
    from spacy.tokens import Span as SpacySpan

    held: Span | None = None
    for span in sorted(spans, key=lambda s: s.start):
        if held is not None and held.end == span.start and held.label_ == "state" and span.label_ not in _WHOLE:
            yield SpacySpan(span.doc, held.start, span.end, label=span.label_, kb_id=held.kb_id_, span_id=span.id_)
            held = None
            continue
        if held is not None:
            yield held
        held = span
    if held is not None:
        yield held


def _parted(span: Span, states: Sequence[Span]) -> Iterator[Span]:
    """Yield the state in a force's or office's name and what is left of the name, or the span itself."""
    from spacy.tokens import Span as SpacySpan

    inner = next((s for s in states if span.label_ not in _WHOLE and s.start >= span.start and s.end <= span.end and len(s) < len(span)), None)
    if inner is None:
        yield span
        return
    yield inner
    start, end = (inner.end, span.end) if span.end - inner.end >= inner.start - span.start else (span.start, inner.start)
    yield SpacySpan(span.doc, start, end, label=span.label_, kb_id=span.kb_id_, span_id=span.id_)


def _unaccented(text: str) -> str:
    """Return a text without accents, as capital headings are often set."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


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
