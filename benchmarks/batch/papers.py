"""Papers for the batch benchmark: as many as wanted, each with its own text in one of three languages, some of them broken.

One sentence in eight is from half a of the authored gold, the others are filler that speaks of other things: 24 mentions in a thousand
words came of that (46 real strategies: 43).
"""

from __future__ import annotations

import io
import json
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks" / "ingestion"))
from prose import Prose  # noqa: E402

STATES = {"en": ("GBR", "USA", "AUS", "CAN", "NZL", "IRL"), "fr": ("FRA", "BEL", "LUX"), "es": ("ESP", "CHL", "ARG", "PER")}


def sentences() -> dict[str, list[str]]:
    """Return the project's own sentences by language: half a of the authored gold, of which about half speak of the subject."""
    found: dict[str, list[str]] = {}
    for language in STATES:
        path = ROOT / "annotations" / "gold" / "authored" / f"{language}-a.jsonl"
        found[language] = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return found


SHARE = 1 / 8
"""Share of sentences that may speak of the subject."""


def paper(chance: random.Random, stock: list[str], words: int, language: str) -> list[str]:
    """Return the paragraphs of a paper of about so many words."""
    filler = Prose(language, chance.randint(0, 1 << 30))
    paragraphs: list[str] = []
    count = 0
    while count < words:
        chosen = [chance.choice(stock) if chance.random() < SHARE else filler.sentence() for _ in range(chance.randint(3, 6))]
        text = f"{chance.randint(1, 99)}.{chance.randint(1, 99)} " + " ".join(chosen)
        paragraphs.append(text)
        count += len(text.split())
    return paragraphs


def pdf_of(paragraphs: list[str]) -> bytes:
    """Return a PDF of one column."""
    import textwrap

    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    top = 770
    for paragraph in paragraphs:
        for line in [*textwrap.wrap(paragraph, 88), ""]:
            if top < 70:
                canvas.showPage()
                top = 770
            canvas.drawString(62, top, line.encode("cp1252", "replace").decode("cp1252"))
            top -= 14
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def write_papers(folder: Path, number: int, words: int, *, seed: int = 1, broken: float = 0.0) -> list[Path]:
    """Write papers, a half as PDF, a half as text, each with a sidecar; return the broken ones.

    Args:
        folder: Where they go.
        number: How many.
        words: Words of each.
        seed: The same seed writes the same papers.
        broken: Share of files that cannot be read: cut off, empty, noise under a document's name, a PDF without pages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    stock = sentences()
    hurt = set(chance.sample(range(number), round(broken * number)))
    bad = []
    for i in range(number):
        language = chance.choice(("en", "en", "fr", "es"))
        paragraphs = paper(chance, stock[language], words, language)
        path = folder / f"paper-{i:05d}.{'pdf' if i % 2 else 'txt'}"
        path.with_suffix(".toml").write_text(
            f'state = "{chance.choice(STATES[language])}"\nyear = {chance.randint(1995, 2030)}\nlanguage = "{language}"\ntitle = "Paper {i}"\n',
            encoding="utf-8",
        )
        if i in hurt:
            data = [b"", b"%PDF-1.7\n" + chance.randbytes(4000), pdf_of(paragraphs)[:900], chance.randbytes(5000)][len(bad) % 4]
            path.with_suffix(".toml").rename(path.with_name(f"paper-{i:05d}.toml"))
            path = path.with_suffix(".pdf") if data else path
            path.write_bytes(data)
            bad.append(path)
        elif path.suffix == ".pdf":
            path.write_bytes(pdf_of(paragraphs))
        else:
            path.write_text("\n\n".join(paragraphs), encoding="utf-8")
    return bad
