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
