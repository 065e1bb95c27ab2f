"""The service of a run that gives several labels: answers, files, metrics, the page."""

from urllib.parse import urlencode

import pytest
from live_service import ask, ask_predict, counter, in_thread

from sentiment.prediction.predictor import Predictor
from sentiment.serving.app import load_app

TEXT = "i feel furious about work and my sister is so funny today"


@pytest.fixture(scope="module")
def port(multilabel_run):
    with in_thread(load_app(multilabel_run)) as port:
        yield port


@pytest.fixture(scope="module")
def url(port):
    """Where conftest's `page` looks."""
    return f"http://127.0.0.1:{port}/"


def test_an_answer_has_all_labels_and_explains_each(port, multilabel_run):
    (expected,) = Predictor.load(multilabel_run)([TEXT], explain=True)
    (answer,) = ask_predict(port, {"texts": [TEXT], "explain": True}).body["predictions"]
    assert answer["labels"] == list(expected.labels)
    assert len(answer["labels"]) > 1
    assert answer["label"] == expected.label
    assert answer["probabilities"] == pytest.approx(expected.probabilities)
    assert list(answer["by_label"]) == answer["labels"]
    assert answer["attributions"] == answer["by_label"][answer["labels"][0]]
    (plain,) = ask_predict(port, {"texts": [TEXT]}).body["predictions"]
    assert plain["by_label"] is None


def test_a_model_of_one_label_answers_as_before(small_run):
    with in_thread(load_app(small_run)) as port:
        (answer,) = ask_predict(port, {"texts": ["so happy"]}).body["predictions"]
    assert "labels" not in answer
    assert "by_label" not in answer


def test_the_model_and_the_document_say_that_there_are_several(port):
    assert ask(port, "GET", "/v1/model").body["several"] is True
    schemas = ask(port, "GET", "/openapi.json").body["components"]["schemas"]
    assert "labels" in schemas["TextLabels"]["required"]


def test_files_and_metrics_count_each_label_of_a_text(port):
    def counted(label: str) -> float:
        return counter(ask(port, "GET", "/metrics").body, "sentiment_predictions_total", [f'label="{label}"'])

    (answer,) = ask_predict(port, {"texts": [TEXT]}).body["predictions"]
    before = [counted(name) for name in answer["labels"]]
    body = f"text\n{TEXT}\n{TEXT}\n".encode()
    asked = urlencode({"name": "own.csv"})
    headers = {"content-type": "application/octet-stream"}
    found = ask(port, "POST", f"/v1/predict-file?{asked}", body, headers)
    assert found.status == 200, found.body
    assert found.body["labels"] == dict.fromkeys(answer["labels"], 2)
    assert found.body["first_rows"][0][1] == ",".join(answer["labels"])
    assert [counted(name) for name in answer["labels"]] == [n + 2 for n in before]


def test_the_page_shows_all_labels_and_the_words_of_each(page, multilabel_run):
    (expected,) = Predictor.load(multilabel_run)([TEXT], explain=True)
    page.fill("#text", TEXT)
    page.wait_for_function("text => document.getElementById('words').textContent === text", arg=TEXT)
    assert page.text_content("#label") == ", ".join(expected.labels)
    assert page.locator("#classes .best").count() == len(expected.labels)
    buttons = page.locator("#explained button")
    assert buttons.all_text_contents() == list(expected.labels)
    for place, name in enumerate(expected.labels):
        buttons.nth(place).click()
        assert buttons.nth(place).get_attribute("aria-pressed") == "true"
        strongest = max(expected.by_label[name], key=lambda each: each.score)
        shown = page.locator("#contributions tr").all()
        scores = {row.locator("td").first.text_content(): row.locator("td").nth(1).text_content() for row in shown}
        assert scores[strongest.token] == f"+{strongest.score:.3f}"


def test_the_page_says_where_there_is_no_label_and_shows_a_files_sets(page, multilabel_run):
    page.set_input_files("#file", {"name": "own.csv", "mimeType": "", "buffer": f"text\n{TEXT}\n".encode()})
    page.wait_for_selector("#download:not([hidden])")
    predictor = Predictor.load(multilabel_run)
    (expected,) = predictor([TEXT])
    row = page.locator("#first-rows tr").first
    assert row.locator("td").first.text_content() == ",".join(expected.labels)
    assert row.locator("td").nth(1).text_content().count("%") == len(expected.labels)
    assert page.locator("#counts dt").all_text_contents() == list(expected.labels)
    words = [f"{one} {other}" for one in predictor.vocabulary.tokens[3:40] for other in ("today", "work", "town")]
    nothing = next(each.text for each in predictor(words) if not each.labels)
    page.fill("#text", nothing)
    page.wait_for_function("text => document.getElementById('words').textContent === text", arg=nothing)
    assert page.text_content("#label") == "no label"
