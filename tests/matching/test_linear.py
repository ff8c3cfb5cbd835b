"""The linear model as data: decides, explains itself, survives storing, refuses what is no model."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from ddextract.errors import DataError
from ddextract.matching.linear import LinearModel, from_rows


@pytest.fixture
def model() -> LinearModel:
    return from_rows(["a", "b"], ["x", "y"], np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([0.25, 0.0]), unit=False)


def test_log_odds_are_weights_times_values_plus_intercept(model: LinearModel) -> None:
    assert model.decide({"x": 2.0, "y": 1.0}).tolist() == [2.75, 0.0]


def test_unknown_features_are_left_out(model: LinearModel) -> None:
    assert model.decide({"never seen": 9.0}).tolist() == [0.25, 0.0]


def test_values_are_scaled_to_unit_length_where_the_model_says_so() -> None:
    model = from_rows(["a"], ["x", "y"], np.array([[1.0], [1.0]]), np.array([0.0]), unit=True)
    assert model.decide({"x": 3.0, "y": 4.0})[0] == pytest.approx(1.4)


def test_contributions_and_intercept_sum_to_the_log_odds(model: LinearModel) -> None:
    values = {"x": 2.0, "y": 1.0, "never seen": 1.0}
    told = model.contributions(values, "a")
    assert set(told) == {"x", "y"}
    assert sum(told.values()) + 0.25 == pytest.approx(float(model.decide(values)[0]))


def test_a_stored_model_decides_the_same_and_equal_models_give_equal_bytes(model: LinearModel, tmp_path: Path) -> None:
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"
    model.save(first)
    again = LinearModel.load(first)
    again.save(second)
    assert first.read_bytes() == second.read_bytes()
    assert again.decide({"x": 0.3, "y": -2.0}).tolist() == model.decide({"x": 0.3, "y": -2.0}).tolist()


def test_a_pickle_in_a_model_is_not_loaded(model: LinearModel, tmp_path: Path) -> None:
    path = tmp_path / "m.zip"
    model.save(path)
    with zipfile.ZipFile(path) as file:
        members = {n: file.read(n) for n in file.namelist()}
    import io

    buffer = io.BytesIO()
    np.save(buffer, np.array([{"code": "runs"}], dtype=object), allow_pickle=True)
    members["weights.npy"] = buffer.getvalue()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    with pytest.raises(DataError, match="not a model"):
        LinearModel.load(path)


@pytest.mark.parametrize("content", [b"", b"no zip at all"])
def test_a_damaged_file_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.zip"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"m\.zip.*not a model"):
        LinearModel.load(path)
