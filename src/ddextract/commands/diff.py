"""``ddextract diff``: what changed between two editions, two runs, or over the years of a state, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ddextract.commands.options import AsJson, Patterns
from ddextract.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from ddextract.editions.compare import Comparison


def diff(
    old: Annotated[str, typer.Argument(help="Folder of results, document, or registry id.")],
    new: Annotated[
        str | None, typer.Argument(help="The same, later. Without it: the last two runs of the folder's ledger (or the years of its states with --years).")
    ] = None,
    state: Annotated[str | None, typer.Option("--state", help="Only this state; the issuing state of two documents that do not say it.")] = None,
    years: Annotated[bool, typer.Option("--years", help="Compare the documents of each state in the folder, edition by edition.")] = False,
    runs: Annotated[tuple[int, int] | None, typer.Option("--runs", help="Two runs of the ledger instead of the last two.")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="Language of two documents that do not say it.")] = None,
    patterns: Patterns = None,
    min_mentions: Annotated[int, typer.Option("--min-mentions", help="Counting mentions from which an instrument is present.", min=1)] = 2,
    causes: Annotated[bool, typer.Option("--causes/--no-causes", help="Prove the cause of each change by running again what lies between.")] = True,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page.")] = None,
    table: Annotated[Path | None, typer.Option("--csv", help="Write a table.")] = None,
    digest: Annotated[Path | None, typer.Option("--digest", help="Write a mail (subject line, plain text).")] = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but the summary.")] = False,
) -> int:
    """Say which instruments, partners and objectives came, went, grew firmer or weaker, with old and new sentence, and why."""
    from ddextract.corpus import checked_state
    from ddextract.editions import telling
    from ddextract.editions.desk import differences
    from ddextract.files import write_atomically

    comparisons: list[Comparison] = differences(
        old, new, state=checked_state(state), years=years, runs=runs, language=lang, patterns=tuple(patterns or ()), min_mentions=min_mentions, causes=causes
    )
    if not comparisons:
        raise UsageError(f"{old}: there is nothing to compare.")
    for path, text in ((html, telling.page), (table, telling.table), (digest, telling.digest)):
        if path is not None:
            write_atomically(path, text(comparisons).encode())
    if as_json:
        typer.echo(json.dumps(telling.record(comparisons), ensure_ascii=False, indent=1))
    elif quiet:
        for comparison in comparisons:
            typer.echo(telling.answer(comparison))
    else:
        for line in telling.lines(comparisons):
            typer.echo(line)
    return ExitCode.OK
