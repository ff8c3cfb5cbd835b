"""``ddextract check``: a run against hand-coded lists, under several thresholds, and against the article's claims."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddextract.annotation.agreement import cohen_kappa
from ddextract.claims import check_claims, read_claims
from ddextract.codebook import Codebook, load_codebook
from ddextract.errors import UsageError
from ddextract.lists import HandCodedList, check_items, check_profiles, load_lists
from ddextract.reliability import read_reliability
from ddextract.saved import patterns_of

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "ddextract.check/1"
COUNTS = (1, 2, 3, 4, 5, 7, 10)
CUTS = (0.0, 0.6, 0.7, 0.8, 0.85, 0.9)
EVERY_STATE = "all"


def check_run(out: Path, lists: Sequence[Path] = (), patterns: Sequence[Path] = ()) -> dict[str, Any]:
    """Check the tables of a run against hand-coded lists and the article's claims.

    Args:
        out: Folder of the run.
        lists: Folders of own lists.
        patterns: Folders of own pages; those that the run was made with if not given.

    Returns:
        JSON-ready: ``states`` (and all together), ``thresholds``, ``items``, ``claims``.

    Raises:
        UsageError: The folder holds no run, or no state of it has a list.
    """
    profiles, mentions, documents = _tables(out)
    codebook = load_codebook(*(patterns or patterns_of(out)))
    known = load_lists(codebook, *lists)
    read = documents[documents["outcome"] == "read"]
    by_state: dict[str, set[str]] = {}
    for name, issuers in zip(read["id"], read["issuers"], strict=True):
        for state in json.loads(issuers) if isinstance(issuers, str) and issuers else []:
            by_state.setdefault(state, set()).add(name)
    check = check_profiles(profiles, known, by_state)
    if not len(check):
        raise UsageError(f"{out}: no state of this run has a hand-coded list. Lists: {', '.join(sorted(known))}; give own ones with --lists DIR.")
    states = sorted(set(check["state"]))
    chosen = {state: known[state] for state in states}
    return {
        "schema": SCHEMA,
        "run": str(out),
        "states": [_state(check, s) for s in [*states, EVERY_STATE]],
        "thresholds": _curve(mentions, by_state, chosen, codebook),
        "items": json.loads(check_items(profiles, known).to_json(orient="records")),
        "claims": [
            {"id": t.claim.id, "claim": t.claim.claim, "states": list(t.claim.states), "says": t.says, "for": list(t.evidence), "against": list(t.against),
             "verdict": t.verdict, "reason": t.claim.reason}
            for t in check_claims(read_claims(codebook), profiles, read_reliability())
        ],
    }  # fmt: skip


def _tables(out: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    for name in ("profiles.csv", "mentions.parquet", "documents.csv"):
        if not (out / name).is_file():
            raise UsageError(f"{out}: holds no {name}. Give the --out folder of a run (ddextract run …).")
    profiles = pd.read_csv(out / "profiles.csv")
    # The table writes the objectives as a JSON string.
    profiles["objectives"] = [json.loads(o) if isinstance(o, str) and o.startswith('"') else o if isinstance(o, str) else "" for o in profiles["objectives"]]
    return profiles, pd.read_parquet(out / "mentions.parquet"), pd.read_csv(out / "documents.csv")


def _state(check: pd.DataFrame, state: str) -> dict[str, Any]:
    own = check if state == EVERY_STATE else check[check["state"] == state]
    found = [p == "present" for p in own["present"]]
    standing = list(own["in_list"])
    outcomes = Counter(str(o) for o in own["outcome"])
    doubtful = own[(own["in_list"] == "listed") & (own["present"] == "doubtful")]
    rows = own[["state", "code", "in_list", "present", "counting_mentions", "outcome", "evidence_document", "evidence_page", "evidence_text"]]
    return {
        "state": state,
        "codes": len(own),
        "listed": standing.count("listed"),
        "discussed": standing.count("discussed"),
        "words_read": int(own.groupby("state")["words_read"].first().sum()),
        "cited_sources_read": "; ".join(f"{s} {c}" if state == EVERY_STATE else str(c) for s, c in own.groupby("state")["cited_sources_read"].first().items()),
        "outcomes": dict(sorted(outcomes.items())),
        "doubtful": list(doubtful["code"]),
        "strict": _agreement([s == "listed" for s in standing], found),
        "with_discussed": _agreement([s in ("listed", "discussed") for s in standing], found),
        "rows": json.loads(rows.to_json(orient="records")) if state != EVERY_STATE else [],
    }


def _agreement(listed: Sequence[bool], found: Sequence[bool]) -> dict[str, Any]:
    both = sum(a and b for a, b in zip(listed, found, strict=True))
    kappa = cohen_kappa(listed, found)
    return {
        "kappa": None if kappa is None else round(kappa, 3),
        "listed_and_found": both,
        "listed": sum(listed),
        "found": sum(found),
        "equal": sum(a == b for a, b in zip(listed, found, strict=True)),
    }


def _curve(mentions: pd.DataFrame, by_state: Mapping[str, set[str]], lists: Mapping[str, HandCodedList], codebook: Codebook) -> list[dict[str, Any]]:
    """Return agreement under other thresholds: from how many counting mentions a code is present, and of what score."""
    counting = mentions[mentions["counts"].astype(bool)]
    curve = []
    for count, cut in [*((n, 0.0) for n in COUNTS), *((1, c) for c in CUTS[1:])]:
        sure = counting[counting["score"] >= cut]
        listed, wider, found = [], [], []
        for state, scholar in lists.items():
            own = sure[sure["document"].isin(by_state.get(state, set()))]["code"].value_counts()
            for code in codebook.instruments:
                listed.append(scholar.standing(code) == "listed")
                wider.append(scholar.standing(code) != "no")
                found.append(int(own.get(code, 0)) >= count)
        curve.append({"mentions": count, "score": cut, "strict": _agreement(listed, found), "with_discussed": _agreement(wider, found)})
    return curve


def check_lines(check: Mapping[str, Any], *, thresholds: bool = False, items: bool = False) -> Iterator[str]:
    """Yield the check as lines of text.

    Args:
        check: What :func:`check_run` returned.
        thresholds: Whether to give the curve.
        items: Whether to give every item.
    """
    for state in check["states"]:
        yield from _state_lines(state)
    counts: Counter[str] = Counter(item["found"] for item in check["items"])
    yield f"items of the lists: {counts['all']} found in full, {counts['some']} in part, {counts['none']} not"
    if items:
        for item in check["items"]:
            place = f"{item['evidence_document']}: “{_short(item['evidence_text'])}”" if item["evidence_document"] else ""
            yield f"  {item['item']:<10} {item['found']:<5} {item['label'][:44]:<45} {item['codes']}  {place}"
    if thresholds:
        yield "thresholds (all states)"
        yield f"  {'mentions':>8}{'score':>7}   {'strict: kappa':>13}{'found':>7}{'of listed':>11}   {'with discussed: kappa':>21}"
        for row in check["thresholds"]:
            s, w = row["strict"], row["with_discussed"]
            yield f"  {row['mentions']:>8}{row['score']:>7.2f}   {_kappa(s):>13}{s['found']:>7}{s['listed_and_found']:>5} of {s['listed']:<3}   {_kappa(w):>21}"
    cited = next(s["cited_sources_read"] for s in check["states"] if s["state"] == EVERY_STATE)
    yield f"claims of the comparative section, on the documents of this run (of the sources that the article cites: {cited})"
    for claim in check["claims"]:
        yield f"  {claim['id']:<13} {claim['verdict']:<33} {claim['claim']}"
        yield f"  {'':<13} {claim['says']}{'; ' + claim['reason'] if claim['reason'] else ''}"
        for kind in ("for", "against"):
            for line in claim[kind][:3]:
                yield f"  {'':<15} {kind}: {line}"
            if len(claim[kind]) > 3:
                yield f"  {'':<15} {kind}: … {len(claim[kind]) - 3} more (--json)"
    verdicts: Counter[str] = Counter(claim["verdict"] for claim in check["claims"])
    yield "claims: " + ", ".join(f"{n} {verdict}" for verdict, n in verdicts.most_common())


def _state_lines(state: Mapping[str, Any]) -> Iterator[str]:
    strict, wider = state["strict"], state["with_discussed"]
    name = "all states" if state["state"] == EVERY_STATE else state["state"]
    yield f"{name}: {state['words_read']:,} words read; sources that the article cites: {state['cited_sources_read']}"
    found = f"{strict['listed_and_found']} of {strict['listed']} listed codes found, {strict['found']} found in all"
    yield f"  strict: kappa {_kappa(strict)} over {state['codes']} codes, {found}"
    yield f"  with discussed codes: kappa {_kappa(wider)}, {wider['listed_and_found']} of {wider['listed']} found"
    rows = state["rows"]
    if not rows:
        return
    only = [f"{r['code']}{' (doubtful)' if r['present'] == 'doubtful' else ''}" for r in rows if r["in_list"] == "listed" and r["outcome"] == "only list"]
    yield f"  listed, not found: {', '.join(only) or 'none'}"
    open_ = [r["code"] for r in rows if r["outcome"] == "not decidable"]
    if open_:
        yield f"  not decidable, too little read: {', '.join(open_)}"
    extra = [r for r in rows if r["outcome"] == "only text"]
    yield f"  found, not listed ({len(extra)}; the scholar may have left them out):"
    for r in extra:
        page = f", p. {int(r['evidence_page'])}" if r["evidence_page"] is not None else ""
        mark = ", discussed" if r["in_list"] == "discussed" else ""
        yield f"    {r['code']}{mark}: {r['counting_mentions']} counting mentions, {r['evidence_document']}{page} “{_short(r['evidence_text'])}”"


def _kappa(agreement: Mapping[str, Any]) -> str:
    return "-" if agreement["kappa"] is None else f"{agreement['kappa']:.3f}"


def _short(text: Any) -> str:
    words = " ".join(str(text or "").split())
    return words if len(words) <= 100 else f"{words[:99]}…"
