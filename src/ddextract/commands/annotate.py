"""``ddextract annotate``: gold sentences drawn, written for coders, read back, compared and re-anchored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ddextract.commands.options import AsJson, Documents, Lang, State, checked_language
from ddextract.errors import ExitCode

annotate_app = typer.Typer(no_args_is_help=True, help="Gold annotations: draw, export, import, compare, re-anchor.", rich_markup_mode=None)

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

    typer.echo(export_command(out, format_, tuple(gold or ()), split, checked_language(lang), documents, blank=blank))
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

    for line in import_command(file, out, format_, coder, checked_language(lang), documents, model=model):
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

    typer.echo(sample_command(files, out, count, seed, format_, state, checked_language(lang), split, documents, strategy))
    return ExitCode.OK


@annotate_app.command("agree")
def annotate_agree(
    first: Annotated[Path, typer.Argument(help="One coder's gold file.")],
    second: Annotated[Path, typer.Argument(help="The other's.")],
    documents: Documents = None,
    disagreements: Annotated[Path | None, typer.Option("--disagreements", help="Write the sentences whose codes differ (TSV).")] = None,
    as_json: AsJson = False,
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
