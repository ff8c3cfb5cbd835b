"""The notation of wordings, and their translation into spaCy token patterns.

A wording is a line a scholar can read: ``joint|combined naval? exercise``. See docs/how-to/add-a-phrase.md.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

MAX_EXPANSIONS = 512
"""Plain alternatives that one wording may stand for; more is a wording to split."""

DASH = "-"
CLAUSE_MARKS = (".", ";", ":", "(", ")", "!", "?")
"""Marks that no gap reaches over."""
ACTOR_REACH = 8
"""Tokens that one actor name may have."""
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
        kind: ``norm`` (normalised words), ``orth`` (words exactly as written), ``actor`` (types of actors), ``gap`` (any word but these).
        words: The words or actor types.
        least: How many tokens it takes at least.
        most: How many at most.
        inside: Whether it belongs to the mention.
    """

    kind: Literal["norm", "orth", "actor", "gap"]
    words: frozenset[str]
    least: int
    most: int
    inside: bool

    @property
    def bridges(self) -> bool:
        """Whether it only bridges: a gap, or the dash that may stand between two words."""
        return self.kind == "gap" or (self.least == 0 and self.words == {DASH})

    def token_pattern(self) -> dict[str, Any]:
        """Return the same place as a token pattern of spaCy's ``Matcher``."""
        attribute = {"norm": "NORM", "orth": "ORTH", "actor": "ENT_TYPE", "gap": "NORM"}[self.kind]
        pattern: dict[str, Any] = {attribute: {"NOT_IN" if self.kind == "gap" else "IN": sorted(self.words)}}
        if (self.least, self.most) != (1, 1):
            pattern["OP"] = f"{{{self.least},{self.most}}}"
        return pattern


@dataclass(frozen=True, slots=True)
class Compiled:
    """One plain alternative of a wording, ready to be searched for.

    Attributes:
        wording: The line it stands for.
        slots: Its places.
        anchors: For each place where a word must stand, the words (normalised); empty elsewhere.
    """

    wording: str
    slots: tuple[Slot, ...]
    anchors: tuple[frozenset[str], ...]


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
    _known: dict[Any, list[list[Slot]]] = field(default_factory=dict, repr=False, compare=False)
    """Places made before: the same words stand in many wordings."""


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
    key = (tuple(words), optional, inside)
    known = lexicon._known.get(key)
    if known is None:
        known = lexicon._known[key] = _made_slots(words, optional, inside, lexicon)
    return known


def _made_slots(words: list[str], optional: bool, inside: bool, lexicon: Lexicon) -> list[list[Slot]]:
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
    least = 0 if optional else 1
    alternatives: list[list[Slot]] = []
    everything = frozenset(exact | {form for word in compounds for form in lexicon.forms(word.replace(DASH, ""))})
    if everything:
        alternatives.append([Slot("norm", everything, least, 1, inside)])
    if cased:
        alternatives.append([Slot("orth", frozenset(cased), least, 1, inside)])
    if actors:
        alternatives.append([Slot("actor", frozenset(actors), least, ACTOR_REACH, inside)])
    for word in compounds:
        parts = word.split(DASH)
        last = len(parts) - 1
        alternatives.append(
            [Slot("norm", lexicon.forms(part) if i == last else frozenset({lexicon.normal(part)}), 1, 1, inside) for i, part in enumerate(parts)]
        )
    return alternatives


def _gap(kind: str, inside: bool, lexicon: Lexicon) -> list[list[Slot]]:
    known = lexicon._known.get((kind, inside))
    if known is None:
        stops = frozenset({*lexicon.gap_stops, *CLAUSE_MARKS} if kind == "~" else CLAUSE_MARKS)
        known = lexicon._known[kind, inside] = [[Slot("gap", stops, 0, {"~": 4, "..": 5, "...": 10}[kind], inside)]]
    return known


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
                choices.append(_gap(value, inside, lexicon))
            elif kind == "optional":
                choices.append(_word_slots(value[1], True, inside, lexicon))
            else:
                choices.append(_word_slots(value, False, inside, lexicon))
        for combination in itertools.product(*choices):
            slots = _with_dashes([slot for part in combination for slot in part])
            anchors = tuple(_anchor_words(slot, lexicon) for slot in slots)
            if not any(slot.least and not slot.bridges for slot in slots):
                raise WordingError(f"nothing in '{wording}' must be there")
            compiled.append(Compiled(wording, slots, anchors))
    if len(compiled) > MAX_EXPANSIONS:
        raise WordingError(f"stands for {len(compiled)} plain alternatives (at most {MAX_EXPANSIONS}); split it")
    return compiled


def _anchor_words(slot: Slot, lexicon: Lexicon) -> frozenset[str]:
    if not slot.least or slot.kind not in ("norm", "orth"):
        return frozenset()
    return slot.words if slot.kind == "norm" else frozenset(lexicon.normal(w) for w in slot.words)


def _with_dashes(slots: list[Slot]) -> tuple[Slot, ...]:
    """Let a dash stand between any two neighbouring words, so that hyphenation never matters."""
    result: list[Slot] = []
    for slot in slots:
        if result and result[-1].kind != "gap" and slot.kind != "gap":
            result.append(Slot("norm", frozenset({DASH}), 0, 1, result[-1].inside and slot.inside))
        result.append(slot)
    return tuple(result)
