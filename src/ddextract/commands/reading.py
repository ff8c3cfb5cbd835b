"""The commands that show what was read: text, inspect."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ddextract.commands.options import Memory, Ocr, Password, Timeout
from ddextract.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from ddextract.document import Document

SHOWN = ("furniture", "footnotes", "contents")
"""What ``--show`` knows; footnotes are shown if it is not given."""
File = Annotated[Path, typer.Argument(help="A .pdf, .txt, .md, .html or .docx file.")]
Lang = Annotated[str | None, typer.Option("--lang", help="Language of the whole (en, fr, es); detected block by block if not given.")]


def _read(file: Path, password: str | None, ocr: str, lang: str | None, timeout: float, memory: int) -> Document:
    from ddextract.reading import Limits, Reading, read_guarded
    from ddextract.reading.settings import checked_ocr

    return read_guarded(file, document_id=file.stem, reading=Reading(password, lang, Limits(seconds=timeout, memory=memory << 20), checked_ocr(ocr)))


def text(
    file: File,
    format_: Annotated[str, typer.Option("--format", help="text: a block per line; jsonl: kind, page, bbox, text; html: a page to look at.")] = "text",
    show: Annotated[str, typer.Option("--show", help="Also show: furniture, footnotes, contents (comma-separated). jsonl always gives all.")] = "footnotes",
    password: Password = None,
    ocr: Ocr = "auto",
    lang: Lang = None,
    timeout: Timeout = 600.0,
    memory: Memory = 2048,
    coverage: Annotated[bool, typer.Option("--coverage", help="Print instead, for each page, how many characters went to which kind.")] = False,
) -> int:
    """Show a document's text as the pipeline sees it, a block per line; what was wrong with it goes to stderr."""
    from ddextract.reading.views import coverage_lines, html_page, jsonl_lines, text_lines

    if format_ not in ("text", "jsonl", "html"):
        raise UsageError(f"--format {format_} is not known. Choose text, jsonl or html.")
    wanted = {part.strip() for part in show.split(",") if part.strip()}
    if wanted - set(SHOWN):
        raise UsageError(f"--show {show} is not known. Choose among {', '.join(SHOWN)}.")
    document = _read(file, password, ocr, lang, timeout, memory)
    if coverage:
        lines = coverage_lines(document)
    elif format_ == "html":
        lines = iter([html_page(document, wanted)])
    else:
        lines = jsonl_lines(document) if format_ == "jsonl" else text_lines(document, wanted)
    for line in lines:
        sys.stdout.write(line + "\n")
    for problem in document.problems:
        typer.echo(f"{file}: {problem}", err=True)
    return ExitCode.OK


def inspect(
    file: Annotated[Path, typer.Argument(help="A PDF.")],
    page: Annotated[int, typer.Option("--page", help="Page, from 1.", min=1)] = 1,
    png: Annotated[Path | None, typer.Option("--png", help="Picture to write; <file>-<page>.png in this folder if not given.")] = None,
    scale: Annotated[float, typer.Option("--scale", help="Pixels per point.", min=0.2, max=8)] = 1.5,
    password: Password = None,
    ocr: Ocr = "auto",
    lang: Lang = None,
    timeout: Timeout = 600.0,
    memory: Memory = 2048,
) -> int:
    """Draw a page with coloured, numbered boxes around what was read, and list the blocks by number."""
    from ddextract.reading.picture import draw_page
    from ddextract.reading.views import inspection_lines

    document = _read(file, password, ocr, lang, timeout, memory)
    out = png or Path(f"{file.stem}-{page}.png")
    draw_page(document, page, out, scale=scale, password=password)
    for line in inspection_lines(document, page):
        typer.echo(line)
    typer.echo(str(out))
    return ExitCode.OK
