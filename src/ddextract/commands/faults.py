"""Faults for people: one line on standard error, and the exit code of whatever went wrong."""

from __future__ import annotations

import logging
import sys

import typer

from ddextract.errors import DdextractError, ExitCode

_INTERRUPTED = "interrupted; results that were complete are kept"


def complain(message: str) -> None:
    """Say one line on standard error, whatever line breaks the message holds."""
    typer.echo(" ".join(message.split()), err=True)


def told(error: BaseException) -> int:
    """Say what went wrong and return its exit code; defects are raised again with ``--verbose``."""
    if isinstance(error, DdextractError):
        complain(str(error))
        return error.exit_code
    # typer carries its own copy of click from 0.16 on, so its faults are known by shape, not by class.
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        complain(_INTERRUPTED)
        return ExitCode.INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # The reader of our output went away (head, a closed pager): nothing to say and nobody to say it to.
        sys.stderr.close()
        return ExitCode.OK
    message = getattr(error, "format_message", None)
    if message is not None:
        context = getattr(error, "ctx", None)
        hint = f" See {context.command_path} --help." if context else ""
        complain(message() + hint)
        return ExitCode.WRONG_USE
    if logging.getLogger().isEnabledFor(logging.DEBUG):
        raise error
    complain(f"a defect of ours ({type(error).__name__}: {error}). Run again with --verbose and report what it prints.")
    return 1
