"""Progress of a run on standard error: bars on a terminal, lines elsewhere, or nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ddextract.corpus import Strategy
    from ddextract.job import DocumentResult, Progress


class Quiet:
    """A context without progress."""

    def __enter__(self) -> Progress:
        from ddextract.job import Silence

        return Silence()

    def __exit__(self, *_: object) -> None:
        return


class Bars:
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

    def __enter__(self) -> Bars:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def document(self, number: int, total: int, strategy: Strategy) -> None:
        """A document is begun."""
        self._bars.update(self._documents, completed=number - 1, total=total, name=strategy.path.name)
        self._bars.update(self._pages, completed=0, total=None, name="")

    def page(self, number: int, total: int) -> None:
        """A page is read."""
        self._bars.update(self._pages, completed=number, total=total)

    def outcome(self, result: DocumentResult) -> None:
        """A document is done."""
        self._bars.advance(self._documents)
        if result.strategy.guessed:
            self._bars.console.print(_guess_line(result), style="dim", highlight=False)


class Lines:
    """Off a terminal: only what was guessed, a line per document."""

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def document(self, number: int, total: int, strategy: Strategy) -> None:
        """A document is begun: nothing to say."""

    def page(self, number: int, total: int) -> None:
        """A page is read: nothing to say."""

    def outcome(self, result: DocumentResult) -> None:
        """A document is done."""
        if result.strategy.guessed:
            typer.echo(_guess_line(result), err=True)


def _guess_line(result: DocumentResult) -> str:
    s = result.strategy
    named = ", ".join(f"{what} {getattr(s, what) or 'unknown'}" for what in ("state", "year", "language"))
    return f"{s.path.name}: {named}; guessed: {', '.join(s.guessed)} (set with --state, --year, --lang or a sidecar {s.path.stem}.toml)"


def shown_progress(quiet: bool) -> Quiet | Bars | Lines:
    """Return what shows the progress of a run: bars on a terminal, a line per guess elsewhere, nothing if quiet."""
    if quiet:
        return Quiet()
    return Bars() if sys.stderr.isatty() else Lines()
