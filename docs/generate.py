"""The pages that are made from code and data when the documentation is built, so that they cannot go stale.

Makes ``reference/cli.md`` (from the commands), ``reference/codebook.md`` (from ``patterns/``), ``explanation/imports.md``
and ``imports.svg`` (from the imports and the contracts in ``pyproject.toml``). They are not kept in the repository.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def write_generated_pages(docs: Path) -> None:
    """Write all generated pages into the documentation's folder, those that have not changed left alone."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    links = imports(contracts[0]["layers"])
    _write(docs / "reference" / "cli.md", commands_page())
    _write(docs / "reference" / "codebook.md", codebook_page())
    _write(docs / "explanation" / "imports.svg", drawing(contracts[0]["layers"], links))
    _write(docs / "explanation" / "imports.md", imports_page(contracts, links))


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


# -- commands --


def commands_page() -> str:
    """Return the reference of the command line, as typer writes it of the commands themselves."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "dumb", "COLUMNS": "200"}
    command = [sys.executable, "-m", "typer", "ddextract.cli", "utils", "docs", "--name", "ddextract", "--title", "Commands"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    text = re.sub(r"^\$ (.*)$", r"\1", done.stdout, flags=re.M).replace("```console", "```text")
    # typer shortens the lists of commands; their sections say it in full.
    command = "ddextract"
    lines = []
    for line in text.splitlines():
        heading = re.fullmatch(r"#+ `(.*)`", line)
        command = heading[1] if heading else command
        shortened = re.fullmatch(r"\* `([\w-]+)`: .*\.\.\.", line)
        lines.append(f"* [{shortened[1]}](#{command.replace(' ', '-')}-{shortened[1]})" if shortened else line)
    text = "\n".join(lines)
    return f"{text.strip()}\n\nExit codes: [what they mean](exit-codes.md).\n"


# -- codebook --


def codebook_page() -> str:
    """Return the codebook as a scholar reads it: what counts, what does not, and sentences that prove it."""
    from ddextract.codebook import LABELS, load_codebook

    codebook = load_codebook(base=ROOT / "patterns")
    lines = [
        "# Codebook",
        "",
        "Made from `patterns/`, one page per code. Wordings and all their proofs are in the files themselves; the example is the first of each language.",
        "[How to add a wording](../how-to/add-a-phrase.md), [a code](../how-to/add-an-instrument.md).",
    ]
    for kind, label in LABELS.items():
        concepts = codebook.of_kind(kind)
        lines += ["", f"## {kind.capitalize()} ({len(concepts)}, label `{label}`)"]
        for concept in concepts:
            wordings = {name: sum(len(group.match) for group in groups) for name, groups in concept.phrasing.items()}
            lines += [
                "",
                f"### {concept.title['en']}",
                "",
                f"`{concept.code}` · {concept.family} · {', '.join(concept.title[n] for n in concept.title if n != 'en')}",
                "",
            ]
            lines += [concept.definition]
            for word, said in (("Include", concept.include), ("Exclude", concept.exclude), ("Gives way to", concept.yields_to), ("Source", concept.source)):
                if said:
                    lines += ["", f"*{word}:* {'; '.join(said)}."]
            lines += ["", f"*Wordings:* {', '.join(f'{name} {number}' for name, number in wordings.items())}.", ""]
            lines += [f"> {groups[0].examples[0]} *({name})*\n>" for name, groups in concept.phrasing.items()]
    return "\n".join(lines) + "\n"


# -- imports --


def imports(layers: Iterable[str]) -> set[tuple[str, str]]:
    """Return which top-level module imports which, types and the modules below them counted in."""
    import grimp

    graph = grimp.build_graph("ddextract", exclude_type_checking_imports=True, cache_dir=None)
    names = {name for layer in layers for name in members(layer)} | {m.split(".")[1] for m in graph.find_children("ddextract")}
    found = set()
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            one, other = (name.split(".")[1] if "." in name else "" for name in (importer, imported))
            if one in names and other in names and one != other:
                found.add((one, other))
    return found


def members(layer: str) -> list[str]:
    """Return the modules of a layer of the contract."""
    return [part.strip().removeprefix("ddextract.") for part in layer.split("|")]


def without_detours(links: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the links that no longer path replaces, so that the drawing can be read."""
    import networkx as nx

    return set(nx.transitive_reduction(nx.DiGraph(links)).edges)


def drawing(layers: list[str], links: set[tuple[str, str]]) -> str:
    """Draw the modules by layer, arrows down, as SVG."""
    import io

    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "ddextract", "svg.fonttype": "none", "font.family": ["sans-serif"]})
    from matplotlib import pyplot as plt

    named = {name for layer in layers for name in members(layer)}
    unnamed = sorted({name for link in links for name in link} - named)
    rows = [members(layer) for layer in layers]
    rows = [row for row in rows if row]
    places = _places(rows, links, unnamed)
    figure, axes = plt.subplots(figsize=(11, 0.62 * len(rows) + 0.6))
    for one, other in sorted(without_detours(links)):
        (x0, y0), (x1, y1) = places[one], places[other]
        bend = 0.0 if abs(y0 - y1) <= 1 else 0.12 * (1 if x1 >= x0 else -1)
        axes.annotate(
            "", xy=(x1, y1 + 0.24), xytext=(x0, y0 - 0.24),
            arrowprops={
                "arrowstyle": "-|>", "color": "#7a8794", "lw": 0.8, "shrinkA": 0, "shrinkB": 0, "connectionstyle": f"arc3,rad={bend}", "mutation_scale": 8,
            },
        )  # fmt: skip
    for name, (x, y) in places.items():
        width = sum(one == name for one, _ in links), sum(other == name for _, other in links)
        axes.text(
            x, y, f"{name}  {width[0]}↓ {width[1]}↑", ha="center", va="center", fontsize=9, color="#1b2733",
            bbox={"boxstyle": "round,pad=0.32", "facecolor": "#eef3f7" if name in named else "#fdf3d7", "edgecolor": "#7a8794", "lw": 0.8},
        )  # fmt: skip
    axes.set_xlim(-6.4, 6.4)
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    axes.axis("off")
    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    return out.getvalue()


def _places(rows: list[list[str]], links: set[tuple[str, str]], unnamed: list[str]) -> dict[str, tuple[float, float]]:
    """Return a place for each module: its layer's height, and across near those that import it."""
    height = {name: -float(number) for number, row in enumerate(rows) for name in row}
    for name in unnamed:
        above = [height[one] for one, other in links if other == name and one in height]
        below = [height[other] for one, other in links if one == name and other in height]
        height[name] = min(min(above, default=0.0) - 0.5, max(below, default=-float(len(rows))) + 0.5) if above else 0.0
        height[name] = round(max(height[name], -len(rows) + 1.0))
    by_height: dict[float, list[str]] = {}
    for name, y in height.items():
        by_height.setdefault(y, []).append(name)
    places: dict[str, tuple[float, float]] = {}
    for number, y in enumerate(sorted(by_height, reverse=True)):
        names = by_height[y]
        wanted = {n: [places[one][0] for one, other in links if other == n and one in places] for n in names}
        names.sort(key=lambda n: (sum(wanted[n]) / len(wanted[n]) if wanted[n] else 0.0, n))
        step = 12.0 / max(len(names), 4)
        # Single modules stand to the left and right in turn, so that arrows over several layers pass beside them.
        shift = ((0.0, -2.6, 2.6)[number % 3]) if len(names) == 1 else 0.0
        for place, name in enumerate(names):
            places[name] = ((place - (len(names) - 1) / 2) * step + shift, y)
    return places


def imports_page(contracts: list[dict[str, Any]], links: set[tuple[str, str]]) -> str:
    """Return the page with the contracts, the drawing and who is imported by how many."""
    layers = contracts[0]["layers"]
    named = {name for layer in layers for name in members(layer)}
    modules = sorted({name for link in links for name in link})
    lines = [
        "# Who imports whom", "",
        "Made from the code and from the contracts in `pyproject.toml` when these pages are built; "
        "`lint-imports` (part of `make test`) holds the code to the contracts.", "",
        "![The modules by layer, arrows from importer to imported](imports.svg)", "",
        "Arrows go down only. A link that a longer path replaces is left out of the picture "
        "(all are counted in the figures: ↓ imports, ↑ is imported by).",
    ]  # fmt: skip
    if set(modules) - named:
        lines.append("Pale yellow: in no layer of the contract.")
    lines += ["", f"## {contracts[0]['name']}", "", "| layer | modules |", "| --- | --- |"]
    lines += [f"| {number} | {', '.join(f'`{name}`' for name in members(layer))} |" for number, layer in enumerate(layers, 1)]
    for contract in contracts[1:]:
        sources = ", ".join(f"`{name.removeprefix('ddextract.')}`" for name in contract["source_modules"])
        lines += ["", f"## {contract['name']}", "", f"{sources} may not import {', '.join(f'`{name}`' for name in contract['forbidden_modules'])}."]
    return "\n".join(lines) + "\n"
