"""The command line: parse, call one function, print. Only this module prints, and only it turns faults into exit codes."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ddextract.commands.batch import refresh_command, verify_command
from ddextract.commands.corpus import corpus_app
from ddextract.commands.diff import diff_command
from ddextract.commands.reading import register_reading
from ddextract.commands.results import register as register_results
from ddextract.commands.train import train as train_command
from ddextract.errors import DdextractError, ExitCode, InputError, UsageError

if TYPE_CHECKING:
    from ddextract.corpus import Strategy
    from ddextract.job import DocumentResult, Progress, Run

app = typer.Typer(
    name="ddextract",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Which instruments of defence diplomacy does a state say it uses, who carries them out, with whom, for what, and where does it say so?\n\n"
    "Start with: ddextract run white-paper.pdf",
    epilog="Exit codes: 0 all well; 2 wrong use; 3 some documents failed; 4 all failed or no input; 5 a check fell short; "
    "6 another run is at work; 130 interrupted.",
)
patterns_app = typer.Typer(no_args_is_help=True, help="The codebook: prove its pages, count its wordings, begin a new page.", rich_markup_mode=None)
app.add_typer(patterns_app, name="patterns")
annotate_app = typer.Typer(no_args_is_help=True, help="Gold annotations: draw, export, import, compare, re-anchor.", rich_markup_mode=None)
app.add_typer(corpus_app, name="corpus")
app.add_typer(annotate_app, name="annotate")

Out = Annotated[Path, typer.Option("--out", help="Folder for the results.", show_default=True)]
State = Annotated[
    str | None, typer.Option("--state", help="Issuing state (ISO 3166-1 alpha-3, e.g. FRA) of inputs that have neither registry entry nor sidecar.")
]
Year = Annotated[int | None, typer.Option("--year", help="Year of such inputs.", min=1800, max=2100)]
Lang = Annotated[str | None, typer.Option("--lang", help="Language of such inputs: en, fr, es.")]
Patterns = Annotated[list[Path] | None, typer.Option("--patterns", help="Folder of own pages that extend or replace the codebook (may be repeated).")]
Lists = Annotated[list[Path] | None, typer.Option("--lists", help="Folder of own hand-coded lists, <ISO3>.toml (may be repeated).")]
Matcher = Annotated[str, typer.Option("--matcher", help="rules, statistical, or hybrid (the rules alone in languages without a model).")]


def main() -> None:
    """Run the command line; every fault becomes one line on stderr and an exit code."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        code = app(standalone_mode=False)
    except DdextractError as error:
        _complain(str(error))
        code = error.exit_code
    except KeyboardInterrupt:
        _complain("interrupted; results that were complete are kept")
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (head, a closed pager): nothing to say and nobody to say it to.
        sys.stderr.close()
        code = ExitCode.OK
    except Exception as error:
        code = _foreign(error)
    sys.exit(int(code or 0))


def _foreign(error: Exception) -> int:
    """Turn the command parser's own faults into our words and codes; anything else is a defect of ours."""
    # typer carries its own copy of click from 0.16 on, so its faults are known by shape, not by class.
    if type(error).__name__ == "Abort":
        _complain("interrupted; results that were complete are kept")
        return ExitCode.INTERRUPTED
    message = getattr(error, "format_message", None)
    if message is not None:
        context = getattr(error, "ctx", None)
        hint = f" See {context.command_path} --help." if context else ""
        _complain(message() + hint)
        return ExitCode.WRONG_USE
    if logging.getLogger().isEnabledFor(logging.DEBUG):
        raise error
    _complain(f"a defect of ours ({type(error).__name__}: {error}). Run again with --verbose and report what it prints.")
    return 1


def _complain(message: str) -> None:
    typer.echo(" ".join(message.split()), err=True)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"ddextract {version('ddextract')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)] = False,  # noqa: ARG001  its callback does the work
    verbose: Annotated[bool, typer.Option("--verbose", help="Say more on stderr, tracebacks of defects among it.")] = False,
) -> None:
    logging.basicConfig(level=logging.DEBUG if verbose else logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    if verbose:
        for noisy in ("pdfminer", "matplotlib", "PIL"):
            logging.getLogger(noisy).setLevel(logging.WARNING)


@app.command("run")
def run_command(
    inputs: Annotated[list[str], typer.Argument(help="PDF, .txt or .md files, folders, or ids of the registry (ddextract corpus list).")],
    out: Out = Path("ddextract-out"),
    state: State = None,
    year: Year = None,
    lang: Lang = None,
    matcher: Matcher = "hybrid",
    patterns: Patterns = None,
    lists: Lists = None,
    jobs: Annotated[int, typer.Option("--jobs", help="Documents read at once.", min=1)] = 1,
    min_mentions: Annotated[int, typer.Option("--min-mentions", help="Counting mentions from which an instrument is present without a sure one.", min=1)] = 2,
    password: Annotated[str | None, typer.Option("--password", help="Password of encrypted PDFs.")] = None,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds that reading a document may take.", min=1)] = 600.0,
    memory: Annotated[int, typer.Option("--memory", help="MiB that reading a document may take.", min=64)] = 2048,
    min_quality: Annotated[float, typer.Option("--min-quality", help="Parse quality below which a document fails.", min=0, max=1)] = 0.0,
    ocr: Annotated[str, typer.Option("--ocr", help="Pages without a usable text layer: auto (read them if Tesseract is there), skip, force (all).")] = "auto",
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
    from ddextract.tables import check_writable

    known = Known(checked_state(state), year, _checked_language(lang))
    _check_matcher(matcher, lang)
    if dry_run:
        strategies, unusable = find_inputs(inputs, known=known)
        for s in strategies:
            typer.echo(f"{s.path}\t{s.id}\t{s.state or '?'}\t{s.year or '?'}\t{s.language or '?'}\t{s.known_from or 'to be guessed'}")
        for fault in unusable:
            _complain(str(fault))
        return _exit_code(len(strategies), len(unusable))
    check_writable(out)
    from ddextract.job import Settings, run, summary
    from ddextract.output import write_run
    from ddextract.profile import EvidenceRule
    from ddextract.reading.settings import checked_ocr

    settings = Settings(
        matcher=matcher, patterns=tuple(patterns or ()), lists=tuple(lists or ()), known=known, evidence=EvidenceRule(mentions=min_mentions),
        password=password, strict=strict, jobs=jobs, seconds=timeout, memory=memory, min_quality=min_quality, ocr=checked_ocr(ocr),
    )  # fmt: skip
    with _progress(quiet) as progress:
        result = run(inputs, settings, progress)
    report = write_run(result, out)
    if as_json:
        typer.echo(json.dumps(summary(result), ensure_ascii=False, indent=1))
    elif not quiet and len(result.results) > len(result.failures):
        _print_run(result, report, out)
    for fault in result.failures:
        _complain(str(fault))
    return _exit_code(len(result.results) - len(result.failures), len(result.failures))


def _exit_code(succeeded: int, failed: int) -> int:
    if not succeeded:
        return ExitCode.ALL_FAILED
    return ExitCode.SOME_FAILED if failed else ExitCode.OK


def _check_matcher(name: str, language: str | None) -> None:
    """Refuse a matcher that is not there, and say when the hybrid must do with the rules."""
    from ddextract.matching.pipeline import settled_matcher

    settled = settled_matcher(name, language or "en")
    if language and name == "hybrid" and settled == "rules":
        _complain(f"no trained model for '{language or 'en'}': the rules decide alone")


def _checked_language(code: str | None) -> str | None:
    if code is None:
        return None
    from ddextract.codebook import load_codebook

    known = sorted(load_codebook().languages)
    if code.lower() not in known:
        raise UsageError(f"language '{code}' is not known. Known: {', '.join(known)}.")
    return code.lower()


class _Quiet:
    """A context without progress."""

    def __enter__(self) -> Progress:
        from ddextract.job import Silence

        return Silence()

    def __exit__(self, *_: object) -> None:
        return


class _Bars:
    """Progress bars over documents and pages on stderr, and a line per document on what was guessed or failed."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as RichProgress

        self._bars = RichProgress(
            TextColumn("{task.description:<10}"),
            BarColumn(30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[name]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._documents = self._bars.add_task("documents", total=None, name="")
        self._pages = self._bars.add_task("pages", total=None, name="")

    def __enter__(self) -> _Bars:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def document(self, number: int, total: int, strategy: Strategy) -> None:
        self._bars.update(self._documents, completed=number - 1, total=total, name=strategy.path.name)
        self._bars.update(self._pages, completed=0, total=None, name="")

    def page(self, number: int, total: int) -> None:
        self._bars.update(self._pages, completed=number, total=total)

    def outcome(self, result: DocumentResult) -> None:
        self._bars.advance(self._documents)
        if result.strategy.guessed:
            self._bars.console.print(_guess_line(result), style="dim", highlight=False)


class _Lines:
    """Off a terminal: only what was guessed, a line per document."""

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def document(self, number: int, total: int, strategy: Strategy) -> None:  # noqa: ARG002
        return

    def page(self, number: int, total: int) -> None:  # noqa: ARG002
        return

    def outcome(self, result: DocumentResult) -> None:
        if result.strategy.guessed:
            typer.echo(_guess_line(result), err=True)


def _guess_line(result: DocumentResult) -> str:
    s = result.strategy
    named = ", ".join(f"{what} {getattr(s, what) or 'unknown'}" for what in ("state", "year", "language"))
    return f"{s.path.name}: {named}; guessed: {', '.join(s.guessed)} (set with --state, --year, --lang or a sidecar {s.path.stem}.toml)"


def _progress(quiet: bool) -> Any:
    if quiet:
        return _Quiet()
    return _Bars() if sys.stderr.isatty() else _Lines()


def _print_run(result: Run, report: Path, out: Path) -> None:
    """Print a bar per instrument and state, the check in a line, and where the results lie."""
    for state in dict.fromkeys(result.profiles["state"]):
        own = result.profile(state).sort_values(["counting_mentions", "code"], ascending=[False, True])
        found = own[own["counting_mentions"] > 0]
        first = own.iloc[0]
        typer.echo(f"\n{state}  {first['documents_read']} document(s), {first['words_read']:,} words")
        typer.echo(f"  {'instrument':<32}{'':<22}{'counts':>7}{'planned':>9}   best evidence")
        most = max(int(found["counting_mentions"].max()), 1) if len(found) else 1
        for _, row in found.iterrows():
            bar = "█" * max(1, round(20 * row["counting_mentions"] / most))
            title = result.codebook.concepts[row["code"]].title["en"]
            place = (
                f"p. {int(row['evidence_page'])}"
                if row["evidence_page"] == row["evidence_page"] and row["evidence_page"] is not None
                else row["evidence_document"]
            )
            mark = "" if row["present"] == "present" else "  (doubtful)"
            quote = " ".join(str(row["evidence_text"]).split())
            typer.echo(
                f"  {title[:31]:<32}{bar:<22}{row['counting_mentions']:>7}{row['planned']:>9}   {place}  “{quote[:60]}{'…' if len(quote) > 60 else ''}”{mark}"
            )
        present = int((own["present"] == "present").sum())
        typer.echo(f"  {present} of {len(own)} instruments present")
        check = result.check[result.check["state"] == state]
        if len(check):
            listed = check[check["in_list"] == "listed"]
            agreed = listed[listed["outcome"] == "agreed"]
            missing = [result.codebook.concepts[c].title["en"] for c in listed[listed["outcome"] != "agreed"]["code"]]
            extra = int((check["outcome"] == "only text").sum())
            typer.echo(
                f"  against the hand-coded list: {len(agreed)} of {len(listed)} found; not found: {', '.join(missing) or 'none'}; found and not listed: {extra}"
            )
    unknown = result.documents[(result.documents["outcome"] == "read") & result.documents["state"].isna()]
    if len(unknown):
        typer.echo(f"\n{len(unknown)} document(s) without a state are in no profile: {', '.join(unknown['path'])} (set --state or a sidecar)")
    typer.echo(f"\nreport  {report}      tables  {out}/")


@app.command()
def tag(
    file: Annotated[str, typer.Argument(help="Text file, or - for standard input.")] = "-",
    lang: Annotated[str, typer.Option("--lang", help="en, fr or es.")] = "en",
    state: Annotated[str | None, typer.Option("--state", help="Issuing state (ISO 3166-1 alpha-3).")] = None,
    year: Year = None,
    lines: Annotated[bool, typer.Option("--lines", help="Each input line is one passage and gives one output line.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help='With --lines: lines are {"text", "previous"} objects.')] = False,
    matcher: Matcher = "hybrid",
    adjacent: Annotated[bool, typer.Option("--adjacent", help="Give the adjacent area too.")] = False,
    members: Annotated[bool, typer.Option("--members", help="Name the members that organisations among the partners had in --year.")] = False,
    patterns: Patterns = None,
) -> int:
    """Tag plain text: one JSON object per sentence, or per line with --lines. Offsets are code points of the given text."""
    from ddextract.codebook import load_codebook
    from ddextract.corpus import checked_state
    from ddextract.matching.pipeline import Setting
    from ddextract.tagging import tag_lines, tag_text

    language = _checked_language(lang) or "en"
    _check_matcher(matcher, language)
    if jsonl and not lines:
        raise UsageError("--jsonl goes with --lines.")
    code = checked_state(state)
    setting = Setting(code, year, (code,) if code else ())
    codebook = load_codebook(*(patterns or ()))
    if lines:
        records = tag_lines(_lines_of(file), language, setting, codebook, adjacent=adjacent, objects=jsonl, matcher=matcher, members=members)
    else:
        records = tag_text("\n".join(_lines_of(file)), language, setting, codebook, adjacent=adjacent, matcher=matcher, members=members)
    for record in records:
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return ExitCode.OK


def _lines_of(file: str) -> Iterator[str]:
    """Yield the lines of a file or of standard input, split at line feeds only, so that offsets hold."""
    try:
        if file == "-":
            for raw in sys.stdin.buffer:
                yield raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
        else:
            with Path(file).open("rb") as stream:
                for raw in stream:
                    yield raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise InputError(file, f"not UTF-8 (byte {error.start} of a line)", "Convert it to UTF-8.") from None
    except OSError as error:
        raise InputError(file, f"cannot be read ({error.strerror})", "Check the name and permissions.") from None


@app.command()
def explain(
    sentence: Annotated[str, typer.Argument(help="A sentence.")],
    lang: Annotated[str, typer.Option("--lang", help="en, fr or es.")] = "en",
    state: Annotated[str | None, typer.Option("--state", help="Issuing state.")] = None,
    year: Year = None,
    patterns: Patterns = None,
    previous: Annotated[str, typer.Option("--previous", help="The sentence before it.")] = "",
    section: Annotated[list[str] | None, typer.Option("--section", help="Heading above it (may be repeated, outermost first).")] = None,
    matcher: Matcher = "hybrid",
) -> int:
    """Say which rule, wording and context decided about a sentence, and what was vetoed by what."""
    from ddextract.codebook import load_codebook
    from ddextract.corpus import checked_state
    from ddextract.matching.explanation import explain_sentence
    from ddextract.matching.pipeline import Setting

    language = _checked_language(lang) or "en"
    code = checked_state(state)
    setting, codebook = Setting(code, year, (code,) if code else ()), load_codebook(*(patterns or ()))
    for line in explain_sentence(sentence, language, setting, codebook, previous=previous, section=tuple(section or ()), matcher=matcher):
        typer.echo(line)
    return ExitCode.OK


@patterns_app.command("check")
def patterns_check(
    code: Annotated[str | None, typer.Argument(help="A single page, by its code.")] = None,
    patterns: Patterns = None,
    lang: Lang = None,
    gaps: Annotated[bool, typer.Option("--gaps", help="Also list concepts without wordings in a language.")] = False,
) -> int:
    """Prove the pages: every wording hits an example, every example is hit, no counterexample is."""
    from ddextract.codebook import load_codebook
    from ddextract.matching.proof import check_codebook

    codebook = load_codebook(*(patterns or ()))
    if code and code not in codebook.concepts:
        raise UsageError(f"no page '{code}'. Pages: {', '.join(sorted(codebook.concepts))}.")
    findings = check_codebook(codebook, only=code, language=_checked_language(lang))
    errors = [f for f in findings if f.severity == "error"]
    for finding in findings if gaps else errors:
        typer.echo(str(finding))
    wordings = sum(len(p.match) for c in codebook.concepts.values() for ps in c.phrasing.values() for p in ps if not code or c.code == code)
    typer.echo(f"{wordings} wordings, {len(errors)} fault(s)", err=True)
    return ExitCode.CHECK_FAILED if errors else ExitCode.OK


@patterns_app.command("new")
def patterns_new(
    name: Annotated[str, typer.Argument(help="Code of the new page, e.g. naval_diplomacy.")],
    patterns: Annotated[Path, typer.Option("--patterns", help="Folder of own pages.")] = Path("my-patterns"),
    kind: Annotated[str, typer.Option("--kind", help="instruments, adjacent or objectives.")] = "instruments",
) -> int:
    """Write a commented template for a new page of the codebook."""
    from ddextract.matching.template import new_page

    path = new_page(name, patterns, kind)
    typer.echo(f"{path}\nFill it in, then: ddextract patterns check {name} --patterns {patterns}")
    return ExitCode.OK


@patterns_app.command("coverage")
def patterns_coverage(
    corpus: Annotated[list[str] | None, typer.Argument(help="Documents or folders on which to count hits.")] = None,
    patterns: Patterns = None,
) -> int:
    """Print wordings by code and language and, on a given corpus, hits, overlaps and wordings that never hit."""
    from ddextract.codebook import load_codebook
    from ddextract.coverage import coverage_lines

    for line in coverage_lines(load_codebook(*(patterns or ())), corpus or []):
        typer.echo(line)
    return ExitCode.OK


@app.command("evaluate")
def evaluate_command(
    split: Annotated[str | None, typer.Option("--split", help="dev, train, authored, near or test; authored and dev if not given.")] = None,
    lang: Lang = None,
    documents: Annotated[
        Path | None, typer.Option("--documents", help="Folder of the real documents; ../shared/documents beside a checkout if it is there.")
    ] = None,
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
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> int:
    """Score the matcher on gold sentences: precision, recall and F1 with intervals, coders and baseline beside them."""
    from ddextract.assessment import Request, perform
    from ddextract.codebook import load_codebook

    request = Request(
        split,
        _checked_language(lang),
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


Documents = Annotated[Path | None, typer.Option("--documents", help="Folder of the real documents; ../shared/documents beside a checkout if it is there.")]
Format = Annotated[str, typer.Option("--format", help="jsonl, docbin, prodigy, doccano, label-studio, inception, brat or csv.")]


@annotate_app.command("export")
def annotate_export(
    out: Annotated[Path, typer.Argument(help="File to write; what the format cannot hold goes to FILE.sidecar.json.")],
    format_: Format = "csv",
    gold: Annotated[list[Path] | None, typer.Option("--gold", help="Gold files; ours (authored and adjudicated) if not given.")] = None,
    split: Annotated[str | None, typer.Option("--split", help="Only this split.")] = None,
    lang: Lang = None,
    documents: Documents = None,
    blank: Annotated[bool, typer.Option("--blank", help="Without codes, for a coder who must not see them.")] = False,
) -> int:
    """Write coded sentences for an annotation tool or a spreadsheet."""
    from ddextract.annotation.desk import export_command

    typer.echo(export_command(out, format_, tuple(gold or ()), split, _checked_language(lang), documents, blank=blank))
    return ExitCode.OK


@annotate_app.command("import")
def annotate_import(
    file: Annotated[Path, typer.Argument(help="File from an annotation tool.")],
    out: Annotated[Path, typer.Argument(help="Gold file (JSONL) to write.")],
    format_: Format = "csv",
    coder: Annotated[str | None, typer.Option("--coder", help="Who coded; makes it a raw coding of its own.")] = None,
    model: Annotated[bool, typer.Option("--model", help="The coder is a model, not a person.")] = False,
    lang: Lang = None,
    documents: Documents = None,
) -> int:
    """Read coded sentences back; every span's text is checked."""
    from ddextract.annotation.desk import import_command

    for line in import_command(file, out, format_, coder, _checked_language(lang), documents, model=model):
        typer.echo(line, err=True)
    return ExitCode.OK


@annotate_app.command("sample")
def annotate_sample(
    files: Annotated[list[Path], typer.Argument(help="Documents (.txt, .md, .pdf) to draw from.")],
    out: Annotated[Path, typer.Option("--out", help="File for the coders.")],
    count: Annotated[int, typer.Option("--count", help="Sentences to draw.", min=1)] = 100,
    seed: Annotated[int, typer.Option("--seed", help="The same seed draws the same sentences.")] = 1,
    format_: Format = "csv",
    state: State = None,
    lang: Lang = None,
    split: Annotated[str | None, typer.Option("--split", help="train, dev or test; as in INDEX.tsv if not given.")] = None,
    documents: Documents = None,
    strategy: Annotated[
        str, typer.Option("--strategy", help="spread: two thirds from rich passages, one third at random; uncertain, disagree, silence: what teaches most.")
    ] = "spread",
) -> int:
    """Draw sentences to code: spread over the documents, or those that would teach the model most."""
    from ddextract.annotation.desk import sample_command

    typer.echo(sample_command(files, out, count, seed, format_, state, _checked_language(lang), split, documents, strategy))
    return ExitCode.OK


@annotate_app.command("agree")
def annotate_agree(
    first: Annotated[Path, typer.Argument(help="One coder's gold file.")],
    second: Annotated[Path, typer.Argument(help="The other's.")],
    documents: Documents = None,
    disagreements: Annotated[Path | None, typer.Option("--disagreements", help="Write the sentences whose codes differ (TSV).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> int:
    """Say how far two coders agree: kappa, alpha, span F1, attributes, disagreements."""
    from ddextract.annotation.desk import agree_command

    for line in agree_command(first, second, documents, disagreements, as_json=as_json):
        typer.echo(line)
    return ExitCode.OK


@annotate_app.command("reanchor")
def annotate_reanchor(
    gold: Annotated[Path, typer.Argument(help="Stand-off gold file.")],
    documents: Documents = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the re-anchored gold here.")] = None,
    seal: Annotated[bool, typer.Option("--seal", help="Add the hash of each sentence, so that sentences without spans can be found too.")] = False,
) -> int:
    """Find gold spans again after a document's text has changed; report what moved and what is lost."""
    from ddextract.annotation.desk import reanchor_command

    lines, lost = reanchor_command(gold, documents, out, seal=seal)
    for line in lines:
        typer.echo(line)
    return ExitCode.CHECK_FAILED if lost else ExitCode.OK


@app.command("check")
def check_command(
    out: Annotated[Path, typer.Argument(help="Folder of a run.")] = Path("ddextract-out"),
    lists: Lists = None,
    thresholds: Annotated[bool, typer.Option("--thresholds", help="Agreement under other thresholds of evidence.")] = False,
    items: Annotated[bool, typer.Option("--items", help="Item by item.")] = False,
    patterns: Patterns = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> int:
    """Check a run against hand-coded lists and the article's claims: per state and over all."""
    from ddextract.article_check import check_lines, check_run

    found = check_run(out, tuple(lists or ()), tuple(patterns or ()))
    for line in [json.dumps(found, ensure_ascii=False, indent=1)] if as_json else check_lines(found, thresholds=thresholds, items=items):
        typer.echo(line)
    return ExitCode.OK


@app.command()
def demo(out: Out = Path("ddextract-out")) -> int:
    """Run the main job on the four specimens that come with the project."""
    return run_command(inputs=["usa-2031", "gbr-2031", "fra-2031", "esp-2031"], out=out)


@app.command()
def doctor() -> int:
    """Tell what is installed and which optional parts are missing."""
    from ddextract.doctor import examine

    sound = True
    for line in examine():
        typer.echo(line.text)
        sound = sound and line.sound
    return ExitCode.OK if sound else ExitCode.CHECK_FAILED


# Commands with modules of their own come behind the main job in --help.
register_reading(app)
register_results(app)
app.command("refresh")(refresh_command)
app.command("verify")(verify_command)
app.command("diff")(diff_command)
app.command("train")(train_command)


if __name__ == "__main__":
    main()
