"""Which words a language has: the word lists that pyspellchecker ships, loaded when the first question needs one."""

from __future__ import annotations

import functools
import logging
from collections.abc import Container, Mapping

LANGUAGES = frozenset({"en", "fr", "es"})
"""Languages whose lists are used."""
log = logging.getLogger(__name__)


@functools.cache
def words_of(language: str) -> Mapping[str, int]:
    """Return the words of a language in lower case with how often its list has met them, none where there is no list.

    Args:
        language: ISO 639-1 code.
    """
    if language not in LANGUAGES:
        return {}
    try:
        from spellchecker import SpellChecker
    except ImportError:
        log.warning("no word lists (pyspellchecker is not installed): hyphens at line ends are decided from the document alone")
        return {}
    return dict(SpellChecker(language=language).word_frequency.dictionary)


def is_word(text: str, language: str) -> bool:
    """Return whether a language has a word, in the given form or without the s of a plural."""
    return is_among(text, words_of(language))


def is_among(text: str, known: Container[str]) -> bool:
    """Return whether a word, or its singular, is among those of a list."""
    text = text.lower().replace("’", "'")
    return text in known or (text.endswith("s") and len(text) > 4 and (text[:-1] in known or text.removesuffix("es") in known))


def is_common(text: str, language: str, least: int) -> bool:
    """Return whether the list of a language has met a word, or its singular, at least so often."""
    known = words_of(language)
    text = text.lower().replace("’", "'")
    return known.get(text, 0) >= least or (text.endswith("s") and len(text) > 4 and known.get(text[:-1], 0) >= least)
