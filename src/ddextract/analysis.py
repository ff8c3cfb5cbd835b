"""What follows from the tables of a run: profiles of documents and years, the comparison, the reconciliation with hand-coded lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ddextract.codebook import Codebook
from ddextract.comparison import Comparison, compare_states
from ddextract.lists import HandCodedList, load_readings, table_areas
from ddextract.profile import EvidenceRule, portfolio, profile_adjacent, profile_states
from ddextract.reconciliation import reconcile
from ddextract.reliability import Reliability
from ddextract.universal import BAR, SHUFFLES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Analysis:
    """What follows from the tables of a run.

    Attributes:
        by_document: Profiles of single documents.
        by_year: Profiles of the documents of one state and year.
        adjacent: The adjacent area of the article's Table 1, in the columns of a profile.
        portfolio: The layout of the R package PolicyPortfolios.
        comparison: The states side by side, and the lists.
        reconciliation: Disagreements with the hand-coded lists.
        reliability: Measured errors, where there are some.
    """

    by_document: pd.DataFrame = field(repr=False)
    by_year: pd.DataFrame = field(repr=False)
    adjacent: pd.DataFrame = field(repr=False)
    portfolio: pd.DataFrame = field(repr=False)
    comparison: Comparison
    reconciliation: pd.DataFrame = field(repr=False)
    reliability: Reliability | None


def analyse(
    documents: pd.DataFrame,
    mentions: pd.DataFrame,
    profiles: pd.DataFrame,
    check: pd.DataFrame,
    codebook: Codebook,
    lists: Mapping[str, HandCodedList],
    *,
    reliability: Reliability | None = None,
    rule: EvidenceRule | None = None,
    calibrated: bool = False,
    bar: float = BAR,
    shuffles: int = SHUFFLES,
) -> Analysis:
    """Work out all that follows from the tables of a run.

    Args:
        documents: The ``documents`` table.
        mentions: The ``mentions`` table.
        profiles: The ``profiles`` table.
        check: The ``check`` table.
        codebook: The codebook.
        lists: Hand-coded lists by state.
        reliability: Measured errors of the matcher.
        rule: From when an instrument counts as present.
        calibrated: Whether scores of mentions are calibrated probabilities.
        bar: Share from which one model is common to all states.
        shuffles: Matrices drawn under each null model.
    """
    objectives = [c.code for c in codebook.of_kind("objectives")]
    return Analysis(
        profile_states(mentions, documents, codebook, rule, reliability, by="document", calibrated=calibrated),
        profile_states(mentions, documents, codebook, rule, reliability, by="year", calibrated=calibrated),
        profile_adjacent(mentions, documents, codebook, table_areas(lists)),
        portfolio(mentions, documents, codebook),
        compare_states(
            profiles, mentions, documents, lists, load_readings(), codebook.instruments, objectives, reliability=reliability, bar=bar, shuffles=shuffles
        ),
        reconcile(profiles, check, mentions, documents, lists, codebook),
        reliability,
    )
