"""The main job: ``run`` on strategies of the user's, ``demo`` on the specimens of the project."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ddextract.commands.faults import complain
from ddextract.commands.options import (
    Jobs,
    Lang,
    Lists,
    Matcher,
    Memory,
    MinMentions,
    MinQuality,
    Ocr,
    Out,
    Password,
    Patterns,
    State,
    Timeout,
    Year,
    check_matcher,
    checked_language,
)
from ddextract.commands.progress import shown_progress
from ddextract.errors import ExitCode

if TYPE_CHECKING:
    from ddextract.job import Run

BAR = 12
"""Characters of the longest bar of the table that a run prints."""


def run(
    inputs: Annotated[list[str], typer.Argument(help="PDF, .txt or .md files, folders, or ids of the registry (ddextract corpus list).")],
    out: Out = Path("ddextract-out"),
    state: State = None,
    year: Year = None,
    lang: Lang = None,
    matcher: Matcher = "hybrid",
    patterns: Patterns = None,
    lists: Lists = None,
    jobs: Jobs = 1,
    min_mentions: MinMentions = 2,
    password: Password = None,
    timeout: Timeout = 600.0,
    memory: Memory = 2048,
    min_quality: MinQuality = 0.0,
    ocr: Ocr = "auto",
    strict: Annotated[bool, typer.Option("--strict", help="The first failure ends the run.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but faults.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say more on stderr.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print summary.json to stdout instead of the tables.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be read, and stop.")] = False,
) -> int:
    """Find every instrument in strategies, profile the states, check them against hand-coded lists, write tables and report."""
    if verbose:
        logging.getLogger().setLevel(logging.DEBUG)
    from ddextract.corpus import Known, checked_state, find_inputs
    from ddextract.files import check_writable

    known = Known(checked_state(state), year, checked_language(lang, patterns))
    check_matcher(matcher, lang)
    if dry_run:
        strategies, unusable = find_inputs(inputs, known=known)
        for s in strategies:
            typer.echo(f"{s.path}\t{s.id}\t{s.state or '?'}\t{s.year or '?'}\t{s.language or '?'}\t{s.known_from or 'to be guessed'}")
        for fault in unusable:
            complain(str(fault))
        return _exit_code(len(strategies), len(unusable))
    check_writable(out)
    from ddextract import job
    from ddextract.output import write_run
    from ddextract.profile import EvidenceRule
    from ddextract.reading.settings import checked_ocr

    settings = job.Settings(
        matcher=matcher, patterns=tuple(patterns or ()), lists=tuple(lists or ()), known=known, evidence=EvidenceRule(mentions=min_mentions),
        password=password, strict=strict, jobs=jobs, seconds=timeout, memory=memory, min_quality=min_quality, ocr=checked_ocr(ocr),
    )  # fmt: skip
    with shown_progress(quiet) as progress:
        result = job.run(inputs, settings, progress)
    report = write_run(result, out)
    if as_json:
        typer.echo(json.dumps(job.summary(result), ensure_ascii=False, indent=1))
    elif not quiet and len(result.results) > len(result.failures):
        _print_run(result, report, out)
    for fault in result.failures:
        complain(str(fault))
    return _exit_code(len(result.results) - len(result.failures), len(result.failures))


def demo(out: Out = Path("ddextract-out")) -> int:
    """Run the main job on the four specimens that come with the project."""
    return run(inputs=["usa-2031", "gbr-2031", "fra-2031", "esp-2031"], out=out)


def _exit_code(succeeded: int, failed: int) -> int:
    if not succeeded:
        return ExitCode.ALL_FAILED
    return ExitCode.SOME_FAILED if failed else ExitCode.OK


def _evidence(mention: dict[str, Any]) -> str:
    """Return where a mention stands, its page as printed where the document prints one, and the words around it."""
    from ddextract.report.shelf import ending, opening, page_words

    place = page_words(int(mention["page"]), mention["page_label"]) if mention["page"] else mention["document"]
    sentence, at = str(mention["sentence"]).replace("\n", " "), int(mention["start"]) - int(mention["sentence_start"])
    return f"{place}  “{ending(sentence[:at], 25)}{opening(sentence[at:], 55)}”"


def _print_run(result: Run, report: Path, out: Path) -> None:
    """Print a bar per instrument and state, the check in a line, and where the results lie."""
    from ddextract.profile import filled

    for state in dict.fromkeys(result.profiles["state"]):
        own = result.profile(state).sort_values(["counting_mentions", "code"], ascending=[False, True])
        found = own[own["counting_mentions"] > 0]
        first = own.iloc[0]
        typer.echo(f"\n{state}  {first['documents_read']} document(s), {first['words_read']:,} words")
        most = max(int(found["counting_mentions"].max()), 1) if len(found) else 1
        titles = {code: result.codebook.concepts[code].title["en"] for code in found["code"]}
        wide = max(map(len, ("instrument", *titles.values())))
        typer.echo(f"  {'instrument':<{wide}} {'':<{BAR}}{'counts':>7}{'planned':>9}   best evidence")
        of_id = result.mentions.set_index("id").loc[list(found["evidence_mention"])].reset_index()
        best = {code: {str(k): filled(v) for k, v in row.items()} for code, row in zip(found["code"], of_id.to_dict("records"), strict=True)}
        for _, row in found.iterrows():
            bar = "█" * max(1, round(BAR * row["counting_mentions"] / most))
            mark = "" if row["present"] == "present" else "  (doubtful)"
            typer.echo(f"  {titles[row['code']]:<{wide}} {bar:<{BAR}}{row['counting_mentions']:>7}{row['planned']:>9}   {_evidence(best[row['code']])}{mark}")
        present = int((own["present"] == "present").sum())
        typer.echo(f"  {present} of {len(own)} instruments present")
        check = result.check[result.check["state"] == state]
        if len(check):
            listed = check[check["in_list"] == "listed"]
            agreed = listed[listed["outcome"] == "agreed"]
            missing = [result.codebook.concepts[c].title["en"] for c in listed[listed["outcome"] != "agreed"]["code"]]
            extra = int((check["outcome"] == "only text").sum())
            typer.echo(
                f"  against the hand-coded list: {len(agreed)} of {len(listed)} found; "
                f"not found, or on too little evidence: {', '.join(missing) or 'none'}; found and not listed: {extra}"
            )
    unknown = result.documents[(result.documents["outcome"] == "read") & result.documents["state"].isna()]
    if len(unknown):
        typer.echo(f"\n{len(unknown)} document(s) without a state are in no profile: {', '.join(unknown['path'])} (set --state or a sidecar)")
    typer.echo(f"\nreport  {report}      tables  {out}/")
