"""What each state does with each instrument: mentions counted into profiles."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ddextract.codebook import Codebook
from ddextract.reliability import Recall, Reliability, presence, presence_by_scores, true_rate

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "ddextract.profiles/2"

MINIMUM_MENTIONS = 2
"""Counting mentions from which an instrument is present; below it is doubtful, unless one is sure."""
SURE_SCORE = 0.85
"""Score from which a single counting mention suffices."""
EVEN_ODDS = 0.5
"""Probability below which no evidence makes an instrument present, where probabilities are measured."""
SHORTEST, LONGEST = 45, 500
"""Characters of a sentence that can stand as evidence alone."""
CLEAR_SENTENCE = 160
"""Characters of a sentence that is long enough to stand alone and short enough to read."""
RUNGS = ("has_done", "does", "mentioned", "will", "aimed", "considered")
"""Rungs of the ladder that count, the firmest first; the first three are practised, the others announced."""

Row = Mapping[str, Any]
By = Literal["state", "document", "year"]


@dataclass(frozen=True, slots=True)
class EvidenceRule:
    """From when an instrument counts as present; recorded in ``summary.json`` and in every profile.

    Attributes:
        mentions: Counting mentions that suffice together.
        score: Score at which one suffices.
        probability: Probability of presence below which it is doubtful all the same, where it is measured.
    """

    mentions: int = MINIMUM_MENTIONS
    score: float = SURE_SCORE
    probability: float = EVEN_ODDS

    def presence(self, counting: int, best_score: float, probability: float | None = None) -> str:
        """Return ``present``, ``doubtful`` or ``absent``."""
        if counting == 0:
            return "absent"
        enough = counting >= self.mentions or best_score >= self.score
        return "present" if enough and (probability is None or probability >= self.probability) else "doubtful"

    def __str__(self) -> str:
        """Return the rule in words."""
        return f"{self.mentions} counting mentions, or one of score {self.score:g}; and probability at least {self.probability:g} where measured"


PROFILE_COLUMNS = (
    "state", "code", "family", "counting_mentions", "current", "planned", "past", "practised", "announced", "ladder", "self", "joint", "other", "negated",
    "documents", "documents_read", "words_read", "rate_per_10000_words", "share", "wordings", "partners", "partners_named", "agents", "objectives",
    "first_year", "last_year", "present", "probability", "probability_low", "probability_high", "probability_from", "evidence_rule",
    "evidence_document", "evidence_page", "evidence_page_label", "evidence_mention", "evidence_score", "evidence_text",
)  # fmt: skip
KEYS: dict[By, tuple[str, ...]] = {"state": ("state",), "document": ("document", "state", "year"), "year": ("state", "year")}
"""What names a profile: of a state, of a document, of a state's documents of one year."""


def profile_states(
    mentions: pd.DataFrame,
    documents: pd.DataFrame,
    codebook: Codebook,
    rule: EvidenceRule | None = None,
    reliability: Reliability | None = None,
    *,
    by: By = "state",
    calibrated: bool = False,
) -> pd.DataFrame:
    """Return one row per state and instrument code (always all codes).

    Args:
        mentions: The ``mentions`` table.
        documents: The ``documents`` table; documents that failed or have no state are left out (from profiles of documents only those that failed).
        codebook: The codebook whose codes are profiled.
        rule: From when an instrument counts as present.
        reliability: Measured precision and recall; without it the ``probability`` columns are empty.
        by: ``state``, ``document``, or ``year`` (of a state).
        calibrated: Whether the scores of mentions are calibrated probabilities; then they replace the measured precision.

    Returns:
        Columns :data:`PROFILE_COLUMNS` after those of :data:`KEYS`.
    """
    return _profiles(mentions, documents, codebook.instruments, codebook, rule or EvidenceRule(), reliability, by, calibrated=calibrated)


def profile_adjacent(mentions: pd.DataFrame, documents: pd.DataFrame, codebook: Codebook, areas: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return one row per state and adjacent code, in the columns of a profile, with the area of the article's Table 1 beside it.

    A mention is counted here by the rules for instruments: own or joint, not negated. It never counts as defence diplomacy.

    Args:
        mentions: The ``mentions`` table.
        documents: The ``documents`` table.
        codebook: The codebook.
        areas: Area of Table 1 by code.
    """
    codes = [c.code for c in codebook.of_kind("adjacent")]
    table = _profiles(mentions, documents, codes, codebook, EvidenceRule(), None, "state", calibrated=False, label="ADJACENT")
    table.insert(2, "area", [(areas or {}).get(code, "") for code in table["code"]])
    return table.drop(columns=["family"])


_USED = (
    "id", "document", "code", "counts", "holder", "status", "ladder", "score", "text", "sentence", "start", "page", "page_label", "partner", "agent",
    "objective_codes",
)  # fmt: skip
"""Columns of the ``mentions`` table that profiles rest on."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """What one profile is of: documents read together."""

    key: tuple[Any, ...]
    documents: tuple[str, ...]
    words: int


def _profiles(
    mentions: pd.DataFrame, documents: pd.DataFrame, codes: Sequence[str], codebook: Codebook, rule: EvidenceRule, reliability: Reliability | None, by: By,
    *, calibrated: bool, label: str = "INSTRUMENT",
) -> pd.DataFrame:  # fmt: skip
    import pandas as pd

    units = _units(documents, by)
    years = {str(d): None if pd.isna(y) else int(y) for d, y in zip(documents["id"], documents["year"], strict=True)}
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    uncounted: dict[tuple[str, str], list[Row]] = defaultdict(list)
    # Tables made by hand may lack the label; all their mentions are instruments.
    own = mentions[mentions["label"] == label] if len(mentions) and "label" in mentions else mentions
    names = [name for name in _USED if name in own]
    for values in zip(*(own[name].to_numpy(dtype=object) for name in names), strict=True):
        record: Row = dict(zip(names, values, strict=True))
        counts = bool(record["counts"]) if label == "INSTRUMENT" else record["holder"] in ("self", "joint") and record["status"] != "negated"
        (found if counts else uncounted)[str(record["document"]), str(record["code"])].append(record)
    chances = _Chances(units, found, codes, reliability, calibrated=calibrated)
    columns = [*KEYS[by], *(c for c in PROFILE_COLUMNS if c not in KEYS[by])]
    rows = []
    for unit in units:
        of_code = {code: [r for d in unit.documents for r in found.get((d, code), ())] for code in codes}
        total = sum(len(hits) for hits in of_code.values())
        for code in codes:
            hits = of_code[code]
            row: dict[str, Any] = dict.fromkeys(columns)
            row.update(zip(KEYS[by], unit.key, strict=True))
            row.update(code=code, family=codebook.concepts[code].family, documents_read=len(unit.documents), words_read=unit.words, evidence_rule=str(rule))
            row.update(_counted(hits, total, unit.words, years))
            spare = [r for d in unit.documents for r in uncounted.get((d, code), ())]
            row["other"] = sum(r["holder"] == "other" for r in spare)
            row["negated"] = sum(r["status"] == "negated" and r["holder"] != "other" for r in spare)
            row.update(chances.of(unit, code, hits))
            row["present"] = rule.presence(len(hits), max((float(r["score"]) for r in hits), default=0.0), row["probability"])
            rows.append(row)
    return pd.DataFrame(rows, columns=columns)


def _units(documents: pd.DataFrame, by: By) -> list[_Unit]:
    import pandas as pd

    read = documents[documents["outcome"] == "read"]
    rows = [
        (str(d), _issuers(issuers) if not pd.isna(state) else (), int(words), None if pd.isna(year) else int(year))
        for d, issuers, state, words, year in zip(read["id"], read["issuers"], read["state"], read["words"], read["year"], strict=True)
    ]
    if by == "document":
        return [_Unit((d, ";".join(states) or None, year), (d,), words) for d, states, words, year in rows]
    groups: dict[tuple[Any, ...], list[tuple[str, int]]] = defaultdict(list)
    for d, states, words, year in rows:
        for state in states:
            if by == "state":
                groups[(state,)].append((d, words))
            elif year is not None:
                groups[state, year].append((d, words))
    return [_Unit(key, tuple(d for d, _ in group), sum(w for _, w in group)) for key, group in sorted(groups.items())]


def _issuers(value: Any) -> tuple[str, ...]:
    return tuple(str(s) for s in listed(value) if s)


def listed(value: Any) -> list[Any]:
    """Return the list in a cell of a table: as it is in a run, as JSON in its files, empty where there is none."""
    if isinstance(value, str):
        found = json.loads(value) if value else []
        return found if isinstance(found, list) else []
    return list(value) if isinstance(value, (list, tuple)) else []


def filled(value: Any) -> Any:
    """Return a cell of a table, None where it is empty (None, or NaN as pandas has it)."""
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


def actor(value: Any) -> dict[str, Any] | None:
    """Return the actor in a cell of a table, if there is one."""
    if isinstance(value, str):
        value = json.loads(value) if value else None
    return value if isinstance(value, dict) else None


def _ranked(names: Iterable[str]) -> list[str]:
    counts = Counter(names)
    return sorted(counts, key=lambda name: (-counts[name], name))


def wording(row: Row) -> str:
    """Return what makes two mentions one witness: the words that were taken, however they are spaced and capitalised."""
    return " ".join(str(row.get("text") or row["id"]).split()).lower()


def _counted(hits: Sequence[Row], total: int, words: int, years: Mapping[str, int | None]) -> dict[str, Any]:
    """Return the columns that are counted, and the best evidence."""
    count = len(hits)
    statuses, holders = Counter(r["status"] for r in hits), Counter(r["holder"] for r in hits)
    rungs = Counter(str(r["ladder"]) for r in hits if isinstance(r.get("ladder"), str))
    row: dict[str, Any] = {
        "counting_mentions": count, "current": statuses["current"], "planned": statuses["planned"], "past": statuses["past"],
        "practised": statuses["current"] + statuses["past"], "announced": statuses["planned"],
        "ladder": ";".join(f"{rung}:{rungs[rung]}" for rung in RUNGS if rungs[rung]), "self": holders["self"], "joint": holders["joint"],
        "documents": len({r["document"] for r in hits}), "rate_per_10000_words": round(10_000 * count / words, 2) if words else 0.0,
        "share": round(count / total, 4) if total else 0.0, "wordings": len({wording(r) for r in hits}),
    }  # fmt: skip
    if hits:
        partners = _ranked(str(p["iso3"] or p["name"]) for r in hits for p in listed(r["partner"]))
        agents = _ranked(str(a["name"]) for a in (actor(r.get("agent")) for r in hits) if a)
        seen = [y for y in (years[str(r["document"])] for r in hits) if y is not None]
        best = best_evidence(hits)
        row.update(
            partners=";".join(partners), partners_named=len(partners), agents=";".join(agents),
            objectives=";".join(sorted({str(o) for r in hits for o in listed(r["objective_codes"])})),
            first_year=min(seen, default=None), last_year=max(seen, default=None),
            evidence_document=best["document"], evidence_page=best["page"], evidence_page_label=best.get("page_label"), evidence_mention=best["id"],
            evidence_score=best["score"], evidence_text=best["sentence"],
        )  # fmt: skip
    else:
        row["partners_named"] = 0
    return row


def best_evidence(hits: Sequence[Row]) -> Row:
    """Return the mention that shows an instrument best (see :func:`unclear`)."""
    return min(hits, key=lambda r: (*unclear(str(r["sentence"]), float(r["score"]), str(r["status"])), str(r["document"]), int(r["start"])))


def unclear(sentence: str, score: float, status: str) -> tuple[bool, float, bool, int, float]:
    """Return what ranks evidence, the best lowest.

    Sentences that say something before headings and lists, then by score (to a tenth: smaller differences mean less than clarity), practised before
    announced, the clearest sentence, the exact score.
    """
    length = len(sentence)
    return not SHORTEST <= length <= LONGEST, -round(score, 1), status == "planned", abs(length - CLEAR_SENTENCE), -score


class _Chances:
    """How probable it is that each instrument is truly there."""

    def __init__(
        self, units: Sequence[_Unit], found: Mapping[tuple[str, str], Sequence[Row]], codes: Sequence[str], reliability: Reliability | None, *, calibrated: bool
    ) -> None:
        self._reliability = reliability
        self._calibrated = calibrated
        self._draws = {code: reliability.draws(code) for code in codes} if reliability else {}
        self._recall = {code: Recall.of(recall) for code, (_, recall) in self._draws.items()} if calibrated else {}
        self._rates = {}
        if reliability:
            words = {str(u.key): u.words for u in units}
            for code in codes:
                precision, recall = self._draws[code]
                counts = {str(u.key): sum(len(found.get((d, code), ())) for d in u.documents) for u in units}
                self._rates[code] = true_rate(counts, words, float(precision.mean()), float(recall.mean()))

    def of(self, unit: _Unit, code: str, hits: Sequence[Row]) -> dict[str, Any]:
        if not self._reliability:
            return {}
        precision, recall = self._draws[code]
        # A wording that is taken wrongly is taken wrongly wherever it stands, so each is one witness.
        witnesses: dict[str, float] = {}
        for row in hits:
            witnesses[wording(row)] = max(witnesses.get(wording(row), 0.0), float(row["score"]))
        if self._calibrated:
            p, low, high = presence_by_scores(unit.words, self._recall[code], self._rates[code], [1 - score for score in witnesses.values()])
        else:
            p, low, high = presence(len(witnesses), unit.words, precision, recall, self._rates[code])
        source = "calibrated scores" if self._calibrated else f"precision and recall on {self._reliability.set}"
        if self._reliability.transfer:
            source += f", shifted to {self._reliability.transfer.set}"
        return {"probability": p, "probability_low": low, "probability_high": high, "probability_from": source}


PORTFOLIO_COLUMNS = ("Country", "Sector", "Year", "Instrument", "Target", "covered")
SECTOR = "Defence diplomacy"
UNSPECIFIED = "unspecified"


def portfolio(mentions: pd.DataFrame, documents: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the layout of the R package PolicyPortfolios: a row per state, year, instrument and target, covered or not.

    Targets are the objectives that counting mentions serve, and ``unspecified`` for mentions that name none. Years are those of documents read.

    Args:
        mentions: The ``mentions`` table.
        documents: The ``documents`` table.
        codebook: The codebook.
    """
    import pandas as pd

    codes, targets = codebook.instruments, [*sorted(c.code for c in codebook.of_kind("objectives")), UNSPECIFIED]
    units = _units(documents, "year")
    place: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for unit in units:
        for document in unit.documents:
            place[document].append(unit.key)
    covered: set[tuple[Any, ...]] = set()
    counting = mentions[mentions["counts"].astype(bool)] if len(mentions) else mentions
    for document, code, objectives in zip(counting["document"], counting["code"], counting["objective_codes"], strict=True):
        for key in place.get(str(document), ()):
            covered.update((*key, code, target) for target in (listed(objectives) or [UNSPECIFIED]))
    rows = [
        (state, SECTOR, year, code, target, int((state, year, code, target) in covered))
        for state, year in (u.key for u in units)
        for code in codes
        for target in targets
    ]
    return pd.DataFrame(rows, columns=list(PORTFOLIO_COLUMNS))
