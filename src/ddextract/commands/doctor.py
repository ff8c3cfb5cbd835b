"""``doctor``: what is installed, and what is missing."""

from __future__ import annotations

import typer

from ddextract.errors import ExitCode


def doctor() -> int:
    """Tell what is installed and which optional parts are missing."""
    from ddextract.doctor import examine

    sound = True
    for line in examine():
        typer.echo(line.text)
        sound = sound and line.sound
    return ExitCode.OK if sound else ExitCode.CHECK_FAILED
