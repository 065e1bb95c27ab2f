"""A corpus lies in an S3 of the test's own: it is read, prepared and trained on; what can't be reached is a line."""

import contextlib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_tweets import tweets, write

pytest.importorskip("s3fs", reason="s3fs is not installed: S3 isn't tested")
pytest.importorskip("moto", reason="moto is not installed: S3 isn't tested")

from sentiment.execution.child_environment import python_environment

PATIENCE = 60  # seconds
KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
KEYS |= {"AWS_MAX_ATTEMPTS": "1"}  # of its own retries


@contextlib.contextmanager
def _s3() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


def _wait_for(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < end, "the server doesn't begin"
            time.sleep(0.05)


def _call(folder: Path, endpoint: str, *arguments: object) -> subprocess.CompletedProcess:
    environment = python_environment() | KEYS
    environment |= {"AWS_ENDPOINT_URL": endpoint, "SENTIMENT_CACHE": str(folder / "cache"), "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-m", "sentiment", *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE * 3, check=False
    )


@pytest.mark.slow
def test_a_bucket_is_read_prepared_to_and_trained_from(tmp_path):
    local = write(tmp_path / "tweets.csv", [["text", "label"], *tweets(120)])
    small = ["--config", "mean", "--set", "mean_classifier.d_embedding = 4"]
    with _s3() as endpoint:
        for place, data in (("bucket", b""), ("bucket/tweets.csv", Path(local).read_bytes())):
            put = urllib.request.Request(f"{endpoint}/{place}", data, {"Content-Type": "text/csv"}, method="PUT")
            urllib.request.urlopen(put, timeout=PATIENCE).close()
        calls = (
            ("prepare", "s3://bucket/tweets.csv", *small, "--output", "s3://bucket/p"),
            ("train", "--corpus", "s3://bucket/p", *small, "--steps", 2, "--run", "there"),
            ("train", "--corpus", local, *small, "--steps", 2, "--run", "here"),
            ("predict", "--run", "there", "--input", "s3://bucket/tweets.csv", "--output", "there.csv"),
            ("predict", "--run", "here", "--input", local, "--output", "here.csv"),
        )
        for call in calls:
            done = _call(tmp_path, endpoint, *call)
            assert done.returncode == 0, done.stderr
        missing = _call(tmp_path, endpoint, "corpus", "s3://bucket/none.csv")
    assert (tmp_path / "there" / "weights.safetensors").read_bytes() == (
        tmp_path / "here" / "weights.safetensors"
    ).read_bytes()
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert missing.returncode == 2
    assert missing.stderr == "error: s3://bucket/none.csv: no such file: check the address\n"


def test_a_storage_that_cant_be_reached_is_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = _call(tmp_path, f"http://127.0.0.1:{port}", "corpus", "s3://bucket/tweets.csv")
    assert done.returncode == 2
    assert done.stderr.startswith("error: s3://bucket/tweets.csv: the storage failed four times, at last by this: ")
    assert done.stderr.count("\n") == 1, done.stderr
