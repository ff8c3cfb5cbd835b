"""Charts: drawn by Matplotlib, kept as small SVG with a text alternative, readable in print and without colour."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddextract.incidence import cluster, jaccard
from ddextract.profile import filled
from ddextract.remembered import remembers
from ddextract.universal import FAR

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ddextract.incidence import Incidence
    from ddextract.universal import UniversalTest

INK, SOFT, LINE, BLUE, ORANGE, PAPER = "#1a1a1a", "#55585c", "#d5d8db", "#0072b2", "#d55e00", "#fefefe"
"""Okabe-Ito blue and vermilion tell things apart for colour-blind readers; position, label and hatching say the same."""
_VARIABLES = {INK: "var(--ink)", SOFT: "var(--soft)", LINE: "var(--line)", BLUE: "var(--bar)", ORANGE: "var(--warn)", PAPER: "var(--paper)"}
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "ddextract", "font.family": "sans-serif", "font.size": 9, "axes.edgecolor": SOFT, "axes.labelcolor": SOFT,
    "text.color": INK, "xtick.color": SOFT, "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False, "axes.facecolor": "none",
    "hatch.linewidth": 0.8, "hatch.color": BLUE, "axes.titlesize": 9, "axes.titlelocation": "left",
}  # fmt: skip
THINNEST = 0.025
"""Share of all mentions from which an entry of a column of flows is drawn by itself."""
COLLECTIVE = "collective"
"""Type of partners that are named by a common noun."""
WIDTH = 7.2
"""Inches of a chart that fills the column of text."""


@dataclass(frozen=True)
class Chart:
    """A chart with its text alternative.

    Attributes:
        title: What it shows.
        description: The same in words, for those who do not see it.
        svg: The drawing, ready to stand in a page; colours follow the page's scheme.
        plain: The drawing with its own colours.
    """

    title: str
    description: str
    svg: str
    plain: str

    def _repr_svg_(self) -> str:
        return self.plain

    def save(self, path: Path | str) -> None:
        """Write the drawing (.svg)."""
        Path(path).write_text(self.plain, encoding="utf-8")


def _plain(chart: Chart | None) -> list[str] | None:
    return None if chart is None else [chart.title, chart.description, chart.svg, chart.plain]


def _whole(parts: Any) -> Any:
    return None if parts is None else Chart(*parts)


drawn = remembers(_plain, _whole)
"""Charts depend on nothing but what they show: a batch draws each once."""


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update(_SETTINGS)
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0)
    return figure, figure.subplots()


def _chart(figure: Figure, name: str, title: str, description: str) -> Chart:
    """Turn a figure into a chart: no prologue, own ids, colours that follow the page."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", text)
    text = re.sub(r"\n\s*", "\n", text)
    label = f'role="img" aria-labelledby="{name}-t {name}-d"'
    words = f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
    text = re.sub(
        r'<svg ([^>]*?)width="([\d.]+)pt" height="([\d.]+)pt"([^>]*)>', rf'<svg class="chart" {label} \1style="max-width:\2pt"\4>{words}', text, count=1
    )
    plain = text
    # Within a page the namespaces are known, and an address of any kind would look like a request.
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text)
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, variable)
    return Chart(title, description, text, plain)


def _beside(axes: Axes, x: float, y: float, text: str) -> None:
    axes.annotate(text, (x, y), textcoords="offset points", xytext=(4, 0), va="center", color=SOFT, fontsize=8)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "chart"


@drawn
def profile_chart(profile: pd.DataFrame, titles: Mapping[str, str], name: str) -> Chart:
    """Draw a state's instruments by number of counting mentions, practised filled, announced hatched.

    Args:
        profile: The rows of one state in the ``profiles`` table.
        titles: Name of each code.
        name: Name of the state.
    """
    own = profile[profile["counting_mentions"] > 0].sort_values(["counting_mentions", "code"], ascending=[True, False])
    labels = [titles.get(str(c), str(c)) for c in own["code"]]
    figure, axes = _figure(WIDTH, max(1.2, 0.24 * len(own) + 0.7))
    axes.barh(labels, own["practised"], color=BLUE, label="practised")
    axes.barh(labels, own["announced"], left=own["practised"], color="none", edgecolor=BLUE, hatch="////", label="announced")
    for y, (total, present) in enumerate(zip(own["counting_mentions"], own["present"], strict=True)):
        _beside(axes, total, y, f"{total}{'' if present == 'present' else ' (doubtful)'}")
    axes.set_xlabel("counting mentions")
    axes.margins(y=0.02)
    if len(own):
        axes.legend(frameon=False, loc="lower right")
    best = "; ".join(f"{t} {n}" for t, n in zip(reversed(labels), reversed(list(own["counting_mentions"])), strict=True))
    return _chart(figure, _slug(f"profile {name}"), f"Instruments of {name}", f"Counting mentions by instrument: {best or 'none'}.")


@drawn
def ladder_chart(rungs: Sequence[tuple[str, int]], name: str) -> Chart:
    """Draw how firmly a state says what it says, rung by rung.

    Args:
        rungs: Name and number of each rung, the firmest first; the first three are practised.
        name: Name of the state.
    """
    figure, axes = _figure(WIDTH * 0.62, 0.26 * max(1, len(rungs)) + 0.6)
    firm = {"has done", "does", "mentioned"}
    for y, (label, number) in enumerate(reversed(rungs)):
        practised = label in firm
        axes.barh(label, number, color=BLUE if practised else "none", edgecolor=BLUE, hatch=None if practised else "////")
        _beside(axes, number, y, str(number))
    axes.set_xlabel("counting mentions")
    axes.margins(x=0.12)
    words = "; ".join(f"{label} {number}" for label, number in rungs)
    return _chart(figure, _slug(f"ladder {name}"), f"How firmly {name} says it", f"Mentions by rung of the ladder: {words}. The last rungs are announced only.")


def partner_chart(edges: pd.DataFrame, name: str, limit: int = 14) -> Chart:
    """Draw a state's partners around it: the thicker the line, the more mentions; dashed where everything is announced.

    Args:
        edges: The state's rows of the partner network.
        name: Name of the state.
        limit: Most partners shown.
    """
    # "Partners" and "allied nations" tell nobody with whom: they are in the list.
    named = edges[edges["partner_type"] != COLLECTIVE]
    rows = named.sort_values(["mentions", "partner"], ascending=[False, True]).head(limit).to_dict("records")
    shown = [{n: r[n].item() if hasattr(r[n], "item") else r[n] for n in ("partner", "partner_type", "mentions", "practised")} for r in rows]
    return _partners_drawn(shown, len(edges), name)


@drawn
def _partners_drawn(shown: Sequence[Mapping[str, Any]], number: int, name: str) -> Chart:
    import math

    figure, axes = _figure(WIDTH * 0.72, WIDTH * 0.5)
    most = max((int(r["mentions"]) for r in shown), default=1)
    for k, r in enumerate(shown):
        angle = math.pi / 2 - 2 * math.pi * k / max(1, len(shown))
        x, y = 1.5 * math.cos(angle), math.sin(angle)
        axes.plot([0, x], [0, y], color=BLUE, linewidth=0.8 + 4 * int(r["mentions"]) / most, linestyle="--" if not r["practised"] else "-", zorder=1)
        axes.plot([x], [y], marker="o" if r["partner_type"] == "state" else "s", color=PAPER, markeredgecolor=BLUE, markersize=7, zorder=2)
        side = "left" if x > 0.05 else "right" if x < -0.05 else "center"
        axes.text(1.09 * x, 1.12 * y, f"{r['partner']} ({r['mentions']})", ha=side, va="bottom" if y > 0.9 else "top" if y < -0.9 else "center", fontsize=8)
    axes.text(0, 0, name, ha="center", va="center", zorder=3, bbox={"boxstyle": "round,pad=0.35", "facecolor": PAPER, "edgecolor": BLUE})
    axes.set_xlim(-2.9, 2.9)
    axes.set_ylim(-1.3, 1.3)
    axes.axis("off")
    words = "; ".join(f"{r['partner']} {r['mentions']}" for r in shown)
    more = f" {number - len(shown)} more are in the list." if number > len(shown) else ""
    return _chart(
        figure, _slug(f"partners {name}"), f"Partners of {name}", f"Partners by number of counting mentions: {words or 'none'}.{more} Circles are states."
    )


@drawn
def quorum_chart(test: UniversalTest, number: int) -> Chart:
    """Draw the size of the shared core at every quorum beside what chance gives.

    Args:
        test: The test.
        number: To tell the charts of a page apart.
    """
    figure, axes = _figure(WIDTH * 0.72, 2.4)
    x = [q.states for q in test.quorums]
    axes.fill_between(x, [q.low for q in test.quorums], [q.high for q in test.quorums], color=LINE, label="95 % of shuffles", linewidth=0)
    axes.plot(x, [q.mean for q in test.quorums], color=SOFT, linestyle=":", label="chance, mean")
    axes.plot(x, [q.size for q in test.quorums], color=BLUE, marker="o", label="observed")
    for q in test.quorums:
        axes.annotate(str(q.size), (q.states, q.size), textcoords="offset points", xytext=(0, 6), ha="center", fontsize=8)
    axes.set_xticks(x)
    axes.set_xlabel("at least so many states have it")
    axes.set_ylabel("instruments")
    axes.margins(y=0.15)
    axes.legend(frameon=False)
    words = "; ".join(f"{q.states} states {q.size} (by chance {q.low:.0f} to {q.high:.0f})" for q in test.quorums)
    return _chart(figure, f"quorum-{number}", f"Shared core by quorum, {test.source}", f"Instruments that at least so many states have: {words}.")


@drawn
def variants_chart(tests: Sequence[UniversalTest]) -> Chart:
    """Draw the share that all states have under every variant of the analysis, for each source, with the bar."""
    figure, axes = _figure(WIDTH, 0.55 * len(tests) + 0.9)
    names = [t.source for t in tests]
    styles = {
        "without state": ("o", "one state left out", 0.2),
        "threshold": ("^", "other threshold", 0.0),
        "without item": ("s", "one item left out", -0.2),
        FAR: ("v", "far threshold, does not decide", -0.3),
    }
    seen: set[str] = set()
    for y, test in enumerate(reversed(tests)):
        if test.error:
            axes.plot([test.error.low, test.error.high], [y, y], color=LINE, linewidth=9, solid_capstyle="butt", zorder=1,
                      label="detection error, 95 %" if "error" not in seen else None)  # fmt: skip
            seen.add("error")
        for kind, (marker, label, lift) in styles.items():
            shares = [v.share for v in test.variants if v.kind == kind]
            if shares:
                axes.plot(shares, [y + lift] * len(shares), marker, color=SOFT, markerfacecolor="none", markersize=4, label=label if kind not in seen else None)
                seen.add(kind)
        axes.plot([test.base.share], [y], "D", color=BLUE, markersize=7, zorder=3, label="as it is" if "base" not in seen else None)
        seen.add("base")
    axes.axvline(tests[0].bar, color=ORANGE, linestyle="--", label=f"bar: {100 * tests[0].bar:.0f} %")
    axes.set_yticks(range(len(tests)), list(reversed(names)))
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.6, len(tests) - 0.4)
    axes.set_xlabel("share of the instruments met that all states have")
    figure.legend(frameon=False, loc="outside lower center", ncols=3, fontsize=8)
    words = "; ".join(f"{t.source} {100 * t.base.share:.0f} %{_range([v.share for v in t.decisive])}" for t in tests)
    description = f"Share that all states have: {words}. The bar is {100 * tests[0].bar:.0f} %."
    return _chart(figure, "variants", "The shared core under every change of the analysis", description)


def _range(shares: Sequence[float]) -> str:
    return f", variants {100 * min(shares):.0f} % to {100 * max(shares):.0f} %" if shares else ""


@drawn
def likeness_chart(incidence: Incidence, names: Mapping[str, str]) -> Chart | None:
    """Draw the tree of likeness of the states (average linkage of Jaccard distance); nothing for fewer than three.

    Args:
        incidence: Who has what.
        names: Name of each state.
    """
    from scipy.cluster.hierarchy import dendrogram

    tree, order = cluster(jaccard(incidence))
    # Where all are alike there is no tree to draw.
    if not len(tree) or float(tree[-1, 2]) < 1e-9:
        return None
    figure, axes = _figure(WIDTH * 0.72, 0.24 * len(order) + 0.8)
    dendrogram(
        tree, ax=axes, orientation="left", labels=[names.get(s, s) for s in incidence.states], color_threshold=0, above_threshold_color=BLUE, leaf_font_size=9
    )
    axes.set_xlabel("Jaccard distance (0 alike, 1 nothing in common)")
    axes.spines["left"].set_visible(False)
    joins = "; ".join(f"{a}" for a in [names.get(s, s) for s in order])
    return _chart(figure, "likeness", "States by likeness of their instruments", f"Neighbours in this order are most alike: {joins}.")


@drawn
def flow_chart(flows: pd.DataFrame, titles: Mapping[str, str], unnamed: str, limit: int = 9) -> Chart | None:
    """Draw who does what for what: bands from agent to instrument to objective, as wide as their mentions.

    Mentions that name neither agent nor objective are left out of the drawing (they are in the table).

    Args:
        flows: The flows.
        titles: Name of each code.
        unnamed: What stands for an agent or objective that is not named.
        limit: Most entries of a column; the rest is drawn as one.
    """
    named = flows[(flows["agent"] != unnamed) & (flows["objective"] != unnamed)]
    if not len(named):
        return None
    table = [(str(r["agent"]), titles.get(str(r["code"]), str(r["code"])), titles.get(str(r["objective"]), str(r["objective"])), int(r["mentions"]))
             for r in named.to_dict("records")]  # fmt: skip
    columns = [_kept([(str(row[k]), int(row[3])) for row in table], limit) for k in range(3)]
    rows: list[tuple[tuple[str, ...], int]] = [(tuple(str(row[k]) if row[k] in columns[k] else "others" for k in range(3)), row[3]) for row in table]
    figure, axes = _figure(WIDTH, 4.6)
    total = sum(size for _, size in rows)
    gap = total * 0.02
    # Of each entry of a column: where it begins and ends, and where the next band meets it.
    places: list[dict[str, list[float]]] = []
    sizes: list[dict[str, int]] = []
    for k, names in enumerate(columns):
        height = 0.0
        spots: dict[str, list[float]] = {}
        sums = {entry: sum(size for path, size in rows if path[k] == entry) for entry in [*names, "others"]}
        for entry, size in sums.items():
            if size:
                spots[entry] = [height, height + size, height]
                height += size + gap
        places.append(spots)
        sizes.append(sums)
    tallest = max(spot[1] for spots in places for spot in spots.values())
    for k in (0, 1):
        pairs: dict[tuple[str, str], int] = {}
        for path, size in rows:
            pairs[path[k], path[k + 1]] = pairs.get((path[k], path[k + 1]), 0) + size
        for spot in (*places[k].values(), *places[k + 1].values()):
            spot[2] = spot[0]
        left, right = list(places[k]), list(places[k + 1])
        for (a, b), size in sorted(pairs.items(), key=lambda item: (left.index(item[0][0]), right.index(item[0][1]))):
            _band(axes, (k + 0.03, places[k][a][2]), (k + 0.97, places[k + 1][b][2]), size)
            places[k][a][2] += size
            places[k + 1][b][2] += size
    for k, spots in enumerate(places):
        side, shift = (("right", -0.05), ("center", 0.0), ("left", 0.05))[k]
        box = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6, "alpha": 0.85} if k == 1 else None
        for entry, (low, high, _) in spots.items():
            axes.barh([(low + high) / 2], [0.06], left=k - 0.03, height=high - low, color=INK)
            axes.text(k + shift, (low + high) / 2, f"{entry} ({sizes[k][entry]})", ha=side, va="center", fontsize=7.5, bbox=box)
    axes.set_xlim(-0.95, 2.95)
    axes.set_ylim(tallest * 1.02, -tallest * 0.06)
    for k, heading in enumerate(("who", "does what", "for what")):
        axes.text(k, -tallest * 0.03, heading, ha="center", color=SOFT, fontsize=8)
    axes.axis("off")
    strongest = sorted(rows, key=lambda row: (-row[1], row[0]))[:8]
    words = "; ".join(f"{path[0]}, {path[1].lower()}, for {path[2].lower()}: {n}" for path, n in strongest)
    return _chart(figure, "flows", "Who does what for what", f"{total} counting mentions that name agent and objective. The strongest flows: {words}.")


def _kept(pairs: Sequence[tuple[str, int]], limit: int) -> list[str]:
    sums: dict[str, int] = {}
    for name, size in pairs:
        sums[name] = sums.get(name, 0) + size
    # What is thinner than its label would be written over by its neighbours.
    least = THINNEST * sum(sums.values())
    return [name for name in sorted(sums, key=lambda name: (-sums[name], name))[:limit] if sums[name] >= least]


def _band(axes: Axes, start: tuple[float, float], end: tuple[float, float], size: float) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    (x0, y0), (x1, y1), middle = start, end, (start[0] + end[0]) / 2
    points = [(x0, y0), (middle, y0), (middle, y1), (x1, y1), (x1, y1 + size), (middle, y1 + size), (middle, y0 + size), (x0, y0 + size), (x0, y0)]
    codes = [Outline.MOVETO, *[Outline.CURVE4] * 3, Outline.LINETO, *[Outline.CURVE4] * 3, Outline.CLOSEPOLY]
    axes.add_patch(PathPatch(Outline(points, codes), facecolor=BLUE, alpha=0.28, edgecolor="none"))


def years_chart(table: pd.DataFrame, name: str) -> Chart | None:
    """Draw how many instruments a state's documents of each year have, and at what rate they are named; nothing for fewer than two years.

    Args:
        table: The state's rows of the profiles by year.
        name: Name of the state.
    """
    if table["year"].nunique() < 2:
        return None
    by_year = [(int(str(year)), int((own["present"] == "present").sum()), float(own["rate_per_10000_words"].sum())) for year, own in table.groupby("year")]
    return _years_drawn(by_year, name)


@drawn
def _years_drawn(by_year: Sequence[tuple[int, int, float]], name: str) -> Chart:
    figure, axes = _figure(WIDTH * 0.62, 1.9)
    axes.bar([str(y) for y, _, _ in by_year], [n for _, n, _ in by_year], color=BLUE, width=0.6)
    for k, (_, n, _) in enumerate(by_year):
        axes.text(k, n, str(n), ha="center", va="bottom", fontsize=8, color=SOFT)
    axes.set_ylabel("instruments present")
    axes.locator_params(axis="y", integer=True)
    axes.margins(y=0.15)
    axes.tick_params(axis="x", rotation=90 if len(by_year) > 8 else 0)
    words = "; ".join(f"{y}: {n} instruments, {rate:.1f} mentions per 10,000 words" for y, n, rate in by_year)
    return _chart(figure, _slug(f"years {name}"), f"{name} by year of document", f"{words}.")


@drawn
def partners_by_state_chart(shared: pd.DataFrame, limit: int = 18) -> Chart | None:
    """Draw the partners that most states name, as dots of states by partner.

    Args:
        shared: The table of :func:`ddextract.network.partner_centrality`.
        limit: Most partners shown.
    """
    several = shared[(shared["states"] > 1) & (shared["partner_type"] != COLLECTIVE)] if len(shared) else shared
    top: list[dict[str, Any]] = [{str(k): v for k, v in r.items()} for r in several.head(limit).to_dict("records")]
    if not top:
        return None
    figure, axes = _figure(WIDTH * 0.72, 0.24 * len(top) + 0.8)
    labels = [str(r["partner"]) for r in reversed(top)]
    axes.barh(labels, [int(r["states"]) for r in reversed(top)], color=BLUE, height=0.62)
    for y, r in enumerate(reversed(top)):
        _beside(axes, int(r["states"]), y, f"{r['mentions']} mentions")
    axes.set_xlabel("states that name it")
    axes.margins(x=0.2)
    axes.locator_params(axis="x", integer=True)
    words = "; ".join(f"{r['partner']} by {r['states']} states ({str(filled(r['named_by']) or '').replace(';', ', ')})" for r in top)
    return _chart(figure, "partners-shared", "Partners that several states name", f"{words}.")
