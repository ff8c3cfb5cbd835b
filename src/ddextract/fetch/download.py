"""One download: polite, conditional, resumable, within limits, and patient with a server that misbehaves."""

from __future__ import annotations

import email.utils
import json
import os
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from protego import Protego

from ddextract.fetch.address import Allowed, RefusedError, Resolver, checked, resolve

AGENT = "ddextract"
"""Name under which robots.txt may speak to us."""
_TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ROBOTS_BYTES = 512_000


class FetchError(Exception):
    """A download that did not succeed.

    Args:
        cause: What went wrong.
        remedy: What the user can do.
        temporary: Whether another attempt may succeed.
        wait: Seconds that the server asks to wait.
    """

    def __init__(self, cause: str, remedy: str = "Try again later", *, temporary: bool = False, wait: float | None = None) -> None:
        self.cause = cause
        self.remedy = remedy
        self.temporary = temporary
        self.wait = wait
        super().__init__(f"{cause}. {remedy}.")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a download may cost.

    Attributes:
        size: Most bytes of a document.
        seconds: Most seconds for a document, all attempts and waits included.
        connect: Seconds to connect.
        read: Seconds without a byte.
        redirects: Most redirects.
        attempts: Most attempts.
        backoff: Seconds before the second attempt; doubled each time.
        longest_wait: Most seconds that a server may make us wait (Retry-After, Crawl-delay).
    """

    size: int = 200 << 20
    seconds: float = 600.0
    connect: float = 15.0
    read: float = 60.0
    redirects: int = 5
    attempts: int = 4
    backoff: float = 2.0
    longest_wait: float = 120.0


@dataclass(frozen=True, slots=True)
class Download:
    """What came of asking: a new file, or none because it has not changed.

    Attributes:
        path: The file in the folder of partial downloads; None where the server says that nothing has changed.
        address: The address after redirects.
        etag: The server's mark of this content.
        modified: When the server says that it last changed.
        content_type: What the server calls it.
        attempts: How often it was asked.
        resumed: Bytes that were there from an attempt before.
    """

    path: Path | None
    address: str
    etag: str = ""
    modified: str = ""
    content_type: str = ""
    attempts: int = 1
    resumed: int = 0


@dataclass
class Courtesy:
    """Robots rules and the time between two requests to the same host.

    Attributes:
        seconds: Time between two requests to a host that asks for no other.
        obey: Whether robots.txt is asked and obeyed.
        clock: Seconds that only rise.
        sleep: Waits.
    """

    seconds: float = 2.0
    obey: bool = True
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    rules: dict[str, Protego | None] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)

    def wait(self, url: httpx.URL, limits: Limits) -> None:
        """Wait until the host may be asked again."""
        site = _site(url)
        delay = self.seconds
        rules = self.rules.get(site)
        if rules is not None:
            asked = rules.crawl_delay(AGENT)
            delay = max(delay, min(float(asked), limits.longest_wait)) if asked else delay
        if site in self.last:
            pause = self.last[site] + delay - self.clock()
            if pause > 0:
                self.sleep(pause)
        self.last[site] = self.clock()


def _site(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"


def download(
    address: str,
    folder: Path,
    *,
    etag: str = "",
    modified: str = "",
    limits: Limits | None = None,
    allowed: Allowed | None = None,
    courtesy: Courtesy | None = None,
    resolver: Resolver = resolve,
) -> Download:
    """Fetch an address into a folder of partial downloads.

    A download that breaks off stays there and is resumed, by the next attempt or the next call, if the server's mark of
    the content (ETag or date) is still the same.

    Args:
        address: The address (http, https; file if allowed).
        folder: Folder for partial downloads.
        etag: Mark of what is there already; the server then may say that nothing has changed.
        modified: The same, by date.
        limits: What it may cost.
        allowed: What is allowed beyond public addresses.
        courtesy: Robots rules and pace, shared by all downloads of a session.
        resolver: Gives the IP addresses of a name.

    Raises:
        FetchError: It did not succeed.
    """
    limits, allowed, courtesy = limits or Limits(), allowed or Allowed(), courtesy or Courtesy()
    if urlsplit(address).scheme == "file":
        return _from_file(address, folder, limits, allowed)
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise FetchError(f"no usable address ({error})", "Mend the address in the registry") from None
    asking = _Asking(folder, limits, allowed, courtesy, resolver)
    fault = FetchError("was not asked")
    try:
        for attempt in range(1, limits.attempts + 1):
            try:
                return asking.ask(url, etag, modified, attempt)
            except FetchError as error:
                fault = error
                if not error.temporary or attempt == limits.attempts:
                    break
                pause = error.wait if error.wait is not None else limits.backoff * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)
                if error.wait is not None and error.wait > limits.longest_wait:
                    raise FetchError(f"the server asks to wait {error.wait:g} s", "Try again after that time") from None
                if asking.left() <= pause:
                    raise FetchError(f"{error.cause}; no time left for another attempt ({limits.seconds:g} s in all)", "Raise the limit or try later") from None
                courtesy.sleep(pause)
        raise fault
    finally:
        asking.client.close()


def _from_file(address: str, folder: Path, limits: Limits, allowed: Allowed) -> Download:
    """Copy a file of this machine, where the user allows it."""
    import shutil
    from urllib.request import url2pathname

    if not allowed.files:
        raise FetchError("the address is a file of this machine", "--allow-files takes it all the same")
    parts = urlsplit(address)
    if parts.netloc not in ("", "localhost"):
        raise FetchError(f"the address is a file of another machine ({parts.netloc})", "Copy it here first")
    source = Path(url2pathname(parts.path))
    target = folder / f"{os.getpid()}-{source.name}"
    try:
        if source.stat().st_size > limits.size:
            raise FetchError(_too_large(limits), "Raise --max-size if it is worth it")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        raise FetchError(f"cannot be copied ({error.strerror})", "Check the path") from None
    return Download(target, address)


def _too_large(limits: Limits) -> str:
    return f"is larger than {limits.size / (1 << 20):g} MiB"


class _Asking:
    """The state of one download over its attempts."""

    def __init__(self, folder: Path, limits: Limits, allowed: Allowed, courtesy: Courtesy, resolver: Resolver) -> None:
        self.folder, self.limits, self.allowed, self.courtesy, self.resolver = folder, limits, allowed, courtesy, resolver
        self.end = courtesy.clock() + limits.seconds
        timeout = httpx.Timeout(limits.read, connect=limits.connect)
        self.client = httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False, proxy=allowed.proxy, headers={"User-Agent": _user_agent()})

    def left(self) -> float:
        """Return the seconds that are left."""
        return self.end - self.courtesy.clock()

    def ask(self, url: httpx.URL, etag: str, modified: str, attempt: int) -> Download:
        """Ask once, following redirects."""
        first = url
        partial = _Partial(self.folder, str(first))
        for _ in range(self.limits.redirects + 1):
            self.permitted(url)
            headers = {"Accept-Encoding": "identity", "Accept": "application/pdf, text/plain, */*;q=0.5"}
            have = partial.size()
            if have:
                headers |= {"Range": f"bytes={have}-", "If-Range": partial.validator}
            else:
                headers |= {**({"If-None-Match": etag} if etag else {}), **({"If-Modified-Since": modified} if modified else {})}
            self.courtesy.wait(url, self.limits)
            response = self.send(url, headers)
            try:
                if response.status_code in _REDIRECTS:
                    url = self.redirected(url, response)
                    continue
                return self.received(url, response, partial, bool(etag or modified), attempt)
            finally:
                response.close()
        raise FetchError(f"more than {self.limits.redirects} redirects", "Look the address up and mend it in the registry")

    def send(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        """Send a request to the very host that was checked."""
        try:
            ip = checked(url, self.allowed, self.resolver)
        except RefusedError as error:
            raise FetchError(str(error), "Mend the address in the registry") from None
        except OSError as error:
            raise FetchError(f"the host {url.host} is not found ({error.strerror})", "Check the address and the network", temporary=True) from None
        target = url.copy_with(host=ip) if ip else url
        # Connecting to the address that was checked leaves no second look-up that could answer differently.
        request = self.client.build_request("GET", target, headers={**headers, "Host": url.netloc.decode()}, extensions={"sni_hostname": url.host})
        request.extensions["timeout"] = httpx.Timeout(min(self.limits.read, max(self.left(), 0.1)), connect=self.limits.connect).as_dict()
        try:
            return self.client.send(request, stream=True)
        except httpx.TimeoutException:
            raise FetchError(f"no answer within {self.limits.read:g} s", temporary=True) from None
        except (httpx.TransportError, httpx.ProtocolError) as error:
            raise FetchError(f"the connection failed ({_plain(error)})", "Check the address and the network", temporary=True) from None

    def redirected(self, url: httpx.URL, response: httpx.Response) -> httpx.URL:
        """Return where a redirect leads."""
        place = response.headers.get("location", "")
        if not place:
            raise FetchError("a redirect that leads nowhere", "Look the address up and mend it in the registry")
        try:
            target = url.join(place)
        except httpx.InvalidURL:
            raise FetchError(f"a redirect to no usable address ({place[:80]})", "Look the address up and mend it in the registry") from None
        if url.scheme == "https" and target.scheme == "http":
            raise FetchError("a redirect from https to http", "Look the address up and mend it in the registry")
        return target

    def permitted(self, url: httpx.URL) -> None:
        """Ask robots.txt of the host, once per session.

        Raises:
            FetchError: It forbids the address, or cannot be asked.
        """
        if not self.courtesy.obey:
            return
        site = _site(url)
        if site not in self.courtesy.rules:
            self.courtesy.rules[site] = self.robots(url.join("/robots.txt"))
        rules = self.courtesy.rules[site]
        if rules is not None and not rules.can_fetch(str(url), AGENT):
            raise FetchError(f"robots.txt of {url.host} does not allow it", "Get the file yourself and add it (ddextract corpus add --file)")

    def robots(self, url: httpx.URL) -> Protego | None:
        """Return the rules of a site; None where it has none."""
        for _ in range(self.limits.redirects + 1):
            self.courtesy.wait(url, self.limits)
            response = self.send(url, {"Accept-Encoding": "identity"})
            try:
                if response.status_code in _REDIRECTS:
                    url = self.redirected(url, response)
                    continue
                if response.status_code >= 500 or response.status_code == 429:
                    # RFC 9309: rules that cannot be had for now forbid everything for now.
                    raise FetchError(f"robots.txt of {url.host} cannot be had (status {response.status_code})", temporary=True)
                if response.status_code != 200:
                    return None
                text = bytearray()
                for chunk in self.chunks(response):
                    text += chunk
                    if len(text) >= _ROBOTS_BYTES:
                        break
                return Protego.parse(bytes(text[:_ROBOTS_BYTES]).decode("utf-8", errors="replace"))
            finally:
                response.close()
        return None

    def received(self, url: httpx.URL, response: httpx.Response, partial: _Partial, conditional: bool, attempt: int) -> Download:
        """Take what the server sends."""
        status, have = response.status_code, partial.size()
        marks = {"etag": response.headers.get("etag", ""), "modified": response.headers.get("last-modified", "")}
        content_type = response.headers.get("content-type", "")
        if status == 304:
            if not conditional or have:
                raise FetchError("the server says 'not modified' without having been asked", temporary=False)
            return Download(None, str(url), **marks, content_type=content_type, attempts=attempt)
        if status == 416 and have:
            partial.drop()
            raise FetchError("the partial download no longer fits", temporary=True, wait=0.0)
        if status in _TEMPORARY:
            raise FetchError(f"the server answers {status}", temporary=True, wait=_retry_after(response))
        if status not in (200, 206):
            raise FetchError(f"the server answers {status}", "Look the address up and mend it in the registry" if status in (404, 410) else "Try again later")
        total = _length(response)
        if status == 206:
            place = re.match(r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("content-range", ""))
            if not have or not place or int(place[1]) != have:
                partial.drop()
                raise FetchError("the server sent another part than was asked", temporary=True, wait=0.0)
            total = int(place[3]) if place[3] != "*" else int(place[2]) + 1
        else:
            partial.drop()
            have = 0
        if total is not None and total > self.limits.size:
            partial.drop()
            raise FetchError(_too_large(self.limits), "Raise --max-size if it is worth it")
        encoded = response.headers.get("content-encoding", "identity") not in ("", "identity")
        partial.begin(marks, resumable=not encoded)
        size = partial.append(self.chunks(response), self.limits)
        if total is not None and not encoded and size != total:
            partial.keep_if_resumable()
            raise FetchError(f"the connection ended after {size:,} of {total:,} bytes", temporary=True)
        return Download(partial.path, str(url), **marks, content_type=content_type, attempts=attempt, resumed=have)

    def chunks(self, response: httpx.Response) -> Iterator[bytes]:
        """Yield what comes, as long as there is time."""
        try:
            for chunk in response.iter_bytes():
                if self.left() <= 0:
                    raise FetchError(f"took longer than {self.limits.seconds:g} s", "Raise the limit or try later")
                yield chunk
        except httpx.TimeoutException:
            raise FetchError(f"nothing came for {self.limits.read:g} s", temporary=True) from None
        except httpx.DecodingError:
            raise FetchError("the content is not encoded as the server says") from None
        except (httpx.TransportError, httpx.StreamError) as error:
            raise FetchError(f"the connection broke ({_plain(error)})", temporary=True) from None


class _Partial:
    """A partial download and the server's mark of what it is part of."""

    def __init__(self, folder: Path, address: str) -> None:
        import hashlib

        name = hashlib.sha256(address.encode()).hexdigest()[:24]
        self.folder, self.path, self.card = folder, folder / f"{name}.part", folder / f"{name}.json"
        self.resumable = True

    @property
    def validator(self) -> str:
        """Mark for If-Range: a strong ETag, else the date; nothing where the download cannot be resumed."""
        try:
            card = json.loads(self.card.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""
        etag = str(card.get("etag", ""))
        return etag if etag and not etag.startswith("W/") else str(card.get("modified", ""))

    def size(self) -> int:
        """Return how many bytes are there and can be continued."""
        if not self.path.is_file() or not self.validator:
            return 0
        return self.path.stat().st_size

    def drop(self) -> None:
        """Begin anew."""
        self.path.unlink(missing_ok=True)
        self.card.unlink(missing_ok=True)

    def begin(self, marks: Mapping[str, str], *, resumable: bool) -> None:
        """Note what the bytes to come are part of."""
        self.resumable = resumable
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.card.write_text(json.dumps(dict(marks) if resumable else {}), encoding="utf-8")
        except OSError as error:
            raise FetchError(f"{self.folder} cannot be written ({error.strerror})", "Free space or mend its permissions") from None

    def append(self, chunks: Iterator[bytes], limits: Limits) -> int:
        """Write what comes; return the size of the whole."""
        try:
            with self.path.open("ab") as file:
                for chunk in chunks:
                    if file.tell() + len(chunk) > limits.size:
                        file.close()
                        self.drop()
                        raise FetchError(_too_large(limits), "Raise --max-size if it is worth it")
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
                return file.tell()
        except OSError as error:
            raise FetchError(f"{self.folder} cannot be written ({error.strerror})", "Free space or mend its permissions") from None
        except FetchError:
            self.keep_if_resumable()
            raise

    def keep_if_resumable(self) -> None:
        """Keep what came only if it can be continued."""
        if not self.resumable or not self.validator:
            self.drop()


def _length(response: httpx.Response) -> int | None:
    text = response.headers.get("content-length", "")
    return int(text) if text.isdigit() else None


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after", "")
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _plain(error: Exception) -> str:
    return str(error) or type(error).__name__


def _user_agent() -> str:
    from importlib.metadata import version

    return f"{AGENT}/{version('ddextract')} (reads national strategy documents; obeys robots.txt)"
