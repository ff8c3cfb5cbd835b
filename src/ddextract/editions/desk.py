"""What ``ddextract diff`` does: find the two editions, compare them, prove the causes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from ddextract.corpus import Known
from ddextract.editions.compare import Comparison, compared
from ddextract.editions.counterfactual import by_construction, proved, unproved
from ddextract.editions.sources import edition_of_folder, edition_of_ledger, edition_of_run, editions_of_years, ledger_of
from ddextract.errors import UsageError
from ddextract.job import Settings, run
from ddextract.output import WORKROOM
from ddextract.profile import EvidenceRule


def differences(
    old: str,
    new: str | None,
    *,
    state: str | None = None,
    years: bool = False,
    runs: tuple[int, int] | None = None,
    language: str | None = None,
    patterns: tuple[Path, ...] = (),
    min_mentions: int = 2,
    causes: bool = True,
) -> list[Comparison]:
    """Compare what two names stand for.

    Args:
        old: Folder of results, document, or registry id.
        new: The same; without it, the last two runs of the folder's ledger.
        state: Only this state; the issuing state of documents that do not say it.
        years: Compare the documents of each state in ``old`` in the order of their years.
        runs: Two runs of the ledger of ``old``.
        language: Language of documents that do not say it.
        patterns: Own pages, for documents.
        min_mentions: Counting mentions from which an instrument is present.
        causes: Whether to prove causes.

    Raises:
        UsageError: The names do not fit together, or a run is not kept.
        InputError: A document cannot be read.
    """
    rule = EvidenceRule(mentions=min_mentions)
    wanted = [state] if state else None
    folder = Path(old)
    if years:
        return _over_years(folder, wanted, rule)
    if new is None:
        if not folder.is_dir():
            raise UsageError(f"{old}: is no folder of results. Give two documents, two folders, or one folder that ddextract refresh made.")
        return [_of_ledger(folder, runs, wanted, rule, causes=causes)]
    if _holds_run(folder) != _holds_run(Path(new)):
        raise UsageError(f"{old} and {new}: one is a folder of results and the other a document. Give two of the same kind.")
    if not _holds_run(folder):
        return [_of_documents(old, new, state, language, patterns, rule)]
    return [_of_folders(folder, Path(new), wanted, rule, causes=causes)]


def _holds_run(path: Path) -> bool:
    return path.is_dir() and ((path / "summary.json").is_file() or (path / WORKROOM).is_dir())


def _over_years(folder: Path, wanted: list[str] | None, rule: EvidenceRule) -> list[Comparison]:
    edition = edition_of_folder(folder)
    known = edition.states()
    if wanted and wanted[0] not in known:
        raise UsageError(f"{folder}: has no documents of {wanted[0]}. States: {', '.join(known)}.")
    result = []
    for state in wanted or [s for s in known if len([d for d in edition.of(s) if d["year"] is not None]) > 1]:
        editions = editions_of_years(edition, state)
        for earlier, later in pairwise(editions):
            comparison = compared(earlier, later, rule, states=[state])
            result.append(by_construction(comparison, "both documents were read and matched in one run, by the same patterns, settings and software"))
    return result


def _of_ledger(folder: Path, runs: tuple[int, int] | None, wanted: list[str] | None, rule: EvidenceRule, *, causes: bool) -> Comparison:
    ledger = ledger_of(folder)
    if ledger is None:
        raise UsageError(f"{folder}: has no ledger; only ddextract refresh keeps one. Give a second folder or document.")
    kept = ledger.runs()
    if runs is None:
        if len(kept) < 2:
            raise UsageError(f"{folder}: its ledger has {len(kept)} run with results; there is nothing to compare it with yet.")
        runs = (kept[-2], kept[-1])
    old, old_source = edition_of_ledger(folder, runs[0])
    new, new_source = edition_of_ledger(folder, runs[1])
    comparison = compared(old, new, rule, states=wanted)
    return proved(comparison, old_source, new_source, rule) if causes else comparison


def _of_folders(old: Path, new: Path, wanted: list[str] | None, rule: EvidenceRule, *, causes: bool) -> Comparison:
    if ledger_of(old) and ledger_of(new):
        before, before_source = edition_of_ledger(old)
        after, after_source = edition_of_ledger(new)
        comparison = compared(before, after, rule, states=wanted)
        return proved(comparison, before_source, after_source, rule) if causes else comparison
    comparison = compared(edition_of_folder(old), edition_of_folder(new), rule, states=wanted)
    return unproved(comparison, "one of the folders was not made by ddextract refresh, so what it was made of is not kept") if causes else comparison


def _of_documents(old: str, new: str, state: str | None, language: str | None, patterns: tuple[Path, ...], rule: EvidenceRule) -> Comparison:
    editions = []
    settings = Settings(patterns=patterns, known=Known(state, None, language), strict=True)
    for name in (old, new):
        edition = edition_of_run(run([name], settings), name)
        if not edition.states():
            raise UsageError(f"{name}: its state is not known. Say it with --state.")
        editions.append(edition)
    before, after = editions
    if not set(before.states()) & set(after.states()):
        raise UsageError(
            f"{old} is of {', '.join(before.states())}, {new} of {', '.join(after.states())}. Two editions are of one state; --state says of which."
        )
    comparison = compared(before, after, rule, states=[state] if state else sorted(set(before.states()) & set(after.states())))
    return by_construction(comparison, "both documents were just read and matched by the same patterns, settings and software")
