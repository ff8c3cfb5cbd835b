"""From a passage of text to mentions: one rule matcher per language, usable alone or as spaCy components."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ddextract.codebook import Codebook
from ddextract.errors import UsageError
from ddextract.matching.actors import ACTORS_KEY, ADJECTIVE, ActorMatcher, Gazetteer
from ddextract.matching.attribution import Attributor
from ddextract.matching.fusion import Decides, Judge, Looked, StatisticalJudge, has_model, load_models
from ddextract.matching.language import Words, blank_pipeline, lexicon_of, sentence_starts
from ddextract.matching.purposes import Preceding
from ddextract.matching.ruler import Hit, Ruler, tables_of
from ddextract.mention import FOR_REVIEW, Label, Mention, counting

if TYPE_CHECKING:
    from spacy.tokens import Doc

SPANS_KEY = "ddextract"
"""Key of ``doc.spans`` under which our spaCy components put what they find."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Who speaks and when: what attribution must know of a document.

    Attributes:
        state: ISO 3166-1 alpha-3 of the issuing state, or None where unknown.
        year: Year of the document.
        issuers: All issuing states (a joint statement has several).
    """

    state: str | None = None
    year: int | None = None
    issuers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of text to be searched, with the words around it that only help to decide.

    Attributes:
        text: The text; offsets of mentions refer to it.
        section: Headings above it, outermost first.
        lead_in: The sentence that introduces the list it is an item of.
        previous: The sentence before it.
        kind: Kind of the block.
    """

    text: str
    section: tuple[str, ...] = ()
    lead_in: str = ""
    previous: str = ""
    kind: str = "paragraph"


class RuleMatcher:
    """Finds mentions by the rules of a codebook in one language; a judge, where there is one, decides what the findings are worth.

    Args:
        codebook: The codebook.
        language: ISO 639-1 code.
        judge: Weighs what the rules found (the statistical and the hybrid matcher); without one the rules alone decide.

    Raises:
        UsageError: The codebook has no such language.
        DataError: A page is malformed.
    """

    def __init__(self, codebook: Codebook, language: str, judge: Judge | None = None) -> None:
        if language not in codebook.languages:
            raise UsageError(f"language '{language}' is not known. Known: {', '.join(sorted(codebook.languages))} (patterns/languages/).")
        self.codebook = codebook
        self.judge = judge
        self.language = codebook.languages[language]
        words = Words(self.language)
        self.nlp = blank_pipeline(self.language, words)
        self.gazetteer = Gazetteer(codebook, language)
        self.actors = ActorMatcher(self.nlp, self.gazetteer, self.language)
        tables = tables_of(codebook, self.language)
        self.ruler = Ruler(codebook, self.language, self.nlp.vocab, lexicon_of(self.language, words), tables)
        self.attributor = Attributor(self.language, self.ruler.lexicon, self.nlp.vocab, self.actors, tables)
        tables.keep()

    def doc(self, text: str) -> Doc:
        """Return a text as spaCy tokens with actors marked."""
        return self.actors(self.nlp.make_doc(text))

    def sentences(self, doc: Doc) -> list[tuple[int, int]]:
        """Return the sentences as token ranges."""
        starts = sentence_starts(doc, self.language)
        return [(a, b) for a, b in zip(starts, [*starts[1:], len(doc)], strict=True) if b > a]

    def hits(self, passage: Passage, setting: Setting) -> tuple[Doc, list[Looked]]:
        """Return the tokens of a passage, and per sentence what the rules found and refused (no judge is asked)."""
        doc = self.doc(passage.text)
        wider_text = ". ".join(part for part in (*passage.section[-2:], passage.lead_in, passage.previous) if part)
        wider = self._wider(wider_text) if wider_text else None
        result: list[Looked] = []
        for start, end in self.sentences(doc):
            if result:
                before = partial(self._preceding, doc, result[-1].start, result[-1].end, result[-1].hits)
            else:
                before = partial(self._preceding_text, passage.previous, passage.lead_in, setting.state)
            missed: dict[int, tuple[int, int, int]] = {}
            found, refused = self.ruler.find(doc, start, end, wider=wider, issuer=setting.state, before=before, missed=missed)
            result.append(Looked(start, end, found, refused, self.ruler.near(missed), before))
        return doc, result

    def _preceding(self, doc: Doc, start: int, end: int, hits: Sequence[Hit]) -> Preceding:
        """Return what a sentence offers to the objectives of the next."""
        instruments = any(h.concept.kind == "instruments" for h in hits)
        means = instruments or bool(self.ruler.places("means", doc, start, end))
        return Preceding(instruments, means, doc[start:end].text.rstrip().endswith(":"), frozenset(h.concept.code for h in hits))

    @lru_cache(maxsize=256)  # noqa: B019  as below
    def _preceding_text(self, previous: str, lead_in: str, issuer: str | None) -> Preceding:
        """Return what the sentence before the passage, and the lead-in of its list, offer to its first sentence."""
        found = Preceding()
        for text in (lead_in, previous):
            if text:
                doc = self._wider(text)
                start, end = self.sentences(doc)[-1]
                last = self._preceding(doc, start, end, self.ruler.find(doc, start, end, issuer=issuer)[0])
                introduces = found.introduces or last.introduces or text is lead_in
                found = Preceding(found.instruments or last.instruments, found.means or last.means, introduces, found.codes | last.codes)
        return found

    @lru_cache(maxsize=256)  # noqa: B019  one matcher per language lives as long as the process
    def _wider(self, text: str) -> Doc:
        return self.doc(text)

    def mentions(
        self, passage: Passage, setting: Setting, *, document: str = "", adjacent: bool = True, section_veto: str = "", review: bool = False
    ) -> list[Mention]:
        """Return the mentions of a passage, in the order of the text.

        Args:
            passage: The text and its surroundings.
            setting: Issuing state and year.
            document: Id of the document.
            adjacent: Whether to give the adjacent area too.
            section_veto: Name of a section in which nothing counts, if the passage stands in one.
            review: Whether to give, too, what the judge is unsure of: mentions that do not count, with the reason ``for review``.
        """
        doc, sentences = self.hits(passage, setting)
        mentions: list[Mention] = []
        for looked in sentences:
            start, end = looked.start, looked.end
            hits: Sequence[Hit] = looked.hits
            if self.judge:
                judged = self.judge.judge(doc, looked, setting.state)
                hits = judged.hits
                if review:
                    mentions.extend(self._for_review(doc, start, end, judged.doubtful, document, passage))
            mentions.extend(self._of_sentence(doc, start, end, hits, passage, setting, document, adjacent, section_veto))
        return sorted(mentions, key=lambda m: (m.start, m.end, m.label, m.code))

    def _for_review(
        self, doc: Doc, start: int, end: int, doubtful: Sequence[tuple[str, int, int, float]], document: str, passage: Passage
    ) -> Iterator[Mention]:
        sentence = doc[start:end]
        for code, first, last, probability in doubtful:
            concept = self.codebook.concepts[code]
            label: Label = "INSTRUMENT" if concept.kind == "instruments" else "OBJECTIVE"
            span = doc[first:last]
            yield Mention(
                document=document, label=label, code=code, start=span.start_char, end=span.end_char, text=span.text, sentence=sentence.text.strip(),
                sentence_start=sentence.start_char, section=passage.section, score=probability, matcher="statistical", rule=f"{code}/text", reason=FOR_REVIEW,
            )  # fmt: skip

    def _of_sentence(
        self, doc: Doc, start: int, end: int, hits: Sequence[Hit], passage: Passage, setting: Setting, document: str, adjacent: bool, section_veto: str
    ) -> list[Mention]:
        sentence = doc[start:end]
        objectives: list[Mention] = []
        others: list[Mention] = []
        served: dict[tuple[int, int], list[str]] = {}
        shared: dict[str, Any] = {"document": document, "sentence": sentence.text.strip(), "sentence_start": sentence.start_char, "section": passage.section}
        for hit in hits:
            span = doc[hit.start : hit.end]
            place: dict[str, Any] = {
                "start": span.start_char,
                "end": span.end_char,
                "text": span.text,
                "score": max(0.0, min(1.0, hit.score)),
                "rule": hit.rule,
                "matcher": hit.matcher,
            }
            if hit.concept.kind == "objectives":
                objective = Mention(label="OBJECTIVE", code=hit.concept.code, reason="not an instrument", **shared, **place)
                objectives.append(objective)
                for first, last in hit.serves:
                    served.setdefault((doc[first].idx, doc[last - 1].idx + len(doc[last - 1])), []).append(objective.id)
            elif hit.concept.kind == "instruments" or adjacent:
                attribution = self.attributor.attribute(doc, start, end, hit.start, hit.end, setting=setting, passage=passage, two_sided=hit.concept.two_sided)
                label: Label = "INSTRUMENT" if hit.concept.kind == "instruments" else "ADJACENT"
                others.append(Mention(label=label, code=hit.concept.code, attribution=attribution, **shared, **place))
        result = list(objectives)
        for mention in others:
            counts, reason = counting(mention, passage.kind, section_veto)
            result.append(
                replace(
                    mention,
                    objectives=tuple(served.get((mention.start, mention.end), ())) if mention.label == "INSTRUMENT" else (),
                    counts=counts,
                    reason=reason,
                )
            )
        result.extend(self._actors(doc, start, end, setting, shared))
        return result

    def _actors(self, doc: Doc, start: int, end: int, setting: Setting, shared: dict[str, Any]) -> list[Mention]:
        mentions = []
        for ent in doc.spans[ACTORS_KEY]:
            if ent.start < start or ent.end > end or ent.id_ == ADJECTIVE:
                continue
            actor = self.actors.actor_of(ent)
            iso3 = actor.iso3 or self.attributor.country_of(doc, ent, setting)
            mentions.append(
                Mention(
                    label="ACTOR",
                    code=actor.type,
                    start=ent.start_char,
                    end=ent.end_char,
                    text=ent.text,
                    name=actor.name,
                    iso3=iso3,
                    rule="gazetteer",
                    reason="not an instrument",
                    **shared,
                )
            )
        return mentions


MatcherName = Literal["rules", "statistical", "hybrid"]
MATCHERS: tuple[MatcherName, ...] = ("rules", "statistical", "hybrid")
_MATCHERS: dict[tuple[str, str, str, Path | None], RuleMatcher] = {}


def rule_matcher(codebook: Codebook, language: str) -> RuleMatcher:
    """Return the rule matcher of a codebook and language, built once per process."""
    return matcher_for(codebook, language, "rules")


def matcher_for(codebook: Codebook, language: str, name: str = "hybrid", *, models: Path | None = None) -> RuleMatcher:
    """Return a matcher of a codebook and language, built once per process.

    Args:
        codebook: The codebook.
        language: ISO 639-1 code.
        name: ``rules``; ``hybrid``, which is the rules alone where the language has no model; ``statistical``.
        models: Folder of trained models to take instead of ours.

    Raises:
        UsageError: The name or language is unknown, or ``statistical`` is asked for and there is no model.
        DataError: A page or a model is malformed.
    """
    decides = settled_matcher(name, language, models)
    key = (codebook.digest, language, decides, models)
    if key not in _MATCHERS:
        if decides == "rules":
            _MATCHERS[key] = RuleMatcher(codebook, language)
        else:
            # Compiling the rules of a language takes seconds: all matchers of a language share them.
            _MATCHERS[key] = copy(rule_matcher(codebook, language))
            _MATCHERS[key].judge = StatisticalJudge(codebook, load_models(language, models), decides)
    return _MATCHERS[key]


def settled_matcher(name: str, language: str, models: Path | None = None) -> Literal["rules"] | Decides:
    """Return which matcher decides for a language: ``hybrid`` without a model is ``rules``.

    Raises:
        UsageError: The name is unknown, or ``statistical`` is asked for and there is no model.
    """
    if name not in MATCHERS:
        raise UsageError(f"--matcher {name} is not known. Choose {', '.join(MATCHERS)}.")
    if name == "rules":
        return "rules"
    if has_model(language, models):
        return "statistical" if name == "statistical" else "hybrid"
    if name == "statistical":
        raise UsageError(f"--matcher statistical needs a trained model for '{language}': train one (ddextract train) or use --matcher rules.")
    return "rules"
