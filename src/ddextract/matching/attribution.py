"""Attribution: whose instrument, done or only planned, by whom, with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddextract.codebook import LanguageFile
from ddextract.matching.actors import ActorMatcher
from ddextract.matching.wording import Lexicon
from ddextract.mention import Attribution

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span
    from spacy.vocab import Vocab


class Attributor:
    """Decides holder, status, agent and partner from the cues of a language file."""

    def __init__(self, language: LanguageFile, lexicon: Lexicon, vocab: Vocab, actors: ActorMatcher) -> None:
        self.language = language
        self.actors = actors

    def attribute(self, doc: Doc, start: int, end: int, first: int, last: int, *, setting: Any, passage: Any) -> Attribution:
        """Attribute the mention at tokens ``first`` to ``last`` of the sentence ``start`` to ``end``."""
        return Attribution("self", "does")

    def country_of(self, doc: Doc, ent: Span, setting: Any) -> str | None:
        """Return the country of a generic actor ("our armed forces"), where the text tells it."""
        return None
