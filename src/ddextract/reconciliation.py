"""Where profile and hand-coded list differ: why, with the best evidence on both sides, in a spreadsheet that is read back as gold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddextract.annotation.gold import Coder, GoldInstrument, GoldSentence
from ddextract.codebook import Codebook
from ddextract.errors import DataError, UsageError
from ddextract.lists import HandCodedList
from ddextract.mention import FOR_REVIEW
from ddextract.profile import best_evidence, filled, listed
from ddextract.resemblance import Reader, Resemblance

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "ddextract.reconciliation/1"

MEANING: dict[str, str] = {
    "text lost in the PDF": "listed, not found; a good part of the document could not be read",
    "wording missing": "listed, not found; a sentence about others reads like it, but no wording takes it; or all that the scholar cites was read",
    "attribution": "listed, and named in the text, but held to be another state's, refused, or in a part that does not count",
    "different granularity": "the passage, or the scholar's item, was coded under a neighbouring instrument",
    "thin evidence": "found once or unsurely, too little to call it present, or present on little evidence",
    "spoken of outside the list": "found, not on the scholar's list, but spoken of elsewhere in the article",
    "scholar probably left it out": "found, not listed, on evidence that is hard to explain away",
    "source not read": "listed, not found, and no sentence reads like it; not all sources that the scholar cites were among the documents",
}
"""What each class says."""

COLUMNS = (
    "state", "code", "title", "family", "outcome", "in_list", "items", "item_labels", "class", "why", "counting_mentions", "probability", "words_read",
    "for_document", "for_page", "for_mention", "for_text", "against", "against_document", "against_page", "against_text", "sentence_codes",
    "verdict", "class_right", "sentence_checked", "coder", "note",
)  # fmt: skip
VERDICTS = ("has", "has not", "undecided")
ANSWERS = ("yes", "no")
"""What the scholar fills in: a verdict on the state, an answer on class and sentence."""

LONGEST = 600
"""Characters of a sentence beyond which words of everything come together."""
LOST_SHARE = 0.05
"""Share of words skipped or pages hardly readable from which text counts as lost."""
POOR_QUALITY = 0.8
STRONG_MENTIONS = 3
STRONG_PROBABILITY = 0.9
FOREIGN = frozenset({"state", "region", "international_organisation", "armed_forces", "command", "official", "defence_ministry", "foreign_ministry"})
"""Types of actor that, other than the issuer, make a sentence pass the defence test of the codebook: what is coded is done with or for others."""
PROPOSED = ("/text", "/near")
"""Endings of the rule of a mention that no wording took: the model proposed it."""


def reconcile(
    profiles: pd.DataFrame,
    check: pd.DataFrame,
    mentions: pd.DataFrame,
    documents: pd.DataFrame,
    lists: Mapping[str, HandCodedList],
    codebook: Codebook,
) -> pd.DataFrame:
    """Return a row for every disagreement between a profile and a hand-coded list, with its likely cause and evidence for and against.

    Args:
        profiles: The ``profiles`` table.
        check: The ``check`` table.
        mentions: The ``mentions`` table.
        documents: The ``documents`` table.
        lists: Hand-coded lists by state.
        codebook: The codebook.
    """
    import pandas as pd

    case = _Case(mentions, documents, lists, codebook)
    chances = {(str(r["state"]), str(r["code"])): r for r in profiles.to_dict("records")}
    rows = []
    for entry in check.to_dict("records"):
        if entry["outcome"] in ("agreed", "neither") or (entry["outcome"] == "not decidable" and entry["in_list"] != "listed"):
            continue
        record = {str(k): v for k, v in entry.items()}
        rows.append(case.row(record, {str(k): v for k, v in chances[str(entry["state"]), str(entry["code"])].items()}))
    return pd.DataFrame(rows, columns=list(COLUMNS))


class _Case:
    """What is at hand to explain a disagreement."""

    def __init__(self, mentions: pd.DataFrame, documents: pd.DataFrame, lists: Mapping[str, HandCodedList], codebook: Codebook) -> None:
        self._lists, self._codebook = lists, codebook
        self._own: dict[str, list[dict[str, Any]]] = defaultdict(list)
        read = documents[(documents["outcome"] == "read") & documents["state"].notna()]
        for row in read.to_dict("records"):
            for state in listed(row["issuers"]):
                self._own[str(state)].append({str(k): v for k, v in row.items()})
        self._of_code: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self._in_sentence: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._counted: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._abroad: dict[str, dict[int, tuple[str, set[str]]]] = defaultdict(dict)
        self._readers: dict[str, Reader] = {}
        if len(mentions):
            for m in mentions[mentions["label"] == "ACTOR"].to_dict("records"):
                if m["code"] in FOREIGN:
                    found = self._abroad[str(m["document"])].setdefault(int(m["sentence_start"]), (str(m["sentence"]), set()))
                    found[1].add(str(filled(m["iso3"]) or m["code"]))
        instruments = mentions[mentions["label"] == "INSTRUMENT"] if len(mentions) else mentions
        for row in instruments.to_dict("records"):
            record = {str(k): v for k, v in row.items()}
            self._of_code[str(record["document"]), str(record["code"])].append(record)
            self._in_sentence[str(record["document"]), int(record["sentence_start"])].add(str(record["code"]))
            if record["counts"]:
                self._counted[str(record["document"]), int(record["sentence_start"])].add(str(record["code"]))

    def mentions(self, state: str, code: str, *, counting: bool) -> list[dict[str, Any]]:
        found = [m for d in self._own[state] for m in self._of_code[str(d["id"]), code]]
        return [m for m in found if bool(m["counts"]) is counting]

    def row(self, check: Mapping[str, Any], profile: Mapping[str, Any]) -> dict[str, Any]:
        state, code = str(check["state"]), str(check["code"])
        scholar = self._lists[state]
        items = [i for i in scholar.item if code in i.codes]
        concept = self._codebook.concepts[code]
        row: dict[str, Any] = dict.fromkeys(COLUMNS)
        row.update(
            state=state, code=code, title=concept.title.get("en", code), family=concept.family, outcome=check["outcome"], in_list=check["in_list"],
            items=";".join(i.id for i in items), item_labels="; ".join(i.label for i in items), counting_mentions=int(profile["counting_mentions"]),
            probability=profile["probability"], words_read=int(profile["words_read"]),
        )  # fmt: skip
        if check["in_list"] == "listed":
            self._explain_missing(row, [c for i in items for c in i.codes if c != code])
        else:
            self._explain_found(row)
        return row

    def _explain_missing(self, row: dict[str, Any], siblings: Sequence[str]) -> None:
        """Listed, not found: what speaks for it, and what was against taking it."""
        state, code = row["state"], row["code"]
        row["against"] = f"not found as present in {row['words_read']:,} words"
        if hits := self.mentions(state, code, counting=True):
            self._shown(row, "for", best_evidence(hits))
            row.update({"class": "thin evidence", "why": f"{_mentions(hits)}, below the evidence rule"})
            return
        spare = self.mentions(state, code, counting=False)
        if refused := [m for m in spare if m["reason"] != FOR_REVIEW]:
            best = best_evidence(refused)
            self._shown(row, "for", best)
            row.update({"class": "attribution", "why": f"{len(refused)} named and not counted: {best['reason']}", "against": str(best["reason"])})
            return
        if spare:
            best = best_evidence(spare)
            self._shown(row, "for", best)
            if str(best["rule"]).endswith(PROPOSED):
                row.update({"class": "wording missing", "why": "the model thinks it possible in a sentence that no wording of the codebook takes"})
            else:
                row.update({"class": "thin evidence", "why": f"{len(spare)} for review: a wording takes it, the model doubts it"})
            return
        if found := [(c, hits) for c in dict.fromkeys(siblings) if (hits := self.mentions(state, c, counting=True))]:
            neighbour, hits = max(found, key=lambda pair: len(pair[1]))
            self._shown(row, "for", best_evidence(hits))
            row.update({"class": "different granularity", "why": f"{_mentions(hits)} of {neighbour}, of the same item of the list"})
            return
        if near := self._nearest(state, code):
            document, start, sentence, like = near
            row.update(for_document=document, for_text=sentence)
            said = ", ".join(like.words[:4])
            taken = self._counted[document, start]
            if taken:
                row["sentence_codes"] = ";".join(sorted(taken))
                row.update({"class": "different granularity", "why": f"a sentence counted under {', '.join(sorted(taken))} reads like it ({said})"})
            else:
                row.update({"class": "wording missing", "why": f"a sentence reads like it ({said}), but no wording of the codebook takes it"})
            return
        if lost := self._lost(state):
            row.update({"class": "text lost in the PDF", "why": lost})
            return
        cited = set(self._lists[state].cited)
        read = cited & {str(d["id"]) for d in self._own[state]}
        if cited and read == cited:
            # The scholar saw it in the same text: what is left is that it is said there in words that nothing here knows.
            row.update({"class": "wording missing", "why": "by elimination: all that the scholar cites was read, and no sentence reads like it to us"})
        else:
            row.update({"class": "source not read", "why": f"{len(read)} of the {len(cited)} sources that the scholar cites were read"})

    def _explain_found(self, row: dict[str, Any]) -> None:
        """Found, not listed: how good the evidence is, and what speaks against it."""
        state, code = row["state"], row["code"]
        hits = self.mentions(state, code, counting=True)
        best = best_evidence(hits)
        self._shown(row, "for", best)
        spare = self.mentions(state, code, counting=False)
        if spare:
            doubt = best_evidence(spare)
            self._shown(row, "against", doubt)
            row["against"] = f"{len(spare)} not counted: {doubt['reason']}"
        else:
            row["against"] = "not on the scholar's list"
        scholar = self._lists[state]
        probability = row["probability"]
        sure = len(hits) >= STRONG_MENTIONS and (filled(probability) is None or probability >= STRONG_PROBABILITY)
        shared = [m for m in hits if any(scholar.standing(c) == "listed" for c in self._in_sentence[str(m["document"]), int(m["sentence_start"])] - {code})]
        if row["in_list"] == "discussed":
            row.update({"class": "spoken of outside the list", "why": f"{_mentions(hits)}; the article speaks of it without listing it"})
        elif len(shared) == len(hits):
            row.update({"class": "different granularity", "why": "every sentence also names a listed instrument, under which the scholar may have taken it"})
        elif not sure:
            row.update({"class": "thin evidence", "why": f"{_mentions(hits)}, the surest with score {best['score']:.2f}"})
        else:
            places = len({m["document"] for m in hits})
            row.update({"class": "scholar probably left it out", "why": f"{_mentions(hits)} in {places} document{'s' * (places != 1)}"})

    def _shown(self, row: dict[str, Any], side: str, mention: Mapping[str, Any]) -> None:
        page = mention.get("page_label") or mention.get("page")
        row.update({f"{side}_document": mention["document"], f"{side}_page": _plain(page), f"{side}_text": mention["sentence"]})
        if side == "for":
            row["for_mention"] = mention["id"]
            row["sentence_codes"] = ";".join(sorted(self._in_sentence[str(mention["document"]), int(mention["sentence_start"])]))

    def _nearest(self, state: str, code: str) -> tuple[str, int, str, Resemblance] | None:
        """Return the sentence naming others that reads most like an instrument, with its document and place, if one does."""
        best: tuple[str, int, str, Resemblance] | None = None
        for document in self._own[state]:
            language, name = str(filled(document["language"]) or "en"), str(document["id"])
            reader = self._readers.setdefault(language, Reader(self._codebook, language))
            for start, (sentence, others) in self._abroad[name].items():
                if not others - {state} or len(sentence) > LONGEST:
                    continue
                like = reader.reads_like(sentence, code)
                if like is not None and (best is None or like.odds > best[3].odds):
                    best = (name, start, sentence, like)
        return best

    def _lost(self, state: str) -> str:
        """Return in words how much of a state's documents could not be read, if it is much."""
        lost = []
        for document in self._own[state]:
            skipped = document["skipped"]
            if isinstance(skipped, str):
                import json

                skipped = json.loads(skipped) if skipped else {}
            share = sum((skipped or {}).values()) / max(1, int(document["words"]) + sum((skipped or {}).values()))
            if share >= LOST_SHARE:
                lost.append(f"{document['id']}: {share:.0%} of its words in no language that is read")
            elif document["quality"] is not None and float(document["quality"]) < POOR_QUALITY:
                lost.append(f"{document['id']}: parse quality {float(document['quality']):.2f}")
        return "; ".join(lost)


def _mentions(hits: Sequence[object]) -> str:
    return f"{len(hits)} counting mention{'s' * (len(hits) != 1)}"


def _plain(page: Any) -> Any:
    page = filled(page)
    return int(page) if isinstance(page, float) else page


# --- The spreadsheet there and back -------------------------------------------------------------------------------------------------------


def read_sheet(path: Path) -> list[dict[str, Any]]:
    """Read a reconciliation sheet that a scholar has filled in (.xlsx or .csv).

    Returns:
        The rows with a verdict or a checked sentence; empty cells as empty strings.

    Raises:
        UsageError: There is no such file, or nothing is filled in.
        DataError: A column is missing or a cell holds something else than it may.
    """
    import pandas as pd

    if not path.is_file():
        raise UsageError(f"{path}: no such file. A run writes reconciliation.xlsx and reconciliation.csv; fill one of them in.")
    table = pd.read_excel(path, dtype=str, keep_default_na=False) if path.suffix.lower() == ".xlsx" else pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = [c for c in COLUMNS if c not in table.columns]
    if missing:
        raise DataError(path, "columns", f"{', '.join(missing)} missing; keep the columns of the sheet that a run writes", 1)
    rows = []
    for number, record in enumerate(table.to_dict("records"), 2):
        row = {str(k): str(v).strip() for k, v in record.items()}
        for column, allowed in (("verdict", VERDICTS), ("class_right", ANSWERS), ("sentence_checked", ANSWERS)):
            if row[column] and row[column].lower() not in allowed:
                raise DataError(path, column, f"'{row[column]}' is none of {', '.join(allowed)}", number)
            row[column] = row[column].lower()
        if row["verdict"] or row["sentence_checked"] == "yes":
            rows.append(row)
    if not rows:
        raise UsageError(f"{path}: nothing is filled in. Write has, has not or undecided under verdict, or yes under sentence_checked.")
    return rows


def sheet_as_list(rows: Sequence[Mapping[str, str]], scholar: HandCodedList, issuer: str = "") -> str:
    """Return a state's hand-coded list after reconciliation (TOML, for ``--lists``): what was listed, with ``has`` added and ``has not`` taken away.

    Args:
        rows: The rows of :func:`read_sheet`; those of other states are not used.
        scholar: The list so far.
        issuer: Name of the state.
    """
    verdicts = {r["code"]: r for r in rows if r["state"] == scholar.state and r["verdict"]}
    refused = {c for c, r in verdicts.items() if r["verdict"] == "has not"}
    lines = [
        "# A hand-coded list after reconciliation with the documents. Written by: ddextract reconcile",
        'schema = "ddextract.article_list/1"',
        f'state = "{scholar.state}"',
        f"issuer = {_quoted(issuer or scholar.issuer)}",
        f"cited = [{', '.join(_quoted(c) for c in scholar.cited)}]",
    ]
    for item in scholar.item:
        codes = [c for c in item.codes if c not in refused]
        if codes:
            lines += ["", "[[item]]", f"id = {_quoted(item.id)}", f"list = {_quoted(item.list)}", f"label = {_quoted(item.label)}",
                      f"codes = [{', '.join(_quoted(c) for c in codes)}]", f'status = "{item.status}"']  # fmt: skip
    for code, row in sorted(verdicts.items()):
        if row["verdict"] == "has" and scholar.standing(code) != "listed":
            note = f"; {row['note']}" if row["note"] else ""
            label = _quoted(row["title"] + note)
            lines += ["", "[[item]]", f'id = "reconciled.{code}"', 'list = "reconciled"', f"label = {label}", f"codes = [{_quoted(code)}]",
                      'status = "listed"']  # fmt: skip
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


def sheet_as_gold(rows: Sequence[Mapping[str, str]], mentions: pd.DataFrame, documents: pd.DataFrame, codebook: Codebook) -> list[GoldSentence]:
    """Return the sentences that the scholar has checked as gold: the codes written under ``sentence_codes`` are those of the sentence, all of them.

    Spans, holder and status are the matcher's where it found the code; a code that it did not find spans the sentence, held by the state, current.

    Args:
        rows: The rows of :func:`read_sheet`.
        mentions: The ``mentions`` table of the run.
        documents: The ``documents`` table.
        codebook: The codebook.

    Raises:
        UsageError: A code is not in the codebook or a mention not in the run.
    """
    by_id = {str(r["id"]): {str(k): v for k, v in r.items()} for r in mentions[mentions["label"] == "INSTRUMENT"].to_dict("records")}
    of_document = {str(r["id"]): {str(k): v for k, v in r.items()} for r in documents.to_dict("records")}
    gold: dict[str, GoldSentence] = {}
    for row in rows:
        if row["sentence_checked"] != "yes":
            continue
        mention = by_id.get(row["for_mention"])
        if mention is None:
            raise UsageError(f"{row['state']} {row['code']}: the sentence is not in this run. Give the folder of the run whose sheet it is.")
        codes = [c.strip() for c in row["sentence_codes"].split(";") if c.strip()]
        for code in codes:
            if code not in codebook.instruments:
                raise UsageError(f"{row['state']} {row['code']}: '{code}' under sentence_codes is no instrument of the codebook.")
        document, begin = of_document[str(mention["document"])], int(mention["sentence_start"])
        sentence = str(mention["sentence"])
        same = [m for m in by_id.values() if m["document"] == mention["document"] and int(m["sentence_start"]) == begin]
        spans = []
        for code in codes:
            own = [m for m in same if m["code"] == code]
            spans += [
                GoldInstrument(start=int(m["start"]) - begin, end=int(m["end"]) - begin, code=code, holder=m["holder"], status=m["status"]) for m in own
            ] or [GoldInstrument(start=0, end=len(sentence), code=code, holder="self", status="current")]
        identity = f"{mention['document']}:{begin}"
        year = filled(document["year"])
        gold[identity] = GoldSentence(
            id=identity, document=str(mention["document"]), sha256=str(document["sha256"] or ""), text=sentence, end=len(sentence), split="dev",
            language=str(document["language"]), state=row["state"], year=None if year is None else int(year), instruments=tuple(spans),
            coder=Coder(id=row["coder"] or "scholar", kind="human"), round="raw", doubt=row["note"],
        )  # fmt: skip
    return [gold[k] for k in sorted(gold)]
