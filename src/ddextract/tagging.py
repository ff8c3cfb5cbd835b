"""From a document to its mentions: every block that is read, with its surroundings, places and pages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ddextract.codebook import Codebook, LanguageFile, load_codebook
from ddextract.document import Block, Document
from ddextract.errors import UsageError
from ddextract.matching.pipeline import Passage, RuleMatcher, Setting, matcher_for
from ddextract.mention import Mention, mention_id

TAG_SCHEMA = "ddextract.tag/1"
LONGEST_HEADER = 160
CONTENTS = "the contents"
"""Name of the uncounted section, in the files of the languages, that has no sections below it."""
"""Characters up to which the first cell of a row or column names it."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """What tagging a document gave.

    Attributes:
        mentions: Mentions in the order of the text, among them those for review, which never count.
        words: Words of the body in a supported language.
        skipped: Words in other languages, by language.
    """

    mentions: tuple[Mention, ...]
    words: int
    skipped: Mapping[str, int]


def tag_document(document: Document, setting: Setting, codebook: Codebook, *, language: str | None = None, matcher: str = "hybrid") -> Tagged:
    """Find all mentions in the body of a document.

    Args:
        document: The document.
        setting: Issuing state and year.
        codebook: The codebook.
        language: Language of blocks whose own is undecided.
        matcher: ``rules``, ``statistical`` or ``hybrid`` (the rules alone in languages without a model).

    Raises:
        UsageError: The matcher is unknown, or statistical and without a model.
    """
    mentions: list[Mention] = []
    words = 0
    skipped: Counter[str] = Counter()
    previous = ""
    for block in document.body():
        text = document.block_text(block)
        own = block.language or language or document.language or ""
        length = len(text.split())
        if own not in codebook.languages:
            skipped[own or "unknown"] += length
            continue
        words += length
        rules = matcher_for(codebook, own, matcher)
        passage = Passage(text, block.section, _introduction(block), "" if block.kind == "heading" else previous, block.kind)
        veto = _uncounted(block, rules.language)
        found = rules.mentions(passage, setting, document=document.id, section_veto=veto, review=True)
        mentions.extend(_placed(found, block, document))
        previous = text[-400:]
    return Tagged(tuple(mentions), words, dict(sorted(skipped.items())))


def _introduction(block: Block) -> str:
    """Return what introduces a block: the lead-in of a list's item, the headers of a table's cell."""
    if block.cell is None:
        return block.lead_in
    # Long text at the begin of a row is a cell like others, no header.
    headers = [h for h in (block.cell.row_header, block.cell.column_header) if 0 < len(h) <= LONGEST_HEADER]
    return ": ".join(headers)


def _uncounted(block: Block, language: LanguageFile) -> str:
    """Return the name of the uncounted section a block stands in (glossary, legal annex …), or nothing."""
    headings = [heading.lower() for heading in block.section]
    for name, words in language.uncounted_sections.items():
        # A table of contents has no sections of its own: a chapter that seems to hang under it does so by a mistake about levels.
        under = headings[-1:] if name == CONTENTS else headings
        if any(word.lower() in heading for word in words for heading in under):
            return name
    return ""


def _placed(mentions: list[Mention], block: Block, document: Document) -> Iterator[Mention]:
    """Move mentions from the block's coordinates to the document's, with page and boxes."""
    ids = {m.id: mention_id(document.id, m.start + block.start, m.end + block.start, m.code) for m in mentions}
    for mention in mentions:
        start, end = mention.start + block.start, mention.end + block.start
        page = document.page_at(start)
        a = mention.attribution
        if a is not None:
            a = replace(
                a,
                agent=replace(a.agent, start=a.agent.start + block.start, end=a.agent.end + block.start) if a.agent else None,
                partner=tuple(replace(p, start=p.start + block.start, end=p.end + block.start) for p in a.partner),
                figures=tuple(replace(f, start=f.start + block.start, end=f.end + block.start) for f in a.figures),
                times=tuple(replace(t, start=t.start + block.start, end=t.end + block.start) for t in a.times),
            )
        yield replace(
            mention,
            id=ids[mention.id],
            start=start,
            end=end,
            sentence_start=mention.sentence_start + block.start,
            page=page.number if page else block.page,
            page_label=page.label if page else None,
            boxes=document.boxes(start, end),
            attribution=a,
            objectives=tuple(ids[o] for o in mention.objectives),
        )


def tag_lines(
    lines: Iterator[str],
    language: str,
    setting: Setting,
    codebook: Codebook,
    *,
    adjacent: bool = False,
    objects: bool = False,
    matcher: str = "hybrid",
    members: bool = False,
) -> Iterator[dict[str, Any]]:
    """Tag passages, one record for each, in order, empty ones included.

    Args:
        lines: Passages (or, with ``objects``, JSON objects with ``text`` and ``previous``).
        language: ISO 639-1 code.
        setting: Issuing state and year.
        codebook: The codebook.
        adjacent: Whether to give the adjacent area too.
        objects: Whether lines are JSON objects.
        matcher: ``rules``, ``statistical`` or ``hybrid``.
        members: Whether to give the member states of partners that are organisations, as of the year of the document.

    Raises:
        UsageError: A line that should be a JSON object is none.
    """
    rules = matcher_for(codebook, language, matcher)
    for number, line in enumerate(lines, 1):
        text, previous = line, ""
        if objects:
            try:
                given = json.loads(line)
                text, previous = given["text"], given.get("previous") or ""
            except (ValueError, KeyError, TypeError):
                raise UsageError(f'line {number}: not an object {{"text": …, "previous": …}}. Drop --jsonl for plain lines.') from None
        yield _record(rules, Passage(text, previous=previous), setting, 0, adjacent, members)


def tag_text(
    text: str,
    language: str,
    setting: Setting | None = None,
    codebook: Codebook | None = None,
    *,
    adjacent: bool = False,
    matcher: str = "hybrid",
    members: bool = False,
) -> Iterator[dict[str, Any]]:
    """Tag a text, one record per sentence; ``start`` says where the sentence stands in the given text.

    Args:
        text: Plain text; empty lines part paragraphs.
        language: ISO 639-1 code.
        setting: Issuing state and year (``ddextract.matching.pipeline.Setting``); unknown if None.
        codebook: The codebook; ours if None.
        adjacent: Whether to give the adjacent area too.
        matcher: ``rules``, ``statistical`` or ``hybrid``.
        members: Whether to give the member states of partners that are organisations, as of the year of the document.

    Yields:
        Records of the schema that ``ddextract tag`` writes: text, start, mentions.
    """
    setting = setting or Setting()
    rules = matcher_for(codebook or load_codebook(), language, matcher)
    previous = ""
    position = 0
    for paragraph in text.split("\n\n"):
        doc = rules.doc(paragraph)
        for first, last in rules.sentences(doc):
            sentence = doc[first:last]
            stripped = sentence.text.strip()
            if not stripped:
                continue
            start = position + sentence.start_char + sentence.text.index(stripped)
            yield _record(rules, Passage(stripped, previous=previous), setting, start, adjacent, members)
            previous = stripped
        position += len(paragraph) + 2


def _record(rules: RuleMatcher, passage: Passage, setting: Setting, start: int, adjacent: bool, members: bool) -> dict[str, Any]:
    mentions = rules.mentions(passage, setting, adjacent=adjacent) if passage.text.strip() else []
    records = [m.record(plain=True) for m in mentions]
    if members:
        for partner in (p for record in records for p in record["partner"] if p["type"] == "international_organisation"):
            partner["members"] = rules.gazetteer.members(partner["name"], setting.year)
    return {"schema": TAG_SCHEMA, "text": passage.text, "start": start, "mentions": records}
