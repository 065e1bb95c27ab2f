"""Bodies packed by gzip: unpacked within the limit of any other, and refused where they aren't what they say."""

import gzip
import json
import zlib

import pytest
from live_service import JSON, ask, in_thread

from sentiment.serving.app import load_app
from sentiment.serving.schemas import MAX_BODY_BYTES

BODY = json.dumps({"texts": ["so happy", "crying"]}).encode()
PACKED = gzip.compress(BODY)


@pytest.fixture(scope="module")
def port(small_run):
    with in_thread(load_app(small_run)) as port:
        yield port


def send(port: int, body: bytes, encoding: str = "gzip"):
    return ask(port, "POST", "/v1/predict", body, JSON | {"content-encoding": encoding})


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_a_packed_body_is_answered_as_the_plain_one(port, encoding):
    reply = send(port, PACKED, encoding)
    assert (reply.status, reply.body) == (200, ask(port, "POST", "/v1/predict", BODY, JSON).body)
    assert send(port, BODY, "identity").status == 200


def test_the_largest_body_may_come_packed_and_not_a_byte_more(port):
    fits = BODY + b" " * (MAX_BODY_BYTES - len(BODY))
    assert send(port, gzip.compress(fits)).status == 200
    assert send(port, gzip.compress(fits + b" ")).is_problem(413, "too-large")


def bomb(n_bytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(n_bytes >> 20)), packer.flush()])


def test_a_bomb_is_refused_and_unpacked_no_further_than_a_body_may_be_long(port, monkeypatch):
    packed = bomb(900 << 20)
    assert len(packed) < MAX_BODY_BYTES
    unpacked = []
    really = zlib.decompressobj

    class Watched:
        def __init__(self, *arguments):
            self._unpacker = really(*arguments)

        def __getattr__(self, name):
            return getattr(self._unpacker, name)

        def decompress(self, *arguments):
            unpacked.append(self._unpacker.decompress(*arguments))
            return unpacked[-1]

    monkeypatch.setattr(zlib, "decompressobj", Watched)
    assert send(port, packed).is_problem(413, "too-large")
    assert sum(map(len, unpacked)) == MAX_BODY_BYTES + 1
    assert send(port, gzip.compress(packed)).is_problem(400, "invalid-json"), "never unpacked twice"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY,
        PACKED[:-1],
        PACKED[:-9],
        PACKED[:10],
        PACKED + b"x",
        PACKED * 2,
        PACKED[:-8] + bytes(8),
        zlib.compress(BODY),
        gzip.compress(b"") * 30_000,
    ],
    ids=["empty", "plain", "cut", "cut sum", "head", "more", "twice", "wrong sum", "zlib", "many empty ones"],
)
def test_what_is_no_whole_gzip_is_refused(port, body):
    assert send(port, body).is_problem(400, "invalid-gzip")


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "gzip,identity", "x" * 1000])
def test_another_encoding_is_refused_with_what_would_do(port, encoding):
    reply = send(port, PACKED, encoding)
    assert reply.is_problem(415, "encoded")
    assert reply.headers["accept-encoding"] == "gzip, identity"


def test_a_packed_body_that_is_too_large_as_it_comes_is_refused(port):
    assert send(port, bytes(MAX_BODY_BYTES + 1)).is_problem(413, "too-large")


def test_a_file_is_sent_as_it_is_without_an_encoding(port):
    headers = {"content-type": "application/octet-stream", "content-encoding": "gzip"}
    reply = ask(port, "POST", "/v1/predict-file?name=a.csv", gzip.compress(b"text\nso happy\n"), headers)
    assert reply.is_problem(415, "encoded")
