"""The batch: what changed is done, the rest is kept, and every run says what it did and why."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ddextract.batch.engines import Outcomes, in_processes, in_turn, on_cluster
from ddextract.batch.ledger import Ledger, locked
from ddextract.batch.places import LocalPlace, Place, file_system, is_remote, place
from ddextract.batch.stages import Decisive, Key, digest_of, folded, match_key, models, read_key, sources, tables_key, why
from ddextract.batch.store import Store
from ddextract.batch.work import Task, outcome_digest
from ddextract.corpus import SUFFIXES, Strategy, find_inputs
from ddextract.errors import ExitCode, InputError, OutputError
from ddextract.files import check_writable
from ddextract.job import Settings
from ddextract.output import PACKAGE_FILE, WORKROOM
from ddextract.remembered import Memory, remembering

log = logging.getLogger(__name__)

SCHEMA = "ddextract.refresh/1"
REMEMBERED = f"{WORKROOM}/remembered.json"
"""Charts and null models of the run before."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be refreshed.

    Attributes:
        inputs: Files, folders, registry ids, addresses that fsspec reaches.
        out: Folder or address of the results.
        settings: What decides the results.
        store: Folder or address of the store; in the results if not given.
        scheduler: Address of a Dask scheduler, ``local``, or nothing for processes of this machine.
        dry_run: Only say what would be done.
        verify: Do all again without the store and compare.
        prune: Keep the results of this many runs only; 0 keeps all.
    """

    inputs: tuple[str, ...]
    out: str
    settings: Settings = field(default_factory=Settings)
    store: str | None = None
    scheduler: str | None = None
    dry_run: bool = False
    verify: bool = False
    prune: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with one document, and why.

    Attributes:
        action: ``keep``, ``match`` (the text as read is kept) or ``read`` (read and match).
        reasons: Why, in words; empty for ``keep``.
    """

    strategy: Strategy
    source: str
    read: Key
    match: Key
    action: str
    reasons: tuple[str, ...] = ()


@dataclass
class Refreshed:
    """What a refresh did: the record of ``--json``, of the ledger and of the summary line.

    Attributes:
        run: Number of the run, 0 for a dry run.
        steps: What was done with each document.
        failures: Inputs without result, in the order of the inputs.
        gone: Inputs of the run before that are no longer there.
        damaged: Stored files whose checksum was wrong and which were made anew.
        interrupted: Earlier runs that had begun and never ended.
        assembled: Why tables and report were made anew; empty if they were kept.
        changed: Names of the result files that changed.
        differences: With ``verify``: files that differ from a run from scratch.
        seconds: Time by stage.
    """

    out: str
    run: int = 0
    steps: Sequence[Step] = ()
    failures: list[InputError] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    interrupted: list[int] = field(default_factory=list)
    assembled: str = ""
    changed: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    given: int = 0
    pruned: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def count(self, action: str) -> int:
        """Return how many documents were kept, matched or read."""
        return sum(s.action == action for s in self.steps)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code: the truth about all inputs, also those whose failure was known before."""
        if self.differences:
            return ExitCode.CHECK_FAILED
        if not self.given or len(self.failures) == self.given:
            return ExitCode.ALL_FAILED
        return ExitCode.SOME_FAILED if self.failures else ExitCode.OK

    @property
    def summary(self) -> str:
        """One line for the log of the night."""
        made = f"{len(self.changed)} file(s) changed" if self.assembled else "results kept"
        extra = [f"{len(self.gone)} gone"] if self.gone else []
        extra += [f"{len(self.damaged)} damaged and made anew"] if self.damaged else []
        extra += [f"after {len(self.interrupted)} interrupted run(s)"] if self.interrupted else []
        return (
            f"refresh {self.run or '(dry run)'}: {self.given} document(s): "
            f"{self.count('read')} read, {self.count('match')} matched, {self.count('keep')} kept, {len(self.failures)} failed"
            f"{''.join(f', {part}' for part in extra)}; {made}; {self.seconds.get('total', 0.0):.1f} s; {self.out}"
        )

    def record(self) -> dict[str, Any]:
        """Return all of it, JSON-ready."""
        return {
            "schema": SCHEMA,
            "run": self.run,
            "out": self.out,
            "exit_code": int(self.exit_code),
            "documents": {
                "given": self.given, "read": self.count("read"), "matched": self.count("match"), "kept": self.count("keep"), "failed": len(self.failures),
                "gone": self.gone,
            },
            "done": [{"id": s.strategy.id, "path": str(s.strategy.path), "action": s.action, "why": list(s.reasons)} for s in self.steps if s.action != "keep"],
            "failures": [{"path": f.path, "cause": f.cause, "remedy": f.remedy} for f in self.failures],
            "interrupted": self.interrupted,
            "damaged": self.damaged,
            "assembled": self.assembled,
            "changed": self.changed,
            "differences": self.differences,
            "pruned": self.pruned,
            "seconds": {k: round(v, 3) for k, v in self.seconds.items()},
        }  # fmt: skip


Told = Callable[[int, int, Step], None]
"""Called when a document is done: how many, of how many, which."""


def refresh(request: Request, told: Told | None = None) -> Refreshed:
    """Bring results up to date with inputs, settings, patterns, models and software.

    Args:
        request: What is to be refreshed.
        told: Called when a document is done.

    Raises:
        BusyError: Another refresh is at work on the same results.
        InputError: Of the documents of the last refresh none is there; the old results stay.
        OutputError: Results or store cannot be written; the old results stay.
        DdextractError: Patterns, lists or options are wrong; the old results stay.
    """
    begun = time.perf_counter()
    out = place(request.out)
    if isinstance(out, LocalPlace) and not request.dry_run:
        check_writable(out.folder)
    room = place(f"{request.out.rstrip('/')}/{WORKROOM}")
    store = Store(place(request.store) if request.store else room)
    ledger = Ledger(room)
    guard = contextlib.nullcontext() if request.dry_run else locked(room)
    with guard, _scratch(out) as scratch:
        refreshed = Refreshed(request.out)
        strategies, sources_, unusable = _inputs(request, scratch)
        refreshed.given = len(strategies) + len(unusable)
        decisive = Decisive.now(request.settings)
        before = ledger.manifest()
        refreshed.steps = _plan(strategies, sources_, request.settings, decisive, before, store)
        here = {sources_.get(s.path) or str(s.path) for s in strategies} | {f.path for f in unusable}
        refreshed.gone = [str(d["path"]) for d in (before or {}).get("documents", []) if d["path"] not in here]
        refreshed.seconds["plan"] = time.perf_counter() - begun
        if not strategies and refreshed.gone:
            # A share that is not mounted, a folder that was moved: nothing to do is no reason to put an empty set in the place of good results.
            raise InputError(
                " ".join(request.inputs), f"holds none of the {len(refreshed.gone)} documents of the last refresh; its results stay as they are",
                f"Is the folder mounted? If they were withdrawn on purpose, delete {request.out}.",
            )  # fmt: skip
        if request.dry_run:
            refreshed.failures = [*unusable, *_known_failures(refreshed.steps, before)]
            refreshed.seconds["total"] = time.perf_counter() - begun
            return refreshed
        refreshed.interrupted = ledger.interrupted()
        refreshed.run = ledger.next_number()
        ledger.write(event="begun", run=refreshed.run, process=os.getpid(), documents=refreshed.given, to_do=refreshed.given - refreshed.count("keep"))
        try:
            _Refresh(request, out, store, ledger, decisive, refreshed, told, scratch).carry_out(unusable, before)
        except BaseException as error:
            with contextlib.suppress(Exception):
                outcome = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
                ledger.write(event="ended", run=refreshed.run, outcome=outcome, cause=f"{type(error).__name__}: {error}".removesuffix(": "))
            raise
        refreshed.seconds["total"] = time.perf_counter() - begun
        ledger.write(event="ended", outcome="complete", **{k: v for k, v in refreshed.record().items() if k not in ("schema", "done")})
        for number in refreshed.interrupted:
            ledger.write(event="noted", run=number, outcome="interrupted")
    return refreshed


@contextlib.contextmanager
def _scratch(out: Place) -> Iterator[Path]:
    """Give a folder for what is being made: beside the results where they are here, so that files can be moved."""
    local = out.local()
    if local is not None and (local / WORKROOM).is_dir():
        yield local / WORKROOM / "making"
        shutil.rmtree(local / WORKROOM / "making", ignore_errors=True)
    else:
        with tempfile.TemporaryDirectory(prefix="ddextract-") as folder:
            yield Path(folder)


def _inputs(request: Request, scratch: Path) -> tuple[list[Strategy], dict[Path, str], list[InputError]]:
    """Return strategies, the addresses of those that lie elsewhere by their local path, and what cannot be used."""
    given: list[str] = []
    addresses: dict[Path, str] = {}
    unusable: list[InputError] = []
    for text in request.inputs:
        if not is_remote(text):
            given.append(text)
            continue
        fs, path = file_system(text)
        scheme = text.partition("://")[0]
        try:
            found = sorted(str(p) for p in fs.find(path)) if fs.isdir(path) else [path]
            for name in found:
                suffix = PurePosixPath(name).suffix.lower()
                if suffix not in SUFFIXES and suffix != ".toml":
                    continue
                folder = scratch / "inputs" / hashlib.sha256(f"{scheme} {PurePosixPath(name).parent}".encode()).hexdigest()[:16]
                folder.mkdir(parents=True, exist_ok=True)
                copy = folder / PurePosixPath(name).name
                fs.get_file(name, str(copy))
                if suffix != ".toml":
                    addresses[copy] = f"{scheme}://{name}"
                    given.append(str(copy))
        except OSError as error:
            unusable.append(InputError(text, f"cannot be fetched ({error.strerror or error})", "Check the address."))
    strategies, faults = find_inputs(given, known=request.settings.known)
    return strategies, addresses, [*unusable, *faults]


def _plan(
    strategies: Sequence[Strategy], addresses: Mapping[Path, str], settings: Settings, decisive: Decisive, before: Mapping[str, Any] | None, store: Store
) -> list[Step]:
    """Decide what is done with each document, and why."""
    known = {str(d["path"]): d for d in (before or {}).get("documents", [])}
    steps = []
    for strategy in strategies:
        read, match = read_key(strategy, settings, decisive), match_key(strategy, settings, decisive)
        source = addresses.get(strategy.path, "")
        reasons: list[str] = []
        entry = known.get(source or str(strategy.path))
        if entry and entry["match"] == match.digest and not entry.get("passing"):
            action = "keep"
        else:
            receipt = store.receipt(match.digest)
            if receipt is not None and store.complete(receipt):
                action = "keep"
            else:
                action, reasons = _reasons(read, match, entry, store, before, decisive)
        steps.append(Step(strategy, source, read, match, action, tuple(reasons)))
    return steps


def _known_failures(steps: Sequence[Step], before: Mapping[str, Any] | None) -> Iterator[InputError]:
    """Yield the documents that failed before and would not be done again."""
    old = {d["match"]: d for d in (before or {}).get("documents", [])}
    for step in steps:
        fault = old.get(step.match.digest, {}).get("failure") if step.action == "keep" else None
        if fault:
            yield InputError(step.source or step.strategy.path, fault["cause"], fault["remedy"])


def _reasons(
    read: Key, match: Key, entry: Mapping[str, Any] | None, store: Store, before: Mapping[str, Any] | None, decisive: Decisive
) -> tuple[str, list[str]]:
    action = "match" if store.has_document(read.digest) else "read"
    if entry is None:
        return action, ["new"]
    if entry.get("passing"):
        return action, ["it failed before and is tried again"]
    reasons = why(read, entry["parts"]["read"]) + [r for r in why(match, entry["parts"]["match"]) if r != "it was read anew"]
    told = []
    for reason in reasons:
        if reason == "the patterns changed" and before:
            told.append(f"the patterns changed: {_differing(before['patterns'], decisive.patterns)}")
        elif reason == "a model changed" and before:
            told.append(f"a model changed: {_differing(before['models'], decisive.models)}")
        elif reason == "the software of this stage changed" and before:
            stage = "read" if entry["parts"]["read"]["software"] != read.parts["software"] else "match"
            told.append(f"the software of this stage changed: {_differing(before['software'].get(stage, {}), sources(stage))}")
        else:
            told.append(reason)
    return action, list(dict.fromkeys(told)) or ["its stored result is missing"]


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "") if names else "a library or Python"


@dataclass
class _Refresh:
    """One refresh at work."""

    request: Request
    out: Place
    store: Store
    ledger: Ledger
    decisive: Decisive
    refreshed: Refreshed
    told: Told | None
    scratch: Path
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    """Keys of the documents that were done in this run."""

    def carry_out(self, unusable: Sequence[InputError], before: Mapping[str, Any] | None) -> None:
        """Do what is to be done, make tables and report if anything decides them differently, keep the record."""
        steps = self.refreshed.steps
        clock = time.perf_counter
        started = clock()
        for name in [n for n in self.store.unfinished() if "making" not in n]:
            self.store.place.remove(name)
        local = self.out.local()
        for passing in [p for name in ("run.json", PACKAGE_FILE) for p in local.glob(f".{name}.*")] if local else []:
            passing.unlink(missing_ok=True)
        self.work([s for s in steps if s.action != "keep"])
        self.refreshed.seconds["work"] = clock() - started
        started = clock()
        old = {d["match"]: d for d in (before or {}).get("documents", [])}
        digests = [hashlib.sha256(f"{Path(f.path).name} {f.cause} {f.remedy}".encode()).hexdigest() for f in unusable]
        for step in steps:
            entry = old.get(step.match.digest) if step.action == "keep" else None
            digests.append(entry["outcome"] if entry else outcome_digest(self.receipt(step)))
        key = tables_key(self.request.settings, self.decisive, digests)
        reason = self.outdated(key, before)
        self.refreshed.failures = [*unusable, *self.failures(steps, old)]
        if reason:
            self.refreshed.assembled = reason
            self.assemble(unusable, key)
        self.refreshed.seconds["assemble"] = clock() - started
        if reason or self.refreshed.count("keep") < len(steps) or not before or len(before["documents"]) != len(steps):
            self.record(key, digests[len(unusable) :], old)
        if self.request.verify:
            self.compare()

    def work(self, steps: Sequence[Step]) -> None:
        """Give the work to whoever does it."""
        if not steps:
            return
        # Rules are validated before anybody works by them: a malformed page ends the run here, and the old results stay.
        from ddextract.codebook import load_codebook

        load_codebook(*self.request.settings.patterns)
        self.store.keep_patterns(self.decisive.patterns, self.request.settings.patterns)
        tasks = {s.match.digest: s for s in steps}
        given = [Task(s.strategy, s.source, s.read, s.match, self.request.settings, self.store.place.address) for s in steps]
        # Closed at once where it is broken off, so that the workers end.
        with contextlib.closing(self.outcomes(given)) as outcomes:
            for number, (task, receipt) in enumerate(outcomes, 1):
                # What is stored can be read again when tables are made: memory must not grow with the work.
                self.fresh.add(task.match.digest)
                if receipt.get("passing"):
                    self.receipts[task.match.digest] = receipt
                else:
                    self.receipts.pop(task.match.digest, None)
                if self.told:
                    self.told(number, len(given), tasks[task.match.digest])

    def outcomes(self, tasks: Sequence[Task]) -> Outcomes:
        """Yield receipts as the work is done."""
        jobs = self.request.settings.jobs
        if self.request.scheduler:
            return on_cluster(tasks, self.request.scheduler, jobs)
        return in_processes(tasks, jobs) if jobs > 1 and len(tasks) > 1 else in_turn(tasks)

    def receipt(self, step: Step) -> dict[str, Any]:
        """Return the receipt of a document; done now if the store has lost it."""
        key = step.match.digest
        if key not in self.receipts:
            found = self.store.receipt(key)
            if found is None or not self.store.complete(found):
                self.work([step])
                found = self.receipts.get(key) or self.store.receipt(key)
            if found is None:
                raise OutputError(f"{self.store.place.address}: what was stored cannot be read again. Free space or choose another --store.")
            # The parts of the keys stand in the steps.
            self.receipts[key] = {name: value for name, value in found.items() if name != "parts"}
        return self.receipts[key]

    def failures(self, steps: Sequence[Step], old: Mapping[str, Mapping[str, Any]]) -> Iterator[InputError]:
        """Yield the documents without result."""
        for step in steps:
            entry = old.get(step.match.digest) if step.match.digest not in self.receipts and step.match.digest not in self.fresh else None
            fault = entry.get("failure") if entry else self.receipt(step).get("failure")
            if fault:
                yield InputError(step.source or step.strategy.path, fault["cause"], fault["remedy"])

    def outdated(self, key: Key, before: Mapping[str, Any] | None) -> str:
        """Return why tables and report must be made anew; nothing if they are as they should be."""
        if before is None:
            return "first run"
        if before["tables"] != key.digest:
            names = {"results": "documents or what was found in them", "settings": "settings", "patterns": "patterns", "lists": "hand-coded lists"}
            changed = [names.get(n, f"{n} of tables and report") for n, v in key.parts.items() if before["tables_parts"].get(n) != v]
            return f"changed: {', '.join(changed)}"
        local = self.out.local()
        if local is not None:
            from ddextract.integrity import is_whole

            return "" if is_whole(local) and (local / "run.json").is_file() else "result files are missing or damaged"
        return "" if self.out.exists(PACKAGE_FILE) and self.out.exists("run.json") else "result files are missing"

    @staticmethod
    def rules(key: Key) -> str:
        """Return all that decides pages besides the documents."""
        return digest_of(*(f"{name} {value}" for name, value in key.parts.items() if name != "results"))

    def assemble(self, unusable: Sequence[InputError], key: Key) -> None:
        """Make tables and report beside the old ones, then put them in their place."""
        from ddextract.batch.assembly import Done, Draughtsman, MissingResultError, Pages, assembled, emptied
        from ddextract.job import run_record
        from ddextract.output import install, make_files
        from ddextract.tables import json_bytes

        steps = {s.strategy.id: s for s in self.refreshed.steps}
        local = self.out.local()
        memory = Memory(digest_of(self.decisive.software["tables"], self.decisive.software["report"]), self.out.read(REMEMBERED))
        # What is loaded stays to the end: the collector need not look through it again and again.
        often = gc.get_threshold()
        gc.set_threshold(50_000, 20, 50)
        while True:
            done = [Done(s.strategy, self.receipt(s)) for s in self.refreshed.steps]
            fresh = emptied(self.scratch) / "files" if not any(s.source for s in self.refreshed.steps) else self.scratch / "files"
            try:
                run = assembled(done, unusable, self.store, self.request.settings)
                pages = None
                if local is not None:
                    keys = {s.strategy.id: s.match.digest for s in self.refreshed.steps}
                    pages = Pages(local / WORKROOM, local / "report", fresh / "report", self.rules(key), keys)
                with remembering(memory):
                    make_files(run, fresh, draw=Draughtsman(self.store), keep=pages)
            except MissingResultError as missing:
                self.work([steps[missing.identity]])
                continue
            break
        gc.set_threshold(*often)
        self.refreshed.damaged = sorted(set(self.store.damaged))
        if local is not None:
            self.refreshed.changed = install(fresh, local)
            if pages is not None:
                pages.remember()
        else:
            self.refreshed.changed = self.upload(fresh)
        if memory.made or len(memory.used) != len(memory.known):
            self.out.write(REMEMBERED, memory.data())
        self.out.write("run.json", json_bytes({**run_record(run), "refresh": self.refreshed.run}))

    def upload(self, fresh: Path) -> list[str]:
        """Put new files to an address, each at once; the list of them last."""
        import json

        from ddextract.output import _files, _sha256, package
        from ddextract.tables import json_bytes

        listed = {name: _sha256(fresh / name) for name in sorted(_files(fresh))}
        data = self.out.read(PACKAGE_FILE)
        old = {r["path"]: r["hash"] for r in json.loads(data)["resources"]} if data else {}
        changed = [name for name, digest in listed.items() if old.get(name) != f"sha256:{digest}" or not self.out.exists(name)]
        for name in changed:
            self.out.write(name, (fresh / name).read_bytes())
        self.out.write(PACKAGE_FILE, json_bytes(package(fresh, listed)))
        for name in sorted(set(old) - set(listed)):
            self.out.remove(name)
            changed.append(name)
        return changed

    def record(self, key: Key, outcomes: Sequence[str], old: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep the manifest of this run."""
        documents = []
        for step, outcome in zip(self.refreshed.steps, outcomes, strict=True):
            receipt = self.receipts.get(step.match.digest) or old.get(step.match.digest) or self.receipt(step)
            entry = {
                "id": step.strategy.id, "path": step.source or str(step.strategy.path), "sha256": step.strategy.sha256, "read": step.read.digest,
                "match": step.match.digest, "outcome": outcome, "parts": {"read": dict(step.read.parts), "match": dict(step.match.parts)},
            }  # fmt: skip
            documents.append({**entry, **{name: receipt[name] for name in ("failure", "passing") if receipt.get(name)}})
        from ddextract.batch.ledger import now

        self.ledger.keep(
            {
                "run": self.refreshed.run, "at": now(), "documents": documents, "tables": key.digest, "tables_parts": dict(key.parts),
                "patterns": dict(self.decisive.patterns), "patterns_digest": folded(self.decisive.patterns), "models": dict(models()),
                "software": {stage: dict(sources(stage)) for stage in ("read", "match")},
                "settings": {
                    "matcher": self.request.settings.matcher, "evidence": [self.request.settings.evidence.mentions, self.request.settings.evidence.score],
                    "min_quality": self.request.settings.min_quality, "folders": len(self.request.settings.patterns),
                },
            }
        )  # fmt: skip
        if self.request.prune:
            kept = self.ledger.runs()[-self.request.prune :]
            self.ledger.forget(set(self.ledger.runs()) - set(kept))
            wanted = [{"key": d["match"], "read": d["read"]} for run in kept for d in (self.ledger.manifest(run) or {"documents": []})["documents"]]
            self.refreshed.pruned = self.store.prune(wanted)

    def compare(self) -> None:
        """Do all again from the files alone, and note which results differ."""
        from dataclasses import replace

        from ddextract.output import _files, _sha256

        with tempfile.TemporaryDirectory(prefix="ddextract-") as scratch:
            again = refresh(replace(self.request, out=scratch, store=None, dry_run=False, verify=False, prune=0))
            log.info("compared with a run from scratch: %s", again.summary)
            folder = Path(scratch)
            fresh = {n: _sha256(folder / n) for n in _files(folder) if not n.startswith(f"{WORKROOM}/") and n != "run.json"}
            for name, digest in fresh.items():
                data = self.out.read(name)
                if data is None or hashlib.sha256(data).hexdigest() != digest:
                    self.refreshed.differences.append(name)
            names = {n for n in self.out.names() if not n.startswith(f"{WORKROOM}/") and n != "run.json"}
            self.refreshed.differences.extend(sorted(names - set(fresh)))
