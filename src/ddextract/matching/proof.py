"""The proof of the pages: every wording hits an example, every example is hit, no counterexample is; and a linter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ddextract.codebook import Codebook, Concept, Phrasing, line_of
from ddextract.errors import DataError
from ddextract.matching.pipeline import Passage, RuleMatcher, Setting, rule_matcher
from ddextract.matching.wording import WordingError, compile_wording


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a page: where and what to do."""

    path: Path
    key: str
    problem: str
    line: int | None = None
    severity: str = "error"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{place}: {self.key}: {self.problem}"


def check_codebook(codebook: Codebook, *, only: str | None = None, language: str | None = None) -> list[Finding]:
    """Prove every page of a codebook.

    Args:
        codebook: The codebook.
        only: Code of a single page.
        language: A single language.

    Returns:
        What is wrong, in the order of the files; empty if all is proved.
    """
    findings: list[Finding] = []
    for name in sorted(codebook.languages):
        if language and name != language:
            continue
        try:
            matcher = rule_matcher(codebook, name)
        except DataError as error:
            findings.append(Finding(Path(error.path), error.key, error.problem, error.line))
            continue
        for concept in codebook.concepts.values():
            if only and concept.code != only:
                continue
            findings.extend(_check_concept(codebook, concept, name, matcher))
        if not only:
            findings.extend(_duplicates(codebook, name))
    return findings


def _check_concept(codebook: Codebook, concept: Concept, language: str, matcher: RuleMatcher) -> Iterator[Finding]:
    phrasings = concept.phrasing.get(language, ())
    if not phrasings:
        yield Finding(concept.path, f"phrasing.{language}", "no wording in this language", severity="gap")
        return
    setting = Setting(matcher.language.issuer_for_examples, 2024)
    for number, phrasing in enumerate(phrasings):
        key = f"phrasing.{language}[{number}]"
        rule = f"{concept.code}/{number}"
        used: set[str] = set()
        for example in phrasing.examples:
            matched = _wordings_hitting(concept, rule, example, matcher, setting)
            used |= matched
            if not matched:
                page, line = codebook.place_of(concept, example)
                yield Finding(page, f"{key}.examples", f'example not matched by its phrasing: "{example}". Mend a wording or drop the example', line)
        for wording in phrasing.match:
            if wording not in used and not _occurs_in_examples(wording, phrasing, matcher):
                page, line = codebook.place_of(concept, wording)
                yield Finding(page, f"{key}.match", f'wording hits none of its examples: "{wording}". Add an example or drop it', line)
        for counterexample in phrasing.counterexamples:
            _, sentences = matcher.hits(Passage(counterexample), setting)
            for looked in sentences:
                for hit in looked.hits:
                    if hit.concept.code == concept.code:
                        page, line = codebook.place_of(concept, counterexample)
                        yield Finding(page, f"{key}.counterexamples", f'counterexample is hit by {hit.rule} "{hit.wording}": "{counterexample}"', line)
        for wording in phrasing.match:
            if wording in (*phrasing.veto, *phrasing.unless):
                yield Finding(concept.path, f"{key}.veto", f'a negative equals a positive: "{wording}"', line_of(concept.path, wording))


def _wordings_hitting(concept: Concept, rule: str, sentence: str, matcher: RuleMatcher, setting: Setting) -> set[str]:
    """Return the wordings of a rule that hold in a sentence, or that another rule of the same page outranked there."""
    _, sentences = matcher.hits(Passage(sentence), setting)
    # Where a page of ours yields to a page of the user's, its examples may belong to that one.
    yielding = {
        h.concept.code for looked in sentences for h in looked.hits if h.concept.code in concept.yields_to and h.concept.path.parent != concept.path.parent
    }
    hits = [hit for looked in sentences for hit in looked.hits if hit.concept.code in {concept.code, *yielding}]
    own = {hit.wording for hit in hits if hit.rule == rule}
    if own or not hits:
        return own
    phrasing = concept.phrasing[matcher.language.language][int(rule.rpartition("/")[2])]
    return {wording for wording in phrasing.match if _occurs_in(wording, [sentence], matcher)}


def _occurs_in_examples(wording: str, phrasing: Phrasing, matcher: RuleMatcher) -> bool:
    """Return whether a wording that another one outranked matches an example nevertheless."""
    return _occurs_in(wording, phrasing.examples, matcher)


def _occurs_in(wording: str, sentences: Sequence[str], matcher: RuleMatcher) -> bool:
    from ddextract.matching.ruler import WordingSet

    try:
        wordings = WordingSet(matcher.nlp.vocab).build((0, c) for c in compile_wording(wording, matcher.ruler.lexicon))
    except WordingError:
        return False
    docs = [matcher.doc(sentence) for sentence in sentences]
    return any(wordings.occurs(doc, 0, len(doc)) for doc in docs)


def _duplicates(codebook: Codebook, language: str) -> Iterator[Finding]:
    seen: dict[tuple[str, str], Concept] = {}
    for concept in codebook.concepts.values():
        for number, phrasing in enumerate(concept.phrasing.get(language, ())):
            for wording in phrasing.match:
                key = (concept.code, wording)
                if key in seen:
                    yield Finding(concept.path, f"phrasing.{language}[{number}].match", f'wording stands twice: "{wording}"', line_of(concept.path, wording))
                seen[key] = concept
