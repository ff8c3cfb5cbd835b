"""spaCy DocBin: one ``Doc`` per sentence, marks in ``doc.spans`` by label, the sentence's id in ``doc.user_data``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ddextract.annotation.formats.task import LABELS, Mark, Read, Task, pieces
from ddextract.errors import DataError
from ddextract.files import write_atomically

HOLDS = frozenset({"holder", "status", "iso3"})
_ID = "ddextract_id"


def dump(tasks: Sequence[Task], path: Path) -> None:
    """Write the docs; holder and status stand in a span's id, the country in its ``kb_id``."""
    from spacy.tokens import Doc, DocBin, Span
    from spacy.vocab import Vocab

    vocab = Vocab()
    store = DocBin(attrs=["ORTH", "SPACY"], store_user_data=True)
    for task in tasks:
        places = pieces(task.text, task.marks) if task.text else []
        doc = Doc(vocab, words=[task.text[a:b] for a, b in places], spaces=[False] * len(places))
        starts, ends = {a: k for k, (a, _) in enumerate(places)}, {b: k for k, (_, b) in enumerate(places)}
        for label in LABELS:
            doc.spans[label] = [
                Span(
                    doc,
                    starts[m.start],
                    ends[m.end] + 1,
                    m.code,
                    kb_id=m.iso3 or "",
                    span_id=f"{m.holder or ''}/{m.status or ''}" if m.holder or m.status else "",
                )
                for m in task.marks
                if m.label == label
            ]
        doc.user_data[_ID] = task.id
        store.add(doc)
    write_atomically(path, store.to_bytes())


def load(path: Path) -> list[Read]:
    """Read the docs. Trailing spaces of tokens are kept, so any tokenizer will do."""
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    try:
        docs = list(DocBin().from_bytes(path.read_bytes()).get_docs(Vocab()))
    except OSError as error:
        raise DataError(path, "", f"cannot be read ({error.strerror})") from None
    except Exception as error:
        raise DataError(path, "", f"not a spaCy DocBin ({type(error).__name__})") from None
    result = []
    for number, doc in enumerate(docs, 1):
        marks = []
        for label in LABELS:
            for span in doc.spans.get(label, []):
                holder, _, status = span.id_.partition("/")
                iso3 = span.kb_id_ if label == "ACTOR" else None
                if (label == "PARTNER") == bool(span.label_):
                    raise DataError(path, f"document {number}", f"span group {label} holds a span with the label '{span.label_}'")
                marks.append(Mark(span.start_char, span.end_char, label, span.label_, holder or None, status or None, None, iso3))
        result.append(Read(Task(str(doc.user_data.get(_ID, f"{path.stem}-{number}")), doc.text, tuple(marks))))
    return result
