"""Clients that ask faster than they listen: requests without end over one connection, answers that nobody reads."""

import asyncio
import contextlib
import socket
import time

import pytest
from fastapi import FastAPI, Request
from live_service import in_thread, send_raw, service_log, until

from sentiment.serving import protocol

GET = b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n"
LARGE = 20 << 20


class Counting:
    """ASGI middleware: how many requests are being answered, and how many were."""

    def __init__(self, app):
        self.app, self.now, self.ever = app, 0, 0

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.now, self.ever = self.now + 1, self.ever + 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.now -= 1


@pytest.fixture(scope="module")
def service():
    """A service that takes its time, echoes, and answers at length; its port and its counts."""
    app = FastAPI()

    @app.get("/slow")
    async def slow():
        await asyncio.sleep(0.01)
        return "done"

    @app.get("/large")
    async def large():
        return "a" * LARGE

    @app.post("/echo")
    async def echo(request: Request):
        return (await request.body()).decode()

    counting = Counting(app)
    with in_thread(counting) as port:
        yield port, counting


def test_requests_that_wait_for_earlier_answers_are_answered_in_order_up_to_a_number(service):
    port, _ = service
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(GET * protocol.MAX_PIPELINED)
        connection.shutdown(socket.SHUT_WR)
        answers = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert answers.count(b"HTTP/1.1 200") == protocol.MAX_PIPELINED
    assert send_raw(port, GET * (2 * protocol.MAX_PIPELINED)).is_problem(429, "too-many-requests")


def test_requests_without_end_are_cut_off_and_neither_held_nor_answered(service, monkeypatch):
    port, counting = service
    before, deadline = counting.ever, time.monotonic() + 20
    monkeypatch.setattr(protocol, "LINGER_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection, contextlib.suppress(OSError):
        while time.monotonic() < deadline:
            connection.sendall(GET * 1000)
    assert time.monotonic() < deadline, "it was never cut off"
    until(lambda: counting.now == 0, 10)
    assert counting.ever - before <= 2 * protocol.MAX_PIPELINED


def test_a_client_that_leaves_before_its_requests_are_answered_is_no_error(service):
    port, counting = service
    with service_log() as log:
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
                connection.sendall(GET * 50)
        until(lambda: counting.now == 0, 10)
    assert not [entry for entry in log if "Exception" in entry or "Traceback" in entry]


def test_a_client_that_never_reads_its_answer_is_cut_off(service, monkeypatch):
    monkeypatch.setattr(protocol, "UNREAD_SECONDS", 0.5)
    port, _ = service
    large = b"a" * (20 << 20)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(large) + large)
        time.sleep(1.5)
        taken = b""
        with contextlib.suppress(ConnectionResetError):
            taken = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    assert len(taken) < len(large)


@pytest.mark.parametrize("connection_header", [b"", b"connection: close\r\n"])
def test_a_client_that_never_reads_holds_no_connection(service, monkeypatch, connection_header):
    port, counting = service
    monkeypatch.setattr(protocol, "UNREAD_SECONDS", 0.3)
    made = []
    really = protocol.Protocol.connection_made
    monkeypatch.setattr(
        protocol.Protocol, "connection_made", lambda self, *given: made.append(self) or really(self, *given)
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nhost: x\r\n" + connection_header + b"\r\n")
        until(lambda: made and made[0] not in made[0].connections, 10)
    until(lambda: counting.now == 0, 10)
