"""What the pages of the report show: documents and sentences of a run, with the places where each can be looked up."""

from __future__ import annotations

import bisect
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ddextract.corpus import load_registry, states
from ddextract.document import Document
from ddextract.job import DocumentResult, Run
from ddextract.mention import Mention

IN_PLACE = frozenset({"INSTRUMENT", "ADJACENT", "OBJECTIVE"})
"""Labels whose mentions are shown sentence by sentence; actors are shown as a table."""


@dataclass(frozen=True, slots=True)
class Card:
    """A document that was read, as the report shows it.

    Attributes:
        slug: Name of its page in the report.
        citation: Issuer, title and year in one line.
        address: Where the registry says that it can be had.
        images: Name of the image file by page number, for the pages that are shown.
    """

    id: str
    slug: str
    result: DocumentResult
    document: Document
    title: str
    citation: str
    address: str
    images: Mapping[int, str] = field(default_factory=dict)

    @property
    def issuers(self) -> tuple[str, ...]:
        """The states in whose profiles it counts; none where no state is known."""
        return tuple(s for s in self.result.strategy.issuers if s) if self.result.strategy.state else ()

    @property
    def year(self) -> int | None:
        """Year of the document."""
        return self.result.strategy.year

    @property
    def language(self) -> str:
        """Main language, empty where undecided."""
        return self.document.language or self.result.strategy.language or ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A mention with its sentence cut around the words, and where to see it.

    Attributes:
        before: The sentence up to the words.
        hit: The words.
        after: The rest of the sentence.
        language: Language of the quotation.
        place: Page as printed and in the file, or nothing for sources without pages.
        link: Page of the report that shows it in its document, from the report's root.
        pictured: Whether that page shows an image of the printed page.
        partners: Names of the partners.
        objectives: Codes of the objectives.
    """

    mention: Mention
    card: Card
    before: str
    hit: str
    after: str
    language: str
    place: str
    link: str
    pictured: bool
    partners: tuple[str, ...]
    objectives: tuple[str, ...]

    @property
    def page(self) -> str:
        """The page as printed, in its shortest form."""
        return f"p. {self.mention.page_label or self.mention.page}" if self.mention.page is not None else ""

    @property
    def status(self) -> str:
        """Status, empty off instruments."""
        return self.mention.attribution.status if self.mention.attribution else ""

    @property
    def ladder(self) -> str:
        """Rung of the ladder in words."""
        return self.mention.attribution.ladder.replace("_", " ") if self.mention.attribution else ""

    @property
    def holder(self) -> str:
        """Holder, empty off instruments."""
        return self.mention.attribution.holder if self.mention.attribution else ""


@dataclass(frozen=True)
class Shelf:
    """Documents and sentences of a run, in the order in which the pages need them."""

    run: Run
    cards: tuple[Card, ...]
    by_document: Mapping[str, tuple[Entry, ...]]
    state_slugs: Mapping[str, str]

    @property
    def card_of(self) -> dict[str, Card]:
        """Documents by id."""
        return {card.id: card for card in self.cards}

    def cards_of(self, state: str) -> list[Card]:
        """Return the documents that count for a state."""
        return [card for card in self.cards if state in card.issuers]

    def of_state(self, state: str) -> dict[str, list[Entry]]:
        """Return the instrument mentions of a state's documents by code, in the order of the documents."""
        result: dict[str, list[Entry]] = defaultdict(list)
        for card in self.cards_of(state):
            for entry in self.by_document[card.id]:
                if entry.mention.label == "INSTRUMENT":
                    result[entry.mention.code].append(entry)
        return dict(result)

    def of_label(self, state: str, label: str) -> list[Entry]:
        """Return the mentions of one label in a state's documents."""
        return [e for card in self.cards_of(state) for e in self.by_document[card.id] if e.mention.label == label]


def known(value: Any) -> Any:
    """Return a cell of a table, None where it is empty."""
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


def slug_names(names: Iterable[str]) -> dict[str, str]:
    """Return a file name for each name: safe on every system, distinct also where case does not count."""
    taken: set[str] = set()
    result: dict[str, str] = {}
    for name in names:
        plain = "".join(c if (c.isascii() and c.isalnum()) or c in "-_" else "-" for c in name)[:80].strip("-") or "document"
        slug, number = plain, 1
        while slug.lower() in taken:
            number += 1
            slug = f"{plain}-{number}"
        taken.add(slug.lower())
        result[name] = slug
    return result


def state_name(code: str) -> str:
    """Return the English short name of a state, or its code where it has none."""
    return states().get(code, code)


def page_words(number: int | None, label: str | None) -> str:
    """Return a page as one cites it: the printed label, with the page of the file where they differ."""
    if number is None:
        return ""
    if label and label != str(number):
        return f"p. {label} (page {number} of the file)"
    return f"p. {number}"


def opening(text: str, length: int) -> str:
    """Return the first words of a text, with an ellipsis where some are left out."""
    return text if len(text) <= length else f"{text[:length].rpartition(' ')[0] or text[:length]}…"


def ending(text: str, length: int) -> str:
    """Return the last words of a text, with an ellipsis where some are left out."""
    return text if len(text) <= length else f"…{text[-length:].partition(' ')[2] or text[-length:]}"


def make_shelf(run: Run) -> Shelf:
    """Lay out the documents and sentences of a run."""
    read = [r for r in run.results if r.document]
    slugs = slug_names(r.strategy.id for r in read)
    cards = tuple(_card(r, r.document, slugs[r.strategy.id]) for r in read if r.document)
    present = sorted({str(s) for s in run.profiles["state"]}) if len(run.profiles) else []
    return Shelf(run, cards, {card.id: _entries(card) for card in cards}, slug_names(present))


def with_images(shelf: Shelf, images: Mapping[str, Mapping[int, str]]) -> Shelf:
    """Return the shelf with page images, so that sentences lead to the highlighted words."""
    cards = tuple(replace(card, images=images[card.id]) if images.get(card.id) else card for card in shelf.cards)
    return replace(shelf, cards=cards, by_document={card.id: _entries(card) if card.images else shelf.by_document[card.id] for card in cards})


def _card(result: DocumentResult, document: Document, slug: str) -> Card:
    strategy = result.strategy
    entry = load_registry().by_id.get(strategy.id)
    title = strategy.title or document.metadata.get("title", "") or strategy.path.stem
    issuer = ", ".join(state_name(s) for s in strategy.issuers if s) or "Unknown issuer"
    year = str(strategy.year) if strategy.year is not None else "no year"
    return Card(strategy.id, slug, result, document, title, f"{issuer}, {title} ({year})", entry.address if entry else "")


def _entries(card: Card) -> tuple[Entry, ...]:
    starts = [b.start for b in card.document.blocks]
    codes = {m.id: m.code for m in card.result.mentions}
    shown = sorted((m for m in card.result.mentions if m.label in IN_PLACE), key=lambda m: (m.start, m.end, m.code))
    return tuple(_entry(m, card, starts, codes) for m in shown)


def _entry(mention: Mention, card: Card, starts: Sequence[int], codes: Mapping[str, str]) -> Entry:
    first = mention.start - mention.sentence_start
    last = first + mention.end - mention.start
    if mention.sentence and 0 <= first < last <= len(mention.sentence) and mention.sentence[first:last] == mention.text:
        before, after = mention.sentence[:first], mention.sentence[last:]
    else:
        before, after = "", ""
    index = bisect.bisect_right(starts, mention.start) - 1
    language = (card.document.blocks[index].language if index >= 0 else None) or card.language
    pictured = mention.page in card.images and any(box[0] == mention.page for box in mention.boxes)
    anchor = f"h-{mention.id}" if pictured else f"m-{mention.id}"
    partners = tuple(dict.fromkeys(p.name or p.text for p in mention.attribution.partner)) if mention.attribution else ()
    objectives = tuple(sorted({codes[o] for o in mention.objectives if o in codes}))
    place = page_words(mention.page, mention.page_label)
    return Entry(mention, card, before, mention.text, after, language, place, f"document/{card.slug}.html#{anchor}", pictured, partners, objectives)
