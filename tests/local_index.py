"""A package index on this machine for tests: PEP 691 or PEP 503 pages, ranges, broken connections, HTTP errors."""

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JSON = "application/vnd.pypi.simple.v1+json"


class LocalIndex(ThreadingHTTPServer):
    """Serves `files` under `/files/` and lists them on every project's page.

    Attributes to set: `style` "json" or "html"; `ranges` whether Range is honoured; `cut_after` a list of byte counts,
    one for each coming file request, after which its connection breaks; `statuses` HTTP errors for coming requests;
    `file_host` a URL that serves the files instead. `requests` records (path, headers) of what was asked.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.style = "json"
        self.ranges = True
        self.cut_after: list[int] = []
        self.statuses: list[int] = []
        self.file_host = ""
        self.requests: list[tuple[str, dict[str, str]]] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.address}/simple"

    def file_requests(self) -> list[dict[str, str]]:
        return [headers for path, headers in self.requests if path.startswith("/files/")]


@contextlib.contextmanager
def serving(server: LocalIndex) -> Iterator[LocalIndex]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LocalIndex

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.close_connection = True
        self.server.requests.append((self.path, dict(self.headers)))
        if self.server.statuses:
            self.send_error(self.server.statuses.pop(0))
        elif self.path.startswith("/simple/"):
            self._send_page()
        elif (data := self.server.files.get(self.path.rpartition("/")[2])) is not None:
            self._send_file(data)
        else:
            self.send_error(404)

    def _send_page(self):
        urls = {name: f"{self.server.file_host}/files/{name}" for name in self.server.files}
        if self.server.style == "json":
            kind, page = JSON, json.dumps({"files": [{"filename": n, "url": u} for n, u in urls.items()]})
        else:
            links = "".join(
                f'<a href="{u if self.server.file_host else "../.." + u}#sha256=0">{n}</a>' for n, u in urls.items()
            )
            kind, page = "text/html", f"<!DOCTYPE html><html><body><a>no link</a>{links}</body></html>"
        self._send(200, {"Content-Type": kind}, page.encode())

    def _send_file(self, data: bytes):
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and self.server.ranges:
            start = int(asked[1])
            self._send(206, {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}, data[start:])
        else:
            self._send(200, {}, data)

    def _send(self, status: int, headers: dict[str, str], body: bytes):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.path.startswith("/files/") and self.server.cut_after:
            body = body[: self.server.cut_after.pop(0)]
        self.wfile.write(body)
