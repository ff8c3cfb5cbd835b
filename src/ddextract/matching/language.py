"""A language as spaCy needs it: tokens, normal forms, sentence borders and inflected words, all from its language file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from ddextract.codebook import LanguageFile
from ddextract.matching.wording import Lexicon

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | dict.fromkeys("’‘ʼ", "'"))
_CLOSERS = frozenset("\"'”’»)]*_")
_ENDERS = frozenset(".!?…")


class Words:
    """Normal and inflected forms of a language's words; ``normal`` and ``forms`` remember what they were asked."""

    def __init__(self, language: LanguageFile) -> None:
        self._spelling = [(re.compile(pattern), replacement) for pattern, replacement in language.spelling]
        self._rules = language.inflection.rules
        self._irregular: dict[str, frozenset[str]] = {}
        for base, forms in language.inflection.irregular.items():
            self._irregular[self._normal(base)] = frozenset(self._normal(f) for f in (base, *forms))
        self.normal: Callable[[str], str] = lru_cache(maxsize=200_000)(self._normal)
        self.forms: Callable[[str], frozenset[str]] = lru_cache(maxsize=50_000)(self._forms)

    def _normal(self, word: str) -> str:
        """Return lower case, NFC, plain dashes and apostrophes, one spelling where the language has two."""
        form = unicodedata.normalize("NFC", word).lower().translate(_DASHES)
        for pattern, replacement in self._spelling:
            form = pattern.sub(replacement, form)
        return form

    def _forms(self, word: str) -> frozenset[str]:
        """Return all inflected forms of a word, itself included; more than the language has, never fewer than the rules give."""
        base = self.normal(word)
        if base in self._irregular:
            return self._irregular[base]
        for rule in self._rules:
            if base.endswith(rule.ends):
                stem = base[: len(base) - len(rule.ends)] if rule.ends else base
                return frozenset({base, *(self.normal(stem + form) for form in rule.forms)})
        return frozenset({base})


def lexicon_of(language: LanguageFile) -> Lexicon:
    """Return what the notation of wordings needs of a language."""
    words = Words(language)
    stops = tuple(sorted({words.normal(w) for w in language.gap_stops}))
    return Lexicon(words.forms, words.normal, language.classes, stops)


def blank_pipeline(language: LanguageFile) -> Language:
    """Return an empty spaCy pipeline whose tokens split at every hyphen and carry our normal form as ``norm_``."""
    import spacy
    from spacy.attrs import NORM
    from spacy.tokenizer import Tokenizer
    from spacy.util import compile_infix_regex

    nlp = spacy.blank(language.language)
    words = Words(language)
    nlp.vocab.lex_attr_getters[NORM] = words.normal  # type: ignore[attr-defined]  # spaCy's stub leaves it out
    for lexeme in nlp.vocab:
        lexeme.norm_ = words.normal(lexeme.text)
    infixes = [*(nlp.Defaults.infixes or ()), r"(?<=[\w.])[-‐‑–—/](?=\w)", r"(?<=\w)['’](?=\w)"]
    tokenizer = nlp.tokenizer
    assert isinstance(tokenizer, Tokenizer)
    tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
    tokenizer.token_match = None  # French keeps hyphenated compounds whole otherwise
    tokenizer.rules = {text: rule for text, rule in (tokenizer.rules or {}).items() if len(rule) == 1 and "-" not in text}
    return nlp


def sentence_starts(doc: Doc, language: LanguageFile) -> list[int]:
    """Return the indices of the tokens at which sentences start.

    A sentence ends at ``. ! ? …`` (and closing marks behind it) when the next word starts in upper case or with a
    digit or opening mark, unless the stop ends an abbreviation, an initial or an enumeration.
    """
    abbreviations = _abbreviations(language)
    starts = [0] if len(doc) else []
    i = 0
    while i < len(doc):
        token = doc[i]
        text = token.text
        ends = text[-1] in _ENDERS and not (token.like_num and i == (starts[-1] if starts else 0))
        if ends and text[-1] == ".":
            word = text[:-1] if len(text) > 1 else (doc[i - 1].text if i and not doc[i - 1].whitespace_ else "")
            first_of_sentence = i - 1 <= starts[-1] and len(text) == 1
            bare = word.strip("()").lower()
            if bare in abbreviations or (len(bare) == 1 and bare.isalpha()) or (first_of_sentence and len(bare) <= 3):
                ends = False
            if len(text) > 1 and "." in text[:-1]:
                ends = False
        if ends:
            j = i + 1
            while j < len(doc) and not doc[j - 1].whitespace_ and (doc[j].text[0] in _CLOSERS or doc[j].is_digit):
                j += 1
            while j < len(doc) and doc[j].is_space:
                j += 1
            if j < len(doc) and (doc[j - 1].whitespace_ or doc[j - 1].is_space) and _opens(doc[j].text):
                starts.append(j)
                i = j
                continue
        if token.is_space and "\n\n" in text and i + 1 < len(doc):
            starts.append(i + 1)
        i += 1
    return sorted(set(starts))


def _opens(text: str) -> bool:
    return not text[0].islower()


@lru_cache(maxsize=16)
def _abbreviation_set(abbreviations: tuple[str, ...]) -> frozenset[str]:
    return frozenset(a.rstrip(".").lower() for a in abbreviations)


def _abbreviations(language: LanguageFile) -> frozenset[str]:
    return _abbreviation_set(language.abbreviations)
