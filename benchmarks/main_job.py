"""What the main job costs, side by side in one run: each stage in pages per second, peak memory, start-up against plain spaCy.

usage: python benchmarks/main_job.py [FOLDER OR FILE ...]     (default: the specimens of the repository)
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ddextract.job import Settings, run
from ddextract.output import write_run

ROOT = Path(__file__).resolve().parents[1]


def seconds_of(command: list[str], repeats: int = 7) -> float:
    """Return the median wall-clock time of a command."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def main() -> None:
    """Print the figures."""
    inputs = sys.argv[1:] or [str(ROOT / "corpus" / "specimen" / f"{name}-2031.pdf") for name in ("usa", "gbr", "fra", "esp")]
    help_time = seconds_of([sys.executable, "-m", "ddextract.cli", "--help"])
    spacy_time = seconds_of([sys.executable, "-c", "import spacy"])
    print(f"ddextract --help {help_time:.3f} s, import spacy {spacy_time:.3f} s, ratio {help_time / spacy_time:.2f}")
    begun = time.perf_counter()
    cold = run(inputs[:1], Settings())
    print(f"first document, cold (codebook compiled): {time.perf_counter() - begun:.2f} s for {int(cold.documents['pages'].sum())} pages")
    begun = time.perf_counter()
    result = run(inputs, Settings())
    total = time.perf_counter() - begun
    pages, words = int(result.documents["pages"].sum()), int(result.documents["words"].sum())
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        write_run(result, Path(folder) / "out")
        written = time.perf_counter() - begun
    print(f"{len(result.documents)} documents, {pages} pages, {words:,} words, {len(result.mentions):,} mentions")
    for stage, took in {**{k: v for k, v in result.seconds.items() if k != "total"}, "whole run": total, "files and report": written}.items():
        print(f"{stage:<18} {took:8.2f} s  {pages / took if took else 0:9.1f} pages/s  {words / took if took else 0:12,.0f} words/s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
