"""A model's card and files: what it was made from, what it scores, how it decides; written, and checked again by training anew."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ddextract.annotation.gold import GoldSentence, digest
from ddextract.annotation.stock import documents_folder
from ddextract.codebook import Codebook, load_codebook, read_toml
from ddextract.errors import UsageError
from ddextract.matching.fusion import CARD, models_folder
from ddextract.training import Trained, candidates_by_kind, train_language
from ddextract.training.examples import KINDS, Example, examples, rules_saw, training_gold, weak_examples
from ddextract.training.fitting import Weighed

SCHEMA = "ddextract.model-card/1"
TOLERANCE = 0.005
"""How far a retrained model's figures may lie from the card's (other versions of the numeric libraries sum in another order)."""
LARGEST = 10 << 20
"""Bytes that the models of a language may take."""


@dataclass(frozen=True, slots=True)
class Material:
    """All there is to learn from.

    Attributes:
        gold: Gold sentences that may be trained on.
        coded: Coded examples by language.
        weak: Examples labelled by the rules, by language.
        missing: Gold sentences whose documents are not here.
        candidates: Candidates of the coded sentences, by language and kind.
    """

    gold: Sequence[GoldSentence]
    coded: Mapping[str, Sequence[Example]]
    weak: Mapping[str, Sequence[Example]]
    missing: int
    candidates: Mapping[str, Mapping[str, Weighed]]


def gather(codebook: Codebook, documents: Path | None) -> Material:
    """Return what there is to learn from, in all languages of the codebook.

    Args:
        codebook: For the rules.
        documents: Folder of the real documents, or None where they are not here.
    """
    gold = training_gold()
    saw = rules_saw()
    coded, weak = {}, {}
    for language in sorted(codebook.languages):
        own = [s for s in gold if s.language == language]
        coded[language] = examples(own, codebook, documents, saw)
        weak[language] = list(weak_examples(language, codebook, documents, own)) if documents else []
    proposed = {language: candidates_by_kind(coded[language], weak[language]) for language in coded if coded[language]}
    return Material(gold, coded, weak, len(gold) - sum(map(len, coded.values())), proposed)


def train(languages: Sequence[str], out: Path, documents: Path | None = None, *, patterns: Sequence[Path] = ()) -> Iterator[str]:
    """Fit and write the models of languages; yield what was done.

    Args:
        languages: ISO 639-1 codes; all languages of the codebook if empty.
        out: Folder that gets one folder per language.
        documents: Folder of the real documents; the one beside a checkout if not given.
        patterns: Folders that extend the codebook.

    Raises:
        UsageError: A language is unknown or has no gold.
    """
    codebook = load_codebook(*patterns)
    material = gather(codebook, documents_folder(documents))
    if material.missing:
        yield f"{material.missing} coded sentences are left out: their documents are not here (--documents DIR); the model will be weaker than the shipped one"
    for language in languages or sorted(codebook.languages):
        trained = trained_on(language, material)
        write(trained, out / language, codebook, material)
        yield from said(trained)
        yield f"  written: {out / language} ({sum(p.stat().st_size for p in (out / language).iterdir()) / 1e6:.1f} MB)"


def trained_on(language: str, material: Material) -> Trained:
    """Return the models of one language.

    Raises:
        UsageError: There is no gold in the language.
    """
    if not material.coded.get(language):
        raise UsageError(f"there are no coded sentences in '{language}' to train on. Code some (ddextract annotate) and put them into annotations/gold.")
    own = [s for s in material.gold if s.language == language]
    return train_language(language, material.coded[language], material.weak[language], material.candidates, digest(own))


def said(trained: Trained) -> Iterator[str]:
    """Yield the cross-fitted figures of a language as lines."""
    yield f"{trained.language}: {trained.sentences} coded sentences of {trained.clusters} documents and issuing states, {trained.weak} labelled by the rules"
    for kind, f in trained.figures.items():
        for part, words in (("all", "all"), ("untuned", "not seen by the rules")):
            if f"rules_f1_{part}" not in f:
                continue
            yield (
                f"  {kind}, {words}: micro F1 rules {f[f'rules_f1_{part}']:.3f}, statistical {f[f'statistical_f1_{part}']:.3f}, "
                f"hybrid {f[f'hybrid_f1_{part}']:.3f}"
            )
        yield f"  {kind}: calibration error {f['calibration_error']:.3f}, reach {f['reach']:.3f}"


def write(trained: Trained, folder: Path, codebook: Codebook, material: Material) -> None:
    """Write models and card of a language into a folder; a file that is there is replaced only when all are complete.

    Raises:
        UsageError: The files would be larger than a package should carry.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".train-") as name:
        new = Path(name)
        for kind, model in trained.models.items():
            model.text.save(new / f"{kind}-text.zip")
            model.weigh.save(new / f"{kind}-weigh.zip")
        size = sum(p.stat().st_size for p in new.iterdir())
        if size > LARGEST:
            raise UsageError(f"the models of '{trained.language}' would take {size / 1e6:.1f} MB, more than {LARGEST / 1e6:.0f}. Raise LEAST_DOCUMENTS.")
        hashes = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(new.iterdir())}
        (new / CARD).write_text(_card(trained, hashes, codebook, material), encoding="utf-8")
        folder.mkdir(exist_ok=True)
        for path in sorted(new.iterdir()):
            path.replace(folder / path.name)


def _card(trained: Trained, hashes: Mapping[str, str], codebook: Codebook, material: Material) -> str:
    authored = sum(s.text is not None for s in material.gold if s.language == trained.language)
    lines = [
        "# Model card: the statistical part of the hybrid matcher. Written by ddextract train; checked by ddextract train --verify.",
        f'schema = "{SCHEMA}"',
        f'language = "{trained.language}"',
        'licence = "MIT"',
        'purpose = "which instruments and objectives of defence diplomacy a sentence of a strategy names, weighed together with the rules"',
        f'gold = "{trained.digest}"',
        f'codebook = "{codebook.digest}"',
        f"coded_sentences = {trained.sentences}",
        f"coded_sentences_authored = {authored}",
        f"sentences_labelled_by_rules = {trained.weak}",
        f"documents_and_issuing_states = {trained.clusters}",
        'splits = "train and dev of the real documents, the authored sentences but for part b; the test documents and part b were not trained on"',
        f'scikit_learn = "{version("scikit-learn")}"',
        f'numpy = "{version("numpy")}"',
        f"tolerance = {TOLERANCE}",
        "weaknesses = [",
        '  "Coders were models, mostly one per sentence.",',
        '  "Real French prose is scarce: the French model rests on authored sentences.",',
        '  "US documents outnumber all others in English.",',
        '  "A mention that only the text shows has the run of its strongest words as span, which is often longer or shorter than a coder\'s.",',
        "]",
        'reproducible_without_the_documents = "hashes of the files and digest of the gold; the weights need the documents"',
        "",
    ]
    for kind, model in trained.models.items():
        lines += [f"[decision.{kind}]"]
        lines += [f"{k} = {getattr(model, k):.6f}" for k in ("slope", "offset", "threshold", "review", "text_threshold")]
        lines += [f"text_features = {len(model.text.features)}", f"codes = {len(model.text.labels)}", "", f"[figures.{kind}]", "# cross-fitted by document"]
        lines += [f"{name} = {value:.4f}" for name, value in trained.figures[kind].items()]
        lines += [""]
    lines += ["[sha256]", *(f'"{name}" = "{value}"' for name, value in hashes.items()), ""]
    return "\n".join(lines)


def verify(languages: Sequence[str], documents: Path | None = None, folder: Path | None = None) -> tuple[list[str], bool]:
    """Check the shipped models: their files, and, where the documents are here, that training anew gives the same.

    Args:
        languages: ISO 639-1 codes; all that have a model if empty.
        documents: Folder of the real documents; the one beside a checkout if not given.
        folder: Folder of the models, ours if not given.

    Returns:
        Lines to print, and whether all held.

    Raises:
        UsageError: There is no model to check.
    """
    home = folder or models_folder()
    wanted = list(languages) or sorted(p.parent.name for p in home.glob(f"*/{CARD}"))
    if not wanted:
        raise UsageError(f"{home}: holds no models. Train some with ddextract train.")
    codebook = load_codebook()
    material = gather(codebook, documents_folder(documents))
    lines: list[str] = []
    held = True
    for language in wanted:
        card = read_toml(home / language / CARD)
        for name, expected in card.get("sha256", {}).items():
            path = home / language / name
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != expected:
                lines.append(f"{language}: {name} is not the file that the card names")
                held = False
        own = [s for s in material.gold if s.language == language]
        same_gold, same_rules = digest(own) == card.get("gold"), codebook.digest == card.get("codebook")
        lines.append(f"{language}: files as the card says: {held}; gold the same: {same_gold}; codebook the same: {same_rules}")
        if material.missing:
            lines.append(f"{language}: not refitted: {material.missing} coded sentences are not here (--documents DIR). Checked without them: files and gold.")
            held = held and same_gold
            continue
        trained = trained_on(language, material)
        off = _differences(trained, card)
        equal = _equal_files(trained, home / language, codebook, material)
        lines.append(f"{language}: refitted: files {'equal byte for byte' if equal else 'differ'}; figures {'within' if not off else 'beyond'} {TOLERANCE}")
        lines += [f"{language}: {difference}" for difference in off]
        held = held and not off and same_gold
    return lines, held


def _differences(trained: Trained, card: Mapping[str, Any]) -> list[str]:
    found = []
    for kind in KINDS:
        told = card.get("figures", {}).get(kind, {})
        for name, value in trained.figures[kind].items():
            if name.endswith("_f1_all") and abs(value - float(told.get(name, -1))) > TOLERANCE:
                found.append(f"{kind} {name}: the card says {told.get(name)}, now {value:.4f}")
    return found


def _equal_files(trained: Trained, folder: Path, codebook: Codebook, material: Material) -> bool:
    with tempfile.TemporaryDirectory() as name:
        again = Path(name) / trained.language
        write(trained, again, codebook, material)
        return all((folder / p.name).is_file() and (folder / p.name).read_bytes() == p.read_bytes() for p in again.iterdir() if p.suffix == ".zip")
