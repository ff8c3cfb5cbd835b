"""What can go wrong, each with its exit code: the tree of faults that ``cli`` turns into one line for a person."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """Exit codes of every command (documented in docs/reference/exit-codes.md)."""

    OK = 0
    WRONG_USE = 2
    SOME_FAILED = 3
    ALL_FAILED = 4
    CHECK_FAILED = 5
    BUSY = 6
    INTERRUPTED = 130


class DdextractError(Exception):
    """A fault with a message for a person: what, where, what to do."""

    exit_code = ExitCode.WRONG_USE


class UsageError(DdextractError):
    """An option, argument or name that does not exist or does not fit."""


class InputError(DdextractError):
    """An input that cannot be read: it fails alone, the others go on.

    Args:
        path: The file concerned.
        cause: What is wrong with it.
        remedy: What the user can do.
    """

    exit_code = ExitCode.ALL_FAILED

    def __init__(self, path: Path | str, cause: str, remedy: str) -> None:
        self.path = str(path)
        self.cause = cause
        self.remedy = remedy
        super().__init__(f"{self.path}: {cause}. {remedy}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str]]:
        # Faults cross process borders; the default pickling would pass one argument instead of three.
        return (type(self), (self.path, self.cause, self.remedy))


class OutputError(DdextractError):
    """A folder or file that cannot be written."""


class BusyError(DdextractError):
    """Another run works on the same folder."""

    exit_code = ExitCode.BUSY


class DataError(DdextractError):
    """A fault in a data file (patterns, lists, registry, gold).

    Args:
        path: The file.
        key: Where in it, in the file's own terms.
        problem: What is wrong and what to do.
        line: Line number from 1, where it is known.
    """

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, path: Path | str, key: str, problem: str, line: int | None = None) -> None:
        self.path = str(path)
        self.key = key
        self.problem = problem
        self.line = line
        place = f"{self.path}:{line}" if line else self.path
        super().__init__(f"{place}: {key}: {problem}" if key else f"{place}: {problem}")


class CheckFailedError(DdextractError):
    """A check that fell short: floors, ``patterns check``, ``verify``."""

    exit_code = ExitCode.CHECK_FAILED
