"""The page of a document: what it is, how well it could be read, and its mentions in place."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ddextract.report.overview import document_line
from ddextract.report.reader import sections
from ddextract.report.shelf import Card, Entry, Shelf

FOREIGN = frozenset({"state", "international_organisation", "region"})
"""Types of actor that, other than the issuer, make a passage read like the subject."""
SILENT_ACTORS = 3
SILENT_RATE = 10
"""Foreign actors, and foreign actors per 1,000 words, from which a section without any counting mention reads like the subject."""


def document_page(shelf: Shelf, card: Card) -> dict[str, Any]:
    """Return what the page of a document shows."""
    entries = shelf.by_document[card.id]
    return {
        "card": card,
        "line": document_line(shelf, card.id),
        "sheets": _sheets(card, entries),
        "actors": _actors(card),
        "outline": _outline(card, entries),
        "order": shelf.run.codebook.instruments,
        "worst": [p for p in card.document.pages if p.quality < 0.5 or p.problems],
    }


def _sheets(card: Card, entries: tuple[Entry, ...]) -> list[dict[str, Any]]:
    """Return the pages that have mentions, each with its image, its boxes and its mentions."""
    sizes = {p.number: (p.width, p.height) for p in card.document.pages}
    groups: dict[int | None, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.mention.page].append(entry)
    result = []
    for number in sorted(groups, key=lambda n: -1 if n is None else n):
        own = groups[number]
        width, height = sizes.get(number or 0, (0.0, 0.0))
        result.append(
            {
                "number": number,
                "place": own[0].place,
                "image": card.images.get(number) if number is not None else None,
                "width": width,
                "height": height,
                "entries": own,
                "size": len(own),
                "overlays": [
                    (e, [(x0, top, x1 - x0, bottom - top) for page, x0, top, x1, bottom in e.mention.boxes if page == number])
                    for e in own
                    if e.mention.label in ("INSTRUMENT", "ADJACENT") or e.pictured
                ],
            }
        )
    return result


def _actors(card: Card) -> list[dict[str, Any]]:
    """Return the actors named, most often named first, with the pages on which they stand."""
    groups: dict[tuple[str, str], list[int | None]] = defaultdict(list)
    for mention in card.result.mentions:
        if mention.label == "ACTOR":
            groups[mention.name or mention.text, mention.code].append(mention.page)
    rows = [
        {"name": name, "type": kind.replace("_", " "), "count": len(pages), "pages": sorted({p for p in pages if p is not None})}
        for (name, kind), pages in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row["count"], row["name"], row["type"]))


def _outline(card: Card, entries: tuple[Entry, ...]) -> list[dict[str, Any]]:
    """Return the sections in order, with their words and counting mentions, so that silent ones show."""
    words: dict[tuple[str, ...], int] = {}
    pages: dict[tuple[str, ...], int | None] = {}
    for block in card.document.body():
        if block.kind in ("title", "heading"):
            continue
        words[block.section] = words.get(block.section, 0) + len(card.document.block_text(block).split())
        pages.setdefault(block.section, block.page)
    numbers = sections(card)
    counts: dict[tuple[str, ...], int] = defaultdict(int)
    for entry in entries:
        counts[entry.mention.section] += entry.mention.counts
    foreign: dict[tuple[str, ...], int] = defaultdict(int)
    for mention in card.result.mentions:
        if mention.label == "ACTOR" and mention.code in FOREIGN and mention.iso3 not in card.issuers:
            foreign[mention.section] += 1
    return [
        {
            "section": section, "number": numbers[section], "words": count, "page": pages[section], "mentions": counts[section], "foreign": foreign[section],
            "silent": not counts[section] and foreign[section] >= SILENT_ACTORS and 1000 * foreign[section] >= SILENT_RATE * count,
        }
        for section, count in words.items()
    ]  # fmt: skip
