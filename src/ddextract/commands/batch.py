"""``ddextract refresh`` and ``verify``: the batch that nobody watches, and the proof that its results are whole."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ddextract.commands.faults import complain
from ddextract.commands.options import (
    AsJson,
    Folder,
    Jobs,
    Lang,
    Lists,
    Matcher,
    Memory,
    MinMentions,
    MinQuality,
    Ocr,
    Password,
    Patterns,
    State,
    Timeout,
    Year,
    checked_language,
)
from ddextract.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from ddextract.refresh import Step


def _stop(*_: Any) -> None:
    raise KeyboardInterrupt


def refresh(
    inputs: Annotated[list[str], typer.Argument(help="Files, folders, registry ids, addresses that fsspec reaches.")],
    out: Annotated[str, typer.Option("--out", help="Folder or address of the results.")] = "ddextract-out",
    store: Annotated[str | None, typer.Option("--store", help="Folder or address of the store; in the results if not given.")] = None,
    state: State = None,
    year: Year = None,
    lang: Lang = None,
    matcher: Matcher = "hybrid",
    patterns: Patterns = None,
    lists: Lists = None,
    jobs: Jobs = 1,
    scheduler: Annotated[str | None, typer.Option("--scheduler", help="Dask scheduler (tcp://…), or local; needs the extra 'scale'.")] = None,
    min_mentions: MinMentions = 2,
    password: Password = None,
    timeout: Timeout = 600.0,
    memory: Memory = 2048,
    min_quality: MinQuality = 0.0,
    ocr: Ocr = "auto",
    prune: Annotated[int, typer.Option("--prune", help="Keep the stored results of this many runs only; 0 keeps all.", min=0)] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and why, and stop.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Do all again from the files alone and compare; exit code 5 if anything differs.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but the summary line and faults.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the record of the refresh as JSON instead.")] = False,
) -> int:
    """Bring results up to date: only what changed is done again; the last line says what was done."""
    from ddextract.corpus import Known, checked_state
    from ddextract.job import Settings
    from ddextract.matching.pipeline import settled_matcher
    from ddextract.profile import EvidenceRule
    from ddextract.reading.settings import checked_ocr
    from ddextract.refresh import Request
    from ddextract.refresh import refresh as bring_up_to_date

    settled_matcher(matcher, lang or "en")
    language = checked_language(lang, patterns)
    for folder in (*(patterns or ()), *(lists or ())):
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder. Check --patterns and --lists.")
    settings = Settings(
        matcher=matcher, patterns=tuple(patterns or ()), lists=tuple(lists or ()), known=Known(checked_state(state), year, language),
        evidence=EvidenceRule(mentions=min_mentions), password=password, jobs=jobs, seconds=timeout, memory=memory, min_quality=min_quality,
        ocr=checked_ocr(ocr),
    )  # fmt: skip
    # An orderly stop (systemctl stop, cron's shell) ends like an interruption: what is stored stays, the lock goes.
    signal.signal(signal.SIGTERM, _stop)

    def told(number: int, total: int, step: Step) -> None:
        if not quiet and not as_json:
            typer.echo(f"{number}/{total}  {step.action}  {step.strategy.path.name}  ({'; '.join(step.reasons)})", err=True)

    done = bring_up_to_date(Request(tuple(inputs), out, settings, store, scheduler, dry_run, verify, prune), told)
    if dry_run and not as_json:
        for step in done.steps:
            if step.action != "keep":
                typer.echo(f"{step.action}\t{step.strategy.path}\t{'; '.join(step.reasons)}")
        for path in done.gone:
            typer.echo(f"gone\t{path}")
    for fault in done.failures:
        complain(str(fault))
    for name in done.differences:
        typer.echo(f"{name}: differs from a run from scratch", err=True)
    sys.stdout.write((json.dumps(done.record(), ensure_ascii=False, indent=1) if as_json else done.summary) + "\n")
    return ExitCode.OK if dry_run and done.given else done.exit_code


def verify(
    out: Folder = Path("ddextract-out"),
    as_json: AsJson = False,
) -> int:
    """Check the files of a run: all there, checksums right, schemas known, nothing beside them; and the store, if there is one."""
    from ddextract.batch.places import LocalPlace
    from ddextract.batch.store import Store
    from ddextract.integrity import faults, read_package
    from ddextract.output import WORKROOM

    found = list(faults(out))
    files = len(read_package(out)["resources"])
    stored = 0
    if (out / WORKROOM / "state.json").is_file():
        stored, hurt = Store(LocalPlace(out / WORKROOM)).examined()
        found += [f"{out / WORKROOM / name}: its checksum is wrong. The next refresh makes it anew." for name in hurt]
    if as_json:
        typer.echo(
            json.dumps({"schema": "ddextract.verify/1", "out": str(out), "files": files, "stored": stored, "faults": found}, ensure_ascii=False, indent=1)
        )
    else:
        for fault in found:
            typer.echo(fault, err=True)
        typer.echo(f"{out}: {files} files and {stored} stored results checked, {len(found)} fault(s)")
    return ExitCode.CHECK_FAILED if found else ExitCode.OK
