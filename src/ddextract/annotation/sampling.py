"""Sentences to code next: a weighted sample spread over the documents, or those that would teach the model most."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ddextract.annotation.anchors import normalised_text
from ddextract.annotation.gold import Coded, Coder, GoldSentence, index_of
from ddextract.annotation.reanchor import seal
from ddextract.codebook import Codebook, own_folder, read_toml, validated
from ddextract.errors import UsageError
from ddextract.matching.fusion import Proposal, StatisticalJudge
from ddextract.matching.language import blank_pipeline, sentence_starts
from ddextract.matching.pipeline import Passage, RuleMatcher, Setting, matcher_for

STRATEGIES = ("spread", "uncertain", "disagree", "silence")
RICH_SHARE = 2 / 3
SECTION = 25
"""Sentences taken together as a section when silence is looked for."""
ACCEPTED = 0.5
"""Probability from which a section is not silent."""
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


def choose(chosen: Sequence[Source], count: int, codebook: Codebook, strategy: str, *, seed: int = 1, models: Path | None = None) -> list[Coded]:
    """Return the sentences that teach most, by the trained model; ties are broken by the seed.

    ``uncertain`` takes those with a proposal whose probability lies nearest to one half, ``disagree`` those where rules and model differ most
    (a wording that the model does not believe, or a code that no wording reached), ``silence`` sections in which nothing was found although
    their words are like those of the subject, most alike first. The sentences are no sample of the documents, so their weight is 1 and says nothing.

    Args:
        chosen: The documents.
        count: How many sentences in all.
        codebook: The codebook.
        strategy: One of ``STRATEGIES`` but ``spread``, which :func:`sample` does.
        seed: Makes ties repeatable.
        models: Folder of the models; ours if not given.

    Raises:
        UsageError: The strategy is unknown, a language has no model, or there are too few sentences.
    """
    if strategy not in STRATEGIES[1:]:
        raise UsageError(f"--strategy {strategy} is not known. Choose {', '.join(STRATEGIES)}.")
    ranked: list[tuple[float, float, Source, _Place]] = []
    for source in chosen:
        matcher = matcher_for(codebook, source.language, "hybrid", models=models)
        if not isinstance(matcher.judge, StatisticalJudge):
            raise UsageError(f"--strategy {strategy} needs a trained model for '{source.language}'. Train one (ddextract train), or use --strategy spread.")
        pool = _pool(source, codebook)
        drawn = random.Random(f"{seed}\0{source.name}")
        ranked += [(worth, drawn.random(), source, place) for place, worth in zip(pool, _worths(source, pool, matcher, strategy), strict=True)]
    ranked.sort(key=lambda entry: (-entry[0], entry[1], entry[2].name, entry[3].start))
    if len(ranked) < count:
        raise UsageError(f"the documents hold {len(ranked)} sentences of {SHORTEST} to {LONGEST} words; {count} cannot be chosen.")
    result = []
    for _, _, source, place in sorted(ranked[:count], key=lambda entry: (entry[2].name, entry[3].start)):
        result.append(_blank(source, place, "rich" if place.rich else "random", 1.0))
    return result


def _worths(source: Source, pool: Sequence[_Place], matcher: RuleMatcher, strategy: str) -> list[float]:
    """Return what each sentence of a document would teach, by a strategy."""
    text = normalised_text(source.path)
    setting = Setting(source.state, source.year, (source.state,) if source.state else ())
    judge = matcher.judge
    assert isinstance(judge, StatisticalJudge)
    weighed: list[list[Proposal]] = []
    for place in pool:
        previous = text[slice(*place.previous)].replace("\n", " ") if place.previous else ""
        doc, sentences = matcher.hits(Passage(text[place.start : place.end].replace("\n", " "), previous=previous), setting)
        weighed.append([w for looked in sentences for w in judge.proposals(doc, looked, setting.state)])
    if strategy == "uncertain":
        return [max((1 - abs(2 * w.probability - 1) for w in proposals), default=0.0) for proposals in weighed]
    if strategy == "disagree":
        return [max((abs(float(w.ruled) - w.probability) for w in proposals), default=0.0) for proposals in weighed]
    worths: list[float] = []
    for first in range(0, len(weighed), SECTION):
        section = weighed[first : first + SECTION]
        silent = not any(w.probability >= ACCEPTED for proposals in section for w in proposals)
        worths += [max((w.logit for w in proposals), default=-100.0) if silent else -1000.0 for proposals in section]
    return worths


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
    result = []
    for k in sorted(at_random | rich):
        of_this = of_kind[pool[k].rich]
        weight = len(of_this) / sum(1 for j in of_this if j in at_random or j in rich)
        result.append(_blank(source, pool[k], "rich" if k in rich else "random", weight))
    return result


@lru_cache(maxsize=4)
def _text_and_hash(path: Path) -> tuple[str, str]:
    return normalised_text(path), hashlib.sha256(path.read_bytes()).hexdigest()


def _blank(source: Source, place: _Place, stratum: str, weight: float) -> Coded:
    """Return an uncoded gold sentence."""
    text, sha256 = _text_and_hash(source.path)
    stem = source.name.rsplit(".", 1)[0].lower().replace("/", "-")
    sentence = GoldSentence.model_validate(
        {
            "id": f"{stem}-{place.start}", "document": source.name, "sha256": sha256, "start": place.start, "end": place.end, "previous": place.previous,
            "split": source.split, "language": source.language, "state": source.state, "year": source.year, "stratum": stratum,
            "weight": round(weight, 3), "coder": NOBODY, "round": "raw",
        }
    )  # fmt: skip
    previous = text[slice(*place.previous)].replace("\n", " ") if place.previous else ""
    return Coded(seal(sentence, text), text[place.start : place.end].replace("\n", " "), previous)
