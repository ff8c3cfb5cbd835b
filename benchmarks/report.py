"""The report of 20 documents with over 10,000 mentions: time beside that of reading and tagging, and the weight of its pages.

    python benchmarks/report.py [documents]

The documents are the specimens of the repository, two bound together in each, under the names of twenty states. Needs pypdf (extra pdf).
"""

from __future__ import annotations

import sys
import tempfile
import time
from itertools import islice, permutations
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from ddextract.codebook import own_folder
from ddextract.job import Settings, run
from ddextract.output import write_run
from ddextract.report.site import analyse_run, build_site

STATES = ("ARG", "AUS", "AUT", "BEL", "BRA", "CAN", "CHL", "COL", "DEU", "ESP", "FRA", "GBR", "IND", "ITA", "JPN", "MEX", "NLD", "POL", "PRT", "USA")


def bind(folder: Path, number: int) -> list[Path]:
    """Write the documents with their sidecars."""
    specimens = sorted((own_folder("corpus") / "specimen").glob("*.pdf"))
    pairs = [pair for pair in permutations(specimens, 2) if pair[0].stem != pair[1].stem]
    paths = []
    for k, (first, second) in enumerate(islice(pairs * (1 + number // len(pairs)), number)):
        writer = PdfWriter()
        for part in (first, second):
            writer.append(PdfReader(part))
        path = folder / f"bound-{k:02}.pdf"
        writer.write(path)
        path.with_suffix(".toml").write_text(f'state = "{STATES[k % len(STATES)]}"\nyear = {2010 + k}\ntitle = "Bound {k}"\n', encoding="utf-8")
        paths.append(path)
    return paths


def main() -> None:
    """Measure and print."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = bind(folder, number)
        clock = time.perf_counter()
        result = run(paths, Settings())
        tagged = time.perf_counter() - clock
        clock = time.perf_counter()
        analysis = analyse_run(result)
        analysed = time.perf_counter() - clock
        clock = time.perf_counter()
        build_site(result, folder / "site", analysis)
        built = time.perf_counter() - clock
        clock = time.perf_counter()
        write_run(result, folder / "out")
        written = time.perf_counter() - clock
        pages = sorted(((p.stat().st_size, p.relative_to(folder / "site").as_posix()) for p in (folder / "site").rglob("*.html")), reverse=True)
        first = sum((folder / "site" / part).stat().st_size for part in ("index.html", "report.css", "report.js"))
        print(f"{len(result.documents)} documents, {len(result.mentions):,} mentions, {int(result.documents['words'].sum()):,} words")
        print(f"read and tagged {tagged:.1f} s; analysed {analysed:.1f} s; report {built:.1f} s ({built / tagged:.0%} of reading and tagging)")
        print(f"all files of the run, analysis and report again {written:.1f} s")
        whole = sum(size for size, _ in pages) / 1e6
        print(f"first page {first / 1e6:.2f} MB; largest page {pages[0][1]} {pages[0][0] / 1e6:.2f} MB; whole report {whole:.1f} MB of HTML")


if __name__ == "__main__":
    main()
