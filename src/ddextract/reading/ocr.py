"""Pages without a usable text layer, recognised by Tesseract through ocrmypdf (the extra ``ocr``)."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import logging
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ddextract.reading.shapes import RawPage

TESSERACT = {"en": "eng", "fr": "fra", "es": "spa"}
"""Tesseract's names of the languages that are read."""
REMEDY = "Install the means to read scans (pip install 'ddextract[ocr]' and Tesseract with eng, fra, spa), or run OCR first (ocrmypdf IN.pdf OUT.pdf)"
log = logging.getLogger(__name__)


LEVEL = 1.35
"""Times the usual size from which recognised words are larger than body text; smaller differences are the recogniser's."""


class OcrError(Exception):
    """Recognition failed; the cause in words."""


@functools.cache
def installed_languages() -> tuple[str, ...]:
    """Return Tesseract's languages, none where it is not installed."""
    if shutil.which("tesseract") is None:
        return ()
    found = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False, timeout=60)
    return tuple(line.strip() for line in (found.stdout + found.stderr).splitlines()[1:] if line.strip() and " " not in line.strip())


def missing() -> str:
    """Return what is missing to recognise pages, empty where nothing is."""
    if importlib.util.find_spec("ocrmypdf") is None:
        return "the extra ocr is not installed (pip install 'ddextract[ocr]')"
    if shutil.which("tesseract") is None:
        return "Tesseract is not installed (Debian: apt-get install tesseract-ocr tesseract-ocr-fra tesseract-ocr-spa)"
    if not set(installed_languages()) & set(TESSERACT.values()):
        return "Tesseract has none of the languages eng, fra, spa"
    return ""


def _languages(language: str | None) -> str:
    there = installed_languages()
    wanted = TESSERACT.get(language or "")
    return wanted if wanted in there and wanted else "+".join(name for name in TESSERACT.values() if name in there)


def level_sizes(page: RawPage) -> None:
    """Give the words of a recognised page one size for body text: the recogniser guesses it anew for each line."""
    if not page.words:
        return
    usual = statistics.median_low([w.size for w in page.words for _ in w.text[:8]])
    bases = sorted({round(w.base, 1) for w in page.words})
    steps = [b - a for a, b in itertools.pairwise(bases) if 0.9 * usual < b - a < 2.5 * usual]
    size = max(usual, 0.78 * statistics.median_low(steps)) if len(steps) > 4 else usual
    for word in page.words:
        if word.size < LEVEL * usual:
            word.size = size
        else:
            word.size *= size / usual
        word.top, word.bottom = word.base - 0.76 * word.size, word.base + 0.22 * word.size


@contextmanager
def recognised(path: Path, pages: Sequence[int], *, language: str | None = None, password: str | None = None) -> Iterator[Path]:
    """Give a copy of a PDF in which some pages have a text layer by Tesseract; the copy is gone afterwards.

    Args:
        path: The PDF.
        pages: Pages to recognise, from 1.
        language: ISO 639-1 code, None for all that are read and installed.
        password: Opens an encrypted PDF.

    Raises:
        OcrError: Recognition failed.
    """
    import pypdfium2 as pdfium

    with tempfile.TemporaryDirectory(prefix="ddextract-ocr") as folder:
        # Only the pages in question: ocrmypdf would otherwise copy and check the rest, and it takes no password.
        part, done = Path(folder) / "pages.pdf", Path(folder) / "done.pdf"
        source, target = pdfium.PdfDocument(path, password=password), pdfium.PdfDocument.new()
        try:
            target.import_pages(source, [p - 1 for p in pages])
            target.save(part)
        finally:
            target.close()
            source.close()
        command = [sys.executable, "-m", "ocrmypdf", "--quiet", "--force-ocr", "--output-type", "pdf", "--optimize", "0", "--tesseract-timeout", "120"]
        command += ["--jobs", str(min(len(pages), os.cpu_count() or 1)), "--language", _languages(language), str(part), str(done)]
        log.debug("recognising %d pages: %s", len(pages), command)
        result = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "OMP_THREAD_LIMIT": "1"})
        if result.returncode or not done.exists():
            lines = [line for line in result.stderr.splitlines() if line.strip()]
            raise OcrError(lines[-1].strip() if lines else f"ocrmypdf ended with code {result.returncode}")
        yield done
