"""Names of several words searched for by their first word; what spaCy's ``PhraseMatcher`` finds, without making its words anew in each process.

``PhraseMatcher`` must be given every name as a ``Doc``, whose words are put into the vocabulary one by one: 0.3 s per language and process for our
6,000 forms. Here a name is the row of the numbers of its words, which can be kept on disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from spacy.tokens import Doc


class Names:
    """Names to be searched for by one attribute of tokens.

    Args:
        attribute: ``ORTH`` or ``NORM``.
        names: Each name: what it is known by, and the values of the attribute of its tokens.
    """

    def __init__(self, attribute: str, names: Iterable[tuple[int, Sequence[int]]]) -> None:
        self._attribute = attribute
        self._by_first: dict[int, list[tuple[int, list[int], int]]] = {}
        for key, words in names:
            entry = (len(words), list(words[1:]), key)
            known = self._by_first.setdefault(words[0], [])
            if entry not in known:
                known.append(entry)
        for known in self._by_first.values():
            known.sort(key=lambda entry: entry[0])

    def find(self, doc: Doc) -> Iterator[tuple[int, int, int]]:
        """Yield key, first token and token behind of every name, in the order of the text, shorter ones first."""
        values: list[int] = doc.to_array(self._attribute).tolist()
        for start, value in enumerate(values):
            for length, rest, key in self._by_first.get(value, ()):
                if values[start + 1 : start + length] == rest:
                    yield key, start, start + length


def as_arrays(names: Sequence[tuple[int, Sequence[int]]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return names as two arrays: a row of key and number of words for each, and all words one after the other."""
    import numpy as np

    rows = np.array([(key, len(words)) for key, words in names], dtype=np.int32).reshape(-1, 2)
    return rows, np.array([word for _, words in names for word in words], dtype=np.uint64)


def from_arrays(rows: NDArray[Any], words: NDArray[Any]) -> Iterator[tuple[int, list[int]]]:
    """Yield the names that :func:`as_arrays` made arrays of."""
    all_words: list[int] = words.tolist()
    at = 0
    for key, length in rows.tolist():
        yield key, all_words[at : at + length]
        at += length
