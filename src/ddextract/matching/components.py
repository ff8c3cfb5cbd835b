"""Our matchers as spaCy components, for people who build their own pipelines: ``nlp.add_pipe("ddextract_mentions")``.

Found spans are in ``doc.spans["ddextract"]`` (label = code); the full records, which spans with equal borders would share
if they hung on ``Span._``, are in ``doc.user_data["ddextract"]`` in the same order.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spacy.language import Language

from ddextract.codebook import load_codebook
from ddextract.matching.pipeline import SPANS_KEY, Passage, Setting, rule_matcher

if TYPE_CHECKING:
    from spacy.tokens import Doc


class MentionComponent:
    """Finds instruments, objectives, adjacent actions and actors in a ``Doc`` tokenised by any pipeline.

    Args:
        language: ISO 639-1 code of the rules.
        state: Issuing state (ISO 3166-1 alpha-3).
        year: Year of the document.
        patterns: Folder of own pages.
        labels: Which labels to give.
    """

    def __init__(self, language: str, state: str | None, year: int | None, patterns: str | None, labels: tuple[str, ...]) -> None:
        self._matcher = rule_matcher(load_codebook(*([Path(patterns)] if patterns else [])), language)
        self._setting = Setting(state, year, (state,) if state else ())
        self._labels = labels

    def __call__(self, doc: Doc) -> Doc:
        """Add the mentions to ``doc.spans`` and their records to ``doc.user_data``; tokens are left as they are."""
        spans = []
        records = []
        for mention in self._matcher.mentions(Passage(doc.text), self._setting):
            if mention.label not in self._labels:
                continue
            span = doc.char_span(mention.start, mention.end, label=mention.code, span_id=mention.id, alignment_mode="expand")
            if span is not None:
                spans.append(span)
                records.append(mention.record(plain=True))
        doc.spans[SPANS_KEY] = spans
        doc.user_data[SPANS_KEY] = records
        return doc


_DEFAULTS = {"language": None, "state": None, "year": None, "patterns": None}


@Language.factory("ddextract_mentions", default_config={**_DEFAULTS, "labels": ["INSTRUMENT", "OBJECTIVE", "ADJACENT"]}, assigns=["doc.spans"])
def make_mentions(
    nlp: Language,
    name: str,  # noqa: ARG001  part of spaCy's interface
    language: str | None,
    state: str | None,
    year: int | None,
    patterns: str | None,
    labels: list[str],
) -> MentionComponent:
    """Return a component that finds instruments, objectives and adjacent actions; the language is the pipeline's unless given."""
    return MentionComponent(language or nlp.lang or "en", state, year, patterns, tuple(labels))


@Language.factory("ddextract_actors", default_config=_DEFAULTS, assigns=["doc.spans"])
def make_actors(
    nlp: Language,
    name: str,  # noqa: ARG001
    language: str | None,
    state: str | None,
    year: int | None,
    patterns: str | None,
) -> MentionComponent:
    """Return a component that finds actors only."""
    return MentionComponent(language or nlp.lang or "en", state, year, patterns, ("ACTOR",))
