"""A new page of the codebook, as a commented template for a scholar to fill in."""

from __future__ import annotations

import re
from pathlib import Path

from ddextract.codebook import KINDS
from ddextract.errors import OutputError, UsageError

_TEMPLATE = """# {title}: one page of the codebook. The file name is the code. Notation: docs/how-to/add-a-phrase.md
family = "{family}"
title = {{ en = "{title}", fr = "{title}", es = "{title}" }}
definition = "What counts, in a sentence."
include = []
exclude = ["What does not."]
source = []
# a hit that overlaps a hit of one of these codes is dropped
yields_to = []

[[phrasing.en]]
# one wording per line; a word matches all its inflections; a|b alternatives; word? optional; ~ and .. gaps; [ ] marks the span
match = ["{words}"]
# contexts that must hold in the sentence (patterns/languages/en.toml), e.g. "partner", "military"; "partner*" also takes heading and previous sentence
needs = []
# wordings that veto a hit they overlap, and wordings that veto anywhere in the sentence
veto = []
unless = []
score = 0.9
# every example must be hit, every wording must hit an example, no counterexample may be hit
examples = ["We value {words} with our neighbours."]
counterexamples = []
"""


def new_page(name: str, folder: Path, kind: str) -> Path:
    """Write the template of a new page.

    Args:
        name: The code: lower-case letters, digits and underscores.
        folder: Folder of own pages; made if it is missing.
        kind: ``instruments``, ``adjacent`` or ``objectives``.

    Raises:
        UsageError: Name or kind do not fit, or the page exists.
        OutputError: It cannot be written.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(f"'{name}' is no code. Use lower-case letters, digits and underscores, e.g. naval_diplomacy.")
    if kind not in KINDS:
        raise UsageError(f"--kind {kind} is not known. Choose {', '.join(KINDS)}.")
    path = folder / kind / f"{name}.toml"
    if path.exists():
        raise UsageError(f"{path} exists. Edit it, or choose another name.")
    words = name.replace("_", " ")
    family = {"instruments": "dialogue", "adjacent": "adjacent", "objectives": "objectives"}[kind]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_TEMPLATE.format(title=words.capitalize(), words=words, family=family), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}). Choose another --patterns.") from None
    return path
