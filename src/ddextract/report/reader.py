"""Sentences as data: a script file per document, from which the pages list exactly the sentences that a number counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from ddextract.charts import COLLECTIVE
from ddextract.report.shelf import Card, Entry, Shelf

FOLDER = "sentences"
"""Where the script files lie in a report."""
LISTED = frozenset({"INSTRUMENT", "ADJACENT"})
"""Labels whose mentions are listed; objectives are facets of the instruments that serve them."""
FACETS = (
    "label", "code", "counts", "status", "ladder", "holder", "agent", "partner", "objective", "section", "wording", "language", "id",
)  # fmt: skip
"""What a sentence can be chosen by, in the order of a row; ``document``, ``year`` and ``words`` (a search) besides. The row ends with its HTML."""


def door(**facets: object) -> str:
    """Return the fragment of an address that opens a page at exactly the sentences with these facets.

    Args:
        facets: Values by name of the facet; a list or tuple admits each of its values; the empty string stands for none named.
    """
    pairs = [(name, str(value)) for name, values in facets.items() for value in (values if isinstance(values, list | tuple) else (values,))]
    return "#?" + urlencode(pairs, quote_via=quote)


def sections(card: Card) -> dict[tuple[str, ...], int]:
    """Return the sections of a document, numbered in the order in which they come."""
    found = dict.fromkeys(b.section for b in card.document.blocks)
    found.update(dict.fromkeys(m.section for m in card.result.mentions))
    return {section: number for number, section in enumerate(found)}


def wording(entry: Entry) -> str:
    """Return the words that were taken, however they are spaced and capitalised."""
    return " ".join(entry.mention.text.split()).lower()


def counted(entry: Entry) -> bool:
    """Return whether a mention is counted: towards the profile, or beside it among the adjacent actions, by the same rule."""
    if entry.mention.label == "ADJACENT":
        return entry.holder in ("self", "joint") and entry.status != "negated"
    return entry.mention.counts


def partner_keys(entry: Entry) -> dict[str, str]:
    """Return the partners of a mention: what identifies each (its country, or else its name), and its name."""
    named = entry.mention.attribution.partner if entry.mention.attribution else ()
    return {str(p.iso3 or p.name or p.text): str(p.name or p.text) for p in named}


def unnamed_keys(entry: Entry) -> set[str]:
    """Return which of the partners of a mention are groups without a name ("foreign states", "allies")."""
    named = entry.mention.attribution.partner if entry.mention.attribution else ()
    return {str(p.iso3 or p.name or p.text) for p in named if p.type == COLLECTIVE and not p.iso3}


def sentence_file(shelf: Shelf, card: Card, parts: Any) -> str:
    """Return the script file of a document: its listed mentions with their facets and ready HTML.

    Args:
        shelf: Documents and sentences.
        card: The document.
        parts: The module of the templates' macros, for pages in a folder of the report.
    """
    numbers = sections(card)
    names: dict[str, str] = {}
    rows = []
    for entry in shelf.by_document[card.id]:
        if entry.mention.label not in LISTED:
            continue
        m, a = entry.mention, entry.mention.attribution
        partners = partner_keys(entry)
        names.update(partners)
        rows.append(
            [
                m.label, m.code, int(counted(entry)), entry.status, a.ladder if a else "", entry.holder, a.agent.name if a and a.agent else "", list(partners),
                list(entry.objectives), numbers[m.section], wording(entry), entry.language, m.id, str(parts.entry(entry, named=True, identity=False)).strip(),
            ]
        )  # fmt: skip
    record: Mapping[str, Any] = {
        "document": card.slug, "title": card.title, "year": "" if card.year is None else str(card.year), "names": {k: v for k, v in names.items() if k != v},
        "sections": [" › ".join(s) for s in numbers], "facets": FACETS, "rows": rows,
    }  # fmt: skip
    return f"(globalThis.ddextractSentences ||= []).push({json.dumps(record, ensure_ascii=False, separators=(',', ':'))});\n"
