"""How well a page could be read: a grade from 0 to 1, and what is wrong in words."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from ddextract.reading.language import detect_language
from ddextract.reading.shapes import RawPage
from ddextract.reading.wordlist import LANGUAGES, is_among, words_of

ODD = re.compile(r"[a-zà-ÿ][A-ZÀ-Þ]|[^\W\d_]\d[^\W\d_]|^[bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ]{5,}$|(.)\1{3,}")
LETTERS = re.compile(r"[^\W\d_]{3,}")
PLAIN = re.compile(r"^[a-zà-ÿœ]{4,}$")
"""Words that a list can know: in lower case, so no names, and not too short."""
MOST_UNKNOWN = {"en": 0.2, "fr": 0.25, "es": 0.5}
"""Share of unknown words above which a page is doubted: twice what clean prose has at most (measured on the typeset layouts: 0.10, 0.10, 0.36)."""
MIN_IMAGES = 0.3
"""Share of a page under images above which a page without text counts as a scan."""


def is_scan(page: RawPage) -> bool:
    """Return whether a page shows an image and has no or hardly any text."""
    return page.characters < 25 and page.images > MIN_IMAGES


def is_garbled(page: RawPage) -> bool:
    """Return whether so many characters have no meaning that another engine should try."""
    return page.characters > 0 and (page.garbage > 0.04 * page.characters or "(cid:" in " ".join([w.text for w in page.words[:400]]))


IS_PLAIN, HAS_LETTERS, IS_ODD = 1, 2, 4


@functools.lru_cache(maxsize=50_000)
def _looks(token: str) -> int:
    """Return what a token looks like, kept because the same words come again and again."""
    return (IS_PLAIN if PLAIN.match(token) else 0) | (HAS_LETTERS if LETTERS.search(token) else 0) | (IS_ODD if ODD.search(token) else 0)


def _unknown_words(tokens: Sequence[str]) -> tuple[float, float]:
    """Return the share of plain words that are in no word list of their language, and the most there should be; nothing where the sample is too small."""
    plain = [t for t in tokens[:: max(1, len(tokens) // 200)] if _looks(t) & IS_PLAIN]
    language = detect_language(" ".join(tokens[:150])) if len(plain) >= 25 else None
    if language is None or language not in LANGUAGES or not (known := words_of(language)):
        return 0.0, 1.0
    return sum([t not in known and not is_among(t, known) for t in plain]) / len(plain), MOST_UNKNOWN[language]


def grade(page: RawPage, tokens: Sequence[str], conflict: float) -> tuple[float, list[str]]:
    """Return the grade of a page and its faults.

    Args:
        page: The page as read.
        tokens: Its words before layout.
        conflict: Share of its lines that the file has in another order.
    """
    problems = list(page.problems)
    if is_scan(page):
        return 0.0, [*problems, "no text layer: an image (run OCR)"]
    if not page.characters:
        return (1.0 if not problems else 0.0), problems
    value = 1.0
    share, most = _unknown_words(tokens)
    if share > most:
        problems.append(f"{100 * share:.0f} % of the words are in no word list")
        value -= min(0.6, 1.5 * (share - most))
    garbage = page.garbage / max(page.characters, 1)
    if garbage > 0.005:
        problems.append(f"{100 * garbage:.1f} % of the characters have no meaning (fonts without Unicode)")
        value -= min(0.9, 5 * garbage)
    words = [t for t in tokens[:: max(1, len(tokens) // 150)] if _looks(t) & HAS_LETTERS]
    if len(words) >= 20:
        odd = sum([_looks(w) & IS_ODD != 0 for w in words]) / len(words)
        if odd > 0.08:
            problems.append(f"{100 * odd:.0f} % of the words look garbled")
            value -= min(0.8, 2 * (odd - 0.05))
    if conflict > 0.3:
        problems.append(f"{100 * conflict:.0f} % of the lines stand in another order in the file; read by geometry")
        value -= 0.05
    return max(0.0, round(value, 3)), problems
