"""Gold spans found again after the text of a document changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ddextract.annotation.anchors import neighbour_hashes, normalised_text, span_hash
from ddextract.annotation.gold import Coder, GoldInstrument, GoldSentence
from ddextract.annotation.reanchor import reanchor, seal

FILLER = " ".join(f"Paragraph {k} speaks of other matters in words like {k * 7}." for k in range(20))
FIRST = "We hold joint exercises with Japan every year in spring."
SECOND = "Our ships call at foreign ports."
OLD = f"{FILLER}\n\n{FIRST} {SECOND} {FILLER[::-1]}"


@pytest.fixture
def gold(tmp_path: Path) -> list[GoldSentence]:
    path = tmp_path / "a.txt"
    path.write_text(OLD)
    text = normalised_text(path)

    def sentence(name: str, words: str, span: str) -> GoldSentence:
        start = text.index(words)
        a = text.index(span)
        before, after = neighbour_hashes(text, a, a + len(span))
        mention = GoldInstrument(
            start=a, end=a + len(span), hash=span_hash(span), before=before, after=after, code="military_exercise", holder="self", status="current"
        )
        return GoldSentence(
            id=name, document="a.txt", sha256=hashlib.sha256(path.read_bytes()).hexdigest(), start=start, end=start + len(words), split="dev", language="en",
            instruments=(mention,), coder=Coder(id="t", kind="model"), round="raw",
        )  # fmt: skip

    return [sentence("one", FIRST, "joint exercises"), sentence("two", SECOND, "ships call at foreign ports")]


def fates(gold: list[GoldSentence], folder: Path, text: str) -> list[tuple[str, str]]:
    (folder / "a.txt").write_text(text)
    found = reanchor(gold, folder)
    new = normalised_text(folder / "a.txt")
    for sentence in found.sentences:
        for span in sentence.instruments:
            assert span_hash(new[span.start : span.end]) == span.hash
            assert neighbour_hashes(new, span.start, span.end) == (span.before, span.after)
    return [(m.sentence, m.fate) for m in found.moves]


def test_an_unchanged_text_keeps_everything(gold: list[GoldSentence], tmp_path: Path) -> None:
    assert {fate for _, fate in fates(gold, tmp_path, OLD)} == {"kept"}


def test_a_longer_beginning_moves_everything(gold: list[GoldSentence], tmp_path: Path) -> None:
    assert {fate for _, fate in fates(gold, tmp_path, f"A new preface.\n\n{OLD}")} == {"moved"}


def test_other_line_breaks_are_seen_through(gold: list[GoldSentence], tmp_path: Path) -> None:
    assert "lost" not in {fate for _, fate in fates(gold, tmp_path, OLD.replace("joint exercises", "joint\n\nexercises"))}


def test_a_changed_span_is_lost_and_said(gold: list[GoldSentence], tmp_path: Path) -> None:
    changed = OLD.replace("joint exercises", "common drills")
    assert ("one", "lost") in fates(gold, tmp_path, changed)
    sealed = [seal(s, normalised_text_of(OLD)) for s in gold]
    result = fates(sealed, tmp_path, changed)
    assert ("one", "altered") in result
    assert ("one", "lost") in result
    assert ("two", "lost") not in result


def normalised_text_of(text: str) -> str:
    return text


def test_sealed_sentences_without_spans_are_found(gold: list[GoldSentence], tmp_path: Path) -> None:
    bare = [s.model_copy(update={"instruments": ()}) for s in gold]
    assert {fate for _, fate in fates(bare, tmp_path, f"New. {OLD}")} == {"lost"}
    sealed = [seal(s, OLD) for s in bare]
    assert {fate for _, fate in fates(sealed, tmp_path, f"New. {OLD}")} == {"moved"}


def test_a_missing_document_loses_its_sentences(gold: list[GoldSentence], tmp_path: Path) -> None:
    (tmp_path / "a.txt").unlink()
    assert {m.fate for m in reanchor(gold, tmp_path).moves} == {"lost"}


def test_same_words_elsewhere_are_not_mistaken(gold: list[GoldSentence], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"They too hold joint exercises at times. {OLD}")
    found = reanchor(gold, tmp_path)
    text = normalised_text(tmp_path / "a.txt")
    assert text[: found.sentences[0].instruments[0].start].endswith("We hold ")
