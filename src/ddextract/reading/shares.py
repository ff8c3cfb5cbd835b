"""How much of a document is in which language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ddextract.document import UNREAD, Block


def main_language(blocks: Iterable[Block]) -> str | None:
    """Return the language of most characters outside furniture and contents, None where none was decided."""
    counts: Counter[str] = Counter()
    for block in blocks:
        if block.language and block.kind not in UNREAD:
            counts[block.language] += block.end - block.start
    return counts.most_common(1)[0][0] if counts else None
