"""Which language a stretch of text is in, by its function words and script."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from importlib import resources

WORD = re.compile(r"[^\W\d_]+")
BEYOND = re.compile("[^\\x00-\u0370]")
SAMPLE = 400
"""Characters of a text that are looked at."""
SCRIPTS = {
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "GREEK": "el",
    "HEBREW": "he",
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "DEVANAGARI": "hi",
    "THAI": "th",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
}
"""The language reported for a script in which we cannot read; the commonest one where several share it."""


@functools.cache
def _profiles() -> dict[str, dict[str, float]]:
    """Return for each function word its weight by language: the fewer languages share it, the more it says."""
    from ddextract.codebook import own_folder, read_toml

    # Not through load_codebook: a fault in a page of the codebook must not keep a document from being read.
    files = sorted((own_folder("patterns") / "languages").glob("*.toml"))
    lists: dict[str, set[str]] = {path.stem: set(read_toml(path).get("function_words", ())) for path in files}
    data = tomllib.loads(resources.files("ddextract.reading").joinpath("function_words.toml").read_text("utf-8"))
    for code, words in data["words"].items():
        lists.setdefault(code, set(words))
    for code, words in data.get("more", {}).items():
        lists.setdefault(code, set()).update(words)
    shared = Counter(word for words in lists.values() for word in words)
    weights: dict[str, dict[str, float]] = {}
    for code, words in lists.items():
        for word in words:
            weights.setdefault(word, {})[code] = 1.0 / shared[word]
    return weights


def _script(text: str) -> str | None:
    """Return the language of a script other than Latin that most letters are of."""
    text = text[:2000]
    # Few texts hold anything beyond Latin letters but quotes and dashes: those are told without looking at each letter.
    foreign = [c for c in BEYOND.findall(text) if c.isalpha()]
    if not foreign or len(foreign) < 0.5 * sum(map(str.isalpha, text)):
        return None
    names = Counter(unicodedata.name(c, "?").split()[0].split("-")[0] for c in foreign[:400])
    return next((SCRIPTS[name] for name, _ in names.most_common() if name in SCRIPTS), None)


def scores(text: str) -> dict[str, float]:
    """Return how much the function words of a text speak for each language."""
    return _scores(WORD.findall(text[:SAMPLE].lower()))


def _scores(words: Iterable[str]) -> dict[str, float]:
    profiles = _profiles()
    result: dict[str, float] = {}
    for word, n in Counter([w for w in words if w in profiles]).items():
        for code, weight in profiles[word].items():
            result[code] = result.get(code, 0.0) + n * weight
    return result


def detect_language(text: str, *, expected: str | None = None) -> str | None:
    """Return the language of a text as ISO 639-1, also of languages that we do not read; None where too little decides.

    Args:
        text: Any text; a sentence is mostly enough.
        expected: Language of the text around it: a short text must speak clearly for another.
    """
    if not text.isascii() and (script := _script(text)):
        return script
    own = WORD.findall(text[:SAMPLE].lower())
    found = _scores(own)
    if not found:
        return None
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    best, score = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    words = len(own)
    if score < 1.2 or score < 1.15 * second or score < 0.02 * words:
        return None
    if expected is not None and best != expected and words < 25 and (score < 2.5 or score < 2 * found.get(expected, 0.0)):
        return expected if found.get(expected, 0.0) > 0 else None
    return best
