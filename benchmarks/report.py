"""The report of 20 documents with over 10,000 mentions: time beside that of reading and tagging, and the weight of its pages; and how large ones feel.

    python benchmarks/report.py [documents]             reading, tagging, analysis and report of so many documents
    python benchmarks/report.py --large [mentions]      reports of 20,000 counting mentions, of twenty states and of one, opened and used in Chromium

The documents are the specimens of the repository, two bound together in each, under the names of twenty states. Needs pypdf (extra pdf). The large
reports are of the same tagged documents over and over under new names, without page images; they need playwright and Chromium (extra dev).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count, islice, permutations
from pathlib import Path

import pandas as pd
from pypdf import PdfReader, PdfWriter

from ddextract.codebook import Codebook, own_folder
from ddextract.job import DocumentResult, Run, Settings, run
from ddextract.lists import check_items, check_profiles, load_lists
from ddextract.mention import mention_id
from ddextract.output import write_run
from ddextract.profile import profile_states
from ddextract.reliability import read_reliability
from ddextract.report.site import analyse_run, build_site
from ddextract.tables import DOCUMENT_COLUMNS, MENTION_COLUMNS, document_row, mention_row

STATES = ("ARG", "AUS", "AUT", "BEL", "BRA", "CAN", "CHL", "COL", "DEU", "ESP", "FRA", "GBR", "IND", "ITA", "JPN", "MEX", "NLD", "POL", "PRT", "USA")


def bind(folder: Path, number: int) -> list[Path]:
    """Write the documents with their sidecars."""
    specimens = sorted((own_folder("corpus") / "specimen").glob("*.pdf"))
    pairs = [pair for pair in permutations(specimens, 2) if pair[0].stem != pair[1].stem]
    paths = []
    for k, (first, second) in enumerate(islice(pairs * (1 + number // len(pairs)), number)):
        writer = PdfWriter()
        for part in (first, second):
            writer.append(PdfReader(part))
        path = folder / f"bound-{k:02}.pdf"
        writer.write(path)
        path.with_suffix(".toml").write_text(f'state = "{STATES[k % len(STATES)]}"\nyear = {2010 + k}\ntitle = "Bound {k}"\n', encoding="utf-8")
        paths.append(path)
    return paths


def copied(result: DocumentResult, name: str, state: str, year: int) -> DocumentResult:
    """Return a tagged document under another name."""
    ids = {m.id: mention_id(name, m.start, m.end, m.code) for m in result.mentions}
    mentions = tuple(replace(m, id=ids[m.id], document=name, objectives=tuple(ids[o] for o in m.objectives)) for m in result.mentions)
    strategy = replace(result.strategy, id=name, state=state, issuers=(state,), year=year, title=f"Document {name}", path=Path(f"{name}.txt"))
    return replace(result, strategy=strategy, document=replace(result.document, id=name) if result.document else None, mentions=mentions)


def large(tagged: Sequence[DocumentResult], codebook: Codebook, states: Sequence[str], counting: int) -> Run:
    """Return a run with at least so many counting mentions, from tagged documents over and over."""
    results: list[DocumentResult] = []
    found = 0
    for k in count():
        if found >= counting:
            break
        results.append(copied(tagged[k % len(tagged)], f"copy-{k:03}", states[k % len(states)], 1990 + k % 35))
        found += sum(m.counts for m in results[-1].mentions)
    documents = pd.DataFrame([document_row(r) for r in results], columns=list(DOCUMENT_COLUMNS))
    codes = {m.id: m.code for r in results for m in r.mentions}
    mentions = pd.DataFrame([mention_row(m, codes) for r in results for m in r.mentions], columns=list(MENTION_COLUMNS))
    profiles, lists = profile_states(mentions, documents, codebook, None, read_reliability()), load_lists(codebook)
    return Run(tuple(results), documents, mentions, profiles, check_profiles(profiles, lists), check_items(profiles, lists), codebook, Settings(), {})


SETTLED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)))"


def used(site: Path, state: str) -> Iterator[str]:
    """Open a report in Chromium and use it; yield what was measured, in milliseconds."""
    from playwright.sync_api import Page, sync_playwright

    def until(page: Page, condition: str) -> None:
        while not page.evaluate(condition):
            page.wait_for_timeout(5)

    def timed(page: Page, act: Callable[[], object], done: str) -> float:
        clock = time.perf_counter()
        act()
        until(page, done)
        page.evaluate(SETTLED)
        return 1000 * (time.perf_counter() - clock)

    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        instrument = max((site / "instrument").iterdir(), key=lambda p: p.stat().st_size).name
        document = max((site / "document").iterdir(), key=lambda p: p.stat().st_size).name
        for name in ("index.html", "comparison.html", f"state/{state}.html", f"instrument/{instrument}", f"document/{document}"):
            page.goto((site / name).as_uri())
            load, nodes = page.evaluate("[performance.getEntriesByType('navigation')[0].loadEventEnd, document.getElementsByTagName('*').length]")
            yield f"{name:<34} {(site / name).stat().st_size / 1e6:6.2f} MB  loaded in {load:5.0f} ms, {nodes:,} elements"
        page.goto((site / "state" / f"{state}.html").as_uri())
        reader = "document.querySelector('section.reader')"
        ready = f"{reader}.dataset.shown !== undefined && !{reader}.hasAttribute('aria-busy')"
        yield f"first number clicked, sentences shown  {timed(page, lambda: page.evaluate('location.hash = `#?counts=1`'), ready):5.0f} ms"
        shown = int(page.locator("section.reader").get_attribute("data-shown") or 0)
        other = f"{ready} && {reader}.dataset.shown !== '{shown}'"
        yield f"filter by status, of {shown:,}           {timed(page, lambda: page.select_option('form.filter select[name=status]', 'planned'), other):5.0f} ms"
        page.select_option("form.filter select[name=status]", "")
        until(page, f"{reader}.dataset.shown === '{shown}'")
        yield f"first search for a word (0.12 s of rest in it) {timed(page, lambda: page.fill('form.filter input[name=words]', 'training'), other):5.0f} ms"
        now = page.locator("section.reader").get_attribute("data-shown")
        again = f"{reader}.dataset.shown !== '{now}'"
        yield f"next search                           {timed(page, lambda: page.fill('form.filter input[name=words]', 'training officers'), again):5.0f} ms"
        browser.close()


def measure_large(counting: int) -> None:
    """Build large reports and use them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = run(bind(folder, 6), Settings())
        tagged = [r for r in first.results if r.document]
        for states in (STATES, STATES[-1:]):
            result = large(tagged, first.codebook, states, counting)
            clock = time.perf_counter()
            analysis = analyse_run(result)
            analysed = time.perf_counter() - clock
            clock = time.perf_counter()
            site = folder / f"site-{len(states)}"
            build_site(result, site, analysis)
            built = time.perf_counter() - clock
            print(f"{len(states)} state(s), {len(result.documents)} documents, {int(result.mentions['counts'].sum()):,} counting mentions")
            print(f"  analysed in {analysed:.1f} s, report built in {built:.1f} s")
            for line in used(site, states[0]):
                print(f"  {line}")


def main() -> None:
    """Measure and print."""
    if "--large" in sys.argv:
        measure_large(int(sys.argv[2]) if len(sys.argv) > 2 else 20_000)
        return
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = bind(folder, number)
        clock = time.perf_counter()
        result = run(paths, Settings())
        tagged = time.perf_counter() - clock
        clock = time.perf_counter()
        analysis = analyse_run(result)
        analysed = time.perf_counter() - clock
        clock = time.perf_counter()
        build_site(result, folder / "site", analysis)
        built = time.perf_counter() - clock
        clock = time.perf_counter()
        write_run(result, folder / "out")
        written = time.perf_counter() - clock
        pages = sorted(((p.stat().st_size, p.relative_to(folder / "site").as_posix()) for p in (folder / "site").rglob("*.html")), reverse=True)
        first = sum((folder / "site" / part).stat().st_size for part in ("index.html", "report.css", "report.js"))
        print(f"{len(result.documents)} documents, {len(result.mentions):,} mentions, {int(result.documents['words'].sum()):,} words")
        print(f"read and tagged {tagged:.1f} s; analysed {analysed:.1f} s; report {built:.1f} s ({built / tagged:.0%} of reading and tagging)")
        print(f"all files of the run, analysis and report again {written:.1f} s")
        whole = sum(size for size, _ in pages) / 1e6
        print(f"first page {first / 1e6:.2f} MB; largest page {pages[0][1]} {pages[0][0] / 1e6:.2f} MB; whole report {whole:.1f} MB of HTML")


if __name__ == "__main__":
    main()
