"""Sentences to learn from: coded ones, and uncoded ones with the rules' findings as labels."""

from __future__ import annotations

import random
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ddextract.annotation.anchors import normalised_text
from ddextract.annotation.gold import Coded, GoldSentence, index_of, with_text
from ddextract.annotation.stock import authored_gold, standoff_gold
from ddextract.codebook import Codebook, own_folder
from ddextract.evaluation import cluster_of, setting_of
from ddextract.matching.features import MaskedWord, masked_words, text_features
from ddextract.matching.pipeline import Passage, Setting, rule_matcher
from ddextract.matching.ruler import Hit, Near, Refused

SEED = 20261122
WEAK_SILENT_SHARE = 0.35
"""Share of the uncoded sentences without any hit that is trained on."""
KINDS: tuple[Literal["instruments", "objectives"], ...] = ("instruments", "objectives")
STANDOFF = ("adjudicated", "training", "training-2")
"""Stand-off files that are trained on."""
AUTHORED = "authored"
"""How the clusters of authored sentences begin."""
_PART = re.compile(r"authored/([a-z]+-[a-z])(?:/|$)")
_HELD_BACK = re.compile(r"authored/[a-z]+-b(?:/|$)")


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence to learn from.

    Attributes:
        cluster: Document (authored: issuing state); folds never part one.
        language: ISO 639-1 code.
        codes: Gold codes per kind; of a weakly labelled sentence, what the rules found.
        words: Its masked words.
        covered: Its text features with the words they cover.
        hits: Of the rules.
        refused: By the rules.
        near: Concepts whose words are there, but not in the order or reach of a wording.
        coded: Whether a coder read it (else the rules labelled it).
        tuned: Whether the rules were written with its codes in sight.
        before: Codes that the rules found in the sentence before it.
    """

    cluster: str
    language: str
    codes: Mapping[str, frozenset[str]]
    words: tuple[MaskedWord, ...]
    covered: Mapping[str, Sequence[int]]
    hits: tuple[Hit, ...]
    refused: tuple[Refused, ...]
    near: tuple[Near, ...] = ()
    coded: bool = True
    tuned: bool = False
    before: frozenset[str] = frozenset()

    @property
    def authored(self) -> bool:
        """Whether it was written for training, not found in a document."""
        return self.cluster.startswith(AUTHORED)


def training_gold() -> list[GoldSentence]:
    """Return all gold that may be trained on: real documents but those of the test split, the authored sentences but for the part that is held back."""
    real = [s for name in STANDOFF for s in standoff_gold(name) if s.split in ("train", "dev", "near")]
    return [*real, *(s for s in authored_gold() if not _HELD_BACK.match(s.document))]


def examples(gold: Sequence[GoldSentence], codebook: Codebook, documents: Path | None, tuned: Callable[[GoldSentence], bool]) -> list[Example]:
    """Return coded sentences as examples; real ones are left out where the documents are missing.

    Args:
        gold: Gold sentences.
        codebook: For the rules.
        documents: Folder of the real documents.
        tuned: Tells of a sentence whether the rules were written with it.
    """
    return [_example(coded, codebook, tuned(coded.gold)) for coded in with_text(gold, documents)]


def _example(coded: Coded, codebook: Codebook, tuned: bool) -> Example:
    g = coded.gold
    setting = setting_of(coded, codebook)
    codes = {"instruments": frozenset(m.code for m in g.instruments), "objectives": frozenset(m.code for m in g.objectives)}
    words, hits, refused, near, before = _looked_at(Passage(coded.text, previous=coded.previous), setting, g.language, codebook)
    return Example(cluster_of(g), g.language, codes, words, text_features(words), hits, refused, near, True, tuned, before)


def _looked_at(
    passage: Passage, setting: Setting, language: str, codebook: Codebook
) -> tuple[tuple[MaskedWord, ...], tuple[Hit, ...], tuple[Refused, ...], tuple[Near, ...], frozenset[str]]:
    matcher = rule_matcher(codebook, language)
    doc, sentences = matcher.hits(passage, setting)
    hits = tuple(h for looked in sentences for h in looked.hits)
    refused = tuple(r for looked in sentences for r in looked.refused)
    near = [n for looked in sentences for n in looked.near]
    by_code = {n.concept.code: n for n in sorted(near, key=lambda n: n.wordings)}
    before = sentences[0].before().codes if sentences else frozenset()
    return tuple(masked_words(doc, 0, len(doc), setting.state)), hits, refused, tuple(by_code.values()), before


def weak_examples(language: str, codebook: Codebook, documents: Path, gold: Iterable[GoldSentence]) -> Iterator[Example]:
    """Yield the uncoded sentences of the train documents with the rules' findings as labels, and a seeded share of those without any.

    Args:
        language: ISO 639-1 code.
        codebook: For the rules.
        documents: Folder of the real documents with its INDEX.tsv.
        gold: Coded sentences, which are left out here.
    """
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for sentence in gold:
        places[sentence.document].append((sentence.start, sentence.end))
    matcher = rule_matcher(codebook, language)
    drawn = random.Random(SEED)
    for path, row in sorted(index_of(documents).items()):
        if row["split"] != "train" or row["language"] != language:
            continue
        setting = Setting(row["state"], int(row["year"]), (row["state"],))
        text = normalised_text(documents / path)
        for paragraph in re.finditer(r"(?:[^\n]|\n(?!\n))+", text):
            doc, sentences = matcher.hits(Passage(paragraph[0].replace("\n", " ")), setting)
            for start, end, hits, refused, near, _ in sentences:
                first = paragraph.start() + doc[start].idx
                last = paragraph.start() + doc[end - 1].idx + len(doc[end - 1])
                if any(a < last and first < b for a, b in places.get(path, ())) or end - start < 5:
                    continue
                codes: dict[str, frozenset[str]] = {kind: frozenset(h.concept.code for h in hits if h.concept.kind == kind) for kind in KINDS}
                if not any(codes.values()) and drawn.random() > WEAK_SILENT_SHARE:
                    continue
                words = tuple(masked_words(doc, start, end, setting.state))
                yield Example(path, language, codes, words, text_features(words), tuple(hits), tuple(refused), tuple(near), coded=False)


def rules_saw() -> Callable[[GoldSentence], bool]:
    """Return what tells of a gold sentence whether the rules were written with its codes in sight (``annotations/training.toml``)."""
    told = tomllib.loads((own_folder("annotations") / "training.toml").read_text(encoding="utf-8"))
    documents, authored, coders = (frozenset(told[key]) for key in ("untuned", "untuned_authored", "untuned_coders"))

    def saw(sentence: GoldSentence) -> bool:
        part = _PART.match(sentence.document)
        if part:
            return part[1] not in authored
        return sentence.coder.id not in coders and (sentence.round != "raw" or sentence.document not in documents)

    return saw
