"""An objective is found where the text gives it as the purpose of a means, and says which instrument it serves."""

import pytest

from ddextract.codebook import load_codebook
from ddextract.matching.pipeline import Passage, RuleMatcher, Setting, rule_matcher
from ddextract.matching.ruler import Hit


def matcher(language: str = "en") -> RuleMatcher:
    return rule_matcher(load_codebook(), language)


def objectives(text: str, *, language: str = "en", previous: str = "", lead_in: str = "") -> dict[str, Hit]:
    _, sentences = matcher(language).hits(Passage(text, previous=previous, lead_in=lead_in), Setting("GBR", 2020, ("GBR",)))
    return {hit.concept.code: hit for looked in sentences for hit in looked.hits if hit.concept.kind == "objectives"}


def link_of(hit: Hit) -> str:
    return next(reason for reason in hit.reasons if "(" in reason)


@pytest.mark.parametrize(
    ("text", "code", "link"),
    [
        ("We conduct joint exercises with Poland in order to deepen our alliance.", "relationship_strengthening", "serves (aim"),
        ("Joint exercises with Poland strengthened our alliance.", "relationship_strengthening", "serves (effect"),
        ("We strengthen regional stability by conducting joint exercises with Poland.", "conflict_prevention", "serves (using"),
        ("To reduce tensions in the region, our ministry launched joint exercises with Poland.", "conflict_prevention", "serves (ahead"),
        ("Our military presence with our partners in the Gulf promotes regional stability.", "conflict_prevention", "engagement (effect"),
    ],
)
def test_each_construction_links_an_objective_to_its_means(text: str, code: str, link: str) -> None:
    found = objectives(text)
    assert code in found
    assert link_of(found[code]).startswith(link)


def test_a_word_that_points_back_links_to_the_instrument_of_the_sentence_before() -> None:
    text = "This will strengthen stability in the region."
    assert "conflict_prevention" not in objectives(text)
    found = objectives(text, previous="We conduct joint exercises with the Polish army.")
    assert link_of(found["conflict_prevention"]) == "serves (back: the text before)"
    together = objectives("We conduct joint exercises with the Polish army. " + text)
    assert link_of(together["conflict_prevention"]) == "serves (back: the text before)"


def test_an_item_of_a_list_serves_the_instrument_of_its_lead_in() -> None:
    found = objectives("strengthen regional stability", lead_in="Our joint exercises with the Polish army have three aims:")
    assert link_of(found["conflict_prevention"]) == "serves (item: the text before)"
    assert not objectives("strengthen regional stability", lead_in="Our farmers have three aims:")


@pytest.mark.parametrize(
    "text",
    [
        "We will strengthen regional stability.",
        "We will strengthen regional stability; joint exercises with Poland go on.",
        "Joint exercises with Poland, patrols, regional stability and trade were on the agenda.",
        "The free trade agreement with our allies promotes regional stability and the security of growth.",
    ],
)
def test_an_aim_that_no_means_serves_is_none(text: str) -> None:
    assert "conflict_prevention" not in objectives(text)


def test_only_the_instruments_that_an_objective_serves_carry_it() -> None:
    text = "We train Iraqi soldiers; joint exercises with Poland are held in order to deepen our alliance."
    mentions = matcher().mentions(Passage(text), Setting("GBR", 2020, ("GBR",)))
    aim = next(m for m in mentions if m.code == "relationship_strengthening")
    carried = {m.code: m.objectives for m in mentions if m.label == "INSTRUMENT"}
    assert carried["military_exercise"] == (aim.id,)
    alone = matcher().mentions(Passage("We train Iraqi soldiers."), Setting("GBR", 2020, ("GBR",)))
    assert all(m.objectives == () for m in alone)


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("es", "Realizamos ejercicios combinados con la Armada de Chile para estrechar los lazos con las marinas vecinas.", "relationship_strengthening"),
        ("fr", "Nous menons des exercices conjoints avec la marine indienne afin de resserrer les liens avec nos alliés.", "relationship_strengthening"),
    ],
)
def test_the_constructions_hold_in_spanish_and_french(language: str, text: str, code: str) -> None:
    found = objectives(text, language=language)
    assert link_of(found[code]).startswith("serves (aim")


def test_what_is_not_brought_about_is_no_objective() -> None:
    assert "conflict_prevention" not in objectives("The military agreement with Poland concerns radars, an arms race, and regional stability.")


def test_a_language_without_the_contexts_of_purpose_is_refused_with_their_names() -> None:
    import spacy

    from ddextract.errors import DataError
    from ddextract.matching.ruler import Ruler

    codebook = load_codebook()
    language = codebook.languages["en"]
    poorer = language.model_copy(update={"context": {k: v for k, v in language.context.items() if k not in ("aiming", "means")}})
    with pytest.raises(DataError, match="aiming, means"):
        Ruler(codebook, poorer, spacy.blank("en").vocab)
