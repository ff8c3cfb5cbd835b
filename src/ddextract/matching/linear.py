"""A linear model as data: names of features and their weights per label, stored without code that could run on loading."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddextract.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = "ddextract.linear/1"


@dataclass(frozen=True)
class LinearModel:
    """Labels, features and weights of a linear model (logistic regression, one against the rest).

    Attributes:
        labels: Names of the columns.
        features: Name of a feature to its row.
        weights: Features x labels, float32.
        intercept: One per label, float32.
        unit: Whether the feature values of an input are scaled to unit length first.
    """

    labels: tuple[str, ...]
    features: Mapping[str, int]
    weights: NDArray[np.float32]
    intercept: NDArray[np.float32]
    unit: bool = False

    def decide(self, values: Mapping[str, float]) -> NDArray[np.float32]:
        """Return the log odds per label.

        Args:
            values: Feature to value; features the model does not know are left out.
        """
        import numpy as np

        rows, known = self._known(values)
        if not rows:
            return self.intercept.copy()
        return np.asarray(known @ self.weights[rows] + self.intercept, dtype=np.float32)

    def contributions(self, values: Mapping[str, float], label: str) -> dict[str, float]:
        """Return what each known feature adds to the log odds of a label."""
        rows, known = self._known(values)
        column = self.labels.index(label)
        names = [name for name in values if name in self.features]
        return {name: float(value * self.weights[row, column]) for name, row, value in zip(names, rows, known, strict=True)}

    def _known(self, values: Mapping[str, float]) -> tuple[list[int], NDArray[np.float32]]:
        import numpy as np

        rows: list[int] = []
        known: list[float] = []
        for name, value in values.items():
            row = self.features.get(name)
            if row is not None:
                rows.append(row)
                known.append(value)
        vector = np.asarray(known, dtype=np.float32)
        if self.unit and rows:
            vector /= float(np.sqrt((vector**2).sum())) or 1.0
        return rows, vector

    def save(self, path: Path) -> None:
        """Write the model: a zip of a JSON header, the names and arrays of 16-bit floats; equal models give equal bytes."""
        import numpy as np

        header = {"format": FORMAT, "labels": list(self.labels), "unit": self.unit}
        names = sorted(self.features, key=self.features.__getitem__)
        arrays: dict[str, NDArray[Any]] = {"weights.npy": self.weights.astype(np.float16), "intercept.npy": self.intercept.astype(np.float32)}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
            _put(file, "header.json", json.dumps(header, ensure_ascii=False, sort_keys=True).encode())
            _put(file, "features.txt", "\n".join(names).encode())
            for name, array in arrays.items():
                buffer = io.BytesIO()
                np.save(buffer, array, allow_pickle=False)
                _put(file, name, buffer.getvalue())

    @staticmethod
    def load(path: Path) -> LinearModel:
        """Read a model; nothing in the file is executed (no pickle).

        Raises:
            DataError: The file is no model, or damaged.
        """
        import numpy as np

        try:
            with zipfile.ZipFile(path) as file:
                header: dict[str, Any] = json.loads(file.read("header.json"))
                names = file.read("features.txt").decode().split("\n")
                weights = np.load(io.BytesIO(file.read("weights.npy")), allow_pickle=False).astype(np.float32)
                intercept = np.load(io.BytesIO(file.read("intercept.npy")), allow_pickle=False).astype(np.float32)
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise DataError(path, "", f"not a model of ddextract ({error}); restore the file or train again (ddextract train)") from None
        if header.get("format") != FORMAT or weights.shape != (len(names), len(header["labels"])) or intercept.shape != (len(header["labels"]),):
            raise DataError(path, "header.json", f"not a model of format {FORMAT}; train again (ddextract train)")
        return LinearModel(tuple(header["labels"]), {name: i for i, name in enumerate(names)}, weights, intercept, bool(header["unit"]))


def _put(file: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a member with a fixed date, so that equal contents give equal archives."""
    info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    file.writestr(info, content)


def from_rows(labels: Sequence[str], names: Sequence[str], weights: NDArray[Any], intercept: NDArray[Any], *, unit: bool) -> LinearModel:
    """Return a model from trained coefficients, rounded to the 16 bits it is stored in, so that it decides the same before and after storing.

    Args:
        labels: Names of the columns.
        names: Names of the features, in the order of the rows.
        weights: Features x labels.
        intercept: One per label.
        unit: Whether inputs are scaled to unit length.
    """
    import numpy as np

    stored = np.asarray(weights, dtype=np.float32).astype(np.float16).astype(np.float32)
    return LinearModel(tuple(labels), {name: i for i, name in enumerate(names)}, stored, np.asarray(intercept, dtype=np.float32), unit)
