"""Compiled wordings as tables of numbers, which are kept on disk: of the 14,000 wordings of a language a text needs few, and those are taken out one by one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Any

from ddextract.matching.kept import as_bytes, as_text, keep, kept, key_of
from ddextract.matching.wording import Compiled, Slot

if TYPE_CHECKING:
    from numpy.typing import NDArray

NORM, ORTH, TYPE, ANCHOR, ACTOR = range(5)
"""What a row of words leads to: places (bits) by normal form, by the form as written, by type of actor; wordings by rarest word, by actor."""
_KINDS: Mapping[str, int] = {"norm": NORM, "gap": NORM, "orth": ORTH, "actor": TYPE}
_PARTS = ("words", "kinds", "ends", "items", "wordings", "places")


@dataclass(frozen=True, slots=True)
class Table:
    """A set of wordings as numbers.

    Attributes:
        words: Numbers of words (spaCy's string ids), each with what it leads to.
        kinds: What each leads to: one of the five kinds.
        ends: Where the items of each end.
        items: Bits of places, or rows of ``wordings``.
        wordings: A row for each: index, bit of the rarest word, whether that belongs to the mention, whether an actor takes its place, and where in
            ``places`` those before it begin, those behind it begin, and end.
        places: A row for each place: bit, whether it is a gap, least, most, whether it belongs to the mention, whether it only bridges.
    """

    words: NDArray[Any]
    kinds: NDArray[Any]
    ends: NDArray[Any]
    items: NDArray[Any]
    wordings: NDArray[Any]
    places: NDArray[Any]

    def leading(self) -> tuple[dict[int, tuple[int, int]], ...]:
        """Return for each kind the words with the range of their items."""
        kinds: tuple[dict[int, tuple[int, int]], ...] = ({}, {}, {}, {}, {})
        begin = 0
        for word, kind, end in zip(self.words.tolist(), self.kinds.tolist(), self.ends.tolist(), strict=True):
            kinds[kind][word] = (begin, end)
            begin = end
        return kinds


def tabulated(wordings: Iterable[tuple[int, Compiled]], number: Callable[[str], int]) -> Table:
    """Return wordings as a table.

    Args:
        wordings: Index and compiled wording.
        number: Gives the number of a word.

    Of each wording the place is chosen whose words are rarest among all wordings, longer ones counting as rarer; the first of equals.
    """
    import numpy as np

    wordings = list(wordings)
    frequency = Counter(word for _, compiled in wordings for words in compiled.anchors for word in words)
    bits: dict[tuple[int, frozenset[str]], int] = {}
    weights: dict[frozenset[str], float] = {}
    leading: tuple[dict[str, list[int]], ...] = ({}, {}, {}, {}, {})
    rows: list[tuple[int, ...]] = []
    places: list[tuple[int, ...]] = []

    def bit_of(slot: Slot) -> int:
        kind = _KINDS[slot.kind]
        key = (kind, slot.words)
        bit = bits.get(key)
        if bit is None:
            bit = bits[key] = len(bits)
            for word in slot.words:
                leading[kind].setdefault(word, []).append(bit)
        return bit

    def weight(words: frozenset[str]) -> float:
        found = weights.get(words)
        if found is None:
            # fsum: the order in which a set gives its words must not decide.
            found = weights[words] = fsum(1.0 + frequency[w] / (1 + len(w)) for w in words)
        return found

    for index, compiled in wordings:
        slots = compiled.slots
        anchor = min((k for k, words in enumerate(compiled.anchors) if words), key=lambda k: (weight(compiled.anchors[k]), k), default=None)
        own = [(bit_of(s), int(s.kind == "gap"), s.least, s.most, int(s.inside), int(s.bridges)) for s in slots]
        begin = len(places)
        if anchor is None:
            # No word must stand: the wording is tried at the first token of every actor of its types.
            at = next(k for k, slot in enumerate(slots) if slot.least and slot.kind == "actor")
            before, after, head = own[:at], own[at:], (index, 0, 0, 1)
            words, kind = slots[at].words, ACTOR
        else:
            before, after, head = own[:anchor], own[anchor + 1 :], (index, own[anchor][0], own[anchor][4], 0)
            words, kind = compiled.anchors[anchor], ANCHOR
        places.extend(reversed(before))
        places.extend(after)
        for word in words:
            leading[kind].setdefault(word, []).append(len(rows))
        rows.append((*head, begin, begin + len(before), len(places)))
    items = [item for kind in leading for known in kind.values() for item in known]
    lengths = [len(known) for kind in leading for known in kind.values()]
    return Table(
        np.array([number(word) for kind in leading for word in kind], dtype=np.uint64),
        np.array([k for k, kind in enumerate(leading) for _ in kind], dtype=np.uint8),
        np.cumsum(np.array(lengths, dtype=np.int64)).astype(np.int32),
        np.array(items, dtype=np.int32),
        np.array(rows, dtype=np.int32).reshape(-1, 7),
        np.array(places, dtype=np.int32).reshape(-1, 6),
    )


class Tables:
    """The tables of a language by name: those kept on disk, or made now and then kept.

    Args:
        name: What they are.
        decides: All that decides them besides the software.
    """

    def __init__(self, name: str, *decides: str) -> None:
        self._name, self._key = name, key_of(*decides)
        self._made: dict[str, Table] = {}
        self._arrays = kept(name, self._key)
        self._borders: dict[str, list[list[int]]] = {}
        if self._arrays is not None:
            self._borders = json.loads(as_text(self._arrays["borders"]))

    def table(self, name: str, make: Callable[[], Table]) -> Table:
        """Return a table by its name.

        Args:
            name: Its name.
            make: Makes it if it is not there.
        """
        borders = self._borders.get(name)
        if borders is None or self._arrays is None:
            self._made[name] = make()
            return self._made[name]
        return Table(*(self._arrays[part][a:b] for part, (a, b) in zip(_PARTS, borders, strict=True)))

    def keep(self) -> None:
        """Keep what had to be made."""
        import numpy as np

        if not self._made:
            return
        borders: dict[str, list[list[int]]] = {name: [] for name in self._made}
        arrays: dict[str, NDArray[Any]] = {}
        for part in _PARTS:
            own: Sequence[NDArray[Any]] = [getattr(table, part) for table in self._made.values()]
            arrays[part] = np.concatenate(own)
            begin = 0
            for name, array in zip(self._made, own, strict=True):
                borders[name].append([begin, begin + len(array)])
                begin += len(array)
        keep(self._name, self._key, {**arrays, "borders": as_bytes(json.dumps(borders))})
        self._made = {}
