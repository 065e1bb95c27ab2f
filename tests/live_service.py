"""What the service's tests share: a service that really listens, in a thread or a process, and a small client."""

import contextlib
import http.client
import json
import logging
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn
from fastapi import FastAPI
from paths import ROOT

from sentiment.serving.server import SETTINGS

JSON = {"content-type": "application/json"}


class Reply(NamedTuple):
    """An HTTP response; its body as JSON where it is."""

    status: int
    headers: http.client.HTTPMessage
    body: Any

    def is_problem(self, status: int, kind: str) -> bool:
        """Tells whether this is the documented form of an error."""
        return (
            self.status == status == self.body["status"]
            and self.headers["content-type"] == "application/problem+json"
            and self.body["type"] == f"urn:problem-type:sentiment:{kind}"
            and bool(self.body["title"] and self.body["detail"])
        )


def ask(
    port: int,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    context: ssl.SSLContext | None = None,
) -> Reply:
    """Sends one request over a connection of its own; over TLS where there is a context."""
    if context:
        new = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
    else:
        new = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(new) as connection:
        connection.request(method, path, body, headers or {})
        return _reply(connection.getresponse())


def ask_predict(port: int, value: object) -> Reply:
    """Posts a JSON value to /v1/predict."""
    return ask(port, "POST", "/v1/predict", json.dumps(value).encode(), JSON)


def send_raw(port: int, *parts: bytes, pause: float = 0) -> Reply:
    """Sends bytes, whether HTTP or not, part by part, and reads the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return _reply(response)


@contextlib.contextmanager
def in_thread(app: FastAPI, **settings: object) -> Iterator[int]:
    """Serves an app as `sentiment serve` does, in a thread; gives the port. `settings`: more of uvicorn's."""
    config = uvicorn.Config(app, **SETTINGS, **settings)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        until(lambda: server.started)
        yield port
    finally:
        server.should_exit = True
        thread.join()


class _KeepingHandler(logging.Handler):
    def __init__(self, kept: list[str]):
        super().__init__()
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(self.format(record))


@contextlib.contextmanager
def service_log() -> Iterator[list[str]]:
    """Gives what a running service writes to its log, a string an entry, until the block ends."""
    kept: list[str] = []
    handler = _KeepingHandler(kept)
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(handler)
    yield kept
    logger.removeHandler(handler)


@contextlib.contextmanager
def in_process(
    run: Path,
    *flags: str,
    command: Sequence[str] = (sys.executable, str(ROOT / "scripts" / "serve.py")),
    context: ssl.SSLContext | None = None,
) -> Iterator[tuple[subprocess.Popen, int]]:
    """Starts `scripts/serve.py` on any free port; gives the process, and the port once it answers.

    The process's `log` gets the lines that it writes from then on. `context`: of a client, where TLS is spoken.
    """
    whole = [*command, "--run", str(run), "--port", "0", *flags]
    with subprocess.Popen(whole, stderr=subprocess.PIPE, text=True) as process, contextlib.ExitStack() as stack:
        try:
            port = int(re.search(r"https?://[\d.]+:(\d+)", _line_with(process, "://"))[1])
            process.log = []
            reading = threading.Thread(target=process.log.extend, args=[process.stderr], daemon=True)
            reading.start()
            stack.callback(reading.join, 30)  # before its pipe is closed
            assert ask(port, "GET", "/readyz", context=context).status == 200
            yield process, port
        finally:
            process.terminate()
            process.wait(60)


def _line_with(process: subprocess.Popen, word: str) -> str:
    lines: list[str] = []
    for line in process.stderr:
        if word in line:
            return line
        lines.append(line)
    raise AssertionError("the service did not start: " + "".join(lines))


def _reply(response: http.client.HTTPResponse) -> Reply:
    body = response.read()
    is_json = "json" in (response.headers["content-type"] or "")
    return Reply(response.status, response.headers, json.loads(body) if is_json else body)


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Waits until something holds; an AssertionError if it doesn't in time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.05)


def counter(text: bytes, name: str, labels: Sequence[str] = ()) -> float:
    """Returns the sum of a Prometheus counter's samples that have all of these labels."""
    lines = [line for line in text.decode().splitlines() if re.match(rf"{name}[ {{]", line)]
    return sum(float(line.split()[-1]) for line in lines if all(label in line for label in labels))
