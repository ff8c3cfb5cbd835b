"""A language as spaCy needs it: tokens, normal forms, sentence borders and inflected words, all from its language file."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ddextract.codebook import LanguageFile
from ddextract.matching.kept import as_bytes, as_text, keep, kept, key_of
from ddextract.matching.wording import Lexicon

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokenizer import Tokenizer
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | dict.fromkeys("’‘ʼ", "'"))
_CLOSERS = frozenset("\"'”’»)]*_")
_ENDERS = frozenset(".!?…")


class Words:
    """Normal and inflected forms of a language's words; ``normal`` and ``forms`` remember what they were asked."""

    def __init__(self, language: LanguageFile) -> None:
        self._spelling = [(re.compile(pattern), replacement) for pattern, replacement in language.spelling]
        self._any_spelling = _any_of([pattern for pattern, _ in language.spelling])
        self._rules = language.inflection.rules
        self._irregular: dict[str, frozenset[str]] = {}
        for base, forms in language.inflection.irregular.items():
            self._irregular[self._normal(base)] = frozenset(self._normal(f) for f in (base, *forms))
        self.normal: Callable[[str], str] = lru_cache(maxsize=200_000)(self._normal)
        self.forms: Callable[[str], frozenset[str]] = lru_cache(maxsize=50_000)(self._forms)

    def _normal(self, word: str) -> str:
        """Return lower case, NFC, plain dashes and apostrophes, one spelling where the language has two."""
        form = unicodedata.normalize("NFC", word).lower().translate(_DASHES)
        if self._any_spelling and not self._any_spelling.search(form):
            return form
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


def _any_of(patterns: list[str]) -> re.Pattern[str] | None:
    """Return a pattern that is found wherever the first of some patterns to change a word is found; None where they cannot be joined."""
    if not patterns or any(re.search(r"\\[1-9]|\(\?P|\(\?\(", pattern) for pattern in patterns):
        return None
    try:
        return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
    except re.error:
        return None


def lexicon_of(language: LanguageFile, words: Words | None = None) -> Lexicon:
    """Return what the notation of wordings needs of a language.

    Args:
        language: The language file.
        words: Its words, where somebody has them already.
    """
    words = words or Words(language)
    stops = tuple(sorted({words.normal(w) for w in language.gap_stops}))
    return Lexicon(words.forms, words.normal, language.classes, stops)


class Tokens:
    """Text to tokens: the part of a spaCy pipeline that we need.

    Attributes:
        vocab: The vocabulary of the ``Doc`` objects.
        tokenizer: Makes them.
    """

    def __init__(self, vocab: Vocab, tokenizer: Tokenizer) -> None:
        self.vocab, self.tokenizer = vocab, tokenizer

    def make_doc(self, text: str) -> Doc:
        """Return a text as tokens."""
        doc: Doc = self.tokenizer(text)
        return doc

    __call__ = make_doc


def import_spacy() -> ModuleType:
    """Import spaCy without its command line, which takes a third of the time and which nobody here uses (it loads when it is asked for)."""
    if "spacy" in sys.modules:
        return sys.modules["spacy"]
    places = {"spacy.cli": ModuleType("spacy.cli"), "spacy.cli.info": ModuleType("spacy.cli.info")}
    places["spacy.cli"].__path__ = []

    def info(*args: Any, **options: Any) -> Any:
        return importlib.import_module("spacy.cli.info").info(*args, **options)

    vars(places["spacy.cli.info"])["info"] = info
    sys.modules.update(places)
    try:
        spacy = importlib.import_module("spacy")
    finally:
        for name in places:
            sys.modules.pop(name, None)
    vars(spacy).pop("cli", None)
    return spacy


def blank_pipeline(language: LanguageFile, words: Words | None = None) -> Tokens:
    """Return spaCy's tokenizer for a language, set so that tokens split at every hyphen and carry our normal form as ``norm_``.

    What decides the tokens (patterns and special cases) is taken from spaCy's pipeline of the language once and kept: making that pipeline
    takes 0.2 to 3 s, most of it for special cases that are dropped here.

    Args:
        language: The language file.
        words: Its words, where somebody has them already.
    """
    import_spacy()
    from spacy.attrs import NORM
    from spacy.tokenizer import Tokenizer
    from spacy.vocab import create_vocab

    key = key_of("tokens", language.language)
    found = kept(f"tokens-{language.language}", key)
    if found is not None and "tokens" in found:
        told = json.loads(as_text(found["tokens"]))
    else:
        told = _tokens_of(language.language)
        keep(f"tokens-{language.language}", key, {"tokens": as_bytes(json.dumps(told, ensure_ascii=False))})
    vocab = create_vocab(language.language, _defaults(language.language))
    vocab.lex_attr_getters[NORM] = (words or Words(language)).normal  # type: ignore[attr-defined]  # spaCy's stub leaves it out
    patterns = {name: re.compile(*told[name]) if told[name] else None for name in ("prefix", "suffix", "infix", "url")}
    prefix, suffix, infix, url = (patterns[name] for name in ("prefix", "suffix", "infix", "url"))
    tokenizer = Tokenizer(
        vocab,
        rules={text: [{int(k): v for k, v in token.items()} for token in rule] for text, rule in told["rules"].items()},
        prefix_search=prefix.search if prefix else None,
        suffix_search=suffix.search if suffix else None,
        infix_finditer=infix.finditer if infix else None,
        url_match=url.match if url else None,
    )
    return Tokens(vocab, tokenizer)


def _tokens_of(language: str) -> dict[str, Any]:
    """Return what decides the tokens of a language: spaCy's patterns, our infixes, special cases of one token without a hyphen."""
    import spacy
    from spacy.util import compile_infix_regex

    nlp: Language = spacy.blank(language)
    infixes = [*(nlp.Defaults.infixes or ()), r"(?<=[\w.])[-‐‑–—/](?=\w)", r"(?<=\w)['’](?=\w)"]
    tokenizer: Any = nlp.tokenizer
    found = {
        "prefix": tokenizer.prefix_search, "suffix": tokenizer.suffix_search, "infix": compile_infix_regex(infixes).finditer, "url": tokenizer.url_match,
    }  # fmt: skip
    # Special cases of several tokens, and words kept whole by a pattern (French compounds), would keep hyphenated words together.
    rules = {text: rule for text, rule in (tokenizer.rules or {}).items() if len(rule) == 1 and "-" not in text}
    patterns = {name: [method.__self__.pattern, int(method.__self__.flags)] if method else None for name, method in found.items()}
    return {**patterns, "rules": {text: [{str(int(k)): v for k, v in token.items()} for token in rule] for text, rule in rules.items()}}


def _defaults(language: str) -> type:
    """Return what a vocabulary of a language needs: what looks like a number in it.

    That stands in a small file of spaCy's, which is loaded alone: its package would load the special cases, too (French: 3 s).
    """
    from spacy.language import BaseDefaults

    getters: Mapping[int, Callable[[str], Any]] = {}
    name = f"spacy.lang.{language}.lex_attrs"
    if name in sys.modules:
        getters = sys.modules[name].LEX_ATTRS
    else:
        import spacy.lang

        path = Path(spacy.lang.__path__[0]) / language / "lex_attrs.py"
        specification = importlib.util.spec_from_file_location(name, path) if path.is_file() else None
        if specification is not None and specification.loader is not None:
            module = importlib.util.module_from_spec(specification)
            specification.loader.exec_module(module)
            getters = module.LEX_ATTRS
    return type("Defaults", (BaseDefaults,), {"lex_attr_getters": dict(getters)})


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
