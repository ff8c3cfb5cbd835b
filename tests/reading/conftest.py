"""What the tests of reading share: the benchmark that draws layouts with known truth and scores what is read of them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "ingestion"


@pytest.fixture(scope="session")
def measure() -> ModuleType:
    """The benchmark of ingestion, which lies outside the package."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module("measure")
    finally:
        sys.path.remove(str(FOLDER))
