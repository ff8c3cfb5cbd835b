"""A run read back from its folder: the tables as they were written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddextract.codebook import Codebook, load_codebook
from ddextract.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from ddextract.notebook import StateProfile

NEEDED = ("documents.parquet", "mentions.parquet", "profiles.csv", "summary.json")


@dataclass(frozen=True)
class SavedRun:
    """The tables of a run that lies in a folder.

    Attributes:
        folder: Where it lies.
        documents: A row per input.
        mentions: A row per mention; lists as JSON.
        profiles: A row per state and code.
        check: A row per state with a hand-coded list and code.
        items: A row per item of the lists.
        summary: The figures.
        codebook: The codebook, ours with the run's own folders if they are still there.
        lists: Folders of own lists that the run used.
    """

    folder: Path
    documents: pd.DataFrame = field(repr=False)
    mentions: pd.DataFrame = field(repr=False)
    profiles: pd.DataFrame = field(repr=False)
    check: pd.DataFrame = field(repr=False)
    items: pd.DataFrame = field(repr=False)
    summary: Mapping[str, Any] = field(repr=False)
    codebook: Codebook = field(repr=False)
    lists: tuple[Path, ...] = ()

    @cached_property
    def texts(self) -> dict[str, str]:
        """The text of each document, by id."""
        return {p.stem: p.read_bytes().decode("utf-8") for p in sorted((self.folder / "text").glob("*.txt"))}

    def profile(self, state: str) -> StateProfile:
        """Return the profile of one state, a row per code; it can draw itself (``chart()``)."""
        from ddextract.notebook import state_profile

        return state_profile(self.profiles, self.codebook, state)

    @property
    def states(self) -> list[str]:
        """The states read."""
        return sorted({str(s) for s in self.profiles["state"]})


def read_run(folder: Path | str) -> SavedRun:
    """Read the tables of a run.

    Args:
        folder: The ``--out`` folder of ``ddextract run``.

    Raises:
        UsageError: The folder holds no run, or one of an older version.
    """
    import pandas as pd

    folder = Path(folder)
    for name in NEEDED:
        if not (folder / name).is_file():
            raise UsageError(f"{folder}: holds no {name}. Give the --out folder of a run (ddextract run …).")
    profiles = pd.read_csv(folder / "profiles.csv", keep_default_na=False, na_values=[""])
    if "evidence_rule" not in profiles:
        raise UsageError(f"{folder}: was written by an older version. Run ddextract run again.")
    optional = {name: folder / f"{name}.csv" for name in ("check", "items")}
    tables = {name: pd.read_csv(path) if path.is_file() else pd.DataFrame() for name, path in optional.items()}
    settings = _settings(folder)
    own = patterns_of(folder)
    return SavedRun(
        folder,
        _null(pd.read_parquet(folder / "documents.parquet")),
        _null(pd.read_parquet(folder / "mentions.parquet")),
        profiles,
        tables["check"],
        tables["items"],
        json.loads((folder / "summary.json").read_text(encoding="utf-8")),
        load_codebook(*own),
        tuple(Path(p) for p in settings.get("lists", ()) if Path(p).is_dir()),
    )


def patterns_of(folder: Path) -> tuple[Path, ...]:
    """Return the folders of own pages that a run was made with and that are still there."""
    return tuple(Path(p) for p in _settings(folder).get("patterns", ()) if Path(p).is_dir())


def _settings(folder: Path) -> dict[str, Any]:
    path = folder / "run.json"
    settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")).get("settings", {}) if path.is_file() else {}
    return settings


def _null(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose empty cells of text are None, as they are in a run."""
    text = [c for c in frame.columns if str(frame[c].dtype) in ("str", "string", "object")]
    return frame.assign(**{c: frame[c].astype(object).where(frame[c].notna(), None) for c in text})
