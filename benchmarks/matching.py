"""What matching costs as the codebook grows, and against spaCy's ``Matcher`` on the same patterns; all in one run.

usage: python benchmarks/matching.py [LANGUAGE]

The text is that of the specimens. The codebook is enlarged by copies of its wordings in which every word gets a suffix that no
text has, but for each wording's commonest word, so that the copies are as often tried as the originals.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from spacy.matcher import Matcher

from ddextract.codebook import load_codebook
from ddextract.matching.pipeline import rule_matcher
from ddextract.matching.ruler import WordingSet
from ddextract.matching.wording import Compiled, Slot, compile_wording

ROOT = Path(__file__).resolve().parents[1]
SPECIMENS = {"en": ("usa-2031", "gbr-2031"), "fr": ("fra-2031",), "es": ("esp-2031",)}


def enlarged(wordings: list[tuple[int, Compiled]], times: int) -> list[tuple[int, Compiled]]:
    """Return the wordings and ``times - 1`` copies that never match as a whole."""
    frequency = Counter(word for _, c in wordings for words in c.anchors for word in words)
    result = list(wordings)
    for copy in range(1, times):
        for index, compiled in wordings:
            spared = max((k for k, w in enumerate(compiled.anchors) if w), key=lambda k: sum(frequency[x] for x in compiled.anchors[k]), default=-1)
            slots: list[Slot] = []
            anchors = []
            for k, slot in enumerate(compiled.slots):
                altered = slot.kind in ("norm", "orth") and slot.least and k != spared
                words = frozenset(f"{w}#{copy}" for w in slot.words) if altered else slot.words
                slots.append(replace(slot, words=words))
                anchors.append(frozenset(f"{w}#{copy}" for w in compiled.anchors[k]) if altered else compiled.anchors[k])
            result.append((index, Compiled(compiled.wording, tuple(slots), tuple(anchors))))
    return result


def main() -> None:
    """Print throughput in tokens per second and ratios."""
    language = sys.argv[1] if len(sys.argv) > 1 else "en"
    codebook = load_codebook()
    matcher = rule_matcher(codebook, language)
    lexicon, vocab = matcher.ruler.lexicon, matcher.nlp.vocab
    wordings = [
        (i, c)
        for i, w in enumerate(w for concept in codebook.concepts.values() for p in concept.phrasing.get(language, ()) for w in p.match)
        for c in compile_wording(w, lexicon)
    ]
    docs = []
    for name in SPECIMENS[language]:
        for line in (ROOT / "corpus" / "specimen" / "source" / f"{name}.md").read_text(encoding="utf-8").splitlines():
            if len(line.split()) > 5:
                docs.append(matcher.doc(line))
    sentences = [(doc, a, b) for doc in docs for a, b in matcher.sentences(doc)]
    tokens = sum(b - a for _, a, b in sentences)
    print(f"{language}: {len(wordings)} plain wordings, {len(sentences)} sentences, {tokens:,} tokens")
    speeds: dict[int, float] = {}
    for times in (1, 3, 10):
        searched = WordingSet(vocab).build(enlarged(wordings, times))
        begun = time.perf_counter()
        hits = sum(1 for doc, a, b in sentences for _ in searched.search(doc, a, b))
        speeds[times] = tokens / (time.perf_counter() - begun)
        print(f"ours, {times:>2} x codebook: {speeds[times]:>10,.0f} tokens/s, {hits} hits")
    plain = Matcher(vocab)
    for number, (_, compiled) in enumerate(wordings):
        plain.add(str(number), [[slot.token_pattern() for slot in compiled.slots]])
    few = sentences[: max(1, len(sentences) // 20)]
    begun = time.perf_counter()
    for doc, a, b in few:
        plain(doc[a:b])
    speed = sum(b - a for _, a, b in few) / (time.perf_counter() - begun)
    print(f"one spaCy Matcher with all token patterns: {speed:,.0f} tokens/s (on {len(few)} sentences)")
    print(f"ratio ours / Matcher at 1 x: {speeds[1] / speed:.0f}; lost from 1 x to 10 x: {1 - speeds[10] / speeds[1]:.0%}")


if __name__ == "__main__":
    main()
