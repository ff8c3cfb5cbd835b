"""Pages without a text layer: read by Tesseract where it is there, named with the remedy where it is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ddextract.errors import InputError, UsageError
from ddextract.reading import Reading, ocr, read_document
from ddextract.reading.settings import checked_ocr

SENTENCES = {
    "en": "The ministry sends military advisers to the academies of friendly states every second year.",
    "fr": "Le ministère envoie des conseillers militaires dans les écoles des pays amis tous les deux ans.",
    "es": "El ministerio envía asesores militares a las academias de los países amigos cada dos años.",
}


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four pages: one with text, three that are pictures of text, one in each language."""
    import pypdfium2 as pdfium

    folder = tmp_path_factory.mktemp("scan")
    printed, path = folder / "printed.pdf", folder / "scan.pdf"
    canvas = Canvas(str(printed), invariant=1)
    for sentence in SENTENCES.values():
        words = sentence.split()
        canvas.setFont("Times-Roman", 14)
        for i in range(0, len(words), 6):
            canvas.drawString(72, 740 - 3 * i, " ".join(words[i : i + 6]))
        canvas.showPage()
    canvas.save()
    canvas = Canvas(str(path), invariant=1)
    canvas.drawString(72, 700, "A page with a text layer of its own stands before the others.")
    canvas.showPage()
    source = pdfium.PdfDocument(printed)
    for i in range(len(SENTENCES)):
        canvas.drawImage(ImageReader(source[i].render(scale=200 / 72).to_pil().convert("L")), 0, 0, 595, 842)
        canvas.showPage()
    source.close()
    canvas.save()
    return path


def test_scanned_pages_are_named_with_the_remedy(scan: Path) -> None:
    document = read_document(scan, document_id="x", reading=Reading(ocr="skip"))
    assert "text layer of its own" in document.text
    assert any("3 of 4 pages (2, 3, 4)" in problem and "ocrmypdf" in problem for problem in document.problems)
    assert [page.quality for page in document.pages] == [1.0, 0.0, 0.0, 0.0]


def test_absent_means_are_said(scan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "missing", lambda: "Tesseract is not installed")
    assert any("not recognised: Tesseract is not installed" in problem for problem in read_document(scan, document_id="x").problems)


def test_nothing_but_scans_fails_with_the_remedy(scan: Path, tmp_path: Path) -> None:
    import pypdfium2 as pdfium

    source, target = pdfium.PdfDocument(scan), pdfium.PdfDocument.new()
    target.import_pages(source, [1, 2])
    target.save(tmp_path / "x.pdf")
    target.close()
    source.close()
    with pytest.raises(InputError, match="no text layer on 2 of 2 pages") as caught:
        read_document(tmp_path / "x.pdf", document_id="x", reading=Reading(ocr="skip"))
    assert "ocr" in caught.value.remedy


def test_scanned_pages_are_read_by_tesseract(scan: Path) -> None:
    if ocr.missing():
        pytest.skip(ocr.missing())
    document = read_document(scan, document_id="x")
    assert [page.engine for page in document.pages] == ["pypdfium2", "tesseract", "tesseract", "tesseract"]
    assert any("3 of 4 pages read by OCR (2, 3, 4)" in problem for problem in document.problems)
    found = re.findall(r"\w+", document.text)
    for sentence in SENTENCES.values():
        wanted = re.findall(r"\w+", sentence)
        assert sum(word in found for word in wanted) >= 0.9 * len(wanted)
    start = document.text.index("asesores")
    ((page, x0, top, x1, bottom),) = document.boxes(start, start + len("asesores"))
    assert page == 4
    assert 0 < x0 < x1 < 595
    assert 0 < top < bottom < 300


def test_unknown_way_of_treating_scans_is_refused() -> None:
    assert checked_ocr("force") == "force"
    with pytest.raises(UsageError, match="auto, skip, force"):
        checked_ocr("maybe")
