"""ddextract: which instruments of defence diplomacy a state says it uses, and where it says so.

The public verbs, in the order of the flow: :func:`read_document`, :func:`tag_text`, :func:`run`, :func:`profile_states`,
:func:`check_profiles`, :func:`compare`, :func:`write_run`; :func:`read_run` reads a run back. They load their libraries when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ddextract.codebook import load_codebook
    from ddextract.job import Settings, run
    from ddextract.lists import check_profiles, load_lists
    from ddextract.notebook import article_lists, compare, comparison_charts
    from ddextract.output import write_run
    from ddextract.profile import profile_states
    from ddextract.reading import read_document
    from ddextract.saved import read_run
    from ddextract.tagging import tag_document, tag_text

__all__ = [
    "Settings", "article_lists", "check_profiles", "compare", "comparison_charts", "load_codebook", "load_lists", "profile_states", "read_document",
    "read_run", "run", "tag_document", "tag_text", "write_run",
]  # fmt: skip

_HOME = {
    "load_codebook": "codebook", "read_document": "reading", "tag_document": "tagging", "tag_text": "tagging", "Settings": "job", "run": "job",
    "profile_states": "profile", "load_lists": "lists", "check_profiles": "lists", "article_lists": "notebook", "compare": "notebook",
    "comparison_charts": "notebook", "read_run": "saved", "write_run": "output",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(f"ddextract.{_HOME[name]}"), name)
    raise AttributeError(f"module 'ddextract' has no attribute '{name}'")
