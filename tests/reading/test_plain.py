"""Text and markdown: wrapped lines joined, furniture marked, marks taken off."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddextract.document import Document
from ddextract.errors import InputError
from ddextract.reading import detect_language, read_document


def read(tmp_path: Path, text: str, name: str = "x.md") -> Document:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_document(path, document_id="x")


def shown(document: Document) -> list[tuple[str, str]]:
    return [(b.kind, document.block_text(b)) for b in document.blocks]


def test_markdown(tmp_path: Path) -> None:
    document = read(tmp_path, """---
title: "A policy"
---

# Our _aims_

We will **train** officers in the 21<sup>st</sup> century.<sup>3</sup> See [the plan](https://example.org/a_(b)).

The tasks include:

- visits of
  warships;
- staff talks.

| Area | Method |
|---|---|
| Training | Courses for officers |
""")  # fmt: skip
    assert shown(document) == [
        ("heading", "Our aims"),
        ("paragraph", "We will train officers in the 21st century. See the plan."),
        ("paragraph", "The tasks include:"),
        ("list_item", "visits of warships;"),
        ("list_item", "staff talks."),
        ("table_cell", "Area"), ("table_cell", "Method"), ("table_cell", "Training"), ("table_cell", "Courses for officers"),
    ]  # fmt: skip
    items = [b for b in document.blocks if b.kind == "list_item"]
    assert {b.lead_in for b in items} == {"The tasks include:"}
    last = document.blocks[-1].cell
    assert last is not None
    assert (last.row_header, last.column_header) == ("Training", "Method")
    assert document.blocks[1].section == ("Our aims",)
    assert document.metadata["title"] == "A policy"


WRAPPED = """The ministry sends advisers to the academies of its neighbours
and receives their cadets in return, as it has done for thirty
years without a break.
A second paragraph begins on a line of its own and goes on for
long enough to be wrapped twice."""


def test_wrapped_lines_are_joined(tmp_path: Path) -> None:
    kinds = shown(read(tmp_path, WRAPPED, "x.txt"))
    assert len(kinds) == 2
    assert kinds[0][1].endswith("as it has done for thirty years without a break.")


def test_blank_line_after_every_line(tmp_path: Path) -> None:
    kinds = shown(read(tmp_path, WRAPPED.replace("\n", "\n\n")))
    assert [t for _, t in kinds] == [t for _, t in shown(read(tmp_path, WRAPPED, "x.txt"))]


def test_page_numbers_and_running_heads_are_marked(tmp_path: Path) -> None:
    pages = []
    for n, part in enumerate(["first", "second", "third", "fourth", "fifth", "sixth"], 1):
        pages.append(f"The {part} part of the work begins with a sentence that is cut by the end of the page and\n\n{n}\n\nThe Strategy of Norland\n")
        pages.append("goes on behind it, so that it must be joined although a number and a head stand between.\n\n")
    document = read(tmp_path, "\n".join(pages), "x.txt")
    kinds = [b.kind for b in document.blocks]
    assert kinds.count("page_number") == 6
    assert kinds.count("header") == 6
    assert sum("cut by the end of the page and goes on" in t for _, t in shown(document)) == 6


def test_languages_are_told_apart(tmp_path: Path) -> None:
    document = read(tmp_path, (
        "Het ministerie van Defensie zendt in het komende jaar zijn adviseurs naar de academies van de buurlanden en ontvangt hun cadetten.\n\n"
        "The ministry of defence will send its advisers to the academies of the neighbouring countries and receive their cadets.\n\n"
        "The committee was told that the plan is to be kept for the whole of the coming year by all of the ministries.\n"
    ))  # fmt: skip
    assert [b.language for b in document.blocks] == ["nl", "en", "en"]
    assert document.language == "en"


@pytest.mark.parametrize(("text", "language"), [
    ("Le ministère des armées enverra ses conseillers dans les écoles des pays voisins.", "fr"),
    ("El ministerio enviará a sus asesores a las academias de los países vecinos.", "es"),
    ("O ministério não enviará os seus assessores às academias dos países vizinhos.", "pt"),
    ("Das Ministerium wird seine Berater nicht an die Akademien der Nachbarn senden.", "de"),
    ("Il ministero non invierà i suoi consiglieri alle accademie dei paesi vicini.", "it"),
    ("Министерство направит своих советников в академии соседних стран.", "ru"),
    ("1234", None),
])  # fmt: skip
def test_detect_language(text: str, language: str | None) -> None:
    assert detect_language(text) == language


def test_empty_and_binary(tmp_path: Path) -> None:
    for data in (b"", b"   \n", b"\0\1\2" * 100):
        path = tmp_path / "x.txt"
        path.write_bytes(data)
        with pytest.raises(InputError):
            read_document(path, document_id="x")


def test_html(tmp_path: Path) -> None:
    document = read(tmp_path, "<html><head><title>T</title><style>p {}</style>"
        "</head><body><nav>Menu</nav><h2>Aims</h2><p>We train<br>officers &amp; cadets.</p>"
                    "<ul><li>visits</li></ul>"
                    "<table><tr><th>A</th><th>B</th></tr><tr><td>c</td><td>d</td></tr></table></body></html>", "x.html")  # fmt: skip
    assert shown(document) == [
        ("heading", "Aims"), ("paragraph", "We train officers & cadets."), ("list_item", "visits"),
        ("table_cell", "A"), ("table_cell", "B"), ("table_cell", "c"), ("table_cell", "d"),
    ]  # fmt: skip


def test_word_file(tmp_path: Path) -> None:
    import docx

    source = docx.Document()
    source.core_properties.title = "White Paper 2031"
    source.add_heading("Aims", 1)
    source.add_paragraph("The tasks of the ministry include:")
    source.add_paragraph("visits of ships;", style="List Bullet")
    source.add_paragraph("training of officers.", style="List Number")
    table = source.add_table(2, 2)
    for (r, c), text in {(0, 0): "Programme", (0, 1): "Lead", (1, 0): "Visits", (1, 1): "Navy"}.items():
        table.cell(r, c).text = text
    source.add_heading("Means", 2)
    source.add_paragraph("Advisers go abroad.")
    path = tmp_path / "paper.docx"
    source.save(str(path))
    document = read_document(path, document_id="x")
    assert shown(document) == [
        ("heading", "Aims"), ("paragraph", "The tasks of the ministry include:"), ("list_item", "visits of ships;"), ("list_item", "training of officers."),
        ("table_cell", "Programme"), ("table_cell", "Lead"), ("table_cell", "Visits"), ("table_cell", "Navy"),
        ("heading", "Means"), ("paragraph", "Advisers go abroad."),
    ]  # fmt: skip
    assert document.metadata["title"] == "White Paper 2031"
    items = [b for b in document.blocks if b.kind == "list_item"]
    assert all(b.lead_in == "The tasks of the ministry include:" for b in items)
    last = next(b for b in document.blocks if document.block_text(b) == "Navy")
    assert last.cell
    assert (last.cell.row_header, last.cell.column_header) == ("Visits", "Lead")


def test_footnotes_of_a_word_file_are_read(tmp_path: Path) -> None:
    import zipfile

    import docx

    plain, path = tmp_path / "plain.docx", tmp_path / "noted.docx"
    source = docx.Document()
    source.add_paragraph("Advisers go abroad.")
    source.save(str(plain))
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    note = f'<w:footnotes {space}><w:footnote w:id="2"><w:p><w:r><w:t>Nine of them in 2031.</w:t></w:r></w:p></w:footnote></w:footnotes>'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    content = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode("utf-8") if name.endswith((".xml", ".rels")) else old.read(name)
            if name == "word/_rels/document.xml.rels":
                data = str(data).replace("</Relationships>", f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>')
            if name == "[Content_Types].xml":
                data = str(data).replace("</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{content}"/></Types>')
            new.writestr(name, data)
        new.writestr("word/footnotes.xml", note)
    assert ("footnote", "Nine of them in 2031.") in shown(read_document(path, document_id="x"))


def test_damaged_word_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    path.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(InputError, match="Word"):
        read_document(path, document_id="x")
