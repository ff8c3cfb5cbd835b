"""Commands on the results of a run: profile, compare, report, highlight, export, reconcile, reliability."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ddextract.commands.options import AsJson, Folder, Lists, MinMentions
from ddextract.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from ddextract.analysis import Analysis
    from ddextract.saved import SavedRun

Measured = Annotated[Path | None, typer.Option("--measured", help="File of measured precision and recall (see ddextract reliability); ours if not given.")]

PROFILE_FORMATS = ("csv", "json", "xlsx", "parquet", "portfolio")
REPORT_FORMATS = ("html", "md", "pdf")


def _analysed(run: SavedRun, lists: list[Path] | None, measured: Path | None, bar: float | None = None, shuffles: int | None = None) -> Analysis:
    from ddextract.analysis import analyse
    from ddextract.lists import check_profiles, load_lists
    from ddextract.profile import EvidenceRule, listed
    from ddextract.reliability import read_reliability
    from ddextract.universal import BAR, SHUFFLES

    own = load_lists(run.codebook, *run.lists, *(lists or ()))
    read: dict[str, set[str]] = {}
    for name, issuers in zip(run.documents["id"], run.documents["issuers"], strict=True):
        for state in listed(issuers):
            read.setdefault(str(state), set()).add(str(name))
    rule = run.summary["evidence_rule"]
    return analyse(
        run.documents, run.mentions, run.profiles, check_profiles(run.profiles, own, read), run.codebook, own,
        reliability=read_reliability(measured), rule=EvidenceRule(rule["mentions"], rule["sure_score"], rule["probability"]),
        calibrated=rule["scores_calibrated"], bar=BAR if bar is None else bar, shuffles=SHUFFLES if shuffles is None else shuffles,
    )  # fmt: skip


def profile(
    folder: Folder = Path("ddextract-out"),
    by: Annotated[str, typer.Option("--by", help="state, document or year.")] = "state",
    state: Annotated[str | None, typer.Option("--state", help="Only this state.")] = None,
    format_: Annotated[str, typer.Option("--format", help="csv, json, xlsx, parquet, or portfolio (the layout of PolicyPortfolios).")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", help="File to write; csv, json and portfolio go to standard output without it.")] = None,
    min_mentions: MinMentions = 2,
    min_probability: Annotated[float, typer.Option("--min-probability", help="Probability of presence below which it is doubtful.", min=0, max=1)] = 0.5,
    measured: Measured = None,
) -> int:
    """Profile the states, documents or years of a run anew, under other thresholds, in another format."""
    from ddextract.files import write_atomically
    from ddextract.profile import KEYS, SCHEMA, EvidenceRule, portfolio, profile_states
    from ddextract.reliability import read_reliability
    from ddextract.saved import read_run
    from ddextract.tables import csv_bytes, json_bytes, parquet_bytes, records, xlsx_bytes

    if by not in KEYS:
        raise UsageError(f"--by {by} is not known. Choose among {', '.join(KEYS)}.")
    if format_ not in PROFILE_FORMATS:
        raise UsageError(f"--format {format_} is not known. Choose among {', '.join(PROFILE_FORMATS)}.")
    if out is None and format_ in ("xlsx", "parquet"):
        raise UsageError(f"--format {format_} needs --out FILE.")
    run = read_run(folder)
    if format_ == "portfolio":
        table = portfolio(run.mentions, run.documents, run.codebook)
        column = "Country"
    else:
        rule = EvidenceRule(mentions=min_mentions, probability=min_probability)
        calibrated = run.summary["evidence_rule"]["scores_calibrated"]
        table = profile_states(run.mentions, run.documents, run.codebook, rule, read_reliability(measured), by=by, calibrated=calibrated)
        column = "state"
    if state is not None:
        table = table[table[column].fillna("").str.split(";").map(lambda found: state.upper() in found)]
        if not len(table):
            raise UsageError(f"{state}: no document of this state was read. States of this run: {', '.join(run.states) or 'none'}.")
    if format_ == "xlsx":
        data = xlsx_bytes({"profiles": table}, wide=("evidence_text",))
    elif format_ == "parquet":
        data = parquet_bytes(table, SCHEMA)
    elif format_ == "json":
        data = json_bytes({"schema": SCHEMA, "by": by, "profiles": records(table)})
    else:
        data = csv_bytes(table)
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    else:
        write_atomically(out, data)
        typer.echo(f"{out}: {len(table)} rows", err=True)
    return ExitCode.OK


def compare(
    folder: Annotated[Path | None, typer.Argument(help="Folder of a run; without it the hand-coded lists alone are compared.")] = None,
    lists: Lists = None,
    measured: Measured = None,
    bar: Annotated[float, typer.Option("--bar", help="Share that all states must have for one model to hold.", min=0.01, max=1)] = 0.8,
    shuffles: Annotated[int, typer.Option("--shuffles", help="Matrices drawn under each null model.", min=10)] = 1000,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables; comparison/ in the run if not given.")] = None,
    as_json: AsJson = False,
) -> int:
    """Set states side by side: similarity, shared core, nestedness, flows, partners, and the test for a universal model; writes tables."""
    from ddextract.codebook import load_codebook
    from ddextract.comparison import compare_states, comparison_lines, comparison_record
    from ddextract.lists import load_lists, load_readings
    from ddextract.output import write_comparison
    from ddextract.saved import read_run

    if folder is None:
        codebook = load_codebook()
        objectives = [c.code for c in codebook.of_kind("objectives")]
        own = load_lists(codebook, *(lists or ()))
        found = compare_states(None, None, None, own, load_readings(), codebook.instruments, objectives, bar=bar, shuffles=shuffles)
    else:
        run = read_run(folder)
        found, codebook = _analysed(run, lists, measured, bar, shuffles).comparison, run.codebook
    where = out or (folder / "comparison" if folder else None)
    if where:
        write_comparison(found, where)
    if as_json:
        typer.echo(json.dumps(comparison_record(found), ensure_ascii=False, indent=1))
    else:
        for line in comparison_lines(found, {code: c.title.get("en", code) for code, c in codebook.concepts.items()}):
            typer.echo(line)
        if where:
            typer.echo(f"tables  {where}/")
    return ExitCode.OK


def report(
    folder: Folder = Path("ddextract-out"),
    open_: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    format_: Annotated[str, typer.Option("--format", help="html: where the report lies; md or pdf: a brief of at most four pages per state.")] = "html",
    state: Annotated[list[str] | None, typer.Option("--state", help="Only these states (may be repeated).")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the briefs; briefs/ in the run if not given.")] = None,
    lists: Lists = None,
    measured: Measured = None,
) -> int:
    """Show the report of a run, or write a brief of each state."""
    if format_ not in REPORT_FORMATS:
        raise UsageError(f"--format {format_} is not known. Choose among {', '.join(REPORT_FORMATS)}.")
    if format_ == "html":
        page = folder / "report" / "index.html"
        if not page.is_file():
            raise UsageError(f"{folder}: holds no report. Give the --out folder of a run (ddextract run …).")
        if open_:
            import webbrowser

            webbrowser.open(page.resolve().as_uri())
        typer.echo(str(page))
        return ExitCode.OK
    from ddextract.report.brief import write_briefs
    from ddextract.saved import read_run

    run = read_run(folder)
    analysis = _analysed(run, lists, measured)
    for path, pages in write_briefs(run, analysis, [s.upper() for s in state] if state else run.states, out or folder / "briefs", format_):
        typer.echo(f"{path}{f'  {pages} pages' if pages else ''}")
        if open_:
            import webbrowser

            webbrowser.open(path.resolve().as_uri())
    return ExitCode.OK


def highlight(
    file: Annotated[Path, typer.Argument(help="A PDF.")],
    out: Annotated[Path | None, typer.Option("--out", help="The copy; FILE-highlighted.pdf if not given.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also mentions that do not count, the adjacent area and objectives.")] = False,
    state: Annotated[str | None, typer.Option("--state", help="Issuing state (ISO 3166-1 alpha-3), where registry and sidecar do not say.")] = None,
    year: Annotated[int | None, typer.Option("--year", help="Year of the document.", min=1800, max=2100)] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="Language: en, fr, es.")] = None,
    patterns: Annotated[list[Path] | None, typer.Option("--patterns", help="Folder of own pages (may be repeated).")] = None,
    password: Annotated[str | None, typer.Option("--password", help="Password of an encrypted PDF.")] = None,
) -> int:
    """Write a copy of a PDF with the evidence highlighted, the code as note."""
    from ddextract.corpus import Known, checked_state
    from ddextract.errors import InputError
    from ddextract.files import write_atomically
    from ddextract.job import Settings, run
    from ddextract.report.evidence_pdf import highlighted

    target = out or file.with_name(f"{file.stem}-highlighted.pdf")
    if target.resolve() == file.resolve():
        raise UsageError(f"{file}: would be overwritten. Choose another --out.")
    if file.suffix.lower() != ".pdf":
        raise InputError(file, "is no PDF", "Only PDFs can be highlighted; the report shows the others.")
    settings = Settings(patterns=tuple(patterns or ()), known=Known(checked_state(state), year, lang), password=password)
    result = run([file], settings)
    if result.failures:
        raise result.failures[0]
    data, number = highlighted(file, result.results[0].mentions, result.codebook, everything=everything, password=password)
    write_atomically(target, data)
    typer.echo(f"{target}: {number} highlights")
    return ExitCode.OK


def export(
    folder: Folder = Path("ddextract-out"),
    sqlite: Annotated[Path | None, typer.Option("--sqlite", help="SQLite file with a full-text index, for Datasette and others.")] = None,
    jsonl: Annotated[Path | None, typer.Option("--jsonl", help="JSON Lines, a mention per line; - for standard output.")] = None,
) -> int:
    """Write a run for other programs: SQLite with full text, JSON Lines."""
    from ddextract.files import write_atomically
    from ddextract.report.export import jsonl_lines, write_sqlite
    from ddextract.saved import read_run

    if sqlite is None and jsonl is None:
        raise UsageError("say where to: --sqlite FILE, --jsonl FILE or both.")
    run = read_run(folder)
    if sqlite is not None:
        counts = write_sqlite(run, _analysed(run, None, None), sqlite)
        typer.echo(f"{sqlite}: {', '.join(f'{n} {name}' for name, n in counts.items())}", err=True)
    if jsonl is not None and str(jsonl) == "-":
        for line in jsonl_lines(run):
            sys.stdout.write(line + "\n")
    elif jsonl is not None:
        data = "".join(line + "\n" for line in jsonl_lines(run)).encode()
        write_atomically(jsonl, data)
        typer.echo(f"{jsonl}: {len(run.mentions)} mentions", err=True)
    return ExitCode.OK


def reconcile(
    folder: Folder = Path("ddextract-out"),
    sheet: Annotated[Path | None, typer.Option("--sheet", help="A filled-in reconciliation sheet (.xlsx or .csv) to read back.")] = None,
    lists: Lists = None,
    lists_out: Annotated[Path | None, typer.Option("--lists-out", help="With --sheet: folder for the reconciled lists, for run --lists.")] = None,
    gold_out: Annotated[Path | None, typer.Option("--gold-out", help="With --sheet: gold file (JSONL) of the checked sentences, for evaluate --gold.")] = None,
) -> int:
    """Class the disagreements with hand-coded lists, or read a filled-in sheet back as lists and gold."""
    from ddextract.saved import read_run

    run = read_run(folder)
    if sheet is None:
        from ddextract.reconciliation import MEANING

        table = _analysed(run, lists, None).reconciliation
        for state, own in table.groupby("state"):
            typer.echo(f"{state}")
            for row in own.to_dict("records"):
                typer.echo(f"  {row['code']:<30} {row['outcome']:<13} {row['class']:<28} {row['why']}")
        counts = table["class"].value_counts()
        typer.echo("\n".join(f"{n:>4}  {name}: {MEANING[str(name)]}" for name, n in counts.items()) or "no disagreement")
        typer.echo(f"to fill in: {folder / 'reconciliation.xlsx'}")
        return ExitCode.OK
    from ddextract.annotation.exchange import gold_bytes
    from ddextract.files import write_atomically
    from ddextract.lists import load_lists
    from ddextract.reconciliation import read_sheet, sheet_as_gold, sheet_as_list

    if lists_out is None and gold_out is None:
        raise UsageError("say where to: --lists-out FOLDER, --gold-out FILE or both.")
    rows = read_sheet(sheet)
    if lists_out is not None:
        known = load_lists(run.codebook, *run.lists, *(lists or ()))
        for state in sorted({r["state"] for r in rows if r["verdict"]}):
            if state not in known:
                raise UsageError(f"{sheet}: there is no hand-coded list of {state} to reconcile. Give it with --lists.")
            write_atomically(lists_out / f"{state}.toml", sheet_as_list(rows, known[state]).encode())
            typer.echo(f"{lists_out / f'{state}.toml'}: {sum(r['state'] == state and bool(r['verdict']) for r in rows)} verdicts")
    if gold_out is not None:
        gold = sheet_as_gold(rows, run.mentions, run.documents, run.codebook)
        write_atomically(gold_out, gold_bytes(gold))
        typer.echo(f"{gold_out}: {len(gold)} sentences")
    return ExitCode.OK


def reliability(
    evaluation: Annotated[Path | None, typer.Argument(help="What ddextract evaluate --json printed; without it the figures in force are shown.")] = None,
    set_: Annotated[str, typer.Option("--set", help="The set of gold in it.")] = "authored-b",
    matcher: Annotated[str, typer.Option("--matcher", help="The matcher that was measured.")] = "rules",
    out: Annotated[Path | None, typer.Option("--out", help="File to write (TOML); standard output if not given.")] = None,
    keep_transfer: Annotated[bool, typer.Option("--keep-transfer", help="Keep the shift to other gold that the figures in force have.")] = False,
) -> int:
    """Turn measured precision and recall into the file by which profiles give probabilities of presence."""
    from ddextract.files import write_atomically
    from ddextract.reliability import from_evaluation, read_reliability

    if evaluation is None:
        found = read_reliability()
        if found is None:
            raise UsageError("there are no measured figures. Measure with: ddextract evaluate --json > e.json; ddextract reliability e.json --out FILE")
        typer.echo(f"{found.set}, matcher {found.matcher}, {found.sentences} sentences: precision {found.precision:.3f}, recall {found.recall:.3f}")
        if found.transfer:
            t = found.transfer
            typer.echo(f"shifted to {t.set}, {t.sentences} sentences: precision {t.precision:.3f}, recall {t.recall:.3f} ({t.source})")
        for row in found.tally:
            typer.echo(f"  {row.code:<30} right {row.right:>4}  wrong {row.wrong:>4}  missed {row.missed:>4}")
        return ExitCode.OK
    try:
        record = json.loads(evaluation.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{evaluation}: cannot be read as JSON ({error}). Write it with: ddextract evaluate --json > {evaluation}") from None
    old = read_reliability() if keep_transfer else None
    text = from_evaluation(record, set_, matcher, old.transfer.model_dump() if old and old.transfer else None)
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_atomically(out, text.encode())
        typer.echo(str(out), err=True)
    return ExitCode.OK
