"""How the codebook covers its languages and a corpus: wordings, hits, overlaps, wordings that never hit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ddextract.codebook import Codebook
from ddextract.corpus import find_inputs
from ddextract.matching.pipeline import Passage, Setting, rule_matcher
from ddextract.reading import read_document


def coverage_lines(codebook: Codebook, corpus: Sequence[str]) -> Iterator[str]:
    """Yield a table of wordings by code and language and, on a corpus, of hits, overlaps and dead wordings.

    Args:
        codebook: The codebook.
        corpus: Files, folders or registry ids; may be empty.
    """
    languages = sorted(codebook.languages)
    yield f"{'code':<32}" + "".join(f"{language:>8}" for language in languages)
    for code, concept in sorted(codebook.concepts.items(), key=lambda item: (item[1].kind, item[0])):
        counts = [sum(len(p.match) for p in concept.phrasing.get(language, ())) for language in languages]
        yield f"{code:<32}" + "".join(f"{n or '-':>8}" for n in counts)
    if not corpus:
        return
    hits: Counter[tuple[str, str]] = Counter()
    wordings: Counter[tuple[str, str, str]] = Counter()
    overlaps: Counter[tuple[str, str]] = Counter()
    strategies, unusable = find_inputs(corpus)
    for fault in unusable:
        yield f"left out: {fault}"
    read: set[str] = set()
    for strategy in strategies:
        document = read_document(strategy.path, document_id=strategy.id)
        for block in document.body():
            language = block.language or strategy.language or document.language
            if language is None or language not in codebook.languages:
                continue
            read.add(language)
            _, sentences = rule_matcher(codebook, language).hits(
                Passage(document.block_text(block), block.section, block.lead_in), Setting(strategy.state, strategy.year)
            )
            for looked in sentences:
                found = looked.hits
                for i, hit in enumerate(found):
                    hits[hit.concept.code, language] += 1
                    wordings[hit.concept.code, language, hit.wording] += 1
                    for other in found[i + 1 :]:
                        if other.concept.code != hit.concept.code and other.start < hit.end and hit.start < other.end:
                            first, second = sorted((hit.concept.code, other.concept.code))
                            overlaps[first, second] += 1
    yield ""
    yield f"hits on {len(strategies)} document(s)"
    for (code, language), n in hits.most_common():
        yield f"{n:>7}  {code} ({language})"
    yield ""
    yield "overlaps of two codes"
    for (first, second), n in overlaps.most_common(30):
        yield f"{n:>7}  {first} + {second}"
    yield ""
    yield "wordings that never hit"
    for concept in codebook.concepts.values():
        for language, phrasings in concept.phrasing.items():
            for wording in (w for p in phrasings for w in p.match):
                if language in read and not wordings[concept.code, language, wording]:
                    yield f"         {concept.code} ({language}): {wording}"
