"""The service over HTTP: predictions, facts, and every error in the one documented form."""

import dataclasses
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from live_service import JSON, ask, ask_predict, counter, in_thread, service_log, until

from sentiment import Predictor
from sentiment.serving.app import create_app, load_app, read_card
from sentiment.serving.metrics import Metrics
from sentiment.serving.micro_batches import MicroBatches
from sentiment.serving.schemas import MAX_BODY_BYTES, MAX_CHARACTERS, MAX_EXPLAINED_CHARACTERS, MAX_TEXTS
from sentiment.storage.run_directory import RunDirectory


@pytest.fixture(scope="module")
def port(small_run):
    """A service of the small run, shared by the tests of this file."""
    with in_thread(load_app(small_run)) as port:
        yield port


@pytest.fixture
def stubbed(small_run):
    """Serves a function of texts instead of a model: `with stubbed(function, timeout=1) as port`."""

    def serve(function, **limits):
        batches = MicroBatches(function, **limits)
        card = read_card(RunDirectory(small_run))
        return in_thread(create_app(batches, batches, card, Metrics()))

    return serve


def test_the_service_says_what_the_predictor_says(port, small_run):
    texts = ["so happy 😀", "crying 😢", "", "qwrk zzyx", "a quiet walk " * 50]
    reply = ask_predict(port, {"texts": texts})
    assert reply.status == 200
    for told, prediction in zip(reply.body["predictions"], Predictor.load(small_run)(texts), strict=True):
        expected = dataclasses.asdict(prediction)
        assert told["probability"] == pytest.approx(prediction.probability, abs=1e-6)
        assert told["probabilities"] == pytest.approx(prediction.probabilities, abs=1e-6)
        assert told["label"] == prediction.label
        assert told["unknown"] == list(expected["unknown"])


def test_one_text_is_a_list_of_one(port):
    (prediction,) = ask_predict(port, {"texts": ["so happy today"]}).body["predictions"]
    assert prediction["label"] == "happy"
    assert sum(prediction["probabilities"].values()) == pytest.approx(1)


def test_an_explanation_says_what_each_token_did_and_where_it_stands(port):
    text = "So HAPPY 😀 qwrk"
    (told,) = ask_predict(port, {"texts": [text], "explain": True}).body["predictions"]
    by_token = {each["token"]: each for each in told["attributions"]}
    assert [text[slice(*each["span"])] for each in told["attributions"]][-3:] == ["HAPPY", "😀", "qwrk"]
    assert by_token["😀"]["score"] > 0
    assert [token for token, each in by_token.items() if not each["known"]] == told["unknown"] == ["qwrk"]
    (plain,) = ask_predict(port, {"texts": [text]}).body["predictions"]
    assert plain == told | {"attributions": None}


def test_the_offsets_of_an_explanation_are_where_the_token_came_from(port):
    text = "@happyguy: what a happy 😀 hat"
    (told,) = ask_predict(port, {"texts": [text], "explain": True}).body["predictions"]
    assert [each["span"] for each in told["attributions"]] == [[18, 23], [24, 25], [26, 29]]


def test_a_text_of_unknown_words_is_abstained_from(port):
    known, unknown = ask_predict(port, {"texts": ["so happy today", "qwrk zzyx"]}).body["predictions"]
    assert (known["abstained"], unknown["abstained"]) == (False, True)
    assert (known["reason"], unknown["reason"]) == ("", "most words are unknown: qwrk zzyx")


def test_the_limits_themselves_are_allowed(port):
    assert ask_predict(port, {"texts": ["x"] * MAX_TEXTS}).status == 200
    assert ask_predict(port, {"texts": ["é" * MAX_CHARACTERS]}).status == 200


REFUSED = {
    "no JSON": (b"hello", 400, "invalid-json"),
    "an empty body": (b"", 400, "invalid-json"),
    "JSON that ends too early": (b'{"texts": ["a"', 400, "invalid-json"),
    "bytes that are not UTF-8": (b'{"texts": ["\xff\xfe"]}', 400, "invalid-json"),
    "UTF-16": ('{"texts": ["a"]}'.encode("utf-16"), 400, "invalid-json"),
    "half a surrogate pair": (b'{"texts": ["\\ud83d"]}', 400, "invalid-json"),
    "JSON nested too deep": (b"[" * 100_000, 400, "invalid-json"),
    "an endless number": (b'{"texts": ' + b"9" * 100_000 + b"}", 400, "invalid-json"),
    "NaN": (b'{"texts": NaN}', 422, "invalid-request"),
    "a list": (b'["a"]', 422, "invalid-request"),
    "no texts": (b"{}", 422, "invalid-request"),
    "an empty list": (b'{"texts": []}', 422, "invalid-request"),
    "a number for a text": (b'{"texts": ["a", 3]}', 422, "invalid-request"),
    "an unknown key": (b'{"texts": ["a"], "text": "a"}', 422, "invalid-request"),
    "too many texts": (json.dumps({"texts": ["a"] * (MAX_TEXTS + 1)}).encode(), 422, "invalid-request"),
    "too long a text": (json.dumps({"texts": ["a" * (MAX_CHARACTERS + 1)]}).encode(), 422, "invalid-request"),
    "too much to explain": (
        json.dumps({"texts": ["a" * (MAX_EXPLAINED_CHARACTERS // 2 + 1)] * 2, "explain": True}).encode(),
        422,
        "invalid-request",
    ),
    "too large a body": (b" " * (MAX_BODY_BYTES + 1), 413, "too-large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_that_cannot_be_used_is_refused_in_the_documented_form(port, name):
    body, status, kind = REFUSED[name]
    assert ask(port, "POST", "/v1/predict", body, JSON).is_problem(status, kind)


def test_a_refusal_points_to_each_part_that_is_wrong(port):
    errors = ask_predict(port, {"texts": ["a", 3, "b", None]}).body["errors"]
    assert [error["pointer"] for error in errors] == ["#/texts/1", "#/texts/3"]


def test_a_body_without_a_length_is_measured_as_it_comes(port):
    parts = (b" " * 65536 for _ in range(MAX_BODY_BYTES // 65536 + 1))
    assert ask(port, "POST", "/v1/predict", parts, JSON).is_problem(413, "too-large")


def test_another_media_type_is_refused(port):
    reply = ask(port, "POST", "/v1/predict", b'{"texts": ["a"]}', {"content-type": "text/plain"})
    assert reply.is_problem(415, "not-json")
    assert ask(port, "POST", "/v1/predict", b'{"texts": ["a"]}').is_problem(415, "not-json")
    more = {"content-type": "Application/JSON; charset=utf-8"}
    assert ask(port, "POST", "/v1/predict", b'{"texts": ["a"]}', more).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/absent", 404, "not-found"),
        ("GET", "/page/../app.py", 404, "not-found"),
        ("GET", "/v1/predict", 405, "method-not-allowed"),
        ("DELETE", "/", 405, "method-not-allowed"),
    ],
)
def test_what_does_not_exist_is_told_in_the_documented_form(port, method, path, status, kind):
    assert ask(port, method, path).is_problem(status, kind)


def test_a_bug_is_told_in_the_documented_form_without_its_details(stubbed):
    def fail(texts):
        raise RuntimeError("secret")

    with stubbed(fail) as port, service_log() as log:
        reply = ask_predict(port, {"texts": ["a"]})
    assert reply.is_problem(500, "internal-error")
    assert "secret" not in str(reply.body)
    assert log[0] == "POST /v1/predict failed: RuntimeError"
    assert [text.count("Traceback") for text in log] == [0, 1]
    assert "secret" in log[1]


def test_a_model_that_takes_too_long_is_told(stubbed):
    with stubbed(lambda texts: time.sleep(0.5), timeout=0.1) as port:
        reply = ask_predict(port, {"texts": ["a"]})
    assert reply.is_problem(503, "timed-out")
    assert reply.headers["retry-after"] == "1"


def test_more_texts_than_can_wait_are_refused_and_the_service_is_not_ready(stubbed):
    predicting, go = threading.Event(), threading.Event()

    def blocked(texts):
        predicting.set()
        assert go.wait(30)
        raise RuntimeError

    with stubbed(blocked, max_waiting=2) as port, ThreadPoolExecutor(2) as pool:
        pool.submit(ask_predict, port, {"texts": ["a"]})
        assert predicting.wait(30)
        pool.submit(ask_predict, port, {"texts": ["b", "c"]})
        until(lambda: ask(port, "GET", "/readyz").is_problem(503, "overloaded"))
        assert ask_predict(port, {"texts": ["d"]}).is_problem(503, "overloaded")
        assert ask(port, "GET", "/healthz").status == 200
        go.set()


def test_as_many_texts_as_are_documented_are_explained(port):
    texts = ["so happy"] * MAX_TEXTS
    reply = ask_predict(port, {"texts": texts, "explain": True})
    assert reply.status == 200
    assert all(each["attributions"] for each in reply.body["predictions"])


def test_a_client_that_leaves_in_the_middle_of_its_body_is_one_line_and_counted_as_499(stubbed):
    head = b"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n"
    gone = ['route="/v1/predict"', 'status="499"']
    with stubbed(list) as port, service_log() as log:
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(head + b'{"texts":')
        until(lambda: counter(ask(port, "GET", "/metrics").body, "http_requests_total", gone) == 20)
    left = "POST /v1/predict: the client left before it was answered"
    assert log == [left] * 20


def test_health_and_facts(port, small_run):
    assert ask(port, "GET", "/healthz").body == {"status": "alive"}
    assert ask(port, "GET", "/readyz").body == {"status": "ready"}
    card = ask(port, "GET", "/v1/model").body
    assert card["labels"] == ["calm", "happy", "sad"]
    assert card["name"] == small_run.name
    assert card["corpus"]["name"] == "moods.csv"
    assert card["metrics"]["steps"] == 60
    assert card["limits"]["texts"] == MAX_TEXTS


def test_metrics_count_requests_and_predictions(port):
    before = ask(port, "GET", "/metrics").body
    ask_predict(port, {"texts": ["so happy", "qwrk"]})
    ask(port, "DELETE", "/nonsense")
    after = ask(port, "GET", "/metrics").body

    def more(*name) -> float:
        return counter(after, *name) - counter(before, *name)

    assert more("http_requests_total", ['route="/v1/predict"', 'status="200"']) == 1
    assert more("http_requests_total", ['method="other"', 'route="other"']) == 1
    assert more("http_request_duration_seconds_count", ['route="/v1/predict"']) == 1
    assert more("sentiment_predictions_total") == 2
    assert more("sentiment_unknown_tokens_total") == 1


def test_the_openapi_document_describes_the_body_and_the_problems(port):
    document = ask(port, "GET", "/openapi.json").body
    predict = document["paths"]["/v1/predict"]["post"]
    assert "texts" in predict["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert set(predict["responses"]) == {"200", "400", "408", "413", "415", "422", "503"}
    assert "application/problem+json" in predict["responses"]["413"]["content"]


def test_every_answer_forbids_the_browser_to_load_anything_from_elsewhere(port):
    for path in ("/", "/healthz", "/absent"):
        headers = ask(port, "GET", path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
