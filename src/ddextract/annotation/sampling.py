"""Sentences drawn for coding: two thirds from passages rich in the subject, one third at random, with weights back to prevalence."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ddextract.annotation.anchors import normalised_text
from ddextract.annotation.gold import Coded, Coder, GoldSentence, index_of
from ddextract.annotation.reanchor import seal
from ddextract.codebook import Codebook, own_folder, read_toml, validated
from ddextract.errors import UsageError
from ddextract.matching.language import blank_pipeline, sentence_starts

RICH_SHARE = 2 / 3
SHORTEST, LONGEST = 5, 120
"""Words of a sentence that can be drawn."""
NOBODY = Coder(id="nobody", kind="human")
"""Stands where no one has coded yet; an import names the coder."""


class _Seeds(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: str
    seeds: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """A document to draw from, and what is known of it."""

    path: Path
    name: str
    language: str
    state: str | None = None
    year: int | None = None
    split: str = "train"


def seed_words(language: str, path: Path | None = None) -> tuple[str, ...]:
    """Return the beginnings of words that make a passage rich.

    Raises:
        UsageError: There are none for the language.
    """
    path = path or own_folder("annotations") / "sampling.toml"
    if not path.is_file():
        raise UsageError(f"{path}: no such file of seed words.")
    data = read_toml(path)
    data["schema_"] = data.pop("schema", "")
    seeds = validated(_Seeds, data, path).seeds
    if language not in seeds:
        raise UsageError(f"{path}: holds no seed words for '{language}'. Known: {', '.join(sorted(seeds))}.")
    return seeds[language]


def sources(paths: Sequence[Path], documents: Path | None, *, language: str | None = None, state: str | None = None, split: str | None = None) -> list[Source]:
    """Return the documents to draw from; INDEX.tsv of the documents folder says what it knows of them.

    Raises:
        UsageError: A file is not there, or its language is not known.
    """
    index = index_of(documents) if documents and (documents / "INDEX.tsv").is_file() else {}
    found = []
    for path in paths:
        if not path.is_file():
            raise UsageError(f"{path}: no such file.")
        inside = documents is not None and path.resolve().is_relative_to(documents.resolve())
        name = path.resolve().relative_to(documents.resolve()).as_posix() if inside and documents else path.name
        row = index.get(name, {})
        own = language or row.get("language")
        if not own:
            raise UsageError(f"{path}: its language is not known. Give it with --lang.")
        year = row.get("year", "")
        found.append(Source(path, name, own, state or row.get("state") or None, int(year) if year.isdigit() else None, split or row.get("split") or "train"))
    return found


def sample(chosen: Sequence[Source], count: int, codebook: Codebook, *, seed: int = 1) -> list[Coded]:
    """Draw sentences, spread over the documents by their length; the same seed draws the same ones.

    A third is drawn from all sentences, the rest from the rich ones among those that are left. The weight of a sentence is
    the number of sentences of its document and kind (rich or not) for each one drawn of them.

    Args:
        chosen: The documents.
        count: How many sentences in all.
        codebook: Whose language files tell where sentences end.
        seed: Makes the draw repeatable.
    """
    pools = [_pool(source, codebook) for source in chosen]
    total = sum(len(p) for p in pools)
    if total < count:
        raise UsageError(f"the documents hold {total} sentences of {SHORTEST} to {LONGEST} words; {count} cannot be drawn.")
    drawn = []
    # Largest remainders: every document gets its share, and the shares add up.
    shares = [count * len(p) / total for p in pools]
    sizes = [int(s) for s in shares]
    for k in sorted(range(len(pools)), key=lambda k: sizes[k] - shares[k])[: count - sum(sizes)]:
        sizes[k] += 1
    for source, pool, size in zip(chosen, pools, sizes, strict=True):
        drawn += _draw(source, pool, size, random.Random(f"{seed}\0{source.name}"))
    return drawn


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    end: int
    previous: tuple[int, int] | None
    rich: bool


def _pool(source: Source, codebook: Codebook) -> list[_Place]:
    if source.language not in codebook.languages:
        raise UsageError(f"{source.path}: language '{source.language}' is not known. Known: {', '.join(sorted(codebook.languages))}.")
    language = codebook.languages[source.language]
    text, seeds, nlp = normalised_text(source.path), seed_words(source.language), blank_pipeline(language)
    places: list[tuple[int, int]] = []
    position = 0
    for paragraph in text.split("\n\n"):
        doc = nlp.make_doc(paragraph)
        starts = [doc[k].idx for k in sentence_starts(doc, language)]
        for a, b in zip(starts, [*starts[1:], len(paragraph)], strict=True):
            content = paragraph[a:b]
            if content.strip():
                places.append((position + a + len(content) - len(content.lstrip()), position + a + len(content.rstrip())))
        position += len(paragraph) + 2
    hot = [any(word.startswith(seeds) for word in text[a:b].lower().split()) for a, b in places]
    pool = []
    for k, (a, b) in enumerate(places):
        # Dotted leaders: a line of the contents page.
        if SHORTEST <= len(text[a:b].split()) <= LONGEST and "....." not in text[a:b]:
            pool.append(_Place(a, b, places[k - 1] if k else None, any(hot[max(0, k - 1) : k + 2])))
    return pool


def _draw(source: Source, pool: Sequence[_Place], size: int, chance: random.Random) -> list[Coded]:
    at_random = set(chance.sample(range(len(pool)), size - round(size * RICH_SHARE)))
    left = [k for k in range(len(pool)) if k not in at_random and pool[k].rich]
    rich = set(chance.sample(left, min(len(left), size - len(at_random))))
    others = [k for k in range(len(pool)) if k not in at_random and k not in rich]
    at_random |= set(chance.sample(others, size - len(at_random) - len(rich)))
    of_kind = {kind: [k for k in range(len(pool)) if pool[k].rich == kind] for kind in (True, False)}
    text, sha256 = normalised_text(source.path), hashlib.sha256(source.path.read_bytes()).hexdigest()
    result = []
    for k in sorted(at_random | rich):
        place = pool[k]
        of_this = of_kind[place.rich]
        weight = len(of_this) / sum(1 for j in of_this if j in at_random or j in rich)
        stem = source.name.rsplit(".", 1)[0].lower().replace("/", "-")
        sentence = GoldSentence.model_validate(
            {
                "id": f"{stem}-{place.start}", "document": source.name, "sha256": sha256, "start": place.start, "end": place.end, "previous": place.previous,
                "split": source.split, "language": source.language, "state": source.state, "year": source.year, "stratum": "rich" if k in rich else "random",
                "weight": round(weight, 3), "coder": NOBODY, "round": "raw",
            }
        )  # fmt: skip
        previous = text[slice(*place.previous)].replace("\n", " ") if place.previous else ""
        result.append(Coded(seal(sentence, text), text[place.start : place.end].replace("\n", " "), previous))
    return result
