"""Options that several commands share, and the checks of what is given for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ddextract.commands.faults import complain
from ddextract.errors import UsageError

Out = Annotated[Path, typer.Option("--out", help="Folder for the results.", show_default=True)]
State = Annotated[
    str | None, typer.Option("--state", help="Issuing state (ISO 3166-1 alpha-3, e.g. FRA) of inputs that have neither registry entry nor sidecar.")
]
Year = Annotated[int | None, typer.Option("--year", help="Year of such inputs.", min=1800, max=2100)]
Lang = Annotated[str | None, typer.Option("--lang", help="Language of such inputs: en, fr, es.")]
Patterns = Annotated[list[Path] | None, typer.Option("--patterns", help="Folder of own pages that extend or replace the codebook (may be repeated).")]
Lists = Annotated[list[Path] | None, typer.Option("--lists", help="Folder of own hand-coded lists, <ISO3>.toml (may be repeated).")]
Matcher = Annotated[str, typer.Option("--matcher", help="rules, statistical, or hybrid (the rules alone in languages without a model).")]
Jobs = Annotated[int, typer.Option("--jobs", help="Documents done at once.", min=1)]
MinMentions = Annotated[int, typer.Option("--min-mentions", help="Counting mentions from which an instrument is present without a sure one.", min=1)]
Password = Annotated[str | None, typer.Option("--password", help="Password of encrypted PDFs.")]
Timeout = Annotated[float, typer.Option("--timeout", help="Seconds that reading a document may take.", min=1)]
Memory = Annotated[int, typer.Option("--memory", help="MiB that reading a document may take.", min=64)]
MinQuality = Annotated[float, typer.Option("--min-quality", help="Parse quality below which a document fails.", min=0, max=1)]
Ocr = Annotated[str, typer.Option("--ocr", help="Pages without a usable text layer: auto (read them if Tesseract is there), skip, force (all).")]
Documents = Annotated[Path | None, typer.Option("--documents", help="Folder of the real documents; ../shared/documents beside a checkout if it is there.")]
Folder = Annotated[Path, typer.Argument(help="Folder of a run (the --out of ddextract run).")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


def checked_language(code: str | None, patterns: Sequence[Path] | None = None) -> str | None:
    """Return a language code in lower case.

    Args:
        code: ISO 639-1, or None.
        patterns: Folders of own pages, whose languages count too.

    Raises:
        UsageError: No language file has that code.
    """
    if code is None:
        return None
    from ddextract.codebook import own_folder

    known = sorted({path.stem for folder in (own_folder("patterns"), *(patterns or ())) for path in (folder / "languages").glob("*.toml")})
    if code.lower() not in known:
        raise UsageError(f"language '{code}' is not known. Known: {', '.join(known)}.")
    return code.lower()


def check_matcher(name: str, language: str | None) -> None:
    """Refuse a matcher that is not there, and say when the hybrid must do with the rules."""
    from ddextract.matching.pipeline import settled_matcher

    settled = settled_matcher(name, language or "en")
    if language and name == "hybrid" and settled == "rules":
        complain(f"no trained model for '{language}': the rules decide alone")
