"""``tag`` and ``explain``: what the matcher finds in plain text, and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ddextract.commands.options import Matcher, Patterns, Year, check_matcher, checked_language
from ddextract.errors import ExitCode, InputError, UsageError


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

    language = checked_language(lang, patterns) or "en"
    check_matcher(matcher, language)
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

    language = checked_language(lang, patterns) or "en"
    code = checked_state(state)
    setting, codebook = Setting(code, year, (code,) if code else ()), load_codebook(*(patterns or ()))
    for line in explain_sentence(sentence, language, setting, codebook, previous=previous, section=tuple(section or ()), matcher=matcher):
        typer.echo(line)
    return ExitCode.OK
