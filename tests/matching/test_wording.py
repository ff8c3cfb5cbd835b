"""The notation of wordings: what each sign matches and what it does not."""

from __future__ import annotations

import pytest

from ddextract.codebook import Codebook
from ddextract.matching.language import blank_pipeline, lexicon_of
from ddextract.matching.pipeline import Passage, Setting, rule_matcher
from ddextract.matching.ruler import WordingSet
from ddextract.matching.wording import WordingError, compile_wording


def spans(codebook: Codebook, wording: str, text: str, language: str = "en") -> set[str]:
    file = codebook.languages[language]
    nlp = blank_pipeline(file)
    wordings = WordingSet(nlp.vocab).build((0, c) for c in compile_wording(wording, lexicon_of(file)))
    doc = nlp(text)
    return {doc[f.start : f.end].text for _, f in wordings.search(doc, 0, len(doc))}


@pytest.mark.parametrize(
    ("wording", "text", "expected"),
    [
        # every inflection of a word
        ("joint exercise", "Joint exercises are held.", {"Joint exercises"}),
        # one of several words in a place
        ("joint|combined exercise", "A combined exercise.", {"combined exercise"}),
        # the exact form only
        ("=train forces", "They trained forces.", set()),
        # a whole branch in round brackets
        ("(port call|ship visit)", "A ship visit and port calls.", {"ship visit", "port calls"}),
        # an optional word is taken when it is there
        ("naval? exercise", "A naval exercise, an exercise.", {"naval exercise", "exercise"}),
        # the light gap reaches over a coordination
        ("port ~ visit", "Port and staff visits.", {"Port and staff visits"}),
        # but not over a preposition
        ("port ~ visit", "A port for the visits.", set()),
        # the span is what is marked
        ("provide .. [training] .. =forces", "We provide basic training to allied forces.", {"training"}),
        # a dash may stand between any two words
        (
            "peace-keeping operation",
            "Peacekeeping operations, peace-keeping operations, peace keeping operations.",
            {"Peacekeeping operations", "peace-keeping operations", "peace keeping operations"},
        ),
        # both spellings
        ("defence programme", "A defense program.", {"defense program"}),
        # words in capitals stay in capitals
        ("WHO mission", "The WHO mission, and who missions are for.", {"WHO mission"}),
    ],
)
def test_wording_matches_what_its_notation_says(codebook: Codebook, wording: str, text: str, expected: set[str]) -> None:
    assert spans(codebook, wording, text) == expected


@pytest.mark.parametrize("wording", ["(open", "closed)", "[a", "?", "..", "a @nosuchclass", "| b"])
def test_wording_that_breaks_the_notation_is_refused(codebook: Codebook, wording: str) -> None:
    with pytest.raises(WordingError):
        compile_wording(wording, lexicon_of(codebook.languages["en"]))


def test_wording_with_too_many_alternatives_is_refused(codebook: Codebook) -> None:
    wording = " ".join(["(a b|c d|e f|g h)"] * 6)
    with pytest.raises(WordingError, match="split it"):
        compile_wording(wording, lexicon_of(codebook.languages["en"]))


@pytest.mark.parametrize(
    ("language", "wording", "text"),
    [
        ("fr", "exercice conjoint", "L'exercice conjoint et des exercices conjoints."),
        ("es", "ejercicio combinado", "Los ejercicios combinados."),
    ],
)
def test_wording_inflects_in_french_and_spanish(codebook: Codebook, language: str, wording: str, text: str) -> None:
    assert spans(codebook, wording, text, language)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("The annual U.S.-India Advanced Domains Defense Dialogue met in May.", "U.S.-India Advanced Domains Defense Dialogue"),
        ("We wish to bring the Comprehensive Nuclear Test Ban Treaty (CTBT) into force.", "Comprehensive Nuclear Test Ban Treaty (CTBT)"),
        ("Our soldiers serve in UN peacekeeping missions.", "UN peacekeeping missions"),
        ("The armed forces value regular bilateral exercises.", "regular bilateral exercises"),
    ],
)
def test_a_mention_spans_the_whole_of_a_name_and_what_qualifies_it(codebook: Codebook, text: str, span: str) -> None:
    found = [m.text for m in rule_matcher(codebook, "en").mentions(Passage(text), Setting("GBR", 2020, ("GBR",))) if m.label == "INSTRUMENT"]
    assert span in found
