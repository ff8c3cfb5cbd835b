"""Who does what for what, and with whom: objectives, flows from agent to objective, the partner network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ddextract.profile import actor, listed

if TYPE_CHECKING:
    import pandas as pd


def counting_mentions(mentions: pd.DataFrame, documents: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the counting mentions with the states in whose profiles they stand (a row for each), from a run or from its files.

    Args:
        mentions: The ``mentions`` table.
        documents: The ``documents`` table.
    """
    import pandas as pd

    read = documents[(documents["outcome"] == "read") & documents["state"].notna()]
    issuers = {str(d): [str(s) for s in listed(i) if s] for d, i in zip(read["id"], read["issuers"], strict=True)}
    years = {str(d): None if pd.isna(y) else int(y) for d, y in zip(read["id"], read["year"], strict=True)}
    counting = mentions[mentions["counts"].astype(bool)] if len(mentions) else mentions
    rows = []
    for record in counting.to_dict("records"):
        document = str(record["document"])
        for state in issuers.get(document, ()):
            rows.append(
                {
                    "id": str(record["id"]), "state": state, "document": document, "year": years[document], "code": str(record["code"]),
                    "status": str(record["status"]), "holder": str(record["holder"]), "agent": actor(record.get("agent")), "partner": listed(record["partner"]),
                    "objectives": [str(o) for o in listed(record["objective_codes"])], "score": float(record["score"]),
                }
            )  # fmt: skip
    return rows


def objective_matrix(rows: Sequence[Mapping[str, Any]], states: Sequence[str], objectives: Sequence[str]) -> pd.DataFrame:
    """Return how many counting mentions of each state serve each objective."""
    import pandas as pd

    counts = Counter((r["state"], o) for r in rows for o in r["objectives"])
    return pd.DataFrame([[counts[s, o] for o in objectives] for s in states], index=list(states), columns=list(objectives), dtype=int)


FLOW_COLUMNS = ("state", "agent", "agent_type", "code", "objective", "mentions")
UNNAMED = "not named"


def flows(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return who does what for what: counting mentions by state, agent, instrument and objective.

    A mention that names no agent or no objective stands under ``not named``; one that serves two objectives stands in two rows.
    """
    import pandas as pd

    counts: Counter[tuple[str, str, str, str, str]] = Counter()
    for r in rows:
        agent, kind = (str(r["agent"]["name"]), str(r["agent"]["type"])) if r["agent"] else (UNNAMED, "")
        for objective in r["objectives"] or [UNNAMED]:
            counts[r["state"], agent, kind, r["code"], objective] += 1
    table = [(*key, n) for key, n in counts.items()]
    frame = pd.DataFrame(table, columns=list(FLOW_COLUMNS))
    return frame.sort_values(["state", "mentions", "agent", "code", "objective"], ascending=[True, False, True, True, True], ignore_index=True)


PARTNER_COLUMNS = ("state", "partner", "partner_iso3", "partner_type", "mentions", "practised", "announced", "instruments", "codes", "reciprocal")


def partner_network(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the partner network as edges: a state names a partner in counting mentions, so many times, with these instruments.

    ``reciprocal`` says whether the partner is a state that was read and names the state back. A state is no partner of itself.
    """
    import pandas as pd

    edges: dict[tuple[str, str], list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
    for r in rows:
        for p in {str(p["iso3"] or p["name"]): p for p in r["partner"]}.items():
            if p[0] != r["state"]:
                edges.setdefault((r["state"], p[0]), []).append((r, p[1]))
    table = []
    for (state, partner), named in edges.items():
        who = named[0][1]
        codes = Counter(r["code"] for r, _ in named)
        planned = sum(r["status"] == "planned" for r, _ in named)
        table.append(
            (
                state, str(who["name"]), who["iso3"], str(who["type"]), len(named), len(named) - planned, planned, len(codes),
                ";".join(sorted(codes, key=lambda c: (-codes[c], c))), (partner, state) in edges,
            )
        )  # fmt: skip
    frame = pd.DataFrame(table, columns=list(PARTNER_COLUMNS))
    return frame.sort_values(["state", "mentions", "partner"], ascending=[True, False, True], ignore_index=True)


def partner_centrality(edges: pd.DataFrame) -> pd.DataFrame:
    """Return the partners named by most states: in-degree, mentions, and share of the states that name them."""
    import pandas as pd

    if not len(edges):
        return pd.DataFrame(columns=["partner", "partner_iso3", "partner_type", "states", "mentions", "named_by"])
    number = edges["state"].nunique()
    rows = []
    for (partner, kind), own in edges.groupby(["partner", "partner_type"]):
        rows.append(
            {
                "partner": partner, "partner_iso3": own["partner_iso3"].iloc[0], "partner_type": kind, "states": len(own), "share": round(len(own) / number, 4),
                "mentions": int(own["mentions"].sum()), "named_by": ";".join(own["state"]),
            }
        )  # fmt: skip
    return pd.DataFrame(rows).sort_values(["states", "mentions", "partner"], ascending=[False, False, True], ignore_index=True)
