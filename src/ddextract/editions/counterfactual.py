"""Why something changed: the old run is made again with one thing changed at a time.

Old software cannot be run again, so today's software goes first:

1. the old texts as read then, old patterns, today's matching: what differs now is due to the **software of matching** (or a model);
2. the old files read again by today's reading: what differs from 1 is due to the **software of reading**.

From there, one thing is changed alone: the **patterns**; the **settings** (what is known of the documents, the matcher); the
**documents**. What brings about a change alone is its cause; several may, each alone. Where none does alone, those that move
anything are its cause together. Besides, all is changed step by step, and the mentions that come and go at each step are counted.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from ddextract.batch.assembly import identified
from ddextract.batch.parts import OtherShapeError, document_of
from ddextract.batch.places import is_remote
from ddextract.batch.stages import folded, models, software
from ddextract.codebook import Codebook, load_codebook
from ddextract.corpus import Strategy, own_corpus, sha256_of
from ddextract.document import Document
from ddextract.editions.compare import Change, Comparison, Edition, compared
from ddextract.editions.sources import Provenance
from ddextract.errors import DdextractError, InputError
from ddextract.job import DocumentResult, match
from ddextract.profile import EvidenceRule
from ddextract.tables import document_row, mention_row

MATCHING = "software of matching"
READING = "software of reading"
PATTERNS = "patterns"
SETTINGS = "settings"
DOCUMENT = "document"
UNPROVED = "unproved"


@dataclass(frozen=True)
class Link:
    """One counterfactual edition: which factor was changed, and from which edition on."""

    factor: str
    base: Edition
    edition: Edition


@dataclass
class Proof:
    """The counterfactual editions, and what could not be proved.

    Attributes:
        alone: One link for each factor, changed alone.
        chain: The factors changed one after the other, from the old edition to the new one.
        factors: For each factor, in words, whether it differs.
        gaps: Why some edition could not be made.
    """

    alone: list[Link]
    chain: list[Link]
    factors: dict[str, str]
    gaps: list[str]


def proved(comparison: Comparison, old: Provenance, new: Provenance, rule: EvidenceRule | None = None) -> Comparison:
    """Find the cause of every change of two runs by running again what lies between them.

    Args:
        comparison: The changes.
        old: What the old run was made of.
        new: What the new run was made of.
        rule: From when an instrument is present.
    """
    with tempfile.TemporaryDirectory(prefix="ddextract-") as scratch:
        proof = _Rerun(comparison.old, comparison.new, old, new, Path(scratch)).prove()
    comparison.factors = {**proof.factors, **({"gaps": "; ".join(dict.fromkeys(proof.gaps))} if proof.gaps else {})}
    states = sorted({c.state for c in comparison.changes})
    alone = [(link.factor, _kinds(compared(link.base, link.edition, rule, states=states, pairs=False)), _moves(link)) for link in proof.alone]
    chain = [(link.factor, _moves(link)) for link in proof.chain]
    for change in comparison.changes:
        if change.kind != "steady":
            _settle(change, alone, chain, proof)
    return comparison


def by_construction(comparison: Comparison, why: str) -> Comparison:
    """Give the document as the cause of every change, where nothing else differs."""
    return _all_by(comparison, DOCUMENT, why)


def unproved(comparison: Comparison, why: str) -> Comparison:
    """Say of every change that its cause could not be proved, and why."""
    return _all_by(comparison, UNPROVED, why)


def _all_by(comparison: Comparison, cause: str, why: str) -> Comparison:
    comparison.factors = {cause: why}
    for change in comparison.changes:
        if change.kind != "steady":
            change.cause, change.proof = cause, why
    return comparison


Key = tuple[str, str, str]
Moves = Mapping[Key, tuple[int, int]]


def _kinds(comparison: Comparison) -> dict[Key, str]:
    return {(c.state, c.subject, c.code): c.kind for c in comparison.changes}


def _moves(link: Link) -> dict[Key, tuple[int, int]]:
    """Return by state and subject how many counting mentions came and went; a mention is known by its words, for ids change with the file."""
    before, after = _by_subject(link.base), _by_subject(link.edition)
    nothing: Counter[tuple[str, ...]] = Counter()
    result = {}
    for key in {*before, *after}:
        a, b = before.get(key, nothing), after.get(key, nothing)
        came, went = sum((b - a).values()), sum((a - b).values())
        if came or went:
            result[key] = (came, went)
    return result


def _by_subject(edition: Edition) -> dict[Key, Counter[tuple[str, ...]]]:
    issuers = {d["id"]: d["issuers"] for d in edition.documents if d["outcome"] == "read" and d["state"]}
    groups: dict[Key, Counter[tuple[str, ...]]] = {}
    for m in edition.mentions:
        if not m["counts"]:
            continue
        names = [("instrument", m["code"])]
        names += [("partner", n) for n in {p["iso3"] or p["name"] for p in m["partner"]}]
        names += [("objective", c) for c in set(m["objective_codes"])]
        words = (m["code"], " ".join(str(m["sentence"]).split()), " ".join(str(m["text"]).split()), str(m["status"]), str(m["holder"]))
        for state in issuers.get(m["document"], ()):
            for subject, code in names:
                groups.setdefault((state, subject, code), Counter())[words] += 1
    return groups


def _settle(change: Change, alone: Sequence[tuple[str, Mapping[Key, str], Moves]], chain: Sequence[tuple[str, Moves]], proof: Proof) -> None:
    """Put a change down to what brings it about."""
    key = (change.state, change.subject, change.code)
    change.shares = {factor: moves[key] for factor, moves in chain if key in moves}
    shares = "; ".join(f"{factor}: {came} came, {went} went" for factor, (came, went) in change.shares.items())
    sufficient = [factor for factor, kinds, _ in alone if kinds.get(key) == change.kind]
    # Where two things must come together, neither moves anything alone: then all that differ are the cause together.
    moving = [factor for factor, _, moves in alone if key in moves] or [link.factor for link in proof.alone[2:] if link.edition is not link.base]
    if len(sufficient) == 1:
        change.cause, change.proof = sufficient[0], f"rerun with nothing else changed gives the same; step by step: {shares}"
    elif sufficient:
        change.cause, change.proof = " or ".join(sufficient), f"each alone gives the same; step by step: {shares}"
    elif moving and not proof.gaps:
        change.cause, change.proof = " with ".join(moving), f"no one thing changed alone gives the same; step by step: {shares}"
    else:
        change.cause, change.proof = UNPROVED, "; ".join(dict.fromkeys(proof.gaps)) or "no rerun brings it about"


@dataclass
class _Rerun:
    """The reruns between two runs."""

    old_edition: Edition
    new_edition: Edition
    old: Provenance
    new: Provenance
    scratch: Path

    def prove(self) -> Proof:
        """Go the chain, in both orders where it matters."""
        gaps: list[str] = []
        before = {str(d["path"]): d for d in self.old.manifest["documents"]}
        after = {str(d["path"]): d for d in self.new.manifest["documents"]}
        # What has the same key in both runs has the same result, whatever is rerun.
        moved = [d for path, d in before.items() if path not in after or after[path]["match"] != d["match"]]
        fresh = [d for path, d in after.items() if path not in before or before[path]["match"] != d["match"]]
        same_patterns = self.old.manifest["patterns_digest"] == self.new.manifest["patterns_digest"]
        old_book = self.codebook(self.old, gaps)
        new_book = old_book if same_patterns else self.codebook(self.new, gaps)
        factors = self.factors(moved, fresh, same_patterns=same_patterns)
        proof = Proof([], [], factors, gaps)
        if old_book is None or new_book is None:
            return proof
        as_read = {d["id"]: self.stored(self.old, d, gaps) for d in moved if not d.get("failure")}
        anew = {d["id"]: self.read_again(d, gaps) for d in moved if not d.get("failure")}
        texts = {identity: anew[identity] or as_read[identity] for identity in as_read}
        known_then = {identity: identified(self.strategy(d), self.old.receipts[identity]) for d in moved if (identity := d["id"]) in as_read}
        known_now = {identity: self.now_known(d, after, known_then[identity]) for d in moved if (identity := d["id"]) in known_then}
        then, now = (str(run.manifest["settings"]["matcher"]) for run in (self.old, self.new))
        matching = self.edition(as_read, known_then, old_book, then)
        base = matching if not any(anew.values()) else self.edition(texts, known_then, old_book, then)
        patterns = base if same_patterns else self.edition(texts, known_then, new_book, then)
        settled = then == now and known_then == known_now
        settings = base if settled else self.edition(texts, known_now, old_book, now)
        both = patterns if settled else self.edition(texts, known_now, new_book, now)
        documents = self.new_edition if same_patterns and settled else self.with_new_documents(base, before, after, fresh, old_book, then, gaps)
        proof.alone = [
            Link(MATCHING, self.old_edition, matching),
            Link(READING, matching, base),
            Link(PATTERNS, base, patterns),
            Link(SETTINGS, base, settings),
            Link(DOCUMENT, base, documents),
        ]
        proof.chain = [
            *proof.alone[:3],
            Link(SETTINGS, patterns, both),
            Link(DOCUMENT, both, self.new_edition),
        ]
        return proof

    def with_new_documents(
        self,
        base: Edition,
        before: Mapping[str, Mapping[str, Any]],
        after: Mapping[str, Mapping[str, Any]],
        fresh: Sequence[Mapping[str, Any]],
        codebook: Codebook,
        matcher: str,
        gaps: list[str],
    ) -> Edition:
        """Return the base with the documents of the new run, and nothing else of it."""
        other = [d for d in fresh if d["path"] not in before or before[d["path"]]["sha256"] != d["sha256"]]
        texts = {d["id"]: self.stored(self.new, d, gaps) for d in other if not d.get("failure")}
        known = {identity: identified(self.strategy(d), self.new.receipts[identity]) for d in other if (identity := d["id"]) in texts}
        gone = {d["id"] for path, d in before.items() if path not in after or after[path]["sha256"] != d["sha256"]}
        return self.edition(texts, known, codebook, matcher, base=base, gone=gone)

    def factors(self, moved: Sequence[Mapping[str, Any]], fresh: Sequence[Mapping[str, Any]], *, same_patterns: bool) -> dict[str, str]:
        """Say of each factor whether it differs at all."""
        a, b = self.old.manifest, self.new.manifest
        names = sorted(n for n in {*a["patterns"], *b["patterns"]} if a["patterns"].get(n) != b["patterns"].get(n))
        contents = {d["sha256"] for d in a["documents"]} ^ {d["sha256"] for d in b["documents"]}
        then = {stage: {d["parts"][stage]["software"] for d in moved} for stage in ("read", "match")}
        return {
            MATCHING: "differs from today's" if then["match"] - {software("match")} else "the same",
            READING: "differs from today's" if then["read"] - {software("read")} else "the same",
            "model": "the same"
            if a["models"] == b["models"] == models()
            else "differs; old models are not kept, so it cannot be told from the software of matching",
            PATTERNS: "the same" if same_patterns else f"differ: {', '.join(names[:8])}{' …' if len(names) > 8 else ''}",
            SETTINGS: "the same" if a["settings"] == b["settings"] else f"differ: {a['settings']} then, {b['settings']} now",
            DOCUMENT: f"{len(contents)} file(s) came, went or have other bytes" if contents else "the same",
        } | {"rerun": f"{len(moved)} old and {len(fresh)} new document(s)"}

    def codebook(self, run: Provenance, gaps: list[str]) -> Codebook | None:
        """Return the codebook that a run had, from its archive."""
        digest = run.manifest["patterns_digest"]
        archive = run.store.patterns(digest)
        if archive is None:
            gaps.append(f"the patterns of run {run.manifest['run']} are not stored")
            return None
        folder = self.scratch / digest
        with zipfile.ZipFile(BytesIO(archive)) as packed:
            packed.extractall(folder)
        folders = sorted((p for p in folder.iterdir() if p.name != "0"), key=lambda p: int(p.name))
        book = load_codebook(*folders, base=folder / "0")
        assert folded(run.manifest["patterns"]) == digest
        return book

    def strategy(self, entry: Mapping[str, Any]) -> Strategy:
        """Return the bare strategy of a document of a manifest."""
        return Strategy(entry["id"], Path(entry["path"]), entry["sha256"])

    def stored(self, run: Provenance, entry: Mapping[str, Any], gaps: list[str]) -> Document | None:
        """Return a document as it was read in a run."""
        data = run.store.document(entry["read"])
        try:
            if data is not None:
                return document_of(data, identity=entry["id"], path=entry["path"], sha256=entry["sha256"])
        except OtherShapeError:
            gaps.append(f"{entry['id']}: was stored by a version with other records")
            return None
        gaps.append(f"{entry['id']}: its text as read then is no longer stored")
        return None

    def read_again(self, entry: Mapping[str, Any], gaps: list[str]) -> Document | None:
        """Return a document of the old run read by today's software; None where reading has not changed, or the file is gone."""
        if entry["parts"]["read"]["software"] == software("read"):
            return None
        path = _bytes_of(entry)
        if path is None:
            gaps.append(f"{entry['id']}: its old file is no longer there, so it was not read again (documents in the corpus of ddextract corpus are kept)")
            return None
        from ddextract.reading import Reading, read_guarded

        try:
            return read_guarded(path, document_id=entry["id"], reading=Reading(language=entry["parts"]["read"]["language"] or None))
        except InputError as error:
            gaps.append(f"{entry['id']}: cannot be read again ({error.cause})")
            return None

    def now_known(self, entry: Mapping[str, Any], after: Mapping[str, Mapping[str, Any]], then: Strategy) -> Strategy:
        """Return what the new run knows of a document that was in the old one."""
        later = after.get(str(entry["path"]))
        if later is None or later["id"] not in self.new.receipts:
            return then
        now = identified(self.strategy(entry), self.new.receipts[later["id"]])
        return now if set(now.guessed) <= {"language"} else then

    def edition(
        self,
        texts: Mapping[str, Document | None],
        known: Mapping[str, Strategy],
        codebook: Codebook,
        matcher: str,
        *,
        base: Edition | None = None,
        gone: set[str] | None = None,
    ) -> Edition:
        """Return the old edition with some documents matched anew."""
        base = base or self.old_edition
        redone = {identity for identity, text in texts.items() if text is not None}
        leave = redone | (gone or set())
        documents = [d for d in base.documents if d["id"] not in leave]
        mentions = [m for m in base.mentions if m["document"] not in leave]
        for identity in sorted(redone):
            document = texts[identity]
            assert document is not None
            for row, own in _matched(known[identity], document, codebook, matcher):
                documents.append(row)
                mentions.extend(own)
        return Edition(base.name, tuple(documents), tuple(mentions))


def _matched(strategy: Strategy, document: Document, codebook: Codebook, matcher: str) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    try:
        strategy, tagged = match(strategy, document, codebook, matcher)
    except DdextractError:
        return
    codes = {m.id: m.code for m in tagged.mentions}
    yield (
        document_row(DocumentResult(strategy, document, tagged.mentions, words=tagged.words, skipped=tagged.skipped)),
        [mention_row(m, codes) for m in tagged.mentions],
    )


def _bytes_of(entry: Mapping[str, Any]) -> Path | None:
    """Return a file with the bytes that a document had: where it lay, or in the user's corpus."""
    digest = str(entry["sha256"])
    path = Path(entry["path"])
    if not is_remote(entry["path"]) and path.is_file() and sha256_of(path) == digest:
        return path
    return next((own_corpus() / "originals" / digest[:2]).glob(f"{digest}.*"), None)
