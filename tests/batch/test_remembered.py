"""What is remembered from one refresh to the next: the same results, asked for by content, forgotten when damaged or of other software."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pytest

from ddextract.charts import ladder_chart, partner_chart
from ddextract.remembered import Memory, digest_of_value, remembering, remembers


def test_function_is_asked_once_for_the_same_arguments_and_again_for_others() -> None:
    asked = []

    @remembers(list, tuple)
    def doubled(values: tuple[int, ...], *, times: int = 2) -> tuple[int, ...]:
        asked.append(values)
        return tuple(v * times for v in values)

    assert doubled((1, 2)) == doubled((1, 2)) == (2, 4)
    assert len(asked) == 2, "without a memory nothing is remembered"
    memory = Memory("a")
    with remembering(memory):
        assert [doubled((1, 2)), doubled((1, 2)), doubled((1, 2), times=3), doubled((3,))] == [(2, 4), (2, 4), (3, 6), (6,)]
    assert len(asked) == 5
    with remembering(later := Memory("a", memory.data())):
        assert doubled((1, 2), times=3) == (3, 6)
    assert (len(asked), later.made) == (5, 0)
    assert len(Memory("a", later.data()).known) == 1, "what is not asked for is forgotten"
    assert not Memory("b", memory.data()).known
    assert not Memory("a", memory.data().replace(b"6", b"7")).known
    assert not Memory("a", b"nonsense").known


def test_values_that_differ_have_other_digests() -> None:
    @dataclass
    class Pair:
        a: object
        b: object

    frame = pd.DataFrame({"x": [1, 2], "y": ["a", None]})
    values = [
        1, 1.0, True, "1", None, (1,), ((1,),), (1, 2), ("1", 2), {"1": 2}, Pair(1, 2), Pair(2, 1), frame, frame.assign(x=[1.0, 2.0]),
        frame.rename(index={0: "r", 1: "s"}),
    ]  # fmt: skip
    assert len({digest_of_value(v) for v in values}) == len(values)
    # Where a row stood in a larger table says nothing.
    assert digest_of_value(frame) == digest_of_value(frame.set_axis([7, 8]))
    with pytest.raises(TypeError):
        digest_of_value(object())


def test_chart_remembered_is_the_chart_drawn() -> None:
    edges = pd.DataFrame({"partner": ["FRA", "NATO"], "partner_type": ["state", "organisation"], "mentions": [3, 1], "practised": [2, 0], "p": [0.1, 0.2]})
    rungs = [("does", 3), ("will", 1)]
    drawn = (ladder_chart(rungs, "Norway"), partner_chart(edges, "Norway"))
    memory = Memory("a")
    with remembering(memory):
        assert (ladder_chart(rungs, "Norway"), partner_chart(edges, "Norway")) == drawn
    with remembering(later := Memory("a", memory.data())):
        # A column that the chart does not show does not matter.
        assert (ladder_chart(rungs, "Norway"), partner_chart(edges.assign(p=0.5), "Norway")) == drawn
    assert later.made == 0
