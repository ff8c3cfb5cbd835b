"""What ``ddextract evaluate`` measures: sets of gold, a system on each of them, the coders and the baseline beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ddextract.annotation.gold import Coded, GoldSentence, digest, read_gold, with_text
from ddextract.annotation.stock import authored_gold, raw_codings, standoff_gold
from ddextract.baseline import baseline_predictor
from ddextract.codebook import Codebook
from ddextract.errors import UsageError
from ddextract.evaluation import Compared, Evaluation, Predict, cluster_of, coder_against_coder, compared, score_against
from ddextract.scoring import Difference, Interval, Score, compare, micro

SCHEMA = "ddextract.evaluation/1"
SPLITS = ("dev", "train", "authored", "test", "near")
_PART = re.compile(r"authored/[a-z]+-([a-z])(?:/|$)")
"""Parts a and c of the authored sentences are for development, b for scoring, the others for training and for scoring the rules."""
HELD_BACK = ("test", "authored-b", "authored-d", "authored-e", "authored-f")
"""Sets whose sentences are scored and not shown, so that nobody writes wordings to them."""
MINIMUM_SUPPORT = 5
"""Gold mentions below which a code's score is printed but not called weak or strong."""


@dataclass(frozen=True, slots=True)
class GoldSet:
    """Gold sentences that are scored together.

    Attributes:
        name: ``dev``, ``authored-a`` …
        coded: Sentences with their texts.
        absent: Sentences left out because their documents are not here.
        coders: Two raw codings of all sentences of the split, where there are two, adjudicated or not.
    """

    name: str
    coded: tuple[Coded, ...]
    absent: int = 0
    coders: tuple[tuple[Coded, ...], tuple[GoldSentence, ...]] | None = None

    @property
    def digest(self) -> str:
        """The hash that pins the sentences of the set."""
        return digest(c.gold for c in self.coded)

    def in_language(self, language: str) -> GoldSet:
        """Return the part of the set in one language."""
        coded = tuple(c for c in self.coded if c.gold.language == language)
        coders = self.coders
        if coders:
            coders = (tuple(c for c in coders[0] if c.gold.language == language), tuple(s for s in coders[1] if s.language == language))
        return GoldSet(self.name, coded, self.absent, coders)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: a score, the coders' and the baseline's F1 beside it."""

    score: Score
    coders: float | None = None
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """All tables of one set of gold in one language (or all).

    Attributes:
        name: Of the set.
        language: Of its sentences; empty for all together.
        documents: Clusters: documents, or issuing states of authored sentences.
        tables: Name to lines.
        evaluation: The tallies behind them.
        coders: Who coded twice and how many sentences, e.g. ``model-a against model-b, model coders, 300 sentences``.
        unsettled: Sentences coded twice that are not in the set, e.g. because they are not adjudicated.
        difference: To another system, in micro F1 at sentence level.
        other: What that system is.
    """

    name: str
    language: str
    sentences: int
    documents: int
    absent: int
    digest: str
    tables: dict[str, list[Line]]
    evaluation: Evaluation
    coders: str = ""
    unsettled: int = 0
    difference: Difference | None = None
    other: str = ""
    compared: Sequence[Compared] = field(default=(), repr=False)

    @property
    def headline(self) -> Score:
        """The instrument score at sentence level."""
        return self.tables["instruments, sentence"][0].score


def gold_sets(split: str | None, documents: Path | None, *, language: str | None = None, own: Sequence[Path] = ()) -> list[GoldSet]:
    """Return the sets to score: authored (by part) and dev, or those of one split, or the sentences of given files.

    Args:
        split: A split, or None for authored and dev.
        documents: Folder of the real documents, where they are here.
        language: Only this one.
        own: Gold files to score instead of ours.

    Raises:
        UsageError: There is nothing to score.
    """
    if split is not None and split not in SPLITS:
        raise UsageError(f"--split {split} is not known. Choose among {', '.join(SPLITS)}.")
    sets: dict[str, list[GoldSentence]] = {}
    if own:
        for path in own:
            if not path.is_file():
                raise UsageError(f"{path}: no such file of gold sentences.")
            sets.setdefault(path.stem, []).extend(s for s in read_gold(path) if split in (None, s.split))
    else:
        if split in (None, "authored"):
            for sentence in authored_gold():
                part = _PART.match(sentence.document)
                sets.setdefault(f"authored-{part[1]}" if part else "authored", []).append(sentence)
        if split != "authored":
            real = [s for s in standoff_gold() if s.split == (split or "dev")]
            sets.setdefault(split or "dev", []).extend(real)
    codings = raw_codings() if not own else []
    result = []
    for name, sentences in sorted(sets.items()):
        wanted = [s for s in sentences if language in (None, s.language)]
        coded = tuple(with_text(wanted, documents))
        if wanted:
            coders = _coders(codings, name, language, documents) if name in SPLITS and name != "authored" else None
            result.append(GoldSet(name, coded, len(wanted) - len(coded), coders))
    if not result:
        place = "in these files" if own else "for this choice (the repository's own gold is in annotations/gold; a wheel carries none)"
        raise UsageError(f"there are no gold sentences {place}.")
    return result


def _coders(
    codings: list[list[GoldSentence]], split: str, language: str | None, documents: Path | None
) -> tuple[tuple[Coded, ...], tuple[GoldSentence, ...]] | None:
    """Return the first two codings of a split: of all its sentences, for those that were hard to adjudicate belong to the ceiling too."""
    if len(codings) < 2:
        return None
    first, second = ([s for s in coding if s.split == split and language in (None, s.language)] for coding in codings[:2])
    return (coded, tuple(second)) if (coded := tuple(with_text(first, documents))) else None


def measure(gold: GoldSet, predict: Predict, codebook: Codebook, *, against: Predict | None = None, other_name: str = "the other system") -> list[Measured]:
    """Score a system on a set of gold: all languages together first, then each.

    Args:
        gold: The sentences.
        predict: The system.
        codebook: For the baseline.
        against: Another system; the difference (this minus the other) is given with an interval.
        other_name: What the other system is called where the difference is told.
    """
    system = compared(gold.coded, predict)
    base = compared(gold.coded, baseline_predictor(codebook))
    other = compared(gold.coded, against) if against else None
    languages = sorted({c.gold.language for c in gold.coded})
    result = [_measured(gold, "", system, base, other)]
    if len(languages) > 1:
        for language in languages:
            keep = [k for k, c in enumerate(gold.coded) if c.gold.language == language]
            part = gold.in_language(language)
            result.append(_measured(part, language, [system[k] for k in keep], [base[k] for k in keep], [other[k] for k in keep] if other else None))
    elif languages:
        result[0] = _measured(gold, languages[0], system, base, other)
    return [replace(m, other=other_name) if m.difference else m for m in result]


def _measured(gold: GoldSet, language: str, system: list[Compared], base: list[Compared], other: list[Compared] | None) -> Measured:
    own, low = score_against(system), score_against(base)
    coders = coder_against_coder(*gold.coders) if gold.coders and gold.coders[0] else None
    who, unsettled = "", 0
    if gold.coders and coders:
        a, b = gold.coders[0][0].gold.coder, gold.coders[1][0].coder
        kind = f"{a.kind} coders" if a.kind == b.kind else f"{a.kind} and {b.kind} coder"
        who = f"{a.id} against {b.id}, {kind}, {coders.sentences} sentences"
        unsettled = len({c.gold.id for c in gold.coders[0]} - {c.gold.id for c in gold.coded})
    beside = {t: {s.name: s.tally.f1 for s in lines} for t, lines in coders.tables().items()} if coders else {}
    below = {t: {s.name: s.tally.f1 for s in lines} for t, lines in low.tables().items()}
    tables = {}
    for table, scores in own.tables().items():
        # Where gold names no actor in any sentence, actors were not coded: what is found there is no mistake.
        if scores[0].tally.support or (scores[0].tally.fp and not table.startswith("actors")):
            instruments = table.startswith("instruments")
            tables[table] = [Line(s, beside.get(table, {}).get(s.name), below[table].get(s.name, 0.0) if instruments else None) for s in scores]
    tables.setdefault("instruments, sentence", [Line(s) for s in own.tables()["instruments, sentence"]])
    if all(c.gold.weight == 1 for c in gold.coded):
        tables.pop("instruments, sentence, weighted to prevalence", None)
    tables[f"instruments, sentence, by {'state' if gold.name.startswith('authored') else 'document'}"] = list(_by_document(own, coders, low))
    difference = None
    if other is not None:
        difference = compare(score_against(other).sentence_level, own.sentence_level)
    clusters = len({cluster_of(c.gold) for c in gold.coded})
    return Measured(gold.name, language, len(gold.coded), clusters, gold.absent, gold.digest, tables, own, who, unsettled, difference, compared=system)


def _by_document(own: Evaluation, coders: Evaluation | None, low: Evaluation) -> Iterator[Line]:
    for document, tallies in sorted(own.sentence_level.items()):
        tally = micro({document: tallies})
        twice = micro({document: coders.sentence_level.get(document, {})}).f1 if coders else None
        yield Line(Score(document, tally, 1), twice, micro({document: low.sentence_level.get(document, {})}).f1)


def weakest(measured: Measured, count: int = 5) -> list[Score]:
    """Return the codes with the lowest F1 among those with enough support."""
    scores = [line.score for line in measured.tables["instruments, sentence"][1:] if line.score.tally.support >= MINIMUM_SUPPORT]
    return sorted(scores, key=lambda s: (s.tally.f1, s.name))[:count]


def text_lines(measured: Measured, *, brief: bool = False) -> Iterator[str]:
    """Yield the tables of a set as lines of text.

    Args:
        measured: The scores.
        brief: Only the first line of each table.
    """
    clusters = "issuing states" if measured.name.startswith("authored") else "documents"
    units = "states" if measured.name.startswith("authored") else "docs"
    language = measured.language or "all languages"
    yield f"{measured.name}, {language}: {measured.sentences} sentences, {measured.documents} {clusters}, gold {measured.digest[:12]}"
    if measured.absent:
        yield f"  {measured.absent} sentences left out: their documents are not here (--documents DIR)"
    if measured.coders:
        yield f"  coders: {measured.coders}"
    if measured.unsettled:
        yield f"  {measured.unsettled} sentences that were coded twice are not in this set: if they were left out as hard, its scores are too high"
    yield f"  {'':<46}{'P':>6}{'R':>6}{'F1':>6}   {'95 % interval':<15}{'macro':>6}{'gold':>7}{units:>8}{'coders':>8}{'baseline':>10}"
    for table, lines in measured.tables.items():
        by_document = table.endswith(("by document", "by state"))
        if by_document and brief:
            continue
        if by_document:
            yield f"  {table}"
        for line in lines[:1] if brief else lines:
            yield _text_line(table if line is lines[0] and not by_document else f"  {line.score.name}", line)
    weak = weakest(measured)
    if weak and not brief:
        yield "  weakest codes: " + ", ".join(f"{s.name} {s.tally.f1:.2f} (gold {s.tally.support:.0f})" for s in weak)
    if measured.difference:
        d = measured.difference
        yield f"  difference to {measured.other}, micro F1: {d.difference:+.3f}, 95 % interval {_signed(d.interval)}, {d.clusters} {clusters}"


def _signed(interval: Interval) -> str:
    return "none (fewer than three)" if interval.low is None or interval.high is None else f"{interval.low:+.3f} to {interval.high:+.3f}"


def _text_line(name: str, line: Line) -> str:
    s, t = line.score, line.score.tally
    precision = f"{t.precision:.2f}" if t.tp + t.fp else "-"
    recall, f1 = (f"{t.recall:.2f}" if t.support else "-"), f"{t.f1:.2f}" if t.support else "-"
    macro = f"{s.macro_f1:.2f}" if s.macro_f1 is not None and t.support else ""
    coders = f"{line.coders:.2f}" if line.coders is not None else "-"
    baseline = f"{line.baseline:.2f}" if line.baseline is not None else "-"
    interval = str(s.f1_interval) if t.support and s.clusters > 1 else ""
    short = name if len(name) <= 45 else f"{name[:44]}…"
    return f"  {short:<46}{precision:>6}{recall:>6}{f1:>6}   {interval:<15}{macro:>6}{t.support:>7.0f}{s.clusters:>8}{coders:>8}{baseline:>10}"


def record(measured: Sequence[Measured], codebook: Codebook) -> dict[str, Any]:
    """Return all scores as JSON-ready data, with what was missed and spurious (but for sets that are held back)."""
    return {"schema": SCHEMA, "codebook": codebook.digest, "sets": [_set_record(m, m.name not in HELD_BACK) for m in measured]}


def _set_record(m: Measured, mistakes: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "set": m.name,
        "language": m.language or None,
        "sentences": m.sentences,
        "sentences_absent": m.absent,
        "documents": m.documents,
        "gold": m.digest,
        "coders": m.coders or None,
        "sentences_unsettled": m.unsettled,
        "tables": {table: [_line_record(line) for line in lines] for table, lines in m.tables.items()},
        "confusion": [{"gold": g or None, "found": f or None, "count": n} for (g, f), n in sorted(m.evaluation.confused.items())],
        "values": {a: [{"gold": g, "found": f, "count": n} for (g, f), n in sorted(c.items())] for a, c in m.evaluation.attributes.items()},
    }
    if m.difference:
        d = m.difference
        data["difference"] = {"to": m.other, "micro_f1": round(d.difference, 4), "low": d.interval.low, "high": d.interval.high, "documents": d.clusters}
    if mistakes:
        data["mistakes"] = [
            {"kind": x.kind, "code": x.code, "sentence": x.sentence, "document": x.document, "text": x.text, "span": x.span, "detail": x.detail}
            for x in m.evaluation.mistakes
        ]
    return data


def _line_record(line: Line) -> dict[str, Any]:
    s, t = line.score, line.score.tally

    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 4)

    return {
        "name": s.name, "precision": rounded(t.precision), "recall": rounded(t.recall), "f1": rounded(t.f1), "macro_f1": rounded(s.macro_f1),
        "true_positives": rounded(t.tp), "false_positives": rounded(t.fp), "false_negatives": rounded(t.fn), "support": rounded(t.support),
        "documents": s.clusters,
        "f1_low": rounded(s.f1_interval.low), "f1_high": rounded(s.f1_interval.high),
        "precision_low": rounded(s.precision_interval.low), "precision_high": rounded(s.precision_interval.high),
        "recall_low": rounded(s.recall_interval.low), "recall_high": rounded(s.recall_interval.high),
        "coders_f1": rounded(line.coders), "baseline_f1": rounded(line.baseline),
    }  # fmt: skip


def gains_and_losses(old: Sequence[Compared], new: Sequence[Compared]) -> Iterator[str]:
    """Yield what a change of patterns brought and took, with sentences, and whether the gold agrees.

    Args:
        old: The gold sentences with what the old patterns found.
        new: The same sentences with what the new ones found.
    """
    counts: Counter[str] = Counter()
    for (coded, gold, before), (_, _, after) in zip(old, new, strict=True):
        for label in ("INSTRUMENT", "OBJECTIVE"):
            right = {m.code for m in gold if m.label == label}
            then = {m.code: m for m in before if m.label == label}
            now = {m.code: m for m in after if m.label == label}
            for code in sorted({*then} ^ {*now}):
                came = code in now
                mention = now[code] if came else then[code]
                good = (code in right) == came
                counts[f"{'came' if came else 'went'}, {'rightly' if good else 'wrongly'}"] += 1
                text = coded.text
                shown = f"{text[: mention.start]}[{text[mention.start : mention.end]}]{text[mention.end :]}"
                yield f"{'+' if came else '-'} {code:<30} {'right' if good else 'WRONG'}  {coded.gold.id}  {' '.join(shown.split())}"
    yield "; ".join(f"{n} {what}" for what, n in sorted(counts.items())) or "nothing came or went"
