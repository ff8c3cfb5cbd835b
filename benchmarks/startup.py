"""What a process needs before its first sentence: importing spaCy, and the rules of each language compiled or taken from what was kept.

usage: python benchmarks/startup.py
CPU seconds of new processes, the median of three; every ratio is of two figures of one run of this script. Byte code is compiled first, as pip leaves it.
"""

from __future__ import annotations

import compileall
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

TURNS = 3
SPACY = "import spacy"
OURS = "from ddextract.matching.language import import_spacy; import_spacy()"
RULES = (
    f"{OURS}; from ddextract.codebook import load_codebook; from ddextract.matching.pipeline import RuleMatcher, Passage, Setting; book = load_codebook(); "
    "begun = time.process_time(); RuleMatcher(book, {language!r}).mentions(Passage('We train officers.'), Setting())"
)


def seconds(code: str, folder: str | None) -> float:
    """Return the median CPU seconds of code in a new process, from where it sets ``begun``."""
    program = f"import time; begun = time.process_time()\n{code}\nprint(time.process_time() - begun)"
    found = []
    for _ in range(TURNS):
        done = subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "DDEXTRACT_CACHE": folder or "off"}, capture_output=True, text=True, check=True
        )
        found.append(float(done.stdout))
    return round(statistics.median(found), 3)


def main() -> None:
    """Measure and print."""
    compileall.compile_dir(sysconfig.get_path("purelib"), quiet=2)
    compileall.compile_dir(Path(__file__).parents[1] / "src", quiet=2)
    result: dict[str, object] = {}
    plain, ours = seconds(SPACY, None), seconds(OURS, None)
    result["import spaCy"] = {"plain": plain, "without its command line": ours, "ratio": round(plain / ours, 2)}
    with tempfile.TemporaryDirectory() as folder:
        for language in ("en", "fr", "es"):
            code = RULES.format(language=language)
            compiled = seconds(code, None)
            seconds(code, folder)
            kept = seconds(code, folder)
            result[f"rules {language}"] = {"compiled": compiled, "kept": kept, "ratio": round(compiled / kept, 1)}
        result["kept, MB"] = round(sum(p.stat().st_size for p in Path(folder).iterdir()) / 1e6, 1)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
