"""The words by which parts of a document are known, from ``headings.toml``."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources

CAPTION = re.compile(r"^(\S+)\s+(?:[A-Z]\.?)?(?:\d+|[IVXLC]+\b)(?:[-.]\d+)*\s*[.:–—\-|]?\s*")
NUMBERED = re.compile(
    r"^[\divxlcIVXLC]+(?:[.)]\d*)*\s+"
    r"|^(?:annex|annexe|anexo|appendix|chapter|chapitre|capítulo|part|partie|parte)\s+(?:[\da-z]{1,5}\s*[-–—:.]+\s*|\S+\s+)",
    re.I,
)


@functools.cache
def terms(name: str) -> frozenset[str]:
    """Return one of the lists, in lower case."""
    data = tomllib.loads(resources.files("ddextract.reading").joinpath("headings.toml").read_text("utf-8"))
    return frozenset(data[name])


def part_named(heading: str) -> str | None:
    """Return ``contents``, ``bibliography``, ``glossary`` or ``notes`` if a heading names such a part."""
    text = " ".join(heading.split()).casefold().strip(" .:")
    bare = NUMBERED.sub("", text, count=1).strip(" .:") or text
    for name in ("contents", "bibliography", "glossary", "notes"):
        if text in terms(name) or bare in terms(name):
            return name
    return None


def is_caption(text: str) -> bool:
    """Return whether a text begins like a caption: "Table 3.", "Figure II-1"."""
    found = CAPTION.match(text)
    return bool(found) and found is not None and found[1].casefold() in terms("caption")
