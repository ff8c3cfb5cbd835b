"""Why a sentence was tagged as it was: rules, contexts, vetoes and cues, in lines for a person."""

from __future__ import annotations

from collections.abc import Iterator

from ddextract.codebook import Codebook
from ddextract.matching.actors import ADJECTIVE
from ddextract.matching.fusion import StatisticalJudge
from ddextract.matching.pipeline import Passage, Setting, matcher_for, rule_matcher

LEAST_TOLD = 0.05
"""Probability from which a proposal that no wording supports is told."""


def explain_sentence(
    sentence: str, language: str, setting: Setting, codebook: Codebook, *, previous: str = "", section: tuple[str, ...] = (), matcher: str = "hybrid"
) -> Iterator[str]:
    """Yield what was found and what decided, then what was refused and why.

    Args:
        sentence: One or more sentences.
        language: ISO 639-1 code.
        setting: Issuing state and year.
        codebook: The codebook.
        previous: The sentence before it.
        section: Headings above it.
        matcher: ``rules``, or ``hybrid``, of which every proposal is told with its probability.
    """
    rules = rule_matcher(codebook, language)
    passage = Passage(sentence, section, previous=previous)
    doc, sentences = rules.hits(passage, setting)
    mentions = {(m.start, m.end, m.code): m for m in rules.mentions(passage, setting)}
    by_id = {m.id: m for m in mentions.values()}
    for ent in doc.ents:
        kind = "names a state, no actor by itself" if ent.id_ == ADJECTIVE else ent.label_
        yield f'actor      "{ent.text}"  {kind}  {ent.kb_id_ or ent.id_}'
    found = 0
    for looked in sentences:
        for hit in looked.hits:
            found += 1
            span = doc[hit.start : hit.end]
            path, line = codebook.place_of(hit.concept, hit.wording)
            yield f'{hit.concept.label.lower():<10} {hit.concept.code}  "{span.text}"  score {hit.score:.2f}'
            yield f'             rule {hit.rule}, wording "{hit.wording}" ({path.name}:{line or "?"})'
            if hit.reasons:
                yield f"             context held: {', '.join(hit.reasons)}"
            mention = mentions.get((span.start_char, span.end_char, hit.concept.code))
            if mention and mention.attribution:
                a = mention.attribution
                partners = ", ".join(p.iso3 or p.name for p in a.partner) or "none"
                yield f"             holder {a.holder}, status {a.status} ({a.ladder}), partner {partners}; cues: {'; '.join(a.cues) or 'none, defaults'}"
                served = ", ".join(o.code for o in map(by_id.get, mention.objectives) if o) or "none told"
                when = ", ".join(t.text for t in a.times) or "not told"
                much = ", ".join(f.text for f in a.figures) or "none"
                agent = (a.agent.iso3 or a.agent.name) if a.agent else "not told"
                yield f"             tuple: agent {agent}, partner {partners}, objective {served}, time {when}, figures {much}"
                yield f"             counts: {'yes' if mention.counts else 'no, ' + mention.reason}"
        for no in looked.refused:
            yield f'refused    {no.concept.code}  "{doc[no.start : no.end].text}"  {no.because}; rule {no.rule}, wording "{no.wording}"'
    if not found:
        yield "nothing was found by the rules"
    judge = matcher_for(codebook, language, matcher).judge
    if isinstance(judge, StatisticalJudge):
        weighed = [w for looked in sentences for w in judge.proposals(doc, looked, setting.state)]
        for w in sorted(weighed, key=lambda w: (-w.probability, w.code)):
            if w.probability >= LEAST_TOLD or w.ruled:
                yield f"hybrid     {w.code}  probability {w.probability:.2f}: {w.verdict}"
                yield f"             because of {'; '.join(w.reasons)}"
