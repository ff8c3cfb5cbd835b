"""Which state has which instrument: likeness, shared core and periphery, nestedness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ddextract.errors import UsageError
from ddextract.lists import DECIDABLE_WORDS, HandCodedList, Reading

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Incidence:
    """Which state has which instrument.

    Attributes:
        name: What it is taken from.
        states: Row names.
        codes: Column names: all codes of the codebook, also those that no state has.
        present: Boolean, of shape (states, codes).
        weight: How much a state has of each (mentions per 10,000 words; 1 and 0 for lists), of the same shape.
        decidable: For each state whether enough was read to say that something is missing.
    """

    name: str
    states: tuple[str, ...]
    codes: tuple[str, ...]
    present: np.ndarray = field(repr=False)
    weight: np.ndarray = field(repr=False)
    decidable: tuple[bool, ...]

    def without(self, state: str) -> Incidence:
        """Return it without one state."""
        return self.only([s for s in self.states if s != state])

    def only(self, states: Iterable[str]) -> Incidence:
        """Return it for some of the states, in their order here."""
        wanted = set(states)
        rows = [i for i, s in enumerate(self.states) if s in wanted]
        return Incidence(
            self.name, tuple(self.states[i] for i in rows), self.codes, self.present[rows], self.weight[rows], tuple(self.decidable[i] for i in rows)
        )

    def with_present(self, present: np.ndarray) -> Incidence:
        """Return it with other presences."""
        return Incidence(self.name, self.states, self.codes, present, self.weight, self.decidable)


def grid(profiles: pd.DataFrame, column: str, states: Sequence[str], codes: Sequence[str]) -> np.ndarray:
    """Return a column of the ``profiles`` table as numbers, of shape (states, codes); 0 where it is empty."""
    wide = profiles.assign(_value=profiles[column].astype(float)).pivot(index="state", columns="code", values="_value")
    values: np.ndarray = wide.reindex(index=list(states), columns=list(codes)).fillna(0.0).to_numpy(dtype=float)
    return values


def incidence_of_profiles(profiles: pd.DataFrame, name: str = "the documents") -> Incidence:
    """Return which state has which instrument by the ``profiles`` table of a run.

    Args:
        profiles: The table.
        name: What to call it.
    """
    states, codes = sorted({str(s) for s in profiles["state"]}), sorted({str(c) for c in profiles["code"]})
    present = grid(profiles.assign(present=profiles["present"].eq("present")), "present", states, codes) > 0
    weight = grid(profiles, "rate_per_10000_words", states, codes)
    words = {str(s): int(w) for s, w in profiles.groupby("state")["words_read"].first().items()}
    return Incidence(name, tuple(states), tuple(codes), present, weight, tuple(int(words[s]) >= DECIDABLE_WORDS for s in states))


def incidence_of_lists(lists: Mapping[str, HandCodedList], codes: Sequence[str], reading: Reading, without: str = "") -> Incidence:
    """Return which state has which instrument by hand-coded lists.

    Args:
        lists: Lists by state.
        codes: The instrument codes; others on the lists (the adjacent area) are left out.
        reading: What of a list counts.
        without: Id of an item to leave out.
    """
    import numpy as np

    states = sorted(lists)
    held = [reading.codes(lists[s], without) for s in states]
    present = np.array([[c in own for c in sorted(codes)] for own in held], dtype=bool).reshape(len(states), len(codes))
    return Incidence(f"lists: {reading.name}", tuple(states), tuple(sorted(codes)), present, present.astype(float), (True,) * len(states))


def jaccard(incidence: Incidence) -> pd.DataFrame:
    """Return the Jaccard similarity of every two states: instruments both have, of those that either has (1 where neither has any)."""
    import pandas as pd
    from scipy.spatial.distance import pdist, squareform

    names = list(incidence.states)
    if len(names) < 2:
        return pd.DataFrame([[1.0]] * len(names), index=names, columns=names)
    return pd.DataFrame(1 - squareform(pdist(incidence.present, "jaccard")), index=names, columns=names)


def weighted_similarity(incidence: Incidence) -> pd.DataFrame:
    """Return the Ružička similarity of every two states: the sum of the smaller rates over the sum of the larger ones.

    It is the Jaccard similarity of amounts, had from the Bray-Curtis distance b as (1 - b) / (1 + b).
    """
    import numpy as np
    import pandas as pd
    from scipy.spatial.distance import pdist, squareform

    names = list(incidence.states)
    if len(names) < 2:
        return pd.DataFrame([[1.0]] * len(names), index=names, columns=names)
    with np.errstate(invalid="ignore"):
        bray = np.nan_to_num(squareform(pdist(incidence.weight, "braycurtis")), nan=0.0)
    return pd.DataFrame((1 - bray) / (1 + bray), index=names, columns=names)


def cluster(similarity: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """Cluster states by average linkage of their dissimilarity.

    Returns:
        The linkage as scipy gives it, of shape (states - 1, 4), and the states in the order of its leaves. Two states or fewer have an empty one.
    """
    import numpy as np
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    names = [str(s) for s in similarity.index]
    if len(names) < 3:
        return np.empty((0, 4)), names
    condensed = squareform(np.clip(1 - similarity.to_numpy(), 0, None), checks=False)
    tree = optimal_leaf_ordering(linkage(condensed, "average"), condensed)
    return tree, [names[i] for i in leaves_list(tree)]


def core(incidence: Incidence, quorum: int | None = None) -> list[str]:
    """Return the instruments that at least ``quorum`` states have (all states where not given)."""
    wanted = len(incidence.states) if quorum is None else quorum
    if not 1 <= wanted <= max(1, len(incidence.states)):
        raise UsageError(f"a quorum of {wanted} is not possible with {len(incidence.states)} states.")
    return [c for c, n in zip(incidence.codes, incidence.present.sum(axis=0), strict=True) if n >= wanted] if incidence.states else []


def spread(incidence: Incidence) -> pd.DataFrame:
    """Return for each instrument how many and which states have it, and its standing.

    The standing is ``core`` (all have it), ``common`` (more than half), ``periphery`` (half or fewer), ``unique`` (one), ``none``.
    """
    import pandas as pd

    rows = []
    number = len(incidence.states)
    for j, code in enumerate(incidence.codes):
        having = [s for s, has in zip(incidence.states, incidence.present[:, j], strict=True) if has]
        n = len(having)
        standing = "none" if not n else "core" if n == number else "unique" if n == 1 else "common" if 2 * n > number else "periphery"
        rows.append({"code": code, "states": n, "share": round(n / number, 4) if number else 0.0, "standing": standing, "having": ";".join(having)})
    return pd.DataFrame(rows).sort_values(["states", "code"], ascending=[False, True], ignore_index=True)


def core_by_quorum(incidence: Incidence) -> pd.DataFrame:
    """Return the size and members of the shared core at every quorum, from one state to all."""
    import pandas as pd

    rows = [{"quorum": q, "size": len(found := core(incidence, q)), "codes": ";".join(found)} for q in range(1, len(incidence.states) + 1)]
    return pd.DataFrame(rows, columns=["quorum", "size", "codes"])


@dataclass(frozen=True, slots=True)
class Nestedness:
    """NODF, 0 to 100: of rows (are poor states' instruments a subset of rich ones'), of columns, of the whole."""

    rows: float
    columns: float
    total: float


def nodf(present: np.ndarray) -> Nestedness:
    """Return nestedness by overlap and decreasing fill (Almeida-Neto et al. 2008, Oikos 117: 1227-1239).

    A pair of rows (columns) of unequal fill counts the share of the poorer one's presences that the richer one has too; a pair of equal fill counts nothing.

    Args:
        present: Boolean matrix.
    """
    rows, row_pairs = _paired(present)
    columns, column_pairs = _paired(present.T)
    pairs = row_pairs + column_pairs
    return Nestedness(
        100 * rows / row_pairs if row_pairs else 0.0,
        100 * columns / column_pairs if column_pairs else 0.0,
        100 * (rows + columns) / pairs if pairs else 0.0,
    )


def _paired(present: np.ndarray) -> tuple[float, int]:
    import numpy as np

    matrix = present.astype(int)
    fill = matrix.sum(axis=1)
    overlap = matrix @ matrix.T
    upper = np.triu_indices(len(fill), 1)
    small = np.minimum(fill[:, None], fill[None, :])[upper]
    unequal = (fill[:, None] != fill[None, :])[upper] & (small > 0)
    return float((overlap[upper][unequal] / small[unequal]).sum()), len(upper[0])


def checkerboard(present: np.ndarray) -> float:
    """Return the C-score (Stone and Roberts 1990): the mean over pairs of columns of (a - s)(b - s), a and b their fills, s what they share."""
    import numpy as np

    matrix = present.astype(int)
    fill, shared = matrix.sum(axis=0), matrix.T @ matrix
    upper = np.triu_indices(len(fill), 1)
    units = ((fill[:, None] - shared) * (fill[None, :] - shared))[upper]
    return float(units.mean()) if len(units) else 0.0


def mean_jaccard(present: np.ndarray) -> float:
    """Return the mean Jaccard similarity over all pairs of rows."""
    import numpy as np

    matrix = present.astype(int)
    fill, shared = matrix.sum(axis=1), matrix @ matrix.T
    upper = np.triu_indices(len(fill), 1)
    either = (fill[:, None] + fill[None, :] - shared)[upper]
    return float(np.where(either > 0, shared[upper] / np.maximum(either, 1), 1.0).mean()) if len(either) else 1.0
