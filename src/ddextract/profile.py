"""What each state does with each instrument: mentions counted into profiles."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ddextract.codebook import Codebook

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "ddextract.profiles/1"

MINIMUM_MENTIONS = 2
"""Counting mentions from which an instrument is present; below it is doubtful, unless one is sure."""
SURE_SCORE = 0.85
"""Score from which a single counting mention suffices."""


@dataclass(frozen=True, slots=True)
class EvidenceRule:
    """From when an instrument counts as present; recorded in ``summary.json``.

    Attributes:
        mentions: Counting mentions that suffice together.
        score: Score at which one suffices.
    """

    mentions: int = MINIMUM_MENTIONS
    score: float = SURE_SCORE

    def presence(self, counting: int, best_score: float) -> str:
        """Return ``present``, ``doubtful`` or ``absent``."""
        if counting == 0:
            return "absent"
        return "present" if counting >= self.mentions or best_score >= self.score else "doubtful"


PROFILE_COLUMNS = (
    "state", "code", "family", "counting_mentions", "current", "planned", "past", "self", "joint", "documents", "documents_read", "words_read",
    "rate_per_10000_words", "share", "partners", "objectives", "first_year", "last_year", "present", "probability", "probability_low", "probability_high",
    "evidence_document", "evidence_page", "evidence_mention", "evidence_text",
)  # fmt: skip


def profile_states(mentions: pd.DataFrame, documents: pd.DataFrame, codebook: Codebook, rule: EvidenceRule | None = None) -> pd.DataFrame:
    """Return one row per state and instrument code (always all codes).

    Args:
        mentions: The ``mentions`` table.
        documents: The ``documents`` table; documents that failed or have no state are left out.
        codebook: The codebook whose codes are profiled.
        rule: From when an instrument counts as present.

    Returns:
        Columns :data:`PROFILE_COLUMNS`; ``probability`` columns are empty until a measured precision and recall is given.
    """
    import pandas as pd

    rule = rule or EvidenceRule()
    read = documents[(documents["outcome"] == "read") & documents["state"].notna()]
    issued = {d: [s for s in issuers if s] for d, issuers in zip(read["id"], read["issuers"], strict=True)}
    words = dict(zip(read["id"], read["words"], strict=True))
    years = dict(zip(read["id"], read["year"], strict=True))
    counting = mentions[mentions["counts"].astype(bool)] if len(mentions) else mentions
    rows = []
    for state in sorted({s for issuers in issued.values() for s in issuers}):
        own = [d for d, issuers in issued.items() if state in issuers]
        total = counting[counting["document"].isin(own)] if len(counting) else counting
        words_read = int(sum(words[d] for d in own))
        for code in codebook.instruments:
            hits = total[total["code"] == code] if len(total) else total
            rows.append(_row(state, code, codebook.concepts[code].family, hits, len(total), own, words_read, years, rule))
    return pd.DataFrame(rows, columns=list(PROFILE_COLUMNS))


def _row(
    state: str, code: str, family: str, hits: pd.DataFrame, total: int, own: list[str], words_read: int, years: dict[str, int | None], rule: EvidenceRule
) -> dict[str, object]:
    import pandas as pd

    count = len(hits)
    row: dict[str, object] = dict.fromkeys(PROFILE_COLUMNS)
    row.update(state=state, code=code, family=family, counting_mentions=count, documents_read=len(own), words_read=words_read)
    statuses = hits["status"].value_counts().to_dict() if count else {}
    holders = hits["holder"].value_counts().to_dict() if count else {}
    row.update({s: int(statuses.get(s, 0)) for s in ("current", "planned", "past")}, **{h: int(holders.get(h, 0)) for h in ("self", "joint")})
    row["documents"] = int(hits["document"].nunique()) if count else 0
    row["rate_per_10000_words"] = round(10_000 * count / words_read, 2) if words_read else 0.0
    row["share"] = round(count / total, 4) if total else 0.0
    row["present"] = rule.presence(count, float(hits["score"].max()) if count else 0.0)
    if count:
        partners: dict[str, int] = {}
        for listed in hits["partner"]:
            for partner in json.loads(listed) if isinstance(listed, str) else listed:
                name = partner["iso3"] or partner["name"]
                partners[name] = partners.get(name, 0) + 1
        row["partners"] = ";".join(sorted(partners, key=lambda name: (-partners[name], name)))
        row["objectives"] = ";".join(sorted({o for listed in hits["objective_codes"] for o in listed}))
        seen = [int(y) for y in (years[d] for d in hits["document"]) if not pd.isna(y)]
        row.update(first_year=min(seen, default=None), last_year=max(seen, default=None))
        best = best_evidence(hits)
        row.update(evidence_document=best["document"], evidence_page=best["page"], evidence_mention=best["id"], evidence_text=best["sentence"])
    return row


def best_evidence(hits: pd.DataFrame) -> pd.Series:
    """Return the mention that shows an instrument best: highest score, practised before announced, then the clearest (shortest complete) sentence."""
    ranked = hits.assign(
        _announced=hits["status"].eq("planned"),
        _length=(hits["sentence"].str.len() - 160).abs(),
    ).sort_values(["score", "_announced", "_length", "document", "start"], ascending=[False, True, True, True, True])
    return ranked.iloc[0]
