"""How every page is made from its template: one environment, in which document text is never trusted."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def page_environment() -> Environment:
    """Return the templates' environment: all text escaped, an unknown name a fault."""
    environment = Environment(
        loader=PackageLoader("ddextract.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["printable"] = printable
    return environment


def printable(text: str) -> str:
    """Return text without the control characters that HTML forbids."""
    return "".join(c if c >= " " or c in "\t\n" else " " for c in text)
