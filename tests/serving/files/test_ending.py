"""SIGTERM while a file is predicted, sent or fetched: it is answered in time or gets a 503; nothing of it is left."""

import contextlib
import json
import socket
import sys
import threading
import time

import pytest
from live_service import ask, in_process, until
from paths import ROOT

HEAD = "POST /v1/predict-file?name=a.csv HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\n"
LARGE = b"text\n" + b"so happy and glad today, number of many words that take their time\n" * 240_000


@pytest.fixture
def service(small_run, tmp_path):
    """Starts a service that gives up soon: `with service(workers, seconds) as (process, port, folder, lines)`."""
    folder = tmp_path / "temporary"
    folder.mkdir()

    @contextlib.contextmanager
    def start(workers: str, seconds: float):
        # A module of this name is imported by every Python that finds it: by the workers too.
        settings = f"from sentiment.serving import protocol\nprotocol.GIVE_UP_SECONDS = {seconds}\n"
        (tmp_path / "sitecustomize.py").write_text(settings)
        command = ["env", f"PYTHONPATH={tmp_path}:{ROOT}", f"TMPDIR={folder}"]
        command += [sys.executable, str(ROOT / "scripts" / "serve.py")]
        with in_process(small_run, "--workers", workers, command=command) as (process, port):
            yield process, port, folder

    return start


def uploads(folder) -> list:
    return list(folder.glob("sentiment-file-*"))


def check_end(process, folder) -> None:
    assert process.wait(30) == 0
    assert uploads(folder) == []
    until(lambda: any("Finished server process" in line for line in process.log))
    assert not [line for line in process.log if "Traceback" in line or "ERROR" in line]


def answer_to(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(1 << 16), b""))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_file_that_is_still_predicted_when_time_is_up_gets_a_503_and_is_given_up(service, workers):
    with service(workers, 1.0) as (process, port, folder):
        with socket.create_connection(("127.0.0.1", port), timeout=240) as connection:
            connection.sendall(f"{HEAD}content-length: {len(LARGE)}\r\n\r\n".encode() + LARGE)
            until(lambda: any((each / "written").exists() for each in uploads(folder)), 60)
            process.terminate()
            answer = answer_to(connection)
        assert answer.startswith(b"HTTP/1.1 503")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["type"].endswith(":stopped")
        check_end(process, folder)


def test_a_file_that_is_done_in_time_is_answered(service):
    body = b"text\nso happy\n"
    with service("1", 25.0) as (process, port, folder):
        replies = []
        path, headers = "/v1/predict-file?name=a.csv", {"content-type": "application/octet-stream"}
        asking = threading.Thread(target=lambda: replies.append(ask(port, "POST", path, body, headers)))
        asking.start()
        until(lambda: bool(uploads(folder)), 30)
        process.terminate()
        asking.join(60)
        assert [reply.status for reply in replies] == [200]
        check_end(process, folder)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_file_that_is_still_coming_when_time_is_up_gets_a_503(service, workers):
    with service(workers, 1.0) as (process, port, folder):
        with socket.create_connection(("127.0.0.1", port), timeout=240) as connection:
            connection.sendall(f"{HEAD}content-length: {len(LARGE)}\r\n\r\n".encode() + LARGE[:1000])
            until(lambda: bool(uploads(folder)), 30)
            process.terminate()
            assert answer_to(connection).startswith(b"HTTP/1.1 503")
        check_end(process, folder)


def test_an_answer_that_is_fetched_slowly_is_cut_off_and_the_end_is_not_held_up(service):
    body = b"text\n" + (b"happy" + b" " * 3900 + b"day\n") * 2000  # the answer is more than sockets hold
    with service("1", 1.0) as (process, port, folder):
        with socket.create_connection(("127.0.0.1", port), timeout=240) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(f"{HEAD}content-length: {len(body)}\r\n\r\n".encode() + body)
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
            process.terminate()
            started = time.monotonic()
            assert process.wait(30) == 0
            assert time.monotonic() - started < 15
        check_end(process, folder)
