"""A PDF as a document: engines page by page, layout, text."""

from __future__ import annotations

import gc
import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ddextract.document import Document, Page
from ddextract.errors import InputError
from ddextract.reading import ocr, quality
from ddextract.reading.assembly import Assembler, Piece
from ddextract.reading.hyphens import Hyphens
from ddextract.reading.layout import Layout
from ddextract.reading.settings import Reading
from ddextract.reading.shapes import RawPage, Word
from ddextract.reading.shares import main_language
from ddextract.reading.words import open_pdf, read_page, turn_box

STRETCH = 200
"""Pages laid out together; only those are held in full."""
AGAIN = "Get the file again from its source"


def read_pdf(path: Path, *, document_id: str, reading: Reading | None = None, on_page: Callable[[int, int], None] | None = None) -> Document:
    """Read a PDF.

    Args:
        path: The file.
        document_id: The id it gets.
        reading: How to read it.
        on_page: Called with (pages read, pages in all).

    Raises:
        InputError: It cannot be read; cause and remedy are said in one line.
    """
    reading = reading or Reading()
    data = path.read_bytes()
    # Hundreds of thousands of small objects and no cycles among them: the collector would only walk over them again and again.
    collecting = gc.isenabled()
    gc.disable()
    pdf = None
    try:
        pdf = _opened(path, data, reading.password)
        total = len(pdf)
        if total == 0:
            raise InputError(path, "the PDF has no pages", AGAIN)
        if total > reading.limits.pages:
            raise InputError(path, f"has {total} pages, more than the limit of {reading.limits.pages}", "Raise the limit, or split the file")
        metadata = {k.lower(): v for k, v in pdf.get_metadata_dict().items() if v}
        return _Reader(path, pdf, total, hashlib.sha256(data).hexdigest(), reading).read(document_id, metadata, on_page)
    finally:
        if pdf is not None:
            pdf.close()
        if collecting:
            gc.enable()


def _opened(path: Path, data: bytes, password: str | None) -> Any:
    import pypdfium2 as pdfium

    if not data:
        raise InputError(path, "the file is empty", AGAIN)
    if b"%PDF" not in data[:2048]:
        raise InputError(path, "not a PDF, whatever its name says", "Give a .pdf, .txt, .md, .html or .docx file")
    try:
        return open_pdf(str(path), password)
    except pdfium.PdfiumError as error:
        message = str(error).casefold()
        if "password" in message:
            if password is None:
                raise InputError(path, "the PDF is encrypted", "Give its password with --password") from None
            raise InputError(path, "the password does not open the PDF", "Check the password given with --password") from None
        if "security" in message:
            raise InputError(path, "the PDF is encrypted in a way that is not supported", "Remove its protection first (qpdf --decrypt)") from None
        if b"%%EOF" not in data[-2048:]:
            raise InputError(path, "the PDF is truncated (it has no end)", AGAIN) from None
        if b"/Count 0" in data:
            raise InputError(path, "the PDF has no pages", AGAIN) from None
        raise InputError(path, "the PDF is damaged", f"{AGAIN}, or repair it (qpdf, mutool clean)") from None


class _Reader:
    """Reads the pages of one PDF in stretches."""

    def __init__(self, path: Path, pdf: Any, total: int, sha256: str, reading: Reading) -> None:
        self.path, self.pdf, self.total, self.sha256, self.reading = path, pdf, total, sha256, reading
        self.layout = Layout(total)
        self.hyphens = Hyphens()
        self.assembler = Assembler(self.hyphens, language=reading.language)
        self.pages: list[tuple[RawPage, float, list[str]]] = []
        self.empty: list[int] = []
        self.recognised: list[int] = []
        self.no_ocr = "" if reading.ocr != "skip" else "--ocr skip"
        self.standins: Counter[str] = Counter()

    def read(self, document_id: str, metadata: dict[str, str], on_page: Callable[[int, int], None] | None) -> Document:
        stretch: list[RawPage] = []
        for index in range(self.total):
            stretch.append(self._page(index))
            if len(stretch) == STRETCH:
                self._recognise(stretch)
                self._lay_out(stretch, last=index + 1 == self.total)
                stretch = []
            if on_page:
                on_page(index + 1, self.total)
        self._recognise(stretch)
        self._lay_out(stretch, last=True)
        if not any(raw.characters for raw, _, _ in self.pages):
            if self.standins["read by no engine"] >= max(self.total - 1, 1):
                raise InputError(self.path, f"none of its {self.total} pages can be loaded: the PDF is damaged", f"{AGAIN}, or repair it (qpdf, mutool clean)")
            without = len(self.empty)
            what = f"no text layer on {without} of {self.total} pages" if without else f"no text on any of {self.total} pages"
            raise InputError(self.path, f"{what}{self._why_not()}", ocr.REMEDY)
        result = self.assembler.finish()
        pages = []
        for raw, value, problems in self.pages:
            label = raw.label or self.layout.labels.get(raw.number)
            coverage = tuple(sorted(result.coverage.get(raw.number, {}).items()))
            pages.append(Page(raw.number, label, round(raw.width, 2), round(raw.height, 2), raw.engine, value, tuple(problems), coverage))
        return Document(
            document_id, str(self.path), self.sha256, result.text, result.blocks, tuple(pages), result.words,
            self.reading.language or main_language(result.blocks), metadata, tuple(self._problems()),
        )  # fmt: skip

    def _problems(self) -> list[str]:
        found = []
        if self.empty:
            shown = ", ".join(map(str, self.empty[:12])) + (" …" if len(self.empty) > 12 else "")
            found.append(f"no text layer on {len(self.empty)} of {self.total} pages ({shown}){self._why_not()}. {ocr.REMEDY}")
        if self.recognised:
            shown = ", ".join(map(str, self.recognised[:12])) + (" …" if len(self.recognised) > 12 else "")
            found.append(f"{len(self.recognised)} of {self.total} pages read by OCR ({shown}): expect misread words")
        for cause, n in self.standins.items():
            found.append(f"{n} of {self.total} pages: {cause}")
        poor = [raw.number for raw, value, _ in self.pages if value < 0.6 and raw.characters]
        if poor:
            found.append(f"{len(poor)} of {self.total} pages could be read only poorly (first: {poor[0]})")
        return found

    def _label(self, index: int) -> str | None:
        try:
            return self.pdf.get_page_label(index) or None
        except Exception:
            return None

    def _page(self, index: int) -> RawPage:
        """Return a page from the fast engine, or from the other where that fails or gives garbage."""
        label = self._label(index)
        try:
            page = read_page(self.pdf, index, label=label, most=self.reading.limits.characters)
        except MemoryError:
            raise
        except Exception as error:
            page = RawPage(index + 1, label, 0.0, 0.0, engine="none", problems=[f"pypdfium2: {error}"])
            failed = True
        else:
            failed = False
        if failed or quality.is_garbled(page):
            page = self._stand_in(index, label, page, failed)
        return page

    def _stand_in(self, index: int, label: str | None, page: RawPage, failed: bool) -> RawPage:
        from ddextract.reading import plumber

        try:
            other = plumber.read_page(self.path, index, label=label, password=self.reading.password)
        except MemoryError:
            raise
        except Exception as error:
            if failed:
                self.standins["read by no engine"] += 1
            page.problems.append(f"pdfplumber: {type(error).__name__}")
            return page
        if failed or (other.characters and other.garbage / other.characters < 0.7 * page.garbage / max(page.characters, 1)):
            other.images = page.images
            other.problems.append("read by pdfplumber: pypdfium2 " + ("failed" if failed else "gave garbled text"))
            self.standins["read by pdfplumber in place of pypdfium2"] += 1
            return other
        return page

    def _why_not(self) -> str:
        return f"; not recognised: {self.no_ocr}" if self.no_ocr else ""

    def _recognise(self, stretch: list[RawPage]) -> None:
        """Put pages read by OCR in the place of those without a usable text layer, or remember why that cannot be."""
        force = self.reading.ocr == "force"
        wanted = [i for i, page in enumerate(stretch) if force or quality.is_scan(page) or quality.is_garbled(page)]
        if not wanted or self.reading.ocr == "skip":
            return
        self.no_ocr = self.no_ocr or ocr.missing()
        if self.no_ocr:
            return
        numbers = [stretch[i].number for i in wanted]
        try:
            with ocr.recognised(self.path, numbers, language=self.reading.language, password=self.reading.password) as copy:
                pdf = open_pdf(str(copy), None)
                try:
                    for place, i in enumerate(wanted):
                        self._take_recognised(stretch, i, read_page(pdf, place, most=self.reading.limits.characters))
                finally:
                    pdf.close()
        except ocr.OcrError as error:
            self.no_ocr = f"OCR failed ({error})"

    def _take_recognised(self, stretch: list[RawPage], i: int, page: RawPage) -> None:
        old = stretch[i]
        if page.characters < 25 and old.characters:
            return
        page.number, page.label, page.engine = old.number, old.label, "tesseract"
        page.rules = [] if quality.is_scan(old) else page.rules
        page.problems.append(
            "read by OCR: " + ("no text layer" if not old.characters else "its text layer is unusable" if self.reading.ocr != "force" else "forced")
        )
        page.images = 0.0
        ocr.level_sizes(page)
        if page.characters:
            self.recognised.append(page.number)
            stretch[i] = page

    def _lay_out(self, stretch: list[RawPage], *, last: bool) -> None:
        if not stretch:
            return
        tokens = {p.number: [w.text for w in p.words] for p in stretch}
        self.layout.add(stretch)
        pieces = self.layout.flow.take(everything=last)
        self.layout.rank_headings(pieces)
        self.hyphens.learn(p.whole for p in pieces)
        turned = {p.number: p for p in stretch if p.turned}
        if turned:
            _turn_back(pieces, turned)
        self.assembler.add(pieces)
        for page in stretch:
            value, problems = quality.grade(page, tokens[page.number], self.layout.conflicts.get(page.number, 0.0))
            if quality.is_scan(page):
                self.empty.append(page.number)
            page.words, page.rules = [], []
            self.pages.append((page, value, problems))


def _turn_back(pieces: list[Piece], turned: dict[int, RawPage]) -> None:
    """Turn the boxes of pages that were turned for layout back to where they are displayed."""
    seen: set[int] = set()
    for piece in pieces:
        for number, words in piece.lines:
            page = turned.get(number)
            if page is None:
                continue
            for word in words:
                if id(word) not in seen:
                    seen.add(id(word))
                    _turn_word(word, page)


def _turn_word(word: Word, page: RawPage) -> None:
    word.x0, word.top, word.x1, word.bottom = turn_box((word.x0, word.top, word.x1, word.bottom), -page.turned, page.width, page.height)
