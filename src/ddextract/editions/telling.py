"""What changed, told: as a record, as lines, as a page, as a digest to mail."""

from __future__ import annotations

import csv
import io
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from importlib.resources import files
from typing import Any

from ddextract.codebook import load_codebook
from ddextract.corpus import states
from ddextract.editions.compare import KINDS, SUBJECTS, Change, Comparison, Measure, Pair

SCHEMA = "ddextract.diff/1"
SHOWN = 8
"""Pairs of sentences that the page shows of one change."""
WIDTH = 76


def title_of(change: Change) -> str:
    """Return the name of an instrument, partner or objective for a person."""
    if change.subject == "partner":
        return states().get(change.code, change.code)
    concepts = load_codebook().concepts
    return concepts[change.code].title["en"] if change.code in concepts else change.code


def ordered(comparison: Comparison) -> list[Change]:
    """Return what changed: instruments first, what came and went first."""
    rank = {kind: i for i, kind in enumerate(KINDS)}
    changed = [c for c in comparison.changes if c.kind != "steady"]
    return sorted(changed, key=lambda c: (c.state, SUBJECTS.index(c.subject), rank[c.kind], -abs(c.new.count - c.old.count), c.code))


def answer(comparison: Comparison) -> str:
    """Return the whole in one sentence."""
    changed = ordered(comparison)
    if not changed:
        return "Nothing changed"
    counts = Counter((c.subject, c.kind) for c in changed)
    parts = []
    for subject in SUBJECTS:
        own = [f"{counts[subject, kind]} {kind}" for kind in KINDS if counts[subject, kind]]
        if own:
            parts.append(f"{subject}s: {', '.join(own)}")
    return "; ".join(parts)[:1].upper() + "; ".join(parts)[1:]


def record(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """Return comparisons as JSON-ready data."""
    return {"schema": SCHEMA, "comparisons": [_record(c) for c in comparisons]}


def _record(comparison: Comparison) -> dict[str, Any]:
    return {
        "old": comparison.old.name,
        "new": comparison.new.name,
        "answer": answer(comparison),
        "factors": comparison.factors,
        "incomparable": comparison.incomparable,
        "steady": sum(c.kind == "steady" for c in comparison.changes),
        "changes": [
            {
                "state": c.state, "subject": c.subject, "code": c.code, "title": title_of(c), "kind": c.kind, "cause": c.cause, "proof": c.proof,
                "shares": {k: {"came": a, "went": b} for k, (a, b) in c.shares.items()}, "chance": c.chance,
                "old": _measure(c.old), "new": _measure(c.new),
                "sentences": [{"how": p.how, "old": asdict(p.old) if p.old else None, "new": asdict(p.new) if p.new else None} for p in c.pairs],
            }
            for c in ordered(comparison)
        ],
    }  # fmt: skip


def _measure(measure: Measure) -> dict[str, Any]:
    return {
        "mentions": measure.count,
        "planned": measure.planned,
        "words": measure.words,
        "per_10000_words": round(measure.rate, 2),
        "standing": measure.standing,
    }


def lines(comparisons: Sequence[Comparison], *, sentences: int = 2) -> Iterator[str]:
    """Yield a table for the terminal, with the first sentences of each change.

    Args:
        comparisons: What to tell.
        sentences: Pairs of sentences shown of each change.
    """
    for comparison in comparisons:
        yield f"old  {comparison.old.name}"
        yield f"new  {comparison.new.name}"
        yield answer(comparison)
        state = ""
        for c in ordered(comparison):
            if c.state != state:
                state = c.state
                yield ""
                yield f"{states().get(state, state)}  {c.old.words:,} words then, {c.new.words:,} now"
            standing = c.new.standing if c.old.standing == c.new.standing else f"{c.old.standing} → {c.new.standing}"
            yield f"  {c.kind:<13}{c.subject:<11}{title_of(c)[:38]:<40}{c.old.count:>4} → {c.new.count:<4} {standing:<24} {c.cause}"
            for pair in [p for p in c.pairs if p.how != "same"][:sentences]:
                if pair.old:
                    yield f"      - {_short(pair.old.text)}"
                if pair.new:
                    yield f"      + {_short(pair.new.text)}"
        yield from comparison.moved
        for line in comparison.incomparable:
            yield f"not compared: {line}"
        for name, text in comparison.factors.items():
            yield f"{name}: {text}"
        yield ""


def _short(text: str, length: int = 140) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rpartition(' ')[0]}…"


def table(comparisons: Sequence[Comparison]) -> str:
    """Return all changes as CSV, a line each."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(
        ["old", "new", "state", "subject", "code", "kind", "cause", "mentions_old", "mentions_new", "rate_old", "rate_new", "standing_old", "standing_new",
         "chance", "sentence_old", "sentence_new", "proof"]
    )  # fmt: skip
    for comparison in comparisons:
        for c in ordered(comparison):
            first = next((p for p in c.pairs if p.how != "same"), c.pairs[0] if c.pairs else Pair("same", None, None))
            writer.writerow(
                [comparison.old.name, comparison.new.name, c.state, c.subject, c.code, c.kind, c.cause, c.old.count, c.new.count, round(c.old.rate, 2),
                 round(c.new.rate, 2), c.old.standing, c.new.standing, "" if c.chance is None else round(c.chance, 4), first.old.text if first.old else "",
                 first.new.text if first.new else "", c.proof]
            )  # fmt: skip
    return buffer.getvalue()


def digest(comparisons: Sequence[Comparison]) -> str:
    """Return a mail: a subject line, an empty line, plain text of at most 78 columns."""
    changed = [c for comparison in comparisons for c in ordered(comparison)]
    instruments = [c for c in changed if c.subject == "instrument"]
    concerned = sorted({c.state for c in changed})
    where = f" ({', '.join(concerned)})" if 0 < len(concerned) <= 6 else ""
    subject = f"ddextract: {len(instruments)} instrument change(s){where}" if changed else "ddextract: nothing changed"
    parts = [f"Subject: {subject}", ""]
    for comparison in comparisons:
        parts += _wrapped(f"{answer(comparison)}.")
        parts += [*_wrapped(f"Old: {comparison.old.name}. New: {comparison.new.name}."), ""]
        for c in ordered(comparison):
            head = f"{c.state}: {title_of(c)} {c.kind} ({c.subject}; {c.old.count} -> {c.new.count} mentions; cause: {c.cause or 'not examined'})"
            parts += _wrapped(head, "* ")
            pair = next((p for p in c.pairs if p.how != "same"), None)
            if pair and pair.old:
                parts += _wrapped(f"was: {_short(pair.old.text, 220)} [{pair.old.document}{f', p. {pair.old.page}' if pair.old.page else ''}]", "    ")
            if pair and pair.new:
                parts += _wrapped(f"now: {_short(pair.new.text, 220)} [{pair.new.document}{f', p. {pair.new.page}' if pair.new.page else ''}]", "    ")
            parts.append("")
        for line in comparison.moved:
            parts += _wrapped(f"{line[0].upper()}{line[1:]}", "! ")
        for line in comparison.incomparable:
            parts += _wrapped(f"Not compared: {line}", "! ")
    return "\n".join(parts).rstrip() + "\n"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent), break_long_words=False, break_on_hyphens=False) or [indent]


def page(comparisons: Sequence[Comparison]) -> str:
    """Return a page that opens from disk: what changed, with old and new sentence side by side."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("ddextract.editions").joinpath("page.html").read_text(encoding="utf-8"))
    return template.render(comparisons=[_shown(i, c) for i, c in enumerate(comparisons)]) + "\n"


def _shown(number: int, comparison: Comparison) -> dict[str, Any]:
    changed = ordered(comparison)
    groups = []
    for state in sorted({c.state for c in comparison.changes}):
        own = [c for c in comparison.changes if c.state == state]
        groups.append(
            {
                "code": state,
                "name": states().get(state, state),
                "words": (max(c.old.words for c in own), max(c.new.words for c in own)),
                "steady": sum(c.kind == "steady" for c in own),
                "changes": [_change(number, c) for c in changed if c.state == state],
            }
        )
    return {
        "answer": answer(comparison), "old": comparison.old.name, "new": comparison.new.name, "states": groups, "factors": comparison.factors,
        "incomparable": comparison.incomparable,
    }  # fmt: skip


def _change(number: int, change: Change) -> dict[str, Any]:
    told = [p for p in change.pairs if p.how != "same"] or list(change.pairs)
    shown = told[:SHOWN]
    return {
        "anchor": f"{number}-{change.state}-{change.subject}-{change.code}", "title": title_of(change), "subject": change.subject, "kind": change.kind,
        "old": change.old, "new": change.new, "cause": change.cause, "proof": change.proof, "chance": change.chance,
        "pairs": [{"old": p.old, "new": p.new, **_marked(p)} for p in shown], "more": len(change.pairs) - len(shown),
    }  # fmt: skip


def _marked(pair: Pair) -> dict[str, Any]:
    """Return both sentences with the words that differ marked."""
    from markupsafe import Markup, escape

    if pair.old is None or pair.new is None:
        return {"old_marked": pair.old.text if pair.old else "", "new_marked": pair.new.text if pair.new else ""}
    a, b = pair.old.text.split(), pair.new.text.split()
    left: list[str] = []
    right: list[str] = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        gone, come = escape(" ".join(a[i1:i2])), escape(" ".join(b[j1:j2]))
        left += [str(gone) if what == "equal" else f"<del>{gone}</del>"] if i2 > i1 else []
        right += [str(come) if what == "equal" else f"<ins>{come}</ins>"] if j2 > j1 else []
    # Every part was escaped above.
    return {"old_marked": Markup(" ".join(left)), "new_marked": Markup(" ".join(right))}
