"""HTTPS by flags: one worker or two, what doesn't shake hands, and the limits of plain HTTP below it."""

import contextlib
import json
import re
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from live_service import JSON, ask, in_process, in_thread

from sentiment.errors import InputError
from sentiment.serving import protocol
from sentiment.serving.access import Access, read_access
from sentiment.serving.app import load_app

BODY = json.dumps({"texts": ["so happy"]}).encode()


@pytest.fixture(scope="module")
def pem(tmp_path_factory) -> Path:
    """A folder with cert.pem and key.pem for 127.0.0.1, both.pem, other.pem (another key) and locked.pem."""
    folder = tmp_path_factory.mktemp("pem")
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2"]
    make += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    for key, cert, locked in (("key", "cert", False), ("other", "unused", False), ("locked", "locked-cert", True)):
        flags = ["-passout", "pass:secret"] if locked else ["-nodes"]
        command = [*make, *flags, "-keyout", f"{key}.pem", "-out", f"{cert}.pem"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    (folder / "both.pem").write_bytes((folder / "cert.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return folder


@pytest.fixture(scope="module")
def port(small_run, pem):
    app = load_app(small_run)
    with in_thread(app, ssl_certfile=pem / "cert.pem", ssl_keyfile=pem / "key.pem") as port:
        yield port


@pytest.fixture(scope="module")
def trusting(pem) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=pem / "cert.pem")


def ask_predict(port: int, trusting: ssl.SSLContext) -> int:
    reply = ask(port, "POST", "/v1/predict", BODY, JSON, trusting)
    assert reply.body["predictions"][0]["label"] == "happy"
    return reply.status


@pytest.mark.parametrize("workers", ["1", "2"])
def test_flags_serve_https_with_one_worker_and_with_two(small_run, pem, trusting, workers):
    flags = ["--tls-cert", str(pem / "cert.pem"), "--tls-key", str(pem / "key.pem"), "--workers", workers]
    with in_process(small_run, *flags, context=trusting) as (process, port):
        assert [ask_predict(port, trusting) for _ in range(8)] == [200] * 8
        process.terminate()
        assert process.wait(60) == 0


def test_old_versions_of_tls_are_refused(port, pem):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(pem / "cert.pem")
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain, server_hostname="127.0.0.1")


def test_plain_http_on_the_port_of_tls_is_let_go(port, trusting):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"HTTP" not in _rest(plain)
    assert ask_predict(port, trusting) == 200


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"])
def test_a_client_that_does_not_shake_hands_is_cut_off_in_time_and_harms_nobody(
    small_run, pem, trusting, monkeypatch, said
):
    monkeypatch.setattr(protocol, "SILENT_SECONDS", 1.0)
    keys = {"ssl_certfile": pem / "cert.pem", "ssl_keyfile": pem / "key.pem"}
    with in_thread(load_app(small_run), **keys) as port, contextlib.ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30)) for _ in range(50)]
        for connection in silent:
            connection.sendall(said)
        started = time.monotonic()
        assert ask_predict(port, trusting) == 200
        for connection in silent:
            _rest(connection)
        assert time.monotonic() - started < 15


def test_handshakes_count_as_connections_and_the_oldest_makes_room(port, trusting, monkeypatch):
    monkeypatch.setattr(protocol, "max_connections", lambda: 5)
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5)) for _ in range(12)]
        assert ask_predict(port, trusting) == 200
        assert [_rest(connection) for connection in silent[:7]] == [b""] * 7  # in time: before SILENT_SECONDS


def test_a_handshake_does_not_hold_up_the_end(small_run, pem):
    keys = {"ssl_certfile": pem / "cert.pem", "ssl_keyfile": pem / "key.pem"}
    with contextlib.ExitStack() as stack:
        with in_thread(load_app(small_run), **keys) as port:
            for _ in range(5):
                stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5)).sendall(b"\x16\x03\x01")
            started = time.monotonic()
        assert time.monotonic() - started < protocol.SILENT_SECONDS - 2


def _rest(connection: socket.socket) -> bytes:
    with contextlib.suppress(ConnectionResetError):
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))
    return b""


def _tls(port: int, trusting: ssl.SSLContext) -> ssl.SSLSocket:
    return trusting.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=30), server_hostname="127.0.0.1")


def test_the_limits_hold_below_tls(port, trusting, monkeypatch):
    with _tls(port, trusting) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nx-filler: " + b"a" * (40 << 10) + b"\r\n\r\n")
        assert b"431" in _rest(connection)[:20]
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.3)
    with _tls(port, trusting) as connection:
        connection.sendall(b"POST /v1/predict HTTP/1.1\r\n")
        assert b"408" in _rest(connection)[:20]
    monkeypatch.setattr(protocol, "SILENT_SECONDS", 0.3)
    with _tls(port, trusting) as connection:
        assert _rest(connection) == b""


def test_a_client_that_ends_its_direction_of_tls_is_let_go_without_a_word(port, trusting):
    head = b"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n"
    connection = _tls(port, trusting)
    connection.sendall(head)
    with contextlib.suppress(OSError), contextlib.closing(connection.unwrap()):
        pass
    assert ask_predict(port, trusting) == 200


@pytest.mark.parametrize(
    ("cert", "key", "says"),
    [
        ("cert.pem", "other.pem", "mismatch"),
        ("locked-cert.pem", "locked.pem", "no certificate with its private key"),
        ("cert.pem", None, "no certificate with its private key"),
        ("key.pem", "key.pem", "no certificate with its private key"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_one_line_and_asks_for_no_password(pem, cert, key, says):
    with pytest.raises(InputError) as error:
        read_access([], None, pem / cert, pem / key if key else None)
    assert str(error.value).startswith(str(pem / cert))
    assert says in str(error.value)


def test_a_key_without_a_certificate_is_refused_and_one_file_may_hold_both(pem):
    with pytest.raises(InputError, match="add --tls-cert FILE"):
        read_access([], None, None, pem / "key.pem")
    assert read_access([], None, pem / "both.pem") == Access(tls_cert=pem / "both.pem")


@pytest.mark.usefixtures("elsewhere")
def test_files_that_are_not_there_are_one_line_with_exit_code_2(script, small_run):
    for flag in ("--tls-cert", "--api-key"):
        answer = script("serve", "--run", small_run, flag, "absent.pem")
        assert (answer.code, answer.err.count("\n")) == (2, 1)
        assert re.match(r"error: absent.pem: No such file", answer.err)
