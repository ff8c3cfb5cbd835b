"""The first page: the answer in one sentence, the matrix, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ddextract.lists import DECIDABLE_WORDS
from ddextract.report.shelf import Shelf, known, state_name

STEPS = (1, 3, 6, 12, 25)
"""Counting mentions from which each of the five shades of the matrix begins."""
RATE_STEPS = (0.01, 2.0, 5.0, 10.0, 20.0)
"""The same for mentions per 10,000 words."""
OUTCOMES = ("agreed", "only list", "only text", "not decidable", "neither")
"""Outcomes of the check in the order in which they are shown."""
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True, slots=True)
class Cell:
    """One state and instrument: what the profile says."""

    state: str
    code: str
    count: int
    current: int
    planned: int
    past: int
    joint: int
    documents: int
    rate: float
    share: float
    present: str
    first_year: int | None
    last_year: int | None
    evidence: str | None
    probability: float | None = None
    probability_low: float | None = None
    probability_high: float | None = None

    @property
    def practised(self) -> int:
        """Current and past mentions."""
        return self.current + self.past

    @property
    def shade(self) -> int:
        """Step of the sequential scale by count, 0 for none."""
        return sum(self.count >= step for step in STEPS)

    @property
    def rate_shade(self) -> int:
        """Step of the sequential scale by rate, 0 for none."""
        return sum(self.rate >= step for step in RATE_STEPS)

    @property
    def kind(self) -> str:
        """How the matrix marks it: absent, doubtful, announced (nothing but plans), mixed or practised."""
        if self.present != "present":
            return self.present
        if not self.planned:
            return "practised"
        return "announced" if not self.practised else "mixed"

    @property
    def words(self) -> str:
        """The same for those who do not see the marks."""
        if not self.count:
            return "not found"
        doubt = ", doubtful" if self.present == "doubtful" else ""
        chance = f"; truly there with probability {self.probability:.2f}" if self.probability is not None else ""
        return f"{self.count} mention{'s' * (self.count != 1)}{doubt}: {self.practised} practised, {self.planned} announced{chance}"


def cells(shelf: Shelf) -> dict[tuple[str, str], Cell]:
    """Return the profiles by state and code."""
    result = {}
    for row in shelf.run.profiles.to_dict("records"):
        first, last = known(row["first_year"]), known(row["last_year"])
        cell = Cell(
            str(row["state"]), str(row["code"]), int(row["counting_mentions"]), int(row["current"] or 0), int(row["planned"] or 0), int(row["past"] or 0),
            int(row["joint"] or 0), int(row["documents"]), float(row["rate_per_10000_words"]), float(row["share"]), str(row["present"]),
            int(first) if first is not None else None, int(last) if last is not None else None, known(row["evidence_mention"]),
            known(row.get("probability")), known(row.get("probability_low")), known(row.get("probability_high")),
        )  # fmt: skip
        result[cell.state, cell.code] = cell
    return result


def families(shelf: Shelf) -> list[tuple[str, list[str]]]:
    """Return the instrument codes by family, families and codes in the order of their names."""
    concepts = shelf.run.codebook.concepts
    groups: dict[str, list[str]] = {}
    for code in shelf.run.codebook.instruments:
        groups.setdefault(concepts[code].family, []).append(code)
    return [(family, groups[family]) for family in sorted(groups)]


def answer(shelf: Shelf, found: Mapping[tuple[str, str], Cell]) -> str:
    """Return what the documents say to the question, in one or two sentences computed from the tables."""
    codes, named = shelf.run.codebook.instruments, sorted(shelf.state_slugs)
    if not named:
        return "No document with a known state was read, so there is no profile to show."
    everywhere = [c for c in codes if all(found[s, c].present == "present" for s in named)]
    nowhere = [c for c in codes if all(found[s, c].present == "absent" for s in named)]
    missing = f"{len(nowhere) or 'none'} {_are(nowhere) if nowhere else 'is'}"
    shared = f"{len(everywhere) or 'none'} {_are(everywhere) if everywhere else 'is'}"
    text = f"Of {len(codes)} instruments, {shared} present in "
    if len(named) == 1:
        doubtful = sum(found[named[0], c].present == "doubtful" for c in codes)
        tail = f", {doubtful} more doubtful" if doubtful else ""
        return f"{text}what was read of {state_name(named[0])}{tail}; {missing} not found in it."
    every = "both" if len(named) == 2 else f"all {_number(len(named))}"
    text += f"the documents of {every} states read{_named(shelf, everywhere)}"
    if not everywhere:
        spread = {c: sum(found[s, c].present == "present" for s in named) for c in codes}
        widest = [c for c in codes if spread[c] == max(spread.values()) > 0]
        text += f", the widest spread in {_number(spread[widest[0]])}{_named(shelf, widest)}" if widest else ""
    text += f"; {missing} found in none." if nowhere else "; each is found in those of at least one."
    little = [state_name(str(s)) for s, w in _words_read(shelf).items() if w < DECIDABLE_WORDS]
    if little:
        text += f" Fewer than {DECIDABLE_WORDS:,} words were read of {_listing(little)}: too little to say what is missing there."
    check = shelf.run.check
    if len(check):
        listed = sorted({str(s) for s in check["state"]})
        own = check[check["in_list"] == "listed"]
        on_all = [c for c in codes if len(set(own[own["code"] == c]["state"])) == len(listed)]
        if len(listed) > 1:
            text += f" On all {_number(len(listed))} hand-coded lists of these states there {_are(on_all)} {len(on_all) or 'none'}{_named(shelf, on_all)}."
    return text


def _words_read(shelf: Shelf) -> dict[str, int]:
    """Return the words read of each state."""
    return {str(row["state"]): int(row["words_read"]) for row in shelf.run.profiles.to_dict("records")}


def _listing(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _are(items: Sequence[str]) -> str:
    return "is" if len(items) == 1 else "are"


def _number(value: int) -> str:
    return _NUMBERS[value] if value < len(_NUMBERS) else f"{value:,}"


def _named(shelf: Shelf, codes: Sequence[str]) -> str:
    """Return the titles of a few codes in brackets."""
    if not 0 < len(codes) <= 6:
        return ""
    return f" ({', '.join(shelf.run.codebook.concepts[c].title['en'].lower() for c in codes)})"


def overview(shelf: Shelf) -> dict[str, Any]:
    """Return what the first page shows."""
    found = cells(shelf)
    words = _words_read(shelf)
    check = shelf.run.check
    outcomes = {
        state: {str(k): int(v) for k, v in check[check["state"] == state]["outcome"].value_counts().items()}
        for state in (sorted(set(check["state"])) if len(check) else [])
    }
    return {
        "answer": answer(shelf, found),
        "families": families(shelf),
        "cells": found,
        "states": [{"code": s, "name": state_name(s), "words": words[s], "little": words[s] < DECIDABLE_WORDS} for s in sorted(shelf.state_slugs)],
        "presence": {c: [s for s in sorted(shelf.state_slugs) if found[s, c].present == "present"] for c in shelf.run.codebook.instruments},
        "present_of": {s: sum(c.present == "present" for c in found.values() if c.state == s) for s in shelf.state_slugs},
        "totals": {s: sum(c.count for c in found.values() if c.state == s) for s in shelf.state_slugs},
        "steps": STEPS,
        "rate_steps": RATE_STEPS,
        "decidable": DECIDABLE_WORDS,
        "outcomes": outcomes,
        "outcome_names": OUTCOMES,
        "documents": [document_line(shelf, card.id) for card in shelf.cards],
        "stateless": [card for card in shelf.cards if not card.issuers],
        "failures": [{"name": Path(f.path).name, "reason": f"{f.cause}. {f.remedy}"} for f in shelf.run.failures],
    }


def document_line(shelf: Shelf, identity: str) -> dict[str, Any]:
    """Return one line on coverage and parse quality of a document."""
    card = shelf.card_of[identity]
    entries = shelf.by_document[identity]
    mentions = [e.mention for e in entries if e.mention.label == "INSTRUMENT"]
    return {
        "card": card,
        "pages": len(card.document.pages),
        "words": card.result.words,
        "skipped": dict(card.result.skipped),
        "quality": card.document.quality,
        "bad_pages": sum(p.quality < 0.5 for p in card.document.pages),
        "problems": card.document.problems,
        "mentions": len(mentions),
        "counting": sum(m.counts for m in mentions),
    }
