"""A web server on loopback that misbehaves on demand: each path is one way to misbehave."""

from __future__ import annotations

import contextlib
import gzip
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server:
    """What it serves and what it was asked."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        self.other = pdf
        self.robots: tuple[int, bytes] = (404, b"")
        self.asked: list[tuple[str, dict[str, str], float]] = []
        self.count: Counter[str] = Counter()
        self.release = threading.Event()
        self.base = ""

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]

    def headers(self, path: str) -> list[dict[str, str]]:
        return [headers for p, headers, _ in self.asked if p == path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        s: Server = self.server.story
        s.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, time.monotonic()))
        s.count[self.path] += 1
        name = self.path.strip("/").split("?")[0].replace(".", "_").replace("-", "_")
        if self.path == "/robots.txt":
            self.whole(s.robots[1], status=s.robots[0], kind="text/plain")
            return
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            getattr(self, "at_" + name.split("/")[0], self.at_missing)(s)

    def whole(self, data: bytes, status: int = 200, kind: str = "application/pdf", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def at_missing(self, s: Server) -> None:
        self.whole(b"<html>gone</html>", 404, "text/html")

    def at_good_pdf(self, s: Server) -> None:
        if self.headers.get("If-None-Match") == '"v1"':
            self.send_response(304)
            self.send_header("ETag", '"v1"')
            self.end_headers()
            return
        self.whole(s.pdf, ETag='"v1"')

    def at_dated_pdf(self, s: Server) -> None:
        date = "Mon, 03 Jan 2028 10:00:00 GMT"
        if self.headers.get("If-Modified-Since") == date:
            self.send_response(304)
            self.end_headers()
            return
        self.whole(s.pdf, Last_Modified=date)

    def at_changing_pdf(self, s: Server) -> None:
        data = s.pdf if s.count[self.path] == 1 else s.other
        self.whole(data, ETag=f'"v{s.count[self.path]}"')

    def at_error_page_pdf(self, s: Server) -> None:
        self.whole(b"<!DOCTYPE html><html><body>This page is not available</body></html>", kind="text/html")

    def at_liar_pdf(self, s: Server) -> None:
        self.whole(b"  \n<html><body>Sorry</body></html>", kind="application/pdf")

    def at_page(self, s: Server) -> None:
        self.whole(b"<!doctype html><html><body><h1>Strategy</h1><p>We train the officers of partner nations.</p></body></html>", kind="text/html")

    def at_empty_pdf(self, s: Server) -> None:
        self.whole(b"")

    def at_noise_pdf(self, s: Server) -> None:
        self.whole(bytes(range(256)) * 20)

    def at_cut_pdf(self, s: Server) -> None:
        # Without a length and closed early: only the missing end of the PDF tells.
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(s.pdf[: len(s.pdf) // 2])
        self.close_connection = True

    def at_flaky_pdf(self, s: Server) -> None:
        if s.count[self.path] <= 2:
            self.whole(b"busy", 503, "text/plain")
        else:
            self.whole(s.pdf)

    def at_down_pdf(self, s: Server) -> None:
        self.whole(b"broken", 500, "text/plain")

    def at_patience_pdf(self, s: Server) -> None:
        if s.count[self.path] == 1:
            self.whole(b"wait", 429, "text/plain", Retry_After="7")
        else:
            self.whole(s.pdf)

    def at_never_pdf(self, s: Server) -> None:
        self.whole(b"wait", 503, "text/plain", Retry_After="86400")

    def at_breaking_pdf(self, s: Server) -> None:
        """Breaks off in the middle each time, but can be continued."""
        start = self._start('"b1"')
        rest = s.pdf[start:]
        self.send_response(206 if start else 200)
        self.send_header("ETag", '"b1"')
        self.send_header("Content-Length", str(len(rest)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(s.pdf) - 1}/{len(s.pdf)}")
        self.end_headers()
        if s.count[self.path] < 3:
            rest = rest[: len(s.pdf) // 3]
        self.wfile.write(rest)
        self.wfile.flush()
        self.close_connection = True

    def _start(self, mark: str) -> int:
        asked = self.headers.get("Range")
        return int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.headers.get("If-Range") == mark else 0

    def at_replaced_pdf(self, s: Server) -> None:
        """Breaks off, and is another document when asked to continue."""
        first = s.count[self.path] == 1
        data = s.pdf if first else s.other
        self.send_response(200)
        self.send_header("ETag", '"r1"' if first else '"r2"')
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 3] if first else data)
        self.wfile.flush()
        self.close_connection = True

    def at_wrong_part_pdf(self, s: Server) -> None:
        """Sends the wrong part when asked to continue."""
        if "Range" not in self.headers:
            self.send_response(200)
            self.send_header("ETag", '"w1"')
            self.send_header("Content-Length", str(len(s.pdf)))
            self.end_headers()
            self.wfile.write(s.pdf[:500] if s.count[self.path] == 1 else s.pdf)
            self.wfile.flush()
            self.close_connection = True
            return
        self.whole(s.pdf[:100], 206, Content_Range=f"bytes 0-99/{len(s.pdf)}")

    def at_range_refused_pdf(self, s: Server) -> None:
        if "Range" in self.headers:
            self.whole(b"", 416)
            return
        self.send_response(200)
        self.send_header("ETag", '"x1"')
        self.send_header("Content-Length", str(len(s.pdf)))
        self.end_headers()
        self.wfile.write(s.pdf[:500] if s.count[self.path] == 1 else s.pdf)
        self.wfile.flush()
        self.close_connection = True

    def at_huge_pdf(self, s: Server) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()

    def at_endless_pdf(self, s: Server) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        block = b"%PDF-1.7" + b"x" * 65_528
        while not s.release.is_set():
            self.wfile.write(b"%x\r\n" % len(block) + block + b"\r\n")

    def at_bomb_pdf(self, s: Server) -> None:
        self.whole(gzip.compress(b"%PDF-1.7" + b"\0" * (6 << 20)), Content_Encoding="gzip")

    def at_gzipped_pdf(self, s: Server) -> None:
        self.whole(gzip.compress(s.pdf), Content_Encoding="gzip")

    def at_not_gzip_pdf(self, s: Server) -> None:
        self.whole(s.pdf, Content_Encoding="gzip")

    def at_silent_pdf(self, s: Server) -> None:
        s.release.wait(30)
        self.close_connection = True

    def at_dripping_pdf(self, s: Server) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(s.pdf)))
        self.end_headers()
        for byte in s.pdf:
            if s.release.wait(0.05):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def at_nonsense_pdf(self, s: Server) -> None:
        self.wfile.write(b"this is not HTTP\r\n\r\n")
        self.close_connection = True

    def at_hangup_pdf(self, s: Server) -> None:
        self.close_connection = True

    def at_loop_pdf(self, s: Server) -> None:
        self.whole(b"", 302, Location="/loop.pdf")

    def at_moved_pdf(self, s: Server) -> None:
        self.whole(b"", 301, Location="/good.pdf")

    def at_inward_pdf(self, s: Server) -> None:
        self.whole(b"", 302, Location="http://10.0.0.1/secret.pdf")

    def at_to_file_pdf(self, s: Server) -> None:
        self.whole(b"", 302, Location="file:///etc/passwd")

    def at_nowhere_pdf(self, s: Server) -> None:
        self.send_response(302)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def at_unasked_304_pdf(self, s: Server) -> None:
        self.send_response(304)
        self.end_headers()


@contextlib.contextmanager
def misbehaving_server(pdf: bytes) -> Iterator[Server]:
    """Serve on a free port of this machine until the end of the block."""
    story = Server(pdf)
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    httpd.daemon_threads = True
    httpd.story = story  # type: ignore[attr-defined]
    httpd.handle_error = lambda *_: None  # type: ignore[method-assign]
    story.base = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield story
    finally:
        story.release.set()
        httpd.shutdown()
        httpd.server_close()
        thread.join(5)
