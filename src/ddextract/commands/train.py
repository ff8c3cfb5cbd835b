"""``ddextract train``: fit the models of the statistical and hybrid matchers, or check those that are shipped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ddextract.commands.options import Documents, Patterns
from ddextract.errors import ExitCode


def train(
    lang: Annotated[list[str] | None, typer.Option("--lang", help="Language to train (may be repeated); all if not given.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the models; the package's own if not given.")] = None,
    documents: Documents = None,
    patterns: Patterns = None,
    verify: Annotated[bool, typer.Option("--verify", help="Write nothing: retrain, and compare with the models that are there and their cards.")] = False,
) -> int:
    """Train the statistical matcher from the gold sentences; figures are cross-fitted by document."""
    from ddextract.matching.fusion import models_folder
    from ddextract.training import card

    if verify:
        lines, held = card.verify(lang or [], documents, out)
        for line in lines:
            typer.echo(line)
        return ExitCode.OK if held else ExitCode.CHECK_FAILED
    for line in card.train(lang or [], out or models_folder(), documents, patterns=patterns or ()):
        typer.echo(line)
    return ExitCode.OK
