"""Requests at random: each is answered in a documented form or its client has left, and no log has a traceback."""

import json
import random
import socket
from collections import Counter

import pytest
from live_service import ask, in_thread, service_log
from random_requests import Request, random_request

from sentiment.serving.app import load_app

LEFT = "the client left before it was answered"
DOCUMENTED = {200, 206, 304, 400, 404, 405, 408, 413, 415, 416, 422, 431, 429, 501}  # 206, 304 and 416 of the page


def sent(port: int, request: Request) -> bytes:
    """Sends a request, then says that nothing more will come; returns all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(request.sent)
            connection.shutdown(socket.SHUT_WR)
        except OSError:  # refused before it was whole: the answer is there all the same
            pass
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def send_many(small_run, count: int, seed: int) -> Counter:
    """Sends requests at random and checks what becomes of each; returns how many ended with which status."""
    generator, ends = random.Random(seed), Counter()
    with in_thread(load_app(small_run)) as port, service_log() as log:
        for _ in range(count):
            request = random_request(generator)
            answer = sent(port, request).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
            status = int(answer[9:12]) if answer else 0
            assert not answer or status in DOCUMENTED, (request, answer)
            if request.n_texts is not None:
                assert status in (200, 422) or b"Invalid JSON" in answer, (request, answer)
            if status == 200 and request.n_texts is not None:
                body = json.loads(answer.partition(b"\r\n\r\n")[2])
                assert len(body["predictions"]) == request.n_texts
                ends["answered row by row"] += 1
            ends[status] += bool(answer)
            ends["unanswered"] += not answer
        assert ask(port, "GET", "/readyz").status == 200
    assert sum(LEFT in line for line in log) <= ends["unanswered"], "each is one line"
    assert {line for line in log if LEFT not in line} <= {"Invalid HTTP request received."}
    return ends


def test_300_requests_at_random(small_run):
    ends = send_many(small_run, 300, 300)
    assert ends["answered row by row"] > 20
    assert {200, 400, 404, 405, 422} <= ends.keys()


@pytest.mark.slow
def test_10000_requests_at_random(small_run):
    print(dict(send_many(small_run, 10_000, 10_000)))  # noqa: T201 - pytest -rP shows it
