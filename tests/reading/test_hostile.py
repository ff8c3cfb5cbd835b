"""Broken and hostile files: each fails alone, with its cause and a remedy, or is read as far as it can be."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from ddextract.errors import InputError
from ddextract.reading import Limits, Reading, read_document, read_guarded


def simple(pages: int = 2, **options: object) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=1, **options)
    for n in range(pages):
        canvas.drawString(72, 700, f"The ministry sends advisers to page {n + 1}.")
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def raw(objects: list[bytes]) -> bytes:
    """A PDF from its objects, the first being the catalogue."""
    out, places = b"%PDF-1.5\n", []
    for i, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (i, body)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % p for p in places)
    return out + table + b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))


def stream(data: bytes, extra: bytes = b"") -> bytes:
    packed = zlib.compress(data, 9)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), extra, packed)


def one_page(content: bytes, box: bytes = b"[0 0 595 842]") -> bytes:
    return raw([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>" % box,
        stream(content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ])  # fmt: skip


FAULTY = {
    "empty": (b"", "empty"),
    "not a pdf": (b"<html><body>hello</body></html>", "not a PDF"),
    "header only": (b"%PDF-1.4\n", "truncated"),
    "truncated": (simple()[:600], "truncated"),
    "no pages": (raw([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"]), "no pages"),
    "page tree that eats its tail": (raw([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"]), "no"),
    "no text": (one_page(b"0 0 100 100 re f"), "no text"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_fault_is_named_with_remedy(tmp_path: Path, name: str) -> None:
    data, cause = FAULTY[name]
    path = tmp_path / "x.pdf"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_document(path, document_id="x")
    assert cause in caught.value.cause
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_missing_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pdf", tmp_path):
        with pytest.raises(InputError):
            read_document(path, document_id="x")


def test_encrypted(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(simple(encrypt=StandardEncryption("secret", "owner", strength=128)))
    with pytest.raises(InputError, match="--password"):
        read_document(path, document_id="x")
    with pytest.raises(InputError, match="does not open"):
        read_document(path, document_id="x", reading=Reading(password="wrong"))
    assert "advisers" in read_document(path, document_id="x", reading=Reading(password="secret")).text


def test_owner_password_alone_reads(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(simple(encrypt=StandardEncryption("", "owner", strength=128)))
    assert "advisers" in read_document(path, document_id="x").text


def test_damaged_xref_is_repaired(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(simple().replace(b"startxref\n", b"startxref\n9"))
    assert "advisers" in read_document(path, document_id="x").text


def test_page_without_box_and_huge_box(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    content = b"BT /F1 12 Tf 72 700 Td (The ministry sends advisers.) Tj ET"
    path.write_bytes(one_page(content).replace(b"/MediaBox [0 0 595 842] ", b""))
    assert "advisers" in read_document(path, document_id="x").text
    path.write_bytes(one_page(content, b"[0 0 2000000 2000000]"))
    assert "advisers" in read_document(path, document_id="x").text


def test_script_and_attachment_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(
        one_page(b"BT /F1 12 Tf 72 700 Td (Hello there.) Tj ET").replace(
            b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >>"
        )
    )
    assert read_document(path, document_id="x").text == "Hello there."


def test_too_many_pages(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(simple(5))
    with pytest.raises(InputError, match="5 pages"):
        read_document(path, document_id="x", reading=Reading(limits=Limits(pages=4)))


def test_page_of_too_many_glyphs_is_left_out_and_named(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(one_page(b"BT /F1 4 Tf 72 700 Td (" + b"a b" * 20_000 + b") Tj ET"))
    with pytest.raises(InputError, match="no text"):
        read_document(path, document_id="x", reading=Reading(limits=Limits(characters=10_000)))


def test_guard_gives_the_same_document(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(simple(3))
    seen: list[tuple[int, int]] = []
    guarded = read_guarded(path, document_id="x", on_page=lambda *p: seen.append(p))
    assert guarded == read_document(path, document_id="x")
    assert seen[-1] == (3, 3)


def test_guard_passes_faults_on(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.4\n")
    with pytest.raises(InputError, match="truncated"):
        read_guarded(path, document_id="x")


def test_guard_ends_endless_nesting_in_time(tmp_path: Path) -> None:
    forms = []
    for i in range(9):
        below = b"/X%d Do " % (i + 1) * 10
        font = b"/Resources << /XObject << /X%d %d 0 R >> >>" % (i + 1, 5 + i + 1)
        forms.append(stream(below if i < 8 else b"0 0 1 1 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] " + (font if i < 8 else b"")))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /X0 5 0 R >> >> >>"
    path = tmp_path / "x.pdf"
    path.write_bytes(raw([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, stream(b"/X0 Do"), *forms]))
    with pytest.raises(InputError):
        read_guarded(path, document_id="x", reading=Reading(limits=Limits(seconds=1.5)))


def test_guard_ends_what_takes_too_much_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(one_page(b" " * 400_000_000))
    with pytest.raises(InputError, match="memory"):
        read_guarded(path, document_id="x", reading=Reading(limits=Limits(seconds=30, memory=200 << 20)))


@pytest.mark.parametrize("seed", range(12))
def test_bytes_changed_at_random_never_raise_anything_else(tmp_path: Path, seed: int) -> None:
    import random

    chance = random.Random(seed)
    data = bytearray(simple(1))
    for _ in range(12):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path = tmp_path / "x.pdf"
    path.write_bytes(bytes(data))
    try:
        read_document(path, document_id="x")
    except InputError as error:
        assert error.remedy


def test_guard_reads_in_a_spawned_process_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ddextract.reading import guard

    path = tmp_path / "x.pdf"
    path.write_bytes(simple())
    monkeypatch.setattr(guard, "start_method", lambda: "spawn")
    assert read_guarded(path, document_id="x") == read_document(path, document_id="x")
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match="not a PDF"):
        read_guarded(path, document_id="x")


def test_beside_another_thread_the_child_is_spawned(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from ddextract.reading import guard

    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert guard.start_method() == "spawn"


def test_attachment_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(
        raw([
            b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a.txt) 6 0 R] >> >> >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
            stream(b"BT /F1 12 Tf 72 700 Td (Hello there.) Tj ET"),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            b"<< /Type /Filespec /F (a.txt) /EF << /F 7 0 R >> >>",
            stream(b"hidden words", b"/Type /EmbeddedFile"),
        ])
    )  # fmt: skip
    assert read_document(path, document_id="x").text == "Hello there."


def test_giant_stream_of_drawing_is_read_in_time(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(one_page(b"BT /F1 12 Tf 72 700 Td (Hello there.) Tj ET\n" + b"0 0 m 1 1 l S\n" * 300_000))
    assert read_guarded(path, document_id="x", reading=Reading(limits=Limits(seconds=60))).text == "Hello there."


@pytest.mark.slow
def test_five_thousand_pages_stay_within_a_gibibyte(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "x.pdf"
    canvas = Canvas(str(path), invariant=1)
    for n in range(5000):
        canvas.drawString(300, 30, str(n + 1))
        for i in range(40):
            canvas.drawString(72, 780 - 14 * i, f"Line {i} of page {n + 1}: the ministry sends advisers to the academies of friendly states.")
        canvas.showPage()
    canvas.save()
    document = read_guarded(path, document_id="x", reading=Reading(limits=Limits(seconds=300, memory=1 << 30)))
    assert len(document.pages) == 5000
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1 << 20
