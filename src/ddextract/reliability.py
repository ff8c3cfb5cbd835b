"""How sure a count is: measured precision and recall turned into the probability that an instrument is truly present."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from ddextract.codebook import own_folder, read_toml, validated
from ddextract.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

SCHEMA = "ddextract.measured/1"
DRAWS = 2_000
"""Draws of precision and recall behind a probability and its interval."""
SEED = 20_310
"""Start of the draws, so that identical runs give identical tables."""
PRIOR_WEIGHT = 10.0
"""Mentions that the average of all codes weighs in the precision and recall of one code."""
INTERVAL = (0.025, 0.975)


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tally(_Row):
    """What was measured of one code: found rightly, found wrongly, missed (sentences)."""

    code: str
    right: int = Field(ge=0)
    wrong: int = Field(ge=0)
    missed: int = Field(ge=0)


class Attributed(_Row):
    """Of rightly found mentions that count (own or joint, not negated), how many do so in the gold too."""

    right: int = Field(ge=0)
    wrong: int = Field(ge=0)


class Transfer(_Row):
    """Precision and recall over all codes on other gold, nearer to the documents profiled; the codes are shifted to it together."""

    set: str
    precision: float = Field(gt=0, lt=1)
    recall: float = Field(gt=0, lt=1)
    sentences: int = Field(gt=0)
    source: str


class Reliability(_Row):
    """Measured precision and recall by code.

    Attributes:
        set: The gold on which it was measured.
        matcher: The matcher measured.
        codebook: Digest of the codebook measured.
        holder: How often a mention that counts does so in the gold.
        transfer: What the average is shifted to.
    """

    set: str
    matcher: str
    codebook: str
    sentences: int
    holder: Attributed
    transfer: Transfer | None = None
    tally: tuple[Tally, ...] = Field(min_length=1)

    @property
    def precision(self) -> float:
        """Precision over all codes."""
        return sum(t.right for t in self.tally) / max(1, sum(t.right + t.wrong for t in self.tally))

    @property
    def recall(self) -> float:
        """Recall over all codes."""
        return sum(t.right for t in self.tally) / max(1, sum(t.right + t.missed for t in self.tally))

    def draws(self, code: str, number: int = DRAWS) -> tuple[np.ndarray, np.ndarray]:
        """Draw precision (of counting) and recall of a code from what is known of them.

        Beta posteriors whose prior is the average of all codes with the weight of :data:`PRIOR_WEIGHT` mentions; precision times the share
        of counting mentions whose holder is right; both shifted on the logit scale to the average of ``transfer``.

        Args:
            code: The code; one that was not measured has the average.
            number: How many.

        Returns:
            Two arrays of shape (number,). The same code has the same draws in every call, so that all states share them.
        """
        import zlib

        import numpy as np

        known = next((t for t in self.tally if t.code == code), Tally(code=code, right=0, wrong=0, missed=0))
        random = np.random.default_rng([SEED, zlib.crc32(code.encode())])
        p0, r0 = min(max(self.precision, 0.01), 0.99), min(max(self.recall, 0.01), 0.99)
        precision = random.beta(known.right + PRIOR_WEIGHT * p0, known.wrong + PRIOR_WEIGHT * (1 - p0), number)
        recall = random.beta(known.right + PRIOR_WEIGHT * r0, known.missed + PRIOR_WEIGHT * (1 - r0), number)
        if self.transfer:
            precision = _shifted(precision, p0, self.transfer.precision)
            recall = _shifted(recall, r0, self.transfer.recall)
        holder = random.beta(self.holder.right + 1, self.holder.wrong + 1, number)
        return precision * holder, recall


def _shifted(values: np.ndarray, old: float, new: float) -> np.ndarray:
    import numpy as np

    values = np.clip(values, 1e-6, 1 - 1e-6)
    odds = np.log(values / (1 - values)) + np.log(new / (1 - new)) - np.log(old / (1 - old))
    shifted: np.ndarray = 1 / (1 + np.exp(-odds))
    return shifted


def reliability_path() -> Path:
    """Return where the measured figures of the project lie."""
    return own_folder("annotations") / "measured.toml"


def read_reliability(path: Path | None = None) -> Reliability | None:
    """Read the measured figures; None where the project has none.

    Raises:
        DataError: The file is malformed.
        UsageError: A given file does not exist.
    """
    if path is None:
        path = reliability_path()
        if not path.is_file():
            return None
    elif not path.is_file():
        raise UsageError(f"{path}: no such file of measured scores. Write one with: ddextract evaluate --json > e.json; ddextract reliability e.json")
    data = read_toml(path)
    data.pop("schema", None)
    return validated(Reliability, data, path)


def absence(witnesses: float | np.ndarray, words: float, precision: np.ndarray, recall: np.ndarray, rate: float) -> np.ndarray:
    """Return the probability that a state's documents name an instrument nowhere, for each draw of precision and recall.

    It is absent if every witness is wrong and nothing was missed. True mentions come as a Poisson process along the words, whose rate has a
    gamma distribution around the average of the states read; ``words * (1 - recall)`` of the text is in effect unread.

    Args:
        witnesses: Distinct wordings among the counting mentions: the same wording, wrongly taken twice, is one error. Or, where mentions carry
            calibrated probabilities, an array of the chance that all of them are wrong, already multiplied, as ``1 - p`` would be.
        words: Words read.
        precision: Draws.
        recall: Draws.
        rate: True mentions per word on the average of the states.

    Returns:
        An array like ``precision``.
    """
    import numpy as np

    all_wrong = (1 - precision) ** witnesses
    # With one unit of prior weight a gamma distribution is the exponential one: its spread is its mean.
    prior = 1 / max(rate, 1e-12)
    missed_none = (prior + words * recall) / (prior + words)
    result: np.ndarray = np.asarray(all_wrong * missed_none)
    return result


def presence(
    witnesses: int, words: float, precision: np.ndarray, recall: np.ndarray, rate: float, wrong: Sequence[float] | None = None
) -> tuple[float, float, float]:
    """Return the probability that an instrument is truly present, with a 95 % interval.

    Args:
        witnesses: Distinct wordings of counting mentions.
        words: Words read.
        precision: Draws, of shape (n,).
        recall: Draws, of shape (n,).
        rate: True mentions per word on the average.
        wrong: For each witness the calibrated probability that it is wrong, where mentions carry one; then ``precision`` is not used.
    """
    import numpy as np

    if wrong is None:
        gone = absence(witnesses, words, precision, recall, rate)
    else:
        gone = absence(0, words, precision, recall, rate) * float(np.prod(np.asarray(wrong, dtype=float)))
    low, high = _between(1 - gone, INTERVAL)
    return round(float(1 - gone.mean()), 4), round(low, 4), round(high, 4)


@dataclass(frozen=True, slots=True)
class Recall:
    """What :func:`presence_by_scores` needs of the draws of recall: mean and both ends of the interval."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, draws: np.ndarray) -> Recall:
        """Return it for draws of shape (n,)."""
        return cls(float(draws.mean()), *_between(draws, INTERVAL))


def presence_by_scores(words: float, recall: Recall, rate: float, wrong: Sequence[float]) -> tuple[float, float, float]:
    """Return what :func:`presence` does where every witness carries its probability of being wrong.

    The probability is then linear in recall, so that its mean and quantiles follow from those of recall, and no draw need be gone through.

    Args:
        words: Words read.
        recall: Of the code.
        rate: True mentions per word on the average of the states.
        wrong: For each witness the calibrated probability that it is wrong.
    """
    prior = 1 / max(rate, 1e-12)
    all_wrong = math.prod(wrong)
    found = [1 - all_wrong * (prior + words * value) / (prior + words) for value in (recall.mean, recall.high, recall.low)]
    return round(found[0], 4), round(found[1], 4), round(found[2], 4)


def _between(values: np.ndarray, shares: Sequence[float]) -> list[float]:
    """Return quantiles as ``numpy.quantile`` does, which takes five times as long for as few values as there are here."""
    import numpy as np

    places = [share * (len(values) - 1) for share in shares]
    below = [int(place) for place in places]
    ranked = np.partition(values, sorted({k for b in below for k in (b, min(b + 1, len(values) - 1))}))
    found = []
    for place, b in zip(places, below, strict=True):
        first, second, part = float(ranked[b]), float(ranked[min(b + 1, len(values) - 1)]), place - b
        found.append(first + (second - first) * part if part < 0.5 else second - (second - first) * (1 - part))
    return found


def true_rate(found: Mapping[str, int], words: Mapping[str, int], precision: float, recall: float) -> float:
    """Return true mentions per word on the average of the states: found ones corrected for precision and recall, half a mention where none was found.

    Args:
        found: Counting mentions by state.
        words: Words read by state.
        precision: Mean precision.
        recall: Mean recall.
    """
    read = max(1, sum(words.values()))
    return max(sum(found.values()) * precision, 0.5) / (read * max(recall, 0.01))


def from_evaluation(record: Mapping[str, Any], name: str, matcher: str, transfer: Mapping[str, Any] | None = None) -> str:
    """Return the content of the file of measured figures from the record that ``ddextract evaluate --json`` prints.

    Args:
        record: The record.
        name: The set of gold in it.
        matcher: The matcher that was measured.
        transfer: Fields of :class:`Transfer`, where the average is known on gold nearer to the documents.

    Raises:
        UsageError: The record has no such set.
    """
    found = next((s for s in record.get("sets", []) if s["set"] == name), None)
    if found is None:
        raise UsageError(f"the evaluation has no set '{name}'. Sets: {', '.join(sorted({s['set'] for s in record.get('sets', [])})) or 'none'}.")
    lines = found["tables"]["instruments, sentence"][1:]
    right = wrong = 0
    for cell in found["values"].get("holder", []):
        if cell["found"] in ("self", "joint"):
            right += cell["count"] * (cell["gold"] in ("self", "joint"))
            wrong += cell["count"] * (cell["gold"] not in ("self", "joint"))
    text = [
        "# Precision and recall by code, for the probability that an instrument is truly present. Written by: ddextract reliability",
        f'schema = "{SCHEMA}"',
        f'set = "{name}"',
        f'matcher = "{matcher}"',
        f'codebook = "{record["codebook"]}"',
        f"sentences = {found['sentences']}",
        f"holder = {{ right = {right}, wrong = {wrong} }}",
    ]
    if transfer:
        t = Transfer.model_validate(dict(transfer))
        text += [f'transfer = {{ set = "{t.set}", precision = {t.precision}, recall = {t.recall}, sentences = {t.sentences}, source = "{t.source}" }}']
    for line in sorted(lines, key=lambda entry: str(entry["name"])):
        counts = [round(line[k] or 0) for k in ("true_positives", "false_positives", "false_negatives")]
        text += ["", "[[tally]]", f'code = "{line["name"]}"', "right = {}\nwrong = {}\nmissed = {}".format(*counts)]
    return "\n".join(text) + "\n"
