"""What is installed, and which optional parts are missing."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from ddextract.codebook import load_codebook, own_folder
from ddextract.errors import DdextractError

CORE = (
    "spacy", "pdfplumber", "pypdfium2", "scikit-learn", "pandas", "pyarrow", "typer", "pydantic", "jinja2", "rich", "pyspellchecker", "python-docx",
    "scipy", "matplotlib", "openpyxl",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the examination; ``sound`` is False where something needed is missing."""

    text: str
    sound: bool = True


def examine() -> Iterator[Line]:
    """Yield what is installed: Python, packages, data, optional programs."""
    sound = sys.version_info >= (3, 11)
    yield Line(f"{'ok  ' if sound else 'BAD '} Python {platform.python_version()} on {platform.system()} {platform.machine()}", sound)
    for name in ("ddextract", *CORE):
        try:
            yield Line(f"ok   {name} {version(name)}")
        except PackageNotFoundError:
            yield Line(f"BAD  {name} is not installed: pip install {name}", sound=False)
    try:
        codebook = load_codebook()
        wordings = sum(len(p.match) for c in codebook.concepts.values() for ps in c.phrasing.values() for p in ps)
        languages = ", ".join(sorted(codebook.languages))
        yield Line(f"ok   codebook: {len(codebook.instruments)} instruments, {len(codebook.concepts)} pages, {wordings} wordings, languages {languages}")
    except DdextractError as error:
        yield Line(f"BAD  codebook: {error}", sound=False)
    specimens = own_folder("corpus") / "specimen"
    yield (
        Line(f"ok   specimen corpus: {len(list(specimens.glob('*.pdf')))} documents")
        if specimens.is_dir()
        else Line("BAD  specimen corpus is missing", sound=False)
    )
    from ddextract.reading.ocr import installed_languages, missing

    lacking = missing()
    yield Line(f"none optional: OCR, to read scans: {lacking}" if lacking else f"ok   optional: OCR with Tesseract ({', '.join(installed_languages())})")
    for name, purpose in (("reportlab", "briefs as PDF"), ("pypdf", "evidence PDFs")):
        try:
            yield Line(f"ok   optional: {name} {version(name)}")
        except PackageNotFoundError:
            yield Line(f"none optional: {name}, for {purpose}: pip install 'ddextract[pdf]'")
