"""How rightly reconciliation names the causes of disagreements: planted cases, precision and recall per class.

    python benchmarks/reconciliation.py [--all]      --all prints every case, not only the wrong ones

The cases are in annotations/reconciliation/cases.toml; every text is tagged by the real matcher, and the class is told from what was tagged and read alone.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ddextract.codebook import own_folder
from ddextract.job import Settings, run
from ddextract.lists import Discussed, HandCodedList, Item, check_profiles
from ddextract.reconciliation import reconcile

STATES = {"en": "GBR", "fr": "FRA", "es": "ESP"}
NO_ROW = "no disagreement"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case: its class by construction, the class that was told, and why."""

    name: str
    planted: str
    told: str
    why: str


def read_cases() -> dict[str, Any]:
    """Return background and cases."""
    return tomllib.loads((own_folder("annotations") / "reconciliation" / "cases.toml").read_text(encoding="utf-8"))


def text_of(case: Mapping[str, Any], background: Mapping[str, Sequence[str]]) -> str:
    """Return the text of a case: the background with the planted sentences in its midst."""
    sentences = background[case.get("language", "en")]
    middle = len(sentences) // 2
    own = case.get("planted", ())
    paragraphs = [*sentences[:middle], *(() if case.get("glossary") else own), *(background["lost"] if case.get("lost") else ()), *sentences[middle:]]
    return "# Strategy\n\n" + "\n\n".join(paragraphs) + ("\n\n# Glossary\n\n" + "\n\n".join(own) if case.get("glossary") else "") + "\n"


def list_of(case: Mapping[str, Any], own: str) -> HandCodedList:
    """Return the hand-coded list of a case."""
    state = STATES[case.get("language", "en")]
    if case.get("found"):
        items = tuple(Item(id=f"i{k}", label=code.replace("_", " "), codes=(code,)) for k, code in enumerate(case["listed"]))
    else:
        items = (Item(id="i1", label=case.get("label", case["code"].replace("_", " ")), codes=tuple(case.get("codes", [case["code"]]))),)
    discussed = tuple(Discussed(code=code) for code in case.get("discussed", ()))
    return HandCodedList(state=state, cited=(own if case.get("read") else "another source",), item=items, discussed=discussed, path=Path(f"{state}.toml"))


def measured(folder: Path) -> list[Outcome]:
    """Tag the cases and tell their classes.

    Args:
        folder: An empty folder for the texts.
    """
    told = read_cases()
    paths = []
    for case in told["case"]:
        path = folder / f"{case['id']}.md"
        path.write_text(text_of(case, told["background"]), encoding="utf-8")
        path.with_suffix(".toml").write_text(f'state = "{STATES[case.get("language", "en")]}"\nyear = 2020\n', encoding="utf-8")
        paths.append(path)
    found = run(paths, Settings())
    by_path = {r.strategy.path.stem: r for r in found.results}
    outcomes = []
    for case in told["case"]:
        result = by_path[case["id"]]
        assert result.document is not None, case["id"]
        own = result.strategy.id
        scholar = list_of(case, own)
        documents = found.documents[found.documents["id"] == own]
        if "quality" in case:
            documents = documents.assign(quality=case["quality"])
        mentions = found.mentions[found.mentions["document"] == own]
        single = replace(found, documents=documents, mentions=mentions)
        profiles = profile(single)
        rows = reconcile(profiles, check_profiles(profiles, {scholar.state: scholar}), mentions, documents, {scholar.state: scholar}, found.codebook)
        rows = rows[rows["code"] == case["code"]].to_dict("records")
        outcomes.append(Outcome(case["id"], case["class"], str(rows[0]["class"]) if rows else NO_ROW, str(rows[0]["why"]) if rows else ""))
    return outcomes


def profile(single: Any) -> Any:
    """Return the profile of one document's state, as the main job makes it."""
    from ddextract.profile import profile_states
    from ddextract.reliability import read_reliability

    return profile_states(single.mentions, single.documents, single.codebook, None, read_reliability(), calibrated=True)


def tally(outcomes: Sequence[Outcome]) -> list[tuple[str, int, float, float]]:
    """Return for each class its cases, precision and recall."""
    pairs = Counter((o.planted, o.told) for o in outcomes)
    rows = []
    for cause in dict.fromkeys(o.planted for o in outcomes):
        right, cases, said = (
            pairs[cause, cause], sum(n for (p, _), n in pairs.items() if p == cause), sum(n for (_, t), n in pairs.items() if t == cause),
        )  # fmt: skip
        rows.append((cause, cases, right / said if said else 0.0, right / cases))
    return rows


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        outcomes = measured(Path(name))
    for o in outcomes:
        if "--all" in sys.argv or o.planted != o.told:
            print(f"{o.name:<16} {o.planted:<28} -> {o.told:<28} {o.why}")
    for cause, cases, precision, recall in tally(outcomes):
        print(f"{cause:<30} {cases:>3} cases   precision {precision:.2f}   recall {recall:.2f}")
    right = sum(o.planted == o.told for o in outcomes)
    print(f"{right} of {len(outcomes)} right ({right / len(outcomes):.0%})")


if __name__ == "__main__":
    main()
