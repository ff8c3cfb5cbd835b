"""The report site: pages that open from disk, each number leading to its sentences and each sentence to its page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment

from ddextract.analysis import Analysis, analyse
from ddextract.job import Run
from ddextract.lists import load_lists
from ddextract.reliability import read_reliability
from ddextract.report.comparison_page import comparison_page
from ddextract.report.concepts import concept_page
from ddextract.report.facsimile import draw_pages
from ddextract.report.method import method_page
from ddextract.report.overview import cells, overview
from ddextract.report.pages import page_environment
from ddextract.report.reader import FOLDER, door, sentence_file
from ddextract.report.reliability_page import reliability_page
from ddextract.report.shelf import Card, Shelf, ending, make_shelf, opening, state_name, with_images
from ddextract.report.sources import document_page
from ddextract.report.states import state_page

PROBABILITIES = ("probability", "probability_low", "probability_high")
"""Columns of profiles that rest on all documents."""
ASSETS = ("report.css", "report.js")


Draw = Callable[[Shelf, Path], Mapping[str, Mapping[int, str]]]
Keep = Callable[[Shelf, str, Sequence[Card], Any], bool]


def analyse_run(run: Run) -> Analysis:
    """Work out all that follows from the tables of a run."""
    settings = run.settings
    return analyse(
        run.documents, run.mentions, run.profiles, run.check, run.codebook, load_lists(run.codebook, *settings.lists),
        reliability=read_reliability(settings.measured), rule=settings.evidence, calibrated=settings.probabilities,
    )  # fmt: skip


def build_site(run: Run, folder: Path, analysis: Analysis | None = None, *, draw: Draw = draw_pages, keep: Keep | None = None) -> None:
    """Write the report of a run: ``index.html`` and its pages, style, script and page images.

    Args:
        run: The run.
        folder: Where the report goes; made if need be.
        analysis: What follows from the run, where it has been worked out already.
        draw: Draws the page images into a folder and names them by document and page.
        keep: Told of a page, the documents that it shows and the tables that it rests on besides, before it is made; puts an earlier copy in
            its place and returns True if that would be the same. The pages of documents show nothing of other documents.
    """
    analysis = analysis or analyse_run(run)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ASSETS:
        (folder / name).write_bytes(files("ddextract.report").joinpath("assets", name).read_bytes())
    shelf = make_shelf(run)
    shelf = with_images(shelf, draw(shelf, folder / "pages"))
    environment = _environment(shelf)
    found = cells(shelf)
    compared = bool(shelf.state_slugs)

    def write(path: str, template: str, **context: Any) -> None:
        save(path, environment.get_template(template).render(root="../" * path.count("/"), here=path, **context))

    def save(path: str, text: str) -> None:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n", errors="replace")

    parts = environment.get_template("parts.html").make_module({"root": "../", "here": ""})
    for card in shelf.cards:
        if keep is not None and keep(shelf, f"{FOLDER}/{card.slug}.js", [card], ()):
            continue
        save(f"{FOLDER}/{card.slug}.js", sentence_file(shelf, card, parts))
    write("index.html", "index.html", **overview(shelf), tests=analysis.comparison.tests if compared else ())
    if compared:
        write("comparison.html", "comparison.html", **comparison_page(shelf, analysis.comparison))
    write("evaluation.html", "reliability.html", **reliability_page(shelf, analysis.reliability))
    write("method.html", "method.html", **method_page(shelf))
    for state, slug in shelf.state_slugs.items():
        if keep is not None and keep(shelf, f"state/{slug}.html", shelf.cards_of(state), _rests_on(run, analysis, state)):
            continue
        write(f"state/{slug}.html", "state.html", **state_page(shelf, state, found, analysis))
    for code in run.codebook.instruments:
        write(f"instrument/{code}.html", "instrument.html", **concept_page(shelf, code, found))
    for card in shelf.cards:
        if keep is not None and keep(shelf, f"document/{card.slug}.html", [card], ()):
            continue
        write(f"document/{card.slug}.html", "document.html", **document_page(shelf, card))


def _rests_on(run: Run, analysis: Analysis, state: str) -> list[Any]:
    """Return the rows of a state in all tables that its page shows.

    They hold probabilities that rest on other states, too: as the page shows them, with two digits, and in their order.
    """
    tables = (run.profiles, run.check, run.items, analysis.by_year, analysis.adjacent, analysis.reconciliation, analysis.comparison.partners)
    profile, *others = [table[table["state"] == state] if len(table) else table for table in tables]
    shown = {column: [f"{value:.2f}" for value in profile[column].astype(float)] for column in profile.columns if column in PROBABILITIES}
    ranked = list(profile.sort_values("probability", ascending=False, kind="stable")["code"])
    return [shown, ranked, *(table.drop(columns=[c for c in PROBABILITIES if c in table.columns]) for table in (profile, *others))]


def _environment(shelf: Shelf) -> Environment:
    environment = page_environment()
    environment.filters["state_name"] = state_name
    environment.filters["thousands"] = lambda value: f"{value:,}"
    environment.filters["percent"] = lambda value: "–" if value is None else f"{100 * value:.0f} %"
    environment.filters["opening"] = opening
    environment.filters["ending"] = ending
    environment.filters["basename"] = lambda path: Path(path).name
    titles = {code: concept.title["en"] for code, concept in shelf.run.codebook.concepts.items()}
    environment.globals.update(door=door, titles_json=json.dumps(titles, ensure_ascii=False, separators=(",", ":")))
    environment.globals.update(concepts=shelf.run.codebook.concepts, state_slugs=shelf.state_slugs, card_of=shelf.card_of, compared=bool(shelf.state_slugs))
    return environment
