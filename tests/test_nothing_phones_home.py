"""Training, evaluation, prediction, report and service open no socket, and write no file that docs/ doesn't name.

Each runs in a process of its own with a home folder of its own. Python's audit events refuse sockets and what goes on
within a library is seen by what lies in the home folder afterwards.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from live_service import ask_predict
from paths import FIXTURES, ROOT

# Refuses every socket but the service's own on the loopback address.
GUARD = """
import os, runpy, sys

def guard(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"):
        address = arguments[1] if event != "socket.getaddrinfo" else arguments[0]
        host = address[0] if isinstance(address, tuple) else address
        if host not in (None, "127.0.0.1", "localhost", b"127.0.0.1", b"localhost"):
            os.write(2, f"SOCKET {event} {address!r}\\n".encode())
            os._exit(9)

sys.addaudithook(guard)
sys.argv = sys.argv[1:]
runpy.run_module("sentiment", run_name="__main__")
"""


@pytest.fixture
def home(tmp_path):
    for name in ("home", "temporary", "work"):
        (tmp_path / name).mkdir()
    return tmp_path


def _options(home: Path) -> dict[str, Any]:
    kept = {name: os.environ[name] for name in ("PATH", "NLTK_DATA") if name in os.environ}
    environment = kept | {"HOME": str(home / "home"), "PYTHONPATH": str(ROOT), "TMPDIR": str(home / "temporary")}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1"}
    return {
        "env": environment,
        "cwd": home / "work",
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-c", GUARD, "sentiment", *map(str, arguments)]


def _run(home: Path, *arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(_command(*arguments), **_options(home), timeout=300, check=False)


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# docs/: the run directory, what an evaluation and a report add, and the cache folder of compiled programs and vectors.
OF_A_RUN = {"config.gin", "model.json", "vocabulary.txt", "weights.safetensors", "model.onnx", "model.int8.onnx"}
OF_A_RUN |= {"calibration.json", "metrics.json", "manifest.json", ".lock"}
AFTERWARDS = {"report.html", "MODEL_CARD.md"}


def test_no_command_opens_a_socket_or_leaves_a_file_that_is_not_named(home):
    commands = {
        "train": (
            "--config",
            "mean",
            "--corpus",
            FIXTURES / "moods.csv",
            "--label",
            "mood",
            "--steps",
            3,
            "--run",
            "run",
        ),
        "evaluate": ("--run", "run"),
        "predict": ("--run", "run", "so happy"),
        "report": ("--run", "run"),
    }
    for verb, arguments in commands.items():
        done = _run(home, verb, *arguments)
        assert done.returncode == 0, (verb, done.stderr)
        assert "SOCKET" not in done.stderr
    written = _files(home / "work")
    unnamed = {name for name in written if not name.startswith(("run/training/", "run/evaluation/"))}
    assert unnamed <= {f"run/{name}" for name in OF_A_RUN | AFTERWARDS}, unnamed
    assert all(name.startswith(".cache/sentiment/") for name in _files(home / "home")), _files(home / "home")
    assert _files(home / "temporary") == set()


def test_prediction_leaves_nothing_at_all(home, small_run):
    done = _run(home, "predict", "--run", small_run, "so happy", "--explain")
    assert done.returncode == 0, done.stderr
    assert [_files(home / name) for name in ("home", "work", "temporary")] == [set()] * 3


def test_the_service_opens_its_own_port_alone_and_leaves_no_file(home, small_run):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = subprocess.Popen(_command("serve", "--run", small_run, "--port", port), **_options(home))
    try:
        for _ in range(600):
            try:
                reply = ask_predict(port, {"texts": ["so happy"]})
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        assert reply.status == 200
    finally:
        service.terminate()
        _, errors = service.communicate(timeout=60)
    assert "SOCKET" not in errors
    assert [_files(home / name) for name in ("home", "work", "temporary")] == [set()] * 3


def test_the_guard_sees_a_socket(home):
    program = GUARD.replace('runpy.run_module("sentiment", run_name="__main__")', "import socket\n") + (
        "socket.create_connection(('192.0.2.1', 80), timeout=1)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, "x"], capture_output=True, text=True, check=False)
    assert (done.returncode, "SOCKET" in done.stderr) == (9, True)
