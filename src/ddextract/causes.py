"""Where errors come from: every miss of the rules traced to what made it, and what the reading of PDFs costs."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ddextract.annotation.gold import Coded
from ddextract.codebook import Codebook, own_folder, read_toml
from ddextract.evaluation import Found, compared, predictor, setting_of
from ddextract.matching.pipeline import Passage, Setting, rule_matcher
from ddextract.matching.ruler import Refused
from ddextract.measurement import GoldSet
from ddextract.mention import Mention
from ddextract.reading import Reading, read_document
from ddextract.scoring import Labelled, align
from ddextract.tagging import tag_document

CAUSES = {
    "pattern missing": "no wording of the code matched",
    "vetoed wrongly": "a wording matched and a veto refused it",
    "defence test": "a wording matched and a context it needs was not found (something of defence, something foreign …)",
    "gave way": "a wording of a code that goes before it stands there",
    "span": "the code was found in the sentence, but elsewhere",
    "span borders": "the mention was found with other borders (no error at sentence level)",
    "holder": "found, but its holder is wrong",
    "status": "found, but its status is wrong",
    "partner": "found, but its partners are others",
    "lost in the PDF": "found in the true text and not in the text read from the PDF",
    "made by the PDF": "found in the text read from the PDF and not in the true text",
    "spurious": "found, and not in the gold",
}
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Example:
    """One error: where, which words, and what decided."""

    code: str
    place: str
    text: str
    span: str
    detail: str = ""


@dataclass
class Causes:
    """Errors by cause."""

    found: dict[str, list[Example]] = field(default_factory=lambda: {cause: [] for cause in CAUSES})
    mentions: int = 0
    specimens: dict[str, tuple[int, int]] = field(default_factory=dict)


def find_causes(sets: Sequence[GoldSet], codebook: Codebook, *, specimens: Path | None = None) -> Causes:
    """Trace the errors of the rules on gold sentences, and the mentions that the reading of the specimens' PDFs loses.

    Args:
        sets: Gold.
        codebook: The codebook.
        specimens: Folder of documents with their true text beside the PDFs; ours if not given.
    """
    result = Causes()
    for gold in sets:
        for coded, wanted, found in compared(gold.coded, predictor(codebook, "rules")):
            _sentence(result, codebook, coded, [m for m in wanted if m.label == "INSTRUMENT"], [m for m in found if m.label == "INSTRUMENT"])
    _specimens(result, codebook, specimens or own_folder("corpus") / "specimen")
    return result


def _sentence(result: Causes, codebook: Codebook, coded: Coded, gold: list[Found], found: list[Found]) -> None:
    result.mentions += len(gold)
    codes = {m.code for m in found}
    pairs = align([Labelled(m.start, m.end, m.code) for m in gold], [Labelled(m.start, m.end, m.code) for m in found])
    matched = {i for i, _ in pairs}
    refused = _refused(codebook, coded) if any(m.code not in codes for m in gold) else []

    def add(cause: str, m: Found, detail: str = "") -> None:
        result.found[cause].append(Example(m.code, coded.gold.id, " ".join(coded.text.split()), coded.text[m.start : m.end], detail))

    for i, m in enumerate(gold):
        if m.code in codes:
            if i not in matched:
                add("span", m, "found: " + "; ".join(coded.text[f.start : f.end] for f in found if f.code == m.code))
            continue
        own = [(start, end, no) for start, end, no in refused if no.concept.code == m.code]
        near = [r for r in own if r[0] < m.end and m.start < r[1]] or own
        stronger = [f for f in found if f.code in codebook.concepts[m.code].yields_to] if m.code in codebook.concepts else []
        if near:
            no = near[0][2]
            add("defence test" if no.because.startswith("needs") else "vetoed wrongly", m, f'{no.because}; rule {no.rule}, wording "{no.wording}"')
        elif stronger:
            add("gave way", m, f"to {stronger[0].code}")
        else:
            add("pattern missing", m)
    for i, j in pairs:
        g, f = gold[i], found[j]
        if (g.start, g.end) != (f.start, f.end):
            add("span borders", g, f"found: {coded.text[f.start : f.end]}")
        for attribute in ("holder", "status"):
            if getattr(g, attribute) != getattr(f, attribute):
                add(attribute, g, f"gold {getattr(g, attribute)}, found {getattr(f, attribute)}")
        if not _same_partners(g, f):
            quoted = [", ".join(coded.text[a:b] for a, b in m.partner) or "none" for m in (g, f)]
            add("partner", g, f"gold {quoted[0]}, found {quoted[1]}")
    wanted = {m.code for m in gold}
    for f in found:
        if f.code not in wanted:
            add("spurious", f, f"rule {f.rule}")


def _same_partners(gold: Found, found: Found) -> bool:
    pairs = align([Labelled(a, b, "") for a, b in gold.partner], [Labelled(a, b, "") for a, b in found.partner])
    return len(pairs) == len(gold.partner) == len(found.partner)


def _refused(codebook: Codebook, coded: Coded) -> list[tuple[int, int, Refused]]:
    """Return what the rules refused in a sentence, with its place in characters."""
    g = coded.gold
    doc, sentences = rule_matcher(codebook, g.language).hits(Passage(coded.text, previous=coded.previous), setting_of(coded, codebook))
    return [(doc[no.start].idx, doc[no.end - 1].idx + len(doc[no.end - 1]), no) for looked in sentences for no in looked.refused]


_FRONT = re.compile(r"\A\+\+\+\n.*?\n\+\+\+\n", re.DOTALL)
_OPENING = re.compile(r"(?m)^:::(?: \w+)?(.*)$")
_CALL = re.compile(r"\[\^\d+\]:?")


def _specimens(result: Causes, codebook: Codebook, folder: Path) -> None:
    """Tag the true text of each specimen and the text read from its PDF, and compare what was found."""
    for source in sorted((folder / "source").glob("*.md")):
        pdf = folder / f"{source.stem}.pdf"
        if not pdf.is_file():
            continue
        known = read_toml(folder / f"{source.stem}.toml")
        setting = Setting(known["state"], known.get("year"), tuple(known.get("issuers", [])))
        with tempfile.TemporaryDirectory() as scratch:
            plain = Path(scratch) / source.name
            text = _CALL.sub("", _OPENING.sub(r"\1", _FRONT.sub("", source.read_text(encoding="utf-8"))))
            plain.write_text(text, encoding="utf-8")
            true = _instruments(plain, setting, codebook, known["language"])
        read = _instruments(pdf, setting, codebook, known["language"])
        result.specimens[source.stem] = (len(true), len(read))
        for cause, those, others in (("lost in the PDF", true, read), ("made by the PDF", read, true)):
            left = Counter(_key(m) for m in others)
            for mention in those:
                if left[_key(mention)]:
                    left[_key(mention)] -= 1
                else:
                    place = f"{source.stem}{f', page {mention.page}' if mention.page else ''}"
                    result.found[cause].append(Example(mention.code, place, " ".join(mention.sentence.split()), mention.text))


def _instruments(path: Path, setting: Setting, codebook: Codebook, language: str) -> list[Mention]:
    document = read_document(path, document_id=path.stem, reading=Reading(language=language))
    return [m for m in tag_document(document, setting, codebook, language=language).mentions if m.label == "INSTRUMENT"]


def _key(mention: Mention) -> tuple[str, str]:
    """Return code and words of a mention, blind to blanks, hyphens and case."""
    return mention.code, "".join(c for c in mention.text.lower() if c.isalnum())


def cause_lines(causes: Causes) -> Iterator[str]:
    """Yield the causes with counts, codes most concerned and examples."""
    yield f"where the errors of the rules come from, of {causes.mentions} gold mentions"
    for cause, meaning in CAUSES.items():
        examples = causes.found[cause]
        worst = ", ".join(f"{code} {n}" for code, n in Counter(e.code for e in examples).most_common(4))
        yield f"  {len(examples):>4}  {cause:<16} {meaning}{f': {worst}' if worst else ''}"
    pdf = ", ".join(f"{name} {true} in the true text and {read} in the PDF" for name, (true, read) in causes.specimens.items())
    yield f"  specimens: {pdf or 'not here'}"
    for cause in CAUSES:
        for example in causes.found[cause][:EXAMPLES]:
            yield f"  {cause}: {example.code}  {example.place}  [{example.span}]  {example.detail}".rstrip()
            yield f"      {example.text[:220]}{'…' if len(example.text) > 220 else ''}"


def cause_record(causes: Causes) -> dict[str, Any]:
    """Return the causes as JSON-ready data."""
    return {
        "mentions": causes.mentions,
        "specimens": {name: {"true_text": a, "pdf": b} for name, (a, b) in causes.specimens.items()},
        "causes": [{"cause": c, "meaning": CAUSES[c], "count": len(e), "examples": [asdict(x) for x in e]} for c, e in causes.found.items()],
    }
