"""What a document's mentions count for by where they stand."""

from __future__ import annotations

from pathlib import Path

from ddextract.job import Settings, run

SENTENCE = "We will train officers of the armed forces of Mali in our staff college."


def counts(path: Path, text: str) -> list[tuple[bool, str]]:
    path.write_text(text, encoding="utf-8")
    path.with_suffix(".toml").write_text('state = "GBR"\nyear = 2020\nlanguage = "en"\n', encoding="utf-8")
    mentions = run([path], Settings()).mentions
    own = mentions[(mentions["label"] == "INSTRUMENT") & (mentions["code"] == "education_training")]
    return [(bool(c), str(r)) for c, r in zip(own["counts"], own["reason"], strict=True)]


def test_chapters_that_seem_to_hang_under_the_contents_count(tmp_path: Path) -> None:
    assert counts(tmp_path / "a.md", f"# Table of contents\n\n## 1 What we do with others\n\n{SENTENCE}\n") == [(True, "")]


def test_what_stands_in_contents_or_below_a_glossary_does_not_count(tmp_path: Path) -> None:
    assert counts(tmp_path / "a.md", f"# Table of contents\n\n{SENTENCE}\n") == [(False, "stands in the contents")]
    assert counts(tmp_path / "b.md", f"# Glossary\n\n## Letter T\n\n{SENTENCE}\n") == [(False, "stands in the glossary")]
