"""The page of an instrument: what the codebook says of it, who has it, and how it is worded."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ddextract.profile import unclear
from ddextract.report.overview import Cell
from ddextract.report.reader import wording
from ddextract.report.shelf import Entry, Shelf, state_name

BEST = 5
"""Quotations shown first."""


def concept_page(shelf: Shelf, code: str, found: dict[tuple[str, str], Cell]) -> dict[str, Any]:
    """Return what the page of an instrument shows."""
    entries = [e for card in shelf.cards for e in shelf.by_document[card.id] if e.mention.code == code and e.mention.label == "INSTRUMENT"]
    counting = [e for e in entries if e.mention.counts and e.card.issuers]
    wordings = Counter((e.language, wording(e)) for e in counting)
    return {
        "concept": shelf.run.codebook.concepts[code],
        "having": sorted((found[s, code] for s in shelf.state_slugs if found[s, code].count), key=lambda c: (c.present != "present", -c.count, c.state)),
        "lacking": [state_name(s) for s in sorted(shelf.state_slugs) if not found[s, code].count],
        "most": max((found[s, code].count for s in shelf.state_slugs), default=0),
        "best": best_quotations(counting),
        "wordings": [{"language": la, "wording": w, "count": n} for (la, w), n in sorted(wordings.items(), key=lambda item: (-item[1], item[0]))],
        "languages": {la for la, _ in wordings},
        "sources": [card for card in shelf.cards if card.issuers and any(e.mention.code == code for e in shelf.by_document[card.id])],
        "counting": counting,
        "measured": any(c.probability is not None for c in found.values()),
        "listed": _listed(shelf, code),
    }


def best_quotations(entries: list[Entry], number: int = BEST) -> list[Entry]:
    """Return the best quotations, one per document before a second of any, no sentence twice."""
    ranked = sorted(entries, key=lambda e: (*unclear(e.mention.sentence, e.mention.score, e.status), e.card.id, e.mention.start))
    chosen: list[Entry] = []
    spare: list[Entry] = []
    seen: set[str] = set()
    documents: set[str] = set()
    for entry in ranked:
        if entry.mention.sentence in seen:
            continue
        seen.add(entry.mention.sentence)
        (spare if entry.card.id in documents else chosen).append(entry)
        documents.add(entry.card.id)
    return (chosen + spare)[:number]


def _listed(shelf: Shelf, code: str) -> list[dict[str, str]]:
    """Return what the hand-coded lists say of an instrument, by state."""
    rows = [row for row in shelf.run.check.to_dict("records") if row["code"] == code]
    return [{"state": str(r["state"]), "name": state_name(str(r["state"])), "in_list": str(r["in_list"]), "outcome": str(r["outcome"])} for r in rows]
