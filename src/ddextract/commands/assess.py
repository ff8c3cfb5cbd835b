"""``evaluate`` and ``check``: results held against what people coded, sentences and lists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ddextract.commands.options import AsJson, Documents, Folder, Lang, Lists, Patterns, checked_language
from ddextract.errors import ExitCode


def evaluate(
    split: Annotated[str | None, typer.Option("--split", help="dev, train, authored, near or test; authored and dev if not given.")] = None,
    lang: Lang = None,
    documents: Documents = None,
    gold: Annotated[list[Path] | None, typer.Option("--gold", help="Own gold (JSONL) to score instead of ours (may be repeated).")] = None,
    patterns: Patterns = None,
    against: Annotated[Path | None, typer.Option("--against", help="Other patterns: paired comparison with an interval of the difference.")] = None,
    gains: Annotated[Path | None, typer.Option("--gains", help="Old patterns: mentions that came and went, with sentences.")] = None,
    causes: Annotated[bool, typer.Option("--causes", help="Where the errors come from, with examples.")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page with tables, confusion and the mistakes to read.")] = None,
    update_floors: Annotated[bool, typer.Option("--update-floors", help="Raise the pinned scores to those measured.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="With --update-floors: why a floor may fall.")] = "",
    open_test: Annotated[str | None, typer.Option("--open-test", metavar="REASON", help="With --split test: why it is opened; logged.")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Only the first line of each table.")] = False,
    matcher: Annotated[str, typer.Option("--matcher", help="rules, statistical or hybrid.")] = "rules",
    versus: Annotated[str | None, typer.Option("--versus", help="Another matcher: paired comparison with an interval of the difference.")] = None,
    as_json: AsJson = False,
) -> int:
    """Score the matcher on gold sentences: precision, recall and F1 with intervals, coders and baseline beside them."""
    from ddextract.assessment import Request, perform
    from ddextract.codebook import load_codebook

    request = Request(
        split,
        checked_language(lang, patterns),
        documents,
        tuple(gold or ()),
        load_codebook(*(patterns or ())),
        against,
        gains,
        causes,
        html,
        update_floors,
        reason,
        open_test,
        brief,
        matcher,
        versus,
    )
    outcome = perform(request)
    for line in [json.dumps(outcome.record, ensure_ascii=False, indent=1)] if as_json else outcome.lines:
        typer.echo(line)
    return ExitCode.CHECK_FAILED if outcome.fell_short else ExitCode.OK


def check(
    out: Folder = Path("ddextract-out"),
    lists: Lists = None,
    thresholds: Annotated[bool, typer.Option("--thresholds", help="Agreement under other thresholds of evidence.")] = False,
    items: Annotated[bool, typer.Option("--items", help="Item by item.")] = False,
    patterns: Patterns = None,
    as_json: AsJson = False,
) -> int:
    """Check a run against hand-coded lists and the article's claims: per state and over all."""
    from ddextract.article_check import check_lines, check_run

    found = check_run(out, tuple(lists or ()), tuple(patterns or ()))
    for line in [json.dumps(found, ensure_ascii=False, indent=1)] if as_json else check_lines(found, thresholds=thresholds, items=items):
        typer.echo(line)
    return ExitCode.OK
