"""One call of ``ddextract evaluate``: sets chosen, scored, compared, pinned, written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ddextract.annotation.gold import leaks
from ddextract.annotation.stock import authored_gold, documents_folder, standoff_gold
from ddextract.codebook import Codebook, load_codebook
from ddextract.errors import CheckFailedError, UsageError
from ddextract.evaluation import compared, predictor
from ddextract.measurement import HELD_BACK, GoldSet, Measured, gains_and_losses, gold_sets, measure, record, text_lines
from ddextract.ratchet import below_floor, log_opening, raised, read_floors, write_floors


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of an evaluation; the options of the command."""

    split: str | None
    language: str | None
    documents: Path | None
    gold: tuple[Path, ...]
    codebook: Codebook
    against: Path | None = None
    gains: Path | None = None
    causes: bool = False
    html: Path | None = None
    update_floors: bool = False
    reason: str = ""
    open_test: str | None = None
    brief: bool = False
    matcher: str = "rules"
    versus: str | None = None


@dataclass
class Outcome:
    """What an evaluation gave: lines to print, data, and whether a check fell short."""

    lines: list[str] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)
    fell_short: bool = False


def perform(request: Request) -> Outcome:
    """Score, compare, pin and write as asked.

    Raises:
        UsageError: The options do not go together, or there is nothing to score.
        CheckFailedError: A sentence or document stands in two splits.
    """
    _consistent(request)
    own_gold = [*authored_gold(), *standoff_gold()]
    faults = leaks(own_gold)
    if faults and not request.gold:
        raise CheckFailedError(f"gold stands in two splits: {'; '.join(faults[:5])}")
    sets = gold_sets(request.split, documents_folder(request.documents), language=request.language, own=request.gold)
    scored = [s for s in sets if s.coded]
    if request.gains:
        return Outcome(lines := list(_gains(request, [s for s in scored if s.name not in HELD_BACK])), {"gains": lines})
    if request.split == "test" and not scored:
        raise UsageError("the test documents are not here. Give their folder with --documents.")
    predict = predictor(request.codebook, request.matcher)
    against = predictor(older_codebook(request.against), request.matcher) if request.against else None
    if request.versus:
        against = predictor(request.codebook, request.versus)
    measured = [m for s in scored for m in measure(s, predict, request.codebook, against=against, other_name=_other(request))]
    outcome = Outcome(list(_said(sets, measured, request)), record(measured, request.codebook))
    if request.open_test is not None:
        log_opening(request.open_test, measured, request.codebook)
    if request.causes:
        from ddextract.causes import cause_lines, cause_record, find_causes

        found = find_causes([s for s in scored if s.name not in HELD_BACK], request.codebook)
        outcome.lines += list(cause_lines(found))
        outcome.record["causes"] = cause_record(found)
    if request.html:
        from ddextract.evaluation_page import write_page

        write_page(request.html, measured, request.codebook, causes=outcome.record.get("causes"))
        outcome.lines.append(f"page: {request.html}")
    _ratchet(request, measured, outcome)
    return outcome


def _consistent(request: Request) -> None:
    if request.split == "test" and request.open_test is None:
        raise UsageError('the test split is scored only with --open-test "reason"; each opening is logged in annotations/test-openings.tsv.')
    if request.open_test is not None and (request.split != "test" or not request.open_test.strip()):
        raise UsageError("--open-test goes with --split test and a reason.")
    if request.split == "test" and (request.gains or request.causes or request.update_floors or request.against or request.gold):
        raise UsageError("the test split gives scores only: no --gains, --causes, --against, --update-floors, --gold with it.")
    if request.versus and request.against:
        raise UsageError("--versus compares two matchers, --against two sets of patterns: one of them at a time.")
    if request.update_floors and request.matcher != "rules":
        raise UsageError("--update-floors pins the scores of the rules: no --matcher with it.")
    if request.update_floors and (request.language or request.split not in (None, "dev", "authored") or request.gold or len(request.codebook.folders) > 1):
        raise UsageError(
            "--update-floors pins our own patterns on authored and dev gold in all languages: no --lang, --gold, --patterns, --split train with it."
        )


def older_codebook(folder: Path) -> Codebook:
    """Return the codebook of a folder: a whole ``patterns/`` stands for itself, a part extends ours."""
    whole = (folder / "languages").is_dir() and (folder / "instruments").is_dir() and (folder / "actors").is_dir()
    return load_codebook(base=folder) if whole else load_codebook(folder)


def _gains(request: Request, sets: Sequence[GoldSet]) -> Iterator[str]:
    assert request.gains is not None
    old, new = predictor(older_codebook(request.gains), request.matcher), predictor(request.codebook, request.matcher)
    for gold in sets:
        yield f"{gold.name}: {len(gold.coded)} sentences"
        for line in gains_and_losses(compared(gold.coded, old), compared(gold.coded, new)):
            yield f"  {line}"


def _other(request: Request) -> str:
    """Return what the compared system is called."""
    return f"matcher {request.versus}" if request.versus else f"patterns {request.against}"


def _said(sets: Sequence[GoldSet], measured: Sequence[Measured], request: Request) -> Iterator[str]:
    yield f"matcher {request.matcher}" + (f", beside it {_other(request)}" if request.versus or request.against else "")
    for gold in sets:
        if not gold.coded:
            yield f"{gold.name}: {gold.absent} sentences, none scored: their documents are not here (--documents DIR)"
    for m in measured:
        yield from text_lines(m, brief=request.brief)
        yield ""


def _ratchet(request: Request, measured: Sequence[Measured], outcome: Outcome) -> None:
    if request.gold or request.split == "test" or len(request.codebook.folders) > 1 or request.language or request.matcher != "rules":
        return
    floors = read_floors()
    if request.update_floors:
        floors, changes = raised(measured, floors, request.codebook, request.reason)
        write_floors(floors)
        outcome.lines += [f"floor {change}" for change in changes] or ["floors unchanged"]
        return
    short = below_floor(measured, floors)
    outcome.lines += short
    outcome.record["below_floor"] = short
    outcome.fell_short = bool(short)
