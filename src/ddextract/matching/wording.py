"""The notation of wordings, and their translation into spaCy token patterns.

A wording is a line a scholar can read: ``joint|combined naval? exercise``. See docs/how-to/add-a-phrase.md.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TokenPattern = dict[str, Any]

MAX_EXPANSIONS = 512
"""Plain alternatives that one wording may stand for; more is a wording to split."""

DASH = "-"
_ITEM = re.compile(r"\(|\)|\[|\]|\.\.\.|\.\.|~|\||\?|[^\s()\[\]|?~]+")
_ACTOR_CLASSES: Mapping[str, tuple[str, ...]] = {
    "state": ("state",),
    "org": ("international_organisation",),
    "region": ("region",),
    "actor": ("state", "international_organisation", "region"),
    "ministry": ("defence_ministry",),
    "force": ("armed_forces", "command"),
    "official": ("official",),
    "centre": ("training_centre",),
    "industry": ("defence_industry",),
    "attache": ("attache_service",),
}


class WordingError(ValueError):
    """A wording that does not follow the notation."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a wording.

    Attributes:
        pattern: The spaCy token pattern.
        literals: Normalised words any of which must stand here; empty for gaps, classes of actors, optional slots.
        gap: Whether it only bridges.
        inside: Whether it belongs to the mention.
    """

    pattern: TokenPattern
    literals: frozenset[str]
    gap: bool
    inside: bool


@dataclass(frozen=True, slots=True)
class Compiled:
    """A wording ready for a spaCy ``Matcher``: one of its plain alternatives."""

    wording: str
    slots: tuple[Slot, ...]

    def anchors(self, weight: Callable[[str], float]) -> frozenset[str]:
        """Return the literals of the slot that is rarest by ``weight``; empty if no slot has any."""
        candidates = [slot.literals for slot in self.slots if slot.literals]
        return min(candidates, key=lambda words: sum(weight(w) for w in words), default=frozenset())


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the notation needs of a language: how words vary, classes of words, words that end a gap.

    Attributes:
        forms: Word to its normalised inflected forms.
        normal: Word to its normalised form.
        classes: ``@name`` to its wordings (single words).
        gap_stops: Normalised words over which the light gap ``~`` does not reach.
    """

    forms: Callable[[str], frozenset[str]]
    normal: Callable[[str], str]
    classes: Mapping[str, tuple[str, ...]]
    gap_stops: tuple[str, ...]


_Node = tuple[str, Any]


def _parse(wording: str) -> list[_Node]:
    items = _ITEM.findall(wording)
    pos = 0

    def sequence(closing: str) -> list[_Node]:
        nonlocal pos
        branches: list[list[_Node]] = [[]]
        word_bar = False
        while pos < len(items):
            item = items[pos]
            pos += 1
            if item == closing:
                return [("alt", branches)] if len(branches) > 1 else branches[0]
            if item == "(":
                node: _Node = ("group", sequence(")"))
            elif item == "[":
                node = ("mark", sequence("]"))
            elif item in (")", "]"):
                raise WordingError(f"'{item}' without its partner in '{wording}'")
            elif item == "|":
                # Inside round brackets a bar parts whole branches; between two single words it parts words.
                if closing == ")":
                    branches.append([])
                else:
                    word_bar = True
                continue
            elif item == "?":
                if not branches[-1]:
                    raise WordingError(f"'?' with nothing before it in '{wording}'")
                branches[-1][-1] = ("optional", branches[-1][-1])
                continue
            elif item in ("~", "..", "..."):
                node = ("gap", item)
            else:
                node = ("words", [item])
            if word_bar:
                word_bar = False
                last = branches[-1][-1] if branches[-1] else None
                if last is None:
                    raise WordingError(f"'|' with nothing before it in '{wording}'")
                if last[0] == "words" and node[0] == "words":
                    branches[-1][-1] = ("words", [*last[1], *node[1]])
                else:
                    options = last[1] if last[0] == "alt" else [[last]]
                    branches[-1][-1] = ("alt", [*options, [node]])
            else:
                branches[-1].append(node)
        if closing:
            raise WordingError(f"'{closing}' is missing in '{wording}'")
        return branches[0]

    return sequence("")


def _expand(nodes: list[_Node]) -> Iterable[list[_Node]]:
    """Yield the plain sequences a parsed wording stands for (only groups and alternatives are multiplied out)."""
    parts: list[list[list[_Node]]] = []
    for kind, value in nodes:
        if kind == "group":
            parts.append(list(_expand(value)))
        elif kind == "alt":
            parts.append([seq for branch in value for seq in _expand(branch)])
        elif kind == "mark":
            parts.append([[("open", None), *seq, ("close", None)] for seq in _expand(value)])
        elif kind == "optional" and value[0] in ("group", "mark", "alt"):
            parts.append([[], *_expand([value])])
        else:
            parts.append([[(kind, value)]])
    total = 1
    for part in parts:
        total *= len(part)
    if total > MAX_EXPANSIONS:
        raise WordingError(f"stands for {total} plain alternatives (at most {MAX_EXPANSIONS}); split it")
    for combination in itertools.product(*parts):
        yield [node for seq in combination for node in seq]


def _word_slots(words: list[str], optional: bool, inside: bool, lexicon: Lexicon) -> list[list[Slot]]:
    """Return the alternatives (each a list of slots) that one place of single words stands for."""
    exact: set[str] = set()
    cased: set[str] = set()
    actors: list[str] = []
    compounds: list[str] = []

    def take(word: str) -> None:
        if word.startswith("@"):
            name = word[1:]
            if name in lexicon.classes:
                for member in lexicon.classes[name]:
                    take(member)
            elif name in _ACTOR_CLASSES:
                actors.extend(_ACTOR_CLASSES[name])
            else:
                known = ", ".join(sorted({*lexicon.classes, *_ACTOR_CLASSES}))
                raise WordingError(f"no class '@{name}'; known: {known}")
        elif word.startswith("="):
            exact.add(lexicon.normal(word[1:]))
        elif DASH in word.strip(DASH):
            compounds.append(word)
        elif len(word) > 1 and word.isupper():
            cased.add(word)
        else:
            exact.update(lexicon.forms(word))

    for word in words:
        take(word)
    op = {"OP": "?"} if optional else {}
    alternatives: list[list[Slot]] = []
    joined = {form for word in compounds for form in lexicon.forms(word.replace(DASH, ""))}
    if exact or joined:
        everything = frozenset(exact | joined)
        alternatives.append([Slot({"NORM": {"IN": sorted(everything)}, **op}, frozenset() if optional else everything, False, inside)])
    if cased:
        alternatives.append([Slot({"ORTH": {"IN": sorted(cased)}, **op}, frozenset() if optional else frozenset(lexicon.normal(w) for w in cased), False, inside)])
    if actors:
        slot = Slot({"ENT_TYPE": {"IN": sorted(set(actors))}, "OP": "*" if optional else "+"}, frozenset(), False, inside)
        alternatives.append([slot])
    for word in compounds:
        parts = word.split(DASH)
        slots: list[Slot] = []
        for i, part in enumerate(parts):
            forms = lexicon.forms(part) if i == len(parts) - 1 else frozenset({lexicon.normal(part)})
            slots.append(Slot({"NORM": {"IN": sorted(forms)}}, forms, False, inside))
        alternatives.append(slots)
        if optional and len(alternatives) == 1:
            alternatives.append([])
    return alternatives


def _gap(kind: str, inside: bool, lexicon: Lexicon) -> Slot:
    if kind == "~":
        return Slot({"NORM": {"NOT_IN": [*lexicon.gap_stops, ".", ";", ":", "(", ")", "!", "?"]}, "OP": "{0,4}"}, frozenset(), True, inside)
    reach = 5 if kind == ".." else 10
    return Slot({"NORM": {"NOT_IN": [".", ";", ":", "(", ")", "!", "?"]}, "OP": f"{{0,{reach}}}"}, frozenset(), True, inside)


def compile_wording(wording: str, lexicon: Lexicon) -> list[Compiled]:
    """Translate a wording into token patterns.

    Args:
        wording: A line in the notation.
        lexicon: The language's words.

    Returns:
        One compiled pattern per plain alternative.

    Raises:
        WordingError: It does not follow the notation, or stands for too many alternatives.
    """
    compiled: list[Compiled] = []
    for sequence in _expand(_parse(wording)):
        marked = any(kind == "open" for kind, _ in sequence)
        inside = not marked
        choices: list[list[list[Slot]]] = []
        for kind, value in sequence:
            if kind == "open":
                inside = True
            elif kind == "close":
                inside = False
            elif kind == "gap":
                choices.append([[_gap(value, inside, lexicon)]])
            elif kind == "optional":
                choices.append(_word_slots(value[1], True, inside, lexicon))
            else:
                choices.append(_word_slots(value, False, inside, lexicon))
        for combination in itertools.product(*choices):
            slots = _with_dashes([slot for part in combination for slot in part])
            if not any(not slot.gap and slot.pattern.get("OP") not in ("?", "*") for slot in slots):
                raise WordingError(f"nothing in '{wording}' must be there")
            compiled.append(Compiled(wording, slots))
    if len(compiled) > MAX_EXPANSIONS:
        raise WordingError(f"stands for {len(compiled)} plain alternatives (at most {MAX_EXPANSIONS}); split it")
    return compiled


def _with_dashes(slots: list[Slot]) -> tuple[Slot, ...]:
    """Let a dash stand between any two neighbouring words, so that hyphenation never matters."""
    result: list[Slot] = []
    for before, slot in itertools.pairwise([None, *slots]):
        assert slot is not None
        if before is not None and not before.gap and not slot.gap:
            result.append(Slot({"NORM": DASH, "OP": "?"}, frozenset(), True, before.inside and slot.inside))
        result.append(slot)
    return tuple(result)
