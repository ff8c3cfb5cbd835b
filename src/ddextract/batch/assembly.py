"""From what the workers stored to a run: tables and report without reading or matching anything."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, overload

from ddextract.batch.parts import document_of, found_of, mention_frame, mention_table
from ddextract.batch.stages import digest_of, sources
from ddextract.batch.store import Store
from ddextract.batch.work import failure_of
from ddextract.codebook import load_codebook
from ddextract.corpus import Strategy
from ddextract.document import Block, Document, Page
from ddextract.errors import InputError
from ddextract.files import write_atomically
from ddextract.job import DocumentResult, Run, Settings, tabulated
from ddextract.lists import load_lists
from ddextract.mention import Mention
from ddextract.remembered import digest_of_value
from ddextract.report.facsimile import _draw, choose_pages
from ddextract.report.shelf import Card, Shelf
from ddextract.tables import DOCUMENT_COLUMNS, document_row

PAGES_SCHEMA = "ddextract.pages/1"
RESIDENT_MENTIONS = 40_000
"""Mentions that are held in memory at once; those of further documents are loaded when they are needed."""
RESIDENT_BYTES = 32 << 20
"""Stored bytes of the documents whose text and words are held in memory at once."""


class MissingResultError(Exception):
    """A stored result is not there any more, or damaged: its document must be done again.

    Args:
        identity: Id of the document.
    """

    def __init__(self, identity: str) -> None:
        self.identity = identity
        super().__init__(identity)


class Shelved:
    """Loads documents and mentions from the store when they are needed, and holds no more than a bounded number."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._documents: OrderedDict[str, tuple[Document, int]] = OrderedDict()
        self._bytes = 0
        self._found: OrderedDict[str, tuple[Mention, ...]] = OrderedDict()
        self._mentions = 0

    def document(self, receipt: Mapping[str, Any], strategy: Strategy) -> Document:
        """Return a document as read."""
        key = f"{receipt['read']} {strategy.id}"
        if key not in self._documents:
            data = self.store.document(receipt["read"])
            if data is None:
                raise MissingResultError(strategy.id)
            document = document_of(data, identity=strategy.id, path=str(strategy.path), sha256=strategy.sha256)
            self._documents[key] = (document, len(data))
            self._bytes += len(data)
            while self._bytes > RESIDENT_BYTES and len(self._documents) > 1:
                self._bytes -= self._documents.popitem(last=False)[1][1]
        self._documents.move_to_end(key)
        return self._documents[key][0]

    def found(self, receipt: Mapping[str, Any], identity: str) -> tuple[Mention, ...]:
        """Return the mentions of a document."""
        key = receipt["key"]
        if key in self._found:
            return self._found[key]
        data = self.store.found(key)
        if data is None:
            raise MissingResultError(identity)
        mentions = found_of(data)
        # Pages go through all documents again and again, so what came first stays: dropping the oldest would drop all each time.
        if self._mentions + len(mentions) <= RESIDENT_MENTIONS:
            self._found[key] = mentions
            self._mentions += len(mentions)
        return mentions


class StoredMentions(Sequence[Mention]):
    """The mentions of a stored document."""

    def __init__(self, shelved: Shelved, receipt: Mapping[str, Any], identity: str) -> None:
        self._shelved, self._receipt, self._identity = shelved, receipt, identity

    def __len__(self) -> int:
        return int(self._receipt["mentions"])

    @overload
    def __getitem__(self, index: int) -> Mention: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mention]: ...
    def __getitem__(self, index: int | slice) -> Mention | Sequence[Mention]:
        return self._shelved.found(self._receipt, self._identity)[index]

    def __iter__(self) -> Iterator[Mention]:
        return iter(self._shelved.found(self._receipt, self._identity))


class StoredDocument(Document):
    """A document whose text, blocks and words are loaded when they are asked for."""

    def __init__(self, shelved: Shelved, receipt: Mapping[str, Any], strategy: Strategy, document: Document) -> None:
        values = vars(self)
        values["_load"] = lambda: shelved.document(receipt, strategy)
        for name in ("id", "path", "sha256", "pages", "language", "metadata", "problems"):
            values[name] = getattr(document, name)
        for field in fields(Document):
            if field.name not in values and field.name not in ("text", "blocks", "words"):
                values[field.name] = getattr(document, field.name)

    def _whole(self) -> Document:
        document: Document = vars(self)["_load"]()
        return document

    @property
    def text(self) -> str:
        """All text."""
        return self._whole().text

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Blocks in reading order."""
        return self._whole().blocks

    @property
    def words(self) -> Sequence[Any]:
        """Boxes of words."""
        return self._whole().words

    @property
    def _word_starts(self) -> Sequence[int]:
        return self._whole()._word_starts

    @property
    def _page_by_number(self) -> dict[int, Page]:
        return self._whole()._page_by_number

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


@dataclass(frozen=True)
class Done:
    """One input with its receipt, or with the failure that it has without one."""

    strategy: Strategy
    receipt: Mapping[str, Any]


def identified(strategy: Strategy, receipt: Mapping[str, Any]) -> Strategy:
    """Return a strategy with what its title page gave."""
    known = receipt["strategy"]
    return replace(
        strategy, state=known["state"], issuers=tuple(known["issuers"]), year=known["year"], language=known["language"], title=known["title"],
        guessed=tuple(known["guessed"]), known_from=known["known_from"],
    )  # fmt: skip


def assembled(done: Sequence[Done], unusable: Sequence[InputError], store: Store, settings: Settings) -> Run:
    """Return the run that the stored results make: the same as :func:`ddextract.job.run` gives.

    Args:
        done: The inputs in order.
        unusable: Inputs that were none.
        store: The store.
        settings: What decided the results.

    Raises:
        MissingResultError: A result is not there; its document must be done again.
    """
    import pandas as pd

    begun = time.perf_counter()
    codebook = load_codebook(*settings.patterns)
    lists = load_lists(codebook, *settings.lists)
    shelved = Shelved(store)
    results = [DocumentResult(Strategy(Path(f.path).name, Path(f.path), ""), failure=f) for f in unusable]
    rows = [document_row(r) for r in results]
    tables = []
    for one in done:
        failure = failure_of(one.receipt, one.strategy)
        if failure is not None:
            results.append(DocumentResult(one.strategy, failure=failure))
            rows.append(document_row(results[-1]))
            continue
        part = store.part(one.receipt)
        if part is None:
            raise MissingResultError(one.strategy.id)
        tables.append(mention_table(part))
        strategy = identified(one.strategy, one.receipt)
        document = StoredDocument(shelved, one.receipt, strategy, shelved.document(one.receipt, strategy))
        mentions: Any = StoredMentions(shelved, one.receipt, strategy.id)
        results.append(DocumentResult(strategy, document, mentions, None, one.receipt["seconds"], one.receipt["words"], one.receipt["skipped"]))
        rows.append({**one.receipt["row"], "id": strategy.id})
    documents = pd.DataFrame(rows, columns=list(DOCUMENT_COLUMNS))
    seconds = {stage: round(sum(r.seconds.get(stage, 0.0) for r in results), 3) for stage in ("read", "match")}
    return tabulated(tuple(results), documents, mention_frame(tables), codebook, lists, settings, seconds, time.perf_counter() - begun)


class Draughtsman:
    """Draws page images, each once: what was drawn lies in the store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.software = digest_of(*(value for name, value in sources("report").items() if "facsimile" in name), *_engine())

    def __call__(self, shelf: Shelf, folder: Path) -> dict[str, dict[int, str]]:
        """Draw the pages that the report shows."""
        folder.mkdir(parents=True, exist_ok=True)
        wanted = choose_pages(shelf)
        drawn: dict[str, dict[int, str]] = {}
        for card in shelf.cards:
            pages = sorted(wanted.get(card.id) or ())
            if not pages:
                continue
            got: dict[int, str] = {}
            missing = []
            for number in pages:
                found = self._stored(card.document.sha256, number)
                if found is None:
                    missing.append(number)
                    continue
                name = f"{card.slug}-{number:04d}.{found[0]}"
                (folder / name).write_bytes(found[1])
                got[number] = name
            if missing:
                fresh = _draw(card, missing, folder, shelf.run.settings.password)
                for number, name in fresh.items():
                    self._keep(card.document.sha256, number, name.rpartition(".")[2], (folder / name).read_bytes())
                got |= fresh
            drawn[card.id] = {number: got[number] for number in sorted(got)}
        return drawn

    def _name(self, sha256: str, number: int) -> str:
        key = digest_of(self.software, sha256, str(number))
        return f"image/{key[:2]}/{key}"

    def _stored(self, sha256: str, number: int) -> tuple[str, bytes] | None:
        data = self.store.place.read(self._name(sha256, number))
        if data is None:
            return None
        digest, suffix, image = data[:64], data[64:72].strip(), data[72:]
        if hashlib.sha256(image).hexdigest().encode() != digest:
            self.store.damaged.append(self._name(sha256, number))
            return None
        return suffix.decode(), image

    def _keep(self, sha256: str, number: int, suffix: str, image: bytes) -> None:
        self.store.place.write(self._name(sha256, number), hashlib.sha256(image).hexdigest().encode() + suffix.ljust(8).encode() + image)


class Pages:
    """Keeps pages of states and documents whose documents, rules and software are the same as when they were made.

    Args:
        workroom: Folder of the batch in the results.
        report: The report that is there.
        fresh: The report that is being made.
        rules: Digest of all that decides pages besides the documents.
        keys: Key of the match stage by document.
    """

    def __init__(self, workroom: Path, report: Path, fresh: Path, rules: str, keys: Mapping[str, str]) -> None:
        self.card, self.report, self.fresh, self.rules, self.keys = workroom / "pages.json", report, fresh, rules, keys
        self.made: dict[str, str] = {}
        self.kept = 0
        self.before: dict[str, list[str]] = {}
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            known = json.loads(self.card.read_text(encoding="utf-8"))
            if known["schema"] == PAGES_SCHEMA:
                self.before = known["pages"]

    def __call__(self, shelf: Shelf, path: str, cards: Sequence[Card], rests_on: Any) -> bool:
        """Put the earlier page in place if it would be the same."""
        shown = [[self.keys[c.id], c.id, c.slug, c.address, c.title, sorted(c.images.items())] for c in cards]
        key = digest_of(self.rules, path, json.dumps([shown, sorted(shelf.state_slugs.items()), digest_of_value(rests_on)], ensure_ascii=False))
        self.made[path] = key
        earlier = self.before.get(path)
        if earlier is None or earlier[0] != key:
            return False
        try:
            data = (self.report / path).read_bytes()
        except OSError:
            return False
        if hashlib.sha256(data).hexdigest() != earlier[1]:
            return False
        target = self.fresh / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        self.kept += 1
        return True

    def remember(self) -> None:
        """Note what the pages now there were made of."""
        pages = {
            path: [key, hashlib.sha256((self.report / path).read_bytes()).hexdigest()] for path, key in self.made.items() if (self.report / path).is_file()
        }
        write_atomically(self.card, json.dumps({"schema": PAGES_SCHEMA, "pages": pages}).encode())


def _engine() -> tuple[str, ...]:
    from importlib.metadata import version

    return (version("pypdfium2"), version("pillow"))


def emptied(folder: Path) -> Path:
    """Return a folder that is there and empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
