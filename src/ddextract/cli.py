"""The command line: which command has which name, in the order of ``--help``. Only it turns faults into exit codes."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from ddextract.commands import assess, batch, diff, doctor, main_job, passages, reading, results, train
from ddextract.commands.annotate import annotate_app
from ddextract.commands.corpus import corpus_app
from ddextract.commands.faults import told
from ddextract.commands.patterns import patterns_app
from ddextract.errors import ExitCode

COMMANDS = (
    ("run", main_job.run),
    ("tag", passages.tag),
    ("explain", passages.explain),
    ("evaluate", assess.evaluate),
    ("check", assess.check),
    ("demo", main_job.demo),
    ("doctor", doctor.doctor),
    ("text", reading.text),
    ("inspect", reading.inspect),
    ("profile", results.profile),
    ("compare", results.compare),
    ("report", results.report),
    ("highlight", results.highlight),
    ("export", results.export),
    ("reconcile", results.reconcile),
    ("reliability", results.reliability),
    ("refresh", batch.refresh),
    ("verify", batch.verify),
    ("diff", diff.diff),
    ("train", train.train),
)
GROUPS = (("patterns", patterns_app), ("corpus", corpus_app), ("annotate", annotate_app))

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
for _name, _command in COMMANDS:
    app.command(_name)(_command)
for _name, _group in GROUPS:
    app.add_typer(_group, name=_name)


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


def main() -> None:
    """Run the command line; every fault becomes one line on stderr and an exit code."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        code = app(standalone_mode=False)
        if code == ExitCode.INTERRUPTED:
            # typer makes this code of Ctrl-C and SIGTERM without a word
            code = told(KeyboardInterrupt())
    except (Exception, KeyboardInterrupt) as error:
        code = told(error)
    sys.exit(int(code or 0))


if __name__ == "__main__":
    main()
