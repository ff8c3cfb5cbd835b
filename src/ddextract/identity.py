"""Who issued a document, when and in which language, where nobody has said: guesses from title page and metadata, marked as guesses."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from ddextract.codebook import Codebook
from ddextract.corpus import Strategy
from ddextract.document import Document
from ddextract.errors import InputError
from ddextract.matching.pipeline import rule_matcher
from ddextract.matching.signatories import OPENING_CHARACTERS, signatories

TITLE_CHARACTERS = 2_500
"""Characters of the body that stand for the title page and what follows it."""
_YEAR = re.compile(r"(?<!\d)(19[4-9]\d|20[0-9]\d)(?!\d)")


def identify(strategy: Strategy, document: Document, codebook: Codebook) -> Strategy:
    """Complete what is known of a document.

    Args:
        strategy: What registry, sidecar or options say.
        document: The document as read.
        codebook: Whose actors name the states.

    Returns:
        The strategy with state, year, language and title; what was guessed is named in ``guessed``.

    Raises:
        InputError: Its language is not one that the codebook knows.
    """
    guessed = list(strategy.guessed)
    language = strategy.language or document.language
    if language is None or language not in codebook.languages:
        named = f"language '{language}' is not supported" if language else "its language was not recognised"
        known = ", ".join(sorted(codebook.languages))
        raise InputError(strategy.path, named, f"Supported: {known}. If it is one of these, say so with --lang.")
    if strategy.language is None:
        guessed.append("language")
    state, issuers = strategy.state, strategy.issuers
    if state is None:
        state = guess_state(document, codebook, language)
        if state:
            guessed.append("state")
            issuers = (state,)
    if state and strategy.known_from not in ("registry", "sidecar") and issuers in ((), (state,)):
        signed = signatories(f"{strategy.title or _title(document)}. {_opening(document, OPENING_CHARACTERS)}", state, rule_matcher(codebook, language))
        if len(signed) > 1:
            guessed.append("issuers")
        issuers = signed
    year = strategy.year
    if year is None:
        year = guess_year(document, strategy.path.stem)
        if year:
            guessed.append("year")
    title = strategy.title or _title(document)
    return replace(strategy, state=state, issuers=issuers, year=year, language=language, title=title, guessed=tuple(guessed))


def guess_state(document: Document, codebook: Codebook, language: str) -> str | None:
    """Guess the issuing state: the state named most in file name, metadata and title page, then in the whole text."""
    matcher = rule_matcher(codebook, language)
    head = " . ".join([document.metadata.get("title", ""), document.metadata.get("author", ""), _opening(document)])
    counts: Counter[str] = Counter()
    doc = matcher.doc(head)
    for ent in doc.ents:
        if ent.kb_id_:
            # Names near the top say more than names further down.
            counts[ent.kb_id_] += 3 if ent.start < 60 else 1
    body = " ".join(document.block_text(b) for b in list(document.body())[:400])[:60_000]
    for ent in matcher.doc(body).ents:
        if ent.kb_id_:
            counts[ent.kb_id_] += 0.2  # type: ignore[assignment]
    ranked = counts.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] < 1.2 * ranked[1][1]):
        return None
    return ranked[0][0]


def guess_year(document: Document, stem: str) -> int | None:
    """Guess the year: from the file name, the title page, then the metadata; the latest plausible one of the first place that has any."""
    for place in (stem.replace("_", " "), _opening(document)[:600], document.metadata.get("title", ""), document.metadata.get("creationdate", "")[:8]):
        found = [int(y) for y in _YEAR.findall(place)]
        if found:
            return found[0]
    return None


def _opening(document: Document, characters: int = TITLE_CHARACTERS) -> str:
    return " . ".join(document.block_text(b) for b in document.blocks[:60])[:characters]


def _title(document: Document) -> str:
    for block in document.blocks[:20]:
        if block.kind in ("title", "heading"):
            return " ".join(document.block_text(block).split())[:200]
    return document.metadata.get("title", "")
