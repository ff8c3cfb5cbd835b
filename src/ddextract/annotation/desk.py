"""The coder's desk: what the ``ddextract annotate`` commands do, with what they say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from ddextract.annotation.agreement import compare_codings, comparison_lines, disagreement_lines
from ddextract.annotation.anchors import normalised_text
from ddextract.annotation.exchange import Origin, export_gold, gold_bytes, import_gold, sidecar_of
from ddextract.annotation.gold import Coder, GoldSentence, read_gold, with_text
from ddextract.annotation.reanchor import reanchor, seal
from ddextract.annotation.sampling import choose, sample, sources
from ddextract.annotation.stock import authored_gold, documents_folder, standoff_gold
from ddextract.codebook import load_codebook
from ddextract.errors import UsageError
from ddextract.files import write_atomically


def export_command(out: Path, name: str, gold: Sequence[Path], split: str | None, language: str | None, documents: Path | None, *, blank: bool) -> str:
    """Export our gold, or given files, and say what was written; the test split only when it is asked for by name."""
    sentences = [s for path in gold for s in _read(path)] if gold else [*authored_gold(), *standoff_gold()]
    sentences = [s for s in sentences if language in (None, s.language) and (s.split == split if split else gold or s.split != "test")]
    coded = list(with_text(sentences, documents_folder(documents)))
    export_gold(coded, out, name, blank=blank)
    left = f"; {len(sentences) - len(coded)} left out, their documents are not here" if len(coded) < len(sentences) else ""
    return f"{out}: {len(coded)} sentences{left}" + ("" if name == "jsonl" else f"; sidecar {sidecar_of(out)}")


def import_command(file: Path, out: Path, name: str, coder: str | None, language: str | None, documents: Path | None, *, model: bool) -> Iterator[str]:
    """Import a file into our JSONL and say what a person should look at."""
    who = Coder(id=coder, kind="model" if model else "human") if coder else None
    if not file.is_file():
        raise UsageError(f"{file}: no such file.")
    imported = import_gold(file, name, Origin(who, language, documents_folder(documents)))
    write_atomically(out, gold_bytes(imported.sentences))
    yield from imported.notes
    yield f"{out}: {len(imported.sentences)} sentences"


def sample_command(
    files: Sequence[Path], out: Path, count: int, seed: int, name: str, state: str | None, language: str | None, split: str | None, documents: Path | None,
    strategy: str = "spread",
) -> str:  # fmt: skip
    """Draw or choose sentences and write them blank for the coders."""
    codebook = load_codebook()
    places = sources(files, documents_folder(documents), language=language, state=state, split=split)
    if strategy != "spread":
        chosen = choose(places, count, codebook, strategy, seed=seed)
        export_gold(chosen, out, name)
        return f"{out}: {len(chosen)} sentences of {len({c.gold.document for c in chosen})} documents, by {strategy}"
    drawn = sample(places, count, codebook, seed=seed)
    export_gold(drawn, out, name)
    rich = sum(c.gold.stratum == "rich" for c in drawn)
    return f"{out}: {len(drawn)} sentences, {rich} from rich passages, {len(drawn) - rich} at random, seed {seed}"


def agree_command(first: Path, second: Path, documents: Path | None, disagreements: Path | None, *, as_json: bool) -> Iterator[str]:
    """Compare two codings; write the list of disagreements where asked."""
    one, two = _read(first), _read(second)
    texts = {c.gold.id: c.text for c in with_text(one, documents_folder(documents))}
    found = compare_codings(one, two, texts if len(texts) == len(one) else None)
    if not found.sentence.sentences:
        raise UsageError(f"{first} and {second} have no sentence in common (they are matched by id).")
    if disagreements:
        write_atomically(disagreements, ("sentence\tfirst only\tsecond only\ttext\n" + "".join(f"{line}\n" for line in disagreement_lines(found))).encode())
    if as_json:
        yield json.dumps(asdict(found), ensure_ascii=False, indent=1)
        return
    coders = [s[0].coder for s in (one, two)]
    kinds = coders[0].kind if coders[0].kind == coders[1].kind else f"{coders[0].kind} and {coders[1].kind}"
    yield from comparison_lines(found, f"{coders[0].id} against {coders[1].id} ({kinds} coders)")
    if not disagreements:
        yield from (f"    {line}" for line in disagreement_lines(found))


def reanchor_command(gold: Path, documents: Path | None, out: Path | None, *, seal: bool) -> tuple[list[str], bool]:
    """Re-anchor a gold file; return the report and whether anything was lost."""
    folder = documents_folder(documents)
    if folder is None:
        raise UsageError("the documents are needed to find anything in them. Give their folder with --documents.")
    found = reanchor(_read(gold), folder)
    sentences = [_sealed(s, folder) for s in found.sentences] if seal else found.sentences
    lines = list(found.lines())
    if out:
        write_atomically(out, gold_bytes(sentences))
        lines.append(f"{out}: {len(sentences)} sentences")
    return lines, any(move.fate == "lost" for move in found.moves)


def _sealed(sentence: GoldSentence, folder: Path) -> GoldSentence:
    return sentence if sentence.text is not None else seal(sentence, normalised_text(folder / sentence.document))


def _read(path: Path) -> list[GoldSentence]:
    if not path.is_file():
        raise UsageError(f"{path}: no such file of gold sentences.")
    return read_gold(path)
