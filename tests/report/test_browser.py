"""The report in a real browser: links, filters, highlights on page images, no request, no console error, accessibility."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from doors import doors, sentence_rows

from ddextract.job import run
from ddextract.output import write_run

pytestmark = pytest.mark.slow  # a browser over a whole report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra dev)")
if CHROMIUM is None:
    pytest.skip("no Chromium on this machine (apt-get install chromium)", allow_module_level=True)

PAGES = ("index.html", "comparison.html", "evaluation.html", "method.html", "state/FRA.html", "instrument/unit_visit.html", "document/fra-2031.html")
WIDTHS = (1440, 1024, 390)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on two specimens of the repository."""
    out = tmp_path_factory.mktemp("browser")
    return write_run(run(["fra-2031", "gbr-2031"]), out).parent


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as engine:
        chromium = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that notes what it complains of and what it asks for beyond the disk."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.complaints, opened.asked = [], []
    opened.on("console", lambda message: opened.complaints.append(message.text) if message.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.on("request", lambda request: opened.asked.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
    yield opened
    context.close()


def address(report: Path, name: str) -> str:
    file, hash_, fragment = name.partition("#")
    return (report / file).as_uri() + hash_ + fragment


def until(page: Any, condition: str, argument: Any = None) -> None:
    """Wait until a condition holds. The browser's own waiting evaluates strings in the page, which the report's security policy forbids."""
    for _ in range(100):
        if page.evaluate(condition, argument):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"did not come true in five seconds: {condition}")


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_the_screen_and_ask_for_nothing(report: Path, page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for name in PAGES:
        page.goto(address(report, name))
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{name} is wider than {width}"
    assert page.complaints == []
    assert page.asked == []


def chosen(page: Any) -> int:
    """Return how many sentences the list says that it shows, once it has shown them."""
    until(page, "() => document.querySelector('section.reader').dataset.shown !== undefined && !document.querySelector('section.reader').ariaBusy")
    shown = int(page.locator("section.reader").get_attribute("data-shown"))
    while page.locator(".more:not([hidden]) button").count():
        page.locator(".more button").click()
    assert page.locator(".found li.entry").count() == shown
    words = page.locator("section.reader output").inner_text()
    assert words.startswith(f"{shown:,} mention") if shown else words.startswith("No sentence")
    return shown


def test_a_number_leads_to_sentences_and_a_sentence_to_its_words_on_the_page(report: Path, page: Any) -> None:
    page.goto(address(report, "index.html"))
    cell = page.locator("table.matrix a.cell[href^='state/FRA.html#?code=attache_network']")
    number = int(cell.locator(".n").inner_text())
    cell.click()
    assert page.url.endswith("state/FRA.html#?code=attache_network&counts=1")
    assert chosen(page) == number
    sentences = page.locator(".found li.entry")
    assert sentences.first.is_visible()
    pictured = sentences.filter(has=page.locator(".eye")).first
    words = pictured.locator("mark").inner_text()
    pictured.locator(".source a").first.click()
    target = page.url.partition("#")[2]
    assert target.startswith("h-")
    image = page.locator(f".sheet:has([id='{target}']) img")
    until(page, "id => { const i = document.getElementById(id).closest('.sheet').querySelector('img'); return i.complete && i.naturalWidth > 0 }", target)
    box, frame = page.locator(f"[id='{target}'] rect").first.bounding_box(), image.bounding_box()
    assert frame["x"] <= box["x"] < box["x"] + box["width"] <= frame["x"] + frame["width"]
    assert frame["y"] <= box["y"] < box["y"] + box["height"] <= frame["y"] + frame["height"]
    # What is marked is print: there is ink under the box.
    dark = page.evaluate(
        """id => { const sheet = document.getElementById(id).closest('.sheet'), img = sheet.querySelector('img'), box = sheet.querySelector(`[id="${id}"] rect`);
          const view = sheet.querySelector('svg').viewBox.baseVal, s = img.naturalWidth / view.width, c = document.createElement('canvas');
          const r = ['x', 'y', 'width', 'height'].map((k) => box[k].baseVal.value * s);
          c.width = r[2]; c.height = r[3]; const d = c.getContext('2d'); d.drawImage(img, r[0], r[1], r[2], r[3], 0, 0, r[2], r[3]);
          return [...d.getImageData(0, 0, c.width, c.height).data].filter((v, i) => i % 4 === 0 && v < 128).length }""",
        target,
    )
    assert dark > 20
    entry = page.locator(f"li.entry[id='m-{target[2:]}']")
    assert entry.locator("mark").inner_text() == words
    assert "p. " in entry.get_attribute("data-cite")
    assert page.complaints == []


def test_numbers_of_every_kind_open_as_many_sentences(report: Path, page: Any) -> None:
    """One link of each kind (page, facets) is clicked; what the pages hold is compared for all links in test_site."""
    kinds: dict[tuple[str, tuple[str, ...]], tuple[str, Path, str, str]] = {}
    for name in PAGES:
        for target, query, words in doors(report / name):
            if re.match(r"[\d,]+", words):
                kinds.setdefault((name, tuple(sorted(parse_qs(query, keep_blank_values=True)))), (name, target, query, words))
    assert len(kinds) >= 25
    for name, target, query, words in kinds.values():
        page.goto(address(report, name))
        place = "" if target == (report / name).resolve() else os.path.relpath(target, (report / name).parent)
        link = page.locator(f"a[href='{place}#?{query}']").first
        link.evaluate("link => link.click()")
        page.wait_for_url(f"{target.as_uri()}#?{query}")
        number = re.match(r"[\d,]+", words)
        assert number
        assert chosen(page) == int(number[0].replace(",", "")), (name, query)
    assert page.complaints == []
    assert page.asked == []


def test_filters_show_what_they_say(report: Path, page: Any) -> None:
    rows = [row for row in sentence_rows(report)["fra-2031"] if row["label"] == "INSTRUMENT"]
    planned = [row for row in rows if row["status"] == "planned" and row["counts"]]
    page.goto(address(report, "state/FRA.html#?counts=1"))
    every = chosen(page)
    assert every == sum(row["counts"] for row in rows)
    page.select_option("form.filter select[name='status']", "planned")
    until(page, "n => document.querySelector('section.reader').dataset.shown === String(n)", len(planned))
    assert chosen(page) == len(planned) > 0
    assert "status=planned" in page.url
    page.fill("form.filter input[name='words']", "zzzz")
    until(page, "() => document.querySelector('section.reader').dataset.shown === '0'")
    assert "No sentence is like that" in page.locator("section.reader output").inner_text()
    page.click("form.filter button[type='reset']")
    until(page, "n => document.querySelector('section.reader').dataset.shown === String(n)", every)


def test_a_choice_can_be_taken_back_by_its_chip_and_by_the_back_button(report: Path, page: Any) -> None:
    page.goto(address(report, "state/FRA.html#?partner=MLI&counts=1"))
    few = chosen(page)
    chip = page.locator("button.chip")
    assert chip.inner_text().startswith("with ")
    page.evaluate("location.hash = '#?counts=1&holder=joint'")
    until(page, "() => document.querySelectorAll('button.chip').length === 0")
    page.go_back()
    until(page, "n => document.querySelector('section.reader').dataset.shown === String(n)", few)
    page.locator("button.chip").click()
    until(page, "() => document.querySelectorAll('button.chip').length === 0")
    assert chosen(page) > few
    assert page.complaints == []


def test_tables_sort_and_search(report: Path, page: Any) -> None:
    page.goto(address(report, "comparison.html"))
    table = page.locator("section:has(> #spread) table.sortable")
    rows = table.locator("tbody tr")
    number = rows.count()
    page.locator("section:has(> #spread) input.search").fill("visits")
    shown = [t for t in rows.all() if t.is_visible()]
    assert 0 < len(shown) < number
    assert all("visits" in t.inner_text().lower() for t in shown)
    page.locator("section:has(> #spread) input.search").fill("")
    table.locator("thead button").first.click()
    names = table.locator("tbody th").all_inner_texts()
    assert names == sorted(names, key=str.lower)


def test_the_keyboard_reaches_content_first(report: Path, page: Any) -> None:
    page.goto(address(report, "index.html"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_citation_and_a_complaint_can_be_copied(report: Path, page: Any) -> None:
    page.goto(address(report, "document/fra-2031.html"))
    first = page.locator("li.entry").first
    first.locator("button.copy").click()
    until(page, "() => document.querySelector('li.entry button.copy').textContent === 'copied'")
    first.locator("button.wrong").click()
    until(page, "() => document.querySelector('li.entry button.wrong').textContent.startsWith('command copied')")


def test_the_first_page_is_light_and_quick(report: Path, page: Any) -> None:
    page.goto(address(report, "index.html"))
    milliseconds = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    assert milliseconds < 1_000
    assert sum((report / name).stat().st_size for name in ("index.html", "report.css", "report.js")) < 2_000_000


def test_charts_have_words_and_follow_the_dark_scheme(report: Path, page: Any) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(address(report, "comparison.html"))
    charts = page.locator("svg.chart")
    assert charts.count() >= 4
    for chart in charts.all():
        assert len(chart.locator("desc").first.text_content()) > 20
    ink = page.evaluate("getComputedStyle(document.querySelector('svg.chart text')).fill")
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ink != paper
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink')").strip() != "#1a1a1a"


def serious_faults(page: Any) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed (extra dev)")
    found = axe.Axe().run(page).response["violations"]
    return [f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_serious_fault(report: Path, page: Any, name: str) -> None:
    page.goto(address(report, name))
    assert serious_faults(page) == []


def test_axe_would_find_one(report: Path, page: Any) -> None:
    page.goto(address(report, "method.html"))
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<p style=\"color:#ccc;background:#fff\">pale</p><input>')")
    assert {f.split(" ")[0] for f in serious_faults(page)} >= {"color-contrast", "label"}
