"""What attribution costs and what it brings; all in one run.

usage: python benchmarks/attribution.py [--split dev|train|authored|…] [--documents DIR] [--without PATH …] [--only PATH …]

Cost: time of matching with attribution over time without it, on the specimens. What it brings, on gold: holder, status and partners of the gold
spans (the attributor is asked directly, so that what the rules miss does not matter) beside the commonest values; and the instruments
that a document is said to have, with attribution and without it (every mention counts).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ddextract.annotation.gold import Coded
from ddextract.annotation.stock import documents_folder
from ddextract.codebook import Codebook, load_codebook
from ddextract.evaluation import rule_predictor, setting_of
from ddextract.matching.pipeline import Passage, Setting, rule_matcher
from ddextract.measurement import gold_sets
from ddextract.mention import Attribution
from ddextract.scoring import Labelled, Tally, micro, tally_sets, tally_spans

ROOT = Path(__file__).resolve().parents[1]
SPECIMENS = {"en": ("usa-2031", "gbr-2031"), "fr": ("fra-2031",), "es": ("esp-2031",)}
REPEATS = 3


def cost(codebook: Codebook, language: str) -> tuple[float, int]:
    """Return the ratio of the time with attribution to that without, the best of some runs, and the number of mentions attributed."""
    matcher = rule_matcher(codebook, language)
    lines = [
        line
        for name in SPECIMENS[language]
        for line in (ROOT / "corpus" / "specimen" / "source" / f"{name}.md").read_text(encoding="utf-8").splitlines()
        if len(line.split()) > 5
    ]
    setting = Setting("GBR", 2031, ("GBR",))
    best: dict[str, float] = {}
    attributed = 0
    for _ in range(REPEATS):
        begun = time.perf_counter()
        for line in lines:
            matcher.hits(Passage(line), setting)
        best["without"] = min(best.get("without", 1e9), time.perf_counter() - begun)
        begun = time.perf_counter()
        attributed = sum(m.attribution is not None for line in lines for m in matcher.mentions(Passage(line), setting))
        best["with"] = min(best.get("with", 1e9), time.perf_counter() - begun)
    return best["with"] / best["without"], attributed


def attributed(coded: Coded, codebook: Codebook) -> Iterator[tuple[int, Attribution]]:
    """Yield the number of each gold instrument and what the attributor says of its span."""
    matcher = rule_matcher(codebook, coded.gold.language)
    doc = matcher.doc(coded.text)
    sentences = matcher.sentences(doc)
    setting, passage = setting_of(coded, codebook), Passage(coded.text, previous=coded.previous)
    for number, mention in enumerate(coded.gold.instruments):
        span = doc.char_span(mention.start - coded.gold.offset, mention.end - coded.gold.offset, alignment_mode="expand")
        if span is None:
            continue
        start, end = next(((a, b) for a, b in sentences if a <= span.start < b), (0, len(doc)))
        two_sided = codebook.concepts[mention.code].two_sided
        yield (
            number,
            matcher.attributor.attribute(doc, start, max(end, span.end), span.start, span.end, setting=setting, passage=passage, two_sided=two_sided),
        )


def brings(name: str, coded: Sequence[Coded], codebook: Codebook) -> None:
    """Print what attribution brings on one set."""
    right: Counter[str] = Counter()
    values: dict[str, Counter[str]] = {"holder": Counter(), "status": Counter()}
    partners = Tally()
    total = 0
    for sentence in coded:
        o = sentence.gold.offset
        for number, found in attributed(sentence, codebook):
            gold = sentence.gold.instruments[number]
            total += 1
            for attribute, counts in values.items():
                right[attribute] += getattr(gold, attribute) == getattr(found, attribute)
                counts[getattr(gold, attribute)] += 1
            wanted = [Labelled(p.start - o, p.end - o, "partner") for p in gold.partner]
            for tally in tally_spans(wanted, [Labelled(p.start, p.end, "partner") for p in found.partner]).values():
                partners = partners + tally
    if not total:
        return
    print(f"{name}: {len(coded)} sentences, {total} gold instruments, asked directly")
    for attribute, counts in values.items():
        common, times = counts.most_common(1)[0]
        print(f"  {attribute}: accuracy {right[attribute] / total:.3f} (always '{common}': {times / total:.3f})")
    print(f"  partner: precision {partners.precision:.3f}, recall {partners.recall:.3f}, F1 {partners.f1:.3f}")
    predict = rule_predictor(codebook)
    presence: dict[str, dict[str, dict[str, Tally]]] = {"with": {}, "without": {}}
    gold_codes: dict[str, set[str]] = {}
    said: dict[str, dict[str, set[str]]] = {"with": {}, "without": {}}
    for sentence in coded:
        if sentence.gold.text is not None:
            continue
        document = sentence.gold.document
        counting = {m.code for m in sentence.gold.instruments if m.holder != "other" and m.status != "negated"}
        gold_codes.setdefault(document, set()).update(counting)
        for mention in predict(sentence):
            if mention.label == "INSTRUMENT":
                said["without"].setdefault(document, set()).add(mention.code)
                if mention.counts:
                    said["with"].setdefault(document, set()).add(mention.code)
    for kind, tallies in presence.items():
        for document, wanted_codes in gold_codes.items():
            tallies[document] = tally_sets(wanted_codes, said[kind].get(document, set()))
    if gold_codes:
        for kind in ("without", "with"):
            tally = micro(presence[kind])
            print(
                f"  presence in {len(gold_codes)} documents {kind} attribution: precision {tally.precision:.3f}, recall {tally.recall:.3f}, F1 {tally.f1:.3f}"
            )


def main() -> None:
    """Print the ratios and the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--documents", type=Path)
    parser.add_argument("--without", nargs="*", default=[], help="documents to leave out")
    parser.add_argument("--only", nargs="*", default=[], help="documents to score alone")
    options = parser.parse_args()
    codebook = load_codebook()
    for language in SPECIMENS:
        ratio, mentions = cost(codebook, language)
        print(f"{language}: {mentions} mentions attributed; matching with attribution takes {ratio:.2f} times as long as without")
    for gold in gold_sets(options.split, documents_folder(options.documents)):
        if gold.name == "authored-b":
            continue  # held back for the evaluation
        coded = [c for c in gold.coded if c.gold.document not in options.without and (not options.only or c.gold.document in options.only)]
        brings(gold.name, coded, codebook)


if __name__ == "__main__":
    main()
