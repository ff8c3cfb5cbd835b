"""A third set of layouts: the manners of real papers (gazettes, decrees, magazines, drafts, annexes), each with its truth.

Independent of ``layouts.py`` and ``typeset.py`` in style, sizes of paper and text; written, and its first figures recorded, before the reader was tried on it.

Usage::

    python benchmarks/ingestion/papers.py OUT [SEED]   # writes NAME.pdf and NAME.json
"""

from __future__ import annotations

import html
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from prose import Prose
from truth import Truth
from typeset import CHROMIUM, Source, available, page_count

e = html.escape
OWN = {
    "en": [
        "In {y}, spending rose by {a}.{b} per cent (see Chapter {c}), while the reserve fell to {d},{d}00 posts.",
        "The Defence Act of {b} March {y} (No. {a}/{d}) applies to “special missions”, i.e. those of the U.N. and the regional bodies.",
        "Some {a},000 troops, {b} frigates and {c} training teams were sent abroad; none stayed longer than {d} months.",
        "Mr. Alder, the then Minister, told Parliament that “no friend of ours will stand alone”.",
        "By {y} the two staffs will have held {a} rounds of talks – three of them in Port Ellis – on crisis-management and mine-clearance.",
        "The Council's Resolution {d}{b} ({y}) asks all parties to give notice of exercises with more than {a},000 men.",
    ],
    "fr": [
        "En {y}, les dépenses ont augmenté de {a},{b} % (voir le chapitre {c}), tandis que la réserve a été ramenée à {d} {d}00 postes.",
        "La loi n° {y}-{d}{a} du {b} mars {y} s’applique aux « missions particulières », c’est-à-dire à celles des Nations unies.",
        "Quelque {a} 000 soldats, {b} frégates et {c} équipes d’instruction ont été envoyés ; aucun n’est resté plus de {d} mois.",
        "M. Aubépin, alors ministre, a déclaré au Parlement : « aucun ami ne restera seul ».",
        "D’ici à {y}, les états-majors auront tenu {a} réunions – dont trois à Port-Ellis – sur la gestion des crises.",
    ],
    "es": [
        "En {y}, el gasto aumentó un {a},{b} % (véase el capítulo {c}), mientras que la reserva se redujo a {d}.{d}00 puestos.",
        "La Ley {a}/{y}, de {b} de marzo, se aplica a las «misiones especiales», es decir, a las de las Naciones Unidas.",
        "Unos {a}.000 militares, {b} fragatas y {c} equipos de instrucción salieron al exterior; ninguno permaneció más de {d} meses.",
        "El Sr. Alameda, entonces ministro, dijo en el Parlamento que «ningún amigo quedará solo».",
        "¿Qué se espera de {y}? Los estados mayores habrán celebrado {a} reuniones –tres de ellas en Puerto Elis– sobre gestión de crisis.",
    ],
}
TERMS = {
    "en": [("AFDM", "Armed Forces Deployment Model"), ("BMTA", "British-type military training assistance"), ("C2", "Command and control"), ("DCSO", "Defence Cooperation and Security Office"),
           ("EEZ", "Exclusive economic zone"), ("HADR", "Humanitarian assistance and disaster relief"), ("JOC", "Joint Operations Centre"), ("LCS", "Littoral combat ship"), ("MDA", "Maritime domain awareness"),
           ("NCO", "Non-commissioned officer"), ("OSCE", "Organization for Security and Co-operation in Europe"), ("PfP", "Partnership for Peace"), ("SSR", "Security sector reform"), ("TTX", "Table-top exercise")],
    "fr": [("CEMA", "Chef d’état-major des armées"), ("DGRIS", "Direction générale des relations internationales"), ("LPM", "Loi de programmation militaire"), ("OPEX", "Opération extérieure"), ("SGDN", "Secrétariat général de la défense")],
    "es": [("DIGENPOL", "Dirección General de Política de Defensa"), ("EMAD", "Estado Mayor de la Defensa"), ("FAS", "Fuerzas Armadas"), ("JEMAD", "Jefe de Estado Mayor de la Defensa"), ("UME", "Unidad Militar de Emergencias")],
}  # fmt: skip


class Paper:
    """Blocks in reading order, as truth and as HTML at once; text differs for each layout and seed."""

    def __init__(self, name: str, language: str, seed: int, length: int) -> None:
        self.truth = Truth(name, language)
        self.language, self.length, self.name = language, length, name
        self.random = random.Random(f"{name}{seed}")
        self.source = Source(language, self.random.randrange(1 << 30))
        self.prose = Prose(language, self.random.randrange(1 << 30))
        self.html: list[str] = []
        self.count = 0

    # --- text ---
    def sentence(self) -> str:
        kind = self.random.random()
        if kind < 0.35:
            digits = {k: self.random.randint(2, 9) for k in "abcd"} | {"y": self.random.randint(2026, 2044)}
            return self.random.choice(OWN[self.language]).format(**digits)
        return self.prose.sentence() if kind < 0.6 else self.source.take("sentences")

    def text(self, sentences: int = 4) -> str:
        return " ".join(self.sentence() for _ in range(max(1, sentences + self.random.randint(-1, 2))))

    def title(self) -> str:
        return self.source.take("headings")

    def cell(self) -> str:
        return self.source.take("cells").replace("<br>", "; ")

    # --- blocks ---
    def block(self, kind: str, text: str, markup: str) -> None:
        self.truth.blocks.append((kind, text))
        self.html.append(markup)

    def open(self, markup: str) -> None:
        self.html.append(markup)

    def h(self, level: int = 2, text: str | None = None, *, cls: str = "", upper: bool = False) -> str:
        text = text or self.title()
        self.count += 1
        anchor = f"a{self.count}"
        self.block("heading", text.upper() if upper else text, f'<h{level} id="{anchor}" class="{cls}">{e(text)}</h{level}>')
        return anchor

    def p(self, sentences: int = 4, *, text: str | None = None, cls: str = "", kind: str = "paragraph", markup: str | None = None, note: str = "") -> None:
        text = text or self.text(sentences)
        call = f'<span class="fn">{e(note)}</span>' if note else ""
        if note:
            self.truth.footnotes.append(note)
        self.block(kind, text, f'<p class="{cls}">{markup or e(text)}{call}</p>')

    def ul(self, count: int = 4, *, tag: str = "ul", label: Callable[[int], str] | None = None, sentences: bool = False, cls: str = "") -> None:
        own = [self.sentence() if sentences else self.source.take("items") for _ in range(count)]
        for i, item in enumerate(own):
            self.truth.blocks.append(("list_item", f"{label(i)} {item}" if label else item))
        inner = "".join(f"<li{f' data-l={chr(34)}{label(i)}{chr(34)}' if label else ''}>{e(t)}</li>" for i, t in enumerate(own))
        self.html.append(f'<{tag} class="{cls}">{inner}</{tag}>')

    def table(self, head: Iterable[str], rows: Iterable[Iterable[str]], cls: str = "", *, repeat: bool = False) -> list[str]:
        """Add a table; return anchors of its rows where its head is to be repeated."""
        head, rows = list(head), [list(r) for r in rows]
        anchors = [f"r{self.count}_{i}" for i in range(len(rows))]
        self.count += 1
        self.truth.tables += 1
        self.truth.blocks += [("table_cell", c) for c in head]
        at = len(self.truth.blocks)
        for row in rows:
            self.truth.blocks += [("table_cell", c) for c in row]
        self.html.append(
            f'<table class="{cls}"><thead><tr>' + "".join(f"<th>{e(c)}</th>" for c in head) + "</tr></thead><tbody>"
            + "".join(f'<tr id="{a}">' + "".join(f"<td>{e(c)}</td>" for c in r) + "</tr>" for a, r in zip(anchors, rows, strict=True)) + "</tbody></table>"
        )  # fmt: skip
        if repeat:
            self.repeats = (at, anchors, head)
        return anchors

    def picture(self, height: int = 35, text: str = "") -> None:
        colour = self.random.choice(["#9ab", "#b9a", "#cba"])
        words = f'<text x="6" y="12" font-size="6" fill="#fff">{e(text)}</text>' if text else ""
        self.html.append(
            f'<div class="pic"><svg viewBox="0 0 100 {height}" width="100%"><rect width="100" height="{height}" fill="{colour}"/>{words}</svg></div>'
        )


# --- makers ---
BASE = """html{font:10pt/1.4 'EB Garamond'} body{margin:0} h1,h2,h3,h4{line-height:1.15;margin:.9em 0 .35em;break-after:avoid;hyphens:manual} h1{font-size:20pt} h2{font-size:14pt} h3{font-size:11.5pt}
p{margin:0 0 .55em;orphans:2;widows:2} ul,ol{margin:.2em 0 .6em;padding-left:1.4em} li{margin-bottom:.2em} table{border-collapse:collapse;width:100%;margin:.7em 0;font-size:8.5pt}
td,th{text-align:left;vertical-align:top;padding:3pt 5pt;hyphens:manual} tr{break-inside:avoid} .fn{float:footnote;font-size:7.5pt;line-height:1.25} .pic{margin:.4em 0} .cap{font-size:8pt;font-style:italic}
.two{columns:2;column-gap:7mm;text-align:justify;hyphens:auto} .three{columns:3;column-gap:5mm;text-align:justify;hyphens:auto} .new{break-before:page}"""
Furniture = Callable[[int, int, dict[str, int]], list[tuple[str, str]]]
"""From page, pages in all and the page of each anchor to what stands at the page's edges."""


def source(paper: Paper, css: str) -> str:
    language = {"en": "en-GB", "fr": "fr", "es": "es"}[paper.language]
    return f'<html lang="{language}"><meta charset="utf-8"><style>{BASE}{css}</style><body>' + "\n".join(paper.html) + "</body></html>"


def weasy(paper: Paper, folder: Path, css: str, furniture: Furniture = lambda *_: []) -> None:
    from weasyprint import HTML

    document = HTML(string=source(paper, css)).render()
    document.write_pdf(folder / f"{paper.name}.pdf")
    pages = len(document.pages)
    places = {anchor: n for n, page in enumerate(document.pages, 1) for anchor in page.anchors}
    if hasattr(paper, "repeats"):
        # The head of a table stands once more on each page on which it goes on.
        at, anchors, head = paper.repeats
        wide = len(head)
        for i in range(len(anchors) - 1, 0, -1):
            if places[anchors[i]] != places[anchors[i - 1]]:
                paper.truth.blocks[at + i * wide : at + i * wide] = [("table_cell", c) for c in head]
    for n in range(1, pages + 1):
        paper.truth.furniture += [(n, kind, text) for kind, text in furniture(n, pages, places)]
    paper.truth.save(folder, pages)


def chromium(paper: Paper, folder: Path, css: str, furniture: Furniture = lambda *_: []) -> None:
    path = folder / f"{paper.name}.pdf"
    with tempfile.TemporaryDirectory() as work:
        page = Path(work) / "page.html"
        page.write_text(source(paper, css), "utf-8")
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]
        command = [CHROMIUM, *options, f"--user-data-dir={work}/p", "--no-pdf-header-footer", f"--print-to-pdf={path}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    pages = page_count(path)
    for n in range(1, pages + 1):
        paper.truth.furniture += [(n, kind, text) for kind, text in furniture(n, pages, {})]
    paper.truth.save(folder, pages)


def office(paper: Paper, folder: Path, css: str, furniture: Furniture = lambda *_: []) -> None:
    """LibreOffice Writer from HTML: its own line breaking, tables and lists."""
    path = folder / f"{paper.name}.pdf"
    with tempfile.TemporaryDirectory() as work:
        page = Path(work) / f"{paper.name}.html"
        page.write_text(source(paper, css), "utf-8")
        command = ["soffice", f"-env:UserInstallation=file://{tempfile.gettempdir()}/papers-office", "--headless", "--convert-to", "pdf:writer_web_pdf_Export",
                   "--outdir", str(folder), str(page)]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    pages = page_count(path)
    for n in range(1, pages + 1):
        paper.truth.furniture += [(n, kind, text) for kind, text in furniture(n, pages, {})]
    paper.truth.save(folder, pages)


def current(anchors: list[tuple[str, str]], page: int, places: dict[str, int]) -> str:
    """Return the chapter that a running head names: the first that begins on the page, otherwise the last before it."""
    here = [text for anchor, text in anchors if places[anchor] == page]
    before = [text for anchor, text in anchors if places[anchor] < page]
    return here[0] if here else before[-1] if before else ""


# --- layouts ---
Draw = Callable[[Paper, Path], None]
LAYOUTS: dict[str, tuple[str, str, Draw]] = {}


def layout(name: str, language: str, what: str) -> Callable[[Draw], Draw]:
    def register(draw: Draw) -> Draw:
        LAYOUTS[name] = (language, what, draw)
        return draw

    return register


@layout("wp_magazine", "en", "a standfirst over the width, two columns, a band over the width, two columns; 210 x 260 mm")
def _magazine(s: Paper, folder: Path) -> None:
    for _ in range(2 * s.length):
        s.h(1, cls="new")
        s.p(2, cls="stand")
        s.open('<div class="two">')
        for _ in range(2):
            s.h(3)
            s.p(4)
            s.p(3)
        s.open("</div>")
        s.h(2)
        s.p(3)
        s.open('<div class="two">')
        for _ in range(3):
            s.p(4)
        s.open("</div>")
    weasy(s, folder, "@page{size:210mm 260mm;margin:20mm 16mm;@bottom-right{content:'Forces Review  ' counter(page);font-size:8pt}} html{font:9pt/1.35 Lato} .stand{font-size:12pt;color:#345}",
          lambda n, _, __: [("page_number", f"Forces Review {n}")])  # fmt: skip


@layout("wp_quotes_aside", "en", "text to the left, pull quotes and key facts in a narrow column to the right")
def _quotes_aside(s: Paper, folder: Path) -> None:
    for _ in range(2 * s.length):
        s.open('<div class="spread"><div class="main">')
        s.h(2)
        for _ in range(5):
            s.p(4)
        s.open('</div><div class="side">')
        s.p(text=s.source.take("sentences"), cls="pull")
        s.p(text=s.source.take("sentences"), cls="pull")
        s.open("</div></div>")
    weasy(s, folder, "@page{size:letter;margin:22mm 18mm;@top-left{content:'Strategic Outlook';font:7.5pt Lato;text-transform:uppercase;letter-spacing:.1em}@bottom-center{content:'– ' counter(page) ' –'}}"
          ".spread{display:flex;gap:9mm;break-after:page}.main{flex:3}.side{flex:1;padding-top:20mm}.pull{font:italic 13pt/1.25 'EB Garamond';color:#633;margin-bottom:18mm}",
          lambda n, _, __: [("header", "STRATEGIC OUTLOOK"), ("page_number", f"– {n} –")])  # fmt: skip


@layout("wp_tint_over_two", "en", "two columns, a tinted box over both between them")
def _tint(s: Paper, folder: Path) -> None:
    for _ in range(2 * s.length):
        s.h(2)
        s.open('<div class="two">')
        for _ in range(4):
            s.p(4)
        s.open('</div><div class="tint">')
        s.p(text="Box " + str(1 + s.count) + ": " + s.title(), cls="tinthead", kind="box")
        s.p(4, kind="box")
        s.p(3, kind="box")
        s.open('</div><div class="two">')
        for _ in range(4):
            s.p(4)
        s.open("</div>")
    weasy(s, folder, "@page{size:A4;margin:20mm 18mm 24mm;@bottom-left{content:counter(page) '   National Security Review';font-size:8pt}} .tint{background:#f3e9d8;padding:9pt 11pt;margin:.8em 0;break-inside:avoid;font-size:9.3pt}.tinthead{font-weight:bold}",
          lambda n, _, __: [("page_number", f"{n} National Security Review")])  # fmt: skip


@layout("wp_captions_columns", "es", "pictures within columns, captions below, sources under them")
def _captions(s: Paper, folder: Path) -> None:
    s.open('<div class="two">')
    n = 0
    for _ in range(3 * s.length):
        s.h(2)
        for _ in range(2):
            s.p(4)
        n += 1
        s.open('<div class="keep">')
        s.picture(45)
        s.p(text=f"Figura {n}. {s.title()}", cls="cap", kind="caption")
        s.open("</div>")
        s.p(4)
    s.open("</div>")
    weasy(s, folder, "@page{size:A4;margin:20mm;@top-right{content:'Cuadernos de Defensa';font-size:8pt}@bottom-right{content:counter(page);font-size:8pt}} html{font:9.5pt/1.35 Carlito} .keep{break-inside:avoid}",
          lambda n, _, __: [("header", "Cuadernos de Defensa"), ("page_number", str(n))])  # fmt: skip


@layout("cr_notes_two_columns", "en", "one column, footnotes set in two columns at the foot, a rule over them")
def _notes_two(s: Paper, folder: Path) -> None:
    k = 0
    for page in range(2 * s.length):
        s.open('<div class="sheet">')
        s.open('<div class="rh">Maritime Cooperation Paper</div>')
        s.h(2)
        notes = []
        for i in range(4):
            text = s.text(3)
            if i < 4:
                k += 1
                notes.append((k, s.source.take("sentences")))
                s.block("paragraph", text, f"<p>{e(text)}<sup>{k}</sup></p>")
        s.truth.footnotes += [t for _, t in notes]
        s.open('<div class="notes">' + "".join(f"<p><sup>{n}</sup> {e(t)}</p>" for n, t in notes) + f'</div><div class="fo">{page + 1}</div></div>')
    chromium(s, folder, "@page{size:170mm 240mm;margin:0} .sheet{position:relative;width:170mm;height:239mm;break-after:page;padding:22mm 20mm;box-sizing:border-box;overflow:hidden} .rh{position:absolute;top:10mm;left:20mm;font-size:8pt} .fo{position:absolute;bottom:9mm;left:0;right:0;text-align:center;font-size:9pt}"
             "sup{font-size:60%;line-height:0} .notes{position:absolute;left:20mm;right:20mm;bottom:18mm;columns:2;column-gap:6mm;font-size:7.5pt;line-height:1.25;border-top:.5pt solid #000;padding-top:2mm} .notes p{margin:0 0 2pt;break-inside:avoid}",
             lambda n, _, __: [("header", "Maritime Cooperation Paper"), ("page_number", str(n))])  # fmt: skip


@layout("wp_endnotes", "en", "calls in the text, the notes at the end in two columns")
def _endnotes(s: Paper, folder: Path) -> None:
    notes = []
    for _ in range(3 * s.length):
        s.h(2)
        for _ in range(3):
            text = s.text(3)
            notes.append(s.source.take("sentences"))
            s.block("paragraph", text, f"<p>{e(text)}<sup>{len(notes)}</sup></p>")
    s.h(1, "Notes", cls="new")
    s.open('<div class="two small">')
    for i, note in enumerate(notes, 1):
        s.truth.footnotes.append(note)
        s.open(f'<p class="en">{i}. {e(note)}</p>')
    s.open("</div>")
    weasy(s, folder, "@page{size:B5;margin:20mm 18mm;@bottom-center{content:counter(page);font-size:9pt}} sup{font-size:65%;line-height:0} .small{font-size:8pt;line-height:1.3} .en{padding-left:1.5em;text-indent:-1.5em;margin-bottom:3pt}",
          lambda n, _, __: [("page_number", str(n))])  # fmt: skip


@layout("wp_paragraphs_uk", "en", "chapter numbers over titles, paragraphs numbered 1.23 in the margin, lists in them")
def _uk(s: Paper, folder: Path) -> None:
    for chapter in range(1, 1 + 2 * s.length):
        s.h(4, f"Chapter {chapter}", cls="new chap")
        s.h(1)
        n = 0
        for _ in range(2):
            s.h(3)
            for _ in range(3):
                n += 1
                text = s.text(4)
                s.block("paragraph", f"{chapter}.{n} {text}", f'<div class="np"><span>{chapter}.{n}</span><p>{e(text)}</p></div>')
            s.ul(3, cls="in")
    weasy(s, folder, "@page{size:A4;margin:25mm 22mm 25mm 38mm;@bottom-left{content:'Strategic Review';font:8pt Lato}@bottom-right{content:counter(page);font:8pt Lato}} html{font:10.5pt/1.45 Lato} .chap{font-size:12pt;color:#567;font-weight:normal} .np{position:relative} .np span{position:absolute;left:-16mm}",
          lambda n, _, __: [("footer", "Strategic Review"), ("page_number", str(n))])  # fmt: skip


@layout("cr_bilingual", "en", "English and French in columns side by side that run on their own, a line between")
def _bilingual(s: Paper, folder: Path) -> None:
    other = Paper(s.name, "fr", s.random.randrange(1 << 30), 1)
    for _ in range(2 * s.length):
        s.open('<div class="pair"><div class="l" lang="en-GB">')
        s.h(3)
        for _ in range(5):
            s.p(3)
        s.open('</div><div class="r" lang="fr">')
        s.h(3, other.title())
        for _ in range(5):
            s.p(text=other.text(3))
        s.open("</div></div>")
    chromium(s, folder, "@page{size:letter;margin:20mm;@top-center{content:'Canada-type Gazette / Gazette';font-size:8pt}@bottom-center{content:counter(page);font-size:8pt}} .pair{display:flex;break-after:page;font-size:9.5pt} .l,.r{flex:1;text-align:justify;hyphens:auto} .l{border-right:.5pt solid #444;padding-right:4mm} .r{padding-left:4mm}",
             lambda n, _, __: [("header", "Canada-type Gazette / Gazette"), ("page_number", str(n))])  # fmt: skip


@layout("wp_gazette_es", "es", "state gazette: a head of three parts between lines, articles with bold titles run in, a foot with code and address")
def _gazette(s: Paper, folder: Path) -> None:
    s.h(3, s.title(), upper=True, cls="sec")
    s.p(3)
    for n in range(1, 1 + 9 * s.length):
        name = s.title()
        text = s.text(3)
        s.block("paragraph", f"Artículo {n}. {name}. {text}", f"<p><b>Artículo {n}. <i>{e(name)}.</i></b> {e(text)}</p>")
        if n % 3 == 0:
            for i in range(3):
                own = s.source.take("items")
                s.block("list_item", f"{'abc'[i]}) {own}", f'<p class="let">{"abc"[i]}) {e(own)}</p>')
    weasy(s, folder, "@page{size:A4;margin:34mm 22mm 26mm;@top-left{content:'Núm. 118';font:8.5pt Carlito;border-bottom:.7pt solid}@top-center{content:'Lunes 18 de mayo de 2031';font:8.5pt Carlito;width:40%;border-bottom:.7pt solid}@top-right{content:'Sec. I.   Pág. ' counter(page);font:8.5pt Carlito;border-bottom:.7pt solid}"
          "@bottom-left{content:'cve: GAZ-A-2031-7703';font:8pt Carlito}@bottom-right{content:'Verificable en el registro';font:8pt Carlito}} .sec{text-transform:uppercase;text-align:center} .let{padding-left:8mm} p{text-align:justify;hyphens:auto}",
          lambda n, _, __: [("header", "Núm. 118"), ("header", "Lunes 18 de mayo de 2031"), ("page_number", f"Sec. I. Pág. {n}"), ("footer", "cve: GAZ-A-2031-7703"), ("footer", "Verificable en el registro")])  # fmt: skip


@layout("wp_gazette_columns_es", "es", "old gazette: two narrow columns with a line between, titles centred in capitals")
def _gazette_columns(s: Paper, folder: Path) -> None:
    s.open('<div class="two ruled">')
    n = 0
    for _ in range(4 * s.length):
        s.h(4, s.title(), upper=True, cls="mid")
        for _ in range(3):
            n += 1
            text = s.text(3)
            s.block("paragraph", f"Art. {n}.º {text}", f"<p>Art. {n}.º {e(text)}</p>")
    s.open("</div>")
    weasy(s, folder, "@page{size:200mm 280mm;margin:26mm 15mm 15mm;@top-left{content:counter(page);border-bottom:1pt solid;font-size:9pt}@top-center{content:'4 abril 2031';width:50%;border-bottom:1pt solid;font-size:9pt}@top-right{content:'B. O. del E.—Núm. 81';border-bottom:1pt solid;font-size:9pt}}"
          ".ruled{column-rule:.5pt solid #000;font-size:8.5pt;line-height:1.25} .mid{text-align:center;text-transform:uppercase;font-size:8.5pt} p{text-indent:1.2em;margin:0}",
          lambda n, _, __: [("page_number", str(n)), ("header", "4 abril 2031"), ("header", "B. O. del E.—Núm. 81")])  # fmt: skip


@layout("wp_decree_fr", "fr", "decree: recitals, articles with centred titles, signatures to the right")
def _decree(s: Paper, folder: Path) -> None:
    s.h(2, f"Décret n° 2031-{s.random.randint(100, 900)} du 14 juin 2031 relatif à la coopération")
    for _ in range(5):
        s.p(text="Vu " + s.source.take("sentences")[0].lower() + s.source.take("sentences")[1:140].rstrip(" .,;:") + " ;")
    s.p(text="Décrète :", cls="mid")
    for n in range(1, 1 + 6 * s.length):
        s.h(4, "Article 1er" if n == 1 else f"Article {n}", cls="mid")
        s.p(3)
        if n % 2:
            s.p(2)
    s.p(text="Fait le 14 juin 2031.")
    s.p(text="Par le Premier ministre :", cls="right")
    s.p(text="Le ministre des armées, Luc Bertrand", cls="right")
    weasy(s, folder, "@page{size:A4;margin:26mm 24mm;@top-left{content:'14 juin 2031';font:8pt Carlito}@top-center{content:'JOURNAL OFFICIEL DE LA RÉPUBLIQUE';font:8pt Carlito}@top-right{content:'Texte ' counter(page) ' sur ' counter(pages);font:8pt Carlito}} .mid{text-align:center} .right{text-align:right} html{font:11pt/1.4 'Linux Libertine O'}",
          lambda n, k, _: [("header", "14 juin 2031"), ("header", "JOURNAL OFFICIEL DE LA RÉPUBLIQUE"), ("page_number", f"Texte {n} sur {k}")])  # fmt: skip


@layout("wp_long_table", "en", "a table over several pages, its head repeated, lines below the rows")
def _long_table(s: Paper, folder: Path) -> None:
    s.h(2)
    s.p(3)
    s.table(
        ["Country", "Instrument", "Lead", "Result expected"],
        [[s.prose.word("c"), s.source.take("items").rstrip(";."), s.cell(), s.sentence()] for _ in range(22 * s.length)],
        "lines",
        repeat=True,
    )
    s.h(2)
    s.p(4)
    s.p(4)
    weasy(s, folder, "@page{size:letter;margin:20mm;@top-right{content:'Annex: Programmes by Country';font-size:8pt}@bottom-right{content:counter(page);font-size:8pt}} html{font-family:'Open Sans';font-size:9.5pt} .lines td{border-bottom:.4pt solid #999} th{background:#dfe6ee} td:first-child{width:18%} td:nth-child(4){width:40%}",
          lambda n, _, __: [("header", "Annex: Programmes by Country"), ("page_number", str(n))])  # fmt: skip


@layout("wp_wide_table_turned", "fr", "a landscape page with a wide table between upright ones, its head and foot along")
def _turned(s: Paper, folder: Path) -> None:
    for _ in range(s.length):
        s.h(2)
        for _ in range(4):
            s.p(4)
        s.open('<div class="turned">')
        s.table([s.title() for _ in range(6)], [[s.cell() for _ in range(6)] for _ in range(9)], "grid")
        s.open("</div>")
        s.h(2)
        for _ in range(3):
            s.p(4)
    weasy(s, folder, "@page{size:A4;margin:22mm;@top-left{content:'Rapport annexé';font-size:8pt}@bottom-right{content:counter(page);font-size:8pt}} @page t{size:A4 landscape} .turned{page:t} .grid td,.grid th{border:.5pt solid #000}",
          lambda n, _, __: [("header", "Rapport annexé"), ("page_number", str(n))])  # fmt: skip


@layout("wp_foreword", "en", "cover, foreword letter with signature and office, then chapters")
def _foreword(s: Paper, folder: Path) -> None:
    s.truth.blocks.append(("title", "The Defence of Norland 2031"))
    s.open('<h1 class="cover">The Defence of Norland 2031</h1>')
    s.p(text="Presented to Parliament by the Minister of Defence", cls="sub")
    s.p(text="May 2031", cls="sub")
    s.h(1, "Foreword by the Minister", cls="new")
    for _ in range(4):
        s.p(3)
    s.p(text="Eleanor Alder", cls="sig")
    s.p(text="Minister of Defence", cls="sig2")
    for _ in range(2 * s.length):
        s.h(1, cls="new")
        for _ in range(5):
            s.p(4)
    weasy(s, folder, "@page{size:A4;margin:25mm 28mm;@bottom-right{content:counter(page);font-size:9pt}@bottom-left{content:'The Defence of Norland 2031';font-size:9pt}} @page:first{@bottom-right{content:none}@bottom-left{content:none}} .cover{font-size:34pt;margin-top:70mm} .sub{font-size:13pt;margin-top:12mm} .sig{margin-top:16mm;font-style:italic;font-size:13pt} html{font-size:11pt}",
          lambda n, _, __: [("page_number", str(n)), ("footer", "The Defence of Norland 2031")] if n > 1 else [])  # fmt: skip


@layout("wp_contents_levels", "fr", "contents of three levels with leaders, roman numbers before, arabic after")
def _contents(s: Paper, folder: Path) -> None:
    s.h(1, "Sommaire")
    body = Paper(s.name, s.language, s.random.randrange(1 << 30), 1)
    entries: list[tuple[int, str, str]] = []
    for part in range(1, 3 + s.length):
        for level, number in ((1, f"{'I' * part}."), (2, f"{part}.1."), (2, f"{part}.2."), (3, f"{part}.2.1.")):
            text = f"{number} {body.title()}"
            entries.append((level, text, body.h(level, text, cls="new" if level == 1 else "")))
            body.p(4)
            if level > 1:
                body.p(3)
    for level, text, anchor in entries:
        s.block("contents", text, f'<p class="toc t{level}"><a href="#{anchor}">{e(text)}</a></p>')
    s.h(1, "Avant-propos", cls="new")
    for _ in range(3):
        s.p(4)
    s.open('<div class="body">')
    s.truth.blocks += body.truth.blocks
    s.html += [re.sub(r'id="a', 'id="a', m) for m in body.html]
    s.open("</div>")
    # Anchors of the body were counted on their own: those of the front come after them.
    s.html[0] = s.html[0].replace('id="a1"', 'id="front"')
    s.html = [m.replace('id="a2" class="new">Avant', 'id="f2" class="new">Avant') for m in s.html]
    weasy(s, folder, "@page{size:176mm 250mm;margin:20mm;@bottom-center{content:counter(page,lower-roman);font-size:8.5pt}} .toc{margin:0 0 2pt} .t2{padding-left:5mm}.t3{padding-left:10mm} .toc a{color:#000;text-decoration:none} .toc a::after{content:leader('. ') target-counter(attr(href),page)}"
          ".body{page:b} @page b{@bottom-center{content:none}@bottom-right{content:counter(page);font-size:8.5pt}@top-left{content:'Livre blanc sur la défense';font-size:8.5pt}}",
          lambda n, _, at: [("header", "Livre blanc sur la défense"), ("page_number", str(n))] if n >= at["a1"] else [("page_number", ["", "i", "ii", "iii", "iv", "v"][n])])  # fmt: skip


@layout("wp_glossary_columns", "en", "abbreviations and glossary in two columns")
def _glossary(s: Paper, folder: Path) -> None:
    for _ in range(s.length):
        s.h(1)
        for _ in range(4):
            s.p(4)
    s.h(1, "Abbreviations", cls="new")
    s.open('<div class="two">')
    for short, long in TERMS["en"]:
        s.block("glossary", f"{short} {long}", f'<p class="ab"><b>{short}</b><span>{long}</span></p>')
    s.open("</div>")
    s.h(1, "Glossary")
    s.open('<div class="two">')
    for _, long in TERMS["en"]:
        text = f"{long}: {s.sentence()}"
        s.block("glossary", text, f'<p class="gl"><b>{e(long)}:</b> {e(text[len(long) + 2 :])}</p>')
    s.open("</div>")
    weasy(s, folder, "@page{size:A4;margin:22mm;@bottom-center{content:counter(page);font-size:9pt}} html{font:9.5pt/1.35 'Linux Libertine O'} .ab{position:relative;padding-left:20mm;text-align:left} .ab b{position:absolute;left:0} .gl{text-align:left}",
          lambda n, _, __: [("page_number", str(n))])  # fmt: skip


@layout("wp_annexes", "es", "annexes with letters, numbered headings, lists with letters and roman numbers")
def _annexes(s: Paper, folder: Path) -> None:
    for letter in "ABC"[: 1 + s.length]:
        s.h(1, f"Anexo {letter}. {s.title()}", cls="new")
        for n in (1, 2, 3):
            s.h(3, f"{letter}.{n} {s.title()}")
            s.p(4)
            s.p(text="Las medidas son las siguientes:")
            s.ul(3, tag="ol", cls="lab", label=(lambda i: f"{'abc'[i]})") if n % 2 else (lambda i: f"({('i', 'ii', 'iii')[i]})"), sentences=True)
    weasy(s, folder, "@page{size:A4;margin:24mm 26mm;@bottom-right{content:'Pág. ' counter(page) ' de ' counter(pages);font-size:8.5pt}} .lab{list-style:none;padding-left:9mm} .lab li{position:relative} .lab li::before{content:attr(data-l);position:absolute;left:-8mm} html{font:10pt/1.35 Caladea}",
          lambda n, k, _: [("page_number", f"Pág. {n} de {k}")])  # fmt: skip


@layout("wp_chapter_heads", "en", "running heads name the chapter, feet alternate and carry the number within their text")
def _chapter_heads(s: Paper, folder: Path) -> None:
    chapters = []
    for _ in range(3 * s.length):
        text = s.title()
        chapters.append((s.h(1, text), text))
        for _ in range(5):
            s.p(4)
    weasy(s, folder, "@page{size:156mm 234mm;margin:20mm 17mm} h1{string-set:c content()} @page:left{@top-left{content:string(c);font:italic 8pt Lato}@bottom-left{content:'Ministry of Defence | ' counter(page) ' | White Paper';font:8pt Lato}} @page:right{@top-right{content:string(c);font:italic 8pt Lato}@bottom-right{content:'White Paper | ' counter(page) ' | Ministry of Defence';font:8pt Lato}}",
          lambda n, _, at: [("header", current(chapters, n, at)), ("page_number", f"White Paper | {n} | Ministry of Defence" if n % 2 else f"Ministry of Defence | {n} | White Paper")])  # fmt: skip


@layout("wp_watermark", "en", "DRAFT across each page behind the text, lines of classification at head and foot")
def _watermark(s: Paper, folder: Path) -> None:
    for _ in range(2 * s.length):
        s.h(2)
        for _ in range(4):
            s.p(4)
    s.open('<div class="mark">DRAFT</div>')
    weasy(s, folder, "@page{size:letter;margin:25mm;@top-center{content:'OFFICIAL – SENSITIVE';font-size:9pt}@bottom-center{content:'OFFICIAL – SENSITIVE';font-size:9pt}@bottom-right{content:counter(page);font-size:9pt}} .mark{position:fixed;top:95mm;left:25mm;font:bold 90pt 'Open Sans';color:#e2e2e2;transform:rotate(-45deg)}",
          lambda n, _, __: [("header", "OFFICIAL – SENSITIVE"), ("footer", "OFFICIAL – SENSITIVE"), ("page_number", str(n)), ("header", "DRAFT")])  # fmt: skip


@layout("wp_narrow", "es", "four narrow justified columns on a broad sheet, hyphens everywhere")
def _narrow(s: Paper, folder: Path) -> None:
    for _ in range(s.length):
        s.h(1)
        s.open('<div class="four">')
        for _ in range(6):
            s.h(4)
            s.p(4)
            s.p(4)
        s.open("</div>")
    weasy(s, folder, "@page{size:A3;margin:18mm;@top-center{content:'El Defensor – suplemento';font-size:9pt}@bottom-center{content:counter(page);font-size:9pt}} .four{columns:4;column-gap:5mm;text-align:justify;hyphens:auto;font-size:9pt;line-height:1.3}",
          lambda n, _, __: [("header", "El Defensor – suplemento"), ("page_number", str(n))])  # fmt: skip


@layout("cr_initials", "fr", "drop capitals, first lines in small capitals, spaced headings")
def _initials(s: Paper, folder: Path) -> None:
    for _ in range(2 * s.length):
        s.h(2, s.title(), upper=True, cls="sp")
        text = s.text(5)
        s.block("paragraph", text, f'<p class="first">{e(text)}</p>')
        for _ in range(4):
            s.p(3)
    chromium(s, folder, "@page{size:165mm 240mm;margin:20mm;@bottom-center{content:counter(page);font-size:9pt}} .sp{text-transform:uppercase;letter-spacing:.35em;font-size:11pt;font-weight:normal} .first::first-letter{float:left;font-size:38pt;line-height:.8;padding:2pt 3pt 0 0} p{text-align:justify;hyphens:auto;margin:0;text-indent:1.3em} .first{text-indent:0} html{font:10.5pt/1.35 'Linux Libertine O'}",
          lambda n, _, __: [("page_number", str(n))])  # fmt: skip


@layout("wp_over_picture", "en", "headings in white over pictures, captions above tables")
def _over_picture(s: Paper, folder: Path) -> None:
    for k in range(1, 1 + 2 * s.length):
        s.open('<div class="hero">')
        s.h(1)
        s.p(text=s.source.take("sentences"))
        s.open("</div>")
        for _ in range(3):
            s.p(4)
        s.p(text=f"Table {k}: {s.title()}", cls="cap", kind="caption")
        s.table([s.title() for _ in range(3)], [[s.cell() for _ in range(3)] for _ in range(4)], "rows")
        s.p(3)
    weasy(s, folder, "@page{size:A4;margin:20mm;@bottom-right{content:counter(page);font-size:8pt}} .hero{background:linear-gradient(#456,#234);color:#fff;padding:14mm 10mm;margin-bottom:6mm;break-inside:avoid} .rows tr:nth-child(even){background:#eee} .rows th{background:#345;color:#fff} html{font-family:Lato;font-size:9.5pt}",
          lambda n, _, __: [("page_number", str(n))])  # fmt: skip


@layout("wp_side_tabs", "en", "a tab at the outer edge with the part's name along the page")
def _side_tabs(s: Paper, folder: Path) -> None:
    for _ in range(2 * s.length):
        s.h(2)
        for _ in range(5):
            s.p(4)
    s.open('<div class="tab">PARTNERSHIPS</div>')
    weasy(s, folder, "@page{size:A4;margin:24mm 26mm;@bottom-center{content:counter(page);font-size:9pt}} .tab{position:fixed;right:-24mm;top:60mm;width:90mm;height:8mm;background:#357;color:#fff;font:bold 9pt/8mm Lato;text-align:center;transform:rotate(90deg) translate(0,-36mm)}",
          lambda n, _, __: [("page_number", str(n)), ("header", "PARTNERSHIPS")])  # fmt: skip


@layout("wp_run_in", "en", "bold words begin paragraphs; recommendations numbered in bold")
def _run_in(s: Paper, folder: Path) -> None:
    s.open('<div class="two">')
    k = 0
    for _ in range(3 * s.length):
        s.h(2)
        for _ in range(3):
            name = s.title()
            text = s.text(3)
            s.block("paragraph", f"{name}. {text}", f"<p><b>{e(name)}.</b> {e(text)}</p>")
        k += 1
        text = s.sentence()
        s.block("paragraph", f"Recommendation {k}: {text}", f"<p><b>Recommendation {k}:</b> {e(text)}</p>")
    s.open("</div>")
    weasy(s, folder, "@page{size:A4;margin:20mm;@top-left{content:'Report of the Commission';font-size:8pt}@top-right{content:counter(page);font-size:8pt}} html{font:9.5pt/1.35 'Open Sans'} .two{text-align:left;hyphens:manual}",
          lambda n, _, __: [("header", "Report of the Commission"), ("page_number", str(n))])  # fmt: skip


@layout("wp_nested_lists", "en", "lists in lists, bullets of two kinds, items of several lines, two columns")
def _nested(s: Paper, folder: Path) -> None:
    s.open('<div class="two">')
    for _ in range(3 * s.length):
        s.h(3)
        s.p(3)
        s.p(text="We will therefore:")
        s.open("<ul>")
        for _ in range(3):
            text = s.sentence()
            s.block("list_item", text, f"<li>{e(text)}<ul>")
            for _ in range(2):
                own = s.source.take("items")
                s.block("list_item", own, f"<li>{e(own)}</li>")
            s.open("</ul></li>")
        s.open("</ul>")
        s.p(3)
    s.open("</div>")
    weasy(s, folder, "@page{size:letter;margin:19mm;@bottom-center{content:'Page ' counter(page);font-size:8pt}} html{font:9.5pt/1.35 Carlito} ul ul{list-style:'– '} .two{text-align:left}",
          lambda n, _, __: [("page_number", f"Page {n}")])  # fmt: skip


@layout("wp_timeline", "en", "dates to the left, what happened to the right, no lines")
def _timeline(s: Paper, folder: Path) -> None:
    for _ in range(s.length):
        s.h(2)
        s.p(4)
        s.p(3)
        s.table(["Date", "Event"], [[f"{s.random.choice(['January', 'March', 'June', 'October'])} {2026 + i}", s.text(1)] for i in range(7)])
        s.p(4)
        s.h(2)
        s.p(4)
    weasy(s, folder, "@page{size:A4;margin:25mm;@bottom-center{content:counter(page);font-size:9pt}} table td:first-child{width:28mm} table{font-size:10pt}",
          lambda n, _, __: [("page_number", str(n))])  # fmt: skip


@layout("cr_web", "en", "a page of the net as printed: quotes set in, nested lists, a table of facts with lines")
def _web(s: Paper, folder: Path) -> None:
    s.h(1, "National defence strategy 2031")
    for _ in range(2 * s.length):
        s.h(2)
        s.p(3)
        s.block("paragraph", (text := s.text(2)), f"<blockquote>{e(text)}</blockquote>")
        s.p(text="The strategy rests on these aims:")
        s.ul(4)
        s.table(
            ["Measure", "Year", "Cost"],
            [
                [s.source.take("items").rstrip(";."), str(s.random.randint(2026, 2040)), f"{s.random.randint(10, 99)}.{s.random.randint(0, 9)}"]
                for _ in range(4)
            ],
            "t",
        )
        s.p(3)
        s.p(3)
    chromium(s, folder, "@page{size:letter;margin:16mm;@bottom-right{content:counter(page) '/' counter(pages);font-size:8pt}} html{font:11pt/1.5 'Liberation Sans'} blockquote{border-left:4pt solid #bbb;padding-left:5mm;margin:0 0 .6em} .t td,.t th{border-bottom:1pt solid #bbb}",
             lambda n, k, _: [("page_number", f"{n}/{k}")])  # fmt: skip


@layout("cr_columns_unequal", "fr", "a wide and a narrow column of text that both run over pages' height, narrow one with news in brief")
def _unequal(s: Paper, folder: Path) -> None:
    for page in range(2 * s.length):
        s.open('<div class="pg"><div class="wide">')
        s.h(2)
        for _ in range(5):
            s.p(4)
        s.open('</div><div class="slim">')
        s.h(4, "En bref")
        for _ in range(4):
            s.p(2)
        s.open(f'</div><div class="fo">{page + 1} &nbsp;&nbsp; La revue de défense</div></div>')
    chromium(s, folder, "@page{size:A4;margin:0} .pg{position:relative;height:296mm;break-after:page;padding:20mm 18mm;box-sizing:border-box;display:flex;gap:7mm} .wide{flex:2.4;text-align:justify;hyphens:auto} .slim{flex:1;font-size:8.5pt;line-height:1.3;border-left:.5pt solid #999;padding-left:4mm} .fo{position:absolute;left:18mm;bottom:10mm;font-size:8pt}",
             lambda n, _, __: [("page_number", f"{n} La revue de défense")])  # fmt: skip


@layout("cr_letter_spaced", "en", "headings in spaced capitals and small capitals, centred, lines between sections")
def _spaced(s: Paper, folder: Path) -> None:
    for _ in range(3 * s.length):
        s.h(2, s.title(), upper=True, cls="sp")
        for _ in range(3):
            s.p(4)
        s.open("<hr>")
    chromium(s, folder, "@page{size:A5;margin:16mm 15mm;@top-center{content:'A Policy for Peace';font-size:7.5pt;font-variant:small-caps}@bottom-center{content:counter(page);font-size:8pt}} .sp{text-transform:uppercase;letter-spacing:.22em;text-align:center;font:600 9.5pt 'Open Sans'} html{font-size:9pt} hr{border:0;border-top:.4pt solid #999;width:30mm}",
             lambda n, _, __: [("header", "A Policy for Peace"), ("page_number", str(n))])  # fmt: skip


@layout("lo_memo", "en", "LibreOffice: a memorandum with numbered headings, tables with borders, lists")
def _memo(s: Paper, folder: Path) -> None:
    s.open("<p></p>")  # the program drops the first element of a page of the net
    for n in range(1, 1 + 3 * s.length):
        s.h(2, f"{n}. {s.title()}")
        s.p(4)
        s.p(3)
        if n % 2:
            s.ul(4)
        else:
            s.open('<div class="t">')
            head, rows = [s.title() for _ in range(3)], [[s.cell() for _ in range(3)] for _ in range(4)]
            s.truth.tables += 1
            s.truth.blocks += [("table_cell", c) for r in [head, *rows] for c in r]
            s.open('<table border="1">' + "".join("<tr>" + "".join(f"<td>{e(c)}</td>" for c in r) + "</tr>" for r in [head, *rows]) + "</table></div>")
        s.p(3)
    office(s, folder, "")


# --- ReportLab, line by line ---
def _press(s: Paper, seed: int, **options: Any) -> Any:
    import layouts

    press = layouts.Press(s.name, s.language, seed, **options)
    press.truth = s.truth
    return press


@layout("rl_line_numbers", "en", "a draft with the number of every fifth line in the margin")
def _line_numbers(s: Paper, folder: Path) -> None:
    import layouts

    press = _press(s, s.random.randrange(1 << 30), body="Helvetica", bold="Helvetica-Bold", leading=15, justify=False, hyphenate=False)

    def frames(p: Any) -> list[tuple[float, float, float, float]]:
        p.furniture("footer", 80, 40, "Draft of 3 May 2031")
        p.furniture("page_number", 520, 40, str(p.page), align="right")
        return [(90, 80, 430, 690)]

    press.on_page = frames
    press.next_page()
    while press.page < 2 * s.length:
        press.heading(s.title())
        for _ in range(3):
            press.paragraph(s.text(4))
    for page in range(1, press.page + 1):
        bases = sorted({round(op.y, 1) for op in press.ops if op.page == page and op.x >= 85 and op.y > 60}, reverse=True)
        for i, y in enumerate(bases, 1):
            if i % 5 == 0:
                press.ops.append(layouts.Op(page, 62, y, str(i), "Helvetica", 8))
                s.truth.furniture.append((page, "page_number", str(i)))
    press.save(folder)


@layout("rl_roman", "en", "page labels: roman numbers before, arabic from 1 after; heads with a line below")
def _roman(s: Paper, folder: Path) -> None:
    press = _press(s, s.random.randrange(1 << 30), body="Times-Roman", size=11, leading=13.5, indent=14, gap=0)
    front = 3
    roman = ["", "i", "ii", "iii"]

    def frames(p: Any) -> list[tuple[float, float, float, float]]:
        n = p.page
        p.furniture("header", 72, 795, "Review of Armed Forces Cooperation" if n > front else "Preface", font="Times-Italic", size=9)
        p.furniture("page_number", 523, 795, roman[n] if n <= front else str(n - front), align="right", size=9)
        p.shapes.append((n, lambda c: c.line(72, 790, 523, 790)))
        return [(72, 70, 451, 705)]

    press.on_page = frames
    press.next_page()
    while press.page < front + 2 * s.length:
        press.heading(s.title(), size=13)
        for _ in range(4):
            press.paragraph(s.text(4), note=s.source.take("sentences") if s.random.random() < 0.3 else None)
    press.save(folder)


@layout("rl_sideways", "es", "every page turned by 270 degrees, two columns, rows in the stream")
def _sideways(s: Paper, folder: Path) -> None:
    import layouts

    press = _press(s, s.random.randrange(1 << 30), body="Helvetica", bold="Helvetica-Bold", size=9, leading=11.5, stream="rows")

    def frames(p: Any) -> list[tuple[float, float, float, float]]:
        p.furniture("header", 297, 805, "Plan Director de Cooperación", align="center")
        p.furniture("page_number", 297, 36, f"— {p.page} —", align="center")
        return layouts.columns(2, gutter=22)

    press.on_page = frames
    press.next_page()
    while press.page < 2 * s.length:
        press.heading(s.title())
        for _ in range(3):
            press.paragraph(s.text(4))
        press.items(3, lambda i: f"{i + 1}.")
    press.save(folder, rotate=270)


@layout("rl_gazette", "fr", "three columns with lines between, articles, footnotes over the width, words set one by one")
def _rl_gazette(s: Paper, folder: Path) -> None:
    import layouts

    press = _press(s, s.random.randrange(1 << 30), size=8.5, leading=10.2, words_apart=True, indent=8, gap=0, stream="rows")
    press.note_room = 60

    def frames(p: Any) -> list[tuple[float, float, float, float]]:
        n = p.page
        p.furniture("page_number", 56 if n % 2 == 0 else 539, 806, str(400 + n), align="left" if n % 2 == 0 else "right")
        p.furniture("header", 297, 806, "BULLETIN OFFICIEL DES ARMÉES", align="center")
        for x in (215.3, 379.7):
            p.shapes.append((n, lambda c, x=x: c.line(x, 140, x, 785)))
        return layouts.columns(3, gutter=16, bottom=140)

    press.on_page = frames
    press.next_page()
    k = 0
    while press.page <= 2 * s.length:
        k += 1
        press.heading(f"Article {k}", size=9.5)
        for i in range(3):
            press.paragraph(s.text(3), note=s.source.take("sentences") if i == 1 and k % 3 == 0 else None)
    press.save(folder)


@layout("fp_brief", "en", "fpdf2: a brief on small paper, headings in colour, lists with dashes")
def _brief(s: Paper, folder: Path) -> None:
    from fpdf import FPDF

    class Sheet(FPDF):
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font("Helvetica", "", 7)
            self.cell(60, 5, "Policy Brief 7/2031")
            self.cell(0, 5, f"{self.page_no()}", align="R")
            s.truth.furniture.extend([(self.page_no(), "footer", "Policy Brief 7/2031"), (self.page_no(), "page_number", str(self.page_no()))])

    def plain(text: str) -> str:
        return text.translate({0x2013: "-", 0x2014: "-", 0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}).encode("latin-1", "replace").decode("latin-1")

    pdf = Sheet(format=(148, 210))
    pdf.set_auto_page_break(True, 18)
    pdf.add_page()
    for n in range(4 * s.length):
        head = plain(s.title())
        pdf.set_font("Helvetica", "B", 12)
        pdf.set_text_color(20, 60, 110)
        pdf.multi_cell(0, 6, head, align="L", new_x="LMARGIN", new_y="NEXT")
        pdf.set_text_color(0)
        pdf.set_font("Helvetica", "", 9)
        s.truth.blocks.append(("heading", head))
        for _ in range(2):
            text = plain(s.text(4))
            pdf.multi_cell(0, 4.4, text, align="J", new_x="LMARGIN", new_y="NEXT")
            pdf.ln(2)
            s.truth.blocks.append(("paragraph", text))
        if n % 2:
            for _ in range(3):
                text = plain(s.source.take("items"))
                pdf.set_x(14)
                pdf.multi_cell(0, 4.4, f"- {text}", align="L", new_x="LMARGIN", new_y="NEXT")
                s.truth.blocks.append(("list_item", text))
            pdf.ln(2)
    pdf.output(str(folder / f"{s.name}.pdf"))
    s.truth.save(folder, pdf.page_no())


def draw(name: str, folder: Path, pages: int = 6, seed: int = 1) -> None:
    """Set one layout, about as many pages as wanted."""
    language, _, make = LAYOUTS[name]
    make(Paper(name, language, seed, max(1, pages // 2)), folder)


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for one in LAYOUTS:
        missing = available(one)
        if missing:
            print(f"{one}: skipped, {missing}")
        else:
            draw(one, out, seed=int(sys.argv[2]) if len(sys.argv) > 2 else 1)
