"""The main job: inputs to tables, check and report, in one place for command, notebook and batch."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ddextract.codebook import Codebook, load_codebook
from ddextract.corpus import Known, Strategy, find_inputs
from ddextract.document import Document
from ddextract.errors import DdextractError, InputError
from ddextract.identity import identify
from ddextract.lists import check_items, check_profiles, load_lists
from ddextract.matching.pipeline import Setting
from ddextract.mention import FOR_REVIEW, Mention
from ddextract.profile import EvidenceRule, profile_states
from ddextract.reading import Limits, Reading, read_guarded
from ddextract.reading.settings import Ocr
from ddextract.reliability import read_reliability
from ddextract.tables import DOCUMENT_COLUMNS, MENTION_COLUMNS, document_row, mention_row
from ddextract.tagging import Tagged, tag_document
from ddextract.workers import pool_of

if TYPE_CHECKING:
    import pandas as pd

    from ddextract.notebook import StateProfile

log = logging.getLogger(__name__)


class Progress(Protocol):
    """What the main job tells whoever watches it."""

    def document(self, number: int, total: int, strategy: Strategy) -> None:
        """A document begins."""

    def page(self, number: int, total: int) -> None:
        """A page was read."""

    def outcome(self, result: DocumentResult) -> None:
        """A document is done."""


class Silence:
    """A progress that tells nobody."""

    def document(self, number: int, total: int, strategy: Strategy) -> None:
        """Say nothing."""

    def page(self, number: int, total: int) -> None:
        """Say nothing."""

    def outcome(self, result: DocumentResult) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the result of a run besides its inputs.

    Attributes:
        matcher: ``rules``, ``statistical`` or ``hybrid``.
        patterns: Folders that extend or replace the codebook.
        lists: Folders of hand-coded lists beside the article's.
        known: State, year and language of inputs that do not say themselves.
        evidence: From when an instrument is present.
        password: For encrypted PDFs.
        strict: Whether the first failure ends the run.
        jobs: Documents read at once.
        seconds: Time that reading a document may take.
        memory: MiB that reading a document may take.
        min_quality: Parse quality (0 to 1) below which a document fails.
        ocr: What is done with pages without a usable text layer: ``auto``, ``skip``, ``force``.
        measured: File of measured precision and recall for the probabilities of presence; ours if not given.
        calibrated: Whether the matcher's scores are calibrated probabilities; the probabilities of presence then rest on them.
    """

    matcher: str = "hybrid"
    patterns: tuple[Path, ...] = ()
    lists: tuple[Path, ...] = ()
    known: Known = field(default_factory=Known)
    evidence: EvidenceRule = field(default_factory=EvidenceRule)
    password: str | None = None
    strict: bool = False
    jobs: int = 1
    seconds: float = 600.0
    memory: int = 2048
    min_quality: float = 0.0
    ocr: Ocr = "auto"
    measured: Path | None = None
    calibrated: bool = False

    @property
    def probabilities(self) -> bool:
        """Whether scores are probabilities: the hybrid matcher's are calibrated."""
        return self.calibrated or self.matcher == "hybrid"


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """What came of one input: read, or failed with a reason; never both, never neither."""

    strategy: Strategy
    document: Document | None = None
    mentions: tuple[Mention, ...] = ()
    failure: InputError | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    words: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """All a run found, as tables."""

    results: tuple[DocumentResult, ...]
    documents: pd.DataFrame
    mentions: pd.DataFrame
    profiles: pd.DataFrame
    check: pd.DataFrame
    items: pd.DataFrame
    codebook: Codebook
    settings: Settings
    seconds: Mapping[str, float]

    @property
    def failures(self) -> list[InputError]:
        """The inputs that failed, in order."""
        return [r.failure for r in self.results if r.failure]

    def profile(self, state: str) -> StateProfile:
        """Return the profile of one state, a row per code; it can draw itself (``chart()``)."""
        from ddextract.notebook import state_profile

        return state_profile(self.profiles, self.codebook, state)


def run(
    inputs: str | Path | Iterable[str | Path],
    settings: Settings | None = None,
    progress: Progress | None = None,
    *,
    state: str | None = None,
    year: int | None = None,
    language: str | None = None,
) -> Run:
    """Read, match and profile; nothing is written.

    Args:
        inputs: Files, folders, registry ids; one of them or several.
        settings: What decides the result.
        progress: Told of every document and page.
        state: Issuing state of inputs that have neither registry entry nor sidecar, in place of that of the settings.
        year: Their year.
        language: Their language.

    Returns:
        The tables. Inputs that failed are in ``documents`` with their reason.

    Raises:
        InputError: With ``settings.strict``, the first failure.
        DdextractError: Patterns, lists or options are wrong.
    """
    settings = settings or Settings()
    if state or year or language:
        known = settings.known
        settings = replace(settings, known=Known(state or known.state, year or known.year, language or known.language))
    if isinstance(inputs, (str, Path)):
        inputs = [inputs]
    progress = progress or Silence()
    started = time.perf_counter()
    codebook = load_codebook(*settings.patterns)
    lists = load_lists(codebook, *settings.lists)
    strategies, unusable = find_inputs(inputs, known=settings.known)
    if settings.strict and unusable:
        raise unusable[0]
    results = [DocumentResult(Strategy(Path(f.path).name, Path(f.path), ""), failure=f) for f in unusable]
    for result in _process_all(strategies, settings, progress):
        results.append(result)
        if settings.strict and result.failure:
            raise result.failure
    return _tabulated(tuple(results), codebook, lists, settings, time.perf_counter() - started)


def _process_all(strategies: Sequence[Strategy], settings: Settings, progress: Progress) -> Iterator[DocumentResult]:
    if settings.jobs <= 1 or len(strategies) < 2:
        for number, strategy in enumerate(strategies, 1):
            progress.document(number, len(strategies), strategy)
            result = process(strategy, settings, progress.page)
            progress.outcome(result)
            yield result
        return
    with pool_of(settings.jobs) as pool:
        futures = [pool.submit(process, strategy, settings) for strategy in strategies]
        for number, (strategy, future) in enumerate(zip(strategies, futures, strict=True), 1):
            progress.document(number, len(strategies), strategy)
            try:
                result = future.result()
            except Exception as error:
                result = DocumentResult(
                    strategy, failure=InputError(strategy.path, f"its worker ended ({type(error).__name__})", "Run it alone with --jobs 1 --verbose.")
                )
            progress.outcome(result)
            yield result


def process(strategy: Strategy, settings: Settings, on_page: Callable[[int, int], None] | None = None, *, document: Document | None = None) -> DocumentResult:
    """Read and tag one document; a failure is a result, never an exception.

    Args:
        strategy: The document.
        settings: What decides the result.
        on_page: Called with page and number of pages.
        document: The document as read before, so that it need not be read again.
    """
    clock = time.perf_counter
    seconds: dict[str, float] = {}
    try:
        begun = clock()
        reading = Reading(settings.password, strategy.language, Limits(seconds=settings.seconds, memory=settings.memory << 20), settings.ocr)
        document = document or read_guarded(strategy.path, document_id=strategy.id, reading=reading, on_page=on_page)
        if document.quality < settings.min_quality:
            raise InputError(
                strategy.path,
                f"parse quality {document.quality:.2f} is below --min-quality {settings.min_quality:g}",
                "Look at it with ddextract text and ddextract inspect.",
            )
        seconds["read"] = clock() - begun
        codebook = load_codebook(*settings.patterns)
        begun = clock()
        strategy, tagged = match(strategy, document, codebook, settings.matcher)
        seconds["match"] = clock() - begun
        return DocumentResult(strategy, document, tagged.mentions, None, seconds, tagged.words, tagged.skipped)
    except InputError as error:
        return DocumentResult(strategy, failure=error, seconds=seconds)
    except DdextractError:
        raise
    except MemoryError:
        return DocumentResult(
            strategy, failure=InputError(strategy.path, "needs more memory than there is", "Split the file or use a larger machine."), seconds=seconds
        )
    except Exception as error:
        log.debug("unexpected fault in %s", strategy.path, exc_info=True)
        fault = InputError(
            strategy.path, f"an unexpected fault ({type(error).__name__}: {error})", "Please report it with the file; the other documents are not affected."
        )
        return DocumentResult(strategy, failure=fault, seconds=seconds)


def match(strategy: Strategy, document: Document, codebook: Codebook, matcher: str) -> tuple[Strategy, Tagged]:
    """Complete what is known of a document from its title page, and find its mentions.

    Args:
        strategy: What registry, sidecar or options say.
        document: The document as read.
        codebook: The codebook.
        matcher: Which matcher decides.

    Raises:
        InputError: Its language is not one that the codebook knows.
    """
    strategy = identify(strategy, document, codebook)
    setting = Setting(strategy.state, strategy.year, strategy.issuers)
    return strategy, tag_document(document, setting, codebook, language=strategy.language, matcher=matcher)


def _tabulated(results: tuple[DocumentResult, ...], codebook: Codebook, lists: Mapping[str, Any], settings: Settings, total: float) -> Run:
    import pandas as pd

    begun = time.perf_counter()
    documents = pd.DataFrame([document_row(r) for r in results], columns=list(DOCUMENT_COLUMNS))
    codes = {m.id: m.code for r in results for m in r.mentions}
    mentions = pd.DataFrame([mention_row(m, codes) for r in results for m in r.mentions], columns=list(MENTION_COLUMNS))
    seconds = {
        "read": round(sum(r.seconds.get("read", 0.0) for r in results), 3),
        "match": round(sum(r.seconds.get("match", 0.0) for r in results), 3),
    }
    return tabulated(results, documents, mentions, codebook, lists, settings, seconds, total + time.perf_counter() - begun)


def tabulated(
    results: tuple[DocumentResult, ...],
    documents: pd.DataFrame,
    mentions: pd.DataFrame,
    codebook: Codebook,
    lists: Mapping[str, Any],
    settings: Settings,
    seconds: Mapping[str, float],
    total: float,
) -> Run:
    """Profile and check what was read and found.

    Args:
        results: What came of each input.
        documents: The ``documents`` table.
        mentions: The ``mentions`` table.
        codebook: The codebook.
        lists: Hand-coded lists by state.
        settings: What decided the result.
        seconds: Time of the stages so far.
        total: Time in all so far.
    """
    begun = time.perf_counter()
    profiles = profile_states(mentions, documents, codebook, settings.evidence, read_reliability(settings.measured), calibrated=settings.probabilities)
    read_by_state: dict[str, set[str]] = {}
    for name, outcome, issuers in zip(documents["id"], documents["outcome"], documents["issuers"], strict=True):
        if outcome == "read":
            for state in issuers:
                read_by_state.setdefault(state, set()).add(name)
    check = check_profiles(profiles, lists, read_by_state)
    items = check_items(profiles, lists)
    passed = time.perf_counter() - begun
    return Run(
        results, documents, mentions, profiles, check, items, codebook, settings, {**seconds, "tables": round(passed, 3), "total": round(total + passed, 3)}
    )


def summary(run: Run) -> dict[str, Any]:
    """Return the figures of a run: the content of ``summary.json``."""
    read = run.documents[run.documents["outcome"] == "read"]
    settled = run.mentions[run.mentions["reason"] != FOR_REVIEW]
    instruments = settled[settled["label"] == "INSTRUMENT"]
    states = {}
    for state, own in run.profiles.groupby("state"):
        states[str(state)] = {
            "documents": int(own["documents_read"].iloc[0]),
            "words": int(own["words_read"].iloc[0]),
            "present": sorted(own[own["present"] == "present"]["code"]),
            "doubtful": sorted(own[own["present"] == "doubtful"]["code"]),
            "counting_mentions": int(own["counting_mentions"].sum()),
            "check": {str(k): int(v) for k, v in run.check[run.check["state"] == state]["outcome"].value_counts().sort_index().items()},
        }
    return {
        "schema": "ddextract.summary/1",
        "documents": {"given": len(run.documents), "read": len(read), "failed": int((run.documents["outcome"] == "failed").sum())},
        "pages": int(read["pages"].fillna(0).sum()),
        "words": int(read["words"].sum()),
        "mentions": len(settled),
        "for_review": len(run.mentions) - len(settled),
        "instrument_mentions": len(instruments),
        "counting_mentions": int(instruments["counts"].sum()) if len(instruments) else 0,
        "evidence_rule": {
            "mentions": run.settings.evidence.mentions,
            "sure_score": run.settings.evidence.score,
            "probability": run.settings.evidence.probability,
            "scores_calibrated": run.settings.probabilities,
        },
        "codebook": run.codebook.digest,
        "states": states,
    }


def run_record(run: Run) -> dict[str, Any]:
    """Return inputs, versions, settings, times and failures: the content of ``run.json`` (may differ between identical runs)."""
    import platform
    from datetime import UTC, datetime
    from importlib.metadata import version

    names = ("ddextract", "spacy", "pdfplumber", "pypdfium2", "pandas", "scikit-learn")
    return {
        "schema": "ddextract.run/1",
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in names}},
        "settings": json.loads(json.dumps(_plain(run.settings))),
        "codebook": run.codebook.digest,
        "inputs": [
            {"id": r.strategy.id, "path": str(r.strategy.path), "sha256": r.strategy.sha256, "seconds": {k: round(v, 3) for k, v in r.seconds.items()}}
            for r in run.results
        ],
        "seconds": dict(run.seconds),
        "failures": [{"path": f.path, "cause": f.cause, "remedy": f.remedy} for f in run.failures],
    }


def _plain(settings: Settings) -> dict[str, Any]:
    return {
        "matcher": settings.matcher,
        "patterns": [str(p) for p in settings.patterns],
        "lists": [str(p) for p in settings.lists],
        "state": settings.known.state,
        "year": settings.known.year,
        "language": settings.known.language,
        "evidence": {"mentions": settings.evidence.mentions, "score": settings.evidence.score},
        "jobs": settings.jobs,
        "strict": settings.strict,
        "ocr": settings.ocr,
        "min_quality": settings.min_quality,
    }
