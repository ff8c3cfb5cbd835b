"""What a reader should make of a document: the truth that every set of layouts writes beside its files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Truth:
    """The truth of one document.

    Attributes:
        name: Layout, and name of the files.
        language: ISO 639-1 code.
        blocks: Kind and text of each block in reading order.
        furniture: Page, kind and text of each running head, foot and page number.
        footnotes: Text of each footnote without its number.
        tables: How many there are.
        pages: How many there are.
    """

    name: str
    language: str
    blocks: list[tuple[str, str]] = field(default_factory=list)
    furniture: list[tuple[int, str, str]] = field(default_factory=list)
    footnotes: list[str] = field(default_factory=list)
    tables: int = 0
    pages: int = 0

    def save(self, folder: Path, pages: int) -> None:
        """Write it beside the file of its name."""
        self.pages = pages
        (folder / f"{self.name}.json").write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), "utf-8")
