"""The baseline beside every score: the article's own item labels as a list of phrases, looked up letter by letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ddextract.annotation.gold import Coded
from ddextract.codebook import Codebook
from ddextract.evaluation import Predict
from ddextract.lists import HandCodedList, load_lists
from ddextract.mention import Attribution, Mention


def label_phrases(lists: Mapping[str, HandCodedList], codebook: Codebook) -> dict[str, tuple[str, ...]]:
    """Return the labels of all items, lower-case, with the instrument codes they map to."""
    instruments = set(codebook.instruments)
    phrases: dict[str, set[str]] = {}
    for scholar in lists.values():
        for item in scholar.item:
            codes = instruments.intersection(item.codes)
            if codes:
                phrases.setdefault(item.label.lower(), set()).update(codes)
    return {phrase: tuple(sorted(codes)) for phrase, codes in sorted(phrases.items())}


def baseline_predictor(codebook: Codebook) -> Predict:
    """Return a function that finds the article's labels as lower-case substrings; every find is the issuer's own and current."""
    phrases = label_phrases(load_lists(codebook), codebook)

    def predict(coded: Coded) -> Sequence[Mention]:
        lowered = coded.text.lower()
        if len(lowered) != len(coded.text):
            lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in coded.text)
        found = []
        for phrase, codes in phrases.items():
            start = lowered.find(phrase)
            while start >= 0:
                end = start + len(phrase)
                found += [_mention(code, start, end, coded.text) for code in codes]
                start = lowered.find(phrase, end)
        return found

    return predict


def _mention(code: str, start: int, end: int, text: str) -> Mention:
    return Mention("", "INSTRUMENT", code, start, end, text[start:end], attribution=Attribution("self", "mentioned"), rule="article label")
