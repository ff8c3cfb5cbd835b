"""``ddextract patterns``: prove the pages of the codebook, count their wordings, begin a new page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ddextract.commands.options import Lang, Patterns, checked_language
from ddextract.errors import ExitCode, UsageError

patterns_app = typer.Typer(no_args_is_help=True, help="The codebook: prove its pages, count its wordings, begin a new page.", rich_markup_mode=None)


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
    findings = check_codebook(codebook, only=code, language=checked_language(lang, patterns))
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
