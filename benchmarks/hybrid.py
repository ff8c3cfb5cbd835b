"""What the hybrid matcher costs beside the rules: sentences per second on the same text, one after the other in one run.

python benchmarks/hybrid.py TEXT [--lang en] [--state USA]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from ddextract.codebook import load_codebook
from ddextract.matching.pipeline import Passage, Setting, matcher_for


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", type=Path)
    parser.add_argument("--lang", default="en")
    parser.add_argument("--state", default="USA")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    codebook = load_codebook()
    passages = [Passage(p) for p in asked.text.read_text(encoding="utf-8").split("\n\n") if p.strip()]
    setting = Setting(asked.state, 2001, (asked.state,))
    best: dict[str, float] = {}
    for round_number in range(asked.rounds + 1):
        for name in ("rules", "hybrid", "statistical"):
            matcher = matcher_for(codebook, asked.lang, name)
            begun = time.process_time()
            for passage in passages:
                matcher.mentions(passage, setting)
            if round_number:
                best[name] = min(best.get(name, 1e9), time.process_time() - begun)
    sentences = sum(len(matcher_for(codebook, asked.lang, "rules").sentences(matcher_for(codebook, asked.lang, "rules").doc(p.text))) for p in passages)
    for name, seconds in best.items():
        print(f"{name:<12}{sentences / seconds:8.0f} sentences/s  {best['rules'] / seconds:.2f} of the rules")


if __name__ == "__main__":
    main()
