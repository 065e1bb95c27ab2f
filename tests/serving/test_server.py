"""The service as a process: one worker or two, metrics over both, and an end that drops nothing."""

import collections
import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest
from live_service import JSON, ask, ask_predict, counter, in_process, until
from paths import ROOT

BODY = json.dumps({"texts": ["so happy today"]}).encode()


class Client(threading.Thread):
    """Asks over one connection after another until the service is gone; notes how each request ended."""

    def __init__(self, port: int):
        super().__init__()
        self.port, self.ends = port, collections.Counter()
        self.start()

    def run(self):
        with contextlib.suppress(ConnectionRefusedError):
            while True:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                connection.connect()
                self._use(connection)

    def _use(self, connection):
        answered = 0
        with contextlib.closing(connection):
            while connection.sock is not None:  # http.client drops it after `Connection: close`
                try:
                    connection.request("POST", "/v1/predict", BODY, JSON)
                    response = connection.getresponse()
                    response.read()
                except (http.client.HTTPException, OSError):
                    # Without any answer yet, the connection may never have been accepted by the service.
                    self.ends["dropped" if answered else "never accepted"] += 1
                    return
                answered += 1
                self.ends[response.status] += 1


def _end_under_load(process, port: int) -> collections.Counter:
    clients = [Client(port) for _ in range(8)]
    deadline = time.monotonic() + 60
    while sum(client.ends[200] for client in clients) < 200:
        assert time.monotonic() < deadline, "no 200 answers within a minute"
        time.sleep(0.01)
    process.terminate()
    for client in clients:
        client.join(60)
        assert not client.is_alive(), "the service went on answering"
    return sum((client.ends for client in clients), collections.Counter())


def test_sigterm_under_load_drops_no_accepted_request(small_run):
    with in_process(small_run) as (process, port):
        ends = _end_under_load(process, port)
        assert process.wait(30) == 0
    assert set(ends) <= {200, "never accepted"}


def test_two_workers_share_the_port_add_up_their_metrics_and_end_without_dropping_a_request(small_run):
    with in_process(small_run, "--workers", "2") as (process, port):
        for _ in range(100):
            assert ask_predict(port, {"texts": ["so happy"]}).status == 200
        # A request is counted after it is answered, and the other worker may be the one that answers for both.
        answered = ("http_requests_total", ['route="/v1/predict"', 'status="200"'])
        until(lambda: counter(ask(port, "GET", "/metrics").body, *answered) >= 100)
        text = ask(port, "GET", "/metrics").body
        assert counter(text, *answered) == 100
        assert counter(text, "sentiment_predictions_total") == 100
        ends = _end_under_load(process, port)
        assert process.wait(30) == 0
    assert set(ends) <= {200, "never accepted"}


@pytest.mark.parametrize("workers", ["1", "2"])
def test_after_sigterm_what_has_begun_is_answered_and_new_connections_are_refused(small_run, workers):
    head = f"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(BODY)}"
    with in_process(small_run, "--workers", workers) as (process, port):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as begun:
            begun.sendall(f"{head}\r\n\r\n".encode() + BODY[:-1])
            time.sleep(0.5)
            process.terminate()
            time.sleep(3)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=5)
            assert process.poll() is None
            begun.sendall(BODY[-1:])
            assert begun.recv(1 << 16).startswith(b"HTTP/1.1 200")
        assert process.wait(30) == 0


def test_ctrl_c_ends_the_service_with_exit_code_0(small_run):
    with in_process(small_run) as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_workers_end_when_their_parent_is_killed_and_leave_the_port(small_run):
    with in_process(small_run, "--workers", "2") as (process, port):
        assert ask_predict(port, {"texts": ["so happy"]}).status == 200
        process.kill()
        process.wait(30)
        until(lambda: _is_free(port))


def test_a_worker_that_the_machine_lets_wait_for_some_seconds_is_not_killed(small_run):
    with in_process(small_run, "--workers", "2") as (process, port):
        workers = psutil.Process(process.pid).children()
        for worker in workers:
            worker.suspend()
        time.sleep(7)
        for worker in workers:
            worker.resume()
        assert ask_predict(port, {"texts": ["so happy"]}).status == 200
        assert psutil.Process(process.pid).children() == workers


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def test_silent_connections_do_not_put_a_service_of_few_descriptors_out_of_order(small_run):
    few = ["bash", "-c", 'ulimit -n 200; exec "$0" "$@"', sys.executable, str(ROOT / "scripts" / "serve.py")]
    with in_process(small_run, command=few) as (_, port), contextlib.ExitStack() as stack:
        for _ in range(260):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        assert [ask_predict(port, {"texts": ["so happy"]}).status for _ in range(20)] == [200] * 20


@pytest.mark.usefixtures("elsewhere")
def test_what_cannot_be_served_is_one_line(script, small_run):
    answer = script("serve")
    assert answer.code == 2
    assert "no trained run here" in answer.err
    with in_process(small_run) as (_, port):
        answer = script("serve", "--run", small_run, "--port", port)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert f"port {port}: Address already in use" in answer.err


def test_no_collection_of_cycles_looks_through_what_is_loaded(small_run):
    program = (
        "import gc, sys, pathlib; from sentiment.serving.access import Access; "
        "from sentiment.serving.server import load_to_stay; "
        "app = load_to_stay(pathlib.Path(sys.argv[1]), None, Access()); "
        "print(len(gc.get_objects()), gc.get_freeze_count())"
    )
    command = [sys.executable, "-c", program, str(small_run)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120).stdout
    seen, passed_over = map(int, printed.split())
    assert seen < 1000 < passed_over
