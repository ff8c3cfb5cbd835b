"""Attribution: floors over the authored cases of each language, and the constructions one by one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from ddextract.codebook import load_codebook
from ddextract.matching.pipeline import Passage, RuleMatcher, Setting, rule_matcher
from ddextract.matching.signatories import signatories
from ddextract.mention import Attribution
from ddextract.tagging import tag_lines

GOLD = Path(__file__).parents[2] / "annotations" / "gold" / "authored"
LANGUAGES = ("en", "fr", "es")
# Floors only rise: holder, status, partner F1, precision and recall of negated.
FLOORS = {
    "attribution-en": (0.97, 0.98, 0.96, 0.97, 0.96), "attribution-fr": (0.98, 0.98, 0.97, 0.97, 0.97), "attribution-es": (0.97, 0.98, 0.97, 0.97, 0.97),
    "attribution-negation-en": (0.92, 0.85, 0.92, 0.93, 0.85), "attribution-negation-fr": (0.92, 0.82, 0.88, 0.95, 0.83),
    "attribution-negation-es": (0.93, 0.86, 0.87, 0.93, 0.91),
}  # fmt: skip
RUNGS_OF = {
    "negation": {"refused"},
    "refused": {"refused"},
    "ended": {"ended"},
    "will": {"will"},
    "aimed": {"aimed"},
    "considered": {"considered"},
    "conditional": {"considered"},
    "does": {"does"},
    "has_done": {"has_done"},
}


def matcher(language: str) -> RuleMatcher:
    return rule_matcher(load_codebook(), language)


def attribute(marked: str, language: str = "en", state: str = "GBR", year: int = 2024, **passage: object) -> Attribution:
    """Attribute the instrument in square brackets."""
    a, b = marked.index("["), marked.index("]") - 1
    text = marked.replace("[", "").replace("]", "")
    return at(text, a, b, language, Setting(state, year, (state,)), **passage)  # type: ignore[arg-type]


def at(text: str, a: int, b: int, language: str, setting: Setting, *, two_sided: bool = False, **passage: object) -> Attribution:
    m = matcher(language)
    doc = m.doc(text)
    span = doc.char_span(a, b, alignment_mode="expand")
    assert span is not None
    start, end = next((s, e) for s, e in m.sentences(doc) if s <= span.start < e)
    return m.attributor.attribute(doc, start, max(end, span.end), span.start, span.end, setting=setting, passage=Passage(text, **passage), two_sided=two_sided)  # type: ignore[arg-type]


def links(found: Attribution) -> set[str]:
    """Return the partners that are linked to a state or organisation."""
    return {p.iso3 or p.name for p in found.partner if p.type != "collective"}


# the authored cases


@pytest.mark.parametrize("name", FLOORS)
def test_authored_cases_stay_above_their_floors(name: str) -> None:
    rows = [json.loads(line) for line in (GOLD / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    right: Counter[str] = Counter()
    tp = wanted = found = negated = said_negated = both_negated = 0
    for row in rows:
        two_sided = load_codebook().concepts[row["code"]].two_sided
        got = at(row["text"], *row["span"], row["language"], Setting(row["state"], row["year"], (row["state"],)), two_sided=two_sided)
        right["holder"] += got.holder == row["holder"]
        right["status"] += got.status == row["status"]
        gold = set(row["partner"])
        tp, wanted, found = tp + len(gold & links(got)), wanted + len(gold), found + len(links(got))
        negated += row["status"] == "negated"
        said_negated += got.status == "negated"
        both_negated += row["status"] == got.status == "negated"
    scores = (right["holder"] / len(rows), right["status"] / len(rows), 2 * tp / (wanted + found), both_negated / said_negated, both_negated / negated)
    assert all(score >= floor for score, floor in zip(scores, FLOORS[name], strict=True)), dict(
        zip(("holder", "status", "partner", "neg P", "neg R"), scores, strict=True)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_hard_cases_of_negation_are_enough_and_of_both_kinds(language: str) -> None:
    rows = [json.loads(line) for line in (GOLD / f"attribution-negation-{language}.jsonl").read_text(encoding="utf-8").splitlines()]
    denied = [json.loads(line) for line in (GOLD / f"attribution-{language}.jsonl").read_text(encoding="utf-8").splitlines()]
    denied = [row for row in denied if row["status"] == "negated"]
    assert len(rows) + len(denied) >= 150
    assert sum(row["status"] == "negated" for row in rows) >= 55
    assert sum(row["status"] != "negated" for row in rows) >= 40
    assert len({row["text"] for row in rows}) == len(rows)
    assert all(row["text"][slice(*row["span"])].strip() == row["text"][slice(*row["span"])] != "" for row in rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_authored_cases_are_enough_and_their_spans_hold(language: str) -> None:
    rows = [json.loads(line) for line in (GOLD / f"attribution-{language}.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 150
    assert sum(row["status"] == "negated" for row in rows) >= 40
    assert {row["ladder"] for row in rows} == {"mentioned", "considered", "aimed", "will", "does", "has_done", "ended", "refused"}
    assert {row["holder"] for row in rows} == {"self", "joint", "other"}
    assert len({row["text"] for row in rows}) == len(rows)
    assert all(row["text"][row["span"][0] : row["span"][1]].strip() == row["text"][row["span"][0] : row["span"][1]] != "" for row in rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_cues_hold_their_examples_and_spare_their_counterexamples(language: str) -> None:
    proved = 0
    for cue in matcher(language).language.cues:
        for example in cue.examples:
            assert attribute(example, language, "GBR").ladder in RUNGS_OF[cue.category], (cue.category, example)
            proved += 1
        for example in cue.counterexamples:
            assert attribute(example, language, "GBR").ladder not in RUNGS_OF[cue.category], (cue.category, example)
    assert proved >= 8


# status


@pytest.mark.parametrize(
    ("marked", "rung"),
    [
        ("We do not train [foreign officers].", "refused"),
        ("We train no [foreign officers].", "refused"),
        ("We cannot stay neutral, but we train [foreign officers].", "does"),  # "but" ends the negation
        ("We seek no conflict; we offer [courses for partners].", "does"),  # so does the semicolon
        ("We not only train [foreign officers], we equip them.", "does"),
        ("The worth of [our attachés] cannot be overstated.", "does"),
        ("We will not only repeat [the exercise], we will enlarge it.", "will"),
        ("No year passes without [a joint exercise].", "does"),
        ("We have never ceased to fund [the course].", "does"),
        ("The Ministry no longer funds [the course].", "ended"),
        ("[The exercises] have been suspended.", "ended"),
        ("[Sales of arms] to the region are not permitted.", "refused"),
        ("We promote treaties [prohibiting biological weapons].", "does"),  # a word of the instrument itself
        ("We continue to run [the course].", "does"),
        ("We will continue to run [the course].", "does"),
        ("We will run [the course].", "will"),
        ("We should run [the course].", "aimed"),
        ("We may run [the course].", "considered"),
        ("If asked, we will send [advisers].", "considered"),
        ("Should war come, we will send [advisers].", "considered"),
        ("We trained [two battalions] of Mali.", "has_done"),
        ("Since 1990 we have trained [battalions] of Mali.", "does"),
        ("Defence attachés: [a network]", "mentioned"),
    ],
)
def test_ladder(marked: str, rung: str) -> None:
    found = attribute(marked)
    assert found.ladder == rung, found.cues


@pytest.mark.parametrize(
    ("language", "marked", "rung"),
    [
        ("fr", "Nous ne formons plus [d'officiers étrangers].", "ended"),
        ("fr", "Nous ne formons pas [d'officiers étrangers].", "refused"),
        ("fr", "Nous formerons [des officiers étrangers].", "will"),
        ("fr", "Nous pourrions former [des officiers étrangers].", "considered"),
        ("fr", "La mission formait [des officiers étrangers].", "has_done"),
        ("fr", "Nous avons formé [un bataillon].", "has_done"),
        ("fr", "Depuis 2010, nous avons formé [un bataillon].", "does"),
        ("es", "Ya no formamos a [oficiales extranjeros].", "ended"),
        ("es", "No formamos a [oficiales extranjeros].", "refused"),
        ("es", "Formaremos a [oficiales extranjeros].", "will"),
        ("es", "Podríamos formar a [oficiales extranjeros].", "considered"),
        ("es", "La misión formaba a [oficiales extranjeros].", "has_done"),
        ("es", "España formó a [un batallón].", "has_done"),
        ("es", "Desde 2010 hemos formado a [un batallón].", "does"),
    ],
)
def test_tenses_are_told_by_their_endings(language: str, marked: str, rung: str) -> None:
    found = attribute(marked, language)
    assert found.ladder == rung, found.cues


# holder and agent


@pytest.mark.parametrize(
    ("marked", "holder"),
    [
        ("Russia uses [arms sales] to bind its clients.", "other"),
        ("Chinese [arms sales] to Iran worry us.", "other"),
        ("Iran's [military assistance] worries us.", "other"),
        ("[Courses] provided by Poland draw many officers.", "other"),
        ("Many states use [arms sales] for influence.", "other"),
        ("Our adversaries supply [weapons] to militias.", "other"),
        ("NATO leads [a training mission].", "other"),
        ("The committee recommends that we post [more attachés].", "other"),
        ("We note that Russia, which left the treaty, trains [officers of Belarus].", "other"),
        ("We support [arms sales].", "self"),
        ("British [arms sales] rose.", "self"),
        ("The United Kingdom trains [officers of Jordan].", "self"),
        ("Jordanian officers are [trained] at our schools.", "self"),
        ("With Australia, we run [an exercise].", "joint"),
        ("We and our allies run [an exercise].", "joint"),
        ("The United Kingdom and Norway run [a patrol course].", "joint"),
        ("We run [a combined exercise].", "joint"),
    ],
)
def test_holder(marked: str, holder: str) -> None:
    found = attribute(marked)
    assert found.holder == holder, found.cues


def test_agent_is_the_subject_or_stands_behind_by() -> None:
    by = attribute("[Courses] provided by Poland draw many officers.").agent
    subject = attribute("Russia uses [arms sales] to bind its clients.").agent
    ours = attribute("We train [officers of Jordan].").agent
    assert by is not None
    assert by.iso3 == "POL"
    assert subject is not None
    assert (subject.text, subject.iso3) == ("Russia", "RUS")
    assert ours is not None
    assert (ours.text, ours.iso3) == ("We", "GBR")


def test_signatories_of_a_joint_statement_hold_together() -> None:
    text = "The two leaders welcomed the naval exercise."
    setting = Setting("USA", 2023, ("USA", "IND"))
    assert at(text, text.index("naval"), len(text) - 1, "en", setting).holder == "joint"
    alone = "India trains peacekeepers at home."
    assert at(alone, 6, 25, "en", setting).holder == "other"


def test_headings_of_threats_lean_to_others_but_not_against_us() -> None:
    assert attribute("[Arms sales] to clients.", section=("Threats",)).holder == "other"
    assert attribute("We support [arms sales] to clients.", section=("Threats",)).holder == "self"


# lists


def test_items_inherit_subject_and_status_of_their_lead_in() -> None:
    ours = attribute("[joint training] of officers;", lead_in="We will strengthen our ties by:")
    theirs = attribute("[arms sales] to clients;", lead_in="Russia has sought influence through:")
    denied = attribute("[arms sales] to states at war;", lead_in="We will not support:")
    assert (ours.ladder, ours.status) == ("will", "planned")
    assert theirs.holder == "other"
    assert denied.status == "negated"
    assert any(cue.startswith("lead-in") for cue in ours.cues)


def test_items_with_a_subject_of_their_own_do_not_inherit() -> None:
    found = attribute("Russia sells [arms] to clients.", lead_in="We will do the following:")
    assert (found.holder, found.status) == ("other", "current")


# partners


@pytest.mark.parametrize(
    ("marked", "partners"),
    [
        ("We hold [exercises] with Latvia, Lithuania and Estonia.", {"LVA", "LTU", "EST"}),
        ("We train [officers] of Jordan and Egypt.", {"JOR", "EGY"}),
        ("We [train Iraqi forces].", {"IRQ"}),
        ("We gave [patrol boats] to the Philippines.", {"PHL"}),
        ("[An exchange of officers] between the United Kingdom and France began.", {"FRA"}),
        ("Our [arms sales to Myanmar] ended.", {"MMR"}),
        ("We post [officers] to NATO.", {"NATO"}),
        ("Russia sells [arms] to Belarus.", {"BLR"}),
        ("We hold [exercises].", set()),
        ("We run [the course] as Russia threatens Ukraine.", set()),
    ],
)
def test_partners(marked: str, partners: set[str]) -> None:
    found = attribute(marked)
    assert links(found) == partners, found


def test_partners_are_offsets_into_the_text() -> None:
    text = "We hold exercises with Latvia and Estonia."
    found = at(text, 8, 17, "en", Setting("GBR", 2024, ("GBR",)))
    assert [text[p.start : p.end] for p in found.partner] == [p.text for p in found.partner] == ["Latvia", "Estonia"]


# countries of generic actors


@pytest.mark.parametrize(
    ("text", "name", "country"),
    [
        ("Our armed forces train abroad.", "armed forces", "GBR"),
        ("The armed forces train abroad.", "armed forces", "GBR"),
        ("The armed forces of Chile train abroad.", "armed forces", "CHL"),
        ("We train the armed forces of partner nations.", "armed forces", None),
        ("Foreign armed forces train here.", "armed forces", None),
    ],
)
def test_country_of_generic_actors(text: str, name: str, country: str | None) -> None:
    m = matcher("en")
    doc = m.doc(text)
    ent = next(e for e in doc.ents if name in e.text.lower())
    assert m.attributor.country_of(doc, ent, Setting("GBR", 2024)) == country


def test_regions_and_organisations_are_no_countrys_whoever_speaks_of_them() -> None:
    found = matcher("en").mentions(Passage("We train with NATO in Africa, and our armed forces host France."), Setting("GBR", 2024))
    assert {m.text: m.iso3 for m in found if m.label == "ACTOR"} == {"NATO": None, "Africa": None, "our armed forces": "GBR", "France": "FRA"}


def test_attribution_is_the_same_whatever_came_before() -> None:
    first = attribute("We hold [exercises] with Latvia.")
    attribute("Russia uses [arms sales].", lead_in="We will:")
    assert attribute("We hold [exercises] with Latvia.") == first


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_decision_is_explained(language: str) -> None:
    for line in (GOLD / f"attribution-{language}.jsonl").read_text(encoding="utf-8").splitlines()[:40]:
        row = json.loads(line)
        got = at(row["text"], *row["span"], language, Setting(row["state"], row["year"], (row["state"],)))
        assert got.cues[-1].endswith(f": {got.holder}")


# what stands around: membership, pronouns, signatories, figures


@pytest.mark.parametrize(
    ("marked", "state", "year", "holder"),
    [
        ("As a member of NATO, we train [officers of Iraq].", "GBR", 2020, "joint"),
        ("As a member of NATO, we train [officers of Iraq].", "SWE", 2024, "joint"),
        ("As a member of NATO, we train [officers of Iraq].", "SWE", 2020, "self"),
        ("NATO trains [officers of Iraq].", "GBR", 2020, "other"),
    ],
)
def test_membership_is_that_of_the_year_of_the_document(marked: str, state: str, year: int, holder: str) -> None:
    found = attribute(marked, "en", state, year)
    assert found.holder == holder, found.cues


@pytest.mark.parametrize(
    ("marked", "previous", "holder"),
    [
        ("It uses [arms sales] to bind its clients.", "Russia looks for influence.", "other"),
        ("They hold [naval drills] each year.", "Japan and the Philippines fear for their sea lanes.", "other"),
        ("These programmes cover [arms sales].", "Iran arms militias.", "other"),
        ("It trains [officers of Jordan].", "The Ministry runs a staff college.", "self"),
    ],
)
def test_pronouns_look_back_to_the_sentence_before(marked: str, previous: str, holder: str) -> None:
    found = attribute(marked, previous=previous)
    assert found.holder == holder, found.cues


def test_instruments_of_two_sides_are_joint_unless_the_text_tells_otherwise() -> None:
    text = "Staff talks take place every year."
    setting = Setting("GBR", 2024, ("GBR",))
    assert at(text, 0, 11, "en", setting, two_sided=True).holder == "joint"
    theirs = "Russia holds staff talks every year."
    assert at(theirs, 13, 24, "en", setting, two_sided=True).holder == "other"


@pytest.mark.parametrize(
    ("language", "opening", "state", "signed"),
    [
        ("en", "Joint Statement of Mexico and Guatemala. The Presidents of Mexico and Guatemala met. Mexico and Guatemala agreed.", "MEX", ("MEX", "GTM")),
        ("fr", "Déclaration conjointe de la France et du Japon. La France et le Japon sont liés. Les deux pays le disent.", "FRA", ("FRA", "JPN")),
        ("es", "Declaración conjunta de España y Marruecos. España y Marruecos son vecinos. España y Marruecos acuerdan.", "ESP", ("ESP", "MAR")),
        ("en", "Defence White Paper of Mexico. Mexico and Guatemala share a border. Mexico and Guatemala trade.", "MEX", ("MEX",)),
    ],
)
def test_signatories_are_told_by_the_paper_itself(language: str, opening: str, state: str, signed: tuple[str, ...]) -> None:
    assert signatories(opening, state, matcher(language)) == signed


@pytest.mark.parametrize(
    ("language", "marked", "figures", "times"),
    [
        ("en", "We maintain 129 [defence attachés].", [(129, "defence attachés")], []),
        ("en", "The Ministry offers [training] for 500 officers in 2024.", [(500, "officers")], [(2024, 2024)]),
        ("en", "We gave [grants] of $74.6 million since 2015.", [(74_600_000, "$")], [(2015, None)]),
        ("en", "We train [officers] under Article 5.", [], []),
        ("en", "We fly 12 F-16 jets and hold [the 2+2 dialogue] by 2030.", [], [(None, 2030)]),
        ("fr", "La France a formé [2 500 officiers africains] en 2023.", [(2500, "officiers africains")], [(2023, 2023)]),
        ("es", "España destinó [12.000 militares] a misiones entre 2010 y 2015.", [(12_000, "militares")], [(2010, 2015)]),
    ],
)
def test_figures_and_times_are_attached(language: str, marked: str, figures: list[tuple[float, str]], times: list[tuple[int | None, int | None]]) -> None:
    found = attribute(marked, language)
    assert [(f.value, f.unit) for f in found.figures] == figures
    assert [(t.first, t.last) for t in found.times] == times
    text = marked.replace("[", "").replace("]", "")
    assert all(text[f.start : f.end] == f.text for f in (*found.figures, *found.times))


def test_partners_without_a_name_stay_collective() -> None:
    found = attribute("We hold [exercises] with our close allies and partners.")
    assert [(p.text, p.type, p.iso3) for p in found.partner] == [("close allies and partners", "collective", None)]
    assert not {p.type for p in attribute("We hold [exercises] with our ally Japan.").partner} & {"collective"}


def test_members_of_organisations_are_named_on_request() -> None:
    setting = Setting("GBR", 1990, ("GBR",))
    record = next(tag_lines(iter(["We post liaison officers to NATO."]), "en", setting, load_codebook(), members=True))
    partners = [p for m in record["mentions"] for p in m["partner"] if p["name"] == "NATO"]
    assert partners
    assert {"GBR", "USA"} <= set(partners[0]["members"])
    assert "POL" not in partners[0]["members"]


@pytest.mark.parametrize(
    ("language", "marked", "rung"),
    [
        ("en", "[The Open Skies Treaty] will help us.", "does"),
        ("en", "We will not hesitate to send [advisers].", "will"),
        ("en", "The threat has not interrupted [the dialogue].", "does"),
        ("en", "If the ice does not return, [port visits] could begin.", "considered"),
        ("en", "We should widen our ties; hold talks; and open [a dialogue].", "aimed"),
        ("fr", "La France n'hésitera pas à envoyer [des conseillers].", "will"),
        ("fr", "La crise n'a pas interrompu [le dialogue].", "does"),
        ("fr", "[Le traité de défense] renforcera la stabilité.", "does"),
        ("es", "España no dudará en enviar [asesores].", "will"),
        ("es", "La crisis no ha interrumpido [el diálogo].", "does"),
        ("es", "[El tratado de defensa] reforzará la estabilidad.", "does"),
    ],
)
def test_denied_holding_back_and_effects_of_what_is_there(language: str, marked: str, rung: str) -> None:
    found = attribute(marked, language)
    assert found.ladder == rung, found.cues


@pytest.mark.parametrize(
    ("language", "marked", "rung"),
    [
        ("en", "We will send [officers who can teach mine clearance] to Kenya.", "will"),
        ("en", "The Ministers signed [an agreement on logistics].", "has_done"),
        ("en", "The Ministers have signed [an agreement on logistics].", "does"),
        ("en", "[The loan service teams] will be retained.", "does"),
        ("en", "Under the statement of 30 May the navy holds [joint exercises].", "does"),
        ("es", "c) Impulsar [la cooperación en materia de armamento] con otros Estados.", "does"),
        ("es", "- Impulsar [la cooperación en materia de armamento] con otros Estados.", "aimed"),
        ("fr", "La Chine a [offert deux avions de transport] à l'armée de l'air.", "has_done"),
    ],
)
def test_what_governs_a_mention_goes_before_what_describes_it(language: str, marked: str, rung: str) -> None:
    found = attribute(marked, language)
    assert found.ladder == rung, found.cues


@pytest.mark.parametrize(
    ("language", "marked", "holder"),
    [
        ("en", "[Saudi and Libyan students] fill a tenth of the places at Sandhurst.", "self"),
        ("en", "[The Chinese destroyer] entered Tokyo Bay.", "other"),
        ("fr", "En Bosnie, [une équipe mobile] conseille les forces armées.", "self"),
    ],
)
def test_owners_are_not_those_who_are_taught_nor_the_place(language: str, marked: str, holder: str) -> None:
    found = attribute(marked, language)
    assert found.holder == holder, found.cues
