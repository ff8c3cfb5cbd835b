"""The steps as functions for notebooks: tables as DataFrames, profiles that draw themselves, comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ddextract.charts import Chart, likeness_chart, profile_chart, quorum_chart, variants_chart
from ddextract.codebook import Codebook, load_codebook
from ddextract.comparison import Comparison, compare_states
from ddextract.corpus import states
from ddextract.errors import UsageError
from ddextract.lists import HandCodedList, load_lists, load_readings
from ddextract.reliability import read_reliability
from ddextract.universal import BAR, SHUFFLES

if TYPE_CHECKING:
    from ddextract.job import Run
    from ddextract.saved import SavedRun


class StateProfile(pd.DataFrame):
    """The profile of one state, a row per code: a DataFrame that can draw itself."""

    _metadata = ("titles", "name")
    titles: Mapping[str, str]

    @property
    def _constructor(self) -> type[StateProfile]:
        return StateProfile

    def chart(self) -> Chart:
        """Return the instruments by number of counting mentions, practised and announced: the chart of the report."""
        name = str(self["state"].iloc[0]) if len(self) else ""
        titles: Mapping[str, str] = getattr(self, "titles", None) or {}
        return profile_chart(pd.DataFrame(self), titles, states().get(name, name))


def state_profile(profiles: pd.DataFrame, codebook: Codebook, state: str) -> StateProfile:
    """Return the rows of one state.

    Args:
        profiles: The ``profiles`` table.
        codebook: For the names of the codes.
        state: ISO 3166-1 alpha-3 code.

    Raises:
        UsageError: The state is not among them.
    """
    own = profiles[profiles["state"] == state].reset_index(drop=True)
    if not len(own):
        raise UsageError(f"{state}: no document of this state was read. States: {', '.join(sorted({str(s) for s in profiles['state']})) or 'none'}.")
    result = StateProfile(own)
    result.titles = {code: concept.title.get("en", code) for code, concept in codebook.concepts.items()}
    return result


def article_lists(*folders: Path | str) -> dict[str, HandCodedList]:
    """Return the hand-coded lists of the article by state, and those of own folders, which replace them.

    Args:
        folders: Folders of own lists.
    """
    return load_lists(load_codebook(), *(Path(f) for f in folders))


def compare(run: Run | SavedRun | None = None, lists: Mapping[str, HandCodedList] | None = None, *, bar: float = BAR, shuffles: int = SHUFFLES) -> Comparison:
    """Set states side by side: those of a run, and hand-coded lists beside them; the lists alone where no run is given.

    Args:
        run: A run, fresh (:func:`ddextract.run`) or read back (:func:`ddextract.read_run`).
        lists: Hand-coded lists by state; the article's if not given.
        bar: Share of the instruments met that all states must have for one model to hold.
        shuffles: Matrices drawn under each null model.
    """
    codebook = run.codebook if run is not None else load_codebook()
    known = article_lists() if lists is None else dict(lists)
    tables: tuple[Any, Any, Any] = (run.profiles, run.mentions, run.documents) if run is not None else (None, None, None)
    objectives = [c.code for c in codebook.of_kind("objectives")]
    reliability = read_reliability() if run is not None else None
    return compare_states(*tables, known, load_readings(), codebook.instruments, objectives, reliability=reliability, bar=bar, shuffles=shuffles)


def comparison_charts(comparison: Comparison) -> dict[str, Chart]:
    """Return the charts of a comparison by name: ``variants``, ``quorum``, and ``likeness`` where there are three states that differ.

    Args:
        comparison: The comparison.
    """
    charts: dict[str, Chart | None] = {
        "variants": variants_chart(comparison.tests),
        "quorum": next((quorum_chart(t, 0) for t in comparison.tests if t.quorums), None),
        "likeness": likeness_chart(comparison.main, {s: states().get(s, s) for s in comparison.main.states}),
    }
    return {name: chart for name, chart in charts.items() if chart}
