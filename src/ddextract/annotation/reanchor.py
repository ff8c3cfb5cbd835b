"""Gold spans found again when a document's text has changed: by their own hash, by those of their neighbours, by position."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ddextract.annotation.anchors import TEXT_VERSION, neighbour_hashes, normalised_text, span_hash
from ddextract.annotation.gold import GoldSentence, GoldSpan

Fate = Literal["kept", "moved", "altered", "lost"]
SLACK = 3
"""Characters by which a span's length may differ (line breaks that became blanks and the like)."""
_EDGE = re.compile(r"\b|(?<=\s)(?=\S)|(?<=\S)(?=\s)|(?<=\W)(?=\W)")


@dataclass(frozen=True, slots=True)
class Move:
    """What became of one sentence or span."""

    sentence: str
    what: str
    fate: Fate
    detail: str = ""


@dataclass
class Reanchored:
    """The gold on the new text, and what became of each part.

    Attributes:
        sentences: Those that could be anchored, with all spans that could; places, hashes of neighbours and file hash are new.
        moves: Every sentence and span.
    """

    sentences: list[GoldSentence] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield the report: what was altered or lost one by one, the rest counted."""
        for move in self.moves:
            if move.fate in ("altered", "lost"):
                yield f"{move.fate:<8} {move.sentence}  {move.what}  {move.detail}"
        for what in ("sentence", "span"):
            counts = {f: sum(m.fate == f and m.what.startswith(what) for m in self.moves) for f in ("kept", "moved", "altered", "lost")}
            yield f"{what}s: " + ", ".join(f"{n} {fate}" for fate, n in counts.items() if n or fate in ("kept", "lost"))


class _Text:
    """A text in which places are looked up by the hashes of what stands around them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.edges = sorted({m.start() for m in _EDGE.finditer(text)} | {0, len(text)})
        self._before: dict[str, list[int]] | None = None
        self._after: dict[str, list[int]] = defaultdict(list)

    def _index(self) -> dict[str, list[int]]:
        if self._before is None:
            self._before = defaultdict(list)
            for edge in self.edges:
                before, after = neighbour_hashes(self.text, edge, edge)
                self._before[before].append(edge)
                self._after[after].append(edge)
        return self._before

    def reads(self, start: int, end: int, wanted: str) -> bool:
        # The hash is blind to blanks, so a span with one at its border would pass for the same.
        within = 0 <= start < end <= len(self.text) and not self.text[start].isspace() and not self.text[end - 1].isspace()
        return within and span_hash(self.text[start:end]) == wanted

    def find(self, span: GoldSpan | GoldSentence, near: int, low: int = 0, high: int | None = None) -> tuple[int, int] | None:
        """Return where a span stands now: at its place, else between its neighbours, else where its words stand, nearest first."""
        length = span.end - span.start
        if self.reads(near, near + length, span.hash):
            return near, near + length
        high = len(self.text) if high is None else high
        befores = [p for p in self._index().get(span.before, []) if low <= p <= high]
        afters = [p for p in self._after.get(span.after, []) if low <= p <= high]
        found = {(a, b) for a in befores for b in afters if 0 < b - a <= length + 4 * SLACK and self.reads(a, b, span.hash)}
        if not found:
            found = {(a, b) for a in befores for b in self._around(a + length) if self.reads(a, b, span.hash)}
            found |= {(a, b) for b in afters for a in self._around(b - length) if self.reads(a, b, span.hash)}
        if not found:
            starts = self.edges[bisect_left(self.edges, low) : bisect_left(self.edges, high)]
            found = {(a, b) for a in starts for b in self._around(a + length) if b <= high and self.reads(a, b, span.hash)}
        return min(found, key=lambda place: abs(place[0] - near)) if found else None

    def between(self, span: GoldSentence) -> tuple[int, int] | None:
        """Return where a sentence stands whose words changed but whose neighbours did not."""
        befores, afters = self._index().get(span.before, []), self._after.get(span.after, [])
        length = span.end - span.start
        found = [(a, b) for a in befores for b in afters if length / 2 <= b - a <= 2 * length]
        return min(found, key=lambda p: abs(p[0] - span.start)) if found else None

    def _around(self, place: int) -> list[int]:
        return self.edges[bisect_left(self.edges, place - SLACK) : bisect_left(self.edges, place + SLACK + 1)]


def seal(sentence: GoldSentence, text: str) -> GoldSentence:
    """Return a stand-off sentence with the hashes of the sentence itself."""
    before, after = neighbour_hashes(text, sentence.start, sentence.end)
    return sentence.model_copy(update={"hash": span_hash(text[sentence.start : sentence.end]), "before": before, "after": after})


def reanchor(sentences: Sequence[GoldSentence], documents: Path) -> Reanchored:
    """Anchor stand-off gold on the documents as they are now.

    Args:
        sentences: Gold; authored sentences are kept as they are.
        documents: Folder of the documents; those that are missing lose their sentences.
    """
    result = Reanchored()
    by_document: dict[str, list[GoldSentence]] = defaultdict(list)
    for sentence in sentences:
        by_document[sentence.document if sentence.text is None else ""].append(sentence)
    done: dict[str, GoldSentence] = {s.id: s for s in by_document.pop("", [])}
    for document, own in sorted(by_document.items()):
        path = documents / document
        if not path.is_file():
            result.moves += [Move(s.id, "sentence", "lost", f"{document} is not there") for s in own]
            continue
        text = _Text(normalised_text(path))
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        shift = 0
        for sentence in sorted(own, key=lambda s: s.start):
            anchored, shift = _sentence(sentence, text, sha256, shift, result.moves)
            if anchored is not None:
                done[sentence.id] = anchored
    result.sentences = [done[s.id] for s in sentences if s.id in done]
    return result


def _sentence(sentence: GoldSentence, text: _Text, sha256: str, shift: int, moves: list[Move]) -> tuple[GoldSentence | None, int]:
    spans = [*sentence.instruments, *sentence.objectives, *sentence.actors]
    place, fate, detail = _place(sentence, spans, text, shift, sha256)
    if place is None:
        moves.append(Move(sentence.id, "sentence", "lost", detail))
        moves += [Move(sentence.id, f"span {_name(span)}", "lost", "with its sentence") for span in spans]
        return None, shift
    start, end = place
    moves.append(Move(sentence.id, "sentence", fate, detail))
    shift = start - sentence.start
    update: dict[str, Any] = {"start": start, "end": end, "sha256": sha256, "text_version": TEXT_VERSION}
    if sentence.previous:
        update["previous"] = (max(0, sentence.previous[0] + shift), max(0, sentence.previous[1] + shift))
    for key in ("instruments", "objectives", "actors"):
        found = [(span, _moved(span, text, shift, start, end, sentence.id, moves)) for span in getattr(sentence, key)]
        update[key] = tuple(new for _, new in found if new is not None)
    anchored = sentence.model_copy(update=update)
    return (seal(anchored, text.text) if sentence.hash else anchored), shift


def _place(sentence: GoldSentence, spans: Sequence[GoldSpan], text: _Text, shift: int, sha256: str) -> tuple[tuple[int, int] | None, Fate, str]:
    """Return where a sentence stands now and how that is known."""
    if sentence.sha256 == sha256:
        return (sentence.start, sentence.end), "kept", ""
    if sentence.hash:
        place = text.find(sentence, sentence.start + shift)
        if place:
            return place, "kept" if place[0] == sentence.start else "moved", ""
        place = text.between(sentence)
        return (place, "altered", "its words changed, its neighbours did not") if place else (None, "lost", "neither its words nor its neighbours are found")
    found = [(span, text.find(span, span.start + shift)) for span in spans]
    known = [place[0] - span.start for span, place in found if place]
    if known:
        low, high = sentence.start + known[0], sentence.end + known[-1]
        return ((low, high), "kept" if low == sentence.start else "moved", "") if 0 <= low < high <= len(text.text) else (None, "lost", "beyond the text")
    return None, "lost", "not sealed (annotate reanchor --seal) and without a span that is found"


def _moved(span: GoldSpan, text: _Text, shift: int, low: int, high: int, sentence: str, moves: list[Move] | None) -> GoldSpan | None:
    place = text.find(span, span.start + shift, low, high)
    if place is None:
        if moves is not None:
            moves.append(Move(sentence, f"span {_name(span)}", "lost", f"was at {span.start} to {span.end}"))
        return None
    if moves is not None:
        moves.append(Move(sentence, f"span {_name(span)}", "kept" if place == (span.start, span.end) else "moved"))
    before, after = neighbour_hashes(text.text, *place)
    update: dict[str, Any] = {"start": place[0], "end": place[1], "before": before, "after": after}
    partners = getattr(span, "partner", ())
    if partners:
        update["partner"] = tuple(p for p in (_moved(p, text, shift, 0, len(text.text), sentence, None) for p in partners) if p is not None)
    return span.model_copy(update=update)


def _name(span: GoldSpan) -> str:
    return str(getattr(span, "code", getattr(span, "type", "partner")))
