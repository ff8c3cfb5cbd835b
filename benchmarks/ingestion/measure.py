"""Measures reading against the truth of the drawn layouts, our reader and its peers in the same run.

Usage::

    python benchmarks/ingestion/measure.py [--pages 6] [--seed 1] [--peers] [--speed] [--only NAME] [--out FILE.json]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import layouts
import papers
import typeset

TOKEN = re.compile(r"\S+")


def tokens(text: str) -> list[str]:
    return TOKEN.findall(text.replace("\u00a0", " "))


def distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Return the edit distance of two sequences of words (Myers, bit-parallel)."""
    if not a:
        return len(b)
    masks: dict[str, int] = {}
    for i, word in enumerate(a):
        masks[word] = masks.get(word, 0) | (1 << i)
    positive, negative, score = (1 << len(a)) - 1, 0, len(a)
    full, top = (1 << len(a)) - 1, 1 << (len(a) - 1)
    for word in b:
        eq = masks.get(word, 0)
        xv = eq | negative
        xh = (((eq & positive) + positive) ^ positive) | eq
        ph, mh = negative | (~(xh | positive) & full), positive & xh
        if ph & top:
            score += 1
        elif mh & top:
            score -= 1
        ph, mh = ((ph << 1) | 1) & full, (mh << 1) & full
        positive, negative = mh | (~(xv | ph) & full), ph & xv
    return score


def fidelity(found: Sequence[str], truth: Sequence[str]) -> float:
    longest = max(len(found), len(truth), 1)
    return 1 - distance(found, truth) / longest


def boundaries(found: Sequence[str], truth: Sequence[str]) -> tuple[int, int, int]:
    """Return (hits, found, true) of block boundaries as positions in the aligned stream of words."""
    a, b = [tokens(t) for t in found], [tokens(t) for t in truth]
    flat_a, flat_b = [w for t in a for w in t], [w for t in b for w in t]
    matcher = SequenceMatcher(None, flat_a, flat_b, autojunk=False)
    to_truth = {}
    for i, j, n in matcher.get_matching_blocks():
        for k in range(n):
            to_truth[i + k] = j + k
    ends_b, at = set(), 0
    for t in b:
        at += len(t)
        ends_b.add(at - 1)
    hits = total = at = 0
    for t in a:
        if not t:
            continue
        at += len(t)
        total += 1
        hits += to_truth.get(at - 1) in ends_b
    return hits, total, len(ends_b)


def ours(path: Path) -> Any:
    from ddextract.reading import Reading, read_document

    return read_document(path, document_id=path.stem, reading=Reading(ocr="skip"))


def score_ours(folder: Path, name: str, verbose: bool = False) -> dict[str, float]:
    truth = json.loads((folder / f"{name}.json").read_text("utf-8"))
    document = ours(folder / f"{name}.pdf")
    # Entries of contents are told by kind, not compared: leaders and page numbers are no text.
    body = [b for b in document.blocks if b.kind not in ("header", "footer", "page_number", "footnote", "contents")]
    texts = [document.block_text(b) for b in body]
    true_texts = [t for k, t in truth["blocks"] if k != "contents"]
    found, true = tokens(" ".join(texts)), tokens(" ".join(true_texts))
    hits, n_found, n_true = boundaries(texts, true_texts)
    furniture = Counter((b.page, " ".join(tokens(document.block_text(b)))) for b in document.blocks if b.kind in ("header", "footer", "page_number"))
    true_furniture = Counter((p, " ".join(tokens(t))) for p, _, t in truth["furniture"])
    both = sum((furniture & true_furniture).values())
    notes = [document.block_text(b) for b in document.blocks if b.kind == "footnote"]
    stripped = {re.sub(r"^\W*\d+\W*\s*", "", n) for n in notes}
    intruded = sum(1 for n in truth["footnotes"] if " ".join(tokens(n)) in " ".join(found) and " ".join(tokens(n)) not in " ".join(true))
    kinds = Counter(k for k, _ in truth["blocks"] if k != "contents")
    right = Counter(b.kind for b in body for k, t in [(b.kind, document.block_text(b))] if [k, t] in truth["blocks"])
    errors = hyphen_errors(found, true)
    if verbose:
        for op, i1, i2, j1, j2 in SequenceMatcher(None, found, true, autojunk=False).get_opcodes():
            if op != "equal":
                print(f"  {op}: found {' '.join(found[i1:i2])[:150]!r} true {' '.join(true[j1:j2])[:150]!r}")
        missed = [t for t in true_texts if t not in texts]
        extra = [(b.kind, b.page, document.block_text(b)) for b in body if document.block_text(b) not in true_texts]
        print("  MISSED", *[repr(t[:110]) for t in missed[:12]], sep="\n    ")
        print("  EXTRA", *[repr((k, p, t[:110])) for k, p, t in extra[:12]], sep="\n    ")
        print("  FURNITURE missed", (true_furniture - furniture), "extra", furniture - true_furniture)
        print("  KINDS", kinds, right)
        print("  NOTES", len(notes), "true", len(truth["footnotes"]), "anchored", sum(b.anchor is not None for b in document.blocks))
    return {
        "fidelity": fidelity(found, true),
        "block_f1": 2 * hits / max(n_found + n_true, 1),
        "furniture_p": both / max(sum(furniture.values()), 1) if furniture or true_furniture else 1.0,
        "furniture_r": both / max(sum(true_furniture.values()), 1) if true_furniture else 1.0,
        "notes_found": sum(n in stripped for n in truth["footnotes"]) / len(truth["footnotes"]) if truth["footnotes"] else 1.0,
        "notes_inside": intruded,
        "kinds": sum(right.values()) / max(sum(kinds.values()), 1),
        "hyphen_errors_10k": 1e4 * errors / max(len(true), 1),
    }


def hyphen_errors(found: Sequence[str], true: Sequence[str]) -> int:
    """Count words that differ from the truth only by hyphens or by a cut."""
    count = 0
    for op, i1, i2, j1, j2 in SequenceMatcher(None, found, true, autojunk=False).get_opcodes():
        if op == "replace" and "".join(found[i1:i2]).replace("-", "") == "".join(true[j1:j2]).replace("-", ""):
            count += max(1, j2 - j1)
    return count


def peers() -> dict[str, Callable[[Path], str]]:
    import pdfplumber
    import pypdfium2
    from pdfminer.high_level import extract_text

    def plumber(flow: bool) -> Callable[[Path], str]:
        def read(path: Path) -> str:
            with pdfplumber.open(path) as pdf:
                result = []
                for page in pdf.pages:
                    result.append(page.extract_text(use_text_flow=True) if flow else page.extract_text())
                    page.close()
                return "\n".join(result)

        return read

    def fast(path: Path) -> str:
        pdf = pypdfium2.PdfDocument(path)
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)

    result: dict[str, Callable[[Path], str]] = {
        "pdfplumber": plumber(False),
        "pdfplumber flow": plumber(True),
        "pdfminer.six": lambda p: extract_text(str(p)),
        "pypdfium2": fast,
    }
    try:
        import pypdf

        result["pypdf"] = lambda p: "\n".join(page.extract_text() for page in pypdf.PdfReader(p).pages)
    except ImportError:
        pass
    if shutil.which("pdftotext"):
        result["pdftotext"] = lambda p: subprocess.run(["pdftotext", str(p), "-"], capture_output=True, check=True).stdout.decode("utf-8", "replace")
    return result


def score_peer(read: Callable[[Path], str], folder: Path, name: str) -> float:
    """Fidelity of a peer, line-end hyphens undone for it, furniture and notes left out where a line is one of them."""
    truth = json.loads((folder / f"{name}.json").read_text("utf-8"))
    text = read(folder / f"{name}.pdf")
    known = {t for _, _, t in truth["furniture"]}
    lines = [line for line in re.split(r"[\r\n\f]+", text) if line.strip() not in known]
    text = re.sub(r"[-\u2010\ufffe\u00ad]\n", "", "\n".join(line.strip() for line in lines)).replace("\ufffe", "")
    return fidelity(tokens(text), tokens(" ".join(t for _, t in truth["blocks"])))


def speed(paths: Sequence[Path], rounds: int = 3) -> dict[str, float]:
    """Return pages per second of ours and of pdfplumber's extract_words, interleaved, median of rounds, in processor time (the machine may be busy)."""
    import pdfplumber

    times: dict[str, list[float]] = {"ours": [], "pdfplumber": []}
    pages = 0
    for _ in range(rounds):
        begun = time.process_time()
        pages = sum(len(ours(p).pages) for p in paths)
        times["ours"].append(time.process_time() - begun)
        begun = time.process_time()
        for path in paths:
            with pdfplumber.open(path) as pdf:
                for page in pdf.pages:
                    with contextlib.suppress(Exception):
                        page.extract_words()
                    page.close()
        times["pdfplumber"].append(time.process_time() - begun)
    mine, theirs = statistics.median(times["ours"]), statistics.median(times["pdfplumber"])
    return {"pages": pages, "ours_pages_per_s": pages / mine, "pdfplumber_pages_per_s": pages / theirs, "ratio": theirs / mine}


def _table_share(path: Path) -> float:
    """Return the share of pages on which a table is found."""
    document = ours(path)
    return len({b.page for b in document.blocks if b.kind == "table_cell"}) / max(len(document.pages), 1)


def scaling(paths: Sequence[Path]) -> dict[str, float]:
    """Return the wall time of reading files with one and with two processes, by document, and their ratio."""
    from concurrent.futures import ProcessPoolExecutor

    seconds = {}
    for jobs in (1, 2):
        with ProcessPoolExecutor(jobs) as pool:
            list(pool.map(ours, paths[:jobs]))  # processes started, libraries loaded
            begun = time.perf_counter()
            list(pool.map(ours, paths))
            seconds[jobs] = time.perf_counter() - begun
    return {"seconds_1": round(seconds[1], 2), "seconds_2": round(seconds[2], 2), "ratio": round(seconds[1] / seconds[2], 2), "load": os.getloadavg()[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=["layouts", "typeset", "papers", "all"], default="all")
    parser.add_argument("--pages", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--rounds", type=int, default=3, help="Rounds of the speed measurement.")
    parser.add_argument("--documents", type=Path, help="Folder of real PDFs for the speed measurement.")
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--keep", type=Path, help="Keep the files in this folder, and use those that are there.")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    folder = args.keep or Path(tempfile.mkdtemp(prefix="layouts"))
    folder.mkdir(exist_ok=True)
    home = {n: m for m in (layouts, typeset, papers) if args.set in (m.__name__, "all") for n in m.LAYOUTS}
    names = [n for n in home if not args.only or n in args.only.split(",")]
    for name in [n for n in names if home[n] is not layouts and home[n].available(n)]:
        print(f"{name:28} skipped: {home[name].available(name)}")
        names.remove(name)
    result: dict[str, Any] = {"layouts": {}, "peers": {}, "speed": {}}
    for name in names:
        if not (folder / f"{name}.json").exists():
            home[name].draw(name, folder, args.pages, args.seed)
        scores = result["layouts"][name] = score_ours(folder, name, args.verbose)
        print(f"{name:28}", *[f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in scores.items()])
    if args.peers:
        for peer, read in peers().items():
            result["peers"][peer] = {name: score_peer(read, folder, name) for name in names}
            values = list(result["peers"][peer].values())
            print(f"{peer:28} fidelity mean {statistics.mean(values):.3f} min {min(values):.3f}")
    mean = {k: statistics.mean(s[k] for s in result["layouts"].values()) for k in next(iter(result["layouts"].values()))}
    print("ours, mean", {k: round(v, 4) for k, v in mean.items()})
    if args.speed:
        share = {n: _table_share(folder / f"{n}.pdf") for n in names}
        for key, low, high in (("no page with a table", -1, 0), ("up to half of the pages", 0, 0.5), ("more than half", 0.5, 1)):
            paths = [folder / f"{n}.pdf" for n in names if low < share[n] <= high]
            if paths:
                result["speed"][key] = speed(paths, args.rounds)
                print(f"speed, {key}:", {k: round(v, 1) for k, v in result["speed"][key].items()})
        if args.documents:
            for path in sorted(args.documents.rglob("*.pdf")):
                result["speed"][path.stem] = speed([path], 1) | {"table_share": _table_share(path)}
                print(f"speed, {path.stem}:", {k: round(v, 2) for k, v in result["speed"][path.stem].items()})
        result["jobs"] = scaling([folder / f"{n}.pdf" for n in names])
        print("jobs", result["jobs"])
    if args.out:
        args.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    if not args.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
