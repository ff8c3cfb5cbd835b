"""Fixtures for all tests; nothing here needs the documents beside the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddextract.codebook import Codebook, load_codebook

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def codebook() -> Codebook:
    return load_codebook()


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared_documents() -> Path:
    """The real documents beside the repository; tests that need them skip where they are not."""
    folder = ROOT.parent / "shared" / "documents"
    if not folder.is_dir():
        pytest.skip("the real documents (../shared/documents) are not on this machine")
    return folder
