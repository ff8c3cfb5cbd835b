"""The page of a state: profile, partners, objectives, the check against the hand-coded list, and the sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ddextract.analysis import Analysis
from ddextract.charts import ladder_chart, partner_chart, years_chart
from ddextract.profile import RUNGS
from ddextract.reconciliation import MEANING
from ddextract.report.overview import OUTCOMES, Cell
from ddextract.report.reader import partner_keys, unnamed_keys
from ddextract.report.shelf import Entry, Shelf, known, state_name


def state_page(shelf: Shelf, state: str, found: dict[tuple[str, str], Cell], analysis: Analysis) -> dict[str, Any]:
    """Return what the page of a state shows."""
    codes = shelf.run.codebook.instruments
    of_code = shelf.of_state(state)
    counting = {code: [e for e in of_code.get(code, []) if e.mention.counts] for code in codes}
    profile = sorted((found[state, code] for code in codes), key=lambda c: (-c.count, c.code))
    every = [e for entries in counting.values() for e in entries]
    by_id = {e.mention.id: e for e in every}
    ladder = _ladder(every)
    concepts = shelf.run.codebook.concepts

    def title(code: str) -> str:
        return concepts[code].title["en"] if code in concepts else code

    edges, years = analysis.comparison.partners, analysis.by_year
    own_edges, own_years = edges[edges["state"] == state], years[years["state"] == state]
    name = state_name(state)
    partners = [r for r in _ranked((k, n, e) for e in every for k, n in partner_keys(e).items()) if r["key"] != state]
    unnamed = {key for e in every for key in unnamed_keys(e)}
    return {
        "state": state,
        "name": name,
        "cards": shelf.cards_of(state),
        "words": sum(card.result.words for card in shelf.cards_of(state)),
        "profile": profile,
        "most": max((c.count for c in profile), default=0),
        "counting": counting,
        "uncounted": {code: [e for e in of_code.get(code, []) if not e.mention.counts] for code in codes},
        "best": {c.code: by_id[c.evidence] for c in profile if c.evidence in by_id},
        "partners": [r for r in partners if r["key"] not in unnamed],
        "groups": [r for r in partners if r["key"] in unnamed],
        "unpartnered": sum(not partner_keys(e) for e in every),
        "objectives": _ranked((o, title(o), e) for e in every for o in e.objectives),
        "aimless": sum(not e.objectives for e in every),
        "check": _check(shelf, state),
        "items": [{str(k): known(v) for k, v in row.items()} for row in shelf.run.items.to_dict("records") if row["state"] == state],
        "total": len(every),
        "ladder": ladder,
        "ladder_chart": ladder_chart([(rung.replace("_", " "), n) for rung, n in ladder], name) if ladder else None,
        "partner_chart": partner_chart(own_edges, name) if len(own_edges) else None,
        "years_chart": years_chart(own_years, name),
        "years": _years(own_years),
        "agents": _ranked((a.name, a.name, e) for e in every if e.mention.attribution and (a := e.mention.attribution.agent)),
        "order": [c.code for c in profile],
        "of_document": Counter(e.card.id for e in every),
        "adjacent_rows": [_filled(r) for r in analysis.adjacent[analysis.adjacent["state"] == state].to_dict("records")],
        "differences": _differences(analysis, state),
        "meaning": MEANING,
        "measured": any(c.probability is not None for c in profile),
    }


def _ranked(named: Iterable[tuple[str, str, Entry]]) -> list[dict[str, Any]]:
    """Return what identifies each thing named, its name and how many mentions name it, how many of them announce, most named first."""
    groups: dict[str, dict[str, Any]] = {}
    for key, name, entry in named:
        row = groups.setdefault(key, {"key": key, "name": name, "count": 0, "planned": 0})
        row["count"] += 1
        row["planned"] += entry.status == "planned"
    return sorted(groups.values(), key=lambda row: (-row["count"], row["name"]))


def _ladder(entries: Iterable[Entry]) -> list[tuple[str, int]]:
    counts = Counter(e.mention.attribution.ladder for e in entries if e.mention.attribution)
    return [(rung, counts[rung]) for rung in RUNGS if counts[rung]]  # type: ignore[index]


def _check(shelf: Shelf, state: str) -> list[tuple[str, list[dict[str, Any]]]]:
    rows = [{str(k): known(v) for k, v in row.items()} for row in shelf.run.check.to_dict("records") if row["state"] == state]
    groups = [(outcome, [r for r in rows if r["outcome"] == outcome]) for outcome in OUTCOMES]
    return [(outcome, group) for outcome, group in groups if group]


def _filled(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(k): known(v) for k, v in row.items()}


def _years(table: Any) -> list[dict[str, Any]]:
    """Return a line per year of documents: what was read and what is present."""
    rows = []
    for year, own in table.groupby("year"):
        rows.append(
            {
                "year": int(year), "documents": int(own["documents_read"].iloc[0]), "words": int(own["words_read"].iloc[0]),
                "mentions": int(own["counting_mentions"].sum()),
                "present": [(str(r["code"]), int(r["counting_mentions"])) for r in own.to_dict("records") if r["present"] == "present"],
            }
        )  # fmt: skip
    return rows


def _differences(analysis: Analysis, state: str) -> dict[str, dict[str, Any]]:
    """Return the disagreements with the hand-coded list by code."""
    table = analysis.reconciliation
    return {str(r["code"]): _filled(r) for r in table[table["state"] == state].to_dict("records")}
