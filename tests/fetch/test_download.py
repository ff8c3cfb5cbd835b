"""Fetching against a server that misbehaves in every way we know of."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from misbehaving import Server, misbehaving_server

from ddextract.corpus import Entry, load_registry
from ddextract.errors import BusyError
from ddextract.fetch import address
from ddextract.fetch.address import Allowed
from ddextract.fetch.download import Courtesy, FetchError, Limits, download
from ddextract.fetch.originals import Originals, Outcome, Session, fetch_entries


def pdf(title: str, text: str = "We train the officers of partner nations at our staff college.") -> bytes:
    """A PDF whose bytes depend on title and text, and whose words on the text alone."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    canvas.setTitle(title)
    canvas.drawString(72, 720, text)
    canvas.save()
    return buffer.getvalue()


@pytest.fixture
def server() -> Iterator[Server]:
    with misbehaving_server(pdf("first")) as story:
        yield story


class Clock:
    """A clock that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


QUICK = Limits(seconds=20, connect=2, read=1.0, attempts=3, backoff=0.01, size=4 << 20)


def session(**changes: object) -> Session:
    given = {"limits": QUICK, "allowed": Allowed(private=True), "courtesy": Courtesy(seconds=0), **changes}
    return Session(**given)  # type: ignore[arg-type]


def fetch(server: Server, name: str, folder: Path, **changes: object) -> Outcome:
    own = folder / "strategies.csv"
    known = load_registry(own=folder).by_id.get("doc") if own.is_file() else None
    (outcome,) = fetch_entries([known or Entry("doc", "FRA", address=f"{server.base}/{name}", language="en")], folder, session(**changes))
    return outcome


def test_document_is_stored_by_the_hash_of_its_bytes_and_the_registry_leads_to_it(server: Server, tmp_path: Path) -> None:
    outcome = fetch(server, "good.pdf", tmp_path)
    assert outcome.result == "new"
    registry = load_registry(own=tmp_path)
    path = registry.path_of(registry.by_id["doc"])
    assert path is not None
    assert path.read_bytes() == server.pdf
    assert path.stem == registry.by_id["doc"].sha256 == outcome.entry.sha256
    assert not list((tmp_path / "partial").iterdir())


@pytest.mark.parametrize("name", ["good.pdf", "dated.pdf"])
def test_second_fetch_is_conditional_and_moves_no_bytes(server: Server, tmp_path: Path, name: str) -> None:
    fetch(server, name, tmp_path)
    assert fetch(server, name, tmp_path).result == "unchanged"
    first, second = server.headers(f"/{name}")
    assert not {"if-none-match", "if-modified-since"} & set(first)
    assert {"if-none-match", "if-modified-since"} & set(second)


def test_condition_is_dropped_when_the_original_is_damaged(server: Server, tmp_path: Path) -> None:
    entry = fetch(server, "good.pdf", tmp_path).entry
    path = tmp_path / entry.path
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    fetch(server, "good.pdf", tmp_path)
    assert "if-none-match" not in server.headers("/good.pdf")[1]
    assert path.read_bytes() == server.pdf


def test_new_file_with_the_same_text_is_a_snapshot_and_no_version(server: Server, tmp_path: Path) -> None:
    server.other = pdf("second title, same words")
    first = fetch(server, "changing.pdf", tmp_path)
    second = fetch(server, "changing.pdf", tmp_path)
    assert server.other != server.pdf
    assert second.result == "new file, same text"
    assert second.entry.sha256 == first.entry.sha256
    card = Originals(tmp_path).card("doc")
    assert (len(card.snapshots), len(card.versions)) == (2, 1)
    assert all(Originals(tmp_path).intact(s) for s in card.snapshots)


def test_new_text_is_a_new_version(server: Server, tmp_path: Path) -> None:
    server.other = pdf("first", "We no longer train the officers of partner nations.")
    first = fetch(server, "changing.pdf", tmp_path)
    second = fetch(server, "changing.pdf", tmp_path)
    assert second.result == "new version"
    assert second.entry.sha256 != first.entry.sha256
    card = Originals(tmp_path).card("doc")
    assert [v.number for v in card.versions] == [1, 2]
    assert len({Originals(tmp_path).text(v.text_sha256).read_text() for v in card.versions}) == 2


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("missing.pdf", "answers 404"),
        ("error-page.pdf", "html, not pdf (most likely an error page)"),
        ("liar.pdf", "html, not pdf"),
        ("page", "a web page"),
        ("empty.pdf", "empty file"),
        ("noise.pdf", "neither PDF, text, HTML nor DOCX"),
        ("cut.pdf", "cut off"),
        ("down.pdf", "answers 500"),
        ("never.pdf", "asks to wait 86400 s"),
        ("huge.pdf", "is larger than 4 MiB"),
        ("endless.pdf", "is larger than 4 MiB"),
        ("bomb.pdf", "is larger than 4 MiB"),
        ("not-gzip.pdf", "not encoded as the server says"),
        ("silent.pdf", "no answer within 1 s"),
        ("nonsense.pdf", "the connection failed"),
        ("hangup.pdf", "the connection failed"),
        ("loop.pdf", "more than 5 redirects"),
        ("to-file.pdf", "the scheme 'file' is not fetched"),
        ("nowhere.pdf", "a redirect that leads nowhere"),
        ("unasked-304.pdf", "without having been asked"),
    ],
)
def test_misbehaviour_is_a_failure_with_its_cause_and_leaves_nothing_behind(server: Server, tmp_path: Path, name: str, cause: str) -> None:
    outcome = fetch(server, name, tmp_path)
    assert outcome.failed
    assert cause in outcome.cause
    assert outcome.remedy
    assert not (tmp_path / "originals").exists()
    assert not list((tmp_path / "partial").glob("*"))
    assert "failed: " in load_registry(own=tmp_path).by_id["doc"].tried


def test_redirect_into_a_private_network_is_refused(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public = address._public
    monkeypatch.setattr(address, "_public", lambda ip: ip == "127.0.0.1" or public(ip))
    outcome = fetch(server, "inward.pdf", tmp_path, allowed=Allowed())
    assert "10.0.0.1 is a private address" in outcome.cause
    assert server.count["/inward.pdf"] == 1


def test_old_original_stays_when_the_address_fails_later(server: Server, tmp_path: Path) -> None:
    before = fetch(server, "changing.pdf", tmp_path).entry
    server.other = b"<html>error</html>"
    outcome = fetch(server, "changing.pdf", tmp_path)
    assert outcome.failed
    registry = load_registry(own=tmp_path)
    path = registry.path_of(registry.by_id["doc"])
    assert path is not None
    assert path.read_bytes() == server.pdf
    assert registry.by_id["doc"].sha256 == before.sha256


def test_busy_server_is_asked_again_with_growing_pauses(server: Server, tmp_path: Path) -> None:
    clock = Clock()
    outcome = fetch(server, "flaky.pdf", tmp_path, courtesy=Courtesy(0, clock=clock, sleep=clock.sleep), limits=Limits(backoff=1.0))
    assert (outcome.result, outcome.attempts) == ("new", 3)
    first, second = clock.slept
    assert 0.75 <= first <= 1.25
    assert 1.5 <= second <= 2.5


def test_retry_after_is_obeyed(server: Server, tmp_path: Path) -> None:
    clock = Clock()
    assert fetch(server, "patience.pdf", tmp_path, courtesy=Courtesy(0, clock=clock, sleep=clock.sleep)).result == "new"
    assert clock.slept == [7.0]


def test_time_limit_holds_against_a_server_that_drips(server: Server, tmp_path: Path) -> None:
    begun = time.monotonic()
    outcome = fetch(server, "dripping.pdf", tmp_path, limits=Limits(seconds=0.8, read=0.5, attempts=3, backoff=0.01))
    assert "took longer than 0.8 s" in outcome.cause
    assert time.monotonic() - begun < 3


def test_broken_download_is_resumed_and_whole(server: Server, tmp_path: Path) -> None:
    outcome = fetch(server, "breaking.pdf", tmp_path, limits=Limits(read=2, attempts=4, backoff=0.01))
    assert outcome.result == "new"
    assert (tmp_path / outcome.entry.path).read_bytes() == server.pdf
    ranges = [h.get("range") for h in server.headers("/breaking.pdf")]
    third = len(server.pdf) // 3
    assert ranges == [None, f"bytes={third}-", f"bytes={2 * third}-"]


def test_broken_download_is_resumed_by_a_later_call(server: Server, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="the connection"):
        download(f"{server.base}/breaking.pdf", tmp_path, limits=Limits(attempts=1), allowed=Allowed(private=True), courtesy=Courtesy(0))
    server.count["/breaking.pdf"] = 5
    got = download(f"{server.base}/breaking.pdf", tmp_path, limits=QUICK, allowed=Allowed(private=True), courtesy=Courtesy(0))
    assert got.path is not None
    assert got.resumed == len(server.pdf) // 3
    assert got.path.read_bytes() == server.pdf


def test_document_replaced_while_broken_off_is_not_patched_together(server: Server, tmp_path: Path) -> None:
    server.other = pdf("other", "A document of quite another kind and of other length altogether.")
    outcome = fetch(server, "replaced.pdf", tmp_path)
    assert (tmp_path / outcome.entry.path).read_bytes() == server.other


@pytest.mark.parametrize("name", ["wrong-part.pdf", "range-refused.pdf"])
def test_server_that_cannot_continue_is_asked_for_the_whole(server: Server, tmp_path: Path, name: str) -> None:
    outcome = fetch(server, name, tmp_path)
    assert outcome.result == "new"
    assert (tmp_path / outcome.entry.path).read_bytes() == server.pdf


def test_compressed_answer_is_unpacked(server: Server, tmp_path: Path) -> None:
    outcome = fetch(server, "gzipped.pdf", tmp_path)
    assert (tmp_path / outcome.entry.path).read_bytes() == server.pdf


def test_redirect_is_followed_and_noted(server: Server, tmp_path: Path) -> None:
    fetch(server, "moved.pdf", tmp_path)
    assert Originals(tmp_path).card("doc").snapshots[0].address.endswith("/good.pdf")


def test_web_page_is_taken_when_allowed(server: Server, tmp_path: Path) -> None:
    assert fetch(server, "page", tmp_path, html=True).result == "new"


def test_robots_txt_is_obeyed_with_wildcards(server: Server, tmp_path: Path) -> None:
    server.robots = (200, b"User-agent: *\nDisallow: /*.pdf$\n")
    outcome = fetch(server, "good.pdf", tmp_path)
    assert "robots.txt" in outcome.cause
    assert "/good.pdf" not in server.paths()


def test_robots_txt_that_cannot_be_had_forbids_for_now(server: Server, tmp_path: Path) -> None:
    server.robots = (503, b"")
    assert "robots.txt" in fetch(server, "good.pdf", tmp_path).cause
    assert "/good.pdf" not in server.paths()


def test_host_is_asked_no_faster_than_it_wishes(server: Server, tmp_path: Path) -> None:
    server.robots = (200, b"User-agent: *\nCrawl-delay: 9\n")
    clock = Clock()
    entries = [Entry(f"doc{i}", "FRA", address=f"{server.base}/good.pdf?{i}", language="en") for i in range(3)]
    fetch_entries(entries, tmp_path, session(courtesy=Courtesy(1, clock=clock, sleep=clock.sleep)))
    assert clock.slept == [9.0, 9.0, 9.0]
    assert server.count["/robots.txt"] == 1


@pytest.mark.parametrize(
    "wrong",
    ["http://127.0.0.1/a.pdf", "http://localhost/a.pdf", "http://[::1]/a.pdf", "http://169.254.169.254/latest", "http://192.168.1.1/a.pdf",
     "http://[::ffff:10.0.0.1]/a.pdf", "http://0.0.0.0/a.pdf", "ftp://example.org/a.pdf", "http://user:word@example.org/a.pdf"],
)  # fmt: skip
def test_private_and_odd_addresses_are_refused_without_being_asked(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"private address|not fetched|user name"):
        download(wrong, tmp_path, limits=Limits(attempts=1), courtesy=Courtesy(0))


def test_public_name_that_leads_inward_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="private address"):
        download("http://ministry.example/a.pdf", tmp_path, limits=Limits(attempts=1), courtesy=Courtesy(0), resolver=lambda *_: ["127.0.0.1"])
    assert server.asked == []


def test_host_that_was_checked_is_the_host_that_is_asked(server: Server, tmp_path: Path) -> None:
    port = server.base.rpartition(":")[2]
    answers = iter([["127.0.0.1"], ["127.0.0.1"], ["203.0.113.9"]])
    got = download(
        f"http://ministry.example:{port}/good.pdf",
        tmp_path,
        limits=QUICK,
        allowed=Allowed(private=True),
        courtesy=Courtesy(0),
        resolver=lambda *_: next(answers),
    )
    assert got.path is not None
    assert {h["host"] for _, h, _ in server.asked} == {f"ministry.example:{port}"}


def test_file_address_is_refused_unless_allowed(tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(pdf("local"))
    entry = Entry("doc", "FRA", address=source.as_uri(), language="en")
    (refused,) = fetch_entries([entry], tmp_path / "corpus", session(allowed=Allowed()))
    assert "--allow-files" in refused.remedy
    (taken,) = fetch_entries([entry], tmp_path / "corpus", session(allowed=Allowed(files=True)))
    assert taken.result == "new"


def test_failure_fails_alone(server: Server, tmp_path: Path) -> None:
    entries = [Entry("bad", "FRA", address=f"{server.base}/missing.pdf"), Entry("good", "FRA", address=f"{server.base}/good.pdf", language="en")]
    assert [o.result for o in fetch_entries(entries, tmp_path, session())] == ["failed", "new"]


def test_second_fetch_of_the_same_corpus_waits_for_nobody(server: Server, tmp_path: Path) -> None:
    from filelock import FileLock

    with FileLock(tmp_path / ".lock"), pytest.raises(BusyError, match="another fetch"):
        fetch_entries([], tmp_path, session())
