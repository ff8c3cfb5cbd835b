"""Which words a language has: the word lists that pyspellchecker ships, loaded when the first question needs one."""

from __future__ import annotations

import functools
import logging

LANGUAGES = frozenset({"en", "fr", "es"})
"""Languages whose lists are used."""
log = logging.getLogger(__name__)


@functools.cache
def words_of(language: str) -> frozenset[str]:
    """Return the words of a language in lower case, none where there is no list.

    Args:
        language: ISO 639-1 code.
    """
    if language not in LANGUAGES:
        return frozenset()
    try:
        from spellchecker import SpellChecker
    except ImportError:
        log.warning("no word lists (pyspellchecker is not installed): hyphens at line ends are decided from the document alone")
        return frozenset()
    return frozenset(SpellChecker(language=language).word_frequency.dictionary)


def is_word(text: str, language: str) -> bool:
    """Return whether a language has a word, in the given form or without the s of a plural."""
    known = words_of(language)
    text = text.lower().replace("’", "'")
    return text in known or (text.endswith("s") and len(text) > 4 and (text[:-1] in known or text.removesuffix("es") in known))
