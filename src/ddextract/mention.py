"""A mention: a place in a text where an instrument, actor, objective or adjacent action is named, and all we know of it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

SCHEMA = "ddextract.mention/1"
FOR_REVIEW = "for review"
"""Reason of a mention that the hybrid matcher neither accepts nor rejects: a person should look; it never counts."""

Label = Literal["INSTRUMENT", "ACTOR", "OBJECTIVE", "ADJACENT"]
Holder = Literal["self", "joint", "other"]
Status = Literal["current", "planned", "past", "negated"]
Ladder = Literal["mentioned", "considered", "aimed", "will", "does", "has_done", "ended", "refused"]

STATUS_OF: dict[Ladder, Status] = {
    "mentioned": "current",
    "does": "current",
    "considered": "planned",
    "aimed": "planned",
    "will": "planned",
    "has_done": "past",
    "ended": "negated",
    "refused": "negated",
}
"""The ladder collapsed to the codebook's four values."""

Box = tuple[int, float, float, float, float]
"""page (from 1), x0, top, x1, bottom in points, top-left origin."""


@dataclass(frozen=True, slots=True)
class ActorRef:
    """An actor named in the text, linked to what it is: ``text == source[start:end]``."""

    text: str
    start: int
    end: int
    name: str
    type: str
    iso3: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that counts an instrument or those it serves: ``text == source[start:end]``, value, and what it counts."""

    text: str
    start: int
    end: int
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Time:
    """Years that date an instrument: the first and the last, None where open ("since 2010", "by 2030")."""

    text: str
    start: int
    end: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose instrument, done or planned, by whom, with whom, when and how much: decided for one mention."""

    holder: Holder
    ladder: Ladder
    agent: ActorRef | None = None
    partner: tuple[ActorRef, ...] = ()
    cues: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    times: tuple[Time, ...] = ()

    @property
    def status(self) -> Status:
        """The codebook's value for the rung of the ladder."""
        return STATUS_OF[self.ladder]


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention; the fields are those of the record in docs/reference/data-dictionary.md.

    ``start`` and ``end`` are half-open code points into the text of the document (or of the passage, for ``tag``).
    """

    document: str
    label: Label
    code: str
    start: int
    end: int
    text: str
    sentence: str = ""
    sentence_start: int = 0
    section: tuple[str, ...] = ()
    page: int | None = None
    page_label: str | None = None
    boxes: tuple[Box, ...] = ()
    name: str | None = None
    iso3: str | None = None
    attribution: Attribution | None = None
    objectives: tuple[str, ...] = ()
    score: float = 1.0
    matcher: Literal["rule", "statistical", "both"] = "rule"
    rule: str = ""
    counts: bool = False
    reason: str = ""
    id: str = field(default="")

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", mention_id(self.document, self.start, self.end, self.code))

    def record(self, *, plain: bool = False) -> dict[str, Any]:
        """Return the mention as a JSON-ready record.

        Args:
            plain: Leave out what plain text does not have (document, boxes, page).
        """
        a = self.attribution
        full: dict[str, Any] = {
            "id": self.id,
            "document": self.document,
            "label": self.label,
            "code": self.code,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "boxes": [list(box) for box in self.boxes],
            "sentence": self.sentence,
            "sentence_start": self.sentence_start,
            "section": list(self.section),
            "page": self.page,
            "page_label": self.page_label,
            "name": self.name,
            "iso3": self.iso3,
            "holder": a.holder if a else None,
            "agent": _actor(a.agent) if a and a.agent else None,
            "status": a.status if a else None,
            "ladder": a.ladder if a else None,
            "partner": [_actor(p) for p in a.partner] if a else [],
            "objectives": list(self.objectives),
            "figures": [asdict(f) for f in a.figures] if a else [],
            "times": [asdict(t) for t in a.times] if a else [],
            "score": round(self.score, 4),
            "matcher": self.matcher,
            "rule": self.rule,
            "cues": list(a.cues) if a else [],
            "counts": self.counts,
            "reason": self.reason,
        }
        if plain:
            for key in ("document", "boxes", "page", "page_label", "section"):
                del full[key]
        return full


def _actor(ref: ActorRef) -> dict[str, Any]:
    return {"text": ref.text, "start": ref.start, "end": ref.end, "name": ref.name, "type": ref.type, "iso3": ref.iso3}


def mention_id(document: str, start: int, end: int, code: str) -> str:
    """Return the stable id of a mention: 16 hex digits over document, place and code."""
    return hashlib.sha256(f"{document}\0{start}\0{end}\0{code}".encode()).hexdigest()[:16]


def counting(mention: Mention, kind: str, section_veto: str = "") -> tuple[bool, str]:
    """Decide whether a mention counts towards a profile; the one place where this is decided.

    Args:
        mention: The mention with its attribution.
        kind: Kind of the block it stands in.
        section_veto: Name of a section in which nothing counts (glossary, legal annex …), if it stands in one.

    Returns:
        Whether it counts, and if not why.
    """
    if mention.label != "INSTRUMENT" or mention.attribution is None:
        return False, "not an instrument"
    if mention.attribution.holder == "other":
        return False, "holder is other"
    if mention.attribution.status == "negated":
        return False, "negated"
    if section_veto:
        return False, f"stands in {section_veto}"
    if kind in UNCOUNTED_KINDS:
        return False, f"stands in {kind.replace('_', ' ')}"
    return True, ""


UNCOUNTED_KINDS = frozenset({"contents", "bibliography", "header", "footer", "page_number", "glossary"})
"""Kinds of block in which a mention never counts."""
