"""The sentences that an address opens, worked out from the script files of a report without a browser."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

LINK = re.compile(r"""<a\b[^>]*?href="([^"]*#\?[^"]*)"[^>]*>(.*?)</a>""", re.S)
READER = re.compile(r'<section aria-labelledby="sentences" class="reader" data-root="([^"]*)" data-sources="([^"]*)" data-fixed="([^"]*)"')


def sentence_rows(report: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each document's script file as records."""
    found = {}
    for path in sorted((report / "sentences").glob("*.js")):
        text = path.read_text(encoding="utf-8")
        record = json.loads(text[text.index("{") : text.rindex("}") + 1])
        assert record["document"] == path.stem
        rows = [dict(zip(record["facets"], row, strict=False)) for row in record["rows"]]
        found[path.stem] = [{**row, "document": path.stem, "year": record["year"], "html": cells[-1]} for row, cells in zip(rows, record["rows"], strict=True)]
    return found


def chosen(rows: list[dict[str, Any]], query: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Return the rows that a query admits: the values of a facet are alternatives, facets narrow each other, empty is none named."""
    query = query if "label" in query else {**query, "label": ["INSTRUMENT"]}

    def has(own: Any, wanted: list[str]) -> bool:
        if isinstance(own, list):
            return any((not own) if value == "" else value in own for value in wanted)
        return str(own) in wanted

    return [row for row in rows if all(has(row[name], wanted) for name, wanted in query.items())]


def doors(page: Path) -> list[tuple[Path, str, str]]:
    """Return the links of a page that open sentences: the page they lead to, the query, and the words of the link."""
    result = []
    for address, words in LINK.findall(page.read_text(encoding="utf-8")):
        name, _, query = unescape(address).partition("#?")
        target = (page.parent / unquote(name)).resolve() if name else page.resolve()
        counted = re.search(r'<span class="n">(.*?)</span>', words)
        result.append((target, query, re.sub(r"<[^>]*>", "", counted[1] if counted else words).strip()))
    return result


def opened(report: Path, target: Path, query: str, rows: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the sentences that a page opens for a query."""
    match = READER.search(target.read_text(encoding="utf-8"))
    assert match, f"{target} has no list of sentences"
    own = [row for slug in match[2].split() for row in rows[slug]]
    fixed = parse_qs(unescape(match[3]), keep_blank_values=True)
    return chosen(chosen(own, fixed), parse_qs(query, keep_blank_values=True)) if fixed else chosen(own, parse_qs(query, keep_blank_values=True))
