"""API keys and origins: who gets an answer, and what those try who shouldn't."""

import asyncio
import hashlib
import http.client
import json
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_service import JSON, ask, in_thread, service_log
from starlette.requests import Request

from sentiment.errors import InputError
from sentiment.serving import access
from sentiment.serving.access import Access, ApiKeys, read_access
from sentiment.serving.app import load_app
from sentiment.serving.problems import ProblemError

KEYS = ["first-key-of-the-service", "second-key-0123456789abcdef"]
HASHES = tuple(hashlib.sha256(key.encode()).digest() for key in KEYS)
ORIGIN = "https://example.org"
BODY = json.dumps({"texts": ["so happy"]}).encode()
LOCKED = [("POST", "/v1/predict"), ("POST", "/v1/predict-file?name=a.csv"), ("GET", "/v1/model"), ("GET", "/metrics")]


@pytest.fixture(scope="module")
def port(small_run):
    """A service with two keys, for the pages of one other host."""
    with in_thread(load_app(small_run, access=Access(origins=(ORIGIN,), key_hashes=HASHES))) as port:
        yield port


def authorised(key: str, scheme: str = "Bearer") -> dict[str, str]:
    return {"authorization": f"{scheme} {key}"}


@pytest.mark.parametrize(("method", "path"), LOCKED)
def test_without_a_key_nothing_of_the_model_is_answered(port, method, path):
    reply = ask(port, method, path, BODY, JSON)
    assert reply.is_problem(401, "unauthorized")
    assert reply.headers["www-authenticate"] == "Bearer"


def test_each_key_is_good_whatever_the_case_of_its_scheme(port):
    for key, scheme in [(KEYS[0], "Bearer"), (KEYS[1], "Bearer"), (KEYS[1], "bearer")]:
        assert ask(port, "POST", "/v1/predict", BODY, JSON | authorised(key, scheme)).status == 200
        assert ask(port, "GET", "/v1/model", headers=authorised(key, scheme)).status == 200


@pytest.mark.parametrize("path", ["/", "/page/page.js", "/healthz", "/readyz", "/openapi.json"])
def test_the_page_the_probes_and_the_description_need_no_key(port, path):
    assert ask(port, "GET", path).status == 200


BAD = {
    "nothing": "",
    "the scheme alone": "Bearer",
    "an empty key": "Bearer ",
    "no scheme": KEYS[0],
    "another scheme": f"Basic {KEYS[0]}",
    "a longer key": f"Bearer {KEYS[0]}x",
    "a shorter key": f"Bearer {KEYS[0][:-1]}",
    "another case": f"Bearer {KEYS[0].upper()}",
    "both keys": f"Bearer {KEYS[0]} {KEYS[1]}",
    "its hash": f"Bearer {HASHES[0].hex()}",
    "other bytes": "Bearer \xff\xfe\x80",
    "a very long one": f"Bearer {'a' * 30_000}",
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_key_is_refused_without_a_word_in_the_log(port, name):
    with service_log() as log:
        reply = ask(port, "POST", "/v1/predict", BODY, JSON | {"authorization": BAD[name]})
    assert reply.is_problem(401, "unauthorized")
    assert log == []


@given(st.text().filter(lambda key: key not in KEYS))
def test_no_other_text_is_a_key(key):
    header = f"Bearer {key}".encode("utf-8", "surrogatepass")
    request = Request({"type": "http", "headers": [(b"authorization", header)]})
    with pytest.raises(ProblemError):
        asyncio.run(ApiKeys(HASHES)(request))


def test_every_key_is_compared_and_in_constant_time(monkeypatch):
    compared = []
    really = access.hmac.compare_digest
    monkeypatch.setattr(access.hmac, "compare_digest", lambda *both: compared.append(both) or really(*both))
    request = Request({"type": "http", "headers": [(b"authorization", f"Bearer {KEYS[0]}".encode())]})
    asyncio.run(ApiKeys(HASHES)(request))
    assert len(compared) == 2
    assert {len(each) for both in compared for each in both} == {32}


def test_a_large_body_without_a_key_is_refused_before_it_comes(port):
    head = b"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head)
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == 401


def test_the_document_says_that_a_key_is_needed(port, small_run):
    document = ask(port, "GET", "/openapi.json").body
    assert document["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"
    for path in ("/v1/predict", "/v1/predict-file"):
        operation = document["paths"][path]["post"]
        assert operation["security"] == [{"ApiKey": []}]
        assert "401" in operation["responses"]
    with in_thread(load_app(small_run)) as open_port:
        document = ask(open_port, "GET", "/openapi.json").body
    assert "securitySchemes" not in document["components"]
    assert "401" not in document["paths"]["/v1/predict"]["post"]["responses"]


PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}


def test_a_page_of_a_named_origin_may_ask_and_reads_refusals_too(port):
    reply = ask(port, "OPTIONS", "/v1/predict", headers={"origin": ORIGIN} | PREFLIGHT)
    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == ORIGIN
    for headers in (JSON | authorised(KEYS[0]), JSON):
        reply = ask(port, "POST", "/v1/predict", BODY, headers | {"origin": ORIGIN})
        assert reply.headers["access-control-allow-origin"] == ORIGIN
        assert "origin" in reply.headers["vary"].lower()
        assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://example.org.evil.example", "http://example.org", "null"]
)
def test_a_page_of_another_origin_may_not(port, origin):
    reply = ask(port, "OPTIONS", "/v1/predict", headers={"origin": origin} | PREFLIGHT)
    assert reply.is_problem(400, "bad-request")
    assert reply.body["detail"] == "OPTIONS /v1/predict: Disallowed CORS origin"
    assert "access-control-allow-origin" not in reply.headers
    reply = ask(port, "POST", "/v1/predict", BODY, JSON | authorised(KEYS[0]) | {"origin": origin})
    assert "access-control-allow-origin" not in reply.headers


def test_without_the_flag_no_other_page_may_ask(small_run):
    with in_thread(load_app(small_run)) as port:
        reply = ask(port, "POST", "/v1/predict", BODY, JSON | {"origin": ORIGIN})
        assert (reply.status, reply.headers["access-control-allow-origin"]) == (200, None)


@pytest.mark.parametrize(
    "origin", ["example.org", "https://example.org/", "https://*.example.org", "", "file://x", "null"]
)
def test_what_is_no_origin_is_refused_at_the_start(origin):
    with pytest.raises(InputError, match="isn't an origin: write scheme and host, such as"):
        read_access([origin])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no key"),
        (b"\n \n", "holds no key"),
        (b"short\n", "line 1: a key has 16 or more"),
        (b"first-key-of-the-service\nwith a space in it 0123\n", "line 2: a key has 16 or more"),
        (b"\xff" * 20, "line 1: a key has 16 or more"),
        (b"a" * 70_000, "has over 65,536 bytes"),
    ],
)
def test_a_file_without_usable_keys_is_refused_in_a_line_that_shows_none(tmp_path, content, says):
    path = tmp_path / "keys"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_access([], path)
    assert str(error.value).startswith(f"{path}")
    assert says in str(error.value)
    assert "with a space" not in str(error.value)


def test_keys_are_read_a_line_each_and_kept_as_hashes(tmp_path):
    path = tmp_path / "keys"
    path.write_text(f"{KEYS[0]}\r\n\n  {KEYS[1]}\n")
    found = read_access([], path)
    assert found.key_hashes == HASHES
    assert KEYS[0] not in repr(found)
