"""HTTP below the routes: what isn't HTTP, what comes too slowly, headers without end, and how a connection ends."""

import contextlib
import http.client
import socket
import time

import pytest
from fastapi import FastAPI, Request
from live_service import in_thread, send_raw, service_log, until

from sentiment.serving import protocol

POST = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"


@pytest.fixture(scope="module")
def port():
    """A service that echoes bodies."""
    app = FastAPI()

    @app.post("/echo")
    async def echo(request: Request):
        return (await request.body()).decode()

    with in_thread(app) as port:
        yield port


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # how TLS begins
        b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: many\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nx: a\r\n b\r\n\r\n",
        POST.replace(b"content-length", b"content-length: 4\r\ncontent-length"),
        POST.replace(b"content-length:", b"content-length :"),
        POST.replace(b"content-length: ", b"content-length: +"),
        POST.replace(b"content-length: 4", b"transfer-encoding: chunked") + b"fffffffffffffffff\r\n",
        POST.replace(b"content-length: 4", b"transfer-encoding: chunked, identity"),
        b"CONNECT example.org:443 HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
)
def test_what_is_not_http_is_told_in_the_documented_form(port, sent):
    assert send_raw(port, sent).is_problem(400, "invalid-http")


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"xchunked"])
def test_a_transfer_coding_that_is_not_undone_is_refused(port, coding):
    sent = POST.replace(b"content-length: 4", b"transfer-encoding: " + coding)
    assert send_raw(port, sent).is_problem(501, "transfer-encoding")


def test_a_request_of_http_1_0_needs_no_host(port):
    assert send_raw(port, POST.replace(b"host: x\r\n", b"").replace(b"1.1", b"1.0"), b"abcd").status == 200


def test_a_target_in_absolute_form_is_its_path(port):
    assert send_raw(port, POST.replace(b"/echo", b"http://elsewhere.example/echo"), b"abcd").body == "abcd"


def test_a_header_without_end_is_refused(port):
    line = b"x-filler: " + b"a" * 1000 + b"\r\n"
    assert send_raw(port, b"GET / HTTP/1.1\r\n", *[line] * 40).is_problem(431, "header-too-large")


LARGE = b"a" * (40 << 10)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nx-filler: " + LARGE + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"x-filler: a\r\n" * 4000 + b"\r\n",
        b"GET /" + LARGE + b" HTTP/1.1\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx-filler: " + LARGE + b"\r\n\r\n",
    ],
    ids=["one line", "many lines", "request line", "trailer"],
)
def test_a_large_header_is_refused_even_in_one_packet(port, sent):
    assert send_raw(port, sent).is_problem(431, "header-too-large")


@pytest.mark.parametrize(
    "part", [b"x-filler: " + b"a" * 1000 + b"\r\n", b"a" * 1024], ids=["trailers without end", "a trailer without end"]
)
def test_trailers_without_end_are_refused(port, part):
    head = b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: "
    assert send_raw(port, head, *[part] * 300).is_problem(431, "header-too-large")


def test_a_chunks_size_without_end_is_refused(port):
    head = b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1;x="
    assert send_raw(port, head, *[b"a" * 1024] * 300).is_problem(431, "header-too-large")


def test_a_body_in_very_many_chunks_is_no_large_header(port):
    head = b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    reply = send_raw(port, head, b"1\r\na\r\n" * 20_000, b"0\r\nx-sum: 1\r\n\r\n")
    assert (reply.status, reply.body) == (200, "a" * 20_000)


def test_many_requests_over_one_connection_do_not_add_up_to_a_large_header(port):
    headers = {"x-filler": "a" * 1000}
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        assert [_echo(connection, headers) for _ in range(100)] == [200] * 100


def _echo(connection: http.client.HTTPConnection, headers: dict[str, str]) -> int:
    connection.request("POST", "/echo", b"abcd", headers)
    response = connection.getresponse()
    assert response.read() == b'"abcd"'
    return response.status


@pytest.mark.parametrize("parts", [[b"POST /echo"], [POST], [POST, b"ab"]], ids=["header", "no body", "half a body"])
def test_a_request_that_does_not_come_in_time_is_refused(port, monkeypatch, parts):
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.2)
    assert send_raw(port, *parts).is_problem(408, "too-slow")


def test_a_request_that_trickles_in_is_refused_however_lively(port, monkeypatch):
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.3)
    trickle = [b"x-a: b\r\n"] * 20
    assert send_raw(port, b"POST /echo HTTP/1.1\r\n", *trickle, pause=0.05).is_problem(408, "too-slow")


def test_a_large_body_gets_more_time_and_only_as_long_as_it_comes(port, monkeypatch):
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.2)
    monkeypatch.setattr(protocol, "REQUEST_PACE", 100)
    head = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 200\r\n\r\n"
    assert send_raw(port, head, *[b"x" * 20] * 10, pause=0.05).status == 200
    assert send_raw(port, head, b"x" * 20, b"x" * 20).is_problem(408, "too-slow")
    monkeypatch.setattr(protocol, "MAX_FILE_BYTES", 20)
    assert send_raw(port, head, *[b"x" * 20] * 10, pause=0.1).is_problem(408, "too-slow")


def test_a_refused_client_that_never_stops_sending_is_cut_off(port, monkeypatch):
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.1)
    monkeypatch.setattr(protocol, "LINGER_SECONDS", 0.2)
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        send_raw(port, b"POST /echo HTTP/1.1\r\n", *[b"x-a: b\r\n"] * 100, pause=0.05)


def test_an_idle_connection_is_no_slow_request(port, monkeypatch):
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.1)
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.connect()
        time.sleep(0.3)
        assert _echo(connection, {}) == 200
        time.sleep(0.3)
        assert _echo(connection, {}) == 200


def test_what_is_not_http_behind_requests_ends_all_of_them_and_nothing_is_written_after_the_end(port):
    with service_log() as log:
        assert send_raw(port, (POST + b"abcd") * 3 + b"hello\r\n\r\n").is_problem(400, "invalid-http")
        time.sleep(0.2)
    assert not [entry for entry in log if "after write_eof" in entry]


@pytest.mark.parametrize("requests", [1, 3])
def test_a_client_that_closes_its_own_direction_gets_every_answer(port, requests):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall((POST + b"abcd") * requests)
        connection.shutdown(socket.SHUT_WR)
        answers = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert answers.count(b"HTTP/1.1 200") == answers.count(b'"abcd"') == requests


def test_a_client_that_closes_its_own_direction_within_a_request_is_let_go(port):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(POST + b"ab")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1 << 16) == b""


def _is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_a_connection_that_never_says_anything_is_closed(port, monkeypatch):
    monkeypatch.setattr(protocol, "SILENT_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        until(lambda: _is_closed(connection), 10)


def test_the_connection_that_was_idle_longest_makes_room_for_another(port, monkeypatch):
    monkeypatch.setattr(protocol, "max_connections", lambda: 5)
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(12)]
        assert send_raw(port, POST, b"abcd").body == "abcd"
        until(lambda: sum(map(_is_closed, connections)) >= 7, 10)
        assert all(map(_is_closed, connections[:7]))


def test_where_every_connection_has_a_request_under_way_another_is_refused(port, monkeypatch):
    monkeypatch.setattr(protocol, "max_connections", lambda: 3)
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            connection.sendall(POST.replace(b"host: x", b"host: x\r\nexpect: 100-continue"))
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 100")
        assert send_raw(port).is_problem(503, "overloaded")
