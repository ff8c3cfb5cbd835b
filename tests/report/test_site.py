"""The report of a small invented run: links, numbers, escaping, failures."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pandas as pd
import pytest
from doors import doors, opened, sentence_rows

from ddextract.codebook import Codebook
from ddextract.corpus import Strategy
from ddextract.document import Block, Document, Page
from ddextract.errors import InputError
from ddextract.job import DocumentResult, Run, Settings
from ddextract.lists import check_items, check_profiles, load_lists
from ddextract.mention import ActorRef, Attribution, Ladder, Mention
from ddextract.profile import profile_states
from ddextract.report.method import DICTIONARY
from ddextract.report.overview import Cell, answer, cells
from ddextract.report.pages import printable
from ddextract.report.shelf import ending, make_shelf, opening, page_words, slug_names
from ddextract.report.site import build_site
from ddextract.tables import DOCUMENT_COLUMNS, MENTION_COLUMNS, document_row, mention_row

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SENTENCES = (
    ("We train officers of Mali in our staff college.", "train officers", "education_training", "does", "self"),
    ("We shall hold joint exercises with <script>alert('x')</script> & friends.", "joint exercises", "military_exercise", "will", "joint"),
    ("We have trained the officers of four partners.", "trained the officers", "education_training", "has_done", "self"),
    ("They train officers of their allies.", "train officers", "education_training", "does", "other"),
    ("We ended the staff talks.", "staff talks", "staff_talks", "ended", "self"),
)


def make_result(folder: Path, name: str, state: str | None, sentences: tuple[tuple[str, str, str, Ladder, str], ...], *, score: float = 0.8) -> DocumentResult:
    """Return a read document of one sentence per paragraph, two pages."""
    texts = [s[0] for s in sentences]
    text = "\n".join(texts)
    blocks, mentions, at = [], [], 0
    for number, (sentence, hit, code, ladder, holder) in enumerate(sentences):
        page = 1 + number // 3
        start = at + sentence.index(hit)
        blocks.append(Block("paragraph", at, at + len(sentence), page, section=("1 <b>What</b> we do",), language="en"))
        objective = Mention(name, "OBJECTIVE", "trust_building", at, at + 2, text[at : at + 2], sentence, at, page=page)
        counts = holder != "other" and ladder != "ended"
        instrument = Mention(
            name, "INSTRUMENT", code, start, start + len(hit), hit, sentence, at, ("1 <b>What</b> we do",), page, "i" * page,
            ((page, 72.0, 90.0, 150.0, 102.0),),
            attribution=Attribution(holder, ladder, None, (ActorRef("Mali", at, at + 4, "Mali", "state", "MLI"),) if number == 0 else ()),  # type: ignore[arg-type]
            objectives=(objective.id,) if number == 0 else (), score=score, rule=f"{code}/1", counts=counts, reason="" if counts else "holder is other",
        )  # fmt: skip
        actor = Mention(name, "ACTOR", "state", at, at + 2, "We", sentence, at, page=page, name="Us <i>")
        mentions += [actor, instrument, *([objective] if number == 0 else [])]
        at += len(sentence) + 1
    pages = (Page(1, "i", 595.0, 842.0), Page(2, "ii", 595.0, 842.0, quality=0.4, problems=("few <words>",)))
    document = Document(name, str(folder / "x.pdf"), "ab" * 32, text, tuple(blocks), pages, language="en", problems=("one <problem>",))
    path = folder / f"{slug_names([name])[name]}.pdf"
    strategy = Strategy(name, path, "ab" * 32, state, (state,) if state else (), 2031, "en", f"Title <script> of {name}", ("year",), "options")
    return DocumentResult(strategy, document, tuple(mentions), None, {}, 6000, {"de": 12})


def make_run(results: list[DocumentResult], codebook: Codebook) -> Run:
    """Return a run with its tables, as the main job makes them."""
    documents = pd.DataFrame([document_row(r) for r in results], columns=list(DOCUMENT_COLUMNS))
    codes = {m.id: m.code for r in results for m in r.mentions}
    mentions = pd.DataFrame([mention_row(m, codes) for r in results for m in r.mentions], columns=list(MENTION_COLUMNS))
    profiles = profile_states(mentions, documents, codebook)
    lists = load_lists(codebook)
    return Run(tuple(results), documents, mentions, profiles, check_profiles(profiles, lists), check_items(profiles, lists), codebook, Settings(), {})


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory, codebook: Codebook) -> Run:
    folder = tmp_path_factory.mktemp("inputs")
    joint = make_result(folder, "joint", "FRA", SENTENCES[:2])
    joint = replace(joint, strategy=replace(joint.strategy, issuers=("FRA", "XKX")))
    failed = DocumentResult(Strategy("bad.pdf", Path("bad.pdf"), ""), failure=InputError("in/<bad>.pdf", "not a <PDF>", "Give a PDF."))
    return make_run([failed, make_result(folder, "../evil id", "FRA", SENTENCES), joint, make_result(folder, "Nobody", None, SENTENCES[:1])], codebook)


@pytest.fixture(scope="module")
def site(small_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build_site(small_run, folder)
    return folder


def test_a_run_on_one_state_has_all_its_pages(tmp_path: Path, codebook: Codebook) -> None:
    build_site(make_run([make_result(tmp_path, "only", "POL", SENTENCES)], codebook), tmp_path / "site")
    text = (tmp_path / "site" / "comparison.html").read_text(encoding="utf-8")
    assert "cannot be decided: only one state was read" in text
    assert 'href="state/POL.html#?objective=trust_building&amp;counts=1">1</a>' in text


class Reading(HTMLParser):
    """Ids, references and the nesting of tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if len(given) != len(attrs):
            self.faults.append(f"attribute twice in {tag}")
        if given.get("id"):
            self.ids.append(str(given["id"]))
        self.references += [(tag, name, str(given[name])) for name in ("href", "src", "action", "srcset", "data") if given.get(name)]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:]} at line {self.getpos()[0]}")
        elif self.open:
            self.open.pop()


def read(path: Path) -> Reading:
    reading = Reading()
    reading.feed(path.read_text(encoding="utf-8"))
    return reading


def pages(site: Path) -> dict[Path, Reading]:
    return {path.resolve(): read(path) for path in sorted(site.rglob("*.html"))}


def test_every_page_is_there(site: Path, codebook: Codebook) -> None:
    names = {p.relative_to(site).as_posix() for p in site.rglob("*.html")}
    assert {
        "index.html",
        "comparison.html",
        "evaluation.html",
        "method.html",
        "state/FRA.html",
        "state/XKX.html",
        "document/evil-id.html",
        "document/joint.html",
        "document/Nobody.html",
    } <= names
    assert {f"instrument/{code}.html" for code in codebook.instruments} <= names
    assert len(names) == 9 + len(codebook.instruments)


def test_links_resolve_inside_the_report(site: Path) -> None:
    read_pages = pages(site)
    for path, page in read_pages.items():
        for tag, _, reference in page.references:
            parts = urlsplit(reference)
            assert not parts.scheme, (path, reference)
            assert not parts.netloc, (path, reference)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), (path, tag, reference)
            assert target.is_relative_to(site.resolve()), (path, reference)
            if parts.fragment.startswith("?"):
                assert "sentences" in read_pages[target].ids, (path, reference)
            elif parts.fragment:
                assert unquote(parts.fragment) in read_pages[target].ids, (path, reference)


def test_pages_are_well_formed_with_ids_once(site: Path) -> None:
    for path, page in pages(site).items():
        assert not page.faults, (path, page.faults[:3])
        assert not page.open, (path, page.open)
        assert [i for i, n in Counter(page.ids).items() if n > 1] == [], path


def test_nothing_is_fetched(site: Path) -> None:
    for path in [*site.rglob("*.html"), *site.rglob("*.css"), *site.rglob("*.js")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?:|url\((?!#)|@import|fetch\(|XMLHttpRequest|srcset", text), path


def test_text_of_documents_is_escaped(site: Path) -> None:
    assert all("<script>" not in row["html"] for rows in sentence_rows(site).values() for row in rows)
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script>" not in text, path
        assert "<b>What" not in text, path
        assert "few <words>" not in text, path
    evil = (site / "document" / "evil-id.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in evil
    assert "Us &lt;i&gt;" in evil


def test_every_number_of_the_matrix_opens_as_many_sentences(site: Path, small_run: Run) -> None:
    rows = sentence_rows(site)
    shown = {(target.stem, query, words) for target, query, words in doors(site / "index.html") if "code=" in query}
    assert shown == {
        (r["state"], f"code={r['code']}&counts=1", str(r["counting_mentions"])) for r in small_run.profiles.to_dict("records") if r["counting_mentions"]
    }
    for state, query, number in shown:
        assert len(opened(site, site / "state" / f"{state}.html", query, rows)) == int(number), (state, query)
    assert ("FRA", "code=education_training&counts=1", "3") in shown
    assert ("XKX", "code=military_exercise&counts=1", "1") in shown


def test_every_number_anywhere_opens_as_many_sentences(site: Path) -> None:
    rows = sentence_rows(site)
    kinds: Counter[tuple[str, str]] = Counter()
    for page in site.rglob("*.html"):
        for target, query, words in doors(page):
            found = opened(site, target, query, rows)
            assert found, (page, query)
            number = re.match(r"(?:only )?([\d,]+)", words)
            assert number is None or int(number[1].replace(",", "")) == len(found), (page.name, query, words, len(found))
            kinds[page.parent.name if page.parent != site else page.stem, "&".join(sorted(parse_qs(query, keep_blank_values=True)))] += number is not None
    assert {
        ("index", "counts"), ("index", "label"), ("state", "code&counts&holder"), ("state", "code&counts&status"), ("state", "counts&ladder"),
        ("state", "counts&objective"), ("state", "counts&partner"), ("state", "counts&document"), ("comparison", "agent&code&counts&objective"),
        ("comparison", "counts&objective"), ("comparison", "counts&partner"), ("instrument", "counts&language&wording"),
    } <= {kind for kind, n in kinds.items() if n}  # fmt: skip


def test_each_sentence_stands_with_its_reason_or_counts(site: Path) -> None:
    entries = [row["html"] for rows in sentence_rows(site).values() for row in rows]
    document = (site / "document" / "evil-id.html").read_text(encoding="utf-8")
    for words in ("not counted: holder is other", "<mark>joint exercises</mark>", "with Mali", "p. ii (page 2 of the file)"):
        assert any(words in entry for entry in entries), words
        assert words in document, words


def test_failures_and_stateless_documents_are_shown(site: Path) -> None:
    for name in ("index.html", "method.html"):
        text = (site / name).read_text(encoding="utf-8")
        assert "not a &lt;PDF&gt;" in text, name
        assert "Give a PDF." in text, name
    index = (site / "index.html").read_text(encoding="utf-8")
    assert "In no profile" in index
    assert "In no profile" in (site / "document" / "Nobody.html").read_text(encoding="utf-8")
    assert "one &lt;problem&gt;" in index
    assert "12 words in de not read" in index


def test_identical_runs_give_identical_bytes(small_run: Run, site: Path, tmp_path: Path) -> None:
    build_site(small_run, tmp_path)
    first = {p.relative_to(site): p.read_bytes() for p in site.rglob("*") if p.is_file()}
    second = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert first == second


def test_a_page_is_shown_with_its_words_marked(root: Path, tmp_path: Path, codebook: Codebook) -> None:
    result = make_result(tmp_path, "shown", "ESP", SENTENCES)
    shutil.copy(root / "corpus" / "specimen" / "usa-2031.pdf", result.strategy.path)
    build_site(make_run([result], codebook), tmp_path / "site")
    images = sorted((tmp_path / "site" / "pages").iterdir())
    assert [i.stem for i in images] == ["shown-0001", "shown-0002"]
    assert all(0 < i.stat().st_size < 200_000 for i in images)
    page = (tmp_path / "site" / "document" / "shown.html").read_text(encoding="utf-8")
    assert '<rect x="71.0" y="89.0" width="80.0" height="14.0"/>' in page
    link = re.search(r"document/shown\.html#(h-\w+)", (tmp_path / "site" / "sentences" / "shown.js").read_text(encoding="utf-8"))
    assert link
    assert f'id="{link[1]}"' in page


def test_a_source_that_is_gone_costs_only_its_images(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert not (site / "pages").exists() or not list((site / "pages").iterdir())
    assert "<blockquote>" in (site / "document" / "evil-id.html").read_text(encoding="utf-8")


def test_a_run_that_read_nothing_says_so(codebook: Codebook, tmp_path: Path) -> None:
    failed = DocumentResult(Strategy("bad.pdf", Path("bad.pdf"), ""), failure=InputError("bad.pdf", "not a PDF", "Give a PDF."))
    build_site(make_run([failed], codebook), tmp_path)
    assert "no profile to show" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert all(not page.faults for page in pages(tmp_path).values())


def test_the_answer_counts_presence_not_mentions(small_run: Run, codebook: Codebook) -> None:
    shelf = make_shelf(small_run)
    text = answer(shelf, cells(shelf))
    assert text.startswith(f"Of {len(codebook.instruments)} instruments, none is present in the documents of both states read")
    assert f"; {len(codebook.instruments) - 2} are found in none." in text
    assert "Fewer than" not in text


@pytest.mark.parametrize(
    ("present", "current", "planned", "kind"),
    [("absent", 0, 0, "absent"), ("doubtful", 1, 0, "doubtful"), ("present", 3, 0, "practised"), ("present", 0, 3, "announced"), ("present", 2, 3, "mixed")],
)
def test_cells_are_marked_by_what_they_rest_on(present: str, current: int, planned: int, kind: str) -> None:
    cell = Cell("FRA", "staff_talks", current + planned, current, planned, 0, 0, 1, 1.0, 1.0, present, None, None, None)
    assert cell.kind == kind
    assert (cell.shade == 0) == (current + planned == 0)


def test_file_names_are_safe_and_distinct() -> None:
    slugs = slug_names(["../../etc", "Ab", "aB", "ab-2", "é/ü", ""])
    assert len({s.lower() for s in slugs.values()}) == 6
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", s) for s in slugs.values())


@pytest.mark.parametrize(("number", "label", "words"), [(None, None, ""), (3, None, "p. 3"), (3, "3", "p. 3"), (3, "iv", "p. iv (page 3 of the file)")])
def test_pages_are_cited_as_printed(number: int | None, label: str | None, words: str) -> None:
    assert page_words(number, label) == words


def test_the_dictionary_explains_every_column(small_run: Run) -> None:
    for table, frame in (
        ("documents", small_run.documents),
        ("mentions", small_run.mentions),
        ("profiles", small_run.profiles),
        ("check", small_run.check),
        ("items", small_run.items),
    ):
        explained = {column for group in DICTIONARY[table] for column in group.split(", ")}
        assert set(frame.columns) == explained, table


def test_control_characters_do_not_reach_the_page() -> None:
    assert printable("a\x00b\x0cc\td") == "a b c\td"


def test_quotations_are_cut_between_words() -> None:
    assert opening("one two three", 9) == "one two…"
    assert ending("one two three", 8) == "…three"
    assert opening("one", 9) == ending("one", 9) == "one"
    assert opening("unbroken", 4) == "unbr…"
