"""The method page: what was run on what, by which rules, and what the tables mean."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ddextract.lists import DECIDABLE_WORDS
from ddextract.report.shelf import Shelf

LIBRARIES = ("ddextract", "spacy", "pypdfium2", "pdfplumber", "pandas", "scikit-learn", "pydantic", "jinja2")

DICTIONARY: dict[str, dict[str, str]] = {
    "documents": {
        "id": "registry id, else the file's stem and eight hex digits of its sha256",
        "issuers, state": "issuing states, the first of them (ISO 3166-1 alpha-3)",
        "year, language, title": "as registry, sidecar or options say, else guessed",
        "guessed, known_from": "which of these are guesses; where the others come from",
        "path, sha256": "file name and hash of the file",
        "pages, words, characters": "pages; body words in a supported language; characters of the text that all offsets refer to",
        "quality, problems, skipped": "mean parse quality of the pages, 0 to 1; what is wrong in words; words in other languages, by language",
        "outcome, reason": "read or failed, and if failed why and what to do",
    },
    "mentions": {
        "id, document, label, code": "stable id; document; INSTRUMENT, ACTOR, OBJECTIVE or ADJACENT; code of the codebook",
        "start, end, text, boxes": "half-open code points into text/<id>.txt; the words; their boxes in points from the top left of the page",
        "sentence, sentence_start, section, page, page_label": "where the words stand; page counted from 1 and as printed",
        "name, iso3": "for actors: canonical name and country",
        "holder, agent": "whose instrument it is (self, joint, other); who carries it out, where said",
        "status, ladder": "current, planned, past or negated; the finer rung from mentioned to refused",
        "partner, objectives, objective_codes": "with or for whom; purposes served, as mention ids and as codes",
        "figures, times": "numbers that count the instrument or those it serves; years that date it",
        "score, matcher, rule, cues": "how sure; which matcher and which rule and cues decided",
        "counts, reason": "whether it counts towards the profile, and if not why",
    },
    "profiles": {
        "state, code, family": "the key: a row for every state read and every instrument",
        "counting_mentions, current, planned, past, practised, announced, self, joint": "mentions that count, by status and by holder",
        "ladder": "rungs of the ladder with their numbers, the firmest first",
        "other, negated": "mentions that do not count because another state holds them, or because they are refused",
        "documents, documents_read, words_read": "documents with a counting mention, and what was read",
        "rate_per_10000_words, share": "mentions per 10,000 body words; share of the state's counting mentions",
        "wordings": "distinct wordings among the counting mentions: the witnesses of the probability",
        "partners, partners_named, agents, objectives, first_year, last_year": "most frequent first; how many partners; years of the documents",
        "present, evidence_rule": "present, doubtful or absent, and the rule by which",
        "probability, probability_low, probability_high, probability_from": "that the instrument is truly named, with 95 % interval, and what was measured",
        "evidence_document, evidence_page, evidence_page_label, evidence_mention, evidence_score, evidence_text": "best evidence",
    },
    "check": {
        "state, code, family": "the key: a row for every state with a hand-coded list and every instrument",
        "in_list, items": "listed, discussed or no; ids of the items that map to the code",
        "present, counting_mentions": "as in profiles",
        "outcome": "agreed, only list, only text, neither, not decidable",
        "words_read, cited_sources_read": "what was read; how many of the scholar's own sources were among it",
        "evidence_document, evidence_page, evidence_text": "best evidence",
    },
    "items": {
        "state, item, number, list, status, label": "an item of a hand-coded list, in our words",
        "codes, found, codes_found": "codes it maps to; whether all, some or none of them are present; which",
        "evidence_document, evidence_page, evidence_text": "best evidence",
    },
}
"""What the columns of the tables mean, in a few words."""


def method_page(shelf: Shelf) -> dict[str, Any]:
    """Return what the method page shows; nothing of it changes between identical runs on one machine."""
    run = shelf.run
    settings = run.settings
    return {
        "versions": [(name, _version(name)) for name in LIBRARIES],
        "results": run.results,
        "settings": [
            ("matcher", settings.matcher),
            ("own patterns", ", ".join(p.name for p in settings.patterns) or "none"),
            ("own lists", ", ".join(p.name for p in settings.lists) or "none"),
            (
                "state, year, language given for inputs that do not say",
                ", ".join(str(v) for v in (settings.known.state, settings.known.year, settings.known.language) if v) or "none",
            ),
        ],
        "evidence": settings.evidence,
        "decidable": DECIDABLE_WORDS,
        "dictionary": DICTIONARY,
        "digest": run.codebook.digest,
        "measured": bool(len(run.profiles)) and bool(run.profiles["probability"].notna().any()),
        "version": _version("ddextract"),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed as a package"
