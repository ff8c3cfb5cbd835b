"""The page on notebooks: every block of it runs, in order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest


def test_every_block_of_the_page_runs(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (root / "docs" / "how-to" / "notebook.md").read_text(encoding="utf-8"), re.S)
    assert len(blocks) == 5
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "notebook.md", "exec"), names)
    assert (tmp_path / "france.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (tmp_path / "results" / "report" / "comparison.html").is_file()
    assert names["run"].profile("FRA")["counting_mentions"].sum() == names["again"].profile("FRA")["counting_mentions"].sum()
    assert names["comparison"].core(quorum=2) == names["dd"].compare(names["again"]).core(quorum=2)
