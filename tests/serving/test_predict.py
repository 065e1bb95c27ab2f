"""What a request of texts may ask besides its texts, and texts that are too long: each is its own business."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from live_service import JSON, ask, ask_predict, in_thread

from sentiment import Predictor
from sentiment.prediction.calibration import PRECISIONS
from sentiment.serving.app import create_app, load_app, read_card
from sentiment.serving.metrics import Metrics
from sentiment.serving.micro_batches import MicroBatches
from sentiment.serving.predict import Asked, predict_asked
from sentiment.serving.schemas import MAX_CHARACTERS, MAX_EXPLAINED_CHARACTERS
from sentiment.storage.run_directory import RunDirectory

TEXTS = ["so happy today", "crying all night", "a quiet walk", "happy sad qwrk", ""]
LONG = "so happy " * (MAX_CHARACTERS // 9 + 1)


@pytest.fixture(scope="module")
def port(small_run):
    with in_thread(load_app(small_run)) as port:
        yield port


def abstained(reply) -> list[tuple[bool, str]]:
    assert reply.status == 200, reply
    return [(each["abstained"], each["reason"]) for each in reply.body["predictions"]]


@pytest.mark.parametrize("precision", [None, *PRECISIONS])
def test_a_request_has_the_precision_it_wants_as_predict_has_it(port, small_run, precision):
    expected = Predictor.load(small_run, precision=precision)(TEXTS)
    reply = ask_predict(port, {"texts": TEXTS, "precision": precision})
    assert abstained(reply) == [(each.abstained, each.reason) for each in expected]


FEELINGS = ["i feel furious about work and my sister is so funny today", "thanks", "i am sad", "this is funny"]


def labels(predictions) -> list[list[str]]:
    return [list(each["labels"] if isinstance(each, dict) else each.labels) for each in predictions]


def test_a_request_changes_what_is_given_and_the_service_keeps_its_own(multilabel_run):
    expected = {each: labels(Predictor.load(multilabel_run, precision=each)(FEELINGS)) for each in (0.8, 0.99)}
    assert expected[0.8] != expected[0.99]
    with in_thread(load_app(multilabel_run, precision=0.99)) as port:
        for asked, found in [({}, 0.99), ({"precision": 0.8}, 0.8), ({"precision": None}, 0.99)]:
            for explain in (False, True):
                reply = ask_predict(port, {"texts": FEELINGS, "explain": explain} | asked)
                assert labels(reply.body["predictions"]) == expected[found]
        card = ask(port, "GET", "/v1/model").body
    assert (card["precision"], card["precisions"]) == (0.99, list(PRECISIONS))


def test_requests_of_many_precisions_at_a_time_each_get_their_own(port, small_run):
    def ask_for(precision):
        return abstained(ask_predict(port, {"texts": TEXTS * 40, "precision": precision}))

    wanted = [None, *PRECISIONS] * 4
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(ask_for, wanted))
    alone = {precision: ask_for(precision) for precision in (None, *PRECISIONS)}
    assert found == [alone[precision] for precision in wanted]


@given(st.lists(st.tuples(st.sampled_from(FEELINGS), st.sampled_from([None, *PRECISIONS])), max_size=12))
@settings(max_examples=30)
def test_a_batch_of_mixed_precisions_keeps_its_order(multilabel_run, pairs):
    predictor = Predictor.load(multilabel_run)
    found = predict_asked(predictor, [Asked(*pair) for pair in pairs], explain=False)
    for prediction, (text, precision) in zip(found, pairs, strict=True):
        (alone,) = predictor.with_precision(precision)([text])
        assert (prediction.text, prediction.labels, prediction.abstained) == (text, alone.labels, alone.abstained)


@pytest.mark.parametrize("precision", ["0.9", 0.5, 0, 1, -1, 1e308, True, [], {}, 0.8000000001])
def test_another_precision_is_refused_with_those_there_are(port, precision):
    reply = ask_predict(port, {"texts": TEXTS, "precision": precision})
    assert reply.is_problem(422, "invalid-request")
    assert [error["pointer"] for error in reply.body["errors"]] == ["#/precision"]


def test_nan_is_no_precision(port):
    assert ask(port, "POST", "/v1/predict", b'{"texts": ["a"], "precision": NaN}', JSON).is_problem(
        422, "invalid-request"
    )


def test_a_text_that_is_too_long_is_its_own_problem_in_its_place(port):
    alone = ask_predict(port, {"texts": TEXTS}).body["predictions"]
    for place in range(len(TEXTS) + 1):
        reply = ask_predict(port, {"texts": [*TEXTS[:place], LONG, *TEXTS[place:]]})
        assert reply.status == 200
        answers = reply.body["predictions"]
        problem = answers.pop(place)
        assert set(problem) == {"error"}
        assert problem["error"]["type"] == "urn:problem-type:sentiment:text-too-long"
        assert problem["error"]["status"] == 422
        assert (
            problem["error"]["detail"]
            == f"The text has {len(LONG):,} characters, and may have 5,000; shorten or part it"
        )
        assert answers == alone


@given(st.lists(st.booleans(), min_size=1, max_size=8))
@settings(max_examples=20)
def test_whatever_texts_are_too_long_the_others_are_answered_in_order(port, long):
    reply = ask_predict(port, {"texts": [LONG if each else TEXTS[n % 3] for n, each in enumerate(long)]})
    if all(long):
        assert reply.is_problem(422, "invalid-request")
        assert [error["pointer"] for error in reply.body["errors"]] == [f"#/texts/{n}" for n in range(len(long))]
    else:
        assert ["error" in each for each in reply.body["predictions"]] == long


def test_a_text_is_measured_in_characters_and_too_long_by_one(port):
    assert ask_predict(port, {"texts": ["😀" * MAX_CHARACTERS]}).status == 200
    (fits, longer) = ask_predict(port, {"texts": ["ok", "😀" * (MAX_CHARACTERS + 1)]}).body["predictions"]
    assert "label" in fits
    assert "error" in longer


def test_what_is_too_long_does_not_count_to_what_is_explained(port):
    reply = ask_predict(port, {"texts": ["so happy", LONG], "explain": True})
    assert reply.body["predictions"][0]["attributions"]
    texts = ["a" * (MAX_EXPLAINED_CHARACTERS // 2 + 1)] * 2
    reply = ask_predict(port, {"texts": texts, "explain": True})
    assert reply.is_problem(422, "invalid-request")
    assert "5,000 characters in all" in reply.body["detail"]


def test_a_model_without_thresholds_refuses_a_precision(small_run):
    card = read_card(RunDirectory(small_run)).model_copy(update={"precisions": []})
    batches = MicroBatches(lambda asked: [])
    with in_thread(create_app(batches, batches, card, Metrics())) as port:
        reply = ask(port, "POST", "/v1/predict", json.dumps({"texts": ["a"], "precision": 0.9}).encode(), JSON)
    assert reply.is_problem(422, "invalid-request")
    assert "no thresholds for precision 0.9; it has none" in reply.body["detail"]
