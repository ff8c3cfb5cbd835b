"""Hand-coded lists: what a scholar says that a state uses, item by item, and the check of profiles against them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from ddextract.codebook import Codebook, line_of, own_folder, read_toml, validated
from ddextract.errors import DataError, UsageError

if TYPE_CHECKING:
    import pandas as pd

DECIDABLE_WORDS = 3_000
"""Body words that must have been read before "not found" says anything about a state."""

CHECK_COLUMNS = (
    "state",
    "code",
    "family",
    "in_list",
    "items",
    "present",
    "counting_mentions",
    "outcome",
    "words_read",
    "cited_sources_read",
    "evidence_document",
    "evidence_page",
    "evidence_text",
)
ITEM_COLUMNS = ("state", "item", "number", "list", "status", "label", "codes", "found", "codes_found", "evidence_document", "evidence_page", "evidence_text")


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Item(_Row):
    """One item of a hand-coded list: the scholar's label and the codes it maps to."""

    id: str
    number: str = ""
    list: str = ""
    label: str
    codes: tuple[str, ...]
    status: Literal["listed", "discussed"] = "listed"
    uncertain: str = ""


class Discussed(_Row):
    """A code that the scholar speaks of for a state outside its lists."""

    code: str
    note: str = ""


class HandCodedList(_Row):
    """What a scholar says that one state uses."""

    state: str = Field(pattern=r"^[A-Z]{3}$")
    issuer: str = ""
    cited: tuple[str, ...] = ()
    item: tuple[Item, ...] = Field(min_length=1)
    discussed: tuple[Discussed, ...] = ()
    path: Path

    def standing(self, code: str) -> Literal["listed", "discussed", "no"]:
        """Return whether a code is listed, only discussed, or neither."""
        if any(code in item.codes and item.status == "listed" for item in self.item):
            return "listed"
        if any(code in item.codes for item in self.item) or any(code == d.code for d in self.discussed):
            return "discussed"
        return "no"

    def items_of(self, code: str) -> list[str]:
        """Return the ids of the items that map to a code."""
        return [item.id for item in self.item if code in item.codes]


class Reading(_Row):
    """One way to read hand-coded lists: what counts as "the state has it".

    Attributes:
        id: Short name.
        name: Name in words.
        lists: Names of the lists that are taken; all where empty, and all of a state that has none of these.
        discussed: Whether what is only spoken of outside the lists is taken too.
    """

    id: str
    name: str
    lists: tuple[str, ...] = ()
    discussed: bool = False

    def items(self, scholar: HandCodedList) -> list[Item]:
        """Return the items of a list that are taken."""
        taken = [i for i in scholar.item if i.status == "listed" or self.discussed]
        named = [i for i in taken if i.list in self.lists]
        return named or taken

    def codes(self, scholar: HandCodedList, without: str = "") -> set[str]:
        """Return the codes that the state has under this reading.

        Args:
            scholar: The list of the state.
            without: Id of an item to leave out.
        """
        codes = {code for item in self.items(scholar) if item.id != without for code in item.codes}
        return codes | ({d.code for d in scholar.discussed} if self.discussed else set())


class _Readings(_Row):
    reading: tuple[Reading, ...] = Field(min_length=1)


def load_readings() -> tuple[Reading, ...]:
    """Read the ways in which lists are compared (annotations/article/readings.toml)."""
    path = own_folder("annotations") / "article" / "readings.toml"
    return validated(_Readings, read_toml(path), path).reading


TABLE_ROW = "table1."
"""How the name of a list begins that is a row of the article's Table 1."""


def table_areas(lists: Mapping[str, HandCodedList]) -> dict[str, str]:
    """Return the row of the article's Table 1 in which each code stands, where it stands in one."""
    rows = [
        (code, i.list.removeprefix(TABLE_ROW).replace("_", " ")) for s in lists.values() for i in s.item if i.list.startswith(TABLE_ROW) for code in i.codes
    ]
    return {code: "; ".join(dict.fromkeys(area for c, area in rows if c == code)) for code, _ in rows}


def load_lists(codebook: Codebook, *folders: Path) -> dict[str, HandCodedList]:
    """Read the article's lists and those of the user's folders; a user's list of a state replaces ours.

    Args:
        codebook: What the codes of the items are checked against.
        folders: Folders of the user's own lists.

    Returns:
        Lists by state (ISO 3166-1 alpha-3).

    Raises:
        DataError: A list is malformed or names an unknown code.
        UsageError: A folder does not exist or holds no list.
    """
    lists: dict[str, HandCodedList] = {}
    for folder in (own_folder("annotations") / "article", *folders):
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder of hand-coded lists. It must hold one <ISO3>.toml per state, like annotations/article/.")
        paths = sorted(p for p in folder.glob("*.toml") if len(p.stem) == 3 and p.stem.isupper())
        if not paths:
            raise UsageError(f"{folder}: holds no hand-coded list. A list is a file <ISO3>.toml, for example FRA.toml, like those in annotations/article/.")
        for path in paths:
            found = validated(HandCodedList, {**read_toml(path), "path": path}, path)
            for code in (c for item in found.item for c in item.codes):
                if code not in codebook.concepts:
                    raise DataError(path, "item.codes", codebook.unknown(code), line_of(path, code))
            for discussed in found.discussed:
                if discussed.code not in codebook.concepts:
                    raise DataError(path, "discussed.code", codebook.unknown(discussed.code), line_of(path, discussed.code))
            lists[found.state] = found
    return lists


def check_profiles(profiles: pd.DataFrame, lists: Mapping[str, HandCodedList], documents_read: Mapping[str, set[str]] | None = None) -> pd.DataFrame:
    """Compare profiles with hand-coded lists: one row per state with a list and code (always all codes).

    The outcome is ``agreed`` (listed and present), ``only list``, ``only text``, ``neither``, or ``not decidable`` where a
    listed or unlisted code was not found and too little was read (:data:`DECIDABLE_WORDS`).

    Args:
        profiles: The ``profiles`` table.
        lists: Lists by state.
        documents_read: Registry ids of the documents read, by state, to say whether the scholar's own sources were among them.
    """
    import pandas as pd

    rows = []
    for state in sorted(set(profiles["state"]) & set(lists)):
        scholar = lists[state]
        cited = len(set(scholar.cited) & (documents_read or {}).get(state, set()))
        for _, p in profiles[profiles["state"] == state].iterrows():
            standing = scholar.standing(p["code"])
            rows.append(
                {
                    "state": state, "code": p["code"], "family": p["family"], "in_list": standing, "items": ";".join(scholar.items_of(p["code"])),
                    "present": p["present"], "counting_mentions": p["counting_mentions"],
                    "outcome": outcome(standing == "listed", p["present"] == "present", int(p["words_read"])),
                    "words_read": p["words_read"], "cited_sources_read": f"{cited} of {len(scholar.cited)}",
                    "evidence_document": p["evidence_document"], "evidence_page": p["evidence_page"], "evidence_text": p["evidence_text"],
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(CHECK_COLUMNS))


def outcome(listed: bool, found: bool, words_read: int) -> str:
    """Return how list and text stand to each other for one code."""
    if found:
        return "agreed" if listed else "only text"
    if words_read < DECIDABLE_WORDS:
        return "not decidable"
    return "only list" if listed else "neither"


def check_items(profiles: pd.DataFrame, lists: Mapping[str, HandCodedList]) -> pd.DataFrame:
    """Return one row per item of the lists: whether all, some or none of its codes were found. Items of adjacent codes only are left out."""
    import pandas as pd

    rows = []
    for state in sorted(set(profiles["state"]) & set(lists)):
        own = profiles[profiles["state"] == state].set_index("code")
        for item in lists[state].item:
            codes = [c for c in item.codes if c in own.index]
            if not codes:
                continue
            found = [c for c in codes if own.loc[c, "present"] == "present"]
            best = own.loc[found[0]] if found else None
            rows.append(
                {
                    "state": state, "item": item.id, "number": item.number, "list": item.list, "status": item.status, "label": item.label,
                    "codes": ";".join(codes),
                    "found": "all" if len(found) == len(codes) else "some" if found else "none", "codes_found": ";".join(found),
                    "evidence_document": best["evidence_document"] if best is not None else None,
                    "evidence_page": best["evidence_page"] if best is not None else None,
                    "evidence_text": best["evidence_text"] if best is not None else None,
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(ITEM_COLUMNS))
