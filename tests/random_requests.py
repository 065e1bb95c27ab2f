"""HTTP requests that nobody means to send: valid ones, damaged at random in their JSON, their header or their bytes."""

import json
import random
from typing import NamedTuple

from file_mutations import damaged

_PATHS = [
    "/v1/predict",
    "/v1/predict",
    "/v1/predict",
    "/",
    "/v1/model",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
]
_PATHS += ["/page/page.js", "/page/../../etc/passwd", "//", "/%00", "/" + "a" * 500, "*", "http://x/v1/predict"]
_VALUES = [
    None,
    True,
    0,
    -1,
    1e308,
    10**400,
    "",
    "so happy",
    "\ud800",
    "a" * 6000,
    "😀" * 999,
    "\0",
    [],
    {},
    ["so sad"],
]
_VALUES += [["x"] * 300, [["x"]], [1], {"texts": []}, [None], ["so happy"] * 256, "[" * 2000]
_HEADERS = [
    "content-length: -1",
    "content-length: 5",
    "content-length: 99999999999999999999",
    "transfer-encoding: chunked",
]
_HEADERS += ["content-encoding: gzip", "content-type: text/plain", "expect: 100-continue", "connection: upgrade"]
_HEADERS += [
    "upgrade: websocket",
    "range: bytes=0-1",
    "host: \xff",
    "x: " + "y" * 9000,
    "content-type:",
    ": x",
    "accept: */*",
]
_HEADERS += ["upgrade: h2c", "if-none-match: *", "connection: close", "transfer-encoding: gzip", "content-length: 0x10"]


class Request(NamedTuple):
    """Bytes to send, and how many predictions they deserve if they are answered with 200; None: who knows."""

    sent: bytes
    n_texts: int | None


def random_request(generator: random.Random) -> Request:
    """Returns a request: one in four valid, the others damaged in one way or several."""
    method, path = "POST", "/v1/predict"
    if generator.random() < 0.3:
        method = generator.choice(["POST", "GET", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PRI", "post", ""])
        path = generator.choice(_PATHS)
    value: object = {"texts": ["so happy", "crying all night", " ", "xyzzy"][: generator.randrange(5)]}
    if generator.random() < 0.3:
        value = {"texts": generator.choice(_VALUES)}
    if generator.random() < 0.2:
        value = {**value, generator.choice(["explain", "Texts", "", "precision"]): generator.choice(_VALUES)}
    if generator.random() < 0.1:
        value = generator.choice(_VALUES)
    body = json.dumps(value).encode()
    headers = ["host: x", "content-type: application/json"]
    chunked = generator.random() < 0.2
    headers.append("transfer-encoding: chunked" if chunked else f"content-length: {len(body)}")
    damages = generator.random()
    if damages < 0.25:
        headers.insert(generator.randrange(len(headers) + 1), generator.choice(_HEADERS))
    version = generator.choice(["1.1"] * 12 + ["1.0", "2.0", "9", ""])
    head = "\r\n".join([f"{method} {path} HTTP/{version}", *headers]).encode("latin-1", "replace")
    sent = head + b"\r\n\r\n" + (_in_chunks(body, generator) if chunked else body)
    if damages > 0.7:
        return Request(damaged(sent, generator), None)
    texts = value.get("texts") if isinstance(value, dict) else None
    asks = (method, path) == ("POST", "/v1/predict") and version in ("1.0", "1.1")
    return Request(sent, len(texts) if asks and damages >= 0.25 and isinstance(texts, list) else None)


def _in_chunks(body: bytes, generator: random.Random) -> bytes:
    size = generator.randrange(1, 50)
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
