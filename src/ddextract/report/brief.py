"""A brief of a state on at most four pages, as Markdown or PDF."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ddextract.analysis import Analysis
from ddextract.charts import COLLECTIVE
from ddextract.comparison import Comparison
from ddextract.corpus import states
from ddextract.errors import UsageError
from ddextract.files import write_atomically
from ddextract.profile import filled, listed
from ddextract.saved import SavedRun

if TYPE_CHECKING:
    import pandas as pd
    from reportlab.platypus import Flowable

PAGES = 4
"""Most pages of a brief."""
QUOTATIONS = (12, 9, 6, 4, 2)
"""Quotations tried, until the brief fits."""
NUMBERS = 5
"""Columns of the profile's table before which, after the first, numbers stand."""
SENTENCE = 260
"""Most characters of a quotation."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a brief: a heading, a paragraph, a list, a quotation or a table.

    Attributes:
        kind: What it is.
        text: Its words (heading, paragraph, quotation).
        source: Where a quotation stands.
        marked: The words of a quotation that count.
        rows: Lines of a list, or rows of a table whose first is its head.
    """

    kind: Literal["title", "heading", "paragraph", "list", "quotation", "table", "note"]
    text: str = ""
    source: str = ""
    marked: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def brief(
    run: SavedRun, state: str, comparison: Comparison | None, reconciliation: pd.DataFrame | None = None, *, quotations: int = QUOTATIONS[0]
) -> list[Part]:
    """Return the parts of a state's brief.

    Args:
        run: The run.
        state: ISO 3166-1 alpha-3 code.
        comparison: The comparison of the states of the run, if there is one.
        reconciliation: Disagreements with the hand-coded list.
        quotations: Most quotations.

    Raises:
        UsageError: The state is not in the run.
    """
    if state not in run.states:
        raise UsageError(f"{state}: no document of this state was read. States of this run: {', '.join(run.states) or 'none'}.")
    name = states().get(state, state)
    titles = {code: concept.title.get("en", code) for code, concept in run.codebook.concepts.items()}
    own = [{str(k): filled(v) for k, v in r.items()} for r in run.profiles[run.profiles["state"] == state].to_dict("records")]
    own.sort(key=lambda r: (-int(r["counting_mentions"]), r["code"]))
    documents = _documents(run, state)
    return [
        Part("title", f"{name}: instruments of defence diplomacy"),
        Part("paragraph", _headline(name, own, len(documents))),
        *_profile(own, titles),
        *_partners(run, state, own, titles, documents),
        *_check(state, reconciliation, titles),
        *_compared(state, comparison, titles),
        *_evidence(run, own, titles, quotations),
        Part("heading", "Documents read"),
        Part("list", rows=tuple((f"{d['title'] or d['id']} ({_year(d['year'])}), {int(d['words']):,} words, parse quality {float(d['quality']):.2f}",)
                                for d in documents[:12]) + ((f"and {len(documents) - 12} more",),) * (len(documents) > 12)),
        Part("note", f"What documents say, not what states do; “not found” means not found in the documents read. Present: {own[0]['evidence_rule']}. "
                     f"Probabilities from {own[0]['probability_from'] or 'nothing measured'}. Codebook {str(run.summary['codebook'])[:16]}."),
    ]  # fmt: skip


def _year(year: Any) -> str:
    return "no year" if filled(year) is None else str(int(year))


def _documents(run: SavedRun, state: str) -> list[dict[str, Any]]:
    read = run.documents[run.documents["outcome"] == "read"].to_dict("records")
    return [{str(k): filled(v) for k, v in r.items()} for r in read if filled(r["state"]) and state in listed(r["issuers"])]


def _headline(name: str, own: Sequence[Mapping[str, Any]], documents: int) -> str:
    present, doubtful = (sum(r["present"] == p for r in own) for p in ("present", "doubtful"))
    total, announced = (sum(int(r[c]) for r in own) for c in ("counting_mentions", "announced"))
    more = f", {doubtful} more {'is' if doubtful == 1 else 'are'} doubtful" if doubtful else ""
    words = int(own[0]["words_read"])
    return (
        f"{present} of {len(own)} instruments are present in {documents} document{'s' * (documents != 1)} of {name} ({words:,} words){more}. "
        f"{total:,} mentions count; {announced:,} of them only announce."
    )


def _profile(own: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> Iterator[Part]:
    rows = [("Instrument", "Mentions", "practised", "announced", "per 10,000 words", "Standing", "Truly there")]
    for r in own:
        if int(r["counting_mentions"]):
            chance = "–" if r["probability"] is None else f"{r['probability']:.2f} ({r['probability_low']:.2f}–{r['probability_high']:.2f})"
            rows.append(
                (
                    titles[r["code"]],
                    str(r["counting_mentions"]),
                    str(r["practised"]),
                    str(r["announced"]),
                    f"{r['rate_per_10000_words']:.2f}",
                    r["present"],
                    chance,
                )
            )
    yield Part("heading", "Profile")
    yield Part("table", rows=tuple(rows))
    absent = sorted(titles[r["code"]].lower() for r in own if not int(r["counting_mentions"]))
    if absent:
        yield Part("paragraph", f"Not found: {', '.join(absent)}.")
    rungs: Counter[str] = Counter()
    for r in own:
        for rung in str(r["ladder"] or "").split(";"):
            if rung:
                rungs[rung.split(":")[0].replace("_", " ")] += int(rung.split(":")[1])
    if rungs:
        yield Part("paragraph", "How firmly: " + ", ".join(f"{rung} {n}" for rung, n in rungs.most_common()) + ".")


def _partners(run: SavedRun, state: str, own: Sequence[Mapping[str, Any]], titles: Mapping[str, str], documents: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
    names = {d["id"] for d in documents}
    counting = run.mentions[run.mentions["counts"].astype(bool) & run.mentions["document"].isin(names)]
    named = [p for cell in counting["partner"] for p in listed(cell) if (p["iso3"] or p["name"]) != state]
    partners = Counter(str(p["name"]) for p in named if p["type"] != COLLECTIVE)
    groups = Counter(str(p["name"]) for p in named if p["type"] == COLLECTIVE)
    objectives = Counter(str(o) for cell in counting["objective_codes"] for o in listed(cell))
    agents = Counter(a for r in own for a in str(r["agents"] or "").split(";") if a)
    yield Part("heading", "With whom, for what, by whom")
    lines = [
        ("Partners: " + (", ".join(f"{n} {c}" for n, c in partners.most_common(14)) or "none named") + ".",),
        *([("Partners without a name: " + ", ".join(f"{n} {c}" for n, c in groups.most_common(6)) + ".",)] if groups else []),
        ("Objectives: " + (", ".join(f"{titles.get(o, o).lower()} {c}" for o, c in objectives.most_common(8)) or "none named") + ".",),
        ("Carried out by: " + (", ".join(a for a, _ in agents.most_common(8)) or "nobody named") + ".",),
    ]
    yield Part("list", rows=tuple(lines))


def _check(state: str, reconciliation: pd.DataFrame | None, titles: Mapping[str, str]) -> Iterator[Part]:
    if reconciliation is None:
        return
    own = reconciliation[reconciliation["state"] == state].to_dict("records")
    if not own:
        return
    yield Part("heading", "Against the hand-coded list")
    for heading, wanted in (("Listed, not found", True), ("Found, not listed", False)):
        rows = [r for r in own if (r["in_list"] == "listed") is wanted]
        if rows:
            causes = {str(r["class"]): [titles[str(x["code"])].lower() for x in rows if x["class"] == r["class"]] for r in rows}
            yield Part("paragraph", f"{heading}. " + " ".join(f"{cause.capitalize()}: {', '.join(names)}." for cause, names in causes.items()))


def _compared(state: str, comparison: Comparison | None, titles: Mapping[str, str]) -> Iterator[Part]:
    if comparison is None or comparison.incidence is None or comparison.main is not comparison.incidence:
        return
    likeness = comparison.similarity()[state].drop(state).sort_values(ascending=False, kind="stable")
    spread = comparison.spread()
    unique = [titles[str(r["code"])].lower() for r in spread.to_dict("records") if r["standing"] == "unique" and r["having"] == state]
    yield Part("heading", "Among the states read")
    near = ", ".join(f"{states().get(str(s), str(s))} {v:.2f}" for s, v in likeness.head(3).items())
    only = f" Only here: {', '.join(unique)}." if unique else ""
    yield Part("paragraph", f"Most alike (Jaccard): {near}.{only} {comparison.tests[0].headline}")


def _evidence(run: SavedRun, own: Sequence[Mapping[str, Any]], titles: Mapping[str, str], number: int) -> Iterator[Part]:
    known = {str(d): (str(t or d), _year(y)) for d, t, y in zip(run.documents["id"], run.documents["title"], run.documents["year"], strict=True)}
    wanted = {str(r["evidence_mention"]) for r in own if r["evidence_mention"]}
    taken = run.mentions[run.mentions["id"].isin(wanted)]
    hits = {str(m): " ".join(str(t).split()) for m, t in zip(taken["id"], taken["text"], strict=True)}
    yield Part("heading", "Best evidence")
    for r in [r for r in own if r["evidence_text"]][:number]:
        title, year = known[str(r["evidence_document"])]
        label, page = r["evidence_page_label"], r["evidence_page"]
        place = f", p. {label if isinstance(label, str) else int(label)}" if label is not None else f", p. {int(page)}" if page is not None else ""
        text = " ".join(str(r["evidence_text"]).split())
        hit = hits.get(str(r["evidence_mention"]), "")
        yield Part("quotation", _cut(text, hit), f"{titles[r['code']]}: {title} ({year}){place}", hit)


def _cut(text: str, hit: str) -> str:
    """Return a sentence cut to :data:`SENTENCE` characters, its end or its begin left out, so that the words that count stay in it."""
    if len(text) <= SENTENCE:
        return text
    start = text.find(hit)
    if start + len(hit) < SENTENCE:
        return f"{text[:SENTENCE].rpartition(' ')[0]}…"
    begin = max(0, min(start - SENTENCE // 3, len(text) - SENTENCE))
    cut = text[begin : begin + SENTENCE].partition(" ")[2]
    return f"…{cut}" if begin + SENTENCE >= len(text) else f"…{cut.rpartition(' ')[0]}…"


def as_markdown(parts: Sequence[Part]) -> str:
    """Return a brief as Markdown."""
    lines: list[str] = []
    for part in parts:
        if part.kind in ("title", "heading"):
            lines += [f"{'#' if part.kind == 'title' else '##'} {_plain(part.text)}", ""]
        elif part.kind == "list":
            lines += [*(f"- {_plain(row[0])}" for row in part.rows), ""]
        elif part.kind == "quotation":
            before, hit, after = part.text.partition(part.marked) if part.marked else (part.text, "", "")
            lines += [f"> {_plain(before, '')}{f'**{_plain(hit)}**' if hit else ''}{_plain(after, '')}".rstrip(), ">", f"> {_plain(part.source)}", ""]
        elif part.kind == "table":
            head, *rows = part.rows
            lines += [f"| {' | '.join(head)} |", "|" + " --- |" * len(head), *(f"| {' | '.join(_plain(c) for c in row)} |" for row in rows), ""]
        else:
            lines += [f"*{_plain(part.text)}*" if part.kind == "note" else _plain(part.text), ""]
    return "\n".join(lines).rstrip() + "\n"


def _plain(text: str, edge: str | None = None) -> str:
    """Return text in which nothing is taken for mark-up; blanks at its edges stay if an ``edge`` is given."""
    words = " ".join(text.split()) if edge is None else text
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in words)


def as_pdf(parts_of: Sequence[Sequence[Part]]) -> tuple[bytes, int]:
    """Return a brief as PDF, with its pages counted: the first of the given versions that fits on :data:`PAGES` pages, or else the last.

    Raises:
        UsageError: The PDF library is not installed.
    """
    try:
        import reportlab  # noqa: F401
    except ImportError:
        raise UsageError("a PDF brief needs reportlab. Install it with: pip install 'ddextract[pdf]'; or take --format md.") from None
    data, pages = b"", 0
    for parts in parts_of:
        data, pages = _drawn(parts)
        if pages <= PAGES:
            break
    return data, pages


def _drawn(parts: Sequence[Part]) -> tuple[bytes, int]:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    buffer = io.BytesIO()
    title = next((p.text for p in parts if p.kind == "title"), "")
    document = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=20 * mm, rightMargin=20 * mm, topMargin=18 * mm, bottomMargin=18 * mm, title=title, author="ddextract", invariant=1
    )
    document.build(list(_flowables(parts)), onFirstPage=_numbered, onLaterPages=_numbered)
    return buffer.getvalue(), document.page


def _numbered(canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont(_fonts()[0], 7.5)
    canvas.drawRightString(document.pagesize[0] - document.rightMargin, 28, f"{document.page}")
    canvas.restoreState()


def _fonts() -> tuple[str, str]:
    """Return regular and bold of a font that has the letters of all European languages; it comes with the charting library."""
    from pathlib import Path

    import matplotlib as mpl
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for name in ("DejaVuSans", "DejaVuSans-Bold"):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    return "DejaVuSans", "DejaVuSans-Bold"


def _flowables(parts: Sequence[Part]) -> Iterator[Flowable]:
    from reportlab.lib import colors
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import KeepTogether, Paragraph, Spacer, Table

    regular, bold = _fonts()
    text = ParagraphStyle("text", fontName=regular, fontSize=8.5, leading=12, spaceAfter=4)
    grey = colors.HexColor("#55585c")
    styles = {
        "title": ParagraphStyle("title", text, fontName=bold, fontSize=15, leading=19, spaceAfter=6),
        "paragraph": text,
        "heading": ParagraphStyle("heading", text, fontName=bold, fontSize=10.5, leading=14, spaceBefore=8, keepWithNext=1),
        "quotation": ParagraphStyle("quotation", text, leftIndent=10, spaceAfter=0),
        "source": ParagraphStyle("source", text, leftIndent=10, fontSize=7, textColor=grey, spaceAfter=5),
        "note": ParagraphStyle("note", text, fontSize=7, leading=10, textColor=grey, spaceBefore=6),
    }
    waiting: list[Flowable] = []
    small = ParagraphStyle("cell", text, fontSize=7.5, leading=9.5, spaceAfter=0)
    right = ParagraphStyle("number", small, alignment=2, rightIndent=6)
    listed_ = ParagraphStyle("list", text, leftIndent=9, bulletIndent=0, spaceAfter=1.5)
    for part in parts:
        if part.kind not in ("quotation", "heading"):
            yield from waiting
            waiting = []
        if part.kind == "table":
            cells = [[Paragraph(escape(c), right if 0 < k < NUMBERS else small) for k, c in enumerate(row)] for row in part.rows]
            table = Table(cells, colWidths=[116, 52, 54, 62, 60, 52, 86], repeatRows=1, hAlign="LEFT")
            table.setStyle([("LINEBELOW", (0, 0), (-1, 0), 0.7, colors.black), ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.HexColor("#d5d8db")),
                            ("TOPPADDING", (0, 0), (-1, -1), 1.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5), ("LEFTPADDING", (0, 0), (-1, -1), 0)])  # fmt: skip
            yield table
            yield Spacer(1, 4)
        elif part.kind == "list":
            for row in part.rows:
                yield Paragraph(escape(row[0]), listed_, bulletText="•")
        elif part.kind == "heading":
            # A heading waits for what it heads, so that it never stands alone at the foot of a page.
            waiting = [Paragraph(escape(part.text), styles["heading"])]
            continue
        elif part.kind == "quotation":
            yield KeepTogether([*waiting, Paragraph(f"“{_marked(part)}”", styles["quotation"]), Paragraph(escape(part.source), styles["source"])])
            waiting = []
        else:
            yield Paragraph(escape(part.text), styles[part.kind])


def _marked(part: Part) -> str:
    """Return a quotation in ReportLab's mark-up, the words that count in bold."""
    before, hit, after = part.text.partition(part.marked) if part.marked else (part.text, "", "")
    return f"{escape(before)}{f'<font name={chr(34)}{_fonts()[1]}{chr(34)}>{escape(hit)}</font>' if hit else ''}{escape(after)}"


def write_briefs(run: SavedRun, analysis: Analysis, wanted: Sequence[str], folder: Path, form: str) -> Iterator[tuple[Path, int]]:
    """Write a brief of each state and yield its file and number of pages (0 for Markdown).

    Args:
        run: The run.
        analysis: What follows from it.
        wanted: The states.
        folder: Where to.
        form: ``md`` or ``pdf``.
    """
    for state in wanted:
        versions = [brief(run, state, analysis.comparison, analysis.reconciliation, quotations=n) for n in QUOTATIONS]
        path = folder / f"{state}.{form}"
        data, pages = (as_markdown(versions[0]).encode(), 0) if form == "md" else as_pdf(versions)
        write_atomically(path, data)
        yield path, pages
